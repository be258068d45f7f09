"""The learner's side of marking: a process that runs a learner's cells and tries their answers.

It is told what to do on its standard input, and tells what came of it on its standard output, as
plain data. Whatever a learner's code does here, it cannot reach the check, which runs in another
process (`examiner`) and sees this data only.
"""

import base64
import contextlib
import copy
import importlib
import inspect
import io
import json
import os
import struct
import sys
import types
import warnings

import numpy as np

HEAD = struct.Struct(">Q")  # the length of a message stands before it
LARGEST = 2**26  # bytes in a message
PACKAGE = "rnn_helpers.exercises"


def encoded(value):
    """A value as data for JSON. Of what is no data, the name of its type is left."""
    if value is None or type(value) in (bool, str):
        return value
    if value is ...:
        return {"is": "dots"}
    if inspect.isgenerator(value):
        value = list(value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.tolist()
    kind = type(value)
    if isinstance(value, np.ndarray | np.generic):
        file = io.BytesIO()
        np.save(file, np.asarray(value), allow_pickle=False)
        text = base64.b64encode(file.getvalue()).decode("ascii")
        return {"is": "array" if isinstance(value, np.ndarray) else "scalar", "data": text}
    if kind in (int, float):
        return {"is": kind.__name__, "data": repr(value)}
    if kind is complex:
        return {"is": "complex", "data": [repr(value.real), repr(value.imag)]}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        parts = [encoded(part) for part in value]
        return {"is": "named", "data": parts, "module": kind.__module__, "name": kind.__name__}
    if kind in (list, tuple, set, frozenset):
        return {"is": kind.__name__, "data": [encoded(part) for part in value]}
    if kind is dict:
        return {"is": "dict", "data": [[encoded(k), encoded(v)] for k, v in value.items()]}
    return {"is": "other", "data": kind.__name__}


def decoded(data):
    """The value that was encoded. Nothing but data comes out of it."""
    if data is None or isinstance(data, bool | str):
        return data
    kind, value = data["is"], data.get("data")
    if kind == "dots":
        return ...
    if kind in ("array", "scalar"):
        array = np.load(io.BytesIO(base64.b64decode(value)), allow_pickle=False)
        return array if kind == "array" else array[()]
    if kind == "complex":
        return complex(float(value[0]), float(value[1]))
    if kind in ("int", "float"):
        return {"int": int, "float": float}[kind](value)
    if kind in ("list", "tuple", "set", "frozenset"):
        parts = [decoded(part) for part in value]
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](parts)
    if kind == "dict":
        return {decoded(k): decoded(v) for k, v in value}
    if kind == "named":
        return named(data["module"], data["name"], [decoded(part) for part in value])
    return type(str(value) or "object", (), {})()


def named(module, name, parts):
    """A named tuple of the series, such as Parameters; of other modules a plain tuple."""
    if module.startswith("rnn_helpers."):
        kind = getattr(importlib.import_module(module), name, None)
        if isinstance(kind, type) and issubclass(kind, tuple) and len(kind._fields) == len(parts):
            return kind(*parts)
    return tuple(parts)


def set_aside():
    """The exercises, taken away from those who import them: their data holds every solution.

    In their place stands a module with what the chapters import, in which `check` does nothing.
    """
    real = importlib.import_module(PACKAGE)
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]
    stand_in = types.ModuleType(PACKAGE)
    for name in real.__all__:
        setattr(stand_in, name, getattr(real, name))
    for name in ("check", "hint", "progress"):
        setattr(stand_in, name, lambda *arguments: None)
    sys.modules[PACKAGE] = sys.modules["rnn_helpers"].exercises = stand_in
    return real.find


class Learner:
    """The names that a learner's cells make, and what is done with them."""

    def __init__(self):
        from IPython.core.history import HistoryManager
        from IPython.core.interactiveshell import InteractiveShell

        HistoryManager.enabled = False
        self.find = set_aside()
        self.shell = InteractiveShell.instance(colors="NoColor")

    def run(self, source):
        """Run a cell; say what it printed, and the error if it raised one."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            result = self.shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        told = [type(error).__name__, str(error)] if error else None
        return {"printed": printed.getvalue()[-20_000:], "error": told}

    def forget(self):
        """Put the three dots back, so that no answer is taken for the next one."""
        self.shell.user_ns["answer"] = ...
        return {}

    def answer(self):
        """The answer as data, where data is asked for."""
        value = self.shell.user_ns.get("answer", ...)
        return {"function": True} if callable(value) else {"value": encoded(value)}

    def tried(self, number):
        """What the answer makes of each probe of an exercise, or why it cannot be tried."""
        value = self.shell.user_ns.get("answer", ...)
        if value is ...:
            return {"dots": True}
        exercise = self.find(number)
        try:
            function = exercise.function_of(value)
        except Exception as error:
            return {"unreadable": str(error)}
        return {"outcomes": [self.outcome(function, probe) for probe in exercise.probes]}

    def outcome(self, function, probe):
        """What came of one call: what it returned, its arguments afterwards, or its error."""
        given = copy.deepcopy(probe)
        with (
            contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(), np.errstate(all="ignore"),
        ):  # fmt: skip
            warnings.simplefilter("ignore")
            try:
                value = encoded(function(*given))
            except Exception as error:
                return {"error": [type(error).__name__, str(error)]}
        return {"value": value, "after": [encoded(part) for part in given]}


def serve():
    """Do what the examiner says, until it hangs up."""
    reads, writes = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    sys.path[0] = ""  # modules beside the notebook, not those of the examiner
    learner = Learner()
    while head := reads.read(HEAD.size):
        what, *details = json.loads(reads.read(HEAD.unpack(head)[0]))
        try:
            said = getattr(learner, what)(*details)
        except BaseException as error:  # an answer may raise SystemExit, too
            said = {"failed": [type(error).__name__, str(error)]}
        data = json.dumps(said).encode("utf-8")
        if len(data) > LARGEST:
            data = json.dumps({"failed": ["ValueError", "the answer is too large"]}).encode()
        writes.write(HEAD.pack(len(data)) + data)
        writes.flush()


if __name__ == "__main__":
    serve()
