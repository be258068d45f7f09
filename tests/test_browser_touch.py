"""The widgets that are touched, as a reader has them: in JupyterLab, in a browser.

With the keyboard and with the mouse, in light and in dark, on a wide page and on a narrow one,
and enlarged. Needs Chromium and Playwright, as tests/test_browser.py does.
"""

import math
import re

import pytest
from conftest import BROWSER
from lab import (
    DANGEROUS,
    assert_accessible,
    assert_soon,
    jupyterlab,
    ran_page,
    settle,
)

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
NAMES = ("scores_to_surprise", "neuron_with_memory", "downhill")
SOURCES = [f"from rnn_helpers.widgets import {name}\n{name}()" for name in NAMES]
CELLS = len(SOURCES) + 1
STICKING = """box => [...box.querySelectorAll('*')].filter(e => e.getClientRects().length &&
    !e.closest('.rnn-layers, .rnn-scroll') && e.tagName != 'OPTION' &&
    e.getBoundingClientRect().right > box.getBoundingClientRect().right + 2)
    .map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module", params=["JupyterLab Light", "JupyterLab Dark"])
def lab(request):
    extra = {"touch.ipynb": [*SOURCES, "print('below')"]}
    with jupyterlab(theme=request.param, extra=extra) as served:
        yield served


@pytest.fixture(scope="module")
def opened(chromium, lab):
    """A notebook with the widgets, run: (page, its panel)."""
    with ran_page(chromium, lab, "touch.ipynb", CELLS) as found:
        yield found


@pytest.fixture
def find(opened):
    """A function that finds a widget by the name of its function, and brings it into view."""
    page, panel = opened
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.body.style.zoom = 1")

    def found(name):
        box = panel.locator(".jp-OutputArea-output > .widget-vbox").nth(NAMES.index(name))
        box.wait_for(timeout=30_000)
        settle(page)  # what the last test did
        box.scroll_into_view_if_needed()
        return page, box

    return found


@pytest.fixture
def scores(find):
    """The page and the widget for scores as it is at first."""
    from playwright.sync_api import expect

    page, box = find("scores_to_surprise")
    anew(box, "start again")
    expect(said(box)).to_contain_text("2.41 nats")
    for i, first in enumerate(("2.0000", "1.0000", "0.0000")):
        expect(bar(box, i)).to_have_attribute("aria-valuenow", first)
    return page, box


@pytest.fixture
def neuron(find):
    """The page and the neuron as it is at first."""
    from playwright.sync_api import expect

    page, box = find("neuron_with_memory")
    slide(page, box, w=1, u=0.8, b=0)
    anew(box, "one touch")
    expect(bar(box, 0)).to_have_attribute("aria-valuenow", "1.0000")
    expect(bar(box, 9)).to_have_attribute("aria-valuenow", "0.0000")
    expect(said(box)).to_contain_text("At the last step its state is 0.00")
    return page, box


def anew(box, name):
    """Press a button that puts other bars into the page, and wait for them."""
    from playwright.sync_api import expect

    row = box.locator(".rnn-bars")
    before = row.get_attribute("data-drawn")
    button(box, name).click()
    expect(row).not_to_have_attribute("data-drawn", before)


def slide(page, box, **values):
    """Move sliders with the keyboard, by steps of a tenth."""
    for name, wanted in values.items():
        handle = box.locator(f".noUi-handle[aria-label='{name}']")
        handle.focus()
        before = float(handle.get_attribute("aria-valuenow"))
        for _ in range(abs(round(10 * (wanted - before)))):
            page.keyboard.press("ArrowRight" if wanted > before else "ArrowLeft")


def button(box, name):
    return box.get_by_role("button", name=name)


def said(box):
    return box.locator(".rnn-said")


def bar(box, i):
    return box.locator(".rnn-draggable").nth(i)


def value(box, i):
    return float(bar(box, i).get_attribute("aria-valuenow"))


def fits(page, box, width, zoom):
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("zoom => document.body.style.zoom = zoom", zoom)
    page.wait_for_timeout(200)
    assert_accessible(box)
    assert box.evaluate(STICKING) == []
    sizes = box.locator("svg text").evaluate_all(
        "all => all.map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"
    )
    assert min(sizes) > 8 * zoom  # all of it can be read


def no_white_slab(box):
    fills = box.locator("svg, svg rect, svg path, .rnn-bars, .rnn-fill").evaluate_all(
        "all => all.map(e => getComputedStyle(e).fill + getComputedStyle(e).backgroundColor)"
    )
    assert fills and not any("255, 255, 255" in fill for fill in fills)
    page_colour, *inks = box.evaluate(
        "b => [getComputedStyle(document.body).getPropertyValue('--jp-layout-color0'),"
        "...[...b.querySelectorAll('svg text, .rnn-said p')].map(e => e.tagName == 'P' ? "
        "getComputedStyle(e).color : getComputedStyle(e).fill)]"
    )
    dark = page_colour.strip() in ("#111111", "#111", "black")
    assert inks and all((int(re.search(r"\d+", ink)[0]) > 128) == dark for ink in inks)


def no_harm_from_keys(page, panel, part):
    from playwright.sync_api import expect

    part.focus()
    for key in DANGEROUS:
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert panel.locator(".jp-Cell").count() == CELLS
    expect(part).to_be_focused()


def by_mouse(page, column, part, end=None):
    """Press in a column at a part of its height, drag to another, let go."""
    box = column.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * (1 - part))
    page.mouse.down()
    if end is not None:
        page.mouse.move(box["x"] + box["width"], box["y"] + box["height"] * (1 - end), steps=6)
    page.mouse.up()


def key_on(part, *keys):
    """JavaScript that presses one of the keys, in turn, on a part of the widget."""
    return f"""box.querySelector("{part}").dispatchEvent(new KeyboardEvent('keydown',
        {{key: {list(keys)}[i % {len(keys)}], bubbles: true, cancelable: true}}))"""


# Scores to surprise.


def test_a_score_is_dragged_with_the_mouse(scores):
    from playwright.sync_api import expect

    page, box = scores
    by_mouse(page, bar(box, 2), 0.5, 0.75)
    assert abs(value(box, 2) - 3) <= 0.25
    y = value(box, 2)
    p = 2.718281828**y / (2.718281828**2 + 2.718281828 + 2.718281828**y)
    expect(box.locator(".rnn-over svg")).to_contain_text(f"{p:.3f}")
    by_mouse(page, bar(box, 0), 0.01)
    assert value(box, 0) == -6
    by_mouse(page, bar(box, 0), 0.5, 1.5)  # far above the picture
    assert value(box, 0) == 6 and value(box, 1) == 1


def test_a_score_is_moved_with_the_keyboard(scores):
    from playwright.sync_api import expect

    page, box = scores
    bar(box, 0).focus()
    page.keyboard.press("ArrowUp")
    expect(box.locator(".rnn-over svg")).to_contain_text("2.25")
    page.keyboard.press("ArrowRight")
    expect(bar(box, 1)).to_be_focused()
    for key, after in (("ArrowDown", 0.75), ("PageUp", 1.75), ("End", 6), ("Home", -6)):
        page.keyboard.press(key)
        assert value(box, 1) == after
    expect(bar(box, 1)).to_have_attribute("aria-valuetext", "minus 6.00")
    expect(box.locator(".rnn-over svg")).to_contain_text("−6.00")
    expect(bar(box, 1)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # there is no fourth
    expect(bar(box, 2)).to_be_focused()
    page.keyboard.press("Shift+Tab")  # the row is one stop
    expect(button(box, "start again")).to_be_focused()
    page.keyboard.press("Tab")
    expect(bar(box, 2)).to_be_focused()


def test_steps_along_the_advice_by_button(scores):
    from playwright.sync_api import expect

    page, box = scores
    button(box, "take a step").focus()
    for nats in ("1.22", "0.59", "0.34"):
        page.keyboard.press("Enter")
        expect(said(box)).to_contain_text(f"{nats} nats")
    expect(said(box)).to_contain_text("After 3 steps the surprise has gone from 2.41 to 0.34")
    expect(said(box)).to_have_attribute("role", "status")
    button(box, "all scores +1").click()
    expect(said(box)).to_contain_text("0.34 nats")
    box.get_by_label("what came").select_option("a")
    expect(said(box)).to_contain_text("a came.")


def test_keys_that_jupyterlab_knows_do_no_harm_to_scores(opened, scores):
    page, box = scores
    for part in (bar(box, 0), button(box, "take a step"), box.get_by_label("what came")):
        no_harm_from_keys(page, opened[1], part)


@pytest.mark.parametrize("width, zoom", [(1280, 1), (900, 1), (1280, 1.5)])
@pytest.mark.looks
def test_scores_fit_the_page_and_are_accessible(width, zoom, scores):
    page, box = scores
    button(box, "take a step").click()
    fits(page, box, width, zoom)
    no_white_slab(box)
    by_mouse(page, bar(box, 0), 0.5, 0.25)  # the bar follows the pointer at any size
    assert abs(value(box, 0) + 3) <= 0.25
    bar(box, 0).focus()
    assert_accessible(box)


def test_the_picture_and_the_bars_stand_on_the_same_lines(scores):
    page, box = scores
    rows = box.evaluate("""box => {
        const top = e => e.getBoundingClientRect().top;
        const bars = box.querySelector('.rnn-bars').getBoundingClientRect();
        const names = [...box.querySelectorAll('.rnn-over text')];
        const zero = names.find(t => t.textContent === '0' && top(t) < bars.bottom);
        const box0 = zero.getBoundingClientRect();
        const name = names[names.findIndex(t => t.textContent === 'a')].getBoundingClientRect();
        const bar = box.querySelector('.rnn-draggable').getBoundingClientRect();
        return [(box0.top + box0.bottom) / 2 - (bars.top + bars.bottom) / 2,
            (name.left + name.right) / 2 - (bar.left + bar.right) / 2];
    }""")
    assert abs(rows[0]) < 3 and abs(rows[1]) < 2


def test_what_a_score_changes_is_shown_within_a_tenth_of_a_second(scores):
    page, box = scores
    assert_soon(box, ".rnn-over", key_on(".rnn-draggable", "ArrowUp", "ArrowDown"))


# The neuron with memory.


def test_an_input_is_drawn_with_the_mouse(neuron):
    from playwright.sync_api import expect

    page, box = neuron
    first, last = bar(box, 5).bounding_box(), bar(box, 9).bounding_box()
    page.mouse.move(first["x"] + 5, first["y"] + 0.98 * first["height"])
    page.mouse.down()
    page.mouse.move(last["x"] + 5, last["y"] + 0.98 * last["height"], steps=12)
    page.mouse.up()
    page.mouse.move(first["x"] - 60, first["y"] + 3)  # the pen is up
    x = [value(box, i) for i in range(24)]
    assert x == [1, 0, 0, 0, 0, *5 * [-1], *14 * [0]]
    h = 0.0
    for x_t in x:
        h = math.tanh(x_t + 0.8 * h)
    expect(said(box)).to_contain_text(f"At the last step its state is −{-h:.2f}")
    slide(page, box, u=1.5)
    expect(said(box)).to_contain_text("It switches between two states, −0.86 and 0.86")
    expect(said(box)).to_contain_text("At the last step its state is −0.86")


def test_an_input_is_drawn_with_the_keyboard(neuron):
    from playwright.sync_api import expect

    page, box = neuron
    bar(box, 0).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "Home", "ArrowLeft"):
        page.keyboard.press(key)
    expect(bar(box, 2)).to_be_focused()
    assert [value(box, i) for i in range(5)] == [1, 0, -0.5, -1, 0]
    expect(bar(box, 3)).to_have_attribute("aria-valuetext", "minus 1.00")
    expect(box.locator(".rnn-over svg")).to_have_attribute(
        "aria-label", re.compile("0.76, 0.54, ")
    )


def test_sliders_make_it_hold_and_swing(neuron):
    from playwright.sync_api import expect

    page, box = neuron
    dots = box.locator("svg[aria-label*='crosses the diagonal'] circle")
    expect(dots).to_have_count(1)
    slide(page, box, u=3)
    expect(said(box)).to_contain_text("x = −1 never takes it down")
    expect(dots).to_have_count(3)
    slide(page, box, u=-1.5)
    expect(said(box)).to_contain_text("It oscillates")
    expect(said(box)).to_have_attribute("role", "status")
    button(box, "no input").click()
    expect(said(box)).to_contain_text("At the last step its state is 0.00")


def test_keys_that_jupyterlab_knows_do_no_harm_to_the_neuron(opened, neuron):
    page, box = neuron
    for part in (bar(box, 0), box.locator(".noUi-handle").first, button(box, "no input")):
        no_harm_from_keys(page, opened[1], part)


@pytest.mark.parametrize("width, zoom", [(1280, 1), (900, 1), (1280, 1.5)])
@pytest.mark.looks
def test_the_neuron_fits_the_page_and_is_accessible(width, zoom, neuron):
    page, box = neuron
    slide(page, box, u=1.6)
    fits(page, box, width, zoom)
    no_white_slab(box)
    by_mouse(page, bar(box, 12), 0.02)
    assert value(box, 12) == -1 and value(box, 11) == value(box, 13) == 0
    bar(box, 12).focus()
    assert_accessible(box)


def test_what_an_input_changes_is_shown_within_a_tenth_of_a_second(neuron):
    page, box = neuron
    part = "[tabindex='0'].rnn-draggable"
    assert_soon(box, ".rnn-over", key_on(part, "ArrowDown", "ArrowUp"))


# Downhill.


@pytest.fixture
def hill(find):
    """The page and the slice as it is at first."""
    from playwright.sync_api import expect

    page, box = find("downhill")
    box.get_by_label("clipping").select_option("off")
    handle(box, "steps").focus()
    page.keyboard.press("End")
    handle(box, "rate").focus()
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(said(box)).to_contain_text("SGD (S): 42.5 nats after 30 steps")
    return page, box


def handle(box, name):
    return box.locator(f".noUi-handle[aria-label='{name}']")


def test_rate_and_clipping_by_keyboard(hill):
    from playwright.sync_api import expect

    page, box = hill
    handle(box, "rate").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(said(box)).to_contain_text("Step 1 leapt too far: from 93.4 up to 123.3 nats")
    expect(box.locator(".rnn-over svg path[stroke-width='5']")).to_have_count(1)
    box.get_by_label("clipping").select_option("by norm, at 5")
    expect(said(box)).to_contain_text("up to 94.6 nats")
    handle(box, "rate").focus()
    reached = "e => e === document.activeElement"
    for _ in range(4):  # the number beside a slider may be a stop too
        page.keyboard.press("Tab")
        if handle(box, "steps").evaluate(reached):
            break
    expect(handle(box, "steps")).to_be_focused()
    page.keyboard.press("Home")
    expect(said(box)).to_contain_text("SGD (S): 93.4 nats after 0 steps")
    expect(said(box)).to_have_attribute("role", "status")


def test_the_rate_is_dragged_with_the_mouse(hill):
    from playwright.sync_api import expect

    page, box = hill
    grip = handle(box, "rate").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(grip["x"] + 300, grip["y"] + 5, steps=5)
    page.mouse.up()
    expect(said(box)).to_contain_text("outside the picture")


def test_keys_that_jupyterlab_knows_do_no_harm_downhill(opened, hill):
    page, box = hill
    for part in (handle(box, "rate"), box.get_by_label("clipping"), handle(box, "steps")):
        no_harm_from_keys(page, opened[1], part)


@pytest.mark.parametrize("width, zoom", [(1280, 1), (900, 1), (1280, 1.5)])
@pytest.mark.looks
def test_the_slice_fits_the_page_and_is_accessible(width, zoom, hill):
    page, box = hill
    fits(page, box, width, zoom)
    no_white_slab(box)


def test_another_rate_is_shown_within_a_tenth_of_a_second(hill):
    page, box = hill
    assert_soon(box, ".rnn-over", key_on(".noUi-handle", "ArrowRight", "ArrowLeft"))
