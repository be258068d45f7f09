"""The classroom kit: what it makes from the chapters, without a network and without nbgrader."""

import re

import nbformat
import pytest
import reading_time
from classroom import (
    LIBRARIES,
    browser,
    course,
    editions,
    fitting,
    handout,
    plan,
    prose,
    roles,
    slides,
)
from classroom.expected import POINTS, expected, plain
from conftest import CHAPTERS, cells_of

from rnn_helpers.exercises import EXERCISES
from rnn_helpers.quiz import chapters, load_quiz

every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
HAS_LIBRARIES = (LIBRARIES / "mathjax" / "complete").exists()


def solutions(path):
    """The code of every folded solution of a chapter."""
    prose = [cell.source for cell in cells_of(path) if cell.cell_type == "markdown"]
    folds = [f[2] for text in prose for f in roles.FOLD.finditer(text) if "Solution" in f[1]]
    return [code.strip() for fold in folds for code in course.PYTHON_BLOCK.findall(fold)]


def questions(path):
    """The questions of a chapter's quiz, if it has one."""
    chapter = path.name[:2]
    return load_quiz(chapter) if chapter in chapters() else []


def text_of(cells, kind=None):
    return "\n\n".join(c.source for c in cells if kind in (None, c.cell_type))


# The plan


def test_every_section_has_its_question_and_lessons_name_sections_that_exist():
    assert {number for number, _ in plan.SECTIONS} <= {path.name[:2] for path in CHAPTERS}
    assert not list(plan.unknown()), "change tools/teaching.toml, then run `make series`"


@pytest.mark.parametrize("entry", plan.SECTIONS.values(), ids=lambda e: e["heading"])
def test_what_is_said_of_a_section_is_whole_and_short(entry):
    for words in (entry["believes"], entry["ask"], entry["good"]):
        assert 3 <= len(words.split()) <= 45 and words.endswith((".", "?", "”"))
        assert "|" not in words and not words.endswith("..")


NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
SUMS = {"1.84": 46 / 25, "10.8": 1.1**25, "0.07": 0.9**25}  # what no chapter computes


def numbers(text):
    return [found.rstrip(",") for found in NUMBER.findall(text)]


@every_chapter
def test_a_number_in_an_answer_is_given_or_computed(path):
    """Numbers up to 32 are left to the reader; others are in the question or in the chapter."""
    shown = [c.source for c in cells_of(path)]
    for cell in cells_of(path):
        for output in cell.get("outputs", []):
            shown += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    there = {float(x.replace(",", "")) for x in numbers(" ".join(shown))}
    for (chapter, heading), entry in plan.SECTIONS.items():
        if chapter != path.name[:2]:
            continue
        for number in set(numbers(entry["good"])) - set(numbers(entry["ask"])):
            value, digits = float(number.replace(",", "")), len(number.partition(".")[2])
            known = {round(x, digits) for x in there} | {round(SUMS.get(number, 0), digits)}
            assert value in known or digits == 0 and value <= 32, (heading, number)


@every_chapter
def test_the_minutes_of_the_sections_are_those_of_the_chapter(path):
    sections = reading_time.sections(path)
    assert sum(sections.values()) == pytest.approx(reading_time.minutes(path))
    assert sections["Check yourself"] == 0 and sections["Recap"] > 0


LESSONS = [(p["budget"], lesson) for p in plan.PLANS for lesson in p["lesson"]]


@pytest.mark.parametrize(("budget", "lesson"), LESSONS, ids=lambda x: str(x)[:30])
def test_a_lesson_fits_its_time(budget, lesson):
    assert 0.66 * budget <= sum(row.minutes for row in plan.rows(lesson)) <= budget
    assert lesson["exit"].rstrip("”").endswith(("?", ".")) and lesson["exit_good"].endswith(".")
    assert set(lesson["exercises"]) <= EXERCISES.keys()


def test_every_time_that_an_exercise_takes_has_points():
    assert {exercise.takes for exercise in EXERCISES.values()} <= POINTS.keys()


def test_what_no_chapter_has_is_said(monkeypatch):
    lesson = {"title": "x", "sections": ["01/No such", "01/*"], "leave_out": ["Nor this"]}
    sections = {("02", "Gone"): {}, **plan.SECTIONS}
    del sections["01", "What counts as one symbol is a choice"]
    monkeypatch.setattr(plan, "PLANS", [{"lesson": [lesson]}])
    monkeypatch.setattr(plan, "SECTIONS", sections)
    said = "\n".join(plan.unknown())
    for words in ("02, 'Gone'", "a section 'What counts", "'01/No such'", "'Nor this'"):
        assert words in said


# Prose taken apart


def test_sentences_are_cut_where_they_end():
    text = "Take $p_i. A$ here (as `a. B` says). It is 0.9 long. “Why?” Then e.g. this ends."
    assert prose.sentences(text) == [
        "Take $p_i. A$ here (as `a. B` says).", "It is 0.9 long.", "“Why?”",
        "Then e.g. this ends.",
    ]  # fmt: skip


def test_a_slide_shows_the_first_sentence_and_the_question():
    text = "One. " + "More of it and more. " * 9 + "Before you run the cell: which one?"
    asked = ("asked", "Before you run the cell: which one?")
    assert prose.shown(text) == [("told", "One."), asked]
    assert prose.shown(text, whole=True) == [("told", text[: text.index(" Before")]), asked]
    assert prose.shown("And 9? Guess before you run the cell.")[0][0] == "asked"


# Roles


@every_chapter
def test_every_word_of_a_chapter_has_a_role(path):
    """Nothing is lost when a chapter is taken apart."""
    found = roles.parts(path)
    for cell in cells_of(path):
        here = [part for part in found if cell.id in part.where]
        assert here
        if cell.cell_type == "markdown":
            words = re.sub(r"</?(details|summary)>|^---$|^#+ ", "", cell.source, flags=re.M)
            parts = " ".join(f"{p.heading} {p.summary} {p.text}" for p in here)
            assert sorted(parts.split()) == sorted(words.split())


@every_chapter
def test_every_exercise_is_found_whole(path):
    found = roles.exercises(path)
    assert list(found) == [n for n in EXERCISES if n.startswith(path.name[:2])]
    for number, entry in found.items():
        assert entry["task"] and entry["exercise"] and len(entry["solution"]) == 1, number


# Editions


def test_an_edition_holds_every_file_that_the_chapters_name():
    named = set()
    for path in CHAPTERS:
        for cell in nbformat.read(path, as_version=4).cells:
            named |= set(re.findall(r"\.\./([\w.-]+)", cell.source))
            named |= set(re.findall(r"requirements[\w-]*\.txt", cell.source))
    assert {"data", "benchmarks", "requirements-beyond.txt"} <= named
    assert named <= {*editions.FOLDERS, *editions.FILES, "notebooks", "README.md"}


@every_chapter
def test_the_student_edition_has_no_solution_and_nothing_for_teachers(path):
    made = editions.student(nbformat.read(path, as_version=4), path.name[:2])
    text = text_of(made.cells)
    assert "Solution</summary>" not in text and "For the teacher" not in text
    for code in solutions(path):
        assert code not in text
    for option in (option for question in questions(path) for option in question.options):
        assert option.why not in text
    for entry in plan.SECTIONS.values():
        assert entry["good"] not in text and entry["believes"] not in text
    codes = [c.source for c in cells_of(path) if c.cell_type == "code"]
    assert [c.source for c in made.cells if c.cell_type == "code"] == codes
    assert all("teacher" not in c.metadata.get("tags", []) for c in made.cells)
    nbformat.validate(made)


@every_chapter
def test_the_teacher_edition_has_everything(path):
    chapter = path.name[:2]
    made = editions.teacher(nbformat.read(path, as_version=4), chapter)
    text = text_of(made.cells)
    for code in solutions(path):
        assert code in text
    unquoted = re.sub(r"^> ?", "", text, flags=re.MULTILINE)
    for (number, _), entry in plan.SECTIONS.items():
        if number == chapter:
            assert entry["ask"] in unquoted and entry["good"] in unquoted
    for number, exercise in EXERCISES.items():
        if number.startswith(chapter):
            for _, said in exercise.mistakes:
                assert plain(said) in unquoted, number
    assert "<summary>Solution" not in text
    for question in questions(path):
        assert all(plain(option.why) in unquoted for option in question.options)
    nbformat.validate(made)


def test_wrong_answers_are_shown_as_code():
    for number, exercise in EXERCISES.items():
        told = expected(number)
        assert [said for _, said in told.mistakes] == [said for _, said in exercise.mistakes]
        for code, _ in told.mistakes:
            assert code and "<lambda>" not in code and "\n" not in code and " at 0x" not in code


# Slides


@every_chapter
def test_slides_show_the_chapter_and_no_solution(path):
    deck = slides.deck(path)
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in deck.cells]
    seen = [c for c, kind in zip(deck.cells, kinds) if kind != "notes"]
    notes = [c for c, kind in zip(deck.cells, kinds) if kind == "notes"]
    for code in solutions(path):
        assert code not in text_of(seen) and code in text_of(notes)
    for question in questions(path):
        assert all(plain(option.why) in text_of(notes) for option in question.options)
        assert all(plain(option.why) not in text_of(seen) for option in question.options)
    headings = [h for h in reading_time.sections(path) if h not in ("", "Further")]
    assert [h for h in re.findall(r"^## (.*)$", text_of(seen), re.M) if h in headings] == headings
    shown = sum("image/png" in o.get("data", {}) for c in seen for o in c.get("outputs", []))
    stored = [o for c in cells_of(path) for o in c.get("outputs", [])]
    assert shown == sum("image/png" in o.get("data", {}) for o in stored)


@every_chapter
def test_an_output_that_answers_comes_after_its_slide_of_code(path):
    deck = slides.deck(path)
    answers = {
        roles.text_output(p.cell).split("\n")[0]: fitting.for_the_screen(p.text)
        for p in roles.parts(path)
        if p.answers and roles.text_output(p.cell)
    }
    slide, where = 0, {}
    for cell in deck.cells:
        slide += cell.metadata["slideshow"]["slide_type"] in ("slide", "subslide")
        if cell.cell_type == "code":
            where.setdefault(cell.source or roles.text_output(cell).split("\n")[0], slide)
    for first_line, source in answers.items():
        assert where[first_line] > where[source]


@every_chapter
def test_code_fits_a_slide(path):
    for cell in slides.deck(path).cells:
        if cell.cell_type == "code" and cell.source:
            lines, size = cell.source.split("\n"), cell.metadata["size"]
            assert size >= fitting.SMALLEST
            assert len(lines) * 1.3 * size <= 600 and max(map(len, lines)) * 0.602 * size <= 1160


# Handouts


@every_chapter
def test_a_handout_has_room_and_no_solution_and_answers_come_last(path):
    cells = handout.sheet(path).cells
    text = text_of(cells)
    for code in solutions(path):
        assert code not in text
    assert text.count(">Your answer<") >= len(roles.exercises(path))
    end = next((n for n, c in enumerate(cells) if c.source.startswith("## To compare")), None)
    for part in roles.parts(path):
        if part.answers:
            shown = [n for n, c in enumerate(cells)
                     if c.cell_type == "code" and c.outputs == part.cell.outputs]  # fmt: skip
            assert shown and min(shown) > end


# The course


def test_a_name_that_a_loop_makes_is_not_taken_from_before():
    loop = "for i, a in enumerate(given):\n    b = a + old\n    for c in b:\n        print(c, i)"
    makes, takes = course.names_of(loop)
    assert makes == {"i", "a", "b", "c"} and takes == {"given", "old"}
    assert course.names_of("x = x + 1") == ({"x"}, {"x"})


@every_chapter
def test_an_assignment_has_every_exercise_with_points(path):
    made = course.assignment(path)
    nbformat.validate(made)
    about = [cell.metadata["nbgrader"] for cell in made.cells]
    names = [a["grade_id"] for a in about]
    assert len(names) == len(set(names))
    graded = [a for a in about if a["grade"]]
    wanted = [n for n in EXERCISES if n.startswith(path.name[:2])]
    assert [a["grade_id"] for a in graded] == [f"check-{n.replace('.', '-')}" for n in wanted]
    assert all(a["points"] >= 1 and a["locked"] for a in graded)
    for cell in made.cells:
        if cell.metadata["nbgrader"]["solution"]:
            assert "..." in cell.metadata["stub"] and cell.source not in cell.metadata["stub"]
    compile("\n".join(c.source for c in made.cells if c.cell_type == "code"), "course", "exec")


@pytest.mark.skipif(not HAS_LIBRARIES, reason="`make classroom-setup` was not run")
@pytest.mark.skipif(not browser.found(), reason="no Chromium or no Playwright")
@every_chapter
def test_every_slide_fits_and_nothing_is_fetched(path, tmp_path):
    from classroom.export import page as write

    out = tmp_path / f"{path.stem}.html"
    write(slides.deck(path), out, "slides", path, libraries=LIBRARIES)
    with browser.offline_page(viewport={"width": 1280, "height": 720}) as (page, asked):
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        browser.open_ready(page, out)
        too_large = page.evaluate(MEASURE)
        formulas = page.locator("mjx-container").count()
    assert asked == [] and complaints == [] and formulas > 0
    assert too_large == []


MEASURE = """() => {
    const found = [];
    for (const s of Reveal.getSlides()) {
        const at = Reveal.getIndices(s);
        Reveal.slide(at.h, at.v);
        for (const e of s.querySelectorAll('pre, img, mjx-container, table, p, li')) {
            if (e.closest('aside')) continue;
            const slide = document.querySelector('.reveal .slides').getBoundingClientRect();
            const box = e.getBoundingClientRect(), k = Reveal.getScale();
            const low = (box.bottom - slide.top) / k, right = (box.right - slide.left) / k;
            const cut = e.tagName == 'PRE' && e.scrollWidth > e.clientWidth + 2;
            if (low > 720 || right > 1280 || cut)
                found.push([at.h, at.v, e.tagName, Math.round(low), Math.round(right),
                            e.textContent.slice(0, 40)]);
        }
    }
    return found;
}"""
