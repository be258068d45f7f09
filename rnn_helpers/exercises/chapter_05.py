"""The exercises of chapter 05: steps, windows, clipping, an optimizer of your own."""

import functools

import numpy as np

from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.exercises.chapter_02 import network
from rnn_helpers.exercises.engine import Design, Function, Numbers, Unreadable

N = np.arange(1, 101)  # the steps of exercise 05.2
BETA = 0.9  # of exercise 05.6


def one_step(names=None, direction=-1, in_place=True, change=lambda g, T: g,
             says=lambda before, after: after < before, same_window=True):  # fmt: skip
    """A step of SGD that says whether it went down, with parts exchanged for the mistakes."""

    def answer(parameters, inputs, targets, h0, rate):
        before, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if not in_place:
            parameters = parameters._make(w.copy() for w in parameters)
        for name, w, g in zip(parameters._fields, parameters, gradients):
            if names is None or name in names:
                w += direction * rate * change(g, len(inputs))
        start = h0 if same_window else h
        after, _, _ = loss_and_gradients(parameters, inputs, targets, start)
        return says(before, after)

    return answer


def new_arrays(parameters, inputs, targets, h0, rate):
    """A step that makes new arrays and drops them: a mistake."""
    before, _, _ = loss_and_gradients(parameters, inputs, targets, h0)
    return before < before


def by_name(parameters, inputs, targets, h0, rate):
    """Each array is moved under its name, which a NamedTuple refuses: a mistake."""
    before, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)
    parameters.Wxh -= rate * gradients.Wxh


def step_setting(rng, rate=None, T=6, loud=False):
    """The arguments of one step. A loud window has the same target throughout."""
    inputs, targets = rng.integers(0, 5, (2, T))
    rate = 10 ** rng.uniform(-4, 1) if rate is None else rate
    return network(rng), inputs, 0 * targets if loud else targets, rng.standard_normal(4), rate


def epoch(n, first, T, *, last=lambda n: n - 1, gap=0, cut=min, drop=0):
    """The windows of an epoch, with parts exchanged for the mistakes."""
    windows, start, length = [], 0, first
    while start < last(n):
        end = cut(start + length, n - 1)
        windows.append((start, end))
        start, length = end + gap, T
    return windows[: len(windows) - drop] if drop else windows


def whole_windows(n, first, T):
    """The same without the short window at the end: a mistake."""
    return [(a, b) for a, b in epoch(n, first, T, cut=lambda end, _: end) if b <= n - 1]


def epoch_setting(rng):
    """The arguments of an epoch."""
    T = int(rng.integers(1, 12))
    return int(rng.integers(2, 60)), int(rng.integers(1, T + 1)), T


def scaled(factor):
    """Clip each array by a factor of the array and the limit."""
    return lambda gradients, limit: [g * factor(g, limit) for g in gradients]


def norm(g):
    """The length of an array."""
    return np.sqrt((g**2).sum())


def all_together(gradients, limit):
    """One factor for all arrays: a mistake."""
    factor = min(1, limit / max(np.sqrt(sum((g**2).sum() for g in gradients)), 1e-300))
    return [g * factor for g in gradients]


def in_the_given_arrays(gradients, limit):
    """The arrays that were given are scaled: a mistake."""
    for g in gradients:
        g *= limit / max(norm(g), limit)
    return gradients


def row_by_row(gradients, limit):
    """Each row of a matrix is clipped alone: a mistake."""
    lengths = (np.sqrt((g**2).sum(axis=-1, keepdims=True)) for g in gradients)
    return [g * (limit / np.maximum(n, limit)) for g, n in zip(gradients, lengths)]


def clip_setting(rng):
    """Arrays of different sizes and lengths, one of them zero, and a limit."""
    arrays = [rng.standard_normal(shape) * 10 ** rng.uniform(-1, 1) for shape in ((3, 4), 4, 2)]
    return [*arrays, np.zeros(3)], float(rng.uniform(0.5, 5))


class Nesterov:
    """Nesterov's momentum for parameters that stand where the gradient is taken.

    The parts that mistakes exchange are attributes of the class.
    """

    in_place, keeps_velocity, one_velocity, zeros = True, True, False, True

    def __init__(self, parameters, rate):
        self.parameters, self.rate = parameters, rate
        self.velocities = [np.zeros_like(w) if self.zeros else w for w in parameters]
        if self.one_velocity:
            self.velocities = [0] * len(parameters)

    def step(self, gradients):
        """Move every parameter once."""
        for i, (u, g) in enumerate(zip(self.parameters, gradients)):
            old = self.velocities[i].copy() if np.ndim(self.velocities[i]) else 0
            new = self.velocity(self.velocities[i], g)
            if self.one_velocity:
                self.velocities = [new] * len(self.velocities)
            elif not self.zeros:
                self.velocities[i][:] = new
            elif self.keeps_velocity:
                self.velocities[i] = new
            change = self.change(old, new, g)
            if self.in_place:
                u += change

    def velocity(self, v, g):
        """The new velocity."""
        return BETA * v - self.rate * g

    def change(self, old, new, g):
        """How far a parameter moves."""
        return BETA * new - self.rate * g


def wrong_nesterov(**parts):
    """The class with some of its parts exchanged."""
    return type("Nesterov", (Nesterov,), parts)


def optimizer(answer):
    """What an optimizer's class makes of parameters in a few steps."""
    if not isinstance(answer, type):
        raise Unreadable(
            "A class is asked for: write class ... with __init__(self, parameters, rate) and "
            "step(self, gradients), and set answer to its name."
        )

    return functools.partial(take_steps, answer)


def take_steps(make, parameters, rate, gradients):
    """Move parameters by an optimizer of a class, once for each of the gradients."""
    made = make(parameters, rate)
    for each in gradients:
        made.step(each)


def optimizer_setting(rng, steps=None):
    """The arguments of a run: parameters, a rate, and gradients for some steps."""
    parameters, steps = network(rng, 3, 2), steps or rng.integers(1, 6)
    sizes = rng.uniform(500, 2000, (steps, 5))  # so large that no epsilon matters
    gradients = [
        parameters._make(
            size * np.where(rng.random(w.shape) < 0.5, -1, 1) * rng.uniform(0.5, 1, w.shape)
            for size, w in zip(row, parameters)
        )
        for row in sizes
    ]
    return parameters, float(rng.uniform(0.01, 0.3)), gradients


def steps_in_words(parameters, rate, gradients):
    """Such as "2 steps at rate 0.1"."""
    return f"{len(gradients)} step{'s'[: len(gradients) > 1]} at rate {rate:.3g},"


RNG = np.random.default_rng(5)
EXERCISES = [
    Numbers(
        number="05.1",
        title="The start fades",
        takes="one line",
        right=4603,
        mistakes=[
            (4602, "After that many steps it is still a little more than a hundredth."),
            (4605, "Very near: 0.999 is not quite e to the power of -0.001."),
            (4604, "One step too many: is the part below a hundredth one step earlier?"),
            (4606, "Very near: did you round up a formula with e in it?"),
            (990, "You took off a thousandth of the first value each time. A step takes a "
             "thousandth of what is still there."),
            (1000, "The smoothed loss averages over about that many, but then more than a third "
             "of it is still its start."),
            (2302, "After that many steps a tenth is left."),
            (2303, "After that many steps a little less than a tenth is left."),
            (11, "After so few steps a hundredth is gone. A hundredth is to be left."),
            (4600, "That is rounded to hundreds. Which step is it exactly?"),
            (np.log(0.01) / np.log(0.999),
             "The equation is solved. But a step is whole: after which one is it less than a "
             "hundredth for the first time?"),
        ],
        otherwise="Each step multiplies the start's part by the decay, 0.999.",
        nudges=(
            "How much of the start is left after one step? After two?",
            "After n steps a power of 0.999 is left. When is it below 0.01?",
            "A logarithm turns the power into a product, which can be solved for n. Then round "
            "up to a whole step.",
        ),
    ),
    Numbers(
        number="05.2",
        title="How far Adagrad gets",
        takes="five minutes",
        right=float((0.1 / np.sqrt(N)).sum()),
        mistakes=[
            (30, "That is plain gradient descent. By what does Adagrad divide?"),
            (10, "That is a full rate for each step. The sum of squares grows, so the steps get "
             "shorter."),
            (1, "You gave all steps the length of the last one. The first ones are longer."),
            (0.01, "That is the last step alone."),
            (2, "That is near: is it the area under the curve? Add up the hundred steps."),
            (float((0.1 / N).sum()), "You divided by the number of steps, or by the sum of the "
             "sizes. Adagrad divides by the root of the sum of squares."),
            (float((0.3 / np.sqrt(N)).sum()), "You divided 3 by the root of the number of "
             "steps. The squares that are added up are those of 3."),
            (float((0.1 / np.sqrt(9 * N)).sum()), "The sum of squares is right, but what is "
             "divided by its root is the gradient, not 1."),
            (float((0.1 * 3 / (9 * N)).sum()), "The root is missing: you divided by the sum of "
             "squares itself."),
            (float((0.1 / np.sqrt(N[1:])).sum()), "The first step is missing: Adagrad adds the "
             "square before it divides."),
            (float((0.1 / np.sqrt(N[:-1])).sum()), "One step is missing: there are a hundred."),
            (float(-(0.1 / np.sqrt(N)).sum()), "How far is a distance: not below 0."),
        ],
        otherwise="Write down the sum of squares after the first step, the second, and step n.",
        nudges=(
            "How long is the first step? The sum of squares is then 9.",
            "At step n the sum is n times 9. Divide the gradient by its root: what cancels?",
            "Add up the hundred steps, with a loop, or with np.arange.",
        ),
    ),
    Function(
        number="05.3",
        title="One step down",
        takes="ten minutes",
        right=one_step(),
        arguments=("parameters", "inputs", "targets", "h0", "rate"),
        in_place=True,
        probes=[
            step_setting(RNG, 0.01), step_setting(RNG, 1e3),
            step_setting(RNG, 0.02, T=30, loud=True),  # with gradients that a clip would cut
            *(step_setting(np.random.default_rng(seed), rate, T) for seed, rate, T in (
                (9, 1e-4, 3), (13, 0.01, 3), (14, 0.3, 3), (1, 1.0, 6), (3, 1.0, 3), (19, 1.0, 6),
            )),  # steps that lower the loss of this window, and raise that of others
            step_setting(np.random.default_rng(2), 1e-300),
            step_setting(np.random.default_rng(2), 1e-9),
        ],
        random=step_setting,
        decisive=("weights -= rate * gradient", "after < before"),
        case=lambda parameters, inputs, targets, h0, rate: f"a rate of {rate:g}",
        mistakes=[
            (one_step(direction=1), "You add the gradient: that climbs."),
            (one_step(direction=1, says=lambda before, after: after > before),
             "It climbs, and it says the opposite of what happened: two signs to look at."),
            (new_arrays, "The network has not moved: w = w - ... makes a new array and leaves "
             "the old one as it was."),
            (by_name, "parameters.Wxh -= ... moves the array and then fails: a NamedTuple has no "
             "room for a new value. Take the arrays out of it, with zip."),
            (one_step(in_place=False), "You moved copies. The network that was given has to "
             "move."),
            (one_step(says=lambda before, after: after > before),
             "The step is right. You say whether the loss went up."),
            (one_step(says=lambda before, after: None),
             "The step is right, but nothing is returned."),
            (one_step(says=lambda before, after: before - after),
             "The step is right. You return by how much the loss fell; True or False is asked "
             "for."),
            (one_step(says=lambda before, after: after),
             "The step is right. You return the new loss; compare it with the old one."),
            (one_step(says=lambda before, after: True),
             "It always says True. At a huge rate, does the loss go down?"),
            (one_step(same_window=False),
             "The step is right. The second loss must be of the same window, from the same first "
             "state."),
            (one_step(names={"Whh"}), "Only Whh moves. The network has four more arrays."),
            (one_step(names={"Wxh"}),
             "Only the first array moves: does the return stand inside of the loop?"),
            (one_step(names={"Wxh", "Whh", "Why"}), "The matrices move, the biases do not."),
            (one_step(change=lambda g, T: g / T),
             "Your step is shorter than the rate says: the gradient is that of the sum over the "
             "window."),
            (one_step(change=lambda g, T: np.clip(g, -5, 5)),
             "You clip. This step takes the gradient as it is."),
            (one_step(change=lambda g, T: np.sign(g)),
             "You use only the sign of the gradient."),
            (one_step(change=lambda g, T: g / np.sqrt(g * g + 1e-8)),
             "That is a step of Adagrad. SGD does not divide."),
        ],
        otherwise="Ask for the loss, move all arrays in place, and ask for the loss again.",
        nudges=(
            "loss_and_gradients gives the loss before the step, and the gradient.",
            "MySGD shows how all arrays of a network are moved in place.",
            "After the step, ask loss_and_gradients again, for the same window and first state, "
            "and compare the two losses.",
        ),
    ),
    Function(
        number="05.4",
        title="All windows of an epoch",
        takes="ten minutes",
        right=epoch,
        arguments=("n", "first", "T"),
        probes=[(11, 3, 4), (26, 25, 25), (724, 7, 25), (10, 1, 4), (12, 2, 3), (5, 9, 9),
                (2, 1, 1), (7, 1, 1), (20, 7, 3), (1, 1, 1)],
        random=epoch_setting,
        decisive=("min(start + length, n - 1)", "while start < n - 1"),
        case=lambda n, first, T: f"n = {n}, first = {first} and T = {T}",
        mistakes=[
            (whole_windows, "The short window at the end is missing, and with it the end of the "
             "text."),
            (lambda n, first, T: epoch(n, first, T, cut=lambda end, _: min(end, n),
                                       last=lambda n: n),
             "You cut n pairs. How many pairs of input and target has a text of n characters?"),
            (lambda n, first, T: epoch(n, first, T, cut=lambda end, _: end),
             "The last window goes on behind the text: nothing limits its end."),
            (lambda n, first, T: epoch(n, T, T), "The first window is as long as the others."),
            (lambda n, first, T: epoch(n, first, first), "All windows are as long as the first."),
            (lambda n, first, T: epoch(n, first, T, gap=1),
             "Between two windows one pair is left out: where does a window start, and where "
             "did the one before it end?"),
            (lambda n, first, T: [(a, b - a) for a, b in epoch(n, first, T)],
             "You give starts and lengths; starts and ends are asked for."),
            (lambda n, first, T: [*epoch(n, first, T), (n - 1, n - 1)],
             "There is an empty window at the end."),
            (lambda n, first, T: epoch(n, first, T, drop=1),
             "The last window is missing, whether it is short or not."),
            (lambda n, first, T: [a for a, _ in epoch(n, first, T)],
             "Those are the starts. Each window has an end, too."),
            (lambda n, first, T: epoch(n, first, T)[:1],
             "That is the first window alone: does the return stand inside of the loop?"),
        ],
        otherwise="Draw the n - 1 pairs in a row and cut them.",
        nudges=(
            "Take n = 11, first = 3 and T = 4 and cut the pairs on paper.",
            "Keep two things from turn to turn: where the next window starts, and how long it "
            "may be.",
            "train_by_hand has the line for the end. Stop when all pairs are used up.",
        ),
    ),
    Function(
        number="05.5",
        title="Clip each array alone",
        takes="ten minutes",
        right=scaled(lambda g, limit: limit / max(norm(g), limit)),
        arguments=("gradients", "limit"),
        probes=[
            ([np.array([3.0, 4.0]), np.array([0.3, 0.4])], 1.0),
            ([np.array([[6.0, 0.0], [0.0, 8.0]]), np.zeros(3), np.array([-2.0])], 5.0),
            ([np.array([3.0, -4.0]), np.array([[3.0, -4.0, 12.0]] * 2)], 5.0),
            ([np.array([3.0, 4.0])], 2.5),
        ],
        random=clip_setting,
        decisive=("limit / max(", "(g**2).sum()", "np.linalg.norm(g)"),
        mistakes=[
            (all_together, "You took one norm and one factor for all arrays together."),
            (lambda gradients, limit: [np.clip(g, -limit, limit) for g in gradients],
             "That is clipping by value: each entry is cut, and the direction changes."),
            (scaled(lambda g, limit: limit / max(norm(g), 1e-300)),
             "Short arrays are made longer. They should keep their numbers."),
            (lambda gradients, limit: [g / norm(g) * min(norm(g), limit) for g in gradients],
             "An array of zeros becomes nan: its norm is 0, and you divide by it."),
            (scaled(lambda g, limit: min(1, limit / max((g**2).sum(), 1e-300))),
             "A norm has a root; you took the sum of squares."),
            (scaled(lambda g, limit: min(1, limit / max(np.abs(g).max(), 1e-300))),
             "You measured the largest entry. The norm adds up the squares of all entries."),
            (scaled(lambda g, limit: min(1, limit / max(np.abs(g).sum(), 1e-300))),
             "You added up sizes. The norm adds up squares, and takes the root."),
            (scaled(lambda g, limit: max(norm(g), limit) / limit),
             "The factor is turned over: long arrays get longer."),
            (scaled(lambda g, limit: 1 / max(norm(g), 1)),
             "Scaled arrays get a norm of 1. Which norm should they have?"),
            (in_the_given_arrays, "The numbers are right, but the given arrays are changed: "
             "g *= ... works in place."),
            (row_by_row, "You clip each row of a matrix alone: of which numbers is the norm?"),
            (lambda gradients, limit: [limit / norm(g) * g for g in gradients if norm(g) > limit],
             "Arrays that need no clipping are missing from your list."),
            (lambda gradients, limit: [norm(g) for g in gradients],
             "Those are the norms. What is asked for are the arrays."),
        ],
        otherwise="For each array: how long is it, and by which factor must it shrink?",
        nudges=(
            "In clip_by_norm, which line belongs to all arrays together? You need it for each.",
            "The factor is 1 up to the limit. Above it, the norm times the factor is the limit.",
            "Divide by the norm or by the limit, whichever is larger: then nothing is divided "
            "by zero.",
        ),
    ),
    Design(
        number="05.6",
        title="Nesterov's optimizer",
        takes="half an hour",
        build=optimizer,
        right=Nesterov,
        arguments=("parameters", "rate", "gradients"),
        in_place=True,
        probes=[optimizer_setting(RNG, steps) for steps in (1, 2, 3, 5)],
        random=optimizer_setting,
        decisive=("0.9 * v - self.rate * g",),
        case=steps_in_words,
        mistakes=[
            (wrong_nesterov(change=lambda self, old, new, g: new),
             "Your parameters move as the weight does: that is plain momentum. They are to be the "
             "place ahead of it. If your formula has an old velocity: is it a copy?"),
            (wrong_nesterov(change=lambda self, old, new, g: -self.rate * g),
             "That is SGD: the velocity has no effect."),
            (wrong_nesterov(keeps_velocity=False),
             "The velocity is 0 again before each step. Where could it be kept?"),
            (wrong_nesterov(change=lambda self, old, new, g: new + BETA * new),
             "You add what the parameters gain. They also lose something: the old velocity is "
             "no longer ahead of them."),
            (wrong_nesterov(change=lambda self, old, new, g: BETA * old + new),
             "You add beta times the velocity from before the step. Which velocity lies ahead "
             "after it?"),
            (wrong_nesterov(change=lambda self, old, new, g: BETA * new),
             "At the first step the velocity is 0, so weight and parameters are at one place. "
             "How far does the weight move, and how far ahead are the parameters then?"),
            (wrong_nesterov(velocity=lambda self, v, g: BETA * v + self.rate * g,
                            change=lambda self, old, new, g: BETA * new + self.rate * g),
             "It climbs: look at the sign of the gradient."),
            (wrong_nesterov(velocity=lambda self, v, g: BETA * v - (1 - BETA) * self.rate * g),
             "You took a running mean of the gradients. The velocity of this method adds the "
             "whole step."),
            (wrong_nesterov(velocity=lambda self, v, g: v - self.rate * g,
                            change=lambda self, old, new, g: new - self.rate * g),
             "The velocity never gets smaller by itself: where is beta?"),
            (wrong_nesterov(one_velocity=True),
             "There is one velocity for all arrays. Each array needs its own."),
            (wrong_nesterov(zeros=False),
             "Your velocities are the parameters themselves: neither = nor list() copies arrays, "
             "and a velocity begins with zeros."),
            (wrong_nesterov(in_place=False),
             "The parameters have not moved. They are to be changed in place."),
            (wrong_nesterov(velocity=lambda self, v, g: BETA * v - g),
             "The velocity leaves the rate out."),
        ],
        otherwise="Follow one weight for two steps on paper: w, v and u.",
        nudges=(
            "Write u before and u after a step in terms of w and v, the old and the new ones.",
            "Their difference is the change of w, plus beta times the new v, minus beta times "
            "the old v.",
            "Put the new v in for the change of w. With the formula for the new v, the old one "
            "cancels.",
        ),
    ),
]  # fmt: skip
