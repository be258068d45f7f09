"""What a loss says to the scores: surprise, p − onehot, and a step along it (notebook 03)."""

from typing import NamedTuple

import numpy as np

from rnn_helpers.loss import cross_entropy_and_gradient, softmax


class Advice(NamedTuple):
    """One prediction, and what would have made it better.

    p : array (V,)
        The probabilities.
    surprise : float
        Nats at the character that came.
    gradient : array (V,)
        p − onehot. Each score should move against its entry.
    """

    p: np.ndarray
    surprise: float
    gradient: np.ndarray


def advise(scores, target):
    """The probabilities of scores (V,), the surprise at the id `target`, and p − onehot."""
    scores = np.asarray(scores, float)
    surprise, gradient = cross_entropy_and_gradient(scores[np.newaxis], [target])
    return Advice(softmax(scores), surprise, gradient[0])


def descend(scores, target, steps):
    """The surprise before the first of some steps of size 1 along the advice, and after each."""
    found = []
    for _ in range(steps + 1):
        advice = advise(scores, target)
        found.append(advice.surprise)
        scores = scores - advice.gradient
    return found
