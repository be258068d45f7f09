"""Write what follows from the list of the series, `tools/series.toml`: `make series`.

That is: the tables of the README, the picture of the ladder, the title, the links and the
reading time in each chapter, the alt text of a picture wherever it is shown, and the plans of
TEACHING.md (from `tools/teaching.toml`).
"""

import importlib
import itertools
import json
import re
import sys
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

import reading_time
from classroom import plan

ROOT = Path(__file__).parent.parent
NOTEBOOKS, IMAGES = ROOT / "notebooks", ROOT / "images"
PICTURE = re.compile(r"!\[[^\]]*\]\(((?:\.\./)?images/([\w.]+))\)")


@dataclass(frozen=True)
class Chapter:
    """A chapter: its notebook, and what other places say about it."""

    file: str
    title: str
    you_end_with: str
    rung: dict = field(default_factory=dict)  # the names that each of its modules gives

    @property
    def path(self):
        """Where the notebook is."""
        return NOTEBOOKS / self.file

    @property
    def name(self):
        """Number and title, as in the heading."""
        return f"{self.file[:2]} · {self.title}"

    @property
    def minutes(self):
        """The reading time."""
        return reading_time.rounded(self.path)


@dataclass(frozen=True)
class Module:
    """A module of rnn_helpers that is not a rung of the ladder."""

    module: str
    what: str
    needs: tuple = ()  # libraries besides NumPy


_list = tomllib.loads((ROOT / "tools" / "series.toml").read_text(encoding="utf-8"))
CHAPTERS = [Chapter(**entry) for entry in _list["chapter"]]
LADDER = [module for chapter in CHAPTERS for module in chapter.rung]  # from the bottom up
BELOW = [Module(**entry) for entry in _list["below"]]
BESIDE = [Module(**entry) for entry in _list["beside"]]


def derived():
    """What each file that follows from the list should hold, by path."""
    alt = alt_texts()
    plan.chapter_sections.cache_clear()  # the chapters may have changed since
    chapters = {chapter.path: chapter for chapter in CHAPTERS}
    texts = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        page = json.loads(path.read_text(encoding="utf-8"))
        prose = [cell for cell in page["cells"] if cell["cell_type"] == "markdown"]
        for cell in prose:
            source = with_alt("".join(cell["source"]), alt)
            if path in chapters and cell is prose[0]:
                source = with_title(source, chapters[path])
            if path in chapters and source.startswith("## Recap"):
                source = with_next(source, chapters[path])
            cell["source"] = source.splitlines(keepends=True)
        if path in chapters:
            name_cells(page["cells"], path.name[:2])
        texts[path] = json.dumps(page, indent=1, ensure_ascii=False) + "\n"
    for path in (ROOT / "README.md", IMAGES / "README.md", ROOT / "TEACHING.md"):
        source = with_alt(path.read_text(encoding="utf-8"), alt)
        texts[path] = with_tables(source, alt)
    texts[IMAGES / "ladder.svg"] = ladder()
    return texts


def with_title(source, chapter):
    """The first cell of a chapter with its heading, links and reading time."""
    heading, *sentences = source.split("\n\n")
    if not heading.startswith("# "):
        sentences.insert(0, heading)
    if re.search(r"about \d+ minutes$", sentences[-1]):
        del sentences[-1]
    before, after = neighbours(chapter)
    links = [f"[previous: {before.name}]({before.file})" if before else "Start"]
    links += [f"[next: {after.name}]({after.file})"] if after else []
    links += [f"about {chapter.minutes} minutes"]
    return "\n\n".join([f"# {chapter.name}", *sentences, " · ".join(links)])


def with_next(source, chapter):
    """The recap of a chapter with the link to the next chapter, if there is one."""
    source = re.sub(r"\n\nNext: \[.*\]\(.*\)$", "", source, flags=re.MULTILINE)
    _, after = neighbours(chapter)
    return f"{source}\n\nNext: [{after.name}]({after.file})" if after else source


def name_cells(cells, number):
    """Give cells whose id JupyterLab drew at random the next free one: 09-01, 09-02, ..."""
    taken = {cell["id"] for cell in cells}
    free = (f"{number}-{n:02}" for n in itertools.count(1) if f"{number}-{n:02}" not in taken)
    for cell in cells:
        if not re.fullmatch(rf"{number}-[\w-]+", cell["id"]):
            cell["id"] = next(free)


def neighbours(chapter):
    """The chapters before and after this one; None where there is none."""
    place = CHAPTERS.index(chapter)
    before, _, after = [None, *CHAPTERS, None][place : place + 3]
    return before, after


def chapter_table():
    """The README's table of chapters."""
    yield "| | you end with | reading time |"
    yield "|---|---|---|"
    for c in CHAPTERS:
        yield f"| [{c.name}](notebooks/{c.file}) | {c.you_end_with} | {c.minutes} min |"


def module_table():
    """The README's table of the modules beside the ladder."""
    yield "| module | what it holds |"
    yield "|---|---|"
    public = (m for m in BESIDE if not m.module.startswith("_"))
    yield from (f"| `{m.module}` | {m.what} |" for m in public)


def alt_table(alt):
    """The table of pictures in images/README.md."""
    yield "| picture | alt text |"
    yield "|---|---|"
    yield from (f"| `{file}` | {words} |" for file, words in alt.items())


def with_tables(source, alt):
    """A page with each table between its two marks, `<!-- made: NAME -->` and `<!-- end -->`."""
    tables = {
        "chapters": list(chapter_table()),
        "modules": list(module_table()),
        "pictures": list(alt_table(alt)),
        "plans": list(plan.plan_pages()),
        "sections": list(plan.section_tables()),
    }

    def table(match):
        return "\n".join([match[1], "", *tables[match[2]], "", match[3]])

    return re.sub(r"(<!-- made: (\w+) -->)\n.*?(<!-- end -->)", table, source, flags=re.DOTALL)


def with_alt(source, alt):
    """Markdown with the alt text that each picture of images/ has."""
    return PICTURE.sub(lambda m: f"![{alt[m[2]]}]({m[1]})", source)


def ladder():
    """The picture of the ladder, as SVG text."""
    if str(IMAGES) not in sys.path:
        sys.path.insert(0, str(IMAGES))  # where Python looks when it runs the script
    return importlib.import_module("ladder").draw()


def alt_texts():
    """The alt text of each picture by file name: what the SVG says, or photographs.toml."""
    drawings = {path.name: path.read_text(encoding="utf-8") for path in IMAGES.glob("*.svg")}
    drawings["ladder.svg"] = ladder()
    alt = {name: ET.fromstring(drawings[name]).find("{*}desc").text for name in sorted(drawings)}
    photographs = tomllib.loads((IMAGES / "photographs.toml").read_text(encoding="utf-8"))
    return alt | {f"{name}.png": words for name, words in photographs.items()}


if __name__ == "__main__":
    for _ in range(2):  # again, as the reading times depend on what was written
        for path, text in derived().items():
            if path.read_bytes() != text.encode("utf-8"):
                path.write_text(text, encoding="utf-8", newline="\n")
                print(path.relative_to(ROOT))
