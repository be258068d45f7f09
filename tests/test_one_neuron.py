"""One neuron: its states, its fixed points, and what it is said to do."""

import numpy as np
import pytest

from rnn_helpers.forward_pass import Parameters, forward
from rnn_helpers.one_neuron import (
    behaviour,
    half_life,
    rests,
    states_of,
    steps_to_switch,
    swing,
)

GRID = [(u, c) for u in np.arange(-4, 4.01, 0.25) for c in np.arange(-3, 3.01, 0.3)]


def settled(u, c, h, steps=3000):
    return states_of(np.zeros(steps), 0, u, c, h)[-1]


def test_the_states_are_those_of_the_network():
    x = [1, 0, 1, 1, 0]
    states = states_of(x, 1.3, -0.7, 0.2, h=0.5)
    parameters = Parameters(
        np.array([[0.0, 1.3]]), np.array([[-0.7]]), np.zeros((2, 1)), np.array([0.2]), np.zeros(2)
    )
    hidden, _ = forward(parameters, x, np.array([0.5]))
    np.testing.assert_allclose(states, hidden[:, 0])


@pytest.mark.parametrize("u, c", GRID)
def test_no_fixed_point_is_missed_and_none_is_made_up(u, c):
    found = rests(u, c)
    h = np.linspace(-1, 1, 20_001)
    signs = np.sign(np.tanh(u * h + c) - h)
    crossings = np.count_nonzero(np.diff(signs[signs != 0]))
    assert len(found) == crossings
    for rest in found:
        assert np.tanh(u * rest.h + c) == pytest.approx(rest.h, abs=1e-9)
        eps = 1e-5
        slope = (np.tanh(u * (rest.h + eps) + c) - np.tanh(u * (rest.h - eps) + c)) / (2 * eps)
        assert rest.slope == pytest.approx(slope, abs=1e-6)
    assert [r.h for r in found] == sorted(r.h for r in found)


@pytest.mark.parametrize("u, c", GRID)
def test_stable_is_where_states_nearby_come_back(u, c):
    for rest in rests(u, c):
        if abs(abs(rest.slope) - 1) > 0.05:
            ends = [settled(u, c, rest.h + d) for d in (-1e-3, 1e-3)]
            assert all(abs(h - rest.h) < 1e-6 for h in ends) == rest.stable


@pytest.mark.parametrize("u, c", GRID)
def test_it_swings_exactly_where_it_never_settles(u, c):
    rest = rests(u, c)[0]
    if abs(abs(rest.slope) - 1) < 0.05:
        return  # too slow to be told apart
    h = states_of(np.zeros(3001), 0, u, c, rest.h + 0.01)
    apart = abs(h[-1] - h[-2])
    ends = swing(u, c)
    assert (ends is not None) == (apart > 1e-6)
    if ends:
        assert ends == pytest.approx(sorted(h[-2:]), abs=1e-6)


def test_the_settings_of_chapter_02():
    assert [behaviour(1, u, 0) for u in (0.5, 0.9, 1.5, 3, -1.5)] == [
        "forgets", "forgets", "switches", "holds", "oscillates"
    ]  # fmt: skip
    assert behaviour(3, 3, 0) == "switches" and behaviour(0, 1.5, 0) == "holds"
    assert [round(r.h, 2) for r in rests(1.5)] == [-0.86, 0, 0.86]
    assert [steps_to_switch(w, 1.5, 0, -1) for w in (1, 2)] == [2, 1]
    (rest,) = rests(-1.5)  # it swings about one fixed point, a hollow one
    assert not rest.stable


@pytest.mark.parametrize("u", [1, -1])
def test_a_rest_at_the_edge_is_stable_for_states_come_back_ever_more_slowly(u):
    (rest,) = rests(u)
    assert rest.slope == pytest.approx(u) and rest.stable and swing(u) is None
    ends = np.abs(states_of(np.zeros(3000), 0, u, h=0.5)[[0, 300, -1]])
    assert ends[0] > 4 * ends[1] > 8 * ends[2] > 0


def test_it_starts_from_zero_and_has_no_bias_unless_told():
    np.testing.assert_allclose(states_of([1, 0], 2, 0.5), [0, np.tanh(2), np.tanh(np.tanh(2) / 2)])
    low, high = swing(-2)
    assert low == pytest.approx(-high) and np.tanh(-2 * low) == pytest.approx(high)


def test_what_comes_to_rest_slowly_does_not_swing():
    u = -1.2
    h = np.sqrt(1 - 0.999 / 1.2)  # where the slope is -0.999
    c = np.arctanh(h) - u * h
    assert rests(u, c)[0].slope == pytest.approx(-0.999) and swing(u, c) is None


def test_where_two_fixed_points_meet_one_is_not_found_twice():
    for u in np.arange(1.05, 4, 0.02):
        h = np.sqrt(1 - 1 / u)
        for c in (np.arctanh(h) - u * h, u * h - np.arctanh(h)):  # it touches there
            found = [rest.h for rest in rests(u, c)]
            assert 1 <= len(found) <= 3 and (np.diff(found) > 1e-9).all()


def test_one_way_alone_is_not_switching():
    assert steps_to_switch(1, 1.5, 0.1, 1) and steps_to_switch(1, 1.5, 0.1, -1)
    assert steps_to_switch(1, 2, -0.5, 1) is None and steps_to_switch(1, 2, -0.5, -1) == 1
    assert behaviour(1, 2, -0.5) == behaviour(1, 2, 0.5) == "holds"


@pytest.mark.parametrize("w", [1, -1, 2])
@pytest.mark.parametrize("x", [1, -1, 0.5])
def test_a_switch_needs_just_so_many_steps(w, x):
    n = steps_to_switch(w, 1.5, 0, x)
    start = -0.86 if w * x > 0 else 0.86
    for steps, over in ((n - 1, False), (n, True)):
        h = states_of([x] * steps + [0] * 200, w, 1.5, 0, start)[-1]
        assert (h * start < 0) == over


def test_half_of_a_small_difference_is_left_after_the_half_life():
    rest = rests(0.8, 0.3)[0]
    steps = 6
    h = states_of(np.zeros(steps), 0, 0.8, 0.3, rest.h + 1e-4)
    assert (h[-1] - rest.h) / 1e-4 == pytest.approx(
        0.5 ** (steps / half_life(rest.slope)), rel=0.01
    )
    assert half_life(1) == half_life(-1.2) == np.inf and half_life(0) == 0
