"""A slice through the loss of the poem's network, and three optimizers on it (notebook 05)."""

from typing import NamedTuple

import numpy as np

from rnn_helpers.adagrad import SGD, Adagrad, clip_gradients
from rnn_helpers.adam import Adam
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.corpora import load_text
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import Parameters, forward, init_parameters
from rnn_helpers.loss import cross_entropy

OPTIMIZERS = {"SGD": SGD, "Adagrad": Adagrad, "Adam": Adam}
CLIPS = ("off", "value", "norm")
HIDDEN, WINDOW, STEPS_TO_LEARN, LIMIT = 64, 25, 150, 5.0
FAR = 1e3  # from the start: a path that gets there is lost


class Place(NamedTuple):
    """Two numbers to learn: how far to go along each of the two directions."""

    frequencies: np.ndarray
    order: np.ndarray


class Slice:
    """The loss of one window in a plane of weights.

    The plane goes through a fresh network, the one of chapter 05. The first direction moves the
    output bias against its gradient, and so teaches how frequent the characters of the window
    are. The second moves all other weights to where 150 steps of Adagrad have taken them, which
    know the window by heart. Both have length 1, and are at right angles, as they share no weight.
    """

    def __init__(self):
        poem = load_text("poem")
        vocabulary = Vocabulary.from_text(poem)
        ids = vocabulary.encode(poem)[: WINDOW + 1]
        self.inputs, self.targets, self.h0 = ids[:-1], ids[1:], np.zeros(HIDDEN)
        self.fresh = init_parameters(len(vocabulary), HIDDEN, np.random.default_rng(0))
        learnt = self.fresh._make(array.copy() for array in self.fresh)
        optimizer = Adagrad(learnt, 0.03)
        for step in range(STEPS_TO_LEARN):
            _, gradients, _ = self.gradients(learnt)
            if step == 0:
                bias = -gradients.by
            optimizer.step(gradients)
        others = self.fresh._make(b - a for a, b in zip(self.fresh, learnt))
        others = others._replace(by=np.zeros_like(bias))
        self.distance = np.sqrt(sum((array**2).sum() for array in others))
        self.bias = bias / np.linalg.norm(bias)
        self.others = Parameters(*(array / self.distance for array in others))

    def gradients(self, parameters):
        """Loss, gradients and last state of the window."""
        return loss_and_gradients(parameters, self.inputs, self.targets, self.h0)

    def at(self, frequencies, order):
        """The network at a place of the plane."""
        moved = [w + order * d for w, d in zip(self.fresh, self.others)]
        return Parameters(*moved[:-1], by=self.fresh.by + frequencies * self.bias)

    def loss(self, frequencies, order):
        """Nats of the window at a place."""
        _, logits = forward(self.at(frequencies, order), self.inputs, self.h0)
        return cross_entropy(logits, self.targets)

    def slope(self, frequencies, order):
        """The loss at a place, and its gradient along the two directions."""
        loss, gradients, _ = self.gradients(self.at(frequencies, order))
        along = sum(np.vdot(g, d) for g, d in zip(gradients, self.others))
        return loss, Place(np.array(gradients.by @ self.bias), np.array(along))

    def path(self, name, rate, *, clip="off", steps=30):
        """The places of an optimizer that may move along the two directions alone.

        Returns
        -------
        places : array (steps + 1, 2)
        losses : array (steps + 1,)
            Nats of the window.

        A path that goes too far to be computed ends early.
        """
        if clip not in CLIPS:
            raise ValueError(f"clip must be one of {', '.join(CLIPS)}, not {clip!r}")
        place = Place(np.array(0.0), np.array(0.0))
        optimizer = OPTIMIZERS[name](place, rate)
        places, losses = [], []
        for _ in range(steps + 1):
            loss, gradient = self.slope(*place)
            places.append([float(x) for x in place])
            losses.append(loss)
            if np.abs(places[-1]).max() > FAR:
                break
            if clip != "off":
                clip_gradients(gradient, LIMIT, clip)
            optimizer.step(gradient)
        return np.array(places), np.array(losses)

    def grid(self, across, along):
        """The loss (len(along), len(across)) on a grid of places."""
        return np.array([[self.loss(a, b) for a in across] for b in along])


def rises(losses):
    """The steps, from 1, after which the loss is higher than before: they were too long."""
    return [step for step in range(1, len(losses)) if losses[step] > losses[step - 1] + 0.01]
