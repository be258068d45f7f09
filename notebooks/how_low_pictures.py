"""Pictures and tables of chapter 09, so that its cells show the idea alone."""

import json

import matplotlib.pyplot as plt
import numpy as np
from how_low_runs import FIRST_WEIGHTS, RESULTS, nearest_state

from rnn_helpers import plots

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
    """What tables pay above the entropy rate by their context, beside two neurons.

    Of the networks, whose excess is in `two_neurons`, the range is drawn, and their median.
    """
    figure, axes = plt.subplots(figsize=(7.5, 3.8))
    axes.plot(contexts, best, marker="o", markersize=4)
    axes.plot(contexts, counted, marker="s", markersize=4)
    axes.axhspan(min(two_neurons), max(two_neurons), color=plots.GREEN, alpha=0.35, linewidth=0)
    axes.axhline(np.median(two_neurons), color=plots.GREEN, linewidth=1)
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
        if at_centre:  # beside the point that is nearest to the centre
            beside = here[((here - here.mean(axis=0)) ** 2).sum(axis=1).argmin()]
            axes.annotate(
                str(name), np.round(beside, 1), (13, 11), textcoords="offset points", fontsize=13,
                fontweight="bold", color=plots.INK,
                bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": colour, "alpha": 0.75},
            )  # fmt: skip
    return axes


def state_plane(hidden, states, language, *, title):
    """The states (n, H) of a network as points, by the state in which the language was.

    Two neurons are the two axes; of more neurons the plane in which they vary most is drawn.
    """
    two = hidden.shape[1] == 2
    figure, axes = plt.subplots(figsize=(4.6, 4.4) if two else (6.4, 4.6))
    points = hidden if two else principal_plane(hidden)
    groups(axes, points, states, language.states, size=36 if two else 22)
    if two:
        axes.axhline(0, color=plots.GREY, linewidth=0.6)
        axes.axvline(0, color=plots.GREY, linewidth=0.6)
        axes.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal")
    kind = ("neuron 1", "neuron 2") if two else ("first direction", "second direction")
    axes.set(title=title, xlabel=kind[0], ylabel=kind[1])
    return axes


def wrongly_read(hidden, states):
    """How many states of the language the nearest centre gets wrong: "2 of 1,000"."""
    wrong = int((nearest_state(hidden, states, hidden) != states).sum())
    return f"{wrong:,} of {len(states):,}"


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


def brackets_table(runs):
    """What the closing bracket costs, by the mean filler and the first weights, as text."""
    starts = {"0.01": "from 0.01", "0.1": "from 0.1", "orthogonal": "orthogonal"}
    lines = [
        "32 neurons, windows of 50 characters, five seeds",
        "price of the closing bracket in bits: median (range)",
        "filler" + "".join(f"  {head:20}" for head in starts.values()).rstrip(),
    ]
    for m in (10, 20, 40, 80):
        cells = [spread(column(runs[f"brackets {m}, {k}"], "price"), 2) for k in starts]
        lines.append(f"{m:6}" + "".join(f"  {cell:20}" for cell in cells).rstrip())
    return "\n".join(lines)


def four_prices(runs):
    """Four networks that remember more or less, drawn by distance."""
    shown = {
        "remembers": runs["brackets 40, 0.1"][0],
        "half a bit": runs["brackets 80, orthogonal"][2],
        "three quarters": runs["brackets 40, 0.01"][2],
        "forgot": runs["brackets 40, 0.01"][0],
    }
    return distance_picture(shown, title="The price of forgetting by distance")


def held_table(runs):
    """What those pay for far brackets that learnt with near ones, as text."""
    found = [run for start in FIRST_WEIGHTS for run in runs[f"brackets 10, {start}"]]
    return (
        f"{len(found)} networks that learnt with fillers of 10, price in bits\n"
        f"as far apart as they learnt: {spread(column(found, 'price'))}\n"
        f"300 to 900 letters apart:    {spread(column(found, 'held'))}"
    )


def unexplained(runs):
    """What the probe leaves unexplained in five networks, before and after learning, as text."""
    left = {k: 1 - column(runs["three dice, 64 neurons"], k) for k in ("untrained", "trained")}
    return "\n".join(f"left unexplained, {k:9}: {spread(v)}" for k, v in left.items())


def reber_table(runs):
    """The excess of networks that learnt Reber's grammar, by their neurons, as text."""
    return "\n".join(
        f"{H:2} neurons: {spread(column(runs[f'Reber, {H} neurons'], 'excess'))}"
        for H in (2, 3, 4, 8, 16)
    )


def embedded_table(runs):
    """What the far letter of embedded Reber costs, by its distance and the steps, as text."""
    lines = [
        "        characters          price of the letter",
        "p       between    steps    in bits                  excess",
    ]
    for p, steps in ((0.5, 3000), (0.9, 2000), (0.9, 6000), (0.97, 2000), (0.97, 6000)):
        found = runs[f"embedded {p}, {steps} steps"]
        between = column(found, "mean distance").mean() - 1
        price, excess = spread(column(found, "price"), 3), np.median(column(found, "excess"))
        lines.append(f"{p:<5} {between:7.0f} {steps:10,}    {price}    {excess:.4f}")
    return "\n".join(lines)


CORNERS = np.array([[0, 0], [1, 0], [0.5, np.sqrt(3) / 2]])  # of the triangle of beliefs


def triangle(axes, beliefs, colours, title):
    """Beliefs (n, 3) as points of a triangle: at a corner one die is certain."""
    axes.plot(*CORNERS[[0, 1, 2, 0]].T, color=plots.GREY, linewidth=0.8)
    axes.scatter(*(beliefs @ CORNERS).T, s=1.5, c=colours, linewidths=0)
    for (x, y), name in zip(CORNERS, "012"):
        axes.annotate(
            f"die {name}", (x, y), (0, 12 if y else -14), textcoords="offset points",
            ha="center", va="bottom" if y else "top", color=plots.INK, fontsize=10,
        )  # fmt: skip
    axes.set(aspect="equal", title=title, xlim=(-0.12, 1.12), ylim=(-0.24, 1.06))
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
