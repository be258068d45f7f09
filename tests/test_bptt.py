"""The gradients, against independent witnesses. The mutants of test_mutants.py run these."""

import numpy as np
import pytest
from conftest import large_weights

from rnn_helpers import bptt
from rnn_helpers.forward_pass import forward
from rnn_helpers.gradient_check import check_gradients
from rnn_helpers.loss import cross_entropy


@pytest.mark.parametrize("B", [None, 1, 3])
@pytest.mark.parametrize("T", [1, 2, 9])
def test_gradients_agree_with_the_complex_step(T, B):
    where = large_weights(T=T, B=B)
    _, gradients, _ = bptt.loss_and_gradients(*where)
    errors = check_gradients(*where, gradients=gradients)
    assert max(errors.values()) < 1e-11, errors


def test_gradients_agree_with_central_differences():
    where = large_weights(T=6, B=2, seed=3)
    _, gradients, _ = bptt.loss_and_gradients(*where)
    errors = check_gradients(*where, gradients=gradients, method="central")
    assert max(errors.values()) < 1e-7, errors


def test_loss_is_the_cross_entropy_of_the_forward_pass():
    parameters, inputs, targets, h0 = large_weights(B=2)
    loss, _, _ = bptt.loss_and_gradients(parameters, inputs, targets, h0)
    assert np.isclose(loss, cross_entropy(forward(parameters, inputs, h0)[1], targets))


def test_last_state_is_a_copy_to_read_on_from():
    parameters, inputs, targets, h0 = large_weights()
    _, _, h_last = bptt.loss_and_gradients(parameters, inputs, targets, h0)
    assert np.array_equal(h_last, forward(parameters, inputs, h0)[0][-1])
    assert h_last.base is None


def test_what_comes_in_is_left_as_it_was():
    where = large_weights(B=2)
    before = [np.copy(a) for a in (*where[0], *where[1:])]
    bptt.loss_and_gradients(*where)
    assert all(np.array_equal(a, b) for a, b in zip(before, (*where[0], *where[1:])))


def test_float32_in_float32_out():
    parameters, inputs, targets, h0 = large_weights()
    single = type(parameters)(*(a.astype(np.float32) for a in parameters))
    _, gradients, h = bptt.loss_and_gradients(single, inputs, targets, h0.astype(np.float32))
    assert {a.dtype for a in (*gradients, h)} == {np.dtype(np.float32)}
    _, exact, _ = bptt.loss_and_gradients(parameters, inputs, targets, h0)
    assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(gradients, exact))
