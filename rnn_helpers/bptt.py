"""Rung 4: backpropagation through time (derived in notebook 04)."""

import numpy as np

from rnn_helpers.cells import by_cell
from rnn_helpers.encoding import one_hot
from rnn_helpers.forward_pass import Parameters, forward
from rnn_helpers.loss import cross_entropy_and_gradient


@by_cell
def loss_and_gradients(parameters, inputs, targets, h0):
    """The loss of a window and its gradient with respect to every parameter.

    Truncated backpropagation through time: h0 is treated as a constant.

    Parameters
    ----------
    inputs, targets : int arrays (T,) or (T, B)
    h0 : array (H,) or (B, H)

    Returns
    -------
    loss : float
        Nats, summed over time, averaged over the batch.
    gradients : Parameters
        dL/dWxh, dL/dWhh, dL/dWhy, dL/dbh, dL/dby, in the shapes of the parameters.
    h_last : array (H,) or (B, H)
        A copy of the last hidden state, to read on from.
    """
    Wxh, Whh, Why, bh, by = parameters
    hidden, logits = forward(parameters, inputs, h0)
    loss, dlogits = cross_entropy_and_gradient(logits, targets)
    hidden_size, vocab_size = Wxh.shape

    dtanh = 1 - hidden[1:] ** 2  # the slope of tanh at a_t, where h_t = tanh(a_t)
    da = dlogits @ Why  # so far dL/dh_t: the arrow into h_t from its own prediction ...
    dhnext = 0  # nothing comes from beyond the window
    for da_t, dtanh_t in zip(da[::-1], dtanh[::-1]):  # rows: what changes da_t changes da
        da_t += dhnext  # ... and the one from h_{t+1}; both through tanh: dL/da_t
        da_t *= dtanh_t
        dhnext = da_t.dot(Whh)

    # Each weight is used at every step: the products below sum over time (and batch).
    x = one_hot(inputs, vocab_size, da.dtype).reshape(-1, vocab_size)
    h_before, h_after = (h.reshape(-1, hidden_size) for h in (hidden[:-1], hidden[1:]))
    da, dlogits = da.reshape(-1, hidden_size), dlogits.reshape(-1, vocab_size)
    ones = np.ones(len(da), da.dtype)  # ones @ da is da.sum(axis=0), but faster
    gradients = Parameters(
        Wxh=da.T @ x,
        Whh=da.T @ h_before,
        Why=dlogits.T @ h_after,
        bh=ones @ da,
        by=ones @ dlogits,
    )
    return loss, gradients, hidden[-1].copy()
