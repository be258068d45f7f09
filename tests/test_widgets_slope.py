"""Downhill, without a browser."""

import re
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.widgets import slope


@pytest.fixture
def widget():
    return widgets.downhill()


def plain(html):
    return re.sub(r"<[^>]*>", "", html).replace("−", "-")


def lines(svg, colour):
    return [p for p in ET.fromstring(svg).iter("path") if p.get("stroke") == colour]


def test_it_says_where_each_path_is(widget):
    said = plain(widget.said.value)
    for name, (places, losses) in widget.paths.items():
        assert f"{name} ({slope.LOOKS[name][2]}): {losses[-1]:.1f} nats after 30 steps" in said
        assert f"at {places[-1, 1]:.1f} to the right and {places[-1, 0]:.1f} up" in said
    assert "too far" not in said and "outside" not in said


def test_other_rates_and_clips_draw_other_paths(widget):
    seen = {widget.picture.value}
    for clip in ("off", "value", "norm"):
        widget.clip.value = clip
        for rate in (1.0, 3.0):
            widget.rate.value = rate
            seen.add(widget.picture.value)
    assert len(seen) == 7


def test_a_step_that_ends_higher_is_named_and_thick(widget):
    widget.rate.value = 3.0
    assert "Step 1 leapt too far: from 93.4 up to 123.3 nats." in plain(widget.said.value)
    thick = [p for p in lines(widget.picture.value, "#d55e00") if p.get("stroke-width") == "5"]
    assert len(thick) == 1 and thick[0].get("d").startswith(
        "M{:.1f} {:.1f}L".format(*slope.place(0, 0))
    )
    widget.step.value = 0
    assert "too far" not in widget.said.value  # not yet


def test_the_steps_slider_shows_the_way_so_far(widget):
    for k in (0, 7, 30):
        widget.step.value = k
        assert len(lines(widget.picture.value, "#0072b2")) == k
        assert f"nats after {k} steps" in widget.said.value
        assert (
            ET.fromstring(widget.picture.value)
            .get("aria-label")
            .startswith(f"after {k} steps SGD at ")
        )


def test_a_path_stands_where_its_places_are(widget):
    places = widget.paths["SGD"][0]
    dots = [
        (float(c.get("cx")), float(c.get("cy")))
        for c in ET.fromstring(widget.picture.value).iter("circle")
        if c.get("fill") == "#d55e00"
    ]
    np.testing.assert_allclose(dots, [slope.place(*p) for p in places], atol=0.06)


def test_lines_of_equal_loss_are_where_the_loss_is_equal():
    plane = slope.the_slice()
    paths = [p.get("d") for p in ET.fromstring(slope.ground_svg()).iter("path")]
    assert len(paths) >= len(slope.LEVELS)
    x, y = map(float, paths[3][1:].split("L")[4].split())
    order = (x - slope.LEFT) / slope.UNIT + slope.X0
    frequencies = (slope.BOTTOM - y) / slope.UNIT + slope.Y0
    loss = plane.loss(frequencies, order)
    assert min(abs(loss - level) for level in slope.LEVELS) < 0.5


def test_paths_that_leave_the_picture_are_said_to(widget):
    widget.rate.value = 10.0
    assert "outside the picture" in widget.said.value
    for html in (widget.picture.value, widget.curves.value):
        ET.fromstring(html)


def test_the_three_can_be_told_apart_without_colour():
    colours, dashes, letters = zip(*slope.LOOKS.values())
    assert len(set(dashes)) == len(set(letters)) == len(set(colours)) == 3
    svg = widgets.downhill().picture.value
    letters_shown = [t.text for t in ET.fromstring(svg).iter("text")]
    assert set(letters_shown) == {"S", "G", "M"}


@pytest.mark.parametrize("arguments, message", [
    ({"rate": 5}, "rate must be one of 0.01, 0.03"), ({"clip": "hard"}, "one of off, value, norm"),
])  # fmt: skip
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        widgets.downhill(**arguments)


def test_the_stored_form_is_a_table_of_losses(widget):
    stored = widget._repr_mimebundle_()["text/plain"]
    assert stored.startswith("Downhill: run this cell in JupyterLab to use it.")
    assert "7.08" in stored and "0.25" in stored
    row = next(line for line in stored.splitlines() if line.split()[:2] == ["3", "off"])
    losses = widget.slice.path("SGD", 3.0)[1]
    assert row.split()[2:6] == [f"{losses[k]:.0f}" for k in (1, 3, 8, 30)]


def test_it_is_drawn_fast(widget):
    begin = time.process_time()
    for rate in slope.RATES:
        widget.rate.value = rate
    assert (time.process_time() - begin) / len(slope.RATES) < 0.3  # a tenth of it alone
