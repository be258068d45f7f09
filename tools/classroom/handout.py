"""Handouts: each chapter on paper, without solutions, with room to write.

Where the chapter asks before an output, the paper has room for a guess, and the output stands at
the end under its number. Widgets are shown as their stored pictures. Where Chromium and
Playwright are installed, a PDF is printed beside the page.
"""

import re

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from classroom import BUILD, LIBRARIES, plan
from classroom.browser import printed
from classroom.expected import points
from classroom.export import page
from classroom.roles import parts, text_twin

GUESS, FOLD, ANSWER = 3, 6, 5  # ruled lines to write on
LINES_A_POINT = 4  # and for an exercise: more where it takes longer


def make():
    """Write the handout of every chapter; returns the paths."""
    written = []
    for path in sorted(plan.NOTEBOOKS.glob("[0-9]*.ipynb")):
        out = BUILD / "handout" / f"{path.stem}.html"
        page(sheet(path), out, "handout", path, libraries=LIBRARIES)
        written.append(out)
    return written + printed(written)


def room(lines, label):
    """Ruled lines to write on."""
    rule = '<div class="rule"></div>'
    short = " short" if lines <= 6 else ""
    return f'<div class="room{short}"><p>{label}</p>{rule * lines}</div>'


def sheet(path):
    """A chapter as the notebook that is printed."""
    cells, later, title = [], [], path.stem
    for part in parts(path):
        if part.role == "solution":
            continue
        if part.role == "title":
            cells.append(new_markdown_cell(f"# {part.heading}\n\n{without_links(part.text)}"))
            title = part.heading
        elif part.role == "fold":
            later.append((part.summary, [new_markdown_cell(part.text)]))
            label = f"{part.summary}: your answer, before you look at {len(later)} at the end"
            cells.append(new_markdown_cell(room(FOLD, label)))
        elif part.role == "twin":
            cells.append(new_markdown_cell(part.text))
        elif part.role == "widget":
            cells.append(code(part, still(part.cell)))
        elif part.role == "exercise":
            cells.append(code(part, []))
            lines = ANSWER + LINES_A_POINT * (points(part.number) - 1) if part.number else ANSWER
            cells.append(new_markdown_cell(room(lines, "Your answer")))
        elif part.role == "code" and part.answers:
            later.append((f"What the cell in “{part.section}” shows", [code(part, None, "")]))
            cells.append(code(part, []))
            label = f"Your guess, before you look at {len(later)} at the end"
            cells.append(new_markdown_cell(room(GUESS, label)))
        elif part.role == "code":
            cells.append(code(part))
        else:
            heading = f"## {part.heading}\n\n" if part.heading else ""
            cells.append(new_markdown_cell(f"{heading}{without_links(part.text)}"))
    if later:
        cells.append(new_markdown_cell("## To compare with your guesses"))
        for n, (label, found) in enumerate(later, 1):
            cells.append(new_markdown_cell(f"**{n}.** {label}"))
            cells += found
    for n, cell in enumerate(cells):
        cell.id = f"{path.stem[:2]}-{n}"
    return new_notebook(cells=cells, metadata={"title": title})


def still(cell):
    """The output of a widget on paper: what it stores as text, if that says more than its name."""
    twin = text_twin(cell)
    return [new_output("stream", name="stdout", text=twin)] if twin else []


def code(part, outputs=None, source=None):
    """A code cell for paper: outputs as stored unless others are given."""
    kept = part.cell.outputs if outputs is None else outputs
    cell = new_code_cell(part.text if source is None else source, outputs=kept)
    cell.metadata["only_output"] = source == ""
    return cell


def without_links(text):
    """Markdown without the line of links to other chapters."""
    kept = [p for p in text.split("\n\n") if not re.search(r"about \d+ minutes$", p)]
    return re.sub(r"\n\nNext: \[.*$", "", "\n\n".join(kept), flags=re.DOTALL)
