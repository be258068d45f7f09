"""The texts and models are what data/README.md says."""

import re

import numpy as np
import pytest
from conftest import ROOT

from rnn_helpers.checkpoints import MODELS, load, load_model
from rnn_helpers.corpora import load_text
from rnn_helpers.sampling import sample
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


CARDS = (DATA / "models" / "README.md").read_text(encoding="utf-8")


def text_of(name):
    try:
        return load_text(name)
    except ConnectionError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_reaches_what_it_says(name, monkeypatch):
    monkeypatch.syspath_prepend(DATA)
    import make_models

    model = load_model(name)
    text_of(model.settings["text"])
    for part, text in zip(("learnt", "held_out"), make_models.texts(model.settings)):
        if model.settings.get("cell") == "LSTM" and len(text) > 100_000:
            continue  # to read the whole novel takes it minutes; its end tells as much
        bits = model.settings[f"bits_per_character_{part}"]
        ids = model.vocabulary.encode(text)
        assert np.isclose(bits_per_character(model.parameters, ids), bits, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_a_card_says_what_is_true(name, monkeypatch):
    monkeypatch.syspath_prepend(DATA)
    import make_models

    text_of(make_models.SETTINGS[name]["text"])
    assert make_models.card(DATA / "models" / f"{name}.npz") in CARDS


def test_the_models_are_small_and_all_have_a_script():
    files = sorted((DATA / "models").glob("*.npz"))
    assert [p.stem for p in files] == sorted(MODELS)
    assert sum(p.stat().st_size for p in files) < 5_000_000


def test_every_model_was_made_with_the_settings_of_the_script(monkeypatch):
    monkeypatch.syspath_prepend(DATA)
    import make_models

    for name, settings in make_models.SETTINGS.items():
        stored = load_model(name).settings
        assert {k: v for k, v in stored.items() if not k.startswith("bits")} == settings


@pytest.mark.parametrize("name", MODELS)
def test_the_script_makes_a_model(name, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(DATA)
    import make_models

    settings = make_models.SETTINGS[name] | {"text": "story", "steps": 30, "hidden_size": 8}
    make_models.make(settings, tmp_path / "models" / "tiny.npz")
    model = load(tmp_path / "models" / "tiny.npz")
    assert model.settings["steps"] == 30 and model.parameters.Whh.shape[1] == 8
    assert 4 < model.settings["bits_per_character_held_out"] < 6


def test_the_page_shows_what_the_network_writes():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```text\n(.*?)\n```", page, re.DOTALL)
    (prompt,) = re.findall(r"continues `(.*?)` like this", page)
    model = load_model("tale_of_two_cities_lstm")
    rng, length = np.random.default_rng(3), len(shown) - len(prompt)
    written = sample(model.parameters, model.vocabulary, prompt, length, temperature=0.5, rng=rng)
    assert shown == prompt + written
