"""The neuron with memory, without a browser."""

import re
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.one_neuron import rests, states_of
from rnn_helpers.widgets import neuron


@pytest.fixture
def widget():
    return widgets.neuron_with_memory()


def plain(html):
    return re.sub(r"<[^>]*>", "", html).replace("−", "-")


def set_to(widget, w=1.0, u=0.8, b=0.0):
    for slider, value in zip(widget.sliders, (w, u, b)):
        slider.value = value
    return plain(widget.said.value)


def circles(svg, **wanted):
    return [
        c
        for c in ET.fromstring(svg).iter("circle")
        if all(c.get(k) == v for k, v in wanted.items())
    ]


def test_it_opens_with_the_touch_of_the_chapter(widget):
    said = ET.fromstring(widget.picture.value).get("aria-label").replace("−", "-")
    assert said.startswith("state h, step by step: 0.76, 0.54, 0.41, 0.32, ")
    assert len(circles(widget.picture.value)) == neuron.STEPS
    assert "It forgets. Every state goes to 0.00: a small distance from it is " in (
        plain(widget.said.value)
    )
    assert widget.bars.draw  # the mouse draws like a pen


def test_what_is_drawn_is_read(widget):
    x = np.random.default_rng(0).integers(-2, 3, neuron.STEPS) / 2
    widget.bars.field.value = " ".join(f"{v:.4f}" for v in x)
    h = states_of(x, 1, 0.8, 0)
    heights = [float(c.get("cy")) for c in circles(widget.picture.value)]
    np.testing.assert_allclose(
        [(neuron.MIDDLE - y) / neuron.H_HEIGHT * 2 for y in heights], h[1:], atol=0.002
    )
    assert f"At the last step its state is {h[-1]:.2f}." in plain(widget.said.value)


@pytest.mark.parametrize("setting, words", [
    ({"u": 1.5}, "It switches between two states, -0.86 and 0.86, and holds each of them. "
                 "Touches: x = 1 takes it up after 2 steps; x = -1 takes it down after 2 steps."),
    ({"w": 3, "u": 3}, "x = 1 takes it up after 1 step; x"),
    ({"w": -1, "u": 1.5}, "x = 1 takes it down after 2 steps; x = -1 takes it up after 2 steps."),
    ({"u": 3}, "It holds one of two states, -0.99 and 0.99. Touches: x = 1 never takes it up, "
               "however long it lasts; x = -1 never takes it down"),
    ({"w": 0, "u": 2}, "With w = 0 it does not hear its input."),
    ({"u": -1.5}, "It oscillates. The curve crosses the diagonal once, at 0.00, falling more "
                  "steeply than a slope of -1: the state overshoots, and swings between -0.86 and "
                  "0.86."),
    ({"u": 1}, "It forgets. Every state goes to 0.00: ever more slowly."),
    ({"u": -0.8}, "goes to 0.00, from side to side: a small distance from it is halved "
                  "in 3.1 steps."),
    ({"u": 0.5, "b": 1}, "It forgets. Every state goes to 0.90:"),
])  # fmt: skip
def test_it_says_what_the_neuron_does(widget, setting, words):
    assert words in set_to(widget, **setting)


@pytest.mark.parametrize("u, b, filled, hollow", [
    (0.8, 0, 1, 0), (1.5, 0, 2, 1), (-1.5, 0, 0, 1), (3, 2, 1, 0), (1, 0, 1, 0),
])  # fmt: skip
def test_fixed_points_are_filled_or_hollow_on_the_diagonal(widget, u, b, filled, hollow):
    set_to(widget, u=u, b=b)
    points = circles(widget.map.value)
    assert len(circles(widget.map.value, fill="currentColor")) == filled
    assert len(points) == filled + hollow
    for point, rest in zip(points, rests(u, b)):
        x, y = float(point.get("cx")), float(point.get("cy"))
        assert (x, y) == pytest.approx(neuron.on_map(rest.h, rest.h), abs=0.06)
    said = ET.fromstring(widget.map.value).get("aria-label")
    assert said.count("(stable)") == filled and said.count("unstable") == hollow


def test_the_curves_are_those_of_the_neuron(widget):
    set_to(widget, w=2, u=-1, b=0.5)
    paths = [
        p.get("d") for p in ET.fromstring(widget.map.value).iter("path") if not p.get("class")
    ]
    for path, x in zip(paths, (1, -1, 0)):
        first = tuple(map(float, path[1:].partition("L")[0].split()))
        assert first == pytest.approx(neuron.on_map(-1, np.tanh(1 + 2 * x + 0.5)), abs=0.06)


def test_a_square_shows_where_it_swings(widget):
    assert len(list(ET.fromstring(widget.map.value).iter("rect"))) == 1  # the frame
    set_to(widget, u=-1.5)
    square = list(ET.fromstring(widget.map.value).iter("rect"))[1]
    assert float(square.get("width")) == pytest.approx(0.8586 * neuron.MAP, abs=0.2)


def test_buttons_put_an_input(widget):
    widget.clear.click()
    assert widget.bars.values == [0] * 24 and "state is 0.00" in widget.said.value
    widget.touch.click()
    assert widget.bars.values == [1] + [0] * 23


def test_every_extreme_is_drawn(widget):
    for w in (-3, 0, 3):
        for u in (-4, -1, 0, 1, 4):
            for b in (-2, 0, 2):
                set_to(widget, w, u, b)
                for svg in (widget.picture.value, widget.map.value):
                    ET.fromstring(svg)
                assert "nan" not in widget.said.value


@pytest.mark.parametrize("arguments, message", [
    ({"w": 4}, "w must be from -3 to 3, not 4"), ({"u": -5}, "u must be from -4 to 4"),
    ({"b": float("nan")}, "b must be from -2 to 2, not nan"), ({"x": [1, 0]}, "24 numbers"),
    ({"x": [2] * 24}, "from -1 to 1"),
])  # fmt: skip
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        widgets.neuron_with_memory(**arguments)


def test_the_stored_form_shows_what_is_left_of_a_touch(widget):
    stored = widget._repr_mimebundle_()["text/plain"]
    assert stored.startswith("The neuron with memory: run this cell in JupyterLab to use it.")
    for u in (0.5, 0.8, 0.9, 1.5):
        h = states_of([1] + 11 * [0], 1, u)[1:]
        line = next(line for line in stored.splitlines() if line.startswith(f"u = {u}"))
        assert line.endswith(f"h_12 = {h[-1]:.2f}") and f"h_2 = {h[1]:.2f}" in line
        bars = line.split()[3]
        assert [int(8 * state) for state in h] == ["▁▂▃▄▅▆▇█".index(c) for c in bars]
    assert max(map(len, stored.splitlines())) <= 84


def test_it_is_drawn_fast(widget):
    begin = time.process_time()
    for k in range(20):
        widget.sliders[1].value = -2 + k / 5
    assert (time.process_time() - begin) / 20 < 0.05
