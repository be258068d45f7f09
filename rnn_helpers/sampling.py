"""Rung 6: the network writes (derived in notebook 06)."""

from functools import partial

import numpy as np

from rnn_helpers._checks import generator, model, one_length, top, whole_number
from rnn_helpers.cells import by_cell, zero_state
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax


def next_character_probabilities(parameters, h, id, temperature=1.0, *, top_k=None, top_p=None):
    """Read one character and give the probabilities of the next.

    Parameters
    ----------
    h : array (H,) or (B, H)
        The hidden state before the character.
    id : int, or int array (B,)
    temperature : float
        0 gives the most probable character probability 1; 1 is what the network learnt.
    top_k, top_p : int, float, optional
        As for `sample`: the characters that it would not draw have probability 0.

    Returns
    -------
    p : float64 array (V,) or (B, V)
        The probability of each character to come next.
    h : array (H,) or (B, H)
        The hidden state after the character.

    Raises ValueError for an id outside the vocabulary or a negative temperature.
    """
    top(top_k, top_p)
    logits, h = forward_step(parameters, id, h)
    return keep_top(softmax(logits.astype(np.float64), temperature), top_k, top_p), h


def forward_step(parameters, id, h):
    """What `forward` gives for one character: its logits, and h after it."""
    hidden, logits = forward(parameters, np.asarray(id)[np.newaxis], h)
    return logits[0], hidden[1]


@partial(by_cell, default=lambda parameters: partial(forward_step, parameters))
def stepper(parameters):
    """`forward_step` as a function of id and h, with the work that all steps share done once."""
    Wxh, Whh, Why, bh, by = parameters
    from_input, WhhT, WhyT = np.ascontiguousarray(Wxh.T) + bh, Whh.T, Why.T

    def step(id, h):
        h = np.tanh(from_input[id] + h.dot(WhhT))
        return h.dot(WhyT) + by, h

    return step


def sample(
    parameters, vocabulary, prompt, length, *, temperature=1.0, rng, h0=None, top_k=None,
    top_p=None,
):  # fmt: skip
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
    top_k, top_p : int, float, optional
        Draw only from the k most probable characters; from the smallest set of them that has a
        probability of at least p (Holtzman et al., 2020); or, with both, from the smaller set.

    Returns
    -------
    str, or list of str
        The `length` characters that follow, without the prompt.

    Raises ValueError or TypeError that says what is wrong with an argument or the weights.
    """
    alone = isinstance(prompt, str)
    prompts = one_length([prompt] if alone else list(prompt))
    whole_number("length", length, 0)
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, not {temperature}")
    top(top_k, top_p)
    model(parameters, vocabulary)
    if temperature > 0:
        generator(rng)
    ids = np.transpose([vocabulary.encode(text) for text in prompts])  # (n, B)
    ids = ids[:, 0] if alone else ids
    zeros = zero_state(parameters, ids.shape[1:])
    h = zeros if h0 is None else np.asarray(h0, zeros.dtype)
    if h.shape != zeros.shape:
        raise ValueError(f"h0 must have the shape {zeros.shape}, not {h.shape}")
    if not np.isfinite(h).all():
        raise ValueError("h0 holds infinity or NaN")
    step, written = stepper(parameters), np.empty((length,) + ids.shape[1:], np.int64)
    with np.errstate(over="ignore"):  # far below the highest score: exp(-inf) = 0
        for id in ids:
            logits, h = step(id, h)
        for t in range(length):
            if temperature == 0:
                written[t] = logits.argmax(axis=-1)
            else:
                written[t] = draw(keep_top(weigh(logits, temperature), top_k, top_p), rng)
            logits, h = step(written[t], h)
    return vocabulary.decode(written) if alone else [vocabulary.decode(w) for w in written.T]


def weigh(logits, temperature):
    """Weights (..., V) for `draw`: the probabilities, but for a factor that cancels."""
    scores = logits.astype(np.float64)
    scores -= scores.max(axis=-1, keepdims=True)
    if temperature != 1:
        scores /= temperature
    return np.exp(scores)


def keep_top(weights, top_k, top_p):
    """The weights (..., V) of the top k or top p, scaled to add up to 1; of all, as they are."""
    if top_k is None and top_p is None:
        return weights
    order = np.argsort(-weights, axis=-1, kind="stable")  # of equal ones, the lower id first
    ranked = np.take_along_axis(weights, order, axis=-1)
    if top_p:  # a character stays if those before it have less than p; 1e-12 is for rounding
        before = (ranked.cumsum(axis=-1) - ranked) / ranked.sum(axis=-1, keepdims=True)
        ranked[before >= (1 - 1e-12) * top_p] = 0
    if top_k:
        ranked[..., top_k:] = 0
    kept = np.zeros_like(weights)
    np.put_along_axis(kept, order, ranked / ranked.sum(axis=-1, keepdims=True), axis=-1)
    return kept


def draw(weights, rng):
    """Draw an id for each row of weights (..., V), as ``rng.choice(V, p=p)`` does for one."""
    ends = weights.cumsum(axis=-1)  # each character has an interval as long as its weight
    if ends.ndim == 1:
        return ends.searchsorted(rng.random() * ends[-1], side="right")
    points = rng.random(ends.shape[:-1] + (1,)) * ends[..., -1:]  # one a row
    return (ends > points).argmax(axis=-1)  # the first interval that ends beyond the point
