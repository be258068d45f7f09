"""A figure is shown and stored sharp, small, as a card, and with the words that are in it."""

import base64
import io
import os
import subprocess
import sys

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from conftest import BROWSER
from execute_notebooks import execute, in_few_colours
from lab import chapter_page, jupyterlab, run_all
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from rnn_helpers import plots
from rnn_helpers._sharp import sharp_png

CELL = """import matplotlib.pyplot as plt
from rnn_helpers import plots
plots.use_style()
plt.plot([1, 3, 2])
plt.title("Three losses")
plt.xlabel("step")
plt.show()"""


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"), int)


@pytest.fixture
def drawn():
    """A heat map with all its colours, as base64, and what the page is told about it."""
    with plt.rc_context():
        plots.use_style()
        values = np.sin(np.arange(60).reshape(6, 10))
        plots.heat_map(values, "ab cdefghi", rows="unit", title="A title", bar="state")
        yield sharp_png(plt.gcf())
    plt.close("all")


def test_a_picture_has_two_pixels_for_one_and_the_words_in_it(drawn):
    data, about = drawn
    height, width, _ = pixels(data).shape
    assert (about["width"], about["height"]) == (width // 2, height // 2)
    assert 600 < about["width"] < 900
    assert about["alt"] == "A title; y: unit; ab␣cdefghi; y: state"


def test_a_figure_that_is_drawn_again_at_once_takes_half_the_pixels():
    figure, axes = plt.subplots()
    axes.set_title("A title")
    (sharp, about), figure.in_a_hurry = sharp_png(figure), True
    quick, told = sharp_png(figure)
    assert told == {"alt": "A title"}
    assert abs(pixels(quick).shape[1] - about["width"]) <= 1
    assert pixels(sharp).shape[1] >= 2 * about["width"]
    plt.close(figure)


def test_what_is_stored_looks_the_same_and_is_small(drawn):
    data, _ = drawn
    stored = in_few_colours(data)
    before, after = pixels(data), pixels(stored)
    assert before.shape == after.shape and len(stored) < 0.7 * len(data)
    inside = after[..., 3] == 255
    assert np.abs(before - after)[inside].mean() < 0.5  # of 255
    assert np.abs(before - after)[inside].max() < 80
    height, width, _ = after.shape
    assert not after[[0, 0, -1, -1], [0, -1, 0, -1], 3].any()  # the four corners
    assert inside[height // 2].all() and inside[:, width // 2].all()
    assert (~inside).sum() < 4 * 20**2 / 4 + 4 * 40
    assert in_few_colours(data) == stored


@pytest.mark.parametrize("backend", ["agg", "module://matplotlib_inline.backend_inline"])
def test_outside_a_notebook_nothing_changes(backend):
    """The second backend is that of a program which a notebook has started."""
    program = "import sys; from rnn_helpers import plots; plots.use_style(); print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=os.environ | {"MPLBACKEND": backend},
    ).stdout.split()  # fmt: skip
    assert "matplotlib" in shown and (backend != "agg" or "IPython" not in shown)


def test_a_chapter_is_stored_with_sharp_pictures(tmp_path):
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(CELL)]), path)
    execute(path)
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    assert output.metadata["image/png"]["alt"] == "Three losses; x: step"
    assert pixels(output.data["image/png"]).shape[1] // 2 == output.metadata["image/png"]["width"]
    assert "sha256" in output.metadata["image/png"]


@pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
def test_jupyterlab_shows_it_sharp_and_stores_its_words_when_a_reader_runs_it(chromium):
    from playwright.sync_api import expect

    with (
        jupyterlab(extra={"one.ipynb": [CELL]}) as lab,
        chapter_page(chromium, lab, "one.ipynb") as (page, panel, _),
    ):
        run_all(page, panel)
        image = panel.locator(".jp-OutputArea img")
        shown, real = image.evaluate("i => [i.getBoundingClientRect().width, i.naturalWidth]")
        assert 600 < shown < 900 and abs(real - 2 * shown) < 4
        page.keyboard.press("Control+s")
        expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
        (output,) = nbformat.read(lab[2] / "notebooks" / "one.ipynb", 4).cells[0].outputs
        # JupyterLab shows no alternative text; an exported page and other readers do.
        assert output.metadata["image/png"]["alt"] == "Three losses; x: step"
