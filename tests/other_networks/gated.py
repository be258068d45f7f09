"""A cell of another kind: eight arrays, a gate, and a state [h, c] twice as long as H.

f_t = sigmoid(Wf x_t + Uf h_{t-1} + bf)      how much of c is kept
n_t = tanh(Wn x_t + Un h_{t-1} + bn)         what is new
c_t = f_t c_{t-1} + (1 - f_t) n_t
h_t = tanh(c_t),  y_t = Wo h_t + by
"""

from typing import NamedTuple

import numpy as np

from rnn_helpers.loss import cross_entropy_and_gradient


class GatedParameters(NamedTuple):
    Wf: np.ndarray
    Uf: np.ndarray
    bf: np.ndarray
    Wn: np.ndarray
    Un: np.ndarray
    bn: np.ndarray
    Wo: np.ndarray
    by: np.ndarray


def init_gated(vocab_size, hidden_size, rng, *, scale=0.01, dtype=np.float64):
    V, H = vocab_size, hidden_size
    shapes = ((H, V), (H, H), (H,), (H, V), (H, H), (H,), (V, H), (V,))
    return GatedParameters(*((scale * rng.normal(size=shape)).astype(dtype) for shape in shapes))


def state_size(parameters):
    return 2 * len(parameters.bf)


def forward(parameters, inputs, h0):
    Wf, Uf, bf, Wn, Un, bn, Wo, by = parameters
    states = [np.asarray(h0)]
    for x in inputs:
        h, c = np.split(states[-1], 2)
        f = 1 / (1 + np.exp(-(Wf[:, x] + Uf @ h + bf)))
        c = f * c + (1 - f) * np.tanh(Wn[:, x] + Un @ h + bn)
        states.append(np.concatenate([np.tanh(c), c]))
    states = np.array(states)
    return states, states[1:, : len(bf)] @ Wo.T + by


def adapted(bug=None):
    kept = {}

    def loss_and_gradients(parameters, inputs, targets, h0):
        Wf, Uf, bf, Wn, Un, bn, Wo, by = parameters
        H = len(bf)
        if bug == "c forgotten at the start":
            h0 = np.concatenate([h0[:H], np.zeros(H)])
        states, logits = forward(parameters, inputs, h0)
        loss, dy = cross_entropy_and_gradient(logits, targets)
        if bug == "mean of the loss alone":
            loss /= len(inputs)
        if bug == "sign":
            dy = -dy
        g = GatedParameters(*(np.zeros_like(array) for array in parameters))
        if bug == "gradients not zeroed":
            g = kept.setdefault("g", g)
        dh, dc = np.zeros(H), np.zeros(H)
        if bug == "dh kept from the last call":
            dh = kept.get("dh", dh)
        for t in reversed(range(len(inputs))):
            x, (h_before, c_before), (h, _) = (
                inputs[t],
                np.split(states[t], 2),
                np.split(states[t + 1], 2),
            )
            f = 1 / (1 + np.exp(-(Wf[:, x] + Uf @ h_before + bf)))
            n = np.tanh(Wn[:, x] + Un @ h_before + bn)
            g.Wo[...] += np.outer(dy[t], h)
            g.by[...] += dy[t]
            dc = dc + (1 - h**2) * (dh + Wo.T @ dy[t])
            df = dc * (c_before - n) * (1 if bug == "slope of the gate left out" else f * (1 - f))
            dn = dc * (1 if bug == "share of the new left out" else 1 - f) * (1 - n**2)
            for W, U, b, d in ((g.Wf, g.Uf, g.bf, df), (g.Wn, g.Un, g.bn, dn)):
                W[:, targets[t] if bug == "column of the target" and W is g.Wn else x] += d
                U += np.outer(d, h_before)
                b += d
            dh = Uf.T @ df + (Un if bug == "transpose forgotten" else Un.T) @ dn
            dc = 0 * dc if bug == "c never handed back" else dc * f
        kept["dh"] = dh
        last = states[-1].copy()
        if bug == "h handed back twice":
            last[H:] = last[:H]
        if bug == "weight decay":
            g = GatedParameters(*(a + 0.001 * w for a, w in zip(g, parameters)))
        if bug == "clipped at 5":
            g = GatedParameters(*(a.clip(-5, 5) for a in g))
        return loss, g, last

    return loss_and_gradients


loss_and_gradients = adapted()
