"""The reader's backward lines: each usual mistake gets its own hint, and none passes."""

import re

import numpy as np
import pytest

from rnn_helpers.backward_lines import LINES, NAMES, Messages, check_lines, hint_for, verdict

MISTAKES = [(name, i) for name in NAMES for i in range(len(LINES[name][1]))]


def right(dy, dhnext, h, h_before, Why, Whh):
    dh = Why.T @ dy + dhnext
    da = (1 - h**2) * dh
    return dh, da, np.outer(da, h_before), Whh.T @ da


def with_line(name, value):
    """The right lines but for one."""

    def step_back(*given):
        answers = dict(zip(NAMES, right(*given)))
        return tuple((answers | {name: value}).values())

    return step_back


def test_the_right_lines_pass(capsys):
    check_lines(right)
    assert capsys.readouterr().out == "All four lines are right.\n"


@pytest.mark.parametrize("name, number", MISTAKES)
def test_each_mistake_gets_its_own_hint_and_its_line_is_named(name, number):
    mistake, hint = LINES[name][1][number]
    said = verdict(with_line(name, mistake(Messages())))
    assert said == f"Not yet. The first wrong line is {name}. {hint}"


AS_READERS_WRITE_THEM = [  # the line, what stands there, and how its hint begins
    ("dh", "Why.T @ dy", "Only one of the two arrows"),
    ("dh", "dhnext", "The message from this step's own"),
    ("dh", "Why.T @ dy - dhnext", "How do two parts of a derivative combine"),
    ("dh", "(Why.T @ dy) * dhnext", "How do two parts of a derivative combine"),
    ("dh", "Why.T @ dy + Whh.T @ dhnext", "dhnext has already gone through Whh"),
    ("dh", "(Why.T @ dy + dhnext) * (1 - h * h)", "The way back through tanh belongs to the next"),
    ("da", "dh", "The way back through tanh is missing"),
    ("da", "1 - (h * h) * dh", "Check the brackets"),
    ("da", "dh - h * dh", "it has a square"),
    ("da", "dh + h * h * dh", "can it be above 1"),
    ("da", "dh * (1 - h_before * h_before)", "Of which state is this"),
    ("da", "dh / np.cosh(h) ** 2", "h is a tanh already"),
    ("da", "dh - dh ** 3", "not at the message"),
    ("da", "dh + 1 - h * h", "by which factor"),
    ("dWhh", "np.outer(h_before, da)", "yours has them in the other order"),
    ("dWhh", "np.outer(da, h)", "Which state did Whh multiply"),
    ("dWhh", "np.outer(dh, h_before)", "Whh acts before tanh"),
    ("dWhh", "np.outer(dh, h)", "Neither of the two factors"),
    ("dWhh", "np.outer(h, h_before)", "No message takes part"),
    ("dWhh", "h_before * da", "one number a neuron"),
    ("dWhh", "np.dot(h_before, da)", "a single number"),
    ("dhnext", "da @ Whh.T", "Through which form of the matrix"),
    ("dhnext", "da * Whh.T", "that is a matrix"),
    ("dhnext", "dh @ Whh", "has not been through tanh"),
    ("dhnext", "dh @ Whh.T", "Two things are wrong"),
    ("dhnext", "da", "has to pass Whh"),
    ("dhnext", "dhnext", "the message that came in"),
    ("dhnext", "np.zeros(len(h))", "With zeros, no step"),
    ("dhnext", "dy @ Why", "goes through another matrix"),
]


@pytest.mark.parametrize("name, code, hint", AS_READERS_WRITE_THEM)
def test_mistakes_as_readers_write_them(name, code, hint):
    def step_back(dy, dhnext, h, h_before, Why, Whh):
        given = dict(dy=dy, dhnext=dhnext, h=h, h_before=h_before, Why=Why, Whh=Whh)
        dh, da, dWhh, new = right(dy, dhnext, h, h_before, Why, Whh)
        wrong = eval(code, {"np": np, **given, "dh": dh, "da": da})
        return tuple((dict(zip(NAMES, (dh, da, dWhh, new))) | {name: wrong}).values())

    said = verdict(step_back)
    assert said.startswith(f"Not yet. The first wrong line is {name}. ") and hint in said


def test_every_mistake_is_among_those_that_readers_write():
    assert len(AS_READERS_WRITE_THEM) == len(MISTAKES)


@pytest.mark.parametrize("name, number", MISTAKES)
def test_no_hint_holds_the_answer(name, number):
    hint = LINES[name][1][number][1]
    code = {"dh": r"Why\.T", "da": r"1 ?- ?h", "dWhh": r"outer", "dhnext": r"Whh\.T|transpose"}
    assert not re.search(code[name], hint)


@pytest.mark.parametrize("name", NAMES)
def test_mistakes_of_a_line_are_told_apart(name):
    values = [mistake(Messages()) for mistake, _ in LINES[name][1]] + [LINES[name][0](Messages())]
    for i, a in enumerate(values):
        for b in values[:i]:
            assert np.shape(a) != np.shape(b) or not np.allclose(a, b)


def test_only_the_first_wrong_line_is_named():
    def forgets_tanh(dy, dhnext, h, h_before, Why, Whh):
        dh = Why.T @ dy + dhnext
        da = dh
        return dh, da, np.outer(da, h_before), Whh.T @ da

    assert "first wrong line is da. The way back through tanh" in verdict(forgets_tanh)


def test_dots_ask_for_the_line():
    assert verdict(lambda *given: (..., ..., ..., ...)).startswith("Your turn")
    dh = LINES["dh"][0](Messages())
    assert verdict(lambda *given: (dh, ..., ..., ...)) == (
        "Right so far: 1 of 4 lines. Your turn: da."
    )
    assert verdict(lambda *given: (..., 2 * ..., 0, 0)).startswith("Your turn")


def test_what_is_no_answer():
    shapes = verdict(lambda dy, dhnext, h, h_before, Why, Whh: Why @ dy)
    assert "the shapes do not fit; the first suspect is dh" in shapes and "(n?" not in shapes
    assert "NumPy says: matmul: Input operand 1 has a mismatch" in shapes
    assert "Calling it failed: ZeroDivisionError" in verdict(lambda *given: 1 / 0)
    assert "Calling it failed" in verdict(lambda dy: 0)
    for wrong in (3.0, (), right(*Messages().given())[:3], (*right(*Messages().given()), 1)):
        assert "must return dh, da, dWhh, dhnext" in verdict(lambda *given, w=wrong: w)
    assert "first wrong line is dh" in verdict(lambda *given: ("a", "b", "c", "d"))


@pytest.mark.parametrize("name", NAMES)
def test_signs_shapes_and_numbers_that_are_none(name):
    messages = Messages()
    value = LINES[name][0](messages)
    assert hint_for(name, -value, messages) == "The sign is wrong."
    for wrong in (value[:2], np.concatenate([value, value]), np.stack([value] * 5)):
        assert hint_for(name, wrong, messages).startswith(f"Its shape is {wrong.shape}, not (4")
    for wrong in (value * np.nan, 1.1 * value, "text"):
        assert hint_for(name, wrong, messages)
    assert hint_for(name, value, messages) is None
