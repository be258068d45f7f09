"""Downhill: three optimizers on a slice of the loss, with the rate and the clipping to choose."""

from functools import cache

import contourpy
import ipywidgets as W
import numpy as np

from rnn_helpers.downhill import CLIPS, OPTIMIZERS, Slice, rises
from rnn_helpers.widgets.model_widget import StoredInFull, wide
from rnn_helpers.widgets.steps_picture import label, number
from rnn_helpers.widgets.touch import READY, described
from rnn_helpers.widgets.turns import in_turn

RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 3.0, 4.0, 10.0)
STEPS = 30
LEVELS = (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130)
LOOKS = {  # colour, dashes, and the letter at the end of the path
    "SGD": ("#d55e00", "", "S"),
    "Adagrad": ("#0072b2", "7 3", "G"),
    "Adam": ("#009e73", "2 3", "M"),
}
# Places in the pictures: the plane's own units, and pixels.
X0, X1, Y0, Y1, UNIT = -1.0, 19.0, -2.5, 22.0, 18
LEFT, TOP = 44, 26
RIGHT, BOTTOM = LEFT + (X1 - X0) * UNIT, TOP + (Y1 - Y0) * UNIT
SIZE = round(RIGHT + 6), round(BOTTOM + 40)
CURVE_LEFT, CURVE_WIDTH, HIGHEST = 40, 250, 160  # nats
CURVE_SIZE = CURVE_LEFT + CURVE_WIDTH + 14, SIZE[1]


def downhill(rate=0.1, *, clip="off"):
    """See SGD, Adagrad and Adam go down a slice of the loss of the poem's network.

    Parameters
    ----------
    rate : float
        One of 0.01, 0.03, 0.1, 0.3, 1, 2, 3, 4, 10.
    clip : str
        "off", or at 5 by "value" or by "norm".
    """
    return Downhill(rate, clip)


class Downhill(StoredInFull):
    """Choices above; the slice with three paths, the loss by steps, and words."""

    name = "Downhill"

    def __init__(self, rate, clip):
        if rate not in RATES:
            raise ValueError(
                f"rate must be one of {', '.join(f'{r:g}' for r in RATES)}, not {rate}"
            )
        if clip not in CLIPS:
            raise ValueError(f"clip must be one of {', '.join(CLIPS)}, not {clip!r}")
        self.slice = the_slice()
        self.rate = W.SelectionSlider(
            options=[(f"{r:g}", r) for r in RATES], value=rate, description="rate", **wide("22em")
        )
        names = [("off", "off"), ("by value, at 5", "value"), ("by norm, at 5", "norm")]
        self.clip = W.Dropdown(options=names, value=clip, description="clipping", **wide("19em"))
        self.step = W.IntSlider(value=STEPS, min=0, max=STEPS, description="steps", **wide("22em"))
        self.picture, self.curves, self.said = W.HTML(), W.HTML(), W.HTML()
        self.picture.add_class("rnn-over")
        self.said.add_class("rnn-said")
        self.rate.observe(self.run, names="value")
        self.clip.observe(self.run, names="value")
        self.step.observe(self.draw, names="value")
        layers = W.Box([W.HTML(ground_svg()), self.picture])
        layers.add_class("rnn-layers")
        flow = W.Layout(flex_flow="row wrap")
        super().__init__(
            [
                W.HTML(READY),
                W.HBox([self.rate, self.clip, self.step], layout=flow),
                W.HBox([layers, self.curves], layout=flow),
                self.said,
            ]
        )
        self.add_class("rnn-keys")
        self.add_class("rnn-touched")
        self.run()

    @in_turn
    def run(self, change=None):
        """Other paths."""
        self.paths = {
            name: self.slice.path(name, self.rate.value, clip=self.clip.value, steps=STEPS)
            for name in OPTIMIZERS
        }
        self.draw()

    @in_turn
    def draw(self, change=None):
        """Show the paths up to the chosen step."""
        k = self.step.value
        self.picture.value = paths_svg(self.paths, k)
        self.curves.value = curves_svg(self.paths, k)
        self.said.value = said_html(self.paths, k)

    def still_twin(self):
        """The same for every rate: see `still_text`."""
        return still_text()


@cache
def the_slice():
    """The slice, computed once."""
    return Slice()


@cache
def ground_svg():
    """The plane: lines of equal loss, and what the axes are."""
    along, across = np.linspace(X0, X1, 41), np.linspace(Y0, Y1, 40)
    heights = the_slice().grid(across, along).T  # rows: across
    lines = contourpy.contour_generator(along, across, heights)
    parts = [
        f"<rect class='rnn-line' x='{LEFT}' y='{TOP}' width='{RIGHT - LEFT:.0f}' "
        f"height='{BOTTOM - TOP:.0f}' stroke-opacity='0.5'/>",
        label(LEFT, 14, "along the letter frequencies (output bias)", "start"),
        label(RIGHT, BOTTOM + 34, "towards the window known by heart (other weights)", "end"),
    ]
    for x in (0, 5, 10, 15, 20):
        if x < X1:
            parts.append(label(place(0, x)[0], BOTTOM + 16, f"{x}", "middle", size=11))
        parts.append(label(LEFT - 6, place(x, 0)[1] + 4, f"{x}", "end", size=11))
    for level in LEVELS:
        for line in lines.lines(level):
            points = "L".join("{:.1f} {:.1f}".format(*place(y, x)) for x, y in line)
            parts.append(f"<path class='rnn-line' d='M{points}' stroke-opacity='0.45'/>")
            if len(line) > 6 and level in (1, 10, 30, 50, 70, 90, 110):
                x, y = place(*line[len(line) // 2][::-1])
                parts.append(label(min(x + 3, RIGHT - 22), max(y, TOP + 12), f"{level}", "start",
                                   size=10))  # fmt: skip
    words = (
        f"lines of equal loss, in nats: a valley that falls from {heights[5, 2]:.0f} at the left "
        f"to {heights[10, -1]:.0f} at the right; up and down from its floor the loss rises"
    )
    return described("".join(parts), *SIZE, words)


def place(frequencies, order):
    """Where a place of the plane stands in the picture."""
    return LEFT + (order - X0) * UNIT, BOTTOM - (frequencies - Y0) * UNIT


def inside(frequencies, order):
    """Whether a place is in the picture."""
    return Y0 <= frequencies <= Y1 and X0 <= order <= X1


def paths_svg(paths, k):
    """The three paths up to step k, clipped to the picture; leaps upwards are thick."""
    parts = [
        f"<defs><clipPath id='rnn-frame'><rect x='{LEFT}' y='{TOP}' width='{RIGHT - LEFT:.0f}' "
        f"height='{BOTTOM - TOP:.0f}'/></clipPath></defs><g clip-path='url(#rnn-frame)'>"
    ]
    ends = []
    for name, (places, losses) in paths.items():
        colour, dashes, letter = LOOKS[name]
        points = [place(*p) for p in places[: k + 1]]
        up = rises(losses)
        for step, ((a, b), (c, d)) in enumerate(zip(points, points[1:]), 1):
            parts.append(
                f"<path d='M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}' stroke='{colour}' fill='none' "
                f"stroke-width='{5 if step in up else 2}' stroke-dasharray='{dashes}'/>"
            )
        parts += [
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='2.5' fill='{colour}'/>" for x, y in points
        ]
        last = min(k, len(places) - 1)
        if inside(*places[last]):
            x, y = points[last]
            ends.append(label(x + 6, y - 5, f"{letter}", "start", bold=True))
    x, y = place(0, 0)
    ends.append(f"<circle class='rnn-line' cx='{x:.1f}' cy='{y:.1f}' r='6' stroke-width='2'/>")
    return described("".join(parts) + "</g>" + "".join(ends), *SIZE, plain(paths, k))


def curves_svg(paths, k):
    """The loss after each step, with the names of the optimizers."""
    width, high = CURVE_WIDTH, BOTTOM - TOP - 50
    bottom = BOTTOM

    def at(step, nats):
        return CURVE_LEFT + step * width / STEPS, bottom - min(nats, HIGHEST) * high / HIGHEST

    parts = [label(CURVE_LEFT, 14, "loss of the window, nats", "start")]
    for i, (name, (colour, dashes, letter)) in enumerate(LOOKS.items()):
        y = TOP + 8 + 16 * i
        parts.append(
            f"<path d='M{CURVE_LEFT} {y}h34' stroke='{colour}' stroke-width='2.5' "
            f"stroke-dasharray='{dashes}'/>"
        )
        parts.append(label(CURVE_LEFT + 42, y + 4, f"{letter}  {name}", "start", size=12))
    for nats in range(0, HIGHEST + 1, 40):
        y = at(0, nats)[1]
        parts.append(label(CURVE_LEFT - 6, y + 4, f"{nats}", "end", size=11))
        parts.append(
            f"<path class='rnn-line' d='M{CURVE_LEFT} {y:.1f}h{width}' stroke-opacity='0.25'/>"
        )
    for name, (_, losses) in paths.items():
        colour, dashes, _ = LOOKS[name]
        line = "L".join("{:.1f} {:.1f}".format(*at(s, x)) for s, x in enumerate(losses[: k + 1]))
        parts.append(
            f"<path d='M{line}' fill='none' stroke='{colour}' stroke-width='2' "
            f"stroke-dasharray='{dashes}'/>"
        )
    for step in range(0, STEPS + 1, 10):
        parts.append(label(at(step, 0)[0], bottom + 16, f"{step}", "middle", size=11))
    parts.append(label(CURVE_LEFT, bottom + 34, "steps", "start", size=11))
    return described("".join(parts), *CURVE_SIZE, f"the loss by steps: {plain(paths, k)}")


# Words.


def plain(paths, k):
    """Where each path is, in a sentence without markup."""
    words = [
        f"{name} at {number(losses[min(k, len(losses) - 1)], 1)} nats"
        for name, (_, losses) in paths.items()
    ]
    return f"after {k} steps {', '.join(words)}"


def said_html(paths, k):
    """Where each path is, and which step ended higher than it began."""
    items = []
    for name, (places, losses) in paths.items():
        last = min(k, len(places) - 1)
        (a, b), nats = places[last], losses[last]
        words = f"<b>{name}</b> ({LOOKS[name][2]}): {number(nats, 1)} nats after {last} steps"
        words += f", at {number(b, 1)} to the right and {number(a, 1)} up"
        if not inside(a, b):
            words += ", outside the picture"
        up = [step for step in rises(losses) if step <= k]
        if up:
            one = up[0]
            words += (
                f". Step {one} leapt too far: from {number(losses[one - 1], 1)} up to "
                f"{number(losses[one], 1)} nats"
            )
            words += f", and {len(up) - 1} more like it" if len(up) > 1 else ""
        items.append(f"<p>{words}.</p>")
    return "".join(items)


# On paper.


def still_text():
    """The first slopes, and where the paths are after some steps, as plain text."""
    slope = the_slice().slope(0, 0)[1]
    lines = [
        f"The first slope along the letter frequencies is {number(abs(slope.frequencies), 2)},",
        f"along the other direction {number(abs(slope.order), 2)}. "
        f"Nats after 1, 3, 8 and 30 steps, from {number(the_slice().loss(0, 0), 1)}:",
        f"{'rate':>6}  {'clipping':10}" + "".join(f"{name:>24}" for name in OPTIMIZERS),
    ]
    for rate, clip in ((0.1, "off"), (0.3, "off"), (1.0, "off"), (3.0, "off"), (3.0, "norm")):
        cells = ""
        for name in OPTIMIZERS:
            _, losses = the_slice().path(name, rate, clip=clip, steps=STEPS)
            cells += "".join(f"{losses[k]:>6.0f}" for k in (1, 3, 8, 30))
        lines.append(f"{rate:>6g}  {clip:10}{cells}")
    return "\n".join(lines)
