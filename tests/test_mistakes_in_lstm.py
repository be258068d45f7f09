"""The mistakes of an LSTM: each is what its words say, and the diagnosis names it."""

import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from test_diagnosis import said

from rnn_helpers import bugs
from rnn_helpers.bugs import BUGS, broken
from rnn_helpers.diagnosis import diagnose, draw, main
from rnn_helpers.loss import cross_entropy
from rnn_helpers.lstm import (
    LSTMParameters,
    gates,
    init_lstm,
    lstm_forward,
    lstm_loss_and_gradients,
)
from rnn_helpers.mistakes import agree, explanation, where_to_look
from rnn_helpers.mistakes_in_lstm import LSTM, MESSAGE, lines, losses, messages, wrong_gates

SETTING = draw("large weights", init=init_lstm)
RIGHT = lstm_loss_and_gradients(*SETTING)[1]
SOURCES = {name: bugs.source_of(name) for name in bugs.MODULES}
STACKED = ("Wxh", "Whh", "bh")
INTO_H, CARRY_C, CARRY_H = "dh = dlogits @ Why", "dcnext = dc * f[t]", "dhnext = da[t].dot(Whh)"
ONE = "one_hot(targets, vocab_size)"

EDITS = {  # each mistake of the catalogue, made in our own code: what is replaced, and by what
    "sign": (INTO_H, f"dlogits = -dlogits; {INTO_H}"),
    "p": (INTO_H, f"dlogits = dlogits + {ONE}; {INTO_H}"),
    "one at the input": (
        INTO_H, f"dlogits = dlogits + {ONE} - one_hot(inputs, vocab_size); {INTO_H}"
    ),
    "slope of softmax": (
        INTO_H, f"p = dlogits + {ONE}; dlogits = dlogits * p * (1 - p); {INTO_H}"
    ),
    "p into h": (INTO_H, f"dh = (dlogits + {ONE}) @ Why"),
    "no arrow": (INTO_H, "dh = 0 * (dlogits @ Why)"),
    "last arrow": (INTO_H, f"{INTO_H}; dh[:-1] = 0"),
    "mean": (INTO_H, f"dlogits = dlogits / len(dlogits); {INTO_H}"),
    "cell nothing": (CARRY_C, "pass"),
    "f new cell": ("c[:-1] * f", "c[1:] * f"),
    "o left out": ("o * (1 - shown**2)", "1 - shown**2"),
    "cell without f": (CARRY_C, "dcnext = dc"),
    "cell with i": (CARRY_C, "dcnext = dc * i[t]"),
    "cell late f": (CARRY_C, "dcnext = dc * f[t - 1]"),
    "cell summed": (CARRY_C, "dcnext = dcnext + dc * f[t]"),
    "h nothing": (CARRY_H, "pass"),
    "h past the cell": ("dc = dh[t] * slope", "dc = (dh[t] - dhnext) * slope"),
    "h past o": ("da_o[t] *= dh[t]", "da_o[t] *= dh[t] - dhnext"),
    "h summed": (CARRY_H, "dhnext = dhnext + da[t].dot(Whh)"),
    "tanh left out": ("o * (1 - shown**2)", "o"),
    "tanh of c": ("o * (1 - shown**2)", "o * (1 - c[1:] ** 2)"),
    "tanh of h": ("o * (1 - shown**2)", "o * (1 - h[1:] ** 2)"),
    "tanh twice": ("o * (1 - shown**2)", "o * (1 - np.tanh(shown) ** 2)"),
    "o before tanh": ("shown * o * (1 - o)", "c[1:] * o * (1 - o)"),
    "i by i": ("g * i * (1 - i)", "i * i * (1 - i)"),
    "g by g": ("i * (1 - g**2)", "g * (1 - g**2)"),
    "g by f": ("i * (1 - g**2)", "f * (1 - g**2)"),
    "slope of g as of a sigmoid": ("i * (1 - g**2)", "i * g * (1 - g)"),
    "forwards": ("reversed(range(len(da)))", "range(len(da))"),
    "slope i": ("g * i * (1 - i)", "g"),
    "slope f": ("c[:-1] * f * (1 - f)", "c[:-1]"),
    "slope o": ("shown * o * (1 - o)", "shown"),
    "slope g": ("i * (1 - g**2)", "i"),
    "slope i as i": ("g * i * (1 - i)", "g * i"),
    "slope f as f": ("c[:-1] * f * (1 - f)", "c[:-1] * f"),
    "slope o as o": ("shown * o * (1 - o)", "shown * o"),
} | {
    f"dhnext without {key}": (
        CARRY_H, f"dhnext = (da[t] * (np.arange(width) // hidden_size != {k})).dot(Whh)"
    )
    for k, key in enumerate("ifog")
}  # fmt: skip


@pytest.fixture
def edited(monkeypatch):
    """Our `lstm_loss_and_gradients` with one piece of its code replaced."""

    def edit(old, new):
        assert SOURCES["lstm"].count(old) == 1, old
        sources = SOURCES | {"lstm": SOURCES["lstm"].replace(old, new)}
        monkeypatch.setattr(bugs, "source_of", sources.get)
        return broken().lstm_loss_and_gradients

    return edit


def test_every_mistake_of_the_catalogue_is_made_here():
    assert set(EDITS) == set(MESSAGE) and len(set(MESSAGE.values())) == len(MESSAGE)


def test_only_the_new_content_has_the_slope_of_tanh():
    assert MESSAGE["slope f"] == "the slope of the forget gate, f (1 - f), is left out"
    assert MESSAGE["slope g"] == "the slope of the new content, 1 - g^2, is left out"


def test_without_a_mistake_the_gradients_are_right():
    made = messages(SETTING)
    for name in LSTMParameters._fields:
        assert agree(next(lines(name, SETTING, *made))[1], getattr(RIGHT, name), 1e-12)
    assert explanation(RIGHT, SETTING, 1e-9, LSTM) == []


@pytest.mark.parametrize("name", MESSAGE)
def test_a_mistake_is_what_its_words_say_and_no_other(name, edited):
    _, gradients, _ = edited(*EDITS[name])(*SETTING)
    assert explanation(gradients, SETTING, 1e-9, LSTM) == [MESSAGE[name]]


@pytest.mark.parametrize("name", LSTMParameters._fields)
def test_each_line_mistake_is_told_from_the_others(name):
    for text, array in list(lines(name, SETTING, *messages(SETTING)))[1:]:
        found = explanation(RIGHT._replace(**{name: array}), SETTING, 1e-9, LSTM)
        assert found == [f"{name} holds {text}"]


def test_rows_that_hold_the_gradient_of_another_gate():
    i, f, o, g = np.split(RIGHT.bh, 4)
    for rows, words in (
        ([f, f, o, g], "the gradient of f in the rows of i"),
        (
            [f, f, f, g],
            "the gradient of f in the rows of i and the gradient of f in the rows of o",
        ),
        (
            [i, f, g, o],
            "the gradient of g in the rows of o and the gradient of o in the rows of g",
        ),
    ):
        given = RIGHT._replace(bh=np.concatenate(rows))
        assert explanation(given, SETTING, 1e-9, LSTM) == [f"bh holds {words}"]
    everywhere = {
        n: np.concatenate([np.split(getattr(RIGHT, n), 4)[k] for k in (1, 0, 2, 3)])
        for n in STACKED
    }
    assert explanation(RIGHT._replace(**everywhere), SETTING, 1e-9, LSTM) == [
        "Wxh, Whh and bh hold the gradient of f in the rows of i and the gradient of i in the "
        "rows of f"
    ]


PUBLIC = {  # found in public, and what is said of each
    "gradient of the forget gate put into the bias of the input gate": (
        "bh is wrong, the others are right: exactly these numbers come out if bh holds the "
        "gradient of f in the rows of i."
    ),
    "nothing comes back through the cell": (
        "exactly these numbers come out if nothing comes back through the cell: dcnext, a term "
        "of dc_t, is left out."
    ),
    "forget gate with the cell after": (
        "exactly these numbers come out if the gradient of the forget gate takes the new cell, "
        "c_t, where the old one, c_(t-1), belongs."
    ),
    "output gate left out on the way into the cell": (
        "exactly these numbers come out if the output gate is left out where dh_t goes into the "
        "cell"
    ),
}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_bug_that_was_found_in_public_is_named(name):
    found = diagnose(broken(name).lstm_loss_and_gradients, init_lstm)
    (finding,) = found.findings
    assert PUBLIC[name] in finding
    wrong = {"bh"} if name.startswith("gradient") else set(STACKED)
    assert found.wrong("large weights") == wrong and not found.wrong("one step") - wrong


def test_the_right_one_is_called_right():
    found = diagnose(lstm_loss_and_gradients, init_lstm)
    assert found.right and not found.notes and "Nothing wrong was found." in str(found)
    assert len(found.table().splitlines()) == 6


def test_in_float32_as_well():
    def single(parameters, *others):
        parameters = parameters._make(array.astype(np.float32) for array in parameters)
        function = broken("forget gate with the cell after").lstm_loss_and_gradients
        return function(parameters, *others)

    text = said(diagnose(single, init_lstm))
    assert "It computes in float32" in text and "takes the new cell, c_t, where" in text


def test_the_command_questions_an_lstm(capsys, tmp_path, monkeypatch):
    init = "rnn_helpers.lstm:init_lstm"
    command = [sys.executable, "-m", "rnn_helpers.gradient_check"]
    command += ["rnn_helpers.lstm:lstm_loss_and_gradients", init]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0 and "Nothing wrong was found." in done.stdout, done.stderr
    (tmp_path / "my_lstm.py").write_text(
        "from rnn_helpers.bugs import broken\n"
        'f = broken("output gate left out on the way into the cell").lstm_loss_and_gradients\n',
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert main(["my_lstm:f", init]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "the output gate is left out where dh_t goes into the cell" in shown


def noisy(name, rows):
    array = getattr(RIGHT, name).copy()
    array[rows] += 0.1 * np.cos(np.arange(array[rows].size)).reshape(array[rows].shape)
    return array


def test_where_no_known_mistake_fits_the_gates_are_named():
    H = len(RIGHT.bh) // 4
    f, not_g = slice(H, 2 * H), slice(0, 3 * H)
    assert wrong_gates(RIGHT, RIGHT, 1e-6) is None
    assert wrong_gates(RIGHT._replace(bh=noisy("bh", slice(None))), RIGHT, 1e-6) is None
    assert wrong_gates(RIGHT._replace(Why=2 * RIGHT.Why), RIGHT, 1e-6) is None
    assert wrong_gates(RIGHT._replace(bh=noisy("bh", f)), RIGHT, 1e-6) == "f"
    both = RIGHT._replace(bh=noisy("bh", f), Wxh=noisy("Wxh", not_g))
    assert wrong_gates(both, RIGHT, 1e-6) == "i, f and o"
    tiny = RIGHT._replace(bh=RIGHT.bh + 1e-9 * abs(RIGHT.bh).max())
    assert wrong_gates(tiny, RIGHT, 1e-6) is None

    def function(*setting):
        loss, gradients, h = lstm_loss_and_gradients(*setting)
        gates(gradients.bh)[1][0] += 0.1
        return loss, gradients, h

    text = said(diagnose(function, init_lstm))
    assert (
        "bh is wrong, the others are right: of the gates, only the rows of f; Wxh and Whh" in text
    )
    assert "look at the line of bh (bh needs da, summed over time)" in text


def test_where_to_look_speaks_of_the_cell():
    fields, top, below = LSTMParameters._fields, {"Why", "by"}, set(STACKED)
    loop = where_to_look(fields, top, below, set(), below, lstm=True)
    assert "passed back from step to step (dhnext, and dcnext, through the cell)" in loop
    assert "Whh.T" not in loop and "h^2" not in loop
    assert "slope of tanh, which is nearly 1 at small states, and for what is mult" in loop
    slope = where_to_look(fields, top, below, below, set(), lstm=True)
    assert "Why.T @ (p - onehot), and at the slope of tanh and of the gates" in slope


# Losses of an LSTM that reads in another way, computed here step by step.


def read(setting, gate, cell=None, show=np.tanh, order="ifog", exchanged=False):
    """The loss with another equation for c_t, another way to show it, or another order."""
    (Wxh, Whh, Why, bh, by), inputs, targets, h0 = setting
    H = len(h0) // 2
    h, c = (h0[H:], h0[:H]) if exchanged else (h0[:H], h0[H:])
    scores = []
    for x in inputs:
        a = dict(zip(order, np.split(Wxh[:, x] + Whh @ h + gate(bh), 4)))
        i, f, o = (1 / (1 + np.exp(-a[key])) for key in "ifo")
        g = np.tanh(a["g"])
        c = f * c + i * g if cell is None else cell(i, f, g, c)
        h = o * show(c)
        scores.append(Why @ h + by)
    return cross_entropy(np.array(scores), targets)


def same(bh):
    return bh


READINGS = {
    "the loss with the gates in the order i, f, g, o (PyTorch's), where it is i, f, o, g": {
        "order": "ifgo"
    },
    "the loss without bh": {"gate": lambda bh: 0 * bh},
    "the loss with h and c exchanged in h0": {"exchanged": True},
    "the loss without tanh in h_t = o_t tanh(c_t)": {"show": same},
    "the loss with the forget gate applied to the new cell, f_t (c_(t-1) + i_t g_t)": {
        "cell": lambda i, f, g, c: f * c + f * i * g
    },
    "the loss with the forget gate applied to the new content, f_t c_(t-1) + f_t g_t": {
        "cell": lambda i, f, g, c: f * (c + g)
    },
    "the loss without the forget gate, c_(t-1) + i_t g_t": {
        "cell": lambda i, f, g, c: c + i * g
    },
    "the loss with 1 - f_t for i_t": {"cell": lambda i, f, g, c: f * c + g - f * g},
} | {
    f"the loss with the bias of {key} in all three gates i, f, o": {
        "gate": lambda bh, k=k: np.concatenate([*[np.split(bh, 4)[k]] * 3, np.split(bh, 4)[3]])
    }
    for k, key in enumerate("ifo")
}  # fmt: skip


def test_a_loss_by_mistake_is_what_its_words_say():
    named = {text: loss for loss, text in losses(SETTING)}
    assert set(named) == set(READINGS)
    for text, options in READINGS.items():
        assert np.isclose(named[text], read(SETTING, **({"gate": same} | options)), rtol=1e-12)
    right = cross_entropy(lstm_forward(SETTING[0], SETTING[1], SETTING[3])[1], SETTING[2])
    assert np.isclose(read(SETTING, same), right, rtol=1e-12)
    rounded = np.round([*named.values(), right], 3)
    assert len(np.unique(rounded)) == len(rounded)


def test_a_loss_by_mistake_is_named():
    def function(parameters, inputs, targets, h0):
        i, f, o, g = np.split(np.arange(len(parameters.bh)), 4)
        order = np.concatenate([i, f, g, o])
        turned = parameters._replace(**{n: getattr(parameters, n)[order] for n in STACKED})
        loss, gradients, h = lstm_loss_and_gradients(turned, inputs, targets, h0)
        back = {n: getattr(gradients, n)[np.argsort(order)] for n in STACKED}
        return loss, gradients._replace(**back), h

    found = diagnose(function, init_lstm)
    assert "it is the loss with the gates in the order i, f, g, o (PyTorch's)" in said(found)
    assert not found.wrong("large weights")


def test_no_public_bug_was_renamed():
    assert set(PUBLIC) <= {name for name, bug in BUGS.items() if bug.module == "lstm"}
