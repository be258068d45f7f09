"""Rung 5: how the parameters move (derived in notebook 05)."""

import numpy as np

from rnn_helpers.forward_pass import Parameters


def clip_gradients(gradients, limit=5.0):
    """Cut every entry to -limit .. limit, in place; returns the same gradients."""
    if not limit > 0:
        raise ValueError(f"limit must be above 0, not {limit}")
    for gradient in gradients:
        gradient.clip(-limit, limit, out=gradient)
    return gradients


class SGD:
    """Gradient descent with one rate for all: w <- w - rate g, in place."""

    def __init__(self, parameters, learning_rate):
        self.parameters = parameters
        self.learning_rate = positive("learning_rate", learning_rate)

    def step(self, gradients):
        """Move every parameter once, against its gradient."""
        for weight, gradient in zip(self.parameters, gradients):
            weight -= self.learning_rate * gradient


class Adagrad:
    """Each weight has its own rate, which falls with its gradients so far.

        memory <- memory + g^2
        w      <- w - rate g / sqrt(memory + epsilon)

    In place. The memory starts at zero and only grows. Duchi, Hazan and Singer, 2011.
    """

    def __init__(self, parameters, learning_rate=0.1, epsilon=1e-8):
        self.parameters = parameters
        self.learning_rate = positive("learning_rate", learning_rate)
        self.epsilon = positive("epsilon", epsilon)
        self.memory = Parameters(*(np.zeros_like(weight) for weight in parameters))
        self.work = Parameters(*(np.empty_like(weight) for weight in parameters))

    def step(self, gradients):
        """Move every parameter once, against its gradient."""
        arrays = zip(self.parameters, gradients, self.memory, self.work)
        for weight, gradient, memory, work in arrays:
            np.multiply(gradient, gradient, out=work)
            memory += work
            np.add(memory, self.epsilon, out=work)
            np.sqrt(work, out=work)
            np.divide(gradient, work, out=work)
            work *= self.learning_rate
            weight -= work


def positive(name, value):
    """Return the value; ValueError naming it if it is not a finite number above 0."""
    if not 0 < value < np.inf:
        raise ValueError(f"{name} must be a finite number above 0, not {value}")
    return value
