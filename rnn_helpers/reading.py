"""What a network makes of a text, character by character: the numbers behind the widgets.

Works for every registered cell (see `cells`). Both functions check at their door that the
vocabulary fits the network and that all weights are finite.
"""

from typing import NamedTuple

import numpy as np

from rnn_helpers._checks import model
from rnn_helpers.cells import zero_state
from rnn_helpers.encoding import windows
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax
from rnn_helpers.sampling import keep_top, sample


class Reading(NamedTuple):
    """A text of n characters as a network read it, from a zero state."""

    text: str
    bits: np.ndarray  # (n,) what each character cost; 0 for the first, which nothing predicts
    top_ids: np.ndarray  # (n, K) the ids that were most probable there, the best first
    top_probabilities: np.ndarray  # (n, K) their probabilities; 0 at the first character
    hidden: np.ndarray  # (n, S) the state after each character


class Writing(NamedTuple):
    """A continuation of m characters, and what might have come in their places."""

    text: str
    probabilities: np.ndarray  # (m,) of each character written, at temperature 1
    logits: np.ndarray  # (m, V) the scores of all that might have come
    alternatives: np.ndarray  # (m, V) their probabilities, at the temperature asked for


def trace(parameters, vocabulary, text, *, top=5):
    """Read a text; keep each character's cost, the best guesses for it, and the state.

    Parameters
    ----------
    text : str
        Two characters or more.
    top : int
        K, how many guesses to keep for each character (all, if the vocabulary has fewer).

    Returns
    -------
    Reading
        Costs in bits, at temperature 1.

    Raises ValueError if the text is shorter or has a character that the vocabulary lacks, if
    the vocabulary does not fit the network, or if some weights are not finite.
    """
    model(parameters, vocabulary)
    if len(text) < 2:
        raise ValueError(
            f"need at least two characters, got {len(text)}: the first has no prediction, the "
            "second is predicted from the first"
        )
    ids = vocabulary.encode(text)
    n, top, h = len(ids), min(top, len(vocabulary)), zero_state(parameters)
    bits, hidden = np.zeros(n), np.empty((n, len(h)))
    top_ids, top_probabilities = np.zeros((n, top), int), np.zeros((n, top))
    start = 0
    for inputs, targets in windows(ids, min(1000, n)):
        states, logits = forward(parameters, inputs, h)
        p, rows = softmax(logits.astype(np.float64)), np.arange(len(inputs))
        here = slice(start + 1, start + 1 + len(inputs))  # where the targets stand
        bits[here] = -np.log2(np.maximum(p[rows, targets], 1e-300))
        top_ids[here] = np.argsort(-p, axis=1, kind="stable")[:, :top]
        top_probabilities[here] = np.take_along_axis(p, top_ids[here], axis=1)
        hidden[start : start + len(inputs)] = states[1:]
        h, start = states[-1], start + len(inputs)
    hidden[-1] = forward(parameters, ids[-1:], h)[0][-1]
    return Reading(text, bits, top_ids, top_probabilities, hidden)


def explore(
    parameters, vocabulary, prompt, temperature, length, seed, *, kept="", top_k=None, top_p=None
):  # fmt: skip
    """Continue a prompt as `sample` does, and give the probabilities of what might have come.

    Parameters
    ----------
    kept : str
        How the continuation begins; the rest is drawn. With it one changes a character of a
        text and lets the network write on from there.
    length : int
        Of the whole continuation.

    Returns
    -------
    Writing

    Raises ValueError as `sample` does: for an empty prompt, a vocabulary that does not fit the
    network, weights that are not finite, a negative length or temperature.
    """
    model(parameters, vocabulary)
    ids = vocabulary.encode(prompt)
    h = forward(parameters, ids[:-1], zero_state(parameters))[0][-1]  # before the last one
    rng, kept = np.random.default_rng(seed), kept[: max(length, 0)]
    top = {"top_k": top_k, "top_p": top_p}
    text = kept + sample(
        parameters, vocabulary, prompt[-1:] + kept, length - len(kept),
        temperature=temperature, rng=rng, h0=h, **top,
    )  # fmt: skip
    written = vocabulary.encode(text)
    _, logits = forward(parameters, np.append(ids[-1:], written[:-1])[:length], h)
    logits = logits.astype(np.float64)
    probabilities = softmax(logits)[np.arange(length), written]
    alternatives = keep_top(softmax(logits, temperature), top_k, top_p)
    return Writing(text, probabilities, logits, alternatives)
