"""Pictures and tables of chapter 10, so that its cells show the idea alone."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from how_low_pictures import LOOKS, column, spread

from rnn_helpers import plots

__all__ = [
    "column",
    "spread",
    "stored_runs",
    "three_memories",
    "cell_along",
    "race",
    "by_distance",
]

RESULTS = Path(__file__).parent.parent / "data" / "longer.json"
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
    for axes, (name, values), colour in zip(rows, panels.items(), [plots.INK, *4 * [plots.BLUE]]):
        axes.plot(values, color=colour, linewidth=1.4)
        axes.axhline(0, color=plots.GREY, linewidth=0.6)
        axes.set_ylim(-2.3, 2.3)
        axes.set_yticks([-1, 0, 1])
        axes.set_title(name, fontsize=11)
    rows[-1].set(xlabel="step")
    return figure


def cell_along(text, cell, forget, *, title):
    """One number of the cell and its forget gate after each character of a text."""
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(7.5, 3.6), sharex=True, height_ratios=[3, 2]
    )
    x = np.arange(len(text))
    above.bar(x, cell, color=np.where(cell > 0, plots.ORANGE, plots.BLUE), width=0.8)
    above.axhline(0, color=plots.GREY, linewidth=0.8)
    above.set(ylabel="cell c", title=title)
    below.plot(x, forget, color=plots.GREEN, marker="o", markersize=3)
    below.set(ylim=(-0.05, 1.05), ylabel="forget gate f")
    below.set_xticks(x, [plots.visible(c) for c in text], family="monospace")
    below.tick_params(axis="x", length=0)
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


def by_distance(runs, rivals, *, title):
    """The price by distance: the median of the runs of each rival, and their range."""
    figure, axes = plt.subplots(figsize=(7.5, 3.6))
    for (label, name), (colour, marker), style in zip(rivals.items(), LOOKS, STYLES):
        low, high = np.transpose(runs[name][0]["by distance"])[:2]
        prices = np.array([[row[3] for row in run["by distance"]] for run in runs[name]])
        x = np.sqrt(low * high)
        axes.plot(
            x, np.median(prices, axis=0), color=colour, linestyle=style, marker=marker,
            markersize=5, label=label,
        )  # fmt: skip
        axes.fill_between(x, prices.min(axis=0), prices.max(axis=0), color=colour, alpha=0.15)
    axes.set(xscale="log", yscale="log", title=title)
    axes.set(xlabel="characters since the letter", ylabel="price in bits")
    plots.plain_log_ticks(axes.xaxis, [5, 10, 20, 50, 100, 200])
    plots.plain_log_ticks(axes.yaxis, [0.001, 0.01, 0.1, 1])
    axes.legend()
    return axes
