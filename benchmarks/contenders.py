"""What is compared. Each function prepares one contender and returns it ready to run.

A contender is a function of n that does its task n times. The sizes are those of the
series: V characters, H neurons, windows of T, B streams side by side (None: one).
"""

import numpy as np

from benchmarks import in_c, textbook
from rnn_helpers._system import reuse_freed_memory
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.cells import zero_state
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.lstm import init_lstm
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character, streams, train

T = 25


def network(V, H, dtype="float64", scale=0.01, lstm=False):
    """Fresh weights, and a text of random characters."""
    rng, init = np.random.default_rng(0), init_lstm if lstm else init_parameters
    return init(V, H, rng, scale=scale, dtype=dtype), rng.integers(0, V, 100_001)


def windows_forever(ids):
    """Inputs and targets of window after window."""
    while True:
        for start in range(0, len(ids) - T, T):
            yield ids[start : start + T], ids[start + 1 : start + T + 1]


def textbook_step(V, H, dtype="float64", reuse=False):
    """Steps of the textbook loop; `reuse` spares it page faults, as `train` does for itself."""
    if reuse:
        reuse_freed_memory()
    parameters, ids = network(V, H, dtype)
    sums = [np.zeros_like(w) for w in parameters]
    windows, h = windows_forever(ids), zero_state(parameters)

    def run(n):
        nonlocal h
        for _ in range(n):
            _, h = textbook.step(parameters, sums, *next(windows), h)

    return run


def series_step(V, H, dtype="float64", B=None, lstm=False):
    """Steps of `train`, as a reader runs it."""
    parameters, ids = network(V, H, dtype, lstm=lstm)
    ids = streams(ids, B) if B else ids
    optimizer, rng = Adagrad(parameters), np.random.default_rng(1)
    past = train(parameters, ids, optimizer, 1, rng)

    def run(n):
        train(parameters, ids, optimizer, n, rng, run=past, progress=False)

    return run


def c_step(V, H, dtype="float64"):
    """Steps of step.c."""
    parameters, ids = network(V, H, dtype)
    c, windows, h = in_c.CStep(parameters), windows_forever(ids), zero_state(parameters)

    def run(n):
        for _ in range(n):
            c.step(*next(windows), h)

    return run


def torch_step(V, H, dtype="float32", B=None, way="Eager", lstm=False):
    """Steps of PyTorch, in one of the ways of `in_torch`."""
    from benchmarks import in_torch

    return steps_of(getattr(in_torch, way), V, H, dtype, B, lstm)


def jax_step(V, H, dtype="float32", B=None):
    """Steps of JAX."""
    from benchmarks import in_jax

    return steps_of(in_jax.JaxStep, V, H, dtype, B)


def steps_of(make, V, H, dtype, B, lstm=False):
    """Steps of another library; one stream is a batch of one."""
    parameters, ids = network(V, H, dtype, lstm=lstm)
    it, windows = make(parameters, zero_state(parameters, (B or 1,))), streams(ids, B or 1)
    windows = windows_forever(windows)

    def run(n):
        for _ in range(n):
            it.step(*next(windows))
        np.asarray(it.h)  # waits until it is there

    return run


def lstm_products(V, H, dtype="float64", B=None):
    """The matrix products that the series' LSTM does in a step, and nothing else."""
    B, rng = B or 1, np.random.default_rng(0)
    sizes = (4 * H, H), (V, H), (T, B, H), (T, B, 4 * H), (T, B, V), (T * B, V)
    Whh, Why, h, da, dy, x = (rng.standard_normal(size).astype(dtype) for size in sizes)
    flat_h, flat_da, flat_dy = (a.reshape(T * B, -1) for a in (h, da, dy))

    def run(n):
        for _ in range(n):
            for t in range(T):
                h[t].dot(Whh.T), da[t].dot(Whh)
            h @ Why.T, dy @ Why
            flat_da.T @ x, flat_da.T @ flat_h, flat_dy.T @ flat_h

    return run


def matrix_product(size=1024):
    """Products of two square float32 matrices: what the processor can do at best."""
    left, right = np.random.default_rng(0).standard_normal((2, size, size), np.float32)
    result = np.empty_like(left)

    def run(n):
        for _ in range(n):
            np.matmul(left, right, out=result)

    return run


def textbook_sample(V, H, length):
    """Texts of the textbook loop."""
    parameters, _ = network(V, H, scale=0.1)
    h, rng = zero_state(parameters), np.random.default_rng(0)
    return lambda n: [textbook.sample(parameters, h, 0, length, rng) for _ in range(n)]


def series_sample(V, H, length, dtype="float64", B=None):
    """Texts of `sample`: one of this length, or B that have it together."""
    parameters, _ = network(V, H, dtype, scale=0.1)
    vocabulary, rng = Vocabulary("".join(map(chr, range(V)))), np.random.default_rng(0)
    prompt, length = (["a"] * B, length // B) if B else ("a", length)
    return lambda n: [sample(parameters, vocabulary, prompt, length, rng=rng) for _ in range(n)]


def textbook_read(V, H, length):
    """Readings of a text by the textbook loop."""
    parameters, ids = network(V, H, scale=0.1)
    return lambda n: [textbook.bits_per_character(parameters, ids[: length + 1]) for _ in range(n)]


def series_read(V, H, length, dtype="float64", B=None):
    """Readings of a text by `bits_per_character`, as one stream or as B."""
    parameters, ids = network(V, H, dtype, scale=0.1)
    ids = streams(ids[: length + 1], B) if B else ids[: length + 1]
    window = 10 if B else 1000
    return lambda n: [bits_per_character(parameters, ids, length=window) for _ in range(n)]
