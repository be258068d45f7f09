"""Pictures of training runs: what is drawn is what was given, and no word covers another."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

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
