"""The chapters as a reader has them: in JupyterLab, in a browser, with keyboard and mouse.

Needs Chromium and Playwright; where they are missing the tests are skipped, and the last
lines of the test run say so. `make pictures` runs these tests and keeps the pictures of
the widgets that they take.
"""

import os
import re

import nbformat
import pytest
from conftest import BROWSER, CHAPTERS, ROOT
from lab import FLAGS, IDLE, chapter_page, jupyterlab, run_all

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
WRONG = "[data-mime-type$='jupyter.stderr'], [data-mime-type$='jupyter.error']"
SAVED = "saved.ipynb"
KEEP_PICTURES = "KEEP_PICTURES" in os.environ
LIVE = [
    """import numpy as np
from rnn_helpers import plots
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.corpora import load_text
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.widgets import live_training
plots.use_style()
poem = load_text("poem")
vocabulary = Vocabulary.from_text(poem)
ids, rng = vocabulary.encode(poem), np.random.default_rng(0)
parameters = init_parameters(len(vocabulary), 64, rng)
optimizer = Adagrad(parameters, 0.03)""",
    "run = live_training(parameters, vocabulary, ids, optimizer, 20_000, rng)",
    """before = run.step
live_training(parameters, vocabulary, ids, optimizer, 300, rng, run=run)
print("went", "on", run.step - before, len(run.losses) == run.step)""",
]


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab():
    extra = {f"live_{stop}.ipynb": LIVE for stop in ("keyboard", "mouse")}
    extra |= {SAVED: ["from rnn_helpers.widgets import surprise_map\n\nsurprise_map()"]}
    with jupyterlab(extra=extra) as served:
        yield served


def keep_picture(part, name):
    """Take a picture of a part of the page; `make pictures` stores it in images/."""
    picture = part.screenshot()
    if KEEP_PICTURES:
        (ROOT / "images" / f"{name}.png").write_bytes(picture)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_a_chapter_runs_from_top_to_bottom(path, chromium, lab):
    with chapter_page(chromium, lab, path.name) as (page, panel, complaints):
        run_all(page, panel)
        assert panel.locator(WRONG).count() == 0
        pictures = panel.locator("img")
        assert pictures.count() > 0
        widths = pictures.evaluate_all("all => all.map(i => i.naturalWidth)")
        assert min(widths) > 300, "a picture is missing"
        assert panel.locator("mjx-container").count() > 0, "the equations are not drawn"
        assert complaints == []


def save(page, panel, file):
    """Save by the keyboard, and wait until the file is written."""
    before = file.stat().st_mtime_ns
    panel.locator(".jp-Notebook").focus()
    page.keyboard.press("Control+s")
    while file.stat().st_mtime_ns == before:
        page.wait_for_timeout(100)


def test_to_open_and_save_a_chapter_leaves_its_file_as_it_was(chromium, lab):
    name = next(p.name for p in CHAPTERS if p.name.startswith("05"))
    file = lab[2] / "notebooks" / name
    before = file.read_bytes()
    with chapter_page(chromium, lab, name) as (page, panel, complaints):
        save(page, panel, file)
        assert file.read_bytes() == before


def test_a_widget_that_was_saved_is_shown_without_its_kernel(chromium, lab):
    with chapter_page(chromium, lab, SAVED) as (page, panel, complaints):
        run_all(page, panel)
        panel.locator(".widget-vbox").first.wait_for()
        save(page, panel, lab[2] / "notebooks" / SAVED)
        assert panel.locator(".widget-vbox").first.is_visible()
        page.get_by_role("menuitem", name="Kernel", exact=True).click()
        page.get_by_role("menuitem", name="Shut Down Kernel", exact=True).click()
    with chapter_page(chromium, lab, SAVED) as (page, panel, complaints):
        text = panel.locator(".jp-OutputArea-output").first
        text.wait_for()
        assert "run this cell in JupyterLab" in text.inner_text()
        assert panel.get_by_text("model not found").count() == 0


@pytest.fixture(scope="module")
def played(chromium, lab):
    """Chapter 06 after Run All: (page, its notebook)."""
    name = next(p.name for p in CHAPTERS if p.name.startswith("06"))
    with chapter_page(chromium, lab, name) as (page, panel, complaints):
        run_all(page, panel)
        yield page, panel
        assert complaints == [] and panel.locator(WRONG).count() == 0


def widget(played, number):
    """The page and the widget with this number in chapter 06, scrolled to."""
    page, panel = played
    box = panel.locator(".jp-OutputArea-output > .widget-vbox").nth(number)
    box.wait_for(timeout=30_000)
    box.scroll_into_view_if_needed()
    return page, box


@pytest.fixture
def explorer(played):
    return widget(played, 0)


@pytest.fixture
def surprise(played):
    return widget(played, 1)


@pytest.fixture
def inside(played):
    return widget(played, 2)


def row(box, name):
    return box.locator(".widget-inline-hbox", has_text=re.compile(f"^{name}")).first


def choose_story(box):
    row(box, "model").locator("select").select_option("story")


def assert_accessible(page, number):
    """No serious violation in the widget, by axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(
        """n => document.querySelectorAll(
            '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output > .widget-vbox')[n]
            .setAttribute('data-axe', n)""",
        number,
    )
    found = Axe().run(page, context=f"[data-axe='{number}']").response
    assert len(found["passes"]) > 5, "axe-core has looked at nothing"
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not serious, [(v["id"], v["nodes"][0]["html"]) for v in serious]


def written(box):
    return box.locator(".rnn-page").inner_text()


def first_chance(box):
    return float(box.locator("tbody td").nth(1).inner_text().rstrip("%"))


def test_the_explorer_looks_as_its_picture(explorer):
    page, box = explorer
    keep_picture(box, "temperature_explorer")
    assert_accessible(page, 0)


def test_the_slider_follows_the_keyboard(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    text, chance = written(box), first_chance(box)
    handle = row(box, "temperature").locator(".noUi-handle")
    handle.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(row(box, "temperature").locator(".widget-readout")).to_have_text("0.70")
    assert handle.get_attribute("aria-valuenow") == "0.7"
    expect(box.locator(".rnn-page")).not_to_have_text(text)
    assert first_chance(box) < chance
    page.keyboard.press("Home")
    expect(box.locator("tbody td").nth(1)).to_have_text("100.0%")
    page.keyboard.press("End")
    expect(row(box, "temperature").locator(".widget-readout")).to_have_text("5.00")
    expect(box.locator(".rnn-page .rnn-chance3").nth(20)).to_be_visible()


def test_the_slider_follows_the_mouse(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    handle = row(box, "temperature").locator(".noUi-handle")
    handle.focus()
    page.keyboard.press("End")
    expect(row(box, "temperature").locator(".widget-readout")).to_have_text("5.00")
    hot = written(box)
    grip, track = handle.bounding_box(), row(box, "temperature").locator(".slider").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] / 4, grip["y"] + 5, steps=8)
    page.mouse.up()
    expect(row(box, "temperature").locator(".widget-readout")).to_have_text(re.compile("1.[0-4]"))
    expect(box.locator(".rnn-page")).not_to_have_text(hot)


def test_prompt_seed_and_model_are_chosen_and_wrong_input_is_said_in_the_page(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    prompt = row(box, "prompt").locator("input")
    prompt.fill("Tom Pell ")
    prompt.press("Enter")
    expect(box.locator(".rnn-page b")).to_have_text("Tom Pell ")
    before = written(box)
    seed = row(box, "seed").locator("input")
    seed.fill("7")
    seed.press("Enter")
    expect(box.locator(".rnn-page")).not_to_have_text(before)
    for wrong, said in (("Room 101", "never seen '1' (character 6"), ("", "prompt is empty")):
        prompt.fill(wrong)
        prompt.press("Enter")
        expect(box.get_by_role("alert")).to_contain_text(said)
        expect(box.locator(".rnn-page b")).to_have_text("Tom Pell ")
    prompt.fill("The Queen")
    prompt.press("Enter")
    expect(box.get_by_role("alert")).to_contain_text("never seen 'Q'")
    row(box, "model").locator("select").select_option("tale_of_two_cities")
    expect(box.locator(".rnn-page b")).to_have_text("The Queen")
    expect(box.get_by_role("alert")).to_have_count(0)


def test_the_surprise_map_looks_as_its_picture(surprise):
    from playwright.sync_api import expect

    page, box = surprise
    row(box, "character").locator(".noUi-handle").focus()
    for _ in range(34):
        page.keyboard.press("ArrowRight")
    expect(box.locator("caption").first).to_contain_text("the␣ferry came m")
    expect(box.locator("[data-i='35']")).to_have_css("outline-width", "2px")
    keep_picture(box, "surprise_map")
    assert_accessible(page, 1)


def test_arrow_keys_move_along_the_surprise_map(surprise):
    from playwright.sync_api import expect

    page, box = surprise
    handle = row(box, "character").locator(".noUi-handle")
    handle.focus()
    page.keyboard.press("Home")
    caption = box.locator("caption").first
    expect(caption).to_contain_text("came I")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("came n")
    expect(box.locator("[data-i='3']")).to_have_css("outline-width", "2px")
    expect(box.locator("[data-i='1']")).to_have_css("outline-style", "none")
    assert box.locator("table").first.locator("tbody tr").count() == 5


def test_pointing_at_a_character_shows_what_was_expected(surprise):
    page, box = surprise
    character = box.locator("[data-i='20']")
    content = "e => getComputedStyle(e, '::after').content"
    page.mouse.move(0, 0)
    assert character.evaluate(content) == "none"
    character.hover()
    shown = character.evaluate(content)
    assert "bits" in shown and shown.count("%") == 5
    assert shown.count(" ") > 5 and character.inner_text()[0] in shown


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
    expect(handle).to_have_attribute("aria-label", "character")
    assert_accessible(page, 1)


def test_look_inside_looks_as_its_picture(inside):
    page, box = inside
    keep_picture(box, "look_inside")
    assert_accessible(page, 2)


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


@pytest.mark.parametrize("stop", ["keyboard", "mouse"])
def test_live_training_grows_stops_and_continues(stop, chromium, lab):
    from playwright.sync_api import expect

    with chapter_page(chromium, lab, f"live_{stop}.ipynb") as (page, panel, complaints):
        cells = panel.locator(".jp-CodeCell")
        cells.nth(0).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Shift+Enter")
        pictures = []
        for _ in range(3):  # the picture and the words change, in their place
            page.wait_for_function(
                """seen => {
                    const all = document.querySelectorAll('.jp-CodeCell .jp-OutputArea img');
                    return all.length == 1 && !seen.includes(all[0].src);
                }""",
                arg=pictures,
            )
            pictures.append(cells.nth(1).locator("img").get_attribute("src"))
        if stop == "keyboard":
            page.keyboard.press("Escape")
            page.keyboard.press("i")
            page.keyboard.press("i")
        else:
            page.locator("[data-command='notebook:interrupt-kernel']").first.click()
        said = cells.nth(1).locator("pre", has_text="Stopped after step")
        expect(said).to_contain_text(re.compile(r"After step [\d,]+ it writes:\s*T"))
        expect(said).to_contain_text("of 20,000. To continue, call live_training again with run")
        expect(page.locator("#jp-main-statusbar")).to_contain_text(IDLE)
        if stop == "keyboard":
            keep_picture(cells.nth(1).locator(".jp-Cell-outputArea"), "live_training")
        cells.nth(2).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        expect(cells.nth(2).locator("pre", has_text="went on 300 True")).to_be_visible()
        assert panel.locator(WRONG).count() == 0 and complaints == []
        page.keyboard.press("Control+s")
        saved = lab[2] / "notebooks" / f"live_{stop}.ipynb"
        expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
        stored = nbformat.read(saved, as_version=4).cells[1].outputs
        assert sum("image/png" in o.get("data", {}) for o in stored) == 1
