"""Rung 6: the network writes (derived in notebook 06)."""

import numpy as np

from rnn_helpers.cells import zero_state
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax


def next_character_probabilities(parameters, h, id, temperature=1.0):
    """Read one character and give the probabilities of the next.

    Parameters
    ----------
    h : array (H,) or (B, H)
        The hidden state before the character.
    id : int, or int array (B,)
    temperature : float
        0 gives the most probable character probability 1; 1 is what the network learnt.

    Returns
    -------
    p : float64 array (V,) or (B, V)
        The probability of each character to come next.
    h : array (H,) or (B, H)
        The hidden state after the character.

    Raises ValueError for an id outside the vocabulary or a negative temperature.
    """
    hidden, logits = forward(parameters, np.asarray(id)[np.newaxis], h)
    return softmax(logits[0].astype(np.float64), temperature), hidden[1]


def sample(parameters, vocabulary, prompt, length, *, temperature=1.0, rng, h0=None):
    """Let the network continue a prompt.

    Parameters
    ----------
    prompt : str, or list of str
        One character or more for the network to read first. B prompts of equal length are
        continued as one batch, which is several times as fast.
    length : int
        How many characters to write.
    temperature : float
        0 takes the most probable character each time (argmax) and ignores `rng`.
    rng : numpy.random.Generator
        Where the draws come from: ``np.random.default_rng(seed)``.
    h0 : array (H,) or (B, H), optional
        The state to start from; zeros by default.

    Returns
    -------
    str, or list of str
        The `length` characters that follow, without the prompt.

    Raises ValueError that says what is wrong with prompt, length, temperature or weights.
    """
    alone = isinstance(prompt, str)
    prompts = [prompt] if alone else list(prompt)
    if not prompts or "" in prompts:
        raise ValueError("the prompt is empty; give at least one character to continue")
    if len({*map(len, prompts)}) > 1:
        raise ValueError(f"prompts must have the same length, not {[*map(len, prompts)]}")
    if length < 0:
        raise ValueError(f"length must be 0 or more, not {length}")
    if len(vocabulary) != len(parameters.by):
        raise ValueError(
            f"this network knows {len(parameters.by)} characters, the vocabulary "
            f"{len(vocabulary)}; use the vocabulary that it was trained with"
        )
    if not all(np.isfinite(weight).all() for weight in parameters):
        raise ValueError("some weights are infinite or NaN; did the training diverge?")
    ids = np.transpose([vocabulary.encode(text) for text in prompts])  # (n, B)
    ids = ids[:, 0] if alone else ids
    h = zero_state(parameters, ids.shape[1:]) if h0 is None else h0
    for id in ids:
        p, h = next_character_probabilities(parameters, h, id, temperature)
    written = np.empty((length,) + ids.shape[1:], np.int64)
    for t in range(length):
        written[t] = p.argmax(axis=-1) if temperature == 0 else draw(p, rng)
        p, h = next_character_probabilities(parameters, h, written[t], temperature)
    return vocabulary.decode(written) if alone else [vocabulary.decode(w) for w in written.T]


def draw(p, rng):
    """Draw an id for each row of p (..., V), as ``rng.choice(V, p=p)`` does for one."""
    ends = p.cumsum(axis=-1)  # each character has an interval of 0 .. 1, as long as its p
    ends /= ends[..., -1:]
    points = rng.random(p.shape[:-1] + (1,))  # one a row
    return (ends > points).argmax(axis=-1)  # the first interval that ends beyond the point
