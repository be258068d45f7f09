"""Models on disk: one .npz file, no pickle, vocabulary and settings inside."""

import json
import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_helpers.adagrad import SGD, Adagrad
from rnn_helpers.adam import Adam
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.training import Run

FORMAT = "rnn_helpers model 1"
FOLDER = Path(__file__).parent.parent / "data" / "models"
MODELS = ("story", "tale_of_two_cities")  # what each has read: data/models/README.md

# What an optimizer knows beside its rate: numbers, and arrays in the parameters' shapes.
KINDS = {
    "SGD": (SGD, (), ()),
    "Adagrad": (Adagrad, ("epsilon",), ("memory",)),
    "Adam": (Adam, ("beta1", "beta2", "epsilon", "steps"), ("mean", "square")),
}


class Checkpoint(NamedTuple):
    """A model as it was saved; the last three are None where only a model was saved."""

    parameters: Parameters
    vocabulary: Vocabulary
    settings: dict  # what it was trained on, how, and what it reached
    optimizer: SGD | Adagrad | Adam | None
    run: Run | None
    rng: np.random.Generator | None


def save(path, parameters, vocabulary, settings, *, optimizer=None, run=None, rng=None):
    """Write a model; with optimizer, run and rng also all that going on exactly needs.

    The file is written to the side and then renamed: there is never half a file, and what
    could not be loaded again is not saved.

    Parameters
    ----------
    path : str or Path
        The folder must exist.
    settings : dict
        Names with numbers, words and lists (a tuple comes back as a list).
    optimizer : SGD, Adagrad or Adam, optional
    run : Run, optional
    rng : numpy.random.Generator, optional
        From ``np.random.default_rng``.

    Raises ValueError or TypeError, saying why, if these do not make a model.
    """
    path = Path(path)
    _check(parameters, vocabulary)
    arrays = dict(parameters._asdict())
    about = {"format": FORMAT, "characters": vocabulary.characters, "settings": settings}
    if optimizer is not None:
        kind = type(optimizer).__name__
        own_type, numbers, memories = KINDS.get(kind, (None, (), ()))
        if type(optimizer) is not own_type:
            raise TypeError(f"cannot save an optimizer of type {kind}")
        if optimizer.parameters is not parameters:
            raise ValueError("the optimizer was made with other parameters")
        about["optimizer"] = {"kind": kind, "rate": optimizer.learning_rate}
        about["optimizer"] |= {name: getattr(optimizer, name) for name in numbers}
        for name in memories:
            memory = getattr(optimizer, name)._asdict()
            arrays.update({f"{name}.{n}": a for n, a in memory.items()})
    if run is not None:
        about["run"] = {"step": run.step, "position": run.position}
        arrays.update(losses=np.array(run.losses), smoothed=np.array(run.smoothed))
        if run.h is not None:
            arrays["h"] = run.h
    if rng is not None:
        if not isinstance(rng.bit_generator, np.random.PCG64):
            raise TypeError("rng must come from np.random.default_rng")
        about["rng"] = rng.bit_generator.state
    text = json.dumps(about, default=_plain)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to save {path.name} in")
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(aside, "wb") as file:
            np.savez_compressed(file, about=np.frombuffer(text.encode(), np.uint8), **arrays)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def load(path):
    """Read a model back as a `Checkpoint`.

    Raises FileNotFoundError if there is no such file, and ValueError, saying what is
    wrong, if it is damaged or not one of ours.
    """
    with open(path, "rb") as handle:
        if not zipfile.is_zipfile(handle):
            reason = "it is not an .npz file, or it is cut short"
        else:
            handle.seek(0)
            try:
                with np.load(handle, allow_pickle=False) as file:
                    return _rebuild(file)
            except MemoryError:
                raise
            except KeyError as error:
                reason = f"a part is missing ({error.args[0]})"
            except Exception as error:  # damaged bytes fail in many ways; each means the same
                reason = str(error) or type(error).__name__
    raise ValueError(
        f"{path} cannot be used as a model: {reason}. Restore the file, or train it again."
    )


def load_model(name):
    """Read a model that comes with the series, by its name in `MODELS`: "story", say.

    Raises ValueError for a name that is none of them.
    """
    if name not in MODELS:
        raise ValueError(f"no model is called {name!r}; there are {', '.join(MODELS)}")
    return load(FOLDER / f"{name}.npz")


def _check(parameters, vocabulary):
    """Raise ValueError if the parts of a model do not fit together."""
    H, V = np.shape(parameters.Wxh)
    shapes = Parameters((H, V), (H, H), (V, H), (H,), (V,))
    for name, array, shape in zip(Parameters._fields, parameters, shapes):
        if array.shape != shape:
            raise ValueError(f"{name} is {array.shape}, which does not fit the other parts")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains numbers that are not finite")
    if len(vocabulary) != V:
        raise ValueError(f"the vocabulary has {len(vocabulary)} characters, the network {V}")


def _rebuild(file):
    about = json.loads(file["about"].tobytes().decode())
    if about["format"] != FORMAT:
        raise ValueError(f"its format is {about['format']!r}, this code reads {FORMAT!r}")
    vocabulary = Vocabulary(about["characters"])
    parameters = Parameters(*(file[name] for name in Parameters._fields))
    _check(parameters, vocabulary)
    optimizer = run = rng = None
    if "optimizer" in about:
        kind, rate = about["optimizer"]["kind"], about["optimizer"]["rate"]
        if kind not in KINDS:
            raise ValueError(f"its optimizer is a {kind!r}")
        own_type, numbers, memories = KINDS[kind]
        optimizer = own_type(parameters, rate)
        for name in numbers:
            setattr(optimizer, name, about["optimizer"][name])
        for name in memories:
            memory = Parameters(*(file[f"{name}.{n}"] for n in Parameters._fields))
            _check(memory, vocabulary)
            setattr(optimizer, name, memory)
    if "run" in about:
        h = file["h"] if "h" in file else None
        losses, smoothed = file["losses"].tolist(), file["smoothed"].tolist()
        run = Run(**about["run"], h=h, losses=losses, smoothed=smoothed)
    if "rng" in about:
        rng = np.random.default_rng()
        rng.bit_generator.state = about["rng"]
    return Checkpoint(parameters, vocabulary, about["settings"], optimizer, run, rng)


def _plain(value):
    """NumPy's numbers as Python's, for JSON."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"settings may hold numbers, words and lists, not {type(value).__name__}")
