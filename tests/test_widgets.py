import base64
import io
import re
import signal
from html import unescape

import matplotlib.image
import numpy as np
import pytest
from ipywidgets import HTML

from rnn_helpers import widgets
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.checkpoints import MODELS, Checkpoint, load_model
from rnn_helpers.corpora import load_text
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.languages import EVEN_RUNS
from rnn_helpers.probing import FEATURES, read_out, single_unit, unit_correlations, untrained
from rnn_helpers.reading import explore, trace
from rnn_helpers.training import train, windowed_mean
from rnn_helpers.widgets import inside_pictures, live
from rnn_helpers.widgets.clusters import Lesson
from rnn_helpers.widgets.explorer import text_html
from rnn_helpers.widgets.html import problem_html
from rnn_helpers.widgets.inside_pictures import unit_html
from rnn_helpers.widgets.texts import check_readable

MODEL = load_model("story")
PASSAGE = widgets.PASSAGES["story"]
WIDGETS = [widgets.temperature_explorer, widgets.surprise_map, widgets.look_inside]


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
    return re.sub(r"<style.*?</style>|<[^>]*>", "", html)


@pytest.mark.parametrize("number, other", [(0, 1), (1, 0)])
def test_each_column_follows_its_own_slider(explorer, number, other):
    column, seen, still = explorer.columns[number], [], explorer.columns[other].text.value
    for temperature in (0.2, 1.5, 2.0):
        column.temperature.value = temperature
        asked = MODEL.parameters, MODEL.vocabulary, "The bell", temperature, 100, 1
        assert column.text.value == text_html("The bell", explore(*asked), 0, number)
        shown = per_cents(column.bars.value)
        p = explore(*asked).alternatives[0]
        assert np.allclose(sorted(shown)[1:], np.sort(100 * p)[-7:], atol=0.06)
        seen.append(max(shown))
    assert seen[0] > seen[1] > seen[2]  # the most probable character loses its lead
    assert explorer.columns[other].text.value == still


def test_it_opens_on_the_novel_at_two_temperatures():
    widget = widgets.temperature_explorer()
    assert widget.model.value == "tale_of_two_cities"
    assert [column.temperature.value for column in widget.columns] == [0.5, 1.0]


def test_prompt_length_and_seed_are_followed(explorer):
    for column in explorer.columns:
        explorer.seed.value, explorer.length.value, explorer.prompt.value = 1, 100, "The bell"
        values = [column.text.value]
        explorer.seed.value = 2
        values.append(column.text.value)
        explorer.length.value = 200
        values.append(column.text.value)
        explorer.prompt.value = "Tom"
        values.append(column.text.value)
        assert len(set(values)) == 4 and "<b>Tom</b>" in values[-1]


def test_top_k_and_top_p_are_followed(explorer):
    asked, column = (MODEL.parameters, MODEL.vocabulary, "The bell", 0.5, 100, 1), None
    column = explorer.columns[0]
    for set_to in ({"top_k": 2}, {"top_p": 0.3}, {"top_k": 3, "top_p": 0.9}, {}):
        explorer.top_k.value = set_to.get("top_k", 0)
        explorer.top_p.value = set_to.get("top_p", 1.0)
        assert column.text.value == text_html("The bell", explore(*asked, **set_to))
        if "top_k" in set_to:
            assert sum(p > 0 for p in per_cents(column.bars.value)) <= set_to["top_k"]


def alternatives(column):
    """The characters that are offered, by the ids of their buttons, and which one is pressed."""
    found = re.findall(r"data-pick='branch\d \d+ (\d+)' aria-pressed='(\w+)'", column.bars.value)
    return [int(i) for i, _ in found], [int(i) for i, now in found if now == "true"]


@pytest.mark.parametrize("at", [0, 1, 37, 99])
def test_a_click_shows_eight_alternatives_and_what_came(explorer, at):
    column = explorer.columns[1]
    pick(explorer, "text1", 0, at)
    ids, came = alternatives(column)
    writing = explore(MODEL.parameters, MODEL.vocabulary, "The bell", 1.0, 100, 1)
    assert came == [MODEL.vocabulary.encode(writing.text[at])[0]] and len(set(ids)) == 8
    p = writing.alternatives[at]
    assert set(ids[:7]) == set(np.argsort(-p)[:7]) and f"data-i='{at}'" in column.marker.value
    assert np.allclose(per_cents(column.bars.value), 100 * p[ids], atol=0.06)
    assert "data-i='0'" in explorer.columns[0].marker.value


def test_another_character_is_chosen_and_the_network_writes_on_from_it(explorer):
    left, right = explorer.columns
    still = right.text.value
    before = left.writing.text
    pick(explorer, "text0", 0, 10)
    ids, (came,) = alternatives(left)
    other = next(i for i in ids if i != came)
    pick(explorer, "branch0", 10, other)
    kept = before[:10] + MODEL.vocabulary.characters[other]
    asked = MODEL.parameters, MODEL.vocabulary, "The bell", 0.5, 100, 1
    expected = explore(*asked, kept=kept)
    assert left.text.value == text_html("The bell", expected, 11)
    assert left.writing.text.startswith(kept) and left.writing.text != before
    assert alternatives(left)[1] == [other] and right.text.value == still
    assert re.findall("data-i='(\\d+)' class='[^']*rnn-kept'", left.text.value) == ["10"]
    left.temperature.value = 0.9  # what was chosen stays
    assert left.writing.text.startswith(kept)
    left.temperature.value = 0.5
    explorer.again.click()
    assert left.writing.text == before and "rnn-kept" not in left.text.value
    pick(explorer, "branch0", 10, other)
    explorer.prompt.value = "Tom"  # another prompt is another text
    assert left.kept == "" and left.at == 0


def test_a_shorter_text_brings_the_choice_back(explorer):
    pick(explorer, "text0", 0, 99)
    explorer.length.value = 50
    assert explorer.columns[0].at == 49 and "data-i='49'" in explorer.columns[0].marker.value


def test_unlikely_characters_are_marked(explorer):
    column = explorer.columns[0]
    column.temperature.value = 0
    assert "chance3" not in column.text.value  # the most probable is never below 5 per cent here
    column.temperature.value = 5
    assert len(re.findall("chance3'>(.*?)</span>", column.text.value, re.DOTALL)) > 50


@pytest.mark.parametrize("chance, mark", [
    (0.5, ""), (0.49, "rnn-chance1"), (0.2, "rnn-chance1"), (0.19, "rnn-chance2"),
    (0.05, "rnn-chance2"), (0.04, "rnn-chance3"), (0.0, "rnn-chance3"),
])  # fmt: skip
def test_marks_begin_where_the_key_says(chance, mark):
    writing = explore(MODEL.parameters, MODEL.vocabulary, "a", 1, 1, 0)
    html = text_html("a", writing._replace(probabilities=np.array([chance])))
    assert re.findall("class='(.*?)'", html.split("</b>")[1])[:1] == [mark]


def test_wrong_input_is_said_and_the_last_good_view_stays(explorer, surprise, inside):
    for widget, control, view in (
        (explorer, "prompt", explorer.columns[0].text), (surprise, "source", surprise.map),
        (inside, "source", inside.light),
    ):  # fmt: skip
        before = view.value
        for wrong, words in (
            ("", "at least one|at least two"),
            ("Room 5", r"never seen '5' \(character 6"),
            ("a" * 10_001, "10,001 characters are too many; at most 10,000"),
        ):
            getattr(widget, control).value = wrong
            assert all("rnn-old" in shown._dom_classes for shown in widget.views)
            said = unescape(plain(widget.problem.value))
            assert re.match(rf"This cannot be shown: .*({words}).*[.] The last", said), said
            assert "role='alert'" in widget.problem.value
            assert view.value == before != ""
        getattr(widget, control).value = "The goose"
        assert not any("rnn-old" in shown._dom_classes for shown in widget.views)
        assert widget.problem.value == "" and view.value != before


def test_ten_thousand_characters(explorer, surprise, inside):
    text = ("The bell rang. " * 1000)[:10_000]
    explorer.prompt.value = surprise.source.value = inside.source.value = text
    assert explorer.problem.value == surprise.problem.value == inside.problem.value == ""
    assert (
        "<b>…" in explorer.columns[0].text.value
        and len(plain(explorer.columns[0].text.value)) < 400
    )
    assert surprise.map.value.count("<i>") == 10_000 and surprise.place.max == 10_000


def test_text_is_shown_as_text(surprise):
    writing = explore(MODEL.parameters, MODEL.vocabulary, "a", 1, 3, 0)._replace(text="<i>")
    html = text_html("<u>", writing)
    assert "<i>" not in html and unescape(plain(html)) == "<u><i>"
    odd = widgets.surprise_map(MODEL._replace(vocabulary=quoting()), text="a<&'\"b")
    characters = re.findall(r">([^<>]+)<i>", odd.map.value)
    assert [unescape(c) for c in characters] == list("a<&'\"b")


def quoting():
    """The story's vocabulary with some letters swapped for characters that mean much in HTML."""
    return Vocabulary(MODEL.vocabulary.characters.translate(str.maketrans("xyz", "<&>")))


def test_every_character_shows_its_cost(surprise):
    reading = trace(MODEL.parameters, MODEL.vocabulary, PASSAGE)
    costs = re.findall(r"<i>(.*?)</i>", surprise.map.value)
    assert costs == ["–"] + [str(round(b)) for b in reading.bits[1:]]
    total = reading.bits.sum()  # of all but the first character, which nothing predicts
    row = f"<td>{total:,.0f}</td><td>{total / (len(PASSAGE) - 1):.2f}</td>"
    assert row in surprise.totals.value
    for other in ("letter frequencies", "gzip"):
        assert other in surprise.totals.value


def test_the_marker_shows_what_was_expected(surprise):
    reading = trace(MODEL.parameters, MODEL.vocabulary, PASSAGE)
    for i in (1, 17, len(PASSAGE) - 1):
        surprise.place.value = i + 1  # people count from 1
        assert f"data-i='{i}'" in surprise.marker.value
        shown = per_cents(surprise.expected.value)
        assert np.allclose(shown, 100 * reading.top_probabilities[i][: len(shown)], atol=0.06)
        assert f"{reading.bits[i]:.1f} bits" in surprise.expected.value


def pick(widget, *what):
    """What the page sends when something is clicked (see `widgets.html.PICK`)."""
    pick.count += 1
    widget.picked.value = " ".join(map(str, [*what, pick.count]))


pick.count = 0


def test_a_click_moves_the_slider(surprise):
    for i in (17, 1, len(PASSAGE) - 1):
        pick(surprise, "map", 0, i)
        assert surprise.place.value == i + 1
        assert f"data-i='{i}'" in surprise.marker.value
    pick(surprise, "map", 0, 0)
    assert surprise.expected.value.endswith("Nothing predicts the first character.")
    assert "<table" not in surprise.expected.value


def test_a_shorter_text_brings_the_marker_back(surprise):
    surprise.place.value = len(PASSAGE)
    surprise.source.value = "The goose"
    assert surprise.place.value == surprise.place.max == 9
    assert "data-i='8'" in surprise.marker.value
    surprise.place.value = 2  # a new slider is listened to as well
    assert "data-i='1'" in surprise.marker.value


def test_units_are_sorted_by_what_they_follow(inside):
    reading = trace(MODEL.parameters, MODEL.vocabulary, PASSAGE)
    for name, follows in unit_correlations(reading.hidden, PASSAGE).items():
        inside.feature.value = name
        order = [unit for _, unit in inside.unit.options]
        assert (np.diff(np.abs(follows[order])) <= 0).all() and len(order) == 128
        assert inside.unit.value == order[0]
        for unit in order[:2]:
            inside.unit.value = unit
            light = unit_html(PASSAGE, reading.hidden[:, unit])
            assert inside.light.value == light


@pytest.mark.parametrize("value, mark", [
    (0.8, "rnn-unit2"), (0.3, "rnn-unit1"), (0.2, ""), (-0.2, ""), (-0.3, "rnn-unit-1"),
    (-0.8, "rnn-unit-2"),
])  # fmt: skip
def test_a_unit_is_marked_as_the_key_says(value, mark):
    found = re.findall("class='(rnn-unit.*?)'", unit_html("a", [value]))
    assert found == ([mark] if mark else [])


def test_the_chosen_unit_stays_while_the_text_changes(inside):
    inside.unit.value = 83
    inside.source.value = PASSAGE + "Yes."
    assert inside.unit.value == 83
    reading = trace(MODEL.parameters, MODEL.vocabulary, PASSAGE + "Yes.")
    assert inside.light.value == unit_html(reading.text, reading.hidden[:, 83])
    inside.feature.value = "vowel"
    assert inside.unit.value == inside.unit.options[0][1]


@pytest.mark.parametrize("name, typed, hint", [
    ("story", "“Goose", 'Try " in its place'), ("tale_of_two_cities", 'a "b', "Try “ ” in its"),
    ("story", "5", "never seen '5' (character 1 of the text). It knows"),
    ("tale_of_two_cities", "Z", "never seen 'Z' (character 1 of the text). It knows"),
])  # fmt: skip
def test_a_near_character_is_offered(name, typed, hint):
    with pytest.raises(ValueError, match=re.escape(hint)):
        check_readable(load_model(name).vocabulary, typed)


@pytest.mark.parametrize("message, shown", [
    ("a b", "a b. <i>"), ("a b.", "a b. <i>"), ("a b?", "a b? <i>"), ("a <b>", "a &lt;b&gt;. <i>"),
])  # fmt: skip
def test_a_message_is_a_sentence(message, shown):
    assert shown in problem_html(ValueError(message))


def test_all_units_are_a_picture_sorted_by_what_is_chosen(inside):
    reading = trace(MODEL.parameters, MODEL.vocabulary, PASSAGE)
    inside.feature.value = "vowel"
    marks = np.array(FEATURES["vowel"](PASSAGE))
    follows = unit_correlations(reading.hidden, PASSAGE)["vowel"]
    strip, units = heat_pictures(inside)
    assert np.array_equal(strip[0, :, 3] > 0, marks)
    for row in (0, 60, 127):
        values = reading.hidden[:, np.argsort(-follows, kind="stable")[row]]
        shown = np.where(units[row, :, 0] > units[row, :, 2], 1, -1) * units[row, :, 3]
        assert np.allclose(shown, values, atol=0.005)  # 255 steps
    high = [np.corrcoef(marks, units[r, :, 3] * (units[r, :, 0] > 0.5))[0, 1] for r in (0, 127)]
    assert high[0] > 0.3 > -0.3 > high[1]


def heat_pictures(inside):
    """The two pictures of the widget as arrays: where the marks are, and all units."""
    data = re.findall("base64,(.*?)'", inside.heat.value)
    return [matplotlib.image.imread(io.BytesIO(base64.b64decode(d)), format="png") for d in data]


def test_a_click_on_the_picture_chooses_a_unit_and_a_character(inside):
    reading = trace(MODEL.parameters, MODEL.vocabulary, PASSAGE)
    follows = unit_correlations(reading.hidden, PASSAGE)["space"]
    for row, i in ((0, 5), (127, 200), (64, 0)):
        pick(inside, "units", row, i)
        unit = np.argsort(-follows, kind="stable")[row]
        assert inside.unit.value == unit and inside.place.value == i + 1
        assert inside.light.value == unit_html(PASSAGE, reading.hidden[:, unit])
        value = f"unit {unit} is at {reading.hidden[i, unit]:+.2f}".replace("-", "−")
        said = plain(inside.words.value)
        assert value in said and f"character {i + 1} of 208" in said
        assert f"correlation of {follows[unit]:+.2f}".replace("-", "−") in said
        assert f"top: {100 * row / 128:.3f}%" in inside.marker.value
        assert f"left: {100 * i / 208:.3f}%" in inside.marker.value
    unit = inside.unit.value
    pick(inside, "text", 0, 77)  # in the text, a click chooses the character alone
    assert inside.place.value == 78 and inside.unit.value == unit
    order = np.argsort(-reading.hidden[77], kind="stable")
    highest = ", ".join(f"{u} ({reading.hidden[77, u]:+.2f})" for u in order[:3])
    lowest = ", ".join(f"{u} ({reading.hidden[77, u]:+.2f})" for u in order[:-4:-1])
    assert f"highest units are {highest}; the lowest are {lowest}.".replace("-", "−") in plain(
        inside.words.value
    )


def test_a_long_text_is_shown_in_windows(inside):
    inside.source.value = "The bell rang. " * 34  # 510 characters
    for i, first in ((0, 0), (239, 0), (240, 240), (479, 240), (480, 270), (509, 270)):
        inside.place.value = i + 1
        assert f"characters {first + 1} to {first + 240}:" in plain(inside.heat.value)
        assert heat_pictures(inside)[1].shape == (128, 240, 4)
        assert f"left: {100 * (i - first) / 240:.3f}%" in inside.marker.value
    assert inside_pictures.window(3, 2) == (0, 3) and inside_pictures.window(241, 240) == (1, 241)


def test_the_probe_compares_with_untrained_networks(inside):
    assert "Do all units together" in inside.probed.value
    for feature, verdict in (("space", "a tie"), ("a space comes next", "after training")):
        inside.feature.value = feature
        assert "<table" not in inside.probed.value  # no old answer to a new question
        inside.button.click()
        assert verdict in inside.probed.value and "of the story" in inside.probed.value
    text = load_text("story")[:10_000]
    marks = np.array(FEATURES["a space comes next"](text))
    hidden = trace(MODEL.parameters, MODEL.vocabulary, text).hidden
    for scores in (single_unit(hidden, marks), read_out(hidden, marks)):
        shown = f"{np.median(scores):.2f} ({scores.min():.2f} to {scores.max():.2f})"
        assert shown in inside.probed.value
    blank = untrained(MODEL.parameters, np.random.default_rng(2))
    hidden = forward(blank, MODEL.vocabulary.encode(text), np.zeros(128))[0][1:]
    worst = f"{read_out(hidden, marks).min():.2f}"
    assert float(worst) < 0.9 and worst in inside.probed.value


def test_the_probe_reads_a_text_that_is_long_enough(inside):
    inside.source.value = "The bell rang. " * 200
    inside.button.click()
    assert "3,000 characters of your text" in inside.probed.value
    inside.feature.value = "capital letter"
    inside.source.value = "T" + "he bell rang. " * 200
    inside.button.click()
    assert "No probe: a part has only one kind of mark" in inside.probed.value
    assert not inside.button.disabled


def test_the_probe_of_the_novel_reads_the_story_in_its_own_marks():
    widget = widgets.look_inside(load_model("tale_of_two_cities"))
    widget.feature.value = "inside a quotation"
    widget.button.click()
    text, _ = widget.probe_text()
    assert text.count("“") > 40 and text.count("“") - text.count("”") in (0, 1)
    assert text.replace("“", '"').replace("”", '"') == load_text("story")[:10_000]
    assert "a tie" in widget.probed.value


def test_a_model_that_cannot_read_the_story_needs_a_text():
    vocabulary = Vocabulary("abc ")
    parameters = init_parameters(4, 8, np.random.default_rng(0))
    widget = widgets.look_inside(
        MODEL._replace(parameters=parameters, vocabulary=vocabulary), text="ab ca"
    )
    widget.button.click()
    assert "No probe: write or paste a text of at least 2,000 characters" in widget.probed.value


def test_a_made_language_is_followed_state_by_state():
    vocabulary = Vocabulary(EVEN_RUNS.characters)
    parameters = init_parameters(len(vocabulary), 4, np.random.default_rng(0), scale=1.0)
    model = MODEL._replace(parameters=parameters, vocabulary=vocabulary)
    widget = widgets.look_inside(model, language=EVEN_RUNS)
    text, _ = EVEN_RUNS.sample(200, np.random.default_rng(0))
    states = EVEN_RUNS.beliefs(text).argmax(axis=1)
    assert widget.source.value == text and widget.problem.value == ""
    assert [f.split()[0] for f in widget.feature.options] == ["state"] * len(EVEN_RUNS.states)
    assert np.array_equal(heat_pictures(widget)[0][0, :, 3] > 0, states == 0)
    seen = set()
    for i in (3, 4, 5):
        widget.place.value = i + 1
        name = EVEN_RUNS.states[states[i]]
        assert f"to character {i + 1}, in state {name}'" in widget.path.value
        assert f"After character {i + 1}, <b>{text[i]}</b>, the language is" in widget.path.value
        seen.add(widget.path.value)
    assert len(seen) == 3
    widget.button.click()
    assert "10,000 characters of the language" in widget.probed.value
    widget.source.value = "abba" * 6
    assert "After character 6, <b>b</b>, the language is in state B" in widget.path.value
    for wrong in ("abab", "abc"):
        widget.source.value = wrong
        assert "cannot be shown" in plain(widget.problem.value)


def test_a_made_language_is_followed_on_paper_too():
    lesson = Lesson(EVEN_RUNS, 2, 0)
    lesson.learn(lambda: None)
    model = Checkpoint(lesson.parameters, lesson.vocabulary)
    text = "aabbabbbba"
    said = repr(widgets.look_inside(model, language=EVEN_RUNS, text=text)).splitlines()
    assert said[0] == "Look inside: run this cell in JupyterLab to use it."
    assert [line.split(": ")[1].strip() for line in said[2:]] == [text, "AABAABABAA", "AABAABABAA"]
    for weights in lesson.parameters:  # a network whose state never changes
        weights[:] = 0
    silent = repr(widgets.look_inside(model, language=EVEN_RUNS, text=text)).splitlines()
    assert silent[:4] == said[:4] and silent[4].endswith(" AAAAAAAAAA")
    assert "\n" not in repr(widgets.look_inside(MODEL, text="the goose"))


def test_a_feature_that_the_text_lacks_is_said(inside):
    for feature, text in (("space", "goose"), ("vowel", "aeiou")):
        inside.feature.value, inside.source.value = feature, text
        said = plain(inside.problem.value)
        assert f"no unit can follow “{feature}” in this text: it is true of every" in said


def test_units_that_never_change_are_shown(inside):
    silent = MODEL.parameters._make(np.zeros_like(array) for array in MODEL.parameters)
    widget = widgets.look_inside(MODEL._replace(parameters=silent))
    assert widget.problem.value == "" and widget.unit.options[0] == ("unit 0: +0.00", 0)


@pytest.mark.parametrize("make", WIDGETS)
def test_a_model_that_cannot_be_right_is_said(make):
    nan = MODEL.parameters._replace(by=np.full_like(MODEL.parameters.by, np.nan))
    fewer = MODEL._replace(vocabulary=Vocabulary("The bltomsaid"))
    models = {"good": MODEL, "nan": MODEL._replace(parameters=nan), "fewer": fewer}
    widget = make(models)
    assert widget.problem.value == ""
    for name, words in (("nan", "infinite or NaN; did the"), ("fewer", "the vocabulary 13; use")):
        widget.model.value = name
        if "source" in dir(widget):
            widget.source.value = "The bell tolls."[:-1]
        assert words in widget.problem.value
        assert "<td>nan" not in all_html(widget) and "9223372036" not in all_html(widget)


@pytest.mark.parametrize("make", [widgets.surprise_map, widgets.look_inside])
def test_controls_of_an_empty_widget_do_nothing(make):
    widget = make(MODEL, text="")
    assert "need at least two characters, got 0" in widget.problem.value
    if "place" in dir(widget):
        widget.place.max = 3
        widget.place.value = 3
    widget.source.value = "The bell"
    assert widget.problem.value == ""


def all_html(widget):
    return "".join(view.value for view in widget.views if isinstance(view, HTML))


@pytest.mark.parametrize("make", WIDGETS)
def test_the_models_of_the_series_can_be_chosen(make):
    widget = make()
    assert set(widget.model.options) == set(widgets.PASSAGES) and widget.model in widget.children
    for name in [*widgets.PASSAGES][::-1]:
        widget.model.value = name
        assert widget.problem.value == ""
    assert "source" not in dir(widget) or widget.source.value == PASSAGE


def test_every_stored_model_of_english_is_offered():
    assert set(widgets.PASSAGES) == set(MODELS) - {"declaration"}  # twelve languages, chapter 09
    assert widgets.temperature_explorer().model.value == "tale_of_two_cities"


def test_a_feature_is_chosen_first():
    model = load_model("tale_of_two_cities_lstm")
    widget = widgets.look_inside(model, follows="inside a quotation")
    assert widget.problem.value == "" and widget.feature.value == "inside a quotation"
    assert widget.unit.value == 420  # cell 164, which chapter 10 shows
    with pytest.raises(ValueError, match="follows is 'quotes'; choose one of space, line end"):
        widgets.look_inside(model, follows="quotes")


@pytest.mark.parametrize("make", WIDGETS)
def test_a_model_of_ones_own(make):
    widget = make({"mine": MODEL})
    assert widget.model.options == ("mine",) and widget.model not in widget.children


def test_passages_can_be_read_by_their_models():
    for name, passage in widgets.PASSAGES.items():
        check_readable(load_model(name).vocabulary, passage)


@pytest.mark.parametrize("make", WIDGETS)
def test_stored_form_is_one_line(make):
    assert re.fullmatch(r"[\w ]+: run this cell in JupyterLab to use it\.", repr(make(MODEL)))


@pytest.fixture
def shown(monkeypatch):
    """What `live_training` displays, update by update: the figure, and the words in it."""
    seen = []

    def keep(figure):
        seen.append((figure, figure.get_supxlabel()))

    class Handle:
        update = staticmethod(keep)

    def display(figure, display_id):
        assert display_id is True and not seen, "one picture, later ones in its place"
        keep(figure)
        return Handle

    monkeypatch.setattr(live, "display", display)
    monkeypatch.setattr(live, "get_ipython", lambda: True)
    return seen


def small(make_optimizer=Adagrad):
    text = "the goose and the bell, " * 20
    vocabulary = Vocabulary.from_text(text)
    rng = np.random.default_rng(0)
    parameters = init_parameters(len(vocabulary), 16, rng)
    ids = vocabulary.encode(text)
    return parameters, vocabulary, ids, make_optimizer(parameters, 0.05), rng


def test_live_training_is_training(shown, capsys):
    parameters, vocabulary, ids, optimizer, rng = small()
    run = widgets.live_training(
        parameters, vocabulary, ids, optimizer, 100, rng, every=0, clip_by="norm", length=9
    )
    other, _, _, optimizer, rng = small()
    plainly = train(other, ids, optimizer, 100, rng, clip_by="norm", length=9)
    assert run.losses == plainly.losses and np.array_equal(parameters.Whh, other.Whh)
    assert len(shown) == 101  # after each step, and at the end


def test_a_run_is_continued(shown, monkeypatch, capsys):
    parameters, vocabulary, ids, optimizer, rng = small()
    asked = parameters, vocabulary, ids, optimizer
    run = widgets.live_training(*asked, 30, rng)
    shown.clear()  # another cell
    assert widgets.live_training(*asked, 20, rng, run=run) is run and run.step == 50
    other, _, _, optimizer, rng = small()
    assert run.losses == train(other, ids, optimizer, 50, rng).losses
    assert shown[-1][0].axes[0].get_xlim()[1] > 50


def test_the_text_is_in_the_picture_while_it_grows_and_printed_at_the_end(shown, capsys):
    parameters, vocabulary, ids, optimizer, rng = small()
    widgets.live_training(parameters, vocabulary, ids, optimizer, 9, rng, every=0, prompt="goose")
    *growing, last = [words for _, words in shown]
    assert len(growing) == 9 and all(words.startswith("goose") for words in growing)
    assert last == ""
    said = capsys.readouterr().out
    assert said.startswith("After step 9 it writes:\ngoose") and said.count("After step") == 1
    assert all(len(line) <= live.NARROW for line in said.splitlines())
    assert shown[-1][0].in_a_hurry is False  # the last picture is a sharp one


def test_live_training_works_without_a_notebook(capsys):
    parameters, vocabulary, ids, optimizer, rng = small()
    assert widgets.live_training(parameters, vocabulary, ids, optimizer, 5, rng).step == 5
    assert capsys.readouterr().out.startswith("After step 5 it writes:\nt")


def test_live_training_draws_three_losses(shown):
    parameters, vocabulary, ids, optimizer, rng = small()
    run = widgets.live_training(parameters, vocabulary, ids, optimizer, 130, rng)
    (axes,) = shown[0][0].axes
    raw, mean, smooth = axes.lines[:3]
    for line, nats in (
        (raw, run.losses), (mean, windowed_mean(run.losses, 100)), (smooth, run.smoothed),
    ):  # fmt: skip
        assert np.array_equal(line.get_xdata(), np.arange(1, 131))
        assert np.allclose(line.get_ydata(), np.array(nats) / np.log(2))
    assert axes.get_xlim()[1] > 130 and "bits per character" in axes.get_ylabel()
    said = [text.get_text() for text in axes.texts]
    ends = (np.mean(run.losses[-100:]), run.smoothed[-1]) / np.log(2)
    assert said[1:] == [f"mean {ends[0]:.2f}", f"smoothed {ends[1]:.2f}"]


@pytest.mark.parametrize("mean, smoothed", [
    (1.0, 3.0), (3.0, 1.0), (2.0, 2.1), (2.1, 2.0), (2.0, 2.0), (0.1, 0.1), (0.2, 0.1), (0.1, 4.0),
])  # fmt: skip
def test_labels_stand_at_their_curves_and_apart(mean, smoothed):
    picture = live.LossPicture(100, np.log2(40))
    low, high = picture.label_heights(mean, smoothed)
    line = 0.08 * picture.axes.get_ylim()[1]
    assert abs(low - high) >= line - 1e-9 and min(low, high) >= line - 1e-9
    assert (low < high) == (mean <= smoothed)
    if abs(mean - smoothed) > line and min(mean, smoothed) > line:
        assert (low, high) == (mean, smoothed)


@pytest.mark.parametrize("prompt, words", [("", "prompt is empty"), ("5", "never seen '5'")])
def test_a_prompt_that_cannot_be_read_is_refused_first(shown, prompt, words):
    parameters, vocabulary, ids, optimizer, rng = small()
    with pytest.raises(ValueError, match=words):
        widgets.live_training(parameters, vocabulary, ids, optimizer, 9, rng, prompt=prompt)
    assert shown == []


def test_arguments_that_train_refuses_show_no_picture(shown):
    parameters, vocabulary, ids, optimizer, rng = small()
    with pytest.raises(ValueError, match="steps must be a whole number"):
        widgets.live_training(parameters, vocabulary, ids, optimizer, 2.5, rng)
    with pytest.raises(ValueError, match="vocabulary 3; use"):
        widgets.live_training(parameters, Vocabulary("abt"), ids, optimizer, 2, rng, prompt="a")
    assert shown == []


def test_live_training_of_no_steps(shown):
    parameters, vocabulary, ids, optimizer, rng = small()
    assert widgets.live_training(parameters, vocabulary, ids, optimizer, 0, rng).losses == []
    assert shown == []


class Interrupting(Adagrad):
    """Presses Stop in the middle of its seventh step."""

    steps = 0

    def step(self, gradients):
        self.steps += 1
        if self.steps == 7:
            signal.raise_signal(signal.SIGINT)
        super().step(gradients)


def test_an_interrupt_ends_it_quietly_and_it_can_be_continued(shown, capsys):
    parameters, vocabulary, ids, optimizer, rng = small(Interrupting)
    asked = parameters, vocabulary, ids, optimizer
    run = widgets.live_training(*asked, 30, rng)
    assert run.step == len(run.losses) == 7
    assert len(shown) == 1 and shown[0][0].axes[0].lines[0].get_xdata()[-1] == 7
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "After step 7 it writes:"
    assert said[-1].startswith("Stopped after step 7 of 30. To continue,")
    shown.clear()
    widgets.live_training(*asked, 23, rng, run=run)
    other, _, _, optimizer, rng = small()
    assert run.losses == train(other, ids, optimizer, 30, rng).losses
    assert "Stopped" not in capsys.readouterr().out


def test_an_interrupt_that_train_does_not_turn_into_its_own_ends_the_cell(shown, monkeypatch):
    """The second press during one step: no step is finished, so nothing may look so."""
    parameters, vocabulary, ids, optimizer, rng = small()

    def interrupted(*args, **how):
        raise KeyboardInterrupt

    monkeypatch.setattr(live, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        widgets.live_training(parameters, vocabulary, ids, optimizer, 30, rng)
