"""Chapter 11 needs libraries of its own: where they are missing it is skipped, aloud."""

import importlib.util

import pytest

NEEDED = {"torch": "PyTorch", "joblib": "joblib", "distributed": "Dask"}
MISSING = [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]
WORDS = f"chapter 11 needs {', '.join(MISSING)}: pip install -r requirements-beyond.txt"


def pytest_collection_modifyitems(items):
    """Skip its cells, and its page in a browser, where libraries are missing."""
    for item in items:
        its_page = "test_a_chapter_runs_from_top_to_bottom[11_" in item.nodeid
        if MISSING and (its_page or item.path.name.startswith("11_")):
            item.add_marker(pytest.mark.skip(reason=WORDS))


def pytest_terminal_summary(terminalreporter):
    """Say it in the last lines."""
    if MISSING and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("")
        terminalreporter.write_line(f"NOT TESTED: {WORDS}", yellow=True, bold=True)
