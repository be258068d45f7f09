"""The widgets that show clusters, in a real browser: with keyboard and mouse, light and dark.

Clusters that form, and the way through them in "Look inside". See tests/test_browser.py. `make
pictures` keeps the pictures that are taken here.
"""

import re

import pytest
from conftest import BROWSER
from lab import (
    assert_accessible,
    assert_keeps_its_keys,
    assert_soon,
    cells_page,
    find_widget,
    settle,
)
from test_browser import keep_picture, row
from test_browser_widgets import THEMES, TOO_WIDE, shrink_and_enlarge

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
CELLS = [
    "from rnn_helpers.widgets import look_inside, watch_clusters\nwatch_clusters(hidden_size=2)",
    """from rnn_helpers.checkpoints import Checkpoint
from rnn_helpers.languages import REBER
from rnn_helpers.widgets.clusters import Lesson
lesson = Lesson(REBER, 16, 0)
lesson.learn(lambda: None)
look_inside(Checkpoint(lesson.parameters, lesson.vocabulary), language=REBER)""",
    "print('all', 'there')",
]
# The colours of what is drawn and written, and of the page below it; what fills large areas.
COLOURS = """box => {
    const parts = [...box.querySelectorAll('svg text, .rnn-step, .rnn-step i, .rnn-followed')];
    const ink = e => e.tagName === 'text' ? getComputedStyle(e).fill : getComputedStyle(e).color;
    const grounds = [...box.querySelectorAll('svg, svg rect, .rnn-page, .rnn-states')];
    return [parts.map(ink), grounds.filter(e => e.getBoundingClientRect().width > 100).map(
        e => getComputedStyle(e).backgroundColor + getComputedStyle(e).fill.repeat(
            e.tagName === 'rect'))]}"""
SMALLEST = """box => Math.min(...[...box.querySelectorAll('svg text')].map(
    t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a))"""


@pytest.fixture(scope="module", params=THEMES)
def theme(request):
    return request.param


@pytest.fixture(scope="module")
def opened(chromium, theme):
    """A notebook with the two widgets, run: (page, its panel)."""
    with cells_page(chromium, theme, "clusters.ipynb", CELLS) as found:
        yield found


@pytest.fixture
def fresh(opened):
    return find_widget(opened, 0)


@pytest.fixture
def widget(opened):
    """The widget after a training on even runs, at the first character."""
    from playwright.sync_api import expect

    page, box = find_widget(opened, 0)
    chosen = row(box, "language").locator("select")
    if chosen.input_value() != "even runs":
        chosen.select_option("even runs")
    if not box.locator(".rnn-step").count():
        train(box)
    box.locator("[data-i='0']").click()
    expect(box.locator(".rnn-followed")).to_contain_text("After character 1,")
    return page, box


@pytest.fixture
def inside(opened):
    return find_widget(opened, 1)


def said(box):
    return box.locator("svg").first.get_attribute("aria-label")


def train(box):
    """Press the button by keyboard, and wait for the sliders that come at the end."""
    from playwright.sync_api import expect

    button = box.get_by_role("button", name="Train")
    button.focus()
    button.press("Enter")
    expect(row(box, "training step")).to_be_visible(timeout=120_000)
    expect(box.locator(".rnn-step")).to_have_count(120)


def expect_character(box, n):
    """Wait until everything agrees on character n: frame, slider, words, and picture."""
    from playwright.sync_api import expect

    expect(box.locator(".rnn-followed")).to_contain_text(f"After character {n}, ")
    expect(box.locator(f"[data-i='{n - 1}']")).to_have_css("outline-style", "solid")
    handle = row(box, "character").locator(".noUi-handle")
    expect(handle).to_have_attribute("aria-valuenow", f"{n}.0")
    expect(box.locator("svg").last).to_have_attribute(
        "aria-label", re.compile(f"the way to character {n}, in state ")
    )


def no_white_slab(box, theme):
    """Nothing large is filled with white in a dark page, and words stand out from it."""
    settle(box.page)
    inks, grounds = box.evaluate(COLOURS)
    dark = theme == THEMES[1]
    assert inks and grounds
    assert not dark or not any("255, 255, 255" in ground for ground in grounds)
    assert all((int(re.search(r"\d+", ink)[0]) > 128) == dark for ink in inks)


def small_pages(page, box):
    """A page of 900 pixels, and one enlarged to 150 per cent: all fits, and can be read."""
    shrink_and_enlarge(page, box)
    for width, height in ((900, 900), (853, 600)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        assert box.evaluate(TOO_WIDE) == [] and box.evaluate(SMALLEST) > 10
        assert_accessible(box)


@pytest.mark.looks
def test_before_it_is_trained_it_says_so(fresh, theme):
    page, box = fresh
    assert said(box) == "Training on even runs: nothing is learnt yet"
    assert box.locator(".noUi-handle").count() == 1  # that of the neurons
    no_white_slab(box, theme)
    assert_accessible(box)


@pytest.mark.looks
def test_it_trains_and_looks_as_its_picture(widget, theme):
    page, box = widget
    handle = row(box, "character").locator(".noUi-handle")
    handle.focus()
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    expect_character(box, 12)
    settle(page)
    tops = [svg.bounding_box()["y"] for svg in box.locator("svg").all()]
    assert len(tops) == 2 and tops[0] == tops[1]  # side by side
    page.mouse.move(0, 0)
    cost, best = map(float, re.findall(r"\d\.\d{3}", said(box)))
    assert "after step 3,000" in said(box) and 0 <= cost - best < 0.01
    if theme == THEMES[0]:
        keep_picture(box, "watch_clusters")
    no_white_slab(box, theme)
    assert_accessible(box)


def test_the_sliders_go_back_in_time_and_along_the_text(widget):
    from playwright.sync_api import expect

    page, box = widget
    step = row(box, "training step").locator(".noUi-handle")
    expect(step).to_have_attribute("aria-label", "training step")
    step.focus()
    page.keyboard.press("Home")
    loss = box.locator("svg").first
    expect(loss).to_have_attribute("aria-label", re.compile("after step 0 "))
    page.keyboard.press("End")
    expect(loss).to_have_attribute("aria-label", re.compile("after step 3,000 "))
    grip = row(box, "character").locator(".noUi-handle").bounding_box()
    track = row(box, "character").locator(".slider").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] / 2, grip["y"] + 5, steps=8)
    page.mouse.up()
    expect(box.locator(".rnn-followed")).to_contain_text(re.compile("After character [56]"))


def test_a_click_goes_to_a_character_and_keys_walk_from_there(widget):
    page, box = widget
    for i in (30, 7, 119, 40):
        box.locator(f"[data-i='{i}']").click()
        expect_character(box, i + 1)
    frame = "e => getComputedStyle(e).outlineStyle"
    assert box.locator("[data-i='30']").evaluate(frame) == "none"
    for key, n in (
        ("ArrowRight", 42), ("ArrowRight", 43), ("ArrowLeft", 42), ("Home", 1),
        ("ArrowLeft", 1), ("ArrowRight", 2), ("End", 120), ("ArrowRight", 120),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect_character(box, n)
    row(box, "character").locator(".noUi-handle").focus()
    page.keyboard.press("Home")
    expect_character(box, 1)
    box.locator(".rnn-page").focus()  # the keys go on from where the slider was
    page.keyboard.press("ArrowRight")
    expect_character(box, 2)


def test_jupyterlab_takes_no_key_from_it(widget, opened):
    page, box = widget
    sliders = row(box, "training step"), row(box, "character"), row(box, "neurons")
    parts = [box.locator(".rnn-page"), box.get_by_role("button", name="Train")]
    parts += [slider.locator(".noUi-handle") for slider in sliders[:2]]
    for part in parts:
        assert_keeps_its_keys(opened, part, ["ArrowDown", "ArrowUp"], CELLS)


def test_it_answers_within_a_tenth_of_a_second(widget):
    page, box = widget
    act = "box.querySelectorAll('[data-i]')[3 + 7 * i].click()"
    # On a machine that does nothing else it is 100.
    assert_soon(box, ".rnn-followed", act, limit=200)


def test_on_a_narrow_page_and_enlarged(widget):
    page, box = widget
    small_pages(page, box)
    box.locator("[data-i='20']").click()
    expect_character(box, 21)


def test_another_language_has_to_be_learnt_first(widget):
    from playwright.sync_api import expect

    page, box = widget
    row(box, "language").locator("select").select_option("Reber's grammar")
    expect(box.locator("svg").first).to_have_attribute(
        "aria-label", "Training on Reber's grammar: nothing is learnt yet"
    )
    expect(box.locator(".rnn-step")).to_have_count(0)
    expect(box.locator(".rnn-followed")).to_have_text("")
    train(box)
    expect_character(box, 1)
    expect(box.locator(".rnn-followed")).to_contain_text("the language is in state 1")
    box.locator("[data-i='9']").click()
    expect_character(box, 10)


# Look inside, along a text of a made language.


def way(box):
    return box.locator(".rnn-states svg")


def expect_way(box, n):
    from playwright.sync_api import expect

    expect(way(box)).to_have_attribute(
        "aria-label", re.compile(f"the way to character {n}, in state ")
    )
    expect(box.locator(".rnn-states p")).to_contain_text(f"After character {n}, ")


@pytest.mark.looks
def test_look_inside_follows_a_state_through_the_clusters(inside, theme):
    page, box = inside
    box.locator(".rnn-light [data-i='40']").click()
    expect_way(box, 41)
    for n in (42, 43):
        page.keyboard.press("ArrowRight")
        expect_way(box, n)
    settle(page)
    words = box.locator(".rnn-states p").inner_text()
    states = re.findall(r"state (\d)", words)
    assert len(states) == 2 and states[0] == states[1]
    no_white_slab(box, theme)
    assert_accessible(box)
    if theme == THEMES[0]:
        keep_picture(box.locator(".rnn-states"), "look_inside_clusters")


def test_jupyterlab_takes_no_key_from_the_way(inside, opened):
    page, box = inside
    for part in (".rnn-heat", ".rnn-page", ".noUi-handle", "button"):
        assert_keeps_its_keys(opened, box.locator(part), ["ArrowDown"], CELLS)


def test_the_way_answers_within_a_tenth_of_a_second(inside):
    page, box = inside
    act = "box.querySelectorAll('.rnn-light [data-i]')[3 + 7 * i].click()"
    # On a machine that does nothing else it is 100.
    assert_soon(box, ".rnn-states", act, limit=200)


def test_a_text_that_the_language_cannot_write_is_refused(inside):
    from playwright.sync_api import expect

    page, box = inside
    text = row(box, "text").locator("textarea")
    before = text.input_value()
    text.fill("BTXSEBB")
    expect(box.get_by_role("alert")).to_contain_text(
        "Reber's grammar cannot write 'B' as character 7 of this text, after 'BTXSEB'"
    )
    text.fill(before)
    expect(box.get_by_role("alert")).to_have_count(0)


def test_the_way_on_a_narrow_page_and_enlarged(inside):
    page, box = inside
    small_pages(page, box)
    box.locator(".rnn-light [data-i='20']").click()
    expect_way(box, 21)
