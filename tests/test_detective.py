"""Chapter 07: each case is caught by exactly the checks that the chapter says catch it."""

import json
import re
import shutil

import gradient_detective as detective
import gradient_detective_cases as cases
import gradient_detective_recipes as recipes
import numpy as np
import pytest
from conftest import cells_of
from gradient_detective_cases import build_network
from matplotlib.colors import to_hex

from rnn_helpers import bugs, training
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.corpora import load_text
from rnn_helpers.diagnosis import diagnose
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters

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


@pytest.mark.parametrize("name", sorted(set(cases.CHECKS) - set(cases.BAR)))
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


@pytest.fixture
def guesses(monkeypatch):
    monkeypatch.setattr(detective, "GUESSES", {})
    return detective.GUESSES


def said(capsys, case, line):
    detective.accuse(case, line)
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("number", cases.CASES)
def test_the_wrong_lines_of_a_case_are_those_that_its_fold_shows(number):
    """The answers come from the bugs; the folds, made in another way, must agree."""
    removed = {
        line[2:].strip() for line in cases.CASES[number].diff().split("\n") if line[0] == "-"
    }
    modules, numbers = detective.changed_lines(number)
    code = {detective.LINES[n][2].strip() for n in numbers}
    assert modules and (removed <= code or modules == {"encoding"})
    if removed and number not in (7, 16):  # their folds add lines as well
        assert removed == code or modules == {"encoding"}


def test_the_numbered_lines_are_those_of_the_functions():
    for module, first in (("bptt", 1), ("training", 31)):
        numbers = [n for n, (where, *_) in detective.LINES.items() if where == module]
        assert numbers == list(range(first, first + len(numbers)))
        source = bugs.source_of(module).split("\n")
        for n in numbers:
            _, row, code = detective.LINES[n]
            assert source[row].startswith("    " + code) and "#" not in code


@pytest.mark.parametrize("number", cases.CASES)
def test_a_right_line_is_accepted_and_a_wrong_one_gets_a_hint_without_the_answer(
    number, guesses, capsys
):
    modules, numbers = detective.changed_lines(number)
    for line in [*detective.LINES, *detective.MODULES]:
        guesses.clear()
        answer = said(capsys, number, line)
        assert answer.startswith(f"Case {number}: ")
        if line in numbers or modules == {line} == {"encoding"}:
            assert answer.endswith("right. Points: 3 of 3.")
        elif line in modules:
            assert answer.endswith("that is the module. Which of its lines?") and not guesses
        else:
            hint = answer.removeprefix(f"Case {number}: not yet. ")
            assert hint != answer and "Look" in hint and not re.search(r"\d", hint)
            assert not any(detective.LINES[n][2].strip() in hint for n in numbers)


def test_hints_say_earlier_or_later_and_near(guesses, capsys):
    assert said(capsys, 9, 19) == "Case 9: not yet. You are near. Look a little later."
    assert said(capsys, 9, 3) == "Case 9: not yet. Look later."
    assert said(capsys, 3, 23) == "Case 3: not yet. Look earlier."
    assert "All of bptt is as it should be. Look in the loop" in said(capsys, 11, 4)
    assert "All of training is as it should be. Look in the backward" in said(capsys, 4, 44)
    assert "before both functions" in said(capsys, 15, 4)


def test_first_guesses_count_more_and_a_guess_counts_once(guesses, capsys):
    assert "your turn" in said(capsys, 3, ...) and "no 99" in said(capsys, 3, 99)
    assert not guesses
    said(capsys, 3, 17), said(capsys, 3, 17), said(capsys, 3, 18), said(capsys, 3, 5)
    assert guesses == {3: [17, 18]} and detective.points(3) == 2
    said(capsys, 6, 11)
    for line in (1, 2, 3, 4, 5, 20):
        said(capsys, 9, line)
    detective.score()
    printed = capsys.readouterr().out
    assert "Solved: 3 of 16 cases." in printed and "Points: 6 of 48" in printed
    assert "Open: 1, 2, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15, 16" in printed


def test_the_smallest_set_is_the_only_one_of_its_size(capsys):
    few = set(detective.smallest_set())
    assert few == {"large weights", "one long read", "asked twice", "three processes"}
    for name in few:  # each catches a case that no other question catches
        assert any(case.caught_by == {name} for case in cases.CASES.values())
    detective.questions_miss(*few)
    assert "Your 4 questions catch all 16 cases. No smaller" in capsys.readouterr().out
    detective.questions_miss(*few, "one step")
    assert "Your 5 questions catch all 16 cases. A smaller set" in capsys.readouterr().out
    detective.questions_miss(*(few - {"asked twice"}))
    assert capsys.readouterr().out == "These cases pass all your questions: 14\n"
    detective.questions_miss("asked twise")
    assert "no question 'asked twise'" in capsys.readouterr().out
    detective.questions_miss(...)
    assert "Your turn" in capsys.readouterr().out


TEXT = Vocabulary.from_text("to be or not to be, that is it.").encode(
    "to be or not to be, that is it."
)


def trained(network, make, steps=40, seed=0):
    rng = np.random.default_rng(seed)
    parameters = init_parameters(int(TEXT.max()) + 1, 8, rng)
    watch = detective.Watch(parameters, TEXT)
    optimizer = make(parameters)
    network.train(parameters, TEXT, optimizer, steps, rng, callback=watch)
    return parameters, watch


def rival(make, steps=40):
    rng = np.random.default_rng(0)
    parameters = init_parameters(int(TEXT.max()) + 1, 8, rng)
    network, optimizer = make(parameters, 0)
    network.train(parameters, TEXT, optimizer, steps, rng)
    return parameters


def test_the_parts_of_case_10_add_up():
    """In all states is case 10; in saturated and in other states give its two halves."""
    rng = np.random.default_rng(0)
    parameters = init_parameters(5, 6, rng, scale=2.0)
    setting = parameters, rng.integers(0, 5, 9), rng.integers(0, 5, 9), np.zeros(6)
    right, whole, *halves = (
        cases.build_network(name).loss_and_gradients(*setting)[1].Whh
        for name in ((), *cases.PARTS)
    )
    assert np.allclose(whole, cases.build_network(10).loss_and_gradients(*setting)[1].Whh)
    assert np.allclose(sum(halves), right + whole)
    assert not any(np.allclose(half, other) for half in halves for other in (right, whole))


def test_a_rival_differs_from_the_right_network_in_one_trait():
    plain, _ = trained(cases.build_network(), lambda p: Adagrad(p, 0.1))
    one_factor, _ = trained(cases.build_network(), lambda p: detective.ScaledWhh(p, 0.1, 1.0))
    assert all(np.array_equal(a, b) for a, b in zip(plain, one_factor))
    for make in (*detective.RIVALS.values(), detective.held_back):
        one = rival(make, 1)
        right, _ = trained(cases.build_network(), lambda p: Adagrad(p, 0.1), 1)
        for name in ("Wxh", "Why", "bh", "by"):  # after one step only Whh differs
            assert np.array_equal(getattr(one, name), getattr(right, name))
        assert not np.allclose(rival(make).Whh, plain.Whh)


def test_borrowing_the_own_sum_of_squares_changes_nothing():
    rng = np.random.default_rng(0)
    parameters = init_parameters(5, 4, rng)
    own, borrowed = (parameters._make(a.copy() for a in parameters) for _ in range(2))
    plain, lent = Adagrad(own, 0.1), detective.BorrowedSum(borrowed, 0.1)
    for _ in range(5):
        gradients = own._make(rng.standard_normal(a.shape) for a in own)
        lent.other = gradients.Whh
        plain.step(gradients), lent.step(gradients)
    assert all(np.allclose(a, b, atol=1e-12) for a, b in zip(own, borrowed))


def test_the_watch_measures_the_path_and_the_saturated_share():
    parameters, watch = trained(cases.build_network(), lambda p: Adagrad(p, 0.1), 10)
    assert set(watch.saturated) == {10}
    assert watch.saturated[10] == detective.saturated_share(parameters, TEXT)
    start = init_parameters(int(TEXT.max()) + 1, 8, np.random.default_rng(0))
    assert watch.path > watch.away[10] == np.linalg.norm(parameters.Whh - start.Whh) > 0
    big = start._replace(bh=np.array([9.0, -9, 0, 0, 0, 0, 0, 0]))
    assert detective.saturated_share(big, TEXT) == 0.25


def test_a_smaller_matrix_helps_the_right_gradient_as_case_10_does():
    """Chapter 07: Whh that went far keeps the units saturated, so make it smaller by hand."""
    poem = load_text("poem")
    vocabulary = Vocabulary.from_text(poem)
    ids, train = vocabulary.encode(poem), cases.build_network().train

    def after(factor, seed):
        rng = np.random.default_rng(seed)
        parameters = init_parameters(len(vocabulary), 64, rng)
        optimizer = Adagrad(parameters, 0.1)
        run = train(parameters, ids, optimizer, 100, rng)
        parameters.Whh[:] *= factor
        saturated = detective.saturated_share(parameters, ids)
        train(parameters, ids, optimizer, 1100, rng, run=run)
        return saturated, np.mean(run.losses[-100:]) / np.log(2)

    untouched, smaller = (np.array([after(f, seed) for seed in range(5)]) for f in (1, 0.3))
    assert max(smaller[:, 0]) < min(untouched[:, 0])
    assert np.median(smaller[:, 1]) < 1.1 < 1.4 < np.median(untouched[:, 1])


def test_spread_shows_median_and_range():
    assert detective.spread([3.0, 1.0, 2.0]) == "2.00 [1.00 to 3.00]"
    assert detective.spread([1, 4], 0) == "2 [1 to 4]"


def test_recipes_in_the_pictures_are_the_stored_ones():
    stored = json.loads(recipes.RESULTS.read_text(encoding="utf-8"))
    runs = stored["D"]["versions"]["repaired"]["runs"]
    assert list(detective.reached("D", "repaired")) == [run["examined"] for run in runs]


def test_tables_fit_a_narrow_page(capsys):
    """JupyterLab beside its list of files, 900 pixels wide, shows 58 characters a line."""
    detective.print_reports({(): [1.866, 1.9, 1.8], 11: [0.02] * 3}, {(): [1.79], 11: [13.456]})
    detective.print_reports({"none": [4.4], "the state alone": [0.2]},
                            {"none": [4.4], "the state alone": [13.4]}, digits=0)  # fmt: skip
    detective.print_verdicts({5: 1e-9, 6: 0.5, 7: np.nan})
    shown = capsys.readouterr().out
    assert shown.splitlines() == [
        "right    reports  1.87   pays  1.79",
        "case 11  reports  0.02   pays 13.46",
        "none             reports   4   pays   4",
        "the state alone  reports   0   pays  13",
        "case 5: right",
        "case 6: wrong",
        "case 7: wrong",
    ]
    detective.print_reading(())
    detective.print_reading(13)
    detective.print_wrong_counts((4,))
    print(diagnose(build_network(1).loss_and_gradients).table())
    shown = capsys.readouterr().out
    assert "  112 targets of 112, cost 279.2, in one window 279.2 bits" in shown
    assert "case 13  reads" in shown and "  100 targets of 112" in shown
    assert max(map(len, shown.splitlines())) <= 58


def test_orders_of_an_alphabet_are_counted(capsys, monkeypatch):
    monkeypatch.setattr(detective, "alphabets", lambda case: "abc" if case else "a")
    detective.print_orders([(), 15])
    assert capsys.readouterr().out.splitlines() == [
        "right   different orders in three processes: 1",
        "case 15 different orders in three processes: 3",
    ]


def test_no_two_kinds_share_a_colour():
    """What a colour says in one picture of the chapter it says in all."""
    colours = {colour for colour, _ in detective.LOOKS.values()}
    assert len(colours) == len(detective.LOOKS)
    axes = detective.draw_matrix({1: {"one step"}, 2: set()})
    filled = {to_hex(c) for m in axes.collections for c in m.get_facecolor()}
    assert len(filled) == 1 and not filled & colours
