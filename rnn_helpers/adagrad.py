"""Rung 5: how the parameters move (derived in notebook 05)."""

import numpy as np

from rnn_helpers._checks import positive, same_shapes


def clip_gradients(gradients, limit=5.0, by="value"):
    """Limit gradients, in place; returns the same gradients.

    By "value", every entry is cut to -limit .. limit, which may turn the direction. By "norm",
    all arrays are scaled by one factor if their norm, taken over all of them together, is above
    the limit (Pascanu, Mikolov and Bengio, 2013).
    """
    if not limit > 0:
        raise ValueError(f"limit must be above 0, not {limit}")
    if by not in ("value", "norm"):
        raise ValueError(f'by must be "value" or "norm", not {by!r}')
    norm = np.sqrt(sum(np.vdot(g, g) for g in gradients)) if by == "norm" else 0
    for gradient in gradients:
        if by == "value":
            gradient.clip(-limit, limit, out=gradient)
        elif norm > limit:
            gradient *= limit / norm
    return gradients


class SGD:
    """Gradient descent with one rate for all: w <- w - rate g, in place."""

    def __init__(self, parameters, learning_rate):
        self.parameters = parameters
        self.learning_rate = positive("learning_rate", learning_rate)

    def step(self, gradients):
        """Move every parameter once, against its gradient."""
        same_shapes(gradients, self.parameters)
        for weight, gradient in zip(self.parameters, gradients):
            weight -= self.learning_rate * gradient


class Adagrad:
    """Each weight has its own rate, which falls with the gradients it has had so far.

        sum_of_squares <- sum_of_squares + g^2
        w              <- w - rate g / sqrt(sum_of_squares + epsilon)

    In place. The sum starts at zero and only grows. Duchi, Hazan and Singer, 2011.
    """

    def __init__(self, parameters, learning_rate=0.1, epsilon=1e-8):
        self.parameters = parameters
        self.learning_rate = positive("learning_rate", learning_rate)
        self.epsilon = positive("epsilon", epsilon)
        self.sum_of_squares = parameters._make(np.zeros_like(weight) for weight in parameters)
        self.work = parameters._make(np.empty_like(weight) for weight in parameters)

    def step(self, gradients):
        """Move every parameter once, against its gradient."""
        same_shapes(gradients, self.parameters)
        arrays = zip(self.parameters, gradients, self.sum_of_squares, self.work)
        for weight, gradient, sum_of_squares, work in arrays:
            np.multiply(gradient, gradient, out=work)
            sum_of_squares += work
            np.add(sum_of_squares, self.epsilon, out=work)
            np.sqrt(work, out=work)
            np.divide(gradient, work, out=work)
            work *= self.learning_rate
            weight -= work
