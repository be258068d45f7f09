"""Reading, probing and every widget run for another cell, whose state is longer than H."""

import numpy as np
import pytest
from test_cells import H, Leaky, leaky_forward, registered  # noqa: F401  (a fixture)

from rnn_helpers import widgets
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.checkpoints import Checkpoint
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.lstm import init_lstm, lstm_forward
from rnn_helpers.probing import FEATURES, unit_correlations
from rnn_helpers.reading import explore, trace
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character

TEXT = 'The "goat" and the bell. The bond\n' * 40
VOCABULARY = Vocabulary.from_text(TEXT)
V = len(VOCABULARY)


@pytest.fixture(params=["leaky float64", "leaky float32", "LSTM float64", "LSTM float32"])
def cell(request):
    kind, dtype = request.param.split()
    rng = np.random.default_rng(0)
    if kind == "LSTM":
        return init_lstm(V, H, rng, scale=0.5, dtype=np.dtype(dtype))
    shapes = (H, V), (H,), (V, 2 * H), (V,)
    return Leaky(*(0.5 * rng.standard_normal(shape).astype(dtype) for shape in shapes))


@pytest.fixture
def model(cell):
    return Checkpoint(cell, VOCABULARY, {}, None, None, None)


def test_trace(cell):
    reading = trace(cell, VOCABULARY, TEXT)
    ids = VOCABULARY.encode(TEXT)
    read = leaky_forward if isinstance(cell, Leaky) else lstm_forward
    states, _ = read(cell, ids, np.zeros(2 * H, cell.by.dtype))
    assert reading.hidden.shape == (len(TEXT), 2 * H)
    assert np.allclose(reading.hidden, states[1:], rtol=1e-4, atol=1e-6)
    bits = reading.bits.sum() / (len(TEXT) - 1)
    assert np.isclose(bits, bits_per_character(cell, ids), rtol=1e-5)


def test_unit_correlations(cell):
    follows = unit_correlations(trace(cell, VOCABULARY, TEXT).hidden, TEXT)
    assert set(follows) == set(FEATURES) and follows["space"].shape == (2 * H,)
    assert np.abs(follows["space"]).max() > 0.1


def test_explore(cell):
    writing = explore(cell, VOCABULARY, "The ", 1.0, 50, seed=2)
    assert writing.text == sample(cell, VOCABULARY, "The ", 50, rng=np.random.default_rng(2))
    reading = trace(cell, VOCABULARY, "The " + writing.text)
    assert np.allclose(-np.log2(writing.probabilities), reading.bits[4:], rtol=1e-4, atol=1e-5)


def test_the_explorer(model):
    widget = widgets.temperature_explorer(model, prompt="The ")
    assert widget.problem.value == "" and "<b>The </b>" in widget.columns[0].text.value
    before = widget.columns[0].text.value
    widget.columns[0].temperature.value = 2.0
    assert widget.problem.value == "" and widget.columns[0].text.value != before


def test_the_surprise_map(model):
    widget = widgets.surprise_map(model, text=TEXT)
    assert widget.problem.value == "" and widget.map.value.count("data-i=") == len(TEXT)


def test_look_inside_shows_the_whole_state(model):
    widget = widgets.look_inside(model, text=TEXT)
    assert widget.problem.value == ""
    assert {unit for _, unit in widget.unit.options} == set(range(2 * H))
    widget.unit.value = 2 * H - 1
    assert "rnn-unit" in widget.light.value


def test_a_passage_that_the_network_cannot_read_is_not_shown(model):
    assert "need at least two characters" in widgets.surprise_map(model).problem.value


def test_live_training(cell, capsys):
    ids, optimizer = VOCABULARY.encode(TEXT), Adagrad(cell, 0.1)
    before, rng = bits_per_character(cell, ids), np.random.default_rng(0)
    run = widgets.live_training(cell, VOCABULARY, ids, optimizer, 20, rng, length=5)
    assert run.step == 20 and run.h.shape == (2 * H,) and bits_per_character(cell, ids) < before
    assert capsys.readouterr().out.startswith("After step 20 it writes:\nT")
