"""Two editions of the series: for students without solutions, for teachers with everything.

The student edition is a folder that runs by itself. The teacher edition shows each solution, and
beside it the wrong answers to expect and the hints that they get; each section begins with what
learners often believe and the question that shows it.
"""

import json
import re
import shutil
from copy import deepcopy

import nbformat
from nbformat.v4 import new_markdown_cell
from what_lasts import is_widget

from classroom import BUILD, LIBRARIES, ROOT, plan
from classroom.expected import expected, quiz_answers
from classroom.export import page
from classroom.handout import still, without_links
from classroom.roles import FOLD, HEADING, NUMBER, QUIZ, SOLUTION, without_solutions

# What the chapters read, beside the notebooks.
FOLDERS = ("data", "images", "rnn_helpers", "benchmarks")
FILES = ("requirements.txt", "requirements-beyond.txt", "pyproject.toml", "LICENSE")
FIRST = "/lab/tree/notebooks/01_encoding.ipynb"
README = """# How a recurrent network learns to write: {edition} edition

You need Python 3.11 or newer. In a terminal, in this folder, once:

    python3 -m venv .venv
    .venv/bin/pip install -r requirements.txt

Then, each time:

    .venv/bin/jupyter lab --ServerApp.root_dir=. --LabApp.default_url={first}

On Windows: `py -m venv .venv`, and `.venv\\Scripts\\` in place of `.venv/bin/`.
{more}"""
MORE = {
    "student": "\nThe exercises check your answer and give hints; the solutions are left out.\n",
    "teacher": "\nThe folder `pages` holds the same as pages to read and to print.\n",
}


def make():
    """Write both editions; returns the notebooks written."""
    written = []
    for edition, change in (("student", student), ("teacher", teacher)):
        folder = BUILD / edition
        shutil.rmtree(folder, ignore_errors=True)
        for name in FOLDERS:
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)
        (folder / "notebooks").mkdir()
        for path in plan.NOTEBOOKS.glob("*.py"):
            shutil.copy(path, folder / "notebooks" / path.name)
        text = README.format(edition=edition, first=FIRST, more=MORE[edition])
        (folder / "README.md").write_text(text, encoding="utf-8")
        for path in sorted(plan.NOTEBOOKS.glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            chapter = re.match(r"\d\d", path.stem)
            changed = change(notebook, chapter[0]) if chapter else notebook
            out = folder / "notebooks" / path.name
            write(changed, out)
            written.append(out)
            if edition == "teacher" and chapter:
                page(paper(changed), folder / "pages" / f"{path.stem}.html", "handout", path,
                     libraries=LIBRARIES)  # fmt: skip
    return written


def write(notebook, path):
    """Write a notebook as the chapters are written."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def student(notebook, chapter):
    """A chapter without its solutions."""
    notebook = deepcopy(notebook)
    kept = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = without_solutions(cell.source)
            if not cell.source:
                continue
        kept.append(cell)
    notebook.cells = kept
    return notebook


def teacher(notebook, chapter):
    """A chapter with its solutions in view, and with what a teacher should know."""
    notebook, cells, number = deepcopy(notebook), [], ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            numbered = NUMBER.search(cell.source)
            number = numbered.group(1) if numbered else number
            cells.append(cell)
            if quiz := QUIZ.search(cell.source):
                told = "\n\n".join(quiz_answers(quiz[1]))
                cells.append(note(f"{chapter}-quiz-answers", told))
            continue
        for source in cut(cell.source):
            piece = deepcopy(cell)
            piece.source = source
            piece.id = f"{cell.id}-{len(cells)}"
            fold = FOLD.fullmatch(source)
            if fold and fold.group(1).strip().startswith(SOLUTION):
                piece.source = f"**A solution.**\n\n{fold.group(2).strip()}"
                cells.append(piece)
                if number and (told := expected(number)):
                    cells.append(note(f"{chapter}-expected-{len(cells)}", told.markdown()))
                continue
            heading = HEADING.match(source)
            entry = plan.SECTIONS.get((chapter, heading[2])) if heading else None
            if not entry:
                cells.append(piece)
                continue
            title = new_markdown_cell(heading[0])
            title.id = f"{cell.id}-heading"
            piece.source = source[heading.end() :].strip()
            told = note(f"{chapter}-plan-{len(cells)}", for_teacher(chapter, entry))
            cells += [title, told] + [piece] * bool(piece.source)
    notebook.cells = cells
    return notebook


def cut(source):
    """Markdown in pieces: each folded solution by itself, each section heading at a start."""
    rest = 0
    for fold in FOLD.finditer(source):
        if fold.group(1).strip().startswith(SOLUTION):
            yield from sections(source[rest : fold.start()])
            yield fold.group(0)
            rest = fold.end()
    yield from sections(source[rest:])


def sections(text):
    """The pieces of Markdown that each begin with a heading of a section; none that is empty."""
    text = re.sub(r"^\s*---\s*|\s*---\s*$", "", text)
    pieces = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return (piece.strip() for piece in pieces if piece.strip())


def for_teacher(chapter, entry):
    """What a teacher should know where a section begins."""
    minutes = plan.minutes(chapter, entry["heading"])
    return (
        f"**{minutes} minutes.** Learners often believe: {entry['believes']}\n\n"
        f"**Ask:** {entry['ask']}\n\n**A good answer:** {entry['good']}"
    )


def note(name, text):
    """A cell for the teacher, marked so that it can be told from the chapter."""
    quoted = "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))
    cell = new_markdown_cell(f"> **For the teacher**\n>\n{quoted}", metadata={"tags": ["teacher"]})
    cell.id = name
    return cell


def paper(notebook):
    """A notebook of the teacher edition as a page: without links, outputs in view."""
    notebook = deepcopy(notebook)
    first = notebook.cells[0]
    notebook.metadata["title"] = first.source.splitlines()[0].lstrip("# ") + " · teacher edition"
    for cell in notebook.cells:
        if cell.cell_type == "code" and any(map(is_widget, cell.outputs)):
            cell.outputs = still(cell)
        if cell.cell_type == "markdown":
            cell.source = FOLD.sub(
                lambda m: f"**{m.group(1).strip()}**\n\n{m.group(2).strip()}",
                without_links(cell.source),
            )
    return notebook
