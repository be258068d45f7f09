"""Mistakes that are made in the backward pass of an LSTM, as data (used in notebook 10).

The catalogue has the form of that in `mistakes`, and `diagnosis` asks both. Several were found in
public code, among them: the gradient of one gate in the bias of another (hanbt/learn_dl, issue
53), no term through the cell (apache/mxnet, issue 4057), the slope of the forget gate left out
(CaptainE/RNN-LSTM-in-numpy, issue 1), one bias in three gates (ddbourgin/numpy-ml, issue 42).
"""

import itertools

import numpy as np

from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import cross_entropy
from rnn_helpers.lstm import gates, sigmoid
from rnn_helpers.mistakes import SCORES, Catalogue, agree, common_lines, from_scores, listed

NAMES = {"i": "input", "f": "forget", "o": "output", "g": "new content"}
MESSAGE = SCORES | {
    "cell nothing": "nothing comes back through the cell: dcnext, a term of dc_t, is left out",
    "f new cell": "the gradient of the forget gate takes the new cell, c_t, where the old one, "
    "c_(t-1), belongs",
    "o left out": "the output gate is left out where dh_t goes into the cell: dc_t needs "
    "o_t (1 - tanh(c_t)^2) dh_t",
    "cell without f": "dcnext is passed on without the forget gate: it needs f_t dc_t",
    "cell with i": "dcnext takes the input gate where the forget gate belongs: f_t dc_t",
    "cell late f": "dcnext takes f_(t-1) where f_t belongs",
    "cell summed": "dcnext is added to (+=) from step to step where it should be set (=)",
    "h nothing": "nothing comes back through h: dhnext is never passed on",
    "h past the cell": "dhnext goes into the output gate, but not into the cell",
    "h past o": "dhnext goes into the cell, but not into the output gate",
    "h summed": "dhnext is added to (+=) from step to step where it should be set (=)",
    "tanh left out": "the slope of tanh, 1 - tanh(c_t)^2, is left out on the way into the cell",
    "tanh of c": "1 - c_t^2 stands where 1 - tanh(c_t)^2 belongs: c_t has not been through tanh",
    "tanh of h": "1 - h_t^2 stands where 1 - tanh(c_t)^2 belongs",
    "tanh twice": "1 - tanh(tanh(c_t))^2 stands where 1 - tanh(c_t)^2 belongs",
    "o before tanh": "the gradient of the output gate takes c_t where tanh(c_t) belongs",
    "i by i": "the gradient of the input gate takes i_t where g_t belongs",
    "g by g": "the gradient of the new content takes g_t where i_t belongs",
    "g by f": "the gradient of the new content takes f_t where i_t belongs",
    "slope of g as of a sigmoid": "g (1 - g) stands where the slope of tanh, 1 - g^2, belongs",
    "forwards": "the loop over time runs forwards",
} | {
    f"slope {k}": f"the slope of the {name}{' gate' * (k != 'g')}, "
    f"{'1 - g^2' if k == 'g' else f'{k} (1 - {k})'}, is left out"
    for k, name in NAMES.items()
} | {
    f"slope {k} as {k}": f"{k} stands where the slope of the sigmoid, {k} (1 - {k}), belongs"
    for k in "ifo"
} | {
    f"dhnext without {k}": f"dhnext lacks what comes from the {name}{' gate' * (k != 'g')}"
    for k, name in NAMES.items()
}  # fmt: skip


def steps_of(setting):
    """h and c (T + 1, H), the gates i, f, o, g and tanh(c_t) (T, H), and the scores."""
    parameters, inputs, _, h0 = setting
    hidden, logits = forward(parameters, inputs, h0)
    h, c = np.split(hidden, 2, axis=-1)
    a_i, a_f, a_o, a_g = gates(
        parameters.Wxh.T[inputs] + h[:-1] @ parameters.Whh.T + parameters.bh
    )
    return h, c, sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g), np.tanh(c[1:]), logits


def messages(setting, mistakes=()):
    """The messages dy and da (T, 4H), with these mistakes made, d before the slopes, h and c."""
    made = set(mistakes)
    h, c, i, f, o, g, shown, logits = steps_of(setting)
    dy, into = from_scores(setting, logits, mistakes)
    slopes = {"i": i * (1 - i), "f": f * (1 - f), "o": o * (1 - o), "g": 1 - g**2}
    if "slope of g as of a sigmoid" in made:
        slopes["g"] = g * (1 - g)
    for k, gate in {"i": i, "f": f, "o": o, "g": g}.items():
        if f"slope {k}" in made:
            slopes[k] = 1 + 0 * gate
        if f"slope {k} as {k}" in made:
            slopes[k] = gate
    slope = np.stack([*slopes.values()], axis=1)
    bends = {
        "tanh left out": 1 + 0 * c[1:],
        "tanh of c": 1 - c[1:] ** 2,
        "tanh of h": 1 - h[1:] ** 2,
        "tanh twice": 1 - np.tanh(shown) ** 2,
    }
    into_c = next((bends[m] for m in mistakes if m in bends), 1 - shown**2)
    into_c = into_c * (1 if "o left out" in made else o)
    kept = {"cell without f": 1 + 0 * f, "cell with i": i, "cell late f": np.roll(f, 1, axis=0)}
    keep = next((kept[m] for m in mistakes if m in kept), f)
    by_i, by_f = i if "i by i" in made else g, c[1:] if "f new cell" in made else c[:-1]
    by_o = c[1:] if "o before tanh" in made else shown
    by_g = g if "g by g" in made else f if "g by f" in made else i

    d, dhnext, dcnext = np.empty(slope.shape), 0 * h[0], 0 * c[0]
    through = setting[0].Whh.reshape(4, -1, h.shape[1])
    through = through * [[[f"dhnext without {k}" not in made]] for k in NAMES]
    order = range(len(d)) if "forwards" in made else reversed(range(len(d)))
    for t in order:
        into_o = into[t] + dhnext * ("h past o" not in made)
        dc = into_c[t] * (into[t] + dhnext * ("h past the cell" not in made)) + dcnext
        d[t] = dc * by_i[t], dc * by_f[t], into_o * by_o[t], dc * by_g[t]
        if "h nothing" not in made:
            kept_h = dhnext if "h summed" in made else 0
            dhnext = kept_h + np.einsum("gk,gkh->h", d[t] * slope[t], through)
        if "cell nothing" not in made:
            dcnext = (dcnext if "cell summed" in made else 0) + keep[t] * dc
    return dy, (d * slope).reshape(len(d), -1), d.reshape(len(d), -1), h, c


def lines(name, setting, dy, da, d, h, c):
    """The `common_lines` of an array, and what is wrong in an LSTM alone."""
    yield from common_lines(name, setting, dy, da, h)
    if name == "Why":
        yield "tanh(c_t) where h_t belongs", dy.T @ np.tanh(c[1:])
        yield "c_t where h_t belongs", dy.T @ c[1:]
    if name not in ("Wxh", "Whh", "bh"):
        return
    _, right = next(common_lines(name, setting, dy, da, h))
    _, before = next(common_lines(name, setting, dy, d, h))
    yield "the messages from before the slopes of the gates", before
    parts, keys = np.split(right, 4), list(NAMES)
    for order in itertools.product(range(4), repeat=4):
        moved = {k: other for k, other in enumerate(order) if k != other}
        # one gate that is wrong, two that hold the same other one, or two that are exchanged
        if 0 < len(moved) < 3 and (len({*moved.values()}) == 1 or {*moved} == {*moved.values()}):
            words = "the gradient of {} in the rows of {}"
            said = [words.format(keys[other], keys[k]) for k, other in moved.items()]
            yield listed(said), np.concatenate([parts[k] for k in order])


def losses(setting):
    """Losses of an LSTM that is read in another way: pairs of number and mistake."""
    parameters, inputs, targets, h0 = setting

    def loss(**changed):
        return cross_entropy(forward(parameters._replace(**changed), inputs, h0)[1], targets)

    def stacked(order):
        rows = np.concatenate(np.split(np.arange(len(parameters.bh)), 4)).reshape(4, -1)[order]
        return {n: getattr(parameters, n)[rows.ravel()] for n in ("Wxh", "Whh", "bh")}

    yield (
        loss(**stacked([0, 1, 3, 2])),
        ("the loss with the gates in the order i, f, g, o (PyTorch's), where it is i, f, o, g"),
    )
    yield loss(bh=0 * parameters.bh), "the loss without bh"
    for key, bias in zip("ifo", gates(parameters.bh)):
        everywhere = np.concatenate([bias, bias, bias, gates(parameters.bh)[3]])
        yield loss(bh=everywhere), f"the loss with the bias of {key} in all three gates i, f, o"
    h, c = np.split(h0, 2)
    turned = forward(parameters, inputs, np.concatenate([c, h]))[1]
    yield cross_entropy(turned, targets), "the loss with h and c exchanged in h0"
    for text, cell, show in (
        ("without tanh in h_t = o_t tanh(c_t)", lambda i, f, g, c: f * c + i * g, lambda c: c),
        ("with the forget gate applied to the new content, f_t c_(t-1) + f_t g_t",
         lambda i, f, g, c: f * c + f * g, np.tanh),
        ("with the forget gate applied to the new cell, f_t (c_(t-1) + i_t g_t)",
         lambda i, f, g, c: f * (c + i * g), np.tanh),
        ("without the forget gate, c_(t-1) + i_t g_t", lambda i, f, g, c: c + i * g, np.tanh),
        ("with 1 - f_t for i_t", lambda i, f, g, c: f * c + (1 - f) * g, np.tanh),
    ):  # fmt: skip
        yield cross_entropy(scores_of(setting, cell, show), targets), f"the loss {text}"


def scores_of(setting, cell, show):
    """The scores of an LSTM with c_t = cell(i, f, g, c_(t-1)) and h_t = o_t show(c_t)."""
    (Wxh, Whh, Why, bh, by), inputs, _, h0 = setting
    (h, c), scores = np.split(h0, 2), []
    for x in inputs:
        a_i, a_f, a_o, a_g = gates(Wxh[:, x] + Whh @ h + bh)
        c = cell(sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), c)
        h = sigmoid(a_o) * show(c)
        scores.append(Why @ h + by)
    return np.array(scores)


LSTM = Catalogue(MESSAGE, messages, lines, losses)


def wrong_gates(gradients, right, tolerance):
    """The gates whose rows are wrong in an array of gradients, in words; None if all are."""
    wrong = set()
    for name in ("Wxh", "Whh", "bh"):
        given, fine = getattr(gradients, name), getattr(right, name)
        largest = np.full((1, *given.shape[1:]), max(np.abs(given).max(), np.abs(fine).max()))
        for key, a, b in zip(NAMES, np.split(given, 4), np.split(fine, 4)):
            if not agree(np.concatenate([a, largest]), np.concatenate([b, largest]), tolerance):
                wrong.add(key)
    return None if len(wrong) in (0, 4) else listed([key for key in NAMES if key in wrong])
