"""What several places say about the series comes from one list: `tools/series.toml`."""

import os
import re
import subprocess
import sys

import pytest
from conftest import CHAPTERS, ROOT
from series import derived

DERIVED = derived()
LAB_OPTIONS = [
    "--ServerApp.root_dir=.",
    f"--LabApp.default_url=/lab/tree/notebooks/{CHAPTERS[0].name}",
]


@pytest.mark.parametrize("path", DERIVED, ids=lambda p: p.name)
def test_what_follows_from_the_list_is_up_to_date(path):
    assert path.read_text(encoding="utf-8") == DERIVED[path], "run `make series`"


def test_chapters_are_numbered_in_order():
    numbers = [int(path.name[:2]) for path in CHAPTERS]
    assert numbers == list(range(1, len(CHAPTERS) + 1))


def test_a_notebook_is_a_chapter_or_an_appendix_that_a_chapter_links_to():
    pages = "".join(path.read_text(encoding="utf-8") for path in CHAPTERS)
    for path in set((ROOT / "notebooks").glob("*.ipynb")) - set(CHAPTERS):
        assert path.name.startswith("appendix_") and f"]({path.name})" in pages


@pytest.mark.parametrize("name", ["Makefile", "README.md"])
def test_the_commands_open_jupyterlab_on_the_first_chapter(name):
    """Its root is the repository: chapters show ../images and link to ../rnn_helpers."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "")
    (command,) = re.findall(r"jupyter lab (.*)", text)
    assert command.split()[-2:] == LAB_OPTIONS


def test_the_address_that_the_terminal_prints_opens_the_first_chapter(tmp_path):
    places = {f"JUPYTER_{name}_DIR": str(tmp_path) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *LAB_OPTIONS]
    with subprocess.Popen(
        [*command, "--ServerApp.port=0"], cwd=ROOT, env=os.environ | places,
        stderr=subprocess.PIPE, text=True,
    ) as lab:  # fmt: skip
        try:
            printed = next(line for line in lab.stderr if "token=" in line)
        finally:
            lab.terminate()
    assert f"/lab/tree/notebooks/{CHAPTERS[0].name}?token=" in printed


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "TEACHING.md"])
def test_what_a_page_names_is_there(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert (ROOT / target).exists(), target
    for test in re.findall(r"\btest_\w+", text):
        assert (ROOT / "tests" / f"{test}.py").exists(), test
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)", text):
        assert f"\n{target}: " in makefile, target
