"""Chapter 09: the stored runs are whole, and what measured them measures right."""

import json
import re

import how_low_pictures as pictures
import how_low_runs as runs
import numpy as np
import pytest

from rnn_helpers.languages import BRACKETS, EMBEDDED_REBER, EVEN_RUNS, REBER

STORED = pictures.stored_runs()


def test_every_run_is_stored_with_five_seeds():
    assert list(STORED) == list(runs.RUNS)
    for name, found in STORED.items():
        assert [run["seed"] for run in found] == list(runs.SEEDS), name
        assert all(run["excess"] > -0.002 for run in found), name
    assert pictures.RESULTS == runs.RESULTS


@pytest.mark.parametrize("name", ["even runs, 2 neurons", "Reber, 4 neurons"])
def test_a_stored_run_can_be_made_again(name):
    again, stored = runs.measure(name, 1), STORED[name][1]
    assert again["excess"] == pytest.approx(stored["excess"], abs=2e-4)
    assert again["state read"] == pytest.approx(stored["state read"], abs=2e-3)


def test_an_interrupted_command_continues_where_it_was(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(runs, "RESULTS", tmp_path / "languages.json")
    monkeypatch.setattr(runs, "RUNS", {"x": None, "y": None})
    monkeypatch.setattr(runs, "SEEDS", range(3))

    def measure(name, seed):
        if len(done) == 4 and not done.count("stop"):
            done.append("stop")
            raise KeyboardInterrupt
        done.append((name, seed))
        return {"seed": seed}

    monkeypatch.setattr(runs, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        runs.main()
    runs.main()
    done.remove("stop")
    assert done == [(name, seed) for name in "xy" for seed in range(3)]
    stored = json.loads(runs.RESULTS.read_text(encoding="utf-8"))
    assert stored == {name: [{"seed": seed} for seed in range(3)] for name in "xy"}


def test_far_letters_are_found_with_their_distances():
    language = BRACKETS(6)
    text, states = language.sample(3000, np.random.default_rng(0))
    places, distances = runs.far_letters(language, states)
    assert [m.start() for m in re.finditer(r"[)\]]", text)] == places.tolist()
    openers = [m.start() for m in re.finditer(r"[(\[]", text)][: len(places)]
    assert (places - openers == distances).all()

    language = EMBEDDED_REBER(0.5)
    text, states = language.sample(3000, np.random.default_rng(0))
    places, distances = runs.far_letters(language, states)
    assert all(text[t] == text[t - d] for t, d in zip(places, distances))
    assert all(text[t - 1] == "E" and text[t - d - 1] == "B" for t, d in zip(places, distances))
    assert len(places) > 150


def test_excess_is_zero_for_a_network_that_knows_the_language(monkeypatch):
    text, _ = EVEN_RUNS.sample(500, np.random.default_rng(0))

    class Perfect:
        bits = EVEN_RUNS.surprise(text)

    monkeypatch.setattr(runs, "read", lambda *a: Perfect)
    assert runs.excess(None, EVEN_RUNS, text) == 0


def test_the_nearest_state_by_hand():
    hidden = np.array([[0.0, 0], [0, 2], [4, 0], [6, 0]])
    found = runs.nearest_state(hidden, np.array([0, 0, 3, 3]), np.array([[1.0, 1], [4.9, 0]]))
    assert found.tolist() == [0, 3]


def test_the_read_out_is_scored_on_the_other_half():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 3))
    targets = values @ rng.normal(size=(3, 2)) + 5
    assert runs.read_out(values, targets) == pytest.approx(1)
    assert abs(runs.read_out(rng.normal(size=(4000, 3)), rng.normal(size=(4000, 2)))) < 0.02
    # half signal, half noise
    noisy = targets + targets.std(axis=0) * rng.normal(size=targets.shape)
    assert 0.35 < runs.read_out(values, noisy) < 0.65


def test_an_orthogonal_start_keeps_lengths():
    parameters, first = runs.learn(EVEN_RUNS, 6, 0, steps=0, orthogonal=True)
    assert np.allclose(first.Whh @ first.Whh.T, np.eye(6))
    assert all((a == b).all() for a, b in zip(parameters, first))
    trained, same = runs.learn(EVEN_RUNS, 6, 0, steps=3, orthogonal=True)
    assert (same.Whh == first.Whh).all() and (trained.Whh != first.Whh).any()


def test_words_and_planes():
    assert pictures.spread([0.1, 0.3, 0.2], 1) == "0.2 (0.1 to 0.3)"
    assert pictures.column([{"a": 1}, {"a": 3}], "a").tolist() == [1, 3]
    rng = np.random.default_rng(0)
    points = rng.normal(size=(300, 4)) * [5, 0.1, 2, 0.1]
    plane = pictures.principal_plane(points)
    assert abs(np.corrcoef(plane[:, 0], points[:, 0])[0, 1]) > 0.99
    assert abs(np.corrcoef(plane[:, 1], points[:, 2])[0, 1]) > 0.99
    colours = pictures.belief_colours(np.eye(3))
    assert len({tuple(c) for c in colours}) == 3 and colours.min() >= 0 and colours.max() <= 1


def test_the_machine_of_a_small_network_is_found():
    parameters, _ = runs.learn(REBER, 8, 0)
    text, _ = runs.unseen(REBER, 0, 6000)
    found = runs.machine_in(parameters, REBER, text)
    assert len(found.states) == 7
