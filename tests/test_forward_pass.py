import numpy as np
import pytest
from conftest import large_weights

from rnn_helpers.forward_pass import Parameters, forward, init_parameters


def test_two_steps_by_hand():
    one = np.ones((1, 1))
    parameters = Parameters(0.5 * one, 0.8 * one, 2 * one, np.array([0.1]), np.array([0.3]))
    hidden, logits = forward(parameters, np.array([0, 0]), np.array([0.5]))
    h_1 = np.tanh(0.5 + 0.8 * 0.5 + 0.1)
    h_2 = np.tanh(0.5 + 0.8 * h_1 + 0.1)
    assert np.allclose(hidden[:, 0], [0.5, h_1, h_2])
    assert np.allclose(logits[:, 0], [2 * h_1 + 0.3, 2 * h_2 + 0.3])


def test_a_batch_reads_each_stream_as_if_alone():
    parameters, inputs, _, h0 = large_weights(B=3)
    hidden, logits = forward(parameters, inputs, h0)
    assert hidden.shape == (10, 3, 6) and logits.shape == (9, 3, 7)
    for b in range(3):
        alone = forward(parameters, inputs[:, b], h0[b])
        assert np.allclose(hidden[:, b], alone[0]) and np.allclose(logits[:, b], alone[1])


def test_reading_in_two_windows_is_reading_in_one():
    parameters, inputs, _, h0 = large_weights()
    whole, _ = forward(parameters, inputs, h0)
    first, _ = forward(parameters, inputs[:4], h0)
    second, _ = forward(parameters, inputs[4:], first[-1])
    assert np.array_equal(whole[-1], second[-1])


def test_float32_stays_float32():
    parameters = init_parameters(5, 4, np.random.default_rng(0), dtype=np.float32)
    for h0 in (np.zeros(4, np.float32), np.zeros(4), [0, 0, 0, 0]):
        hidden, logits = forward(parameters, np.array([1, 2]), h0)
        assert hidden.dtype == logits.dtype == np.float32


def test_other_dtypes_are_refused():
    rng = np.random.default_rng(0)
    for dtype in (np.float16, int, bool, str, complex):
        with pytest.raises(ValueError, match="dtype must be float64 or float32"):
            init_parameters(5, 4, rng, dtype=dtype)
    half = init_parameters(5, 4, rng)
    half = half._make(p.astype(np.float16) for p in half)
    with pytest.raises(ValueError, match="must be float64 or float32, not float16"):
        forward(half, [1, 2], np.zeros(4))


def test_initial_weights_have_the_scale_and_the_seed_decides():
    first = init_parameters(50, 80, np.random.default_rng(1), scale=0.3)
    again = init_parameters(50, 80, np.random.default_rng(1), scale=0.3)
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert [a.shape for a in first] == [(80, 50), (80, 80), (50, 80), (80,), (50,)]
    assert abs(first.Whh.std() - 0.3) < 0.01 and not first.bh.any() and not first.by.any()
    usual, none = (
        init_parameters(50, 80, np.random.default_rng(1), **s) for s in ({}, {"scale": 0})
    )
    assert np.allclose(usual.Whh, first.Whh / 30) and not none.Whh.any()


@pytest.mark.parametrize("ids", [[7], [-1]])
def test_unknown_id(ids):
    parameters, _, _, h0 = large_weights()
    with pytest.raises(ValueError, match="outside the vocabulary"):
        forward(parameters, np.array(ids), h0)


def test_state_of_the_wrong_shape():
    parameters, inputs, _, h0 = large_weights(B=3)
    for wrong in (h0[0], h0[:2], h0[:, :5], np.concatenate([h0, h0]), np.hstack([h0, h0])):
        with pytest.raises(ValueError, match="need h0"):
            forward(parameters, inputs, wrong)


def test_the_complex_step_of_the_first_state():
    """The slope of all logits in a direction of h0, with real parameters."""
    parameters, inputs, _, h0 = large_weights()
    direction = np.random.default_rng(0).normal(size=h0.shape)
    slope = forward(parameters, inputs, h0 + 1e-30j * direction)[1].imag / 1e-30
    more, less = (forward(parameters, inputs, h0 + step * direction)[1] for step in (1e-5, -1e-5))
    assert np.allclose(slope, (more - less) / 2e-5, atol=1e-8)


@pytest.mark.parametrize("shape", [(), (2, 3, 1)])
def test_inputs_that_are_no_window(shape):
    parameters = large_weights()[0]
    with pytest.raises(ValueError, match="need h0"):
        forward(parameters, np.zeros(shape, int), np.zeros(shape[1:] + parameters.bh.shape))


def test_impossible_networks():
    rng = np.random.default_rng(0)
    for sizes, name in (((5, 0), "hidden_size"), ((0, 5), "vocab_size"), ((5.5, 4), "vocab_size")):
        with pytest.raises(ValueError, match=f"{name} must be a whole number, 1 or more"):
            init_parameters(*sizes, rng)
    for scale in (np.nan, np.inf, -0.1):
        with pytest.raises(ValueError, match="scale"):
            init_parameters(5, 4, rng, scale=scale)
    for wrong in (None, 0, np.random):
        with pytest.raises(TypeError, match="default_rng"):
            init_parameters(5, 4, wrong)
