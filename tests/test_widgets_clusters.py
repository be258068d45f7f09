"""The widget that shows clusters form: what it trains, draws and says."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.languages import EMBEDDED_REBER, EVEN_RUNS, MESS3, REBER
from rnn_helpers.reading import trace
from rnn_helpers.training import TrainingInterrupted, TrainState
from rnn_helpers.widgets import clusters
from rnn_helpers.widgets.clusters import Lesson, picture_html, where_html
from rnn_helpers.widgets.inside_pictures import Followed


@pytest.fixture(scope="module")
def trained():
    """The widget on even runs, after a training of two neurons."""
    widget = widgets.watch_clusters(EVEN_RUNS, hidden_size=2)
    seen = []
    widget.picture.observe(lambda change: seen.append(change["new"]), names="value")
    widget.button.click()
    widget.seen = seen
    return widget


def words(html):
    return [text.text for text in ET.fromstring(html).iter("text")]


def labels(html):
    return [svg.get("aria-label") for svg in ET.fromstring(html).iter("svg")]


def test_before_training_it_shows_the_line_and_asks_for_the_button():
    widget = widgets.watch_clusters()
    assert list(widget.language.options) == list(clusters.LANGUAGES)
    for name in widget.language.options:
        widget.language.value = name
        at_best = widget.lesson.at_best
        assert f"at best {at_best:.3f}" in words(widget.picture.value)
        assert "press Train" in words(widget.picture.value)
        assert widget.sliders.children == () and widget.text.value == widget.said.value == ""
        assert labels(widget.picture.value) == [
            f"Training on {name}: nothing is learnt yet",
            "The states of the network",
        ]
        low, high = np.broadcast_to(clusters.LANGUAGES[name].entropy_rate, 2)
        assert low - 0.04 < at_best < high + 0.04


def test_on_paper_it_says_what_the_languages_cost_and_how_one_goes():
    widget = widgets.watch_clusters(hidden_size=2)
    assert widget._repr_mimebundle_()["text/plain"] == repr(widget)
    first, _, table = repr(widget).partition("\n\n")
    assert first == "Watch the clusters form: run this cell in JupyterLab to use it."
    table, _, text = table.partition("\n\n")
    for line, (name, one) in zip(table.splitlines()[1:], clusters.LANGUAGES.items(), strict=True):
        lesson = Lesson(one, 2, 0)
        assert line.startswith(name)
        assert line[26:].split() == [str(len(one.states)), f"{lesson.at_best:.3f}"]
    name, characters, states = text.splitlines()
    lesson = Lesson(EVEN_RUNS, 2, 0)
    assert name == "even runs:" and characters == lesson.text[:60]
    assert states == "".join("AB"[s] for s in lesson.states[:60])
    assert repr(widgets.watch_clusters(EVEN_RUNS, seed=1)).count("\n") == 7


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
    assert f"{trained.lesson.bits[0]:.3f}" in words(early) and "after step 0 " in labels(early)[0]
    trained.step.value = len(trained.lesson.steps) - 1
    late = trained.picture.value
    assert (
        f"{trained.lesson.bits[-1]:.3f}" in words(late) and "after step 3,000 " in labels(late)[0]
    )
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
        name = "AB"[states[place - 1]]
        assert re.sub("<[^>]*>", "", trained.said.value) == (
            f"After character {place}, {text[place - 1]}, the language is in state {name}; the "
            f"state of the network is nearest to those of state {name}."
        )
        assert f"[data-i='{place - 1}'] {{outline" in trained.marker.value
        assert labels(trained.picture.value)[1] == (
            f"The states of the network, and the way to character {place}, in state {name}"
        )
        cells = re.findall(r"rnn-step' data-i='(\d+)'>(.)<i>(.)</i>", trained.text.value)
        assert "".join(c for _, c, _ in cells) == text[: clusters.FOLLOWED]
        assert [int(i) for i, *_ in cells] == list(range(clusters.FOLLOWED))
        assert [s for *_, s in cells] == ["AB"[s] for s in states[: clusters.FOLLOWED]]
        svg = ET.fromstring(trained.picture.value)
        ring = [c for c in svg.iter("circle") if c.get("r") == "9"]
        assert len(ring) == 1


def test_what_is_picked_in_the_text_is_followed(trained):
    trained.picked.value = "text 0 41 1"  # what a click on the page writes there
    assert trained.place.value == 42 and "After character 42," in trained.said.value


def test_the_nearest_cluster_is_that_of_the_network(trained):
    """Where the network is wrong, the words say so."""
    lesson = trained.lesson
    t, k = 7, len(lesson.steps) - 1
    other = np.flatnonzero(lesson.states != lesson.states[t])[0]
    before = lesson.hidden[k][t].copy()
    lesson.hidden[k][t] = lesson.hidden[k][other]
    names = [lesson.language.states[lesson.states[i]] for i in (t, other)]
    words = where_html(lesson, k, t)
    lesson.hidden[k][t] = before
    assert f"is in state {names[0]};" in words and words.endswith(f"of state {names[1]}.")


def test_a_choice_forgets_what_was_learnt():
    widget = widgets.watch_clusters(EVEN_RUNS, hidden_size=2)
    widget.train()
    before = widget.lesson
    for control, value in ((widget.neurons, 3), (widget.seed, 5)):
        control.value = value
        assert widget.sliders.children == () and widget.lesson is not before
        assert widget.said.value == widget.text.value == widget.marker.value == ""
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
    assert "the language is most likely in state " in where_html(lesson, 0, 3)


def test_every_state_has_a_shape_and_a_colour_of_its_own():
    marks = {clusters.mark(0, 0, s) for s in range(7)}
    shapes = {re.sub("fill='.*?'", "", one) for one in marks}
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
    said = labels(picture_html(lesson, 0, 5))
    assert said[0].startswith("Training on Reber's grammar: after step 0")


def test_points_stay_readable_in_a_long_text():
    """As many points as fit are drawn, and the way goes on after them."""
    parameters = Lesson(REBER, 3, 0).parameters
    text, _ = REBER.sample(2000, np.random.default_rng(0))
    followed = Followed(REBER, parameters, trace(parameters, Vocabulary(REBER.characters), text))
    drawn = "".join(clusters.plane_panel(followed, 0, 1500))
    assert drawn.count("fill-opacity") == clusters.SHOWN and "r='9'" in drawn
    assert "After character 1501, " in followed.html(1500)


def test_names_at_the_right_edge_stand_at_the_left_of_their_points():
    lesson = Lesson(EVEN_RUNS, 2, 0)
    lesson.look(0)
    lesson.hidden[0] = np.where(lesson.states[:, None] == 0, [0.9, 0.0], [-0.9, 0.0])
    left, _, width, _ = clusters.PLANE_BOX
    names = {t.text: t for t in ET.fromstring(clusters.plane_svg(lesson, 0, None)).iter("text")}
    assert names["A"].get("text-anchor") == "end" and names["B"].get("text-anchor") == "start"
    assert all(left < float(names[n].get("x")) < left + width for n in "AB")
