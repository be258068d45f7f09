"""The pictures that chapters leave to `plots`: what is drawn is what was given."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from rnn_helpers import plots
from rnn_helpers.encoding import Vocabulary


@pytest.fixture(autouse=True)
def plain():
    """No style that a chapter has set, whatever ran before."""
    with plt.rc_context():
        matplotlib.rcdefaults()
        yield
    plt.close("all")


def test_a_heat_map_around_zero_marks_what_is_negative():
    values = np.array([[0.9, -0.9, 0.0], [-0.5, 0.5, -0.1]])
    axes = plots.heat_map(values, "a b", rows="unit", title="", bar="state")
    (marks,) = axes.collections
    assert sorted(map(tuple, marks.get_offsets().astype(int).tolist())) == [(0, 1), (1, 0)]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["a", "␣", "b"]
    zero = axes.images[0].cmap(0.5)
    assert min(zero[:3]) > 0.95  # zero is white
    assert not plots.heat_map(values, "a b", rows="", title="", bar="", limits=(0, 1)).collections


def test_bars_of_a_state_stand_on_zero():
    axes = plots.state_bars([0.5, -1.0], "ab", title="")
    assert [bar.get_height() for bar in axes.patches] == [0.5, -1.0]
    assert len({bar.get_facecolor() for bar in axes.patches}) == 2


def test_a_bar_may_be_a_range():
    axes = plots.labelled_bars(["a", "b"], [2.0, (0.6, 1.3)], xlabel="", title="", digits=1)
    assert [(bar.get_x(), round(bar.get_width(), 9)) for bar in axes.patches] == [
        (0, 2),
        (0.6, 0.7),
    ]
    assert [text.get_text() for text in axes.texts] == ["2.0", "0.6 to 1.3"]
    plain = plots.labelled_bars(["a"], [2.0], xlabel="", title="")
    assert [text.get_text() for text in plain.texts] == ["2.00"]


def test_arrows_lead_from_the_guess_to_the_truth():
    axes = plots.guess_and_truth(plt.subplots()[1], np.array([0.7, 0.2, 0.1]), 2, "ab ")
    *bars, outline = axes.patches[:4]
    assert np.allclose([bar.get_height() for bar in bars], [0.7, 0.2, 0.1])
    assert outline.get_x() == bars[2].get_x() and outline.get_height() == 1
    arrows = [(a.xyann[1], a.xy[1]) for a in axes.texts if not a.get_text()]
    assert np.allclose(arrows, [(0.7, 0), (0.2, 0), (0.1, 1)])
    words = [a.get_text() for a in axes.texts if a.get_text()]
    assert words == ["+0.700", "+0.200", "−0.900"]


def frame(axes):
    """Left, right, bottom and top of the axes, in the units of the data."""
    return *axes.get_xlim(), *axes.get_ylim()


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_the_style_has_no_boxes_and_tells_lines_apart_without_colour():
    with plt.rc_context():
        plots.use_style()
        figure, axes = plt.subplots()
        for number in range(5):
            axes.plot([0, 1], [0, number], label=str(number))
        legend = axes.legend()
        axes.set_title("A title")
        figure.canvas.draw()
    assert [s.get_visible() for s in axes.spines.values()] == [True, False, True, False]
    assert not legend.get_frame_on() and not axes.xaxis.get_gridlines()[0].get_visible()
    assert figure.get_constrained_layout() and axes.get_title(loc="left") == "A title"
    looks = [(line.get_color(), str(line._dash_pattern)) for line in axes.lines]
    assert all(len(set(part)) == 5 for part in zip(*looks))  # all colours, and all line styles


@pytest.mark.parametrize("high", [1, 4])
def test_a_heat_map_has_the_limits_asked_for_and_a_dash_from_three_tenths_on(high):
    values = high * np.array([[-0.29, -0.31, 0.31], [-1, 0, -0.3]])
    axes = plots.heat_map(
        values, "abc", rows="unit", title="A title", bar="state", limits=(-high, high)
    )
    (image,), (marks,) = axes.images, axes.collections
    assert image.get_clim() == (-high, high) and image.get_cmap() is plots.SIGNED
    assert sorted(map(tuple, marks.get_offsets().astype(int).tolist())) == [(0, 1), (1, 0)]
    assert not any(spine.get_visible() for spine in axes.spines.values())
    assert axes.get_xticks().tolist() == [0, 1, 2]
    assert (axes.get_ylabel(), axes.get_title()) == ("unit", "A title")
    assert image.colorbar.ax.get_ylabel() == "state"


def test_a_heat_map_without_limits_is_of_states_and_other_limits_have_other_colours():
    def image(**limits):
        return plots.heat_map(np.eye(2), "ab", rows="", title="", bar="", **limits).images[0]

    assert image().get_clim() == (-1, 1)
    for limits in ((0, 1), (-1, 2), (-2, 1)):
        other = image(limits=limits)
        assert other.get_clim() == limits and other.get_cmap() is not plots.SIGNED
        brightness = [sum(other.cmap(share)[:3]) for share in (0.0, 0.5, 1.0)]
        assert brightness == sorted(brightness)  # lighter where values are higher


def test_bars_of_a_state_fill_the_frame():
    axes = plots.state_bars([0.5, -0.5, 1.0], "a\nb", title="A title")
    left, right, bottom, top = frame(axes)
    assert -1 < left < -0.4 and 2.4 < right < 3 and -1.2 < bottom < -1 and 1 < top < 1.2
    assert axes.lines[0].get_ydata() == [0, 0]
    assert axes.get_xticks().tolist() == [0, 1, 2] and labels(axes.xaxis) == ["a", "⏎", "b"]
    up, down = (bar.get_facecolor() for bar in axes.patches[:2])
    assert up == axes.patches[2].get_facecolor() == plots.SIGNED(1.0)  # as in a heat map
    assert down == plots.SIGNED(0.0)
    assert not axes.spines["bottom"].get_visible()


def test_the_first_bar_is_on_top_and_a_range_is_hatched():
    axes = plots.labelled_bars(["a", "b"], [2.0, (0.6, 1.3)], xlabel="nats", title="A title")
    left, right, bottom, top = frame(axes)
    assert top < 0 < 1 < bottom and left <= 0 and 2 < right < 3
    assert axes.get_yticks().tolist() == [0, 1] and labels(axes.yaxis) == ["a", "b"]
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [False, True]
    assert (axes.get_xlabel(), axes.get_title()) == ("nats", "A title")


def test_arrows_and_words_stand_beside_their_bars():
    p = np.array([0.7, 0.2, 0.1])
    axes = plots.guess_and_truth(plt.subplots()[1], p, 1, "ab\n")
    arrows = [t for t in axes.texts if not t.get_text()]
    words = [t for t in axes.texts if t.get_text()]
    for place, (arrow, word) in enumerate(zip(arrows, words)):
        bar = axes.patches[place]
        assert bar.get_x() + bar.get_width() < arrow.xy[0] == arrow.xyann[0] < place + 0.6
        x, y = word.get_position()
        assert x == place
        if place == 1:  # in the middle of the arrow up, or just above the bar
            assert np.isclose(y, (p[place] + 1) / 2)
        else:
            assert p[place] < y < p[place] + 0.1
    colours = [arrow.arrow_patch.get_edgecolor() for arrow in arrows]
    assert colours[0] == colours[2] != colours[1]  # the target's stands out
    left, right, bottom, top = frame(axes)
    assert -1 < left < -0.3 and 2.4 < right < 3 and bottom == 0 and 1 < top < 1.2
    assert axes.get_xticks().tolist() == [0, 1, 2] and labels(axes.xaxis) == ["a", "b", "⏎"]


@pytest.mark.parametrize("settings, shown", [({}, 12), ({"most": 3}, 3), ({"most": 99}, 15)])
def test_the_most_probable_characters_and_the_rest_are_all(settings, shown):
    vocabulary = Vocabulary(" abcdefghijklmn")
    p = np.random.default_rng(0).dirichlet(np.ones(15))
    axes = plots.character_bars(plt.subplots()[1], p, vocabulary, **settings)
    *heights, rest = (bar.get_height() for bar in axes.patches)
    assert heights == sorted(p, reverse=True)[:shown] and np.isclose(sum(heights) + rest, 1)
    assert rest >= 0
    expected = [plots.visible(vocabulary.characters[i]) for i in np.argsort(-p)[:shown]]
    assert labels(axes.xaxis) == [*expected, "rest"]
    assert axes.get_xticks().tolist() == [*range(shown + 1)]
    *colours, last = (bar.get_facecolor() for bar in axes.patches)
    assert len(set(colours)) == 1 and last not in colours
    assert axes.get_ylim() == (0, 1)


def test_equally_probable_characters_stand_in_the_order_of_the_vocabulary():
    axes = plots.character_bars(plt.subplots()[1], np.full(4, 0.25), Vocabulary("dcba"))
    assert labels(axes.xaxis) == ["d", "c", "b", "a", "rest"]
    assert axes.patches[-1].get_height() == 0
    rounded_up = plots.character_bars(
        plt.subplots()[1], np.full(3, 1 / 3 + 1e-12), Vocabulary("abc")
    )
    assert rounded_up.patches[-1].get_height() == 0


def test_logarithmic_ticks_are_plain_numbers():
    figure, axes = plt.subplots()
    axes.set(xscale="log", xlim=(0.01, 200))
    plots.plain_log_ticks(axes.xaxis, [0.05, 1, 100])
    figure.canvas.draw()
    assert labels(axes.xaxis) == ["0.05", "1", "100"]
    assert axes.get_xticks().tolist() == [0.05, 1, 100]
    assert len(axes.get_xticks(minor=True)) == 0


def test_a_label_stands_right_of_the_end_of_its_line():
    axes = plt.subplots()[1]
    axes.plot([0, 1], [0, 2])
    label = plots.end_label(axes, 1, 2, "end")
    axes.figure.canvas.draw()
    box, (x, y) = label.get_window_extent(), axes.transData.transform((1, 2))
    assert label.get_text() == "end" and x < box.x0 < x + 20
    assert abs((box.y0 + box.y1) / 2 - y) < 5  # at the height of the end
