"""Mistakes that are made in backpropagation through time, as data (used in notebook 07).

Three ways to a cause, from exact to vague. `explanation` has a catalogue, of the plain network of
notebook 04 or of the LSTM (`mistakes_in_lstm`): a mistake is either in the message that travels
back, and then everything behind it inherits it, or in the line that collects one array.
`explanation_in_any_cell` and `clipping` compare gradients with right ones, whatever the network.
`where_to_look` goes by which arrays are wrong.
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnn_helpers.encoding import one_hot
from rnn_helpers.forward_pass import Parameters, forward
from rnn_helpers.loss import cross_entropy, softmax

SCORES = {  # mistakes between the loss and the state, in any network
    "sign": "the sign is reversed: target - p where p - onehot belongs",
    "p": "p goes back where p - onehot belongs: the 1 at the target is not subtracted",
    "one at the input": "the 1 is subtracted from p at the input where the target belongs",
    "slope of softmax": "p - onehot is multiplied by p (1 - p), which does not belong there",
    "p into h": "p goes down into the state where p - onehot belongs",
    "no arrow": "nothing goes down from the predictions: Why.T @ (p - onehot) is left out",
    "last arrow": "Why.T @ (p - onehot) goes down into the state at the last step only",
    "mean": "all is divided by T, and the loss is not",
}
MESSAGE = SCORES | {
    "slope 1": "the slope of tanh, 1 - h^2, is left out",
    "slope 1 - h": "1 - h stands where the slope of tanh, 1 - h^2, belongs",
    "slope 1 + h^2": "1 + h^2 stands where the slope of tanh, 1 - h^2, belongs",
    "slope h (1 - h)": "h (1 - h), the slope of the sigmoid, stands where 1 - h^2 belongs",
    "slope 1 - a^2": "1 - a^2 stands where 1 - h^2 belongs: a_t is what tanh was given",
    "slope at h": "1 - tanh(h)^2 stands where 1 - h^2 belongs: h has been through tanh already",
    "slope late": "the slope of tanh takes h_(t-1) where h_t belongs",
    "slope twice": "the slope of tanh, 1 - h^2, is multiplied in twice",
    "carry nothing": "nothing comes back from the next step: dhnext is never passed on",
    "carry untransposed": "the carry goes through Whh where its transpose belongs",
    "carry without Whh": "the carry does not go through Whh.T",
    "carry before tanh": "the carry takes dh, from before the slope of tanh, where da belongs",
    "carry past tanh": "dhnext is added after the slope of tanh, where it belongs before",
    "carry summed": "dhnext is added to (+=) from step to step where it should be set (=)",
    "forwards": "the loop over time runs forwards",
}


def from_scores(setting, logits, mistakes):
    """The messages dy, and what goes down from them into the states, with mistakes made."""
    parameters, inputs, targets, _ = setting
    p = softmax(logits)
    one_at = inputs if "one at the input" in mistakes else targets
    dy = p if "p" in mistakes else p - one_hot(one_at, p.shape[-1])
    dy = dy * (-1 if "sign" in mistakes else 1) / (len(dy) if "mean" in mistakes else 1)
    dy = dy * (p * (1 - p) if "slope of softmax" in mistakes else 1)
    into = (p if "p into h" in mistakes else dy) @ parameters.Why
    if "no arrow" in mistakes:
        into = 0 * into
    if "last arrow" in mistakes:
        into[:-1] = 0
    return dy, into


def messages(setting, mistakes=()):
    """The messages dy, dh, da of notebook 04, with these mistakes made, and the states."""
    parameters, inputs, _, h0 = setting
    hidden, logits = forward(parameters, inputs, h0)
    dy, into = from_scores(setting, logits, mistakes)
    h, Whh = hidden[1:], parameters.Whh
    slopes = {
        "slope 1": 1 + 0 * h,
        "slope 1 - h": 1 - h,
        "slope 1 + h^2": 1 + h**2,
        "slope h (1 - h)": h * (1 - h),
        "slope 1 - a^2": 1 - before_tanh(parameters, inputs, hidden) ** 2,
        "slope at h": 1 - np.tanh(h) ** 2,
        "slope late": 1 - hidden[:-1] ** 2,
        "slope twice": (1 - h**2) ** 2,
    }
    slope = next((slopes[m] for m in mistakes if m in slopes), 1 - h**2)
    carry = Whh if "carry untransposed" in mistakes else Whh.T
    carry = np.eye(len(h0)) if "carry without Whh" in mistakes else carry
    dh, da, dhnext = np.empty_like(into), np.empty_like(into), 0 * h0
    steps = range(len(into))
    for t in steps if "forwards" in mistakes else reversed(steps):
        dh[t] = into[t] + dhnext
        da[t] = slope[t] * dh[t]
        if "carry past tanh" in mistakes:
            da[t] = slope[t] * into[t] + dhnext
        if "carry nothing" not in mistakes:
            kept = dhnext if "carry summed" in mistakes else 0
            dhnext = kept + carry @ (dh if "carry before tanh" in mistakes else da)[t]
    return dy, dh, da, hidden


def before_tanh(parameters, inputs, hidden):
    """What tanh is given at each step: a_t."""
    return parameters.Wxh.T[inputs] + hidden[:-1] @ parameters.Whh.T + parameters.bh


def common_lines(name, setting, dy, da, h):
    """What the line of one array may give: pairs of a mistake ("" for none) and the array.

    For networks with the arrays of `Parameters`, in which Why gets the messages dy, the others
    da, and Whh what stands in h, (T + 1, H), before each step.
    """
    parameters, inputs, targets, _ = setting
    V = len(parameters.by)
    message = dy if name in ("Why", "by") else da
    factor = np.ones(len(inputs))
    if not name.startswith("b"):
        factor = {"Wxh": one_hot(inputs, V), "Whh": h[:-1], "Why": h[1:]}[name]
    right = message.T @ factor
    yield "", right
    yield "the opposite sign", -right
    yield "the first step alone, = where += belongs", message[:1].T @ factor[:1]
    yield "the last step alone, = where += belongs", message[-1:].T @ factor[-1:]
    yield "a division by T", right / len(inputs)
    yield "zeros only, never filled", 0 * right
    if not name.startswith("b"):
        yield (
            "the steps in opposite order: messages from the last, states from the first",
            (message[::-1].T @ factor),
        )
    if name == "Wxh":
        once = np.zeros((V, da.shape[1]))
        once[inputs] = da
        yield "a character that comes twice counted once, as dWxh[:, ids] += ... does", once.T
        yield (
            "the columns of the targets where those of the inputs belong",
            da.T @ one_hot(targets, V),
        )
    if name == "Whh":
        yield "h_t where h_(t-1) belongs", da.T @ h[1:]
        yield "h_(t-2) where h_(t-1) belongs", da.T @ np.concatenate([h[-1:], h[:-2]])
        wrapped = np.concatenate([h[-1:], h[1:-1]])
        yield "the last state at the first step, as h[t-1] is h[-1] at t = 0", da.T @ wrapped
    if name == "Why":
        yield "h_(t-1) where h_t belongs", dy.T @ h[:-1]


def lines(name, setting, dy, dh, da, hidden):
    """The `common_lines` of an array, and what is wrong in the plain network alone."""
    parameters, inputs, *_ = setting
    yield from common_lines(name, setting, dy, da, hidden)
    if name in ("Wxh", "Whh", "bh"):  # the same line, with another message
        _, other = next(common_lines(name, setting, dy, dh, hidden))
        yield "dh, from before the slope of tanh, where da belongs", other
    if name == "Whh":
        yield "its transpose", (da.T @ hidden[:-1]).T
    if name == "Why":
        a = before_tanh(parameters, inputs, hidden)
        yield "a_t, from before tanh, where h_t belongs", dy.T @ a


class Catalogue(NamedTuple):
    """The mistakes of one kind of network, with the arrays of `Parameters`."""

    message: dict  # those in the messages, in words
    messages: Callable  # the messages with mistakes made: messages(setting, mistakes)
    lines: Callable  # those in the line of one array: lines(name, setting, *messages)
    losses: Callable = lambda setting: ()  # losses by mistake: pairs of number and mistake


PLAIN = Catalogue(MESSAGE, messages, lines)


def explanation(gradients, setting, tolerance, catalogue=PLAIN):
    """The fewest mistakes of a catalogue that give exactly these gradients.

    At most two in the message, and one in the line of each array.

    Returns a list of the mistakes in words, or None if none fit.
    """
    found = []
    for count in (0, 1, 2):
        for chosen in itertools.combinations(catalogue.message, count):
            made, names = catalogue.messages(setting, chosen), {}
            for name, given in zip(Parameters._fields, gradients):
                made_lines = catalogue.lines(name, setting, *made)
                fitting = (m for m, g in made_lines if agree(given, g, tolerance))
                line = next(fitting, None)
                if line is None:
                    break
                names.setdefault(line, []).append(name)
            else:
                names.pop("", None)
                said = [catalogue.message[m] for m in chosen]
                said += [f"{listed(who, 'holds hold')} {line}" for line, who in names.items()]
                # one slip in the lines of several arrays is more likely than several slips
                found.append((len(said) + sum(map(len, names.values())) / 10, said))
        if found and min(found)[0] <= count + 1:  # more mistakes in the message would cost more
            break
    return min(found)[1] if found else None


def explanation_in_any_cell(gradients, right, setting, tolerance):
    """The mistake that gives exactly these gradients in a network of any kind.

    Parameters
    ----------
    gradients, right : Parameters
        Or the arrays of another cell: as given, and as they should be.
    setting : tuple
        The parameters, inputs, targets and h0 that they belong to.

    Returns the mistake in words, or None if none of those known fits.
    """
    pairs = list(zip(right._fields, gradients, right, setting[0]))
    wrong = [pair for pair in pairs if not agree(pair[1], pair[2], tolerance)]
    bad = [name for name, given, *_ in wrong if not np.isfinite(given).all()]
    if bad:
        return (
            f"{listed(bad, 'holds hold')} nan or infinity: look for a division by zero, and for "
            "an exp or a log of large scores"
        )
    if not any(given.any() for _, given, *_ in wrong):
        return "all zeros: look for a line that is missing, an array that is never filled"
    if not any(fine.any() for _, _, fine, _ in wrong):
        unused = listed([name for name, *_ in wrong])
        return f"the loss does not depend on {unused}: look for it in the forward pass"
    if all(a.shape == b.T.shape and agree(a, b.T, tolerance) for _, a, b, _ in wrong):
        return "the transpose of what is right"
    for what, of in (("the weights", np.array), ("the signs of the weights", np.sign)):
        decay = multiple([(given - fine, of(weights)) for _, given, fine, weights in wrong], 1e-3)
        if decay is not None:
            return (
                f"exactly these numbers come out if {decay:.4g} times {what} is added (weight "
                "decay), which the loss does not contain: add it in the optimizer"
            )
    factor = multiple([(given, fine) for _, given, fine, _ in wrong], tolerance)
    if factor is not None:
        return factor_in_words(factor, setting, everywhere=len(wrong) == len(pairs))
    factors = {n: multiple([(given, fine)], tolerance) for n, given, fine, _ in wrong}
    if None not in factors.values():
        told = listed([f"{name} by {factor:.6g}" for name, factor in factors.items()])
        return f"each is multiplied by a number of its own: {told}"
    return None


def factor_in_words(factor, setting, everywhere):
    """Where one wrong factor, in all arrays or in some, may come from."""
    T, V = len(setting[1]), len(setting[0].by)
    if agree(factor, -1, 1e-6):
        return "the sign is reversed and the size is right: look for " + (
            "target - p where p - onehot belongs" if everywhere else "a minus in their lines"
        )
    said = f"every entry is {factor:.6g} times the right one"
    known = {"T": T, "1/T": 1 / T, "V": V, "1/V": 1 / V, "T V": T * V, "1/(T V)": 1 / (T * V)}
    for name, value in known.items():
        if agree(factor, value, 1e-6):
            return f"{said}, and {name} is {value:.6g}: look for " + (
                "a mean in the loss or the gradient where the other has a sum"
                if everywhere
                else "a sum in their lines where a mean belongs, or the other way round"
            )
    if agree(factor, np.log(2), 1e-6) or agree(factor, 1 / np.log(2), 1e-6):
        return f"{said}, as between nats and bits: look for a logarithm to base 2"
    return f"{said}: look for a factor that is missing, or one too many"


def clipping(pairs, tolerance):
    """How gradients are clipped, in words; None if they are not.

    Parameters
    ----------
    pairs : list of (gradients, right)
        As given and as they should be, for several settings.
    """

    def fit(clipped):
        both = [zip(given, clipped(right)) for given, right in pairs]
        return all(agree(a, b, tolerance) for arrays in both for a, b in arrays)

    def norm(arrays):
        return np.sqrt(sum((array**2).sum() for array in arrays))

    limit = max(np.abs(array).max() for given, _ in pairs for array in given)
    if fit(lambda right: [array.clip(-limit, limit) for array in right]):
        return f"every entry is clipped at {limit:.4g}"
    limit = max(norm(given) for given, _ in pairs)
    if fit(lambda right: [array * min(1, limit / (norm(right) or 1)) for array in right]):
        return f"the norm of all gradients together is clipped at {limit:.4g}"
    limit = max(norm([array]) for given, _ in pairs for array in given)
    if fit(lambda right: [array * min(1, limit / (norm([array]) or 1)) for array in right]):
        return f"the norm of each gradient is clipped at {limit:.4g}"
    return None


def multiple(pairs, tolerance):
    """The number c for which a = c b holds in all pairs of arrays (a, b), or None."""
    a, b = (np.concatenate([np.ravel(array) for array in arrays]) for arrays in zip(*pairs))
    if a.size < 3 or not b.any():  # one number is always a multiple of another
        return None
    c = a @ b / (b @ b)
    return c if agree(a, c * b, tolerance) else None


LINES = {
    "Wxh": "da in the column of each input, also where a character comes twice",
    "Whh": "da times h_(t-1), summed over time",
    "Why": "p - onehot times h_t, from after tanh, summed over time",
    "bh": "da, summed over time",
    "by": "p - onehot, summed over time",
}


def where_to_look(fields, top, wrong, at_one_step, nearly_right, lstm=False):
    """Where a mistake is likely, from which arrays are wrong: in words.

    Parameters
    ----------
    fields : tuple of str
        The names of all arrays; LINES says what belongs in those of `Parameters`.
    top, wrong, at_one_step, nearly_right : sets of str
        The arrays of the output layer; those that are wrong with large weights; with a window
        of one step; and those whose error at the first weights is small, but not nothing.
    lstm : bool
        Whether arrays with the names of `Parameters` are those of an LSTM.
    """
    known = fields == Parameters._fields
    plain = known and not lstm
    above, below, inner = wrong & top, wrong - top, set(fields) - top

    def these(names, verbs=""):
        return listed([name for name in fields if name in names], verbs)

    def look_at_lines(names):
        belongs = ", and ".join(f"{n} needs {LINES[n]}" for n in LINES if known and n in names)
        what = belongs or "which inputs or states does it take, and does it sum over time?"
        return f"look at the line of {these(names)} ({what})"

    if above == top and below and at_one_step & above:
        return "look at p - onehot first: the rest inherits what is wrong there"
    hints = []
    if above:
        right = top - above if above != top else inner - below
        cleared = f"{these(right, 'is are')} right, which clears p - onehot: " if right else ""
        hints.append(cleared + look_at_lines(above))
    if below and below != inner:
        hints.append(f"{these(inner - below, 'is are')} right: {look_at_lines(below)}")
    if below and not at_one_step & below:
        back = "what is passed back from step to step (dhnext"
        back += ": through Whh.T, and after the slope of tanh" if plain else ""
        back += ", and dcnext, through the cell)" if lstm else ")"
        hints.append(
            "right with one step and wrong with more, so it is in the loop over time: = where += "
            "belongs, or " + (back if below == inner else "steps in another order")
        )
    elif below > at_one_step & below:
        hints.append(
            f"with one step only {these(at_one_step & below, 'is are')} wrong: look there first, "
            "the others inherit it over time"
        )
    elif below == inner:
        arrow = "Why.T @ (p - onehot)" if known else "the transposed output matrix @ (p - onehot)"
        slope = "tanh" if plain else "tanh and of the gates"
        hints.append(
            f"everything below {these(top)} is wrong: look at the arrow from the prediction into "
            f"the state, {arrow}, and at the slope of {slope} after it"
        )
    if below == inner and below <= nearly_right:
        slope = "tanh, 1 - h^2, which is nearly 1 at small states"
        if lstm:
            slope = (
                "tanh, which is nearly 1 at small states, and for what is multiplied with a cell"
            )
        hints.append(
            "nearly right at the first weights and wrong at larger ones: look for the slope of "
            + slope
        )
    return "; ".join(hints)


UNITS = {  # losses that are a multiple of the right one: in words, and the factor
    "": lambda T, V: 1,
    "the mean over the window, not the sum": lambda T, V: 1 / T,
    "in bits, not in nats": lambda T, V: 1 / np.log(2),
    "the mean in bits, not the sum in nats": lambda T, V: 1 / T / np.log(2),
    "the mean over T V entries, not the sum over time": lambda T, V: 1 / T / V,
    "of the wrong sign": lambda T, V: -1,
}


def unit_factor(unit, setting):
    """How many times the right loss a loss in this unit is."""
    return UNITS[unit](len(setting[1]), len(setting[0].by))


def unit_of(loss, right, setting, tolerance):
    """Which of the `UNITS` a loss is in: "" if it is right, None if in none of them."""
    fitting = (u for u in UNITS if agree(loss, right * unit_factor(u, setting), tolerance))
    return next(fitting, None)


def other_losses(setting):
    """Losses that are computed by mistake, apart from `UNITS`: pairs of number and mistake."""
    parameters, inputs, targets, h0 = setting
    hidden, logits = forward(parameters, inputs, h0)
    yield cross_entropy(logits, inputs), "the loss with the inputs as targets"
    yield (
        cross_entropy(forward(parameters, inputs, 0 * h0)[1], targets),
        "the loss from a first state of zeros: h0 is not used",
    )
    yield cross_entropy(logits[-1:], targets[-1:]), "the loss of the last step alone"
    yield cross_entropy(logits[:-1], targets[:-1]), "the loss without the last step"
    yield cross_entropy(logits - parameters.by, targets), "the loss without by"
    if not isinstance(parameters, Parameters):
        return
    before = hidden[:-1] @ parameters.Why.T + parameters.by
    yield cross_entropy(before, targets), "the loss of the state before x_t is read"
    yield (
        cross_entropy(before, inputs),
        (
            "the loss of the state before x_t is read, with the inputs as targets: two errors "
            "that cancel, but for the window's edge"
        ),
    )
    for changed, text in (
        (parameters._replace(bh=0 * parameters.bh), "without bh"),
        (parameters._replace(Whh=parameters.Whh.T), "with the transpose of Whh for Whh"),
    ):
        yield cross_entropy(forward(changed, inputs, h0)[1], targets), f"the loss {text}"


def listed(names, verbs=""):
    """Names as one says them, with a verb: "a, b and c are" for verbs="is are"."""
    said = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    return f"{said} {verbs.split()[len(names) > 1]}" if verbs else said


def agree(a, b, tolerance):
    """Whether two numbers or arrays agree, measured by the largest entry of either.

    What holds a NaN or an infinity agrees with nothing.
    """
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    size = max(np.abs(a).max(), np.abs(b).max())
    return bool(np.abs(np.subtract(a, b)).max() <= tolerance * size)
