from typing import NamedTuple

import numpy as np
import pytest
from conftest import large_weights

from rnn_helpers import cells
from rnn_helpers.cells import zero_state
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax
from rnn_helpers.sampling import (
    draw,
    forward_step,
    keep_top,
    next_character_probabilities,
    sample,
    stepper,
    weigh,
)

PARAMETERS, _, _, H0 = large_weights(seed=1)
VOCABULARY = Vocabulary("abcdefg")


class Averaging(NamedTuple):
    """Another cell: its state has two parts, what it read last and a running mean of that."""

    table: np.ndarray  # (V, K)
    Why: np.ndarray  # (V, 2 K)
    by: np.ndarray  # (V,)


def averaging_forward(parameters, inputs, h0):
    hidden = [h0]
    for read in parameters.table[inputs]:
        mean = hidden[-1][..., read.shape[-1] :]
        hidden.append(np.concatenate([read, 0.9 * mean + 0.1 * read], axis=-1))
    hidden = np.array(hidden)
    return hidden, hidden[1:] @ parameters.Why.T + parameters.by


def averaging_network():
    rng = np.random.default_rng(2)
    return Averaging(rng.normal(size=(7, 4)), rng.normal(size=(7, 8)), rng.normal(size=7))


@pytest.fixture
def averaging(monkeypatch):
    monkeypatch.setattr(cells, "CELLS", dict(cells.CELLS))
    cells.register_cell(
        Averaging, forward=averaging_forward, state_size=lambda p: 2 * p.table.shape[1]
    )
    return averaging_network()


def unigram(p):
    """A network that gives these probabilities after every character."""
    zeros = large_weights(V=len(p))[0]
    zeros = zeros._replace(Why=0 * zeros.Why)
    return zeros._replace(by=np.log(p)), Vocabulary("abcdefghij"[: len(p)])


def shares(p, n=4000, prompt="a", **settings):
    """How often each character comes if it should with these probabilities."""
    network, vocabulary = unigram(p)
    text = sample(network, vocabulary, prompt, n, rng=np.random.default_rng(0), **settings)
    text = text if isinstance(text, str) else "".join(text)
    return np.bincount(vocabulary.encode(text), minlength=len(p)) / len(text)


def write(prompt="ab", length=50, seed=0, **more):
    rng = np.random.default_rng(seed)
    return sample(PARAMETERS, VOCABULARY, prompt, length, rng=rng, **more)


def test_one_step_is_forward_and_softmax():
    p, h = next_character_probabilities(PARAMETERS, H0, 3, 0.7)
    hidden, logits = forward(PARAMETERS, np.array([3]), H0)
    assert np.array_equal(h, hidden[1]) and np.allclose(p, softmax(logits[0] / 0.7))
    usual, _ = next_character_probabilities(PARAMETERS, H0, 3)
    assert np.allclose(usual, softmax(logits[0]))


def test_text_has_the_length_and_the_seed_decides():
    assert len(write(length=50)) == 50 and write(length=0) == ""
    assert write(seed=0) == write(seed=0) != write(seed=1)


def test_the_whole_prompt_is_read():
    assert any(write("ab", seed=s) != write("gb", seed=s) for s in range(20))
    h = np.zeros(6)
    for id in VOCABULARY.encode("a"):
        _, h = next_character_probabilities(PARAMETERS, h, id, 1.0)
    assert write("ab") == write("b", h0=h)


def test_temperature_zero_is_argmax_and_ignores_the_seed():
    text = write(temperature=0)
    assert text == sample(PARAMETERS, VOCABULARY, "ab", 50, temperature=0, rng=None)
    hidden, logits = forward(PARAMETERS, VOCABULARY.encode("ab"), np.zeros(6))
    assert text[0] == VOCABULARY.decode([logits[-1].argmax()])


def by_hand(parameters, prompt, length, rng, temperature):
    """What `sample` does, one `next_character_probabilities` and one `rng.choice` at a time."""
    h = zero_state(parameters)
    for id in VOCABULARY.encode(prompt):
        p, h = next_character_probabilities(parameters, h, id, temperature)
    written = []
    for _ in range(length):
        written.append(rng.choice(len(p), p=p))
        p, h = next_character_probabilities(parameters, h, written[-1], temperature)
    return VOCABULARY.decode(written)


@pytest.mark.parametrize("temperature", [0.3, 1, 2.5])
def test_it_is_a_step_and_a_choice_again_and_again(temperature, averaging):
    for network in (PARAMETERS, averaging):
        text = sample(
            network, VOCABULARY, "ab", 300, temperature=temperature, rng=np.random.default_rng(3)
        )
        assert text == by_hand(network, "ab", 300, np.random.default_rng(3), temperature)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("B", [None, 1, 4])
def test_the_prepared_step_is_one_step_of_forward(dtype, B):
    parameters, inputs, _, h = large_weights(V=40, H=30, B=B, seed=7)
    parameters, h = parameters._make(a.astype(dtype) for a in parameters), h.astype(dtype)
    step = stepper(parameters)
    for id in inputs:
        logits, after = step(id, h)
        expected_logits, h = forward_step(parameters, id, h)
        assert logits.dtype == after.dtype == dtype
        assert np.allclose(after, h, rtol=100 * np.finfo(dtype).eps)
        assert np.allclose(logits, expected_logits, atol=100 * np.finfo(dtype).eps)


def test_another_cell_writes_through_its_forward_or_with_a_step_of_its_own(averaging):
    def write(prompt):
        rng = np.random.default_rng(1)
        return sample(averaging, VOCABULARY, prompt, 40, rng=rng, temperature=0.5)

    slowly, together = write("ab"), write(["ab", "cd"])
    assert len(slowly) == len(together[1]) == 40 and len(set(slowly)) > 1
    asked = []

    def own(parameters):
        asked.append(parameters)
        return lambda id, h: forward_step(parameters, id, h)

    cells.register_cell(Averaging, **cells.CELLS[Averaging], stepper=own)
    assert write("ab") == slowly and asked == [averaging]


def test_characters_come_as_often_as_they_are_likely():
    p, _ = next_character_probabilities(PARAMETERS, np.zeros(6), 2, 1.0)
    rng = np.random.default_rng(0)
    drawn = [sample(PARAMETERS, VOCABULARY, "c", 1, rng=rng) for _ in range(4000)]
    share = np.bincount(VOCABULARY.encode("".join(drawn)), minlength=7) / 4000
    assert np.abs(share - p).max() < 5 * np.sqrt(0.25 / 4000)  # five standard errors


def test_draws_are_those_of_choice():
    p = np.random.default_rng(3).dirichlet(np.full(40, 0.3), 500)
    one, other = np.random.default_rng(4), np.random.default_rng(4)
    assert [draw(row, one) for row in p] == [other.choice(40, p=row) for row in p]
    assert draw(p, one).tolist() == [other.choice(40, p=row) for row in p]
    by_twenties = draw(p.reshape(20, 25, 40), one)
    assert by_twenties.tolist() == draw(p, other).reshape(20, 25).tolist()


def test_weights_are_probabilities_but_for_a_factor():
    logits = np.random.default_rng(0).normal(0, 5, (30, 9))
    for temperature in (0.01, 0.5, 1, 2, 3):
        weights = weigh(logits, temperature)
        p = weights / weights.sum(axis=-1, keepdims=True)
        assert np.allclose(p, softmax(logits, temperature), rtol=1e-12)
        one, other = np.random.default_rng(4), np.random.default_rng(4)
        assert draw(weights, one).tolist() == draw(p, other).tolist()
    assert weigh(np.float32([1e4, 0]), 1e-3).tolist() == [1, 0]  # no overflow, no NaN


def near(p, q):
    return np.abs(np.subtract(p, q)).max() < 5 * np.sqrt(0.25 / 4000)  # five standard errors


def test_top_k_keeps_the_most_probable():
    p = [0.1, 0.4, 0.2, 0.3]
    assert near(shares(p), p)
    assert near(shares(p, top_k=2), [0, 4 / 7, 0, 3 / 7]) and shares(p, top_k=2)[2] == 0
    assert shares(p, top_k=1)[1] == 1
    assert near(shares(p, prompt=["a"] * 4, n=1000, top_k=3), [0, 4 / 9, 2 / 9, 3 / 9])


def test_top_p_keeps_the_smallest_set_that_reaches_p():
    p = [0.1, 0.4, 0.2, 0.3]
    for top_p, kept in (
        (0.01, [1]), (0.4, [1]), (0.41, [1, 3]), (0.7, [1, 3]), (0.71, [1, 2, 3]),
        (0.9, [1, 2, 3]), (0.91, [0, 1, 2, 3]), (1, [0, 1, 2, 3]),
    ):  # fmt: skip
        came = shares(p, top_p=top_p)
        expected = np.where(np.isin(range(4), kept), p, 0)
        assert near(came, expected / expected.sum()) and set(np.flatnonzero(came)) == set(kept)
    together = shares(p, prompt=["a"] * 4, n=1000, top_p=0.5)
    assert set(np.flatnonzero(together)) == {1, 3}


def test_of_equally_probable_characters_the_lower_ids_stay():
    for settings, kept in (
        ({"top_k": 2}, {0, 1}), ({"top_k": 5}, {0, 1, 2, 3, 4}), ({"top_p": 0.5}, {0, 1, 2, 3}),
        ({"top_p": 0.51}, {0, 1, 2, 3, 4}), ({"top_k": 5, "top_p": 0.2}, {0, 1}),
        ({"top_k": 1, "top_p": 0.9}, {0}),
    ):  # fmt: skip
        assert set(np.flatnonzero(shares([1 / 8] * 8, **settings))) == kept, settings

    odd_first = keep_top(weigh(np.arange(300) % 2, 1), 100, None)
    assert np.flatnonzero(odd_first).tolist() == list(range(1, 200, 2))


def test_a_sum_that_reaches_p_but_for_rounding_reaches_it():
    for row in np.random.default_rng(0).multinomial(100, [0.1] * 10, 300):
        ranked = np.sort(row[row > 0])[::-1]
        for kept in range(1, len(ranked)):
            p = ranked[:kept].sum() / 100
            weights = keep_top(weigh(np.log(ranked / 100), 1), None, p)
            assert np.count_nonzero(weights) == kept


def test_top_k_and_top_p_come_after_the_temperature():
    p = np.array([0.1, 0.4, 0.2, 0.3])  # squared, and divided by their sum: 1, 16, 4, 9 of 30
    cold = {"temperature": 0.5}
    assert set(np.flatnonzero(shares(p, top_p=0.8, **cold))) == {1, 3}
    assert set(np.flatnonzero(shares(p, top_p=0.8))) == {1, 2, 3}
    assert near(shares(p, top_k=2, **cold), [0, 16 / 25, 0, 9 / 25])


def test_limits_that_leave_all_characters_in_change_nothing():
    free = write(length=200)
    assert write(length=200, top_k=7) == write(length=200, top_k=99) == free
    assert write(length=200, top_p=1) == write(length=200, top_p=1.0, top_k=7) == free
    assert write(temperature=0, top_k=2, top_p=0.1) == write(temperature=0)
    assert write(top_k=1) == write(top_p=1e-320) == write(temperature=0)
    assert write(temperature=1e-320) == write(temperature=0)


class Always:
    """A generator whose every number is the same."""

    def __init__(self, number):
        self.number = number

    def random(self, shape=()):
        return np.full(shape, self.number)


@pytest.mark.parametrize("number, drawn", [(0, 1), (0.25, 2), (0.75, 4), (1 - 2**-53, 4)])
def test_a_point_on_a_border_belongs_to_the_next_and_what_is_impossible_never_comes(number, drawn):
    weights = np.array([0, 1, 2, 0, 1, 0])
    assert draw(weights, Always(number)) == drawn
    assert draw(np.array([weights, 3 * weights]), Always(number)).tolist() == [drawn, drawn]


def test_several_texts_side_by_side():
    together = write(["ab", "gb", "ab"], temperature=0)
    assert together == [write("ab", temperature=0), write("gb", temperature=0), together[0]]
    drawn = write(["ab", "ab"])
    assert [len(text) for text in drawn] == [50, 50] and drawn[0] != drawn[1]
    assert write(["ab", "cd"], length=0) == ["", ""]


def test_float32_models_can_be_drawn_from():
    single = type(PARAMETERS)(*(a.astype(np.float32) for a in PARAMETERS))
    rng = np.random.default_rng(0)
    assert len(sample(single, VOCABULARY, "a", 300, rng=rng)) == 300


@pytest.mark.parametrize(
    "change, message",
    [
        ({"prompt": ""}, "prompt is empty"),
        ({"prompt": "ax"}, "'x' at position 1"),
        ({"prompt": []}, "prompt is empty"),
        ({"prompt": ["a", ""]}, "prompt is empty"),
        ({"prompt": ["a", "ab"]}, "same length, not .1, 2."),
        ({"length": -1}, "length must be a whole number, 0 or more, not -1"),
        ({"temperature": -0.5}, "temperature must be 0 or more, not -0.5"),
        ({"temperature": np.nan}, "temperature must be 0 or more, not nan"),
        ({"top_k": 0}, "top_k must be a whole number, 1 or more, not 0"),
        ({"top_k": -3}, "top_k must be a whole number"),
        ({"top_k": 2.5}, "top_k must be a whole number, 1 or more, not 2.5"),
        ({"top_p": 0}, "top_p must be above 0 and at most 1, not 0"),
        ({"top_p": 1.01}, "top_p"),
        ({"top_p": -0.2}, "top_p"),
        ({"top_p": np.nan}, "top_p"),
        ({"h0": np.full(6, np.nan)}, "h0 holds infinity or NaN"),
        ({"h0": np.array([0, 0, np.inf, 0, 0, 0])}, "h0 holds infinity or NaN"),
        ({"h0": np.zeros(5)}, r"h0 must have the shape \(6,\), not \(5,\)"),
        ({"h0": np.zeros((1, 6))}, r"not \(1, 6\)"),
        ({"h0": 0.0}, r"not \(\)"),
        ({"prompt": ["a", "b"], "h0": np.zeros(6)}, r"h0 must have the shape \(2, 6\)"),
    ],
)
def test_what_cannot_be_done_is_said(change, message):
    with pytest.raises(ValueError, match=message):
        write(**change)


@pytest.mark.parametrize("temperature", [1e-300, 0.5, np.inf])
@pytest.mark.parametrize("rng", [None, 3, np.random, np.random.RandomState(0)])
def test_draws_need_a_generator(temperature, rng):
    with pytest.raises(TypeError, match="rng must come from np.random.default_rng"):
        sample(PARAMETERS, VOCABULARY, "a", 5, temperature=temperature, rng=rng)
    assert len(sample(PARAMETERS, VOCABULARY, "a", 5, temperature=0, rng=rng)) == 5


@pytest.mark.parametrize("vocabulary", ["abcdefg", None, list("abcdefg"), PARAMETERS])
def test_what_is_no_vocabulary_is_named(vocabulary):
    with pytest.raises(TypeError, match="must be a Vocabulary, not (str|NoneType|list|Param)"):
        sample(PARAMETERS, vocabulary, "a", 5, rng=np.random.default_rng(0))


def test_a_state_of_another_precision_is_converted(averaging):
    precisions = []

    def recording(parameters):
        def step(id, h):
            precisions.append(h.dtype)
            return forward_step(parameters, id, h)

        return step

    cells.register_cell(Averaging, **cells.CELLS[Averaging], stepper=recording)
    single = averaging._make(a.astype(np.float32) for a in averaging)
    for h in (np.ones(8), [1] * 8, np.ones(8, np.float16)):
        sample(single, VOCABULARY, "a", 3, rng=np.random.default_rng(0), h0=h)
    assert set(precisions) == {np.dtype(np.float32)}


def test_a_foreign_vocabulary_is_noticed():
    for foreign in ("abc", "abcdefgh"):
        with pytest.raises(ValueError, match="knows 7 characters"):
            sample(PARAMETERS, Vocabulary(foreign), "a", 0, rng=None)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_write_nothing(value):
    broken = PARAMETERS._replace(Whh=PARAMETERS.Whh * value)
    with pytest.raises(ValueError, match="did the training diverge"):
        sample(broken, VOCABULARY, "a", 5, rng=np.random.default_rng(0))


@pytest.mark.parametrize("top", [{"top_k": 2}, {"top_p": 0.5}, {"top_k": 3, "top_p": 0.9}])
@pytest.mark.parametrize("temperature", [0, 0.5, 1.0])
def test_next_character_probabilities_of_the_top(top, temperature):
    parameters, *_, h0 = large_weights()
    p, _ = next_character_probabilities(parameters, h0, 3, temperature)
    kept, _ = next_character_probabilities(parameters, h0, 3, temperature, **top)
    assert np.isclose(kept.sum(), 1) and (kept[p < p[kept > 0].min()] == 0).all()
    assert np.allclose(kept[kept > 0], p[kept > 0] / p[kept > 0].sum())
    if temperature and "top_p" not in top:
        assert np.count_nonzero(kept) == top["top_k"]
    with pytest.raises(ValueError, match="top_k"):
        next_character_probabilities(parameters, h0, 3, temperature, top_k=0)


@pytest.mark.parametrize("top_k, top_p", [(2, None), (None, 0.6), (3, 0.8)])
def test_rows_of_a_batch_keep_their_own_top(top_k, top_p):
    weights = np.random.default_rng(0).exponential(size=(4, 6))
    together = keep_top(weights, top_k, top_p)
    for row, kept in zip(weights, together):
        assert np.allclose(keep_top(row, top_k, top_p), kept)
    assert np.allclose(together.sum(axis=1), 1)
