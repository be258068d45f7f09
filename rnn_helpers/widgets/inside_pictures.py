"""What the widget "Look inside" shows, as HTML: units as pictures, words, and a table."""

import base64
import io
from html import escape

import matplotlib.image
import numpy as np
from matplotlib.colors import to_rgb

from rnn_helpers.plots import BLUE, ORANGE, visible
from rnn_helpers.widgets import clusters
from rnn_helpers.widgets.html import page_html, walk_attributes

WIDEST = 240  # characters in the picture of all units
KEY = (
    "<div class='rnn-key'>After this character the chosen unit is "
    "<span class='rnn-unit2'>above 0.75</span> <span class='rnn-unit1'>above 0.25</span> "
    "near 0 <span class='rnn-unit-1'>below -0.25</span> "
    "<span class='rnn-unit-2'>below -0.75</span></div>"
)
# Line and side say the same as the colour, in light and in dark pages.
CSS = (
    f"{clusters.CSS}"
    """
.rnn-unit1 {background: #d55e0038; border-top: 1px solid #d55e00}
.rnn-unit2 {background: #d55e0073; border-top: 3px solid #d55e00}
.rnn-unit-1 {background: #0072b22e; border-bottom: 1px solid #0072b2}
.rnn-unit-2 {background: #0072b266; border-bottom: 3px solid #0072b2}
.rnn-heat {position: relative; border: 1px solid #808080; height: 18em; max-width: 60em;
  overflow: hidden}
.rnn-heat img, .rnn-strip {width: 100%; height: 100%; image-rendering: pixelated; display: block;
  max-width: none}
.rnn-strip {height: 0.7em; max-width: 60em; margin-bottom: 2px}
.rnn-heat-row, .rnn-heat-column {position: absolute; pointer-events: none;
  outline: 2px solid var(--jp-content-font-color1, #1b1f24)}
.rnn-heat-row {left: 0; right: 0} .rnn-heat-column {top: 0; bottom: 0}
.rnn-words {min-height: 5.5em; max-width: 60em}
.rnn-probed {min-height: 14em; max-width: 60em}
.rnn-words p, .rnn-probed p, .rnn-heat-words {line-height: 1.4; margin: 0.2em 0; max-width: 60em}
"""
)


def unit_html(text, values):
    """A text with one unit marked: a line above where it is high, below where it is low."""
    marks = [" class='rnn-unit-2'", " class='rnn-unit-1'", "", " class='rnn-unit1'",
             " class='rnn-unit2'"]  # fmt: skip
    levels = np.digitize(values, [-0.75, -0.25, 0.25, 0.75])
    spans = "".join(
        f"<span data-i='{i}'{marks[level]}>{'⏎' if c == chr(10) else escape(c)}</span>"
        + "\n" * (c == "\n")
        for i, (c, level) in enumerate(zip(text, levels))
    )
    words = "one unit along the text; arrow keys choose a character"
    return page_html(spans, walk_attributes("text", words, 1, len(text)))


def window(n, i):
    """Which characters of n the picture of all units shows: the first, and the one after."""
    first = min(i // WIDEST * WIDEST, max(n - WIDEST, 0))
    return first, min(first + WIDEST, n)


def heat_html(hidden, marks, shown, feature):
    """All units (n, S), one a row, by the characters of a window; above, where the marks are."""
    first, end = shown
    values = np.clip(hidden[first:end].T, -1, 1)
    units, n = len(values), len(hidden)
    colours = np.empty(values.shape + (4,))
    colours[..., :3] = np.where(values[..., np.newaxis] > 0, to_rgb(ORANGE), to_rgb(BLUE))
    colours[..., 3] = np.abs(values)  # zero is the page itself, light or dark
    strip = np.full((1, end - first, 4), 0.5)
    strip[0, :, 3] = marks[first:end]
    feature = escape(feature, quote=True)
    words = f"all {units} units; arrow keys choose a unit and a character"
    walk = walk_attributes("units", words, units, n)
    return (
        f"<div class='rnn-heat-words'>All {units} units, one a row, after the characters "
        f"{first + 1:,} to {end:,}: orange above zero, blue below. Grey marks: “{feature}”. "
        "Units at the top are high there, units at the bottom are low.</div>"
        f"{image(strip, f'Where “{feature}” is true', 'rnn-strip')}"
        f"<div class='rnn-heat' tabindex='0' data-shown='0 {first} {units} {end - first}'{walk}>"
        f"{image(colours, f'All {units} units by {end - first} characters')}"
        f"<div class='rnn-heat-row'></div><div class='rnn-heat-column'></div></div>"
    )


def image(colours, alt, name=""):
    """Colours (rows, columns, 4) as a picture in the page, one pixel each."""
    file = io.BytesIO()
    matplotlib.image.imsave(file, np.ascontiguousarray(colours), format="png")
    data = base64.b64encode(file.getvalue()).decode()
    return f"<img class='{name}' alt='{alt}' src='data:image/png;base64,{data}'>"


def frame_css(place, units, row, shown, i):
    """Where the frames around the chosen row and column stand."""
    first, end = shown
    return (
        f"{place}.rnn-heat-row {{top: {100 * row / units:.3f}%; height: {100 / units:.3f}%}} "
        f"{place}.rnn-heat-column {{left: {100 * (i - first) / (end - first):.3f}%; "
        f"width: {100 / (end - first):.3f}%}}"
    )


def words_html(reading, unit, i, feature, follows):
    """What the chosen unit is after the chosen character, and which others stand out."""
    state = reading.hidden[i]
    order = np.argsort(-state, kind="stable")
    high, low = order[:3], order[: -min(4, len(order) + 1) : -1]
    named = [", ".join(f"{u} ({signed(state[u])})" for u in some) for some in (high, low)]
    return (
        f"<p>After <b>{escape(visible(reading.text[i]))}</b>, character {i + 1:,} of "
        f"{len(reading.text):,}, <b>unit {unit} is at {signed(state[unit])}</b>. Along this text "
        f"it follows “{escape(feature)}” with a correlation of {signed(follows)}.</p>"
        f"<p>After this character, the highest units are {named[0]}; the lowest are {named[1]}."
        "</p>"
    )


def signed(value):
    """A number with its sign and two digits."""
    return f"{value + 0.0:+.2f}".replace("-", "−")


def probe_html(trained, blank, feature, what):
    """Scores (2, parts) of one unit and of all units, of the network and of untrained ones."""
    names = ("best single unit", "all units together")
    rows = "".join(
        f"<tr><th scope='row'>{who}</th>" + "".join(map(score_cell, scores)) + "</tr>"
        for who, scores in (("this network", trained), ("untrained networks", blank))
    )
    heads = "".join(f"<th scope='col'>{name}</th>" for name in names)
    low, high = np.min(trained[1]), np.max(trained[1])
    if low > np.max(blank[1]):
        verdict = "All units together predict it better after training: the ranges are apart."
    elif high < np.min(blank[1]):
        verdict = "All units together predict it better without training: the ranges are apart."
    else:
        verdict = (
            "All units together: a tie, the ranges overlap. Training has added nothing that this "
            "probe sees."
        )
    return (
        f"<table class='rnn-table'><caption>Who tells “{escape(feature)}”?</caption>"
        f"<thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p><b>{verdict}</b></p>"
        "<p>Score: how often a character where it is true ranks above one where it is false; 0.5 "
        "is chance, where the bars begin, and 1 is perfect. Chosen and fitted on four fifths, "
        f"tried on the last, each fifth in turn: median and range, on {what}. Untrained: three "
        "networks of the same size.</p>"
    )


def score_cell(scores):
    """A median and a range, with a bar that begins at chance."""
    middle = np.median(scores)
    width = 100 * max(2 * middle - 1, 0)
    return (
        f"<td><div class='rnn-bar' style='width: {width:.0f}%'></div>"
        f"{middle:.2f} ({np.min(scores):.2f} to {np.max(scores):.2f})</td>"
    )


class Followed:
    """What `clusters.plane_svg` draws, for a network that was trained elsewhere."""

    plane = clusters.Lesson.plane

    def __init__(self, language, parameters, reading):
        self.language, self.parameters, self.hidden = language, parameters, [reading.hidden]
        self.text, self.states = reading.text, language.beliefs(reading.text).argmax(axis=1)

    def html(self, t):
        """The way to character t, and where the language and the network are there."""
        picture, words = clusters.plane_svg(self, 0, t), clusters.where_html(self, 0, t)
        return f"{picture}<p>{words}</p>"

    def still_text(self, most=60):
        """The first characters, and the state of both after each, as plain text."""
        here = range(min(most, len(self.text)))
        states = [clusters.state_after(self, t).split()[-1][:1] for t in here]
        nearest = [clusters.nearest_state(self, 0, t).split()[-1][:1] for t in here]
        return (
            f"characters:            {self.text[:most]}\n"
            f"state of the language: {''.join(states)}\n"
            f"nearest cluster:       {''.join(nearest)}"
        )
