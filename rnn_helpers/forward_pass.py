"""Rung 2: the network reads (derived in notebook 02).

h_t = tanh(Wxh x_t + Whh h_{t-1} + bh)          the hidden state
y_t = Why h_t + by                              the logits
"""

from typing import NamedTuple

import numpy as np

from rnn_helpers._checks import FLOATS, generator, whole_number
from rnn_helpers.cells import by_cell, register_cell
from rnn_helpers.encoding import check_ids


class Parameters(NamedTuple):
    """What the network learns. V = vocabulary size, H = hidden size."""

    Wxh: np.ndarray  # (H, V)  input to hidden
    Whh: np.ndarray  # (H, H)  hidden to hidden
    Why: np.ndarray  # (V, H)  hidden to output
    bh: np.ndarray  # (H,)    hidden bias
    by: np.ndarray  # (V,)    output bias


register_cell(Parameters)


def init_parameters(vocab_size, hidden_size, rng, *, scale=0.01, dtype=np.float64):
    """Small random weights, zero biases.

    Parameters
    ----------
    vocab_size, hidden_size : int
        V and H, both at least 1.
    rng : numpy.random.Generator
        Where the randomness comes from: ``np.random.default_rng(seed)``.
    scale : float
        Standard deviation of the weights.
    dtype : float64, or float32 for speed (notebook 08)

    Raises ValueError or TypeError for any other size, scale, generator or dtype.
    """
    check_new_network(vocab_size, hidden_size, rng, scale, dtype)

    def weights(*shape):
        return (scale * rng.standard_normal(shape)).astype(dtype)

    return Parameters(
        Wxh=weights(hidden_size, vocab_size),
        Whh=weights(hidden_size, hidden_size),
        Why=weights(vocab_size, hidden_size),
        bh=np.zeros(hidden_size, dtype),
        by=np.zeros(vocab_size, dtype),
    )


@by_cell
def forward(parameters, inputs, h0):
    """Read T characters, one stream or a batch of B.

    Parameters
    ----------
    inputs : int array (T,) or (T, B)
        Ids; the network sees them as one-hot vectors.
    h0 : array (H,) or (B, H)
        The hidden state before the first character.

    Returns
    -------
    hidden : array (T + 1, H) or (T + 1, B, H)
        hidden[0] is h0, hidden[t + 1] the state after reading inputs[t].
    logits : array (T, V) or (T, B, V)
        logits[t] scores every character as the one that follows inputs[t].

    Both are of the parameters' dtype. Raises ValueError if an id is not in the vocabulary, the
    shapes do not agree, or the dtype is not a float of 32 or 64 bits (or complex: notebook 04).
    """
    Wxh, Whh, Why, bh, by = parameters
    inputs, h0, dtype = check_reading(parameters, inputs, h0, Wxh.shape[1], len(bh))
    hidden = np.empty((len(inputs) + 1,) + h0.shape, dtype)
    hidden[0] = h0
    if h0.ndim > 1 and len(inputs) > 1:  # lay each column out as one piece, to pick it faster
        Wxh = np.asfortranarray(Wxh)
    np.add(Wxh.T[inputs], bh, out=hidden[1:])  # Wxh x_t is a column of Wxh: pick it
    h, WhhT = hidden[0], Whh.T
    for now in hidden[1:]:  # rows: what changes `now` changes hidden
        now += h.dot(WhhT)
        h = np.tanh(now, out=now)
    logits = hidden[1:] @ Why.T
    logits += by
    return hidden, logits


def check_new_network(vocab_size, hidden_size, rng, scale, dtype):
    """Raise ValueError or TypeError unless a network can be made with these arguments."""
    whole_number("vocab_size", vocab_size, 1)
    whole_number("hidden_size", hidden_size, 1)
    generator(rng)
    if not 0 <= scale < np.inf:
        raise ValueError(f"scale must be a finite number, 0 or more, not {scale}")
    if np.dtype(dtype) not in FLOATS:
        raise ValueError(f"dtype must be float64 or float32, not {np.dtype(dtype)}")


def check_reading(parameters, inputs, h0, vocab_size, size, name="H"):
    """Inputs and h0 as arrays, and the dtype to compute in; ValueError if they do not fit.

    `size` is the length of the state, and `name` what it is called in the error.
    """
    inputs, h0 = check_ids(inputs, vocab_size), np.asarray(h0)
    if inputs.ndim not in (1, 2) or h0.shape != inputs.shape[1:] + (size,):
        raise ValueError(
            f"inputs (T,) or (T, B) need h0 ({name},) or (B, {name}) with {name} = {size}, "
            f"not {inputs.shape} and {h0.shape}"
        )
    dtype = np.result_type(*parameters, *([h0] if h0.dtype.kind == "c" else []))
    if dtype not in (*FLOATS, np.complex128):
        raise ValueError(f"the parameters must be float64 or float32, not {dtype}")
    return inputs, h0, dtype
