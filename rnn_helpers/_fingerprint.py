"""The text form of a figure: what it was drawn from, in words and rounded numbers.

A notebook stores a figure twice, as a picture and as text. The bytes of the picture differ
between versions of Matplotlib, so no test can compare them. The text is the same everywhere,
and strict nbval compares it whenever the chapter is run.
"""

import itertools

import numpy as np
from matplotlib.category import StrCategoryLocator
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

PIECES = 12  # a longer array is described by the means of so many pieces
DIGITS = 3  # of the largest number in an array: other processors agree on them
# Figures with numbers that another machine does not reproduce: words in a title or a label, and
# why. Of these figures only words, colours and the kinds of what is drawn are compared.
VARIES = {
    "milliseconds": "timings",
    "times as fast": "timings",
    "seconds of training": "timings",
    "share of the peak": "timings",
    "Central differences have a best ε": "errors of rounding",
    "Which rates work": "training that is chaotic",
    "Two runs, one weight changed in its 15th decimal": "training that is chaotic",
    "Three networks; medians and ranges of five seeds": "training that is chaotic",
    "case 4": "training that is chaotic",
    "one mark a seed": "training that is chaotic",
    "saturated states in %": "training that is chaotic",
    "true beliefs": "training that is chaotic",
    "Loss of each step (grey)": "drawn again and again while the network trains",
}


def describe_figures():
    """Make `describe` the text form of every figure that a notebook shows."""
    # IPython asks this method of an object for its text.
    Figure._repr_pretty_ = lambda figure, printer, cycle: printer.text(describe(figure))


def describe(figure):
    """What a figure shows: a line of text for the words, and for each thing that is drawn."""
    words = "\n".join(word for axes in figure.axes for word in words_around(axes))
    reason = next((why for part, why in VARIES.items() if part in words), None)
    lines = [repr(figure)]
    if reason:
        lines.append(f"numbers not compared: {reason}")
    for axes in figure.axes:
        lines += described(axes, numbers=reason is None)
    if not reason:
        lines += [f"text: {one_line(text.get_text())}" for text in figure.texts]
    return "\n".join(lines)


def words_around(axes):
    """The title, and the label of the horizontal axis and of the vertical one."""
    titles = (axes.get_title(loc=place) for place in ("left", "center", "right"))
    words = "; ".join(filter(None, titles)), axes.get_xlabel(), axes.get_ylabel()
    return tuple(map(one_line, words))


def described(axes, numbers):
    """The lines for one pair of axes; with `numbers`, also the data and the words among them."""
    title, *labels = words_around(axes)
    scales = {"x": axes.get_xscale(), "y": axes.get_yscale()}
    x, y = (w if s == "linear" else f"{w} ({s})" for w, s in zip(labels, scales.values()))
    yield f"axes: {title} | x: {x} | y: {y}"
    for name, axis in zip("xy", (axes.xaxis, axes.yaxis)):
        ticks = [one_line(label.get_text()) for label in chosen_ticks(axis)]
        if ticks:
            characters = all(len(tick) == 1 and not tick.isdigit() for tick in ticks)
            yield f"{name} ticks: {('' if characters else ', ').join(ticks)}"
    if axes.get_legend() is not None:
        entries = (one_line(text.get_text()) for text in axes.get_legend().get_texts())
        yield f"legend: {', '.join(entries)}"
    if axes.get_label() == "<colorbar>":
        return  # the rest belongs to Matplotlib
    above = {}
    for kind, arrays in drawn(axes):
        words = {
            name: rounded(values, log=scales.get(name[0]) == "log")
            for name, values in arrays.items()
        }
        parts = (f"{n} as above" if w == above.get(n) else f"{n} {w}" for n, w in words.items())
        yield f"{kind}: {', '.join(parts)}" if numbers else kind
        above |= words
    if numbers:
        for text in axes.texts:
            x, y = map(rounded, getattr(text, "xy", text.get_position()))
            yield f"text: {one_line(text.get_text())} | at {x} {y}"


def chosen_ticks(axis):
    """The labels of ticks that the plot chose; none where Matplotlib places the ticks."""
    chosen = isinstance(axis.get_major_locator(), (FixedLocator, StrCategoryLocator))
    return axis.get_ticklabels() if chosen else []


def drawn(axes):
    """What is drawn in axes besides words: what kind of thing, and its arrays by name."""
    for line in axes.lines:
        x, y = line.get_data(orig=False)
        look = to_hex(line.get_color()), line.get_linestyle(), line.get_marker()
        yield " ".join(part for part in ("line", *look) if part != "None"), {"x": x, "y": y}
    for colour, patches in itertools.groupby(axes.patches, lambda p: to_hex(p.get_facecolor())):
        boxes = np.array([extents(patch) for patch in patches])
        sides = ("x from", "y from", "x to", "y to")
        yield f"areas {colour}, {len(boxes)} of them", dict(zip(sides, boxes.T))
    for collection in axes.collections:
        corners = [path.vertices for path in collection.get_paths()]
        if isinstance(collection, PathCollection):
            corners = [collection.get_offsets()]  # markers, all of one shape
        x, y = np.concatenate([np.empty((0, 2)), *corners]).T
        colours = map(to_hex, [*collection.get_facecolor(), *collection.get_edgecolor()])
        yield " ".join(["collection", *dict.fromkeys(colours)]), {"x": x, "y": y}
    for mapped in [*axes.images, *axes.collections]:
        if mapped.get_array() is not None:
            values = np.ma.masked_invalid(mapped.get_array())
            rows, columns = values.reshape(len(values), -1).mean(axis=1), values.mean(axis=0)
            name = f"colours of {mapped.get_cmap().name}"
            yield name, {"limits": mapped.get_clim(), "rows": rows, "columns": columns}


def extents(patch):
    """Left, bottom, right and top of a patch, in the units of the data."""
    path = patch.get_path().transformed(patch.get_patch_transform())
    return path.get_extents().extents


def rounded(values, log=False):
    """The numbers, or the means of pieces of them, rounded alike on every machine."""
    values = np.ma.masked_invalid(np.ma.asarray(values, float).ravel())
    if not len(values):
        return "none"
    if log:
        values = np.ma.log10(values)  # masked where there is no logarithm
    largest = np.abs(values).filled(0).max()
    # 0.9999999, a power of ten but for rounding, has the digits of 1.
    decimals = DIGITS - 1 - int(np.floor(np.log10(1.0007 * largest))) if largest > 1e-9 else 0
    words = []
    for piece in np.array_split(values, min(len(values), PIECES)):
        # Numbers that people choose often end in 5, where the last bit would decide how they
        # are rounded. Moving the border between up and down a little keeps it away from them.
        mean = np.floor(piece.mean() * 10.0**decimals + 0.5137) / 10.0**decimals
        words.append("gap" if mean is np.ma.masked else f"{mean:.{max(decimals, 0)}f}")
    return " ".join(words) + (f" ({len(values)} values)" if len(values) > PIECES else "")


def one_line(words):
    """Words without line breaks."""
    return " ".join(words.split())


def alt_text(text):
    """The words in a figure, taken from its text form."""
    words = []
    for line in text.splitlines():
        kind, _, rest = line.partition(": ")
        if kind == "axes":
            words += [part for part in rest.split(" | ") if part not in ("", "x: ", "y: ")]
        elif kind in ("x ticks", "y ticks", "legend", "text"):
            words.append(rest.partition(" | at ")[0])
    return "; ".join(words)
