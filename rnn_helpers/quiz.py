"""Five questions for each chapter, with a reason for each answer: `data/quiz/NN.toml`.

The questions ask for understanding: each wrong option is a mistake that learners make, and its
reason says what is wrong with it. `rnn_helpers.widgets.quiz` asks them on the screen.
"""

import textwrap
import tomllib
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent.parent / "data" / "quiz"
LETTERS = "abcd"
WIDTH = 76  # columns of the printed form


class Option(NamedTuple):
    """One answer that can be chosen, and why it is right or wrong."""

    text: str
    why: str
    right: bool = False


class Question(NamedTuple):
    """A question with three or four options, one of them right."""

    ask: str
    options: tuple

    @property
    def right(self):
        """The place of the right option, counted from 0."""
        return next(i for i, option in enumerate(self.options) if option.right)


def chapters():
    """The numbers of the chapters that have questions, such as "03"."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_quiz(chapter):
    """Return the five questions of a chapter such as "03".

    Raises ValueError if there are none, with the chapters that have some.
    """
    if chapter not in chapters():
        raise ValueError(
            f"there is no quiz for chapter {chapter!r}; there are: {', '.join(chapters())}. "
            'Give the number in quotes, with its zero: quiz("03")'
        )
    text = (FOLDER / f"{chapter}.toml").read_text(encoding="utf-8")
    return [
        Question(entry["ask"], tuple(Option(**option) for option in entry["option"]))
        for entry in tomllib.loads(text)["question"]
    ]


def questions_text(questions):
    """The questions with their options, without the answers, as lines of text."""
    parts = []
    for number, question in enumerate(questions, start=1):
        lines = wrapped(question.ask, f"{number}. ")
        for letter, option in zip(LETTERS, question.options):
            lines += wrapped(option.text, f"   {letter}) ")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def answers_text(questions):
    """For each question the reason for every option, the right one marked, as lines of text."""
    parts = []
    for number, question in enumerate(questions, start=1):
        lines = []
        for letter, option in zip(LETTERS, question.options):
            verdict = "right" if option.right else "wrong"
            lines += wrapped(option.why, f"{number}. {letter}) {verdict}: ", "      ")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def wrapped(text, first, following=None):
    """Lines of a text, the first with a mark before it, the following ones indented."""
    indent = " " * len(first) if following is None else following
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=indent)
