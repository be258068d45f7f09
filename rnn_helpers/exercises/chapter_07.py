"""The exercises of chapter 07: suspects, and tests that find them."""

import functools
import inspect

import numpy as np

from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.bugs import broken
from rnn_helpers.diagnosis import draw
from rnn_helpers.exercises.chapter_02 import network
from rnn_helpers.exercises.engine import Choice, Design, Function, Numbers, Unreadable, listed
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.gradient_check import check_gradients
from rnn_helpers.loss import softmax


def one_more_case(parameters, inputs, targets, h0):
    """A network with a bug in it, for exercise 07.2 (do not read on before you solved it)."""
    network = broken("dWxh with repeated characters counted once")
    return network.loss_and_gradients(parameters, inputs, targets, h0)


# 07.3 and 07.4: the reader's test is tried on networks that it has to tell apart. Each of these
# functions makes one, so that what a network remembers is forgotten before the next test.


def sound():
    """a network without a bug"""
    return loss_and_gradients


def overwrites_h0():
    """a network that writes its last state into h0"""

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        h0[...] = h
        return loss, gradients, h

    return network


def clears_h0():
    """a network that sets h0 to zero before it reads"""

    def network(parameters, inputs, targets, h0):
        h0[...] = 0
        return loss_and_gradients(parameters, inputs, targets, h0)

    return network


def limits(name):
    """Networks that limit one array, in place, before they read."""

    def make():
        def network(parameters, inputs, targets, h0):
            array = getattr(parameters, name)
            np.clip(array, -0.05, 0.05, out=array)
            return loss_and_gradients(parameters, inputs, targets, h0)

        return network

    make.__doc__ = f"a network that limits {name}, in place, before it reads"
    return make


def replaces_inputs():
    """a network that replaces a rare character in its inputs, in place, before it reads"""

    def network(parameters, inputs, targets, h0):
        inputs[inputs == 4] = 0
        return loss_and_gradients(parameters, inputs, targets, h0)

    return network


def replaces_targets():
    """a network that replaces a rare character in its targets, in place, before it reads"""

    def network(parameters, inputs, targets, h0):
        targets[targets == 4] = 0
        return loss_and_gradients(parameters, inputs, targets, h0)

    return network


def adds_up_gradients():
    """a network that adds its gradients to those of the call before"""
    total = []

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        total[:] = [sum(pair) for pair in zip(gradients, total)] or gradients
        return loss, parameters._make(total), h

    return network


def adds_up(name):
    """Networks that add the gradient of one array to that of the call before."""

    def make():
        total = []

        def network(parameters, inputs, targets, h0):
            loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
            total.append(getattr(gradients, name))
            return loss, gradients._replace(**{name: sum(total)}), h

        return network

    make.__doc__ = f"a network that adds its gradient of {name} to that of the call before"
    return make


def adds_up_losses():
    """a network that adds its loss to that of the call before"""
    losses = []

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        losses.append(loss)
        return sum(losses), gradients, h

    return network


def tells_h0_later():
    """a network that writes the last state of the call before into h0, after it has read"""
    states = []

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if states:
            h0[...] = states[-1]
        states.append(h.copy())
        return loss, gradients, h

    return network


def sorts_inputs():
    """a network that sorts its inputs, in place, before it reads"""

    def network(parameters, inputs, targets, h0):
        inputs.sort()
        return loss_and_gradients(parameters, inputs, targets, h0)

    return network


def takes_a_step():
    """a network that takes a tiny step with its weights, in place, after it has read"""

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        for weights, gradient in zip(parameters, gradients):
            weights -= 1e-4 * gradient
        return loss, gradients, h

    return network


def adds_a_little():
    """a network that adds 0.005 to the loss of each window"""

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        return loss + 0.005, gradients, h

    return network


def refills(part):
    """Networks whose answers to the next call are written into the same arrays."""

    def make():
        calls, kept = [], []

        def network(parameters, inputs, targets, h0):
            loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
            arrays = gradients if part == "gradients" else [h]
            calls.append(part)
            kept.extend([] if kept else arrays)
            for array, new in zip(kept, arrays):
                array[...] = new + len(calls)
            if part == "gradients":
                return loss, parameters._make(kept), h
            return loss, gradients, kept[0]

        return network

    noun = "gradients" if part == "gradients" else "last state"
    make.__doc__ = f"a network that writes its next, different {noun} into the same arrays"
    return make


def remembers_the_state():
    """a network that adds its last state to that of the call before"""
    states = []

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        states.append(h)
        return loss, gradients, sum(states)

    return network


def forgets_the_state():
    """a network that begins each window with zeros"""

    def network(parameters, inputs, targets, h0):
        return loss_and_gradients(parameters, inputs, targets, 0 * h0)

    return network


def hands_back_h0():
    """a network that returns its first state as the last one"""

    def network(parameters, inputs, targets, h0):
        return *loss_and_gradients(parameters, inputs, targets, h0)[:2], h0.copy()

    return network


def mixes_states():
    """a network that adds its first state, a thousand times, to the last one"""

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        return loss, gradients, h + 1000 * h0

    return network


def averages():
    """a network whose loss is a mean over time"""

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        return loss / len(inputs), gradients, h

    return network


def drops_the_last():
    """a network that leaves the last pair of a window out"""

    def network(parameters, inputs, targets, h0):
        if len(inputs) == 1:  # nothing is left
            return 0.0, parameters._make(map(np.zeros_like, parameters)), h0.copy()
        return loss_and_gradients(parameters, inputs[:-1], targets[:-1], h0)

    return network


def asks_for_the_last():
    """a network whose loss is that of the last pair alone"""

    def network(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if len(inputs) > 1:
            loss -= loss_and_gradients(parameters, inputs[:-1], targets[:-1], h0)[0]
        return loss, gradients, h

    return network


def is_stuck():
    """a network that says the same loss whatever it reads"""

    def network(parameters, inputs, targets, h0):
        return np.log(5), *loss_and_gradients(parameters, inputs, targets, h0)[1:]

    return network


def reads_one_by_one():
    """a network that begins with zeros at each character, whose long read costs no more or less"""

    def network(parameters, inputs, targets, h0):
        loss = 0.0
        for t in range(len(inputs)):
            pair = inputs[t : t + 1], targets[t : t + 1]
            cost, gradients, h = loss_and_gradients(parameters, *pair, 0 * h0)
            loss += cost
        return loss, gradients, h

    return network


def reads_targets():
    """a network that reads its targets, one step later, in place of its inputs"""

    def network(parameters, inputs, targets, h0):
        late = np.append(inputs[:1], np.asarray(targets)[:-1]).astype(int)
        return loss_and_gradients(parameters, late, targets, h0)

    return network


def window(seed, T=8):
    """The arguments of loss_and_gradients, the same for the same seed."""
    rng = np.random.default_rng(seed)
    inputs, targets = rng.integers(0, 5, (2, T))
    inputs[-1] = targets[0] = 4  # the character that some of the networks replace
    return network(rng), inputs, targets, rng.standard_normal(4)


def test_of(*arguments):
    """Make a reader's function a test: tried on a network, that is made anew, and a seed."""

    def build(answer):
        if not callable(answer):
            raise Unreadable(
                f"A function of {listed(arguments)} is asked for: write def answer(...)."
            )
        try:
            signature = inspect.signature(answer)
            signature.bind(*arguments)
        except TypeError:
            raise Unreadable(
                f"Your function takes {signature}, but it is called with {listed(arguments)}."
            ) from None
        except ValueError:  # some functions of C do not tell
            pass
        return functools.partial(tried_on, answer, window if len(arguments) == 5 else text)

    return build


def tried_on(answer, setting, make, seed):
    """What a test says of a network."""
    return answer(make(), *setting(seed))


def text(seed):
    """Parameters and a text of a few dozen characters."""
    rng = np.random.default_rng(seed)
    return network(rng), rng.integers(0, 5, 20 + seed % 30)


def in_words(make, seed):
    """A network in words."""
    return f"{make.__doc__},"


def asked_twice(arguments="all", answers="all", says=lambda same: same, keep=np.copy,
                same=np.array_equal):  # fmt: skip
    """The test of 07.3 with one of its parts exchanged: for the mistakes."""

    def answer(function, parameters, inputs, targets, h0):
        given = [*parameters, inputs, targets, h0]
        if arguments == "state":
            given = [h0]
        elif arguments == "window":
            given = [inputs, targets, h0]
        elif arguments == "Whh":
            given = [parameters.Whh, inputs, targets, h0]
        elif arguments == "parameters":
            given = [*parameters]
        before = [array.copy() for array in given]
        found = []
        for _ in range(2):
            loss, gradients, h = function(parameters, inputs, targets, h0)
            parts = {"loss": [loss], "gradients": gradients, "state": [h], "none": []}
            parts["all"] = [loss, *gradients, h]
            parts["loss and gradients"] = [loss, *gradients]
            found.append([keep(array) for array in parts[answers]])
        pairs = [*zip(found[0], found[-1])]
        if arguments != "none":
            pairs += zip(before, given)
        return says(all(same(a, b) for a, b in pairs))

    return answer


TWICE = (
    sound, overwrites_h0, clears_h0, replaces_inputs, replaces_targets, adds_up_gradients,
    adds_up_losses, remembers_the_state, *map(limits, Parameters._fields),
    *map(adds_up, Parameters._fields), *map(refills, ("gradients", "state")),
    tells_h0_later, sorts_inputs, takes_a_step,
)  # fmt: skip


def compared_at_once(function, parameters, inputs, targets, h0):
    """Tuples of arrays are compared with ==, which NumPy refuses: a mistake."""
    given = parameters, inputs, targets, h0
    return function(*given) == function(*given)


def read_as_copy(function, parameters, ids):
    """The text is its own target: a mistake."""
    h0 = np.full(len(parameters.bh), 0.5)
    whole, _, _ = function(parameters, ids, ids, h0)
    first, _, h = function(parameters, ids[:8], ids[:8], h0)
    second, _, _ = function(parameters, ids[8:], ids[8:], h)
    return bool(np.isclose(whole, first + second))


def states_alone(function, parameters, ids):
    """Last states are compared, not losses: a mistake."""
    h0 = np.full(len(parameters.bh), 0.5)
    _, _, end = function(parameters, ids[:-1], ids[1:], h0)
    _, _, h = function(parameters, ids[:7], ids[1:8], h0)
    _, _, h = function(parameters, ids[7:-1], ids[8:], h)
    return np.allclose(h, end)


def long_read(start=0.5, cut=8, shared=1, hand_on=True, all_parts=True, mean=False,
              says=lambda whole, parts: bool(np.isclose(whole, parts))):  # fmt: skip
    """The test of 07.4 with one of its parts exchanged: for the mistakes."""

    def answer(function, parameters, ids):
        h0 = np.full(len(parameters.bh), start)
        whole, _, _ = function(parameters, ids[:-1], ids[1:], h0)
        first, _, h = function(parameters, ids[: cut - 1], ids[1:cut], h0)
        rest = ids[cut - shared :]
        second, _, _ = function(parameters, rest[:-1], rest[1:], h if hand_on else h0)
        if mean:
            return says(whole, (first + second) / 2)
        return says(whole, first + second if all_parts else second)

    return answer


READS = (
    sound, forgets_the_state, hands_back_h0, mixes_states, averages, drops_the_last,
    asks_for_the_last, is_stuck, reads_one_by_one, reads_targets, adds_a_little,
)  # fmt: skip


# 07.5: eight suspects, and six questions about them.

SUSPECTS = {
    "a": ("no bug", ()),
    "b": ("the transpose is forgotten in the carry", ("carry not transposed",)),
    "c": ("the carry is taken before tanh", ("carry taken before tanh",)),
    "d": ("nothing comes from the next step", ("nothing comes from the future",)),
    "e": ("dWhh takes the state after", ("dWhh with the state after",)),
    "f": ("the slope of tanh is left out", ("slope of tanh left out",)),
    "g": ("p goes into the state", ("p into the state",)),
    "h": ("dWhy takes the state before", ("dWhy with the state before",)),
}
MOST = 3  # questions that may be asked


@functools.cache
def errors(suspect, place, symmetric=False):
    """The errors of a suspect's gradients by array, at a place of `diagnosis.PLACES`."""
    parameters, *others = draw(place)
    if symmetric:
        parameters = parameters._replace(Whh=(parameters.Whh + parameters.Whh.T) / 2)
    found = suspect_network(suspect).loss_and_gradients(parameters, *others)[1]
    return check_gradients(parameters, *others, gradients=found)


@functools.cache
def suspect_network(suspect):
    """The network of a suspect."""
    return broken(*SUSPECTS[suspect][1])


def largest(suspect, place, symmetric=False):
    """The largest of the errors."""
    return max(errors(suspect, place, symmetric).values())


QUESTIONS = {
    "first weights": lambda suspect: largest(suspect, "first weights") > 1e-3,
    "one step": lambda suspect: largest(suspect, "one step") > 1e-6,
    "large weights": lambda suspect: largest(suspect, "large weights") > 1e-6,
    "symmetric Whh": lambda suspect: largest(suspect, "large weights", symmetric=True) > 1e-6,
    "bh": lambda suspect: errors(suspect, "large weights")["bh"] > 1e-6,
    "Why": lambda suspect: errors(suspect, "large weights")["Why"] > 1e-6,
}


def says(suspect, question):
    """Whether a question finds an error in a suspect."""
    return bool(QUESTIONS[question](suspect))


def eight_suspects():
    """The suspects, and a table of the questions that find an error in each."""
    lines = [f"{letter}  {what}" for letter, (what, _) in SUSPECTS.items()]
    lines += ["", f"{'finds an error in':18}" + "".join(f"{letter:>5}" for letter in SUSPECTS)]
    for question in QUESTIONS:
        cells = ("yes" if says(letter, question) else "no" for letter in SUSPECTS)
        lines.append(f"{question:18}" + "".join(f"{cell:>5}" for cell in cells))
    return "\n".join(lines)


class UnknownQuestion(Exception):
    """No question has this name."""


class TooManyQuestions(Exception):
    """More than `MOST` questions were asked."""


def detective(answer):
    """A function of the letter of a suspect: whom the reader's function names."""
    try:
        inspect.signature(answer).bind("ask")
    except TypeError:
        raise Unreadable(
            "A function of one argument is asked for: write def answer(ask)."
        ) from None
    except ValueError:  # some functions of C do not tell
        pass
    return functools.partial(investigated, answer)


def investigated(answer, suspect):
    """Whom the reader's function names if it may ask about a suspect."""
    asked = []

    def ask(question):
        if question not in QUESTIONS:
            raise UnknownQuestion(
                f"there is no question {question!r}, only {', '.join(map(repr, QUESTIONS))}"
            )
        asked.append(question)
        if len(asked) > MOST:
            raise TooManyQuestions(f"that is question {len(asked)}, and {MOST} are allowed")
        return says(suspect, question)

    said = answer(ask)
    return said.strip("() .").lower() if isinstance(said, str) else said


def by_table(ask, questions):
    """The first suspect whose answers to some questions fit."""
    found = {question: ask(question) for question in questions}
    fitting = (s for s in SUSPECTS if all(says(s, q) == yes for q, yes in found.items()))
    return next(fitting, None)


def ask_well(ask, swap=(), last=True):
    """Three questions, each of which leaves half of those that are left."""

    def yes(question):
        return ask(question) != (question in swap)

    if yes("one step"):
        if yes("bh"):
            return ("g" if yes("first weights") else "f") if last else "f"
        return ("h" if yes("Why") else "e") if last else "e"
    if yes("first weights"):
        return ("d" if yes("symmetric Whh") else "b") if last else "b"
    return ("c" if yes("large weights") else "a") if last else "a"


def one_after_another(ask):
    """Rule suspects out one by one: a mistake."""
    if ask("Why"):
        return "h"
    if not ask("large weights"):
        return "a"
    if not ask("symmetric Whh"):
        return "b"
    if not ask("bh"):
        return "e"
    if not ask("first weights"):
        return "f" if ask("one step") else "c"
    return "g" if ask("one step") else "d"


# 07.6: a network that forgets slowly.


def leaky(slope=lambda u, h: 1 - u**2, gate=lambda alpha: alpha, keep=lambda alpha: 1 - alpha,
          carry=lambda Whh: Whh.T, through=lambda da, dh: da, straight=lambda dh, da, alpha: dh,
          minus=1, far=1, before=0, after=1, scores=1, put=False, mean=False, below=1,
          turns=lambda T: reversed(range(T))):  # fmt: skip
    """The gradients of the leaky network, with one part exchanged for the mistakes."""

    def answer(parameters, inputs, targets, h0, alpha):
        Wxh, Whh, Why, bh, by = parameters
        h, u = [h0], []
        for id in inputs:
            u.append(np.tanh(Wxh[:, id] + Whh @ h[-1] + bh))
            h.append((1 - alpha) * h[-1] + alpha * u[-1])
        dWxh, dWhh, dWhy, dbh, dby = (np.zeros_like(w) for w in parameters)
        dhnext = np.zeros_like(h0)
        for t in turns(len(inputs)):
            dy = softmax(Why @ h[t + scores] + by)
            dy[targets[t]] -= minus
            dy = dy / len(inputs) if mean else dy
            dh = Why.T @ dy + far * dhnext
            da = below * gate(alpha) * slope(u[t], h[t + 1]) * dh
            if put:
                dWxh[:, inputs[t]] = da
            else:
                dWxh[:, inputs[t]] += da
            dWhh += np.outer(da, h[t + before])
            dWhy += np.outer(dy, h[t + after])
            dbh += da
            dby += dy
            dhnext = keep(alpha) * straight(dh, da, alpha) + carry(Whh) @ through(da, dh)
        return dWxh, dWhh, dWhy, dbh, dby

    return answer


def leaky_setting(rng, T=None, alpha=None):
    """The arguments of the leaky network."""
    T = T or int(rng.integers(1, 9))
    inputs, targets = rng.integers(0, 5, (2, T))
    alpha = alpha or float(rng.uniform(0.1, 1))
    return network(rng), inputs, targets, rng.standard_normal(4), alpha


def harder(rng):
    """One pair only, whose gradients are large; scores of thousands; a leak of nothing."""
    parameters, inputs, targets, h0, alpha = leaky_setting(rng, 40, 0.3)
    yield parameters, np.full(40, 2), np.full(40, 1), h0, alpha
    yield parameters._replace(Why=2000 * parameters.Why), inputs, targets, h0, alpha
    yield parameters, inputs, targets, h0, 0.0


RNG = np.random.default_rng(7)
EXERCISES = [
    Numbers(
        number="07.1",
        title="The error of a mean",
        takes="one line",
        right=1 - 1 / 25,
        mistakes=[
            (1 / 25, "That is what is left of the gradient. The error is what is missing."),
            (96, "That is per cent."),
            (24, "You divided by the smaller of the two entries. The check takes the larger."),
            (25, "That is the factor by which the gradient is too small. The error is a "
             "difference, compared with the right entry."),
            (8 / 9, "That is the error with the windows of this chapter's check."),
            (1, "The error would be so large only if nothing of the gradient were left."),
            (-(1 - 1 / 25), "An error is a size: not below 0."),
            (0.96 / 0.52, "You divided by the mean of the two entries."),
        ],
        otherwise="Take 1 for the right entry: what is the wrong one, and their difference?",
        nudges=(
            "The fold of case 8 has the same sum for windows of nine.",
            "The wrong entry is the right one divided by T.",
            "Take their difference, and divide it by the larger entry.",
        ),
    ),
    Choice(
        number="07.2",
        title="One more case",
        takes="fifteen minutes",
        right="c",
        options=("a", "b", "c", "d", "e"),
        mistakes=[
            ("a", "The carry brings its error into every array that hears from later steps. "
             "How many arrays are wrong here?"),
            ("b", "With the wrong columns, would it be right with a single step?"),
            ("d", "With six steps that read six different characters, what would such a bug "
             "show? Ask there."),
            ("e", "Before the slope of tanh, would it be right with a single step?"),
        ],
        otherwise="Ask where one of the suspects must be right, and the others wrong.",
        nudges=(
            "Which arrays are wrong? That already rules one of the five out.",
            "With one step it is right. Which of the bugs would show there?",
            "Two are left. Make a window that has several steps and no character twice, and "
            "ask check_gradients.",
        ),
    ),
    Design(
        number="07.3",
        title="Ask twice",
        takes="fifteen minutes",
        build=test_of("function", "parameters", "inputs", "targets", "h0"),
        verb="returned",
        right=asked_twice(),
        arguments=("network", "seed"),
        probes=[(make, seed) for seed, make in enumerate(TWICE)],
        random=lambda rng: (
            sound if rng.random() < 0.4 else TWICE[rng.integers(len(TWICE))],
            int(rng.integers(1000)),
        ),
        decisive=("array.copy()", "np.array_equal(a, b)"),
        case=in_words,
        mistakes=[
            (asked_twice(answers="none"),
             "Your test looks at the arguments only. Can the answers differ, too?"),
            (asked_twice(arguments="none"),
             "Your test sees the answers only. A network can change what it was given and say the "
             "same twice. If you did compare arguments: with copies, made before the first call? "
             "= copies nothing."),
            (compared_at_once,
             "NumPy does not say whether two tuples of arrays are equal. Compare array by array, "
             "with np.array_equal; and look at the arguments, too."),
            (asked_twice(arguments="Whh"),
             "Of the weights your test watches one array. There are five."),
            (asked_twice(arguments="state"),
             "Your test watches h0. There are more arguments that can be changed."),
            (asked_twice(arguments="window"),
             "Your test watches the window and h0. Who watches the weights?"),
            (asked_twice(arguments="parameters"),
             "Your test watches the weights. There are more arguments."),
            (asked_twice(answers="loss"),
             "Of the answers you compare the losses. A network may say the same loss twice, and "
             "something else about its gradients."),
            (asked_twice(answers="gradients"),
             "Of the answers you compare the gradients. What about the other two?"),
            (asked_twice(answers="loss and gradients"),
             "One of the three answers is not compared: the last state."),
            (asked_twice(keep=lambda array: array),
             "A network may write its second answers into the arrays of the first: then you "
             "compare the second ones with themselves. Keep copies."),
            (asked_twice(keep=lambda array: array.copy() if np.ndim(array) == 2 else array),
             "You keep copies of some of the first answers. A network may use the other arrays "
             "again, too."),
            (asked_twice(same=lambda a, b: a is b),
             "It says False even to a network without a bug: equal arrays need not be the same "
             "object. Compare their entries."),
            (asked_twice(says=lambda same: not same),
             "True and False are exchanged: True is for a network that passes."),
            (asked_twice(says=lambda same: True), "It says True to every network."),
            (asked_twice(says=lambda same: None), "It returns None: is a return missing?"),
        ],
        otherwise="Which of arguments and answers does your test not compare?",
        nudges=(
            "Before you ask, keep a copy of each argument; the parameters are five arrays.",
            "Keep copies of the first answers, too: a network may use its arrays again.",
            "Compare all pairs, before and after, first and second: two arrays are equal if "
            "all their entries are.",
        ),
    ),
    Design(
        number="07.4",
        title="One long read",
        takes="fifteen minutes",
        build=test_of("function", "parameters", "ids"),
        verb="returned",
        right=long_read(),
        arguments=("network", "seed"),
        probes=[*((make, 9 if make is reads_targets else 1) for make in READS),  # for any cut
                *((sound, seed) for seed in range(50, 60))],
        random=lambda rng: (READS[rng.integers(len(READS))], int(rng.integers(1000))),
        decisive=("(ids[:8], ids[7:])", "np.isclose(whole, parts)"),
        case=in_words,
        mistakes=[
            (long_read(start=0.0),
             "Begin with another first state. With zeros, what a network does wrong with its "
             "first state cannot be seen."),
            (long_read(shared=0),
             "It says False even of a network without a bug. Do both sums hold the same pairs? "
             "Where the text is cut, one character belongs to both pieces."),
            (read_as_copy,
             "Your targets are the inputs. In a text, which character is asked for?"),
            (states_alone,
             "You compare the last states. A loss can be wrong although the state is right."),
            (long_read(shared=2), "Your windows overlap by a pair, so it is paid for twice."),
            (long_read(hand_on=False), "Your second window starts like the first. Which state "
             "does it need?"),
            (long_read(all_parts=False), "Is the first window's loss in your sum?"),
            (long_read(mean=True), "Losses of windows add up; you took their mean."),
            (long_read(says=lambda whole, parts: whole == parts),
             "Computers round: two sums that should be equal may differ in the last digit. Ask "
             "whether they are close."),
            (long_read(says=lambda whole, parts: whole - parts < 1e-9),
             "The difference may have either sign: take its size."),
            (long_read(says=lambda whole, parts: not np.isclose(whole, parts)),
             "True and False are exchanged: True is for a network that passes."),
            (long_read(says=lambda whole, parts: whole - parts),
             "You return the difference; True or False is asked for."),
            (long_read(says=lambda whole, parts: True), "It says True to every network."),
            (long_read(says=lambda whole, parts: None), "It returns None: is a return missing?"),
        ],
        otherwise="One window against two: the same pairs, the same first state, the state "
        "handed on.",
        nudges=(
            "A text ids is one window if its inputs are all but the last id, and its targets all "
            "but the first.",
            "Cut the text in two anywhere. Which character do both pieces need?",
            "The last state of the first window is the first state of the second. Then compare "
            "the sum of both losses with that of the long read.",
        ),
    ),
    Design(
        number="07.5",
        title="Eight suspects, three questions",
        takes="twenty minutes",
        build=detective,
        verb="returned",
        right=ask_well,
        arguments=("suspect",),
        probes=[(suspect,) for suspect in SUSPECTS],
        random=lambda rng: ("abcdefgh"[rng.integers(8)],),
        decisive=('if ask("one step")',),
        case=lambda suspect: f"suspect {suspect}",
        mistakes=[
            (lambda ask: by_table(ask, QUESTIONS),
             "You ask more than three questions, whatever you hear. How much does one tell?"),
            (one_after_another,
             "Some are found quickly, others take too many questions: one to which only one of "
             "the eight says yes rarely tells much."),
            (lambda ask: by_table(ask, ("one step", "first weights", "large weights")),
             "You ask the same three questions whatever you hear. Let the next one depend on the "
             "answer."),
            (lambda ask: ask_well(ask, last=False),
             "After your questions two suspects are left, and you always name the same of them. "
             "You have one more question."),
            (lambda ask: "a", "You name the first without asking."),
            (lambda ask: ask_well(ask, swap=("one step", "bh", "first weights", "Why",
                                             "symmetric Whh", "large weights")),
             "You read the answers the wrong way round: True means that an error was found."),
            (lambda ask: SUSPECTS[ask_well(ask)][0],
             "You found each of them. Return the letter."),
            (lambda ask: "e" if ask("one step") else "a",
             "One question leaves four suspects on either side. You have two more."),
        ],
        otherwise="Write down who is left after each answer.",
        nudges=(
            "A first question should leave equally many, whatever the answer is. Count the yes "
            "in each column.",
            "For those who are left, count again. It need not be the same question on both "
            "sides.",
            "Write it as nested if: three levels deep, eight letters at the ends.",
        ),
    ),
    Function(
        number="07.6",
        title="A leaky network",
        takes="half an hour",
        right=leaky(),
        arguments=("parameters", "inputs", "targets", "h0", "alpha"),
        results=("dWxh", "dWhh", "dWhy", "dbh", "dby"),
        probes=[
            *(leaky_setting(RNG, *sizes) for sizes in ((1, 0.3), (2, 0.25), (8, 0.7), (6, 0.4))),
            *harder(RNG),
        ],
        random=leaky_setting,
        decisive=("(1 - u[t] ** 2)", "(1 - u[t]**2)", "(1 - alpha) * dh"),
        case=lambda parameters, inputs, targets, h0, alpha: (
            f"{len(inputs)} step{'s'[: len(inputs) > 1]} and alpha = {alpha:.2g},"),
        mistakes=[
            (leaky(keep=lambda alpha: 0),
             "Only one of the two messages from the next state arrives. By which two ways does "
             "a state reach the next?"),
            (leaky(carry=np.zeros_like),
             "The straight way is there; the one through Whh is missing."),
            (leaky(keep=lambda alpha: 1),
             "The straight way keeps only a part of the state. Which?"),
            (leaky(keep=lambda alpha: alpha),
             "Which part of the old state is kept: look at the first formula again."),
            (leaky(gate=lambda alpha: 1),
             "Before tanh a factor is missing: only a part of u goes into the state."),
            (leaky(gate=lambda alpha: 1 - alpha),
             "Which part of u goes into the state: look at the first formula again."),
            (leaky(slope=lambda u, h: 1 - h**2),
             "The state is no longer a tanh. Of what is the slope to be taken?"),
            (leaky(slope=lambda u, h: 1), "The messages never pass tanh."),
            (leaky(straight=lambda dh, da, alpha: alpha * dh),
             "Your straight message has the factors of both ways. It takes only one of them."),
            (leaky(straight=lambda dh, da, alpha: da),
             "Your straight message has been through tanh. Does the straight way pass it?"),
            (leaky(through=lambda da, dh: dh),
             "The message through Whh has not passed tanh."),
            (leaky(carry=lambda Whh: Whh),
             "Through which form of Whh does a message go back?"),
            (leaky(far=0), "dhnext is made, but never added."),
            (leaky(before=1), "In dWhh: which state did Whh multiply?"),
            (leaky(after=0), "In dWhy: which state did Why multiply?"),
            (leaky(scores=0, after=0, before=-1),
             "h begins with h0. Which entry is the state after step t?"),
            (lambda parameters, inputs, targets, h0, alpha: loss_and_gradients(
                parameters, inputs, targets, h0)[1],
             "Those are the gradients of the network that you know. This one is leaky."),
            (leaky(below=0),
             "dWhy and dby are right. Now the message into the state, and what follows from it."),
            (leaky(minus=0), "The gradient at the scores is not p alone."),
            (leaky(put=True),
             "In dWxh a character that comes twice has to collect both messages."),
            (leaky(mean=True), "All are too small: the loss is a sum over time."),
            (leaky(turns=range), "The loop runs forwards; messages come from the end."),
        ],
        otherwise="Compare with central differences of your own loss, array by array.",
        nudges=(
            "Start from the lines of chapter 04. What is different: the slope, and dhnext.",
            "Draw the arrows into h_t: one from h_(t-1) through Whh and tanh, one straight. Each "
            "has a factor.",
            "dh splits: one part goes back through tanh and Whh, with its factor; the other goes "
            "straight to the state before, with the other factor.",
        ),
    ),
]  # fmt: skip
