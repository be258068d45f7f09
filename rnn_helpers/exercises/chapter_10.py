"""The exercises of chapter 10: what gates leave of a message, and a GRU that reads."""

import numpy as np

from rnn_helpers.exercises.engine import WHATEVER, Function, Numbers
from rnn_helpers.exercises.gru import gru_forward, init_gru
from rnn_helpers.loss import softmax
from rnn_helpers.lstm import sigmoid

# 10.2: a bias, and what its gate leaves after 30 steps

OPEN = float(sigmoid(np.array(2.0)))
LEFT = OPEN**30
HALVING = 0.5 ** (1 / 30)  # the gate that leaves a half


def bias_of(gate):
    """The bias whose sigmoid is this gate."""
    return float(np.log(gate / (1 - gate)))


# 10.3: one gate that forgets and lets in


def coupled(rng):
    """Arguments of 10.3: a gate, what is new, the cell before and the message into the cell."""
    H = int(rng.integers(1, 6))
    return rng.uniform(0.05, 0.95, H), *rng.uniform(-1, 1, (1, H)), *rng.normal(size=(2, H))


# 10.4: a GRU


def read(
    mix=lambda z, h, n: z * h + (1 - z) * n,
    new=lambda a, U, r, h: a + U @ (r * h),
    bend=np.tanh,
    gate=sigmoid,
    order=(0, 1, 2),
    bias=1,
    carry=True,
    shown=slice(1, None),
):
    """The forward pass of a GRU with one of its parts exchanged: for the mistakes."""

    def answer(parameters, inputs, h0):
        Wxh, Whh, Why, bh, by = parameters
        hidden = [h0]
        for x in inputs:
            h = hidden[-1] if carry else h0
            sums, matrices = np.split(Wxh[:, x] + bias * bh, 3), np.split(Whh, 3)
            (a_z, U_z), (a_r, U_r), (a_n, U_n) = ((sums[i], matrices[i]) for i in order)
            z, r = gate(a_z + U_z @ h), gate(a_r + U_r @ h)
            hidden.append(mix(z, h, bend(new(a_n, U_n, r, h))))
        hidden = np.array(hidden)
        return hidden, hidden[shown] @ Why.T + by

    return answer


def told(tell=lambda hidden, scores, by: (hidden, scores)):
    """A right forward pass of which something else is returned: for the mistakes."""

    def answer(parameters, inputs, h0):
        return tell(*read()(parameters, inputs, h0), parameters.by)

    return answer


def gru_setting(rng, V=5, H=4, T=6):
    """Arguments of 10.4: large weights, biases that are not zero."""
    parameters = init_gru(V, H, rng, scale=0.8)
    parameters.bh[:], parameters.by[:] = rng.normal(size=3 * H), rng.normal(size=V)
    return parameters, rng.integers(0, V, T), rng.uniform(-1, 1, H)


def larger(times, parameters, inputs, h0):
    """The same with larger weights from the input, where a careless exp overflows."""
    return parameters._replace(Wxh=times * parameters.Wxh), inputs, h0


def steps(parameters, inputs, h0):
    """A window in words."""
    return "one step" if len(inputs) == 1 else f"{len(inputs)} steps"


RNG = np.random.default_rng(10)

EXERCISES = [
    Numbers(
        number="10.1",
        title="A gate's half-life",
        takes="one line",
        right=69,
        mistakes=[
            (68, "After so many steps slightly more than half is left."),
            (np.log(0.5) / np.log(0.99), "Steps come whole. Which is the first after which less "
             "than half is left?"),
            (70, "Close. If you divided by 0.01: the logarithm of the gate is a little more "
             "than that."),
            (-np.log(2) / 0.01, "Check a sign, and what the logarithm of the gate is."),
            (np.log(2) / 0.01, "Steps come whole, and the logarithm of the gate is not exactly "
             "-0.01."),
            (50, "A gate does not take away the same amount each time, but the same share of "
             "what is left."),
            (51, "The gate takes a hundredth of what is left, not of what there was at first."),
            (100, "After so many steps a good third is left."),
            (99, "That would be the gate in percent. Count steps."),
            (0.5, "That is what is left. After how many steps?"),
        ],
        otherwise="Each step multiplies the cell by the gate. Count the factors.",
        nudges=(
            "What is left after n steps is the gate to the power n.",
            "A logarithm turns a power into a product: log(f**n) is n times log(f).",
            "Divide the logarithm of a half by that of the gate, and take the next whole number.",
        ),
    ),
    Numbers(
        number="10.2",
        title="A bias and what it leaves",
        takes="five minutes",
        right=(LEFT, bias_of(HALVING)),
        mistakes=[
            ((OPEN, WHATEVER), "The first number is the gate: what is left after one step."),
            ((np.tanh(2) ** 30, WHATEVER), "A gate is bent by the sigmoid, not by tanh."),
            ((1 - LEFT, WHATEVER), "The first number is what is lost. What is left?"),
            ((30 * OPEN, WHATEVER), "Each step multiplies: the gate is a factor, not a summand."),
            ((1 - 30 * (1 - OPEN), WHATEVER), "A gate takes a share of what is left, not of what "
             "there was at first."),
            ((100 * LEFT, WHATEVER), "The first number is in per cent. Give the part of 1."),
            (((1 - OPEN) ** 30, WHATEVER), "For the first number the sign of the bias is turned "
             "round: this gate is nearly closed."),
            ((OPEN**29, WHATEVER), "The first number has one factor too few: 30 steps multiply "
             "30 times."),
            ((OPEN**31, WHATEVER), "The first number has one factor too many: 30 steps multiply "
             "30 times."),
            ((LEFT, HALVING / (1 - HALVING)), "The second number is the odds of the gate. Which "
             "bias has these odds?"),
            ((LEFT, np.log(HALVING)), "The second number is the logarithm of the gate. The "
             "bias is that of its odds."),
            ((LEFT, bias_of(HALVING) / np.log(10)), "For the second number you took a logarithm "
             "to the base 10."),
            ((LEFT, HALVING), "The second number is the gate. Which bias opens it so far?"),
            ((LEFT, -bias_of(HALVING)), "With this bias the gate would be nearly closed."),
            ((LEFT, 0), "With this bias a half is left after one step."),
            ((LEFT, bias_of(1 - 0.5 / 30)), "For the second number you took the same amount away "
             "at each step. The gate takes a share of what is left."),
            ((LEFT, np.arctanh(HALVING)), "For the second number you went back through tanh. A "
             "gate is bent by the sigmoid."),
            ((bias_of(HALVING), LEFT), "Right, but in the other order."),
        ],
        otherwise="First the gate from the bias, then its power; and the same way backwards.",
        nudges=(
            "The gate is the sigmoid of its bias; what is left is the gate to the power 30.",
            "For the second number: which gate, to the power 30, is a half?",
            "Solve f = 1 / (1 + exp(-b)) for b: the odds f / (1 - f) are exp(b).",
        ),
    ),
    Function(
        number="10.3",
        title="One gate instead of two",
        takes="ten minutes",
        right=lambda f, g, c_before, dc: dc * (c_before - g) * f * (1 - f),
        arguments=("f", "g", "c_before", "dc"),
        probes=[
            (np.array([0.5]), np.array([0.5]), np.array([2.0]), np.array([1.0])),
            (np.array([0.2, 0.9]), np.array([0.6, -0.7]), np.array([1.5, 0.4]),
             np.array([2.0, -3.0])),
            (np.array([0.7, 0.4, 0.1]), np.array([-0.3, 0.8, 0.5]), np.array([-1.2, 0.8, 2.5]),
             np.array([0.5, -1.0, 1.5])),
        ],  # fmt: skip
        random=coupled,
        decisive=("c_before - g", "-g+c_before"),
        mistakes=[
            (lambda f, g, c_before, dc: dc * c_before * f * (1 - f),
             "That is the forget gate of an LSTM. Here f also says how much of the new comes in."),
            (lambda f, g, c_before, dc: -dc * g * f * (1 - f),
             "f stands at two places of the line. You followed one of them."),
            (lambda f, g, c_before, dc: dc * (c_before + g) * f * (1 - f),
             "Check a sign: if f grows, less of the new comes in."),
            (lambda f, g, c_before, dc: dc * (g - c_before) * f * (1 - f),
             "The sign is turned round: if f grows, more of the old stays."),
            (lambda f, g, c_before, dc: dc * (c_before - g),
             "That is the message into f. It still has to go through the sigmoid."),
            (lambda f, g, c_before, dc: dc * (c_before - g) * (1 - f**2),
             "That is the slope of tanh. A gate is bent by the sigmoid."),
            (lambda f, g, c_before, dc: dc * (c_before - g) * f,
             "That is half of the slope of a sigmoid: of f and 1 - f both are factors."),
            (lambda f, g, c_before, dc: dc * (c_before - g) * (1 - f),
             "One factor of the slope of the sigmoid is missing: which one?"),
            (lambda f, g, c_before, dc: dc * (c_before - g) * sigmoid(f) * (1 - sigmoid(f)),
             "f is a gate already, after the sigmoid: do not bend it again."),
            (lambda f, g, c_before, dc: dc * (c_before - (1 - f) * g) * f * (1 - f),
             "The slope of (1 - f) * g in f has no f in it any more."),
            (lambda f, g, c_before, dc: dc * (f * c_before - (1 - f) * g) * f * (1 - f),
             "Those are the two summands of the cell. Take their slopes in f."),
            (lambda f, g, c_before, dc: dc * (1 - f) * (1 - g**2),
             "That is the message into the sum of g. The one into the sum of f is asked for."),
            (lambda f, g, c_before, dc: dc * c_before,
             "f stands at two places, and after the slope in f comes that of the sigmoid."),
            (lambda f, g, c_before, dc: (dc * (c_before - g) * f * (1 - f)).sum(),
             "You added up over the neurons. Each has a message of its own."),
            (lambda f, g, c_before, dc: (c_before - g) * f * (1 - f),
             "Where is the message from the cell?"),
            (lambda f, g, c_before, dc: dc * f * (1 - f),
             "A product passes on what stands beside. What stands beside f?"),
            (lambda f, g, c_before, dc: dc * (f * c_before + (1 - f) * g) * f * (1 - f),
             "You multiplied by the cell after the step, not by its slope in f."),
            (lambda f, g, c_before, dc: dc * f,
             "That is the message into the cell before. The one into the sum of f is asked for."),
        ],
        otherwise="Differentiate the line of the cell by f, then go through the sigmoid.",
        nudges=(
            "f stands at two places of the line. Each gives a part of the slope.",
            "Write the line without brackets: f times the old, plus g, minus f times g.",
            "The slope of a sigmoid, written with its value, is f * (1 - f).",
        ),
    ),
    Function(
        number="10.4",
        title="A GRU reads",
        takes="half an hour",
        right=gru_forward,
        arguments=("parameters", "inputs", "h0"),
        results=("array of states", "array of scores"),
        probes=[
            gru_setting(RNG, 3, 2, T=1), gru_setting(RNG), gru_setting(RNG, 4, 5, T=9),
            larger(12, *gru_setting(RNG)), larger(2000, *gru_setting(RNG)),
        ],
        random=lambda rng: gru_setting(rng, *rng.integers(2, 6, 2), rng.integers(1, 8)),
        decisive=("z * h + (1 - z) * n", "@ (r * h)"),
        case=steps,
        mistakes=[
            (read(mix=lambda z, h, n: (1 - z) * h + z * n),
             "Some books let z say how much is new. Here it says how much of the old stays."),
            (read(mix=lambda z, h, n: z * h + n),
             "All of the new is let in. How much of it is meant to come in?"),
            (read(new=lambda a, U, r, h: a + r * (U @ h)),
             "The gate r is applied after the matrix, as in PyTorch. Here it comes before it."),
            (read(new=lambda a, U, r, h: r * (a + U @ h)),
             "The gate r multiplies the whole sum. It belongs to the state alone, before the "
             "matrix."),
            (read(new=lambda a, U, r, h: a + U @ h), "The gate r is computed and never used."),
            (read(bend=sigmoid), "What is new is bent by tanh."),
            (read(bend=lambda a: a), "What is new is not bent at all."),
            (read(gate=np.tanh), "The gates are bent by the sigmoid, not by tanh."),
            (read(gate=lambda a: a), "The gates are not bent: a sigmoid is missing."),
            (read(mix=lambda z, h, n: (1 - z) * n), "Nothing of the old state is kept."),
            (read(mix=lambda z, h, n: h + (1 - z) * n), "All of the old state is kept. How much "
             "of it is meant to stay?"),
            (read(mix=lambda z, h, n: n), "z is computed and never used: the new state is all "
             "new."),
            (read(new=lambda a, U, r, h: a), "n does not see the state before."),
            (read(new=lambda a, U, r, h: a + U @ ((1 - r) * h)),
             "r says how much of the state goes into n, not how much is left out."),
            (told(lambda hidden, scores, by: (scores, hidden)), "Right, but in the other order."),
            (told(lambda hidden, scores, by: (hidden[1:], scores)), "The states begin with h0: "
             "there is one more than there are characters."),
            (told(lambda hidden, scores, by: (hidden, scores - by)), "The bias by is missing."),
            (told(lambda hidden, scores, by: (hidden, softmax(scores))), "Those are "
             "probabilities. The scores before the softmax are asked for."),
            (told(lambda hidden, scores, by: hidden), "Those are the states. The scores are asked "
             "for as well."),
            (told(lambda hidden, scores, by: (hidden[-1], scores[-1])), "That is the last step "
             "alone. All of them are asked for."),
            (read(order=(1, 0, 2)), "The rows of z come first, those of r second."),
            (read(order=(1, 2, 0)), "The rows of n come last."),
            (read(bias=0), "The bias bh is missing."),
            (lambda parameters, inputs, h0: read()(parameters, inputs, 0 * h0),
             "It begins with h0, not with zeros."),
            (read(carry=False), "Every step begins at h0. What one step leaves is where the next "
             "begins."),
            (read(shown=slice(None, -1)), "The scores come from the states after the characters, "
             "not before them."),
        ],
        otherwise="Write one step with its three lines first, then the loop.",
        nudges=(
            "It is forward_by_hand of this chapter with other lines in the loop.",
            "np.split(a, 3) cuts a long array into three parts, and a matrix as well.",
            "z and r need the state before; n needs r, so it comes after them.",
        ),
    ),
]  # fmt: skip
