"""Things to touch (ipywidgets): faces around the functions of `rnn_helpers.reading`.

Everything works with mouse and keyboard, and says in the page what is wrong with its
input. `live_training` is a picture that grows while a network learns.
"""

import itertools
import textwrap
import time
import warnings
from html import escape

import ipywidgets as W
import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import display

from rnn_helpers.checkpoints import MODELS, load_model
from rnn_helpers.plots import BLUE, GREY, end_label, visible
from rnn_helpers.reading import FEATURES, explore, following, read, yardsticks
from rnn_helpers.sampling import sample
from rnn_helpers.training import Run, train

LONGEST = 10_000  # characters that a widget shows

PASSAGES = {  # what a widget begins with, for the models that come with the series
    "story": """"I never said that," said the ferryman.

Nobody answered him. The bell rang twice, and the bird on the rail
looked at the water. "Goose," it said.

"Perhaps," said Hanne, and she laughed. "Now, who is next?"
""",
    "tale_of_two_cities": """“I never said that,” returned the gentleman, with a bow.

The carriage stood before the door, and the rain fell upon the stones
of the street. “Then who,” cried Miss Pross, “who will go with her to
Paris?”

Nobody answered.
""",
}

# ipywidgets gives the handle of a slider no name that a screen reader could say, and cannot
# scroll. Two lines of JavaScript do, each time the style that holds them is put into the page.
NAME_SLIDERS = (
    "for (const wait of [100, 500, 2000]) setTimeout(() => "
    "document.querySelectorAll('.widget-slider .noUi-handle').forEach(h => "
    "h.setAttribute('aria-label', h.closest('.widget-slider').querySelector('label').textContent)"
    "), wait)"
)
SCROLL = (
    "const e = document.querySelector('PLACE'), p = e?.closest('.rnn-page');"
    "if (e) {const y = e.getBoundingClientRect().top - p.getBoundingClientRect().top;"
    "if (y < 0 || y > p.clientHeight - 40) p.scrollTop += y - p.clientHeight / 2}"
)

# Lightness, line and number say the same as the colour, in light and in dark pages.
STYLE = """<style onload="NAME_SLIDERS">
.rnn-page {background: #fff; color: #1b1f24; font-family: monospace; line-height: 1.7;
  padding: 0.4em 0.6em; border: 1px solid #d1d5db; max-height: 24em; overflow-y: auto;
  white-space: pre-wrap; overflow-wrap: anywhere}
.rnn-chance1 {background: #fdf0e6; text-decoration: underline dotted 1px}
.rnn-chance2 {background: #f8d3b8; text-decoration: underline solid 1px}
.rnn-chance3 {background: #f0a878; text-decoration: underline double 2px}
.rnn-unit1 {background: #fbdcc6; border-top: 1px solid #d55e00}
.rnn-unit2 {background: #f2b48c; border-top: 3px solid #d55e00}
.rnn-unit-1 {background: #d6e8f5; border-bottom: 1px solid #0072b2}
.rnn-unit-2 {background: #9fcbe8; border-bottom: 3px solid #0072b2}
.rnn-word {white-space: nowrap}
.rnn-cost {display: inline-block; min-width: 1.15em; text-align: center; line-height: 1.1;
  margin-bottom: 0.35em; white-space: pre}
.rnn-cost i {display: block; font-size: 0.75em; font-style: normal; color: #1b1f24}
.rnn-cost1 {background: #fdf0e6} .rnn-cost2 {background: #f8d3b8}
.rnn-cost3 {background: #f0a878} .rnn-cost4 {background: #e58a4e}
.rnn-map {position: relative}
.rnn-map [data-t]:hover {outline: 2px solid #0072b2}
.rnn-map [data-t]:hover::after {content: attr(data-t); position: absolute; top: 100%;
  right: 0; white-space: pre; text-align: left; background: #fff; color: #1b1f24;
  border: 2px solid #0072b2; padding: 0.4em 0.8em; line-height: 1.4; z-index: 9}
.rnn-table {border-collapse: collapse; margin: 0.3em 1.5em 0.3em 0; line-height: 1.5}
.rnn-table caption {text-align: left; white-space: nowrap}
.rnn-table th, .rnn-table td {padding: 0.1em 0.6em; text-align: right; font-weight: normal;
  vertical-align: middle}
.rnn-table th:first-child {font-family: monospace; text-align: left}
.rnn-bar {height: 0.9em; background: BLUE}
.rnn-key span {padding: 0 0.4em 0.2em; color: #1b1f24; white-space: nowrap}
.rnn-old {opacity: 0.5}
</style>""".replace("BLUE", BLUE).replace("NAME_SLIDERS", NAME_SLIDERS)


def bars_html(vocabulary, ids, p, caption):
    """Characters and their probabilities as a table of character, bar and per cent."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(visible(vocabulary.characters[i]))}</th>"
        f"<td style='width: 14em'><div class='rnn-bar' style='width: {100 * chance:.1f}%'>"
        f"</div></td><td>{chance:.1%}</td></tr>"
        for i, chance in zip(ids, p)
        if chance >= 0.0005
    )
    return f"<table class='rnn-table'><caption>{caption}</caption><tbody>{rows}</tbody></table>"


def runs_html(text, classes):
    """A text with a class for each character; neighbours of one class share a span."""
    spans = []
    for name, group in itertools.groupby(zip(text, classes), key=lambda pair: pair[1]):
        piece = escape("".join("⏎\n" if c == "\n" else c for c, _ in group))
        spans.append(f"<span class='{name}'>{piece}</span>" if name else piece)
    return "".join(spans)


def text_html(prompt, writing):
    """The prompt (its end, if it is long) in bold, and the text, marked where unlikely."""
    if len(prompt) > 200:
        prompt = "…" + prompt[-199:]
    marks = ["", "rnn-chance1", "rnn-chance2", "rnn-chance3"]
    classes = [marks[i] for i in np.digitize(-writing.chances, [-0.5, -0.2, -0.05], right=True)]
    spans = runs_html(writing.text, classes).replace("⏎\n", "\n")
    return f"<div class='rnn-page' tabindex='0'><b>{escape(prompt)}</b>{spans}</div>"


CHANCE_KEY = (
    "<div class='rnn-key'>How likely the network found it: half or more unmarked, "
    "<span class='rnn-chance1'>less than 50%</span> "
    "<span class='rnn-chance2'>less than 20%</span> "
    "<span class='rnn-chance3'>less than 5%</span></div>"
)


def problem_html(error):
    """What is wrong with the input, in the page, marked by a word and not by colour alone."""
    return (
        f"<p role='alert'><b>Please change the input:</b> {escape(str(error))}"
        " <i>Below, in grey, is what was shown last.</i></p>"
    )


TWINS = {'"': "“ ”", "“": '"', "”": '"', "'": "’", "’": "'", "‘": "'", "—": "--", "–": "-"}


def known(vocabulary, text, name="text"):
    """Raise ValueError, in a reader's words, for what a model cannot read."""
    if len(text) > LONGEST:
        raise ValueError(f"{len(text):,} characters are too many; {LONGEST:,} can be shown.")
    for i, character in enumerate(text):
        if character not in vocabulary:
            twin = TWINS.get(character)
            near = twin is not None and all(c in vocabulary for c in twin)
            hint = f"Try {twin} in its place. " if near else ""
            all_known = "".join(map(visible, vocabulary.characters))
            raise ValueError(
                f"this network has never seen {character!r} (character {i + 1} of the {name}). "
                f"{hint}It knows {all_known} (␣ is a space, ⏎ a new line)."
            )


class Face(W.VBox):
    """Controls above, views below, and a line between that says what is wrong."""

    def __init__(self, models, controls, views):
        self.models, self.views = models_by_name(models), views
        names = list(self.models)
        self.model = W.Dropdown(options=names, description="model", **wide("24em"))
        self.problem = W.HTML()
        for control in (self.model, *controls):
            control.observe(self.refresh, names="value")
        choose = [self.model] if len(names) > 1 else []  # no choice, no control
        super().__init__([*choose, *controls, self.problem, W.HTML(STYLE), *views])
        self.refresh()

    def refresh(self, change=None):
        """Show what the controls ask for, or say what is wrong with it and leave the rest."""
        chosen = self.models[self.model.value]
        self.changed = change and change["owner"]
        try:
            self.show(chosen.parameters, chosen.vocabulary)
        except ValueError as error:
            self.problem.value = problem_html(error)
            for view in self.views:
                view.add_class("rnn-old")
        else:
            self.problem.value = ""
            for view in self.views:
                view.remove_class("rnn-old")

    def __repr__(self):
        return f"{self.name}: run this cell in JupyterLab to use it."


def models_by_name(models):
    """The models to choose from: those that come with the series, or a reader's own."""
    if models is None:
        return {name: load_model(name) for name in MODELS}
    return models if isinstance(models, dict) else {"model": models}


def wide(width):
    """The style of a control that is this wide, with its name to the left."""
    return {
        "style": {"description_width": "7em"},
        "layout": W.Layout(width=width, max_width="100%"),
    }


class Explorer(Face):
    """The temperature explorer: the text and the bars follow the controls."""

    name = "Temperature explorer"

    def __init__(self, models, prompt, temperature, length, seed):
        self.prompt = W.Text(value=prompt, description="prompt", **wide("36em"))
        self.temperature = W.FloatSlider(
            value=temperature, min=0.0, max=5.0, step=0.05, description="temperature",
            **wide("36em"),
        )  # fmt: skip
        self.length = W.IntSlider(
            value=length, min=50, max=1000, step=50, description="length", **wide("36em")
        )
        self.seed = W.BoundedIntText(
            value=seed, min=0, max=9999, description="seed", **wide("14em")
        )
        self.text, self.bars = W.HTML(), W.HTML()
        controls = self.prompt, self.temperature, self.length, self.seed
        super().__init__(models, controls, [self.text, W.HTML(CHANCE_KEY), self.bars])

    def show(self, parameters, vocabulary):
        """Let the model write, and show how likely each character was."""
        prompt, temperature = self.prompt.value, self.temperature.value
        known(vocabulary, prompt, "prompt")
        asked = prompt, temperature, self.length.value, self.seed.value
        writing = explore(parameters, vocabulary, *asked)
        best = np.argsort(-writing.p, kind="stable")[:8]
        caption = f"What may follow the prompt, at temperature {temperature:.2f}"
        self.text.value = text_html(prompt, writing)
        self.bars.value = bars_html(vocabulary, best, writing.p[best], caption)


def temperature_explorer(
    models=None, *, prompt="The bell", temperature=0.5, length=300, seed=1
):  # fmt: skip
    """A prompt, a temperature slider, a length and a seed; the text follows as they move.

    Parameters
    ----------
    models : Checkpoint, or dict of them by name, optional
        By default those that come with the series.
    """
    return Explorer(models, prompt, temperature, length, seed)


def map_html(reading, vocabulary):
    """Every character with its cost below it, darker where it was dear."""
    level = np.digitize(reading.bits, [1, 2, 4, 8])
    costs, words, word = reading.bits.round().astype(int), [], []
    for i, character in enumerate(reading.text):
        word.append(
            f"<span class='rnn-cost rnn-cost{level[i]}' data-i='{i}'"
            f" data-t='{escape(hint(reading, vocabulary, i))}'>{escape(visible(character))}"
            f"<i>{costs[i] if i else '–'}</i></span>"
        )
        if character.isspace() or len(word) == 24 or i == len(reading.text) - 1:
            end = "<br>" if character == "\n" else ""
            words.append(f"<span class='rnn-word'>{''.join(word)}</span>{end}")
            word = []
    return f"<div class='rnn-page' tabindex='0'>{''.join(words)}</div>"


def hint(reading, vocabulary, i):
    """What the network expected in place of character i, in a few lines of plain text."""
    if i == 0:
        return "The first character\nis foretold by none."
    lines = [f"{visible(reading.text[i])} cost {reading.bits[i]:.1f} bits", "expected:"]
    for id, chance in zip(reading.likeliest[i], reading.chances[i]):
        lines.append(f" {visible(vocabulary.characters[id])} {chance:4.0%}")
    return "\n".join(lines)


def totals_html(reading):
    """What the text cost the network, beside what it would cost others."""
    n = len(reading.text)
    rows = {"this network": (reading.bits.sum(), n - 1)}  # it is not asked for the first
    rows |= {name: (bits, n) for name, bits in yardsticks(reading.text).items()}
    body = "".join(
        f"<tr><th scope='row'>{name}</th><td>{bits:,.0f}</td><td>{bits / asked:.2f}</td></tr>"
        for name, (bits, asked) in rows.items()
    )
    return (
        f"<table class='rnn-table'><caption>{n:,} characters</caption><thead><tr>"
        "<th scope='col'>paid by</th><th scope='col'>bits in all</th>"
        f"<th scope='col'>bits per character</th></tr></thead><tbody>{body}</tbody></table>"
        "<div class='rnn-key'>Letter frequencies: counted on this very text, for free."
        "<br>gzip: with its own header, which is dear for a short text.</div>"
    )


class TextFace(Face):
    """A face that begins with a passage, another one for each model of the series."""

    def __init__(self, models, text, controls, views):
        first = next(iter(models_by_name(models).values()))
        text = passage_for(first.vocabulary) if text is None else text
        self.source = W.Textarea(value=text, description="text", rows=7, **wide("56em"))
        super().__init__(models, [self.source, *controls], views)

    def refresh(self, change=None):
        """As for every face; a passage gives way to that of the model chosen."""
        if self.source.value in PASSAGES.values():
            self.source.value = passage_for(self.models[self.model.value].vocabulary)
        super().refresh(change)


def passage_for(vocabulary):
    """A passage that a model can read, or none."""
    readable = (p for p in PASSAGES.values() if all(c in vocabulary for c in p))
    return next(readable, "")


class SurpriseMap(TextFace):
    """The surprise map: what each character of a text cost, and what was expected there."""

    name = "Surprise map"

    def __init__(self, models, text):
        self.row = W.Box(layout=W.Layout(width="100%"))
        self.put_slider(2)
        self.map, self.marker, self.expected, self.totals = (W.HTML() for _ in range(4))
        self.map.add_class("rnn-map")
        self.map.add_class(f"rnn-{id(self)}")
        below = W.HBox([self.expected, self.totals], layout=W.Layout(flex_flow="row wrap"))
        views = [self.map, self.marker, self.row, below]
        super().__init__(models, text, [], views)

    def show(self, parameters, vocabulary):
        """Let the model read the text, and show what each character cost."""
        text = self.source.value
        known(vocabulary, text)
        self.reading, self.vocabulary = read(parameters, vocabulary, text), vocabulary
        self.map.value = map_html(self.reading, vocabulary)
        self.totals.value = totals_html(self.reading)
        if self.place.max != len(text):
            self.put_slider(len(text))
        self.mark()

    def put_slider(self, most):
        """A slider over the characters; a new one, as its End key keeps the first maximum."""
        before = self.place.value if self.row.children else 2
        self.place = W.IntSlider(
            value=min(before, most), min=2, max=most, description="character", **wide("56em")
        )
        self.place.observe(self.mark, names="value")
        self.row.children = [self.place]

    def mark(self, change=None):
        """Frame the character that the slider stands on, and show what was expected."""
        i, reading = self.place.value - 1, self.reading
        around = [visible(c) for c in reading.text[max(i - 20, 0) : i + 1]]
        caption = f"after <code>{escape(''.join(around[:-1]))}</code> came "
        caption += f"<b>{escape(around[-1])}</b>: {reading.bits[i]:.1f} bits. Expected:"
        self.expected.value = bars_html(
            self.vocabulary, reading.likeliest[i], reading.chances[i], caption
        )
        place = f".rnn-{id(self)} [data-i=\\'{i}\\']"
        self.marker.value = (
            f'<style onload="{NAME_SLIDERS};{SCROLL.replace("PLACE", place)}">'
            f".rnn-{id(self)} [data-i='{i}'] {{outline: 2px solid #1b1f24; position: relative;"
            " z-index: 1}</style>"
        )


def surprise_map(models=None, *, text=None):
    """Type or paste a text: every character with its cost in bits.

    Pointing at a character, or moving the slider with the arrow keys, shows the five
    characters that the network found likeliest there.

    Parameters
    ----------
    models : Checkpoint, or dict of them by name, optional
        By default those that come with the series.
    text : str, optional
        At most 10,000 characters; a passage to begin with by default.
    """
    return SurpriseMap(models, text)


UNIT_KEY = (
    "<div class='rnn-key'>After this character the unit is "
    "<span class='rnn-unit2'>above 0.75</span> <span class='rnn-unit1'>above 0.25</span> "
    "near 0 <span class='rnn-unit-1'>below -0.25</span> "
    "<span class='rnn-unit-2'>below -0.75</span></div>"
)


def unit_html(text, values):
    """A text that one unit lights up: line and tint above where high, below where low."""
    marks = ["rnn-unit-2", "rnn-unit-1", "", "rnn-unit1", "rnn-unit2"]
    classes = [marks[i] for i in np.digitize(values, [-0.75, -0.25, 0.25, 0.75])]
    return f"<div class='rnn-page' tabindex='0'>{runs_html(text, classes)}</div>"


class LookInside(TextFace):
    """Look inside: one hidden unit along a text, the units sorted by what they follow."""

    name = "Look inside"

    def __init__(self, models, text):
        self.feature = W.Dropdown(options=list(FEATURES), description="follows", **wide("24em"))
        self.unit = W.Dropdown(description="unit", **wide("24em"))
        self.light = W.HTML()
        self.unit.observe(self.light_up, names="value")
        views = [self.unit, self.light, W.HTML(UNIT_KEY)]
        super().__init__(models, text, [self.feature], views)

    def show(self, parameters, vocabulary):
        """Let the model read the text, and sort its units."""
        known(vocabulary, self.source.value)
        self.reading = read(parameters, vocabulary, self.source.value)
        follows = following(self.reading.hidden, self.reading.text)[self.feature.value]
        if not follows.any():
            raise ValueError(f"all of this text, or none of it, is: {self.feature.value}")
        order = np.argsort(-np.abs(follows), kind="stable")
        # Whoever changes the text goes on looking at the same unit.
        stays = self.changed is self.source and self.unit.value in order
        unit = self.unit.value if stays else int(order[0])
        self.unit.options = [(f"unit {i}: {follows[i]:+.2f}", int(i)) for i in order]
        self.unit.value = unit
        self.light_up()  # also where the same unit comes first again

    def light_up(self, change=None):
        """Show the chosen unit along the text."""
        if self.unit.value is not None:
            self.light.value = unit_html(
                self.reading.text, self.reading.hidden[:, self.unit.value]
            )


def look_inside(models=None, *, text=None):
    """Choose a hidden unit and see where it is high and low along a text.

    The units are sorted by how strongly they follow something that has a name: the
    correlation over this text, from -1 to 1.

    Parameters
    ----------
    models : Checkpoint, or dict of them by name, optional
        By default those that come with the series.
    text : str, optional
        At most 10,000 characters; a passage to begin with by default.
    """
    return LookInside(models, text)


class LossPicture:
    """A picture of a run, with what the network writes, drawn anew in its place in the page."""

    def __init__(self, goal, most):
        self.figure, (self.axes, below) = plt.subplots(
            2, 1, figsize=(7.5, 4), height_ratios=(6, 1), layout="constrained"
        )
        plt.close(self.figure)  # or the page would show it once more at the end
        self.raw = self.axes.plot([], [], color="#c5cad3", linewidth=0.8, linestyle="-")[0]
        self.smooth = self.axes.plot([], [], color=BLUE)[0]
        self.axes.set(xlim=(0, 1.15 * max(goal, 1)), ylim=(0, 1.25 * most))
        self.axes.set(xlabel="step", ylabel="bits per character")
        self.axes.set_title("The loss so far, raw (thin) and smoothed")
        self.axes.axhline(most, color=GREY, linewidth=1, linestyle=":")
        self.axes.text(1.15 * goal, most, "knowing nothing", va="bottom", ha="right")
        self.label = None
        below.axis("off")
        self.words = below.text(
            0, 1, "", family="monospace", fontsize=9, va="top", parse_math=False
        )
        # Outside a notebook there is no page to draw in.
        self.place = display(self.figure, display_id=True) if get_ipython() else None

    def draw(self, run, words):
        """Show the losses so far, and a line or two that the network wrote."""
        if not run.losses:
            return
        steps = np.arange(1, len(run.losses) + 1)
        self.raw.set_data(steps, np.divide(run.losses, np.log(2)))
        smoothed = np.divide(run.smoothed, np.log(2))
        self.smooth.set_data(steps, smoothed)
        if self.label is not None:
            self.label.remove()
        height = max(smoothed[-1], 0.1 * self.axes.get_ylim()[1])  # clear of the axis
        self.label = end_label(self.axes, run.step, height, f"smoothed\n{smoothed[-1]:.2f}")
        self.words.set_text(textwrap.fill(words.replace("\n", "⏎ "), 84))
        if self.place is not None:
            with warnings.catch_warnings():  # a character that the font lacks
                warnings.simplefilter("ignore", UserWarning)
                self.place.update(self.figure)


def live_training(
    parameters, vocabulary, ids, optimizer, steps, rng, *, run=None, prompt=None,
    every=0.5, **how,
):  # fmt: skip
    """Train, and watch the loss, with a few words from the network now and then.

    Interrupting the kernel stops it with all that was learnt: call it again with
    ``run=run`` to go on. A picture and the last words stay in the notebook.

    Parameters
    ----------
    parameters, ids, optimizer, steps, rng, run
        As for `train`; `how` is handed on to it (length, clip).
    prompt : str, optional
        What the network goes on from, at temperature 0.5; the text's first character by
        default.
    every : float
        Seconds between two pictures.

    Returns
    -------
    Run

    Raises ValueError, before it begins, if the network cannot read the prompt.
    """
    run = Run() if run is None else run
    prompt = vocabulary.decode(ids.reshape(-1)[:1]) if prompt is None else prompt
    known(vocabulary, prompt, "prompt")
    sample(parameters, vocabulary, prompt, 0, rng=None)  # says at once if the prompt is empty
    goal, most = run.step + steps, np.log2(len(vocabulary))
    picture = LossPicture(goal, most)
    last = time.monotonic()

    def write():
        rng_for_words = np.random.default_rng(0)  # its own: the training's draws stay the same
        return prompt + sample(
            parameters, vocabulary, prompt, 120, temperature=0.5, rng=rng_for_words
        )

    def callback(run):
        nonlocal last
        if time.monotonic() - last > every:
            picture.draw(run, write())
            last = time.monotonic()

    train(
        parameters, ids, optimizer, steps, rng,
        run=run, callback=callback, progress=False, **how,
    )  # fmt: skip
    words = write()
    picture.draw(run, words)
    lines = [textwrap.fill(line, 76) for line in words.split("\n")]
    print(f"After step {run.step:,} it writes:", *lines, sep="\n")
    if run.interrupted:
        print(f"Stopped at step {run.step:,} of {goal:,}; with run=run the next call goes on.")
    return run
