"""A network of column vectors and dictionaries, one step at a time, weights in a dict."""

import numpy as np

from rnn_helpers.forward_pass import Parameters


def one_column(k, n):
    column = np.zeros((n, 1))
    column[k, 0] = 1.0
    return column


def look_at_window(w, xs, ys, start, bug=None):
    """Loss, gradients as a dict, last state; `bug` plants one."""
    n_out, n_hid = w["out"].shape
    state, chance = {-1: start}, {}
    total = 0.0
    for i, (x, y) in enumerate(zip(xs, ys)):
        if bug == "state never handed on inside":
            state[i - 1] = start
        state[i] = np.tanh(w["in"] @ one_column(x, n_out) + w["rec"] @ state[i - 1] + w["b1"])
        z = w["out"] @ state[i] + w["b2"]
        e = np.exp(z - z.max())
        chance[i] = e / e.sum()
        if bug == "loss in bits":
            total -= np.log2(chance[i][y, 0])
        else:
            total -= np.log(chance[i][x if bug == "answer in the question" else y, 0])

    g = {name: np.zeros_like(array) for name, array in w.items()}
    later = np.zeros((n_hid, 1))
    for i in range(len(xs) - 1, -1, -1):
        miss = chance[i].copy()
        if bug != "one never subtracted":
            miss[xs[i] if bug == "answer in the question" else ys[i], 0] -= 1
        if bug == "sign":
            miss = -miss
        g["out"] += miss @ state[i - 1 if bug == "out from the state before" else i].T
        g["b2"] += miss
        top = w["out"].T @ miss + later
        bent = top * (1 - (state[i] if bug == "slope without the square" else state[i] ** 2))
        g["b1"] += 0 if bug == "bias forgotten" else bent
        if bug == "equals for plus-equals":
            g["rec"] = bent @ state[i - 1].T
        elif bug == "rec from the state after":
            g["rec"] += bent @ state[i].T
        elif bug == "rec before the slope":
            g["rec"] += top @ state[i - 1].T
        else:
            g["rec"] += bent @ state[i - 1].T
        g["in"] += bent @ one_column(xs[i], n_out).T
        back = w["rec"] if bug == "transpose forgotten" else w["rec"].T
        if bug != "never handed back":
            later = back @ (top if bug == "handed back before the slope" else bent)
    return total, g, state[len(xs) - 1]


def adapted(bug=None):
    """The same with the signature that the command asks for."""

    def loss_and_gradients(parameters, inputs, targets, h0):
        names = ("in", "rec", "out", "b1", "b2")
        w = {n: a if a.ndim == 2 else a[:, None] for n, a in zip(names, parameters)}
        loss, g, last = look_at_window(w, inputs, targets, h0[:, None], bug)
        grads = (g[n].reshape(a.shape) for n, a in zip(names, parameters))
        return loss, Parameters(*grads), last[:, 0].copy()

    return loss_and_gradients


loss_and_gradients = adapted()
forgot_the_transpose = adapted("transpose forgotten")
