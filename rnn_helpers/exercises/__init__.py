"""The exercises: `check` says whether an answer is right, `hint` helps, `progress` sums up.

What is right, which mistakes are usually made, and what is then said stands in the module of each
chapter; how an answer is judged, in `engine`. A solution stands in the chapter, folded.
"""

import textwrap

from rnn_helpers.exercises import (
    chapter_01,
    chapter_02,
    chapter_03,
    chapter_04,
    chapter_05,
    chapter_06,
    chapter_07,
    chapter_08,
    chapter_09,
    chapter_10,
    chapter_11,
    solved,
)
from rnn_helpers.exercises.chapter_04 import gradients_with_a_bug
from rnn_helpers.exercises.chapter_07 import eight_suspects, one_more_case
from rnn_helpers.exercises.engine import YourTurn

__all__ = [
    "check", "eight_suspects", "gradients_with_a_bug", "hint", "one_more_case", "progress",
]  # fmt: skip

CHAPTERS = (
    chapter_01, chapter_02, chapter_03, chapter_04,
    chapter_05, chapter_06, chapter_07, chapter_08, chapter_09, chapter_10, chapter_11,
)  # fmt: skip
EXERCISES = {exercise.number: exercise for chapter in CHAPTERS for exercise in chapter.EXERCISES}
given = {}  # how many hints to an exercise were asked for since Python was started


def check(number, answer):
    """Print whether an answer to an exercise, such as "01.1", is right, or a hint."""
    exercise = find(number)
    try:
        said = exercise.verdict(answer)
    except YourTurn:
        print(f"{number}: your turn. Replace the three dots above.")
        return
    if said:
        say(f"{number}: not yet. {said}")
        return
    print(f"{number}: right.")
    message = solved.add(number)
    if message:
        say(message)


def hint(number):
    """Print a hint to an exercise, such as "01.1"; each further call prints one that says more."""
    nudges = find(number).nudges
    asked = given[number] = given.get(number, 0) + 1
    if asked <= len(nudges):
        say(f"{number}, hint {asked} of {len(nudges)}: {nudges[asked - 1]}")
    else:
        last = "In the full edition, the solution is folded below the exercise."
        say(f"{number}: there are no more hints. {last}")


def progress():
    """Print which exercises are solved, chapter by chapter, and which one could come next."""
    try:
        done, message = solved.read()
    except OSError as error:
        done, message = set(), f"The list of your solved exercises could not be read: {error}."
    if message:
        say(message)
    print(f"{len(done & EXERCISES.keys())} of {len(EXERCISES)} exercises are solved.")
    for chapter in CHAPTERS:
        numbers = [exercise.number for exercise in chapter.EXERCISES]
        if not numbers:
            continue
        ours = [number for number in numbers if number in done]
        line = f"Chapter {numbers[0][:2]}: {len(ours)} of {len(numbers)}"
        print(f"{line}, {', '.join(ours)}" if ours else line)
    following = next((e for number, e in EXERCISES.items() if number not in done), None)
    if following:
        print(f"Next: {following.number} {following.title} ({following.takes}).")


def say(text):
    """Print a text in lines of at most 78 characters: JupyterLab breaks longer ones anywhere."""
    print(textwrap.fill(text, 78, break_long_words=False, break_on_hyphens=False))


def find(number):
    """The exercise with this number; ValueError if there is none."""
    if number not in EXERCISES:
        raise ValueError(
            f"there is no exercise {number!r}; the number is a text such as '03.2', and there are "
            f"{', '.join(EXERCISES)}"
        )
    return EXERCISES[number]
