"""The engine of bugs: it finds places by what they do, and changes nothing but copies."""

import ast
import inspect
import io
import tokenize

import gradient_detective_cases as cases
import gradient_detective_recipes as recipes
import numpy as np
import pytest
import test_mutants
from conftest import large_weights

from rnn_helpers import bptt, bugs, cells, exercises, forward_pass, loss, lstm, training
from rnn_helpers.bugs import BUGS, Bug, broken, diff, sources_with
from rnn_helpers.gradient_check import check_gradients

MUTANTS = test_mutants.MUTANTS
SOURCES = {name: bugs.source_of(name) for name in bugs.MODULES}


class Rename(ast.NodeTransformer):
    """New names for a function's variables, and the keyword arguments of calls reversed."""

    def __init__(self, function):
        variables = (node for node in ast.walk(function) if isinstance(node, ast.Name))
        self.names = {node.id for node in variables if isinstance(node.ctx, ast.Store)}
        if function.name in ("forward", "loss_and_gradients", "train"):  # called by position
            self.names |= {argument.arg for argument in function.args.args}
        self.names -= {argument.arg for argument in function.args.kwonlyargs}

    def visit_Name(self, node):
        return ast.Name(self.new(node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self.new(node.arg))

    def visit_Call(self, node):
        node.keywords.reverse()
        return self.generic_visit(node)

    def new(self, name):
        return f"{name}_é" if name in self.names else name


def renamed(name):
    """A module with new names for variables, in another layout and without comments."""
    tree = ast.parse(SOURCES[name])
    for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        Rename(function).visit(function)
    return ast.unparse(ast.fix_missing_locations(tree))


@pytest.fixture
def other_names(monkeypatch):
    assert "dhnext_é = da_t_é.dot(Whh_é)" in renamed("bptt")
    monkeypatch.setattr(bugs, "source_of", renamed)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_bug_survives_new_names_and_another_layout(name, other_names, monkeypatch):
    test_mutants.test_mutant_is_caught(name, monkeypatch)


@pytest.mark.parametrize("number", cases.CASES)
def test_a_case_survives_new_names_and_another_layout(number, other_names):
    assert cases.caught_by(number) == cases.CASES[number].caught_by


def test_what_is_right_is_right_under_other_names(other_names):
    assert cases.caught_by(()) == set()


@pytest.mark.parametrize("old, new", [
    ("dhnext = da_t.dot(Whh)", "dhnext = da_t @ Whh"),
    ("dhnext = da_t.dot(Whh)", "dhnext = np.dot(\n            da_t,\n            Whh,\n        )"),
    ("zip(da[::-1], dtanh[::-1])", "reversed([*zip(da, dtanh)])"),
    ("forward(parameters, inputs, h0)", "forward(\n        parameters, inputs, h0\n    )"),
])  # fmt: skip
@pytest.mark.parametrize("name", [n for n in MUTANTS if BUGS[n].module == "bptt"])
def test_a_bug_survives_a_line_written_in_another_way(name, old, new, monkeypatch):
    assert SOURCES["bptt"].count(old) == 1
    sources = SOURCES | {"bptt": SOURCES["bptt"].replace(old, new)}
    monkeypatch.setattr(bugs, "source_of", sources.get)
    test_mutants.test_mutant_is_caught(name, monkeypatch)


@pytest.mark.parametrize("name", BUGS)
def test_all_but_the_changed_lines_stay_as_they_are(name):
    sources, module = sources_with(name), BUGS[name].module
    assert [n for n in SOURCES if sources[n] != SOURCES[n]] == [module]
    old, new = SOURCES[module].splitlines(), sources[module].splitlines()
    lines = diff(name).splitlines()
    removed, added = ([line for line in lines if line[0] == mark] for mark in "-+")
    assert len(new) - len(old) == len(added) - len(removed)
    assert len(set(old) - set(new)) <= len(removed) and len(set(new) - set(old)) <= len(added)
    assert comments(sources[module]) == comments(SOURCES[module]) and "#" not in diff(name)


def comments(source):
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def test_no_bug_is_in_the_catalogue_for_nothing():
    """Each is caught by a test or by a check of chapter 07, or is a part of a recipe."""
    used = set(MUTANTS).union(*(case.bugs for case in cases.CASES.values()))
    for recipe in recipes.RECIPES.values():
        used = used.union(*(version[0] for version in recipe["versions"].values()))
    assert used == set(BUGS)


def test_a_diff_reads_like_a_commit():
    assert diff() == ""
    assert diff("mean over time").splitlines() == [
        "  loss, dlogits = cross_entropy_and_gradient(logits, targets)",
        "+ dlogits /= len(inputs)",
    ]
    assert diff("nothing comes from the future") == "- dhnext = da_t.dot(Whh)"
    assert " * targets[0].size, " in diff("loss as a sum over the batch")
    assert diff("no gradient for bh").splitlines() == [
        "- bh=ones @ da,",
        "+ bh=np.zeros_like(bh),",
    ]
    assert diff("dWxh with repeated characters counted once").splitlines()[-3:] == [
        "  gradients = Parameters(",
        "-     Wxh=da.T @ x,",
        "+     Wxh=dWxh,",
    ]


def test_the_order_of_bugs_makes_no_difference():
    chosen = recipes.D_AS_FOUND
    assert sources_with(*chosen) == sources_with(*reversed(chosen)) != SOURCES
    assert (
        "Whh=(da / dtanh.reshape(da.shape))[:1].T @ h_after[:1]," in sources_with(*chosen)["bptt"]
    )


def test_copies_call_one_another():
    setting = large_weights()
    right, _, _ = bptt.loss_and_gradients(*setting)
    network = broken("bits for nats", "state forgotten")
    assert not np.isclose(network.loss_and_gradients(*setting)[0], right)
    for function, name in ((network.train, "loss_and_gradients"), (network.forward, "check_ids")):
        inner = inspect.unwrap(function).__globals__[name]
        assert inner is getattr(network, name) is not getattr(bptt, name, None)


def test_copies_leave_our_own_modules_alone():
    before = {m: dict(vars(m)) for m in (bptt, forward_pass, loss, lstm, training)}
    registered = dict(cells.CELLS)
    for name in BUGS:
        broken(name)
    assert cells.CELLS == registered and list(cells.CELLS) == list(registered)
    assert all(vars(module) == names for module, names in before.items())


def test_copies_and_we_have_the_same_parameters():
    network, setting = broken(), large_weights()
    _, gradients, _ = network.loss_and_gradients(*setting)
    assert type(gradients) is forward_pass.Parameters
    assert np.isfinite(forward_pass.forward(gradients, setting[1], setting[3])[1]).all()
    assert type(network.init_parameters(7, 6, np.random.default_rng(0))) is type(gradients)
    made = network.init_lstm(7, 6, np.random.default_rng(0))
    _, gradients, _ = network.lstm_loss_and_gradients(made, *setting[1:3], np.zeros(12))
    assert type(made) is type(gradients) is lstm.LSTMParameters


def test_a_module_that_was_rewritten_says_what_to_adapt(monkeypatch):
    source = SOURCES["bptt"].replace("1 - hidden[1:] ** 2", "slope_of_tanh(hidden[1:])")
    monkeypatch.setattr(bugs, "source_of", (SOURCES | {"bptt": source}).get)
    with pytest.raises(ValueError, match=r"'slope' was not found in bptt\.py.*adapt") as caught:
        broken("slope of tanh left out")
    assert "places_in_bptt" in str(caught.value) and caught.value.__cause__ is not None
    broken("sign turned round", "p into the state")  # whose places come before


def test_bugs_that_cannot_be():
    with pytest.raises(ValueError, match="change the same place of bptt.py"):
        broken("carry not transposed", "nothing comes from the future")
    with pytest.raises(ValueError, match="no bug is called 'no such bug'"):
        broken("no such bug")
    with pytest.raises(ValueError, match="'no_such_place' was not found in bptt.py, only paramet"):
        broken(Bug("bptt", {"no_such_place": ""}))


def test_the_networks_of_the_exercises_have_their_bug_and_no_other():
    setting = large_weights()
    wrong = check_gradients(*setting, gradients=exercises.gradients_with_a_bug(*setting))
    assert {name for name, error in wrong.items() if error > 1e-7} == {"Whh"}
    for inputs, arrays in ((setting[1], {"Wxh"}), (np.arange(7), set())):
        setting = setting[0], inputs, inputs[::-1], setting[3]
        loss, gradients, _ = exercises.one_more_case(*setting)
        errors = check_gradients(*setting, gradients=gradients)
        assert {name for name, error in errors.items() if error > 1e-7} == arrays
        assert loss == bptt.loss_and_gradients(*setting)[0]
