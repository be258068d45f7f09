"""Strict nbval is only worth something if it fails: one stored digit changed must be seen."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT


def verdict(folder):
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env"]
    return subprocess.run(
        [*command, "-c", "/dev/null", "-p", "no:cacheprovider", str(folder)],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("changed", [False, True])
def test_a_changed_digit_is_noticed(tmp_path, changed):
    for name in ("data", "images"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "02_forward_pass.ipynb"
    shutil.copy(ROOT / "notebooks" / path.name, path)
    if changed:
        notebook = nbformat.read(path, as_version=4)
        outputs = (o for c in notebook.cells for o in c.get("outputs", []) if "text" in o)
        output = next(o for o in outputs if re.search(r"\d", o["text"]))
        digit = re.search(r"\d", output["text"])
        other = str((int(digit.group()) + 1) % 10)
        output["text"] = output["text"][: digit.start()] + other + output["text"][digit.end() :]
        nbformat.write(notebook, path)
    result = verdict(path.parent)
    assert (result.returncode == 1) == changed, result.stdout
    assert ("1 failed" in result.stdout) == changed
