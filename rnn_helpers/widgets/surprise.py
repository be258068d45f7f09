"""The surprise map: what each character of a text cost, and what was expected there."""

from html import escape

import ipywidgets as W
import numpy as np

from rnn_helpers.baselines import text_baselines
from rnn_helpers.plots import visible
from rnn_helpers.reading import trace
from rnn_helpers.widgets.html import NAME_SLIDERS, bars_html, page_html, style_html
from rnn_helpers.widgets.model_widget import TextWidget, wide
from rnn_helpers.widgets.texts import check_readable

# ipywidgets cannot scroll: JavaScript that brings the marked character into view.
SCROLL = (
    "const e = document.querySelector('PLACE'), p = e?.closest('.rnn-page');"
    "if (e) {const y = e.getBoundingClientRect().top - p.getBoundingClientRect().top;"
    "if (y < 0 || y > p.clientHeight - 40) p.scrollTop += y - p.clientHeight / 2}"
)


def surprise_map(models=None, *, text=None):
    """Type or paste a text, and see the cost of every character in bits.

    Pointing at a character, or moving the slider with the arrow keys, shows the five
    characters that the network found most probable there.

    Parameters
    ----------
    models : Checkpoint, or dict of them by name, optional
        By default those that come with the series.
    text : str, optional
        At most 10,000 characters; by default a passage that the model can read.
    """
    return SurpriseMap(models, text)


class SurpriseMap(TextWidget):
    """A map of the text, a slider that marks one character, and what was expected there."""

    name = "Surprise map"
    # Lightness and number say the same as the colour, in light and in dark pages.
    css = """
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
"""

    def __init__(self, models, text):
        self.reading = None
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
        check_readable(vocabulary, text)
        self.reading, self.vocabulary = trace(parameters, vocabulary, text), vocabulary
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
        """Frame the character at the slider, and show what was expected there."""
        if self.reading is None:  # no text could be read yet
            return
        i, reading = self.place.value - 1, self.reading
        around = [visible(c) for c in reading.text[max(i - 20, 0) : i + 1]]
        caption = f"after <code>{escape(''.join(around[:-1]))}</code> came "
        caption += f"<b>{escape(around[-1])}</b>: {reading.bits[i]:.1f} bits. Expected:"
        self.expected.value = bars_html(
            self.vocabulary, reading.top_ids[i], reading.top_probabilities[i], caption
        )
        frame = (
            f".rnn-{id(self)} [data-i='{i}'] {{outline: 2px solid #1b1f24; position: relative;"
            " z-index: 1}"
        )
        scroll = SCROLL.replace("PLACE", f".rnn-{id(self)} [data-i=\\'{i}\\']")
        self.marker.value = style_html(frame, f"{NAME_SLIDERS};{scroll}")


def map_html(reading, vocabulary):
    """Every character with its cost below it, darker where it cost more."""
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
    return page_html("".join(words))


def hint(reading, vocabulary, i):
    """What the network expected in place of character i, in a few lines of plain text."""
    if i == 0:
        return "Nothing predicts\nthe first character."
    lines = [f"{visible(reading.text[i])} cost {reading.bits[i]:.1f} bits", "expected:"]
    for id, p in zip(reading.top_ids[i], reading.top_probabilities[i]):
        lines.append(f" {visible(vocabulary.characters[id])} {p:4.0%}")
    return "\n".join(lines)


def totals_html(reading):
    """What the text cost the network, and what it costs others."""
    n = len(reading.text)
    rows = {"this network": (reading.bits.sum(), n - 1)}  # it does not predict the first one
    rows |= {name: (bits, n) for name, bits in text_baselines(reading.text).items()}
    body = "".join(
        f"<tr><th scope='row'>{name}</th><td>{bits:,.0f}</td><td>{bits / predicted:.2f}</td></tr>"
        for name, (bits, predicted) in rows.items()
    )
    return (
        f"<table class='rnn-table'><caption>{n:,} characters</caption><thead><tr>"
        "<th scope='col'>paid by</th><th scope='col'>bits in total</th>"
        f"<th scope='col'>bits per character</th></tr></thead><tbody>{body}</tbody></table>"
        "<div class='rnn-key'>Letter frequencies: counted on this text, at no charge.<br>"
        "gzip: includes 144 bits of header and checksum.</div>"
    )
