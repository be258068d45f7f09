"""Beside chapter 07: what its cells use, so that they show the idea and not the machinery.

This file holds no answers; those are in gradient_detective_cases.py.
"""

import matplotlib.pyplot as plt
import numpy as np
from gradient_detective_cases import build_network

from rnn_helpers import plots
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.cells import zero_state
from rnn_helpers.forward_pass import forward

# One look for each kind of network, in all pictures of the chapter.
LOOKS = {
    "right": (plots.BLUE, "o"),
    "suspect": (plots.ORANGE, "s"),
    "changed": (plots.INK, "D"),
}


def spread(values, digits=2):
    """Median and range of a few runs, such as "1.87 [1.85 to 2.00]"."""
    shown = (f"{value:.{digits}f}" for value in (np.median(values), min(values), max(values)))
    return "{} [{} to {}]".format(*shown)


def seed_plot(rows, *, xlabel, title, digits=2):
    """Draw a few runs of several networks: a row a network, a mark a seed, the median in words.

    `rows` is a list of (label, values, kind), with a kind of `LOOKS`.
    """
    _, axes = plt.subplots(figsize=(7.5, 0.9 + 0.42 * len(rows)))
    for row, (_, values, kind) in enumerate(rows):
        colour, marker = LOOKS[kind]
        middle = np.median(values)
        axes.plot(values, [row] * len(values), marker, color=colour, alpha=0.55, linestyle="none")
        axes.vlines(middle, row - 0.32, row + 0.32, color=colour, linewidth=2.5)
        axes.annotate(
            f"{middle:.{digits}f}", (1.01, row), xycoords=("axes fraction", "data"), va="center"
        )
    axes.annotate("median", (1.01, -0.75), xycoords=("axes fraction", "data"), color=plots.GREY)
    axes.set_yticks(range(len(rows)), [label for label, *_ in rows])
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel=xlabel, title=title, ylim=(len(rows) - 0.4, -0.6))
    axes.set_xlim(0, 1.05 * max(max(values) for _, values, _ in rows))
    return axes


def saturated_share(parameters, ids, beyond=0.95):
    """The share of all states, in one pass over a text, that lie beyond 0.95 in size."""
    hidden, _ = forward(parameters, ids[:-1], zero_state(parameters))
    return float((np.abs(hidden[1:]) > beyond).mean())


class Watch:
    """A callback for `train` that follows Whh and the states.

    Attributes
    ----------
    path : float
        The lengths of all steps of Whh, added up.
    saturated : dict
        The `saturated_share` after some numbers of steps.
    """

    STEPS = 10, 25, 50, 100, 200, 400, 800, 1200

    def __init__(self, parameters, ids):
        self.parameters, self.ids = parameters, ids
        self.path, self.saturated = 0.0, {}
        self.before = parameters.Whh.copy()

    def __call__(self, run):
        """Note what the last step changed."""
        self.path += np.linalg.norm(self.parameters.Whh - self.before)
        self.before = self.parameters.Whh.copy()
        if run.step in self.STEPS:
            self.saturated[run.step] = saturated_share(self.parameters, self.ids)


# The right gradient with one trait of a wrong one, to see whether that trait explains its win.


class ScaledWhh(Adagrad):
    """Adagrad whose steps of Whh, and of no other array, are `factor` times as long."""

    def __init__(self, parameters, rate, factor):
        super().__init__(parameters, rate)
        self.factor = factor

    def step(self, gradients):
        """Move every parameter once."""
        before = self.parameters.Whh.copy()
        super().step(gradients)
        self.parameters.Whh[:] = before + self.factor * (self.parameters.Whh - before)


class BorrowedSum(Adagrad):
    """Adagrad whose sum of squares for Whh is that of another gradient, `other`."""

    other = None

    def step(self, gradients):
        """Move every parameter once."""
        Whh, squares = self.parameters.Whh, self.sum_of_squares.Whh
        before, own = Whh.copy(), squares.copy()
        super().step(gradients)
        squares[:] = own + np.clip(self.other, -5, 5) ** 2
        Whh[:] = before - self.learning_rate * gradients.Whh / np.sqrt(squares + self.epsilon)


def with_both_gradients(mix, wrong="case 10, in all states"):
    """The right network, with mix(right, wrong) as its gradient of Whh.

    `mix` is given the right gradient of Whh and the wrong one, for the same window.
    """
    network, other = build_network(), build_network(wrong).loss_and_gradients
    right = network.loss_and_gradients

    def mixed(*setting):
        loss, gradients, h = right(*setting)
        Whh = mix(gradients.Whh, other(*setting)[1].Whh)
        return loss, gradients._replace(Whh=Whh), h

    network.train.__globals__["loss_and_gradients"] = mixed
    return network


def longer_steps(parameters, seed, rate=0.1):
    """The right network, and an optimizer with longer steps for Whh."""
    return build_network(), ScaledWhh(parameters, rate, 1.5)


def shorter_steps(parameters, seed, rate=0.1):
    """The right network, and an optimizer with shorter steps for Whh."""
    return build_network(), ScaledWhh(parameters, rate, 0.3)


def shuffled_error(parameters, seed, rate=0.1):
    """The right gradient plus the error of case 10 with its entries shuffled."""
    rng = np.random.default_rng([seed, 1])

    def add_noise(right, wrong):
        error = (wrong - right).ravel()
        rng.shuffle(error)
        return right + error.reshape(right.shape)

    return with_both_gradients(add_noise), Adagrad(parameters, rate)


def borrowed_sum(parameters, seed, rate=0.1):
    """The right gradient, divided by the root of the sum of squares of case 10."""
    optimizer = BorrowedSum(parameters, rate)

    def lend(right, wrong):
        optimizer.other = wrong
        return right

    return with_both_gradients(lend), optimizer


RIVALS = {
    "longer steps": longer_steps,
    "noise": shuffled_error,
    "larger sum of squares": borrowed_sum,
}
