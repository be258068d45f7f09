"""Whole pages, exported from the chapters, are accessible: by axe-core, every rule, every part.

Two kinds of page: a chapter as `jupyter nbconvert --to html` writes it, and the handout of the
classroom kit, whose template is ours. Nothing is fetched, so formulas stand there as text.
"""

import contextlib

import pytest
from classroom import handout
from classroom.export import page as write
from conftest import BROWSER, CHAPTERS

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
# What nbconvert's own template makes wrong, on every page, whatever stands in the notebook: the
# rule that it breaks, where, why, and the style that puts it right before the page is looked at.
OF_NBCONVERT = [
    ("color-contrast", ".jp-InputPrompt, .jp-OutputPrompt",
     "the numbers of cells are light grey on white, 2.2 to 1",
     "color: #424242 !important; opacity: 1 !important"),
    ("color-contrast", ".highlight span",
     "numbers, operators and comments of code on grey, 4.3 to 1", "color: #212121 !important"),
    ("link-in-text-block", ".jp-RenderedMarkdown a",
     "links in a text are dark blue, and not underlined", "text-decoration: underline !important"),
]  # fmt: skip


@contextlib.contextmanager
def opened(browser, file):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.route("http*://**", lambda route: route.abort())
    page.goto(file.as_uri())
    yield page
    page.close()


# Code has thousands of coloured pieces; one of each kind is enough.
ONE_OF_EACH = """() => {
    const seen = new Set();
    for (const e of document.querySelectorAll('.highlight span')) {
        if (seen.has(e.className)) e.replaceWith(e.textContent);
        else seen.add(e.className);
    }
}"""


def violations(page, **options):
    """What axe-core finds on the page, as (rule, selector, HTML), of any impact."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(ONE_OF_EACH)
    # of what is right one place a rule is named: to name thousands takes seconds
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response
    assert found["passes"] or options, "axe-core has looked at nothing"
    return [
        (violation["id"], node["target"][-1], node["html"][:100])
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def exported(path, folder):
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter(embed_images=True).from_filename(str(path))
    (folder / "page.html").write_text(html, encoding="utf-8")
    return folder / "page.html"


@every_chapter
def test_a_chapter_as_nbconvert_exports_it(path, chromium, tmp_path):
    with opened(chromium, exported(path, tmp_path)) as page:
        styles = (f"{where} {{{style}}}" for _, where, _, style in OF_NBCONVERT)
        page.add_style_tag(content="\n".join(styles))
        assert violations(page) == []


def test_what_is_excused_in_nbconvert_is_there(chromium, tmp_path):
    """So that no excuse stays longer than it is needed."""
    path = next(p for p in CHAPTERS if p.name.startswith("06"))
    with opened(chromium, exported(path, tmp_path)) as page:
        found = violations(page, runOnly=sorted({rule for rule, *_ in OF_NBCONVERT}))
        for rule, where, reason, _ in OF_NBCONVERT:
            broken = [target for broken, target, _ in found if broken == rule]
            assert any(
                page.locator(target).and_(page.locator(where)).count() for target in broken
            ), reason


@every_chapter
def test_a_handout(path, chromium, tmp_path):
    (tmp_path / "lib" / "mathjax").mkdir(parents=True)  # empty: the formulas are not looked at
    out = tmp_path / "handout.html"
    write(handout.sheet(path), out, "handout", path, libraries=tmp_path / "lib")
    with opened(chromium, out) as page:
        assert violations(page) == []
