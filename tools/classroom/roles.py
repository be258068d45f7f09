"""What each cell of a chapter is for, found by rule.

The rules follow the frame that the tests hold every chapter to (CONTRIBUTING, "Add a
chapter"), so no cell needs a tag, and a chapter that is rewritten needs no change here.
"""

import re
from dataclasses import dataclass, field

import nbformat
from reading_time import PREDICTION_ASKED
from what_lasts import is_widget

HEADING = re.compile(r"^(#{1,2}) (.*)$", re.MULTILINE)
FOLD = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
QUIZ = re.compile(r'^quiz\("(\d\d)"\)', re.MULTILINE)
NUMBER = re.compile(r'\bcheck\("(\d\d\.\d+)"')
SOLUTION, TWIN = "Solution", "A picture of"  # how the summary of such a fold begins


@dataclass
class Part:
    """A piece of a chapter with one role.

    role
        title, goals, prose, fold, code, widget, twin, task, exercise, solution, recap, further
    text
        Markdown, without the heading of a section; for code, the source.
    """

    role: str
    text: str
    section: str = ""
    heading: str = ""  # of a section that begins here
    cell: object = None  # the code cell
    number: str = ""  # of the exercise: "03.2"
    summary: str = ""  # of a fold
    asks: bool = False  # a prediction is asked for here
    answers: bool = False  # the output answers the prediction before it
    where: list = field(default_factory=list)  # ids of the cells that this comes from


def parts(path):
    """The parts of a chapter in reading order."""
    cells = nbformat.read(path, as_version=4).cells
    found, section = [], ""
    for cell in cells:
        if cell.cell_type == "code":
            found.append(code_part(cell, section))
            continue
        for part in markdown_parts(cell, section):
            section = part.section
            found.append(part)
    number_exercises(found)
    return found


def code_part(cell, section):
    """The part of a code cell."""
    numbered = NUMBER.search(cell.source)
    gap = re.search(r"= \.\.\.$", cell.source, re.MULTILINE)
    role = "exercise" if numbered or gap else "code"
    if any(map(is_widget, cell.outputs)):
        role = "widget"
    return Part(
        role, cell.source, section, cell=cell, number=numbered.group(1) if numbered else "",
        answers=cell.metadata.get("jupyter", {}).get("outputs_hidden", False), where=[cell.id],
    )  # fmt: skip


def markdown_parts(cell, section):
    """The parts of a Markdown cell: its sections, and the folds apart from the prose."""
    for piece in re.split(r"^(?=#{1,2} )", cell.source, flags=re.MULTILINE):
        if not piece.strip():
            continue
        named = HEADING.match(piece)
        heading = named.group(2) if named else ""
        title = bool(named) and named.group(1) == "#"
        if named and not title:
            section = heading
        text = piece[named.end() :] if named else piece
        rest = 0
        for fold in [*FOLD.finditer(text), None]:
            before = text[rest : fold.start() if fold else None].strip()
            before = re.sub(r"^---\s*|\s*---$", "", before)
            if before or heading:
                yield Part(
                    prose_role(before, section, title), before, section, heading,
                    asks=bool(PREDICTION_ASKED.search(before)), where=[cell.id],
                )  # fmt: skip
                heading = ""
            if fold:
                rest = fold.end()
                summary = fold.group(1).strip()
                role = "solution" if summary.startswith(SOLUTION) else "fold"
                role = "twin" if summary.startswith(TWIN) else role
                yield Part(
                    role, fold.group(2).strip(), section, summary=summary, where=[cell.id]
                )  # fmt: skip


def prose_role(text, section, title):
    """The role of Markdown outside folds."""
    if title:
        return "title"
    if text.startswith("**You will be able to**"):
        return "goals"
    if section == "Check yourself":
        return "task"
    return {"Recap": "recap", "Further": "further"}.get(section, "prose")


def number_exercises(found):
    """Give a task the number of the exercise that follows it, a solution that before it."""
    number = ""
    for part in reversed(found):
        if part.role == "exercise":
            number = part.number
        elif part.role == "task":
            part.number, number = number, ""
    for part in found:
        if part.role == "exercise":
            number = part.number
        elif part.role == "solution":
            part.number = number


def exercises(path):
    """The exercises of a chapter: number -> (its tasks, its code cells, its solution)."""
    found = {}
    for part in parts(path):
        if part.number and part.role in ("task", "exercise", "solution"):
            entry = found.setdefault(part.number, {"task": [], "exercise": [], "solution": []})
            entry[part.role].append(part)
    return found


def without_solutions(source):
    """Markdown of a cell without its folded solutions."""

    def keep(fold):
        return "" if fold.group(1).strip().startswith(SOLUTION) else fold.group(0)

    text = FOLD.sub(keep, source).strip()
    return re.sub(r"^---\s*|\s*---$", "", text).strip()


def text_output(cell):
    """What a code cell prints, as one string."""
    return "".join(o.text for o in cell.outputs if o.get("name") == "stdout")


def text_twin(cell):
    """What a widget stores as text in place of itself, if that is more than one line."""
    for output in cell.outputs:
        text = output.get("data", {}).get("text/plain", "")
        if is_widget(output) and "\n" in text:
            return text
    return ""


def pictures(cell):
    """The PNG pictures of a code cell, each as (base64 text, its width and alt text)."""
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            yield output.data["image/png"], output.metadata.get("image/png", {})
