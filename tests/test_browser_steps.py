"""The widget that steps through backpropagation as a reader has it: in JupyterLab, in a browser.

With the keyboard and with the mouse, in light and in dark, on a wide page and on a narrow one,
and enlarged. Needs Chromium and Playwright, as tests/test_browser.py does.
"""

import re

import numpy as np
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

from rnn_helpers.backward_steps import small_setting, walk
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.loss import softmax
from rnn_helpers.widgets.steps_picture import number

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
SOURCES = ["from rnn_helpers.widgets import step_through\nstep_through()", "print('below')"]
LAST = 36  # steps of a text of five characters
# How far below the widget's top its parts stand.
PLACES = """box => ['svg', '.rnn-boxes', '.rnn-steps details'].map(part => Math.round(
    box.querySelector(part).getBoundingClientRect().top - box.getBoundingClientRect().top))"""


@pytest.fixture(scope="module", params=["JupyterLab Light", "JupyterLab Dark"])
def lab(request):
    with jupyterlab(theme=request.param, extra={"steps.ipynb": SOURCES}) as served:
        yield served


@pytest.fixture(scope="module")
def opened(chromium, lab):
    """A notebook with the widget, run: (page, its panel)."""
    with ran_page(chromium, lab, "steps.ipynb", len(SOURCES)) as found:
        yield found


@pytest.fixture
def steps(opened):
    """The page and the widget as it is at first."""
    page, panel = opened
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.body.style.zoom = 1")
    box = panel.locator(".jp-OutputArea-output > .widget-vbox").first
    box.wait_for(timeout=30_000)
    box.scroll_into_view_if_needed()
    choose(box, text="hello", neurons="1", bug="none")
    handle(box).focus()
    page.keyboard.press("Home")
    at_step(box, 0)
    return page, box


def choose(box, text=None, **lists):
    field = box.get_by_label("text", exact=True)
    if text is not None and field.input_value() != text:
        field.fill(text)
        new_slider(box, 9 * (len(text) - 1))
    for name, option in lists.items():
        box.get_by_label(name, exact=True).select_option(option)


def new_slider(box, last):
    """Wait for the slider of another text: the focus would be lost with the old one."""
    from playwright.sync_api import expect

    expect(handle(box)).to_have_attribute("aria-valuemax", f"{last}.0")


def handle(box):
    return box.locator(".noUi-handle")


def at_step(box, k, last=LAST):
    """Wait until the words, the slider and the picture have reached a step."""
    from playwright.sync_api import expect

    expect(box.locator(".rnn-now")).to_contain_text(f"Step {k} of {last}.")
    expect(handle(box)).to_have_attribute("aria-valuenow", str(float(k)))
    settle(box.page)


def button(box, name):
    return box.get_by_role("button", name=name)


def test_it_is_stepped_with_the_keyboard_on_the_buttons(steps):
    page, box = steps
    button(box, "step ▶").focus()
    for k in (1, 2, 3):
        page.keyboard.press("Space" if k % 2 else "Enter")
        at_step(box, k)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    at_step(box, 2)


def test_it_is_stepped_with_the_keyboard_on_the_slider_to_both_ends(steps):
    from playwright.sync_api import expect

    page, box = steps
    for key, k in (("ArrowRight", 1), ("ArrowUp", 2), ("ArrowLeft", 1), ("ArrowDown", 0),
                   ("ArrowDown", 0), ("End", LAST), ("ArrowRight", LAST)):  # fmt: skip
        page.keyboard.press(key)
        at_step(box, k)
        expect(handle(box)).to_be_focused()
    expect(handle(box)).to_have_attribute("aria-label", "step")
    expect(box.locator(".rnn-now")).to_contain_text("finds all five boxes right")
    expect(box.locator(".rnn-now")).to_have_attribute("role", "status")


def test_it_is_stepped_with_the_mouse_and_what_arrives_lights_up(steps):
    from playwright.sync_api import expect

    page, box = steps
    lit = box.locator("svg rect.rnn-lit")
    for k, frames in enumerate((1, 1) * 4 + (1, 0, 1, 3, 2, 0, 1), 1):
        button(box, "step ▶").click()
        at_step(box, k)
        expect(lit).to_have_count(frames)
    button(box, "◀ step back").click()
    at_step(box, 14)
    expect(box.locator(".rnn-box.rnn-lit b")).to_have_text(["dWxh", "dWhh", "dbh"])
    grip, track = handle(box).bounding_box(), box.locator(".slider").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"], grip["y"] + 5, steps=6)
    page.mouse.up()
    at_step(box, LAST)


# The numbers that are framed in the picture: the words that lie in a frame, from top to bottom.
FRAMED = """box => [...box.querySelectorAll('svg rect.rnn-lit')].map(f => {
    const frame = f.getBoundingClientRect();
    return [...box.querySelectorAll('svg text')].filter(t => {
        const r = t.getBoundingClientRect(), y = (r.top + r.bottom) / 2;
        return r.left > frame.left && r.right < frame.right && y > frame.top && y < frame.bottom;
    }).map(t => t.textContent).join(' ');
})"""
# The sum so far in the box of each gradient, row by row.
SUMS = """box => Object.fromEntries([...box.querySelectorAll('.rnn-box:has(> b)')].map(b => [
    b.querySelector('b').textContent.split(' ')[0],
    [...b.querySelector('table').querySelectorAll('tbody td')].map(c => c.textContent)]))"""


def by_hand(setting):
    """What each line of the way back makes with one neuron: (line, number), computed here."""
    Wxh, Whh, Why, bh, by = setting.parameters
    h, made, carry = [setting.h0], [], 0.0
    for id in setting.inputs:
        h.append(np.tanh(Wxh[:, id] + Whh @ h[-1] + bh))
    for t in reversed(range(len(setting.inputs))):
        dy = softmax(Why @ h[t + 1] + by)
        dy[setting.targets[t]] -= 1
        from_y = float(Why[:, 0] @ dy)
        slope = 1 - float(h[t + 1][0]) ** 2
        da = slope * (from_y + carry)
        made += [("from_y", [from_y]), ("dh", [from_y, carry, from_y + carry]),
                 ("da", [slope, da])]  # fmt: skip
        carry = float(Whh[0, 0]) * da
        made += [("dhnext", [carry])] * (t > 0)
    return made


def signed(value):
    return number(value, 3, sign=True)


def test_every_number_that_arrives_is_the_one_computed_by_hand(steps):
    """The arrows' numbers in the picture, and at the end the sums in the boxes."""
    page, box = steps
    setting = small_setting("hello", 1, 1)
    expected = iter(by_hand(setting))
    for k, moment in enumerate(walk(setting)[1:], 1):
        page.keyboard.press("ArrowRight")
        at_step(box, k)
        if moment.made in ("from_y", "dh", "da", "dhnext") and (moment.made, moment.t) != (
            "dhnext", 0
        ):  # fmt: skip
            made, values = next(expected)
            assert made == moment.made
            words = [signed(v) for v in values]
            if made == "da":
                words[0] = number(values[0], 3)  # a slope has no sign
            assert box.evaluate(FRAMED) == words, (k, made)
    assert next(expected, None) is None
    asked = setting.parameters, setting.inputs, setting.targets, setting.h0
    _, gradients, _ = loss_and_gradients(*asked)
    sums = {f"d{n}": [signed(v) for v in g.ravel()] for n, g in gradients._asdict().items()}
    assert box.evaluate(SUMS) == sums


def test_keys_that_jupyterlab_knows_do_no_harm(opened, steps):
    from playwright.sync_api import expect

    page, box = steps
    for part in (handle(box), button(box, "step ▶"), box.get_by_label("bug", exact=True),
                 box.locator(".rnn-scroll")):  # fmt: skip
        part.focus()
        for key in DANGEROUS:
            page.keyboard.press(key)
        page.wait_for_timeout(200)
        assert opened[1].locator(".jp-Cell").count() == len(SOURCES)
        expect(part).to_be_focused()
    handle(box).focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowDown")  # JupyterLab would go to the next cell
    expect(handle(box)).to_be_focused()
    page.keyboard.press("Control+s")
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)


@pytest.mark.looks
def test_a_bug_is_switched_on_and_the_boxes_that_go_wrong_are_named(steps):
    from playwright.sync_api import expect

    page, box = steps
    choose(box, neurons="3", bug="transpose forgotten")
    handle(box).focus()
    page.keyboard.press("End")
    at_step(box, LAST)
    expect(box.locator(".rnn-now")).to_contain_text("finds wrong: dWxh, dWhh, dbh.")
    expect(box.locator(".rnn-box.rnn-off b")).to_have_text(
        ["dWxh ✗ wrong", "dWhh ✗ wrong", "dbh ✗ wrong"]
    )
    expect(box.locator("svg rect.rnn-bad").first).to_be_visible()
    choose(box, neurons="1")  # a matrix of one number is its own transpose
    expect(box.locator(".rnn-box.rnn-off")).to_have_count(0)
    expect(box.locator(".rnn-now")).to_contain_text("finds all five boxes right")
    choose(box, bug="= in place of +=")
    expect(box.locator(".rnn-box.rnn-off b")).to_have_text(["dWhh ✗ wrong"])


def test_a_text_is_typed_and_wrong_ones_are_answered_in_words(steps):
    from playwright.sync_api import expect

    page, box = steps
    field = box.get_by_label("text", exact=True)
    field.fill("")
    expect(box.get_by_role("alert")).to_contain_text("the text has 0 characters")
    field.press_sequentially("x ab z")
    expect(box.get_by_role("alert")).to_have_count(0)
    new_slider(box, 45)
    handle(box).focus()
    page.keyboard.press("End")
    at_step(box, 45, 45)
    assert box.locator("svg").text_content().count("␣") >= 5
    field.fill("x ab z!")
    expect(box.get_by_role("alert")).to_contain_text("7 characters; take 3 to 6")
    field.fill("aha")
    at_step(box, 18, 18)
    expect(handle(box)).to_have_attribute("aria-label", "step")  # of a new slider
    expect(box.get_by_role("alert")).to_have_count(0)


def test_nothing_jumps_while_one_steps(steps):
    page, box = steps
    for neurons in ("1", "3"):
        choose(box, text="hello", neurons=neurons)
        handle(box).focus()
        page.keyboard.press("Home")
        at_step(box, 0)
        places = set()
        for k in range(1, LAST):
            page.keyboard.press("ArrowRight")
            at_step(box, k)
            places.add(tuple(box.evaluate(PLACES)))
        assert len(places) == 1


def test_a_step_is_shown_within_a_tenth_of_a_second(steps):
    page, box = steps
    choose(box, neurons="3")
    act = "[...box.querySelectorAll('button')].find(b => b.innerText.includes('step ▶')).click()"
    assert_soon(box, ".rnn-now", act, times=15)


@pytest.mark.parametrize("width, zoom", [(1280, 1), (900, 1), (1280, 1.5)])
@pytest.mark.looks
def test_it_fits_the_page_and_is_accessible(width, zoom, steps):
    from playwright.sync_api import expect

    page, box = steps
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("zoom => document.body.style.zoom = zoom", zoom)
    choose(box, text="abcdef", neurons="3", bug="dhnext left out")
    handle(box).focus()
    page.keyboard.press("End")
    at_step(box, 45, 45)
    expect(handle(box)).to_have_attribute("aria-label", "step")  # of a new slider
    assert_accessible(box)
    box.locator("summary").click()
    assert_accessible(box)
    sticking = box.evaluate(
        """box => [...box.querySelectorAll('*')].filter(e => e.getClientRects().length &&
            !e.closest('.rnn-scroll svg') && e.tagName != 'OPTION' &&
            e.getBoundingClientRect().right > box.getBoundingClientRect().right + 2)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert sticking == []
    view = "p => [p.scrollLeft, p.clientWidth, p.scrollWidth]"
    left, shown, whole = box.locator(".rnn-scroll").evaluate(view)
    assert left < 60  # t = 1 is in view
    page.keyboard.press("Tab")
    handle(box).focus()
    page.keyboard.press("Home")
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    at_step(box, 11, 45)  # the last character
    page.wait_for_timeout(200)
    left, shown, whole = box.locator(".rnn-scroll").evaluate(view)
    assert left + shown > 0.95 * whole
    size = box.locator("svg text").first.evaluate(
        "t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a"
    )
    assert size > 8 * zoom  # it can be read
    box.locator("summary").click()


@pytest.mark.looks
def test_no_white_slab_stands_in_a_dark_page(steps):
    page, box = steps
    button(box, "step ▶").click()
    at_step(box, 1)
    fills = box.locator("svg rect, svg path").evaluate_all(
        "all => all.map(e => getComputedStyle(e).fill)"
    )
    assert fills and not any("255, 255, 255" in fill for fill in fills)
    page_colour, ink = box.evaluate(
        "b => [getComputedStyle(document.body).getPropertyValue('--jp-layout-color0'),"
        "getComputedStyle(b.querySelector('svg text')).fill]"
    )
    dark = page_colour.strip() in ("#111111", "#111", "black")
    light_ink = int(re.search(r"\d+", ink)[0]) > 128
    assert dark == light_ink, (page_colour, ink)
