"""The broken networks of chapter 07, each the smallest change of our own code, and the checks.

Do not read on before you have solved the cases: this file holds the answers.

A case is data: lines of `rnn_helpers` and what stands in their place. `suspect` makes the
broken network of a case, `CHECKS` are the questions that the chapter asks each of them, and
a test holds that each case is caught by exactly the checks that are named here.
"""

import difflib
import functools
import importlib
import inspect
import os
import subprocess
import sys
from typing import NamedTuple

import numpy as np

from rnn_helpers.adagrad import SGD
from rnn_helpers.diagnosis import errors_at
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.training import bits_per_character


class Change(NamedTuple):
    """One place of one module: what stands there, and what stands there in a broken version."""

    module: str
    right: str
    wrong: str


class Case(NamedTuple):
    """What is broken, and the checks that see it."""

    changes: tuple
    caught_by: frozenset

    def diff(self):
        """The change as it would stand in a commit, without the indentation."""
        lines = []
        for _, right, wrong in self.changes:
            old, new = ([line.strip() for line in part.splitlines()] for part in (right, wrong))
            lines += [line for line in difflib.ndiff(old, new) if line[0] != "?"]
        return "\n".join(lines)


# The lines that cases change. Where a module is rewritten, adapt them here.
SLOPE = "    loss, dlogits = loss_and_slope(logits, targets)"
ARROW = "da = dlogits @ Why"
LOOP = "        da_t *= dtanh_t\n        dhnext = da_t.dot(Whh)"
CARRY = "        dhnext = da_t.dot(Whh)"
WXH, WHH = "Wxh=da.T @ x,", "Whh=da.T @ h_before,"
WHY, BH, BY = "Why=dlogits.T @ h_after,", "bh=ones @ da,", "by=ones @ dlogits,"
FORWARD = "    hidden, logits = forward(parameters, inputs, h0)"
LAST = "    return loss, gradients, hidden[-1].copy()"
PAIRS = "yield ids[start:end], ids[start + 1 : end + 1]"
STATE = "loss, gradients, run.h = loss_and_gradients("
BEGIN = "    run = Run() if run is None else run"
CUT = "first = int(rng.integers(1, length + 1))"
SORTED = "sorted(set(text))"

STATE_BEFORE = Change(
    "bptt", FORWARD, FORWARD + "\n    logits = hidden[:-1] @ parameters.Why.T + parameters.by"
)
WHY_BEFORE = Change("bptt", WHY, "Why=dlogits.T @ h_before,")
SHIFTED = Change("bptt", ARROW, "da = np.vstack([dlogits[1:] @ Why, 0 * h0])")
INPUT_AS_TARGET = Change("training", PAIRS, "yield ids[start:end], ids[start:end]")
ONE_DEEP = Change("bptt", CARRY, "")
STATE_FORGOTTEN = Change("training", STATE, "loss, gradients, _ = loss_and_gradients(")
WHOLE_WINDOWS = Change(
    "training", BEGIN, BEGIN + "\n    ids = ids[: (len(ids) - 1) // length * length + 1]"
)

FIRST_ALONE = (
    Change("bptt", WXH, "Wxh=da[:1].T @ x[:1],"),
    Change("bptt", WHH, "Whh=da[:1].T @ h_before[:1],"),
)
P_INTO_H = Change("bptt", ARROW, "p = dlogits + one_hot(targets, vocab_size)\n    da = p @ Why")
MEAN = Change("bptt", SLOPE, SLOPE + "\n    dlogits /= len(inputs)")
NO_BH = Change("bptt", BH, "bh=np.zeros_like(bh),")
NO_BY = Change("bptt", BY, "by=np.zeros_like(by),")
FIXED_CUTS = Change("training", CUT, "first = length")

MODULES = ("encoding", "bptt", "training")

FIRST, ONE, LIVELY = "first weights", "one step", "lively"  # where gradients are checked
DOWN, READ, ASKED = "one step down", "one long read", "every question"
TWICE, ORDER = "asked twice", "three processes"

CASES = {
    1: Case(
        (
            Change("bptt", SLOPE, SLOPE + "\n    dlogits *= -1"),
        ),
        frozenset({FIRST, ONE, LIVELY, DOWN}),
    ),
    2: Case(
        (P_INTO_H,),
        frozenset({FIRST, ONE, LIVELY}),
    ),
    3: Case(
        (Change("bptt", WHH, "Whh=da.T @ h_after,"),),
        frozenset({FIRST, ONE, LIVELY}),
    ),
    4: Case(
        FIRST_ALONE,
        frozenset({FIRST, LIVELY}),
    ),
    5: Case(
        (Change("bptt", CARRY, "        dhnext = da_t.dot(Whh.T)"),),
        frozenset({FIRST, LIVELY}),
    ),
    6: Case((ONE_DEEP,), frozenset({FIRST, LIVELY})),
    7: Case(
        (Change("bptt", LOOP, "        dhnext = da_t.dot(Whh)\n        da_t *= dtanh_t"),),
        frozenset({LIVELY}),
    ),
    8: Case(
        (MEAN,),
        frozenset({FIRST, LIVELY}),
    ),
    9: Case(
        (NO_BH,),
        frozenset({FIRST, ONE, LIVELY}),
    ),
    10: Case(
        (
            Change("bptt", WHH, "Whh=(da / dtanh.reshape(da.shape)).T @ h_before,"),
        ),
        frozenset({ONE, LIVELY}),
    ),
    11: Case((INPUT_AS_TARGET,), frozenset({READ, ASKED})),
    12: Case((STATE_FORGOTTEN,), frozenset({READ})),
    13: Case((WHOLE_WINDOWS,), frozenset({READ, ASKED})),
    14: Case(
        (Change("bptt", LAST, "    h0[...] = hidden[-1]\n    return loss, gradients, h0"),),
        frozenset({TWICE}),
    ),
    15: Case((Change("encoding", SORTED, "set(text)"),), frozenset({ORDER})),
    16: Case(
        (STATE_BEFORE, WHY_BEFORE, INPUT_AS_TARGET),
        frozenset({FIRST, ONE, LIVELY, READ, ASKED}),
    ),
}  # fmt: skip


LINE_UP = {"a": 10, "b": (), "c": 6}  # the three of the chapter's beginning


class Suspect(NamedTuple):
    """A network to question: what `rnn_helpers` calls by these names, with a case inside."""

    loss_and_gradients: object
    train: object
    Vocabulary: type
    encoding: str  # the source of the module that Vocabulary is from


def suspect(case=()):
    """Build the network of a case: its number, or a sequence of changes; () is the right one."""
    changes = CASES[case].changes if isinstance(case, int) else tuple(case)
    sources = {n: inspect.getsource(importlib.import_module(f"rnn_helpers.{n}")) for n in MODULES}
    for name, right, wrong in changes:
        if sources[name].count(right) != 1:
            raise ValueError(f"{name}.py no longer has {right!r} once: adapt the cases")
        sources[name] = sources[name].replace(right, wrong)
    made = {}
    for name, source in sources.items():
        made[name] = dict(vars(importlib.import_module(f"rnn_helpers.{name}")))
        exec(compile(source, f"{name}.py of a suspect", "exec"), made[name])
    learn = made["bptt"]["loss_and_gradients"]
    made["training"]["loss_and_gradients"] = learn
    return Suspect(
        learn, made["training"]["train"], made["encoding"]["Vocabulary"], sources["encoding"]
    )


# The checks. Each is a function of a suspect, and True means: caught.

BAR = {FIRST: 1e-3, ONE: 1e-6, LIVELY: 1e-6}  # 1e-3 is what a check in float32 can hold


def wrong_arrays(suspect, place, seed=0):
    """The arrays whose gradient is wrong at a place, by a bar that is usual there."""
    report = errors_at(place, suspect.loss_and_gradients, seed)
    return {name for name, error in report.items() if error > BAR[place]}


class Watch:
    """An optimizer that does not move: it lets `train` read without learning."""

    def step(self, gradients):
        """Leave everything as it is."""


def lively_text(seed=0, n=113, V=5, H=6):
    """A network that is not small, and a text of n characters for it."""
    rng = np.random.default_rng(seed)
    parameters = init_parameters(V, H, rng, scale=0.5)
    return parameters, rng.integers(0, V, n), rng


def goes_up(suspect, seed=0):
    """Does a small step of a fresh network fail to lower the loss of its own window?"""
    rng = np.random.default_rng(seed)
    parameters, ids = init_parameters(5, 6, rng), rng.integers(0, 5, 26)
    before, gradients, _ = suspect.loss_and_gradients(parameters, ids[:-1], ids[1:], np.zeros(6))
    SGD(parameters, 1e-3).step(gradients)
    after, _, _ = suspect.loss_and_gradients(parameters, ids[:-1], ids[1:], np.zeros(6))
    return not after < before


def one_sweep(suspect, seed=0):
    """Read a text once without learning: its nats in all, and the targets of each window."""
    parameters, ids, rng = lively_text(seed)
    nats, asked = 0.0, []
    original = suspect.loss_and_gradients

    def listen(parameters, inputs, targets, h0):
        nonlocal nats
        loss, gradients, h = original(parameters, inputs, targets, h0)
        nats += loss
        asked.append(targets)
        return loss, gradients, h

    module = suspect.train.__globals__
    module["loss_and_gradients"] = listen
    try:
        run = suspect.train(parameters, ids, Watch(), 1, rng)
        while run.position:
            suspect.train(parameters, ids, Watch(), 1, rng, run=run)
    finally:
        module["loss_and_gradients"] = original
    return nats, np.concatenate(asked), parameters, ids


def costs_another_price(suspect, seed=0):
    """Does a sweep cost something else than the same text, read in one breath?"""
    nats, _, parameters, ids = one_sweep(suspect, seed)
    price = bits_per_character(parameters, ids, length=len(ids)) * np.log(2) * (len(ids) - 1)
    return not np.isclose(nats, price)


def asks_other_questions(suspect, seed=0):
    """Is any character but the first not asked for once, in its turn?"""
    _, asked, _, ids = one_sweep(suspect, seed)
    return not np.array_equal(asked, ids[1:])


def answers_differ(suspect, seed=0):
    """Asked twice with the same arrays: another loss?"""
    parameters, ids, rng = lively_text(seed)
    question = parameters, ids[:25], ids[1:26], rng.standard_normal(6)
    return suspect.loss_and_gradients(*question)[0] != suspect.loss_and_gradients(*question)[0]


def orders_differ(suspect, seed=0):
    """Do three processes give the same characters other ids?"""
    return len(set(orders(suspect.encoding))) > 1


@functools.cache
def orders(encoding, text="The night ferry"):
    """The alphabet of a text in three processes, which differ in their seed for hashing."""
    program = f"{encoding}\nprint(ascii(Vocabulary.from_text({text!r}).characters))"
    return [
        subprocess.run(
            [sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in "123"
    ]  # fmt: skip


CHECKS = {
    **{place: functools.partial(wrong_arrays, place=place) for place in (FIRST, ONE, LIVELY)},
    DOWN: goes_up,
    READ: costs_another_price,
    ASKED: asks_other_questions,
    TWICE: answers_differ,
    ORDER: orders_differ,
}


def caught_by(case, seed=0):
    """The names of the checks that catch a case."""
    made = suspect(case)
    return {name for name, check in CHECKS.items() if check(made, seed=seed)}
