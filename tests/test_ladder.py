"""The ladder is a ladder: a module imports only from rungs below its own, and little else.

`tools/series.toml` lists the modules: the rungs of the ladder, what stands below it and beside.
"""

import ast
import graphlib
import importlib
import subprocess
import sys

import pytest
from conftest import ROOT
from series import BELOW, BESIDE, CHAPTERS, LADDER

PACKAGE = ROOT / "rnn_helpers"
MOST_LINES = 250  # what can be read at one sitting
BELOW = [entry.module for entry in BELOW]
NEEDS = {entry.module: set(entry.needs) for entry in BESIDE} | {"training": {"tqdm"}}
SOURCES = {  # by name: loss, widgets, widgets.live
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path != PACKAGE / "__init__.py"
}
TOP = {name.partition(".")[0] for name in SOURCES}


def imported(nodes):
    """What is imported anywhere in these statements: modules by their full names."""
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package in full"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in inside if name.removeprefix("rnn_helpers.") in SOURCES}
            yield from modules or {node.module}


def uses(name):
    """What a module imports: names of our modules, and names of other packages.

    What stands under `if __name__ == "__main__":` is left out: Python runs it only as a
    command, which is a module of its own, `__main__`, that nothing can import.
    """
    body = ast.parse(SOURCES[name].read_text(encoding="utf-8")).body
    everything = set(imported(node for node in body if not is_command(node)))
    ours = {m.removeprefix("rnn_helpers.") for m in everything if m.startswith("rnn_helpers.")}
    return ours, {m.partition(".")[0] for m in everything} - {"rnn_helpers"}


def is_command(node):
    return ast.unparse(node).startswith("if __name__ == '__main__':")


def test_every_module_is_in_the_list():
    listed = LADDER + BELOW + [entry.module for entry in BESIDE]
    assert set(listed) == TOP and len(listed) == len(TOP)


def test_what_a_rung_gives_is_there():
    for chapter in CHAPTERS:
        for module, names in chapter.rung.items():
            assert not set(names) - set(vars(importlib.import_module(f"rnn_helpers.{module}")))


@pytest.mark.parametrize("name", LADDER)
def test_a_rung_uses_only_what_stands_below_it(name):
    ours, _ = uses(name)
    assert not ours - set(BELOW) - set(LADDER[: LADDER.index(name)])


@pytest.mark.parametrize("name", BELOW)
def test_what_stands_below_uses_nothing_of_ours(name):
    ours, _ = uses(name)
    assert not ours


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_needs_few_libraries(name):
    _, others = uses(name)
    needed = others - sys.stdlib_module_names - {"numpy"}
    assert not needed - NEEDS.get(name.partition(".")[0], set())


def test_no_modules_import_each_other():
    """Anywhere in their code, so a circle cannot hide in a function."""
    graph = graphlib.TopologicalSorter({name: uses(name)[0] for name in SOURCES})
    graph.prepare()  # raises CycleError, which names a circle


@pytest.mark.parametrize("name", LADDER)
def test_a_rung_can_be_read_at_one_sitting(name):
    assert len(SOURCES[name].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_mathematics_needs_numpy_alone():
    """In a fresh process no picture, widget or notebook library is loaded by the ladder."""
    program = "import sys, " + ", ".join(f"rnn_helpers.{n}" for n in LADDER if n != "training")
    program += "; print(*{m.partition('.')[0] for m in sys.modules})"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"matplotlib", "ipywidgets", "IPython", "tqdm"} & set(shown)
