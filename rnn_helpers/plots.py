"""Pictures of the series: one style, readable in colour, in grey and when projected."""

import matplotlib.pyplot as plt
import numpy as np

from rnn_helpers._fingerprint import describe_figures

INK, GREY = "#1b1f24", "#6b7280"
BLUE, ORANGE, GREEN, PINK = "#0072b2", "#d55e00", "#009e73", "#cc79a7"  # Okabe and Ito, 2008

STYLE = {
    "figure.figsize": (7.5, 3.2),
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11.5,
    "axes.grid": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    # colour and line style change together, so that grey prints stay readable
    "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, GREEN, PINK, INK])
    + plt.cycler(linestyle=["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))]),
}


def use_style():
    """Draw every following picture in the style of the series.

    In a notebook, the text form of a figure then says what it shows (see `_fingerprint`).
    """
    plt.rcParams.update(STYLE)
    describe_figures()


def visible(character):
    """A character as a mark that can be seen: a space as ␣, a new line as ⏎, a tab as ⇥."""
    return {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(character, character)


def heat_map(values, characters, *, rows, title, bar, limits=(-1, 1)):
    """Draw values (rows, steps), one column for each character, lighter where they are higher.

    `rows` labels the vertical axis and `bar` the scale. The colours stay in order in grey.
    """
    figure, axes = plt.subplots(figsize=(7.5, 0.8 + 0.16 * max(len(values), 10)))
    low, high = limits
    image = axes.imshow(values, cmap="cividis", vmin=low, vmax=high, aspect="auto")
    axes.set_xticks(range(len(characters)), [visible(c) for c in characters])
    axes.tick_params(axis="x", length=0)
    axes.set(ylabel=rows, title=title)
    axes.spines[:].set_visible(False)
    figure.colorbar(image, label=bar, pad=0.015)
    return axes


def labelled_bars(labels, values, *, xlabel, title):
    """Draw horizontal bars, each with its name and its value."""
    figure, axes = plt.subplots(figsize=(7.5, 0.9 + 0.36 * len(labels)))
    bars = axes.barh(range(len(labels)), values, color=BLUE, height=0.66)
    axes.bar_label(bars, [f"{v:.2f}" for v in values], padding=4)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set(xlabel=xlabel, title=title)
    return axes


def character_bars(axes, p, vocabulary, most=12):
    """Draw the most probable next characters, and the rest together, as bars on axes."""
    order = np.argsort(-p, kind="stable")[:most]
    heights = np.append(p[order], max(0.0, 1 - p[order].sum()))
    axes.bar(range(len(heights)), heights, color=[BLUE] * len(order) + ["#d1d5db"])
    names = [visible(vocabulary.characters[i]) for i in order] + ["rest"]
    axes.set_xticks(range(len(names)), names)
    axes.tick_params(axis="x", length=0)
    axes.set(ylim=(0, 1), ylabel="probability")
    return axes


def plain_log_ticks(axis, ticks):
    """Label a logarithmic axis at these values, as plain numbers and not as powers."""
    axis.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    axis.set_ticks([], minor=True)


def end_label(axes, x, y, text):
    """Label a line at its end, which is faster to read than a legend; return the label."""
    return axes.annotate(text, (x, y), xytext=(6, 0), textcoords="offset points", va="center")
