"""Things to touch (ipywidgets). Each is a plain function with a face around it."""

from html import escape

import ipywidgets as W
import numpy as np

from rnn_helpers.forward_pass import forward
from rnn_helpers.plots import BLUE, visible
from rnn_helpers.sampling import next_character_probabilities, sample


def explore(parameters, vocabulary, prompt, temperature, length, seed):
    """What the temperature explorer shows: the text, and what may follow the prompt.

    Returns
    -------
    text : str
        `length` characters that go on from the prompt.
    p : array (V,)
        The probability of each character to come right after the prompt.

    Raises ValueError as `sample` does.
    """
    ids = vocabulary.encode(prompt)
    hidden, _ = forward(parameters, ids[:-1], np.zeros_like(parameters.bh))
    h = hidden[-1]  # before the prompt's last character: both answers begin with that one
    last, rng = prompt[-1:], np.random.default_rng(seed)
    text = sample(parameters, vocabulary, last, length, temperature=temperature, rng=rng, h0=h)
    p, _ = next_character_probabilities(parameters, h, ids[-1], temperature)
    return text, p


def text_html(prompt, text):
    """The prompt (its end, if it is long) in bold and underlined, and what follows it."""
    if len(prompt) > 200:
        prompt = "…" + prompt[-199:]
    return (
        '<div style="white-space: pre-wrap; font-family: monospace; line-height: 1.4;'
        ' min-height: 8.5em; max-height: 24em; overflow-y: auto">'
        f"<b><u>{escape(prompt)}</u></b>{escape(text)}</div>"
    )


def bars_html(vocabulary, p, most=8):
    """The likeliest next characters as a table of character, bar and per cent."""
    rows = []
    for i in np.argsort(-p, kind="stable")[:most]:
        rows.append(
            f"<tr><th scope='row' style='font-family: monospace; text-align: center;"
            f" padding: 0 0.6em'>{escape(visible(vocabulary.characters[i]))}</th>"
            f"<td style='width: 16em; text-align: left'><div style='background: {BLUE};"
            f" height: 0.9em; width: {100 * p[i]:.1f}%'></div></td>"
            f"<td style='text-align: right; padding-left: 0.6em'>{p[i]:.1%}</td></tr>"
        )
    return (
        "<table style='border-collapse: collapse'><caption style='text-align: left'>"
        "What may follow the prompt</caption><thead><tr><th scope='col'>character</th>"
        "<th scope='col'></th><th scope='col'>probability</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def problem_html(error):
    """What is wrong with the input, in the page, marked by a word and not by colour alone."""
    return f"<p role='alert'><b>Please change the input:</b> {escape(str(error))}</p>"


class Explorer(W.VBox):
    """The temperature explorer: controls above, the text and the bars below."""

    def __init__(self, parameters, vocabulary, prompt, temperature, length, seed):
        wide = {"style": {"description_width": "7em"}, "layout": W.Layout(width="32em")}
        self.prompt = W.Text(value=prompt, description="prompt", **wide)
        self.temperature = W.FloatSlider(
            value=temperature, min=0.0, max=2.0, step=0.05, description="temperature", **wide
        )
        self.length = W.IntSlider(
            value=length, min=50, max=1000, step=50, description="length", **wide
        )
        self.seed = W.BoundedIntText(value=seed, min=0, max=9999, description="seed", **wide)
        self.text, self.bars = W.HTML(), W.HTML()
        self.model = parameters, vocabulary
        controls = (self.prompt, self.temperature, self.length, self.seed)
        for control in controls:
            control.observe(self.refresh, names="value")
        self.refresh()
        super().__init__([*controls, self.text, self.bars])

    def refresh(self, change=None):
        """Compute what the controls ask for and show it, or say what is wrong with it."""
        asked = self.prompt.value, self.temperature.value, self.length.value, self.seed.value
        try:
            text, p = explore(*self.model, *asked)
        except ValueError as error:
            self.text.value, self.bars.value = problem_html(error), ""
        else:
            self.text.value = text_html(self.prompt.value, text)
            self.bars.value = bars_html(self.model[1], p)

    def __repr__(self):
        return "Temperature explorer: run this cell in JupyterLab to use it."


def temperature_explorer(
    parameters, vocabulary, *, prompt="The bell", temperature=0.5, length=300, seed=1
):
    """A prompt, a temperature slider, a length and a seed; the text follows as they move.

    Everything works with mouse and keyboard. What cannot be read, such as an empty
    prompt or an unknown character, is said in place of the text.
    """
    return Explorer(parameters, vocabulary, prompt, temperature, length, seed)
