import numpy as np
import pytest
from conftest import large_weights
from hypothesis import given
from hypothesis import strategies as st

from rnn_helpers.adagrad import SGD, Adagrad, clip_gradients
from rnn_helpers.adam import Adam
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.forward_pass import Parameters


def pack(*numbers):
    return Parameters(*(np.array([float(n)]) for n in numbers))


def test_adagrad_three_steps_by_hand():
    parameters, sum_of_squares, w = pack(1, 1, 1, 1, 1), 0.0, 1.0
    optimizer = Adagrad(parameters, 0.1)
    for g in (2.0, -1.0, 0.5):
        optimizer.step(pack(g, g, g, g, g))
        sum_of_squares += g * g
        w -= 0.1 * g / np.sqrt(sum_of_squares + 1e-8)
    assert np.allclose(np.concatenate(parameters), w, rtol=1e-12)


def test_epsilon_stands_inside_the_root_and_can_be_chosen():
    parameters = pack(0, 0, 0, 0, 0)
    Adagrad(parameters, 1.0, epsilon=3.0).step(pack(1, 1, 1, 1, 1))
    assert np.allclose(np.concatenate(parameters), -0.5)


def test_adagrad_leaves_a_weight_without_gradient_alone():
    parameters = pack(1, 2, 3, 4, 5)
    Adagrad(parameters).step(pack(0, 0, 0, 0, 0))
    assert np.concatenate(parameters).tolist() == [1, 2, 3, 4, 5]


def test_sgd_by_hand():
    parameters = pack(1, 1, 1, 1, 1)
    SGD(parameters, 0.5).step(pack(1, 2, 3, 4, 5))
    assert np.concatenate(parameters).tolist() == [0.5, 0, -0.5, -1, -1.5]


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.001), lambda p: Adagrad(p, 0.001)])
def test_a_small_step_lowers_the_loss_and_works_in_place(make):
    parameters, inputs, targets, h0 = large_weights()
    arrays = list(parameters)
    before, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)
    make(parameters).step(gradients)
    after, _, _ = loss_and_gradients(parameters, inputs, targets, h0)
    assert after < before
    assert all(a is b for a, b in zip(arrays, parameters))


@pytest.mark.parametrize("make", [SGD, Adagrad, Adam])
def test_gradients_that_do_not_fit_are_refused_and_nothing_moves(make):
    parameters, inputs, targets, h0 = large_weights()
    _, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)
    optimizer, before = make(parameters, 0.1), [p.copy() for p in parameters]
    turned = gradients._replace(Why=gradients.Why.T)
    for wrong in (gradients[:2], (), (1.0,) * 5, turned, [*gradients, gradients.by]):
        with pytest.raises(ValueError, match="do not fit the parameters: Wxh"):
            optimizer.step(wrong)
    assert all(np.array_equal(a, b) for a, b in zip(before, parameters))
    optimizer.step(list(gradients))


def test_clipping_by_norm_keeps_the_direction_of_all_arrays_together():
    gradients = [np.array([3.0, 0.0]), np.array([[0.0, 4.0]])]
    assert clip_gradients(gradients, 10, by="norm") is gradients
    assert np.concatenate([g.ravel() for g in gradients]).tolist() == [3, 0, 0, 4]
    clip_gradients(gradients, 2.5, by="norm")
    assert np.concatenate([g.ravel() for g in gradients]).tolist() == [1.5, 0, 0, 2]
    with pytest.raises(ValueError, match='"value" or "norm", not \'size\''):
        clip_gradients(gradients, by="size")


@given(st.floats(0.01, 100), st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_clipping_cuts_each_entry_in_place(limit, numbers):
    gradients = [np.array(numbers)]
    assert clip_gradients(gradients, limit) is gradients
    assert gradients[0].tolist() == [min(max(n, -limit), limit) for n in numbers]


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_impossible_rates_and_limits(rate):
    parameters = pack(1, 1, 1, 1, 1)
    for make in (lambda: SGD(parameters, rate), lambda: Adagrad(parameters, rate)):
        with pytest.raises(ValueError, match="learning_rate"):
            make()
    with pytest.raises(ValueError, match="epsilon"):
        Adagrad(parameters, 0.1, rate)
    if not rate > 0:
        with pytest.raises(ValueError, match="limit"):
            clip_gradients(parameters, rate)
