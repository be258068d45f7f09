"""The text form of a figure changes with what was drawn, and with nothing else."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from rnn_helpers import _fingerprint, plots
from rnn_helpers._fingerprint import VARIES, alt_text, describe, rounded


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plots.use_style()
        yield
    plt.close("all")


def figure():
    """A figure with one of everything that the chapters draw."""
    rng = np.random.default_rng(0)
    figure, (left, middle, right) = plt.subplots(1, 3)
    left.semilogy(range(1, 41), rng.random(40), label="a run")
    left.fill_between(range(40), 0.1, rng.random(40), alpha=0.2)
    left.legend()
    plots.end_label(left, 40, 0.5, "here")
    middle.bar(["a", "b"], [0.25, 0.75])
    middle.vlines([0, 1], 0, [0.3, 0.9])
    middle.scatter([0, 1], [0.4, 0.6])
    image = right.imshow(rng.random((4, 5)), vmin=0, vmax=1)
    figure.colorbar(image, label="a unit")
    right.set_xticks(range(5), "abcde")
    figure.suptitle("All three")
    left.set(title="A title", xlabel="step", ylabel="loss in nats")
    return figure


def changed(number):
    """One change of data in the figure, or of words or looks."""
    made = figure()
    left, middle, right, bar = made.axes
    line, image = left.lines[0], right.images[0]
    band, (rules, dots) = left.collections[0], middle.collections
    [
        lambda: line.set_ydata(np.roll(line.get_ydata(), 7)),
        lambda: line.set_xdata(1 + np.array(line.get_xdata())),
        lambda: line.set_color("red"),
        lambda: line.set_linestyle(":"),
        lambda: line.set_marker("o"),
        lambda: left.set_yscale("linear"),
        lambda: left.set_title("Another title"),
        lambda: left.set_ylabel("loss in bits"),
        lambda: left.legend(["another run"]),
        lambda: left.texts[0].set_text("there"),
        lambda: setattr(left.texts[0], "xy", (20, 0.5)),
        lambda: band.set_paths([path.vertices * 1.1 for path in band.get_paths()]),
        lambda: band.set_facecolor("green"),
        lambda: middle.patches[1].set_height(0.7),
        lambda: middle.patches[0].set_facecolor("red"),
        lambda: middle.bar([2], [0]),
        lambda: rules.set_segments([np.zeros((2, 2)), np.ones((2, 2))]),
        lambda: dots.set_offsets([[0, 0.4], [1, 0.5]]),
        lambda: image.set_data(np.flipud(image.get_array())),
        lambda: image.set_data(np.fliplr(image.get_array())),
        lambda: image.set_clim(0, 2),
        lambda: image.set_cmap("gray"),
        lambda: right.set_xticks(range(5), "abcdf"),
        lambda: bar.set_ylabel("another unit"),
        lambda: made.suptitle("All four"),
        lambda: made.set_size_inches(7, 3),
    ][number]()
    return made


def test_the_whole_text_of_a_figure():
    made, (left, right) = plt.subplots(1, 2)
    left.bar([1, 2], [10, 1000], bottom=1)
    left.plot([1, 2, 3], [1, 10, np.nan], label="a run")
    left.plot([1, 2, 3], [2, 20, 200], "o")
    left.scatter([1, 2], [3, 4])
    left.vlines([1, 2], 1, [10, 100], color="red")
    left.set(title="A title\nin two lines", xlabel="step", ylabel="loss", yscale="log")
    left.set_xticks([1, 2], ["ab", "cd"])
    left.legend()
    plots.end_label(left, 3, 200, "here")
    image = right.imshow([[0.5, 1], [0.5, np.nan], [0, 0.5]], vmin=0, vmax=1)
    right.set_xticks([0, 1], ["a", "b"])
    right.set_yticks([0, 1, 2], ["1", "2", "3"])
    made.colorbar(image, label="a unit")
    made.suptitle("Both")
    assert describe(made).splitlines() == [
        "<Figure size 750x320 with 3 Axes>",
        "axes: A title in two lines | x: step | y: loss (log)",
        "x ticks: ab, cd",
        "legend: a run",
        "line #0072b2 -: x 1.00 2.00 3.00, y 0.00 1.00 gap",
        "line #d55e00 o: x as above, y 0.30 1.30 2.30",
        "areas #0072b2, 2 of them: x from 0.60 1.60, y from 0 0, x to 1.40 2.40, y to 1.04 3.00",
        "collection #d55e00: x 1.00 2.00, y 0.477 0.602",
        "collection #ff0000: x 1.00 1.00 2.00 2.00, y 0.00 1.00 0.00 2.00",
        "text: here | at 3.00 200",
        "axes:  | x:  | y: ",
        "x ticks: ab",
        "y ticks: 1, 2, 3",
        "colours of viridis: limits 0.00 1.00, rows 0.750 0.500 0.250, columns 0.333 0.750",
        "axes:  | x:  | y: a unit",
        "text: Both",
    ]


def test_words_in_the_place_of_numbers_are_ticks():
    made, axes = plt.subplots()
    axes.plot(["low", "high"], [1, 2])
    assert describe(made).splitlines()[2:] == [
        "x ticks: low, high",
        "line #0072b2 -: x 0.00 1.00, y 1.00 2.00",
    ]


def test_every_scale_but_a_linear_one_is_named():
    for scale in ("log", "logit", "symlog", "asinh"):
        _, axes = plt.subplots()
        axes.set(xlabel="share", xscale=scale)
        assert f"x: share ({scale}) | y: " in describe(axes.figure)


def test_ticks_without_words_and_axes_with_a_label_are_described():
    made, axes = plt.subplots()
    axes.set_xticks([0, 1], ["", "a"])
    axes.set_label("states")
    axes.plot([0, 1], [2, 3])
    assert describe(made).splitlines()[2:] == [
        "x ticks: , a",
        "line #0072b2 -: x 0.00 1.00, y 2.00 3.00",
    ]


@pytest.fixture(scope="module")
def unchanged():
    with plt.rc_context():
        plots.use_style()
        return describe(figure())


@pytest.mark.parametrize("number", range(26))
def test_each_change_is_seen(number, unchanged):
    assert describe(changed(number)) != unchanged


def test_the_last_digits_are_not_seen():
    made, rng = figure(), np.random.default_rng(1)

    def nearly(values):
        return values * (1 + 1e-10 * rng.standard_normal(np.shape(values)))

    for line in made.axes[0].lines:
        line.set_ydata(nearly(line.get_ydata()))
    for patch in made.axes[1].patches:
        patch.set_height(nearly(patch.get_height()))
    image = made.axes[2].images[0]
    image.set_data(nearly(image.get_array()))
    assert describe(made) == describe(figure())


def test_numbers_that_people_choose_are_far_from_where_rounding_changes():
    for value in np.arange(5, 10**4, 10) / 1000:  # 1.115 lies between 1.11 and 1.12
        assert rounded([value]) == rounded([value * (1 + 1e-9)]) == rounded([value * (1 - 1e-9)])


def test_numbers_are_rounded_to_three_digits_of_the_largest():
    assert rounded([0.12345, 98.765]) == "0.1 98.8"
    assert rounded([1 - 1e-12]) == rounded([1.0]) == "1.00"
    assert rounded([1234567.0]) == "1230000"
    assert rounded([1e-15, -0.0]) == "0 0"
    assert rounded([100, 0.001, 0], log=True) == "2.00 -3.00 gap"
    assert rounded([np.nan, 0.01]) == "gap 0.0100"
    assert rounded([0.05]) == "0.0500"
    assert rounded([]) == "none"
    assert rounded(np.arange(12)) == "0.0 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 9.0 10.0 11.0"
    pieces = "0.5 2.5 4.5 6.5 8.5 10.5 12.5 14.5 16.5 18.5 20.5 22.5"
    assert rounded(np.arange(24)) == f"{pieces} (24 values)"


def test_numbers_of_a_named_figure_are_not_in_its_text(monkeypatch):
    made = figure()
    made.axes[1].set_ylabel("milliseconds")
    text = describe(made)
    assert f"numbers not compared: {VARIES['milliseconds']}" in text
    assert "milliseconds" in text and "a run" in text and "0.25" not in text
    made.axes[0].lines[0].set_ydata(np.ones(40))
    made.axes[0].texts[0].set_text("elsewhere")
    assert describe(made) == text
    monkeypatch.setattr(_fingerprint, "VARIES", {})
    assert describe(made) != text


def test_a_notebook_takes_it_as_the_text_of_a_figure():
    from IPython.lib.pretty import pretty

    made = figure()
    assert pretty(made) == describe(made) != repr(made)
    assert "_repr_pretty_" in vars(Figure)


def test_the_alt_text_is_made_of_the_words_in_a_figure():
    alt = alt_text(describe(figure()))
    assert alt == (
        "A title; x: step; y: loss in nats (log); a run; here; ab; abcde; y: a unit; All three"
    )
