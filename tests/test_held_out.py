"""data/held_out.json is what data/make_baselines.py computes, where the books are."""

import json

import numpy as np
import pytest
from conftest import ROOT

STORED = json.loads((ROOT / "data" / "held_out.json").read_text(encoding="utf-8"))


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "data")
    import make_baselines

    return make_baselines


def test_every_case_is_stored(script):
    assert list(STORED) == list(script.CASES)


@pytest.mark.parametrize("case", STORED)
def test_a_stored_comparison_is_computed_again(case, script):
    try:
        found = script.compare(case)
    except ConnectionError as error:
        pytest.skip(str(error))
    assert found.keys() == STORED[case].keys()
    for key, value in found.items():
        assert np.allclose(value, STORED[case][key], atol=2e-4), key


def test_alice_is_written_as_the_novel_is(script):
    from rnn_helpers.checkpoints import load_model

    known = load_model("tale_of_two_cities").vocabulary.characters
    try:
        text = script.alice_as_the_novel_is_written(known)
    except ConnectionError as error:
        pytest.skip(str(error))
    assert set(text) <= set(known)
    assert "“Oh dear! Oh dear! I shall be late!”" in text.replace("\n", " ")
    assert "couldn't" in text and "_" not in text
