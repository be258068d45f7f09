"""A class with forward and backward, batch first, and one matrix for input and state joined."""

import numpy as np

from rnn_helpers.forward_pass import Parameters


class Net:
    def __init__(self, W, b, head, head_bias, bug=None):
        self.W, self.b, self.head, self.head_bias, self.bug = W, b, head, head_bias, bug

    def forward(self, tokens, state):
        batch, steps = tokens.shape
        self.cache, scores = [], []
        for i in range(steps):
            joined = [np.eye(len(self.head_bias))[tokens[:, i]], state]
            joined = np.hstack(joined[::-1] if self.bug == "joined the other way" else joined)
            state = np.tanh(joined @ self.W + self.b)
            if self.bug == "dropout left on":
                state = state * (np.random.default_rng().random(state.shape) < 0.9) / 0.9
            self.cache.append((joined, state))
            scores.append(state @ self.head + self.head_bias)
        return np.stack(scores, axis=1), state

    def backward(self, dscores, dstate):
        dW, db = np.zeros_like(self.W), np.zeros_like(self.b)
        dhead, dhead_bias = np.zeros_like(self.head), dscores.sum(axis=(0, 1))
        V, steps = len(self.head_bias), len(self.cache)
        for i, (joined, state) in reversed(list(enumerate(self.cache))):
            seen = self.cache[-1][1] if self.bug == "head from the last state" else state
            dhead += seen.T @ dscores[:, i]
            if self.bug != "only the last score goes down" or i == steps - 1:
                dstate = dstate + dscores[:, i] @ self.head.T
            if self.bug == "slope plus":
                da = dstate * (1 + state * state)
            elif self.bug == "slope at the gradient":
                da = dstate * (1 - dstate * dstate)
            else:
                da = dstate * (1 - state * state)
            dW += joined.T @ da
            db = da.sum(axis=0) + (0 if self.bug == "bias of one step" else db)
            dstate = (da @ self.W.T)[:, V:]
            if self.bug == "state added twice":
                dstate = 2 * dstate
        if self.bug == "half of W":
            dW[V:] /= 2
        self.dstate = dstate
        return dW, db, dhead, dhead_bias


def adapted(bug=None):
    kept = {}

    def loss_and_gradients(parameters, inputs, targets, h0):
        Wxh, Whh, Why, bh, by = parameters
        turned = Whh.T if bug == "rec not transposed forward" else Whh
        net = Net(np.hstack([Wxh, turned]).T, bh, Why.T, by, bug)
        start = h0[None]
        if bug == "h0 ignored":
            start = np.zeros_like(start)
        if bug == "state kept from the last call":
            start = kept.get("state", start)
        scores, last = net.forward(inputs[None], start)
        kept["state"] = last
        axis = 1 if bug == "softmax over time" else -1
        p = np.exp(scores - scores.max(axis, keepdims=True))
        p /= p.sum(axis, keepdims=True)
        steps = np.arange(len(inputs))
        surprise = -np.log(p[0, steps, targets])
        loss = surprise.mean() if bug == "mean of the loss alone" else surprise.sum()
        p[0, steps, targets] -= 1
        zeros = np.zeros_like(start)
        dstate = kept.get("dstate", zeros) if bug == "dstate kept from the last call" else zeros
        dW, db, dhead, dhead_bias = net.backward(p, dstate)
        kept["dstate"] = net.dstate
        V = len(by)
        if bug == "nan where a square root is taken":
            dhead = dhead / np.sqrt(np.where(dhead > 1, -1, 1))
        if bug == "writes into h0":
            h0[:] = last[0]
        if bug == "first state handed back":
            last = [h0.copy()]
        if bug == "last state but one handed back":
            last = [net.cache[-2 if len(net.cache) > 1 else -1][1][0]]
        if bug == "buffer reused":
            kept.setdefault("buffer", np.zeros_like(last))[:] = last
            last = kept["buffer"]
        gradients = Parameters(dW[:V].T, dW[V:].T, dhead.T, db, dhead_bias)
        if bug == "norm clipped at 5":
            norm = np.sqrt(sum((g**2).sum() for g in gradients))
            gradients = Parameters(*(g * min(1, 5 / (norm + 1e-6)) for g in gradients))
        if bug == "weight decay of all":
            gradients = Parameters(*(g + 1e-4 * w for g, w in zip(gradients, parameters)))
        return loss, gradients, last[0]

    return loss_and_gradients


loss_and_gradients = adapted()
