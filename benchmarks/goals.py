"""The goals, the contenders that each needs, and the figures that come out."""

from statistics import median

SMALL = {"V": 173, "H": 100}  # with T = 25, a single stream
LARGE = {"V": 95, "H": 128}  # with T = 25, B = 32
SINGLE, B32 = {"dtype": "float32"}, {"dtype": "float32", "B": 32}
SAMPLED, READ = {"length": 10_000}, {"length": 10_000}

STEPS = {
    "textbook": ("textbook_step", SMALL),
    "rnn_helpers": ("series_step", SMALL),
    "rnn_helpers float32": ("series_step", SMALL | SINGLE),
    "C": ("c_step", SMALL),
    "C float32": ("c_step", SMALL | SINGLE),
    "PyTorch float32": ("torch_step", SMALL | SINGLE),
    "JAX float32": ("jax_step", SMALL | SINGLE),
}
BATCHES = {
    "textbook": ("textbook_step", LARGE),
    "rnn_helpers": ("series_step", LARGE | B32),
    "PyTorch": ("torch_step", LARGE | B32),
    "JAX": ("jax_step", LARGE | B32),
    "matrix product": ("matrix_product", {}),
}
TEXTS = {
    "textbook samples": ("textbook_sample", SMALL | SAMPLED),
    "rnn_helpers samples": ("series_sample", SMALL | SAMPLED),
    "rnn_helpers samples 128 texts": ("series_sample", SMALL | SAMPLED | {"B": 128}),
    "rnn_helpers samples 128 texts, float32": (
        "series_sample",
        SMALL | SAMPLED | B32 | {"B": 128},
    ),
    "textbook reads": ("textbook_read", SMALL | READ),
    "rnn_helpers reads": ("series_read", SMALL | READ),
    "rnn_helpers reads 64 streams": ("series_read", SMALL | READ | {"B": 64}),
    "rnn_helpers reads 64 streams, float32": ("series_read", SMALL | READ | B32 | {"B": 64}),
}


def times_as_fast(times, label, than, work=1.0):
    """How many times the work of one contender another does: the median of all rounds."""
    return work * median(slow / fast for slow, fast in zip(times[than], times[label]))


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
