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
from rnn_helpers.widgets.html import CSS, page_html, problem_html, style_html
from rnn_helpers.widgets.model_widget import wide

LANGUAGES = {one.name: one for one in (EVEN_RUNS, REBER, BRACKETS(3), MESS3)}
STEPS = 3000
LOOK_AT = sorted({0, 10, 20, 40, 70, 100, 150, *range(200, 1000, 100), *range(1000, 3001, 200)})
SHOWN = 300  # characters whose states are drawn; the first ones can be followed
FOLLOWED = 120
INK = "currentColor"  # dark in a light page, light in a dark one
COLOURS = [BLUE, ORANGE, GREEN, PINK, INK, "#56b4e9", "#b07d00"]
WIDTH, HEIGHT = 760, 340
# A picture on the ground of the page, with letters in the page's own colour.
PICTURE = """
.{0} svg {{color: var(--jp-content-font-color1, #1b1f24); max-width: 100%; height: auto;
  display: block}}
.{0} .rnn-name {{stroke: var(--jp-layout-color0, #fff); stroke-width: 4; paint-order: stroke}}
"""
LOSS_BOX, PLANE_BOX = (64, 34, 330, 250), (430, 34, 300, 250)  # left, top, width, height


def watch_clusters(languages=None, *, hidden_size=8, seed=0):
    """Train a network on a language, and see its loss come down and its states part.

    Afterwards one slider goes back in time, and another follows a text through the states.

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


class WatchClusters(W.VBox):
    """Choices and a button above, the picture and the text below, two sliders between."""

    name = "Watch the clusters form"
    css = """
.rnn-step {display: inline-block; min-width: 1.1em; text-align: center; line-height: 1.1;
  margin-bottom: 0.3em; white-space: pre}
.rnn-step i {display: block; font-size: 0.75em; font-style: normal}
.rnn-here {outline: 2px solid currentColor}
"""
    css += PICTURE.format("rnn-clusters")

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
        self.languages, self.lesson, self.trained = languages, None, 0
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
        self.problem, self.picture, self.text, self.style = (W.HTML() for _ in range(4))
        self.picture.add_class("rnn-clusters")
        self.style.value = style_html(CSS + self.css)
        for control in (self.language, self.neurons, self.seed):
            control.observe(self.forget, names="value")
        controls = [self.language, self.neurons, self.seed, self.button]
        super().__init__(
            [*controls, self.problem, self.style, self.picture, self.sliders, self.text]
        )
        self.forget()

    def __repr__(self):
        return f"{self.name}: run this cell in JupyterLab to use it."

    def forget(self, change=None):
        """Another language or network: nothing has been learnt yet."""
        chosen = self.languages[self.language.value]
        self.lesson = Lesson(chosen, self.neurons.value, self.seed.value)
        self.sliders.children, self.text.value, self.problem.value = (), "", ""
        self.picture.value = picture_svg(self.lesson)

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
        self.picture.value = picture_svg(self.lesson, len(self.lesson.steps) - 1)

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
        # A style that is put into the page anew runs its script, which names the new sliders.
        self.trained += 1
        self.style.value = style_html(f"{CSS}{self.css}/* {self.trained} */")

    def show(self, change=None):
        """The picture and the text at the sliders."""
        k, t = self.step.value, self.place.value - 1
        self.picture.value = picture_svg(self.lesson, k, t)
        self.text.value = text_html(self.lesson, k, t)


def picture_svg(lesson, k=None, t=None):
    """The loss so far at the left, and at the right the states at look k, with the way to t."""
    parts = [*loss_panel(lesson, k), *plane_panel(lesson, k, t)]
    words = f"Training on {lesson.language.name}: "
    words += "nothing is learnt yet" if k is None else (
        f"after step {lesson.steps[k]:,} a text costs {lesson.bits[k]:.3f} bits per character, "
        f"at best {lesson.at_best:.3f}"
    )  # fmt: skip
    return (
        f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' role='img' "
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
    yield line([(left, floor), (left + width, floor)], INK, 1.2, "5 4")
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
        "states of the two neurons" if H == 2 else f"states of {H} neurons, from their best side"
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
        here = lesson.states == s
        yield from (mark(a, b, s) for a, b in zip(px[here], py[here]))
    for s, name in enumerate(lesson.language.states):
        here = lesson.states == s
        if here.any():
            a, b = px[here].mean(), py[here].mean()
            yield (
                f"<text x='{a + 12:.1f}' y='{b - 8:.1f}' font-weight='bold' fill='{INK}' "
                f"class='rnn-name'>{state_name(name)}</text>"
            )
    if t is not None:
        begin = max(t - 6, 0)
        way = list(zip(px[begin : t + 1], py[begin : t + 1]))
        for i, pair in enumerate(zip(way, way[1:]), 1):
            yield line(pair, INK, 0.5 + 2 * i / len(way))
        yield f"<circle cx='{px[t]:.1f}' cy='{py[t]:.1f}' r='9' fill='none' stroke='{INK}' "
        yield "stroke-width='2.5'/>"


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


def words(x, y, text, anchor):
    """A line of words."""
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'"
    return f"<text {place} fill='{INK}'>{escape(text)}</text>"


def state_name(name):
    """A state in short: a pair such as ("(", "close") as its parts without quotation marks."""
    return escape(" ".join(map(str, name)) if isinstance(name, tuple) else str(name))


def text_html(lesson, k, t):
    """The text to follow, each character above the state in which it leaves the language."""
    names = [state_name(state) for state in lesson.language.states]
    cells = "".join(
        f"<span class='rnn-step{' rnn-here' * (i == t)}'>{escape(character)}"
        f"<i>{names[lesson.states[i]].split()[-1][:2]}</i></span>"
        for i, character in enumerate(lesson.text[:FOLLOWED])
    )
    points, states = lesson.hidden[k], lesson.states
    here = sorted(set(states))
    centres = np.array([points[states == s].mean(axis=0) for s in here])
    nearest = here[((centres - points[t]) ** 2).sum(axis=1).argmin()]
    verdict = (
        f"After character {t + 1}, <b>{escape(lesson.text[t])}</b>, the language is "
        f"{'most likely ' * (not lesson.language.unifilar)}in state {names[states[t]]}; the state "
        f"of the network is nearest to those of state {names[nearest]}."
    )
    return f"<div class='rnn-key'>{verdict}</div>{page_html(cells)}"
