"""Break the package in thousands of ways, and count how many the tests notice: `make mutants`.

Cosmic Ray makes the mutants: one operator, number, comparison, decorator or loop changed in each.
For every mutant a process is forked in which that module is imported in its broken form, and
the tests of the module that run the changed line are run until the first one fails.

    python tools/mutants.py encoding loss      these modules; without names, all
    python tools/mutants.py --every 10         one mutant in ten
    python tools/mutants.py --jobs 2           two at a time
    python tools/mutants.py --seconds 10       no more tests of a mutant than take 10 seconds
    python tools/mutants.py --show             the share caught so far, and the survivors

It takes an hour or two on a small machine. Results are kept, so an interrupted run goes on where
it was. After a change of a module its mutants are tried again; after a change of its tests, those
that survived and those that a changed test had caught.

A survivor that computes the same as the code, or differs only where nothing depends on it, is
excused in tests/surviving_mutants.toml with the reason. Left out from the start are mutants that
say nothing about the tests (see `LEFT_OUT` and `LOOKS`): what does not compile or compiles to the
same code, another negative size for `reshape` to work out, identity in the place of a comparison
or the reverse (which changes nothing, or everything), most of the eleven ways to replace an
operator, the star before named arguments, what a command does under `if __name__ == "__main__"`
(tests run it in a process of its own), and the sizes and distances that say only how a picture
looks.
"""

import argparse
import ast
import copy
import functools
import gc
import hashlib
import importlib
import importlib.abc
import importlib.util
import inspect
import itertools
import json
import os
import re
import signal
import sys
import tempfile
import time
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE, TESTS = ROOT / "rnn_helpers", ROOT / "tests"
RESULTS = ROOT / "build" / "mutants"
EXCUSED = TESTS / "surviving_mutants.toml"
# Imported once here, not in every mutant's process.
OFTEN_USED = ("hypothesis", "matplotlib.pyplot", "nbformat", "numpy", "pooch", "tqdm.auto")
# Of NumPy (OpenBLAS or MKL) and PyTorch (OpenMP or MKL): as many threads as there are cores, in
# every process, wait for each other.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")

# The tests that concern a module, if they are not those of its name alone.
OWN_TESTS = {
    "_files": ["checkpoints"],
    "_fingerprint": ["fingerprint"],
    "_checks": ["encoding", "forward_pass", "adagrad", "adam", "training", "sampling", "reading"],
    "_system": ["training"],
    "adagrad": ["adagrad", "training"],
    "bptt": ["bptt", "gradient_check", "training", "cells"],
    "cells": ["cells", "forward_pass"],
    "encoding": ["encoding", "forward_pass", "training"],
    "exercises.gru": ["gru"],
    "forward_pass": ["forward_pass", "bptt", "sampling", "cells"],
    "gradient_check": ["gradient_check", "cells"],
    "loss": ["loss", "bptt", "sampling"],
    "plots": ["plots", "plots_of_training"],
    "sampling": ["sampling", "sampling_tables"],
}
LEFT_OUT = (  # beginnings of operators' names
    "VariableReplacer", "VariableInserter", "ReplaceBinaryOperator_BitOr",
    "ReplaceBinaryOperator_BitAnd", "ReplaceBinaryOperator_BitXor",
    "ReplaceBinaryOperator_LShift", "ReplaceBinaryOperator_RShift",
)  # fmt: skip
# Of two negative sizes NumPy makes the same: it works the size out.
ANY_SIZE = re.compile(r"(reshape\((?:[^()]|\([^()]*\))*?)(~1|-2)\b")
ARITHMETIC = ("_Add", "_Sub", "_Mul", "_Div")  # what a binary operator is replaced by
# What is a matter of taste: the values of these arguments, and of these settings of Matplotlib.
LOOKS = {
    "alpha", "figsize", "fontsize", "height", "length", "linestyle", "linewidth", "linewidths",
    "lw", "pad", "padding", "s", "shrinkA", "shrinkB", "width", "xytext", "zorder",
    "figure.figsize", "figure.dpi", "font.size", "axes.titlesize", "lines.linewidth",
}  # fmt: skip


def modules():
    """The modules to break: exercises and widgets have tests of another kind."""
    names = sorted(path.stem for path in PACKAGE.glob("*.py"))
    return [name for name in names if name != "__init__"]


def tests_of(name):
    """The test files that concern a module."""
    return [TESTS / f"test_{test}.py" for test in OWN_TESTS.get(name, [name])]


def path_of(name):
    """The file of a module: `exercises.gru` is in a folder."""
    return PACKAGE / f"{name.replace('.', '/')}.py"


def source_of(name):
    """The source of a module as it is."""
    return path_of(name).read_text(encoding="utf-8")


def operators():
    """The operators of Cosmic Ray that are used."""
    import cosmic_ray.plugins as plugins

    for full_name in sorted(plugins.operator_names()):
        name = full_name.rpartition("/")[2]
        if name.startswith(LEFT_OUT):
            continue
        if "BinaryOperator" in name and not name.endswith(ARITHMETIC):
            continue
        if "Comparison" in name:
            before, after = (part in ("Is", "IsNot") for part in name.split("_")[1:])
            if before != after:
                continue
        yield plugins.get_operator(full_name)()


def mutants(name):
    """All mutants of a module, from the top: pairs of what was changed, and the new source."""
    from cosmic_ray.ast import ast_nodes, get_ast

    source = source_of(name)
    as_it_is, starts = compile(source, name, "exec"), [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = {}
    for node in ast_nodes(get_ast(source)):
        if matter_of_taste(name, node) or says_nothing(node):
            continue
        for operator in operators():
            for index, _ in enumerate(operator.mutation_positions(node)):
                mutated = operator.mutate(
                    copy.deepcopy(node, {id(node.parent): node.parent}), index
                )
                if mutated is None:  # a decorator: its line goes
                    line, column, code = node.start_pos[0], 0, ""
                else:
                    (line, column), code = node.start_pos, mutated.get_code(False).strip(" ")
                begin, end = starts[line - 1] + column, starts[node.end_pos[0] - 1]
                changed = source[:begin] + code + source[end + node.end_pos[1] :]
                with suppress(SyntaxError):
                    if compile(ANY_SIZE.sub(r"\1-1", changed), name, "exec") != as_it_is:
                        found.setdefault(changed, described(source, changed))
    return sorted(((text, new) for new, text in found.items()), key=lambda m: line_of(m[0]))


def says_nothing(node):
    """Whether a node is the star before named arguments, or part of what a command runs.

    Tests run a command in a process or a namespace of its own, where no mutant is seen.
    """
    while node.parent:
        if node.parent.type == "parameters":
            return node.type == "operator"
        if node.type == "if_stmt" and "__name__" in node.children[1].get_code():
            return True
        node = node.parent
    return False


def matter_of_taste(name, node):
    """Whether a node is part of an argument or a setting in `LOOKS` of a module of pictures."""
    while name == "plots" and node.parent:
        siblings = node.parent.children
        before = [sibling.get_code(False).strip("\"'") for sibling in siblings]
        before = before[: siblings.index(node)]
        if before[-1:] in (["="], [":"]) and LOOKS & {*before[-2:-1]}:
            return True
        node = node.parent
    return False


def described(source, changed):
    """What was changed: the number of the line, the line before, and after."""
    before, after = source.split("\n"), changed.split("\n")
    at = next(i for i, (a, b) in enumerate(zip(before, after)) if a != b)
    return f"{at + 1}: {before[at].strip()}  ->  {after[at].strip()}"


def line_of(text):
    """The number of the line that a mutant changes."""
    return int(text.partition(":")[0])


class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module of the package in its broken form."""

    def __init__(self, name, source):
        self.name, self.source = f"rnn_helpers.{name}", source
        self.path = str(path_of(name))

    def find_spec(self, fullname, path, target=None):
        """Ours, if it is the module's name."""
        if fullname == self.name:
            return importlib.util.spec_from_file_location(fullname, self.path, loader=self)
        return None

    def exec_module(self, module):
        """Run the broken source."""
        exec(compile(self.source, self.path, "exec"), vars(module))


class Watch:
    """A plugin of pytest that finds out which tests run which lines of a file."""

    def __init__(self, path):
        import coverage

        self.path, self.seconds, self.sources = str(path), {}, {}
        self.coverage = coverage.Coverage(data_file=None, include=[self.path], config_file=False)
        self.coverage.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        """Take the processor time of one test, and note its lines under its name."""
        self.coverage.switch_context(item.nodeid)
        self.sources[item.nodeid] = short_hash(inspect.getsource(item.function))
        begin = time.process_time()
        yield
        self.seconds[item.nodeid] = time.process_time() - begin

    def found(self):
        """For each test its seconds and its source's hash, and for each line its tests."""
        self.coverage.stop()
        by_line = self.coverage.get_data().contexts_by_lineno(self.path)
        return {"seconds": self.seconds, "sources": self.sources, "lines": by_line}


class Choose:
    """A plugin of pytest that runs these tests in this order, and tells which one fails."""

    def __init__(self, order, pipe):
        self.order, self.pipe = {test: i for i, test in enumerate(order)}, pipe

    def pytest_collection_modifyitems(self, items):
        """Leave out and sort."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self.order),
            key=lambda item: self.order[item.nodeid],
        )

    def pytest_runtest_logreport(self, report):
        """Send the name of a test that fails."""
        if report.failed:
            os.write(self.pipe, report.nodeid.encode())


def fork_tests(name, source, files, make_plugin, report):
    """Fork a process that runs tests with a module in this form; return its number.

    It ends with status 0 if all tests pass. ``make_plugin()`` is called in it, and
    ``report(plugin)`` at the end.
    """
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silence, stream)
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job
        sys.path.insert(0, str(ROOT))  # this package, wherever another is installed
        sys.meta_path.insert(0, Broken(name, source))
        options = ["-x", "-q", "--assert=plain", "--tb=no", "-p", "no:cacheprovider"]
        options += ["-o", "addopts="]
        os.environ.update(ONE_THREAD, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        plugin = make_plugin()
        code = int(pytest.main([*options, *map(str, files)], plugins=[plugin]))
        report(plugin)
    finally:
        os._exit(code)


def watched(name):
    """Run the tests of a module as it is: what `Watch` finds, or None if all are skipped."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as file:
        child = fork_tests(
            name, source_of(name), tests_of(name),
            lambda: Watch(path_of(name)),
            lambda plugin: Path(file.name).write_text(json.dumps(plugin.found()), "utf-8"),
        )  # fmt: skip
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            return None
        if status:
            sys.exit(f"the tests of {name} fail as it is: run them with pytest first")
        return json.load(file)


def short_hash(text):
    """Changes when the text does."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def tests_that_run(source, line, seen):
    """The tests that run the statement in which a line is, the quickest first.

    All tests for what is run on import: which of them use its result is not known.
    """
    begin, end = 1, 0
    for node in ast.walk(ast.parse(source)):  # outer statements come before inner ones
        if isinstance(node, ast.stmt):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            if first <= line <= node.end_lineno:
                body = getattr(node, "body", None)
                head_alone = body and line < body[0].lineno
                begin, end = first, body[0].lineno - 1 if head_alone else node.end_lineno
    tests = {test for n in range(begin, end + 1) for test in seen["lines"].get(str(n), [])}
    if "" in tests:
        tests = set(seen["seconds"])
    return sorted(tests, key=seen["seconds"].get)


class Trial:
    """A mutant in a process of its own."""

    def __init__(self, name, text, source, tests, seen):
        self.text = text
        self.read, pipe = os.pipe()
        files = sorted({test.partition("::")[0] for test in tests})
        self.child = fork_tests(
            name, source, [ROOT / file for file in files], lambda: Choose(tests, pipe), str
        )
        os.close(pipe)
        # Generous: a machine may be busy, and what loops for ever is rare.
        self.deadline = time.monotonic() + 60 + 20 * sum(seen["seconds"][t] for t in tests)
        self.status = None

    def ended(self):
        """Whether it has ended, or its time is over."""
        done, status = os.waitpid(self.child, os.WNOHANG)
        if done:
            self.status = os.waitstatus_to_exitcode(status)
        return done or time.monotonic() > self.deadline

    def end(self):
        """Kill it if it still runs."""
        if self.status is None:
            os.killpg(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)

    def outcome(self):
        """Its outcome, "survived", "timed out" or "caught", and by which test."""
        self.end()
        with open(self.read, "rb") as pipe:
            os.set_blocking(self.read, False)  # what a test left running may hold the other end
            by = (pipe.read() or b"").decode()
        if self.status is None:
            return "timed out", ""
        passed = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        return ("survived", "") if self.status in passed else ("caught", by)


def still_valid(kept, seen, name):
    """The outcomes of an earlier run that a new one would give again."""
    if not kept or kept["source"] != short_hash(source_of(name)):
        return {}
    same_tests = kept["tests"] == short_hash(json.dumps(seen["sources"], sort_keys=True))
    return {
        text: result
        for text, result in kept["outcomes"].items()
        if same_tests
        or result["outcome"] == "caught"
        and result["hash"] == seen["sources"].get(result["by"], "")
    }


def try_module(name, every, jobs, seconds):
    """Try all mutants of a module that have no result yet; keep the results as they come."""
    seen = watched(name)
    if seen is None:
        print(f"{name}: left out, as its tests are skipped here: run them with pytest to see why")
        return
    source, every_mutant = source_of(name), mutants(name)
    valid = still_valid(stored(name), seen, name)
    outcomes = {text: valid[text] for text, _ in every_mutant if text in valid}
    results = {
        "source": short_hash(source),
        "tests": short_hash(json.dumps(seen["sources"], sort_keys=True)),
        "all": len(every_mutant),
        "outcomes": outcomes,
    }
    chosen = [mutant for mutant in every_mutant[::every] if mutant[0] not in outcomes]
    running, killers, tried = [], {}, 0
    try:
        while chosen or running:
            while chosen and len(running) < jobs:
                text, changed = chosen.pop(0)
                tests = tests_that_run(source, line_of(text), seen)
                tests.sort(key=lambda test: test not in killers.get(line_of(text), ()))
                time_until = itertools.accumulate(seen["seconds"][test] for test in tests)
                tests = [test for test, end in zip(tests, time_until) if end <= seconds]
                if tests:
                    running.append(Trial(name, text, changed, tests, seen))
                else:
                    outcomes[text] = {"outcome": "survived", "by": "", "hash": ""}
            time.sleep(0.005)
            for trial in [trial for trial in running if trial.ended()]:
                running.remove(trial)
                outcome, by = trial.outcome()
                outcomes[trial.text] = {
                    "outcome": outcome, "by": by, "hash": seen["sources"].get(by, ""),
                }  # fmt: skip
                killers.setdefault(line_of(trial.text), set()).add(by)
                tried += 1
                store(name, results)
                if sys.stdout.isatty():
                    print(f"\r{name}: {tried} tried, {len(chosen)} to go   ", end="", flush=True)
    finally:
        for trial in running:
            trial.end()
    store(name, results)
    print(f"\r{name}: {tried} tried, of {len(every_mutant)}          ", flush=True)


def store(name, results):
    """Write the results of a module, in one step."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    aside = RESULTS / f"{name}.part"
    aside.write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")
    aside.replace(RESULTS / f"{name}.json")


def stored(name):
    """The results of a module so far, or None."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


@functools.cache
def excuses():
    """The survivors that are excused: module, and the line before and after, or all of a line."""
    entries = tomllib.loads(EXCUSED.read_text(encoding="utf-8"))["survivor"]
    return {(entry["module"], entry.get("change", entry.get("line"))) for entry in entries}


def excused(name, text):
    """Whether a survivor is excused."""
    change = text.partition(": ")[2]
    return bool({(name, change), (name, change.partition("  ->  ")[0])} & excuses())


def report(results):
    """Print the share of mutants caught in each module, and the survivors."""
    print(f"{'':18}mutants  tried  excused  caught  survive  share")
    total = [0] * 5
    survivors = []
    for name in sorted(results):
        outcomes = results[name]["outcomes"]
        survived = [text for text, result in outcomes.items() if result["outcome"] == "survived"]
        left = [text for text in survived if not excused(name, text)]
        counts = [
            results[name]["all"], len(outcomes), len(survived) - len(left),
            len(outcomes) - len(survived), len(left),
        ]  # fmt: skip
        print_row(name, counts)
        total = [a + b for a, b in zip(total, counts)]
        survivors += [f"{name}:{text}" for text in left]
    print_row("together", total)
    print("\n".join(survivors))


def print_row(name, counts):
    """Print the counts of a module, and the share caught of those that are not excused."""
    share = counts[3] / max(counts[3] + counts[4], 1)
    widths = zip((25 - 18, 7, 9, 8, 9), counts)
    print(f"{name:18}" + "".join(f"{count:{width}}" for width, count in widths) + f"{share:7.1%}")


def main():
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", help="the modules to break; all by default")
    parser.add_argument("--every", type=int, default=1, help="try one mutant in so many")
    parser.add_argument("--jobs", type=int, default=1, help="how many to try at a time")
    parser.add_argument("--seconds", type=float, default=1e9, help="the longest time for tests")
    parser.add_argument("--show", action="store_true", help="show the results so far")
    asked = parser.parse_args()
    names = asked.modules or modules()
    if not asked.show:
        for number in (signal.SIGINT, signal.SIGTERM):  # ignored in a background job, or too quick
            signal.signal(number, signal.default_int_handler)
        os.environ.update(ONE_THREAD)  # before NumPy is imported
        for module in OFTEN_USED:
            importlib.import_module(module)
        gc.freeze()  # every process would else search all of this when it ends
        for name in names:
            try_module(name, asked.every, asked.jobs, asked.seconds)
    report({name: stored(name) for name in names if stored(name)})


if __name__ == "__main__":
    main()
