"""Parts of a page, as HTML, that several widgets show."""

import itertools
from html import escape

from rnn_helpers.plots import BLUE, visible

# ipywidgets gives the handle of a slider no name that a screen reader could say. This line of
# JavaScript does, each time the style that holds it is put into the page.
NAME_SLIDERS = (
    "for (const wait of [100, 500, 2000]) setTimeout(() => "
    "document.querySelectorAll('.widget-slider .noUi-handle').forEach(h => "
    "h.setAttribute('aria-label', h.closest('.widget-slider').querySelector('label').textContent)"
    "), wait)"
)

# JupyterLab takes keys for itself while a button or a slider has the focus: x cuts the cell, a
# makes a new one, an arrow key goes to the next one. These lines tell it, by an attribute that it
# knows, to leave keys alone that are pressed inside .rnn-keys. Ctrl+S, Shift+Enter and Escape
# still reach it. They listen at the window, which comes before JupyterLab's listener.
KEEP_KEYS = (
    "if (!window.rnnKeys) {window.rnnKeys = true; window.addEventListener('keydown', e => {"
    "if (!e.target.closest?.('.rnn-keys')) return;"
    "const lab = e.ctrlKey || e.metaKey || e.altKey || e.key === 'Escape'"
    " || e.shiftKey && e.key === 'Enter';"
    "e.target.toggleAttribute('data-lm-suppress-shortcuts', !lab)}, true)}"
)

CSS = """
.rnn-page {background: #fff; color: #1b1f24; font-family: monospace; line-height: 1.7;
  padding: 0.4em 0.6em; border: 1px solid #d1d5db; max-height: 24em; overflow-y: auto;
  white-space: pre-wrap; overflow-wrap: anywhere}
.rnn-table {border-collapse: collapse; margin: 0.3em 1.5em 0.3em 0; line-height: 1.5}
.rnn-table caption {text-align: left; white-space: nowrap}
.rnn-table th, .rnn-table td {padding: 0.1em 0.6em; text-align: right; font-weight: normal;
  vertical-align: middle}
.rnn-table th:first-child {font-family: monospace; text-align: left}
.rnn-bar {height: 0.9em; background: BLUE}
.rnn-key span {padding: 0 0.4em 0.2em; color: #1b1f24; white-space: nowrap}
.rnn-old {opacity: 0.5}
""".replace("BLUE", BLUE)


def style_html(css, script=NAME_SLIDERS):
    """Rules for the page, and JavaScript that runs when they are put into it."""
    return f'<style onload="{script}">{css}</style>'


def page_html(content):
    """A box for a long text, which scrolls and can be reached by the Tab key."""
    return f"<div class='rnn-page' tabindex='0'>{content}</div>"


def bars_html(vocabulary, ids, probabilities, caption):
    """A table of characters: each with its probability as a bar and in per cent."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(visible(vocabulary.characters[i]))}</th>"
        f"<td style='width: 14em'><div class='rnn-bar' style='width: {100 * p:.1f}%'>"
        f"</div></td><td>{p:.1%}</td></tr>"
        for i, p in zip(ids, probabilities)
        if p >= 0.0005
    )
    return f"<table class='rnn-table'><caption>{caption}</caption><tbody>{rows}</tbody></table>"


def runs_html(text, classes):
    """A text with a class for each character; neighbours of one class share a span."""
    spans = []
    for name, group in itertools.groupby(zip(text, classes), key=lambda pair: pair[1]):
        piece = escape("".join("⏎\n" if c == "\n" else c for c, _ in group))
        spans.append(f"<span class='{name}'>{piece}</span>" if name else piece)
    return "".join(spans)


def problem_html(error):
    """What is wrong, in the page, marked by words and not by colour alone."""
    message = str(error)
    stop = "" if message.endswith((".", "?")) else "."
    return (
        f"<p role='alert'><b>This cannot be shown:</b> {escape(message)}{stop}"
        " <i>The last result, if there is one, stays below in grey.</i></p>"
    )
