"""The contenders of each task, the figures that come out of them, and the goals."""

from statistics import median
from typing import NamedTuple

SMALL = {"V": 173, "H": 100}  # with T = 25, a single stream
LARGE = {"V": 95, "H": 128}  # with T = 25, B = 32
SINGLE, B32 = {"dtype": "float32"}, {"dtype": "float32", "B": 32}
SAMPLED, READ = {"length": 10_000}, {"length": 10_000}
LOSS_COMPILED, STEP_COMPILED = {"way": "CompiledLoss"}, {"way": "CompiledStep"}

STEPS = {
    "textbook": ("textbook_step", SMALL),
    "textbook, memory reused": ("textbook_step", SMALL | {"reuse": True}),
    "textbook float32": ("textbook_step", SMALL | SINGLE),
    "rnn_helpers": ("series_step", SMALL),
    "rnn_helpers float32": ("series_step", SMALL | SINGLE),
    "C": ("c_step", SMALL),
    "C float32": ("c_step", SMALL | SINGLE),
    "PyTorch": ("torch_step", SMALL | SINGLE),
    "PyTorch, loss compiled": ("torch_step", SMALL | SINGLE | LOSS_COMPILED),
    "PyTorch, step compiled": ("torch_step", SMALL | SINGLE | STEP_COMPILED),
    "JAX": ("jax_step", SMALL | SINGLE),
}
BATCHES = {
    "textbook": ("textbook_step", LARGE),
    "textbook float32": ("textbook_step", LARGE | SINGLE),
    "rnn_helpers": ("series_step", LARGE | B32),
    "PyTorch": ("torch_step", LARGE | B32),
    "PyTorch, loss compiled": ("torch_step", LARGE | B32 | LOSS_COMPILED),
    "PyTorch, step compiled": ("torch_step", LARGE | B32 | STEP_COMPILED),
    "JAX": ("jax_step", LARGE | B32),
    "matrix product": ("matrix_product", {}),
}
TEXTS = {
    "textbook samples": ("textbook_sample", SMALL | SAMPLED),
    "samples": ("series_sample", SMALL | SAMPLED),
    "samples float32": ("series_sample", SMALL | SAMPLED | SINGLE),
    "samples 128": ("series_sample", SMALL | SAMPLED | {"B": 128}),
    "samples 128 float32": ("series_sample", SMALL | SAMPLED | SINGLE | {"B": 128}),
    "textbook reads": ("textbook_read", SMALL | READ),
    "reads": ("series_read", SMALL | READ),
    "reads float32": ("series_read", SMALL | READ | SINGLE),
    "reads 64": ("series_read", SMALL | READ | {"B": 64}),
    "reads 64 float32": ("series_read", SMALL | READ | SINGLE | {"B": 64}),
}
LSTM = {"lstm": True}
LSTMS = {
    f"{label}{what}": (name, sizes | {"dtype": dtype} | own)
    for what, sizes in (("", SMALL), (", batch", LARGE | {"B": 32}))
    for dtype, ours in (("float64", "rnn_helpers"), ("float32", "rnn_helpers float32"))
    for label, name, own in (
        (ours, "series_step", LSTM),
        (ours.replace("rnn_helpers", "PyTorch"), "torch_step", LSTM),
        (ours.replace("rnn_helpers", "products"), "lstm_products", {}),
    )
}


def products(V, H, T, B):
    """Floating-point operations of the matrix products that one step cannot do without.

    Whh and Why are each used three times: forwards, for the message back, and for the
    gradient. Wxh meets one-hot vectors, which pick a column: no product is needed.
    """
    return 3 * 2 * T * B * (H * H + H * V)


def products_done(V, H, T, B):
    """With the one that `bptt` does all the same: one-hot rows, for the gradient of Wxh.

    To add each row up in its column needs no product; in NumPy it is slower for one stream.
    """
    return products(V, H, T, B) + 2 * T * B * H * V


class Figure(NamedTuple):
    """How many times the work of others a contender does in the same time, and the goal."""

    name: str
    label: str
    than: tuple  # labels of the others; of several, the fastest in each round
    goal: float | None = None
    work: float = 1.0  # what one run of the contender does, in runs of the others


def of_the_peak(count):
    """The operations of a batch, in runs of the product of two matrices."""
    return count(**LARGE, T=25, B=32) / (2 * 1024**3)


LOOP, LOOP32, PRODUCT = ("textbook",), ("textbook float32",), ("matrix product",)
OURS, OURS32, COMPILED = "rnn_helpers", "rnn_helpers float32", "PyTorch, step compiled"
TORCH_STEP = (COMPILED,)
EAGER_OR_COMPILED = ("PyTorch", "PyTorch, loss compiled")
TASKS = [  # what takes turns, and the figures that come out
    (STEPS, [
        Figure("1 step, float64: rnn_helpers", OURS, LOOP, 3.5),
        Figure("1 step, float64: C", "C", LOOP),
        Figure("1 step, float64: textbook, freed memory reused", "textbook, memory reused", LOOP),
        Figure("1 step, float32: rnn_helpers", OURS32, LOOP32, 3.0),
        Figure("1 step, float32: C", "C float32", LOOP32),
        Figure("1 step, float32: PyTorch", "PyTorch", LOOP32),
        Figure("1 step, float32: PyTorch, loss compiled", "PyTorch, loss compiled", LOOP32),
        Figure("1 step, float32: PyTorch, step compiled", COMPILED, LOOP32),
        Figure("1 step, float32: JAX", "JAX", LOOP32),
        Figure("1 step, float32 over float64 loop: rnn_helpers", OURS32, LOOP, 5.0),
        Figure("1 step, float32: rnn_helpers over JAX", OURS32, ("JAX",), 1.0),
    ]),
    (BATCHES, [
        Figure("2 batch, float32: rnn_helpers", OURS, LOOP32, 13.0, 32),
        Figure("2 batch, float32: PyTorch", "PyTorch", LOOP32, None, 32),
        Figure("2 batch, float32: PyTorch, loss compiled", EAGER_OR_COMPILED[1], LOOP32, None, 32),
        Figure("2 batch, float32: PyTorch, step compiled", COMPILED, LOOP32, None, 32),
        Figure("2 batch, float32: JAX", "JAX", LOOP32, None, 32),
        Figure("2 batch, float32 over float64 loop: rnn_helpers", OURS, LOOP, 20.0, 32),
        Figure("2 batch, float32: rnn_helpers over PyTorch", OURS, EAGER_OR_COMPILED, 1.6),
        Figure("2 batch, float32: rnn_helpers over PyTorch, step compiled", OURS, TORCH_STEP, 1.0),
        Figure("2 batch, float32: rnn_helpers over JAX", OURS, ("JAX",), 1.0),
        Figure("2 batch, share of the peak", OURS, PRODUCT, 0.6, of_the_peak(products)),
        Figure("2 batch, share, one-hot too", OURS, PRODUCT, None, of_the_peak(products_done)),
    ]),
    (LSTMS, [
        Figure(f"5 LSTM, {what}, {dtype}: {name}", f"rnn_helpers{end}", (f"{than}{end}",))
        for what, where in (("1 step", ""), ("batch", ", batch"))
        for dtype, end in (("float64", where), ("float32", f" float32{where}"))
        for name, than in (("over PyTorch", "PyTorch"), ("share of its products", "products"))
    ]),
    (TEXTS, [
        Figure("4 writing one text, float64", "samples", ("textbook samples",), 2.3),
        Figure("4 writing one text, float32", "samples float32", ("textbook samples",), 2.6),
        Figure("4 writing 128 texts, float64", "samples 128", ("textbook samples",)),
        Figure("4 writing 128 texts, float32", "samples 128 float32", ("textbook samples",), 13.0),
        Figure("4 reading one stream, float64", "reads", ("textbook reads",), 3.5),
        Figure("4 reading one stream, float32", "reads float32", ("textbook reads",), 5.0),
        Figure("4 reading 64 streams, float64", "reads 64", ("textbook reads",)),
        Figure("4 reading 64 streams, float32", "reads 64 float32", ("textbook reads",), 12.0),
    ]),
]  # fmt: skip


def figure_of(times, figure):
    """The median of all rounds, from {label: one time a round}; None if a label is missing."""
    others = [times[label] for label in figure.than if label in times]
    if figure.label not in times or not others:
        return None
    rounds = zip(map(min, *others) if len(others) > 1 else others[0], times[figure.label])
    return figure.work * median(slow / fast for slow, fast in rounds)
