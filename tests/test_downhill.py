"""The slice through the loss, and the paths of the optimizers on it."""

import numpy as np
import pytest

from rnn_helpers.adagrad import Adagrad
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.corpora import load_text
from rnn_helpers.downhill import CLIPS, OPTIMIZERS, Slice, rises
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters


@pytest.fixture(scope="module")
def plane():
    return Slice()


def test_it_starts_at_the_fresh_network_of_chapter_05(plane):
    poem = load_text("poem")
    vocabulary = Vocabulary.from_text(poem)
    ids = vocabulary.encode(poem)
    fresh = init_parameters(len(vocabulary), 64, np.random.default_rng(0))
    loss, gradients, _ = loss_and_gradients(fresh, ids[:25], ids[1:26], np.zeros(64))
    assert plane.loss(0, 0) == pytest.approx(loss) == pytest.approx(93.44, abs=0.005)
    _, slope = plane.slope(0, 0)
    assert slope.frequencies == pytest.approx(-np.linalg.norm(gradients.by))
    assert slope.order == pytest.approx(-0.252, abs=5e-4)


def test_the_directions_have_length_1_and_share_no_weight(plane):
    assert np.linalg.norm(plane.bias) == pytest.approx(1)
    assert sum((d**2).sum() for d in plane.others) == pytest.approx(1)
    assert not plane.others.by.any()
    assert plane.loss(6, plane.distance) < 1  # the window is known by heart there


def test_the_second_direction_leads_to_the_network_after_150_steps_of_adagrad(plane):
    parameters, h0 = plane.fresh._make(array.copy() for array in plane.fresh), np.zeros(64)
    optimizer = Adagrad(parameters, 0.03)
    for _ in range(150):
        optimizer.step(loss_and_gradients(parameters, plane.inputs, plane.targets, h0)[1])
    there = plane.at(0, plane.distance)
    for learnt, array in zip(parameters[:-1], there):
        np.testing.assert_allclose(array, learnt)
    np.testing.assert_array_equal(there.by, plane.fresh.by)


@pytest.mark.parametrize("place", [(0, 0), (5, 3), (-2, 9), (14, 1)])
def test_the_slope_is_that_of_the_loss(plane, place):
    (a, b), eps = place, 1e-5
    loss, slope = plane.slope(a, b)
    assert loss == pytest.approx(plane.loss(a, b))
    across = (plane.loss(a + eps, b) - plane.loss(a - eps, b)) / (2 * eps)
    along = (plane.loss(a, b + eps) - plane.loss(a, b - eps)) / (2 * eps)
    assert slope == pytest.approx((across, along), rel=1e-5, abs=1e-6)


def test_the_first_steps_are_those_of_the_equations(plane):
    _, slope = plane.slope(0, 0)
    sgd = plane.path("SGD", 0.5, steps=1)[0]
    np.testing.assert_allclose(sgd, [[0, 0], -0.5 * np.array(slope)])
    for name in ("Adagrad", "Adam"):
        np.testing.assert_allclose(plane.path(name, 0.5, steps=1)[0][1], [0.5, 0.5], rtol=1e-6)
    by_value, by_norm = (plane.path("SGD", 1, clip=c, steps=1)[0][1] for c in ("value", "norm"))
    np.testing.assert_allclose(by_value, [5, -slope.order])  # the limit of chapter 05
    assert np.linalg.norm(by_norm) == pytest.approx(5)
    assert by_norm[0] / by_norm[1] == pytest.approx(slope.frequencies / slope.order)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("clip", CLIPS)
def test_the_losses_of_a_path_are_those_of_its_places(plane, name, clip):
    places, losses = plane.path(name, 1.0, clip=clip, steps=8)
    assert len(places) == len(losses) == 9
    np.testing.assert_allclose([plane.loss(*p) for p in places], losses)
    assert len(np.unique(places, axis=0)) == 9


def test_sgd_leaps_across_the_valley_at_rate_3_and_not_at_2(plane):
    for clip in CLIPS:
        assert rises(plane.path("SGD", 2.0, clip=clip)[1]) == []
        places, losses = plane.path("SGD", 3.0, clip=clip)
        assert rises(losses) == [1] and places[1, 0] > 12  # the floor is near 6
    for name in ("Adagrad", "Adam"):
        losses = plane.path(name, 3.0)[1]
        assert rises(losses) == [] and len(losses) == 31


def test_what_the_chapter_says_of_rate_01(plane):
    places = {name: plane.path(name, 0.1)[0] for name in OPTIMIZERS}
    early = places["SGD"][10]
    assert early[0] > 8 * early[1]
    for name in ("Adagrad", "Adam"):
        assert 0.5 < places[name][10, 0] / places[name][10, 1] < 1.2
    floor = min(np.linspace(0, 12, 121), key=lambda a: plane.loss(a, 3))
    crawling = places["SGD"][np.abs(places["SGD"][:, 1] - 3).argmin()]
    assert abs(crawling[0] - floor) < 0.5


def test_a_path_that_is_lost_ends_early(plane):
    places, losses = plane.path("SGD", 500.0, steps=30)
    assert len(places) == len(losses) == 2 and np.isfinite(losses).all()


def test_a_clip_of_another_name_is_refused(plane):
    with pytest.raises(ValueError, match="one of off, value, norm, not 'hard'"):
        plane.path("SGD", 1.0, clip="hard")


def test_the_grid_is_the_loss(plane):
    grid = plane.grid([0, 5], [1, 2, 3])
    assert grid.shape == (3, 2) and grid[2, 1] == plane.loss(5, 3)


def test_rises():
    assert rises([3, 2, 4, 4, 5, 1]) == [2, 4] and rises([1]) == []
