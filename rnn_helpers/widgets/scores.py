"""Scores to surprise: drag the scores, see what they cost, and follow the advice."""

from html import escape

import ipywidgets as W
import numpy as np

from rnn_helpers.advice import advise, descend
from rnn_helpers.plots import visible
from rnn_helpers.widgets.model_widget import StoredInFull, wide
from rnn_helpers.widgets.steps_picture import arrow, label, number
from rnn_helpers.widgets.touch import Bars, described, over
from rnn_helpers.widgets.turns import in_turn

LOW, HIGH, FEWEST, MOST = -6, 6, 2, 6
KEPT = 9  # steps whose surprise is shown
# Places in the picture, in pixels.
LABELS, WIDTH, NAMES_Y, TOP, UNIT = 138, 92, 16, 48, 15
BOTTOM = TOP + (HIGH - LOW) * UNIT
P_TOP, P_HEIGHT = BOTTOM + 44, 120
P_BOTTOM = P_TOP + P_HEIGHT
SIZE_Y = P_BOTTOM + 48


def scores_to_surprise(characters="abc", *, scores=(2, 1, 0), target="c"):
    """Drag the scores of a few characters; see probabilities, surprise, and p − onehot.

    Parameters
    ----------
    characters : str
        Two to six different characters.
    scores : sequence of float
        A score for each, from -6 to 6.
    target : str
        The character that came.
    """
    return ScoresToSurprise(characters, scores, target)


class ScoresToSurprise(StoredInFull):
    """Bars to drag, above them the choices, below what follows, in a picture and in words."""

    name = "Scores to surprise"

    def __init__(self, characters, scores, target):
        check(characters, scores, target)
        self.characters, self.first = characters, ([float(y) for y in scores], target)
        self.trail = []
        names = [visible(c) for c in characters]
        self.target = W.Dropdown(
            options=list(zip(names, range(len(names)))), value=characters.index(target),
            description="what came", **wide("14em"),
        )  # fmt: skip
        self.step = W.Button(description="take a step along the advice", layout=auto())
        self.up = W.Button(description="all scores +1", layout=auto())
        self.down = W.Button(description="all scores −1", layout=auto())
        self.again = W.Button(description="start again", layout=auto())
        self.bars = Bars(
            [f"score of {name}" for name in names], scores, self.start,
            low=LOW, high=HIGH, step=0.25, width=WIDTH, height=BOTTOM - TOP, label="scores",
        )  # fmt: skip
        self.picture, self.history, self.said = W.HTML(), W.HTML(), W.HTML()
        self.said.add_class("rnn-said")
        self.target.observe(self.start, names="value")
        self.step.on_click(lambda _: self.follow())
        self.up.on_click(lambda _: self.lift(1))
        self.down.on_click(lambda _: self.lift(-1))
        self.again.on_click(lambda _: self.reset())
        layers = over(self.bars, self.picture, left=LABELS, top=TOP, below=SIZE_Y - BOTTOM)
        flow = W.Layout(flex_flow="row wrap")
        super().__init__([
            W.HBox([self.target, self.step, self.up, self.down, self.again], layout=flow),
            W.HBox([layers, self.history], layout=flow), self.said,
        ])  # fmt: skip
        self.add_class("rnn-keys")
        self.add_class("rnn-touched")
        self.start()

    @in_turn
    def start(self, change=None):
        """A reader has moved a score or chosen what came: a new trail begins."""
        self.trail = []
        self.draw()

    @in_turn
    def follow(self):
        """One step of size 1 along the advice."""
        scores = np.array(self.bars.values) - self.advice.gradient
        self.bars.values = scores - max(scores.max() - HIGH, 0)  # only differences count
        self.draw()

    @in_turn
    def lift(self, by):
        """Move all scores together, while all of them stay in the picture."""
        moved = [y + by for y in self.bars.values]
        if LOW <= min(moved) and max(moved) <= HIGH:
            self.bars.values = moved
            self.start()

    @in_turn
    def reset(self):
        """The scores and the target of the beginning."""
        self.bars.values, target = self.first
        self.target.value = self.characters.index(target)
        self.start()

    def draw(self):
        """Show what follows from the scores."""
        scores, target = self.bars.values, self.target.value
        self.advice = advise(scores, target)
        self.trail = [*self.trail, self.advice.surprise]
        self.picture.value = picture_svg(self.characters, scores, target, self.advice)
        self.history.value = history_svg(self.trail)
        self.said.value = said_html(self.characters, target, self.advice, self.trail)

    def still_twin(self):
        """The scores of the beginning: see `still_text`."""
        scores, target = self.first
        return still_text(self.characters, scores, self.characters.index(target))


def auto():
    """The layout of a button as wide as its words."""
    return W.Layout(width="auto")


def check(characters, scores, target):
    """Raise ValueError if arguments do not fit together."""
    if not FEWEST <= len(characters) <= MOST or len(set(characters)) < len(characters):
        raise ValueError(f"give {FEWEST} to {MOST} different characters, not {characters!r}")
    if len(scores) != len(characters):
        raise ValueError(
            f"{len(characters)} characters need as many scores, not {len(scores)}: one for each"
        )
    outside = [y for y in scores if not LOW <= y <= HIGH]
    if outside:
        raise ValueError(f"scores must be from {LOW} to {HIGH}, not {outside[0]}")
    if len(target) != 1 or target not in characters:
        raise ValueError(f"the target must be one of {characters!r}, not {target!r}")


# The picture.


def centre(i):
    """The middle of a column."""
    return LABELS + (i + 0.5) * WIDTH


def picture_svg(characters, scores, target, advice):
    """What lies over the bars (arrows), and the probabilities below them."""
    width = LABELS + len(characters) * WIDTH
    parts = [*axis_of_scores(width), *axis_of_p(width)]
    for i, character in enumerate(characters):
        parts += column(i, character, scores[i], i == target, advice)
    words = f"scores and probabilities: {plain(characters, target, advice)}"
    return described("".join(parts), width, SIZE_Y, words)


def axis_of_scores(width):
    """Names of the rows, and the numbers beside the bars."""
    yield label(0, NAMES_Y + 20, "score y", "start")
    yield label(0, NAMES_Y + 38, "arrow: the advice", "start", size=11)
    yield label(0, score_y(0) + 4, "drag the bars", "start", size=11)
    for y in (-5, 0, 5):
        yield label(LABELS - 8, score_y(y) + 4, number(y, 0), "end", size=11)


def axis_of_p(width):
    """The lines at 0 and 1, and names of the rows."""
    yield label(0, P_TOP - 18, "probability p", "start")
    yield label(0, P_TOP + 4, "arrow: to 1 or to 0", "start", size=11)
    for p in (0, 1):
        y = P_BOTTOM - p * P_HEIGHT
        yield f"<path class='rnn-line' d='M{LABELS} {y}H{width}' stroke-dasharray='{3 * p} 3'/>"
        yield label(LABELS - 8, y + 4, f"{p}", "end", size=11)
    yield label(0, P_BOTTOM + 20, "p − onehot", "start")
    yield label(0, P_BOTTOM + 38, "so the score should", "start", size=11)


def score_y(y):
    """How far down a score stands."""
    return TOP + (HIGH - y) * UNIT


def column(i, character, score, came, advice):
    """One character: its numbers, its advice, and its probability with the way to the truth."""
    x, p, gradient = centre(i), advice.p[i], advice.gradient[i]
    name = f"{visible(character)} came" if came else visible(character)
    yield label(x, NAMES_Y, name, "middle", bold=came, size=15)
    yield label(x, NAMES_Y + 20, number(score, 2), "middle")
    yield from way(x + 0.4 * WIDTH, score_y(score), score_y(score - gradient), came)
    yield label(x, P_TOP - 18, number(p, 3), "middle", bold=came)
    half, top = 0.3 * WIDTH, P_BOTTOM - p * P_HEIGHT
    yield (
        f"<rect x='{x - half:.1f}' y='{top:.1f}' width='{2 * half:.1f}' "
        f"height='{P_BOTTOM - top:.1f}' fill='#0072b2'/>"
    )
    if came:
        yield (
            f"<rect class='rnn-line' x='{x - half:.1f}' y='{P_TOP}' width='{2 * half:.1f}' "
            f"height='{P_HEIGHT}' stroke-width='2'/>"
        )
    yield from way(x + 0.4 * WIDTH, top, P_TOP if came else P_BOTTOM, came)
    yield label(x, P_BOTTOM + 20, number(gradient, 3, sign=True), "middle", bold=came)
    yield label(x, P_BOTTOM + 38, direction(gradient), "middle", size=11)


def way(x, start, end, came):
    """An arrow up or down, thick for the character that came; none where it could not be seen."""
    if abs(end - start) > 1:
        yield arrow((x, start), (x, end), came and abs(end - start) > 12)


def direction(gradient):
    """What the advice is for one score, in a word."""
    if abs(gradient) < 0.0005:
        return "stay"
    return "fall" if gradient > 0 else "rise"


def history_svg(trail):
    """The surprise before and after each step along the advice, as bars."""
    each, base, width = 30, P_BOTTOM, 30 * KEPT + 60
    first = max(len(trail) - KEPT, 0)
    unit = (P_BOTTOM - TOP) / (HIGH - LOW + 2)  # the largest surprise there can be, and a bit
    parts = [
        label(36, NAMES_Y + 20, "surprise in nats, step by step", "start"),
        f"<path class='rnn-line' d='M36 {base}H{width - 10}'/>",
    ]
    for nats in range(0, HIGH - LOW + 1, 4):
        parts.append(label(28, base - nats * unit + 4, f"{nats}", "end", size=11))
    for k, nats in enumerate(trail[first:]):
        x, high = 40 + k * each, nats * unit
        parts.append(
            f"<rect x='{x}' y='{base - high:.1f}' width='{each - 8}' height='{high:.1f}' "
            "fill='#0072b2'/>"
        )
        last = first + k == len(trail) - 1
        middle = x + (each - 8) / 2
        parts.append(label(middle, base - high - 6, number(nats, 2), "middle", bold=last, size=11))
        parts.append(label(middle, base + 18, f"{first + k}", "middle", size=11))
    parts.append(label(36, base + 38, "steps along the advice", "start", size=11))
    words = ", ".join(number(nats, 2) for nats in trail[first:])
    return described("".join(parts), width, SIZE_Y, f"surprise in nats, step by step: {words}")


# Words.


def plain(characters, target, advice):
    """The prediction in a sentence without markup."""
    each = ", ".join(f"{visible(c)} {p:.3f}" for c, p in zip(characters, advice.p))
    return f"probabilities {each}; {visible(characters[target])} came"


def said_html(characters, target, advice, trail):
    """The surprise as a sum that can be redone, and the advice in words."""
    name = escape(visible(characters[target]))
    p = np.format_float_positional(advice.p[target], precision=4, fractional=False, trim="-")
    moves = [
        f"{escape(visible(c))} {direction(g)} by {abs(g):.3f}"
        for c, g in zip(characters, advice.gradient) if direction(g) != "stay"
    ]  # fmt: skip
    advised = f"Advice: let {', '.join(moves)}; together that is zero." if moves else (
        "Advice: let every score stay; there is nothing left to learn here."
    )  # fmt: skip
    steps = len(trail) - 1
    fallen = (
        f"<p>After {steps} step{'s' * (steps > 1)} the surprise has gone from "
        f"{number(trail[0], 2)} to {number(trail[-1], 2)} nats.</p>"
        if steps else ""
    )  # fmt: skip
    return (
        f"<p><b>{name}</b> came. It had the probability {p}, so the surprise is "
        f"−ln {p} = <b>{number(advice.surprise, 2)} nats</b>, or "
        f"{number(advice.surprise / np.log(2), 2)} bits.</p><p>{advised}</p>{fallen}"
    )


def still_text(characters, scores, target):
    """The first picture and six steps along the advice, as plain text."""
    advice = advise(scores, target)
    lines = [f"{'':12}{'score':>8}{'probability':>13}{'p − onehot':>12}   so the score should"]
    for i, (character, y, p, g) in enumerate(zip(characters, scores, advice.p, advice.gradient)):
        name = visible(character) + (", came" if i == target else "")
        bar = "█" * round(20 * p)
        lines.append(
            f"{name:12}{number(y, 2):>8}{p:>13.3f}{number(g, 3, True):>12}   "
            f"{direction(g)}   {bar}".rstrip()
        )
    nats, bits = advice.surprise, advice.surprise / np.log(2)
    trail = "  ".join(number(nats, 2) for nats in descend(scores, target, 6))
    lines += [
        f"surprise: −ln {advice.p[target]:.3f} = {nats:.2f} nats, or {bits:.2f} bits",
        f"surprise before and after each of six steps along the advice:\n  {trail}",
    ]
    return "\n".join(lines)
