"""The seam for another cell: which code runs a network, found by the type of its parameters.

The plain network of notebooks 02 to 08 needs none of this. Another cell (an LSTM, a GRU)
is a NamedTuple of arrays with functions of its own, registered once:

    register_cell(GRUParameters, forward=..., loss_and_gradients=..., state_size=...)

From then on `forward`, `loss_and_gradients` and `state_size` of `rnn_helpers` run them for such
parameters, and so does everything that calls these: training, sampling, checks, files, widgets.
The scores must come from an output layer with a bias `by` (V,): its length is the vocabulary's.
A cell may also have a `stepper` (see `sampling`), which makes it write faster.
"""

import functools

import numpy as np

CELLS = {}  # type of parameters: its functions by name
FUNCTIONS = {"forward", "loss_and_gradients", "state_size", "stepper"}


def register_cell(parameters_type, **functions):
    """Add a cell: a NamedTuple type, and its `forward`, `loss_and_gradients`, `state_size`.

    They have the signatures of the plain network's: see `forward_pass` and `bptt`. A cell
    without `loss_and_gradients` can be read and sampled from, but not trained.
    """
    unknown = set(functions) - FUNCTIONS
    if unknown or "by" not in getattr(parameters_type, "_fields", ()):
        raise TypeError(
            f"give a NamedTuple type with an array `by`; the functions may be only "
            f"{sorted(FUNCTIONS)}; got {parameters_type!r} and {sorted(functions)}"
        )
    CELLS[parameters_type] = functions


def cell_named(name):
    """The registered type of parameters with this name, the latest first; None if none has it."""
    return next((cell for cell in reversed(CELLS) if cell.__name__ == name), None)


def by_cell(function, default=None):
    """Make a function of the plain network run another cell's own where it is given one.

    `default` runs for a cell that was registered without a function of this name.
    """
    name = function.__name__

    @functools.wraps(function)
    def choose(parameters, *args, **kwargs):
        own = CELLS.get(type(parameters))
        if not own:  # the plain network, registered without functions, or five plain arrays
            if own is None and hasattr(parameters, "_fields"):
                raise TypeError(
                    f"{type(parameters).__name__} is not registered as a cell: call "
                    "rnn_helpers.cells.register_cell first"
                )
            return function(parameters, *args, **kwargs)
        if own.get(name, default) is None:
            raise TypeError(f"{type(parameters).__name__} was registered without {name}")
        return own.get(name, default)(parameters, *args, **kwargs)

    return choose


@by_cell
def state_size(parameters):
    """How many numbers the network's state has: H."""
    return len(parameters.bh)


def zero_state(parameters, batch=()):
    """The state before the first character, zeros: (H,), or (B, H) for ``batch=(B,)``."""
    return np.zeros((*batch, state_size(parameters)), parameters.by.dtype)
