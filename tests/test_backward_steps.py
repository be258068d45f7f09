"""Backpropagation line by line: its numbers, and what each bug makes wrong."""

import numpy as np
import pytest

from rnn_helpers.backward_steps import (
    BACKWARD,
    FORWARD,
    SLIPS,
    small_setting,
    walk,
    wrong_boxes,
    wrong_cells,
)
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.bugs import broken
from rnn_helpers.forward_pass import Parameters, forward
from rnn_helpers.gradient_check import numerical_gradients

SETTINGS = [(text, n, seed) for text in ("hello", "abcabc", "oho") for n in (1, 3)
            for seed in (0, 1, 2)]  # fmt: skip


@pytest.mark.parametrize("asked", SETTINGS)
@pytest.mark.parametrize("slip", [None, *SLIPS])
def test_the_boxes_end_with_the_gradients_of_the_module(asked, slip):
    """With a bug, with those of the module into which the same bug was put."""
    setting = small_setting(*asked)
    function = broken(SLIPS[slip].same).loss_and_gradients if slip else loss_and_gradients
    arguments = setting.parameters, setting.inputs, setting.targets, setting.h0
    loss, gradients, _ = function(*arguments)
    moments = walk(setting, slip)
    for mine, other in zip(moments[-1].boxes, gradients):
        np.testing.assert_allclose(mine, other, rtol=1e-12, atol=1e-14)
    T = len(setting.inputs)
    assert np.isclose(sum(moments[-1].cells[t, "loss"] for t in range(T)), loss)
    if slip is None:
        for mine, measured in zip(moments[-1].boxes, numerical_gradients(*arguments)):
            np.testing.assert_allclose(mine, measured, rtol=1e-9, atol=1e-12)


def test_every_line_is_one_moment_forward_and_back():
    moments = walk(small_setting("hello"))
    there = [(t, made) for t in range(4) for made in FORWARD]
    back = [(t, made) for t in (3, 2, 1, 0) for made in BACKWARD]
    assert [(m.t, m.made) for m in moments] == [(-1, "start"), *there, *back]
    assert moments[0].cells == {} and not any(box.any() for box in moments[0].boxes)


def test_forward_states_and_probabilities_are_those_of_the_module():
    setting = small_setting("abcabc", 3, 5)
    hidden, logits = forward(setting.parameters, setting.inputs, setting.h0)
    cells = walk(setting)[-1].cells
    for t in range(5):
        np.testing.assert_allclose(cells[t, "h"], hidden[t + 1], rtol=1e-13)
        assert cells[t, "p"].argmax() == logits[t].argmax()
        assert np.isclose(cells[t, "p"].sum(), 1)


def test_both_messages_add_up_and_go_through_tanh():
    for moment in walk(small_setting("hello", 3)):
        cells = moment.cells
        for t, name in cells:
            if name == "dh":
                total = cells[t, "from_y"] + cells[t, "from_next"]
                np.testing.assert_allclose(cells[t, "dh"], total)
            if name == "da":
                slope = 1 - cells[t, "h"] ** 2
                np.testing.assert_allclose(cells[t, "da"], slope * cells[t, "dh"])
                np.testing.assert_allclose(cells[t, "slope"], slope)
    assert not cells[3, "from_next"].any()  # nothing comes from after the end
    assert cells[-1, "from_next"].any()  # and something would go to the first state


def test_what_was_kept_does_not_change_later():
    moments = walk(small_setting("hello", 3))
    first = next(m for m in moments if m.made == "from_y")
    last = moments[-1]
    assert first.cells[3, "from_y"] is last.cells[3, "from_y"]
    twice = next(m for m in walk(small_setting("hello", 3)) if m.made == "from_y")
    np.testing.assert_array_equal(first.cells[3, "from_y"], twice.cells[3, "from_y"])
    assert not np.array_equal(last.cells[2, "from_y"], last.cells[2, "dh"])
    assert "Why" not in first.terms and not first.boxes.Whh.any() and last.boxes.Whh.any()


def test_a_box_collects_its_terms():
    for slip in (None, "dhnext left out", "transpose forgotten", "slope left out"):
        moments = walk(small_setting("hello", 3), slip)
        for before, moment in zip(moments, moments[1:]):
            for name in Parameters._fields:
                added = getattr(moment.boxes, name) - getattr(before.boxes, name)
                term = moment.terms.get(name, np.zeros_like(added))
                np.testing.assert_allclose(added, term, atol=1e-15)


def test_with_equals_the_box_of_whh_forgets_its_sum():
    moments = walk(small_setting("hello", 3), "= in place of +=")
    for moment in moments:
        if moment.made == "boxes below":
            np.testing.assert_array_equal(moment.boxes.Whh, moment.terms["Whh"])


@pytest.mark.parametrize("neurons", [1, 3])
@pytest.mark.parametrize("slip, wrong", [
    ("dhnext left out", ["Wxh", "Whh", "bh"]),
    ("transpose forgotten", ["Wxh", "Whh", "bh"]),
    ("slope left out", ["Wxh", "Whh", "bh"]),
    ("= in place of +=", ["Whh"]),
])  # fmt: skip
def test_which_boxes_go_wrong(slip, wrong, neurons):
    setting = small_setting("hello", neurons, 1)
    off = wrong_boxes(walk(setting, slip)[-1], walk(setting)[-1])
    if slip == "transpose forgotten" and neurons == 1:
        wrong = []  # a matrix of one number is its own transpose
    assert [name for name, bad in zip(Parameters._fields, off) if bad.any()] == wrong


def test_the_first_wrong_number_is_made_by_the_line_with_the_bug():
    setting = small_setting("hello", 3, 1)
    right = walk(setting)
    for slip, (where, _, wrong, _) in SLIPS.items():
        for moment, other in zip(walk(setting, slip), right):
            if wrong_cells(moment, other) or any(b.any() for b in wrong_boxes(moment, other)):
                assert moment.made == where and moment.slip and wrong in moment.code
                break
            assert moment.slip == (moment.made == where)  # where nothing came in, it does no harm
        else:
            raise AssertionError(f"{slip} makes nothing wrong")


def test_a_small_difference_is_a_wrong_number():
    right = walk(small_setting("hello", 3))[-1]
    cells, boxes = dict(right.cells), right.boxes
    cells[2, "dh"] = cells[2, "dh"] * (1 + 1e-7)
    changed = right._replace(cells=cells, boxes=boxes._replace(Whh=boxes.Whh * (1 + 1e-7)))
    assert wrong_cells(changed, right) == {(2, "dh")}
    assert [bool(b.all()) for b in wrong_boxes(changed, right)] == [
        name == "Whh" for name in Parameters._fields
    ]
    assert wrong_cells(right, right) == set()


def test_the_bug_is_in_one_line_and_the_others_stay():
    for slip, (where, right, wrong, _) in SLIPS.items():
        for moment in walk(small_setting("hello"), slip)[1:]:
            code = (FORWARD | BACKWARD)[moment.made]
            expected = code.replace(right, wrong) if moment.made == where else code
            assert moment.code == expected and (code != expected) == moment.slip


def test_weights_have_one_decimal_and_none_is_zero():
    for seed in range(20):
        setting = small_setting("hello", 3, seed)
        for weights in (*setting.parameters, setting.h0):
            assert np.allclose(np.round(weights, 1), weights, atol=1e-12) and weights.all()
            assert 0.2 <= np.abs(weights).min() and np.abs(weights).max() <= 0.9
    assert not np.array_equal(small_setting("hello", 1, 1).h0, small_setting("hello", 1, 2).h0)


@pytest.mark.parametrize("arguments, words", [
    (("ab",), "the text has 2 characters; take 3 to 6"),
    (("abcdefg",), "the text has 7 characters; take 3 to 6"),
    (("",), "the text has 0 characters"),
    (("aaa",), "all characters of the text are equal"),
    (("abc", 2), "neurons must be 1 or 3, not 2"),
    (("abc", 1, -1), "seed must be a whole number, 0 or more, not -1"),
    (("abc", 1, 1.5), "seed must be a whole number, 0 or more, not 1.5"),
    (("abc", 1, True), "seed must be a whole number"),
])  # fmt: skip
def test_what_cannot_be_followed_is_said(arguments, words):
    with pytest.raises(ValueError, match=words):
        small_setting(*arguments)


def test_an_unknown_bug_is_said():
    with pytest.raises(ValueError, match="no bug is called 'wings'; there are: dhnext left out"):
        walk(small_setting("abc"), "wings")
