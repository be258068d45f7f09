"""A GRU, as the exercises of chapter 10 ask for it, and a rival in its races.

Do not read on before you have solved them.

z_t = sigmoid(a_z)   r_t = sigmoid(a_r)
n_t = tanh(Wn x_t + Un (r_t h_{t-1}) + bn)       what is new, from a part of the old state
h_t = z_t h_{t-1} + (1 - z_t) n_t                a part of the old, a part of the new

The rows of Wxh, Whh and bh are those of z, r and n, H each; y_t = Why h_t + by.

Cho and others, 2014.
"""

from typing import NamedTuple

import numpy as np

from rnn_helpers.cells import register_cell
from rnn_helpers.encoding import one_hot
from rnn_helpers.loss import cross_entropy_and_gradient
from rnn_helpers.lstm import sigmoid


class GRUParameters(NamedTuple):
    """V = vocabulary size, H = hidden size; three gates in 3H rows."""

    Wxh: np.ndarray  # (3H, V)
    Whh: np.ndarray  # (3H, H)
    Why: np.ndarray  # (V, H)
    bh: np.ndarray  # (3H,)
    by: np.ndarray  # (V,)


def init_gru(vocab_size, hidden_size, rng, *, scale=0.01, dtype=np.float64):
    """Small random weights; all biases are zero."""

    def weights(*shape):
        return (scale * rng.standard_normal(shape)).astype(dtype)

    return GRUParameters(
        Wxh=weights(3 * hidden_size, vocab_size),
        Whh=weights(3 * hidden_size, hidden_size),
        Why=weights(vocab_size, hidden_size),
        bh=np.zeros(3 * hidden_size, dtype),
        by=np.zeros(vocab_size, dtype),
    )


def read(parameters, inputs, h0):
    """The states (T + 1, [B,] H), z and r (T, [B,] 2H), and n (T, [B,] H)."""
    Wxh, Whh, _, bh, _ = parameters
    H = Whh.shape[1]
    hidden = np.empty((len(inputs) + 1,) + h0.shape, np.result_type(h0, Wxh))
    hidden[0] = h0
    a = Wxh.T[inputs] + bh
    zr, n = a[..., : 2 * H], a[..., 2 * H :]  # views
    for t in range(len(inputs)):
        before = hidden[t]
        zr[t] += before @ Whh[: 2 * H].T
        sigmoid(zr[t], out=zr[t])
        z, r = zr[t, ..., :H], zr[t, ..., H:]
        n[t] += (r * before) @ Whh[2 * H :].T
        np.tanh(n[t], out=n[t])
        hidden[t + 1] = z * before + (1 - z) * n[t]
    return hidden, zr, n


def gru_forward(parameters, inputs, h0):
    """The states (T + 1, [B,] H) and the logits (T, [B,] V)."""
    hidden, _, _ = read(parameters, np.asarray(inputs), np.asarray(h0))
    return hidden, hidden[1:] @ parameters.Why.T + parameters.by


def gru_loss_and_gradients(parameters, inputs, targets, h0):
    """As the plain network's, by the rules of chapter 04."""
    Wxh, Whh, Why, bh, by = parameters
    V, H = Why.shape
    hidden, zr, n = read(parameters, inputs, h0)
    loss, dlogits = cross_entropy_and_gradient(hidden[1:] @ Why.T + by, targets)
    z, r, before = zr[..., :H], zr[..., H:], hidden[:-1]
    dh = dlogits @ Why
    da, dhnext = np.empty(n.shape[:-1] + (3 * H,), n.dtype), 0
    for t in reversed(range(len(inputs))):
        dh[t] += dhnext
        dn = dh[t] * (1 - z[t]) * (1 - n[t] ** 2)
        dkept = dn @ Whh[2 * H :]  # the arrow into r h
        da[t, ..., :H] = dh[t] * (before[t] - n[t]) * z[t] * (1 - z[t])
        da[t, ..., H : 2 * H] = dkept * before[t] * r[t] * (1 - r[t])
        da[t, ..., 2 * H :] = dn
        dhnext = dh[t] * z[t] + dkept * r[t] + da[t, ..., : 2 * H] @ Whh[: 2 * H]
    x = one_hot(inputs, V, da.dtype).reshape(-1, V)
    kept, before = (r * before).reshape(-1, H), before.reshape(-1, H)
    after, da, dlogits = hidden[1:].reshape(-1, H), da.reshape(-1, 3 * H), dlogits.reshape(-1, V)
    gradients = GRUParameters(
        Wxh=da.T @ x,
        Whh=np.concatenate([da[:, : 2 * H].T @ before, da[:, 2 * H :].T @ kept]),
        Why=dlogits.T @ after,
        bh=da.sum(axis=0),
        by=dlogits.sum(axis=0),
    )
    return loss, gradients, hidden[-1].copy()


register_cell(
    GRUParameters,
    forward=gru_forward,
    loss_and_gradients=gru_loss_and_gradients,
    state_size=lambda parameters: parameters.Whh.shape[1],
)
