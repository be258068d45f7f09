import re
from html import unescape

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.checkpoints import MODELS, load_model
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.reading import explore, following, read
from rnn_helpers.training import train

MODEL = load_model("story")
PASSAGE = widgets.PASSAGES["story"]
FACES = [widgets.temperature_explorer, widgets.surprise_map, widgets.look_inside]


@pytest.fixture
def explorer():
    return widgets.temperature_explorer(MODEL, length=100)


@pytest.fixture
def surprise():
    return widgets.surprise_map(MODEL)


@pytest.fixture
def inside():
    return widgets.look_inside(MODEL)


def per_cents(html):
    return [float(n) for n in re.findall(r">([\d.]+)%</td>", html)]


def plain(html):
    return re.sub(r"<[^>]*>", "", html)


def test_text_and_bars_follow_the_slider(explorer):
    seen = []
    for temperature in (0.2, 1.0, 2.0):
        explorer.temperature.value = temperature
        asked = MODEL.parameters, MODEL.vocabulary, "The bell", temperature, 100, 1
        assert explorer.text.value == widgets.text_html("The bell", explore(*asked))
        seen.append(per_cents(explorer.bars.value)[0])
    assert seen[0] > seen[1] > seen[2]  # the likeliest character loses its lead


def test_prompt_length_and_seed_are_followed(explorer):
    values = [explorer.text.value]
    explorer.seed.value = 2
    values.append(explorer.text.value)
    explorer.length.value = 200
    values.append(explorer.text.value)
    explorer.prompt.value = "Tom"
    values.append(explorer.text.value)
    assert len(set(values)) == 4 and "<b>Tom</b>" in values[-1]


def test_unlikely_characters_are_marked(explorer):
    explorer.temperature.value = 0
    assert "chance3" not in explorer.text.value  # the likeliest is never below 5 per cent here
    explorer.temperature.value = 5
    spans = re.findall("chance3'>(.*?)</span>", explorer.text.value, re.DOTALL)
    assert len("".join(spans)) > 50


@pytest.mark.parametrize("chance, mark", [
    (0.5, ""), (0.49, "rnn-chance1"), (0.2, "rnn-chance1"), (0.19, "rnn-chance2"),
    (0.05, "rnn-chance2"), (0.04, "rnn-chance3"), (0.0, "rnn-chance3"),
])  # fmt: skip
def test_marks_begin_where_the_key_says(chance, mark):
    writing = explore(MODEL.parameters, MODEL.vocabulary, "a", 1, 1, 0)
    html = widgets.text_html("a", writing._replace(chances=np.array([chance])))
    assert re.findall("class='(rnn-chance.)'", html) == ([mark] if mark else [])


def test_wrong_input_is_said_and_the_last_good_view_stays(explorer, surprise, inside):
    for face, control, view in (
        (explorer, "prompt", "text"), (surprise, "source", "map"), (inside, "source", "light"),
    ):  # fmt: skip
        before = getattr(face, view).value
        for wrong, words in (
            ("", "at least one|at least two"),
            ("Room 5", re.escape("never seen '5' (character 6")),
            ("a" * 10_001, "10,001 characters are too many; 10,000"),
        ):
            getattr(face, control).value = wrong
            assert all("rnn-old" in shown._dom_classes for shown in face.views)
            assert re.search(words, unescape(plain(face.problem.value))), (face, wrong)
            assert "role='alert'" in face.problem.value
            assert getattr(face, view).value == before != ""
        getattr(face, control).value = "The goose"
        assert not any("rnn-old" in shown._dom_classes for shown in face.views)
        assert face.problem.value == "" and getattr(face, view).value != before


def test_ten_thousand_characters(explorer, surprise, inside):
    text = ("The bell rang. " * 1000)[:10_000]
    explorer.prompt.value = surprise.source.value = inside.source.value = text
    assert explorer.problem.value == surprise.problem.value == inside.problem.value == ""
    assert "<b>…" in explorer.text.value and len(plain(explorer.text.value)) < 400
    assert surprise.map.value.count("<i>") == 10_000 and surprise.place.max == 10_000


def test_text_is_shown_as_text(surprise):
    writing = explore(MODEL.parameters, MODEL.vocabulary, "a", 1, 3, 0)._replace(text="<i>")
    html = widgets.text_html("<u>", writing)
    assert "<i>" not in html and unescape(plain(html)) == "<u><i>"
    odd = widgets.surprise_map(MODEL._replace(vocabulary=quoting()), text="a<&'\"b")
    characters = re.findall(r">([^<>]+)<i>", odd.map.value)
    assert [unescape(c) for c in characters] == list("a<&'\"b")


def quoting():
    """The story's vocabulary with some letters swapped for characters that mean much in HTML."""
    return Vocabulary(MODEL.vocabulary.characters.translate(str.maketrans("xyz", "<&>")))


def test_every_character_shows_its_cost(surprise):
    reading = read(MODEL.parameters, MODEL.vocabulary, PASSAGE)
    costs = re.findall(r"<i>(.*?)</i>", surprise.map.value)
    assert costs == ["–"] + [str(round(b)) for b in reading.bits[1:]]
    assert f"<td>{reading.bits.sum():,.0f}</td>" in surprise.totals.value
    for other in ("letter frequencies", "gzip"):
        assert other in surprise.totals.value


def test_the_marker_shows_what_was_expected(surprise):
    reading = read(MODEL.parameters, MODEL.vocabulary, PASSAGE)
    for i in (1, 17, len(PASSAGE) - 1):
        surprise.place.value = i + 1  # people count from 1
        assert f"data-i='{i}'" in surprise.marker.value
        shown = per_cents(surprise.expected.value)
        assert np.allclose(shown, 100 * reading.chances[i][: len(shown)], atol=0.06)
        assert f"{reading.bits[i]:.1f} bits" in surprise.expected.value


def test_a_hint_for_each_character(surprise):
    hints = re.findall(r"data-t='(.*?)'", surprise.map.value, re.DOTALL)
    assert len(hints) == len(PASSAGE) and "foretold by none" in hints[0]
    assert all(h.count("%") == 5 for h in hints[1:])


def test_a_shorter_text_brings_the_marker_back(surprise):
    surprise.place.value = len(PASSAGE)
    surprise.source.value = "The goose"
    assert surprise.place.value == surprise.place.max == 9
    assert "data-i='8'" in surprise.marker.value
    surprise.place.value = 2  # a new slider is listened to as well
    assert "data-i='1'" in surprise.marker.value


def test_units_are_sorted_by_what_they_follow(inside):
    reading = read(MODEL.parameters, MODEL.vocabulary, PASSAGE)
    for name, follows in following(reading.hidden, PASSAGE).items():
        inside.feature.value = name
        order = [unit for _, unit in inside.unit.options]
        assert (np.diff(np.abs(follows[order])) <= 0).all() and len(order) == 128
        assert inside.unit.value == order[0]
        for unit in order[:2]:
            inside.unit.value = unit
            light = widgets.unit_html(PASSAGE, reading.hidden[:, unit])
            assert inside.light.value == light


@pytest.mark.parametrize("value, mark", [
    (0.8, "rnn-unit2"), (0.3, "rnn-unit1"), (0.2, ""), (-0.2, ""), (-0.3, "rnn-unit-1"),
    (-0.8, "rnn-unit-2"),
])  # fmt: skip
def test_a_unit_is_marked_as_the_key_says(value, mark):
    found = re.findall("class='(rnn-unit.*?)'", widgets.unit_html("a", [value]))
    assert found == ([mark] if mark else [])


def test_the_chosen_unit_stays_while_the_text_changes(inside):
    inside.unit.value = 83
    inside.source.value = PASSAGE + "Yes."
    assert inside.unit.value == 83
    reading = read(MODEL.parameters, MODEL.vocabulary, PASSAGE + "Yes.")
    assert inside.light.value == widgets.unit_html(reading.text, reading.hidden[:, 83])
    inside.feature.value = "vowel"
    assert inside.unit.value == inside.unit.options[0][1]


@pytest.mark.parametrize("name, typed, hint", [
    ("story", "“Goose", 'Try " in its place'), ("tale_of_two_cities", 'a "b', "Try “ ” in its"),
    ("story", "5", "never seen '5' (character 1 of the text). It knows"),
    ("tale_of_two_cities", "Z", "never seen 'Z' (character 1 of the text). It knows"),
])  # fmt: skip
def test_a_near_character_is_offered(name, typed, hint):
    with pytest.raises(ValueError, match=re.escape(hint)):
        widgets.known(load_model(name).vocabulary, typed)


def test_a_feature_that_the_text_lacks_is_said(inside):
    inside.source.value = "goose"
    assert "all of this text, or none of it, is: space" in plain(inside.problem.value)


@pytest.mark.parametrize("make", FACES)
def test_the_models_of_the_series_can_be_chosen(make):
    face = make()
    assert list(face.model.options) == list(MODELS) and face.model in face.children
    for name in [*MODELS][::-1]:
        face.model.value = name
        assert face.problem.value == ""
    assert "source" not in dir(face) or face.source.value == PASSAGE


@pytest.mark.parametrize("make", FACES)
def test_a_model_of_ones_own(make):
    face = make({"mine": MODEL})
    assert face.model.options == ("mine",) and face.model not in face.children


def test_passages_can_be_read_by_their_models():
    for name, passage in widgets.PASSAGES.items():
        widgets.known(load_model(name).vocabulary, passage)


@pytest.mark.parametrize("make", FACES)
def test_stored_form_is_one_line(make):
    assert re.fullmatch(r"[\w ]+: run this cell in JupyterLab to use it\.", repr(make(MODEL)))


@pytest.fixture
def shown(monkeypatch):
    """What `live_training` displays, update by update."""
    seen = []

    class Handle:
        def update(self, thing):
            seen.append(thing)

    def display(thing, display_id):
        seen.append(thing)
        return Handle()

    monkeypatch.setattr(widgets, "display", display)
    monkeypatch.setattr(widgets, "get_ipython", lambda: True)
    return seen


def small():
    text = "the goose and the bell, " * 20
    vocabulary = Vocabulary.from_text(text)
    rng = np.random.default_rng(0)
    parameters = init_parameters(len(vocabulary), 16, rng)
    ids = vocabulary.encode(text)
    return parameters, vocabulary, ids, Adagrad(parameters, 0.05), rng


def test_live_training_is_training(shown, capsys):
    parameters, vocabulary, ids, optimizer, rng = small()
    run = widgets.live_training(parameters, vocabulary, ids, optimizer, 60, rng, every=0)
    run = widgets.live_training(parameters, vocabulary, ids, optimizer, 40, rng, run=run)
    other, _, _, optimizer, rng = small()
    plainly = train(other, ids, optimizer, 100, rng)
    assert run.losses == plainly.losses and np.array_equal(parameters.Whh, other.Whh)
    assert len(shown) > 60 and shown[-1].axes[1].texts[0].get_text().startswith("t")


def test_live_training_works_without_a_notebook(capsys):
    parameters, vocabulary, ids, optimizer, rng = small()
    assert widgets.live_training(parameters, vocabulary, ids, optimizer, 5, rng).step == 5
    assert capsys.readouterr().out.startswith("After step 5 it writes:\nt")


def test_live_training_draws_both_losses(shown):
    parameters, vocabulary, ids, optimizer, rng = small()
    run = widgets.live_training(parameters, vocabulary, ids, optimizer, 30, rng)
    axes, _ = shown[0].axes
    raw, smooth = axes.lines[:2]
    assert np.allclose(raw.get_ydata(), np.array(run.losses) / np.log(2))
    assert np.allclose(smooth.get_ydata(), np.array(run.smoothed) / np.log(2))
    assert axes.get_xlim()[1] > 30 and "bits per character" in axes.get_ylabel()


@pytest.mark.parametrize("prompt, words", [("", "prompt is empty"), ("5", "never seen '5'")])
def test_live_training_says_at_once_what_it_cannot_read(shown, prompt, words):
    parameters, vocabulary, ids, optimizer, rng = small()
    with pytest.raises(ValueError, match=words):
        widgets.live_training(parameters, vocabulary, ids, optimizer, 9, rng, prompt=prompt)
    assert shown == []


def test_live_training_of_no_steps(shown):
    parameters, vocabulary, ids, optimizer, rng = small()
    assert widgets.live_training(parameters, vocabulary, ids, optimizer, 0, rng).losses == []


def test_an_interrupted_live_training_says_how_to_go_on(shown, monkeypatch, capsys):
    parameters, vocabulary, ids, optimizer, rng = small()

    def interrupted(*args, run, callback, **how):
        train(*args[:3], 7, args[4], run=run, callback=callback)
        run.interrupted = True

    monkeypatch.setattr(widgets, "train", interrupted)
    run = widgets.live_training(parameters, vocabulary, ids, optimizer, 30, rng)
    assert run.step == 7
    said = capsys.readouterr().out
    assert said.splitlines()[-1].startswith("Stopped at step 7 of 30; with run=run")
