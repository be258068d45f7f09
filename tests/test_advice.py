"""Surprise, p − onehot, and steps along it."""

import numpy as np
import pytest

from rnn_helpers.advice import advise, descend
from rnn_helpers.loss import cross_entropy


def test_the_example_of_chapter_03():
    advice = advise([2, 1, 0], 2)
    np.testing.assert_allclose(advice.p, [0.6652, 0.2447, 0.0900], atol=5e-5)
    np.testing.assert_allclose(advice.gradient, [0.6652, 0.2447, -0.9100], atol=5e-5)
    assert advice.surprise == pytest.approx(-np.log(advice.p[2]))


@pytest.mark.parametrize("target", range(4))
def test_the_advice_is_the_slope_of_the_surprise(target):
    scores, eps = np.array([1.5, -2.0, 0.3, 4.0]), 1e-6
    for i, entry in enumerate(advise(scores, target).gradient):
        move = eps * (np.arange(4) == i)
        up, down = (cross_entropy([scores + s * move], [target]) for s in (1, -1))
        assert entry == pytest.approx((up - down) / (2 * eps), abs=1e-8)


def test_only_differences_count():
    one, other = advise([2, 1, 0], 1), advise([102, 101, 100], 1)
    np.testing.assert_allclose(one.p, other.p)
    assert one.surprise == pytest.approx(other.surprise)


def test_each_step_lowers_the_surprise_by_less():
    trail = descend([2, 1, 0], 2, 6)
    assert len(trail) == 7 and trail[0] == pytest.approx(2.4076, abs=1e-4)
    scores = np.array([2, 1, 0]) - advise([2, 1, 0], 2).gradient
    assert trail[1] == pytest.approx(cross_entropy([scores], [2]))
    falls = -np.diff(trail)
    assert (falls > 0).all() and (np.diff(falls) < 0).all()


def test_the_scores_that_are_given_stay_as_they_are():
    scores = np.array([2.0, 1.0, 0.0])
    descend(scores, 2, 3)
    advise(scores, 2)
    assert scores.tolist() == [2, 1, 0]
