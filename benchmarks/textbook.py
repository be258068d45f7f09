"""The network as it is first written: the yardstick for the speed of `rnn_helpers`.

One time step at a time, characters as one-hot columns, every weight's gradient added up
step by step, a new array for each intermediate result. The equations are those of
chapters 02 to 06, and a test holds the numbers equal to `rnn_helpers`.
"""

import numpy as np


def columns(parameters):
    """Copies of the parameters, the biases as columns (H, 1) and (V, 1)."""
    return [p[:, np.newaxis].copy() if p.ndim == 1 else p.copy() for p in parameters]


def loss_and_gradients(weights, inputs, targets, h0):
    """Read one window forwards and backwards; h0 and the state returned are columns."""
    Wxh, Whh, Why, bh, by = weights
    x, h, p = {}, {-1: np.copy(h0)}, {}
    loss = 0
    for t in range(len(inputs)):
        x[t] = np.zeros((Wxh.shape[1], 1), Wxh.dtype)
        x[t][inputs[t]] = 1
        h[t] = np.tanh(np.dot(Wxh, x[t]) + np.dot(Whh, h[t - 1]) + bh)
        y = np.dot(Why, h[t]) + by
        p[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(p[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby, dhnext = np.zeros_like(bh), np.zeros_like(by), np.zeros_like(h[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(p[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, h[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        da = (1 - h[t] * h[t]) * dh
        dbh += da
        dWxh += np.dot(da, x[t].T)
        dWhh += np.dot(da, h[t - 1].T)
        dhnext = np.dot(Whh.T, da)
    return loss, [dWxh, dWhh, dWhy, dbh, dby], h[len(inputs) - 1]


def step(weights, memory, inputs, targets, h, rate=0.1):
    """One step of training: forwards, backwards, clip, Adagrad. Returns loss and state."""
    loss, gradients, h = loss_and_gradients(weights, inputs, targets, h)
    for gradient in gradients:
        np.clip(gradient, -5, 5, out=gradient)
    for weight, gradient, squares in zip(weights, gradients, memory):
        squares += gradient * gradient
        weight += -rate * gradient / np.sqrt(squares + 1e-8)
    return loss, h


def sample(weights, h, id, length, rng):
    """Draw `length` ids, one after the other, from the character `id` on."""
    Wxh, Whh, Why, bh, by = weights
    ids = []
    for _ in range(length):
        x = np.zeros((Wxh.shape[1], 1), Wxh.dtype)
        x[id] = 1
        h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
        y = np.dot(Why, h) + by
        p = np.exp(y) / np.sum(np.exp(y))
        id = rng.choice(range(len(y)), p=p.ravel())
        ids.append(id)
    return ids


def bits_per_character(weights, ids):
    """What a text costs to read, in bits a character, from a zero state."""
    Wxh, Whh, Why, bh, by = weights
    h, nats = np.zeros_like(bh), 0
    for t in range(len(ids) - 1):
        x = np.zeros((Wxh.shape[1], 1), Wxh.dtype)
        x[ids[t]] = 1
        h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
        y = np.dot(Why, h) + by
        p = np.exp(y) / np.sum(np.exp(y))
        nats += -np.log(p[ids[t + 1], 0])
    return nats / (len(ids) - 1) / np.log(2)
