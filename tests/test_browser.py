"""The chapters as a reader has them: in JupyterLab, in a browser, with keyboard and mouse.

Needs Chromium and Playwright; where they are missing the tests are skipped, and the last
lines of the test run say so.
"""

import re

import pytest
from conftest import BROWSER, CHAPTERS
from lab import FLAGS, chapter_page, jupyterlab, run_all

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
WRONG = "[data-mime-type$='jupyter.stderr'], [data-mime-type$='jupyter.error']"


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab():
    with jupyterlab() as served:
        yield served


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


@pytest.fixture(scope="module")
def explorer(chromium, lab):
    """Chapter 06 after Run All, scrolled to its explorer: (page, the explorer)."""
    name = next(p.name for p in CHAPTERS if p.name.startswith("06"))
    with chapter_page(chromium, lab, name) as (page, panel, complaints):
        run_all(page, panel)
        box = panel.locator(".jp-OutputArea-output .widget-vbox").first
        box.wait_for(timeout=30_000)
        box.scroll_into_view_if_needed()
        yield page, box
        assert complaints == []


def row(box, name):
    return box.locator(".widget-inline-hbox", has_text=name).first


def written(box):
    return box.locator("[style*='pre-wrap']").inner_text()


def first_chance(box):
    return float(box.locator("tbody td").nth(1).inner_text().rstrip("%"))


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
    expect(box.locator("[style*='pre-wrap']")).not_to_have_text(text)
    assert first_chance(box) < chance
    page.keyboard.press("Home")
    expect(box.locator("tbody td").nth(1)).to_have_text("100.0%")


def test_the_slider_follows_the_mouse(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    handle = row(box, "temperature").locator(".noUi-handle")
    handle.focus()
    page.keyboard.press("End")
    expect(row(box, "temperature").locator(".widget-readout")).to_have_text("2.00")
    hot = written(box)
    grip, track = handle.bounding_box(), row(box, "temperature").locator(".slider").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] / 4, grip["y"] + 5, steps=8)
    page.mouse.up()
    expect(row(box, "temperature").locator(".widget-readout")).to_have_text(re.compile("0.[3-7]"))
    expect(box.locator("[style*='pre-wrap']")).not_to_have_text(hot)


def test_prompt_and_seed_are_typed_and_wrong_input_is_said_in_the_page(explorer):
    from playwright.sync_api import expect

    page, box = explorer
    prompt = row(box, "prompt").locator("input")
    prompt.fill("Tom Pell ")
    prompt.press("Enter")
    expect(box.locator("u")).to_have_text("Tom Pell ")
    before = written(box)
    seed = row(box, "seed").locator("input")
    seed.fill("7")
    seed.press("Enter")
    expect(box.locator("[style*='pre-wrap']")).not_to_have_text(before)
    for wrong, said in (("Room 101", "'1' at position 5"), ("", "prompt is empty")):
        prompt.fill(wrong)
        prompt.press("Enter")
        expect(box.get_by_role("alert")).to_contain_text(said)
    prompt.fill("Hanne")
    prompt.press("Enter")
    expect(box.locator("u")).to_have_text("Hanne")
