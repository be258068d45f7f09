"""Watch the clusters form: a small network learns a language whose entropy is known."""

from html import escape

import ipywidgets as W
import numpy as np

from rnn_helpers.adam import Adam
from rnn_helpers.encoding import Vocabulary, streams
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.languages import BRACKETS, EVEN_RUNS, MESS3, REBER
from rnn_helpers.plots import BLUE, GREEN, GREY, ORANGE, PINK
from rnn_helpers.reading import trace
from rnn_helpers.training import TrainingInterrupted, train
from rnn_helpers.widgets.html import mark_html, page_html, problem_html, walk_attributes
from rnn_helpers.widgets.model_widget import PickWidget, StoredInFull, wide
from rnn_helpers.widgets.turns import in_turn

LANGUAGES = {one.name: one for one in (EVEN_RUNS, REBER, BRACKETS(3), MESS3)}
STEPS = 3000
LOOK_AT = sorted({0, 10, 20, 40, 70, 100, 150, *range(200, 1000, 100), *range(1000, 3001, 200)})
SHOWN = 300  # characters whose states are drawn; the first ones can be followed
FOLLOWED = 120
COLOURS = [BLUE, ORANGE, GREEN, PINK, "currentColor", "#56b4e9", "#b07d00"]
LOSS_BOX, PLANE_BOX = (24, 34, 330, 250), (6, 34, 330, 250)  # left, top, width, height
LOSS_SIZE, PLANE_SIZE = (378, 330), (342, 290)
CSS = """
.rnn-states {color: var(--jp-content-font-color1, #1b1f24)}
.rnn-states svg {max-width: 100%; height: auto; display: block}
.rnn-states svg text {fill: currentColor}
.rnn-states svg .rnn-name {font-weight: bold; stroke: var(--jp-layout-color0, #fff);
  stroke-width: 4; paint-order: stroke}
.rnn-two {display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0 1.5em}
"""


def watch_clusters(languages=None, *, hidden_size=8, seed=0):
    """Train a network on a language, and see its loss come down and its states part.

    Afterwards one slider goes back in time, and another follows a text through the states, as
    do a click on a character and the arrow keys in the text.

    Parameters
    ----------
    languages : Language, or dict of them by name, optional
        At most seven states each. By default four of `rnn_helpers.languages`.
    hidden_size, seed : int
        What the controls show first.
    """
    return WatchClusters(languages, hidden_size, seed)


class Lesson:
    """A network that learns a language, with what is looked at on the way.

    `steps`, `bits` and `hidden` grow while it learns: after which step, what a text that it does
    not learn costs in bits per character, and its states (SHOWN, H) along this text.
    """

    def __init__(self, language, hidden_size, seed):
        self.language, rng = language, np.random.default_rng(seed)
        self.vocabulary = Vocabulary(language.characters)
        learnt, _ = language.sample(100_000, rng)
        self.ids = streams(self.vocabulary.encode(learnt), 16)
        self.text, _ = language.sample(4000, np.random.default_rng(10_000 + seed))
        self.at_best = float(language.surprise(self.text)[1:].mean())
        # The state in which the language is, or seems most likely to be.
        self.states = language.beliefs(self.text[:SHOWN]).argmax(axis=1)
        self.parameters = init_parameters(len(self.vocabulary), hidden_size, rng, scale=0.1)
        self.optimizer, self.rng = Adam(self.parameters, 0.01), rng
        self.steps, self.bits, self.hidden = [], [], []

    def look(self, step):
        """Note where it stands."""
        reading = trace(self.parameters, self.vocabulary, self.text)
        self.steps.append(step)
        self.bits.append(float(reading.bits[1:].mean()))
        self.hidden.append(reading.hidden[:SHOWN])

    def learn(self, show):
        """Learn; `show` is called each time after it was looked at."""

        def callback(run):
            self.optimizer.learning_rate = 0.01 * (1 - run.step / STEPS)
            if run.step in LOOK_AT:
                self.look(run.step)
                show()

        self.look(0)
        show()
        train(
            self.parameters, self.ids, self.optimizer, STEPS, self.rng, length=20, clip=1.0,
            clip_by="norm", callback=callback, progress=False,
        )  # fmt: skip

    def plane(self, k):
        """The states at look k, along the two directions in which the last ones vary most."""
        last = self.hidden[-1]
        if last.shape[1] == 2:
            return self.hidden[k]
        centred = last - last.mean(axis=0)
        _, directions = np.linalg.eigh(centred.T @ centred)
        best = directions[:, :-3:-1]
        best = best * np.sign(best[np.abs(best).argmax(axis=0), [0, 1]])
        return (self.hidden[k] - last.mean(axis=0)) @ best


class WatchClusters(StoredInFull, PickWidget):
    """Choices and a button above, the pictures and the text below, two sliders between."""

    name = "Watch the clusters form"
    css = f"""{CSS}
.rnn-step {{display: inline-block; min-width: 1.1em; text-align: center; line-height: 1.1;
  margin-bottom: 0.3em; white-space: pre}}
.rnn-step i {{display: block; font-size: 0.75em; font-style: normal; color: inherit}}
.rnn-step:hover {{outline: 2px solid #0072b2}}
.rnn-followed {{min-height: 3em; max-width: 60em}}
"""

    def __init__(self, languages, hidden_size, seed):
        if languages is None:
            languages = LANGUAGES
        elif not isinstance(languages, dict):
            languages = {languages.name: languages}
        for name, one in languages.items():
            if len(one.states) > len(COLOURS):
                raise ValueError(
                    f"{name} has {len(one.states)} states; at most {len(COLOURS)} can be told "
                    "apart in the picture"
                )
        self.languages, self.lesson = languages, None
        self.language = W.Dropdown(options=list(languages), description="language", **wide("26em"))
        self.neurons = W.IntSlider(
            value=hidden_size, min=2, max=32, description="neurons", **wide("30em")
        )
        self.seed = W.BoundedIntText(
            value=seed, min=0, max=9999, description="seed", **wide("14em")
        )
        self.button = W.Button(description="Train", tooltip="Train a network; takes seconds")
        self.button.on_click(self.train)
        self.step, self.place, self.sliders = None, None, W.VBox()
        self.problem, self.picture, self.said, self.text, self.marker = (
            W.HTML() for _ in range(5)
        )
        self.picture.add_class("rnn-states")
        for name in ("rnn-said", "rnn-followed"):
            self.said.add_class(name)
        for control in (self.language, self.neurons, self.seed):
            control.observe(self.forget, names="value")
        controls = [self.language, self.neurons, self.seed, self.button]
        views = [self.picture, self.sliders, self.said, self.text, self.marker]
        super().__init__([*controls, self.problem, self.ready(), *views])
        self.forget()

    def still_twin(self):
        """What the texts of the languages cost at best, and how the first one begins."""
        return still_text(self.languages, self.seed.value)

    @in_turn
    def forget(self, change=None):
        """Another language or network: nothing has been learnt yet."""
        chosen = self.languages[self.language.value]
        self.lesson = Lesson(chosen, self.neurons.value, self.seed.value)
        self.sliders.children = ()
        self.said.value = self.text.value = self.marker.value = self.problem.value = ""
        self.picture.value = picture_html(self.lesson)

    @in_turn
    def train(self, button=None):
        """Train a new network, and show it while it learns."""
        self.forget()
        self.button.disabled = True
        try:
            self.lesson.learn(self.draw)
        except TrainingInterrupted as stopped:
            message = f"training was stopped after step {stopped.run.step:,}"
            self.problem.value = problem_html(ValueError(message))
        finally:
            self.button.disabled = False
        self.put_sliders()
        self.show()

    def draw(self):
        """The picture while it learns."""
        self.picture.value = picture_html(self.lesson, len(self.lesson.steps) - 1)

    def put_sliders(self):
        """One slider over the steps of the training, and one over the characters of the text."""
        steps = [(f"{step:,}", k) for k, step in enumerate(self.lesson.steps)]
        self.step = W.SelectionSlider(
            options=steps, value=len(steps) - 1, description="training step",
            continuous_update=True, **wide("44em"),
        )  # fmt: skip
        self.place = W.IntSlider(
            value=1, min=1, max=FOLLOWED, description="character", **wide("44em")
        )
        for slider in (self.step, self.place):
            slider.observe(self.show, names="value")
        self.sliders.children = [self.step, self.place]
        self.text.value = text_html(self.lesson)

    def pick(self, name, row, i):
        """Go to the character that was clicked, or to which an arrow key in the text led."""
        self.place.value = i + 1

    @in_turn
    def show(self, change=None):
        """What belongs to the step and the character at the sliders."""
        k, t = self.step.value, self.place.value - 1
        self.picture.value = picture_html(self.lesson, k, t)
        self.said.value = where_html(self.lesson, k, t)
        self.marker.value = mark_html(self.place_in_page, "text", 0, t)


def picture_html(lesson, k=None, t=None):
    """The loss so far, and beside it the states at look k, with the way to character t."""
    words = f"Training on {lesson.language.name}: "
    words += "nothing is learnt yet" if k is None else (
        f"after step {lesson.steps[k]:,} a text costs {lesson.bits[k]:.3f} bits per character, "
        f"at best {lesson.at_best:.3f}"
    )  # fmt: skip
    loss = svg(loss_panel(lesson, k), LOSS_SIZE, words)
    return f"<div class='rnn-two'>{loss}{plane_svg(lesson, k, t)}</div>"


def plane_svg(lesson, k, t):
    """The states at look k, with the way to character t."""
    words = "The states of the network"
    if t is not None:
        words += f", and the way to character {t + 1}, in state {state_after(lesson, t)}"
    return svg(plane_panel(lesson, k, t), PLANE_SIZE, words)


def svg(parts, size, words):
    """A picture of this size in pixels, with words for those who do not see it."""
    width, height = size
    return (
        f"<svg viewBox='0 0 {width} {height}' width='{width}' role='img' "
        f"aria-label='{escape(words, quote=True)}' font-family='sans-serif' font-size='13'>"
        f"{''.join(parts)}</svg>"
    )


def loss_panel(lesson, k):
    """Bits per character against steps, and the line that no network gets below."""
    left, top, width, height = LOSS_BOX
    most = max([np.log2(len(lesson.vocabulary)), *lesson.bits]) * 1.05

    def x(step):
        return left + width * (step / STEPS) ** 0.5  # the start is where most happens

    def y(bits):
        return top + height * (1 - bits / most)

    yield words(left, top - 14, "what an unseen text costs, bits per character", "start")
    yield line([(left, top), (left, top + height), (left + width, top + height)], GREY, 1)
    for bits in range(int(most) + 1):
        yield words(left - 8, y(bits) + 4, str(bits), "end")
    for step in (0, 100, 500, 1000, 2000, 3000):
        yield words(x(step), top + height + 18, f"{step:,}", "middle")
    yield words(left + width / 2, top + height + 38, "training step", "middle")
    floor = y(lesson.at_best)
    yield line([(left, floor), (left + width, floor)], "currentColor", 1.2, "5 4")
    yield words(left + width, floor + 17, f"at best {lesson.at_best:.3f}", "end")
    if lesson.bits:
        points = [(x(step), y(bits)) for step, bits in zip(lesson.steps, lesson.bits)]
        yield line(points, BLUE, 2.2)
        px, py = points[k]
        yield f"<circle cx='{px:.1f}' cy='{py:.1f}' r='5' fill='{BLUE}'/>"
        side = "end" if lesson.steps[k] > 600 else "start"
        yield words(px + (-4 if side == "end" else 9), py - 9, f"{lesson.bits[k]:.3f}", side)


def plane_panel(lesson, k, t):
    """The states at look k as points, by the state of the language, and the last moves to t."""
    left, top, width, height = PLANE_BOX
    H = lesson.parameters.Whh.shape[0]
    title = (
        "states of the two neurons" if H == 2 else f"states of {H} neurons, where they vary most"
    )
    yield words(left, top - 14, title, "start")
    yield (
        f"<rect x='{left}' y='{top}' width='{width}' height='{height}' fill='none' "
        f"stroke='{GREY}'/>"
    )
    if k is None:
        yield words(left + width / 2, top + height / 2, "press Train", "middle")
        return
    points = lesson.plane(k)
    reach = 1.15 * max(np.abs(lesson.plane(len(lesson.hidden) - 1)).max(), 0.1)
    px = left + width * (0.5 + np.clip(points[:, 0] / reach, -1, 1) / 2)
    py = top + height * (0.5 - np.clip(points[:, 1] / reach, -1, 1) / 2)
    for s in range(len(lesson.language.states)):
        here = np.flatnonzero(lesson.states[:SHOWN] == s)
        yield from (mark(px[i], py[i], s) for i in here)
    for s, name in enumerate(lesson.language.states):
        here = np.flatnonzero(lesson.states == s)
        if len(here):  # the name stands beside the point that is nearest to the centre
            x, y = px[here], py[here]
            beside = here[((x - x.mean()) ** 2 + (y - y.mean()) ** 2).argmin()]
            a, b = px[beside], py[beside]
            side = "end" if a > left + 0.75 * width else "start"
            a += -12 if side == "end" else 12
            yield words(a, b - 8, state_name(name), side, "rnn-name")
    if t is not None:
        begin = max(t - 6, 0)
        way = list(zip(px[begin : t + 1], py[begin : t + 1]))
        for i, pair in enumerate(zip(way, way[1:]), 1):
            yield line(pair, "currentColor", 0.5 + 2 * i / len(way))
        yield f"<circle cx='{px[t]:.1f}' cy='{py[t]:.1f}' r='9' fill='none' "
        yield "stroke='currentColor' stroke-width='2.5'/>"


def mark(x, y, s):
    """A point of state s: each state has a shape and a colour."""
    colour = COLOURS[s]
    r = 4
    shapes = [
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{r}'",
        f"<rect x='{x - r:.1f}' y='{y - r:.1f}' width='{2 * r}' height='{2 * r}'",
        polygon(x, y, [(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)]),
        polygon(x, y, [(0, -5), (5, 4), (-5, 4)]),
        polygon(x, y, [(0, 5), (5, -4), (-5, -4)]),
        polygon(x, y, [(-5, -2), (5, -2), (5, 2), (-5, 2)]),
        polygon(x, y, [(-2, -5), (2, -5), (2, 5), (-2, 5)]),
    ]
    return f"{shapes[s]} fill='{colour}' fill-opacity='0.6'/>"


def polygon(x, y, corners):
    """The beginning of a polygon around (x, y)."""
    return f"<polygon points='{' '.join(f'{x + a:.1f},{y + b:.1f}' for a, b in corners)}'"


def line(points, colour, thick, dash=None):
    """A line through points."""
    at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f" stroke-dasharray='{dash}'" if dash else ""
    return (
        f"<polyline points='{at}' fill='none' stroke='{colour}' stroke-width='{thick:.1f}'"
        f"{dashed}/>"
    )


def words(x, y, text, anchor, kind=""):
    """A line of words."""
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' class='{kind}'"
    return f"<text {place}>{escape(text)}</text>"


def state_name(name):
    """A state in short: a pair such as ("(", "close") as its parts without quotation marks."""
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def state_after(lesson, t):
    """The state in which the language is, or most likely is, after character t."""
    return state_name(lesson.language.states[lesson.states[t]])


def nearest_state(lesson, k, t):
    """The state whose points have their centre nearest to the network's state, at look k."""
    points, here = lesson.hidden[k], np.unique(lesson.states)
    centres = np.array([points[lesson.states == s].mean(axis=0) for s in here])
    nearest = here[((centres - points[t]) ** 2).sum(axis=1).argmin()]
    return state_name(lesson.language.states[nearest])


def where_html(lesson, k, t):
    """Where the language and the network are after character t, at look k."""
    return (
        f"After character {t + 1}, <b>{escape(lesson.text[t])}</b>, the language is "
        f"{'most likely ' * (not lesson.language.unifilar)}in state "
        f"{escape(state_after(lesson, t))}; the state of the network is nearest to those of "
        f"state {escape(nearest_state(lesson, k, t))}."
    )


def text_html(lesson):
    """The text to follow, each character above the state in which it leaves the language."""
    cells = "".join(
        f"<span class='rnn-step' data-i='{i}'>{escape(character)}"
        f"<i>{escape(state_after(lesson, i).split()[-1][:2])}</i></span>"
        for i, character in enumerate(lesson.text[:FOLLOWED])
    )
    words = "the text; arrow keys choose a character"
    return page_html(cells, walk_attributes("text", words, 1, FOLLOWED))


def still_text(languages, seed):
    """What unseen texts cost at best, and how the first one begins, as plain text."""
    lessons = [Lesson(one, 2, seed) for one in languages.values()]
    lines = [f"{'language':26}states    bits per character of a text, at best"]
    lines += [
        f"{name:26}{len(lesson.language.states):6}    {lesson.at_best:.3f}"
        for name, lesson in zip(languages, lessons)
    ]
    first, n = lessons[0], 60
    states = "".join(f"{state_after(first, i).split()[-1][:1]}" for i in range(n))
    return "\n".join([*lines, "", f"{first.language.name}:", first.text[:n], states])
