"""The GRU of chapter 10's exercises: number by number, its gradients, and its first weights."""

import numpy as np
import pytest

from rnn_helpers.cells import state_size
from rnn_helpers.exercises.gru import (
    gru_forward,
    gru_loss_and_gradients,
    init_gru,
)
from rnn_helpers.gradient_check import check_gradients

V, H = 7, 5


def setting(batch=(), T=9):
    """A network with biases, and a window."""
    rng = np.random.default_rng(1)
    parameters = init_gru(V, H, rng, scale=0.5)
    parameters = parameters._make(a + 0.3 * rng.standard_normal(a.shape) for a in parameters)
    inputs, targets = rng.integers(0, V, (2, T, *batch))
    return parameters, inputs, targets, rng.standard_normal((*batch, H))


@pytest.mark.parametrize("batch", [(), (3,)])
def test_every_gradient_agrees_with_the_complex_step(batch):
    assert max(check_gradients(*setting(batch)).values()) < 1e-11


def test_forward_is_the_equations_number_by_number():
    parameters, inputs, _, h0 = setting()
    (Wz, Wr, Wn), (Uz, Ur, Un) = np.split(parameters.Wxh, 3), np.split(parameters.Whh, 3)
    bz, br, bn = np.split(parameters.bh, 3)
    hidden, logits = gru_forward(parameters, inputs.tolist(), h0.tolist())
    h = h0
    for t, x in enumerate(inputs):
        z = 1 / (1 + np.exp(-(Wz[:, x] + Uz @ h + bz)))
        r = 1 / (1 + np.exp(-(Wr[:, x] + Ur @ h + br)))
        n = np.tanh(Wn[:, x] + Un @ (r * h) + bn)
        h = z * h + (1 - z) * n
        np.testing.assert_allclose(hidden[t + 1], h)
        np.testing.assert_allclose(logits[t], parameters.Why @ h + parameters.by)
    assert np.array_equal(hidden[0], h0) and hidden.shape == (10, H)


def test_streams_are_read_as_if_each_were_alone():
    parameters, inputs, _, h0 = setting((3,))
    hidden, logits = gru_forward(parameters, inputs, h0)
    for b in range(3):
        alone, scores = gru_forward(parameters, inputs[:, b], h0[b])
        np.testing.assert_allclose(hidden[:, b], alone)
        np.testing.assert_allclose(logits[:, b], scores)


def test_last_state_is_a_copy_of_the_one_that_forward_ends_with():
    parameters, inputs, targets, h0 = setting()
    _, _, h = gru_loss_and_gradients(parameters, inputs, targets, h0)
    np.testing.assert_array_equal(h, gru_forward(parameters, inputs, h0)[0][-1])
    assert h.base is None and state_size(parameters) == H


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_first_weights_are_small_and_the_biases_zero(dtype):
    parameters = init_gru(30, 40, np.random.default_rng(0), dtype=dtype)
    assert [a.shape for a in parameters] == [(120, 30), (120, 40), (30, 40), (120,), (30,)]
    assert all(a.dtype == dtype for a in parameters)
    for weights in parameters[:3]:
        assert 0.0095 < weights.std() < 0.0105 and abs(weights.mean()) < 0.001
    assert not parameters.bh.any() and not parameters.by.any()
    wide = init_gru(30, 40, np.random.default_rng(0), scale=1.0, dtype=dtype)
    np.testing.assert_allclose(wide.Whh, 100 * parameters.Whh, rtol=1e-5)
    h0 = np.zeros(40, dtype)
    assert all(a.dtype == dtype for a in gru_loss_and_gradients(wide, [1, 2], [2, 3], h0)[1])
