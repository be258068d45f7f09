"""Backpropagation through time, one line of code at a time (derived in notebook 04).

`walk` leads a small network forward and back over a text. It executes the lines below, and keeps
what each one made. A bug is a line that is replaced by a wrong one, so what is shown as code is
always what has run.
"""

from typing import NamedTuple

import numpy as np

from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.loss import softmax

SHORTEST, LONGEST = 3, 6  # characters of a text that can be followed by eye
SIZES = (1, 3)  # neurons

# What each line makes, in the order of one character, and the code that makes it.
FORWARD = {
    "h": "h = np.tanh(Wxh[:, id] + Whh @ h_before + bh)",
    "p": "p = softmax(Why @ h + by)\nloss += -np.log(p[target])",
}
BACKWARD = {
    "dy": "dy = p.copy()\ndy[target] -= 1",
    "boxes above": "dWhy += np.outer(dy, h)\ndby += dy",
    "from_y": "dh = Why.T @ dy",
    "dh": "dh += dhnext",
    "da": "da = (1 - h**2) * dh",
    "boxes below": "dWxh[:, id] += da\ndWhh += np.outer(da, h_before)\ndbh += da",
    "dhnext": "dhnext = Whh.T @ da",
}
FILLED = {"boxes above": ("Why", "by"), "boxes below": ("Wxh", "Whh", "bh")}


class Slip(NamedTuple):
    """A bug: in the line that makes `where`, `right` is replaced by `wrong`.

    `same` is the bug's name in `rnn_helpers.bugs`, which puts it into the finished module.
    """

    where: str
    right: str
    wrong: str
    same: str


SLIPS = {
    "dhnext left out": Slip("dh", "dh += dhnext", "dh += 0", "nothing comes from the future"),
    "transpose forgotten": Slip("dhnext", "Whh.T", "Whh", "carry not transposed"),
    "slope left out": Slip("da", "(1 - h**2) * dh", "dh.copy()", "slope of tanh left out"),
    "= in place of +=": Slip("boxes below", "dWhh +=", "dWhh =", "dWhh from the first step alone"),
}


class Moment(NamedTuple):
    """What stands on the page after one line.

    t : int
        The step of the network, from 0; -1 before anything has run.
    made : str
        What the line made: a key of FORWARD or BACKWARD, or "start".
    code : str
        The line.
    slip : bool
        Whether the bug is in it.
    cells : dict
        By (t, name) all that was made so far: h, p, loss (floats), dy, from_y, from_next,
        dh, slope, da.
    boxes : Parameters
        The gradients so far.
    terms : dict
        By name what this line had to add to a gradient.
    """

    t: int
    made: str
    code: str
    slip: bool
    cells: dict
    boxes: Parameters
    terms: dict


class Setting(NamedTuple):
    """A network and the text that it reads: `inputs` and `targets` are ids (T,)."""

    text: str
    vocabulary: Vocabulary
    parameters: Parameters
    inputs: np.ndarray
    targets: np.ndarray
    h0: np.ndarray


def small_setting(text, neurons=1, seed=0):
    """A network whose weights have one decimal, so that each step can be redone by hand.

    Parameters
    ----------
    text : str
        Three to six characters, at least two of them different. The network reads all but the
        last, and each time the next one is the target.
    neurons : int
        1 or 3.
    seed : int
        Other seeds give other weights.

    Raises ValueError for anything else.
    """
    if not SHORTEST <= len(text) <= LONGEST:
        raise ValueError(
            f"the text has {len(text)} characters; take {SHORTEST} to {LONGEST}, so that every "
            "number can be seen"
        )
    if len(set(text)) == 1:
        raise ValueError(
            "all characters of the text are equal, so the network cannot be wrong; take at "
            "least two different ones"
        )
    if neurons not in SIZES:
        raise ValueError(f"neurons must be 1 or 3, not {neurons!r}")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed must be a whole number, 0 or more, not {seed!r}")
    vocabulary, rng = Vocabulary.from_text(text), np.random.default_rng(seed)
    ids, V, H = vocabulary.encode(text), len(vocabulary), neurons

    def numbers(*shape):  # none of them zero, which could hide an error
        return rng.choice([-1.0, 1.0], shape) * rng.integers(2, 10, shape) / 10

    parameters = Parameters(
        Wxh=numbers(H, V), Whh=numbers(H, H), Why=numbers(V, H), bh=numbers(H), by=numbers(V)
    )
    return Setting(text, vocabulary, parameters, ids[:-1], ids[1:], numbers(H))


def walk(setting, slip=None):
    """Go forward over the text and back again, and keep each moment.

    Parameters
    ----------
    setting : Setting
    slip : str, optional
        A bug, by its name in `SLIPS`.

    Returns
    -------
    list of Moment
        One before the first line, then one after each line: 2 T forward and 7 T back.
    """
    if slip is not None and slip not in SLIPS:
        raise ValueError(f"no bug is called {slip!r}; there are: {', '.join(SLIPS)}")
    T, H = len(setting.inputs), len(setting.h0)
    now = {"np": np, "softmax": softmax, "loss": 0.0, "h": setting.h0}
    for name, weights in zip(Parameters._fields, setting.parameters):
        now |= {name: weights, f"d{name}": np.zeros_like(weights)}
    moments = [Moment(-1, "start", "", False, {}, boxes_of(now), {})]

    def run(t, made, code):
        wrong = slip is not None and SLIPS[slip].where == made
        if wrong:
            code = code.replace(SLIPS[slip].right, SLIPS[slip].wrong)
        exec(code, now)
        cells = moments[-1].cells | kept(t, made, now)
        terms = terms_of(made, now)
        moments.append(Moment(t, made, code, wrong, cells, boxes_of(now), terms))

    for t in range(T):
        now |= {"id": setting.inputs[t], "target": setting.targets[t], "h_before": now["h"]}
        for made, code in FORWARD.items():
            run(t, made, code)
    states = [setting.h0] + [moments[-1].cells[t, "h"] for t in range(T)]
    moments[-1].cells[T - 1, "from_next"] = now["dhnext"] = np.zeros(H)  # nothing after the end
    for t in reversed(range(T)):
        now |= {"id": setting.inputs[t], "target": setting.targets[t]}
        now |= {"h": states[t + 1], "h_before": states[t], "p": moments[-1].cells[t, "p"]}
        for made, code in BACKWARD.items():
            run(t, made, code)
    return moments


def boxes_of(now):
    """Copies of the five gradients."""
    return Parameters(*(now[f"d{name}"].copy() for name in Parameters._fields))


def kept(t, made, now):
    """What a line has made, as copies: a later line may change the array in its place."""
    if made == "p":
        return {(t, "p"): now["p"].copy(), (t, "loss"): -float(np.log(now["p"][now["target"]]))}
    if made == "from_y":
        return {(t, made): now["dh"].copy()}
    if made == "da":
        return {(t, "slope"): 1 - now["h"] ** 2, (t, "da"): now["da"].copy()}
    if made == "dhnext":  # it arrives at the step before; before the first there is none
        return {(t - 1, "from_next"): now["dhnext"].copy()}
    return {} if made in FILLED else {(t, made): now[made].copy()}


def terms_of(made, now):
    """What a line had to add to each gradient: blame times activity."""
    if made == "boxes above":
        return {"Why": np.outer(now["dy"], now["h"]), "by": now["dy"].copy()}
    if made == "boxes below":
        column = np.zeros_like(now["Wxh"])
        column[:, now["id"]] = now["da"]
        whh = np.outer(now["da"], now["h_before"])
        return {"Wxh": column, "Whh": whh, "bh": now["da"].copy()}
    return {}


def wrong_cells(moment, right):
    """The cells of a moment, by (t, name), that differ from those without bug."""
    return {
        key
        for key, value in moment.cells.items()
        if not np.allclose(value, right.cells[key], rtol=1e-9, atol=1e-12)
    }


def wrong_boxes(moment, right):
    """For each gradient, where it differs from that without bug."""
    return Parameters(
        *(
            ~np.isclose(mine, other, rtol=1e-9, atol=1e-12)
            for mine, other in zip(moment.boxes, right.boxes)
        )
    )
