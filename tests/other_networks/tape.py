"""A tape: every operation remembers how to send its gradient back; no formula of an RNN in it."""

import numpy as np


class Value:
    """An array, where it came from, and how to hand its gradient to those."""

    bug = None  # planted for all operations

    def __init__(self, data, sources=()):
        self.data = np.asarray(data)
        self.sources = sources  # pairs of a Value and a function of the gradient
        self.grad = np.zeros_like(self.data)

    def __add__(self, other):
        if Value.bug == "plus sends to the left only":
            return Value(self.data + other.data, ((self, lambda g: g),))
        return Value(self.data + other.data, ((self, lambda g: g), (other, lambda g: g)))

    def __matmul__(self, vector):
        matrix = self.data
        square = matrix.shape[0] == matrix.shape[1]
        back = matrix if Value.bug == "transpose forgotten" and square else matrix.T

        def outer(g):
            turned = Value.bug == "outer product turned" and square
            return np.outer(vector.data, g) if turned else np.outer(g, vector.data)

        return Value(matrix @ vector.data, ((self, outer), (vector, lambda g: back @ g)))

    def column(self, k):
        def put(g):
            whole = np.zeros_like(self.data)
            whole[:, slice(None) if Value.bug == "all columns filled" else [k]] = g[:, None]
            return whole

        return Value(self.data[:, k], ((self, put),))

    def tanh(self):
        out = np.tanh(self.data)
        slopes = {"tanh is straight": 1.0, "slope of the input": 1 - self.data**2}
        slope = slopes.get(Value.bug, 1 - out * out)
        return Value(out, ((self, lambda g: g * slope),))

    def surprise(self, k):
        z = self.data - self.data.max()
        logsum = np.log(np.exp(z).sum())

        def back(g):
            d = np.exp(z - logsum)
            if Value.bug != "log-softmax without the target":
                d[k] -= 1
            return g * d

        return Value(logsum - z[k], ((self, back),))

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if id(v) not in seen:
                seen.add(id(v))
                for source, _ in v.sources:
                    visit(source)
                order.append(v)

        visit(self)
        self.grad = np.ones_like(self.data)
        for v in order if Value.bug == "not in reverse" else reversed(order):
            for source, send in v.sources:
                if Value.bug == "the last use overwrites the others":
                    source.grad = send(v.grad) + np.zeros_like(source.data)
                else:
                    source.grad = source.grad + send(v.grad)


def adapted(bug=None):
    kept = {}

    def loss_and_gradients(parameters, inputs, targets, h0):
        if bug and "float32" in bug:
            parameters = [a.astype(np.float32) for a in parameters]
            h0 = h0.astype(np.float32)
        leaves = [Value(a) for a in parameters]
        if bug == "leaves keep their gradients":
            for i, leaf in enumerate(leaves):
                leaf.grad = kept.get(i, leaf.grad)
        Wxh, Whh, Why, bh, by = leaves
        h, total = Value(h0), None
        Value.bug = bug
        for x, y in zip(inputs, targets):
            before = Value(h.data) if bug == "the state is cut off" else h
            h = (Wxh.column(x) + Whh @ before + bh).tanh()
            cost = (Why @ h + by).surprise(y)
            total = cost if total is None or bug == "the last step alone" else total + cost
        if bug in ("mean", "mean in float32"):
            total = Value(total.data / len(inputs), ((total, lambda g: g / len(inputs)),))
        total.backward()
        Value.bug = None
        for i, leaf in enumerate(leaves):
            kept[i] = leaf.grad
        if bug == "takes a step itself":
            for array, leaf in zip(parameters, leaves):
                array -= 0.1 * leaf.grad
        return total.data, tuple(v.grad for v in leaves), h.data

    return loss_and_gradients


loss_and_gradients = adapted()
