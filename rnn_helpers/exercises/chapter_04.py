"""The exercises of chapter 04: gradients, and how to check them."""

import numpy as np

from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.bugs import broken
from rnn_helpers.exercises.chapter_02 import network
from rnn_helpers.exercises.engine import Choice, Function, Numbers
from rnn_helpers.forward_pass import Parameters, forward
from rnn_helpers.loss import cross_entropy, softmax

STEP = 1e-30  # of the complex step


def gradients_with_a_bug(parameters, inputs, targets, h0):
    """Gradients with a bug in them, for exercise 04.2 (do not read on before you solved it)."""
    network = broken("dWhh with the state after")
    return network.loss_and_gradients(parameters, inputs, targets, h0)[1]


def complex_step(f, x, step=STEP, fresh=True):
    """The gradient of f at an array x. Each entry is moved alone, if `fresh`."""
    gradient, moved = np.zeros(x.shape), x.astype(complex)
    for index in np.ndindex(*x.shape):
        if fresh:
            moved = x.astype(complex)
        moved[index] += step * 1j
        gradient[index] = f(moved).imag / step
    return gradient


def central(f, x, eps=1e-5):
    """Central differences, which lose digits where the function is large: a mistake."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        move = np.zeros(x.shape)
        move[index] = eps
        gradient[index] = (f(x + move) - f(x - move)) / (2 * eps)
    return gradient


def row_by_row(f, x):
    """A whole row of a matrix is moved at once: a mistake."""
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        moved = x.astype(complex)
        moved[i] += STEP * 1j
        gradient[i] = f(moved).imag / STEP
    return gradient


def weighted(x):
    """the sum of its entries, each times its place"""
    return (x.ravel() * np.arange(1, x.size + 1)).sum()


def product(x):
    """the product of its entries"""
    return x.prod()


def curved(x):
    """the sum of exp(x) * sin(x)"""
    return (np.exp(x) * np.sin(x)).sum()


def last_row(x):
    """the product of its last row"""
    return x[-1].prod()


def far_from_zero(x):
    """a million plus the sum of sin(x)"""
    return 1e6 + np.sin(x).sum()


def function_setting(rng):
    """A function and a place to take its gradient at."""
    shape = [(1,), (3,), (2, 3), (2, 1, 2)][rng.integers(4)]
    functions = weighted, product, curved, far_from_zero
    return functions[rng.integers(4)], rng.uniform(0.5, 1.5, shape)


def setting(rng, V=5, H=4, T=6):
    """The arguments of a backward pass, with characters that come twice."""
    inputs, targets = rng.integers(0, V, (2, T))
    return network(rng, V, H), inputs, targets, rng.standard_normal(H)


def steps(inputs):
    """The length of a window in words."""
    return "one step" if len(inputs) == 1 else f"{len(inputs)} steps"


def first_state(parameters, inputs, targets, h0):
    """dL/dh0, by the complex step."""
    return complex_step(lambda h0: cross_entropy(forward(parameters, inputs, h0)[1], targets), h0)


def back(give=lambda m: m.dhnext, slope=lambda h, h_before: 1 - h**2, carry=lambda Whh: Whh.T,
         minus=1, far=1, turns=lambda T: reversed(range(T))):  # fmt: skip
    """The backward pass of 04.4 with one of its parts exchanged: for the mistakes."""

    def answer(parameters, inputs, targets, h0):
        _, Whh, Why, _, _ = parameters
        hidden, logits = forward(parameters, inputs, h0)
        m = Messages()
        m.dhnext = np.zeros_like(h0)
        for t in turns(len(inputs)):
            m.dy = softmax(logits[t])
            m.dy[targets[t]] -= minus
            m.dh = Why.T @ m.dy + far * m.dhnext
            m.da = slope(hidden[t + 1], hidden[t]) * m.dh
            m.dhnext = carry(Whh) @ m.da
        return give(m)

    return answer


class Messages:
    """What stands in the variables of a backward pass."""


def with_shortcut(parameters, Wxy, inputs, targets, h0):
    """The six gradients of a network with y_t = Why h_t + Wxy x_t + by, by the complex step."""
    arrays = [*parameters, Wxy]

    def loss(i, array):
        *five, Wxy = arrays[:i] + [array] + arrays[i + 1 :]
        _, logits = forward(Parameters(*five), inputs, h0)
        return cross_entropy(logits + Wxy.T[inputs], targets)

    return tuple(
        complex_step(lambda array, i=i: loss(i, array), arrays[i]) for i in range(len(arrays))
    )


def shortcut_by_hand(scores=lambda logits, Wxy, inputs: logits + Wxy.T[inputs],
                     add=lambda dWxy, dy, x, k, da: add_to(dWxy, (slice(None), x), dy),
                     slope=lambda h: 1 - h**2, carry=lambda Whh: Whh.T, minus=1, far=1,
                     state=lambda hidden, t: hidden[t], scale=lambda T: 1,
                     turns=lambda T: reversed(range(T)),
                     add_x=lambda dWxh, x, da: add_to(dWxh, (slice(None), x), da)):  # fmt: skip
    """The same written out, with one of its parts exchanged: for the mistakes."""

    def answer(parameters, Wxy, inputs, targets, h0):
        _, Whh, Why, _, _ = parameters
        hidden, logits = forward(parameters, inputs, h0)
        logits = scores(logits, Wxy, inputs)
        dWxh, dWhh, dWhy, dbh, dby = (np.zeros_like(p) for p in parameters)
        dWxy, dhnext = np.zeros_like(Wxy), np.zeros_like(h0)
        for t in turns(len(inputs)):
            dy = softmax(logits[t])
            dy[targets[t]] -= minus
            dy *= scale(len(inputs))
            da = slope(hidden[t + 1]) * (Why.T @ dy + far * dhnext)
            dWhy += np.outer(dy, hidden[t + 1])
            dWhh += np.outer(da, state(hidden, t))
            dby += dy
            dbh += da
            add_x(dWxh, inputs[t], da)
            add(dWxy, dy, inputs[t], targets[t], da)
            dhnext = carry(Whh) @ da
        return dWxh, dWhh, dWhy, dbh, dby, dWxy

    return answer


def add_to(array, place, values):
    """Add values at a place of an array."""
    array[place] += values


def put_in(array, place, values):
    """Overwrite a place of an array."""
    array[place] = values


def shortcut_setting(rng, V=5, H=4, T=6):
    """The arguments of the network with a shortcut."""
    parameters, *window = setting(rng, V, H, T)
    return parameters, rng.standard_normal((V, V)), *window


SIX = ("dWxh", "dWhh", "dWhy", "dbh", "dby", "dWxy")
COLUMN = slice(None)
RNG = np.random.default_rng(13)
EXERCISES = [
    Numbers(
        number="04.1",
        title="Two equal streams",
        takes="one line",
        right=1,
        mistakes=[
            (2, "That would be right if the loss of a batch were the sum over its streams."),
            (0.5, "Each stream counts half, and there is more than one."),
            (4, "Nothing is squared here: if the loss doubles, so does its gradient."),
            (np.sqrt(2), "Lengths of independent vectors add up in that way; these are equal."),
            (0, "Two equal messages do not cancel."),
        ],
        otherwise="What is the loss of a batch, compared with those of its streams?",
        nudges=(
            "The table of loss_and_gradients says how the loss of a batch is made.",
            "If a loss is so many times another one at all weights, so is its gradient.",
            "Try it: stack the window beside itself, along a second axis, and compare.",
        ),
    ),
    Choice(
        number="04.2",
        title="Which arrays are wrong?",
        takes="five minutes",
        right=frozenset({"Whh"}),
        options=Parameters._fields,
        several=True,
        read=lambda name: name.strip().removeprefix("d"),
        mistakes=[
            (frozenset({"Wxh", "Why", "bh", "by"}), "Those are the right ones."),
            (frozenset({"Wxh", "Whh", "bh"}),
             "That would be so if a message were wrong. Measure each array."),
            (frozenset(Parameters._fields), "Is each of the five errors large?"),
            (frozenset(), "One error, at least, is much larger than 1e-7."),
            (frozenset({"Wxh", "Whh"}), "One of the two is right to the last digits."),
            (frozenset({"Why", "by"}), "Those two are right."),
            (frozenset({"Wxh"}), "Look at the numbers again: this one is right."),
        ],
        otherwise="check_gradients(*setting, gradients=...) gives the error of each array.",
        nudges=(
            "check_gradients takes gradients to check: give it those with the bug.",
            "An array is wrong if its worst relative error is far above 1e-7.",
            "What it gives is a dict: go through its items and keep the names with large errors.",
        ),
    ),
    Function(
        number="04.3",
        title="A sigmoid instead of tanh",
        takes="ten minutes",
        right=lambda h, dh: h * (1 - h) * dh,
        arguments=("h", "dh"),
        probes=[
            (np.array([0.5]), np.array([2.0])),
            (np.array([0.2, 0.9]), np.array([1.0, -3.0])),
            (np.array([0.3, 0.6, 0.99]), np.array([0.5, 2.0, -1.0])),
            (np.array([1.0, 0.0]), np.array([1.0, 2.0])),
        ],
        random=lambda rng: (rng.uniform(0, 1, n := rng.integers(1, 6)), rng.standard_normal(n)),
        decisive=("h * (1 - h)", "(1 - h) * h", "h - h**2"),
        mistakes=[
            (lambda h, dh: (1 - h**2) * dh, "That is the slope of tanh."),
            (lambda h, dh: (1 - h) * dh, "One factor of the slope is missing: at h = 0 the "
             "sigmoid is flat as well."),
            (lambda h, dh: h * dh, "One factor of the slope is missing: at h = 1 the sigmoid is "
             "flat as well."),
            (lambda h, dh: dh / (1 + np.exp(-h)) * (1 - 1 / (1 + np.exp(-h))),
             "h has been through the sigmoid already; you send it through again."),
            (lambda h, dh: h * (1 - h), "That is the slope. What becomes of the message?"),
            (lambda h, dh: h * (1 + h) * dh, "Check the sign: the slope of a sigmoid is never "
             "above a quarter."),
            (lambda h, dh: -h * (1 - h) * dh, "A sigmoid rises: its slope is positive."),
            (lambda h, dh: h - h**2 * dh, "Mind the brackets: the whole slope multiplies dh."),
            (lambda h, dh: h * (1 - h) + dh, "A slope tells by which factor a message changes."),
            (lambda h, dh: dh, "The way back through the sigmoid is missing."),
            (lambda h, dh: dh / (h * (1 - h)),
             "On the way back a message is multiplied by the slope, not divided."),
        ],
        otherwise="Differentiate 1 / (1 + exp(-a)) by a, and write the result with h alone.",
        nudges=(
            "As with tanh, da is the slope times dh.",
            "The derivative of 1 / u is -1 / u squared, times the derivative of u = 1 + exp(-a).",
            "Use exp(-a) = 1 / h - 1 to get rid of a. At h = 1/2 the slope is 1/4.",
        ),
    ),
    Function(
        number="04.4",
        title="The gradient of the first state",
        takes="ten minutes",
        right=first_state,
        arguments=("parameters", "inputs", "targets", "h0"),
        rtol=1e-6,  # central differences of the reader are right as well
        probes=[setting(RNG, T=1), setting(RNG), setting(RNG, V=3, H=3, T=9)],
        random=lambda rng: setting(rng, *rng.integers(2, 6, 2), rng.integers(1, 8)),
        decisive=("return dhnext", "Whh.T @ da"),
        case=lambda parameters, inputs, targets, h0: steps(inputs),
        mistakes=[
            (back(give=lambda m: m.da),
             "That is the message at the first step's sum. It has to pass Whh on its way to h0."),
            (back(give=lambda m: m.dh),
             "That is the gradient of the state after the first character."),
            (back(carry=lambda Whh: Whh),
             "Through which form of the matrix does a message go back?"),
            (back(slope=lambda h, h_before: 1),
             "The message never passes tanh."),
            (back(slope=lambda h, h_before: 1 - h_before**2),
             "Of which state is the slope of tanh taken?"),
            (back(far=0),
             "Only the first prediction is heard. What about the messages of later steps?"),
            (back(turns=range), "The loop runs forwards; messages come from the end."),
            (back(minus=0), "The gradient at the scores is not p alone."),
            (lambda *where: where[0].Whh.T @ loss_and_gradients(*where)[1].bh,
             "The gradient of bh is the sum over all steps, but only the first one follows h0 "
             "directly."),
            (lambda *where: -back()(*where), "The sign is turned round."),
            (lambda *where: np.zeros_like(where[3]),
             "You return zeros. Which variable has changed after the last turn of the loop?"),
            (lambda *where: back(turns=lambda T: reversed(range(1, T)))(*where),
             "That is the gradient of the state after the first character: the loop has one turn "
             "too few."),
        ],
        otherwise="Run the backward loop to its end: what arrives before the first character?",
        nudges=(
            "You need no new mathematics: h0 is a state like the others.",
            "In backward_by_hand, which variable holds the message for the state before?",
            "That variable, after the last turn of the loop, has reached the state before t = 0.",
        ),
    ),
    Function(
        number="04.5",
        title="A gradient check of your own",
        takes="fifteen minutes",
        right=complex_step,
        arguments=("f", "x"),
        probes=[
            (weighted, np.array([1.0, 2.0, 0.5])),
            (product, np.array([2.0, 3.0])),
            (curved, np.array([[0.3, 1.0, -0.5], [0.7, 0.1, 2.0]])),
            (far_from_zero, np.array([1.0, -2.0])),
            (curved, np.array([0.9])),
            (curved, np.array([1, 2, 3])),
            (curved, np.array([0.0, 1.0])),
            (last_row, np.array([[0.3, 1.0, -0.5], [0.7, 0.1, 2.0]])),
        ],
        random=function_setting,
        decisive=(".imag / 1e-30", "astype(complex)"),
        case=lambda f, x: f"f(x), {f.__doc__}, and x of shape {x.shape},",
        mistakes=[
            (lambda f, x: STEP * complex_step(f, x),
             "Zeros, or nearly. Has the copy of x room for an imaginary part? Is what f gives "
             "divided by the step?"),
            (lambda f, x: np.full(x.shape, f(x.astype(complex)).real / STEP),
             "In which part of f does the derivative appear? That part alone is asked for."),
            (lambda f, x: f(x + STEP * 1j).imag / STEP,
             "You moved all entries at once and got one number. Move them one at a time."),
            (lambda f, x: complex_step(f, x, fresh=False),
             "Entries that were moved stay moved, so later ones collect what earlier ones give."),
            (central,
             "Central differences lose digits where f is large. Take the complex step."),
            (lambda f, x: complex_step(f, x).ravel(),
             "The gradient has the shape of x."),
            (row_by_row,
             "In a matrix you move a whole row at once. Each entry has an index of its own."),
            (lambda f, x: complex_step(f, x, step=0.1),
             "The step is too large: what is left out grows with its square."),
            (lambda f, x: complex_step(f, x) * 1j,
             "The imaginary part of a number is itself a real number."),
        ],
        otherwise="For each entry: copy x, move that entry in the imaginary direction, ask f.",
        nudges=(
            "A loop over all indices of x: np.ndindex(*x.shape) gives them for any shape.",
            "In each turn, make a new copy of x that can hold complex numbers.",
            "Add a tiny imaginary number to one entry; what f gives has an imaginary part.",
        ),
    ),
    Function(
        number="04.6",
        title="A shortcut from the input to the scores",
        takes="half an hour",
        right=with_shortcut,
        arguments=("parameters", "Wxy", "inputs", "targets", "h0"),
        results=SIX,
        rtol=1e-6,  # central differences of the reader are right as well
        probes=[shortcut_setting(RNG, T=1), shortcut_setting(RNG), shortcut_setting(RNG, 4, 4, 9)],
        random=lambda rng: shortcut_setting(rng, *rng.integers(2, 6, 2), rng.integers(1, 8)),
        decisive=("dWxy[:, inputs[t]] += dy", "Wxy.T[inputs]", "Wxy[:, inputs[t]]"),
        case=lambda parameters, Wxy, inputs, targets, h0: steps(inputs),
        mistakes=[
            (shortcut_by_hand(scores=lambda logits, Wxy, inputs: logits),
             "All your gradients are those of another network: do the scores contain the new "
             "term?"),
            (shortcut_by_hand(scores=lambda logits, Wxy, inputs: logits + Wxy[inputs]),
             "In the scores you pick a row of Wxy. Which belongs to a character?"),
            (shortcut_by_hand(add=lambda dWxy, dy, x, k, da: add_to(dWxy, x, dy)),
             "dWxy has a column for each character that was read; you add to a row."),
            (shortcut_by_hand(add=lambda dWxy, dy, x, k, da: add_to(dWxy, (COLUMN, k), dy)),
             "In dWxy, the column belongs to the character that was read, not to the target."),
            (shortcut_by_hand(add=lambda dWxy, dy, x, k, da: put_in(dWxy, (COLUMN, x), dy)),
             "In dWxy a character that comes twice has to collect both messages."),
            (shortcut_by_hand(add=lambda dWxy, dy, x, k, da: add_to(dWxy, (), np.outer(dy, x))),
             "In dWxy you multiply by the id. The vector that was read is one-hot."),
            (shortcut_by_hand(turns=range),
             "The loop runs forwards; messages come from the end."),
            (shortcut_by_hand(add=lambda dWxy, dy, x, k, da: None),
             "dWxy is still zero."),
            (shortcut_by_hand(add_x=lambda dWxh, x, da: put_in(dWxh, (COLUMN, x), da)),
             "In dWxh a character that comes twice has to collect both messages."),
            (shortcut_by_hand(minus=0), "The gradient at the scores is not p alone."),
            (shortcut_by_hand(far=0), "Messages from later steps do not arrive."),
            (shortcut_by_hand(carry=lambda Whh: Whh),
             "Through which form of Whh does a message go back?"),
            (shortcut_by_hand(slope=lambda h: 1), "The message never passes tanh."),
            (shortcut_by_hand(state=lambda hidden, t: hidden[t + 1]),
             "In dWhh: which state did Whh multiply?"),
            (shortcut_by_hand(scale=lambda T: 1 / T),
             "All gradients are too small: the loss is a sum over time."),
            (lambda *where: shortcut_by_hand()(*where)[:5],
             "Those are the five old arrays. The new one comes last."),
            (lambda *where: (lambda *five, last: (last, *five))(
                *shortcut_by_hand()(*where)[:5], last=shortcut_by_hand()(*where)[5]),
             "The order is another one: the new array comes last."),
        ],
        otherwise="Test your function with your answer to 04.5, array by array.",
        nudges=(
            "Start from backward_by_hand. Two places change: the scores, and one more array.",
            "forward gives the scores without the shortcut. What has each step to add to them?",
            "Wxy does to the scores what Wxh does to the sum before tanh; so does its gradient, "
            "with dy in place of da.",
        ),
    ),
]  # fmt: skip
