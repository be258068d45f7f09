"""The surprise map: what each character of a text cost, and what was expected there."""

from html import escape

import ipywidgets as W
import numpy as np

from rnn_helpers.baselines import text_baselines
from rnn_helpers.plots import visible
from rnn_helpers.reading import trace
from rnn_helpers.widgets.html import bars_html, mark_html, page_html, walk_attributes
from rnn_helpers.widgets.model_widget import TextWidget
from rnn_helpers.widgets.texts import check_readable
from rnn_helpers.widgets.turns import in_turn


def surprise_map(models=None, *, text=None):
    """Type or paste a text, and see the cost of every character in bits.

    A click on a character, the arrow keys in the map or the slider choose one, and below stand
    the five characters that the network found most probable there.

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
.rnn-cost i {display: block; font-size: 0.75em; font-style: normal; color: inherit}
.rnn-cost1 {background: #d55e001f} .rnn-cost2 {background: #d55e0050}
.rnn-cost3 {background: #d55e008c} .rnn-cost4 {background: #d55e00bf}
.rnn-cost:hover {outline: 2px solid #0072b2}
.rnn-expected {flex: 0 0 27em; max-width: 100%; min-height: 13em}
/* a widget below brings its own rules for tables: these have to be stronger */
.rnn-expected .rnn-table caption {white-space: normal; min-height: 3em}
.rnn-expected .rnn-table {max-width: 26em}
"""

    def __init__(self, models, text):
        self.reading = None
        self.map, self.marker, self.expected, self.totals = (W.HTML() for _ in range(4))
        self.expected.add_class("rnn-expected")
        below = W.HBox([self.expected, self.totals], layout=W.Layout(flex_flow="row wrap"))
        super().__init__(models, text, [], [self.map, self.marker], [below])

    def show(self, parameters, vocabulary):
        """Let the model read the text, and show what each character cost."""
        text = self.source.value
        check_readable(vocabulary, text)
        self.reading, self.vocabulary = trace(parameters, vocabulary, text), vocabulary
        self.map.value = map_html(self.reading)
        self.totals.value = totals_html(self.reading)
        if self.place.max != len(text):
            self.put_slider(len(text))
        self.mark()

    def pick(self, name, row, i):
        """Go to the character that was clicked, or to which an arrow key in the map led."""
        self.place.value = i + 1

    @in_turn
    def mark(self, change=None):
        """Frame the character at the slider, and show what was expected there."""
        if self.reading is None:  # no text could be read yet
            return
        i = self.place.value - 1
        self.expected.value = expected_html(self.reading, self.vocabulary, i)
        self.marker.value = mark_html(self.place_in_page, "map", 0, i)


def map_html(reading):
    """Every character with its cost below it, darker where it cost more."""
    level = np.digitize(reading.bits, [1, 2, 4, 8])
    costs, words, word = reading.bits.round().astype(int), [], []
    for i, character in enumerate(reading.text):
        word.append(
            f"<span class='rnn-cost rnn-cost{level[i]}' data-i='{i}'>"
            f"{escape(visible(character))}<i>{costs[i] if i else '–'}</i></span>"
        )
        if character.isspace() or len(word) == 24 or i == len(reading.text) - 1:
            end = "<br>" if character == "\n" else ""
            words.append(f"<span class='rnn-word'>{''.join(word)}</span>{end}")
            word = []
    words_for_keys = "the map; arrow keys choose a character"
    return page_html("".join(words), walk_attributes("map", words_for_keys, 1, len(reading.text)))


def expected_html(reading, vocabulary, i):
    """What the network expected in place of character i, as bars below a sentence."""
    around = escape("".join(visible(c) for c in reading.text[max(i - 20, 0) : i]))
    came = f"<b>{escape(visible(reading.text[i]))}</b>"
    if i == 0:
        return f"The text begins with {came}. Nothing predicts the first character."
    caption = f"after <code>{around}</code> came {came}: {reading.bits[i]:.1f} bits. Expected:"
    return bars_html(vocabulary, reading.top_ids[i], reading.top_probabilities[i], caption)


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
