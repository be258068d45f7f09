"""The learner's side of marking: a process that runs a learner's cells and calls their answers.

It is told what to do on its standard input, and tells what came of it on its standard output,
as plain data. Whatever a learner's code does here, it cannot reach the check, which runs in
another process (`examiner`).
"""

import base64
import contextlib
import importlib
import inspect
import io
import json
import os
import pickle
import struct
import sys

import numpy as np

HEAD = struct.Struct(">Q")
LARGEST = 2**26  # bytes in a message


class Channel:
    """Messages over two pipes: pickled on the way in, JSON on the way out."""

    def __init__(self, reads, writes):
        self.reads, self.writes = reads, writes

    def get(self):
        """The next message from the examiner, which is trusted."""
        head = self.reads.read(HEAD.size)
        if len(head) < HEAD.size:
            raise SystemExit
        (length,) = HEAD.unpack(head)
        return Unpickler(io.BytesIO(self.reads.read(length)), self).load()

    def put(self, message):
        """Send a message of plain data."""
        data = json.dumps(message).encode("utf-8")
        if len(data) > LARGEST:
            data = json.dumps({"error": ["ValueError", "the answer is too large"]}).encode()
        self.writes.write(HEAD.pack(len(data)) + data)
        self.writes.flush()


class Unpickler(pickle.Unpickler):
    """Reads arguments; a function of the examiner becomes one that asks the examiner."""

    def __init__(self, file, channel):
        super().__init__(file)
        self.channel = channel

    def persistent_load(self, number):
        def ask(*arguments):
            self.channel.put({"call": number, "arguments": encoded(arguments)})
            said = self.channel.get()
            if "raises" in said:
                raise said["raises"]
            return said["returns"]

        return ask


def encoded(value):
    """A value as data for JSON. What is no data becomes its type's name."""
    if value is None or isinstance(value, bool | str):
        return value
    if value is ...:
        return {"is": "dots"}
    if isinstance(value, np.ndarray) and value.dtype != object or isinstance(value, np.generic):
        file = io.BytesIO()
        np.save(file, np.asarray(value), allow_pickle=False)
        text = base64.b64encode(file.getvalue()).decode("ascii")
        return {"is": "array" if isinstance(value, np.ndarray) else "scalar", "data": text}
    if isinstance(value, np.ndarray):
        return encoded(value.tolist())
    if isinstance(value, int | float):
        return {"is": type(value).__name__, "data": repr(value)} if type(value) in (int, float) else other(value)
    if isinstance(value, complex):
        return {"is": "complex", "data": [repr(value.real), repr(value.imag)]}
    if inspect.isgenerator(value):
        value = list(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        kind = type(value)
        parts = [encoded(part) for part in value]
        return {"is": "named", "data": parts, "module": kind.__module__, "name": kind.__name__}
    for kind in (list, tuple, set, frozenset):
        if type(value) is kind:
            return {"is": kind.__name__, "data": [encoded(part) for part in value]}
    if type(value) is dict:
        return {"is": "dict", "data": [[encoded(k), encoded(v)] for k, v in value.items()]}
    return other(value)


def other(value):
    """What stands for a value that is no data."""
    return {"is": "other", "data": type(value).__name__}


def decoded(data):
    """The value that was encoded. Only types that hold data come out of it."""
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
    return Opaque(str(value))


def named(module, name, parts):
    """A named tuple of the series, such as Parameters; of other modules a plain tuple."""
    if module.startswith("rnn_helpers."):
        kind = getattr(importlib.import_module(module), name, None)
        if isinstance(kind, type) and issubclass(kind, tuple) and len(kind._fields) == len(parts):
            return kind(*parts)
    return tuple(parts)


class Opaque:
    """Something that is no data, of which only the name of its type is known."""

    def __init__(self, name):
        self.__class__ = type(name or "object", (Opaque,), {})


def parameters_of(function):
    """The names and kinds of a function's parameters; None if they cannot be told."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[p.name, int(p.kind), p.default is not p.empty] for p in found]


class Learner:
    """The names that a learner's cells make, and what is done with them."""

    def __init__(self):
        from IPython.core.history import HistoryManager
        from IPython.core.interactiveshell import InteractiveShell

        HistoryManager.enabled = False
        self.shell = InteractiveShell.instance(colors="NoColor")
        with contextlib.suppress(ImportError):
            import matplotlib

            matplotlib.use("agg")

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
        """The answer as data, or what is known of it if it is a function."""
        value = self.shell.user_ns.get("answer", ...)
        if callable(value):
            return {"function": parameters_of(value), "name": getattr(value, "__name__", "answer")}
        return {"value": encoded(value)}

    def call(self, arguments):
        """Call the answer; say what it returned, and its arguments afterwards."""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            value = self.shell.user_ns["answer"](*arguments)
            return {"returned": encoded(value), "arguments": encoded(arguments)}


def serve():
    """Do what the examiner says, until it hangs up."""
    channel = Channel(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    sys.path.insert(0, "")
    learner = Learner()
    while True:
        what, *details = channel.get()
        try:
            said = getattr(learner, what)(*details)
        except BaseException as error:  # an answer may raise SystemExit, too
            said = {"error": [type(error).__name__, str(error)]}
        channel.put(said)


if __name__ == "__main__":
    serve()
