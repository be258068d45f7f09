"""What a teacher should expect of an exercise: the wrong answers, their hints, the nudges.

Everything is taken from the data of the exercises, `rnn_helpers.exercises`; of a wrong answer
that is a function, its code is shown as it stands there.
"""

import ast
import functools
import importlib
import inspect
import re
import textwrap
from dataclasses import dataclass, field

from rnn_helpers.exercises import EXERCISES
from rnn_helpers.quiz import LETTERS, load_quiz

POINTS = {
    "one line": 1, "in your head": 1, "five minutes": 2, "ten minutes": 3, "fifteen minutes": 4,
    "twenty minutes": 5, "half an hour": 6,
}  # fmt: skip


@dataclass
class Expected:
    """Wrong answers with the hints that they get, and the nudges of `hint(...)`."""

    number: str
    takes: str
    mistakes: list = field(default_factory=list)  # pairs: the code of the wrong answer, its hint
    nudges: tuple = ()

    def markdown(self):
        """As Markdown, for a page or for notes."""
        lines = [
            f"**Exercise {self.number}** ({self.takes}). Wrong answers to expect, and the hint "
            "that each gets:",
            "",
        ]
        for wrong, said in self.mistakes:
            quote = "``" if "`" in wrong else "`"
            lines.append(f"- {quote}{wrong}{quote} → {plain(said)}")
        lines += ["", "Nudges, if someone asks with `hint`:", ""]
        lines += [f"{n}. {plain(nudge)}" for n, nudge in enumerate(self.nudges, 1)]
        return "\n".join(lines)


def expected(number):
    """What to expect of the exercise with this number, such as "03.2"; None if unknown."""
    if number not in EXERCISES:
        return None
    exercise = EXERCISES[number]
    codes = mistakes_in_code(number[:2]).get(number, [])
    pairs = []
    for place, (wrong, said) in enumerate(exercise.mistakes):
        code = codes[place] if len(codes) == len(exercise.mistakes) else spelt(wrong)
        pairs.append((code, said))
    return Expected(number, exercise.takes, pairs, exercise.nudges)


def quiz_answers(chapter):
    """For each question of a chapter's quiz the reason for every option, as Markdown."""
    found = []
    for number, question in enumerate(load_quiz(chapter), 1):
        lines = [f"**{number}.** {plain(question.ask)}", ""]
        for letter, option in zip(LETTERS, question.options):
            verdict = "**right.**" if option.right else "wrong."
            lines.append(f"- {letter}) {verdict} {plain(option.why)}")
        found.append("\n".join(lines))
    return found


def plain(text):
    """Text as Markdown that shows it as it is."""
    return re.sub(r"([\\*_`<$\[\]])", r"\\\1", text)


def points(number):
    """The points of an exercise: the more, the longer it takes."""
    return POINTS.get(EXERCISES[number].takes if number in EXERCISES else "", 2)


@functools.cache
def mistakes_in_code(chapter):
    """The wrong answers of a chapter as they are written, by the number of the exercise."""
    module = importlib.import_module(f"rnn_helpers.exercises.chapter_{chapter}")
    source = inspect.getsource(module)
    found = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if {"number", "mistakes"} <= given.keys() and isinstance(given["mistakes"], ast.List):
            pairs = given["mistakes"].elts
            if all(isinstance(pair, ast.Tuple) for pair in pairs):
                codes = [one_line(ast.get_source_segment(source, pair.elts[0])) for pair in pairs]
                found[given["number"].value] = codes
    return found


def one_line(code):
    """Code on one line, and with words for what may be anything."""
    text = " ".join(line.strip() for line in textwrap.dedent(code).split("\n"))
    return text.replace("WHATEVER", "anything")


def spelt(wrong):
    """A wrong answer that is not written in place: its value, or a function's name."""
    return getattr(wrong, "__name__", None) or repr(wrong)
