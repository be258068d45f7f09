"""Checks for the exercises: each says yes, or where to look. A solution stands in the chapter."""

import numpy as np

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
    assert answer.shape == np.shape(value), f"The shape is {answer.shape}. {hint}"
    assert np.allclose(answer, value, rtol=tolerance, atol=tolerance), hint


@exercise("01.1")
def questions_and_windows(answer):
    same(answer, (1987, 80), "n characters ask n - 1 questions; the last window may be short.")


@exercise("01.2")
def never_a_target(answer):
    assert callable(answer), "A function of a text and T is asked for."
    for n, T in ((724, 25), (26, 25), (25, 25), (11, 5)):
        hint = f"With {n} characters and T = {T} it is not {answer('x' * n, T)}."
        assert answer("x" * n, T) == n - (n - 1) // T * T, hint


@exercise("01.3")
def changed_by_ascii(answer):
    same(answer, 20, "Which characters of the poem has ASCII's printable part no id for?")
