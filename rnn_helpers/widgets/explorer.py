"""The temperature explorer: a network writes, as cautiously or as freely as you like."""

from html import escape

import ipywidgets as W
import numpy as np

from rnn_helpers.reading import explore
from rnn_helpers.widgets.html import bars_html, page_html, runs_html
from rnn_helpers.widgets.model_widget import ModelWidget, wide
from rnn_helpers.widgets.texts import check_readable

KEY = (
    "<div class='rnn-key'>Probability that the network gave each character: "
    "50% or more unmarked, <span class='rnn-chance1'>less than 50%</span> "
    "<span class='rnn-chance2'>less than 20%</span> "
    "<span class='rnn-chance3'>less than 5%</span></div>"
)


def temperature_explorer(
    models=None, *, prompt="The bell", temperature=0.5, length=300, seed=1
):  # fmt: skip
    """A prompt, a temperature, top p, top k, a length and a seed; the text follows them.

    Parameters
    ----------
    models : Checkpoint, or dict of them by name, optional
        By default those that come with the series.
    """
    return Explorer(models, prompt, temperature, length, seed)


class Explorer(ModelWidget):
    """The text that a model writes, and bars for what may come first."""

    name = "Temperature explorer"
    # Lightness and underline say the same as the colour, in light and in dark pages.
    css = """
.rnn-chance1 {background: #d55e001f; text-decoration: underline dotted 1px}
.rnn-chance2 {background: #d55e0050; text-decoration: underline solid 1px}
.rnn-chance3 {background: #d55e0099; text-decoration: underline double 2px}
"""

    def __init__(self, models, prompt, temperature, length, seed):
        self.prompt = W.Text(value=prompt, description="prompt", **wide("36em"))
        self.temperature = W.FloatSlider(
            value=temperature, min=0.0, max=5.0, step=0.05, description="temperature",
            **wide("36em"),
        )  # fmt: skip
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
        self.text, self.bars = W.HTML(), W.HTML()
        controls = (
            self.prompt, self.temperature, self.top_p, self.top_k, self.length, self.seed,
        )  # fmt: skip
        super().__init__(models, controls, [self.text, W.HTML(KEY), self.bars])

    def show(self, parameters, vocabulary):
        """Let the model write, and show how probable each character was."""
        prompt, temperature = self.prompt.value, self.temperature.value
        check_readable(vocabulary, prompt, "prompt")
        asked = prompt, temperature, self.length.value, self.seed.value
        top_p = self.top_p.value if self.top_p.value < 1 else None
        top = {"top_k": self.top_k.value or None, "top_p": top_p}
        writing = explore(parameters, vocabulary, *asked, **top)
        p = writing.first_probabilities
        best = np.argsort(-p, kind="stable")[:8]
        caption = f"What may follow the prompt, at temperature {temperature:.2f}"
        self.text.value = text_html(prompt, writing)
        self.bars.value = bars_html(vocabulary, best, p[best], caption)


def text_html(prompt, writing):
    """The prompt (its end, if it is long) in bold, and the text, marked where improbable."""
    if len(prompt) > 200:
        prompt = "…" + prompt[-199:]
    marks = ["", "rnn-chance1", "rnn-chance2", "rnn-chance3"]
    levels = np.digitize(-writing.probabilities, [-0.5, -0.2, -0.05], right=True)
    spans = runs_html(writing.text, [marks[level] for level in levels]).replace("⏎\n", "\n")
    return page_html(f"<b>{escape(prompt)}</b>{spans}")
