"""Pictures of the series: one style, readable in colour, in grey and when projected."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from rnn_helpers._fingerprint import describe_figures
from rnn_helpers._sharp import sharpen_figures

INK, GREY = "#1b1f24", "#6b7280"
BLUE, ORANGE, GREEN, PINK = "#0072b2", "#d55e00", "#009e73", "#cc79a7"  # Okabe and Ito, 2008

# Below zero, zero, above zero: also apart for those who cannot tell red from green.
SIGNED = LinearSegmentedColormap.from_list("signed", [BLUE, "#f7f7f5", ORANGE])

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

    In a notebook, figures are then sharp and have an alternative text (see `_sharp`), and the
    text form of a figure says what it shows (see `_fingerprint`).
    """
    plt.rcParams.update(STYLE)
    describe_figures()
    sharpen_figures()


def visible(character):
    """A character as a mark that can be seen: a space as ␣, a new line as ⏎, a tab as ⇥."""
    return {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(character, character)


def heat_map(values, characters, *, rows, title, bar, limits=(-1, 1)):
    """Draw values (rows, steps), one column for each character.

    `rows` labels the vertical axis and `bar` the scale. With limits around zero the colours
    part at zero, and a dash marks what is well below it, for those who see or print no
    colour. With other limits the colours are lighter where values are higher.
    """
    figure, axes = plt.subplots(figsize=(7.5, 0.8 + 0.16 * max(len(values), 10)))
    low, high = limits
    signed = low == -high
    colours = SIGNED if signed else "cividis"
    image = axes.imshow(values, cmap=colours, vmin=low, vmax=high, aspect="auto")
    if signed:
        y, x = np.nonzero(np.asarray(values) < 0.3 * low)
        axes.scatter(x, y, s=14, marker="_", color="white", linewidths=0.9)
    axes.set_xticks(range(len(characters)), [visible(c) for c in characters])
    axes.tick_params(axis="x", length=0)
    axes.set(ylabel=rows, title=title)
    axes.spines[:].set_visible(False)
    figure.colorbar(image, label=bar, pad=0.015)
    return axes


def state_bars(values, characters, *, title):
    """Draw one unit's hidden state after each character, as bars up and down from zero."""
    figure, axes = plt.subplots(figsize=(7.5, 2.2))
    x = np.arange(len(values))
    axes.bar(x, values, color=np.where(np.asarray(values) > 0, ORANGE, BLUE), width=0.8)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.set_xticks(x, [visible(c) for c in characters], family="monospace")
    axes.tick_params(axis="x", length=0)
    axes.spines["bottom"].set_visible(False)
    axes.set(xlim=(-0.8, len(values) - 0.2), ylim=(-1.05, 1.05), ylabel="hidden state")
    axes.set_title(title)
    return axes


def labelled_bars(labels, values, *, xlabel, title, digits=2):
    """Draw horizontal bars, each with its name and its value; a pair of numbers is a range."""
    figure, axes = plt.subplots(figsize=(7.5, 0.9 + 0.36 * len(labels)))
    ranges = np.array([v if np.ndim(v) else (0, v) for v in values], dtype=float)
    low, high = ranges.T
    bars = axes.barh(range(len(labels)), high - low, left=low, color=BLUE, height=0.66)
    texts = [f"{a:.{digits}f} to " * bool(a) + f"{b:.{digits}f}" for a, b in ranges]
    for bar, a in zip(bars, low):
        if a:
            bar.set(hatch="//", facecolor="white", edgecolor=BLUE)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # no line crosses a number
    axes.bar_label(bars, texts, padding=4, bbox=ground)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set(xlabel=xlabel, title=title)
    return axes


def guess_and_truth(axes, p, target, names):
    """Draw probabilities as bars, and arrows to where they should have been: 1 at the target."""
    places = np.arange(len(p))
    axes.bar(places, p, color=BLUE, width=0.6)
    axes.bar(target, 1, color="none", edgecolor=INK, linewidth=1.6, width=0.6)
    for place, height in zip(places, p):
        goal, colour = (1, ORANGE) if place == target else (0, INK)
        arrow = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (place + 0.4, goal), (place + 0.4, height), arrowprops=arrow)
        words = f"{height - goal:+.3f}".replace("-", "−")
        middle = (height + 1) / 2 if place == target else height + 0.05
        axes.text(place, middle, words, ha="center", va="center")
    axes.set_xticks(places, [visible(name) for name in names])
    axes.tick_params(axis="x", length=0)
    axes.set(xlim=(-0.5, len(p) - 0.4), ylim=(0, 1.05), ylabel="probability")
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


def end_labels(axes, x, heights):
    """Label lines at their ends {name: y}; where words would overlap, the lower ones move down."""
    low, high = axes.get_ylim()
    line = 0.08 * (high - low)  # the height of a line of words
    place = np.inf
    for name, y in sorted(heights.items(), key=lambda pair: -pair[1]):
        place = min(y, place - line)
        end_label(axes, x, place, name)


def lines(x, curves, *, xlabel, ylabel, title):
    """Draw curves {name: y} over x, each with its name at its end."""
    figure, axes = plt.subplots()
    for y in curves.values():
        axes.plot(x, y)
    end_labels(axes, x[-1], {name: y[-1] for name, y in curves.items()})
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.set_xlim(x[0], x[-1] + 0.22 * (x[-1] - x[0]))  # room for the names
    axes.set_xticks([tick for tick in axes.get_xticks() if x[0] <= tick <= x[-1]])
    return axes


def medians(x, groups, *, xlabel, ylabel, title):
    """Draw medians of runs {name: (points, runs)} over a logarithmic x, with bars from the lowest
    run to the highest."""
    figure, axes = plt.subplots(figsize=(7.5, 3.8))
    axes.set(xscale="log", xlabel=xlabel, ylabel=ylabel, title=title)
    for (name, runs), marker in zip(groups.items(), "sovD"):
        runs = np.asarray(runs)
        (line,) = axes.plot(x, np.median(runs, axis=1), marker=marker, label=name)
        axes.vlines(x, runs.min(axis=1), runs.max(axis=1), color=line.get_color(), linewidth=1)
    plain_log_ticks(axes.xaxis, x)
    axes.legend()
    return axes


def clipped(gradient, by_value, by_norm, limit):
    """Draw a gradient of two weights (x, y), and what clipping leaves of it."""
    figure, axes = plt.subplots(figsize=(7.5, 3.8))
    square = limit * np.array([[-1, 0], [-1, 1], [1, 1], [1, 0]])
    axes.plot(*square.T, color=GREY, linewidth=1, linestyle=":")
    axes.add_patch(plt.Circle((0, 0), limit, fill=False, color=GREY, linestyle="--"))
    arrows = (
        (gradient, "gradient", INK, "left", 1.4),
        (by_value, "by value", ORANGE, "left", 2.4),
        (by_norm, "by norm", BLUE, "right", 2.4),
    )
    for tip, name, colour, side, width in arrows:
        arrow = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0, "lw": width}
        axes.annotate("", tip, (0, 0), arrowprops=arrow)
        shift = (8, 5) if side == "left" else (-12, -14)
        axes.annotate(name, tip, shift, textcoords="offset points", ha=side, color=colour)
    axes.set(xlim=(-1.6 * limit, 2.4 * limit), ylim=(0, 1.1 * max(gradient)), aspect="equal")
    axes.set(xticks=limit * np.arange(-1, 3), yticks=limit * np.arange(3))
    axes.set(xlabel="one weight", ylabel="another")
    return axes


def loss_curves(losses, mean, smoothed, *, width):
    """Draw three views of one run: raw losses, their mean over `width` steps, and smoothed."""
    steps = np.arange(1, len(losses) + 1)
    axes = lines(
        steps, {f"mean of {width}": mean, "smoothed": smoothed},
        xlabel="step", ylabel="nats per character", title="One run, three curves",
    )  # fmt: skip
    axes.plot(steps, losses, color="#c5cad3", linewidth=0.8, linestyle="-", zorder=1)
    top = np.max(losses[len(losses) // 10 :])
    axes.annotate("raw", (0.12 * len(losses), 0.95 * top), color=GREY)
    return axes
