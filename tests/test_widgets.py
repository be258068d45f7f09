import re

import numpy as np
import pytest
from conftest import ROOT

from rnn_helpers import widgets
from rnn_helpers.checkpoints import load
from rnn_helpers.sampling import sample

MODEL = load(ROOT / "data" / "models" / "story.npz")


@pytest.fixture
def explorer():
    return widgets.temperature_explorer(MODEL.parameters, MODEL.vocabulary, length=60)


def per_cents(html):
    return [float(n) for n in re.findall(r">([\d.]+)%</td>", html)]


def test_text_and_bars_follow_the_slider(explorer):
    seen = []
    for temperature in (0.2, 1.0, 2.0):
        explorer.temperature.value = temperature
        rng = np.random.default_rng(1)
        text = sample(
            MODEL.parameters, MODEL.vocabulary, "The bell", 60, temperature=temperature, rng=rng
        )
        assert explorer.text.value == widgets.text_html("The bell", text)
        seen.append(per_cents(explorer.bars.value)[0])
    assert seen[0] > seen[1] > seen[2]  # the likeliest character loses its lead


def test_prompt_length_and_seed_are_followed(explorer):
    values = [explorer.text.value]
    explorer.seed.value = 2
    values.append(explorer.text.value)
    explorer.length.value = 100
    values.append(explorer.text.value)
    explorer.prompt.value = "Tom"
    values.append(explorer.text.value)
    assert len(set(values)) == 4 and "<u>Tom</u>" in values[-1]


@pytest.mark.parametrize(
    "prompt, words", [("", "prompt is empty"), ("5", "not in the vocabulary")]
)
def test_wrong_input_is_said_in_the_page_and_one_can_go_on(explorer, prompt, words):
    before = explorer.text.value
    explorer.prompt.value = prompt
    assert words in explorer.text.value and "role='alert'" in explorer.text.value
    explorer.prompt.value = "The bell"
    assert explorer.text.value == before


def test_extremes(explorer):
    explorer.temperature.value = 0
    assert per_cents(explorer.bars.value)[0] == 100
    explorer.prompt.value = "Hanne " * 500
    assert "role='alert'" not in explorer.text.value
    assert "<u>…" in explorer.text.value and len(explorer.text.value) < 2000


def test_text_is_shown_as_text():
    assert "<b>" not in widgets.text_html("a", "<b>&").split("</u></b>")[1]
    assert "&lt;b&gt;&amp;" in widgets.text_html("a", "<b>&")


def test_stored_form_is_one_line(explorer):
    assert repr(explorer) == "Temperature explorer: run this cell in JupyterLab to use it."
