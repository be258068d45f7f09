"""What the widget "Step through backpropagation" shows: a picture, boxes, and words, as HTML."""

from html import escape

import numpy as np

from rnn_helpers.backward_steps import FILLED, FORWARD, wrong_boxes, wrong_cells
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.gradient_check import check_gradients
from rnn_helpers.plots import visible
from rnn_helpers.widgets.html import NAME_SLIDERS

# Places in the picture, in its own units (pixels at full size).
LABELS, GAP, ROW, LINE = 132, 26, 18, 15
TITLE_Y, TOP, BETWEEN, BELOW = 16, 42, 44, 40
ROWS = {  # of a state's box, with what stands at the left
    "h": "state h",
    "from_y": "from its prediction",
    "from_next": "+ from the next state",
    "dh": "= dh",
    "slope": "slope 1 − h²",
    "da": "da = slope · dh",
}
WORDS = {  # what a line does, for the reader
    "h": "the network reads {reads} and computes its state.",
    "p": "from the state it predicts the next character, which is {next}.",
    "dy": "the gradient starts at the prediction: p, minus 1 at {next}, which came.",
    "boxes above": "the boxes dWhy and dby collect this step's part.",
    "from_y": "the first arrow into the state arrives, from its own prediction.",
    "dh": "the two arrows into the state add up.",
    "da": "the message goes back through tanh, and is multiplied by its slope.",
    "boxes below": "the boxes dWxh, dWhh and dbh collect this step's part.",
    "dhnext": "a message leaves for the state before{last}.",
}
T = "<sup>T</sup>"
EQUATIONS = {  # {t}, {before} and {after} are steps
    "h": "h<sub>{t}</sub> = tanh(W<sub>xh</sub> x<sub>{t}</sub> + W<sub>hh</sub> h<sub>{before}"
    "</sub> + b<sub>h</sub>)",
    "p": "p<sub>{t}</sub> = softmax(W<sub>hy</sub> h<sub>{t}</sub> + b<sub>y</sub>), "
    "L<sub>{t}</sub> = −ln p<sub>{t}</sub>[{next}]",
    "dy": "dy<sub>{t}</sub> = p<sub>{t}</sub> − onehot({next})",
    "boxes above": f"dW<sub>hy</sub> = Σ<sub>t</sub> dy<sub>t</sub> h<sub>t</sub>{T}, "
    "db<sub>y</sub> = Σ<sub>t</sub> dy<sub>t</sub>",
    "from_y": f"dh<sub>{{t}}</sub> = W<sub>hy</sub>{T} dy<sub>{{t}}</sub> + …",
    "dh": f"dh<sub>{{t}}</sub> = W<sub>hy</sub>{T} dy<sub>{{t}}</sub> + W<sub>hh</sub>{T} "
    "da<sub>{after}</sub>",
    "da": "da<sub>{t}</sub> = (1 − h<sub>{t}</sub>²) dh<sub>{t}</sub>",
    "boxes below": f"dW<sub>xh</sub> = Σ<sub>t</sub> da<sub>t</sub> x<sub>t</sub>{T}, "
    f"dW<sub>hh</sub> = Σ<sub>t</sub> da<sub>t</sub> h<sub>t−1</sub>{T}, "
    "db<sub>h</sub> = Σ<sub>t</sub> da<sub>t</sub>",
    "dhnext": f"dhnext = W<sub>hh</sub>{T} da<sub>{{t}}</sub>",
}  # fmt: skip
# ipywidgets cannot scroll: on a narrow page, JavaScript brings the step into view.
SCROLL = (
    "for (const p of document.querySelectorAll('PLACE .rnn-scroll'))"
    " p.scrollLeft = MIDDLE * p.scrollWidth - p.clientWidth / 2"
)
CSS = """
.rnn-steps {color: var(--jp-content-font-color1, #1b1f24); line-height: 1.4}
.rnn-steps .widget-html-content {line-height: 1.4; min-width: 0; max-width: 100%}
.rnn-steps svg {display: block; max-width: 100%; height: auto}
.rnn-steps svg text {fill: currentColor}
.rnn-steps svg .rnn-line {fill: none; stroke: currentColor}
.rnn-scroll {overflow-x: auto}
.rnn-now {min-height: 13.5em; max-width: 60em; padding: 0.4em 0.8em; margin: 0.3em 0;
  border-left: 4px solid #d55e00}
.rnn-now p {margin: 0 0 0.3em; line-height: 1.5}
.rnn-now code {white-space: pre-wrap; color: inherit; background: none; display: inline-block;
  vertical-align: top; line-height: 1.5; padding: 0}
.rnn-boxes {display: flex; flex-wrap: wrap; gap: 0.6em 1em}
.rnn-box {border: 1px solid #808080; padding: 0.3em 0.5em}
.rnn-box.rnn-lit {outline: 3px solid #d55e00}
.rnn-box.rnn-off {border: 2px dashed currentColor}
.rnn-box table {border-collapse: collapse; font-variant-numeric: tabular-nums; color: inherit}
.rnn-box caption {text-align: left; white-space: nowrap; color: inherit}
.rnn-box td, .rnn-box th {padding: 0 0.35em; text-align: right; font-weight: normal;
  line-height: 1.4; vertical-align: middle; min-width: 2.6em; background: none; color: inherit}
.rnn-box th {min-width: 1em; font-family: monospace}
.rnn-box td.rnn-bad {outline: 1px dashed currentColor; outline-offset: -1px; font-weight: bold}
.rnn-pair {display: flex; gap: 0.3em 1em}
.rnn-pair.rnn-wide {flex-direction: column}
"""


def number(value, digits, sign=False):
    """A number with a fixed count of digits, a real minus sign, and no negative zero."""
    text = f"{np.round(value, digits) + 0.0:{'+' if sign else ''}.{digits}f}"
    return text.replace("-", "−")


def digits_of(setting):
    """Three digits for one neuron, two for three, so that they fit."""
    return 3 if len(setting.h0) == 1 else 2


# The picture.


class Picture:
    """The unrolled network at one moment, as SVG."""

    def __init__(self, setting, moment, right):
        self.setting, self.moment = setting, moment
        self.cells, self.wrong = moment.cells, wrong_cells(moment, right)
        self.H, self.V, self.T = len(setting.h0), len(setting.vocabulary), len(setting.inputs)
        self.digits = digits_of(setting)
        self.each = 62 if self.H == 1 else 37  # for a number
        self.width = max(self.H * self.each + 8, 108)
        self.pitch = self.width + GAP
        self.state_y = TOP + 2 * LINE + self.V * LINE + 8 + BETWEEN
        self.state_height = len(ROWS) * ROW + 6
        self.bottom = self.state_y + self.state_height
        self.size = LABELS + self.T * self.pitch, self.bottom + BELOW + 26

    def html(self, place):
        """All of it; `place` is a selector of the widget, to bring the step into view."""
        middle = (self.left(max(self.moment.t, 0)) + self.width / 2) / self.size[0]
        scroll = SCROLL.replace("PLACE", place).replace("MIDDLE", f"{middle:.3f}")
        script = f"{NAME_SLIDERS};{scroll}"  # the slider may be a new one
        return f'{self.svg()}<style onload="{script}">/* {self.moment.t} */</style>'

    def svg(self):
        """The picture alone."""
        parts = [*self.labels()]
        for t in range(self.T):
            parts += [*self.prediction(t), *self.state(t), *self.arrows(t)]
        width, height = self.size
        words = escape(f"The unrolled network: {plain(self.setting, self.moment)}", quote=True)
        return (
            f"<div class='rnn-scroll' tabindex='0' role='group' aria-label='unrolled network'>"
            f"<svg viewBox='0 0 {width} {height}' width='{width}' role='img' "
            f"style='min-width: {min(width, 560)}px' aria-label='{words}' "
            f"font-family='sans-serif' font-size='12.5'>{''.join(parts)}</svg></div>"
        )

    def left(self, t):
        """Where the boxes of step t begin."""
        return LABELS + t * self.pitch + GAP / 2

    def row_y(self, name):
        """The middle of a row of the states' boxes."""
        return self.state_y + 3 + ROW * (list(ROWS).index(name) + 0.5)

    def labels(self):
        """What the rows are, at the left."""
        yield label(0, TOP + LINE, "loss of this step", "start")
        yield label(0, TOP + 2 * LINE, "probabilities p, then dy", "start", size=11)
        for name, words in ROWS.items():
            yield label(0, self.row_y(name) + 4, words, "start")
        yield label(0, self.size[1] - 8, "reads", "start")

    def prediction(self, t):
        """The box above: the loss, and for each character its p and dy."""
        x, now = self.left(t), self.moment
        yield label(x + self.width / 2, TITLE_Y, f"t = {t + 1}", "middle", bold=now.t == t)
        yield box(x, TOP, self.width, 2 * LINE + self.V * LINE + 8)
        loss = self.cells.get((t, "loss"))
        if loss is not None:
            words = f"L = {number(loss, self.digits)}"
            yield label(x + self.width / 2, TOP + LINE, words, "middle")
        yield label(x + 62, TOP + 2 * LINE, "p", "end")
        yield label(x + self.width - 5, TOP + 2 * LINE, "dy", "end")
        for i, character in enumerate(self.setting.vocabulary.characters):
            y, target = TOP + (3 + i) * LINE, bool(i == self.setting.targets[t])
            mark = "▸" if target else ""
            yield label(x + 4, y, mark + visible(character), "start", bold=target)
            for name, end in (("p", x + 62), ("dy", x + self.width - 5)):
                if (t, name) in self.cells:
                    text = number(self.cells[t, name][i], 2, sign=name == "dy")
                    yield label(end, y, text, "end", bold=target)
        if now.t == t and now.made in ("p", "dy"):
            a, b = (22, 42) if now.made == "p" else (65, self.width - 67)
            yield frame(x + a, TOP + 2 * LINE + 3, b, self.V * LINE + 3)

    def state(self, t):
        """The box of a state: h, then the sum of the two messages, then da."""
        x = self.left(t)
        yield box(x, self.state_y, self.width, self.state_height)
        for name in ROWS:
            if (t, name) in self.cells:
                yield from self.row(t, name, x)
        if (t, "from_next") in self.cells and (t, "from_y") in self.cells:  # a sum on paper
            y = self.row_y("dh") - ROW / 2
            yield f"<path class='rnn-line' d='M{x + 6} {y}H{x + self.width - 6}'/>"
        for name in self.lit(t):
            yield frame(x + 2, self.row_y(name) - 8.5, self.width - 4, 17)
        yield label(x + self.width / 2, self.size[1] - 8,
                    visible(self.setting.text[t]), "middle", bold=True)  # fmt: skip

    def row(self, t, name, x):
        """The numbers of one row, a dashed frame around each that is wrong."""
        y = self.row_y(name)
        centre = x + self.width / 2 - (self.H - 1) * self.each / 2
        for j, value in enumerate(self.cells[t, name]):
            at, signed = centre + j * self.each, name not in ("h", "slope")
            yield label(at + self.each / 2 - 4 if self.H > 1 else at + 20, y + 4,
                        number(value, self.digits, signed), "end")  # fmt: skip
        if (t, name) in self.wrong:
            yield (
                f"<rect class='rnn-line rnn-bad' x='{x + 5}' y='{y - 7}' width='{self.width - 10}'"
                " height='14' stroke-dasharray='3 2'/>"
            )

    def lit(self, t):
        """The rows in which this moment's numbers have arrived."""
        made, now = self.moment.made, self.moment.t
        if made == "dhnext":
            return ["from_next"] if t == now - 1 else []
        if made == "dh":
            return ["from_y", "from_next", "dh"] if t == now else []
        if made == "da":
            return ["slope", "da"] if t == now else []
        return [made] if t == now and made in ROWS else []

    def arrows(self, t):
        """The arrows at step t: forward thin, backward dashed, thick where one arrives now."""
        x, now, made = self.left(t), self.moment.t == t, self.moment.made
        middle, top = x + self.width / 2, TOP + 2 * LINE + self.V * LINE + 8
        h_y, da_y, next_y = self.row_y("h"), self.row_y("da"), self.row_y("from_next")
        read = now and made == "h"
        yield arrow((middle - 14, self.size[1] - 24), (middle - 14, self.bottom), read)
        yield arrow((x - GAP, h_y), (x, h_y), read)
        yield arrow((middle - 14, self.state_y), (middle - 14, top), now and made == "p")
        down = (t, "from_y") in self.cells
        if down:
            lit = now and made in ("from_y", "dh")
            yield arrow((middle + 14, top), (middle + 14, self.state_y), lit, back=True)
            yield label(middle + 22, top + BETWEEN / 2 + 4, "Whyᵀ dy", "start", size=11)
        if (t - 1, "from_next") in self.cells and t:
            lit = (now and made == "dhnext") or (self.moment.t == t - 1 and made == "dh")
            yield arrow((x, da_y), (x - GAP, next_y), lit, back=True)
        if t == self.T - 1 and (t, "from_next") in self.cells:
            end = x + self.width
            yield arrow((end + GAP / 2, next_y), (end, next_y), now and made == "dh", back=True)
        boxes = self.moment.terms
        if now and made == "boxes above":
            yield arrow((middle + 14, TOP), (middle + 14, TITLE_Y + 6), True, back=True)
        if now and made == "boxes below":
            low = self.bottom + BELOW - 14
            yield arrow((middle + 14, self.bottom), (middle + 14, low), True, back=True)
        if now and boxes:
            y = TITLE_Y + 18 if made == "boxes above" else self.bottom + BELOW - 18
            yield label(middle + 22, y, "to the boxes", "start", size=11)


def label(x, y, text, anchor, *, bold=False, size=None):
    """A line of words."""
    more = " font-weight='bold'" * bold + (f" font-size='{size}'" if size else "")
    return f"<text x='{x:.0f}' y='{y:.0f}' text-anchor='{anchor}'{more}>{escape(text)}</text>"


def box(x, y, width, height):
    """A quiet box."""
    return (
        f"<rect x='{x:.0f}' y='{y:.0f}' width='{width}' height='{height}' rx='6' fill='none' "
        "stroke='#808080'/>"
    )


def frame(x, y, width, height):
    """What has just been made."""
    return (
        f"<rect class='rnn-lit' x='{x:.0f}' y='{y:.1f}' width='{width}' height='{height}' rx='4' "
        "fill='#d55e00' fill-opacity='0.18' stroke='#d55e00' stroke-width='2'/>"
    )


def arrow(start, end, lit, back=False):
    """From start to end; backward ones are dashed, those that arrive now are thick."""
    colour = "#d55e00" if lit or back else "#808080"
    thick = 4 if lit else 1.5
    (a, b), (c, d) = start, end
    length = np.hypot(c - a, d - b)
    ux, uy, head = (c - a) / length, (d - b) / length, 11 if lit else 7
    ex, ey = c - ux * head, d - uy * head  # the line ends where the head begins
    left, right = ((ex - uy * s, ey + ux * s) for s in (head / 2, -head / 2))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in ((c, d), left, right))
    dashed = " stroke-dasharray='7 3'" if back else ""
    return (
        f"<path d='M{a:.1f} {b:.1f}L{ex:.1f} {ey:.1f}' stroke='{colour}' stroke-width='{thick}' "
        f"fill='none'{dashed}/>"
        f"<polygon class='{'rnn-lit' if lit else ''}' points='{points}' fill='{colour}'/>"
    )


# Words.


def names(setting, moment):
    """What is filled into words and equations."""
    t = moment.t
    return {
        "t": t + 1, "before": t, "after": t + 2,
        "reads": visible(setting.text[t]), "next": visible(setting.text[t + 1]),
        "last": ", h<sub>0</sub>; this network does not use it" if t == 0 else "",
    }  # fmt: skip


def plain(setting, moment):
    """The moment in one sentence without markup."""
    if moment.made == "start":
        return "nothing has been computed yet."
    words = WORDS[moment.made].format(**names(setting, moment))
    words = words.replace("<sub>0</sub>", "0")
    way = "forward" if moment.made in FORWARD else "back"
    return f"{way}, t = {moment.t + 1}: {words}"


def now_html(setting, moments, k, slip=None):
    """The step in words, as an equation, as code, and with its numbers."""
    moment, last = moments[k], len(moments) - 1
    if moment.made == "start":
        return (
            f"<p><b>Step 0 of {last}.</b> Nothing has been computed yet. The text is "
            f"<b>{escape(shown(setting.text))}</b>: the network reads "
            f"{escape(', '.join(map(visible, setting.text[:-1])))}, and each time the next "
            "character is the target. Press “step” or move the slider.</p>"
        )
    fill = {key: escape(str(value)) if key in ("reads", "next") else value
            for key, value in names(setting, moment).items()}  # fmt: skip
    way = "Forward" if moment.made in FORWARD else "Back"
    equation = EQUATIONS[moment.made].format(**fill)
    if moment.made == "dh" and moment.t == len(setting.inputs) - 1:
        equation = f"dh<sub>{moment.t + 1}</sub> = W<sub>hy</sub>{T} dy<sub>{moment.t + 1}</sub>"
        equation += " + 0, as nothing comes from after the end"
    code = escape(moment.code)
    code = f"{code}</code> <b>✗ the bug is here</b>" if moment.slip else f"{code}</code>"
    return (
        f"<p><b>Step {k} of {last}. {way}, t = {moment.t + 1}:</b> "
        f"{WORDS[moment.made].format(**fill)}</p><p>Equation: {equation}</p>"
        f"<p>Code: <code>{code}</p><p>{numbers(setting, moments, k, slip)}</p>"
    )


def shown(text):
    """A text with marks for what cannot be seen."""
    return "".join(map(visible, text))


def numbers(setting, moments, k, slip=None):
    """The step with its numbers; of several neurons the first one's."""
    moment, digits = moments[k], 3
    t, cells, p = moment.t, moment.cells, setting.parameters
    id, target = setting.inputs[t], setting.targets[t]
    came = escape(visible(setting.text[t + 1]))
    before = cells[t - 1, "h"] if t else setting.h0

    def n(value, sign=False):
        return number(value, digits, sign)

    def products(weights, values):
        return " + ".join(f"({w:g})({n(v)})" for w, v in zip(weights, values)).replace("-", "−")

    who = "Numbers" if len(setting.h0) == 1 else "Numbers of the first neuron"
    made = moment.made
    if made == "h":
        a = p.Wxh[0, id] + p.Whh[0] @ before + p.bh[0]
        words = (
            f"tanh({p.Wxh[0, id]:g} + {products(p.Whh[0], before)} + {p.bh[0]:g}) = "
            f"tanh({n(a)}) = {n(cells[t, 'h'][0])}".replace("-", "−").replace("+ −", "− ")
        )
    elif made == "p":
        who, chance = "Numbers", cells[t, "p"][target]
        words = f"p[{came}] = {n(chance)}, so L = −ln {n(chance)} = {n(cells[t, 'loss'])}"
    elif made == "dy":
        who, chance = "Numbers", cells[t, "p"][target]
        words = f"at {came}: {n(chance)} − 1 = {n(chance - 1)}; at the others p itself"
    elif made in FILLED:
        words = added(setting, moment, n)
    elif made == "from_y":
        dy = cells[t, "dy"]
        words = f"{products(p.Why[:, 0], dy)} = {n(cells[t, made][0], True)}"
    elif made == "dh":
        one, two = cells[t, "from_y"][0], cells[t, "from_next"][0]
        two = 0.0 if moment.slip else two
        words = f"({n(one, True)}) + ({n(two, True)}) = {n(cells[t, made][0], True)}"
    elif made == "da":
        slope = 1.0 if moment.slip else cells[t, "slope"][0]
        words = f"({n(slope)})({n(cells[t, 'dh'][0], True)}) = {n(cells[t, 'da'][0], True)}"
    else:
        weights = p.Whh[0] if moment.slip else p.Whh[:, 0]
        total = cells[t - 1, "from_next"][0]
        words = f"{products(weights, cells[t, 'da'])} = {n(total, True)}"
    if k == len(moments) - 1:
        words += f"</p><p><b>{checked(setting, moment.boxes)}</b>"
    return f"{who}: {words}"


def checked(setting, boxes):
    """The verdict of a gradient check, which knows the forward pass alone."""
    asked = setting.parameters, setting.inputs, setting.targets, setting.h0
    errors = check_gradients(*asked, gradients=boxes)
    wrong = [f"d{name}" for name, error in errors.items() if not error < 1e-7]
    if wrong:
        return f"The way back is complete. A gradient check finds wrong: {', '.join(wrong)}."
    return "The way back is complete. A gradient check finds all five boxes right."


def added(setting, moment, n):
    """What the boxes of a step collect, with one entry as an example: its product."""
    t, cells = moment.t, moment.cells
    if moment.made == "boxes above":
        came, i = escape(visible(setting.text[t + 1])), setting.targets[t]
        blame, active, box, entry = cells[t, "dy"][i], cells[t, "h"][0], "dWhy", (i, 0)
        where = f"dWhy, row {came}"
    else:
        before = cells[t - 1, "h"] if t else setting.h0
        blame, active, box, entry = cells[t, "da"][0], before[0], "dWhh", (0, 0)
        where = "dWhh"
    total = getattr(moment.boxes, box[1:])[entry]
    return (
        f"{where}: this step's part is blame times activity, ({n(blame, True)})({n(active)}) = "
        f"{n(blame * active, True)}; the box holds {n(total, True)}"
    )


# Boxes.


def boxes_html(setting, moment, right, slip=None):
    """A box for each gradient: its sum so far, and what this step adds."""
    digits, off = digits_of(setting), wrong_boxes(moment, right)
    letters = [visible(c) for c in setting.vocabulary.characters]
    neurons = [str(j + 1) for j in range(len(setting.h0))]
    heads = {  # rows and columns
        "Wxh": (neurons, letters), "Whh": (neurons, neurons), "Why": (letters, neurons),
        "bh": (neurons, None), "by": (letters, None),
    }  # fmt: skip
    parts = []
    for name, total, bad in zip(Parameters._fields, moment.boxes, off):
        lit, term = name in moment.terms, moment.terms.get(name)
        verdict = ""
        if slip:
            verdict = " ✗ wrong" if bad.any() else " ✓ right so far"
        classes = "rnn-box" + " rnn-lit" * lit + " rnn-off" * bool(bad.any())
        direction = "rnn-pair rnn-wide" if name == "Wxh" else "rnn-pair"
        parts.append(
            f"<div class='{classes}'><b>d{name}{verdict}</b><div class='{direction}'>"
            f"{table(total, *heads[name], 'sum so far', digits, bad)}"
            f"{table(term, *heads[name], 'this step adds', digits)}</div></div>"
        )
    key = "Dashed frames: numbers that differ from those without the bug." if slip else ""
    return f"<div class='rnn-key'>{key}</div><div class='rnn-boxes'>{''.join(parts)}</div>"


def table(values, rows, columns, caption, digits, bad=None):
    """A matrix, or a vector as a column; dots where nothing is added."""
    shape = (len(rows), len(columns) if columns else 1)
    head = ""
    if columns:
        across = "".join(f"<th scope='col'>{escape(c)}</th>" for c in columns)
        head = f"<thead><tr><td></td>{across}</tr></thead>"
    body = []
    for i, name in enumerate(rows):
        cells = []
        for j in range(shape[1]):
            text = "·"
            if values is not None:
                text = number(np.reshape(values, shape)[i, j], digits, sign=True)
            mark = " class='rnn-bad'" if bad is not None and bad.reshape(shape)[i, j] else ""
            cells.append(f"<td{mark}>{text}</td>")
        body.append(f"<tr><th scope='row'>{escape(name)}</th>{''.join(cells)}</tr>")
    return f"<table><caption>{caption}</caption>{head}<tbody>{''.join(body)}</tbody></table>"


def weights_html(setting):
    """The weights and the first state, to redo a step by hand."""
    letters = [visible(c) for c in setting.vocabulary.characters]
    neurons = [str(j + 1) for j in range(len(setting.h0))]
    p, box = setting.parameters, "<div class='rnn-box'>{}</div>".format
    tables = [
        box(table(p.Wxh, neurons, letters, "Wxh", 1)),
        box(table(p.Whh, neurons, neurons, "Whh", 1)),
        box(table(p.Why, letters, neurons, "Why", 1)),
        box(table(p.bh, neurons, None, "bh", 1)),
        box(table(p.by, letters, None, "by", 1)),
        box(table(setting.h0, neurons, None, "first state", 1)),
    ]
    return (
        "<details><summary>The weights and the first state, to redo a step by hand</summary>"
        f"<div class='rnn-boxes'>{''.join(tables)}</div></details>"
    )


# On paper.


def still_text(setting, moments):
    """The whole way back as a table in plain text."""
    cells, T, digits = moments[-1].cells, len(setting.inputs), digits_of(setting)

    def row(title, values):
        return f"{title:30}" + "".join(f"{value:>9}" for value in values).rstrip()

    def numbers(title, name):
        sign = name not in ("p", "loss", "h", "slope")
        values = [cells[t, name] for t in range(T)]
        if name == "p":
            values = [p[i] for p, i in zip(values, setting.targets)]
        return row(title, [number(np.ravel(v)[0], digits, sign) for v in values])

    lines = [
        f"The way back on “{shown(setting.text)}”, one neuron:",
        row("", [f"t = {t + 1}" for t in range(T)]),
        row("reads", map(visible, setting.text[:-1])),
        row("next, the target", map(visible, setting.text[1:])),
        numbers("state h", "h"),
        numbers("probability of the target", "p"),
        numbers("loss", "loss"),
        numbers("arrow from its prediction", "from_y"),
        numbers("arrow from the next state", "from_next"),
        numbers("dh, their sum", "dh"),
        numbers("slope of tanh, 1 - h^2", "slope"),
        numbers("da", "da"),
    ]
    part = [m.terms["Whh"][0, 0] for m in moments if m.made == "boxes below"][::-1]
    lines.append(row("its part of dWhh", [number(v, digits, True) for v in part]))
    total = number(moments[-1].boxes.Whh[0, 0], digits, True)
    lines.append(f"The box of dWhh holds their sum, {total}.")
    given = (number(v, digits, True) for v in (setting.h0[0], setting.parameters.Whh[0, 0]))
    lines.append("To redo it: the state before t = 1 is {}, Whh is {}.".format(*given))
    return "\n".join(lines)
