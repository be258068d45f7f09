"""Pictures and tables of chapter 10, so that its cells show the idea alone."""

import json

import matplotlib.pyplot as plt
import numpy as np
from how_low_pictures import LOOKS, column, spread
from longer_runs import RESULTS

from rnn_helpers import plots

__all__ = [
    "column",
    "spread",
    "stored_runs",
    "three_memories",
    "race",
]

STYLES = ["-", "--", "-.", ":"]


def stored_runs():
    """What `make longer` has stored: a list of runs by name."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def three_memories(x, memories):
    """What comes in, and below it what each memory {name: values} makes of it."""
    figure, rows = plt.subplots(
        1 + len(memories), 1, figsize=(7.5, 1.1 + 1.05 * len(memories)), sharex=True
    )
    panels = {"what comes in": x} | memories
    reach = 1.1 * max(np.abs(values).max() for values in panels.values())
    for axes, (name, values), colour in zip(rows, panels.items(), [plots.INK, *4 * [plots.BLUE]]):
        axes.plot(values, color=colour, linewidth=1.4)
        axes.axhline(0, color=plots.GREY, linewidth=0.6)
        axes.set_ylim(-reach, reach)
        axes.set_yticks([-1, 1])
        axes.set_title(name, fontsize=11)
    rows[-1].set(xlabel="step")
    return figure


def race(runs, rivals, *, title):
    """The price by the number of steps: the median of the runs of each rival, and their range.

    `rivals` is a dict of names in `runs` by label.
    """
    figure, axes = plt.subplots(figsize=(7.5, 3.8))
    for (label, name), (colour, marker), style in zip(rivals.items(), LOOKS, STYLES):
        steps = [mark[0] for mark in runs[name][0]["on the way"]]
        prices = np.array([[mark[1] for mark in run["on the way"]] for run in runs[name]])
        axes.plot(
            steps, np.median(prices, axis=0), color=colour, linestyle=style, marker=marker,
            markersize=5, label=label,
        )  # fmt: skip
        axes.fill_between(steps, prices.min(axis=0), prices.max(axis=0), color=colour, alpha=0.15)
    axes.set(xlabel="steps of training", ylabel="price of the far letter in bits", title=title)
    axes.set_ylim(-0.03, 1.12)
    axes.legend()
    return axes


def steps_until(runs, rivals, price):
    """For each rival the first noted step of each run at which it pays less than the price."""
    return {
        label: [next(m[0] for m in run["on the way"] if m[1] < price) for run in runs[name]]
        for label, name in rivals.items()
    }


def time_of(runs, rivals):
    """For each rival the seconds that its quickest run took."""
    return {
        label: min(run["on the way"][-1][2] for run in runs[name])
        for label, name in rivals.items()
    }
