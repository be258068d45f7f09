"""Strict nbval is only worth something if it fails: on a changed digit, on another picture."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import CHAPTERS, ROOT


def verdict(folder):
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env"]
    return subprocess.run(
        [*command, "-c", "/dev/null", "-p", "no:cacheprovider", str(folder)],
        capture_output=True,
        text=True,
    )


def change_a_digit(notebook):
    """Store another digit than the chapter prints."""
    outputs = (o for c in notebook.cells for o in c.get("outputs", []) if "text" in o)
    output = next(o for o in outputs if re.search(r"\d", o["text"]))
    digit = re.search(r"\d", output["text"])
    other = str((int(digit.group()) + 1) % 10)
    output["text"] = output["text"][: digit.start()] + other + output["text"][digit.end() :]


def change_a_picture(notebook):
    """Draw another picture than is stored."""
    cell = next(c for c in notebook.cells if c.cell_type == "code" and "plt.show()" in c.source)
    cell.source = cell.source.replace("plt.show()", "plt.gca().plot([0, 1])\nplt.show()")


@pytest.mark.parametrize("change", [None, change_a_digit, change_a_picture])
def test_a_change_is_noticed(tmp_path, change):
    for name in ("data", "images"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / CHAPTERS[2].name
    shutil.copy(CHAPTERS[2], path)
    if change:
        notebook = nbformat.read(path, as_version=4)
        change(notebook)
        nbformat.write(notebook, path)
    result = verdict(path.parent)
    assert (result.returncode == 1) == (change is not None), result.stdout
    assert ("1 failed" in result.stdout) == (change is not None)
