"""How long a chapter takes to work through, by one rule: `python tools/reading_time.py`.

A minute for 100 words of prose, for 15 lines of code and for a figure, a minute and a half
for a displayed equation and for a prediction that is asked for ("before you run ..."). The
exercises come on top: the section "Check yourself" and what is folded are not counted. The sum
is rounded to five minutes.
"""

import re
import sys
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
WORDS, LINES, FIGURE, EQUATION, PREDICTION = 100, 15, 1.0, 1.5, 1.5
NO_WORDS = re.compile(r"\$\$.*?\$\$|!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)", re.DOTALL)
PREDICTION_ASKED = re.compile(r"\bbefore you (?:run|read on|unfold|go on|open)\b", re.IGNORECASE)


def sections(path):
    """The reading time of each section of a chapter in minutes, by its heading.

    What stands before the first heading has the key "". The exercises have no time.
    """
    found, heading = {"": 0.0}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL)
            for part in re.split(r"^(?=## )", text, flags=re.MULTILINE):
                named = re.match(r"## (.*)", part)
                heading = named.group(1) if named else heading
                found[heading] = found.get(heading, 0.0) + minutes_of_prose(part)
        else:
            found[heading] += minutes_of_code(cell)
    return {name: 0.0 if name == "Check yourself" else time for name, time in found.items()}


def minutes_of_prose(text):
    """The reading time of Markdown without folds."""
    words = len(NO_WORDS.sub(" ", text).split())
    equations = len(re.findall(r"\$\$.*?\$\$", text, re.DOTALL))
    figures = len(re.findall(r"!\[", text))
    predictions = len(PREDICTION_ASKED.findall(text))
    return (
        words / WORDS + figures * FIGURE + equations * EQUATION + predictions * PREDICTION
    )  # fmt: skip


def minutes_of_code(cell):
    """The reading time of a code cell and the figures that it draws."""
    lines = sum(bool(line.strip()) for line in cell.source.split("\n"))
    figures = sum("image/png" in output.get("data", {}) for output in cell.outputs)
    return lines / LINES + figures * FIGURE


def minutes(path):
    """The reading time of a chapter in minutes, not yet rounded."""
    return sum(sections(path).values())


def rounded(path):
    """The reading time as a chapter states it: to five minutes."""
    return 5 * round(minutes(path) / 5)


if __name__ == "__main__":
    for path in [Path(p) for p in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        print(f"{path.name:32} {minutes(path):5.1f}, about {rounded(path)} minutes")
