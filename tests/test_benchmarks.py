"""What the benchmarks compare computes the same thing."""

import numpy as np
import pytest
from conftest import large_weights

from benchmarks import in_c, textbook
from rnn_helpers.adagrad import Adagrad, clip_gradients
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character

SIZES = [{"T": 1}, {"T": 9}, {"T": 25, "V": 40, "H": 30, "scale": 0.3}]
needs_c = pytest.mark.skipif(not in_c.available(), reason="there is no C compiler here")


def close(a, b):
    return np.allclose(a, np.reshape(b, np.shape(a)), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", SIZES)
def test_the_textbook_loop_is_loss_and_gradients(size, seed):
    parameters, inputs, targets, h0 = large_weights(**size, seed=seed)
    loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
    weights = textbook.columns(parameters)
    its_loss, its, its_h = textbook.loss_and_gradients(weights, inputs, targets, h0[:, np.newaxis])
    assert close(loss, its_loss) and close(h, its_h)
    assert all(close(a, b) for a, b in zip(gradients, its))


@needs_c
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", SIZES)
def test_c_is_loss_and_gradients(size, seed):
    parameters, inputs, targets, h0 = large_weights(**size, seed=seed)
    loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
    c = in_c.CStep(parameters)
    assert close(loss, c.loss_and_gradients(inputs, targets, h0)) and close(h, h0)
    assert all(close(a, b) for a, b in zip(gradients, c.gradients))


def test_steps_go_to_the_same_place():
    parameters, inputs, targets, h0 = large_weights(scale=2.0)  # large enough that clipping acts
    where = textbook.columns(parameters)
    memory = [np.zeros_like(w) for w in where]
    h = h0[:, np.newaxis]
    for _ in range(3):
        _, h = textbook.step(where, memory, inputs, targets, h)
    places = [where]
    if in_c.available():
        c, h = in_c.CStep(parameters), h0.copy()
        for _ in range(3):
            _, h = c.step(inputs, targets, h)
        places.append(c.parameters)
    optimizer, h = Adagrad(parameters), h0
    for _ in range(3):
        _, gradients, h = loss_and_gradients(parameters, inputs, targets, h)
        optimizer.step(clip_gradients(gradients))
    for place in places:
        assert all(close(a, b) for a, b in zip(parameters, place))


def test_the_textbook_loop_samples_and_evaluates_the_same():
    parameters, _, _, _ = large_weights()
    weights, h = textbook.columns(parameters), np.zeros((6, 1))
    vocabulary = Vocabulary("abcdefg")
    written = textbook.sample(weights, h, 3, 200, np.random.default_rng(5))
    assert vocabulary.decode(written) == sample(
        parameters, vocabulary, "d", 200, rng=np.random.default_rng(5)
    )
    bits = textbook.bits_per_character(weights, np.array(written))
    assert close(bits_per_character(parameters, np.array(written)), bits)
