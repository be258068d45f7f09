"""The temperature explorer: a network writes, as cautiously or as freely as you like."""

from html import escape

import ipywidgets as W
import numpy as np

from rnn_helpers.plots import visible
from rnn_helpers.reading import explore
from rnn_helpers.widgets.html import mark_html, page_html, walk_attributes
from rnn_helpers.widgets.model_widget import ModelWidget, models_by_name, wide
from rnn_helpers.widgets.texts import check_readable
from rnn_helpers.widgets.turns import in_turn

KEY = (
    "<div class='rnn-key'>Probability that the network gave each character: "
    "50% or more unmarked, <span class='rnn-chance1'>less than 50%</span> "
    "<span class='rnn-chance2'>less than 20%</span> "
    "<span class='rnn-chance3'>less than 5%</span>; <span class='rnn-kept'>chosen by you</span>"
    "</div>"
)


def temperature_explorer(
    models=None, *, prompt="The bell", temperature=0.5, other=1.0, length=300, seed=1
):  # fmt: skip
    """A prompt, and what a network writes after it at two temperatures, side by side.

    A click on a written character, or the arrow keys and Enter, show its alternatives; choose
    one, and the network writes on from there.

    Parameters
    ----------
    models : Checkpoint, or dict of them by name, optional
        By default those that come with the series, the novel's first.
    temperature, other : float
        What the two sliders show first.
    """
    if models is None:
        models = models_by_name(None)
        models = {"tale_of_two_cities": models["tale_of_two_cities"]} | models
    return Explorer(models, prompt, (temperature, other), length, seed)


class Explorer(ModelWidget):
    """What all texts share above; below, two columns with a temperature and a text each."""

    name = "Temperature explorer"
    # Lightness and underline say the same as the colour, in light and in dark pages.
    css = """
.rnn-chance1 {background: #d55e001f; text-decoration: underline dotted 1px}
.rnn-chance2 {background: #d55e0050; text-decoration: underline solid 1px}
.rnn-chance3 {background: #d55e0099; text-decoration: underline double 2px}
.rnn-kept {border-top: 2px dashed #0072b2}
.rnn-written .rnn-page {height: 15em; box-sizing: border-box}
.rnn-written, .rnn-alternatives {max-width: 100%; min-width: 0}
.rnn-written .widget-html-content, .rnn-alternatives .widget-html-content {min-width: 0;
  width: 100%}
.rnn-alternatives {height: 21.5em; overflow: hidden}
.rnn-alternatives tr, .rnn-alternatives button {height: 1.9em}
.rnn-alternatives .rnn-table caption {white-space: normal; height: 4.5em; line-height: 1.5}
.rnn-alternatives .rnn-table {width: 100%; margin: 0; table-layout: fixed}
.rnn-alternatives .rnn-table th {width: 3em}
.rnn-alternatives .rnn-table td:last-child {width: 4em}
.rnn-alternatives button {font: inherit; color: inherit; background: none; width: 2.4em;
  border: 1px solid #808080; border-radius: 3px; padding: 0 0.3em; line-height: 1;
  box-sizing: border-box; display: block; overflow: hidden}
.rnn-alternatives .rnn-table td, .rnn-alternatives .rnn-table th {
  padding-top: 0; padding-bottom: 0; height: 1.9em;
  line-height: 1}
.rnn-alternatives button:focus-visible {outline: 3px solid #0072b2}
.rnn-alternatives button[aria-pressed=true] {border: 2px solid currentColor;
  font-weight: bold}
"""

    def __init__(self, models, prompt, temperatures, length, seed):
        self.prompt = W.Text(value=prompt, description="prompt", **wide("36em"))
        self.top_p = W.FloatSlider(
            value=1.0, min=0.05, max=1.0, step=0.05, description="top p", **wide("36em")
        )
        self.top_k = W.BoundedIntText(
            value=0, min=0, max=9999, description="top k (0: all)", **wide("14em")
        )
        self.length = W.IntSlider(
            value=length, min=50, max=1000, step=50, description="length", **wide("36em")
        )
        self.seed = W.BoundedIntText(
            value=seed, min=0, max=9999, description="seed", **wide("14em")
        )
        self.columns = [Column(self, n, value) for n, value in enumerate(temperatures)]
        self.again = W.Button(description="undo all choices", tooltip="Write on from the prompt")
        self.again.on_click(self.start_again)
        numbers = W.HBox(
            [self.top_k, self.seed, self.again], layout=W.Layout(flex_flow="row wrap")
        )
        controls = self.prompt, self.top_p, self.length, numbers
        for control in (self.top_k, self.seed, *(column.temperature for column in self.columns)):
            control.observe(self.refresh, names="value")
        side_by_side = W.HBox(
            [column.box for column in self.columns], layout=W.Layout(flex_flow="row wrap")
        )
        super().__init__(models, controls, [W.HTML(KEY), side_by_side])

    def show(self, parameters, vocabulary):
        """Let the model write in both columns, from the prompt or from what was chosen."""
        prompt = self.prompt.value
        check_readable(vocabulary, prompt, "prompt")
        top_p = self.top_p.value if self.top_p.value < 1 else None
        top = {"top_k": self.top_k.value or None, "top_p": top_p}
        for column in self.columns:
            column.write(parameters, vocabulary, prompt, self.length.value, self.seed.value, top)

    @in_turn
    def start_again(self, button=None):
        """Forget which characters were chosen."""
        for column in self.columns:
            column.kept = ""
        self.refresh()

    def pick(self, name, *numbers):
        """Look at a character (text0 or text1), or choose another one (branch0 or branch1)."""
        column = self.columns[int(name[-1])]
        if name.startswith("branch"):
            column.branch(*numbers)
            self.refresh()
        else:
            column.look_at(numbers[1])


class Column:
    """A temperature, what was written at it, and the alternatives to one character of that."""

    def __init__(self, explorer, number, temperature):
        self.explorer, self.number, self.kept, self.at, self.asked = explorer, number, "", 0, None
        self.origin = None  # the network and the prompt of what is shown
        self.temperature = W.FloatSlider(
            value=temperature, min=0.0, max=5.0, step=0.05, description="temperature",
            **wide("100%"),
        )  # fmt: skip
        self.text, self.marker, self.bars = W.HTML(), W.HTML(), W.HTML()
        self.text.add_class("rnn-written")
        self.bars.add_class("rnn-alternatives")
        self.box = W.VBox(
            [self.temperature, self.text, self.marker, self.bars],
            layout=W.Layout(flex="1 1 15em", min_width="0", max_width="40em"),
        )
        self.box.add_class(f"rnn-column{number}")

    def write(self, parameters, vocabulary, prompt, length, seed, top):
        """Write anew if something has changed."""
        origin = id(parameters), id(vocabulary), prompt  # the choices belong to these
        kept, at = (self.kept, self.at) if origin == self.origin else ("", 0)
        asked = origin, self.temperature.value, length, seed, kept, top
        if asked == self.asked:
            return
        self.writing = explore(parameters, vocabulary, prompt, *asked[1:4], kept=kept, **top)
        self.origin, self.asked = origin, asked
        self.kept, self.vocabulary = kept, vocabulary
        self.text.value = text_html(prompt, self.writing, len(kept), self.number)
        self.look_at(min(at, length - 1))

    def look_at(self, at):
        """Frame a written character, and show its alternatives."""
        self.at = at
        self.marker.value = mark_html(self.explorer.place_in_page, f"text{self.number}", 0, at)
        self.bars.value = alternatives_html(
            self.origin[-1], self.writing, self.vocabulary, at, self.number
        )

    def branch(self, at, id):
        """Keep the text up to a character, and put another one in its place."""
        self.kept, self.at = self.writing.text[:at] + self.vocabulary.characters[id], at


def text_html(prompt, writing, kept=0, number=0):
    """The prompt (its end, if it is long) in bold, and the text, marked where improbable."""
    if len(prompt) > 200:
        prompt = "…" + prompt[-199:]
    marks = ["", "rnn-chance1", "rnn-chance2", "rnn-chance3"]
    levels = np.digitize(-writing.probabilities, [-0.5, -0.2, -0.05], right=True)
    names = [marks[level] for level in levels]
    if kept:
        names[kept - 1] += " rnn-kept"
    spans = "".join(
        f"<span data-i='{i}' class='{name}'>{escape(c)}</span>"
        for i, (c, name) in enumerate(zip(writing.text, names))
    )
    words = "written text; arrow keys choose a character, Enter goes to its alternatives"
    walk = walk_attributes(
        f"text{number}", words, 1, len(writing.text), f".rnn-column{number} button"
    )
    return page_html(f"<b>{escape(prompt)}</b>{spans}", walk)


def alternatives_html(prompt, writing, vocabulary, at, number):
    """Eight characters that might have come: a button each, and its probability as a bar."""
    p, came = writing.alternatives[at], vocabulary.encode(writing.text[at])[0]
    before = (prompt + writing.text[:at])[-16:]
    around = escape("".join(map(visible, before)))
    caption = (
        f"After <code>{around}</code> came <b>{escape(visible(writing.text[at]))}</b>. What may "
        "come there, at this temperature? Choose another one to write on from it."
    )
    # In the order that the network learnt, whatever the temperature; what came is among them.
    best = list(np.argsort(-writing.logits[at], kind="stable")[:8])
    if came not in best:
        best[-1] = came
    rows = "".join(
        f"<tr><th scope='row'><button data-pick='branch{number} {at} {i}'"
        f" aria-pressed='{str(i == came).lower()}'>{escape(visible(vocabulary.characters[i]))}"
        f"</button></th><td><div class='rnn-bar' style='width: {100 * p[i]:.1f}%'></div></td>"
        f"<td>{p[i]:.1%}</td></tr>"
        for i in best
    )
    return f"<table class='rnn-table'><caption>{caption}</caption><tbody>{rows}</tbody></table>"
