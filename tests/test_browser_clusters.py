"""The widget that shows clusters form, in a real browser, with keyboard and mouse.

See tests/test_browser.py. `make pictures` keeps the picture that is taken here.
"""

import re

import pytest
from conftest import BROWSER
from lab import WRONG, chapter_page, jupyterlab, run_all
from test_browser import assert_accessible, keep_picture, row
from test_browser_touch import no_white_slab

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
CELLS = [
    "from rnn_helpers.widgets import watch_clusters",
    "watch_clusters(hidden_size=2)",
    "print('all', 'there')",
]


@pytest.fixture(scope="module", params=["JupyterLab Light", "JupyterLab Dark"])
def widget(request, chromium):
    """The page and the widget, freshly made."""
    name = "clusters.ipynb"
    with jupyterlab(theme=request.param, extra={name: CELLS}) as lab:
        with chapter_page(chromium, lab, name) as (page, panel, complaints):
            run_all(page, panel)
            box = panel.locator(".jp-OutputArea-output > .widget-vbox").first
            box.wait_for(timeout=30_000)
            yield page, box
            assert complaints == [] and panel.locator(WRONG).count() == 0


def said(box):
    return box.locator("svg").get_attribute("aria-label")


def train(box):
    """Press the button by keyboard, and wait for the sliders that come at the end."""
    from playwright.sync_api import expect

    button = box.get_by_role("button", name="Train")
    button.focus()
    button.press("Enter")
    expect(row(box, "training step")).to_be_visible(timeout=120_000)


def test_before_it_is_trained_it_says_so(widget):
    _, box = widget
    assert said(box) == "Training on even runs: nothing is learnt yet"
    assert box.locator(".noUi-handle").count() == 1  # that of the neurons


def test_it_trains_and_looks_as_its_picture(widget):
    from playwright.sync_api import expect

    page, box = widget
    train(box)
    expect(box.locator(".rnn-step")).to_have_count(120)
    handle = row(box, "character").locator(".noUi-handle")
    handle.focus()
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    expect(box.locator(".rnn-key")).to_contain_text("After character 12,")
    cost, best = map(float, re.findall(r"\d\.\d{3}", said(box)))
    assert "after step 3,000" in said(box) and 0 <= cost - best < 0.01
    if page.evaluate("document.body.dataset.jpThemeLight") == "true":
        keep_picture(box, "watch_clusters")
    assert_accessible(page, 0)
    no_white_slab(box.locator(".rnn-clusters"))


def test_the_sliders_go_back_in_time_and_along_the_text(widget):
    from playwright.sync_api import expect

    page, box = widget
    step = row(box, "training step").locator(".noUi-handle")
    assert step.get_attribute("aria-label") == "training step"
    step.focus()
    page.keyboard.press("Home")
    expect(box.locator("svg")).to_have_attribute("aria-label", re.compile("after step 0 "))
    page.keyboard.press("End")
    expect(box.locator("svg")).to_have_attribute("aria-label", re.compile("after step 3,000 "))
    grip = row(box, "character").locator(".noUi-handle").bounding_box()
    track = row(box, "character").locator(".slider").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] / 2, grip["y"] + 5, steps=8)
    page.mouse.up()
    expect(box.locator(".rnn-key")).to_contain_text(re.compile("After character [56]"))
    expect(box.locator(".rnn-here")).to_have_count(1)


def test_another_language_has_to_be_learnt_first(widget):
    from playwright.sync_api import expect

    _, box = widget
    row(box, "language").locator("select").select_option("Reber's grammar")
    expect(box.locator("svg")).to_have_attribute(
        "aria-label", "Training on Reber's grammar: nothing is learnt yet"
    )
    expect(box.locator(".rnn-step")).to_have_count(0)
    train(box)
    expect(box.locator(".rnn-key")).to_contain_text("the language is in state 1")
