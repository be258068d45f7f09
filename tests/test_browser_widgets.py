"""The widgets of chapter 06 in a real browser: with keyboard and mouse, in light and in dark.

See tests/test_browser.py. `make pictures` keeps the pictures that are taken here.
"""

import re

import pytest
from conftest import BROWSER
from lab import (
    DANGEROUS,
    assert_accessible,
    assert_keeps_its_keys,
    assert_soon,
    cells_page,
    find_widget,
    settle,
)
from test_browser import keep_picture, row

from rnn_helpers.widgets.texts import PASSAGES

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
CELLS = [
    "from rnn_helpers.widgets import look_inside, surprise_map, temperature_explorer",
    "temperature_explorer()",
    "surprise_map()",
    "look_inside()",
    "print('all', 'there')",
]
THEMES = ["JupyterLab Light", "JupyterLab Dark"]
# How far below the widget's top the parts with these selectors stand, and how tall they are.
PLACES = """(box, parts) => parts.flatMap(part => [...box.querySelectorAll(part)].map(e => {
    const at = e.getBoundingClientRect(), top = box.getBoundingClientRect().top;
    return [part, Math.round(at.top - top), Math.round(at.height)]}))"""
# Whether something in the widget is wider than the widget.
TOO_WIDE = """box => [...box.querySelectorAll('*')].filter(e => !e.closest('.rnn-picked')
    && e.getBoundingClientRect().right > box.getBoundingClientRect().right + 2)
    .map(e => e.outerHTML.slice(0, 99))"""


@pytest.fixture(scope="module", params=THEMES)
def theme(request):
    return request.param


@pytest.fixture(scope="module")
def opened(chromium, theme):
    """A notebook with the three widgets, run: (page, its panel)."""
    with cells_page(chromium, theme, "three.ipynb", CELLS) as found:
        yield found


@pytest.fixture
def explorer(opened):
    return find_widget(opened, 0)


@pytest.fixture
def surprise(opened):
    return find_widget(opened, 1)


@pytest.fixture
def inside(opened):
    return find_widget(opened, 2)


def shrink_and_enlarge(page, box):
    """On a page of 900 pixels, and on one of 1280 by 900 enlarged to 150 per cent, which has 853
    by 600 pixels of CSS: nothing is wider than the widget."""
    for width, height in ((900, 900), (853, 600)):
        page.set_viewport_size({"width": width, "height": height})
        for _ in range(20):  # JupyterLab needs a moment
            page.wait_for_timeout(250)
            if not (wide := box.evaluate(TOO_WIDE)):
                break
        assert wide == [], width


def expect_character(box, i, came):
    """Wait until everything agrees on character i: the frame, the slider, what was expected."""
    from playwright.sync_api import expect

    expect(box.locator(".rnn-expected")).to_contain_text(came)
    expect(box.locator(f"[data-i='{i}']")).to_have_css("outline-style", "solid")
    expect(box.locator(".noUi-handle")).to_have_attribute("aria-valuenow", f"{i + 1}.0")


@pytest.mark.looks
def test_the_surprise_map_looks_as_its_picture(surprise, theme):
    page, box = surprise
    box.locator("[data-i='35']").click()
    expect_character(box, 35, "the␣ferry came m")
    if theme == THEMES[0]:
        keep_picture(box, "surprise_map")
    assert_accessible(box)


def test_a_click_chooses_a_character(surprise):
    page, box = surprise
    for i, came in ((20, "came ␣"), (3, "came n"), (0, "Nothing predicts"), (35, "came m")):
        box.locator(f"[data-i='{i}']").click()
        expect_character(box, i, came)
    assert box.locator("[data-i='3']").evaluate("e => getComputedStyle(e).outlineStyle") == "none"


def test_keys_walk_through_the_map_and_along_the_slider(surprise):
    page, box = surprise
    box.locator("[data-i='35']").click()
    expect_character(box, 35, "came m")
    for key, i, came in (
        ("ArrowRight", 36, "came a"), ("ArrowRight", 37, "came n"), ("ArrowLeft", 36, "came a"),
        ("Home", 0, "Nothing predicts"), ("ArrowLeft", 0, "Nothing predicts"),
        ("ArrowRight", 1, "came I"), ("End", 207, "came ⏎"), ("ArrowRight", 207, "came ⏎"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect_character(box, i, came)
    row(box, "character").locator(".noUi-handle").focus()
    page.keyboard.press("Home")
    expect_character(box, 0, "Nothing predicts")
    for i, came in ((1, "came I"), (2, "came ␣"), (3, "came n")):
        page.keyboard.press("ArrowRight")
        expect_character(box, i, came)
    box.locator(".rnn-page").focus()  # the keys go on from where the slider was
    page.keyboard.press("ArrowRight")
    expect_character(box, 4, "came e")


def test_jupyterlab_takes_no_key_from_the_map(surprise, opened):
    page, box = surprise
    box.locator("[data-i='5']").click()
    for key in DANGEROUS:
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert opened[1].locator(".jp-Cell").count() == len(CELLS)
    expect_character(box, 5, "came v")


def test_what_was_expected_stays_in_its_place(surprise):
    page, box = surprise
    for width in (1280, 700):
        page.set_viewport_size({"width": width, "height": 900})
        before = None
        for i in (1, 0, 35, 100, 207):
            box.locator(f"[data-i='{i}']").click()
            expect_character(box, i, "")
            settle(page)
            places = box.evaluate(PLACES, [".rnn-expected", ".rnn-page"])
            places.append(box.bounding_box()["height"])
            before = before or places
            assert places == before


def test_the_surprise_map_answers_within_a_tenth_of_a_second(surprise):
    page, box = surprise
    act = "box.querySelectorAll('[data-i]')[3 + 7 * i].click()"
    assert_soon(box, ".rnn-expected", act)


def test_the_surprise_map_on_a_narrow_page_and_enlarged(surprise):
    page, box = surprise
    shrink_and_enlarge(page, box)
    box.locator("[data-i='35']").click()
    expect_character(box, 35, "came m")


@pytest.mark.looks
def test_a_text_is_typed_into_the_surprise_map(surprise):
    from playwright.sync_api import expect

    page, box = surprise
    text = row(box, "text").locator("textarea")
    text.fill("")
    expect(box.get_by_role("alert")).to_contain_text("at least two characters")
    text.press_sequentially("The ferry")
    expect(box.locator(".rnn-cost")).to_have_count(9)
    expect(box.locator("caption").nth(1)).to_have_text("9 characters")
    expect(box.get_by_role("alert")).to_have_count(0)
    text.fill("Room 5")
    expect(box.get_by_role("alert")).to_contain_text("never seen '5'")
    text.fill("The bell rang. " * 660)
    expect(box.locator(".rnn-cost")).to_have_count(9900, timeout=30_000)
    row(box, "character").locator(".noUi-handle").focus()
    page.keyboard.press("End")
    expect(row(box, "character").locator(".widget-readout")).to_have_text("9900")
    last = box.locator("[data-i='9899']")
    page.wait_for_function(  # the map has scrolled to it
        """() => {
            const e = document.querySelector("[data-i='9899']"), p = e.closest('.rnn-page');
            return e.getBoundingClientRect().top < p.getBoundingClientRect().bottom;
        }"""
    )
    expect(last).to_have_css("outline-width", "2px")
    text.fill("The bell rang. " * 700)
    said = box.get_by_role("alert")
    expect(said).to_contain_text("10,500 characters are too many", timeout=30_000)
    text.fill("The bell rang.")
    expect(box.locator(".rnn-cost")).to_have_count(14, timeout=30_000)
    handle = row(box, "character").locator(".noUi-handle")  # of a new slider
    expect(handle).to_have_attribute("aria-valuemax", "14.0")
    expect(handle).to_have_attribute("aria-label", "character")
    assert_accessible(box)


def column(box, number):
    return box.locator(f".rnn-column{number}")


def temperature(box, number):
    return row(column(box, number), "temperature").locator(".noUi-handle")


def written(box, number):
    settle(box.page)
    return column(box, number).locator(".rnn-page").inner_text()


def start(box):
    """The first text again: the prompt, the sliders, and no character chosen."""
    from playwright.sync_api import expect

    prompt = row(box, "prompt").locator("input")
    prompt.fill("The ferry")
    prompt.press("Enter")
    for number in (0, 1):
        expect(column(box, number).locator("b").first).to_have_text("The ferry")
        expect(column(box, number).locator("caption b")).to_have_count(1)
    box.get_by_role("button", name="undo all choices").click()
    expect(box.locator(".rnn-page .rnn-kept")).to_have_count(0)


@pytest.mark.looks
def test_the_explorer_looks_as_its_picture(explorer, theme):
    from playwright.sync_api import expect

    page, box = explorer
    expect(box.get_by_label("model", exact=True)).to_have_value("tale_of_two_cities")
    column(box, 0).locator("[data-i='12']").click()
    column(box, 0).locator("tbody button").nth(3).click()
    expect(column(box, 0).locator(".rnn-page .rnn-kept")).to_have_count(1)
    if theme == THEMES[0]:
        page.mouse.move(0, 0)
        keep_picture(box, "temperature_explorer")
    assert_accessible(box)


@pytest.mark.parametrize("number, other", [(0, 1), (1, 0)])
def test_each_slider_moves_its_own_text(explorer, number, other):
    from playwright.sync_api import expect

    page, box = explorer
    start(box)
    still = written(box, other)
    best = column(box, number).locator("tbody td").nth(1)
    temperature(box, number).focus()
    page.keyboard.press("Home")
    expect(column(box, number).locator(".rnn-page .rnn-chance3")).to_have_count(0)
    expect(best).to_have_text("100.0%")
    cold = written(box, number)
    page.keyboard.press("End")
    expect(column(box, number).locator(".rnn-page .rnn-chance3").nth(20)).to_be_visible()
    expect(best).not_to_have_text("100.0%")
    assert written(box, number) != cold and written(box, other) == still
    grip = temperature(box, number).bounding_box()
    track = row(column(box, number), "temperature").locator(".slider").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] / 4, grip["y"] + 5, steps=8)
    page.mouse.up()
    readout = row(column(box, number), "temperature").locator(".widget-readout")
    expect(readout).to_have_text(re.compile("1.[0-4]"))


def test_another_character_is_chosen_by_mouse_and_by_keys(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    start(box)
    part = column(box, 1)
    before = written(box, 1)
    part.locator("[data-i='20']").click()
    expect(part.locator("[data-i='20']")).to_have_css("outline-style", "solid")
    settle(page)
    came = part.locator("[data-i='20']").inner_text()
    another = part.locator("button[aria-pressed=false]").first
    chosen = another.inner_text().replace("␣", " ").replace("⏎", "\n")
    another.click()
    expect(part.locator(".rnn-page .rnn-kept")).to_have_count(1)
    kept = len("The ferry") + 20
    assert written(box, 1)[:kept] == before[:kept] and chosen != came
    expect(part.locator("button[aria-pressed=true]")).to_be_focused()
    chosen_text = written(box, 1)
    part.locator("[data-i='5']").click()  # now by keys
    page.keyboard.press("ArrowRight")
    expect(part.locator("[data-i='6']")).to_have_css("outline-style", "solid")
    page.keyboard.press("Enter")
    expect(part.locator("tbody button").first).to_be_focused()
    before = written(box, 1)
    assert before == chosen_text and part.locator("[data-i='20'].rnn-kept").count() == 1
    while part.locator("tbody button:focus").get_attribute("aria-pressed") == "true":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(part.locator("[data-i='6']")).to_have_class(re.compile("rnn-kept"))
    assert written(box, 1)[: len("The ferry") + 6] == before[: len("The ferry") + 6]
    assert written(box, 1) != before


def test_jupyterlab_takes_no_key_from_the_explorer(explorer, opened):
    page, box = explorer
    for part in (".rnn-page", "tbody button", ".noUi-handle"):
        assert_keeps_its_keys(opened, box.locator(part).first, ["ArrowDown"], CELLS)


def test_nothing_jumps_while_a_slider_moves(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    for width in (1280, 853):
        page.set_viewport_size({"width": width, "height": 900})
        start(box)
        before = None
        for number in (0, 1):
            temperature(box, number).focus()
            readout = row(column(box, number), "temperature").locator(".widget-readout")
            for key, value in (("Home", "0.00"), ("PageUp", None), ("End", "5.00")):
                page.keyboard.press(key)
                if value:
                    expect(readout).to_have_text(value)
                settle(page)
                places = box.evaluate(PLACES, [".rnn-page", "tbody", "tbody tr"])
                places.append(box.bounding_box()["height"])
                before = before or places
                assert places == before


def test_the_explorer_answers_within_a_tenth_of_a_second(explorer):
    page, box = explorer
    start(box)
    click = "box.querySelectorAll('.rnn-column1 [data-i]')[3 + 7 * i].click()"
    assert_soon(box, ".rnn-column1 .rnn-alternatives", click)
    temperature(box, 1).focus()
    page.keyboard.press("Home")
    key = (
        "box.querySelector('.rnn-column1 .noUi-handle').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))"
    )
    assert_soon(box, ".rnn-column1 .rnn-written", key)


def test_the_explorer_on_a_narrow_page_and_enlarged(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    start(box)
    shrink_and_enlarge(page, box)
    column(box, 1).locator("[data-i='9']").click()
    expect(column(box, 1).locator("[data-i='9']")).to_have_css("outline-style", "solid")


def test_prompt_seed_and_model_are_chosen_and_wrong_input_is_said_in_the_page(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    start(box)
    before = written(box, 0)
    box.get_by_label("model", exact=True).select_option("story")
    expect(box.locator(".rnn-page").first).not_to_have_text(before)
    prompt, first = row(box, "prompt").locator("input"), box.locator(".rnn-page b").first
    prompt.fill("Tom Pell ")
    prompt.press("Enter")
    expect(first).to_have_text("Tom Pell ")
    before = written(box, 0)
    seed = box.get_by_label("seed", exact=True)
    seed.fill("7")
    seed.press("Enter")
    expect(box.locator(".rnn-page").first).not_to_have_text(before)
    for wrong, said in (("Room 101", "never seen '1' (character 6"), ("", "prompt is empty")):
        prompt.fill(wrong)
        prompt.press("Enter")
        expect(box.get_by_role("alert")).to_contain_text(said)
        expect(first).to_have_text("Tom Pell ")
    prompt.fill("The Queen")
    prompt.press("Enter")
    expect(box.get_by_role("alert")).to_contain_text("never seen 'Q'")
    box.get_by_label("model", exact=True).select_option("tale_of_two_cities")
    expect(first).to_have_text("The Queen")
    expect(box.get_by_role("alert")).to_have_count(0)


def expect_unit(box, said):
    from playwright.sync_api import expect

    expect(box.locator(".rnn-words")).to_contain_text(said)


def at_share(part, across, down):
    """A point of a part of the page, for the mouse."""
    settle(part.page)
    where = part.bounding_box()
    return where["x"] + across * where["width"], where["y"] + down * where["height"]


@pytest.mark.looks
def test_look_inside_looks_as_its_picture(inside, theme):
    page, box = inside
    row(box, "follows").locator("select").select_option("a space comes next")
    box.get_by_role("button", name="probe all units").click()
    box.locator(".rnn-probed table").wait_for(timeout=30_000)
    box.locator("[data-i='27']").click()
    expect_unit(box, "character 28 of 208")
    if theme == THEMES[0]:
        page.set_viewport_size({"width": 1280, "height": 1250})
        keep_picture(box, "look_inside")
    assert_accessible(box)
    row(box, "follows").locator("select").select_option("space")
    box.locator(".rnn-probed table").wait_for(state="detached")


def test_a_click_and_keys_choose_a_unit_and_a_character(inside):
    from playwright.sync_api import expect

    page, box = inside
    picture = box.locator(".rnn-heat img")
    names = box.get_by_label("unit", exact=True)
    page.mouse.click(*at_share(picture, 0.4, 0.002))
    expect_unit(box, "After a, character 84 of 208, ")
    settle(page)
    highest = names.input_value()
    assert highest.split(": ")[1].startswith("+")
    page.keyboard.press("ArrowRight")
    expect_unit(box, "character 85 of 208, ")
    expect_unit(box, f"{highest.split(':')[0]} is at")
    page.keyboard.press("ArrowDown")
    expect(box.locator(".rnn-words")).not_to_contain_text(f"{highest.split(':')[0]} is at")
    expect_unit(box, "character 85 of 208, ")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # the first row is the end
    expect_unit(box, f"{highest.split(':')[0]} is at")
    page.keyboard.press("End")
    expect_unit(box, "character 208 of 208, ")
    page.mouse.click(*at_share(picture, 0.999, 0.999))
    expect(names).to_have_value(re.compile(": -"))
    box.locator(".rnn-page [data-i='35']").click()
    expect_unit(box, "After m, character 36 of 208")
    page.keyboard.press("ArrowLeft")
    expect_unit(box, "After y, character 35 of 208")
    expect(box.locator(".noUi-handle")).to_have_attribute("aria-valuenow", "35.0")
    settle(page)
    frame, where = (box.locator(p).bounding_box() for p in (".rnn-heat-column", ".rnn-heat img"))
    assert abs((frame["x"] - where["x"]) / where["width"] - 34 / 208) < 0.002


def test_the_keys_go_on_where_a_long_text_changes_its_window(inside):
    page, box = inside
    text = row(box, "text").locator("textarea")
    before = text.input_value()
    text.fill("The bell rang. " * 20)
    expect_unit(box, "of 300,")
    page.mouse.click(*at_share(box.locator(".rnn-heat img"), 0.999, 0.5))
    expect_unit(box, "character 240 of 300,")
    for i in (241, 242):  # the picture is another one now, and has the focus
        page.keyboard.press("ArrowRight")
        expect_unit(box, f"character {i} of 300,")
    for _ in range(12):  # faster than Python answers, and back over the border
        page.keyboard.press("ArrowLeft")
    expect_unit(box, "character 230 of 300,")
    page.keyboard.press("ArrowLeft")
    expect_unit(box, "character 229 of 300,")
    page.mouse.click(*at_share(box.locator(".rnn-heat img"), 0.999, 0.5))
    page.keyboard.press("ArrowRight")
    expect_unit(box, "character 241 of 300,")
    page.mouse.click(*at_share(box.locator(".rnn-heat img"), 0.001, 0.5))
    expect_unit(box, "character 61 of 300,")
    text.fill(before)
    expect_unit(box, "of 208,")


def test_jupyterlab_takes_no_key_from_look_inside(inside, opened):
    page, box = inside
    for part in (".rnn-heat", ".rnn-page", ".noUi-handle", "button"):
        assert_keeps_its_keys(opened, box.locator(part), ["ArrowDown"], CELLS)
        assert box.locator(part).evaluate("e => e === document.activeElement")


def test_nothing_in_look_inside_jumps(inside):
    page, box = inside
    parts = [".rnn-heat", ".rnn-page", ".noUi-handle", ".rnn-words", "button"]
    before = None
    for i in (0, 35, 100, 207):
        box.locator(f"[data-i='{i}']").click()
        expect_unit(box, f"character {i + 1} of 208")
        settle(page)
        places = [p[:2] for p in box.evaluate(PLACES, parts) if p[0] != ".noUi-handle"]
        before = before or places
        assert places == before


def test_look_inside_answers_within_a_tenth_of_a_second(inside):
    page, box = inside
    page.mouse.click(*at_share(box.locator(".rnn-heat img"), 0.3, 0.5))
    key = (
        "box.querySelector('.rnn-heat').dispatchEvent(new KeyboardEvent('keydown',"
        " {key: KEY, bubbles: true}))"
    )
    for part, which in ((".rnn-words", "ArrowRight"), (".rnn-light", "ArrowDown")):
        assert_soon(box, part, key.replace("KEY", f"'{which}'"))


def test_look_inside_on_a_narrow_page_and_enlarged(inside):
    page, box = inside
    shrink_and_enlarge(page, box)
    page.mouse.click(*at_share(box.locator(".rnn-heat img"), 0.502, 0.002))
    expect_unit(box, "character 105 of 208")


def test_units_are_chosen_by_keyboard_and_mouse(inside):
    from playwright.sync_api import expect

    page, box = inside
    unit = row(box, "unit").locator("select")
    light = box.locator(".rnn-page")
    before, first = light.inner_html(), unit.input_value()
    unit.focus()
    for key in ("Space", "ArrowDown", "Enter"):  # a bare arrow key goes to the next cell
        page.keyboard.press(key)
    expect(unit).not_to_have_value(first)
    expect(light).not_to_have_js_property("innerHTML", before)
    before = light.inner_html()
    row(box, "follows").locator("select").select_option("vowel")
    expect(light).not_to_have_js_property("innerHTML", before)
    settle(page)
    best, second = (
        abs(float(o.inner_text().split(":")[1].replace("−", "-")))
        for o in unit.locator("option").all()[:2]
    )
    assert best >= second > 0.3
    row(box, "text").locator("textarea").fill("goose")
    row(box, "follows").locator("select").select_option("space")
    expect(box.get_by_role("alert")).to_contain_text("no unit can follow “space” in this text")
    row(box, "text").locator("textarea").fill("the goose and the bell")
    expect(box.get_by_role("alert")).to_have_count(0)
    expect(light).to_contain_text("the goose and the bell")


LSTM = "tale_of_two_cities_lstm"
FOR_BOTH = "the goose and the bell"  # which the story's model and the novel's can read


def choose_model(box, name):
    """Choose a model; nothing may go wrong, and what it shows may not be greyed."""
    from playwright.sync_api import expect

    box.get_by_label("model", exact=True).select_option(name)
    expect(box.get_by_label("model", exact=True)).to_have_value(name)
    expect(box.get_by_role("alert")).to_have_count(0)
    expect(box.locator(".rnn-old")).to_have_count(0)


def test_the_explorer_lets_the_lstm_write(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    start(box)
    before = written(box, 0)
    choose_model(box, LSTM)
    expect(box.locator(".rnn-page").first).not_to_have_text(before)
    assert written(box, 0).startswith("The ferry")
    before = written(box, 0)
    temperature(box, 0).focus()
    page.keyboard.press("Home")
    expect(box.locator(".rnn-page").first).not_to_have_text(before)
    choose_model(box, "tale_of_two_cities")


def test_the_surprise_map_shows_what_the_lstm_pays(surprise):
    from playwright.sync_api import expect

    page, box = surprise
    total = box.locator("tr", has_text="this network")
    text, length = row(box, "text").locator("textarea"), box.locator("caption").nth(1)
    text.fill(FOR_BOTH)
    choose_model(box, "tale_of_two_cities")
    text.fill(PASSAGES[LSTM])
    expect(length).to_have_text("224 characters")
    settle(page)
    before = total.inner_text()
    choose_model(box, LSTM)
    expect(total).not_to_have_text(before)
    expect(length).to_have_text("224 characters")
    box.locator("[data-i='40']").click()
    expect(box.locator("[data-i='40']")).to_have_css("outline-style", "solid")
    text.fill(FOR_BOTH)
    expect(length).to_have_text(f"{len(FOR_BOTH)} characters")
    choose_model(box, "story")


@pytest.mark.looks
def test_look_inside_finds_the_cell_of_the_lstm_that_follows_quotations(inside, theme):
    from playwright.sync_api import expect

    page, box = inside
    feature = row(box, "follows").locator("select")
    text = row(box, "text").locator("textarea")
    before = feature.input_value()
    text.fill(FOR_BOTH)
    choose_model(box, LSTM)
    expect(box.locator(".rnn-heat-words")).to_contain_text("All 512 units")
    text.fill(PASSAGES[LSTM])
    expect_unit(box, f"of {len(PASSAGES[LSTM])},")
    feature.select_option("inside a quotation")
    expect_unit(box, "unit 420 is at")
    box.locator("[data-i='9']").click()  # inside the first quotation
    expect_unit(box, "unit 420 is at \u2212")
    if theme == THEMES[0]:
        box.get_by_role("button", name="probe all units").click()
        box.locator(".rnn-probed table").wait_for(timeout=60_000)
        page.mouse.move(0, 0)
        page.set_viewport_size({"width": 1280, "height": 1250})
        keep_picture(box, "look_inside_lstm")
    assert_accessible(box)
    feature.select_option(before)
    text.fill(FOR_BOTH)
    expect_unit(box, f"of {len(FOR_BOTH)},")
    choose_model(box, "story")
