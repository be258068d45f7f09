"""The pictures that chapters leave to `plots`: what is drawn is what was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from rnn_helpers import plots


@pytest.fixture(autouse=True)
def closed():
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
