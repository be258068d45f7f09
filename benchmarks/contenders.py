"""What is compared. Each function prepares one contender and returns it ready to run.

A contender is a function of n that does its task n times. The sizes are those of the
series: V characters, H neurons, windows of T, B streams side by side (None: one).
"""

import numpy as np

from benchmarks import in_c, textbook
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character, streams, train

T = 25


def network(V, H, dtype="float64", scale=0.01):
    """Fresh weights, and a text of random characters."""
    rng = np.random.default_rng(0)
    return init_parameters(V, H, rng, scale=scale, dtype=dtype), rng.integers(0, V, 100_001)


def windows_for_ever(ids):
    """Inputs and targets of window after window."""
    while True:
        for start in range(0, len(ids) - T, T):
            yield ids[start : start + T], ids[start + 1 : start + T + 1]


def textbook_step(V, H, dtype="float64"):
    """Steps of the textbook loop."""
    parameters, ids = network(V, H, dtype)
    weights = textbook.columns(parameters)
    memory, h = [np.zeros_like(w) for w in weights], np.zeros((H, 1), dtype)
    windows = windows_for_ever(ids)

    def run(n):
        nonlocal h
        for _ in range(n):
            _, h = textbook.step(weights, memory, *next(windows), h)

    return run


def series_step(V, H, dtype="float64", B=None):
    """Steps of `train`, as a reader runs it."""
    parameters, ids = network(V, H, dtype)
    ids = streams(ids, B) if B else ids
    optimizer, rng = Adagrad(parameters), np.random.default_rng(1)
    past = train(parameters, ids, optimizer, 1, rng)

    def run(n):
        train(parameters, ids, optimizer, n, rng, run=past, progress=False)

    return run


def c_step(V, H, dtype="float64"):
    """Steps of step.c."""
    parameters, ids = network(V, H, dtype)
    c, windows, h = in_c.CStep(parameters), windows_for_ever(ids), np.zeros(H, dtype)

    def run(n):
        for _ in range(n):
            c.step(*next(windows), h)

    return run


def torch_step(V, H, dtype="float32", B=None):
    """Steps of PyTorch: nn.RNN, a linear layer, its own fused Adagrad."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(getattr(torch, dtype))
    _, ids = network(V, H)
    batches = windows_for_ever(streams(ids, B or 1))
    rnn, head = torch.nn.RNN(V, H), torch.nn.Linear(H, V)
    weights = [*rnn.parameters(), *head.parameters()]
    optimizer = torch.optim.Adagrad(weights, lr=0.01, fused=True)
    h = torch.zeros(1, B or 1, H)

    def run(n):
        nonlocal h
        for _ in range(n):
            x, y = (torch.from_numpy(a) for a in next(batches))
            x = torch.nn.functional.one_hot(x, V).to(h.dtype)
            hidden, h = rnn(x, h.detach())
            logits = head(hidden).reshape(-1, V)
            loss = torch.nn.functional.cross_entropy(logits, y.reshape(-1), reduction="sum")
            optimizer.zero_grad()
            (loss / (B or 1)).backward()
            torch.nn.utils.clip_grad_value_(weights, 5.0)
            optimizer.step()

    return run


def jax_step(V, H, dtype="float32", B=None):
    """Steps of JAX: the whole step compiled, a scan over time."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", dtype == "float64")
    parameters, ids = network(V, H, dtype)
    batches = windows_for_ever(streams(ids, B or 1))

    def loss_of(p, x, y, h):
        def read(h, x_t):
            h = jnp.tanh(p.Wxh.T[x_t] + h @ p.Whh.T + p.bh)
            return h, h

        h, hidden = jax.lax.scan(read, h, x)
        logits = jax.nn.log_softmax(hidden @ p.Why.T + p.by)
        return -jnp.take_along_axis(logits, y[..., None], -1).sum() / (B or 1), h

    @jax.jit
    def step(p, memory, x, y, h):
        gradients, h = jax.grad(loss_of, has_aux=True)(p, x, y, h)
        gradients = jax.tree.map(lambda g: jnp.clip(g, -5, 5), gradients)
        memory = jax.tree.map(lambda m, g: m + g * g, memory, gradients)
        move = jax.tree.map(lambda g, m: 0.1 * g / jnp.sqrt(m + 1e-8), gradients, memory)
        return jax.tree.map(lambda w, m: w - m, p, move), memory, h

    state = jax.tree.map(jnp.asarray, parameters), jax.tree.map(jnp.zeros_like, parameters)
    h = jnp.zeros((B or 1, H), dtype)

    def run(n):
        nonlocal state, h
        for _ in range(n):
            *state, h = step(*state, *next(batches), h)
        h.block_until_ready()

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
    weights = textbook.columns(network(V, H, scale=0.1)[0])
    rng = np.random.default_rng(0)
    return lambda n: [textbook.sample(weights, np.zeros((H, 1)), 0, length, rng) for _ in range(n)]


def series_sample(V, H, length, dtype="float64", B=None):
    """Texts of `sample`: one of this length, or B that have it together."""
    parameters, _ = network(V, H, dtype, scale=0.1)
    vocabulary, rng = Vocabulary("".join(map(chr, range(V)))), np.random.default_rng(0)
    prompt, length = (["a"] * B, length // B) if B else ("a", length)
    return lambda n: [sample(parameters, vocabulary, prompt, length, rng=rng) for _ in range(n)]


def textbook_read(V, H, length):
    """Readings of a text by the textbook loop."""
    parameters, ids = network(V, H, scale=0.1)
    weights = textbook.columns(parameters)
    return lambda n: [textbook.bits_per_character(weights, ids[: length + 1]) for _ in range(n)]


def series_read(V, H, length, dtype="float64", B=None):
    """Readings of a text by `bits_per_character`, as one stream or as B."""
    parameters, ids = network(V, H, dtype, scale=0.1)
    ids = streams(ids[: length + 1], B) if B else ids[: length + 1]
    window = 10 if B else 1000
    return lambda n: [bits_per_character(parameters, ids, length=window) for _ in range(n)]
