"""The texts and models are what data/README.md says."""

import re

import numpy as np
import pytest
from conftest import ROOT

from rnn_helpers.checkpoints import load
from rnn_helpers.training import bits_per_character

DATA = ROOT / "data"
README = (DATA / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+\.txt)` \|.*\| ([\d,]+) \| (\d+) \| CC0", README, re.MULTILINE)


def test_each_text_is_listed():
    assert {name for name, *_ in ROWS} == {p.name for p in DATA.glob("*.txt")}


@pytest.mark.parametrize("name, characters, different", ROWS)
def test_sizes(name, characters, different):
    data = (DATA / name).read_bytes()
    text = data.decode("utf-8")
    assert b"\r" not in data and not text.startswith("\ufeff")
    assert len(text) == int(characters.replace(",", "")) and len(set(text)) == int(different)


def test_what_the_chapters_count_on():
    sizes = {name: (int(n.replace(",", "")), int(d)) for name, n, d in ROWS}
    assert sizes["poem.txt"][1] == 42 and 700 <= sizes["poem.txt"][0] <= 800
    assert sizes["loss_and_memory.txt"] == (1988, 53)
    assert sizes["story.txt"][0] >= 25_000


def test_the_story_model_reaches_what_it_says():
    model = load(DATA / "models" / "story.npz")
    ids = model.vocabulary.encode((DATA / "story.txt").read_text(encoding="utf-8"))
    page = 19 * len(ids) // 20
    for part, name in ((ids[:page], "learnt"), (ids[page:], "held_out")):
        bits = model.settings[f"bits_per_character_{name}"]
        assert np.isclose(bits_per_character(model.parameters, part), bits, atol=1e-6)
        assert f"{bits:.2f}" in README


def test_the_script_makes_a_model(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(DATA)
    import make_models

    settings = make_models.STORY | {"steps": 20, "hidden_size": 8}
    make_models.make(settings, tmp_path / "models" / "tiny.npz")
    model = load(tmp_path / "models" / "tiny.npz")
    assert model.settings["steps"] == 20 and model.parameters.Whh.shape == (8, 8)
    assert 4 < model.settings["bits_per_character_held_out"] < 6
