"""Chapter 10: the stored races are whole and can be made again."""

import json

import longer_novel
import longer_pictures as pictures
import longer_runs as runs
import numpy as np
import pytest

from rnn_helpers.languages import EMBEDDED_REBER

STORED = pictures.stored_runs()


def test_the_race_that_the_chapter_prints_is_stored_with_five_seeds():
    assert set(STORED) <= set(runs.RUNS) and pictures.RESULTS == runs.RESULTS
    for rival in runs.RIVALS:
        found = STORED[f"embedded 0.97, {rival}"]
        assert [run["seed"] for run in found] == list(runs.SEEDS)
        assert all([mark[0] for mark in run["on the way"]] == list(runs.MARKS) for run in found)


def test_rivals_have_nearly_as_many_weights():
    sizes = {run["weights"] for found in STORED.values() for run in found}
    assert max(sizes) < 1.1 * min(sizes)


def test_an_orthogonal_start_keeps_lengths():
    parameters = runs.init_orthogonal(4, 8, np.random.default_rng(0), scale=0.1)
    assert np.allclose(parameters.Whh @ parameters.Whh.T, np.eye(8))


@pytest.mark.parametrize("rival", runs.RIVALS)
def test_a_rival_learns_and_notes_on_the_way(rival, monkeypatch):
    monkeypatch.setattr(runs, "MARKS", (5, 10))
    noted = []
    parameters = runs.learn(
        EMBEDDED_REBER(0.5), rival, 0, steps=10, window=20,
        mark=lambda parameters, step, seconds: noted.append((step, seconds)),
    )  # fmt: skip
    assert [step for step, _ in noted] == [5, 10] and 0 < noted[0][1] < noted[1][1]
    assert parameters.by.dtype == np.float32


def test_an_interrupted_command_continues_where_it_was(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(runs, "RESULTS", tmp_path / "longer.json")
    monkeypatch.setattr(runs, "RUNS", {"x": None, "y": None})
    monkeypatch.setattr(runs, "SEEDS", range(2))

    def measure(name, seed):
        if len(done) == 2 and "stop" not in done:
            done.append("stop")
            raise KeyboardInterrupt
        done.append((name, seed))
        return {"seed": seed}

    monkeypatch.setattr(runs, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        runs.main()
    runs.main("y")
    runs.main()
    assert done == [("x", 0), ("y", 0), "stop", ("y", 1), ("x", 1)]
    stored = json.loads(runs.RESULTS.read_text(encoding="utf-8"))
    assert stored == {name: [{"seed": 0}, {"seed": 1}] for name in "xy"}


def test_steps_until_and_time_by_hand():
    marks = [[[500, 1.0, 1.0], [1000, 0.05, 2.0]], [[500, 0.01, 1.5], [1000, 0.0, 3.0]]]
    found = {"a": [{"on the way": mark} for mark in marks]}
    assert pictures.steps_until(found, {"A": "a"}, 0.1) == {"A": [1000, 500]}
    assert pictures.time_of(found, {"A": "a"}) == {"A": 2.0}


@pytest.mark.parametrize("name", longer_novel.NETWORKS)
def test_what_is_stored_of_the_novel_is_measured_again(name, monkeypatch):
    monkeypatch.setattr(longer_novel, "SEEDS", range(1))
    stored = json.loads(longer_novel.RESULTS.read_text(encoding="utf-8"))[name]
    try:
        found = longer_novel.measure(name)
    except ConnectionError as error:
        pytest.skip(str(error))
    for key, value in found.items():
        assert np.allclose(value, stored[key], atol=2e-3), key
