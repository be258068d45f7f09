"""Rung 6: the network writes (derived in notebook 06)."""

import numpy as np

from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax


def next_character_probabilities(parameters, h, id, temperature=1.0):
    """Read one character and say what may follow.

    Parameters
    ----------
    parameters : Parameters
    h : array (H,)
        The hidden state before the character.
    id : int
        The character.
    temperature : float
        0 puts all belief on the likeliest character, 1 is what the network learnt.

    Returns
    -------
    p : float64 array (V,)
        The probability of each character to come next.
    h : array (H,)
        The hidden state after the character.

    Raises ValueError for an id outside the vocabulary or a negative temperature.
    """
    hidden, logits = forward(parameters, np.array([id]), h)
    return softmax(logits[0].astype(np.float64), temperature), hidden[1]


def sample(parameters, vocabulary, prompt, length, *, temperature=1.0, rng, h0=None):
    """Let the network go on from a prompt.

    Parameters
    ----------
    prompt : str
        One character or more for the network to read first.
    length : int
        How many characters to write.
    temperature : float
        0 takes the likeliest character each time (argmax) and ignores `rng`.
    rng : numpy.random.Generator
        Where the draws come from: ``np.random.default_rng(seed)``.
    h0 : array (H,), optional
        The state to start from; zeros by default.

    Returns
    -------
    str
        The `length` characters that follow, without the prompt.

    Raises ValueError for an empty prompt, a character that the vocabulary lacks, a
    negative length or temperature.
    """
    if not prompt:
        raise ValueError("the prompt is empty; give at least one character to go on from")
    if length < 0:
        raise ValueError(f"length must be 0 or more, not {length}")
    h = np.zeros_like(parameters.bh) if h0 is None else h0
    ids = vocabulary.encode(prompt)
    for id in ids:
        p, h = next_character_probabilities(parameters, h, id, temperature)
    written = []
    for _ in range(length):
        id = p.argmax() if temperature == 0 else draw(p, rng)
        written.append(id)
        p, h = next_character_probabilities(parameters, h, id, temperature)
    return vocabulary.decode(written)


def draw(p, rng):
    """One id, as `rng.choice(len(p), p=p)` draws it: where a point of 0 .. 1 falls."""
    ends = p.cumsum()  # each character owns a stretch as long as it is likely
    ends /= ends[-1]
    return ends.searchsorted(rng.random(), side="right")
