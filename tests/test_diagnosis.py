"""The diagnosis, tried on networks that were written in other styles, with bugs planted."""

import itertools
import os
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest
from conftest import ROOT
from other_networks import columns, gated, joined, tape

from rnn_helpers import bptt, diagnosis
from rnn_helpers.adagrad import clip_gradients
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.cells import CELLS
from rnn_helpers.diagnosis import (
    PLACES,
    CannotAsk,
    Diagnosis,
    diagnose,
    draw,
    errors_at,
    main,
    takes_complex,
)
from rnn_helpers.forward_pass import Parameters, forward, init_parameters
from rnn_helpers.gradient_check import GradientReport
from rnn_helpers.lstm import init_lstm
from rnn_helpers.mistakes import (
    MESSAGE,
    UNITS,
    agree,
    clipping,
    explanation,
    explanation_in_any_cell,
    lines,
    messages,
    multiple,
    other_losses,
    unit_factor,
    unit_of,
)

NETWORKS = (columns, tape, joined)
HIDDEN, ALL, NONE = {"Wxh", "Whh", "bh"}, set(Parameters._fields), set()

# Words by which a report names a cause. A report may use those that fit its bug, and no others.
CAUSES = {
    "sign", "onehot", "dhnext", "carry", "in the loop", "forwards", "slope", "+=", "h_(t-1)",
    "h_t ", "a_t", "columns of", "transpose", "clipped", "decay", "times the right", "a mean",
    "divided", "zeros", "nan", "The loss is", "forward pass", "h_last", "Asked the same",
    "It changes", "overwritten", "float32",
}  # fmt: skip


def but(*causes):
    """The words that must not appear, if only these causes are true."""
    assert set(causes) <= CAUSES
    return CAUSES - set(causes)


# network, bug, the arrays that are wrong, words that must appear, words that must not
PLANTED = [
    (columns, "sign", ALL, "the sign is reversed: target - p", but("sign", "onehot")),
    (columns, "one never subtracted", ALL, "the 1 at the target is not subtracted", but("onehot")),
    (columns, "one at the input", ALL, "subtracted from p at the input", but()),
    (columns, "slope of softmax", ALL, "p - onehot is multiplied by p (1 - p)", but("onehot")),
    (columns, "rec from the state after", {"Whh"}, "Whh is wrong, the others are right: exactly "
     "these numbers come out if Whh holds h_t where h_(t-1) belongs", but("h_t ", "h_(t-1)")),
    (columns, "rec before the slope", {"Whh"}, "Whh holds dh, from before the slope of tanh",
     but("slope")),
    (columns, "rec transposed", {"Whh"}, "Whh holds its transpose", but("transpose")),
    (columns, "out from the state before", {"Why"}, "Why holds h_(t-1) where h_t belongs",
     but("h_(t-1)", "h_t ")),
    (columns, "out from before tanh", {"Why"}, "Why holds a_t, from before tanh, where h_t",
     but("a_t", "h_t ")),
    (columns, "every state one late", HIDDEN | {"Why"}, "the slope of tanh takes h_(t-1) where "
     "h_t belongs; and if Why holds h_(t-1) where h_t belongs", but("slope", "h_(t-1)", "h_t ")),
    (columns, "equals for plus-equals", {"Whh"}, "Whh holds the first step alone, = where +=",
     but("+=")),
    (columns, "bias of one step", {"by"}, "by holds the first step alone, = where +=", but("+=")),
    (columns, "bias forgotten", {"bh"}, "bh holds zeros only, never filled", but("zeros")),
    (columns, "column of the target", {"Wxh"}, "Wxh holds the columns of the targets",
     but("columns of")),
    (columns, "nothing goes down", HIDDEN, "Why.T @ (p - onehot) is left out", but("onehot")),
    (columns, "transpose forgotten", HIDDEN, "through Whh where its transpose belongs",
     but("carry", "transpose")),
    (columns, "never handed back", HIDDEN, "dhnext is never passed on", but("dhnext")),
    (columns, "handed back before the slope", HIDDEN, "the carry takes dh, from before the slope",
     but("carry", "slope")),
    (columns, "handed back after the slope", HIDDEN, "dhnext is added after the slope of tanh",
     but("dhnext", "slope")),
    (columns, "handed back and summed", HIDDEN, "dhnext is added to (+=) from step to step",
     but("dhnext", "+=")),
    (columns, "handed back without rec", HIDDEN, "the carry does not go through Whh.T",
     but("carry")),
    (columns, "time runs forwards", HIDDEN, "the loop over time runs forwards", but("forwards")),
    (columns, "slope without the square", HIDDEN, "1 - h stands where the slope of tanh",
     but("slope")),
    (columns, "slope twice", HIDDEN, "1 - h^2, is multiplied in twice", but("slope")),
    (columns, "slope of the sigmoid", HIDDEN, "h (1 - h), the slope of the sigmoid", but("slope")),
    (columns, "slope at what tanh was given", HIDDEN, "1 - a^2 stands where 1 - h^2 belongs",
     but("a_t")),
    (columns, "slope of tanh of tanh", HIDDEN, "1 - tanh(h)^2 stands where 1 - h^2 belongs",
     but()),
    (columns, "loss in bits", ALL, "it is in bits, not in nats", but("The loss is",
     "times the right")),
    (columns, "loss as a mean over all entries", ALL, "63 times the right one, and T V is 63",
     but("The loss is", "times the right", "a mean")),
    (columns, "gradients divided by the length", ALL, "all is divided by T, and the loss is not",
     but("divided")),
    (columns, "answer in the question", NONE, "the loss with the inputs as targets",
     but("The loss is")),
    (columns, "state never handed on inside", HIDDEN | {"Why"}, "look at the forward pass first",
     but("The loss is", "forward pass", "onehot", "h_t ", "in the loop", "dhnext", "+=", "slope")),
    (columns, "bias not in the forward pass", {"bh"}, "the loss does not depend on bh",
     but("The loss is", "forward pass")),
    (columns, "gradients not zeroed", NONE, "other gradients of Wxh, Whh, Why, bh and by: each "
     "call adds to those of the call before", but("Asked the same")),
    (columns, "later not zeroed", NONE, "other gradients of Wxh, Whh and bh, and the same loss "
     "and gradient of by: something of the last call", but("Asked the same", "dhnext", "zeros")),
    (columns, "weight decay", {"Wxh", "Whh", "Why"}, "0.01 times the weights is added (weight",
     but("decay")),
    (columns, "clipped at 5", ALL, "All arrays are wrong at large gradients: exactly these "
     "numbers come out if every entry is clipped at 5", but("clipped")),
    (columns, "clipped at 1", ALL, "every entry is clipped at 1", but("clipped")),
    (tape, "transpose forgotten", HIDDEN, "through Whh where its transpose belongs",
     but("carry", "transpose")),
    (tape, "tanh is straight", HIDDEN, "the slope of tanh, 1 - h^2, is left out", but("slope")),
    (tape, "slope of the input", HIDDEN, "1 - a^2 stands where 1 - h^2 belongs", but("a_t")),
    (tape, "outer product turned", {"Whh"}, "Whh holds its transpose", but("transpose")),
    (tape, "all columns filled", {"Wxh"}, "Whh and bh are right: look at the line of Wxh (Wxh "
     "needs da in the column of each input", but()),
    (tape, "log-softmax without the target", ALL, "the 1 at the target is not subtracted",
     but("onehot")),
    (tape, "the last use overwrites the others", ALL, "dhnext is never passed on; and if Wxh, "
     "Whh, Why, bh and by hold the first step alone, = where += belongs", but("dhnext", "+=")),
    (tape, "plus sends to the left only", ALL, "dhnext is never passed on; and if Wxh and Why "
     "hold the first step alone, = where += belongs; and if Whh, bh and by hold zeros only",
     but("dhnext", "+=", "zeros")),
    (tape, "not in reverse", ALL, "Wxh, Whh, Why, bh and by hold zeros only, never filled",
     but("zeros")),
    (tape, "the state is cut off", HIDDEN, "dhnext is never passed on", but("dhnext")),
    (tape, "mean", NONE, "it is the mean over the window, not the sum", but("The loss is")),
    (tape, "mean in float32", NONE, "it is the mean over the window, not the sum",
     but("The loss is", "float32")),
    (tape, "the last step alone", NONE, "the loss of the last step alone", but("The loss is")),
    (tape, "leaves keep their gradients", NONE, "each call adds to those of the call before",
     but("Asked the same")),
    (tape, "takes a step itself", NONE, "It changes what it is given: Wxh, Whh, Why, bh, by.",
     but("It changes")),
    (joined, "slope plus", HIDDEN, "1 + h^2 stands where the slope of tanh", but("slope")),
    (joined, "slope at the gradient", HIDDEN, "nearly right at the first weights and wrong at "
     "larger ones: look for the slope of tanh", but("slope", "onehot")),
    (joined, "state added twice", HIDDEN, "right with one step and wrong with more",
     but("in the loop", "dhnext", "+=", "slope")),
    (joined, "half of W", {"Whh"}, "0.5 times the right one", but("times the right")),
    (joined, "head from the last state", {"Why"}, "by is right, which clears p - onehot: look at "
     "the line of Why (Why needs p - onehot times h_t, from after tanh", but("onehot", "h_t ")),
    (joined, "only the last score goes down", HIDDEN, "goes down into the state at the last step "
     "only", but("onehot")),
    (joined, "bias of one step", {"bh"}, "bh holds the first step alone, = where +=", but("+=")),
    (joined, "mean of the loss alone", ALL, "9 times the right one, and T is 9",
     but("The loss is", "times the right", "a mean")),
    (joined, "rec not transposed forward", {"Whh"}, "the loss with the transpose of Whh",
     but("The loss is", "transpose")),
    (joined, "softmax over time", ALL, "look at the forward pass first",
     but("The loss is", "forward pass", "onehot")),
    (joined, "joined the other way", HIDDEN, "look at the forward pass first",
     but("The loss is", "forward pass", "in the loop", "dhnext", "+=", "slope")),
    (joined, "nan where a square root is taken", {"Why"}, "Why holds nan or infinity", but("nan")),
    (joined, "norm clipped at 5", ALL, "the norm of all gradients together is clipped at 5",
     but("clipped")),
    (joined, "weight decay of all", ALL, "0.0001 times the weights is added", but("decay")),
    (joined, "h0 ignored", NONE, "h0 is not used", but("The loss is", "zeros")),
    (joined, "writes into h0", NONE, "It changes what it is given: h0.", but("It changes")),
    (joined, "first state handed back", NONE, "h_last is not the state after", but("h_last")),
    (joined, "last state but one handed back", NONE, "h_last is not the state after",
     but("h_last")),
    (joined, "buffer reused", NONE, "overwritten by the next call", but("overwritten")),
    (joined, "state kept from the last call", NONE, "it gives two losses: something is kept",
     but("Asked the same")),
    (joined, "dstate kept from the last call", NONE, "dhnext) must start from zeros",
     but("Asked the same", "dhnext", "zeros")),
    (joined, "dropout left on", NONE, "it gives two losses: something is kept between calls, a "
     "state for instance, or drawn at random", but("Asked the same")),
]  # fmt: skip


def said(found):
    """Findings and notes on one line, without the table."""
    return " ".join(" ".join(found.findings + found.notes).split())


def named(found):
    """The arrays that are called wrong, at the place that is spoken of."""
    return found.wrong(list(found.reports)[-1]) if found.reports else set()


def test_there_are_forty_bugs_in_three_styles():
    pairs = {(network, bug) for network, bug, *_ in PLANTED}
    assert len(pairs) == len(PLANTED) >= 40
    assert {network for network, _ in pairs} == set(NETWORKS)


@pytest.mark.parametrize("network", [bptt, *NETWORKS], ids=lambda m: m.__name__)
def test_what_is_right_is_called_right(network):
    found = diagnose(network.loss_and_gradients)
    assert found.right and not found.notes and "Nothing wrong was found." in str(found)
    assert list(found.reports) == ["first weights", "one step", "large weights"]
    assert all(not found.wrong(place) for place in found.reports)


@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt")
@pytest.mark.parametrize(
    "network, bug, arrays, words, never",
    PLANTED,
    ids=[f"{network.__name__}: {bug}" for network, bug, *_ in PLANTED],
)
def test_the_report_names_the_bug_and_no_other(network, bug, arrays, words, never):
    found = diagnose(network.adapted(bug))
    assert named(found) == arrays
    assert words.lower() in said(found).lower()
    assert {cause for cause in never if cause in said(found)} == set()
    assert not found.right and "Nothing wrong" not in str(found)
    assert ("All arrays are wrong" in said(found)) == (arrays == ALL)
    assert ("the others are right" in said(found)) == (NONE < arrays < ALL)
    shown = 4 if "wrong at large gradients" in said(found) else 3
    assert list(found.reports) in ([], list(PLACES)[:shown])


def test_mistakes_are_named_also_where_the_loss_is_a_mean():
    def mean(*setting):
        loss, gradients, h = columns.adapted("transpose forgotten")(*setting)
        return loss / len(setting[1]), [g / len(setting[1]) for g in gradients], h

    text = said(diagnose(mean))
    assert "through Whh where its transpose belongs" in text and "divided by T" not in text


@pytest.mark.parametrize("seed", range(5))
def test_a_slope_that_is_missing_hides_at_the_first_weights(seed):
    function = columns.adapted("handed back before the slope")
    assert 0 < max(errors_at("first weights", function, seed).values()) < 1e-4
    assert max(errors_at("one step", function, seed).values()) < 1e-9
    assert max(errors_at("large weights", function, seed).values()) > 0.1


def changed(**arrays):
    """What is said where arrays of the right gradients are replaced by functions of them."""

    def function(*setting):
        loss, gradients, h = loss_and_gradients(*setting)
        return loss, gradients._replace(**{n: f(gradients) for n, f in arrays.items()}), h

    return said(diagnose(function))


def noisy(name):
    return lambda g: (
        getattr(g, name)
        + 0.1 * np.cos(np.arange(getattr(g, name).size)).reshape(getattr(g, name).shape)
    )


def noise_in(*names):
    return changed(**{name: noisy(name) for name in names})


def test_a_pattern_speaks_where_no_known_mistake_fits():
    assert "the line of Whh (Whh needs da times h_(t-1)" in noise_in("Whh")
    assert "the line of Why (Why needs p - onehot times h_t" in noise_in("Why")
    assert "also where a character comes twice" in noise_in("Wxh")
    assert "bh needs da, summed over time" in noise_in("bh")
    assert "Wxh, Whh and bh are right, which clears p - onehot" in noise_in("Why", "by")
    assert "by is right, which clears p - onehot" in noise_in("Why", "Wxh", "Whh", "bh")
    assert "the arrow from the prediction into the state, Why.T" in noise_in("Wxh", "Whh", "bh")
    assert "look at p - onehot first" in noise_in("Why", "by", "bh")


def test_the_way_back_is_cleared_by_one_array_below_that_is_right():
    def function(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if len(inputs) > 1:
            gradients.Whh[0] += 0.1
        return loss, gradients, h

    text = said(diagnose(function))
    assert "Wxh and bh are right: look at the line of Whh" in text
    assert "steps in another order" in text and "dhnext" not in text


def test_what_is_right_at_the_first_weights_is_not_called_nearly_right_there():
    def function(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if h0.any():
            for array in (gradients.Wxh, gradients.Whh, gradients.bh):
                array.flat[0] += 0.1
        return loss, gradients, h

    found = diagnose(function)
    assert named(found) == HIDDEN and "nearly right" not in said(found)
    assert list(found.reports) == ["first weights", "one step", "large weights"]


def test_the_way_back_of_an_lstm_has_two_parts():
    def wrong_from_the_second_step(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if len(inputs) > 1:
            for array in gradients[:2] + gradients[3:4]:  # Wxh, Whh and bh
                array += 0.1 * np.cos(np.arange(array.size)).reshape(array.shape)
        return loss, gradients, h

    assert "and dcnext, through the cell" in said(diagnose(wrong_from_the_second_step, init_lstm))
    text = said(diagnose(wrong_from_the_second_step))
    assert "dhnext" in text and "dcnext" not in text


def test_nothing_is_said_about_the_way_back_where_the_output_layer_alone_is_wrong():
    for names in (("Why",), ("by",), ("Why", "by")):
        text = noise_in(*names)
        assert "dhnext" not in text and "slope" not in text and "the loop" not in text


def test_a_factor_is_printed_and_must_be_the_same_everywhere():
    both = changed(by=lambda g: 3 * g.by, Why=lambda g: 3 * g.Why)
    assert "every entry is 3 times the right one" in both
    text = changed(by=lambda g: 7 * g.by)
    assert "7 times the right one, and V is 7: look for a sum in their lines" in text
    each = changed(by=lambda g: 3 * g.by, Why=lambda g: -2 * g.Why)
    assert "each is multiplied by a number of its own: Why by -2 and by by 3" in each
    almost = changed(by=lambda g: g.by * (3 + 0.001 * np.arange(7)))
    assert "times the right one" not in almost
    text = changed(by=lambda g: -1 * g.by, Why=lambda g: -1 * g.Why)
    assert "Why and by hold the opposite sign" in text and "target - p" not in text


SIZES = {"T": 9, "1/T": 1 / 9, "V": 7, "1/V": 1 / 7, "T V": 63, "1/(T V)": 1 / 63}


@pytest.mark.parametrize("name", SIZES)
def test_a_factor_that_is_a_size_is_named(name):
    setting, factor = draw("large weights"), SIZES[name]
    right = loss_and_gradients(*setting)[1]
    text = explanation_in_any_cell([factor * g for g in right], right, setting, 1e-6)
    assert f"is {factor:.6g} times the right one, and {name} is {factor:.6g}: look for" in text
    assert "a mean in the loss or the gradient" in text
    text = explanation_in_any_cell(
        right._replace(Whh=factor * right.Whh), right, setting, tolerance=1e-6
    )
    assert f"and {name} is" in text and "in their lines" in text


def test_an_array_that_is_never_filled_is_noticed_in_any_cell():
    setting = draw("large weights")
    right = loss_and_gradients(*setting)[1]
    given = right._replace(Whh=0 * right.Whh)
    assert "all zeros" in explanation_in_any_cell(given, right, setting, 1e-6)


def test_weight_decay_in_the_loss_too_is_no_wrong_gradient():
    def decayed(parameters, *others):
        loss, gradients, h = loss_and_gradients(parameters, *others)
        loss += 0.005 * sum((array**2).sum() for array in parameters)
        return loss, [g + 0.01 * array for g, array in zip(gradients, parameters)], h

    found = diagnose(decayed)
    assert not named(found) and "none that is often computed by mistake" in said(found)


@pytest.mark.parametrize("limit", [0.5, 5, 15])
def test_clipped_gradients_are_noticed(limit):
    def clipped(*setting):
        loss, gradients, h = loss_and_gradients(*setting)
        return loss, clip_gradients(gradients, limit), h

    (finding,) = diagnose(clipped).findings
    assert f"every entry is clipped at {limit}" in finding
    assert ("large gradients" in finding) == (limit > 4)


def test_clipping_the_norm_of_each_array_is_noticed():
    def clip(g):
        return g * min(1, 1 / np.linalg.norm(g))

    text = changed(**{name: lambda g, n=name: clip(getattr(g, n)) for name in Parameters._fields})
    assert "the norm of each gradient is clipped at 1" in text


def test_a_penalty_on_absolute_weights_is_noticed():
    Whh = draw("large weights")[0].Whh
    right = loss_and_gradients(*draw("large weights"))[1]
    given = right._replace(Whh=right.Whh + 0.001 * np.sign(Whh))
    text = explanation_in_any_cell(given, right, draw("large weights"), 1e-6)
    assert "0.001 times the signs of the weights is added" in text


def test_no_clipping_is_seen_where_another_array_is_wrong_and_small():
    right = Parameters(*(np.full(n, 3.0) for n in range(2, 7)))
    given = right._replace(bh=right.bh * 1e-9)
    assert clipping([(given, right)], 1e-6) is None


def test_float32_is_said_and_not_taken_for_a_bug():
    found = diagnose(tape.adapted("float32"))
    assert found.right and "It computes in float32" in said(found)


def test_a_loss_in_float32_that_is_not_ours_cannot_be_differenced():
    def function(*setting):
        loss, *others = tape.adapted("float32")(*setting)
        return loss * np.float32(1.5), *others

    found = diagnose(function)
    assert not found.right and not found.reports
    assert "Differences of a loss in float32 are noise" in said(found)


def test_gradients_of_zero_are_not_taken_for_float32():
    def function(*setting):
        loss, gradients, h = loss_and_gradients(*setting)
        return loss, [0 * gradient for gradient in gradients], h

    assert "float32" not in said(diagnose(function))


def test_each_message_mistake_is_told_from_the_others():
    setting = draw("large weights")
    for name, text in MESSAGE.items():
        made = messages(setting, (name,))
        gradients = [next(g for _, g in lines(n, setting, *made)) for n in Parameters._fields]
        assert explanation(gradients, setting, 1e-9) == [text]


def test_each_line_mistake_is_told_from_the_others():
    setting = draw("large weights")
    right = loss_and_gradients(*setting)[1]
    for name in Parameters._fields:
        for text, array in list(lines(name, setting, *messages(setting)))[1:]:
            assert explanation(right._replace(**{name: array}), setting, 1e-9) == [
                f"{name} holds {text}"
            ]


def test_no_two_wrong_losses_are_alike():
    setting = draw("large weights")
    loss = loss_and_gradients(*setting)[0]
    values = [value for value, _ in other_losses(setting)]
    values += [loss * unit_factor(unit, setting) for unit in UNITS]
    assert len(np.unique(np.round(values, 3))) == len(values)
    for unit in UNITS:
        assert unit_of(loss * unit_factor(unit, setting), loss, setting, 1e-9) == unit
    assert unit_of(np.nan, loss, setting, 1e-9) is None


# A NaN counts as infinite.


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_agrees_with_nothing(bad):
    for a, b in ((bad, 1.0), (1.0, bad), (bad, bad), ([1.0, bad], [1.0, 2.0])):
        assert not agree(a, b, 1e-6) and not agree(np.array(b), np.array(a), 1e3)
    assert agree([1.0, 2.0], [1.0, 2.0 + 1e-9], 1e-6) and not agree(1.0, 1.1, 1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_report_that_is_not_finite_is_wrong_and_shown(bad):
    report = GradientReport({"Why": bad, "by": 0.0}, {"Why": 0.0, "by": 1.0})
    found = Diagnosis({"one step": report}, ["x"], [], 1e-6)
    assert found.wrong("one step") == {"Why"}
    assert "right" not in found.table().splitlines()[1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_a_finding(bad):
    def function(*setting):
        loss, gradients, h = loss_and_gradients(*setting)
        gradients.bh[2] = bad
        return loss, gradients, h

    found = diagnose(function)
    assert found.wrong("large weights") == {"bh"}
    (finding,) = found.findings
    assert "bh is wrong, the others are right: bh holds nan or infinity" in finding


# Another cell: eight arrays, and a state of 2 H. None of `diagnosis` was changed for it.

GATE, NEW, TOP = {"Wf", "Uf", "bf"}, {"Wn", "Un", "bn"}, {"Wo", "by"}
IN_GATED = [
    ("slope of the gate left out", GATE | NEW, "with one step only Wf, Uf and bf are wrong",
     but()),
    ("share of the new left out", GATE | NEW, "with one step only Wn, Un and bn are wrong",
     but()),
    ("transpose forgotten", GATE | NEW, "right with one step and wrong with more",
     but("in the loop", "dhnext", "+=")),
    ("c never handed back", GATE | NEW, "right with one step and wrong with more",
     but("in the loop", "dhnext", "+=")),
    ("column of the target", {"Wn"}, "look at the line of Wn (which inputs or states", but()),
    ("sign", GATE | NEW | TOP, "the sign is reversed and the size is right", but("sign",
     "onehot")),
    ("weight decay", GATE | NEW | TOP, "0.001 times the weights is added", but("decay")),
    ("clipped at 5", NEW | TOP, "every entry is clipped at 5", but("clipped")),
    ("mean of the loss alone", GATE | NEW | TOP, "it is the mean over the window",
     but("The loss is", "times the right", "a mean")),
    ("gradients not zeroed", NONE, "each call adds to those of the call before",
     but("Asked the same")),
    ("dh kept from the last call", NONE, "(dhnext) must start from zeros",
     but("Asked the same", "dhnext", "zeros")),
    ("h handed back twice", NONE, "h_last is not the state after", but("h_last")),
]  # fmt: skip


@pytest.fixture(params=["registered", "unregistered"])
def cell(request, monkeypatch):
    """Whether the gated cell is registered; and it is, or not, while a test runs."""
    if request.param == "registered":
        functions = {"forward": gated.forward, "state_size": gated.state_size}
        monkeypatch.setitem(CELLS, gated.GatedParameters, functions)
    return request.param


def test_another_cell_that_is_right_is_called_right(cell):
    found = diagnose(gated.loss_and_gradients, init=gated.init_gated)
    assert found.right and not any(found.wrong(place) for place in found.reports)
    assert len(found.table().splitlines()) == 1 + len(gated.GatedParameters._fields)
    assert ("No forward pass is registered" in said(found)) == (cell == "unregistered")
    errors = errors_at("large weights", gated.loss_and_gradients, 1, gated.init_gated).values()
    if cell == "registered":  # the complex step
        assert 0 < max(errors) < 1e-12
    else:  # central differences: what is within their rounding errors counts as equal
        assert max(errors) == 0


@pytest.mark.parametrize("bug, arrays, words, never", IN_GATED, ids=[row[0] for row in IN_GATED])
def test_bugs_in_another_cell(cell, bug, arrays, words, never):
    found = diagnose(gated.adapted(bug), gated.init_gated)
    text = " ".join(found.findings)
    assert named(found) == arrays
    assert words in text
    wrong = {cause for cause in never if cause in text}
    assert wrong <= ({"The loss is"} if "all parameters zero" in text else set())


def test_a_first_state_that_is_not_used_is_seen_in_another_cell(cell):
    text = said(diagnose(gated.adapted("c forgotten at the start"), gated.init_gated))
    assert ("Read in two pieces" in text) == (cell == "unregistered")
    assert ("look at the forward pass first" in text) == (cell == "registered")


def test_biases_and_first_state_are_random_where_weights_are_large():
    for place in ("large weights", "one step", "large gradients"):
        parameters, *_, h0 = draw(place, init=gated.init_gated, state=12)
        assert all(np.unique(a).size == a.size > 1 for a in (parameters.bf, parameters.by, h0))

    def init(vocab_size, hidden_size, rng, *, scale, dtype=float):
        made = gated.init_gated(vocab_size, hidden_size, rng, scale=scale, dtype=dtype)
        return made._replace(bf=np.ones(hidden_size))

    assert (draw("first weights", init=init, state=12)[0].bf == 1).all()  # as training starts
    assert np.unique(draw("large weights", init=init, state=12)[0].bf).size == 6
    assert not draw("first weights")[3].any() and not draw("first weights")[0].bh.any()


@pytest.mark.parametrize("spoil", [np.real, lambda a: [float(x) for x in a.ravel().tolist()]])
def test_a_forward_pass_that_drops_complex_numbers_is_no_false_witness(spoil, monkeypatch):
    def forward(parameters, *others):
        states, logits = gated.forward(parameters, *others)
        return states, np.reshape(spoil(logits), logits.shape)

    functions = {"forward": forward, "state_size": gated.state_size}
    monkeypatch.setitem(CELLS, gated.GatedParameters, functions)
    assert diagnose(gated.loss_and_gradients, gated.init_gated).right
    found = diagnose(gated.adapted("transpose forgotten"), gated.init_gated)
    assert found.wrong("large weights") == GATE | NEW


def test_a_forward_pass_is_tried_with_complex_numbers(monkeypatch):
    setting = draw("large weights")
    assert takes_complex(*setting)
    assert 0 < max(errors_at("one step", loss_and_gradients).values()) < 1e-12

    def numbers(array):
        return np.reshape([float(x) for x in array.ravel()], array.shape)

    spoilt = [
        lambda p, *others: forward(p._make(map(numbers, p)), *others),
        lambda p, *others: forward(p._make(map(np.real, p)), *others),
        lambda p, *others: forward(p._make(2 * a - np.conj(a) for a in p), *others),
    ]
    for wrong in spoilt:  # a TypeError, an imaginary part of 0, or one three times as large
        monkeypatch.setattr(diagnosis, "forward", wrong)
        assert not takes_complex(*setting)


class Tiny(NamedTuple):
    """No network at all: a loss that falls in a straight line."""

    by: np.ndarray


@pytest.mark.parametrize("loss, noise", [(0.01, 1e-9), (-100.0, 1e-7)])
def test_what_is_within_the_noise_of_central_differences_counts_as_equal(loss, noise):
    def init(vocab_size, hidden_size, rng, *, scale):
        return Tiny(scale * rng.standard_normal(vocab_size))

    for share in (-1.4, -0.7, 0.7, 1.4):

        def function(parameters, inputs, targets, h0, share=share):
            gradients = Tiny(np.full(7, 1e-3 + share * noise))
            return loss + 1e-3 * parameters.by.sum(), gradients, h0.copy()

        error = errors_at("one step", function, init=init)["by"]
        assert (error > 0) == (abs(share) > 1)


def test_float32_without_a_forward_pass_cannot_be_asked():
    def single(parameters, inputs, targets, h0):
        parameters = parameters._make(array.astype(np.float32) for array in parameters)
        loss, gradients, h = gated.loss_and_gradients(
            parameters, inputs, targets, h0.astype(np.float32)
        )
        return np.float32(loss), gradients, h.astype(np.float32)

    with pytest.raises(CannotAsk, match="let it compute in float64, or register GatedParam"):
        diagnose(single, gated.init_gated)


def test_an_init_function_that_does_not_fit_is_named():
    with pytest.raises(CannotAsk, match=r"<lambda> must take init\(vocab_size, hidden_size, rng"):
        diagnose(loss_and_gradients, lambda rng: None)
    with pytest.raises(CannotAsk, match=r"must return a NamedTuple .* returned a dict"):
        diagnose(loss_and_gradients, lambda V, H, rng, scale: {})
    with pytest.raises(CannotAsk, match=r"must return a NamedTuple .* returned a Parameters"):
        diagnose(loss_and_gradients, lambda V, H, rng, scale: init_parameters(3, H, rng))


def test_a_cell_that_divides_by_its_weights_is_not_asked_with_zeros():
    def normed(parameters, *others):
        loss, gradients, h = gated.loss_and_gradients(parameters, *others)
        return loss if parameters.Wo.any() else np.nan, gradients, h

    assert diagnose(normed, gated.init_gated).right


def with_a_clock(function):
    """The same with one number more in the state, which nothing reads."""

    def longer(parameters, inputs, targets, h0):
        loss, gradients, h = function(parameters, inputs, targets, h0[:-1])
        return loss, gradients, np.append(h, h0[-1])

    return longer


def test_a_cell_may_be_registered_without_its_forward_pass(monkeypatch):
    with pytest.raises(CannotAsk, match="h0 of 6, 12, 18 and 24 numbers"):
        diagnose(with_a_clock(gated.loss_and_gradients), gated.init_gated)
    monkeypatch.setitem(CELLS, gated.GatedParameters, {"state_size": lambda parameters: 13})
    found = diagnose(with_a_clock(gated.loss_and_gradients), gated.init_gated)
    assert found.right and "No forward pass is registered" in said(found)


def test_a_state_of_unknown_length_is_named():
    with pytest.raises(CannotAsk, match="asked with h0 of 6, 12, 18 and 24 numbers"):
        diagnose(lambda *setting: None, gated.init_gated)


def test_one_number_is_not_a_multiple_of_another():
    assert multiple([(np.array(3.0), np.array(2.0))], 1e-6) is None
    setting = draw("large weights")
    right = loss_and_gradients(*setting)[1]
    given = right._replace(bh=0.5 * right.bh)
    assert "0.5 times" in explanation_in_any_cell(given, right, setting, 1e-6)


# What cannot be asked, and what the error says.
MODULES = {
    "fine.py": "def _hidden(): pass\nfrom rnn_helpers.bptt import loss_and_gradients\n",
    "broken.py": "1 +\n",
    "leaves.py": "import sys\nsys.exit(3)\n",
    "needy.py": "import a_module_that_is_missing\n",
    "needy_too.py": "import the_module_that_is_missing\n",
    "odd.py": """
import sys
import numpy as np
from rnn_helpers.bptt import loss_and_gradients as right
number = 3
class Tensor:  # of PyTorch, part of a graph
    requires_grad = True
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
def fails(*where):
    raise RuntimeError("no luck")
def deep(*where):
    np.linalg.inv(np.zeros((2, 2)))
def leaves(*where):
    sys.exit()
def leaves_well(*where):
    quit(0)
def interrupted(*where):
    raise KeyboardInterrupt
def one(*where):
    return 3.0
def named(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._asdict(), h
def short(*where):
    loss, gradients, h = right(*where)
    return loss, gradients[:4], h
def turned(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._replace(Why=gradients.Why.T), h
def nan(*where):
    loss, gradients, h = right(*where)
    return loss * np.nan, gradients, h
def attached(*where):
    loss, gradients, h = right(*where)
    return Tensor(), gradients, h
def attached_too(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._replace(Why=Tensor()), h
def nothing(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._replace(by=None), h
def imaginary(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._replace(by=gradients.by * 1j), h
def words(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._replace(by="by"), h
def many(*where):
    loss, gradients, h = right(*where)
    return np.array([loss]), gradients, h
def column(*where):
    loss, gradients, h = right(*where)
    return loss, gradients, h[:, None]
def two(*where):
    return right(*where)[:2]
def four(*where):
    return *right(*where), 0.0
def long(*where):
    loss, gradients, h = right(*where)
    return loss, (*gradients, gradients.by), h
def nan_state(*where):
    loss, gradients, h = right(*where)
    return loss, gradients, h * np.nan
def wrong_type(*where):
    return len(3)
def below(*where):
    return fails(*where)
""",
}
ERRORS = {
    "fine": "fine is not of the form module:function",
    "fine:": "fine: is not of the form module:function",
    ":f": ":f is not of the form module:function",
    "sub/fine:f": "is not of the form module:function",
    "rnn_helpers.nowhere:f": "there is no module rnn_helpers.nowhere",
    "fine.py:loss_and_gradients": "is not of the form module:function",
    "nowhere:f": "there is no module nowhere",
    "nowhere.deep:f": "go to the folder that holds deep.py",
    "fine:g": "fine has no g; it has loss_and_gradients",
    "odd:g": "odd has no g; it has right, Tensor, fails, ",
    "broken:f": "broken fails when imported: SyntaxError",
    "leaves:f": "leaves fails when imported: SystemExit",
    "needy:f": "it needs a_module_that_is_missing",
    "needy_too:f": "it needs the_module_that_is_missing",
    "odd:number": "is not a function",
    "odd:fails": "it failed with RuntimeError: no luck (odd.py, line 11)",
    "odd:deep": "Singular matrix (odd.py, line 13)",
    "odd:leaves": "it calls sys.exit() (odd.py, line 15): let it return instead",
    "odd:leaves_well": "it calls sys.exit() (odd.py, line 17)",
    "odd:one": "three things",
    "odd:two": "three things",
    "odd:four": "three things",
    "odd:long": "or 5 arrays in this order; it returned a tuple",
    "odd:nan_state": "h_last holds nan or infinity",
    "odd:wrong_type": "it failed with TypeError: object of type 'int' has no len() (odd.py, line",
    "odd:below": "it failed with RuntimeError: no luck (odd.py, line 11)",
    "odd:named": "returned a dict",
    "odd:short": "Parameters(Wxh, Whh, Why, bh, by), or 5 arrays in this order",
    "odd:turned": "the gradient of Why has the shape (6, 7), not (7, 6)",
    "odd:nan": "the loss holds nan",
    "odd:attached": "the loss is a Tensor that NumPy cannot read (Can't call numpy() on Tensor "
    "that requires grad.); if it is a tensor, detach it and convert it",
    "odd:attached_too": "the gradient of Why is a Tensor that NumPy cannot read",
    "odd:nothing": "the gradient of by is None",
    "odd:imaginary": "the gradient of by is not made of real numbers",
    "odd:words": "the gradient of by is not made of real numbers",
    "odd:many": "the loss has the shape (1,), not ()",
    "odd:column": "h_last has the shape (6, 1), not (6,)",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in MODULES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in MODULES:
        sys.modules.pop(name.removesuffix(".py"), None)


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_asked_gets_a_helpful_error(name, folder, capsys):
    assert main([name]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and ERRORS[name] in shown.err


@pytest.mark.parametrize("library", ["/a/library.py", "/z/library.py"])
def test_of_all_that_called_each_other_the_last_line_in_the_folder_of_the_function(library):
    names = {}
    for path, code in (
        (library, "def deep(): raise ValueError('no luck')"),
        ("/m/mine.py", "def also_mine():\n    deep()"),
        ("/m/mine.py", "def function(*setting):\n\n    also_mine()"),
    ):
        exec(compile(code, path, "exec"), names)
    with pytest.raises(CannotAsk, match=r"no luck \(mine.py, line 2\)"):
        diagnose(names["function"])


def test_an_interrupt_ends_the_command(folder):
    with pytest.raises(KeyboardInterrupt):
        main(["odd:interrupted"])


def test_status_0_for_right_and_1_for_wrong(folder, capsys, monkeypatch):
    assert main(["fine:loss_and_gradients"]) == 0
    monkeypatch.syspath_prepend(ROOT / "tests")
    assert main(["other_networks.columns:forgot_the_transpose"]) == 1
    assert "transpose belongs" in " ".join(capsys.readouterr().out.split())
    assert main([]) == 2 and main(["--help"]) == main(["-h"]) == main(["--help", "x:f"]) == 0
    assert main(["fine:loss_and_gradients"] * 3) == 2


def test_the_command_takes_a_second_cell(folder, capsys, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tests")
    function = "other_networks.gated:loss_and_gradients"
    assert main([function, "other_networks.gated:init_gated"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(function + "\n") and "is registered for GatedParameters" in shown
    assert main([function, "other_networks.gated:no_such"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"{function} cannot be checked: ") and "has no no_such" in shown


def test_the_command_finds_a_module_in_the_folder_one_is_in(folder):
    command = [sys.executable, "-m", "rnn_helpers.gradient_check", "fine:loss_and_gradients"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert "Nothing wrong was found." in done.stdout


def test_a_module_in_the_folder_comes_before_others_of_its_name(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "fine.py").write_text("", encoding="utf-8")
    sys.path.insert(0, str(other))  # the fixture puts back what was there
    assert main(["fine:loss_and_gradients"]) == 0


def test_two_losses_and_two_last_states_are_noticed():
    count = iter(range(100))

    def losses(*setting):
        loss, gradients, h = loss_and_gradients(*setting)
        return loss + next(count), gradients, h

    def states(*setting):
        loss, gradients, h = loss_and_gradients(*setting)
        return loss, gradients, h + next(count)

    assert "Asked the same twice, it gives two losses" in said(diagnose(losses))
    assert "Asked the same twice, it gives two last states" in said(diagnose(states))


def test_in_a_notebook_the_error_is_raised():
    with pytest.raises(CannotAsk, match="three things"):
        diagnose(lambda *setting: None)


def test_a_function_with_weights_of_its_own_is_noticed():
    own = draw("large weights", seed=7)[0]

    def deaf(parameters, inputs, targets, h0):
        return loss_and_gradients(own, inputs, targets, h0)

    (finding,) = diagnose(deaf).findings
    assert "does not change with the parameters" in finding


def test_another_signature_is_named():
    with pytest.raises(CannotAsk, match=r"must take f\(parameters, inputs, targets, h0\)"):
        diagnose(lambda inputs, targets, h0: None)


@pytest.mark.parametrize("steps, place", [(1, "one step"), (30, "large gradients")])
def test_what_is_wrong_at_one_place_alone_is_said_to_be_special_there(steps, place):
    def function(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if len(inputs) == steps:
            gradients.bh[0] += 1
        return loss, gradients, h

    (finding,) = diagnose(function).findings
    assert f"bh is wrong at {place}: look at what is special there (" in finding
    assert PLACES[place].about in finding


def test_the_catalogue_is_not_asked_where_mistakes_look_alike():
    def function(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if len(inputs) == 1:
            gradients.Whh[:] *= -1
        return loss, gradients, h

    (finding,) = diagnose(function).findings
    assert "Whh is wrong at one step: look at what is special there" in finding
    assert "exactly these numbers" not in finding and "a minus in their lines" in finding


def test_the_table_has_a_cell_for_each_array_and_place():
    right = GradientReport({"Why": 1e-9, "by": 0.0}, {"Why": 1.0, "by": 1.0})
    wrong = GradientReport({"Why": 0.25, "by": 1e-6}, {"Why": -0.5, "by": 1.0})
    table = Diagnosis({"one step": right, "large weights": wrong}, ["x"], [], 1e-6).table()
    assert table.splitlines() == [
        "array one step          large weights",
        "Why   right             0.2    cos -0.50",
        "by    right             right",
    ]


def test_what_is_said_stands_below_the_table_if_there_is_one():
    report = GradientReport({"by": 0.25}, {"by": 1.0})
    found = Diagnosis({"one step": report}, ["It is wrong."], ["It is float32."], 1e-6)
    assert str(found) == f"{found.table()}\n\nIt is wrong.\n\nIt is float32."
    found = Diagnosis({}, [], ["It is float32."], 1e-6)
    assert str(found) == "Nothing wrong was found.\n\nIt is float32."
    lines = str(Diagnosis({}, ["abc " * 100], [], 1e-6)).splitlines()
    assert max(map(len, lines)) == 75  # nineteen words: below 80


def with_a_factor(factor, dtype):
    """The right function, but for the gradient of by, in one precision or the other."""

    def function(*setting):
        loss, gradients, h = loss_and_gradients(*setting)
        gradients.by[:] *= factor
        return loss, gradients._make(g.astype(dtype) for g in gradients), h.astype(dtype)

    return function


def test_what_counts_as_right_depends_on_the_precision():
    for dtype, error, wrong in (
        (float, 1e-5, {"by"}), (float, 1e-7, set()),
        (np.float32, 1e-2, {"by"}), (np.float32, 1e-5, set()),
    ):  # fmt: skip
        assert diagnose(with_a_factor(1 + error, dtype)).wrong("large weights") == wrong


@pytest.mark.parametrize("place, scale, steps", [
    ("first weights", 0.01, 9), ("one step", 0.5, 1), ("large weights", 0.5, 9),
    ("large gradients", 0.5, 30),
])  # fmt: skip
def test_a_place_is_what_its_words_say(place, scale, steps):
    drawn = [draw(place, seed, state=500) for seed in range(50)]
    parameters, inputs, targets, h0 = (np.array(a) for a in zip(*map(flat, drawn)))
    assert inputs.shape == targets.shape == (50, steps) and set(inputs.ravel()) == set(range(7))
    assert set(targets.ravel()) == ({0} if place == "large gradients" else set(range(7)))
    if place == "first weights":
        assert not h0.any()
    else:
        assert h0.std() == pytest.approx(scale, rel=0.05)
        assert parameters.std() == pytest.approx(scale, rel=0.05)  # weights and biases


def flat(setting):
    """A setting with its parameters in one array."""
    parameters, *others = setting
    return np.concatenate([array.ravel() for array in parameters]), *others


def test_small_differences_between_calls_are_no_finding_and_larger_ones_are():
    for size, kept in ((1e-9, False), (1e-7, True)):
        signs = itertools.cycle([1, -1])

        def function(*setting, size=size, signs=signs):
            loss, gradients, h = loss_and_gradients(*setting)
            return loss, [g * (1 + next(signs) * size) for g in gradients], h

        text = said(diagnose(function))
        assert ("Asked the same twice" in text) == kept


def test_an_odd_loss_in_float32_cannot_be_differenced_whatever_the_gradients_are_in():
    def function(*setting):
        loss, *others = loss_and_gradients(*setting)
        return np.float32(1.5 * loss), *others

    assert "Differences of a loss in float32 are noise" in said(diagnose(function))


def test_a_first_call_that_differs_from_all_others_is_noticed():
    calls = []

    def function(*setting):
        loss, gradients, h = loss_and_gradients(*setting)
        gradients.by[0] += not calls
        calls.append(1)
        return loss, gradients, h

    assert "it gives other gradients of by" in said(diagnose(function))


def test_of_two_places_that_are_wrong_the_simpler_one_is_spoken_of():
    def function(parameters, inputs, targets, h0):
        loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
        if len(inputs) in (1, 30):
            gradients.bh[0] += 1
        return loss, gradients, h

    (finding,) = diagnose(function).findings
    assert "bh is wrong at one step" in finding


def test_a_mean_loss_of_an_unregistered_cell_may_be_read_in_two_pieces():
    def mean(*setting):
        loss, gradients, h = gated.loss_and_gradients(*setting)
        T = len(setting[1])
        return loss / T, gradients._make(g / T for g in gradients), h

    found = diagnose(mean, gated.init_gated)
    assert "it is the mean over the window" in said(found)
    assert "Read in two pieces" not in said(found)


def test_of_several_lengths_that_fail_the_first_error_is_said():
    def picky(parameters, inputs, targets, h0):
        raise ValueError(f"cannot use {len(h0)} numbers")

    with pytest.raises(CannotAsk, match="ValueError: cannot use 6 numbers") as info:
        diagnose(picky, gated.init_gated)
    assert "cannot use 6 numbers" in str(info.value.__cause__)
