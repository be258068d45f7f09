"""Chapter 10: the stored races are whole and can be made again."""

import json
import re
from collections import Counter

import longer_adding as adding
import longer_novel
import longer_pictures as pictures
import longer_runs as runs
import numpy as np
import pytest

from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.languages import EMBEDDED_REBER
from rnn_helpers.reading import Reading

STORED = pictures.stored_runs()


def test_every_run_is_stored_with_five_seeds():
    assert list(STORED) == list(runs.RUNS) and pictures.RESULTS == runs.RESULTS
    for name, found in STORED.items():
        assert [run["seed"] for run in found] == list(range(5))
        steps = runs.RUNS[name][2]["steps"]
        marks = [mark for mark in runs.MARKS if mark <= steps]
        assert all([mark[0] for mark in run["on the way"]] == marks for run in found)
        if steps == marks[-1]:  # on a fifth of the text of the last price
            assert all(abs(run["on the way"][-1][1] - run["price"]) < 0.09 for run in found)


def test_the_time_of_a_step_is_stored_for_each_rival():
    times = pictures.stored_times()
    assert list(times) == list(runs.RIVALS)
    assert all(len(found) == 9 and min(found) > 0.1 for found in times.values())
    assert times.keys() == runs.time_steps(rounds=1, steps=2).keys()


def test_rivals_have_nearly_as_many_weights():
    sizes = {run["weights"] for found in STORED.values() for run in found}
    assert max(sizes) < 1.1 * min(sizes)


def test_an_orthogonal_start_keeps_lengths():
    parameters = runs.init_orthogonal(4, 8, np.random.default_rng(0), scale=0.1)
    assert np.allclose(parameters.Whh @ parameters.Whh.T, np.eye(8))


@pytest.mark.parametrize("rival", runs.RIVALS)
def test_a_rival_learns_and_notes_on_the_way(rival):
    noted = []
    parameters = runs.learn(
        EMBEDDED_REBER(0.5), rival, 0, steps=10, window=20, marks=(5, 10),
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


def test_numbers_of_the_race_by_hand():
    marks = [[[500, 1.0, 1.0], [1000, 0.05, 2.0]], [[500, 0.01, 1.5], [1000, 0.0, 3.0]]]
    found = {"a": [{"on the way": mark} for mark in marks]}
    assert pictures.steps_until(found, {"A": "a"}, 0.1) == {"A": [1000, 500]}
    assert pictures.marks_before(found, {"A": "a"}, "A", [1000, 500]) == [500, 0]
    times = {"tanh": [1, 2, 4], "LSTM": [3, 4, 20]}  # 3, 2 and 5 times as long
    assert pictures.cost_of_a_step(times) == {"tanh": 1, "LSTM": 3}
    assert pictures.tie([1, 3], [2, 5]) and pictures.tie([1, 3], [3, 5])
    assert pictures.tie([1, 9], [2, 5]) and pictures.tie([2, 5], [1, 9])
    assert not pictures.tie([1, 3], [4, 5]) and not pictures.tie([4, 5], [1, 3])


def test_prices_by_distance_by_hand():
    two = [
        {"on the way": [[500, 0.9, 1], [1000, 0.1 * k, 2]],
         "by distance": [[1, 10, 99, 0.5], [11, 20, 99, 0.1 * k], [21, 30, 40, 0.3]][: 4 - k]}
        for k in (1, 2)
    ]  # fmt: skip
    early = pictures.prices_after(
        {"near, x": two, "far, x": two[::-1]}, 1000, ["near, ", "far, "], ["x"]
    )
    assert np.allclose(early["x"], [[0.1, 0.2], [0.2, 0.1]])
    (low, high), prices = pictures.prices_by_distance({"n": two}, {"x": "n"})["x"]
    assert low.tolist() == [1, 11] and high.tolist() == [10, 20]  # which both runs have
    assert np.allclose(prices, [[0.5, 0.1], [0.5, 0.2]])


def test_who_learns_brackets_is_counted():
    def some(*prices):
        return [{"price": price} for price in prices]

    mine = {f"brackets {m}, {r}": some(0.01, 1) for m in (40, 80) for r in ("GRU", "LSTM")}
    plain = {"brackets 40, 0.1": some(0, 0.09, 0.11), "brackets 40, orthogonal": some(1),
             "brackets 80, 0.1": some(1), "brackets 80, orthogonal": some(0, 0)}  # fmt: skip
    rows = [line.split() for line in pictures.learnt_table(mine, plain).split("\n")[2:]]
    assert rows == [["40", "2", "0", "1", "1"], ["80", "0", "2", "1", "1"]]


def test_five_runs_of_the_adding_problem_are_stored():
    stored = pictures.stored_sums()
    assert list(stored) == list(adding.RUNS)
    for found in stored.values():
        assert [run["seed"] for run in found] == list(runs.SEEDS)
        assert all(run["on the way"][-1][0] == adding.STEPS for run in found)


def test_a_text_of_the_adding_problem():
    language = adding.Adding(6)
    text, sums = language.sample(43, np.random.default_rng(0))
    assert len(text) == 43 and len(sums) == 5 and set(text) <= set(language.characters)
    for line, said in zip(re.findall(".{8}", text), sums):
        halves = line[:3], line[3:6]
        marked = [re.findall("[a-j]", half) for half in halves]
        assert [len(found) for found in marked] == [1, 1]
        a, b = ("abcdefghij".index(found[0]) for found in marked)
        assert line[6] == "=" and line[7] == "ABCDEFGHIJKLMNOPQRS"[a + b] and said == a + b
    many, sums = language.sample(80_000, np.random.default_rng(1))
    assert np.isclose(np.var(sums / 9), adding.knows()["nothing"][1], rtol=0.05)
    places = [i % 8 for i, c in enumerate(many) if c in adding.MARKED]
    assert all(0.15 < places.count(i) / len(places) < 0.18 for i in range(6))
    for odd in (0, 7):
        with pytest.raises(ValueError, match="even number, 2 or more"):
            adding.Adding(odd)


def test_what_a_sum_costs_those_who_know_a_part():
    ways = Counter(a + b for a in range(10) for b in range(10))
    bits = -sum(n / 100 * np.log2(n / 100) for n in ways.values())
    squares = sum(n / 100 * (s / 9 - 1) ** 2 for s, n in ways.items())
    known = adding.knows()
    assert np.allclose(known["nothing"], (bits, squares))
    assert np.allclose(known["one digit"], (np.log2(10), squares / 2))
    assert known["both"] == (0, 0)


def test_the_price_of_sums_by_networks_that_know_nothing_and_all(monkeypatch):
    language = adding.Adding(6)
    text, sums = language.sample(80, np.random.default_rng(0))
    blank = init_parameters(40, 2, np.random.default_rng(0), scale=0.0)
    bits, errors = adding.price_and_error(blank, language, text, sums)
    assert np.allclose(bits, np.log2(40)) and np.allclose(errors, (9 - sums) / 9)
    ids = np.array([[language.characters.index(c), 0] for c in text])
    told = Reading(text, np.zeros(80), ids, np.array(80 * [[1.0, 0.0]]), None)
    monkeypatch.setattr(adding, "trace", lambda *arguments, top: told)
    bits, errors = adding.price_and_error(blank, language, text, sums)
    assert not bits.any() and np.allclose(errors, 0)


def test_a_run_of_the_adding_problem(monkeypatch):
    monkeypatch.setattr(adding, "STEPS", 500)
    monkeypatch.setattr(adding, "LETTERS", 5000)
    monkeypatch.setattr(adding, "TRIED", 50)
    monkeypatch.setitem(adding.RUNS, "adding 4, tanh", (4, "tanh"))
    run = adding.measure("adding 4, tanh", 0)
    assert run["seed"] == 0 and [mark[0] for mark in run["on the way"]] == [500]
    assert run["price"] < 3.5 and run["squared error"] < 0.1  # better than one digit


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
