"""Pictures and tables of the twelve languages in chapter 09, so that its cells show the idea."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sampling_tables import spread

from rnn_helpers import plots
from rnn_helpers.cells import zero_state
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax
from rnn_helpers.probing import ReadOut

RESULTS = Path(__file__).parent.parent / "data" / "declaration.json"


def declaration_results():
    """What data/make_declaration.py found: the languages, five runs, and the probe of one."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    found["read_out"] = ReadOut(*map(np.array, found["read_out"].values()))
    return found


def join_nearest(distances):
    """A tree from distances: join the two nearest groups, until there is one (average linkage).

    Parameters
    ----------
    distances : array (n, n)
        Between n things. The distance of two groups is the mean over their pairs.

    Returns
    -------
    list of (group, group, distance)
        n - 1 joins in the order in which they are made; a group is a tuple of places, from
        left to right as in the tree.
    """
    distances = np.asarray(distances, float)
    groups, joins = [(i,) for i in range(len(distances))], []

    def between(a, b):
        return distances[np.ix_(a, b)].mean()

    while len(groups) > 1:
        pairs = [(a, b) for i, a in enumerate(groups) for b in groups[i + 1 :]]
        a, b = min(pairs, key=lambda pair: between(*pair))
        joins.append((a, b, between(a, b)))
        groups = [g for g in groups if g not in (a, b)] + [a + b]
    return joins


def draw_tree(axes, distances, names, title, between="mean states"):
    """Draw the tree of `join_nearest` from left to right; a fork stands at its distance."""
    joins = join_nearest(distances)
    order = joins[-1][0] + joins[-1][1]
    at = {(i,): (0.0, y) for y, i in enumerate(order)}
    for a, b, distance in joins:
        (xa, ya), (xb, yb) = at[a], at[b]
        axes.plot([xa, distance, distance, xb], [ya, ya, yb, yb], color=plots.BLUE, linestyle="-")
        at[a + b] = distance, (ya + yb) / 2
    axes.set_yticks(range(len(order)), [names[i] for i in order])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.invert_yaxis()
    axes.set(xlabel=f"distance between {between}", title=title)


def two_trees(run, names):
    """The tree of one network by its mean states, and beside it that of letter frequencies."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3.6))
    draw_tree(left, run["trained, distances"], names, "By the state")
    draw_tree(right, run["letters, distances"], names, "By the letters", "letter frequencies")
    return figure


def nearest(distances, names):
    """The nearest other of each: {name: name}."""
    distances = np.array(distances) + np.diag([np.inf] * len(names))
    return {name: names[row.argmin()] for name, row in zip(names, distances)}


def same_nearest(runs, kind, names):
    """For each language its nearest in the first run, and in how many runs it is the same one."""
    found = [nearest(run[f"{kind}, distances"], names) for run in runs]
    return {
        name: (other, sum(one[name] == other for one in found)) for name, other in found[0].items()
    }


def distance_from_centre(distances):
    """How far each point is from the centre of all, from their distances alone: array (n,)."""
    squares = np.square(distances)
    return np.sqrt(squares.mean(axis=1) - squares.mean() / 2)


def nearest_table(runs, names):
    """The nearest of each language by three measures, and in how many of the runs, as text."""
    kinds = {"trained": "by the state", "letters": "by its letters", "untrained": "untrained"}
    found = {kind: same_nearest(runs, kind, names) for kind in kinds}
    lines = [f"{'nearest to':12}" + "".join(f"{head:18}" for head in kinds.values())]
    for name in names:
        cells = [f"{other} {n}/{len(runs)}" for other, n in (found[k][name] for k in kinds)]
        lines.append(f"{name:12}" + "".join(f"{cell:18}" for cell in cells))
    return "\n".join(line.rstrip() for line in lines)


def named_table(runs, names, shown):
    """How often the language of a held-out character is named rightly, as text.

    The median of the runs and their range, for all languages and for those in `shown`.
    """
    rows = {
        "trained, least squares": "trained, squares",
        "trained, softmax": "trained, softmax",
        "untrained, softmax": "untrained, softmax",
        "counting 50 letters": "letters, last 50",
    }
    lines = [f"{'':24}" + "".join(f"{head:>22}" for head in ("all", *shown))]
    for words, key in rows.items():
        places = [names.index(name) for name in shown]
        values = [[r[key]["all"], *np.array(r[key]["languages"])[places]] for r in runs]
        cells = [spread(column, unit="%") for column in np.transpose(values)]
        lines.append(f"{words:24}" + "".join(f"{cell:>22}" for cell in cells))
    return "\n".join(lines)


def beliefs_along(parameters, vocabulary, layer, text):
    """What a probe believes after each character of a text: probabilities (n, kinds)."""
    hidden, _ = forward(parameters, vocabulary.encode(text), zero_state(parameters))
    return softmax(hidden[1:] @ layer.weights + layer.bias)


def draw_beliefs(text, beliefs, names, shown):
    """Draw the probability of some languages along a text, and of all others together."""
    figure, axes = plt.subplots(figsize=(7.5, 0.5 + 0.45 * (len(shown) + 1)))
    chosen = [names.index(name) for name in shown]
    rows = np.vstack([beliefs[:, chosen].T, 1 - beliefs[:, chosen].sum(axis=1)])
    image = axes.imshow(rows, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    axes.set_yticks(range(len(rows)), [*shown, "another"])
    axes.set_xticks(range(len(text)), [plots.visible(c) for c in text], fontsize=8)
    axes.tick_params(length=0)
    axes.set(title="What the state says about the language, after each character")
    figure.colorbar(image, label="probability", pad=0.015)
    return axes
