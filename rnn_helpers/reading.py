"""What a network makes of a text, character by character: the sums behind the widgets."""

import gzip
from typing import NamedTuple

import numpy as np

from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax
from rnn_helpers.sampling import next_character_probabilities, sample
from rnn_helpers.training import windows


class Reading(NamedTuple):
    """A text of n characters as a network read it, from a zero state."""

    text: str
    bits: np.ndarray  # (n,) what each character cost; 0 for the first, which none foretold
    likeliest: np.ndarray  # (n, K) the ids that were most expected there, the best first
    chances: np.ndarray  # (n, K) and their probabilities; 0 at the first character
    hidden: np.ndarray  # (n, H) the state after each character


def read(parameters, vocabulary, text, *, most=5):
    """Read a text and keep what each character cost, and what was expected instead.

    Raises ValueError if the text has fewer than two characters, or one that the
    vocabulary lacks.
    """
    if len(text) < 2:
        raise ValueError("write at least two characters: the first is read, the next foretold")
    ids = vocabulary.encode(text)
    n, most = len(ids), min(most, len(vocabulary))
    bits, hidden = np.zeros(n), np.empty((n, len(parameters.bh)))
    likeliest, chances = np.zeros((n, most), int), np.zeros((n, most))
    h, start = np.zeros_like(parameters.bh), 0
    for inputs, targets in windows(ids, min(1000, n)):
        states, logits = forward(parameters, inputs, h)
        p, rows = softmax(logits.astype(np.float64)), np.arange(len(inputs))
        here = slice(start + 1, start + 1 + len(inputs))  # where the targets stand
        bits[here] = -np.log2(np.maximum(p[rows, targets], 1e-300))
        likeliest[here] = np.argsort(-p, axis=1, kind="stable")[:, :most]
        chances[here] = np.take_along_axis(p, likeliest[here], axis=1)
        hidden[start : start + len(inputs)] = states[1:]
        h, start = states[-1], start + len(inputs)
    hidden[-1] = forward(parameters, ids[-1:], h)[0][-1]
    return Reading(text, bits, likeliest, chances, hidden)


def yardsticks(text):
    """What others would pay for a text, in bits for the whole of it, by name.

    The letter frequencies are counted on this very text, and come for free; gzip pays
    for its own header, which makes it dear for a short text.
    """
    counts = np.unique(list(text), return_counts=True)[1]
    return {
        "letter frequencies": float((counts * np.log2(len(text) / counts)).sum()),
        "gzip": 8.0 * len(gzip.compress(text.encode(), mtime=0)),
    }


class Writing(NamedTuple):
    """A continuation of m characters, and what might have come first."""

    text: str
    chances: np.ndarray  # (m,) what the network gave each character, at temperature 1
    p: np.ndarray  # (V,) what may come right after the prompt, at the temperature asked for


def explore(parameters, vocabulary, prompt, temperature, length, seed):
    """Go on from a prompt, and say how likely each character was.

    Raises ValueError as `sample` does.
    """
    ids = vocabulary.encode(prompt)
    hidden, _ = forward(parameters, ids[:-1], np.zeros_like(parameters.bh))
    h = hidden[-1]  # before the prompt's last character: both answers begin with that one
    last, rng = prompt[-1:], np.random.default_rng(seed)
    text = sample(parameters, vocabulary, last, length, temperature=temperature, rng=rng, h0=h)
    p, _ = next_character_probabilities(parameters, h, ids[-1], temperature)
    written = vocabulary.encode(text)
    _, logits = forward(parameters, np.append(ids[-1:], written[:-1])[:length], h)
    chances = softmax(logits.astype(np.float64))[np.arange(length), written]
    return Writing(text, chances, p)


def quotation(text):
    """True for each character between quotation marks, the opening one included.

    An empty line ends a quotation: one that goes on is opened again.
    """
    inside, before, marks = False, "", []
    for character in text:
        ends = character == before == "\n"
        now = {"“": True, "”": False, '"': not inside}.get(character, inside)
        inside, before = now and not ends, character
        marks.append(inside)
    return np.array(marks)


FEATURES = {
    "space": lambda text: [c == " " for c in text],
    "line end": lambda text: [c == "\n" for c in text],
    "inside a quotation": quotation,
    "capital letter": lambda text: [c.isupper() for c in text],
    "vowel": lambda text: [c in "aeiouAEIOU" for c in text],
    "punctuation": lambda text: [not c.isalnum() and not c.isspace() for c in text],
}


def following(hidden, text):
    """How strongly each unit follows each feature: correlations (H,), by name.

    1: the unit is high where the feature is and low elsewhere; -1: the other way round;
    0: no relation, or the text never (or always) has the feature.
    """
    steady = hidden - hidden.mean(axis=0)
    result = {}
    for name, feature in FEATURES.items():
        marks = np.asarray(feature(text), float)
        marks -= marks.mean()
        size = np.sqrt((steady**2).sum(axis=0) * (marks**2).sum())
        result[name] = np.divide(marks @ steady, size, out=np.zeros(len(size)), where=size > 1e-12)
    return result
