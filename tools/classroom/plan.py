"""The lessons and what each section is for, read from `tools/teaching.toml`.

The minutes follow the rule of `reading_time`, so that they never differ from the chapters.
"""

import functools
import re
import tomllib
from dataclasses import dataclass

import reading_time

from classroom import ROOT

NOTEBOOKS = ROOT / "notebooks"
EXIT_MINUTES = 5
NO_LESSON = ("", "Check yourself", "Recap", "Further")  # sections without a misconception

_list = tomllib.loads((ROOT / "tools" / "teaching.toml").read_text(encoding="utf-8"))
SECTIONS = {(entry["chapter"], entry["heading"]): entry for entry in _list["section"]}
PLANS = _list["plan"]


@functools.cache
def chapter_path(number):
    """Where the chapter with this number, such as "03", is."""
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    return path


@functools.cache
def chapter_sections(number):
    """The minutes of each section of a chapter, by heading."""
    return reading_time.sections(chapter_path(number))


def minutes(number, heading):
    """Whole minutes of a section, one at the least."""
    return max(1, round(chapter_sections(number)[heading]))


@dataclass
class Row:
    """A line of a lesson: minutes, and what happens."""

    minutes: int
    what: str


def sections_of(lesson):
    """The sections of a lesson: (chapter, heading) in order. Unknown ones are left out."""
    return [place for name in lesson["sections"] for place in named(name, lesson)]


def named(name, lesson):
    """The sections that a name in a lesson stands for: "03/Softmax turns" or "03/*"."""
    number, _, begins = name.partition("/")
    known = [h for h in chapter_sections(number) if h not in NO_LESSON]
    if begins == "*":
        return [(number, h) for h in known if h not in lesson["leave_out"]]
    chosen = [(number, h) for h in known if h.startswith(begins)]
    return chosen if len(chosen) == 1 else []


def unknown():
    """What `tools/teaching.toml` names that no chapter has, in words; what it lacks, too."""
    chapters = sorted({number for number, _ in SECTIONS})
    there = {
        (number, heading)
        for number in chapters
        for heading in chapter_sections(number)
        if heading not in NO_LESSON
    }
    for number, heading in sorted(SECTIONS.keys() - there):
        yield f"[[section]] of chapter {number}, {heading!r}: the chapter has no such section"
    for number, heading in sorted(there - SECTIONS.keys()):
        yield f"chapter {number} has a section {heading!r} that is not in the list"
    for lesson in (lesson for plan in PLANS for lesson in plan["lesson"]):
        for name in lesson["sections"]:
            if not named(name, lesson):
                yield f"lesson {lesson['title']!r}: {name!r} begins no section, or several"
        numbers = {name[:2] for name in lesson["sections"]}
        headings = {heading for number, heading in there if number in numbers}
        for heading in set(lesson.get("leave_out", [])) - headings:
            yield f"lesson {lesson['title']!r} leaves out {heading!r}, which does not exist"


def rows(lesson):
    """The lines of a lesson, with their minutes."""
    found = [Row(lesson["opening_minutes"], lesson["opening"])]
    for number, heading in sections_of(lesson):
        found.append(Row(minutes(number, heading), f"{number} · {heading}"))
    if lesson["exercise_minutes"]:
        named = " and ".join(lesson["exercises"])
        exercises = f"Exercise{'s' * (len(lesson['exercises']) > 1)} {named}"
        found.append(Row(lesson["exercise_minutes"], lesson.get("work", exercises)))
    found.append(Row(EXIT_MINUTES, "Exit question, on paper"))
    return found


def left_out(lesson):
    """The headings that a lesson leaves out, by chapter."""
    used = sections_of(lesson)
    found = {}
    for number in dict.fromkeys(number for number, _ in used):
        known = [h for h in chapter_sections(number) if h not in NO_LESSON]
        if rest := [h for h in known if (number, h) not in used]:
            found[number] = rest
    return found


def plan_pages():
    """The plans, as lines of Markdown."""
    for plan in PLANS:
        yield f"## {plan['title']}"
        yield ""
        yield plan["intro"]
        yield ""
        for n, lesson in enumerate(plan["lesson"], 1):
            title = lesson["title"]
            yield f"### {title if title.startswith('Day') else f'{n} · {title}'}"
            yield ""
            yield "| minutes | |"
            yield "|---:|---|"
            lines = rows(lesson)
            left = plan["budget"] - sum(row.minutes for row in lines)
            yield from (f"| {row.minutes} | {row.what} |" for row in lines)
            yield f"| {left} | left for questions and votes |"
            yield ""
            yield f"*Exit question:* {lesson['exit']} *A good answer:* {lesson['exit_good']}"
            yield ""
            yield f"*At hand:* {lesson['at_hand']}."
            yield ""
            for chapter, headings in left_out(lesson).items():
                yield f"*Left out of chapter {chapter}:* {'; '.join(headings)}."
                yield ""


def section_tables():
    """What each section is for, as lines of Markdown: a table a chapter."""
    chapter = ""
    for (number, heading), entry in SECTIONS.items():
        if heading not in chapter_sections(number):
            continue
        if number != chapter:
            chapter = number
            yield ""
            yield f"### Chapter {number}"
            yield ""
            yield "| section | minutes | learners often believe | ask | a good answer |"
            yield "|---|---:|---|---|---|"
        yield (
            f"| {heading} | {minutes(number, heading)} | {entry['believes']} | {entry['ask']} "
            f"| {entry['good']} |"
        )


def without_marks(heading):
    """A heading without Markdown's marks, to compare with a page."""
    return re.sub(r"[*`]", "", heading)
