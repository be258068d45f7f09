import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_helpers import loss

scores = st.lists(st.floats(-1e308, 1e308), min_size=1, max_size=8).map(np.array)


@given(scores, st.floats(1e-300, 1e300))
def test_softmax_gives_probabilities_at_any_score_and_temperature(logits, temperature):
    p = loss.softmax(logits, temperature)
    assert np.isfinite(p).all() and (p >= 0).all() and np.isclose(p.sum(), 1)


def test_softmax_works_along_the_last_axis():
    logits = np.random.default_rng(0).normal(size=(4, 3, 5))
    p = loss.softmax(logits)
    assert p.shape == logits.shape and np.allclose(p.sum(axis=-1), 1)
    assert np.allclose(p[1, 2], loss.softmax(logits[1, 2]))


def test_softmax_by_hand():
    assert np.allclose(loss.softmax([2.0, 1.0, 0.0]), [0.665, 0.245, 0.090], atol=5e-4)


def test_temperature_raises_probabilities_to_a_power():
    logits = np.array([1.0, -0.5, 0.3])
    powers = loss.softmax(logits) ** (1 / 0.7)
    assert np.allclose(loss.softmax(logits, 0.7), powers / powers.sum())


def test_temperature_zero_is_argmax():
    logits = np.array([[0.0, 2.0, 1.0], [5.0, 5.0, 0.0]])
    assert loss.softmax(logits, 0).tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("temperature", [-0.1, float("nan")])
def test_impossible_temperature(temperature):
    with pytest.raises(ValueError, match="temperature"):
        loss.softmax(np.zeros(3), temperature)


def test_knowing_nothing_costs_25_ln_42():
    value = loss.cross_entropy(np.zeros((25, 42)), np.arange(25))
    assert isinstance(value, float) and np.isclose(value, 25 * np.log(42))


def test_two_steps_by_hand():
    logits = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    exps = np.exp([2, 1, 0])
    by_hand = -np.log(exps[0] / exps.sum()) + np.log(3)
    assert np.isclose(loss.cross_entropy(logits, [0, 2]), by_hand)


@pytest.mark.parametrize("dtype", [int, np.int8, np.uint8, bool])
def test_whole_numbers_are_logits_as_well(dtype):
    logits = np.array([[0, 1, 0], [1, 0, 1]], dtype)
    floats = logits.astype(float)
    assert loss.cross_entropy(logits, [0, 1]) == loss.cross_entropy(floats, [0, 1])
    assert np.array_equal(loss.softmax(logits), loss.softmax(floats))


def test_small_whole_numbers_do_not_wrap_round():
    assert loss.softmax(np.array([-100, 100], np.int8)).round(3).tolist() == [0, 1]
    assert loss.softmax(np.array([0, 200], np.uint8)).round(3).tolist() == [0, 1]


def test_a_hopeless_target_has_a_finite_price():
    assert loss.cross_entropy(np.array([[0.0, 1000.0]]), [0]) == 1000


def test_sum_over_time_mean_over_the_batch():
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(6, 4, 5)), rng.integers(0, 5, (6, 4))
    alone = [loss.cross_entropy(logits[:, b], targets[:, b]) for b in range(4)]
    assert np.isclose(loss.cross_entropy(logits, targets), np.mean(alone))


@pytest.mark.parametrize(
    "logits, targets",
    [
        (np.zeros((3, 5)), [0, 1]),  # one target too few
        (np.zeros((3, 5)), [0, 1, 2, 3]),  # one too many
        (np.zeros((3, 2, 5)), np.zeros((3, 3), int)),  # a stream too many
        (np.zeros(5), 0),  # no axis of time
        (0.0, []),
        (np.zeros((0, 5)), np.zeros(0, int)),  # no time
        (np.zeros((3, 0, 5)), np.zeros((3, 0), int)),  # no stream
    ],
)
def test_targets_must_fit(logits, targets):
    with pytest.raises(ValueError, match="do not fit"):
        loss.cross_entropy(logits, targets)


def test_targets_must_be_in_the_vocabulary():
    with pytest.raises(ValueError, match="outside the vocabulary"):
        loss.cross_entropy(np.zeros((1, 5)), [5])
