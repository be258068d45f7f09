"""Models on disk: one .npz file, no pickle, vocabulary and settings inside."""

import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_helpers.adagrad import SGD, Adagrad
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.training import Run

FORMAT = "rnn_helpers model 1"


class Checkpoint(NamedTuple):
    """A model as it was saved; the last three are None where only a model was saved."""

    parameters: Parameters
    vocabulary: Vocabulary
    settings: dict  # what it was trained on, how, and what it reached
    optimizer: Adagrad | SGD | None
    run: Run | None
    rng: np.random.Generator | None


def save(path, parameters, vocabulary, settings, *, optimizer=None, run=None, rng=None):
    """Write a model; with optimizer, run and rng also all that going on exactly needs.

    The file is written to the side and then renamed: there is never half a file.
    `settings` is a dict of numbers, words and lists.
    """
    path = Path(path)
    arrays = dict(parameters._asdict())
    about = {"format": FORMAT, "characters": vocabulary.characters, "settings": settings}
    if optimizer is not None:
        about["optimizer"] = {"kind": type(optimizer).__name__, "rate": optimizer.learning_rate}
        if isinstance(optimizer, Adagrad):
            about["optimizer"]["epsilon"] = optimizer.epsilon
            arrays.update({f"memory.{n}": a for n, a in optimizer.memory._asdict().items()})
    if run is not None:
        about["run"] = {"step": run.step, "position": run.position}
        arrays.update(losses=np.array(run.losses), smoothed=np.array(run.smoothed))
        if run.h is not None:
            arrays["h"] = run.h
    if rng is not None:
        about["rng"] = rng.bit_generator.state
    text = json.dumps(about, default=_plain)
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
        try:
            with np.load(handle, allow_pickle=False) as file:
                return _rebuild(file)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            reason = f"it is cut short or overwritten ({error})"
        except KeyError as error:
            reason = f"{error.args[0]} is missing"
        except Exception as error:  # damaged bytes fail in many ways; each means the same
            reason = str(error)
    raise ValueError(
        f"{path} cannot be used as a model: {reason}. Restore the file, or train it again."
    )


def _rebuild(file):
    about = json.loads(file["about"].tobytes().decode())
    if about["format"] != FORMAT:
        raise ValueError(f"its format is {about['format']!r}, this code reads {FORMAT!r}")
    vocabulary = Vocabulary(about["characters"])
    parameters = Parameters(*(file[name] for name in Parameters._fields))
    H, V = parameters.Wxh.shape
    shapes = Parameters((H, V), (H, H), (V, H), (H,), (V,))
    for name, array, shape in zip(Parameters._fields, parameters, shapes):
        if array.shape != shape or V != len(vocabulary):
            raise ValueError(f"{name} is {array.shape}, which does not fit the other parts")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains numbers that are not finite")
    optimizer = run = rng = None
    if "optimizer" in about:
        kind, rate = about["optimizer"]["kind"], about["optimizer"]["rate"]
        if kind == "Adagrad":
            optimizer = Adagrad(parameters, rate, about["optimizer"]["epsilon"])
            optimizer.memory = Parameters(*(file[f"memory.{n}"] for n in Parameters._fields))
        else:
            optimizer = SGD(parameters, rate)
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
