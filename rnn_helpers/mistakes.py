"""Mistakes that are made in backpropagation through time, as data (met in notebook 07).

A mistake is either on the way of the message, and then everything behind it inherits it,
or in the line that collects one array. `explanation` tries them all.
"""

import itertools

import numpy as np

from rnn_helpers.encoding import one_hot
from rnn_helpers.forward_pass import Parameters, forward
from rnn_helpers.loss import cross_entropy, softmax

MESSAGE = {
    "sign": "the sign is turned round: target - p where p - onehot belongs",
    "p": "p goes back where p - onehot belongs: the 1 at the target is not subtracted",
    "p into h": "p goes down into the state where p - onehot belongs",
    "slope 1": "the slope of tanh, 1 - h^2, is left out",
    "slope 1 - h": "1 - h stands where the slope of tanh, 1 - h^2, belongs",
    "slope 1 + h^2": "1 + h^2 stands where the slope of tanh, 1 - h^2, belongs",
    "carry nothing": "nothing comes back from the next step: dhnext is never passed on",
    "carry untransposed": "the carry goes through Whh where its transpose belongs",
    "carry before tanh": "the carry takes dh, from before the slope of tanh, where da belongs",
    "forwards": "the loop over time runs forwards",
    "mean": "all is divided by T, and the loss is not",
}


def messages(where, mistakes=()):
    """The messages dy, dh, da of notebook 04, with these mistakes made, and the states."""
    parameters, inputs, targets, h0 = where
    hidden, logits = forward(parameters, inputs, h0)
    p, h, Whh = softmax(logits), hidden[1:], parameters.Whh
    dy = p if "p" in mistakes else p - one_hot(targets, p.shape[-1])
    dy = dy * (-1 if "sign" in mistakes else 1) / (len(dy) if "mean" in mistakes else 1)
    into = (p if "p into h" in mistakes else dy) @ parameters.Why
    slopes = {"slope 1": 1 + 0 * h, "slope 1 - h": 1 - h, "slope 1 + h^2": 1 + h**2}
    slope = next((slopes[m] for m in mistakes if m in slopes), 1 - h**2)
    carry = Whh if "carry untransposed" in mistakes else Whh.T
    dh, da, dhnext = np.empty_like(into), np.empty_like(into), 0 * h0
    steps = range(len(into))
    for t in steps if "forwards" in mistakes else reversed(steps):
        dh[t] = into[t] + dhnext
        da[t] = slope[t] * dh[t]
        if "carry nothing" not in mistakes:
            dhnext = carry @ (dh if "carry before tanh" in mistakes else da)[t]
    return dy, dh, da, hidden


def lines(name, where, dy, dh, da, hidden):
    """What the line of one array may give: pairs of a mistake ("" for none) and the array."""
    parameters, inputs, targets, h0 = where
    V = len(parameters.by)
    message = dy if name in ("Why", "by") else da
    factor = np.ones(len(inputs))
    if not name.startswith("b"):
        factor = {"Wxh": one_hot(inputs, V), "Whh": hidden[:-1], "Why": hidden[1:]}[name]
    right = message.T @ factor
    yield "", right
    yield "the sign turned round", -right
    yield "the first step alone, = where += belongs", message[:1].T @ factor[:1]
    yield "the last step alone, = where += belongs", message[-1:].T @ factor[-1:]
    yield "a division by T", right / len(inputs)
    yield "nothing, it is never filled", 0 * right
    if message is da:
        yield "dh, from before the slope of tanh, where da belongs", dh.T @ factor
    if name == "Wxh":
        once = np.zeros((V, len(h0)))
        once[inputs] = da
        yield "a character that comes twice counted once, as dWxh[:, ids] += ... does", once.T
        yield (
            "the columns of the targets where those of the inputs belong",
            da.T @ one_hot(targets, V),
        )
    if name == "Whh":
        yield "h_t where h_(t-1) belongs", da.T @ hidden[1:]
        yield "the transpose", right.T
        wrapped = np.concatenate([hidden[-1:], hidden[1:-1]])
        yield "the last state at the first step, as h[t-1] is h[-1] at t = 0", da.T @ wrapped
    if name == "Why":
        yield "h_(t-1) where h_t belongs", dy.T @ hidden[:-1]


def explanation(gradients, where, bar):
    """The fewest mistakes that give exactly these gradients, in words; None if there are none.

    At most two on the way of the message, and one in the line of each array.
    """
    found = []
    for count in (0, 1, 2):
        for chosen in itertools.combinations(MESSAGE, count):
            made, names = messages(where, chosen), {}
            for name, given in zip(Parameters._fields, gradients):
                fitting = (m for m, g in lines(name, where, *made) if agree(given, g, bar))
                line = next(fitting, None)
                if line is None:
                    break
                names.setdefault(line, []).append(name)
            else:
                names.pop("", None)
                said = [MESSAGE[m] for m in chosen]
                for line, who in names.items():
                    said.append(f"{listed(who)} {'holds' if len(who) == 1 else 'hold'} {line}")
                found.append((len(chosen) + sum(map(len, names.values())), said))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def other_losses(where):
    """Losses that are computed by mistake: pairs of the number and the mistake."""
    parameters, inputs, targets, h0 = where
    hidden, logits = forward(parameters, inputs, h0)
    before = hidden[:-1] @ parameters.Why.T + parameters.by
    right, T = cross_entropy(logits, targets), len(inputs)
    zero = forward(parameters, inputs, 0 * h0)[1]
    yield right / T, "the mean over the window; the contract's loss is the sum"
    yield right / np.log(2), "in bits; the contract's loss is in nats"
    yield right / T / np.log(2), "the mean, in bits; the contract's loss is the sum, in nats"
    yield -right, "of the wrong sign"
    yield cross_entropy(logits, inputs), "the loss with the inputs as targets"
    yield cross_entropy(before, targets), "the loss of the state before x_t is read"
    yield (
        cross_entropy(before, inputs),
        (
            "the loss of the state before x_t is read, with the inputs as targets: two errors "
            "that cancel, but for the window's edge"
        ),
    )
    yield cross_entropy(zero, targets), "the loss from a first state of zeros: h0 is not used"
    yield cross_entropy(logits[-1:], targets[-1:]), "the loss of the last step alone"


def listed(names):
    """Names as one says them: a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def agree(a, b, bar):
    """Whether two numbers or arrays agree, measured by the largest entry of either."""
    size = max(np.abs(a).max(), np.abs(b).max())
    return bool(np.abs(np.subtract(a, b)).max() <= bar * size)
