"""Tables, pages and pictures of chapter 06, so that its cells show the idea alone."""

import json
import re
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from rnn_helpers import plots
from rnn_helpers.cells import zero_state
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax

HELD_OUT = Path(__file__).parent.parent / "data" / "held_out.json"
WIDTH = 72  # characters on a printed line


def page(text, indent=""):
    """A text as a page: lines end between words, and empty lines separate paragraphs."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    lines = [
        textwrap.fill(part, WIDTH, initial_indent=indent, subsequent_indent=indent)
        for part in paragraphs
        if part
    ]
    return "\n\n".join(lines)


def spread(values, digits=2, unit=""):
    """The median of some values and their range: "2.33 (2.11 to 2.41)"; of one value, itself."""
    low, middle, high = (
        f"{v:.0%}" if unit == "%" else f"{v:.{digits}f}"
        for v in (np.min(values), np.median(values), np.max(values))
    )
    return f"{middle} ({low} to {high})" if len(values) > 1 else middle


def held_out_results():
    """What `data/make_baselines.py` has stored: a dict for each text that was read."""
    return json.loads(HELD_OUT.read_text(encoding="utf-8"))


def held_out_table(results):
    """One line for each text: the network, counts of 3 to 5 characters, and the difference."""
    lines = ["bits a character     network   counts of 3, 4, 5     network - counts of 4"]
    for name, r in results.items():
        counts = "".join(f"{b:6.2f}" for b in r["counts"][3:6])
        gap = f"{r['difference'][4]:+.2f} ± {r['error'][4]:.2f}"
        lines.append(f"{name:20} {r['network']:7.2f} {counts:>20} {gap:>25}")
    return "\n".join(lines)


def mean_and_error(values):
    """The mean of some values and its standard error, if they are independent."""
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


def calibration_picture(said, happened, bars, cases):
    """What was given as probability against how often it happened, with error bars."""
    figure, axes = plt.subplots(figsize=(5.4, 4.4))
    axes.plot([0, 1], [0, 1], color=plots.GREY, linewidth=1, linestyle=":")
    axes.errorbar(said, happened, bars, fmt="o", markersize=5, capsize=3, elinewidth=1.2)
    for x, y, n in zip(said, happened, cases):
        axes.annotate(f"{n:,}", (x, y), xytext=(7, -11), textcoords="offset points",
                      color=plots.GREY, fontsize=9)  # fmt: skip
    axes.text(0.3, 0.72, "on the dotted line:\nas often as it said", color=plots.GREY, ha="center")
    axes.set(xlabel="probability given", ylabel="share of cases in which it happened")
    axes.set(xlim=(-0.02, 1.08), ylim=(-0.07, 1.05))
    return axes


def beam_search(parameters, vocabulary, prompt, length, width):
    """The cheapest continuation of `length` characters that a search of this width finds.

    After each character it keeps the `width` cheapest texts so far; ties go to the first.
    """
    ids = vocabulary.encode(prompt)
    hidden, logits = forward(parameters, ids, zero_state(parameters))
    h, bits = hidden[-1:], -np.log2(softmax(logits[-1:]))
    cost, texts = np.zeros(1), np.empty((1, 0), int)
    for _ in range(length):
        total = cost[:, np.newaxis] + bits
        best = np.argsort(total, axis=None, kind="stable")[:width]
        row, id = np.divmod(best, total.shape[1])
        cost, texts = total.ravel()[best], np.column_stack([texts[row], id])
        hidden, logits = forward(parameters, id[np.newaxis], h[row])
        h, bits = hidden[-1], -np.log2(softmax(logits[-1]))
    return vocabulary.decode(texts[0])


def words_of(text):
    """The words of a text in small letters."""
    return re.findall(r"[a-z]+", text.lower())


def known_words(text, source):
    """Which share of the words of a text occurs in the source, without the last, perhaps cut."""
    words, known = words_of(text)[:-1], set(words_of(source))
    return np.mean([word in known for word in words])


def repeated(text, length=12):
    """Which share of the strings of this length stood earlier in the same text already."""
    strings = [text[i : i + length] for i in range(len(text) - length + 1)]
    return 1 - len(set(strings)) / len(strings)


def knobs_table(known, repeated):
    """One line for each (knob, value) of two dicts of shares: their medians and ranges."""
    lines = [f"{'':16}{'known words':22}repeated strings"]
    for knob, value in known:
        name = f"{knob.replace('_', '-')} {value}"
        shares = (spread(share[knob, value], unit="%") for share in (known, repeated))
        lines.append(f"{name:16}{next(shares):22}{next(shares)}")
    return "\n".join(lines)
