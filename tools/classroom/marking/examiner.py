"""The examiner's side of marking: a learner's cells run elsewhere, the check runs here.

The learner's cells run in a process of their own (`examinee`). The check of the series runs in
this one: it sees what an answer returns, as data, and nothing else. So a learner cannot redefine
it, and a loop without an end is stopped from outside.
"""

import builtins
import dataclasses
import json
import os
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

PROGRAM = Path(__file__).with_name("examinee.py")
OUR_ERRORS = {"LinAlgError": np.linalg.LinAlgError, "AxisError": np.exceptions.AxisError}


class Stopped(Exception):
    """The learner's process took too long, or ended."""


class Examinee:
    """The process that runs a learner's cells; `cells` are those that ran without an error."""

    def __init__(self, folder, cell_seconds=60):
        self.folder, self.cell_seconds = folder, cell_seconds
        self.cells, self.process = [], None

    def start(self):
        """Start the process, and run again what ran before."""
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM)], cwd=self.folder, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=os.environ | {"MPLBACKEND": "agg", "OPENBLAS_NUM_THREADS": "1"},
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
        """Send a message and wait for what is said to it. Raises Stopped, with the reason."""
        if not self.process:
            self.start()
        until = time.monotonic() + seconds
        data = json.dumps(message).encode("utf-8")
        try:
            self.process.stdin.write(HEAD.pack(len(data)) + data)
            self.process.stdin.flush()
            (length,) = HEAD.unpack(self.read(HEAD.size, until))
            if length > LARGEST:
                raise Stopped("what it said is too large")
            said = json.loads(self.read(length, until))
            if not isinstance(said, dict) or "failed" in said:
                raise Stopped(f"it ended with {decoded_words(said)}")
        except (OSError, ValueError):
            self.stop()
            raise Stopped("its process ended") from None
        except Stopped:
            self.stop()
            raise
        return said

    def read(self, length, until):
        """So many bytes; Stopped if they do not come in time."""
        data, pipe = b"", self.process.stdout.fileno()
        while len(data) < length:
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise Stopped("it took too long and was stopped; is there a loop without an end?")
            more = os.read(pipe, min(length - len(data), 2**20))
            if not more:
                raise Stopped("its process ended")
            data += more
        return data

    def run(self, source):
        """Run a cell; returns what it printed and its error, (name, words) or None."""
        try:
            said = self.ask(self.cell_seconds, "run", source)
        except Stopped as reason:
            return "", ("Stopped", str(reason))
        if said["error"]:
            name, words = map(str, said["error"])
            return str(said["printed"]), (name, words)
        self.cells.append(source)
        return str(said["printed"]), None


def decoded_words(said):
    """The error that ended the learner's process, in words."""
    return ": ".join(map(str, said["failed"])) if isinstance(said, dict) else "no answer"


def judged(number, examinee, seconds=20):
    """None if a learner's answer to an exercise is right, otherwise what to say."""
    exercise = find(number)
    try:
        if not hasattr(exercise, "probes"):
            said = examinee.ask(seconds, "answer")
            answer = len if said.get("function") else decoded(said["value"])
            return exercise.verdict(answer)
        said = examinee.ask(seconds, "tried", number)
        if said.get("dots"):
            raise YourTurn
        if "unreadable" in said:
            return str(said["unreadable"])
        return replayed(exercise).verdict(Replay(said["outcomes"]))
    except YourTurn:
        return "your turn. Nothing is filled in yet."
    except Stopped as reason:
        return f"no answer could be read: {reason}"
    except Exception as error:  # what came was no data that could be read
        return f"no answer could be read ({type(error).__name__})."


def replayed(exercise):
    """An exercise that is given a function which replays, in place of what makes one."""
    if not hasattr(exercise, "build"):
        return exercise
    changed = dataclasses.replace(exercise, build=lambda answer: answer)
    for name in ("expected", "expected_mistakes"):  # of the exercise as it was
        changed.__dict__[name] = getattr(exercise, name)
    return changed


class Replay:
    """A function that returns, call by call, what the learner's function returned."""

    def __init__(self, outcomes):
        self.outcomes = list(outcomes)

    def __call__(self, *arguments):
        """The next outcome; the arguments are changed as the learner's function did."""
        outcome = self.outcomes.pop(0)
        if "error" in outcome:
            raise error_like(*outcome["error"])
        for mine, theirs in zip(arguments, map(decoded, outcome["after"])):
            follow(mine, theirs)
        return decoded(outcome["value"])


def follow(mine, theirs):
    """Change an argument as the learner's function changed its copy."""
    if isinstance(mine, np.ndarray) and isinstance(theirs, np.ndarray):
        if mine.shape == theirs.shape and mine.dtype == theirs.dtype:
            mine[...] = theirs
    elif isinstance(mine, tuple) and isinstance(theirs, tuple):
        for one, other in zip(mine, theirs):
            follow(one, other)
    elif isinstance(mine, list) and isinstance(theirs, list):
        for one, other in zip(mine, theirs):
            follow(one, other)
        if not any(isinstance(part, np.ndarray | list | tuple) for part in mine):
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
