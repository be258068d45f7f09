"""What the benchmarks compare computes the same thing."""

import importlib.util
import inspect

import numpy as np
import pytest
from conftest import CHAPTERS, cells_of, large_weights

from benchmarks import contenders, goals, in_c, run, textbook
from rnn_helpers.adagrad import Adagrad, clip_gradients
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.lstm import init_lstm
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character

SIZES = [{"T": 1}, {"T": 9}, {"T": 25, "V": 40, "H": 30, "scale": 0.3}]
OTHERS = {  # what is timed beside the textbook loop and C, and what it needs
    "Eager": "torch", "CompiledLoss": "torch", "CompiledStep": "torch", "JaxStep": "jax",
}  # fmt: skip
needs_c = pytest.mark.skipif(not in_c.available(), reason="there is no C compiler here")


def close(a, b, **tolerance):
    a, b = np.asarray(a), np.asarray(b)
    return np.allclose(a, b.reshape(a.shape), **({"rtol": 1e-10, "atol": 1e-12} | tolerance))


def other(name):
    """A class of in_torch or in_jax, where its library is installed."""
    module = OTHERS[name]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed: pip install -r requirements-bench.txt")
    return getattr(importlib.import_module(f"benchmarks.in_{module}"), name)


def numpy_of(arrays):
    return [np.asarray(a.detach() if hasattr(a, "detach") else a) for a in arrays]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", SIZES)
def test_the_textbook_loop_is_loss_and_gradients(size, seed):
    setting = large_weights(**size, seed=seed)
    loss, gradients, h = loss_and_gradients(*setting)
    its_loss, its, its_h = textbook.loss_and_gradients(*setting)
    assert close(loss, its_loss) and close(h, its_h)
    assert all(a.shape == b.shape and close(a, b) for a, b in zip(gradients, its))


def test_the_textbook_loop_stays_in_float32():
    parameters, inputs, targets, h0 = large_weights(T=25, V=40, H=30, scale=0.3)
    parameters, h0 = parameters._make(p.astype(np.float32) for p in parameters), np.float32(h0)
    _, gradients, h = textbook.loss_and_gradients(parameters, inputs, targets, h0)
    assert {a.dtype for a in (*gradients, h)} == {np.dtype(np.float32)}
    sums = [np.zeros_like(p) for p in parameters]
    _, h = textbook.step(parameters, sums, inputs, targets, h0)
    assert {a.dtype for a in (*parameters, *sums, h)} == {np.dtype(np.float32)}


def test_chapter_08_begins_with_the_same_loop():
    """Line for line, but for the docstrings: one loop for the chapter and the benchmarks."""
    (path,) = (p for p in CHAPTERS if p.name.startswith("08"))
    cells = [cell.source for cell in cells_of(path) if cell.cell_type == "code"]
    for function in (textbook.read_textbook, textbook.back_textbook):
        lines = inspect.getsource(function).rstrip().split("\n")
        code = [line for line in lines if not line.lstrip().startswith('"""')]
        assert "\n".join(code) in "\n".join(cells), function.__name__


@needs_c
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", SIZES)
def test_c_is_loss_and_gradients(size, seed):
    parameters, inputs, targets, h0 = large_weights(**size, seed=seed)
    loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
    c = in_c.CStep(parameters)
    assert close(loss, c.loss_and_gradients(inputs, targets, h0)) and close(h, h0)
    assert all(close(a, b) for a, b in zip(gradients, c.gradients))


@pytest.mark.parametrize("B", [1, 4])
@pytest.mark.parametrize("name", OTHERS)
def test_other_libraries_compute_the_same_gradients(name, B):
    parameters, inputs, targets, h0 = large_weights(T=9, V=40, H=30, B=B, scale=0.3)
    _, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
    it = other(name)(parameters, h0)
    its = numpy_of(it.gradients(inputs, targets))
    assert all(a.dtype == b.dtype and close(a, b) for a, b in zip(gradients, its))
    assert close(h, *numpy_of([it.h]))


@pytest.mark.parametrize("B", [1, 4])
def test_the_lstm_of_another_library_computes_the_same(B):
    """The gradients, and the state that is carried over three windows."""
    Eager = other("Eager")
    rng = np.random.default_rng(0)
    parameters, h = init_lstm(40, 30, rng, scale=0.3), 0.3 * rng.standard_normal((B, 60))
    inputs, targets = rng.integers(0, 40, (2, 9, B))
    it = Eager(parameters, h)
    order = np.arange(120).reshape(4, 30)[[0, 1, 3, 2]].ravel()
    for _ in range(3):
        _, gradients, h = loss_and_gradients(parameters, inputs, targets, h)
        its = numpy_of(it.gradients(inputs, targets))
        for a, b in zip(gradients, its):
            assert close(a[order] if len(a) == 120 else a, b)
        assert close(h, *numpy_of([it.h]))


@pytest.mark.parametrize("name", ["textbook", "C", *OTHERS])
def test_steps_go_to_the_same_place(name):
    parameters, inputs, targets, h0 = large_weights(scale=2.0)  # large enough that clipping acts
    ours, h, clipped = parameters._make(p.copy() for p in parameters), h0, 0
    # PyTorch's own Adagrad adds its epsilon, 1e-10, after the root: tiny gradients move more
    epsilon, atol = (1e-20, 2e-3) if name in ("Eager", "CompiledLoss") else (1e-8, 1e-12)
    optimizer = Adagrad(ours, epsilon=epsilon)
    for _ in range(3):
        _, gradients, h = loss_and_gradients(ours, inputs, targets, h)
        clipped += sum((abs(g) > 5).sum() for g in gradients)
        optimizer.step(clip_gradients(gradients))
    assert clipped > 3
    if name == "textbook":
        theirs, h = parameters._make(p.copy() for p in parameters), h0
        sums = [np.zeros_like(p) for p in parameters]
        for _ in range(3):
            _, h = textbook.step(theirs, sums, inputs, targets, h)
    elif name == "C":
        if not in_c.available():
            pytest.skip("there is no C compiler here")
        c, h = in_c.CStep(parameters), h0.copy()
        for _ in range(3):
            c.step(inputs, targets, h)
        theirs = c.parameters
    else:
        it = other(name)(parameters, h0[np.newaxis])
        for _ in range(3):
            it.step(inputs[:, np.newaxis], targets[:, np.newaxis])
        theirs = numpy_of(it.weights)
    assert all(close(a, b, atol=atol) for a, b in zip(ours, theirs))
    assert not any(close(a, b, atol=1e-2) for a, b in zip(parameters, theirs))


def test_the_textbook_loop_samples_and_evaluates_the_same():
    parameters, _, _, _ = large_weights()
    vocabulary = Vocabulary("abcdefg")
    written = textbook.sample(parameters, np.zeros(6), 3, 200, np.random.default_rng(5))
    assert vocabulary.decode(written) == sample(
        parameters, vocabulary, "d", 200, rng=np.random.default_rng(5)
    )
    bits = textbook.bits_per_character(parameters, np.array(written))
    assert close(bits_per_character(parameters, np.array(written)), bits)


def test_a_figure_is_the_median_over_rounds_against_the_fastest_other():
    times = {"we": [1, 2, 4], "a": [2, 9, 8], "b": [3, 6, 40]}
    assert goals.figure_of(times, goals.Figure("", "we", ("a",))) == 2
    assert goals.figure_of(times, goals.Figure("", "we", ("a", "b"))) == 2
    assert goals.figure_of(times, goals.Figure("", "we", ("b", "not here"), work=32)) == 96
    assert goals.figure_of(times, goals.Figure("", "we", ("not here",))) is None
    assert goals.figure_of(times, goals.Figure("", "nor here", ("a",))) is None


def test_every_label_of_a_figure_is_a_contender_that_can_be_made():
    for entries, figures in goals.TASKS:
        for figure in figures:
            assert {figure.label, *figure.than} <= set(entries), figure
        for name, settings in entries.values():
            inspect.signature(getattr(contenders, name)).bind(**settings)
    names = [figure.name for _, figures in goals.TASKS for figure in figures]
    assert len(names) == len(set(names)) and max(map(len, names)) <= 58


def test_like_is_compared_with_like():
    """Over a loop in another precision only where the name says so."""
    for entries, figures in goals.TASKS[:2]:
        for figure in figures:
            precision = entries[figure.label][1].get("dtype", "float32")
            if "float64:" in figure.name:
                precision = entries[figure.label][1].get("dtype", "float64")
            if " over float64 loop" in figure.name:
                precision = "float64"
            for label in figure.than:
                other = entries[label][1].get("dtype")
                default = "float64" if label == "textbook" else "float32"
                assert (other or default) == precision, figure


def test_what_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    monkeypatch.setattr(in_c, "available", lambda: False)
    left = run.here(goals.STEPS)
    assert {label.split(",")[0] for label in left} == {
        "textbook", "textbook float32", "rnn_helpers", "rnn_helpers float32",
    }  # fmt: skip
