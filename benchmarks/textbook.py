"""The network as it is first written: what the speed of `rnn_helpers` is compared with.

One time step at a time, characters as one-hot columns, every weight's gradient added up step by
step, a new array for each intermediate result. `read_textbook` and `back_textbook` are the loop
that chapter 08 begins with, line for line; the others are made in the same way. Tests hold the
code equal to the chapter's, and the numbers equal to those of `rnn_helpers`.
"""

import numpy as np

from rnn_helpers.forward_pass import Parameters


def read_textbook(parameters, inputs, h0):
    """Read one window: one-hot characters, states and probabilities, as columns by time step."""
    Wxh, Whh, Why, bh, by = parameters
    bh, by = bh[:, np.newaxis], by[:, np.newaxis]  # columns (H, 1), (V, 1)
    x, h, p = {}, {-1: h0[:, np.newaxis]}, {}
    for t in range(len(inputs)):
        x[t] = np.zeros((len(by), 1), by.dtype)
        x[t][inputs[t]] = 1
        h[t] = np.tanh(np.dot(Wxh, x[t]) + np.dot(Whh, h[t - 1]) + bh)
        y = np.dot(Why, h[t]) + by
        p[t] = np.exp(y) / np.sum(np.exp(y))
    return x, h, p


def back_textbook(parameters, x, h, p, targets):
    """The gradients of a window that was read."""
    Wxh, Whh, Why, bh, by = parameters
    dWxh, dWhh, dWhy = (np.zeros_like(w) for w in (Wxh, Whh, Why))
    dbh, dby, dhnext = np.zeros_like(h[0]), np.zeros_like(p[0]), 0
    for t in reversed(range(len(targets))):
        dy = np.copy(p[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, h[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        da = (1 - h[t] * h[t]) * dh
        dWxh += np.dot(da, x[t].T)
        dWhh += np.dot(da, h[t - 1].T)
        dbh += da
        dhnext = np.dot(Whh.T, da)
    return Parameters(dWxh, dWhh, dWhy, dbh[:, 0], dby[:, 0])


def loss_and_gradients(parameters, inputs, targets, h0):
    """Loss, gradients and last state of one window, as `rnn_helpers.bptt` gives them."""
    x, h, p = read_textbook(parameters, inputs, h0)
    loss = 0
    for t in range(len(targets)):
        loss += -np.log(p[t][targets[t], 0])
    return loss, back_textbook(parameters, x, h, p, targets), h[len(targets) - 1][:, 0]


def step(parameters, sums_of_squares, inputs, targets, h, rate=0.1):
    """One step of training: forwards, backwards, clip, Adagrad. Returns loss and state."""
    loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h)
    for gradient in gradients:
        np.clip(gradient, -5, 5, out=gradient)
    for weight, gradient, squares in zip(parameters, gradients, sums_of_squares):
        squares += gradient * gradient
        weight += -rate * gradient / np.sqrt(squares + 1e-8)
    return loss, h


def sample(parameters, h, id, length, rng):
    """Draw `length` ids, one after the other, from the character `id` on."""
    Wxh, Whh, Why, bh, by = parameters
    bh, by, h = bh[:, np.newaxis], by[:, np.newaxis], h[:, np.newaxis]
    ids = []
    for _ in range(length):
        x = np.zeros((len(by), 1), by.dtype)
        x[id] = 1
        h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
        y = np.dot(Why, h) + by
        p = np.exp(y) / np.sum(np.exp(y))
        id = rng.choice(range(len(y)), p=p.ravel())
        ids.append(id)
    return ids


def bits_per_character(parameters, ids):
    """What a text costs to read, in bits a character, from a zero state."""
    Wxh, Whh, Why, bh, by = parameters
    bh, by = bh[:, np.newaxis], by[:, np.newaxis]
    h, nats = np.zeros_like(bh), 0
    for t in range(len(ids) - 1):
        x = np.zeros((len(by), 1), by.dtype)
        x[ids[t]] = 1
        h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
        y = np.dot(Why, h) + by
        p = np.exp(y) / np.sum(np.exp(y))
        nats += -np.log(p[ids[t + 1], 0])
    return nats / (len(ids) - 1) / np.log(2)
