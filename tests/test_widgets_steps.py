"""The face of the widget that steps through backpropagation, without a browser."""

import math
import re
import time
from html import unescape

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.backward_steps import SLIPS, small_setting, walk
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.widgets import steps_picture


@pytest.fixture
def steps():
    return widgets.step_through("hello")


def plain(html):
    return unescape(re.sub(r"<[^>]*>", "", html)).replace("−", "-")


def at(widget, made, t):
    """Move to a line at step t."""
    widget.step.value = next(
        k for k, moment in enumerate(widget.moments) if (moment.made, moment.t) == (made, t)
    )
    return plain(widget.now.value)


def test_buttons_go_on_and_back_and_stop_at_the_ends(steps):
    steps.back.click()
    assert steps.step.value == 0 and "Step 0 of 36" in steps.now.value
    steps.forth.click()
    steps.forth.click()
    steps.back.click()
    assert steps.step.value == 1 and "Step 1 of 36. Forward, t = 1" in steps.now.value
    steps.step.value = steps.step.max
    steps.forth.click()
    assert steps.step.value == 36


def test_the_step_stands_in_words_as_equation_as_code_and_with_numbers(steps):
    words = at(steps, "dh", 2)
    assert "Back, t = 3: the two arrows into the state add up." in words
    assert "Equation: dh3 = WhyT dy3 + WhhT da4" in words and "Code: dh += dhnext" in words
    one, two, total = map(float, re.findall(r"[+-]\d\.\d{3}", words))
    assert abs(one + two - total) < 0.0011
    assert [one, two, total] == [round(float(steps.moments[-1].cells[2, name][0]), 3)
                                 for name in ("from_y", "from_next", "dh")]  # fmt: skip


@pytest.mark.parametrize("neurons", [1, 3])
@pytest.mark.parametrize("bug", [None, *SLIPS])
def test_the_numbers_of_every_step_can_be_redone(neurons, bug):
    """What stands left of the last = gives what stands right of it."""
    widget = widgets.step_through("hello", neurons=neurons, bug=bug)
    redone = 0
    for k in range(1, widget.step.max + 1):
        widget.step.value = k
        said = plain(widget.now.value).split("Numbers")[1].split("The way back")[0]
        sums = re.search(r"((?:tanh)?\([-+(). \d]*) = ((?:tanh\()?[-+]?\d\.\d+\)?)", said)
        if sums:
            left, right = (
                eval(side.replace(")(", ")*("), {"tanh": math.tanh}) for side in sums.groups()
            )
            assert abs(left - right) < 0.004, said
            redone += 1
    assert redone >= 4 * 6  # of nine lines at each character, all but two or three


def test_the_picture_shows_no_number_before_it_is_made(steps):
    def numbers():
        return re.findall(r">([+−]?\d\.\d+)</text>", steps.picture.value)

    assert numbers() == []
    counts = []
    for k in range(steps.step.max + 1):
        steps.step.value = k
        counts.append(len(numbers()))
    assert counts == sorted(counts)
    # each t: h, four p, four dy, two arrows, dh, slope and da
    assert counts[-1] == 4 * (1 + 4 + 4 + 2 + 1 + 2)


def test_what_arrives_lights_up_at_its_place(steps):
    def lit():
        return len(re.findall("<rect class='rnn-lit'", steps.picture.value))

    assert lit() == 0
    for made, frames in (("h", 1), ("p", 1), ("dy", 1), ("boxes above", 0), ("from_y", 1),
                         ("dh", 3), ("da", 2), ("boxes below", 0), ("dhnext", 1)):  # fmt: skip
        at(steps, made, 2)
        assert lit() == frames, made
        assert steps.picture.value.count("<polygon class='rnn-lit'") == {
            "h": 2, "dy": 0, "da": 0, "dh": 2}.get(made, 1), made  # fmt: skip


def test_boxes_light_up_when_they_collect_and_say_what_they_add(steps):
    def lit():
        return re.findall(r"rnn-lit[^>]*'><b>(\w+)", steps.boxes.value)

    at(steps, "boxes above", 3)
    assert lit() == ["dWhy", "dby"]
    at(steps, "boxes below", 3)
    assert lit() == ["dWxh", "dWhh", "dbh"]
    term = plain(steps.boxes.value)
    assert f"{steps.moments[-1].cells[3, 'da'][0]:+.3f}" in term
    at(steps, "da", 3)
    assert lit() == []


def test_the_last_step_shows_the_gradients(steps):
    steps.step.value = steps.step.max
    setting = steps.setting
    arguments = setting.parameters, setting.inputs, setting.targets, setting.h0
    gradients = loss_and_gradients(*arguments)[1]
    shown = plain(re.sub("<td[^>]*>", " ", steps.boxes.value))
    for value in np.concatenate([g.ravel() for g in gradients]):
        assert f"{value:+.3f}" in shown
    assert "A gradient check finds all five boxes right." in steps.now.value


@pytest.mark.parametrize("bug, wrong", [
    ("dhnext left out", "dWxh, dWhh, dbh"), ("transpose forgotten", "dWxh, dWhh, dbh"),
    ("slope left out", "dWxh, dWhh, dbh"), ("= in place of +=", "dWhh"),
])  # fmt: skip
def test_a_bug_marks_the_boxes_that_go_wrong_by_words_and_frames(bug, wrong):
    widget = widgets.step_through(neurons=3, bug=bug)
    assert "✗ wrong" not in widget.boxes.value and "rnn-bad" not in widget.picture.value
    widget.step.value = widget.step.max
    named = re.findall(r"<b>(\w+) ✗ wrong", widget.boxes.value)
    assert ", ".join(named) == wrong
    assert f"A gradient check finds wrong: {wrong}." in widget.now.value
    assert widget.boxes.value.count("✓ right so far") == 5 - len(named)
    assert ("rnn-line rnn-bad" in widget.picture.value) == (bug != "= in place of +=")
    assert "Dashed frames" in widget.boxes.value


def test_the_bug_is_pointed_at_in_its_line_alone():
    widget = widgets.step_through(bug="dhnext left out")
    assert "dh += 0 ✗ the bug is here" in at(widget, "dh", 1)
    assert "the bug is here" not in at(widget, "da", 1)


def test_without_a_bug_no_verdict_is_given(steps):
    steps.step.value = 20
    assert "✓" not in steps.boxes.value and "Dashed" not in steps.boxes.value


def test_switching_the_bug_keeps_the_step_and_another_text_moves_the_end(steps):
    steps.step.value = 25
    before = steps.picture.value
    steps.bug.value = "slope left out"
    assert steps.step.value == 25 and steps.picture.value != before
    steps.source.value = "abcdef"
    assert steps.step.max == 45 and steps.step.value == 25
    steps.step.value = 45
    steps.source.value = "aha"
    assert (steps.step.max, steps.step.value) == (18, 18) and steps.row.children == (steps.step,)


def test_neurons_and_weights_are_followed(steps):
    steps.step.value = 12
    seen = [steps.picture.value]
    steps.neurons.value = 3
    seen.append(steps.picture.value)
    steps.seed.value = 7
    seen.append(steps.picture.value)
    assert len(set(seen)) == 3 and len(steps.setting.h0) == 3
    assert "first state" in steps.weights.value
    shown = [float(n) for n in re.findall(r"[+-]\d\.\d", plain(steps.weights.value))]
    assert shown == [float(w) for p in (*steps.setting.parameters, steps.setting.h0)
                     for w in p.ravel()]  # fmt: skip


def test_a_text_that_cannot_be_followed_is_said_and_the_last_one_stays(steps):
    for text, words in (("ab", "2 characters; take 3 to 6"), ("oooo", "are equal"),
                        ("too long", "8 characters")):  # fmt: skip
        before = steps.picture.value
        steps.source.value = text
        assert words in plain(steps.problem.value) and "role='alert'" in steps.problem.value
        assert all("rnn-old" in view._dom_classes for view in steps.views)
        assert steps.picture.value == before
        steps.step.value = 3 + len(text)  # the last one can still be stepped through
    steps.source.value = "<&>'"
    assert steps.problem.value == "" and "rnn-old" not in steps.views[0]._dom_classes
    steps.step.value = 3
    for view in steps.views:
        assert "<&>" not in view.value
    assert "&lt;" in steps.picture.value
    steps.source.value = "a b\tc"
    assert "␣" in steps.picture.value and "⇥" in steps.picture.value


@pytest.mark.parametrize("arguments, words", [
    ({"text": "ab"}, "2 characters"), ({"neurons": 2}, "1 or 3"), ({"seed": -1}, "whole number"),
    ({"bug": "wings"}, "no bug is called 'wings'"),
])  # fmt: skip
def test_wrong_arguments_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        widgets.step_through(**arguments)


def test_no_number_is_a_negative_zero():
    assert steps_picture.number(-0.0001, 3, sign=True) == "+0.000"
    assert steps_picture.number(-1.5, 2) == "−1.50"


def test_the_picture_says_in_words_what_it_shows(steps):
    for made, words in (("from_y", "the first arrow into the state arrives"),
                        ("h", "the network reads")):  # fmt: skip
        at(steps, made, 1)
        label = re.search(r"role='img'[^>]*aria-label='([^']*)'", steps.picture.value)[1]
        assert words in label and "<" not in label


def test_its_text_form_holds_the_whole_way_back(steps):
    text = repr(steps)
    assert text.startswith("Step through backpropagation: run this cell in JupyterLab to use it.")
    rows = {line[:30].strip(): line[30:].split() for line in text.splitlines()}
    one, two, total = (
        [float(v.replace("−", "-")) for v in rows[name]]
        for name in ("arrow from its prediction", "arrow from the next state", "dh, their sum")
    )
    np.testing.assert_allclose(np.add(one, two), total, atol=0.0011)
    parts = [float(v.replace("−", "-")) for v in rows["its part of dWhh"]]
    box = walk(small_setting("hello", 1, 1))[-1].boxes.Whh[0, 0]
    assert abs(sum(parts) - box) < 0.003
    assert f"holds their sum, {box:+.3f}.".replace("-", "−") in text
    h0, Whh = map(float, re.findall(r"is ([+-]\d\.\d{3})", text.replace("−", "-")))
    da, states = ([float(v.replace("−", "-")) for v in rows[name]] for name in ("da", "state h"))
    np.testing.assert_allclose(np.multiply(da, [h0, *states[:-1]]), parts, atol=0.0011)
    np.testing.assert_allclose(Whh * np.array(da[1:]), two[:-1], atol=0.0011)
    assert max(map(len, text.splitlines())) <= 78


def test_a_step_is_drawn_fast():
    widget = widgets.step_through("abcdef", neurons=3, bug="slope left out")
    times = []
    for k in range(1, widget.step.max):
        begin = time.process_time()
        widget.step.value = k
        times.append(time.process_time() - begin)
    assert np.median(times) < 0.05


def test_the_whole_text_form_is_stored(steps):
    """ipywidgets by itself keeps 110 characters of it."""
    stored = steps._repr_mimebundle_()
    assert stored["text/plain"] == repr(steps) and len(repr(steps)) > 500
