import numpy as np
import pytest
from conftest import large_weights

from rnn_helpers.adam import Adam


def test_adam_by_hand():
    parameters, *_ = large_weights()
    before = parameters.by.copy()
    optimizer = Adam(parameters, 0.1, beta1=0.6, beta2=0.75, epsilon=0.1)
    gradients = [np.zeros_like(p) for p in parameters[:-1]]
    mean = square = 0.0
    for n, g in enumerate((2.0, -1.0, 0.5), start=1):
        optimizer.step([*gradients, np.full_like(before, g)])
        mean, square = 0.6 * mean + 0.4 * g, 0.75 * square + 0.25 * g * g
        before -= 0.1 * (mean / (1 - 0.6**n)) / (np.sqrt(square / (1 - 0.75**n)) + 0.1)
    assert np.allclose(parameters.by, before, rtol=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [{"learning_rate": 0}, {"beta1": 1}, {"beta1": 1.5}, {"beta2": -0.1}, {"beta2": np.nan}],
)
def test_adam_says_what_is_wrong(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Adam(large_weights()[0], **wrong)


def test_adam_keeps_the_precision_of_the_parameters():
    parameters = type(large_weights()[0])(*(p.astype(np.float32) for p in large_weights()[0]))
    Adam(parameters).step([np.ones_like(p) for p in parameters])
    assert all(p.dtype == np.float32 for p in parameters)


def test_the_first_step_is_as_long_as_the_rate_whatever_the_gradient():
    parameters, *_ = large_weights()
    before = parameters.by.copy()
    gradients = parameters._make(np.zeros_like(p) for p in parameters)
    gradients.by[:] = np.array([1e-3, -1e-2, 0.1, -1, 10, -1e2, 1e3])
    Adam(parameters).step(gradients)
    assert np.allclose(before - parameters.by, 0.002 * np.sign(gradients.by), rtol=1e-4)
    assert parameters.Whh.any() and np.array_equal(parameters.Whh, large_weights()[0].Whh)
