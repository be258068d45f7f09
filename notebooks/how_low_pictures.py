"""Pictures and tables of chapter 09, so that its cells show the idea alone."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from rnn_helpers import plots

RESULTS = Path(__file__).parent.parent / "data" / "languages.json"
# For groups of points: colour and shape change together, so that grey prints stay readable.
LOOKS = list(
    zip(
        [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK, plots.INK, "#56b4e9", "#e69f00"],
        "osD^vPX",
    )
)


def stored_runs():
    """What `make languages` has stored: a list of runs by name."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def spread(values, digits=4):
    """The median of some values and their range: "0.0005 (0.0004 to 0.0006)"."""
    low, middle, high = (f"{v:.{digits}f}" for v in np.quantile(values, [0, 0.5, 1]))
    return f"{middle} ({low} to {high})"


def column(runs, key):
    """One number of each run, as an array."""
    return np.array([run[key] for run in runs])


def table_excess(contexts, best, counted, two_neurons):
    """What tables pay above the entropy rate by their context, beside two neurons (a range)."""
    figure, axes = plt.subplots(figsize=(7.5, 3.8))
    axes.plot(contexts, best, marker="o", markersize=4)
    axes.plot(contexts, counted, marker="s", markersize=4)
    axes.axhspan(*two_neurons, color=plots.GREEN, alpha=0.35, linewidth=0)
    axes.axhline(np.mean(two_neurons), color=plots.GREEN, linewidth=1)
    axes.set(yscale="log", xlabel="characters of context", ylabel="excess in bits per character")
    axes.set(xlim=(-0.3, contexts[-1] + 4.2), ylim=(2e-4, 0.5), xticks=contexts[::2])
    plots.plain_log_ticks(axes.yaxis, [0.001, 0.01, 0.1])
    plots.end_label(axes, contexts[-1], best[-1], "best possible table")
    plots.end_label(axes, contexts[-1], counted[-1] * 1.25, "counted table")
    axes.text(0, max(two_neurons) * 1.1, "two neurons", color=plots.INK)
    axes.set_title("What tables pay above 2/3 bit, and what two neurons pay")
    return axes


def groups(axes, points, labels, names, *, size=16, at_centre=True):
    """Points (n, 2), each group with a colour and a shape of its own, and its name beside it."""
    for i, name in enumerate(names):
        here = points[labels == i]
        colour, shape = LOOKS[i % len(LOOKS)]
        axes.scatter(*here.T, s=size, marker=shape, color=colour, alpha=0.6, linewidths=0)
        if at_centre:
            axes.annotate(
                str(name), here.mean(axis=0), (9, 9), textcoords="offset points", fontsize=13,
                fontweight="bold", color=plots.INK,
                bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75},
            )  # fmt: skip
    return axes


def state_plane(hidden, states, names, *, title):
    """The states (n, 2) of two neurons, by the state in which the language was."""
    figure, axes = plt.subplots(figsize=(4.6, 4.4))
    groups(axes, hidden, states, names, size=36)
    axes.axhline(0, color=plots.GREY, linewidth=0.6)
    axes.axvline(0, color=plots.GREY, linewidth=0.6)
    axes.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal", title=title)
    axes.set(xlabel="neuron 1", ylabel="neuron 2")
    return axes


def principal_plane(hidden):
    """The states (n, H) seen along the two directions in which they vary most: (n, 2)."""
    centred = hidden - hidden.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    best = directions[:, :-3:-1]
    best = best * np.sign(best[np.abs(best).argmax(axis=0), [0, 1]])  # the same sign everywhere
    return centred @ best


PLACES = {0: (0, 0), 1: (1, 0), 2: (2.1, 0.9), 3: (2.1, -0.9), 4: (3.5, 0.9), 5: (3.5, -0.9),
          6: (4.6, 0)}  # fmt: skip


def draw_machine(axes, places, arrows, title):
    """States at their places, and an arrow with words for each (state, words, next state)."""
    for start, words, end in arrows:
        (x0, y0), (x1, y1) = places[start], places[end]
        arrow = {"arrowstyle": "-|>", "color": plots.INK, "lw": 1.1, "shrinkA": 11, "shrinkB": 11}
        label = {"ha": "center", "va": "center", "fontsize": 8.5, "color": plots.INK}
        label["bbox"] = {"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"}
        if start == end:  # a loop, away from the middle
            side = 1 if y0 > 0 else -1
            turn = np.linspace(-0.15 * np.pi, 1.15 * np.pi, 30)
            loop = x0 + 0.2 * np.cos(turn), y0 + side * (0.42 + 0.24 * np.sin(turn))
            axes.plot(*loop, color=plots.INK, linewidth=1.1, linestyle="-")
            tip = loop[0][0] - 0.06, loop[1][0] - side * 0.14
            axes.annotate(
                "", tip, (loop[0][0], loop[1][0]), arrowprops=arrow | {"shrinkA": 0, "shrinkB": 0}
            )
            axes.text(x0, y0 + side * 0.86, words, **label)
        elif x1 < x0 and y0 == y1:  # the long way back, over the top
            corners = [(x0, y0 + 0.2), (x0, 2.1), (x1, 2.1)]
            axes.plot(*zip(*corners), color=plots.INK, linewidth=1.1, linestyle="-")
            axes.annotate("", (x1, y1 + 0.05), (x1, 2.12), arrowprops=arrow | {"shrinkA": 0})
            axes.text((x0 + x1) / 2, 2.1, words, **label)
        else:
            axes.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
            axes.text(0.52 * x0 + 0.48 * x1, 0.52 * y0 + 0.48 * y1, words, **label)
    for name, (x, y) in places.items():
        axes.scatter(
            x, y, s=330, color="#dcf2ea", edgecolors=plots.GREEN, linewidths=1.6, zorder=3
        )
        axes.text(x, y, str(name), ha="center", va="center", fontsize=11, zorder=4)
    axes.set(xlim=(-0.5, 5.1), ylim=(-2.0, 2.45), title=title)
    axes.set_axis_off()


def two_machines(language, found, partner):
    """A grammar and what was found in a network, in the same places, with their shares."""
    figure, row = plt.subplots(1, 2, figsize=(7.5, 3.3))
    places = {state: PLACES[partner[state]] for state in found.states}
    for axes, machine, where, title in zip(
        row, (language, found), (PLACES, places), (language.name, "found in the network")
    ):
        arrows = [(s, c if p == 1 else f"{c} {p:.2f}", after) for s, c, after, p in machine.table]
        draw_machine(axes, where, arrows, title)
    return figure


def distance_picture(runs, *, title):
    """The price of far letters by distance, a line with its name for each run {name: run}."""
    figure, axes = plt.subplots(figsize=(7.5, 3.4))
    for (name, run), marker in zip(runs.items(), "osD^"):
        low, high, _, price = np.transpose(run["by distance"])
        (line,) = axes.plot(np.sqrt(low * high), price, marker=marker, markersize=5)
        plots.end_label(axes, line.get_xdata()[-1], price[-1] + 0.07 * (price[-1] > 1.02), name)
    axes.set(xscale="log", xlim=(2.8, 900), ylim=(-0.05, 1.2), title=title)
    axes.set(xlabel="characters since the opening bracket", ylabel="price in bits")
    plots.plain_log_ticks(axes.xaxis, [5, 10, 20, 50, 100, 200])
    return axes


def one_mark_a_run(runs, rows, kinds, *, key):
    """One row for each label {label: {kind: name}}: each run is a mark, with a shape a kind."""
    figure, axes = plt.subplots(figsize=(7.5, 1.0 + 0.62 * len(rows)))
    for kind, colour, shape, shift in zip(
        kinds, [plots.BLUE, plots.ORANGE, plots.GREEN], "osD", (-0.24, 0, 0.24)
    ):
        x = np.concatenate([column(runs[names[kind]], key) for names in rows.values()])
        y = np.concatenate(
            [np.full(len(runs[names[kind]]), i + shift) for i, names in enumerate(rows.values())]
        )
        axes.plot(
            x, y, linestyle="none", marker=shape, color=colour, markersize=7,
            markerfacecolor="none", label=kind,
        )  # fmt: skip
    for y in range(len(rows) - 1):
        axes.axhline(y + 0.5, color=plots.GREY, linewidth=0.4)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(-0.05, 1.08), ylim=(len(rows) - 0.5, -0.5))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), title="first weights")
    return axes


CORNERS = np.array([[0, 0], [1, 0], [0.5, np.sqrt(3) / 2]])  # of the triangle of beliefs


def triangle(axes, beliefs, colours, title):
    """Beliefs (n, 3) as points of a triangle: at a corner one die is certain."""
    axes.plot(*CORNERS[[0, 1, 2, 0]].T, color=plots.GREY, linewidth=0.8)
    axes.scatter(*(beliefs @ CORNERS).T, s=1.5, c=colours, linewidths=0)
    for (x, y), name in zip(CORNERS, "012"):
        axes.annotate(
            f"die {name}", (x, y), (0, 7 if y else -4), textcoords="offset points",
            ha="center", va="bottom" if y else "top", color=plots.INK, fontsize=10,
        )  # fmt: skip
    axes.set(aspect="equal", title=title, xlim=(-0.12, 1.12), ylim=(-0.14, 1.02))
    axes.set_axis_off()


def belief_colours(beliefs):
    """A colour for each belief (n, 3): a mixture of three, one for each corner, in steps."""
    beliefs = np.round(6 * beliefs)
    beliefs = beliefs / beliefs.sum(axis=1, keepdims=True)
    corners = np.array([[0.0, 0.447, 0.698], [0.835, 0.369, 0.0], [0.0, 0.62, 0.451]])
    return np.clip(beliefs @ corners, 0, 1)


def three_triangles(panels, colours):
    """Beliefs side by side: `panels` is a dict of arrays (n, 3) by title."""
    figure, row = plt.subplots(1, len(panels), figsize=(7.5, 2.9))
    for axes, (title, beliefs) in zip(row, panels.items()):
        triangle(axes, beliefs, colours, title)
    return figure
