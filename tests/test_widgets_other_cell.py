"""Reading, probing and every widget run for another cell, with a longer state."""

from typing import NamedTuple

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.cells import CELLS, register_cell
from rnn_helpers.checkpoints import Checkpoint
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.gradient_check import numerical_gradients
from rnn_helpers.loss import cross_entropy
from rnn_helpers.probing import FEATURES, unit_correlations
from rnn_helpers.reading import explore, trace
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character

VOCABULARY = Vocabulary('\n ".Tabcdeghlnot')
TEXT = 'The "goat" and the bell. The bond\n' * 40
H, V = 3, len(VOCABULARY)


class FadingMemory(NamedTuple):
    """A cell with four arrays, and a state of 2H numbers: what it shows, and what it keeps."""

    write: np.ndarray  # (H, V)
    keep: np.ndarray  # (H,)
    show: np.ndarray  # (V, H)
    by: np.ndarray  # (V,)


def state_size(parameters):
    return 2 * len(parameters.keep)


def forward(parameters, inputs, h0):
    write, keep, show, by = parameters
    states = [np.asarray(h0)]
    for id in np.asarray(inputs):
        memory = keep * states[-1][..., len(keep) :] + write.T[id]
        states.append(np.concatenate([np.tanh(memory), memory], axis=-1))
    states = np.stack(states)
    return states, states[1:, ..., : len(keep)] @ show.T + by


def loss_and_gradients(parameters, inputs, targets, h0):
    states, logits = forward(parameters, inputs, h0)
    gradients = numerical_gradients(parameters, inputs, targets, h0)
    return cross_entropy(logits, targets), gradients, states[-1]


@pytest.fixture(autouse=True)
def registered():
    register_cell(
        FadingMemory, forward=forward, state_size=state_size, loss_and_gradients=loss_and_gradients
    )
    yield
    del CELLS[FadingMemory]


@pytest.fixture(params=[np.float64, np.float32])
def cell(request):
    rng = np.random.default_rng(0)
    shapes = FadingMemory((H, V), (H,), (V, H), (V,))
    arrays = (rng.normal(size=shape).astype(request.param) for shape in shapes)
    return FadingMemory(*arrays)._replace(keep=np.array([0.1, 0.5, 0.9], request.param))


def test_trace(cell):
    reading = trace(cell, VOCABULARY, TEXT)
    states, _ = forward(cell, VOCABULARY.encode(TEXT), np.zeros(2 * H, cell.by.dtype))
    assert reading.hidden.shape == (len(TEXT), 2 * H)
    assert np.allclose(reading.hidden, states[1:], rtol=1e-4, atol=1e-6)
    bits = bits_per_character(cell, VOCABULARY.encode(TEXT))
    assert np.isclose(reading.bits.sum() / (len(TEXT) - 1), bits, rtol=1e-5)


def test_unit_correlations(cell):
    hidden = trace(cell, VOCABULARY, TEXT).hidden
    follows = unit_correlations(hidden, TEXT)
    assert set(follows) == set(FEATURES) and follows["space"].shape == (2 * H,)
    assert np.abs(follows["space"]).max() > 0.1


def test_explore(cell):
    writing = explore(cell, VOCABULARY, "The ", 1.0, 50, seed=2)
    rng = np.random.default_rng(2)
    assert writing.text == sample(cell, VOCABULARY, "The ", 50, rng=rng)
    reading = trace(cell, VOCABULARY, "The " + writing.text)
    assert np.allclose(-np.log2(writing.probabilities), reading.bits[4:], rtol=1e-4, atol=1e-5)


def model(cell):
    return Checkpoint(cell, VOCABULARY, {}, None, None, None)


def test_the_explorer(cell):
    widget = widgets.temperature_explorer(model(cell), prompt="The ")
    assert widget.problem.value == "" and "<b>The </b>" in widget.text.value
    widget.temperature.value = 2.0
    assert widget.problem.value == "" and "temperature 2.00" in widget.bars.value


def test_the_surprise_map(cell):
    widget = widgets.surprise_map(model(cell), text=TEXT)
    assert widget.problem.value == "" and widget.map.value.count("data-i=") == len(TEXT)


def test_look_inside_shows_the_whole_state(cell):
    widget = widgets.look_inside(model(cell), text=TEXT)
    assert widget.problem.value == ""
    assert {unit for _, unit in widget.unit.options} == set(range(2 * H))
    widget.unit.value = 2 * H - 1
    assert "rnn-unit" in widget.light.value


def test_a_passage_that_the_network_cannot_read_is_not_shown(cell):
    assert "need at least two characters" in widgets.surprise_map(model(cell)).problem.value


def test_live_training(capsys):
    rng = np.random.default_rng(0)
    cell = FadingMemory(
        rng.normal(size=(H, V)), np.full(H, 0.5), rng.normal(size=(V, H)), np.zeros(V)
    )
    ids, optimizer = VOCABULARY.encode(TEXT), Adagrad(cell, 0.1)
    before = bits_per_character(cell, ids)
    run = widgets.live_training(cell, VOCABULARY, ids, optimizer, 20, rng, length=5)
    assert run.step == 20 and run.h.shape == (2 * H,) and bits_per_character(cell, ids) < before
    assert capsys.readouterr().out.startswith("After step 20 it writes:\nT")
