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
from lab import IDLE, WRONG, chapter_page, jupyterlab, run_all

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
SAVED = "saved.ipynb"
SECONDS = {"11": 900}  # to run a chapter; chapter 11 starts a dozen programs, and waits for them
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
def lab():
    extra = {f"live_{stop}.ipynb": LIVE for stop in ("keyboard", "mouse")}
    extra |= {SAVED: ["from rnn_helpers.widgets import surprise_map\n\nsurprise_map()"]}
    extra["fails.ipynb"] = ["print(1)", "1 / 0", "print(2)"]
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
        run_all(page, panel, SECONDS.get(path.name[:2], 400))
        assert panel.locator(WRONG).count() == 0
        pictures = panel.locator("img")
        assert pictures.count() > 0
        widths = pictures.evaluate_all("all => all.map(i => i.naturalWidth)")
        assert min(widths) > 100, "a picture is missing"
        assert panel.locator("mjx-container").count() > 0, "the equations are not drawn"
        assert complaints == []


def test_a_cell_that_fails_ends_the_wait(chromium, lab):
    with chapter_page(chromium, lab, "fails.ipynb") as (page, panel, complaints):
        run_all(page, panel, seconds=60)
        assert panel.locator(WRONG).count() == 1


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


@pytest.mark.parametrize(
    "chapter, words",
    [
        ("02_forward_pass", "One touch, x = 1 at step 1"),
        ("03_loss_derivation", "before and after each of six steps"),
        ("04_bptt", "The box of dWhh holds their sum"),
        ("05_adagrad", "Nats after 1, 3, 8 and 30 steps"),
    ],
)
def test_a_page_that_was_not_run_shows_what_a_widget_says(chapter, words, chromium, lab):
    from playwright.sync_api import expect

    with chapter_page(chromium, lab, f"{chapter}.ipynb") as (_, panel, complaints):
        shown = panel.locator(".jp-OutputArea-output", has_text=words)
        expect(shown.first).to_contain_text("run this cell in JupyterLab to use it")
        assert complaints == []


def row(box, name):
    return box.locator(".widget-inline-hbox", has_text=re.compile(f"^{name}")).first


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
