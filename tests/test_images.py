"""Every diagram is what its script draws, and is used with the alt text that it carries."""

import importlib
import xml.etree.ElementTree as ET

import matplotlib.image
import pytest
from conftest import CHAPTERS, ROOT

IMAGES = ROOT / "images"
SCRIPTS = sorted(p for p in IMAGES.glob("*.py") if p.stem != "svg")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_script_redraws_the_committed_picture(script, monkeypatch):
    monkeypatch.syspath_prepend(IMAGES)
    drawn = importlib.import_module(script.stem).draw()
    assert drawn.encode("utf-8") == script.with_suffix(".svg").read_bytes()
    root = ET.fromstring(drawn)
    names = {child.tag.partition("}")[2] for child in root}
    assert root.get("role") == "img" and {"title", "desc"} <= names


def test_every_picture_has_a_script_and_a_place():
    scripts = {p.stem for p in SCRIPTS}
    assert {p.stem for p in IMAGES.glob("*.svg")} == scripts
    pages = [*CHAPTERS, ROOT / "README.md"]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert not [name for name in scripts if f"images/{name}.svg" not in text]


def test_every_photograph_is_used_and_can_be_read():
    """The PNGs are taken by tests/test_browser.py (`make pictures`)."""
    pages = [*CHAPTERS, ROOT / "README.md"]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    photographs = sorted(IMAGES.glob("*.png"))
    assert len(photographs) == 4
    for path in photographs:
        assert f"images/{path.name}" in text
        pixels = matplotlib.image.imread(path)
        assert 600 < pixels.shape[1] < 1200 and pixels[..., :3].std() > 0.05
