"""The ladder is a ladder: a module imports only from rungs below its own, and little else."""

import ast
import subprocess
import sys

import pytest
from conftest import ROOT

LADDER = [
    "encoding", "forward_pass", "loss", "bptt", "gradient_check", "adagrad", "training",
    "sampling", "adam",
]  # fmt: skip
OUTSIDE = {"numpy", "tqdm"}
MOST_LINES = 250  # what can be read at one sitting


def imported(name):
    """What is imported when the module is; a block for `python -m` is a command, not a rung."""
    tree = ast.parse((ROOT / "rnn_helpers" / f"{name}.py").read_text(encoding="utf-8"))
    body = [node for node in tree.body if not ast.unparse(node).startswith("if __name__ ==")]
    for node in (inner for outer in body for inner in ast.walk(outer)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package in full"
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("name", LADDER)
def test_a_module_uses_only_what_stands_below_it(name):
    for module in imported(name):
        package, _, rung = module.partition(".")
        if package == "rnn_helpers":
            assert rung in LADDER[: LADDER.index(name)], module
        else:
            assert package in OUTSIDE | sys.stdlib_module_names, module
            assert package != "tqdm" or name == "training"


@pytest.mark.parametrize("name", LADDER)
def test_a_module_can_be_read_at_one_sitting(name):
    lines = (ROOT / "rnn_helpers" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES


def test_the_mathematics_needs_numpy_alone():
    """In a fresh process no picture, widget or notebook library is loaded by the ladder."""
    program = "import sys, " + ", ".join(f"rnn_helpers.{n}" for n in LADDER if n != "training")
    program += "; print(*{m.partition('.')[0] for m in sys.modules})"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"matplotlib", "ipywidgets", "IPython", "tqdm"} & set(shown)
