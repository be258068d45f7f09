"""The seam: another cell runs through everything that the plain network runs through.

A leaky cell with a second, slower state, two matrices less and other names; its state is
[h, slow] in one array, ([B,] 2H). Its gradients come from the complex step: slow, and right.
"""

import inspect
from collections import namedtuple
from typing import NamedTuple

import numpy as np
import pytest

from rnn_helpers import cells
from rnn_helpers.adagrad import SGD, Adagrad, clip_gradients
from rnn_helpers.adam import Adam
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.cells import cell_named, register_cell, state_size, zero_state
from rnn_helpers.encoding import Vocabulary, streams
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.gradient_check import check_gradients, numerical_gradients
from rnn_helpers.loss import cross_entropy
from rnn_helpers.sampling import next_character_probabilities, sample
from rnn_helpers.training import bits_per_character, train

H, V = 3, 5
IDS = np.random.default_rng(0).integers(0, V, 60)


class Leaky(NamedTuple):
    """In: characters to the state. Leak: how much of it stays. Out and by: to the scores."""

    In: np.ndarray  # (H, V)
    leak: np.ndarray  # (H,)
    Out: np.ndarray  # (V, 2H)
    by: np.ndarray  # (V,)


def leaky_forward(parameters, inputs, h0):
    In, leak, Out, by = parameters
    inputs, states = np.asarray(inputs), [np.asarray(h0)]
    for ids in inputs:
        h, slow = np.split(states[-1], 2, axis=-1)
        h = np.tanh(In.T[ids] + leak * h + slow)
        states.append(np.concatenate([h, (slow + h) / 2], axis=-1))
    hidden = np.stack(states)
    return hidden, hidden[1:] @ Out.T + by


def leaky_gradients(parameters, inputs, targets, h0):
    hidden, logits = leaky_forward(parameters, inputs, h0)
    gradients = numerical_gradients(parameters, inputs, targets, h0)
    gradients = parameters._make(g.astype(p.dtype) for g, p in zip(gradients, parameters))
    return cross_entropy(logits, targets), gradients, hidden[-1].copy()


@pytest.fixture(autouse=True)
def registered():
    before = dict(cells.CELLS)
    register_cell(
        Leaky, forward=leaky_forward, loss_and_gradients=leaky_gradients,
        state_size=lambda parameters: 2 * len(parameters.leak),
    )  # fmt: skip
    yield
    cells.CELLS.clear()
    cells.CELLS.update(before)


def leaky(seed=0):
    rng = np.random.default_rng(seed)
    shapes = (H, V), (H,), (V, 2 * H), (V,)
    return Leaky(*(0.5 * rng.standard_normal(shape) for shape in shapes)), rng


def test_functions_are_found_by_the_type_of_the_parameters():
    parameters, _ = leaky()
    assert state_size(parameters) == 6 and state_size(init_parameters(V, H, leaky()[1])) == 3
    assert zero_state(parameters).shape == (6,) and zero_state(parameters, (4,)).shape == (4, 6)
    hidden, logits = forward(parameters=parameters, inputs=IDS[:9], h0=zero_state(parameters))
    assert hidden.shape == (10, 6) and logits.shape == (9, V)
    assert cell_named("Leaky") is Leaky and cell_named("Parameters") is not None
    assert cell_named("GRU") is cell_named("Zeta") is None


def test_functions_that_are_chosen_by_the_cell_keep_their_names_and_docstrings():
    assert forward.__name__ == "forward" and "Read T characters" in forward.__doc__
    assert list(inspect.signature(state_size).parameters) == ["parameters"]


def test_the_newest_cell_of_a_name_is_found():
    Old = Leaky
    New = namedtuple("Leaky", ["by"])
    register_cell(New, forward=leaky_forward)
    assert cell_named("Leaky") is New is not Old


@pytest.mark.parametrize("make", [SGD, Adagrad, Adam])
@pytest.mark.parametrize("B", [None, 4])
def test_it_is_trained(make, B):
    parameters, rng = leaky()
    ids = np.tile(np.arange(V), 12)
    before = bits_per_character(parameters, ids)
    texts = ids if B is None else streams(ids, B)
    run = train(parameters, texts, make(parameters, 0.1), 60, rng, length=7, clip_by="norm")
    assert bits_per_character(parameters, ids) < before - 0.5
    assert run.h.shape == ((6,) if B is None else (B, 6))


def test_its_gradients_are_checked():
    parameters, _ = leaky()
    setting = parameters, IDS[:9], IDS[1:10], zero_state(parameters)
    report = check_gradients(*setting, method="central")
    assert list(report) == ["In", "leak", "Out", "by"] and max(report.values()) < 1e-7
    _, gradients, _ = loss_and_gradients(*setting)
    gradients.leak[1] += 0.1
    wrong = check_gradients(*setting, gradients=gradients)
    assert [name for name, error in wrong.items() if error > 1e-9] == ["leak"]
    assert max(abs(g).max() for g in clip_gradients(gradients, 0.1)) == 0.1


def test_it_writes():
    parameters, _ = leaky()
    vocabulary = Vocabulary("abcde")
    rng = np.random.default_rng
    one = sample(parameters, vocabulary, "ab", 30, rng=rng(1))
    two = sample(parameters, vocabulary, ["ab", "cd"], 30, rng=rng(1))
    assert len(one) == 30 and [len(text) for text in two] == [30, 30]
    p, h = next_character_probabilities(parameters, zero_state(parameters), 2)
    assert p.shape == (V,) and h.shape == (6,) and np.isclose(p.sum(), 1)


def test_what_is_not_registered_says_so():
    GRU = namedtuple("GRU", ["W", "by"])
    with pytest.raises(TypeError, match="GRU is not registered as a cell"):
        forward(GRU(np.zeros((2, 2)), np.zeros(2)), [0], np.zeros(2))
    register_cell(GRU, forward=leaky_forward)
    with pytest.raises(TypeError, match="registered without loss_and_gradients"):
        loss_and_gradients(GRU(np.zeros((2, 2)), np.zeros(2)), [0], [0], np.zeros(2))


@pytest.mark.parametrize("cell, functions", [
    (dict, {}), (namedtuple("NoBias", ["W"]), {}), (Leaky, {"fowrard": print}),
])  # fmt: skip
def test_what_is_no_cell(cell, functions):
    with pytest.raises(TypeError, match="give a NamedTuple type"):
        register_cell(cell, **functions)
