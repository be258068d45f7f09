import json

import numpy as np
import pytest
from conftest import ROOT

from rnn_helpers.declaration import LINES, mixed, training_and_held_out

TEXTS = {
    "one": "".join(f"one {i}\n" for i in range(7)),
    "two": "".join(f"TWO {i}\n" for i in range(3)),
}


def test_mixed_keeps_every_line_once_and_three_of_a_language_together():
    text, languages, since = mixed(TEXTS, np.random.default_rng(0))
    assert sorted(text.splitlines()) == sorted("".join(TEXTS.values()).splitlines())
    assert len(languages) == len(since) == len(text)
    for character, language in zip(text, languages):
        assert not character.isalpha() or character.isupper() == (language == 1)
    starts = np.flatnonzero(since == 0)
    pieces = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)])]
    assert sorted(piece.count("\n") for piece in pieces) == [1, LINES, LINES, LINES]
    assert "one 0\none 1\none 2\n" in pieces
    assert all((since[a:b] == np.arange(b - a)).all() for a, b in zip(starts, starts[1:]))


def test_the_order_follows_the_generator():
    first, again, other = (mixed(TEXTS, np.random.default_rng(s))[0] for s in (0, 0, 2))
    assert first == again != other


def test_the_last_tenth_of_each_language_is_held_out(monkeypatch):
    from rnn_helpers import declaration

    lines = [f"line {i}" for i in range(95)]
    texts = {"Dutch": "\n".join(lines), "Greek": "α", "Czech": "\n".join(lines[:90])}
    monkeypatch.setattr(declaration, "load_declaration", lambda: texts)
    training, held_out = training_and_held_out()
    assert list(training) == list(held_out) == ["Dutch", "Czech"]
    assert training["Dutch"].splitlines() == lines[:85]
    assert held_out["Dutch"].splitlines() == lines[85:]
    assert held_out["Czech"].splitlines() == lines[81:90]


def declaration_results():
    return json.loads((ROOT / "data" / "declaration.json").read_text(encoding="utf-8"))


def test_the_stored_results_are_those_of_five_networks_and_twelve_languages():
    done = declaration_results()
    assert [run["seed"] for run in done["runs"]] == [0, 1, 2, 3, 4]
    assert len(done["languages"]) == 12
    assert np.shape(done["read_out"]["weights"]) == (128, 12)


def test_the_stored_model_still_gives_what_is_stored(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "data")
    import make_declaration

    from rnn_helpers.checkpoints import load_model

    try:
        training_and_held_out()
    except ConnectionError as error:
        pytest.skip(str(error))
    parameters, vocabulary, *_ = load_model("declaration")
    now, layer = make_declaration.question(parameters, vocabulary, 0)
    stored = declaration_results()
    assert now.keys() == stored["runs"][0].keys()
    for key, value in now.items():
        if isinstance(value, float | list):
            assert np.allclose(value, stored["runs"][0][key], atol=2e-3), key
        elif isinstance(value, dict):
            assert abs(value["all"] - stored["runs"][0][key]["all"]) < 0.01, key
    assert np.allclose(layer.bias, stored["read_out"]["bias"], atol=0.05)
