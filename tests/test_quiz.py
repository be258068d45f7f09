"""The quiz: five questions a chapter, each option with a reason, and the numbers in them true."""

import re
from collections import Counter

import numpy as np
import pytest
from conftest import CHAPTERS, cells_of
from test_claims import NUMBER, computed, shown, values
from test_gate import HASTE

from rnn_helpers.adam import Adam
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.loss import cross_entropy, softmax
from rnn_helpers.quiz import LETTERS, answers_text, chapters, load_quiz, questions_text

QUIZ = {number: load_quiz(number) for number in chapters()}
every_quiz = pytest.mark.parametrize("number", QUIZ)


def code_of(number):
    (path,) = (p for p in CHAPTERS if p.name.startswith(number))
    return [cell for cell in cells_of(path) if cell.cell_type == "code"]


def test_the_chapters_have_five_questions_each():
    assert set(QUIZ) <= {path.name[:2] for path in CHAPTERS}
    assert {f"{n:02}" for n in range(1, 12)} <= set(QUIZ)
    assert all(len(questions) == 5 for questions in QUIZ.values())


@every_quiz
def test_each_question_has_one_right_option_and_a_reason_for_each(number):
    for question in QUIZ[number]:
        assert 3 <= len(question.options) <= len(LETTERS)
        assert sum(option.right for option in question.options) == 1
        assert question.options[question.right].right
        assert len({option.text for option in question.options}) == len(question.options)
        assert len({option.why for option in question.options}) == len(question.options)
        assert question.ask[0].isupper() and question.ask[-1] in "?.", question.ask
        for option in question.options:
            assert len(option.why.split()) >= 8 and option.why[-1] == ".", option.why
            assert len(option.text) <= 140 and len(option.why) <= 330, option
            assert not re.search(r"(all|none|both|some) of (the above|these)", option.text.lower())


def test_the_right_option_cannot_be_told_by_its_place_or_its_length():
    questions = [question for group in QUIZ.values() for question in group]
    places = Counter(question.right for question in questions)
    assert max(places.values()) <= 15 and all(places[place] >= 5 for place in range(4))
    for group in QUIZ.values():
        assert len({question.right for question in group}) >= 3
    longest = [
        max(question.options, key=lambda option: len(option.text)).right for question in questions
    ]
    shortest = [
        min(question.options, key=lambda option: len(option.text)).right for question in questions
    ]
    assert 4 <= sum(longest) <= 16 and 4 <= sum(shortest) <= 16


@every_quiz
def test_words_are_plain(number):
    for question in QUIZ[number]:
        for text in [question.ask, *(part for option in question.options for part in option[:2])]:
            assert not re.search(HASTE, text, re.IGNORECASE), text
            assert "  " not in text and "`" not in text and "$" not in text
            assert len(text.split()) <= 60


# Numbers in reasons that no cell of the chapter computes, each with its sum.
SUMS = {
    "01": {"1,000": 1000, "999": 1000 - 1, "40": 40, "41": 42 - 1},
    "02": {"100": 100, "900": 1000 - 100, "6,400": 100 * 64, "54,000": 10_000 * np.log2(42),
           "10,000": 10_000, "64": np.finfo(float).bits},
    "03": {"0.14": np.log2(0.99 / 0.9), "3.3": np.log2(0.1 / 0.01), "1.1": 0.99 / 0.9,
           "0.99": 0.99, "0.05": 0.05, "10": 0.1 / 0.01, "93.4": 25 * np.log(42),
           "0.87": softmax(np.array([4.0, 2, 0]))[0], "0.12": softmax(np.array([4.0, 2, 0]))[1],
           "0.02": softmax(np.array([4.0, 2, 0]))[2], "0.67": softmax(np.array([2.0, 1, 0]))[0],
           "0.24": softmax(np.array([2.0, 1, 0]))[1], "0.09": softmax(np.array([2.0, 1, 0]))[2]},
    "04": {},
    "05": {"100": 100, "10,000": 100**2, "10": 10, "2.1": 2.1, "2.3": 2.3},
    "06": {"0.94": 0.6**4 / (0.6**4 + 0.3**4 + 0.1**4), "0.25": 0.25, "4": 1 / 0.25,
           "0.32": 0.1**0.05 / (0.6**0.05 + 0.3**0.05 + 0.1**0.05), "20": 1 / 0.05,
           "0.0007": 0.1**4 / (0.6**4 + 0.3**4 + 0.1**4), "128": 128},
    "07": {"1/9": 1 / 9, "0.9": 1 - 1 / 9, "9": 9},
    "08": {"90/5": 90 / 5, "28": 90 / 5 + 10, "90": 90, "18": 90 / 5, "3.2": 0.1 / 0.001**0.5,
           "0.032": 0.001**0.5, "0.03": 0.001**0.5, "10": 1 / 0.1, "100": 100, "8": 8},
    "09": {"2.58": np.log2(6), "6": 2 + 4, "0.75": 0.75, "0.25": 0.25},
    "10": {},
    "11": {},
}  # fmt: skip


@every_quiz
def test_each_number_in_a_reason_is_computed(number):
    available = [v for cell in code_of(number) for v in values(shown(cell))]
    sums = [float(v) for v in SUMS[number].values()]
    for question in QUIZ[number]:
        asked = values(" ".join([question.ask, *(option.text for option in question.options)]))
        for option in question.options:
            for found in NUMBER.findall(option.why):
                digits = len(found.partition(".")[2])
                near = -3 if found == "54,000" else digits
                summed = any(round(v, near) == float(found.replace(",", "").lstrip("-−"))
                             for v in sums)  # fmt: skip
                assert computed(found, available + asked) or summed, f"{found}: {option.why}"


# What the reasons claim beyond numbers, tried.


def test_01_equal_columns_lead_to_equal_states():
    rng = np.random.default_rng(0)
    Wxh, Whh, h = rng.normal(size=(5, 4)), rng.normal(size=(5, 5)), rng.normal(size=5)
    Wxh[:, 1] = Wxh[:, 2]
    assert np.array_equal(*(np.tanh(Wxh[:, i] + Whh @ h) for i in (1, 2)))


def test_02_without_tanh_a_neuron_counts_keeps_and_fades():
    def read(x, u, b=0.0):
        h = 0.0
        for x_t in x:
            h = x_t + u * h + b
        return h

    assert read([1] + 20 * [0], u=1) == 1
    assert read([1, 0, 1, 1, 0], u=1) == 3
    assert read([1, 0], u=0.5) == 0.5 * read([0, 1], u=0.5)
    rng = np.random.default_rng(0)
    for w, u, b, q, i, a, e in rng.normal(size=(200, 7)):
        qu, ai, qi, au = (read([w * x, w * y], u, b) for x, y in ((q, e), (a, i), (q, i), (a, e)))
        assert np.isclose(qu + ai, qi + au)
        assert not min(qu, ai) > max(qi, au)


def test_02_equal_neurons_stay_equal_though_gradients_are_not_zero():
    from rnn_helpers.bptt import loss_and_gradients

    equal = Parameters(*(np.full(s, 0.1) for s in ((6, 4), (6, 6), (4, 6), 6, 4)))
    first = [w.copy() for w in equal]
    inputs, targets = np.array([0, 1, 2, 3, 1]), np.array([1, 2, 3, 1, 1])
    _, g, _ = loss_and_gradients(equal, inputs, targets, np.zeros(6))
    assert np.abs(g.by).max() > 0.1 and np.abs(g.Why).max() > 0.1
    for _ in range(50):
        for w, d in zip(equal, loss_and_gradients(equal, inputs, targets, np.zeros(6))[1]):
            w -= 0.1 * d
    assert all(np.abs(w - before).max() > 0.01 for w, before in zip(equal, first))
    assert np.allclose(equal.Wxh, equal.Wxh[0]) and np.allclose(equal.Whh, equal.Whh[0, 0])
    assert np.allclose(equal.Why, equal.Why[:, :1]) and np.allclose(equal.bh, equal.bh[0])


def test_03_a_wrong_forward_pass_can_start_with_the_same_loss():
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 42, 25)
    for wrong in (np.zeros((25, 42)), 0.001 * rng.normal(size=(25, 42))):
        assert np.isclose(cross_entropy(wrong, targets), 25 * np.log(42), atol=0.05)


def test_05_adagrads_factor_cancels():
    from rnn_helpers.adagrad import Adagrad

    pair = Parameters(*(np.zeros(2) for _ in range(5)))
    optimizer = Adagrad(pair, 0.1)
    for n in range(20):
        g = np.array([100.0, 1.0]) * np.cos(n)
        optimizer.step(Parameters(*(g.copy() for _ in range(5))))
    assert np.allclose(pair.bh[0], pair.bh[1], rtol=1e-6)


def test_06_the_story_never_says_what_the_circle_says():
    from rnn_helpers.corpora import load_text

    assert "a looked at the cage was" not in load_text("story")


def test_07_a_slope_left_out_turns_the_gradient_and_leaves_the_output_right():
    from conftest import large_weights

    from rnn_helpers.bptt import loss_and_gradients
    from rnn_helpers.bugs import broken

    setting = large_weights()
    right = loss_and_gradients(*setting)[1]
    wrong = broken("slope of tanh left out").loss_and_gradients(*setting)[1]
    assert np.allclose(right.Why, wrong.Why) and np.allclose(right.by, wrong.by)
    for a, b in ((right.Wxh, wrong.Wxh), (right.Whh, wrong.Whh), (right.bh, wrong.bh)):
        assert (a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b) < 0.97


def test_08_central_differences_in_float32_show_a_right_gradient_as_wrong_by_a_thousandth():
    from conftest import large_weights

    from rnn_helpers.bptt import loss_and_gradients
    from rnn_helpers.forward_pass import forward

    parameters, inputs, targets, h0 = large_weights()

    def worst(dtype, eps):
        p = Parameters(*(w.astype(dtype) for w in parameters))
        exact, h = (
            loss_and_gradients(p, inputs, targets, h0.astype(dtype))[1].Whh,
            h0.astype(dtype),
        )
        estimate = np.zeros_like(exact)
        for index in np.ndindex(*exact.shape):
            losses = []
            for sign in (1, -1):
                p.Whh[index] += dtype(sign * eps)
                losses.append(dtype(cross_entropy(forward(p, inputs, h)[1], targets)))
                p.Whh[index] -= dtype(sign * eps)
            estimate[index] = (losses[0] - losses[1]) / dtype(2 * eps)
        return np.abs(estimate - exact).max() / np.abs(exact).max()

    assert min(worst(np.float32, eps) for eps in (1e-1, 1e-2, 1e-3, 1e-4)) > 1e-4
    assert worst(np.float32, 1e-3) > 3e-4 and worst(np.float64, 1e-5) < 1e-6


def test_08_adam_without_its_corrections_starts_with_steps_that_are_too_long():
    one = Parameters(*(np.zeros(1) for _ in range(5)))
    Adam(one, 0.1).step(Parameters(*(np.ones(1) for _ in range(5))))
    assert np.isclose(one.bh[0], -0.1)  # with them: the rate
    mean, square = 0.1 * 1.0, 0.001 * 1.0
    assert np.isclose(0.1 * mean / np.sqrt(square) / 0.1, 3.16, atol=0.01)
    assert 1 - 0.999**5000 > 0.99


def test_09_a_text_that_costs_less_than_the_rate_is_no_proof_and_forgetting_hides_in_the_mean():
    from rnn_helpers.languages import EMBEDDED_REBER, EVEN_RUNS, Language

    rows = [(i, c, i + 1, 1 / 2) for c in "ab" for i in range(3)]
    one = Language([*rows, *((3, c, 0, 1 / 4) for c in "abcd")])  # 0, 1 and 2 are its A
    assert one.unifilar and np.isclose(one.entropy_rate, 1.25)
    prices = [EVEN_RUNS.bits(EVEN_RUNS.sample(2000, np.random.default_rng(seed))[0]) / 2000
              for seed in range(200)]  # fmt: skip
    assert 0.4 < np.mean(np.array(prices) < 2 / 3) < 0.6
    long = EMBEDDED_REBER(0.97)
    repeated = sum(share for state, share in zip(long.states, long.stationary)
                   if isinstance(state, tuple) and state[1] == "repeat")  # fmt: skip
    assert 0.015 < repeated < 0.02


def test_10_a_message_reaches_the_matrices_before_a_bias_and_a_slope_spoils_both():
    from rnn_helpers.bugs import broken
    from rnn_helpers.lstm import gates, init_lstm, lstm_loss_and_gradients

    rng = np.random.default_rng(0)
    setting = init_lstm(5, 4, rng, scale=0.5), *rng.integers(0, 5, (2, 6)), rng.normal(size=8)
    right = lstm_loss_and_gradients(*setting)[1]

    def wrong(bug):
        found = broken(bug).lstm_loss_and_gradients(*setting)[1]
        pairs = {name: zip(*(gates(getattr(g, name).T) for g in (found, right)))
                 for name in ("Wxh", "Whh", "bh")}  # fmt: skip
        return {name: [gate for gate, (a, b) in zip("ifog", its) if not np.allclose(a, b)]
                for name, its in pairs.items()}  # fmt: skip

    in_a_bias = "gradient of the forget gate put into the bias of the input gate"
    assert wrong(in_a_bias) == {"Wxh": [], "Whh": [], "bh": ["i"]}
    in_a_slope = wrong("slope of the forget gate left out")
    assert all("f" in its for its in in_a_slope.values())


# The text forms, and errors.


@every_quiz
def test_the_questions_do_not_give_the_answers(number):
    text = questions_text(QUIZ[number])
    assert all(len(line) <= 76 for line in text.splitlines())
    flat = " ".join(text.split())
    for question in QUIZ[number]:
        assert question.ask in flat
        assert all(option.text in flat for option in question.options)
        assert not any(option.why in flat for option in question.options)


@every_quiz
def test_the_answers_give_all_reasons(number):
    text = answers_text(QUIZ[number])
    flat = " ".join(text.split())
    for n, question in enumerate(QUIZ[number], start=1):
        for place, (letter, option) in enumerate(zip(LETTERS, question.options)):
            verdict = "right" if place == question.right else "wrong"
            assert f"{n}. {letter}) {verdict}: {option.why}" in flat


@pytest.mark.parametrize("wrong", ["3", 3, "99", "", "../quiz/03"])
def test_a_chapter_without_a_quiz_is_refused(wrong):
    with pytest.raises(ValueError, match=r"no quiz for chapter .*there are: 01, 02, .*quiz\("):
        load_quiz(wrong)


# In the chapters.


WITH_QUIZ = [path for path in CHAPTERS if path.name[:2] in QUIZ]


@pytest.mark.parametrize("path", WITH_QUIZ, ids=lambda p: p.stem)
def test_a_quiz_follows_the_heading_of_the_exercises(path):
    cells, number = cells_of(path), path.name[:2]
    (place,) = (i for i, c in enumerate(cells) if c.source.startswith("## Check yourself"))
    cell = cells[place + 1]
    assert cell.source == f'from rnn_helpers.widgets import quiz\n\nquiz("{number}")'
    (output,) = cell.outputs
    assert output.data["text/plain"] == questions_text(QUIZ[number])
