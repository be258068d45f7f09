"""What an answer computes: a function is called, and what came of it is compared."""

import copy
import inspect
import signal
import threading
import warnings
from contextlib import contextmanager
from numbers import Number
from typing import NamedTuple

import numpy as np

PATIENCE = 5  # seconds of computing, for all calls of one answer together
ATOL = 1e-12


class TooLong(BaseException):
    """An answer computes longer than `PATIENCE` (no Exception: a bare `except` would hide it)."""


class Outcome(NamedTuple):
    """What came of one call."""

    value: object = None
    error: BaseException | None = None
    changed: tuple = ()  # the places of the arguments that are not what they were


def outcomes(function, probes, in_place=False):
    """What a function makes of each tuple of arguments, a list of `Outcome`.

    The arguments are copies, so a function that changes them does no harm; in `changed` stands
    which it changed. With `in_place`, where that is the task, the value is the pair of what was
    returned and the arguments afterwards. Raises TooLong.
    """
    with at_most(PATIENCE):
        return [outcome(function, probe, in_place) for probe in probes]


def outcome(function, probe, in_place=False):
    """The same for one tuple of arguments, without a limit of time."""
    given = copy.deepcopy(probe)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value = function(*given)
            if inspect.isgenerator(value):
                value = list(value)
            holds(value, type(...))  # RecursionError, if it is a list that holds itself
        except (Exception, SystemExit) as error:
            return Outcome(error=error)
    if in_place:
        return Outcome((value, given))
    changed = (i for i, pair in enumerate(zip(given, probe)) if not untouched(*pair))
    return Outcome(value, changed=tuple(changed))


@contextmanager
def at_most(seconds):
    """Raise TooLong if what stands in the block computes for longer.

    A timer of the operating system counts the time in which the process computes; on Windows,
    and outside the main thread, there is none, and no limit.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(signum, frame):
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # and again, if a bare `except` caught it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def untouched(after, before):
    """Whether an argument is what it was. Only data is compared, not functions or generators."""
    if isinstance(before, list | tuple):
        same = isinstance(after, list | tuple) and len(after) == len(before)
        return same and all(untouched(*pair) for pair in zip(after, before))
    if isinstance(before, dict):
        same = isinstance(after, dict) and after.keys() == before.keys()
        return same and all(untouched(after[key], before[key]) for key in before)
    if isinstance(before, np.ndarray):
        same = isinstance(after, np.ndarray) and after.shape == before.shape
        same = same and after.dtype == before.dtype
        return same and np.array_equal(after, before, equal_nan=before.dtype.kind in "fc")
    if isinstance(before, Number | str | set):
        return type(after) is type(before) and (after == before or before != before)
    return True


def agree(answer, right, rtol=1e-9):
    """Whether an answer has the kind, the shape and, to the tolerance, the numbers of another.

    A list, a tuple and an array of the same numbers agree, and so do 2 and 2.0.
    """
    if right is None:
        return answer is None
    if isinstance(right, str):  # also a string of NumPy
        return isinstance(answer, str) and str(answer) == right
    if isinstance(right, set | frozenset):
        return isinstance(answer, set | frozenset) and answer == right
    if isinstance(right, dict):
        if not isinstance(answer, dict) or answer.keys() != right.keys():
            return False
        return all(agree(answer[key], right[key], rtol) for key in right)
    if isinstance(right, list | tuple):
        several = isinstance(answer, list | tuple)
        if not several and not (isinstance(answer, np.ndarray) and answer.ndim):
            return False
        pairs = zip(answer, right)
        return len(answer) == len(right) and all(agree(*pair, rtol) for pair in pairs)
    array, right = numbers(answer), numbers(right)
    if array is None or right is None or array.shape != right.shape:
        return False
    return bool(np.allclose(array, right, rtol=rtol, atol=ATOL, equal_nan=True))


def numbers(value):
    """A number, or several in any container, as an array; None if it is something else."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # rows of different lengths
        return None
    if array.dtype == object and all(isinstance(part, Number) for part in array.ravel()):
        try:
            array = array.astype(float)  # fractions
        except OverflowError:  # a whole number of hundreds of digits
            return None
    return array if array.dtype.kind in "biufc" else None


def same_outcome(one, other, rtol):
    """Whether two calls came to the same: a value that agrees, or the same kind of error."""
    if one.error or other.error:
        return type(one.error) is type(other.error)
    return one.changed == other.changed and agree(one.value, other.value, rtol)


def behaves_like(ones, others, rtol):
    """Whether two functions came to the same in all calls.

    Where there are only errors, their words have to agree as well: many mistakes raise a
    ValueError.
    """
    pairs = list(zip(ones, others))
    if not all(same_outcome(*pair, rtol) for pair in pairs):
        return False
    if any(one.error is None for one in ones):
        return True
    return all(str(one.error) == str(other.error) for one, other in pairs)


def unfilled(outcome):
    """Whether three dots are left in the function, or in what it returned."""
    if outcome.error:
        return "ellipsis" in str(outcome.error).lower()
    return holds(outcome.value, type(...))


def holds(value, kind):
    """Whether a value is of a kind, or a tuple, list or array with such a value in it."""
    if isinstance(value, np.ndarray):
        value = value.ravel().tolist() if value.dtype == object else []
    if isinstance(value, list | tuple):
        return any(holds(part, kind) for part in value)
    return isinstance(value, kind)


def shown(value):
    """A value in a few words, for a hint."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 30 else f"a text of {len(value)} characters"
    if isinstance(value, bool | np.bool_ | int | np.integer) or value is None:
        return str(value)
    if isinstance(value, float | complex | np.inexact):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        if value.ndim == 1 and value.size <= 8 or value.size <= 4:
            text = np.array2string(value, precision=4, separator=", ", suppress_small=True)
            return " ".join(text.split())
        return f"an array of shape {value.shape}"
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        text = ", ".join(map(shown, value))
        short = len(text) <= 60
        left, right = "[]" if isinstance(value, list) else "()"
        return left + text + right if short else f"{len(value)} values"
    return f"a value of type {type(value).__name__}"
