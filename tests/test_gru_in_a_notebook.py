"""A reader writes a GRU in the cells of a notebook, and everything runs it."""

import numpy as np
import pytest

from rnn_helpers import cells
from rnn_helpers.adam import Adam
from rnn_helpers.checkpoints import load, save
from rnn_helpers.diagnosis import diagnose
from rnn_helpers.encoding import Vocabulary, streams
from rnn_helpers.forward_pass import forward
from rnn_helpers.gradient_check import check_gradients
from rnn_helpers.reading import explore, trace
from rnn_helpers.sampling import sample
from rnn_helpers.training import TrainState, bits_per_character, train

TYPE = """
from typing import NamedTuple
import numpy as np
from rnn_helpers.cells import register_cell
from rnn_helpers.loss import cross_entropy_and_gradient
from rnn_helpers.lstm import sigmoid

class GRU(NamedTuple):
    Wx: np.ndarray  # (3H, V), for the gates r and z and the new content n
    Wh: np.ndarray  # (3H, H)
    b: np.ndarray  # (3H,)
    Why: np.ndarray  # (V, H)
    by: np.ndarray  # (V,)

def init_gru(vocab_size, hidden_size, rng, *, scale=0.01, dtype=np.float64):
    V, H = vocab_size, hidden_size
    shapes = (3 * H, V), (3 * H, H), (3 * H,), (V, H), (V,)
    return GRU(*(
        (scale * (len(s) > 1) * rng.standard_normal(s)).astype(dtype)
        for s in shapes
    ))
"""
FORWARD = """
def gru_step(p, x, h):
    H = p.Wh.shape[1]
    a_r, a_z, a_n = np.split(p.Wx.T[x] + p.b, 3, axis=-1)
    r = sigmoid(a_r + h @ p.Wh[:H].T)
    z = sigmoid(a_z + h @ p.Wh[H : 2 * H].T)
    n = np.tanh(a_n + (r * h) @ p.Wh[2 * H :].T)
    return r, z, n, z * h + (1 - z) * n

def gru_forward(p, inputs, h0):
    hidden = [np.asarray(h0)]
    for x in np.asarray(inputs):
        hidden.append(gru_step(p, x, hidden[-1])[-1])
    hidden = np.stack(hidden)
    return hidden, hidden[1:] @ p.Why.T + p.by
"""
BACKWARD = """
def gru_loss_and_gradients(p, inputs, targets, h0):
    hidden, logits = gru_forward(p, inputs, h0)
    loss, dy = cross_entropy_and_gradient(logits, targets)
    (V, H), g = p.Why.shape, GRU(*(np.zeros_like(a) for a in p))
    Wr, Wz, Wn = np.split(p.Wh, 3)
    g.Why[:] = dy.reshape(-1, V).T @ hidden[1:].reshape(-1, H)
    g.by[:] = dy.reshape(-1, V).sum(axis=0)
    dh = np.zeros_like(hidden[0])
    for t in reversed(range(len(inputs))):
        h, x = hidden[t], np.atleast_1d(inputs[t])
        r, z, n, _ = gru_step(p, inputs[t], h)
        dh = dh + dy[t] @ p.Why
        da_n = dh * (1 - z) * (1 - n**2)
        da_z = dh * (h - n) * z * (1 - z)
        drh = da_n @ Wn
        da_r = drh * h * r * (1 - r)
        da = np.concatenate([da_r, da_z, da_n], axis=-1).reshape(-1, 3 * H)
        np.add.at(g.Wx.T, x, da)
        g.b[:] += da.sum(axis=0)
        for k, seen in enumerate((h, h, r * h)):
            rows = slice(k * H, (k + 1) * H)
            g.Wh[rows] += da[:, rows].T @ seen.reshape(-1, H)
        dh = dh * z + da_r @ Wr + da_z @ Wz + drh * r
    return loss, g, hidden[-1].copy()
"""
REGISTER = """
register_cell(
    GRU, forward=gru_forward, loss_and_gradients=gru_loss_and_gradients,
    state_size=lambda p: p.Wh.shape[1],
)
"""
V, H = 7, 6
VOCABULARY = Vocabulary("abcdefg")
TEXT = "abacabadabacabae" * 12


@pytest.fixture
def notebook():
    """The names that a notebook has after these cells were run; CELLS is put back afterwards."""
    before, names = dict(cells.CELLS), {"__name__": "__main__"}
    for cell in (TYPE, FORWARD, BACKWARD, REGISTER):
        exec(cell, names)
    yield names
    cells.CELLS.clear()
    cells.CELLS.update(before)


def drawn(notebook, B=None):
    rng, stream = np.random.default_rng(0), () if B is None else (B,)
    parameters = notebook["init_gru"](V, H, rng, scale=0.5)
    inputs, targets = rng.integers(0, V, (2, 9) + stream)
    return parameters, inputs, targets, 0.5 * rng.standard_normal(stream + (H,))


def test_the_cells_are_of_the_usual_length():
    for cell in (TYPE, FORWARD, BACKWARD, REGISTER):
        lines = cell.strip().splitlines()
        assert len(lines) <= 25 and max(map(len, lines)) <= 78


@pytest.mark.parametrize("B", [None, 3])
def test_it_is_checked(notebook, B):
    report = check_gradients(*drawn(notebook, B))
    assert list(report) == ["Wx", "Wh", "b", "Why", "by"] and max(report.values()) < 1e-11


def test_it_is_diagnosed(notebook):
    function, init = notebook["gru_loss_and_gradients"], notebook["init_gru"]
    found = diagnose(function, init)
    assert found.right and not found.notes
    exec(BACKWARD.replace("+ drh * r", "+ drh"), notebook)  # the reset gate left out of the carry
    found = diagnose(notebook["gru_loss_and_gradients"], init)
    assert found.wrong("large weights") == {"Wx", "Wh", "b"} and not found.wrong("one step")
    assert "right with one step and wrong with more" in str(found).replace("\n", " ")


@pytest.mark.parametrize("B", [None, 3])
def test_it_is_trained_and_writes(notebook, B):
    parameters = notebook["init_gru"](V, H, np.random.default_rng(0), scale=0.1)
    ids = VOCABULARY.encode(TEXT)
    text = ids if B is None else streams(ids, B)
    train(parameters, text, Adam(parameters, 0.02), 300, np.random.default_rng(1), length=12)
    assert bits_per_character(parameters, ids) < 1
    writing = sample(parameters, VOCABULARY, "abac", 40, temperature=0, rng=None)
    assert set("abac") <= set(writing)
    two = sample(parameters, VOCABULARY, ["ab", "ac"], 9, rng=np.random.default_rng(0))
    assert [len(t) for t in two] == [9, 9]
    assert trace(parameters, VOCABULARY, TEXT).hidden.shape == (len(TEXT), H)
    assert len(explore(parameters, VOCABULARY, "ab", 0.5, 9, seed=0).text) == 9


def test_it_is_saved_and_goes_on(notebook, tmp_path):
    def start():
        parameters = notebook["init_gru"](V, H, np.random.default_rng(0), scale=0.1)
        return parameters, Adam(parameters, 0.01), np.random.default_rng(1), TrainState()

    ids, path = VOCABULARY.encode(TEXT), tmp_path / "gru.npz"
    whole, optimizer, rng, run = start()
    train(whole, ids, optimizer, 30, rng, length=12, run=run)
    parameters, optimizer, rng, run = start()
    train(parameters, ids, optimizer, 12, rng, length=12, run=run)
    save(path, parameters, VOCABULARY, {"steps": 12}, optimizer=optimizer, run=run, rng=rng)
    for again in (False, True):
        if again:  # in a fresh kernel, or after the cells were run again
            exec(TYPE, notebook)
            exec(REGISTER, notebook)
        back = load(path)
        train(back.parameters, ids, back.optimizer, 18, back.rng, length=12, run=back.run)
        assert type(back.parameters) is notebook["GRU"]
        assert all(map(np.array_equal, back.parameters, whole))


def test_parameters_from_before_the_cell_was_run_again(notebook, tmp_path):
    """They still run, and `save` says what to do."""
    parameters, inputs, _, h0 = drawn(notebook)
    before = forward(parameters, inputs, h0)
    exec(TYPE, notebook)
    exec(REGISTER, notebook)
    assert all(map(np.array_equal, before, forward(parameters, inputs, h0)))
    with pytest.raises(TypeError, match="or, if you ran the cell that defines GRU again, convert"):
        save(tmp_path / "gru.npz", parameters, VOCABULARY, {})
    save(tmp_path / "gru.npz", notebook["GRU"](*parameters), VOCABULARY, {})
    assert all(map(np.array_equal, load(tmp_path / "gru.npz").parameters, parameters))
