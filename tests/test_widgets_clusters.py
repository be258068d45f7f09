"""The widget that shows clusters form: what it trains, draws and says."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.languages import EMBEDDED_REBER, EVEN_RUNS, MESS3, REBER
from rnn_helpers.training import TrainingInterrupted, TrainState
from rnn_helpers.widgets import clusters
from rnn_helpers.widgets.clusters import Lesson, picture_svg, text_html


@pytest.fixture(scope="module")
def trained():
    """The widget on even runs, after a training of two neurons."""
    widget = widgets.watch_clusters(EVEN_RUNS, hidden_size=2)
    seen = []
    widget.picture.observe(lambda change: seen.append(change["new"]), names="value")
    widget.button.click()
    widget.seen = seen
    return widget


def words(svg):
    return [text.text for text in ET.fromstring(svg).iter("text")]


def label(svg):
    return ET.fromstring(svg).get("aria-label")


def test_before_training_it_shows_the_line_and_asks_for_the_button():
    widget = widgets.watch_clusters()
    assert list(widget.language.options) == list(clusters.LANGUAGES)
    for name in widget.language.options:
        widget.language.value = name
        at_best = widget.lesson.at_best
        assert f"at best {at_best:.3f}" in words(widget.picture.value)
        assert "press Train" in words(widget.picture.value)
        assert widget.sliders.children == () and widget.text.value == ""
        assert label(widget.picture.value) == f"Training on {name}: nothing is learnt yet"
        low, high = np.broadcast_to(clusters.LANGUAGES[name].entropy_rate, 2)
        assert low - 0.04 < at_best < high + 0.04
    assert repr(widget) == "Watch the clusters form: run this cell in JupyterLab to use it."


def test_training_comes_down_to_the_line_and_is_seen_on_the_way(trained):
    lesson = trained.lesson
    assert lesson.steps == clusters.LOOK_AT and lesson.steps[-1] == clusters.STEPS
    assert lesson.bits[0] > 0.9 and 0 < lesson.bits[-1] - lesson.at_best < 0.003
    assert len(set(trained.seen)) >= len(lesson.steps)
    assert lesson.optimizer.learning_rate == 0
    assert not trained.button.disabled and trained.problem.value == ""


def test_the_first_slider_goes_back_in_time(trained):
    trained.step.value = 0
    early = trained.picture.value
    assert f"{trained.lesson.bits[0]:.3f}" in words(early) and "after step 0 " in label(early)
    trained.step.value = len(trained.lesson.steps) - 1
    late = trained.picture.value
    assert f"{trained.lesson.bits[-1]:.3f}" in words(late) and "after step 3,000 " in label(late)
    spread = []
    for k in (0, len(trained.lesson.steps) - 1):
        points, states = trained.lesson.plane(k), trained.lesson.states
        centres = np.array([points[states == s].mean(axis=0) for s in (0, 1)])
        spread.append(np.linalg.norm(centres[0] - centres[1]))
    assert spread[1] > 5 * spread[0]
    assert words(late).count("A") == words(late).count("B") == 1


def test_the_second_slider_follows_the_text(trained):
    trained.step.value = len(trained.lesson.steps) - 1
    text, states = trained.lesson.text, trained.lesson.states
    for place in (1, 2, 7, clusters.FOLLOWED):
        trained.place.value = place
        html, name = trained.text.value, "AB"[states[place - 1]]
        said = re.sub("<[^>]*>", "", html.partition("</div>")[0])
        assert said == (
            f"After character {place}, {text[place - 1]}, the language is in state {name}; the "
            f"state of the network is nearest to those of state {name}."
        )
        cells = re.findall(r"rnn-step( rnn-here)?'>(.)<i>(.)</i>", html)
        assert "".join(c for _, c, _ in cells) == text[: clusters.FOLLOWED]
        assert [i for i, cell in enumerate(cells, 1) if cell[0]] == [place]
        svg = ET.fromstring(trained.picture.value)
        ring = [c for c in svg.iter("circle") if c.get("r") == "9"]
        assert len(ring) == 1


def test_a_choice_forgets_what_was_learnt():
    widget = widgets.watch_clusters(EVEN_RUNS, hidden_size=2)
    widget.train()
    before = widget.lesson
    for control, value in ((widget.neurons, 3), (widget.seed, 5)):
        control.value = value
        assert widget.sliders.children == () and widget.lesson is not before
    assert widget.lesson.parameters.Whh.shape == (3, 3)


def test_points_of_more_neurons_are_seen_from_their_best_side():
    lesson = Lesson(REBER, 5, 0)
    lesson.look(0)
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(clusters.SHOWN, 2)) @ [[3, 0, 0, 0, 1], [0, 0, 2, 0, 0]]
    lesson.hidden[-1] = 5 + wide + 0.01 * rng.normal(size=(clusters.SHOWN, 5))
    plane = lesson.plane(0)
    assert plane.shape == (clusters.SHOWN, 2) and np.allclose(plane.mean(axis=0), 0)
    assert plane.var(axis=0).sum() > 0.999 * lesson.hidden[-1].var(axis=0).sum()
    assert plane[:, 0].var() > plane[:, 1].var()


def test_hidden_languages_are_coloured_by_the_most_likely_state():
    lesson = Lesson(MESS3, 4, 0)
    beliefs = MESS3.beliefs(lesson.text[: clusters.SHOWN])
    assert (lesson.states == beliefs.argmax(axis=1)).all()
    lesson.look(0)
    assert "the language is most likely in state " in text_html(lesson, 0, 3)


def test_every_state_has_a_shape_and_a_colour_of_its_own():
    marks = {clusters.mark(0, 0, s) for s in range(7)}
    shapes = {re.sub("fill='#.*?'", "", one) for one in marks}
    assert len(marks) == len(shapes) == len(set(clusters.COLOURS)) == 7


def test_too_many_states_are_refused_in_words():
    with pytest.raises(ValueError, match="has 19 states; at most 7 can be told apart"):
        widgets.watch_clusters(EMBEDDED_REBER(0.5))


def test_stop_keeps_what_was_learnt(monkeypatch):
    widget = widgets.watch_clusters(EVEN_RUNS, hidden_size=2)

    def stopped(*args, callback, **how):
        callback(TrainState(step=10))
        raise TrainingInterrupted(TrainState(step=10), 2990)

    monkeypatch.setattr(clusters, "train", stopped)
    widget.train()
    assert "training was stopped after step 10" in widget.problem.value
    assert widget.lesson.steps == [0, 10] and not widget.button.disabled
    assert [value for _, value in widget.step.options] == [0, 1]


def test_the_picture_is_well_formed_with_names_that_need_escaping():
    lesson = Lesson(REBER, 3, 0)  # its name has an apostrophe
    lesson.look(0)
    assert label(picture_svg(lesson, 0, 5)).startswith("Training on Reber's grammar: after step 0")
