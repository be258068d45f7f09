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


def minutes(path):
    """The reading time of a chapter in minutes, not yet rounded."""
    words = lines = figures = equations = predictions = 0
    exercises = False
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            heading = re.match(r"## (.*)", cell.source)
            exercises = heading.group(1) == "Check yourself" if heading else exercises
            if exercises:
                continue
            text = re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL)
            equations += len(re.findall(r"\$\$.*?\$\$", text, re.DOTALL))
            figures += len(re.findall(r"!\[", text))
            predictions += len(PREDICTION_ASKED.findall(text))
            text = re.sub(
                r"\$\$.*?\$\$|!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)", " ", text, flags=re.DOTALL
            )
            words += len(text.split())
        elif not exercises:
            lines += sum(bool(line.strip()) for line in cell.source.split("\n"))
            figures += sum("image/png" in o.get("data", {}) for o in cell.outputs)
    return (
        words / WORDS + lines / LINES + figures * FIGURE + equations * EQUATION
        + predictions * PREDICTION
    )  # fmt: skip


def rounded(path):
    """The reading time as a chapter states it: to five minutes."""
    return 5 * round(minutes(path) / 5)


if __name__ == "__main__":
    for path in [Path(p) for p in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        print(f"{path.name:32} {minutes(path):5.1f}, about {rounded(path)} minutes")
