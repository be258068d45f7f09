"""Checks for the exercises: each says yes, or where to look. A solution stands in the chapter."""

import numpy as np

from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.bugs import broken
from rnn_helpers.encoding import one_hot
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.loss import cross_entropy, softmax

CHECKS = {}


def check(number, answer):
    """Print whether an answer to the exercise, such as "01.1", is right, or a hint."""
    if answer is ...:
        print(f"{number}: your turn. Replace the three dots above.")
        return
    try:
        CHECKS[number](answer)
    except AssertionError as hint:
        print(f"{number}: not yet. {hint}")
    except Exception as error:  # the answer is a function, and it failed
        print(f"{number}: not yet. Calling it failed: {type(error).__name__}: {error}")
    else:
        print(f"{number}: right.")


def exercise(number):
    """Register a function that asserts what the answer to an exercise must be."""

    def register(function):
        CHECKS[number] = function
        return function

    return register


def same(answer, value, hint, tolerance=1e-9):
    """Assert that an answer has the shape and, to the tolerance, the numbers of a value."""
    try:
        answer = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise AssertionError(f"A number, or several, is asked for. {hint}") from None
    if answer.shape != np.shape(value):
        wanted = f"shape {np.shape(value)}" if np.ndim(value) else "a single number"
        raise AssertionError(f"The shape is {answer.shape}, not {wanted}. {hint}")
    assert np.allclose(answer, value, rtol=tolerance, atol=tolerance), hint


@exercise("01.1")
def questions_and_windows(answer):
    same(answer, (1987, 80), "n characters ask n - 1 questions; the last window may be short.")


@exercise("01.2")
def never_a_target(answer):
    assert callable(answer), "A function of a text and T is asked for."
    for n, T in ((724, 25), (26, 25), (25, 25), (11, 5)):
        hint = f"With {n} characters and T = {T} it is not {answer('x' * n, T)}. The first"
        hint += " character is never a target; which others are missed at the end?"
        assert answer("x" * n, T) == n - (n - 1) // T * T, hint


@exercise("01.3")
def changed_by_ascii(answer):
    same(answer, 20, "Which characters of the poem has ASCII's printable part no id for?")


def small_network():
    """A network of 5 characters and 4 neurons with large weights, to try answers on."""
    rng = np.random.default_rng(7)
    parameters = init_parameters(5, 4, rng, scale=0.5)
    return parameters._replace(bh=rng.standard_normal(4)), rng


@exercise("02.1")
def numbers_to_learn(answer):
    same(answer, 40_927, "Three matrices and two biases: multiply out each shape, then add.")


@exercise("02.2")
def one_step(answer):
    assert callable(answer), "A function of parameters, h and id is asked for."
    parameters, rng = small_network()
    h = rng.standard_normal(4)
    hidden, logits = forward(parameters, np.array([3]), h)
    result = answer(parameters, h, 3)
    assert isinstance(result, tuple) and len(result) == 2, "Return the state and the scores."
    hint = "Compare the state with the first equation: is bh in it, and is it Whh @ h?"
    same(result[0], hidden[1], hint)
    same(result[1], logits[0], "The scores read the new state, not the old one.")


@exercise("02.3")
def read_in_windows(answer):
    assert callable(answer), "A function of parameters, ids and T is asked for."
    parameters, rng = small_network()
    ids = rng.integers(0, 5, 13)
    hidden, _ = forward(parameters, ids, np.zeros(4))
    for T in (1, 4, 13):
        hint = f"With T = {T} the last state is another. Where does each window begin, and"
        hint += " is the last character read?"
        same(answer(parameters, ids, T), hidden[-1], hint)


@exercise("03.1")
def bits_and_perplexity(answer):
    value = (46.2 / 25 / np.log(2), np.exp(46.2 / 25))
    same(answer, value, "Per character first: divide by 25. Then by ln 2, or raise e to it.", 5e-3)


@exercise("03.2")
def gradient_of_a_uniform_guess(answer):
    same(answer, [0.25, -0.75, 0.25, 0.25], "p is 1/4 everywhere; subtract 1 at the target.")


@exercise("03.3")
def log_softmax(answer):
    assert callable(answer), "A function of logits is asked for."
    with np.errstate(all="ignore"):
        far = answer(np.array([[0.0, 1000.0], [-2000.0, 0.0]]))
        same(far, [[-1000, 0], [-2000, 0]], "Try the rows 0, 1000 and -2000, 0 at once.")
        near = answer(np.array([[2.0, 1.0, 0.0]]))
    same(near, [[-0.40760596, -1.40760596, -2.40760596]], "Try it with scores 2, 1, 0.", 1e-6)


def gradients_with_a_bug(parameters, inputs, targets, h0):
    """Gradients with a bug in them, for exercise 04.2 (do not read on before you solved it)."""
    network = broken("dWhh with the state after")
    return network.loss_and_gradients(parameters, inputs, targets, h0)[1]


@exercise("04.1")
def gradient_of_the_first_state(answer):
    assert callable(answer), "A function of parameters, inputs, targets and h0 is asked for."
    parameters, rng = small_network()
    inputs, targets = rng.integers(0, 5, (2, 6))
    h0, value = rng.standard_normal(4), np.zeros(4)
    for i, nudge in enumerate(1e-30j * np.eye(4)):
        _, logits = forward(parameters, inputs, h0 + nudge)
        value[i] = cross_entropy(logits, targets).imag / 1e-30
    hint = "After the turn for t = 0 the message stands before h_0: return that one."
    same(answer(parameters, inputs, targets, h0), value, hint)


@exercise("04.2")
def wrong_arrays(answer):
    names = {answer} if isinstance(answer, str) else answer
    assert isinstance(names, (set, list, tuple)), "A set of names is asked for."
    assert {str(name).removeprefix("d") for name in names} == {"Whh"}, (
        "check_gradients(*setting, gradients=...) tells each error."
    )


@exercise("04.3")
def batch_of_two(answer):
    same(answer, 1, "Is the loss of a batch a sum over its streams, or a mean?", 1e-6)


@exercise("05.1")
def smoothing_forgets(answer):
    same(answer, 4_603, "Solve 0.999^n = 0.01 for n; then round up.")


@exercise("05.2")
def adagrad_distance(answer):
    value = 0.1 * (1 / np.sqrt(np.arange(1, 101))).sum()
    same(answer, value, "At step n the memory is n times 3 squared. Add up 100 moves.", 1e-3)


@exercise("05.3")
def one_step_down(answer):
    assert callable(answer), "A function of parameters, inputs, targets, h0 and rate is asked for."
    parameters, rng = small_network()
    before = parameters.Whh.copy()
    window = rng.integers(0, 5, 6), rng.integers(0, 5, 6), np.zeros(4)
    went_down = answer(parameters, *window, 0.01)
    assert not np.array_equal(parameters.Whh, before), "The parameters did not change."
    assert went_down, "A small step must go down: check the sign, and return True or False."
    assert not answer(parameters, *window, 1e3), "At a rate of 1000 the loss must go up."


@exercise("06.1")
def flattened_coin(answer):
    same(
        answer,
        [4 / 7, 3 / 7],
        "Temperature 2 takes square roots; then they must add up to 1.",
        5e-3,
    )


@exercise("06.2")
def temperature_from_probabilities(answer):
    assert callable(answer), "A function of p and temperature is asked for."
    p = np.array([0.5, 0.3, 0.2])
    for temperature in (0.5, 1.0, 3.0):
        hint = f"At temperature {temperature} it differs from softmax(ln p / temperature)."
        same(answer(p, temperature), softmax(np.log(p), temperature), hint)


@exercise("06.3")
def average_surprise(answer):
    p = np.array([0.5, 0.25, 0.125, 0.125])
    assert callable(answer), "A function of p is asked for."
    same(answer(p), 1.75, "With p = 1/2, 1/4, 1/8, 1/8 it should be 1.75 bits.")
    with np.errstate(all="ignore"):
        hint = "A character with probability 0 must cost nothing: mind 0 times ln 0."
        same(answer(np.array([1.0, 0.0])), 0, hint)


@exercise("07.1")
def error_of_a_mean(answer):
    same(answer, 0.96, "The right entry is 25 times the given one: what is missing of it?")


@exercise("07.2")
def cut_in_two(answer):
    assert callable(answer), "A function of a function, parameters and ids is asked for."
    parameters, rng = small_network()
    ids = rng.integers(0, 5, 21)

    def forgets(parameters, inputs, targets, h0):
        return loss_and_gradients(parameters, inputs, targets, 0 * h0)

    def stays(parameters, inputs, targets, h0):
        return *loss_and_gradients(parameters, inputs, targets, h0)[:2], h0

    hint = "Compare the loss of the whole text with the sum over two windows. It said {} for {}."
    for function, handed_on in ((loss_and_gradients, True), (forgets, False), (stays, False)):
        said = answer(function, parameters, ids)
        what = "one that hands its state on" if handed_on else "one that loses its state"
        assert said in (True, False) and said == handed_on, hint.format(said, what)


def one_more_case(parameters, inputs, targets, h0):
    """A network with a bug in it, for exercise 07.3 (do not read on before you solved it)."""
    network = broken("dWxh with repeated characters counted once")
    return network.loss_and_gradients(parameters, inputs, targets, h0)


@exercise("07.3")
def line_of_one_more_case(answer):
    letter = answer.strip("() ").lower() if isinstance(answer, str) else ""
    assert letter in ("a", "b", "c", "d"), "One letter, a to d, is asked for."
    assert letter == "c", "Try windows of one step, and windows in which no character comes twice."


@exercise("08.1")
def one_hot_multiplications(answer):
    same(answer, 432_500, "Every entry of Wxh is multiplied once at each of the 25 steps.")


@exercise("08.2")
def gradient_without_a_loop(answer):
    assert callable(answer), "A function of ids, da and V is asked for."
    ids, da = np.array([2, 0, 2, 3]), np.arange(12.0).reshape(4, 3) + 1
    hint = "The id 2 comes twice: are both of its messages added up?"
    same(answer(ids, da, 5), da.T @ one_hot(ids, 5), hint)


@exercise("08.3")
def shortest_step(answer):
    value = 1000 * 6 * 25 * 32 * (128 * 128 + 128 * 95) / 50e9
    hint = "Three products with each matrix, and both a multiplication and an addition counted."
    same(answer, value, hint, 5e-3)
