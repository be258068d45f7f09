"""Every exercise: its solution is right, the listed mistakes get their hints, no hint tells.

All of this runs over `EXERCISES`, so a new exercise is held to it without a new test. The
solutions are those in the chapters.
"""

import bisect
import contextlib
import io
import json
import math
import re
import time
import warnings
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from answer_mutants import mutants
from conftest import EXERCISE, filled
from test_gate import HASTE

from rnn_helpers import bptt, exercises
from rnn_helpers.exercises import (
    EXERCISES,
    chapter_01,
    chapter_08,
    chapter_10,
    chapter_11,
    check,
    engine,
    hint,
    progress,
    solved,
    trying,
)
from rnn_helpers.exercises.engine import Choice, Design, Function, Numbers, YourTurn

FUNCTIONS = [n for n, e in EXERCISES.items() if isinstance(e, Function)]
NUMBERS = [n for n, e in EXERCISES.items() if isinstance(e, Numbers)]
TIMES = {
    "in your head", "one line", "a minute", "two minutes", "five minutes", "ten minutes",
    "fifteen minutes", "twenty minutes", "half an hour",
}  # fmt: skip

every_exercise = pytest.mark.parametrize("number", EXERCISES)
every_function = pytest.mark.parametrize("number", FUNCTIONS)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of its own for what each test solves."""
    monkeypatch.setenv("RNN_PROGRESS_DIR", str(tmp_path / "progress"))
    monkeypatch.setattr(exercises, "given", {})
    return tmp_path / "progress"


@pytest.fixture
def page(run):
    """page("01.2") is this exercise as it stands in its chapter."""
    return lambda number: run(number[:2])[2][number]


def answer_of(page, solution=None):
    """What the solution of an exercise, or a changed copy of it, calls `answer`."""
    source, names = filled(page.cell, solution or page.solution), dict(page.names)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(EXERCISE.sub("", source), "solution", "exec"), names)
    return names["answer"]


def sayings(exercise):
    """All that an exercise says about itself."""
    near = getattr(exercise, "near", "")
    hints = [said for _, said in exercise.mistakes] + [near] * bool(near)
    return [*hints, *exercise.nudges, exercise.otherwise]


# The chapters


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_each_chapter_has_four_to_six_from_a_warm_up_to_a_long_one(chapter):
    numbers = [exercise.number for exercise in chapter.EXERCISES]
    name = chapter.__name__[-2:]
    assert numbers == [f"{name}.{i}" for i in range(1, len(numbers) + 1)]
    assert 4 <= len(numbers) <= 6
    assert chapter.EXERCISES[0].takes in ("one line", "in your head", "a minute")
    assert "half an hour" in [exercise.takes for exercise in chapter.EXERCISES]


@every_exercise
def test_the_page_has_it_under_its_title(number, page):
    exercise = EXERCISES[number]
    assert f"**{number} · {exercise.title}** ({exercise.takes})" in page(number).task
    assert exercise.takes in TIMES


@every_exercise
def test_a_cell_that_is_not_filled_in_asks_for_it(number, page, capsys, folder):
    exec(page(number).cell, dict(page(number).names))
    said = capsys.readouterr().out
    assert said.endswith(f"{number}: your turn. Replace the three dots above.\n")
    assert not folder.exists()


@every_exercise
def test_the_solution_is_right(number, page, capsys):
    check(number, answer_of(page(number)))
    assert capsys.readouterr().out == f"{number}: right.\n"


# Mistakes and hints


@every_function
def test_each_case_can_be_said_in_words(number):
    """A wrong answer that is no listed mistake hears in which case it fails."""
    exercise = EXERCISES[number]
    for probe in [*exercise.probes, exercise.random(np.random.default_rng(0))]:
        assert exercise.words(probe).startswith(("With ", "In a test,"))


ODD = [
    None, True, 0, -1.5, np.nan, np.inf, 1j, 10**400, "x", b"x", [], {}, {1, 2}, [None],
    [[1], [2, 3]], (1, 2, 3), (0.5, "x"), [np.nan] * 2, np.array(1), np.zeros(3),
    np.zeros((2, 2)), range(3), np.array(["a"]), object(), int, print, type("C", (), {}),
    type("D", (), {"__init__": lambda self, *a: None, "step": lambda self, *a: None}),
]  # fmt: skip
BODIES = (
    "return None", "return {0}", "return ({1},)", "return 0", "return True", "return np.inf",
    "return 'x'", "return 'x' * 1000", "return [1, 2]", "return [[1], [2, 3]]", "return (0, 0)",
    "return (None, None)", "return {{}}", "return np.zeros(3)", "return np.zeros((2, 3, 4))",
    "return np.arange(1000)", "return np.array(['a'] * 1000)", "return [None] * 50",
    "return np.array([object()])", "return lambda: 0", "yield 1", "raise MemoryError",
    "raise KeyError('k')", "return 1 / 0", "exit()",
    "itself = [1]; itself += [itself] * 3; return itself",
)  # fmt: skip


def odd_answers(exercise):
    """Whatever may stand there: values, and functions that return and raise this and that."""
    yield from ODD
    for body in BODIES if isinstance(exercise, Function) else ():
        names, taken = {"np": np}, ", ".join(exercise.arguments)
        body = body.format(exercise.arguments[0], taken)
        exec(f"def answer({taken}):\n    {body}", names)
        yield names["answer"]


@every_exercise
def test_any_answer_is_answered_in_words(number):
    for answer in odd_answers(EXERCISES[number]):
        said = EXERCISES[number].verdict(answer)
        assert said is None or (isinstance(said, str) and said), answer


def by_drawing_the_likeliest_first(p, u):
    order = np.argsort(-p)
    return int(order[(np.cumsum(p[order]) <= u).sum()])


def by_the_nearest_divisor(streams, each, fixed, latency, size, bandwidth):
    best = np.sqrt(max(0.0, each * streams - 2 * size / bandwidth) / (2 * latency))
    p = min((p for p in range(1, streams + 1) if streams % p == 0), key=lambda p: abs(p - best))
    return p, chapter_11.step_seconds(p, streams, each, fixed, latency, size, bandwidth)


def that_turns_its_argument_round(gradients, streams):
    total = sum(n * g for n, g in zip(streams, gradients)) / sum(streams)
    streams.reverse()
    return total


def with_exp_of_large_sums(parameters, inputs, h0):
    return chapter_10.read(gate=lambda a: np.exp(a) / (1 + np.exp(a)))(parameters, inputs, h0)


@pytest.mark.parametrize(
    "number, wrong",
    [
        ("01.4", lambda text: EXERCISES["01.4"].right(text.lower())),
        ("02.3", lambda w, u, b, x: EXERCISES["02.3"].right(w, abs(u), b, x)),
        ("02.5", (2.19, 1.66, 0)),
        ("04.3", lambda h, dh: (1 / h - 1) * h * h * dh),
        ("05.4", lambda n, first, T: EXERCISES["05.4"].right(n, min(first, T), T)),
        ("06.3", lambda p: EXERCISES["06.3"].right(np.where(p > 1e-3, p, 0))),
        ("06.5", by_drawing_the_likeliest_first),
        ("10.4", with_exp_of_large_sums),
        ("11.3", that_turns_its_argument_round),
        ("11.5", by_the_nearest_divisor),
    ],
)
def test_what_is_wrong_in_rare_cases_alone_is_refused(number, wrong):
    assert EXERCISES[number].verdict(wrong)


def test_right_answers_of_another_kind_pass():
    def in_an_array(text, merges):
        return np.array(chapter_01.byte_pairs(text, merges))

    assert EXERCISES["01.6"].verdict(in_an_array) is None
    rounded = EXERCISES["09.2"].right
    assert EXERCISES["09.2"].verdict(lambda table: round(rounded(table), 6)) is None


@every_exercise
def test_enough_mistakes_and_three_nudges(number):
    exercise = EXERCISES[number]
    assert len(exercise.mistakes) >= (6 if isinstance(exercise, Function) else 4)
    assert len(set(exercise.nudges)) == 3
    assert len(set(sayings(exercise))) == len(sayings(exercise))


@every_exercise
def test_each_listed_mistake_gets_its_hint(number):
    exercise = EXERCISES[number]
    for mistake, said in exercise.mistakes:
        for wrong in concrete(mistake):
            assert exercise.verdict(wrong) == said


def concrete(mistake):
    """A mistake; if some of its numbers do not matter, with several ones in their place."""
    if isinstance(mistake, tuple) and any(part is engine.WHATEVER for part in mistake):
        for filling in (123.4, -5.0):
            yield tuple(filling if part is engine.WHATEVER else part for part in mistake)
    else:
        yield mistake


@pytest.mark.parametrize("number", [n for n, e in EXERCISES.items() if isinstance(e, Choice)])
def test_every_wrong_option_has_a_hint(number):
    exercise = EXERCISES[number]
    if not exercise.several:
        listed = {option for option, _ in exercise.mistakes}
        assert listed | {exercise.right} == {*exercise.options}


@every_exercise
@pytest.mark.parametrize(
    "wrong", [None, -1.0, "no", lambda *a: (0, 0), [1, 2, 3], {}, np.nan, {"x"}, 3j]
)
def test_any_other_answer_gets_a_hint(number, wrong, capsys):
    check(number, wrong)
    out = capsys.readouterr().out
    assert out.startswith(f"{number}: not yet. ") and len(out) > 35


@every_exercise
def test_no_hint_holds_the_answer(number, page):
    exercise = EXERCISES[number]
    for said in sayings(exercise):
        assert not tells(said, exercise, page(number).solution), said


def tells(said, exercise, solution):
    """Whether a hint holds the answer: its digits, its name, or its decisive code."""
    if isinstance(exercise, Numbers):
        found = [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\.?\d*", said)]
        found += [int(a) / int(b) for a, b in re.findall(r"(\d+) ?/ ?(\d+)", said)]
        whole_answer = np.ndim(exercise.right) == 0
        rights = [r for r in np.ravel(exercise.right) if whole_answer or abs(r) > 1 or r % 1]
        return any(engine.close(f, abs(r)) for f in found for r in rights)
    if isinstance(exercise, Choice):
        right = exercise.right if exercise.several else {exercise.right}
        return any(re.search(rf"[(\"'`]{r}[)\"'`]" if len(r) == 1 else rf"\bd?{r}\b", said)
                   for r in right)  # fmt: skip
    code = [re.sub(r"\s", "", piece) for piece in exercise.decisive]
    assert code and any(piece in re.sub(r"\s", "", solution) for piece in code)
    return any(piece in re.sub(r"\s", "", said) for piece in code)


@every_exercise
def test_hints_are_plain_and_short(number):
    exercise = EXERCISES[number]
    for said in [exercise.title, *sayings(exercise)]:
        assert not re.search(HASTE, re.sub(r"!=", "", said), re.IGNORECASE), said
        assert len(said.split()) <= 45 and said == " ".join(said.split())
        assert said[-1] in ".?" or said == exercise.title


def test_hints_come_one_by_one(capsys):
    number = next(iter(EXERCISES))
    for _ in range(5):
        hint(number)
    lines = capsys.readouterr().out.splitlines()
    nudges = EXERCISES[number].nudges
    expected = [f"{number}, hint {i} of 3: {said}" for i, said in enumerate(nudges, 1)]
    last = (
        f"{number}: there are no more hints. "
        "In the full edition, the solution is folded below the exercise."
    )
    assert " ".join(lines) == " ".join([*expected, last, last])
    assert max(map(len, lines)) <= 78


def test_a_number_that_no_exercise_has():
    for ask in (hint, lambda number: check(number, 1)):
        with pytest.raises(ValueError, match="no exercise '01.99'; .* and there are 01.1, 01.2"):
            ask("01.99")


# Numbers


@pytest.mark.parametrize("number", NUMBERS)
def test_rounded_numbers_are_right_and_others_are_not(number):
    exercise = EXERCISES[number]
    right = np.array(exercise.right, float)
    for digits in (3, 4, 6, 12):
        rounded = np.array([r if r % 1 == 0 else float(f"{r:.{digits}g}") for r in right.ravel()])
        for answer in (rounded.reshape(right.shape), rounded.reshape(right.shape).tolist()):
            assert exercise.verdict(answer) is None
    for place in range(right.size):
        for factor in (1.006, 0.994, -1, 1.02):
            wrong = right.copy()
            wrong.flat[place] = right.flat[place] * factor if right.flat[place] else factor
            assert exercise.verdict(wrong)


def numbers_exercise(right, **more):
    return Numbers(number="1", title="", takes="", nudges=(), mistakes=[], otherwise="Think.",
                   right=right, **more)  # fmt: skip


def test_what_is_said_about_numbers():
    two, one = numbers_exercise((2, 3.456)), numbers_exercise(2.7412)
    assert two.verdict([2, 3.46]) is None and two.verdict(np.array([2, 3.4561])) is None
    assert two.verdict((2, 9)) == "Of your 2 numbers, number 2 is not right yet. Think."
    assert two.verdict((3, 9)) == "Think."
    assert two.verdict(2) == "You gave a single number; 2 numbers are asked for."
    assert one.verdict([2.74]) is None and one.verdict(np.float32(2.7412)) is None
    assert numbers_exercise((4 / 7, 0.5)).verdict([Fraction(4, 7), Fraction(1, 2)]) is None
    assert one.verdict(2.7) == "That is close. Give at least three significant digits, rounded."
    assert one.verdict((1, 2)) == "You gave 2 numbers; a single number is asked for."
    assert two.verdict([2, 3.5]).startswith("That is close.")
    assert numbers_exercise(0.0222).verdict(0.02).startswith("That is close.")
    assert (
        numbers_exercise(0.0222).verdict(0.03) == numbers_exercise(2.7412).verdict(3) == "Think."
    )
    assert one.verdict("2.74") == (
        "You gave '2.74'; a single number is asked for, without quotation marks."
    )
    assert two.verdict(["2", "3.46"]).endswith("asked for, without quotation marks.")
    assert one.verdict(lambda: 2.74) == "You gave a function; a single number is asked for."
    assert numbers_exercise(1).verdict(True) == "You gave True; a single number is asked for."
    assert numbers_exercise(4603).verdict(4602.9) == "Think."
    assert one.verdict(10**400).endswith("; a single number is asked for.")
    with pytest.raises(YourTurn):
        one.verdict(...)


def test_a_whole_answer_is_never_taken_for_a_mistake_that_is_not_whole():
    exercise = EXERCISES["05.1"]
    (fraction, hint), *_ = [pair for pair in exercise.mistakes if pair[0] % 1]
    assert exercise.verdict(fraction) == exercise.verdict(4602.9) == hint
    for whole in (4601, 4604, 4607):
        assert exercise.verdict(whole) == dict(exercise.mistakes).get(whole, exercise.otherwise)


def test_one_number_in_brackets_is_said_in_words():
    assert EXERCISES["01.1"].verdict((1987,)) == (
        "You gave a list of one number; 2 numbers are asked for."
    )


# Functions


@every_function
def test_further_inputs_are_such_as_the_function_takes(number):
    exercise, rng = EXERCISES[number], np.random.default_rng(0)
    right = exercise.function_of(exercise.right)
    found = trying.outcomes(right, [exercise.random(rng) for _ in range(50)], exercise.in_place)
    assert not any(outcome.error or outcome.changed for outcome in found)
    values = [outcome.value for outcome in found]
    assert sum(trying.agree(value, values[0]) for value in values) < 45, "they are all alike"


# Time may be up in the middle of a collection of garbage, where Python can only report it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@every_function
def test_no_changed_copy_of_the_solution_passes_unless_it_computes_the_same(
    number, page, monkeypatch
):
    """Every solution is changed by machine in each of its places (see tools/answer_mutants.py)."""
    exercise, solution = EXERCISES[number], page(number).solution
    solved = answer_of(page(number))
    right = exercise.function_of(solved)
    rng = np.random.default_rng(1)
    further = [exercise.random(rng) for _ in range(150)]
    expected = trying.outcomes(right, further, exercise.in_place)
    assert exercise.verdict(solved) is None
    assert exercise.expected_mistakes  # are tried here, once for all copies, without hurry
    monkeypatch.setattr(trying, "PATIENCE", 0.1)  # from here on, what takes long is wrong
    tried = passed = 0
    for source in mutants(solution):
        try:
            answer = answer_of(page(number), source)
            said = exercise.verdict(answer)
        except Exception:  # it is no answer, or still has dots
            continue
        tried += 1
        if said is None:
            passed += 1
            function = exercise.function_of(answer)
            for probe, want in zip(further, expected):
                found = trying.outcome(function, probe, exercise.in_place)
                assert trying.same_outcome(found, want, exercise.rtol), f"passes:\n{source}"
    assert tried >= 5 and passed < tried / 2


@pytest.mark.parametrize("number", NUMBERS)
def test_no_changed_copy_of_a_computed_number_passes_unless_it_is_the_same(number, page):
    exercise, solution = EXERCISES[number], page(number).solution
    right = np.array(answer_of(page(number)), float)
    for source in mutants(solution):
        try:
            with trying.at_most(0.2):
                answer = answer_of(page(number), source)
        except (Exception, trying.TooLong):
            continue
        if exercise.verdict(answer) is None:
            assert np.allclose(np.array(answer, float), right, rtol=1e-9), f"passes:\n{source}"


def function_exercise(right, probes, **more):
    return Function(
        number="1", title="", takes="", nudges=(), otherwise="Think.", decisive=(), random=None,
        right=right, probes=probes, **{"mistakes": [], "arguments": ("a", "b")} | more,
    )  # fmt: skip


def test_what_is_said_about_functions():
    add = function_exercise(lambda a, b: a + b, [(1, 2), (np.array([1.0, 2.0]), 3)])
    assert add.verdict(lambda x, y: y + x) is None
    assert add.verdict(3) == "A function of a and b is asked for: write def answer(...)."
    assert add.verdict(lambda x: x) == (
        "Your function takes (x), but it is called with (a, b), in this order."
    )
    assert add.verdict(lambda b, a: a + b).startswith("Your function takes (b, a), but ")
    assert add.verdict(lambda a, b: None).startswith("It returns None: is a return missing? (")
    assert add.verdict(lambda a, b: a + b + 1e-6).endswith(
        "it returned 3, which is nearly right, but not to the last digits. Think."
    )
    assert add.verdict(lambda a, b: a * b) == "With a = 1 and b = 2, it returned 2. Think."
    assert add.verdict(lambda a, b: int(a + b) if np.ndim(a) == 0 else a - b) == (
        "With a = [1., 2.] and b = 3, it returned [-2., -1.]. Think."
    )
    assert add.verdict(lambda a, b: np.append(a, b)) == (
        "With a = 1 and b = 2, it returned numbers of shape (2,), where a single number should "
        "be. Think."
    )
    assert add.verdict(lambda a, b: [a, b]) == (
        "With a = 1 and b = 2, it returned [1, 2], where a single number should be. Think."
    )
    yes = function_exercise(lambda a, b: True, [(1, 2)])
    assert yes.verdict(lambda a, b: "yes") == (
        "With a = 1 and b = 2, it returned 'yes', where True or False should be. Think."
    )
    assert add.verdict(lambda a, b: "3") == (
        "With a = 1 and b = 2, it returned '3', where a single number should be. Think."
    )
    with pytest.raises(YourTurn):
        add.verdict(lambda a, b: a + ...)
    with pytest.raises(YourTurn):
        add.verdict(lambda a, b: (a, ...))


def test_what_is_said_about_a_function_that_fails():
    add = function_exercise(lambda a, b: a + b, [(1, 2)])

    def fails(a, b):
        c = a + b
        return c.no_such_thing

    assert add.verdict(fails) == (
        "With a = 1 and b = 2, it failed in line 3 of the function: AttributeError: 'int' object "
        "has no attribute 'no_such_thing'."
    )


def test_what_is_said_about_a_function_that_changes_what_it_is_given():
    array = np.array([1.0, 2.0])
    double = function_exercise(lambda a: 2 * a, [(array,)], arguments=("a",))

    def in_place(a):
        a *= 2
        return a

    assert double.verdict(in_place) == (
        "It changes a, which belongs to the caller: work on a copy."
    )
    assert array.tolist() == [1, 2]

    def three_times(a):
        a *= 3
        return a

    assert double.verdict(three_times).endswith("The result is not right either.")


def test_where_changing_is_the_task():
    def right(a, b):
        a += b

    add = function_exercise(right, [(np.array([1.0, 2.0]), 3)], in_place=True)

    def other(a, b):
        a[:] = a + b

    def too_much(a, b):
        a += 2 * b

    assert add.verdict(other) is None
    assert add.verdict(lambda a, b: None).endswith("it leaves wrong values in a. Think.")
    assert add.verdict(too_much).endswith("it leaves wrong values in a. Think.")
    assert "it returned [4., 5.]" in add.verdict(lambda a, b: a + b)


def test_a_function_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(trying, "PATIENCE", 2)
    add = function_exercise(lambda a, b: a + b, [(1, 2)])

    def endless(a, b):
        while True:
            try:
                a += b
            except Exception:
                pass

    begin = time.process_time()
    assert add.verdict(endless) == (
        "It was still computing after 2 seconds: is there a loop that never ends?"
    )
    assert time.process_time() - begin < 10


class Pair(NamedTuple):
    Wxh: float
    by: float


def test_which_of_several_results_is_wrong():
    two = function_exercise(lambda a, b: (a, b), [(1, 2)], results=("sum", "product"))
    assert two.verdict(lambda a, b: [a, b]) is None
    arrays = function_exercise(
        lambda a, b: (a, Pair(a, b)), [(1, 2)], results=("loss", "gradient")
    )
    assert arrays.verdict(lambda a, b: (a, [a, 3])).startswith(
        "With a = 1 and b = 2, it returned a gradient of by that is not right: 3."
    )
    assert "a gradient that is not right: 5" in arrays.verdict(lambda a, b: (a, 5))
    assert two.verdict(lambda a, b: (a, 3)) == (
        "With a = 1 and b = 2, it returned a product that is not right: 3. Think."
    )
    assert two.verdict(lambda a, b: a) == (
        "With a = 1 and b = 2, it returned 1. It should return 2 things: sum and product. Think."
    )


def test_a_vowel_gets_an():
    two = function_exercise(lambda a, b: (a, b), [(1, 2)], results=("array of states", "loss"))
    said = two.verdict(lambda a, b: (5, b))
    assert "it returned an array of states that is not right: 5" in said


def test_a_mistake_is_found_in_the_first_wrong_result_with_others_behind_it():
    mistakes = [(lambda a, b: (a + b, 0), "No."), (lambda a, b: (a - b, a * b), "Minus."),
                (lambda a, b: (a + b, a / b), "Over.")]  # fmt: skip
    two = function_exercise(lambda a, b: (a + b, a * b), [(1, 2), (5, 3)], mistakes=mistakes,
                            results=("sum", "product"))  # fmt: skip
    assert two.verdict(lambda a, b: (a - b, 7)) == "Minus."
    assert two.verdict(lambda a, b: (a + b, a / b)) == "Over."
    assert "a product that is not right: 7" in two.verdict(lambda a, b: (a + b, 7))
    assert "a sum that is not right: 8" in two.verdict(lambda a, b: (8, a / b))


def test_a_mistake_is_found_beside_errors_in_later_cases():
    probes = [(4, 2), (5, 1), (1, 0)]
    over = function_exercise(lambda a, b: a / b if b else 0, probes,
                             mistakes=[(lambda a, b: a // 3, "Three?")])  # fmt: skip
    assert over.verdict(lambda a, b: a // 3 + 0 / b) == "Three?"
    assert over.verdict(lambda a, b: a / b).startswith("With a = 1 and b = 0, it failed")
    said = over.verdict(lambda a, b: a // 3 + 0 / (b * b - b))  # fails in two cases of three
    assert said.startswith("With a = 4 and b = 2, it returned 1")


def test_the_first_wrong_entry_of_a_long_result_is_named():
    def counted(n):
        return np.arange(12).reshape(3, 4), ["a"] * n

    both = function_exercise(counted, [(40,)], arguments=("n",), results=("table", "list"))
    assert both.verdict(lambda n: (counted(n)[0] * [1, 1, 1, 2], ["a"] * n)) == (
        "With n = 40, it returned a table that is not right: an array of shape (3, 4), in which "
        "entry [0, 3], 6, is not right. Think."
    )
    assert both.verdict(lambda n: (counted(n)[0], ["a", "b"] * (n // 2))) == (
        "With n = 40, it returned a list that is not right: 40 values, in which entry [1], 'b', "
        "is the first wrong one. Think."
    )


def test_the_first_wrong_character_of_a_long_text_is_named():
    text = function_exercise(lambda n: "a" * n, [(40,)], arguments=("n",))
    assert text.verdict(lambda n: "aab" * 13 + "a").endswith(
        "returned a text of 40 characters, in which entry [2], 'b', is the first wrong one. Think."
    )


def test_a_product_that_does_not_fit_is_said_in_words():
    def product(a, b):
        return np.zeros((2, 3)) @ np.zeros(4)

    add = function_exercise(lambda a, b: a + b, [(1, 2)])
    assert add.verdict(product) == (
        "With a = 1 and b = 2, it failed in line 2 of the function: ValueError: the sizes in a "
        "product @ do not fit: 4 and 3."
    )


def test_errors_are_compared_by_their_words_where_there_is_nothing_else():
    def other_error(a, b):
        raise ValueError("something else")

    def shapes(a, b):
        return np.zeros(2) + np.zeros(3)

    add = function_exercise(lambda a, b: a + b, [(1, 2)], mistakes=[(shapes, "Shapes.")])
    assert add.verdict(shapes) == "Shapes."
    assert add.verdict(other_error).startswith("With a = 1 and b = 2, it failed")


def test_what_agrees():
    same = trying.agree
    assert same([1, 2], (1, 2)) and same(np.array([1, 2]), [1, 2.0]) and same(2.0, 2)
    assert same(["a", "b"], ("a", "b")) and same({"a": 1}, {"a": 1.0})
    assert same({1}, frozenset({1})) and not same({1}, {2})
    assert same(None, None) and same(True, True) and same(np.nan, np.nan) and same(np.inf, np.inf)
    assert same([], ()) and same((1, np.zeros(2)), (1, np.zeros(2)))
    assert not same(1 + 1e-8, 1) and not same([1], 1) and not same(1, [1]) and not same("1", 1)
    assert not same(np.zeros((1, 2)), np.zeros(2)) and not same([1, 2, 3], [1, 2])
    assert not same([[1], [2, 3]], np.zeros((2, 1))) and not same(None, 0) and not same(0, None)
    assert not same("ab", ["a", "b"]) and not same({"a": 1}, {"b": 1}) and not same([1], {1})


# What is solved


def test_progress_is_kept_and_summed_up(capsys, folder, monkeypatch):
    first = exercises.CHAPTERS[0].EXERCISES[0]
    progress()
    assert capsys.readouterr().out.startswith(f"0 of {len(EXERCISES)} exercises are solved.\n")
    assert not folder.exists()
    check(first.number, first.right)
    check(first.number, first.right)
    assert json.loads((folder / "progress.json").read_text(encoding="utf-8")) == {
        "solved": [first.number]
    }
    capsys.readouterr()
    progress()
    lines = capsys.readouterr().out.splitlines()
    count = len(exercises.CHAPTERS[0].EXERCISES)
    assert lines[:2] == [
        f"1 of {len(EXERCISES)} exercises are solved.", f"Chapter 01: 1 of {count}, 01.1",
    ]  # fmt: skip
    second = exercises.CHAPTERS[0].EXERCISES[1]
    assert lines[-1] == f"Next: {second.number} {second.title} ({second.takes})."
    for number in EXERCISES:
        solved.add(number)
    progress()
    assert "Next" not in capsys.readouterr().out


def test_a_wrong_answer_notes_nothing(folder, capsys):
    check("01.1", 3)
    assert not folder.exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"solved": [1]}', b"\xff\xfe\x00", b"3"])
def test_a_damaged_file_is_put_aside(damage, folder, capsys):
    folder.mkdir()
    (folder / "progress.json").write_bytes(damage)
    check("01.1", (1987, 80))
    said = capsys.readouterr().out
    assert said.startswith("01.1: right.\n") and "progress-damaged-1.json." in said
    assert (folder / "progress-damaged-1.json").read_bytes() == damage
    (folder / "progress.json").write_bytes(damage)
    progress()
    assert (folder / "progress-damaged-2.json").read_bytes() == damage


def test_a_file_that_cannot_be_written_stops_nothing(folder, capsys):
    folder.write_text("a file where the folder should be", encoding="utf-8")
    check("01.1", (1987, 80))
    said = capsys.readouterr().out
    assert said.startswith("01.1: right.\n(That it is solved could not be noted: ")
    progress()
    assert "0 of" in capsys.readouterr().out


def test_without_the_variable_it_is_the_folder_of_the_user(monkeypatch):
    import platformdirs

    monkeypatch.delenv("RNN_PROGRESS_DIR")
    expected = platformdirs.user_data_path("rnn_helpers", appauthor=False)
    assert solved.path() == expected / "progress.json"


def test_a_design_is_tried_like_a_function():
    number = next(n for n, e in EXERCISES.items() if isinstance(e, Design))
    exercise = EXERCISES[number]
    assert exercise.verdict(exercise.right) is None and exercise.verdict(lambda: 1)


# Single exercises


STARTS = {
    "0.001": lambda H: np.full(H, 0.001),
    "0.5": lambda H: np.full(H, 0.5),
    "random": lambda H: np.random.default_rng(0).standard_normal(H),
}


@pytest.mark.parametrize("start", STARTS)
def test_a_long_read_may_be_cut_anywhere_and_begin_with_any_state_but_zeros(start):
    for place in [*range(1, 19), -1, -2, "middle"]:

        def answer(function, parameters, ids, place=place):
            inputs, targets = ids[:-1], ids[1:]
            k = (len(inputs) // 2 if place == "middle" else place) % len(inputs)
            h0 = STARTS[start](len(parameters.bh))
            whole, _, _ = function(parameters, inputs, targets, h0)
            first, _, h = function(parameters, inputs[:k], targets[:k], h0)
            second, _, _ = function(parameters, inputs[k:], targets[k:], h)
            return np.isclose(whole, first + second)

        assert EXERCISES["07.4"].verdict(answer) is None, place


def test_answers_of_which_no_copies_are_kept_do_not_pass():
    def answer(function, parameters, inputs, targets, h0):
        before = [array.copy() for array in (*parameters, inputs, targets, h0)]
        one, first, h = function(parameters, inputs, targets, h0)
        other, second, end = function(parameters, inputs, targets, h0)
        pairs = [*zip(before, (*parameters, inputs, targets, h0)), *zip(first, second), (h, end)]
        return one == other and all(np.array_equal(a, b) for a, b in pairs)

    assert EXERCISES["07.3"].verdict(answer).endswith("Keep copies.")


EPSILONS = {
    "under the root": lambda s: np.sqrt(s) + 1e-8,
    "how small": lambda s: np.sqrt(s + 1e-6),
    "divided by 0": np.sqrt,
}


@pytest.mark.parametrize("said", EPSILONS)
def test_another_epsilon_in_rmsprop_does_not_pass(said):
    class Answer:
        def __init__(self, parameters, rate):
            self.parameters, self.rate = parameters, rate
            self.squares = [np.zeros_like(w) for w in parameters]

        def step(self, gradients):
            for w, g, s in zip(self.parameters, gradients, self.squares):
                s += 0.01 * (g * g - s)
                w -= self.rate * g / EPSILONS[said](s)

    assert said in str(EXERCISES["08.5"].verdict(Answer))


@pytest.mark.parametrize("pieces", [False, True])
def test_a_batch_larger_than_the_memory_needs_the_function_that_is_given(pieces):
    def answer(function, parameters, inputs, targets, h0, most):
        if pieces:
            return chapter_08.in_pieces()(
                bptt.loss_and_gradients, parameters, inputs, targets, h0, most
            )
        return bptt.loss_and_gradients(parameters, inputs, targets, h0)

    assert "did not use `function`" in str(EXERCISES["08.6"].verdict(answer))


def test_a_batch_that_is_asked_for_at_once_is_too_large():
    def answer(function, parameters, inputs, targets, h0, most):
        return function(parameters, inputs, targets, h0)

    assert "more than `most` streams" in EXERCISES["08.6"].verdict(answer)


def test_an_entropy_rate_that_is_only_near_is_told_so():
    def answer(table):
        return EXERCISES["09.2"].right(table) * 1.00003

    def drawn(table):
        rng, steps, state, cost = np.random.default_rng(0), 20_000, table[0][0], 0.0
        rows = {state: [row for row in table if row[0] == state] for state, *_ in table}
        sums = {state: np.cumsum([p for *_, p in rows[state]])[:-1].tolist() for state in rows}
        for place in rng.random(steps).tolist():
            _, _, state, p = rows[state][bisect.bisect(sums[state], place)]
            cost -= math.log2(p)
        return cost / steps

    for near in (answer, drawn):
        assert EXERCISES["09.2"].verdict(near).startswith("That is near, and six digits")
    far = EXERCISES["09.2"].verdict(lambda table: 1.1 * answer(table))
    assert far.endswith(EXERCISES["09.2"].otherwise)
