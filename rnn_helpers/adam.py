"""Rung 8: an optimizer that forgets (derived in notebook 08)."""

import numpy as np

from rnn_helpers._checks import below_one, positive, same_shapes


class Adam:
    """Each weight moves against the mean of its last gradients, in place.

        mean   <- beta1 mean   + (1 - beta1) g
        square <- beta2 square + (1 - beta2) g^2
        w      <- w - rate (mean / (1 - beta1^n)) / (sqrt(square / (1 - beta2^n)) + epsilon)

    The divisors correct for mean and square starting at zero, n steps ago. Unlike Adagrad's
    sum these forget, so the rate does not fall by itself. Kingma and Ba, 2015.
    """

    def __init__(self, parameters, learning_rate=0.002, *, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.parameters = parameters
        self.learning_rate = positive("learning_rate", learning_rate)
        self.beta1, self.beta2 = below_one("beta1", beta1), below_one("beta2", beta2)
        self.epsilon = positive("epsilon", epsilon)
        self.mean = parameters._make(np.zeros_like(weight) for weight in parameters)
        self.square = parameters._make(np.zeros_like(weight) for weight in parameters)
        self.steps = 0

    def step(self, gradients):
        """Move every parameter once."""
        same_shapes(gradients, self.parameters)
        self.steps += 1
        mean_part = 1 - self.beta1**self.steps
        square_part = 1 - self.beta2**self.steps
        for weight, g, mean, square in zip(self.parameters, gradients, self.mean, self.square):
            mean += (1 - self.beta1) * (g - mean)
            square += (1 - self.beta2) * (g * g - square)
            root = np.sqrt(square / square_part) + self.epsilon
            weight -= self.learning_rate * (mean / mean_part) / root
