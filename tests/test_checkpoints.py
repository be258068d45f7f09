"""Models on disk: they come back exactly, whole files are never lost, damage never passes."""

import dataclasses
import errno
import hashlib
import importlib.util
import io
import json
import os
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections import namedtuple
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from rnn_helpers import _files, cells
from rnn_helpers.adagrad import SGD, Adagrad
from rnn_helpers.adam import Adam
from rnn_helpers.cells import register_cell
from rnn_helpers.checkpoints import FORMAT, MODELS, load, load_model, save
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import Parameters, init_parameters
from rnn_helpers.gradient_check import check_gradients
from rnn_helpers.loss import cross_entropy_and_gradient
from rnn_helpers.training import TrainState, streams, train

IDS = np.random.default_rng(0).integers(0, 5, 60)
VOCABULARY = Vocabulary("a\n é—"[:5])
OPTIMIZERS = [
    lambda p: SGD(p, 0.05),
    lambda p: Adagrad(p, 0.1),
    lambda p: Adam(p, 0.01, beta1=0.8),
]
needs_posix = pytest.mark.skipif(os.name == "nt", reason="links, modes and locks of POSIX")


class Leaky(NamedTuple):
    """A second cell: its state is h and a sum m of past h, side by side, ([B,] 2H).

    h_t = tanh(W[:, x_t] + U h_{t-1}),  m_t = keep m_{t-1} + h_t,  y_t = Out m_t + by
    """

    W: np.ndarray  # (H, V)
    U: np.ndarray  # (H, H)
    keep: np.ndarray  # (H,)
    Out: np.ndarray  # (V, H)
    by: np.ndarray  # (V,)
    b: np.ndarray  # (H,)


def leaky_forward(parameters, inputs, h0):
    W, U, keep, Out, by, b = parameters
    states = [h0]
    for x in inputs:
        h, m = np.split(states[-1], 2, axis=-1)
        h = np.tanh(W.T[x] + h @ U.T + b)
        states.append(np.concatenate([h, keep * m + h], axis=-1))
    states = np.array(states)
    return states, np.split(states[1:], 2, axis=-1)[1] @ Out.T + by


def leaky_gradients(parameters, inputs, targets, h0):
    W, U, keep, Out, by, b = parameters
    states, logits = leaky_forward(parameters, inputs, h0)
    loss, dlogits = cross_entropy_and_gradient(logits, targets)
    h, m = np.split(states, 2, axis=-1)
    gradients = parameters._make(np.zeros_like(array) for array in parameters)
    dh_next, dm = 0, 0
    for t in reversed(range(len(inputs))):
        dm = dlogits[t] @ Out + keep * dm
        da = np.atleast_2d((dm + dh_next) * (1 - h[t + 1] ** 2))
        dh_next = (da @ U).reshape(h[t].shape)
        np.add.at(gradients.W.T, np.atleast_1d(inputs[t]), da)
        gradients.U[...] += da.T @ np.atleast_2d(h[t])
        gradients.keep[...] += np.atleast_2d(dm * m[t]).sum(0)
        gradients.Out[...] += np.atleast_2d(dlogits[t]).T @ np.atleast_2d(m[t + 1])
        gradients.by[...] += np.atleast_2d(dlogits[t]).sum(0)
        gradients.b[...] += da.sum(0)
    return loss, gradients, states[-1].copy()


def leaky_size(parameters):
    return 2 * len(parameters.keep)


@pytest.fixture(autouse=True)
def registered():
    """Each test has the plain cell and the leaky one, and leaves none behind."""
    before = dict(cells.CELLS)
    register_cell(
        Leaky, forward=leaky_forward, loss_and_gradients=leaky_gradients, state_size=leaky_size
    )
    yield
    cells.CELLS.clear()
    cells.CELLS.update(before)


def leaky_parameters(rng, dtype, V=5, H=3):
    shapes = (H, V), (H, H), (H,), (V, H), (V,), (H,)
    return Leaky(*(rng.normal(scale=0.3, size=shape).astype(dtype) for shape in shapes))


def trained(make=OPTIMIZERS[1], cell=Parameters, ids=IDS, dtype=np.float64, H=8):
    rng = np.random.default_rng(3)
    if cell is Parameters:
        parameters = init_parameters(5, H, rng, dtype=dtype)
    else:
        parameters = leaky_parameters(rng, dtype)
    optimizer = make(parameters)
    return parameters, optimizer, train(parameters, ids, optimizer, 13, rng, length=7), rng


def save_all(path, parameters, optimizer, run, rng, settings=None):
    save(path, parameters, VOCABULARY, settings or {}, optimizer=optimizer, run=run, rng=rng)


def same_arrays(one, other):
    return type(one) is type(other) and all(
        (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
        for a, b in zip(one, other, strict=True)
    )


def read_members(path):
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def write_members(path, members, checksum=True):
    """A zip file of these members, with the right checksum over what is in them."""
    members = {name: content for name, content in members.items() if name != "checksum.npy"}
    if checksum:
        sha = hashlib.sha256()
        for name, content in sorted(members.items()):
            sha.update(f"{name.removesuffix('.npy')} {len(content)}\n".encode() + content)
        members["checksum.npy"] = npy(np.frombuffer(sha.digest(), np.uint8))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def rewrite(path, change_about=None, **members):
    """Change a saved model as only somebody who knows the format can, checksum included."""
    new = read_members(path) | {f"{name}.npy": npy(a) for name, a in members.items()}
    if change_about is not None:
        stored = json.loads(np.load(io.BytesIO(new["about.npy"])).tobytes())
        change_about(stored)
        new["about.npy"] = npy(np.frombuffer(json.dumps(stored).encode(), np.uint8))
    write_members(path, new)


# What is saved comes back exactly.


@pytest.mark.parametrize("cell", [Parameters, Leaky])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_model_comes_back_as_it_was(tmp_path, cell, dtype):
    parameters, *_ = trained(cell=cell, dtype=dtype)
    save(tmp_path / "m.npz", parameters, VOCABULARY, {"steps": np.int64(13), "text": "é"})
    back = load(tmp_path / "m.npz")
    assert same_arrays(parameters, back.parameters)
    assert back.vocabulary == VOCABULARY and back.settings == {"steps": 13, "text": "é"}
    assert back.optimizer is back.run is back.rng is None


def test_the_gradients_of_the_second_cell_are_right():
    parameters = leaky_parameters(np.random.default_rng(1), np.float64)
    for ids in (IDS[:8], IDS[:16].reshape(8, 2)):
        h0 = np.full((*ids.shape[1:], 6), 0.2)
        assert max(check_gradients(parameters, ids[:-1], ids[1:], h0).values()) < 1e-9


@pytest.mark.parametrize("cell", [Parameters, Leaky])
@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize("ids", [IDS, streams(IDS, 4)], ids=["one stream", "batch"])
def test_resumed_is_bit_for_bit_unbroken(tmp_path, make, cell, ids):
    parameters, optimizer, run, rng = trained(make, cell, ids)
    save_all(tmp_path / "m.npz", parameters, optimizer, run, rng)
    back = load(tmp_path / "m.npz")
    assert type(back.optimizer) is type(optimizer)
    train(parameters, ids, optimizer, 40, rng, length=7, run=run)
    train(back.parameters, ids, back.optimizer, 40, back.rng, length=7, run=back.run)
    assert same_arrays(parameters, back.parameters)
    assert run.losses == back.run.losses and run.smoothed == back.run.smoothed
    assert run.position == back.run.position and rng.random() == back.rng.random()


@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize("kind", [float, np.float32, np.float64])
def test_the_type_of_a_rate_matters_in_float32(tmp_path, make, kind):
    """A schedule made of NumPy's cosine gives float64: steps are then computed in float64."""
    parameters, optimizer, run, rng = trained(make, dtype=np.float32)
    optimizer.learning_rate = kind(0.0123)
    save_all(tmp_path / "m.npz", parameters, optimizer, run, rng)
    back = load(tmp_path / "m.npz")
    train(parameters, IDS, optimizer, 40, rng, length=7, run=run)
    train(back.parameters, IDS, back.optimizer, 40, back.rng, length=7, run=back.run)
    assert same_arrays(parameters, back.parameters)


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_all_of_optimizer_run_and_generator_is_stored(tmp_path, make):
    parameters, optimizer, run, rng = trained(make)
    assert run.text is not None
    save_all(tmp_path / "m.npz", parameters, optimizer, run, rng)
    back = load(tmp_path / "m.npz")
    for name, value in vars(optimizer).items():
        if isinstance(value, Parameters):
            assert name == "work" or same_arrays(value, getattr(back.optimizer, name)), name
        else:
            assert value == getattr(back.optimizer, name), name
    for field in dataclasses.fields(TrainState):
        assert np.array_equal(getattr(run, field.name), getattr(back.run, field.name)), field.name
    assert back.optimizer.parameters is back.parameters
    assert rng.bit_generator.state == back.rng.bit_generator.state


def test_a_vocabulary_of_one_character(tmp_path):
    parameters = init_parameters(1, 2, np.random.default_rng(0))
    save(tmp_path / "m.npz", parameters, Vocabulary("a"), {})
    assert same_arrays(parameters, load(tmp_path / "m.npz").parameters)


def test_a_run_that_has_not_begun(tmp_path):
    parameters = init_parameters(5, 8, np.random.default_rng(0))
    save(tmp_path / "m.npz", parameters, VOCABULARY, {}, run=TrainState())
    assert load(tmp_path / "m.npz").run == TrainState()


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_rate_that_has_fallen_to_zero(tmp_path, make):
    parameters, optimizer, *_ = trained(make)
    optimizer.learning_rate = 0.0
    save(tmp_path / "m.npz", parameters, VOCABULARY, {}, optimizer=optimizer)
    assert load(tmp_path / "m.npz").optimizer.learning_rate == 0


@pytest.mark.parametrize("characters", ["\ud83d\ude00abc", "\udc80ab\ud800é", "\U0001f600\0\n\"'"])
def test_every_vocabulary_comes_back(tmp_path, characters):
    """Two halves of a surrogate pair, one beside the other, are two characters in Python."""
    save(tmp_path / "m.npz", trained()[0], Vocabulary(characters), {"text": characters})
    back = load(tmp_path / "m.npz")
    assert back.vocabulary.characters == back.settings["text"] == characters


def test_settings_come_back(tmp_path):
    settings = {
        "a": [1, 1.0, True, None, -0.0, 10**30, 0.1, ["é"], {"b": {}}],
        "numpy": (np.float32(0.1), np.int8(3), np.bool_(True), np.str_("x"), np.float64(0.1)),
        "odd": [float("nan"), float("inf")],
    }
    save(tmp_path / "m.npz", trained()[0], VOCABULARY, settings)
    plain = settings | {"numpy": [v.item() for v in settings["numpy"]]}
    assert repr(load(tmp_path / "m.npz").settings) == repr(plain)


def test_a_cell_that_is_only_read_is_saved_too(tmp_path):
    parameters = leaky_parameters(np.random.default_rng(0), np.float64)
    register_cell(Leaky, forward=leaky_forward, state_size=leaky_size)
    save(tmp_path / "m.npz", parameters, VOCABULARY, {})
    assert same_arrays(parameters, load(tmp_path / "m.npz").parameters)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    for name in "ab":
        save_all(tmp_path / name, *trained())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as archive:  # their dates count in steps of 2 seconds
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_DEFLATED}


# An unknown cell.


def test_a_cell_that_is_not_registered_here(tmp_path):
    path = tmp_path / "m.npz"
    save(path, trained(cell=Leaky)[0], VOCABULARY, {})
    del cells.CELLS[Leaky]
    with pytest.raises(ValueError, match="type Leaky .*not registered. Import the module"):
        load(path)
    with pytest.raises(TypeError, match="Leaky cannot be found.*register_cell"):
        save(path, leaky_parameters(np.random.default_rng(0), np.float64), VOCABULARY, {})


def test_a_cell_of_the_same_name_with_other_arrays(tmp_path):
    path, parameters = tmp_path / "m.npz", trained(cell=Leaky)[0]
    save(path, parameters, VOCABULARY, {})
    for fields in (["W", "by"], ["A", "by"], [*Leaky._fields, "c"], Leaky._fields[:-1]):
        register_cell(namedtuple("Leaky", fields), forward=leaky_forward)
        with pytest.raises(ValueError, match="with the arrays .*'keep'"):
            load(path)
    with pytest.raises(TypeError, match="Leaky cannot be found"):
        save(path, parameters, VOCABULARY, {})


@pytest.mark.parametrize("name", ["about", "checksum"])
def test_an_array_that_has_the_name_of_another_member_is_refused(tmp_path, name):
    cell = namedtuple("Cell", [name, "by"])
    register_cell(cell, state_size=lambda p: 1, forward=lambda p, x, h: (h, np.zeros((len(x), 5))))
    with pytest.raises(ValueError, match="an array cannot be called"):
        save(tmp_path / "m.npz", cell(np.zeros(2), np.zeros(5)), VOCABULARY, {})


# What could not be loaded again is not saved.


def change(what, **changes):
    for name, value in changes.items():
        setattr(what, name, value)


def change_array(optimizer, name, field, array):
    setattr(optimizer, name, getattr(optimizer, name)._replace(**{field: array}))


H8 = np.zeros(8)
BAD_PARAMETERS = {
    "NaN": ({"bh": H8 * np.nan}, "bh contains numbers that are not finite"),
    "another size": ({"bh": np.zeros(3)}, "bh .3,.* do not fit together"),
    "a size that NumPy stretches": ({"bh": np.zeros(1)}, "bh .1,.* do not fit together"),
    "a row too many": ({"bh": np.zeros((1, 8))}, "bh .1, 8.* do not fit together"),
    "a character too many": ({"Wxh": np.zeros((8, 6))}, "Wxh .8, 6.* do not fit together"),
    "a character too few": ({"Wxh": np.zeros((8, 4))}, "Wxh .8, 4.* do not fit together"),
    "few logits": ({"by": np.zeros(4), "Why": np.zeros((4, 8))}, "`by` must be .*5"),
    "many logits": ({"by": np.zeros(6), "Why": np.zeros((6, 8))}, "`by` must be .*5"),
    "two dtypes": ({"bh": np.zeros(8, np.float32)}, "bh must be float64"),
    "float16": ({"by": np.zeros(5, np.float16)}, "float32 or float64"),
    "whole numbers": ({"by": np.zeros(5, int)}, "float32 or float64"),
    "complex": ({"by": np.zeros(5, complex)}, "float32 or float64"),
    "a list": ({"bh": [0.0] * 8}, "bh must be a NumPy array of numbers"),
    "a masked array": ({"bh": np.ma.zeros(8)}, "bh must be a NumPy array of numbers"),
    "objects": ({"bh": np.array([0.0] * 8, object)}, "bh must be a NumPy array of numbers"),
}
BAD_OPTIMIZERS = {
    "a NaN rate": (lambda o: change(o, learning_rate=np.nan), "learning_rate is nan"),
    "an infinite rate": (lambda o: change(o, learning_rate=np.inf), "learning_rate is inf"),
    "a negative rate": (lambda o: change(o, learning_rate=-0.1), "learning_rate is -0.1"),
    "no rate": (lambda o: change(o, learning_rate=None), "learning_rate is None"),
    "a rate in words": (lambda o: change(o, learning_rate="0.1"), "learning_rate is '0.1'"),
    "a float16 rate": (lambda o: change(o, learning_rate=np.float16(1)), "learning_rate is 1.0"),
    "a rate in an array": (lambda o: change(o, learning_rate=np.array(0.1)), "array"),
    "an infinite sum": (
        lambda o: change_array(o, "sum_of_squares", "bh", H8 + np.inf),
        "sum_of_squares.bh contains numbers that are not finite",
    ),
    "a sum of another shape": (
        lambda o: change_array(o, "sum_of_squares", "bh", np.zeros(3)),
        "sum_of_squares.bh must be float64 .8,., not float64 .3,.",
    ),
    "a sum too large": (
        lambda o: change_array(o, "sum_of_squares", "bh", np.zeros(9)),
        "sum_of_squares.bh must be float64 .8,., not float64 .9,.",
    ),
    "a sum of another dtype": (
        lambda o: change_array(o, "sum_of_squares", "bh", np.zeros(8, np.float32)),
        "sum_of_squares.bh must be float64",
    ),
    "a sum that is a number": (
        lambda o: change_array(o, "sum_of_squares", "bh", 0.0),
        "sum_of_squares.bh must be a NumPy array",
    ),
    "sums left out": (
        lambda o: change(o, sum_of_squares=o.sum_of_squares[:2]),
        "a Parameters, not",
    ),
    "other parameters": (lambda o: change(o, parameters=trained()[0]), "other parameters"),
}
BAD_RUNS = {
    "h of objects": ({"h": np.array([None] * 8)}, "run.h must be a NumPy array of numbers"),
    "h of another size": ({"h": np.zeros(3)}, "run.h must be float64 .8,.,"),
    "h with too many axes": ({"h": np.zeros((2, 2, 8))}, "run.h must be"),
    "h that is a number": ({"h": np.array(0.0)}, "run.h must be"),
    "h of another dtype": ({"h": np.zeros(8, np.float32)}, "run.h must be float64"),
    "h that is not finite": ({"h": H8 + np.nan}, "run.h contains"),
    "h that is a list": ({"h": [0.0] * 8}, "run.h must be a NumPy array"),
    "a loss of None": ({"losses": [0.5, None]}, "run.losses must be a list of floats"),
    "losses in words": ({"losses": ["0.5"]}, "run.losses must be"),
    "whole numbers": ({"losses": [1, 2]}, "run.losses must be"),
    "complex losses": ({"smoothed": [1j]}, "run.smoothed must be"),
    "nested losses": ({"smoothed": [[0.5]]}, "run.smoothed must be"),
    "uneven losses": ({"smoothed": [[0.5], 1.0]}, "run.smoothed must be"),
    "a longdouble": ({"losses": [np.longdouble(1)]}, "run.losses must be"),
    "half a step": ({"step": 2.5}, "run.step must be a whole number"),
    "a step before the first": ({"step": -1}, "run.step must be"),
    "no position": ({"position": None}, "run.position must be"),
    "a position that is True": ({"position": True}, "run.position must be"),
    "a text for its checksum": ({"text": "poem"}, "run.text must be"),
}
BAD_REST = {
    "a vocabulary of another size": ({"vocabulary": Vocabulary("abc")}, "has 3 characters"),
    "a str": ({"vocabulary": "abcde"}, "vocabulary must be a Vocabulary, not str"),
    "no settings": ({"settings": None}, "settings must be a dict"),
    "an object": ({"settings": {"a": object()}}, "settings may hold"),
    "a set": ({"settings": {"a": {1}}}, "settings may hold"),
    "bytes": ({"settings": {"a": b"x"}}, "settings may hold"),
    "an array": ({"settings": {"a": np.zeros(2)}}, "settings may hold"),
    "a number as a key": ({"settings": {1: "a"}}, "settings may hold"),
    "a longdouble": ({"settings": {"a": np.longdouble(1)}}, "settings may hold"),
    "an optimizer of one's own": ({"optimizer": object()}, "optimizer of type object"),
    "a changed Adagrad": (
        {"optimizer": type("Adagrad", (Adagrad,), {})(trained()[0])},
        "optimizer of type Adagrad",
    ),
    "a dict for a run": ({"run": {}}, "run must be a TrainState"),
    "another generator": ({"rng": np.random.Generator(np.random.MT19937(0))}, "default_rng"),
    "the old generator": ({"rng": np.random.RandomState(0)}, "default_rng"),
    "a seed": ({"rng": 0}, "default_rng"),
    "five arrays": ({"parameters": tuple(trained()[0])}, "type tuple cannot be found"),
}


@pytest.fixture
def good(tmp_path):
    """A good file, and a function that tries to save something bad over it and must fail."""
    path = tmp_path / "m.npz"
    parameters, optimizer, run, rng = trained()
    save_all(path, parameters, optimizer, run, rng)
    before = path.read_bytes()

    def try_to_save(message, **parts):
        parts = {"parameters": parameters, "vocabulary": VOCABULARY, "settings": {}} | parts
        with pytest.raises((ValueError, TypeError), match=message):
            save(path, **parts)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]

    return parameters, optimizer, run, try_to_save


@pytest.mark.parametrize("case", BAD_PARAMETERS)
def test_bad_parameters_are_not_saved(good, case):
    (arrays, message), (parameters, _, _, try_to_save) = BAD_PARAMETERS[case], good
    try_to_save(message, parameters=parameters._replace(**arrays))


@pytest.mark.parametrize("case", BAD_OPTIMIZERS)
def test_bad_optimizers_are_not_saved(good, case):
    (spoil, message), (_, optimizer, _, try_to_save) = BAD_OPTIMIZERS[case], good
    spoil(optimizer)
    try_to_save(message, optimizer=optimizer)


def test_sums_of_a_float32_network_that_are_float64_are_not_saved(tmp_path):
    parameters, optimizer, *_ = trained(dtype=np.float32)
    change_array(optimizer, "sum_of_squares", "bh", H8)
    with pytest.raises(ValueError, match="sum_of_squares.bh must be float32 .8,., not float64"):
        save(tmp_path / "m.npz", parameters, VOCABULARY, {}, optimizer=optimizer)


@pytest.mark.parametrize("case", BAD_RUNS)
def test_bad_runs_are_not_saved(good, case):
    (changes, message), (_, _, run, try_to_save) = BAD_RUNS[case], good
    try_to_save(message, run=dataclasses.replace(run, **changes))


@pytest.mark.parametrize("case", BAD_REST)
def test_what_else_is_wrong_is_not_saved(good, case):
    (parts, message), (*_, try_to_save) = BAD_REST[case], good
    try_to_save(message, **parts)


def test_arrays_of_the_second_cell_that_do_not_fit(tmp_path):
    parameters = trained(cell=Leaky)[0]
    bad = {"W": (3, 4), "U": (3, 2), "keep": (1,), "Out": (5, 4), "b": (1, 3)}
    for name, shape in bad.items():
        with pytest.raises(ValueError, match="do not fit together"):
            spoilt = parameters._replace(**{name: np.zeros(shape)})
            save(tmp_path / "m.npz", spoilt, VOCABULARY, {})
    assert not [*tmp_path.iterdir()]


def test_a_cell_whose_results_do_not_fit_its_arrays(tmp_path):
    parameters = trained(cell=Leaky)[0]

    def one_more(*args):
        states, logits = leaky_forward(*args)
        return states, np.concatenate([logits, logits], axis=-1)

    def wrong_keep(*args):
        loss, gradients, h = leaky_gradients(*args)
        return loss, gradients._replace(keep=gradients.keep[:1]), h

    def too_few(*args):
        loss, gradients, h = leaky_gradients(*args)
        return loss, gradients[:-1], h

    right = {"forward": leaky_forward, "loss_and_gradients": leaky_gradients}
    for wrong, message in (
        ({"forward": one_more}, r"but the network computes \[\(2, 10\), \(3, 5\)"),
        (
            {"loss_and_gradients": wrong_keep},
            r"should be .*\(3, 3\), \(3,\).* computes .*\(3, 3\), \(1,\)",
        ),
        ({"loss_and_gradients": too_few}, "logits and gradients should be"),
    ):
        register_cell(Leaky, state_size=leaky_size, **right | wrong)
        with pytest.raises(ValueError, match=message):
            save(tmp_path / "m.npz", parameters, VOCABULARY, {})
    assert not [*tmp_path.iterdir()]


def test_large_weights_are_no_error(tmp_path):
    """They overflow on the way to the loss, which warns, and warnings are errors here."""
    parameters = init_parameters(5, 8, np.random.default_rng(0))
    parameters.Wxh[:], parameters.Why[:] = 1e308, 1e308
    save(tmp_path / "m.npz", parameters, VOCABULARY, {})
    assert same_arrays(parameters, load(tmp_path / "m.npz").parameters)


def test_what_would_come_back_changed_is_not_saved(good, monkeypatch):
    """Whatever the cause: here the JSON library loses a digit, then zlib a byte."""
    parameters, optimizer, run, try_to_save = good
    dumps, tobytes = json.dumps, np.lib.format.write_array
    monkeypatch.setattr(json, "dumps", lambda *a, **k: dumps(*a, **k).replace("0.125", "0.12"))
    try_to_save("one part would be different after loading", settings={"rate": 0.125})
    monkeypatch.setattr(json, "dumps", dumps)

    def lose(file, array, **kwargs):
        tobytes(file, array + (array.shape == (8,)), **kwargs)

    monkeypatch.setattr(np.lib.format, "write_array", lose)
    try_to_save("one part would be different after loading")


# Writing the file.


def test_saving_again_replaces_and_leaves_nothing_beside(tmp_path):
    for steps in (1, 2):
        save(tmp_path / "m.npz", trained()[0], VOCABULARY, {"steps": steps})
    assert load(tmp_path / "m.npz").settings == {"steps": 2}
    assert [p.name for p in tmp_path.iterdir()] == ["m.npz"]


def test_a_file_is_not_written_in_place(tmp_path):
    """Whoever has the old file open reads all of the old one."""
    path = tmp_path / "m.npz"
    save(path, trained()[0], VOCABULARY, {"steps": 1})
    old = path.read_bytes()
    (tmp_path / "link.npz").hardlink_to(path)
    save(path, trained()[0], VOCABULARY, {"steps": 2})
    assert (tmp_path / "link.npz").read_bytes() == old != path.read_bytes()


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_full_disk_or_an_interrupt_leaves_the_old_file(tmp_path, monkeypatch, failing, error):
    path = tmp_path / "m.npz"
    save(path, trained()[0], VOCABULARY, {"steps": 1})

    def fail(*args):
        raise error

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(type(error)):
        save(path, trained()[0], VOCABULARY, {"steps": 2})
    assert load(path).settings == {"steps": 1} and list(tmp_path.iterdir()) == [path]


def test_the_bytes_are_on_the_disk_before_they_get_the_name(tmp_path, monkeypatch):
    path, calls, fsync, replace = tmp_path / "m.npz", [], os.fsync, os.replace

    def watched_fsync(descriptor):
        fsync(descriptor)
        calls.append(("fsync", os.fstat(descriptor).st_size))

    def watched_replace(source, target):
        calls.append(("replace", os.stat(source).st_size))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", watched_replace)
    save(path, trained()[0], VOCABULARY, {})
    size = path.stat().st_size
    assert calls == [("fsync", size), ("replace", size)]


def test_no_folder_and_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        save(tmp_path / "no" / "m.npz", trained()[0], VOCABULARY, {})
    with pytest.raises(OSError, match="is a folder or a device"):
        save(tmp_path, trained()[0], VOCABULARY, {})
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere.npz")


@needs_posix
def test_a_device_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="is a folder or a device"):
        save(pipe, trained()[0], VOCABULARY, {})
    assert pipe.is_fifo()


@needs_posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(tmp_path, exists):
    (tmp_path / "far").mkdir()
    link, target = tmp_path / "m.npz", tmp_path / "far" / "real.npz"
    if exists:
        save(target, trained()[0], VOCABULARY, {"steps": 1})
    link.symlink_to(Path("far") / "real.npz")
    save(link, trained()[0], VOCABULARY, {"steps": 2})
    assert link.is_symlink() and load(target).settings == load(link).settings == {"steps": 2}
    assert [p.name for p in target.parent.iterdir()] == ["real.npz"]


@needs_posix
def test_permissions_are_kept_and_new_files_follow_the_umask(tmp_path, monkeypatch):
    path, aside, replace = tmp_path / "m.npz", [], os.replace

    def watched_replace(source, target):
        aside.append(stat.S_IMODE(os.stat(source).st_mode))
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched_replace)
    old = os.umask(0o027)
    try:
        save(path, trained()[0], VOCABULARY, {})
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        for mode in (0o600, 0o666, 0o444, 0o755):
            path.chmod(mode)
            save(path, trained()[0], VOCABULARY, {})
            assert stat.S_IMODE(path.stat().st_mode) == mode
    finally:
        os.umask(old)
    assert aside == [0o640, 0o600, 0o666, 0o444, 0o755]


@needs_posix
def test_where_nothing_is_masked_a_new_file_can_be_read_and_written_by_all(tmp_path):
    old = os.umask(0)
    try:
        save(tmp_path / "m.npz", trained()[0], VOCABULARY, {})
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "m.npz").stat().st_mode) == 0o666


def test_it_can_be_imported_where_there_is_no_fcntl(monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)  # importing it raises ImportError
    specification = importlib.util.find_spec(_files.__name__)
    fresh = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(fresh)
    assert fresh.fcntl is None


@needs_posix
def test_a_private_file_is_private_from_the_first_byte(tmp_path, monkeypatch):
    path, modes, fsync = tmp_path / "m.npz", [], os.fsync

    def watched(descriptor):
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    save(path, trained()[0], VOCABULARY, {})
    path.chmod(0o600)
    monkeypatch.setattr(os, "fsync", watched)
    save(path, trained()[0], VOCABULARY, {})
    assert modes == [0o600]


@needs_posix  # on Windows a file in use cannot be replaced: the save fails, the file is whole
def test_two_threads_that_save_one_file(tmp_path):
    models = {i: trained(H=H)[0] for i, H in enumerate((4, 40))}
    failures = []

    def work(i, barrier):
        try:
            barrier.wait()
            save(path, models[i], VOCABULARY, {"model": i})
        except Exception as error:
            failures.append(error)

    for trial in range(40):
        path, barrier = tmp_path / f"{trial}.npz", threading.Barrier(2)
        threads = [threading.Thread(target=work, args=(i, barrier)) for i in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        back = load(path)
        assert same_arrays(back.parameters, models[back.settings["model"]])
    assert not failures and len([*tmp_path.iterdir()]) == 40


SAVER = """
import sys
import numpy as np
from rnn_helpers.checkpoints import save
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
models = [init_parameters(5, H, np.random.default_rng(0)) for H in (60, 80)]
print("ready", flush=True)
while True:
    for model in models:
        save(sys.argv[1], model, Vocabulary("abcde"), {"H": len(model.bh)})
"""


def test_a_killed_save_leaves_a_whole_file_and_the_next_one_cleans_up(tmp_path):
    path, waits = tmp_path / "m.npz", np.random.default_rng(0).uniform(0.01, 0.04, 8)
    save(path, init_parameters(5, 60, np.random.default_rng(0)), VOCABULARY, {"H": 60})
    for seconds in waits:
        command = [sys.executable, "-c", SAVER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(seconds)
            process.kill()
        back = load(path)
        assert len(back.parameters.bh) == back.settings["H"]
    save(path, back.parameters, VOCABULARY, {})
    if os.name != "nt":
        assert [*tmp_path.iterdir()] == [path]


@needs_posix
@pytest.mark.parametrize("name", ["m.npz", "a+[b].npz"])
def test_only_side_files_of_this_model_are_removed(tmp_path, name):
    killed = [f".{name}.0123456789abcdef.part", f".{name}.4711.part"]
    others = [
        ".n.npz.0123456789abcdef.part", ".m_npz.0123456789abcdef.part", "m.npz.0.part",
        ".m.npz.x.0123456789abcdef.part", ".m.npz.0123456789abcdef.part.npz",
    ]  # fmt: skip
    for side_file in killed + others:
        (tmp_path / side_file).write_bytes(b"half")
    save(tmp_path / name, trained()[0], VOCABULARY, {})
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*others, name])


@needs_posix
def test_what_another_save_is_writing_is_not_removed(tmp_path, monkeypatch):
    """Three saves: b begins while a writes, c begins and ends when a is done, b ends last."""
    path, replace = tmp_path / "m.npz", os.replace
    written = {name: threading.Event() for name in "ab"}
    go_on = {name: threading.Event() for name in "ab"}
    failures = []

    def wait_and_replace(source, target):
        name = threading.current_thread().name
        if name in written:
            written[name].set()
            go_on[name].wait(60)
        replace(source, target)

    def work():
        try:
            save(path, trained()[0], VOCABULARY, {"by": threading.current_thread().name})
        except Exception as error:
            failures.append(error)

    monkeypatch.setattr(os, "replace", wait_and_replace)
    a, b = (threading.Thread(target=work, name=name) for name in "ab")
    for thread in (a, b):
        thread.start()
        written[thread.name].wait(60)
    go_on["a"].set()
    a.join()
    save(path, trained()[0], VOCABULARY, {"by": "c"})
    assert load(path).settings == {"by": "c"}
    go_on["b"].set()
    b.join()
    assert not failures and load(path).settings == {"by": "b"} and [*tmp_path.iterdir()] == [path]


@needs_posix
def test_where_a_folder_cannot_be_locked_side_files_stay(tmp_path, monkeypatch):
    path, part = tmp_path / "m.npz", tmp_path / ".m.npz.0123456789abcdef.part"
    part.write_bytes(b"half")

    def refuse(*args):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(_files.fcntl, "flock", refuse)
    save(path, trained()[0], VOCABULARY, {})
    assert part.exists() and load(path)
    monkeypatch.setattr(_files, "fcntl", None)  # Windows
    save(path, trained()[0], VOCABULARY, {})
    assert part.exists() and load(path)


# A damaged file never loads as something else.


@pytest.fixture(scope="module")
def small_file(tmp_path_factory):
    path, rng = tmp_path_factory.mktemp("small") / "m.npz", np.random.default_rng(0)
    parameters = init_parameters(2, 1, rng)
    optimizer = Adam(parameters)
    run = train(parameters, IDS % 2, optimizer, 3, rng, length=7)
    save(path, parameters, Vocabulary("ab"), {"a": 1}, optimizer=optimizer, run=run, rng=rng)
    return path.read_bytes()


def everything(path):
    """All of a model, in a form that can be compared."""
    model = load(path)
    return [
        model.vocabulary, model.settings, vars(model.run) | {"h": model.run.h.tobytes()},
        model.rng.bit_generator.state, [a.tobytes() for a in model.parameters],
        {k: [a.tobytes() for a in v] if isinstance(v, tuple) else v
         for k, v in vars(model.optimizer).items()},
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["one bit", "one byte", "cut short"])
def test_damage_never_loads_as_something_else(tmp_path, small_file, kind):
    path, rng = tmp_path / "m.npz", np.random.default_rng(0)
    path.write_bytes(small_file)
    whole, refused = everything(path), 0
    directory = small_file.index(b"PK\x01\x02")  # most of the damage that passes is there
    places = [*range(directory, len(small_file), 4), *rng.integers(0, directory, 200)]
    for place in places:
        damaged = bytearray(small_file)
        if kind == "cut short":
            del damaged[place:]
        else:
            damaged[place] ^= 1 << rng.integers(8) if kind == "one bit" else rng.integers(1, 256)
        path.write_bytes(damaged)
        try:
            assert everything(path) == whole
        except ValueError as error:
            assert "cannot be used as a model" in str(error)
            refused += 1
    assert refused > 0.6 * len(places)  # the rest: dates, permissions, fields that nobody reads


def test_every_kind_of_damage_is_a_clear_error(tmp_path):
    path = tmp_path / "m.npz"
    save_all(path, *trained())
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    for damaged in (b"", b"hello", whole[: len(whole) // 2], whole[:-10], bytes(flipped)):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="not an .npz file, or it is damaged or cut short"):
            load(path)


@pytest.mark.parametrize("text", ["hello", "Wxh 1 2 3\n" * 100])
def test_a_text_file_is_no_model(tmp_path, text):
    path = tmp_path / "m.npz"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="not an .npz file"):
        load(path)


def test_a_checksum_is_over_everything(tmp_path):
    """Changes that leave a file whole: the zip file's own sums are right in each of them."""
    path = tmp_path / "m.npz"
    save_all(path, *trained(), settings={"learnt": 1.5})
    members = read_members(path)
    weights = np.load(io.BytesIO(members["bh.npy"]))
    for change in (
        {"bh.npy": npy(weights + 1e-9)},
        {"bh.npy": npy(weights.astype(np.float32))},
        {"run.h.npy": members["bh.npy"], "bh.npy": members["run.h.npy"]},
        {"about.npy": members["about.npy"].replace(b'"learnt": 1.5', b'"learnt": 1.6')},
        {"checksum.npy": npy(np.zeros(32, np.uint8))},
        {"checksum.npy": npy(np.zeros(0, np.uint8))},
        {"extra.npy": npy(weights)},
    ):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in (members | change).items():
                archive.writestr(name, content)
        with pytest.raises(ValueError, match="checksum is wrong"):
            load(path)


def test_every_member_is_needed_and_none_too_many(tmp_path):
    path = tmp_path / "m.npz"
    save_all(path, *trained())
    members = read_members(path)
    assert len(members) == 5 + 5 + 3 + 2
    for name in members:
        write_members(path, {k: v for k, v in members.items() if k != name})
        if name == "checksum.npy":
            assert load(path)
            write_members(path, members, checksum=False)
        with pytest.raises(ValueError, match="part is missing|checksum is missing"):
            load(path)
    write_members(path, members | {"more.npy": members["bh.npy"]})
    with pytest.raises(ValueError, match="belong to no part of it: more"):
        load(path)


class Trap:
    """Runs a command when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["bh", "sum_of_squares.bh", "run.losses", "about", "checksum"])
def test_no_pickle_is_ever_loaded(tmp_path, name):
    path, sprung = tmp_path / "m.npz", tmp_path / "sprung"
    save_all(path, *trained())
    trap = np.empty(8, object)
    trap[:] = Trap(sprung)
    rewrite(path, **{name: trap})
    if name == "checksum":  # `rewrite` has put the right one in its place
        with zipfile.ZipFile(path, "a") as archive:
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr("checksum.npy", npy(trap))
    with pytest.raises(ValueError, match="allow_pickle"):
        load(path)
    assert not sprung.exists()


@pytest.mark.parametrize("where", ["zipfile.ZipFile.read", "numpy.lib.format.read_array"])
def test_too_little_memory_is_not_called_damage(tmp_path, monkeypatch, where):
    def run_out(*args, **kwargs):
        raise MemoryError

    save_all(tmp_path / "m.npz", *trained())
    monkeypatch.setattr(where, run_out)
    with pytest.raises(MemoryError):
        load(tmp_path / "m.npz")


def test_a_file_of_numpy_that_is_no_model(tmp_path):
    path = tmp_path / "m.npz"
    np.savez(path, Wxh=np.zeros(3))
    with pytest.raises(ValueError, match="cannot be used as a model: a part is missing"):
        load(path)


@pytest.mark.parametrize("format", ["rnn_helpers model 3", None, 2])
def test_another_format_is_refused(tmp_path, format):
    path = tmp_path / "m.npz"
    save_all(path, *trained())
    rewrite(path, lambda about: about.update(format=format))
    with pytest.raises(ValueError, match=f"its format is {format!r}, and this code reads"):
        load(path)


def test_parts_that_do_not_fit_are_noticed_on_loading(tmp_path):
    path = tmp_path / "m.npz"
    save_all(path, *trained())
    whole = path.read_bytes()
    for name in ("bh", "sum_of_squares.Whh", "run.h"):
        good = np.load(io.BytesIO(read_members(path)[f"{name}.npy"]))
        for bad in (good * np.nan, good[:2], good.astype(np.float32)):
            rewrite(path, **{name: bad})
            with pytest.raises(ValueError, match="cannot be used as a model"):
                load(path)
            path.write_bytes(whole)
    for spoil in (
        lambda about: about.update(cell="Nobody"),
        lambda about: about["optimizer"].update(kind="Nobody"),
        lambda about: about["optimizer"].update(learning_rate=["float", "0.1"]),
        lambda about: about["run"].update(more=1),
        lambda about: about["rng"].update(bit_generator="MT19937"),
        lambda about: about.update(characters="aabcd"),
    ):
        rewrite(path, spoil)
        with pytest.raises(ValueError, match="cannot be used as a model"):
            load(path)
        path.write_bytes(whole)


# Files of the first format.


def write_first_format(path, parameters, settings, optimizer, run, rng):
    """What the first version of this module wrote."""
    about = {"format": "rnn_helpers model 1", "characters": VOCABULARY.characters}
    arrays = parameters._asdict()
    kind, numbers, memories = {
        SGD: ("SGD", [], {}),
        Adagrad: ("Adagrad", ["epsilon"], {"memory": "sum_of_squares"}),
        Adam: ("Adam", ["beta1", "beta2", "epsilon", "steps"], dict.fromkeys(["mean"], "mean")),
    }[type(optimizer)]
    if kind == "Adam":
        memories["square"] = "square"
    about |= {"settings": settings, "rng": rng.bit_generator.state}
    about["optimizer"] = {"kind": kind, "rate": optimizer.learning_rate}
    about["optimizer"] |= {name: getattr(optimizer, name) for name in numbers}
    for old, new in memories.items():
        own = getattr(optimizer, new)._asdict()
        arrays |= {f"{old}.{field}": array for field, array in own.items()}
    about["run"] = {"step": run.step, "position": run.position}
    arrays |= {"losses": np.array(run.losses), "smoothed": np.array(run.smoothed), "h": run.h}
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez_compressed(path, about=text, **arrays)


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_files_of_the_first_format_are_read(tmp_path, make):
    path = tmp_path / "m.npz"
    parameters, optimizer, run, rng = trained(make)
    write_first_format(path, parameters, {"steps": 13}, optimizer, run, rng)
    back = load(path)
    assert back.settings == {"steps": 13} and back.vocabulary == VOCABULARY
    train(parameters, IDS, optimizer, 40, rng, length=7, run=run)
    train(back.parameters, IDS, back.optimizer, 40, back.rng, length=7, run=back.run)
    assert same_arrays(parameters, back.parameters) and run.losses == back.run.losses
    save_all(path, back.parameters, back.optimizer, back.run, back.rng)
    assert FORMAT in str(read_members(path)["about.npy"])


# The models of the series.


def test_the_models_of_the_series_come_by_name():
    for name in MODELS:
        model = load_model(name)
        assert model.settings["hidden_size"] == model.parameters.Whh.shape[1]
    with pytest.raises(ValueError, match="'poem'; there are story, tale_of_two_cities"):
        load_model("poem")


def test_the_models_of_the_series_have_the_new_format():
    for name in MODELS:
        path = Path(__file__).parent.parent / "data" / "models" / f"{name}.npz"
        assert FORMAT.encode() in read_members(path)["about.npy"]
