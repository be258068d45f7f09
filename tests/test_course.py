"""A course marked by nbgrader from end to end: assign, submit, autograde, feedback.

nbgrader is not among what a reader installs: `make classroom-setup` installs it in an environment
of its own. Where it is missing the tests are skipped, and the last lines of the test run say so.
How answers are judged in another process is tested here for every exercise, without nbgrader.
"""

import copy
import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from classroom import course, editions
from classroom.course import PYTHON_BLOCK
from classroom.roles import exercises
from conftest import CHAPTERS, NBGRADER

sys.path.insert(0, str(course.MARKING))
from examiner import Examinee, judged  # noqa: E402

from rnn_helpers.exercises import EXERCISES, find  # noqa: E402


@pytest.fixture(params=CHAPTERS, ids=lambda p: p.stem)
def examinee(request, tmp_path):
    """The assignment of a chapter, and a process that has run the cells that it begins with."""
    notebook = course.assignment(request.param)
    (tmp_path / "data").mkdir()
    for text in course.texts_read(notebook):
        shutil.copy(text, tmp_path / "data")
    for module in course.modules_beside(notebook):
        shutil.copy(module, tmp_path)
    examinee = Examinee(tmp_path)
    yield notebook, examinee
    examinee.stop()


def test_every_solution_is_right_and_every_unfilled_cell_is_not(examinee):
    notebook, process = examinee
    for cell in notebook.cells:
        about = cell.metadata["nbgrader"]
        if about["grade"]:
            number = about["grade_id"].removeprefix("check-").replace("-", ".")
            assert judged(number, process) is None, number
            process.ask(60, "forget")
            assert "Nothing is filled in" in judged(number, process)
        elif cell.cell_type == "code":
            assert process.run(cell.source)[1] is None, cell.source


@pytest.fixture
def bare(tmp_path):
    examinee = Examinee(tmp_path)
    yield examinee
    examinee.stop()


CHEATS = {
    "prints what the check prints": "print('01.2: right.')",
    "redefines the check": "def check(*a): print('01.2: right.')\nanswer = 5",
    "takes the solution from the exercises":
        "from rnn_helpers.exercises import EXERCISES\nanswer = EXERCISES['01.2'].right",
    "takes it from the chapter's module":
        "from rnn_helpers.exercises.chapter_01 import never_a_target as answer",
    "changes NumPy": "import numpy as np\nnp.allclose = np.isclose = lambda *a, **k: True\n"
                     "answer = lambda text, T: 0",
    "changes the engine":
        "import sys\nfor m in list(sys.modules.values()):\n"
        "    for n in ('agree', 'verdict', 'behaves_like', 'same_outcome'):\n"
        "        hasattr(m, n) and setattr(m, n, lambda *a, **k: True)\n"
        "answer = lambda text, T: 0",
    "is equal to everything":
        "class Same(int):\n    __eq__ = lambda a, b: True\n    __hash__ = int.__hash__\n"
        "    __sub__ = __rsub__ = __abs__ = lambda *a: 0\n    __le__ = __lt__ = lambda *a: True\n"
        "answer = lambda text, T: Same(0)",
    "claims to be an array":
        "class A:\n    def __array__(self, *a, **k):\n        import numpy as np\n"
        "        return np.array(0)\nanswer = lambda text, T: A()",
    "ends the process": "import os\nos._exit(0)",
    "leaves by SystemExit": "def answer(text, T):\n    raise SystemExit(0)",
    "writes to the pipe":
        "import os\nfor fd in range(3, 30):\n    try: os.write(fd, b'{\"outcomes\": []}' * 99)\n"
        "    except OSError: pass\nanswer = lambda text, T: 0",
}  # fmt: skip


@pytest.mark.parametrize("cheat", CHEATS.values(), ids=CHEATS)
def test_no_cheat_is_right(cheat, bare):
    bare.run(cheat)
    assert judged("01.2", bare, seconds=10)
    bare.cells = []
    bare.run("def answer(text, T):\n    return len(text) - (len(text) - 1) // T * T")
    assert judged("01.2", bare, 10) is None


LOOPS = {
    "in a cell": "while True: pass",
    "that catches everything": "while True:\n    try:\n        while True: pass\n    except: pass",
    "in a function": "def answer(text, T):\n    while True: pass",
    "that ignores signals":
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 30))\nwhile True: pass",
}  # fmt: skip


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_a_loop_is_stopped_and_the_next_exercise_is_judged(loop, bare):
    bare.cell_seconds = 3
    bare.run("import numpy as np")
    bare.run(loop)
    assert "loop without an end" in judged("01.2", bare, 3) or "filled in" in judged("01.2", bare)
    bare.cells = bare.cells[:1]
    assert bare.run("answer = (1987, 80)")[1] is None
    assert judged("01.1", bare) is None


def test_the_hint_is_that_of_the_check(bare):
    bare.run("def answer(text, T):\n    return len(text) % T")
    assert judged("01.2", bare) == find("01.2").verdict(lambda text, T: len(text) % T)
    bare.run("def answer(text):\n    return 0")
    assert judged("01.2", bare) == find("01.2").verdict(lambda text: 0)
    bare.run("answer = (1988, 80)")
    assert judged("01.1", bare) == find("01.1").verdict((1988, 80))


# With nbgrader, from end to end

CHAPTER = "01"
SECONDS = 8  # for a cell, and for an answer


def nbgrader(folder, *arguments):
    """Run a command of nbgrader in a course folder."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONWARNINGS")}
    env["PATH"] = os.pathsep.join([str(NBGRADER.parent), env["PATH"]])
    env |= {f"JUPYTER_{n}_DIR": str(folder / ".jupyter") for n in ("CONFIG", "DATA", "RUNTIME")}
    done = subprocess.run(
        [str(NBGRADER.with_name("python")), "-m", "nbgrader", *arguments],
        cwd=folder, env=env, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return done


def filled(notebook, answers):
    """An assignment with answers in its cells, by number of the exercise."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        number = name.removeprefix("answer-").replace("-", ".")
        if name.startswith("answer-") and number in answers:
            cell.source = answers[number]
    return notebook


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """What a course made of four submissions: points by learner and exercise, and the folder."""
    if not NBGRADER:
        pytest.skip("nbgrader is not installed")
    folder = tmp_path_factory.mktemp("course")
    (path,) = [p for p in CHAPTERS if p.name.startswith(CHAPTER)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course, "FOLDER", folder)
        course.make()
    for other in (folder / "source").iterdir():
        if other.name != CHAPTER:
            shutil.rmtree(other)
    config = folder / "nbgrader_config.py"
    text = re.sub(r"_seconds = \d+", f"_seconds = {SECONDS}", config.read_text(encoding="utf-8"))
    config.write_text(text, encoding="utf-8")
    done = nbgrader(folder, "generate_assignment", CHAPTER)
    assert done.returncode == 0, done.stderr
    released = folder / "release" / CHAPTER / path.name
    empty = nbformat.read(released, as_version=4)
    solved = {n: PYTHON_BLOCK.search(e["solution"][0].text)[1] for n, e in exercises(path).items()}
    wrong = {n: "answer = 1" for n in solved} | {"01.2": "answer = lambda text, T: len(text) % T"}
    cheats = dict(zip(solved, [*list(CHEATS.values())[:5], "import os; os._exit(0)"]))
    loops = solved | {"01.2": LOOPS["in a function"], "01.4": LOOPS["that catches everything"]}
    submissions = {
        "perfect": filled(empty, solved), "empty": empty, "wrong": filled(empty, wrong),
        "cheat": tampered(filled(empty, cheats)), "loop": filled(empty, loops),
    }  # fmt: skip
    for learner, notebook in submissions.items():
        target = folder / "submitted" / learner / CHAPTER
        shutil.copytree(released.parent, target)
        editions.write(notebook, target / path.name)
    done = nbgrader(folder, "autograde", CHAPTER)
    assert done.returncode == 0, done.stderr[-3000:]
    done = nbgrader(folder, "generate_feedback", CHAPTER)
    assert done.returncode == 0, done.stderr[-3000:]
    read = folder / "read.py"
    read.write_text(READ_POINTS, encoding="utf-8")
    done = subprocess.run(
        [str(NBGRADER.with_name("python")), str(read)], cwd=folder, capture_output=True, text=True
    )
    return json.loads(done.stdout), folder, path


READ_POINTS = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        s.student.id: {g.name: [g.score, g.max_score] for n in s.notebooks for g in n.grades}
        for a in book.assignments for s in a.submissions
    }))
"""


def tampered(notebook):
    """A submission whose check was rewritten, and whose points were raised."""
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade"):
            cell.source = f"print('{about['grade_id'][6:].replace('-', '.')}: right.')"
            about["points"] = 100
    return notebook


def test_points_are_for_right_answers_only(marked):
    points, _, _ = marked
    numbers = [n for n in EXERCISES if n.startswith(CHAPTER)]
    assert len(points) == 5
    for learner, grades in points.items():
        assert len(grades) == len(numbers)
        got = {name for name, (score, _) in grades.items() if score}
        assert all(score in (0, most) and 0 < most <= 6 for score, most in grades.values())
        wanted = {f"check-{n.replace('.', '-')}" for n in numbers}
        if learner == "loop":
            assert got == wanted - {"check-01-2", "check-01-4"}
        else:
            assert got == (wanted if learner == "perfect" else set()), learner


def test_feedback_has_the_hints(marked):
    _, folder, path = marked
    page = (folder / "feedback" / "wrong" / CHAPTER / f"{path.stem}.html").read_text("utf-8")
    said = find("01.2").verdict(lambda text, T: len(text) % T)
    assert said.split(".")[0] in page
    assert "01.1: right." not in page
    page = (folder / "feedback" / "perfect" / CHAPTER / f"{path.stem}.html").read_text("utf-8")
    assert "01.1: right." in page
    page = (folder / "feedback" / "loop" / CHAPTER / f"{path.stem}.html").read_text("utf-8")
    assert "took too long" in page


def test_what_is_handed_out_has_no_solution(marked):
    _, folder, path = marked
    text = (folder / "release" / CHAPTER / path.name).read_text(encoding="utf-8")
    assert "SOLUTION" not in text and "HIDDEN" not in text and "verdict" not in text
    cells = nbformat.reads(text, as_version=4).cells
    for entry in exercises(path).values():
        code = PYTHON_BLOCK.search(entry["solution"][0].text)[1].strip()
        assert code not in "\n".join(cell.source for cell in cells)
