"""Scores to surprise, and the bars that it shares with other widgets, without a browser."""

import re
import time
import xml.etree.ElementTree as ET
from html import unescape

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.advice import advise, descend
from rnn_helpers.widgets.touch import Bars


@pytest.fixture
def widget():
    return widgets.scores_to_surprise()


def plain(html):
    return unescape(re.sub(r"<[^>]*>", " ", html)).replace("−", "-")


def drag(widget, values):
    """What the page does when a bar is moved: it writes all values into the field."""
    widget.bars.field.value = " ".join(f"{v:.4f}" for v in values)


def words(svg):
    return [text.text.replace("−", "-") for text in ET.fromstring(svg).iter("text")]


def test_it_opens_with_the_example_of_the_chapter(widget):
    assert widget.bars.values == [2, 1, 0]
    shown = words(widget.picture.value)
    for text in ("c came", "2.00", "0.665", "0.245", "0.090", "+0.665", "+0.245", "-0.910"):
        assert text in shown
    assert [w for w in shown if w in ("fall", "rise", "stay")] == ["fall", "fall", "rise"]
    assert "−ln 0.09003 = <b>2.41 nats</b>, or 3.47 bits" in widget.said.value


def test_a_bar_that_is_dragged_changes_everything_at_once(widget):
    drag(widget, [2, 1, 4.5])
    advice = advise([2, 1, 4.5], 2)
    assert f"{advice.surprise:.2f} nats" in widget.said.value
    assert f"{advice.p[2]:.3f}" in words(widget.picture.value)
    assert widget.trail == [advice.surprise]


def test_what_came_can_be_chosen(widget):
    widget.target.value = 0
    assert "a came" in words(widget.picture.value) and "0.41 nats" in widget.said.value
    moves = [w for w in words(widget.picture.value) if w in ("fall", "rise")]
    assert moves == ["rise", "fall", "fall"]


def test_steps_along_the_advice_are_those_of_the_plain_function(widget):
    for _ in range(6):
        widget.step.click()
    np.testing.assert_allclose(widget.trail, descend([2, 1, 0], 2, 6), atol=1e-3)
    heights = [float(r.get("height")) for r in ET.fromstring(widget.history.value).iter("rect")]
    assert len(heights) == 7 and heights == sorted(heights, reverse=True)
    assert "After 6 steps the surprise has gone from 2.41 to 0.14 nats" in plain(widget.said.value)


def test_the_heights_are_the_probabilities(widget):
    bars = [r for r in ET.fromstring(widget.picture.value).iter("rect") if r.get("fill")]
    heights = np.array([float(bar.get("height")) for bar in bars])
    np.testing.assert_allclose(heights / heights.sum(), widget.advice.p, atol=0.001)


def test_moving_all_scores_changes_the_bars_alone(widget):
    before = widget.advice.p
    for _ in range(9):
        widget.up.click()
    assert widget.bars.values == [6, 5, 4]  # it stops while all can be seen
    np.testing.assert_allclose(widget.advice.p, before)
    widget.down.click()
    assert widget.bars.values == [5, 4, 3]


def test_a_step_that_leaves_the_picture_moves_all_scores_back_in(widget):
    drag(widget, [6, 6, 5.5])
    p = np.array(advise(np.array([6, 6, 5.5]) - widget.advice.gradient, 2).p)
    widget.step.click()
    assert max(widget.bars.values) == 6
    np.testing.assert_allclose(widget.advice.p, p, atol=1e-4)


def test_many_steps_keep_the_last_ones_in_view(widget):
    for _ in range(20):
        widget.step.click()
    shown = words(widget.history.value)
    assert "20" in shown and "12" in shown and f"{widget.trail[-1]:.2f}" in shown
    assert len(list(ET.fromstring(widget.history.value).iter("rect"))) == 9


def test_start_again_brings_the_first_scores_back(widget):
    drag(widget, [-6, 6, 3])
    widget.target.value = 1
    widget.step.click()
    widget.again.click()
    assert widget.bars.values == [2, 1, 0] and widget.target.value == 2
    assert len(widget.trail) == 1 and "2.41 nats" in widget.said.value


def test_at_the_extremes_numbers_stay_readable(widget):
    drag(widget, [6, 6, -6])
    assert "It had the probability 0.000003072" in plain(widget.said.value)
    assert "12.69 nats" in plain(widget.said.value)
    drag(widget, [-6, -6, 6])
    assert "0.00 nats" in widget.said.value and "let every score stay" in widget.said.value
    assert [w for w in words(widget.picture.value) if w == "stay"] == ["stay"] * 3
    ET.fromstring(widget.history.value)


@pytest.mark.parametrize("arguments, message", [
    ({"characters": "aa"}, "2 to 6 different"), ({"characters": "abcdefg"}, "2 to 6 different"),
    ({"scores": (1, 2)}, "3 characters need as many scores, not 2"),
    ({"scores": (1, 2, 7)}, "from -6 to 6, not 7"),
    ({"scores": (1, 2, float("nan"))}, "from -6 to 6, not nan"),
    ({"target": "z"}, "one of 'abc', not 'z'"), ({"target": ""}, "one of 'abc', not ''"),
])  # fmt: skip
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        widgets.scores_to_surprise(**arguments)


def test_characters_that_mean_something_in_a_page_do_no_harm():
    widget = widgets.scores_to_surprise("<& '", scores=(0, 1, 2, 3), target="<")
    widget.step.click()
    for html in (widget.picture.value, widget.bars.row.value):
        ET.fromstring(html)
    assert "␣" in widget.picture.value and "<b>&lt;</b> came" in widget.said.value


def test_the_picture_is_described_in_words(widget):
    said = ET.fromstring(widget.picture.value).get("aria-label")
    assert said == "scores and probabilities: probabilities a 0.665, b 0.245, c 0.090; c came"
    widget.step.click()
    assert ET.fromstring(widget.history.value).get("aria-label").endswith("2.41, 1.22")


def test_the_stored_form_holds_the_example_and_six_steps(widget):
    stored = widget._repr_mimebundle_()["text/plain"]
    assert stored.startswith("Scores to surprise: run this cell in JupyterLab to use it.")
    assert "c, came         0.00        0.090      −0.910   rise" in stored
    assert "2.41  1.22  0.59  0.34  0.23  0.18  0.14" in stored
    assert max(map(len, stored.splitlines())) <= 78


def test_it_is_drawn_fast(widget):
    begin = time.process_time()
    for k in range(20):
        drag(widget, [k / 5, 1, 0])
    assert (time.process_time() - begin) / 20 < 0.05


# The bars.


def bars(**how):
    called = []
    how = {"low": -1, "high": 3, "step": 0.5, "width": 20, "height": 80, "label": "bars"} | how
    return Bars(["one", "two"], [-0.5, 2], lambda: called.append(1), **how), called


def test_bars_reach_from_zero_and_say_what_they_are():
    row, called = bars()
    columns = ET.fromstring(row.row.value)
    one, two = ({k: v for k, v in c.items() if k != "style"} for c in columns)
    assert one == {
        "class": "rnn-draggable", "role": "slider", "tabindex": "0", "aria-label": "one",
        "aria-orientation": "vertical", "aria-valuemin": "-1", "aria-valuemax": "3",
        "aria-valuenow": "-0.5000", "aria-valuetext": "minus 0.50",
    }  # fmt: skip
    assert two["tabindex"] == "-1" and two["aria-valuetext"] == "2.00"
    fills = [column[0].get("style") for column in columns]
    assert fills == ["bottom: 12.50%; height: 12.50%", "bottom: 25.00%; height: 50.00%"]
    assert columns[0][0].get("class") == "rnn-fill rnn-below" and called == []


def test_bars_tell_when_a_reader_moves_them_and_stay_in_the_page():
    row, called = bars()
    html = row.row.value
    row.field.value = "0.5000 1.0000"
    assert row.values == [0.5, 1] and called == [1]
    assert row.row.value == html  # else the focus and the pointer would be lost
    row.values = [9, -9]
    assert row.values == [3, -1] and called == [1] and row.row.value != html
    row.values = [-0.5, 2]  # where they began; the page, which has moved them, must hear of it
    assert row.row.value != html


def test_a_pen_draws_only_where_it_is_asked_for():
    assert "data-pen" not in bars()[0].row.value
    assert "data-pen" in bars(draw=True)[0].row.value
