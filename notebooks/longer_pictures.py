"""Pictures and tables of chapter 10, so that its cells show the idea alone."""

import json

import matplotlib.pyplot as plt
import numpy as np
from how_low_pictures import LOOKS, column, spread  # noqa: F401  (for the chapter)
from longer_adding import RESULTS as ADDING
from longer_adding import STEPS, knows
from longer_runs import RESULTS, RIVALS, TIMES

from rnn_helpers import plots

STYLES = ["-", "--", "-.", ":"]
LEARNT = 0.1  # bits; who pays less has learnt


def stored_runs():
    """What `make longer` has stored: a list of runs by name."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def stored_sums():
    """What `make longer` has stored of the adding problem: a list of runs by name."""
    return json.loads(ADDING.read_text(encoding="utf-8"))


def stored_times():
    """What `make longer` has stored of the time of a step: milliseconds by rival."""
    return json.loads(TIMES.read_text(encoding="utf-8"))


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


def band(axes, x, values, rival):
    """The median of the runs (runs, n) over x, and their range, as a rival always looks."""
    number = list(RIVALS).index(rival)
    colour, marker = LOOKS[number]
    axes.plot(
        x, np.median(values, axis=0), color=colour, linestyle=STYLES[number], marker=marker,
        markersize=5, label=rival,
    )  # fmt: skip
    axes.fill_between(x, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15)


def race(runs, rivals, cost, *, title):
    """The price by the steps of training, and beside it by the time that they take.

    `rivals` is a dict of names in `runs` by rival; `cost` says how many steps of the plain
    network take as long as one step of the rival.
    """
    figure, (by_steps, by_time) = plt.subplots(1, 2, figsize=(7.5, 3.6), sharey=True)
    for rival, name in rivals.items():
        steps = np.array([mark[0] for mark in runs[name][0]["on the way"]])
        prices = np.array([[mark[1] for mark in run["on the way"]] for run in runs[name]])
        band(by_steps, steps, prices, rival)
        band(by_time, steps * cost[rival], prices, rival)
    by_steps.set(xlabel="steps of training", ylabel="price of the letter in bits")
    by_time.set(xlabel="time, in steps of the plain network", xscale="log")
    plots.plain_log_ticks(by_time.xaxis, [500, 2000, 5000, 20_000])
    by_steps.set(ylim=(-0.03, 1.12), title="equal steps")
    by_time.set(title="equal time")
    by_steps.legend(fontsize=9)
    figure.suptitle(title)
    return figure


def prices_by_distance(runs, rivals):
    """For each rival the classes of distance that all runs have, and the price in each.

    (low, high) of the classes as an array (2, n), and the prices (runs, n).
    """
    found = {}
    for rival, name in rivals.items():
        rows = [{tuple(row[:2]): row[3] for row in run["by distance"]} for run in runs[name]]
        classes = [c for c in rows[0] if all(c in row for row in rows)]
        found[rival] = np.transpose(classes), np.array([[r[c] for c in classes] for r in rows])
    return found


def prices_after(runs, step, parts, rivals):
    """What each rival pays on the way, after a number of steps: {rival: (runs, parts)}.

    `parts` are beginnings of names, such as "embedded 0.9, ".
    """
    return {
        rival: np.transpose([
            [mark[1] for run in runs[part + rival] for mark in run["on the way"]
             if mark[0] == step]
            for part in parts
        ])
        for rival in rivals
    }  # fmt: skip


def price_against_distance(early, between, late):
    """What the letter costs by its distance, early in training and at the end: two panels.

    `early` is what `prices_after` gives, `late` what `prices_by_distance` gives.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3.6), sharey=True)
    for rival in early:
        band(left, between, early[rival], rival)
        (low, high), prices = late[rival]
        band(right, np.sqrt(low * high), prices, rival)
    left.set(title="after 2,000 steps", xlabel="characters between, on average", yscale="log")
    right.set(title="p = 0.97, after 6,000 steps", xlabel="characters since the letter")
    left.set(ylabel="price of the letter in bits", ylim=(3e-4, 2))
    plots.plain_log_ticks(left.yaxis, [0.001, 0.01, 0.1, 1])
    for axes, ticks in ((left, [8, 20, 50]), (right, [5, 20, 50, 100, 300])):
        axes.set_xscale("log")
        plots.plain_log_ticks(axes.xaxis, ticks)
    left.legend(fontsize=9)
    return figure


def learnt_table(runs, plain):
    """How many runs of each rival learn the brackets, by the mean filler, as text.

    `plain` are the runs of chapter 09, which has the brackets of the plain networks.
    """
    lines = [
        f"of five runs with windows of 50, how many pay less than {LEARNT} bits after 3,000 steps",
        "filler" + "".join(f"{rival:>18}" for rival in RIVALS),
    ]
    for m in (40, 80):
        counts = bracket_prices(runs, plain, m)
        cells = [f"{(prices < LEARNT).sum():18}" for prices in counts.values()]
        lines.append(f"{m:6}" + "".join(cells))
    return "\n".join(lines)


def adding_table(runs, length):
    """What the sum costs and how far off it is expected, by rival, beside guesses, as text."""
    lines = [
        f"{length} digits, two of them marked, after {STEPS:,} steps; a digit d counts as d / 9",
        "                  runs   price of the sum, bits   squared error",
    ]
    for known, (bits, error) in knows().items():
        lines.append(f"knows {known:18}{bits:6.2f}{'':19}{error:.4f}")
    for rival in RIVALS:
        found = runs[f"adding {length}, {rival}"]
        price, error = column(found, "price"), column(found, "squared error")
        lines.append(f"{rival:18} {len(found):3}   {spread(price, 2):22}   {spread(error)}")
    return "\n".join(lines)


def bracket_prices(runs, plain, filler):
    """What the closing bracket costs each run of each rival at the end: {rival: (runs,)}."""
    names = {
        "tanh": plain[f"brackets {filler}, 0.1"],
        "tanh, orthogonal": plain[f"brackets {filler}, orthogonal"],
        "GRU": runs[f"brackets {filler}, GRU"],
        "LSTM": runs[f"brackets {filler}, LSTM"],
    }
    return {rival: column(found, "price") for rival, found in names.items()}


def tie(some, others):
    """Whether the ranges of two groups of numbers overlap."""
    return max(np.min(some), np.min(others)) <= min(np.max(some), np.max(others))


def steps_until(runs, rivals, price):
    """For each rival the first noted step of each run at which it pays less than the price."""
    return {
        label: [next(m[0] for m in run["on the way"] if m[1] < price) for run in runs[name]]
        for label, name in rivals.items()
    }


def marks_before(runs, rivals, rival, steps):
    """The marks before these steps of a rival: at which its runs were looked at last, or 0."""
    marks = [0, *(mark[0] for mark in runs[rivals[rival]][0]["on the way"])]
    return [marks[marks.index(step) - 1] for step in steps]


def cost_of_a_step(times):
    """How many steps of the plain network take as long as one of each rival, by rival.

    The median over the rounds in which the rivals took turns (see `longer_runs.time_steps`).
    """
    plain = np.array(times["tanh"])
    return {rival: float(np.median(np.array(found) / plain)) for rival, found in times.items()}
