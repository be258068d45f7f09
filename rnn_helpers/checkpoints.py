"""Models on disk: one .npz file, no pickle, vocabulary and settings inside.

Beside its arrays, a file has `about`, a JSON text that says what they are, and a checksum.
"""

from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

import rnn_helpers.lstm  # noqa: F401  (registers the LSTM, so that its files can be loaded)
from rnn_helpers._files import pack, replace, same, unpack
from rnn_helpers.adagrad import SGD, Adagrad
from rnn_helpers.adam import Adam
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.cells import CELLS, cell_named, zero_state
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import Parameters, forward
from rnn_helpers.training import TrainState

FORMAT, FIRST_FORMAT = "rnn_helpers model 2", "rnn_helpers model 1"
FOLDER = Path(__file__).parent.parent / "data" / "models"
MODELS = (
    "story",
    "tale_of_two_cities",
    "tale_of_two_cities_lstm",
    "declaration",
)  # they come with the series: data/models/README.md

# What an optimizer keeps: numbers, and arrays in the shapes of the parameters.
OPTIMIZERS = {
    "SGD": (SGD, ["learning_rate"], []),
    "Adagrad": (Adagrad, ["learning_rate", "epsilon"], ["sum_of_squares"]),
    "Adam": (Adam, ["learning_rate", "beta1", "beta2", "epsilon", "steps"], ["mean", "square"]),
}
# The type of a number matters: with a np.float64 as its rate, a float32 network computes its
# steps in float64, with a Python float in float32.
NUMBERS = {kind.__name__: kind for kind in (int, float, np.int64, np.float32, np.float64)}


class Checkpoint(NamedTuple):
    """A saved model; optimizer, run and rng are None if only the model was saved."""

    parameters: Parameters  # or those of another registered cell
    vocabulary: Vocabulary
    settings: dict | None = None  # what it was trained on, how, and what it reached
    optimizer: SGD | Adagrad | Adam | None = None
    run: TrainState | None = None
    rng: np.random.Generator | None = None


def save(path, parameters, vocabulary, settings, *, optimizer=None, run=None, rng=None):
    """Write a model; with optimizer, run and rng also all that training needs to continue exactly.

    The new file replaces an old one only when it is complete and has been found to load as
    exactly this model. A save that fails, is interrupted or killed leaves the old file as it was.

    Parameters
    ----------
    path : str or Path
        The folder must exist. A symbolic link is followed, and permissions are kept.
    parameters : Parameters, or those of another registered cell
    vocabulary : Vocabulary
    settings : dict
        Names with numbers, text, lists and dicts (a tuple is loaded as a list).
    optimizer : SGD, Adagrad or Adam, optional
    run : TrainState, optional
    rng : numpy.random.Generator, optional
        From ``np.random.default_rng``.

    Raises ValueError or TypeError, saying why, if these are not a model that `load` can read,
    and OSError if the file cannot be written.
    """
    parts = _describe(Checkpoint(parameters, vocabulary, settings, optimizer, run, rng))
    data = pack(*parts)
    with _explained_as(f"{path} is not written, because it could not be loaded again"):
        if not same(parts, _describe(_rebuild(*unpack(data)))):
            raise ValueError("one part would be different after loading")
    replace(path, data)


def load(path):
    """Read a model back as a `Checkpoint`.

    A network is found by the name of its type. For a cell of your own, import the module that
    defines and registers it first; the cells of `rnn_helpers` are registered already.

    Raises FileNotFoundError if there is no such file, and ValueError, saying what is wrong, if
    it is damaged or not a model.
    """
    data = Path(path).read_bytes()
    with _explained_as(f"{path} cannot be used as a model"):
        return _rebuild(*unpack(data))


def load_model(name):
    """Read a model that comes with the series by its name in `MODELS`, such as "story".

    Raises ValueError if none has this name.
    """
    if name not in MODELS:
        raise ValueError(f"no model is called {name!r}; there are {', '.join(MODELS)}")
    return load(FOLDER / f"{name}.npz")


@contextmanager
def _explained_as(words):
    """Turn any error into a ValueError that begins with these words and gives the reason."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        if isinstance(error, KeyError):
            reason = f"a part is missing ({reason})"
        raise ValueError(f"{words}: {reason}") from None


def _describe(model):
    """A checkpoint as `about`, a dict for JSON, and a dict of arrays."""
    parameters, vocabulary, settings, optimizer, run, rng = model
    cell = type(parameters)
    if cell_named(cell.__name__) is not cell:
        name = cell.__name__
        raise TypeError(
            f"parameters of the type {name} cannot be found again by its name: call "
            "rnn_helpers.cells.register_cell first, or, if you ran the cell that defines "
            f"{name} again, convert them: {name}(*parameters)"
        )
    _check_type("vocabulary", vocabulary, Vocabulary)
    _check_type("settings", settings, dict)
    about = {"format": FORMAT, "cell": cell.__name__, "fields": cell._fields}
    about |= {"characters": vocabulary.characters, "settings": settings}
    arrays = parameters._asdict()
    if optimizer is not None:
        kind = type(optimizer).__name__
        own_type, numbers, own_arrays = OPTIMIZERS.get(kind, (None, [], []))
        if type(optimizer) is not own_type:
            raise TypeError(f"cannot save an optimizer of type {kind}")
        if optimizer.parameters is not parameters:
            raise ValueError("the optimizer was made with other parameters")
        about["optimizer"] = {"kind": kind}
        for name in numbers:
            value = getattr(optimizer, name)
            about["optimizer"][name] = [type(value).__name__, value]
        for name in own_arrays:
            own = getattr(optimizer, name)
            _check_type(name, own, cell)
            arrays |= {f"{name}.{field}": array for field, array in own._asdict().items()}
    if run is not None:
        _check_type("run", run, TrainState)
        about["run"] = {name: getattr(run, name) for name in ("step", "position", "text")}
        about["run"]["h"] = run.h is not None
        if run.h is not None:
            arrays["run.h"] = run.h
        for name in ("losses", "smoothed"):
            losses = getattr(run, name)
            if not all(isinstance(loss, float | np.float32) for loss in losses):
                raise ValueError(f"run.{name} must be a list of floats")
            arrays[f"run.{name}"] = np.array(losses, np.float64)
    if rng is not None:
        if type(getattr(rng, "bit_generator", None)) is not np.random.PCG64:
            raise TypeError("rng must come from np.random.default_rng")
        about["rng"] = rng.bit_generator.state
    return about, arrays


def _rebuild(about, arrays, has_checksum):
    """The checkpoint that `_describe` described; ValueError if its parts do not fit together."""
    if about["format"] == FIRST_FORMAT:
        about, arrays = _as_second_format(about, arrays)
    elif about["format"] != FORMAT:
        raise ValueError(f"its format is {about['format']!r}, and this code reads {FORMAT!r}")
    elif not has_checksum:
        raise ValueError("its checksum is missing")
    cell = cell_named(about["cell"])
    if cell is None or list(cell._fields) != about["fields"]:
        raise ValueError(
            f"its network is of the type {about['cell']} with the arrays {about['fields']}, which "
            "is not registered. Import the module that defines it (it calls "
            "rnn_helpers.cells.register_cell), then load again"
        )
    vocabulary = Vocabulary(about["characters"])
    parameters = cell._make(arrays.pop(name) for name in cell._fields)
    _check_network(parameters, vocabulary)
    optimizer = run = rng = None
    if "optimizer" in about:
        own_type, numbers, own_arrays = OPTIMIZERS[about["optimizer"]["kind"]]
        optimizer = own_type(parameters, learning_rate=1)  # the saved one may be 0: set it below
        for name in numbers:
            kind, value = about["optimizer"][name]
            if kind not in NUMBERS or not 0 <= value < np.inf:
                raise ValueError(f"{name} is {value!r} ({kind}), not a finite number, 0 or more")
            setattr(optimizer, name, NUMBERS[kind](value))
        for name in own_arrays:
            own = cell._make(arrays.pop(f"{name}.{field}") for field in cell._fields)
            for field, array, like in zip(cell._fields, own, parameters):
                _check_array(f"{name}.{field}", array, like.shape, like.dtype)
            setattr(optimizer, name, own)
    if "run" in about:
        state = about["run"]
        for name in ("step", "position", "text"):
            value = state[name]
            if not (type(value) is int and value >= 0 or name == "text" and value is None):
                raise ValueError(f"run.{name} must be a whole number, 0 or more, not {value!r}")
        h = arrays.pop("run.h") if state["h"] else None
        if h is not None:
            like = zero_state(parameters, h.shape[:-1][:1])  # of one stream, or of a batch
            _check_array("run.h", h, like.shape, like.dtype)
        losses = {name: arrays.pop(f"run.{name}").tolist() for name in ("losses", "smoothed")}
        run = TrainState(**state | {"h": h} | losses)
    if "rng" in about:
        rng = np.random.default_rng()
        rng.bit_generator.state = about["rng"]
    if arrays:
        raise ValueError(f"it has arrays that belong to no part of it: {', '.join(arrays)}")
    return Checkpoint(parameters, vocabulary, about["settings"], optimizer, run, rng)


def _as_second_format(about, arrays):
    """Add what the first format left out and rename the rest; it knew only the plain network."""
    about |= {"cell": "Parameters", "fields": [*Parameters._fields]}
    if "optimizer" in about:
        kind, rate = (about["optimizer"].pop(name) for name in ("kind", "rate"))
        numbers = {"learning_rate": rate} | about["optimizer"]
        about["optimizer"] = {name: [type(v).__name__, v] for name, v in numbers.items()}
        about["optimizer"]["kind"] = kind
    if "run" in about:
        about["run"] |= {"text": None, "h": "h" in arrays}
    new = {name: f"run.{name}" for name in ("h", "losses", "smoothed")}
    new |= {f"memory.{name}": f"sum_of_squares.{name}" for name in Parameters._fields}
    return about, {new.get(name, name): array for name, array in arrays.items()}


def _check_network(parameters, vocabulary):
    """Raise ValueError unless the network can read and learn the vocabulary's two ends."""
    V, by = len(vocabulary), parameters.by
    if by.shape != (V,) or by.dtype.char not in "fd":
        raise ValueError(
            f"the vocabulary has {V} characters, so `by` must be float32 or float64 of shape "
            f"{(V,)}, not {by.dtype} {by.shape}"
        )
    for name, array in parameters._asdict().items():
        _check_array(name, array, array.shape, by.dtype)
    inputs, targets, h0 = np.array([0, V - 1]), np.array([V - 1, 0]), zero_state(parameters)
    own = CELLS[type(parameters)]
    try:
        with np.errstate(all="ignore"):  # large weights may overflow; only shapes matter here
            logits, gradients = forward(parameters, inputs, h0)[1], parameters
            if not own or "loss_and_gradients" in own:  # else it can be read, but not trained
                gradients = loss_and_gradients(parameters, inputs, targets, h0)[1]
    except Exception as error:  # every cell fails in its own way
        shapes = ", ".join(f"{name} {a.shape}" for name, a in parameters._asdict().items())
        raise ValueError(f"the arrays {shapes} do not fit together ({error})") from None
    computed = [array.shape for array in (logits, *gradients)]
    expected = [(2, V), *(array.shape for array in parameters)]
    if computed != expected:
        raise ValueError(
            f"logits and gradients should be of the shapes {expected}, but the network computes "
            f"{computed}"
        )


def _check_array(name, array, shape, dtype):
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(f"{name} must be {dtype} {shape}, not {array.dtype} {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} contains numbers that are not finite")


def _check_type(name, value, kind):
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, not {type(value).__name__}")
