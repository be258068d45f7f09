"""Break the package in two thousand ways, and count how many the tests notice: `make mutants`.

Cosmic Ray makes the mutants: one operator, number, comparison, decorator or loop changed in each.
For every mutant a process is forked in which that module is imported in its broken form, and
the tests that concern it run until the first one fails. Results are kept, so an interrupted
run goes on where it was, and a module whose source or tests have changed is tried again. It
takes hours on a small machine; name modules to try these alone:

    python tools/mutants.py encoding loss      these modules
    python tools/mutants.py --every 10         one mutant in ten, of all modules
    python tools/mutants.py --show             the share caught, and the survivors

A survivor that computes the same as the code, or differs only where nothing depends on it, is
excused in tests/surviving_mutants.toml with the reason.
"""

import argparse
import hashlib
import importlib.abc
import importlib.util
import json
import os
import signal
import sys
import time
import tomllib
from pathlib import Path

import numpy  # noqa: F401  (imported once here, not in every mutant's process)
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE, TESTS = ROOT / "rnn_helpers", ROOT / "tests"
RESULTS = ROOT / "build" / "mutants.json"
EXCUSED = TESTS / "surviving_mutants.toml"
TIMEOUT = 600  # seconds for the tests of a module as it is; a mutant, which may loop, gets less

# The tests that concern a module; those of the modules that use it come after its own.
OWN_TESTS = {
    "_files": ["checkpoints"],
    "_fingerprint": ["fingerprint"],
    "_checks": ["encoding", "forward_pass", "adagrad", "adam", "training"],
    "_system": ["training"],
    "adagrad": ["adagrad", "training"],
    "bptt": ["bptt", "gradient_check", "training"],
    "cells": ["cells", "forward_pass"],
    "encoding": ["encoding", "forward_pass", "training"],
    "forward_pass": ["forward_pass", "bptt", "sampling", "cells"],
    "gradient_check": ["gradient_check", "cells", "diagnosis"],
    "loss": ["loss", "bptt", "sampling"],
    "mistakes": ["diagnosis"],
}
# What each operator of Cosmic Ray adds: of eleven ways to replace an operator a few are enough.
LEFT_OUT = (
    "core/VariableReplacer", "core/VariableInserter", "core/ReplaceBinaryOperator_BitOr",
    "core/ReplaceBinaryOperator_BitAnd", "core/ReplaceBinaryOperator_BitXor",
    "core/ReplaceBinaryOperator_LShift", "core/ReplaceBinaryOperator_RShift",
)  # fmt: skip
FEW = ("_Add", "_Sub", "_Mul", "_Div")  # what a binary operator is replaced by


def modules():
    """The modules to break: exercises and widgets have tests of another kind."""
    names = sorted(path.stem for path in PACKAGE.glob("*.py"))
    return [name for name in names if name != "__init__"]


def tests_of(name):
    """The test files that concern a module."""
    return [TESTS / f"test_{test}.py" for test in OWN_TESTS.get(name, [name])]


def mutants(name):
    """All mutants of a module: pairs of what was changed, as a text, and the new source."""
    import cosmic_ray.plugins as plugins
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code

    source = (PACKAGE / f"{name}.py").read_text(encoding="utf-8")
    found = {}
    for operator_name in sorted(plugins.operator_names()):
        if operator_name.startswith(LEFT_OUT) or (
            "BinaryOperator" in operator_name and not operator_name.endswith(FEW)
        ):
            continue
        operator = plugins.get_operator(operator_name)()
        positions = sum(
            len(list(operator.mutation_positions(node))) for node in ast_nodes(get_ast(source))
        )
        for occurrence in range(positions):
            changed = mutate_code(source, operator, occurrence)
            if changed and changed != source:
                found.setdefault(changed, described(source, changed))
    return [(text, changed) for changed, text in found.items()]


def described(source, changed):
    """What was changed: the number of the line, the line before, and after."""
    before, after = source.split("\n"), changed.split("\n")
    at = next(i for i, (a, b) in enumerate(zip(before, after)) if a != b)
    return f"{at + 1}: {before[at].strip()}  ->  {after[at].strip()}"


class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module of the package in its broken form."""

    def __init__(self, name, source):
        self.name, self.source = f"rnn_helpers.{name}", source
        self.path = str(PACKAGE / f"{name}.py")

    def find_spec(self, fullname, path, target=None):
        """Ours, if it is the module's name."""
        if fullname == self.name:
            return importlib.util.spec_from_file_location(fullname, self.path, loader=self)
        return None

    def exec_module(self, module):
        """Run the broken source."""
        exec(compile(self.source, self.path, "exec"), vars(module))


def outcome(name, source, seconds=TIMEOUT):
    """Whether the tests notice: "caught", "survived" or, if they never end, "timed out"."""
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silence, stream)
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job
        sys.path.insert(0, str(ROOT))  # this package, wherever another is installed
        sys.meta_path.insert(0, Broken(name, source))
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:nbval", "-o", "addopts="]
        code = pytest.main([*options, *map(str, tests_of(name))])
        os._exit(0 if code == 0 else 1)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "survived" if status == 0 else "caught"
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timed out"


def stamp(name):
    """Changes when the module or its tests do: results with another stamp are stale."""
    files = [PACKAGE / f"{name}.py", TESTS / "conftest.py", *tests_of(name)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def try_module(name, every, results):
    """Try all mutants of a module that have no result yet; keep the results as they come."""
    begin = time.monotonic()
    if outcome(name, (PACKAGE / f"{name}.py").read_text(encoding="utf-8")) != "survived":
        sys.exit(f"the tests of {name} fail as it is: run them with pytest first")
    seconds = 20 + 5 * (time.monotonic() - begin)
    kept = results.get(name, {})
    if kept.get("stamp") != stamp(name):
        kept = results[name] = {"stamp": stamp(name), "outcomes": {}}
    chosen = mutants(name)[::every]
    for i, (text, source) in enumerate(chosen, 1):
        if text not in kept["outcomes"]:
            kept["outcomes"][text] = outcome(name, source, seconds)
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")
        print(f"\r{name}: {i} of {len(chosen)}", end="", flush=True)
    print(f"\r{name}: {len(chosen)} tried          ")


def excuses():
    """The survivors that are excused: module, and the line before and after."""
    if not EXCUSED.exists():
        return set()
    entries = tomllib.loads(EXCUSED.read_text(encoding="utf-8"))["survivor"]
    return {(entry["module"], entry["change"]) for entry in entries}


def report(results):
    """Print the share of mutants caught in each module, and the survivors."""
    all_caught = all_counted = 0
    excused = excuses()
    for name in sorted(results):
        outcomes = results[name]["outcomes"]
        survivors = [text for text, result in outcomes.items() if result == "survived"]
        unexcused = [t for t in survivors if (name, t.partition(": ")[2]) not in excused]
        counted = len(outcomes) - len(survivors) + len(unexcused)
        all_caught, all_counted = all_caught + counted - len(unexcused), all_counted + counted
        share = 1 - len(unexcused) / max(counted, 1)
        print(f"{name:16} {counted:5} mutants, {share:6.1%} caught, "
              f"{len(survivors) - len(unexcused)} excused")  # fmt: skip
        for text in unexcused:
            print(f"    survived: {text}")
    print(
        f"{'together':16} {all_counted:5} mutants, {all_caught / max(all_counted, 1):6.1%} caught"
    )


def main():
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", help="the modules to break; all by default")
    parser.add_argument("--every", type=int, default=1, help="try one mutant in so many")
    parser.add_argument("--show", action="store_true", help="show the results so far")
    asked = parser.parse_args()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if not asked.show:
        for name in asked.modules or modules():
            try_module(name, asked.every, results)
    report({n: r for n, r in results.items() if not asked.modules or n in asked.modules})


if __name__ == "__main__":
    main()
