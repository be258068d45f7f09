"""What the tests share: the chapters, run once in this process with their exercises solved."""

import ast
import contextlib
import importlib.util
import io
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path
from typing import NamedTuple

import hypothesis
import matplotlib
import nbformat
import numpy as np
import pytest
import series

from rnn_helpers.forward_pass import init_parameters

matplotlib.use("agg")
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job
hypothesis.settings.register_profile("same every time", derandomize=True, deadline=None)
hypothesis.settings.load_profile("same every time")

ROOT = Path(__file__).parent.parent
CHAPTERS = [chapter.path for chapter in series.CHAPTERS]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
if importlib.util.find_spec("playwright") is None:
    BROWSER = None
NBGRADER = ROOT / ".venv-classroom" / "bin" / "nbgrader"  # `make classroom-setup` installs it
NBGRADER = NBGRADER if NBGRADER.exists() else None
RUN_CHAPTERS = ("test_agreement.py", "test_exercises.py")
SOLUTION = re.compile(r"<details>.*?```python\n(.*?)```", re.DOTALL)
EXERCISE = re.compile(r'^check\("(\d\d\.\d+)", answer\)$', re.MULTILINE)
# Long experiments of the chapters, and what looks at their results. nbval runs and compares them,
# and the browser runs them; here they would take minutes, and no exercise asks for their names.
EXPERIMENTS = frozenset(
    """
    02-start-cell
    05-20 05-23 05-26 05-43 05-47 05-49 05-51
    07-06 07-10 07-12 07-15b 07-17 07-18 07-24 07-25 07-27b 07-39 07-43 07-43b 07-46 07-47 07-48b
    07-48c 07-49 07-49b 07-49d 07-49e 07-49g 07-49h 07-49j 07-49k 07-54 07-54b 07-63b 07-65 07-69
    07-70
    08-35 08-36 08-44 08-54 08-55 08-recipes-claims
    11-launch 11-equal 11-kill 11-resumed 11-dask 11-stand 11-texts
    """.split()
)
# No test notes anything in the folder of whoever runs it, and neither does a kernel started here.
os.environ["RNN_PROGRESS_DIR"] = tempfile.mkdtemp(prefix="rnn_progress_")


def pytest_sessionfinish():
    shutil.rmtree(os.environ["RNN_PROGRESS_DIR"], ignore_errors=True)


def pytest_terminal_summary(terminalreporter):
    if BROWSER is None and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("")
        terminalreporter.write_line(
            "NOT TESTED IN A BROWSER: install Chromium (or name it in the environment variable "
            "CHROMIUM) to run the tests of tests/test_browser.py",
            yellow=True,
            bold=True,
        )
    if NBGRADER is None and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("")
        terminalreporter.write_line(
            "NOT TESTED WITH NBGRADER: run `make classroom-setup` to run all tests of "
            "tests/test_course.py and to measure the slides",
            yellow=True,
            bold=True,
        )


@pytest.hookimpl(optionalhook=True)  # it is there if pytest-xdist is
def pytest_xdist_make_scheduler(config, log):
    """`make test` hands out whole files; the two that run chapters here go to one worker.

    So it runs each chapter once for both.
    """
    if config.getvalue("dist") != "loadfile":
        return None  # pytest-xdist's own
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "chapters" if file.endswith(RUN_CHAPTERS) else file

    return Files(config, log)


def pytest_collection_modifyitems(config, items):
    """A widget does the same in both themes: in the dark one only what is marked is looked at."""
    left_out = {
        item
        for item in items
        if "JupyterLab Dark" in item.nodeid and not item.get_closest_marker("looks")
    }
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


@contextlib.contextmanager
def working_in(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


class Exercise(NamedTuple):
    """An exercise as it stands in a chapter."""

    cell: str  # the code cell with the three dots
    solution: str  # the code in the fold below it
    task: str  # the cell above it
    names: dict  # what the chapter has defined when the reader comes to it


def filled(cell, solution):
    """The code of an exercise's cell with the solution in place of what is to be filled in."""
    lines = cell.split("\n")
    for node in ast.parse(cell).body:
        skeleton = isinstance(node, ast.FunctionDef) and node.name == "answer"
        if skeleton or ast.unparse(node) == "answer = ...":
            lines[node.lineno - 1 : node.end_lineno] = [solution]
            return "\n".join(lines)
    raise AssertionError(f"nothing to fill in: {cell}")


def run_chapter(path):
    """Run a chapter's cells here, each exercise with the solution printed below it.

    The `EXPERIMENTS` are left out. Returns the names that the chapter leaves behind, what it
    printed, and its exercises by number.
    """
    import matplotlib.pyplot as plt

    names, printed, exercises = {"__name__": "chapter"}, io.StringIO(), {}
    cells = cells_of(path)
    with (
        working_in(path.parent),
        contextlib.redirect_stdout(printed),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(plt, "show", lambda: plt.close("all"))
        for before, cell, after in zip([None, *cells], cells, [*cells[1:], None]):
            if cell.cell_type == "code" and cell.id not in EXPERIMENTS:
                source = cell.source
                if number := EXERCISE.search(source):
                    solution = SOLUTION.search(after.source).group(1)
                    exercise = Exercise(source, solution, before.source, dict(names))
                    exercises[number.group(1)] = exercise
                    source = filled(source, solution)
                elif "= ...\n" in source:  # a function with gaps, and then its check
                    solution = SOLUTION.search(after.source).group(1)
                    source = solution + source.rpartition("\n\n\n")[2]
                exec(compile(source, f"{path.name}, cell {cell.id}", "exec"), names)
    plt.close("all")
    return names, printed.getvalue(), exercises


@pytest.fixture(scope="module")
def chromium():
    """A browser without a window."""
    from lab import FLAGS
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # on a machine that others use, five seconds may pass
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def run():
    """run("04") is what `run_chapter` returns, run once."""
    done = {}

    def get(number):
        if number == "11":
            for module in ("torch", "joblib", "distributed"):
                pytest.importorskip(module, reason="pip install -r requirements-beyond.txt")
        if number not in done:
            (path,) = (p for p in CHAPTERS if p.name.startswith(number))
            done[number] = run_chapter(path)
        return done[number]

    return get


@pytest.fixture(scope="session")
def chapter(run):
    """chapter("04") is the pair of the names that it leaves behind, and what it printed."""
    return lambda number: run(number)[:2]


def large_weights(T=9, V=7, H=6, B=None, scale=0.5, seed=0):
    """A network and a window where bugs show: no small weights, no zeros."""
    rng = np.random.default_rng(seed)
    parameters = init_parameters(V, H, rng, scale=scale)
    parameters = parameters._replace(bh=rng.normal(size=H), by=rng.normal(size=V))
    shape = (T,) if B is None else (T, B)
    inputs, targets = rng.integers(0, V, shape), rng.integers(0, V, shape)
    return parameters, inputs, targets, rng.normal(size=shape[1:] + (H,))
