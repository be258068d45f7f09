"""The kinds of exercises, and how an answer is judged: by what it computes, not by its spelling.

An exercise is data: what is right, and the mistakes that are usually made, each with the hint
that it gets. An answer is tried on the same *probes* (arguments) as these. `verdict` says None
if it is right everywhere, and otherwise a hint: that of the mistake that computes the same, or
one that names the first case in which the answer fails.
"""

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from rnn_helpers.exercises import trying
from rnn_helpers.exercises.trying import agree, behaves_like, numbers, outcomes, shown

WHATEVER = None  # in a mistake of several numbers: this one may be anything


class YourTurn(Exception):
    """The three dots are still there."""


class Unreadable(Exception):
    """The answer is of another kind than what is asked for; the message says so."""


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What all exercises have.

    `takes` says how long it takes, such as "five minutes". `nudges` are three hints that can be
    asked for, each of which says more. `mistakes` are pairs: a wrong answer, and its hint.
    `otherwise` is the hint for a wrong answer that is not among them. No hint holds the answer.
    """

    number: str
    title: str
    takes: str
    nudges: tuple
    mistakes: list
    otherwise: str

    def verdict(self, answer):
        """None for a right answer, otherwise a hint. Raises YourTurn if nothing is filled in."""
        if answer is ...:
            raise YourTurn
        try:
            return self.judge(answer)
        except Unreadable as error:
            return str(error)

    def judge(self, answer):
        """The same for an answer that is not three dots."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Numbers(Exercise):
    """A number, or several, is asked for.

    A whole number has to be met exactly. Of any other number three significant digits are
    enough. A mistake may have `WHATEVER` in place of numbers that do not matter for it.
    """

    right: float | tuple

    def judge(self, answer):
        """See `Exercise.verdict`."""
        answer = self.read(answer)
        if self.meets(answer, self.right):
            return None
        whole = np.ndim(self.right) == 0 and float(self.right).is_integer()
        for mistake, hint in self.mistakes:
            if self.meets(answer, mistake, whole):
                return hint
        if answer.shape != np.shape(self.right):
            return f"You gave {shown_shape(answer.shape)}; {self.asked()} asked for."
        pairs = list(zip(answer.ravel(), np.ravel(self.right)))
        wrong = [not close(*pair) for pair in pairs]
        if all(close(*pair) or near(*pair) for pair in pairs):
            return "That is close. Give at least three significant digits, rounded."
        if 0 < sum(wrong) < len(wrong):
            places = [str(i) for i, is_wrong in enumerate(wrong, 1) if is_wrong]
            which = f"number {places[0]} is" if len(places) == 1 else (
                f"numbers {', '.join(places[:-1])} and {places[-1]} are"
            )  # fmt: skip
            return f"Of your {len(wrong)} numbers, {which} not right yet. {self.otherwise}"
        return self.otherwise

    def read(self, answer):
        """The answer as an array of floats."""
        if callable(answer):
            raise Unreadable(f"You gave a function; {self.asked()} asked for.")
        array = numbers(answer)
        if array is None or array.dtype.kind not in "iuf":
            quoted = isinstance(answer, str) or trying.holds(answer, str)
            plain = ", without quotation marks" if quoted else ""
            raise Unreadable(f"You gave {shown(answer)}; {self.asked()} asked for{plain}.")
        if np.ndim(self.right) == 0 and array.size == 1:
            array = array.reshape(())  # [3] for 3
        return array.astype(float)

    def asked(self):
        """What is asked for, with its verb."""
        shape = np.shape(self.right)
        return "a single number is" if shape == () else f"{shown_shape(shape)} are"

    def meets(self, answer, wanted, whole=False):
        """Whether the numbers of an answer are those wanted, where these are not `WHATEVER`.

        Where a whole number is asked for, `whole`, one that is not is never taken for another.
        """
        if answer.shape != np.shape(wanted):
            return False
        pairs = zip(answer.ravel(), np.array(wanted, dtype=object).ravel())
        return all(
            w is WHATEVER
            or (close(a, w) and not (whole and float(a).is_integer() != float(w).is_integer()))
            for a, w in pairs
        )


def shown_shape(shape):
    """A shape in words."""
    if shape == ():
        return "a single number"
    if shape == (1,):
        return "a list of one number"
    return f"{shape[0]} numbers" if len(shape) == 1 else f"an array of shape {shape}"


def close(answer, right):
    """Whether a number is right: exactly if that is a whole one, else to three digits."""
    if float(right).is_integer():
        return bool(np.isclose(answer, right, rtol=1e-9, atol=1e-9))
    return bool(abs(answer - right) <= 0.5001 * unit_of_third_digit(right))


def near(answer, right):
    """Whether a number that is not right may be the right one with too few digits."""
    if float(right).is_integer():
        return False
    one_digit = float(f"{right:.1g}")  # 0.02 for 0.0222
    if abs(right) < 1 and np.isclose(answer, one_digit):
        return True
    return abs(answer - right) <= 0.02 * abs(right)


def unit_of_third_digit(number):
    """One unit of the third significant digit, such as 0.01 for 2.74."""
    return 10.0 ** (math.floor(math.log10(abs(number))) - 2)


@dataclass(frozen=True, kw_only=True)
class Function(Exercise):
    """A function is asked for. It is called with each of the `probes`.

    `arguments` names what it is given, and `results`, for a function that returns several
    things, what it returns. `random` makes further arguments from a generator: with them, tests
    compare what changed copies of the solution compute. `decisive` are pieces of the solution's
    code that no hint may hold. `case` puts the arguments of a probe in words; by default they
    are shown. With `in_place`, changing the arguments is the task. `near` is the hint for an
    answer that is everywhere within 6 % of what is right.
    """

    right: Callable
    arguments: tuple
    probes: list
    random: Callable
    decisive: tuple
    results: tuple = ()
    case: Callable | None = None
    in_place: bool = False
    rtol: float = 1e-9
    near: str = ""
    verb: str = "returned"  # what is said that the function did

    def judge(self, answer):
        """See `Exercise.verdict`."""
        function = self.function_of(answer)
        try:
            found = outcomes(function, self.probes, self.in_place)
        except trying.TooLong:
            return (
                f"It was still computing after {trying.PATIENCE} seconds: is there a loop "
                "that never ends?"
            )
        if any(map(trying.unfilled, found)):
            raise YourTurn
        if behaves_like(found, self.expected, self.rtol):
            return None
        for others, (_, hint) in zip(self.expected_mistakes, self.mistakes):
            if behaves_like(found, others, self.rtol):
                return hint
        return (
            self.hint_for_the_first_result(found)
            or self.hint_beside_errors(found)
            or self.first_failure(function, found)
        )

    def function_of(self, answer):
        """The answer as a function that can be called with the probes."""
        if not callable(answer):
            raise Unreadable(
                f"A function of {listed(self.arguments)} is asked for: write def answer(...)."
            )
        try:
            signature = inspect.signature(answer)
        except (TypeError, ValueError):  # some functions of C do not tell
            return answer
        names = tuple(signature.parameters)
        try:
            signature.bind(*self.probes[0])
            exchanged = names != self.arguments and set(names) == set(self.arguments)
        except TypeError:
            exchanged = True
        if exchanged and names == self.arguments:
            raise Unreadable("Take the star out of the first line: the arguments come in order.")
        if exchanged:
            raise Unreadable(
                f"Your function takes ({', '.join(names)}), but it is called with "
                f"({', '.join(self.arguments)}), in this order."
            )
        return answer

    @cached_property
    def expected(self):
        """What the right function makes of the probes."""
        return outcomes(self.function_of(self.right), self.probes, self.in_place)

    @cached_property
    def expected_mistakes(self):
        """What each of the mistakes makes of them."""
        functions = (self.function_of(mistake) for mistake, _ in self.mistakes)
        return [outcomes(function, self.probes, self.in_place) for function in functions]

    def hint_for_the_first_result(self, found):
        """The hint of a mistake that makes the first wrong one of several results wrong so.

        There may be other mistakes behind it. None if there is no such mistake.
        """
        for k in range(0 if self.in_place else len(self.results)):
            part, right = part_of(found, k), part_of(self.expected, k)
            if part is None or agree(part, right, self.rtol):
                continue
            for others, (_, hint) in zip(self.expected_mistakes, self.mistakes):
                other = part_of(others, k)
                before = [agree(part_of(others, j), part_of(found, j), self.rtol)
                          for j in range(k)]  # fmt: skip
                if other is not None and all(before) and agree(part, other, self.rtol):
                    return hint
        return None

    def hint_beside_errors(self, found):
        """The hint of a mistake that computes the same wherever the answer does not fail.

        The answer then has two faults, of which this one shows in an earlier case.
        """
        places = [i for i, outcome in enumerate(found) if not outcome.error]
        if self.first_wrong(found) not in places or len(places) < max(2, len(found) / 2):
            return None
        for others, (_, hint) in zip(self.expected_mistakes, self.mistakes):
            if all(trying.same_outcome(found[i], others[i], self.rtol) for i in places):
                return hint
        return None

    def first_wrong(self, found):
        """The number of the first case that fails."""
        pairs = enumerate(zip(found, self.expected))
        return next(i for i, pair in pairs if not trying.same_outcome(*pair, self.rtol))

    def first_failure(self, function, found):
        """A hint that names the first case that fails."""
        right, place = self.expected, self.first_wrong(found)
        if self.near and behaves_like(found, right, rtol=0.06):
            return self.near
        is_right = agree(found[place].value, right[place].value, self.rtol)
        value, wanted = found[place].value, right[place].value
        if self.in_place:
            (value, after), (wanted, after_right) = value or (None, ()), wanted
        where = self.words(self.probes[place])
        if found[place].error:
            return f"{where} it failed{line_of(found[place].error, function)}."
        if found[place].changed:
            names = listed([self.arguments[i] for i in found[place].changed])
            more = "" if is_right else " The result is not right either."
            return f"It changes {names}, which belongs to the caller: work on a copy.{more}"
        if value is None and wanted is not None:
            return (
                "It returns None: is a return missing? (print shows a value, and does not hand it "
                "on.)"
            )
        if self.in_place and agree(value, wanted, self.rtol):
            names = (n for n, a, r in zip(self.arguments, after, after_right) if not agree(a, r))
            return f"{where} it leaves wrong values in {next(names)}. {self.otherwise}"
        return f"{where} it {self.verb} {self.difference(value, wanted)} {self.otherwise}"

    def words(self, probe):
        """The arguments of a call in words, such as "With T = 4"."""
        if self.case:
            return f"With {self.case(*probe)}"
        small = (str, bool, int, float, np.generic, np.ndarray, list)
        pairs = zip(self.arguments, probe)
        parts = [named(name, v) for name, v in pairs if isinstance(v, small)]
        return f"With {listed(parts)}," if parts else "In a test,"

    def difference(self, value, wanted):
        """What was returned, and in what it differs."""
        if self.results:
            if not isinstance(value, list | tuple) or len(value) != len(self.results):
                return f"{shown(value)}. {self.several_results()}"
            for name, part, right in zip(self.results, value, wanted):
                if not agree(part, right, self.rtol):
                    name, part, right = first_wrong_field(name, part, right, self.rtol)
                    what = self.difference_of_one(part, right)
                    return f"{with_article(name)} that is not right: {what}"
        return self.difference_of_one(value, wanted)

    def several_results(self):
        """What a function returns that returns several things."""
        return f"It should return {len(self.results)} things: {listed(self.results)}."

    def difference_of_one(self, value, wanted):
        """The same for one thing."""
        array, right = numbers(value), numbers(wanted)
        if right is None or array is not None and array.shape == right.shape:
            return f"{shown(value)}{first_wrong_part(value, wanted, self.rtol)}."
        kind = "a single number" if right.shape == () else f"numbers of shape {right.shape}"
        kind = "True or False" if isinstance(wanted, bool | np.bool_) else kind
        found = f"numbers of shape {array.shape}" if np.ndim(array) else shown(value)
        if isinstance(value, list | tuple) and not shown(value).endswith(" values"):
            found = shown(value)
        return f"{found}, where {kind} should be."


@dataclass(frozen=True, kw_only=True)
class Design(Function):
    """Numbers are asked for with which something works, such as the weights of a neuron.

    `build` makes a function of the answer, which is then tried as in `Function`; it raises
    Unreadable for what it cannot use. `right` and the mistakes are such answers.
    """

    build: Callable
    verb: str = "gives"

    def function_of(self, answer):
        """See `Function.function_of`."""
        return self.build(answer)


@dataclass(frozen=True, kw_only=True)
class Choice(Exercise):
    """One of the `options` is asked for, or, if `several`, a set of them."""

    right: str | frozenset
    options: tuple
    several: bool = False
    read: Callable = field(default=lambda text: text.strip("() .").lower())  # of one option

    def judge(self, answer):
        """See `Exercise.verdict`."""
        answer = self.chosen(answer)
        if answer == self.right:
            return None
        return dict(self.mistakes).get(answer, self.otherwise)

    def chosen(self, answer):
        """The answer as one of the options, or as a frozenset of them."""
        asked = "a set with some" if self.several else "one"
        asked = f"{asked} of {listed([*map(repr, self.options)])} is asked for."
        several = {answer} if isinstance(answer, str) else answer
        if not isinstance(several, set | frozenset | list | tuple) or not all(
            isinstance(part, str) for part in several
        ):
            raise Unreadable(f"You gave {shown(answer)}; {asked}")
        found = frozenset(map(self.read, several))
        unknown = sorted(found - set(self.options))
        if unknown or not self.several and len(found) != 1:
            raise Unreadable(f"You gave {', '.join(map(repr, unknown)) or answer}; {asked}")
        return found if self.several else next(iter(found))


def part_of(outcomes, k):
    """The k-th of several results in all calls, a list; None if a call gave no such thing."""
    values = [outcome.value for outcome in outcomes]
    if all(isinstance(value, list | tuple) and len(value) > k for value in values):
        return [value[k] for value in values]
    return None


def with_article(name):
    """A noun with "a" or "an"."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def named(name, value):
    """An argument in words: its shape, if it is a large array."""
    if isinstance(value, np.ndarray) and shown(value).startswith("an array"):
        return f"{name} of shape {value.shape}"
    return f"{name} = {shown(value)}"


def first_wrong_field(name, value, wanted, rtol):
    """For a NamedTuple the first array that is not right, with its name; else what was given."""
    fields = getattr(wanted, "_fields", ())
    if not fields or not isinstance(value, list | tuple) or len(value) != len(fields):
        return name, value, wanted
    parts = zip(fields, value, wanted)
    return next((f"{name} of {f}", v, w) for f, v, w in parts if not agree(v, w, rtol))


def first_wrong_part(value, wanted, rtol):
    """Which entry of a long result is the first that is not right, or nothing for a short one."""
    if agree(value, wanted, rtol=1e-4):
        return ", which is nearly right, but not to the last digits"
    numeric = numbers(value) is not None and np.shape(value) == np.shape(numbers(wanted))
    if isinstance(value, np.ndarray) and numeric and shown(value).startswith("an array"):
        wrong = ~np.isclose(value, wanted, rtol=rtol, atol=trying.ATOL, equal_nan=True)
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        return f", in which entry {list(place)}, {shown(value[place])}, is not right"
    if isinstance(value, str | list | tuple) and shown(value).endswith((" values", "characters")):
        pairs = enumerate(zip(value, wanted))
        place = next((i for i, pair in pairs if not agree(*pair, rtol)), None)
        if place is not None:
            return f", in which entry [{place}], {shown(value[place])}, is the first wrong one"
    return ""


def listed(words):
    """Words as a list with "and"."""
    words = list(words)
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def line_of(error, function):
    """What an error says, and in which line of the function it came up."""
    sizes = re.search(r"^matmul: .*size (\d+) is different from (\d+)", str(error))
    told = f"the sizes in a product @ do not fit: {sizes[1]} and {sizes[2]}" if sizes else error
    told = f": {type(error).__name__}: {str(told).rstrip('. ')}"
    code = getattr(function, "__code__", None)
    trace, line = error.__traceback__, None
    while trace:
        if trace.tb_frame.f_code is code:
            line = trace.tb_lineno - code.co_firstlineno + 1
        trace = trace.tb_next
    return f" in line {line} of the function{told}" if line else told
