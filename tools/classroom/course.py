"""A course for nbgrader, from the exercises: `make course`.

Each chapter is an assignment: the cells of the chapter that its exercises need, each exercise
with its task, a cell to answer in and a check with points, and the solution in the source. The
marking itself is in the folder `marking`, which is copied into the course.
"""

import ast
import builtins
import re
import shutil
import symtable
from dataclasses import dataclass

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from classroom import BUILD, ROOT, plan
from classroom.expected import points
from classroom.roles import parts

FOLDER = BUILD / "course"
MARKING = ROOT / "tools" / "classroom" / "marking"
PYTHON_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
STUB = "answer = ..."
EXERCISES = "Check yourself"
CHECK = re.compile(r"check\(|from rnn_helpers.exercises import check$")
KERNEL = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"
    },
    "language_info": {"name": "python"},
}  # fmt: skip


def make():
    """Write the course folder; returns the notebooks written. A gradebook there is kept."""
    shutil.rmtree(FOLDER / "source", ignore_errors=True)
    written = []
    for path in sorted(plan.NOTEBOOKS.glob("[0-9]*.ipynb")):
        number = path.name[:2]
        folder = FOLDER / "source" / number
        notebook = assignment(path)
        (folder / "data").mkdir(parents=True)
        for text in texts_read(notebook):
            shutil.copy(text, folder / "data" / text.name)
        for module in modules_beside(notebook):
            shutil.copy(module, folder / module.name)
        out = folder / path.name
        nbformat.write(notebook, out)
        written.append(out)
    for file in MARKING.glob("*.py"):
        shutil.copy(file, FOLDER / file.name)
    return written


def assignment(path):
    """A chapter's exercises as the source of an assignment."""
    number, found = path.name[:2], parts(path)
    title = next(part.heading for part in found if part.role == "title")
    cells = [
        locked(
            new_markdown_cell(
                f"# {title}: exercises\n\nRun the next cells first; they are from the chapter. "
                "Then answer where the three dots are, and run the check below: it says whether "
                "you are right, or gives a hint."
            ),
            f"title-{number}",
        )
    ]
    for n, source in enumerate(needed(found), 1):
        source = source.replace('"../data/', '"data/')
        cells.append(locked(new_code_cell(source), f"setup-{number}-{n}"))
    cells += exercise_cells(found, number)
    return new_notebook(cells=cells, metadata=KERNEL)


def exercise_cells(found, chapter):
    """The cells of the section "Check yourself" that belong to an exercise with a number."""
    tasks, n = [], 0
    for place, part in enumerate(found):
        if part.section != EXERCISES:
            continue
        if part.role == "task":
            if not part.text.startswith("Five questions first"):  # the quiz stays in the chapter
                tasks.append(part.text)
        elif part.role == "code" and not part.number:
            n += 1
            yield locked(new_code_cell(part.text), f"more-{chapter}-{n}")
        elif part.role == "exercise" and part.number:
            name = part.number.replace(".", "-")
            yield locked(new_markdown_cell("\n\n".join(filter(None, tasks))), f"task-{name}")
            tasks = []
            before, stub = split_check(part.text)
            if before:
                yield locked(new_code_cell(before), f"given-{name}")
            solution = next(p for p in found[place:] if p.role == "solution")
            yield answer_cell(stub, solution.text, f"answer-{name}")
            yield check_cell(part.number, f"check-{name}")


def split_check(source):
    """The given part of an exercise's cell, and what is to be filled in; its check is left out."""
    lines = [line for line in source.split("\n") if not CHECK.match(line)]
    first = next(
        n for n, line in enumerate(lines) if re.search(r"\.\.\.$", line) or line.startswith("def ")
    )
    return "\n".join(lines[:first]).strip(), "\n".join(lines[first:]).strip()


def locked(cell, name):
    """A cell that a learner cannot change."""
    cell.metadata["nbgrader"] = about(name, locked=True)
    cell.id = name
    return cell


def answer_cell(stub, solution, name):
    """The cell to answer in; the source holds the solution, and what takes its place."""
    source = "\n\n".join(PYTHON_BLOCK.findall(solution)[:1]).strip()
    cell = new_code_cell(source)
    cell.metadata |= {"nbgrader": about(name, solution=True), "stub": stub or STUB}
    cell.id = name
    return cell


def check_cell(number, name):
    """The cell that checks an answer, with points."""
    source = (
        f'from rnn_helpers.exercises import check\n\ncheck("{number}", answer)\n'
        "### BEGIN HIDDEN TESTS\n"
        "from rnn_helpers.exercises import find\n\n"
        f'assert find("{number}").verdict(answer) is None\n'
        "### END HIDDEN TESTS"
    )
    cell = new_code_cell(source)
    cell.metadata["nbgrader"] = about(name, grade=True, locked=True) | {"points": points(number)}
    cell.id = name
    return cell


def about(name, grade=False, solution=False, locked=False):
    """What nbgrader wants to know of a cell."""
    return {
        "schema_version": 3, "grade_id": name, "grade": grade, "solution": solution,
        "locked": locked, "task": False,
    }  # fmt: skip


@dataclass
class Piece:
    """A part of a cell that is taken or left: an import, a definition, or all the rest."""

    makes: set
    takes: set
    defines: bool
    lines: list  # pairs: the place of a statement in the cell, its source


def needed(found):
    """The code of a chapter, before its exercises, that makes the names which these use.

    A list of sources, one for each cell of the chapter that something is taken from.
    """
    before = [p for p in found if p.role in ("code", "exercise") and p.section != EXERCISES]
    cells = [pieces_of(solved(part, found)) for part in before]
    defined = set().union(*(p.makes for pieces in cells for p in pieces if p.defines))
    wanted, sources = set(), []
    for part in found:
        if part.section == EXERCISES:
            wanted |= names_in(part, defined)
    for pieces in reversed(cells):
        kept, new = [], True
        while new:
            new = [p for p in pieces if p not in kept and p.makes & wanted]
            kept += new
            wanted = wanted.union(*(p.takes for p in new))
        lines = sorted(line for piece in kept for line in piece.lines)
        if lines:
            sources.insert(0, "\n".join(source for _, source in lines).strip("\n"))
    return sources


def pieces_of(source):
    """A cell in pieces."""
    lines, rest, pieces = source.split("\n"), [], []
    for place, node in enumerate(ast.parse(source).body):
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        text = "\n".join(lines[first - 1 : node.end_lineno])
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            pieces.append(Piece(*names_of(text), True, [(place, f"\n\n{text}\n\n")]))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            pieces.append(Piece(*names_of(text), True, [(place, text)]))
        else:
            rest.append((place, text))
    if rest:
        pieces.append(Piece(*names_of("\n".join(text for _, text in rest)), False, rest))
    return pieces


def solved(part, found):
    """A cell of the chapter as it is once its gaps are filled in."""
    if part.role != "exercise":
        return part.text
    after = next(p for p in found[found.index(part) :] if p.role == "solution")
    return PYTHON_BLOCK.search(after.text).group(1).strip()


def names_in(part, defined):
    """The names that an exercise takes from before: in its code, its solution, and its words.

    Of its words, only names of functions, classes and modules count.
    """
    if part.role in ("code", "exercise"):
        return names_of(part.text)[1]
    if part.role == "solution":
        return set().union(*(names_of(code)[1] for code in PYTHON_BLOCK.findall(part.text)))
    return defined & set(re.findall(r"`([A-Za-z_]\w*)[`(]", part.text))


def names_of(source):
    """The names that code makes at its top level, and those that it takes from before it."""
    makes, takes = set(), set()
    for statement in one_by_one(ast.parse(source).body):
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        takes |= names_taken(table) - makes
        makes |= {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
        makes |= {s.get_name() for s in table.get_symbols() if s.is_namespace()}
    return makes, takes - set(dir(builtins))


def one_by_one(statements):
    """Statements in the order in which they run; a loop as its first line and then its body.

    So a name that a loop makes and then uses is not one that it takes from before.
    """
    for statement in statements:
        if isinstance(statement, ast.For):
            yield ast.Assign([statement.target], statement.iter, lineno=statement.lineno)
            yield from one_by_one(statement.body + statement.orelse)
        else:
            yield statement


def names_taken(table):
    """The global names that a piece of code refers to, in its functions too."""
    module = table.get_type() == "module"
    found = {
        s.get_name()
        for s in table.get_symbols()
        if s.is_referenced() and (module or s.is_global())
    }
    return found.union(*map(names_taken, table.get_children()))


def texts_read(notebook):
    """The files of `data/` that an assignment opens by their path."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [ROOT / "data" / name for name in sorted(set(re.findall(r'"data/([\w.]+)"', code)))]


def modules_beside(notebook):
    """The modules beside the notebooks that an assignment imports, and those that these import."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    found, todo = set(), [code]
    while todo:
        names = re.findall(r"^\s*(?:from|import) (\w+)", todo.pop(), re.MULTILINE)
        for path in (plan.NOTEBOOKS / f"{name}.py" for name in names):
            if path.exists() and path not in found:
                found.add(path)
                todo.append(path.read_text(encoding="utf-8"))
    return sorted(found)
