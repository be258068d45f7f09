"""Chapter 11 needs libraries of its own: where they are missing it is skipped, aloud."""

import importlib.util

import pytest

NEEDED = {"torch": "PyTorch", "joblib": "joblib", "distributed": "Dask"}
MISSING = [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]
WORDS = f"chapter 11 needs {', '.join(MISSING)}: pip install -r requirements-beyond.txt"
# It starts a dozen programs; in the browser it was not seen to finish in the time of a test.
NOT_IN_BROWSER = "chapter 11 is run by nbval; in a browser it has not been seen to finish in time"


def pytest_collection_modifyitems(items):
    """Skip its cells where libraries are missing, and its page in a browser."""
    for item in items:
        if MISSING and item.path.name.startswith("11_"):
            item.add_marker(pytest.mark.skip(reason=WORDS))
        if "test_a_chapter_runs_from_top_to_bottom[11_" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason=NOT_IN_BROWSER))


def pytest_terminal_summary(terminalreporter):
    """Say it in the last lines."""
    if MISSING and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("")
        terminalreporter.write_line(f"NOT TESTED: {WORDS}", yellow=True, bold=True)
