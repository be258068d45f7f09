"""The broken networks of chapter 07, each our own code with known bugs, and the checks.

Do not read on before you have solved the cases: this file holds the answers.

A case is data: names of bugs from `rnn_helpers.bugs`, and the checks that catch them.
`build_network` makes the network of a case, and a test holds that each case is caught by
exactly the checks that it names. The folds of the chapter that show the lines are written by

    python notebooks/gradient_detective_cases.py
"""

import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_helpers.adagrad import SGD
from rnn_helpers.bugs import Bug, broken, diff
from rnn_helpers.diagnosis import errors_at
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.training import bits_per_character

CHAPTER = Path(__file__).with_name("07_gradient_detective.ipynb")
FOLD = re.compile(r"```diff\n.*?```", re.DOTALL)  # where the chapter shows a case's lines


class Case(NamedTuple):
    """Names of bugs, and the names of the checks that catch them."""

    bugs: tuple
    caught_by: set

    def diff(self):
        """The lines that differ from our code."""
        return diff(*self.bugs)


FIRST, ONE, LARGE = "first weights", "one step", "large weights"  # where gradients are checked
DOWN, READ, ASKED = "one step down", "one long read", "every question"
TWICE, ORDER = "asked twice", "three processes"

CASES = {
    1: Case(("sign turned round",), {FIRST, ONE, LARGE, DOWN}),
    2: Case(("p into the state",), {FIRST, ONE, LARGE}),
    3: Case(("dWhh with the state after",), {FIRST, ONE, LARGE}),
    4: Case(("dWxh from the first step alone", "dWhh from the first step alone"), {FIRST, LARGE}),
    5: Case(("carry not transposed",), {FIRST, LARGE}),
    6: Case(("nothing comes from the future",), {FIRST, LARGE}),
    7: Case(("carry taken before tanh",), {LARGE}),
    8: Case(("mean over time",), {FIRST, LARGE}),
    9: Case(("no gradient for bh",), {FIRST, ONE, LARGE}),
    10: Case(("slope of tanh left out of dWhh alone",), {ONE, LARGE}),
    11: Case(("input as target",), {READ, ASKED}),
    12: Case(("state forgotten",), {READ}),
    13: Case(("whole windows only",), {READ, ASKED}),
    14: Case(("first state overwritten",), {TWICE}),
    15: Case(("characters in no order",), {ORDER}),
    16: Case(
        ("scores from the state before", "dWhy with the state before", "input as target"),
        {FIRST, ONE, LARGE, READ, ASKED},
    ),
}


LINE_UP = {"a": 10, "b": (), "c": 6}  # the three of the chapter's beginning


def slope_left_out_of_dWhh(where):
    """Case 10 in parts: the slope of tanh is left out of dWhh only where a condition holds."""
    slope = f"np.where({where}, np.maximum({{dtanh}}, 1e-300), 1)"  # tanh may be 1 exactly
    return Bug("bptt", {"message_of_Whh": f"({{it}} / {slope}.reshape({{it}}.shape))"})


PARTS = {
    "case 10, in all states": slope_left_out_of_dWhh("True"),
    "only in saturated states": slope_left_out_of_dWhh("{dtanh} < 0.2"),
    "only in all other states": slope_left_out_of_dWhh("{dtanh} >= 0.2"),
}


def build_network(case=()):
    """Build the network of a case: its number, a name of `PARTS`, or names of bugs.

    () gives the right network.

    Returns what `rnn_helpers.bugs.broken` does: an object with `loss_and_gradients`, `train`,
    `Vocabulary`, ... as they are with these bugs.
    """
    if isinstance(case, str):
        return broken(PARTS[case])
    return broken(*(CASES[case].bugs if isinstance(case, int) else case))


# The checks. Each is a function of a network, and True means: caught.

BAR = {FIRST: 1e-3, ONE: 1e-6, LARGE: 1e-6}  # 1e-3 is what a check in float32 can hold


def wrong_arrays(network, place, seed=0):
    """The arrays whose gradient is wrong at a place, by a bar that is usual there."""
    report = errors_at(place, network.loss_and_gradients, seed)
    return {name for name, error in report.items() if error > BAR[place]}


class NoStep:
    """An optimizer that changes nothing: with it, `train` reads without learning."""

    def step(self, gradients):
        """Leave the parameters as they are."""


def random_text(seed=0, n=113, V=5, H=6):
    """A network with large weights, a text of n characters for it, and the rng."""
    rng = np.random.default_rng(seed)
    parameters = init_parameters(V, H, rng, scale=0.5)
    return parameters, rng.integers(0, V, n), rng


def goes_up(network, seed=0):
    """Does a small step of a fresh network fail to lower the loss of its own window?"""
    rng = np.random.default_rng(seed)
    parameters, ids = init_parameters(5, 6, rng), rng.integers(0, 5, 26)
    before, gradients, _ = network.loss_and_gradients(parameters, ids[:-1], ids[1:], np.zeros(6))
    SGD(parameters, 1e-3).step(gradients)
    after, _, _ = network.loss_and_gradients(parameters, ids[:-1], ids[1:], np.zeros(6))
    return not after < before


def one_epoch(network, seed=0):
    """Read a text once without learning.

    Returns the loss of the whole text in nats, the targets in order, the parameters and the
    ids of the text.
    """
    parameters, ids, rng = random_text(seed)
    nats, asked = 0.0, []
    original = network.loss_and_gradients

    def listen(parameters, inputs, targets, h0):
        nonlocal nats
        loss, gradients, h = original(parameters, inputs, targets, h0)
        nats += loss
        asked.append(targets)
        return loss, gradients, h

    module = network.train.__globals__
    module["loss_and_gradients"] = listen
    try:
        run = network.train(parameters, ids, NoStep(), 1, rng)
        while run.position:
            network.train(parameters, ids, NoStep(), 1, rng, run=run)
    finally:
        module["loss_and_gradients"] = original
    return nats, np.concatenate(asked), parameters, ids


def costs_another_price(network, seed=0):
    """Does an epoch cost something else than the same text, read in one window?"""
    nats, _, parameters, ids = one_epoch(network, seed)
    price = bits_per_character(parameters, ids, length=len(ids)) * np.log(2) * (len(ids) - 1)
    return not np.isclose(nats, price)


def asks_other_questions(network, seed=0):
    """Are the targets anything but all characters after the first, once each and in order?"""
    _, asked, _, ids = one_epoch(network, seed)
    return not np.array_equal(asked, ids[1:])


def answers_differ(network, seed=0):
    """Does a second call with the same arrays give another loss?"""
    parameters, ids, rng = random_text(seed)
    setting = parameters, ids[:25], ids[1:26], rng.standard_normal(6)
    return network.loss_and_gradients(*setting)[0] != network.loss_and_gradients(*setting)[0]


def orders_differ(network, seed=0):
    """Do three processes give the same characters other ids?"""
    return len(set(orders(network.sources["encoding"]))) > 1


@functools.cache
def orders(encoding, text="The night ferry"):
    """The vocabulary of a text in three processes, which differ in their seed for hashing."""
    program = f"{encoding}\nprint(ascii(Vocabulary.from_text({text!r}).characters))"
    return [
        subprocess.run(
            [sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in "123"
    ]  # fmt: skip


CHECKS = {
    **{place: functools.partial(wrong_arrays, place=place) for place in BAR},
    DOWN: goes_up,
    READ: costs_another_price,
    ASKED: asks_other_questions,
    TWICE: answers_differ,
    ORDER: orders_differ,
}


def caught_by(case, seed=0):
    """The names of the checks that catch a case."""
    network = build_network(case)
    return {name for name, check in CHECKS.items() if check(network, seed=seed)}


def write_folds(chapter=CHAPTER):
    """Write the lines of the cases into the chapter, into its diff blocks one after another."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    texts = ["".join(cell["source"]) for cell in cells]
    blocks = sum(len(FOLD.findall(text)) for text in texts)
    if blocks != len(CASES):
        raise ValueError(
            f"{chapter.name} has {blocks} blocks ```diff for {len(CASES)} cases: write one for "
            "each case, in the order of the cases; it may be empty"
        )
    diffs = iter(case.diff() for case in CASES.values())
    for cell, text in zip(cells, texts):
        text = FOLD.sub(lambda block: f"```diff\n{next(diffs)}\n```", text)
        cell["source"] = text.splitlines(keepends=True)
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    chapter.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_folds()
