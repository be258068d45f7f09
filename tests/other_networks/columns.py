"""A network of column vectors and dictionaries, one step at a time, weights in a dict."""

import numpy as np

from rnn_helpers.forward_pass import Parameters


def one_column(k, n):
    column = np.zeros((n, 1))
    column[k, 0] = 1.0
    return column


def look_at_window(w, xs, ys, start, bug=None, kept=None):
    """Loss, gradients as a dict, last state; `bug` plants one, `kept` lives between calls."""
    n_out, n_hid = w["out"].shape
    state, pre, chance = {-1: start}, {}, {}
    total = 0.0
    for i, (x, y) in enumerate(zip(xs, ys)):
        if bug == "state never handed on inside":
            state[i - 1] = start
        pre[i] = w["in"] @ one_column(x, n_out) + w["rec"] @ state[i - 1]
        if bug != "bias not in the forward pass":
            pre[i] += w["b1"]
        state[i] = np.tanh(pre[i])
        z = w["out"] @ state[i] + w["b2"]
        e = np.exp(z - z.max())
        chance[i] = e / e.sum()
        if bug == "loss in bits":
            total -= np.log2(chance[i][y, 0])
        else:
            total -= np.log(chance[i][x if bug == "answer in the question" else y, 0])
    if bug == "loss as a mean over all entries":
        total /= len(xs) * n_out

    g = {name: np.zeros_like(array) for name, array in w.items()}
    if bug == "gradients not zeroed":
        g = kept.setdefault("g", g)
    later = np.zeros((n_hid, 1))
    if bug == "later not zeroed":
        later = kept.get("later", later)
    steps = range(len(xs))
    for i in steps if bug == "time runs forwards" else reversed(steps):
        miss = chance[i].copy()
        if bug != "one never subtracted":
            at_input = bug in ("answer in the question", "one at the input")
            miss[xs[i] if at_input else ys[i], 0] -= 1
        if bug == "sign":
            miss = -miss
        if bug == "slope of softmax":
            miss *= chance[i] * (1 - chance[i])
        if bug == "gradients divided by the length":
            miss /= len(xs)
        now = state[i - 1 if bug == "every state one late" else i]
        seen = {"out from the state before": state[i - 1], "out from before tanh": pre[i]}
        g["out"] += miss @ seen.get(bug, now).T
        g["b2"] = miss if bug == "bias of one step" else g["b2"] + miss
        slope = {
            "slope without the square": 1 - now,
            "slope twice": (1 - now**2) ** 2,
            "slope of the sigmoid": now * (1 - now),
            "slope at what tanh was given": 1 - pre[i] ** 2,
            "slope of tanh of tanh": 1 - np.tanh(now) ** 2,
        }.get(bug, 1 - now**2)
        top = (0 if bug == "nothing goes down" else w["out"].T @ miss) + later
        bent = top * slope
        if bug == "handed back after the slope":
            bent = w["out"].T @ miss * slope + later
        g["b1"] += 0 if bug == "bias forgotten" else bent
        if bug == "equals for plus-equals":
            g["rec"] = bent @ state[i - 1].T
        elif bug == "rec from the state after":
            g["rec"] += bent @ state[i].T
        elif bug == "rec before the slope":
            g["rec"] += top @ state[i - 1].T
        elif bug == "rec transposed":
            g["rec"] += state[i - 1] @ bent.T
        else:
            g["rec"] += bent @ state[i - 1].T
        g["in"] += bent @ one_column((ys if bug == "column of the target" else xs)[i], n_out).T
        back = w["rec"] if bug == "transpose forgotten" else w["rec"].T
        if bug == "handed back without rec":
            later = bent
        elif bug == "handed back and summed":
            later = later + back @ bent
        elif bug != "never handed back":
            later = back @ (top if bug == "handed back before the slope" else bent)
    if bug == "later not zeroed":
        kept["later"] = later
    if bug == "weight decay":
        for name in ("in", "rec", "out"):
            g[name] += 0.01 * w[name]
    if bug in ("clipped at 5", "clipped at 1"):
        g = {name: np.clip(array, -int(bug[-1]), int(bug[-1])) for name, array in g.items()}
    return total, g, state[len(xs) - 1]


def adapted(bug=None):
    """The same with the signature that the command asks for."""
    kept = {}

    def loss_and_gradients(parameters, inputs, targets, h0):
        names = ("in", "rec", "out", "b1", "b2")
        w = {n: a if a.ndim == 2 else a[:, None] for n, a in zip(names, parameters)}
        loss, g, last = look_at_window(w, inputs, targets, h0[:, None], bug, kept)
        grads = (g[n].reshape(a.shape).copy() for n, a in zip(names, parameters))
        return loss, Parameters(*grads), last[:, 0].copy()

    return loss_and_gradients


loss_and_gradients = adapted()
forgot_the_transpose = adapted("transpose forgotten")
