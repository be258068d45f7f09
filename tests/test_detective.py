"""Chapter 07: each case is caught by exactly the checks that the chapter says catch it."""

import json
import re
import shutil

import gradient_detective_cases as cases
import gradient_detective_recipes as recipes
import numpy as np
import pytest
from conftest import cells_of

from rnn_helpers import bugs, training

CHAPTER = cases.CHAPTER


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("number", cases.CASES)
def test_a_case_is_caught_by_exactly_its_checks(number, seed):
    assert cases.caught_by(number, seed) == cases.CASES[number].caught_by


@pytest.mark.parametrize("seed", range(4))
def test_what_is_right_is_caught_by_none(seed):
    assert cases.caught_by((), seed) == set()


@pytest.mark.parametrize("number", cases.CASES)
def test_a_case_that_is_repaired_is_noticed(number, monkeypatch):
    case = cases.CASES[number]
    monkeypatch.setitem(cases.CASES, number, case._replace(bugs=()))
    assert cases.caught_by(number) == set() != case.caught_by


@pytest.mark.parametrize("place", cases.BAR)
def test_a_gradient_check_that_is_weakened_is_noticed(place, monkeypatch):
    monkeypatch.setitem(cases.BAR, place, 10.0)
    missed = [n for n, case in cases.CASES.items() if cases.caught_by(n) != case.caught_by]
    assert missed == [n for n, case in cases.CASES.items() if place in case.caught_by]


@pytest.mark.parametrize("name", set(cases.CHECKS) - set(cases.BAR))
def test_any_other_check_that_is_switched_off_is_noticed(name, monkeypatch):
    monkeypatch.setitem(cases.CHECKS, name, lambda network, seed=0: False)
    missed = [n for n, case in cases.CASES.items() if cases.caught_by(n) != case.caught_by]
    assert missed == [n for n, case in cases.CASES.items() if name in case.caught_by] != []


def test_first_weights_checked_by_a_sharper_bar_would_see_more(monkeypatch):
    """Why the chapter's bar there is a thousandth: that is what float32 can hold."""
    monkeypatch.setitem(cases.BAR, "first weights", 1e-7)
    assert all("first weights" in cases.caught_by(n) for n in (7, 10))


def test_the_network_of_a_case_has_its_bugs_and_no_other():
    right = cases.build_network()
    assert right.train is not training.train and right.sources == bugs.sources_with()
    for number, case in cases.CASES.items():
        assert cases.build_network(number).sources == bugs.sources_with(*case.bugs)
        assert cases.build_network(case.bugs).sources == bugs.sources_with(*case.bugs)


def test_at_least_ten_cases_and_every_check_is_needed_for_one():
    assert len(cases.CASES) >= 10
    for name in cases.CHECKS:
        assert any(name in case.caught_by for case in cases.CASES.values())


def test_the_lines_shown_in_the_chapter_are_those_of_the_cases():
    shown = "\n".join(c.source for c in cells_of(CHAPTER) if c.cell_type == "markdown")
    diffs = re.findall(r"```diff\n(.*?)\n```", shown, re.DOTALL)
    wanted = [case.diff() for case in cases.CASES.values()]
    assert diffs == wanted, "run: python notebooks/gradient_detective_cases.py"


def test_the_lines_are_written_into_the_chapter(tmp_path):
    copy = tmp_path / CHAPTER.name
    stored = CHAPTER.read_text(encoding="utf-8")
    copy.write_text(stored.replace("dlogits *= -1", "another line"), encoding="utf-8")
    assert copy.read_text(encoding="utf-8") != stored
    cases.write_folds(copy)
    assert copy.read_text(encoding="utf-8") == stored


def test_a_case_without_a_fold_is_noticed(tmp_path, monkeypatch):
    copy = shutil.copy(CHAPTER, tmp_path)
    monkeypatch.setitem(cases.CASES, 17, cases.Case(("time runs forwards",), {cases.LARGE}))
    with pytest.raises(ValueError, match=r"16 blocks ```diff for 17 cases"):
        cases.write_folds(tmp_path / copy)
    assert (tmp_path / copy).read_bytes() == CHAPTER.read_bytes()


def test_the_answers_are_folded():
    for cell in cells_of(CHAPTER):
        if "```diff" in cell.source:
            before, _, folded = cell.source.partition("<details>")
            assert "```diff" not in before and folded.endswith("</details>")


def test_stored_recipes_are_whole_and_made_with_these_settings():
    stored = json.loads(recipes.RESULTS.read_text(encoding="utf-8"))
    assert list(stored) == list(recipes.RECIPES)
    for name, recipe in recipes.RECIPES.items():
        assert list(stored[name]["versions"]) == list(recipe["versions"])
        for version, (_, rate, *seeds) in recipe["versions"].items():
            found = stored[name]["versions"][version]
            assert found["rate"] == rate
            seeds = range(seeds[0] if seeds else recipe["seeds"])
            assert [run["seed"] for run in found["runs"]] == list(seeds)


@pytest.mark.parametrize("version", recipes.RECIPES["A"]["versions"])
def test_a_recipe_runs(version):
    recipe = recipes.RECIPES["A"] | {"epochs": 1, "hidden": 8}
    names, rate = recipe["versions"][version]
    found = recipes.learn(recipe, names, rate, 0)
    assert found["steps"] == 133 and np.isclose(found["first"], np.log(56), atol=0.01)
    assert 4 < found["examined"] < 6


def test_the_script_goes_on_where_it_was(tmp_path, monkeypatch):
    asked = []
    small = {"A": recipes.RECIPES["A"] | {"seeds": 2}}
    monkeypatch.setattr(recipes, "RECIPES", small)
    monkeypatch.setattr(recipes, "RESULTS", tmp_path / "recipes.json")
    monkeypatch.setattr(recipes, "learn", lambda *a: asked.append(a[2:]) or {"seed": a[3]})
    recipes.main()
    assert len(asked) == 6
    recipes.main()
    assert len(asked) == 6
    stored = json.loads((tmp_path / "recipes.json").read_text(encoding="utf-8"))
    assert stored["A"]["symbols"] == 56 and stored["A"]["characters"] == 1993
