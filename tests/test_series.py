"""What several places say about the series comes from one list: `tools/series.toml`."""

import re

import pytest
from conftest import CHAPTERS, ROOT
from series import derived

DERIVED = derived()


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


def test_jupyterlab_opens_the_first_chapter():
    """Its root is the repository: chapters show ../images and link to ../rnn_helpers."""
    for name in ("Makefile", "README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        lines = re.findall(r"^.*jupyter lab .*$", text, re.MULTILINE)
        assert lines
        for line in lines:
            assert "--ServerApp.root_dir=." in line, f"{name}: {line}"
            assert CHAPTERS[0].name in line
