"""Pictures of training runs: what is drawn is what was given, and no word covers another."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from rnn_helpers import plots


@pytest.fixture(autouse=True)
def close_figures():
    plots.use_style()
    yield
    plt.close("all")


def labels(axes):
    axes.figure.canvas.draw()
    return {t.get_text(): t.get_window_extent() for t in axes.texts if t.get_text()}


def test_lines_have_their_names_at_their_ends():
    x = np.linspace(0, 3, 7)
    curves = {"up": x, "almost up": 0.99 * x, "down": -x}
    axes = plots.lines(x, curves, xlabel="rate", ylabel="nats", title="A title")
    for line, y in zip(axes.lines, curves.values()):
        assert np.array_equal(line.get_ydata(), y) and np.array_equal(line.get_xdata(), x)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("rate", "nats")
    boxes = labels(axes)
    assert list(boxes) == ["up", "almost up", "down"]
    for a, b in (("up", "almost up"), ("almost up", "down")):
        assert boxes[a].y0 >= boxes[b].y1  # one below the other
    frame = axes.get_window_extent()
    for box in boxes.values():
        assert frame.y0 <= box.y0 and box.y1 <= frame.y1 + box.height
        assert box.x1 <= axes.figure.bbox.x1
    assert max(axes.get_xticks()) <= 3  # no ticks beside the names


def test_medians_show_every_group_from_its_lowest_to_its_highest_run():
    x, runs = np.array([0.1, 0.2]), np.array([[1.0, 2.0, 9.0], [3.0, 5.0, 4.0]])
    axes = plots.medians(x, {"a": runs, "b": runs + 1}, xlabel="x", ylabel="y", title="t")
    assert [line.get_ydata().tolist() for line in axes.lines] == [[2, 4], [3, 5]]
    bars = [[path.vertices[:, 1].tolist() for path in c.get_paths()] for c in axes.collections]
    assert bars == [[[1, 9], [3, 5]], [[2, 10], [4, 6]]]
    assert len({line.get_marker() for line in axes.lines}) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    assert axes.get_xscale() == "log"


def test_clipped_draws_three_arrows_and_two_limits():
    axes = plots.clipped((4.0, 12.0), (4.0, 5.0), (1.5, 4.5), limit=5)
    tips = {t.get_text() or (t.xy, t.xyann): t.xy for t in axes.texts}
    assert (
        tips["gradient"] == (4, 12)
        and tips["by value"] == (4, 5)
        and tips["by norm"] == (1.5, 4.5)
    )
    arrows = [t for t in axes.texts if not t.get_text()]
    assert [(t.xy, t.xyann) for t in arrows] == [
        (tip, (0, 0)) for tip in ((4, 12), (4, 5), (1.5, 4.5))
    ]
    (circle,) = axes.patches
    assert circle.radius == 5
    assert axes.lines[0].get_xydata().tolist() == [[-5, 0], [-5, 5], [5, 5], [5, 0]]
    boxes = [*labels(axes).values()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_loss_curves_draw_raw_mean_and_smoothed():
    losses = np.linspace(4, 1, 50)
    axes = plots.loss_curves(losses, losses + 0.1, losses + 1, width=100)
    mean, smoothed, raw = (line.get_ydata() for line in axes.lines)
    assert np.array_equal(raw, losses) and np.array_equal(mean, losses + 0.1)
    assert np.array_equal(smoothed, losses + 1)
    assert axes.lines[0].get_xdata()[0] == 1  # the first step is step 1
    assert {"mean of 100", "smoothed", "raw"} == set(labels(axes))


def test_lines_leave_room_for_their_names():
    x = np.linspace(2, 4, 5)
    axes = plots.lines(x, {"up": x, "down": -x}, xlabel="", ylabel="", title="A title")
    left, right = axes.get_xlim()
    assert left == 2 and 4.2 < right < 5 and axes.get_title(loc="left") == "A title"
    ticks = axes.get_xticks()
    assert len(ticks) > 2 and (ticks.min(), ticks.max()) == (2, 4)
    assert {text.get_text(): text.xy for text in axes.texts} == {"up": (4, 4), "down": (4, -4)}


def test_names_that_do_not_collide_stand_at_the_heights_of_their_ends():
    axes = plt.subplots()[1]
    axes.set(xlim=(0, 1), ylim=(0, 100))
    plots.end_labels(axes, 1, {"low": 10, "high": 90, "next": 89, "third": 88})
    places = {text.get_text(): text.xy for text in axes.texts}
    assert places["low"] == (1, 10) and places["high"] == (1, 90)
    heights = [places[name][1] for name in ("high", "next", "third")]
    assert (np.diff(heights) < -5).all() and heights[-1] > 60


def test_medians_have_plain_ticks_at_their_points():
    x, runs = np.array([0.1, 0.2]), np.array([[1.0, 2.0, 9.0], [3.0, 5.0, 4.0]])
    axes = plots.medians(x, {"a": runs}, xlabel="rate", ylabel="nats", title="A title")
    assert axes.get_xticks().tolist() == [0.1, 0.2]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.1", "0.2"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("rate", "nats")
    (bars,) = axes.collections
    assert [path.vertices[:, 0].tolist() for path in bars.get_paths()] == [[0.1] * 2, [0.2] * 2]
    assert tuple(bars.get_color()[0]) == to_rgba(axes.lines[0].get_color())


@pytest.mark.parametrize("limit", [1, 5])
def test_what_clipping_leaves_is_inside_the_frame_and_drawn_to_scale(limit):
    tips = [limit * np.array(tip) for tip in ((0.8, 2.4), (0.8, 1.0), (0.3, 0.9))]
    axes = plots.clipped(*tips, limit=limit)
    box = axes.get_window_extent()
    for name, place in labels(axes).items():
        assert box.x0 <= place.x0 and place.x1 <= box.x1 and box.y0 <= place.y0, name
        assert place.y1 <= axes.figure.bbox.y1
    assert axes.get_aspect() == 1
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert left < -limit and limit < right and bottom == 0 and 1 < top / (2.4 * limit) < 1.3
    assert right - left < 5 * limit
    assert axes.get_xticks().tolist() == [-limit, 0, limit, 2 * limit]
    assert axes.get_yticks().tolist() == [0, limit, 2 * limit]
    (circle,) = axes.patches
    assert circle.center == (0, 0) and not circle.get_fill()
    for text, tip in zip([t for t in axes.texts if t.get_text()], tips):
        (x, y), place = axes.transData.transform(tip), labels(axes)[text.get_text()]
        assert max(place.x0 - x, x - place.x1, place.y0 - y, y - place.y1) < 20  # near its tip


def test_raw_losses_are_named_where_they_are_high():
    losses = np.r_[50.0, np.linspace(4, 1, 99)]  # the first one is no measure
    axes = plots.loss_curves(losses, losses, losses, width=10)
    (raw,) = (text for text in axes.texts if text.get_text() == "raw")
    assert 5 < raw.xy[0] < 25 and 0.9 < raw.xy[1] / losses[10] < 1
    assert [line.get_xdata().tolist() for line in axes.lines] == [[*range(1, 101)]] * 3
    assert axes.lines[2].get_zorder() < axes.lines[0].get_zorder()  # behind the others
