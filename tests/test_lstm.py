"""The LSTM: right gradients, and nothing else changes."""

import numpy as np
import pytest

from rnn_helpers.gradient_check import check_gradients
from rnn_helpers.lstm import init_lstm

H, V, T = 5, 7, 9


def setting(B=None, seed=0, T=T, scale=0.5):
    """Parameters, inputs, targets and h0 with large weights, random biases and state."""
    rng, stream = np.random.default_rng(seed), () if B is None else (B,)
    parameters = init_lstm(V, H, rng, scale=scale)
    parameters = parameters._replace(
        bh=scale * rng.standard_normal(4 * H), by=scale * rng.standard_normal(V)
    )
    inputs, targets = rng.integers(0, V, (2, T) + stream)
    return parameters, inputs, targets, scale * rng.standard_normal(stream + (2 * H,))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("B", [None, 1, 4])
def test_gradients_agree_with_the_complex_step(B, seed):
    assert max(check_gradients(*setting(B, seed)).values()) < 1e-11
