"""Rung 10: a network that can keep what it has read, an LSTM (derived in notebook 10).

i_t = sigmoid(a_i)   f_t = sigmoid(a_f)   o_t = sigmoid(a_o)   g_t = tanh(a_g)
c_t = f_t c_{t-1} + i_t g_t                     the cell: a part of the old, a part of the new
h_t = o_t tanh(c_t)                             what the cell shows
y_t = Why h_t + by                              the logits

The a's are the four parts of Wxh x_t + Whh h_{t-1} + bh, in the order i, f, o, g, H numbers
each. The state of the network is [h, c] in one array, ([B,] 2H). Importing this module registers
the cell, so `forward`, `loss_and_gradients`, `train`, `sample` and all others run it.

Hochreiter and Schmidhuber (1997); the forget gate f is from Gers, Schmidhuber and Cummins (2000).
"""

from typing import NamedTuple

import numpy as np

from rnn_helpers.cells import register_cell
from rnn_helpers.encoding import one_hot
from rnn_helpers.forward_pass import check_new_network, check_reading
from rnn_helpers.loss import cross_entropy_and_gradient


class LSTMParameters(NamedTuple):
    """What the network learns. V = vocabulary size, H = hidden size; four gates in 4H rows."""

    Wxh: np.ndarray  # (4H, V)  input to the gates i, f, o, g
    Whh: np.ndarray  # (4H, H)  hidden to the gates
    Why: np.ndarray  # (V, H)   hidden to output
    bh: np.ndarray  # (4H,)    biases of the gates
    by: np.ndarray  # (V,)     output bias


def init_lstm(
    vocab_size, hidden_size, rng, *, scale=0.01, forget_bias=1.0, dtype=np.float64
):  # fmt: skip
    """Small random weights; biases are zero, but for those of the forget gate.

    Parameters
    ----------
    vocab_size, hidden_size, rng, scale, dtype
        As for `init_parameters`.
    forget_bias : float
        Where the biases of the forget gate start. At 1, f is near 0.73 at first, and so a cell
        keeps a part of its number from the first step on (Jozefowicz and others, 2015).

    Raises ValueError or TypeError for arguments that `init_parameters` refuses, and for a
    forget_bias that is not a finite number.
    """
    check_new_network(vocab_size, hidden_size, rng, scale, dtype)
    if not np.isfinite(forget_bias):
        raise ValueError(f"forget_bias must be a finite number, not {forget_bias}")

    def weights(*shape):
        return (scale * rng.standard_normal(shape)).astype(dtype)

    bh = np.zeros(4 * hidden_size, dtype)
    gates(bh)[1][:] = forget_bias
    return LSTMParameters(
        Wxh=weights(4 * hidden_size, vocab_size),
        Whh=weights(4 * hidden_size, hidden_size),
        Why=weights(vocab_size, hidden_size),
        bh=bh,
        by=np.zeros(vocab_size, dtype),
    )


def gates(array):
    """The parts of an array (..., 4H) that belong to i, f, o and g, each (..., H): views."""
    H = array.shape[-1] // 4
    return array[..., :H], array[..., H : 2 * H], array[..., 2 * H : 3 * H], array[..., 3 * H :]


def sigmoid(a, out=None):
    """1 / (1 + exp(-a)) as (1 + tanh(a / 2)) / 2: the same number, and exp cannot overflow."""
    gate = np.tanh(np.multiply(a, 0.5, out=out), out=out)
    gate += 1
    gate *= 0.5
    return gate


def read(parameters, inputs, h0):
    """`lstm_forward`, which also gives what the way back needs.

    Returns
    -------
    hidden : array (T + 1, [B,] 2H)
    bent : array (T, [B,] 4H)
        The gates i, f, o, g at each step, after sigmoid and tanh.
    shown : array (T, [B,] H)
        tanh(c_t) at each step.
    logits : array (T, [B,] V)
    """
    Wxh, Whh, Why, bh, by = parameters
    H = Whh.shape[1]
    inputs, h0, dtype = check_reading(parameters, inputs, h0, Wxh.shape[1], 2 * H, "2H")
    if h0.ndim > 1 and len(inputs) > 1:  # lay each column out as one piece, to pick it faster
        Wxh = np.asfortranarray(Wxh)
    hidden = np.empty((len(inputs) + 1,) + h0.shape, dtype)
    hidden[0] = h0
    h, c = hidden[..., :H], hidden[..., H:]  # views: what changes them changes hidden
    bent = np.add(Wxh.T[inputs], bh, dtype=dtype)  # Wxh x_t is a column of Wxh: pick it
    ifo, (i, f, o, g) = bent[..., : 3 * H], gates(bent)
    shown, WhhT = np.empty_like(g), Whh.T
    for t in range(len(inputs)):
        bent[t] += h[t].dot(WhhT)
        sigmoid(ifo[t], out=ifo[t])
        np.tanh(g[t], out=g[t])
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
        shown[t] = np.tanh(c[t + 1])
        h[t + 1] = o[t] * shown[t]
    logits = h[1:] @ Why.T
    logits += by
    return hidden, bent, shown, logits


def lstm_forward(parameters, inputs, h0):
    """Read T characters, one stream or a batch of B.

    Parameters
    ----------
    inputs : int array (T,) or (T, B)
    h0 : array (2H,) or (B, 2H)
        The state before the first character: h, then c.

    Returns
    -------
    hidden : array (T + 1, 2H) or (T + 1, B, 2H)
        hidden[0] is h0, hidden[t + 1] the state after reading inputs[t].
    logits : array (T, V) or (T, B, V)

    Of the parameters' dtype. Raises ValueError as the plain network's `forward` does.
    """
    hidden, _, _, logits = read(parameters, inputs, h0)
    return hidden, logits


def lstm_loss_and_gradients(parameters, inputs, targets, h0):
    """The loss of a window and its gradient with respect to every parameter.

    Truncated backpropagation through time: h0, the state [h, c], is treated as a constant.

    Parameters
    ----------
    inputs, targets : int arrays (T,) or (T, B)
    h0 : array (2H,) or (B, 2H)

    Returns
    -------
    loss : float
        Nats, summed over time, averaged over the batch.
    gradients : LSTMParameters
    h_last : array (2H,) or (B, 2H)
        A copy of the last state, to read on from.
    """
    Wxh, Whh, Why, bh, by = parameters
    hidden, bent, shown, logits = read(parameters, inputs, h0)
    loss, dlogits = cross_entropy_and_gradient(logits, targets)
    (width, vocab_size), hidden_size = Wxh.shape, Whh.shape[1]
    h, c = hidden[..., :hidden_size], hidden[..., hidden_size:]
    i, f, o, g = gates(bent)

    da = np.empty_like(bent)  # so far: how a moves c_t (and a_o: how it moves h_t) ...
    da_i, da_f, da_o, da_g = gates(da)
    da_i[:] = g * i * (1 - i)
    da_f[:] = c[:-1] * f * (1 - f)
    da_o[:] = shown * o * (1 - o)
    da_g[:] = i * (1 - g**2)
    dh = dlogits @ Why  # so far the arrow into h_t from its own prediction
    slope = o * (1 - shown**2)  # how c_t moves h_t
    dhnext = dcnext = 0  # nothing comes from beyond the window
    for t in reversed(range(len(da))):
        dh[t] += dhnext
        dc = dh[t] * slope[t] + dcnext
        da_i[t] *= dc  # ... and now dL/da
        da_f[t] *= dc
        da_o[t] *= dh[t]
        da_g[t] *= dc
        dhnext = da[t].dot(Whh)
        dcnext = dc * f[t]

    # Each weight is used at every step: the products below sum over time (and batch).
    x = one_hot(inputs, vocab_size, da.dtype).reshape(-1, vocab_size)
    h_before, h_after = (s.reshape(-1, hidden_size) for s in (h[:-1], h[1:]))
    da, dlogits = da.reshape(-1, width), dlogits.reshape(-1, vocab_size)
    ones = np.ones(len(da), da.dtype)  # ones @ da is da.sum(axis=0), but faster
    gradients = LSTMParameters(
        Wxh=da.T @ x,
        Whh=da.T @ h_before,
        Why=dlogits.T @ h_after,
        bh=ones @ da,
        by=ones @ dlogits,
    )
    return loss, gradients, hidden[-1].copy()


def lstm_stepper(parameters):
    """One step of `lstm_forward` as a function of id and state, for `sample`."""
    Wxh, Whh, Why, bh, by = parameters
    H, from_input, WhhT, WhyT = Whh.shape[1], np.ascontiguousarray(Wxh.T) + bh, Whh.T, Why.T

    def step(id, state):
        a = from_input[id] + state[..., :H].dot(WhhT)
        sigmoid(a[..., : 3 * H], out=a[..., : 3 * H])
        i, f, o, g = gates(a)
        c = f * state[..., H:] + i * np.tanh(g)
        h = o * np.tanh(c)
        return h.dot(WhyT) + by, np.concatenate([h, c], axis=-1)

    return step


register_cell(
    LSTMParameters,
    forward=lstm_forward,
    loss_and_gradients=lstm_loss_and_gradients,
    state_size=lambda parameters: 2 * parameters.Whh.shape[1],
    stepper=lstm_stepper,
)
