"""The examiner's side of marking: a learner's cells run elsewhere, the check runs here.

The learner's cells run in a process of their own (`examinee`). The check of the series runs in
this one: it sees what an answer returns, as data, and nothing else. So a learner cannot redefine
it, and a loop without an end is stopped from outside.
"""

import builtins
import inspect
import io
import json
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from examinee import HEAD, LARGEST, decoded

from rnn_helpers.exercises import find
from rnn_helpers.exercises.engine import YourTurn
from rnn_helpers.exercises.trying import TooLong

PROGRAM = Path(__file__).with_name("examinee.py")
EMPTY = inspect.Parameter.empty
KINDS = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD,
)
OUR_ERRORS = {"LinAlgError": np.linalg.LinAlgError, "AxisError": np.exceptions.AxisError}


class Stopped(Exception):
    """The learner's process took too long, or ended."""


class Pickler(pickle.Pickler):
    """Pickles arguments; functions that no module holds are kept here, to be asked for."""

    def __init__(self, file, kept):
        super().__init__(file)
        self.kept = kept

    def persistent_id(self, value):
        """The number of a function that stays with the examiner; None for all else."""
        if not inspect.isfunction(value):
            return None
        module = sys.modules.get(value.__module__)
        if getattr(module, value.__qualname__, None) is value:
            return None
        self.kept.append(value)
        return len(self.kept) - 1


class Examinee:
    """The process that runs a learner's cells. `cells` have run without an error so far."""

    def __init__(self, folder, cell_seconds):
        self.folder, self.cell_seconds = folder, cell_seconds
        self.cells, self.kept, self.process, self.too_long = [], [], None, False

    def start(self):
        """Start the process, and run again what ran before."""
        self.too_long = False
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM)], cwd=self.folder, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=os.environ | {"RNN_PROGRESS_DIR": os.devnull, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        for source in self.cells:
            self.ask(self.cell_seconds, "run", source)
        self.ask(self.cell_seconds, "forget")

    def stop(self):
        """End the process, and all that it started."""
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
            self.process = None

    def ask(self, seconds, *message):
        """Send a message and wait for what is said to it. Raises Stopped."""
        if not self.process:
            self.start()
        until = time.monotonic() + seconds
        self.send(message)
        while True:
            said = self.receive(until)
            if not isinstance(said, dict):
                raise Stopped("it said something that is no answer")
            if "call" not in said:
                return said
            self.send(self.call_back(said))

    def send(self, message):
        """Send a message, pickled."""
        file = io.BytesIO()
        Pickler(file, self.kept).dump(message)
        data = file.getvalue()
        try:
            self.process.stdin.write(HEAD.pack(len(data)) + data)
            self.process.stdin.flush()
        except OSError:
            self.stop()
            raise Stopped("the process ended") from None

    def receive(self, until):
        """The next message; nothing in it is run. Raises Stopped."""
        (length,) = HEAD.unpack(self.read(HEAD.size, until))
        if length > LARGEST:
            self.stop()
            raise Stopped("its answer is too large")
        try:
            return json.loads(self.read(length, until))
        except ValueError:
            self.stop()
            raise Stopped("it said something that is no answer") from None

    def read(self, length, until):
        """So many bytes; Stopped if they do not come in time."""
        data, pipe = b"", self.process.stdout.fileno()
        while len(data) < length:
            left = until - time.monotonic()
            ready = left > 0 and select.select([pipe], [], [], left)[0]
            if not ready:
                self.too_long = True
                self.stop()
                raise Stopped("it took too long and was stopped")
            more = os.read(pipe, min(length - len(data), 2**20))
            if not more:
                self.stop()
                raise Stopped("the process ended")
            data += more
        return data

    def call_back(self, said):
        """What a function of the examiner makes of a learner's arguments."""
        try:
            function, arguments = self.kept[said["call"]], decoded(said["arguments"])
            return {"returns": function(*arguments)}
        except Exception as error:
            return {"raises": error}

    def run(self, source):
        """Run a cell; returns what it printed and its error, (name, words) or None."""
        try:
            said = self.ask(self.cell_seconds, "run", source)
        except Stopped as reason:
            return "", ("Stopped", f"This cell did not end: {reason}.")
        printed, error = said.get("printed", ""), said.get("error")
        if error:
            return str(printed), (str(error[0]), str(error[1]))
        self.cells.append(source)
        return str(printed), None

    def answer(self, seconds):
        """The learner's answer: data, or a function that calls the learner's."""
        said = self.ask(seconds, "answer")
        if "function" not in said:
            return decoded(said.get("value"))
        return stub(self, said["function"], seconds)

    def call(self, seconds, arguments):
        """What the learner's function makes of the arguments, which are changed as it does."""
        said = self.ask(seconds, "call", arguments)
        if "error" in said:
            raise error_like(*said["error"])
        for mine, theirs in zip(arguments, decoded(said["arguments"])):
            follow(mine, theirs)
        return decoded(said["returned"])


def stub(examinee, parameters, seconds):
    """A function that stands for the learner's; all its calls together have so many seconds."""
    until = time.monotonic() + seconds

    def answer(*arguments):
        try:
            return examinee.call(until - time.monotonic(), arguments)
        except Stopped as reason:
            if examinee.too_long:
                raise TooLong from None
            raise RuntimeError(str(reason)) from None

    if parameters is not None:
        answer.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, KINDS[kind], default=None if optional else EMPTY)
                for name, kind, optional in parameters
            ]
        )
    return answer


def follow(mine, theirs):
    """Change an argument as the learner's function changed its copy."""
    if isinstance(mine, np.ndarray) and isinstance(theirs, np.ndarray):
        if mine.shape == theirs.shape and mine.dtype == theirs.dtype:
            mine[...] = theirs
    elif isinstance(mine, tuple) and isinstance(theirs, tuple):
        for one, other in zip(mine, theirs):
            follow(one, other)
    elif isinstance(mine, list) and isinstance(theirs, list):
        if len(mine) == len(theirs) and any(isinstance(m, np.ndarray | list) for m in mine):
            for one, other in zip(mine, theirs):
                follow(one, other)
        else:
            mine[:] = theirs
    elif isinstance(mine, dict | set) and isinstance(theirs, type(mine)):
        mine.clear()
        mine.update(theirs)


def error_like(name, words):
    """An error of the learner's code, of the same kind if Python or NumPy has it."""
    kind = OUR_ERRORS.get(name) or getattr(builtins, str(name), None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(str(words))
        except TypeError:  # some need more than words
            pass
    return RuntimeError(f"{name}: {words}")


def judged(number, examinee, seconds):
    """None if the learner's answer to an exercise is right, otherwise what to say."""
    try:
        return find(number).verdict(examinee.answer(seconds))
    except YourTurn:
        return "nothing is filled in."
    except Stopped as reason:
        return f"no answer could be read: {reason}."
    except Exception as error:  # what came was no data that could be read
        return f"no answer could be read ({type(error).__name__})."
