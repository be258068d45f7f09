"""The neuron with memory: draw an input, move its weights, see what it does and where it rests."""

import ipywidgets as W
import numpy as np

from rnn_helpers.one_neuron import (
    behaviour,
    half_life,
    rests,
    states_of,
    steps_to_switch,
    swing,
)  # fmt: skip
from rnn_helpers.widgets.model_widget import StoredInFull
from rnn_helpers.widgets.steps_picture import label, number
from rnn_helpers.widgets.touch import Bars, described, over
from rnn_helpers.widgets.turns import in_turn

STEPS = 24
LARGEST = {"w": 3.0, "u": 4.0, "b": 2.0}  # up or down
TOUCH = [1.0] + (STEPS - 1) * [0.0]
# Places in the pictures, in pixels.
LEFT, EACH, X_TOP, X_HEIGHT = 70, 18, 26, 60
H_TOP, H_HEIGHT = X_TOP + X_HEIGHT + 26, 150
MIDDLE, SIZE = H_TOP + H_HEIGHT / 2, (LEFT + STEPS * EACH + 8, H_TOP + H_HEIGHT + 40)
MAP_LEFT, MAP_TOP, MAP = 40, 26, 220
MAP_SIZE = MAP_LEFT + MAP + 40, SIZE[1]
CURVES = {1: "7 3", -1: "2 3"}  # the curve while x = 1 and while x = -1, dashed


def neuron_with_memory(w=1.0, u=0.8, b=0.0, *, x=None):
    """Draw an input for one neuron, h_t = tanh(w x_t + u h_{t-1} + b), and see its state.

    Parameters
    ----------
    w, u, b : float
        From -3 to 3, from -4 to 4 and from -2 to 2.
    x : sequence of float, optional
        24 inputs from -1 to 1; by default 1, then nothing.
    """
    return NeuronWithMemory(w, u, b, x)


class NeuronWithMemory(StoredInFull):
    """Three sliders and an input to draw; the state over time, the curve, and words."""

    name = "The neuron with memory"

    def __init__(self, w, u, b, x):
        first = check(w, u, b, x)
        self.sliders = [
            W.FloatSlider(
                value=value, min=-LARGEST[name], max=LARGEST[name], step=0.1, description=name,
                readout_format=".1f", style={"description_width": "1.5em"},
                layout=W.Layout(width="17em"),
            )
            for name, value in zip("wub", (w, u, b))
        ]  # fmt: skip
        touch = W.Button(description="one touch", layout=W.Layout(width="auto"))
        clear = W.Button(description="no input", layout=W.Layout(width="auto"))
        touch.on_click(lambda _: self.put(TOUCH))
        clear.on_click(lambda _: self.put(STEPS * [0.0]))
        self.touch, self.clear = touch, clear
        self.bars = Bars(
            [f"input x at step {t + 1}" for t in range(STEPS)], first, self.draw,
            low=-1, high=1, step=0.5, width=EACH, height=X_HEIGHT, label="input x", draw=True,
        )  # fmt: skip
        self.picture, self.map, self.said = W.HTML(), W.HTML(), W.HTML()
        self.said.add_class("rnn-said")
        for slider in self.sliders:
            slider.observe(self.draw, names="value")
        layers = over(
            self.bars, self.picture, left=LEFT, top=X_TOP, below=SIZE[1] - X_TOP - X_HEIGHT
        )
        flow = W.Layout(flex_flow="row wrap")
        super().__init__(
            [
                W.HBox([*self.sliders, touch, clear], layout=flow),
                W.HBox([layers, self.map], layout=flow),
                self.said,
            ]
        )
        self.add_class("rnn-keys")
        self.add_class("rnn-touched")
        self.draw()

    @in_turn
    def put(self, x):
        """Another input."""
        self.bars.values = x
        self.draw()

    @in_turn
    def draw(self, change=None):
        """Show what the neuron does with the input."""
        w, u, b = (slider.value for slider in self.sliders)
        x = self.bars.values
        h = states_of(x, w, u, b)
        self.picture.value = time_svg(x, h)
        self.map.value = map_svg(w, u, b, h)
        self.said.value = said_html(w, u, b, h)

    def still_twin(self):
        """The same for every neuron: see `still_text`."""
        return still_text()


def check(w, u, b, x):
    """The input to begin with; ValueError if an argument is out of range."""
    for name, value in zip("wub", (w, u, b)):
        if not abs(value) <= LARGEST[name]:
            raise ValueError(
                f"{name} must be from {-LARGEST[name]:g} to {LARGEST[name]:g}, not {value}"
            )
    x = TOUCH if x is None else [float(value) for value in x]
    if len(x) != STEPS or not all(abs(value) <= 1 for value in x):
        raise ValueError(f"x must be {STEPS} numbers from -1 to 1")
    return x


# The pictures.


def dot(x, y, *, hollow=False, r=5):
    """A point; a hollow one lets the page be seen."""
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{r}' " + (
        "class='rnn-line' stroke-width='2'/>" if hollow else "fill='currentColor'/>"
    )


def time_svg(x, h):
    """The state step by step, below the input."""
    right = SIZE[0] - 8

    def place(t, state):
        return LEFT + (t + 0.5) * EACH, MIDDLE - state * H_HEIGHT / 2

    parts = [
        label(0, X_TOP + X_HEIGHT / 2 + 4, "input x", "start"),
        label(LEFT, X_TOP - 10, "draw here with the mouse, or with the arrow keys", "start",
              size=11),
        label(0, MIDDLE + 4, "state h", "start"),
        label(LEFT, SIZE[1] - 4, "step", "start", size=11),
    ]  # fmt: skip
    for value in (-1, 0, 1):
        y = MIDDLE - value * H_HEIGHT / 2
        dashes = "" if value == 0 else " stroke-dasharray='2 4'"
        parts.append(f"<path class='rnn-line' d='M{LEFT} {y:.0f}H{right}'{dashes}/>")
        parts.append(label(LEFT - 6, y + 4, number(value, 0), "end", size=11))
        parts.append(
            label(LEFT - 6, X_TOP + X_HEIGHT * (1 - value) / 2 + 4, number(value, 0), "end",
                  size=11) if value else ""
        )  # fmt: skip
    line = "L".join("{:.1f} {:.1f}".format(*place(t, state)) for t, state in enumerate(h[1:]))
    parts.append(f"<path d='M{line}' fill='none' stroke='#0072b2' stroke-width='2'/>")
    parts += [dot(*place(t, state), r=3) for t, state in enumerate(h[1:])]
    for t in (0, 4, 9, 14, 19):
        parts.append(label(place(t, 0)[0], SIZE[1] - 20, f"{t + 1}", "middle", size=11))
    states = ", ".join(number(state, 2) for state in h[1:])
    return described("".join(parts), *SIZE, f"state h, step by step: {states}")


def on_map(before, after):
    """Where a step from one state to the next stands on the map."""
    return MAP_LEFT + (1 + before) * MAP / 2, MAP_TOP + (1 - after) * MAP / 2


def curve(c, u):
    """The state after each state, as a path."""
    states = np.linspace(-1, 1, 81)
    points = zip(states, np.tanh(u * states + c))
    return "M" + "L".join("{:.1f} {:.1f}".format(*on_map(*point)) for point in points)


def map_svg(w, u, b, h):
    """The next state over the state: the curve, the diagonal, and where they cross."""
    (left, bottom), (right, top) = on_map(-1, -1), on_map(1, 1)
    parts = [
        label(MAP_LEFT, 14, "next state, over state", "start"),
        f"<rect class='rnn-line' x='{left}' y='{top}' width='{MAP}' height='{MAP}' "
        "stroke-opacity='0.4'/>",
        f"<path class='rnn-line' d='M{left} {bottom}L{right} {top}' stroke-opacity='0.6'/>",
    ]
    for value in (-1, 0, 1):
        x, y = on_map(value, value)
        parts.append(label(x, bottom + 16, number(value, 0), "middle", size=11))
        parts.append(label(left - 6, y + 4, number(value, 0), "end", size=11))
    for x, dashes in CURVES.items():
        parts.append(
            f"<path d='{curve(w * x + b, u)}' fill='none' stroke='#808080' stroke-width='1.5' "
            f"stroke-dasharray='{dashes}'/>"
        )
        end = on_map(1, np.tanh(u + w * x + b))
        away = {1: -3, -1: 11}[x]
        parts.append(label(end[0] + 3, end[1] + away, f"x = {number(x, 0)}", "start", size=11))
    parts.append(f"<path d='{curve(b, u)}' fill='none' stroke='#0072b2' stroke-width='2.5'/>")
    ends = swing(u, b)
    if ends:  # to and fro for ever
        (x1, y2), (x2, y1) = on_map(*ends), on_map(*ends[::-1])
        parts.append(
            f"<rect x='{x1:.1f}' y='{y2:.1f}' width='{x2 - x1:.1f}' height='{y1 - y2:.1f}' "
            "fill='none' stroke='#d55e00' stroke-width='2'/>"
        )
    for rest in rests(u, b):
        parts.append(dot(*on_map(rest.h, rest.h), hollow=not rest.stable, r=6))
    parts.append(label(MAP_LEFT, bottom + 34, "● stays near    ○ runs away", "start", size=11))
    where = "; ".join(map(rest_words, rests(u, b)))
    words = f"the next state over the state: the curve crosses the diagonal at {where}"
    return described("".join(parts), *MAP_SIZE, words)


# Words.


def rest_words(rest):
    """A fixed point in words."""
    return f"{number(rest.h, 2)} ({'stable' if rest.stable else 'unstable'})"


def many(steps):
    """A count of steps in words."""
    return f"{steps} step{'s' * (steps > 1)}"


def said_html(w, u, b, h):
    """What the neuron does, and the reason that the map shows."""
    points = rests(u, b)
    where = " and ".join(number(rest.h, 2) for rest in points if rest.stable)
    does = behaviour(w, u, b)
    if does == "oscillates":
        ends = swing(u, b)
        words = (
            f"It <b>oscillates</b>. The curve crosses the diagonal once, at "
            f"{number(points[0].h, 2)}, falling more steeply than a slope of −1: the state "
            f"overshoots, and swings between {number(ends[0], 2)} and {number(ends[1], 2)}."
        )
    elif does == "forgets":
        words = forgets_words(points)
    else:
        up, down = (steps_to_switch(w, u, b, x) for x in (1, -1))
        ways = [
            f"x = {name} takes it {way} after {many(n)}" if n
            else f"x = {name} never takes it {way}, however long it lasts"
            for n, name, way in (*((n, number(s, 0), "up" if s * w > 0 else "down")
                                   for n, s in ((up, 1), (down, -1))),)
        ]  # fmt: skip
        words = f"It <b>holds</b> one of two states, {where}."
        if does == "switches":
            words = f"It <b>switches</b> between two states, {where}, and holds each of them."
        words += f" Touches: {ways[0]}; {ways[1]}." if w else (
            " With w = 0 it does not hear its input."
        )  # fmt: skip
    return f"<p>{words}</p><p>At the last step its state is {number(h[-1], 2)}.</p>"


def forgets_words(points):
    """A neuron with one place to rest."""
    rest = next((rest for rest in points if rest.stable), points[0])
    half = half_life(rest.slope)
    pace = (
        "ever more slowly"
        if half > 200
        else f"a small distance from it is halved in {number(half, 1)} steps"
    )
    sides = ", from side to side" if rest.slope < -0.05 else ""
    return f"It <b>forgets</b>. Every state goes to {number(rest.h, 2)}{sides}: {pace}."


# On paper.


def still_text():
    """One touch and what four neurons keep of it, as bars and numbers of plain text."""
    lines = ["One touch, x = 1 at step 1; w = 1, b = 0. The state at steps 1 to 12:"]
    for u in (0.5, 0.8, 0.9, 1.5):
        h = states_of(TOUCH[:12], 1, u)[1:]
        bars = "".join("▁▂▃▄▅▆▇█"[min(int(8 * state), 7)] for state in h)
        some = "  ".join(f"h_{t} = {h[t - 1]:.2f}" for t in (1, 2, 3, 4, 12))
        lines.append(f"u = {u}  {bars}   {some}")
    return "\n".join(lines)
