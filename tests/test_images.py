"""Every diagram is what its script draws, and every picture is shown with its alt text."""

import importlib
import re
import xml.etree.ElementTree as ET

import matplotlib.image
import pytest
from conftest import ROOT, cells_of
from series import alt_texts

IMAGES = ROOT / "images"
ALT = alt_texts()
SCRIPTS = sorted(p for p in IMAGES.glob("*.py") if p.stem != "svg")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_script_redraws_the_committed_picture(script, monkeypatch):
    monkeypatch.syspath_prepend(IMAGES)
    module = importlib.import_module(script.stem)
    drawn = module.draw()
    assert drawn.encode("utf-8") == script.with_suffix(".svg").read_bytes()
    assert module.ALT == ALT[f"{script.stem}.svg"]
    root = ET.fromstring(drawn)
    names = {child.tag.partition("}")[2] for child in root}
    assert root.get("role") == "img" and {"title", "desc"} <= names


def test_every_picture_is_described_and_shown():
    files = {p.name for p in IMAGES.iterdir() if p.suffix in (".svg", ".png")}
    scripts = {f"{p.stem}.svg" for p in SCRIPTS}
    photographs = {file for file in ALT if file.endswith(".png")}
    assert files == scripts | photographs == set(ALT)
    assert files == {file for _, file, _ in shown()}
    assert all(len(words.split()) >= 8 for words in ALT.values())


def test_a_picture_has_the_same_alt_text_wherever_it_is_shown():
    different = [(page.name, file) for page, file, words in shown() if words != ALT[file]]
    assert not different, "run `make series`"


def shown():
    """Each picture of images/ in the README and the notebooks: page, file, alt text."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for page in [ROOT / "README.md", *notebooks]:
        text = page.read_text(encoding="utf-8")
        if page in notebooks:
            cells = [c.source for c in cells_of(page) if c.cell_type == "markdown"]
            text = "\n\n".join(cells)
        for words, file in re.findall(r"!\[(.*?)\]\([./]*images/([^)]+)\)", text):
            yield page, file, words


@pytest.mark.parametrize("path", sorted(IMAGES.glob("*.png")), ids=lambda p: p.stem)
def test_every_photograph_can_be_read(path):
    """The photographs are taken by tests/test_browser.py (`make pictures`)."""
    pixels = matplotlib.image.imread(path)
    assert 600 < pixels.shape[1] < 1200 and pixels[..., :3].std() > 0.05
