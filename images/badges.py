"""What the series is, in four badges; their words come from where the facts stand."""

import sys
import tomllib
from pathlib import Path

import svg

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))

from series import CHAPTERS  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BADGES = [
    ("Python", PROJECT["requires-python"].removeprefix(">=") + " or newer"),
    ("chapters", str(len(CHAPTERS))),
    ("every output", "compared by tests"),
    ("licence", PROJECT["license"]),
]
TITLE = "The series in four badges"
ALT = "; ".join(f"{name}: {value}" for name, value in BADGES) + "."
HEIGHT, SIZE, GAP, LETTER = 26, 13, 10, 7.4  # px; LETTER is the mean width of one


def draw():
    """The picture as SVG text."""
    parts, x = [], 8
    for name, value in BADGES:
        for words, fill, colour in ((name, svg.INK, svg.WHITE), (value, svg.PALE_BLUE, svg.INK)):
            width = LETTER * len(words) + 16
            parts.append(
                svg.box(x + width / 2, 22, width, HEIGHT, fill=fill, colour=svg.INK, radius=0)
            )
            parts.append(svg.text(x + width / 2, 22, words, size=SIZE, colour=colour))
            x += width
        x += GAP
    return svg.page(44, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
