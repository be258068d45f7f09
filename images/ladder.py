"""The ladder of modules: each notebook adds a rung on top of the earlier ones."""

import tomllib
from pathlib import Path

import svg

SERIES = Path(__file__).parent.parent / "tools" / "series.toml"
RUNGS = [  # from the bottom up: notebook, modules, what they give
    (chapter["file"][:2], list(chapter["rung"]), sum(chapter["rung"].values(), []))
    for chapter in tomllib.loads(SERIES.read_text(encoding="utf-8"))["chapter"]
    if "rung" in chapter
]
TITLE = "The ladder of modules"
ALT = (
    "The modules of rnn_helpers as a ladder, from the bottom up one rung a notebook: "
    + ", ".join(f"{notebook} {' and '.join(modules)}" for notebook, modules, _ in RUNGS)
    + f"; beside each rung what it gives, from {RUNGS[0][2][0]} to {RUNGS[-1][2][-1]}."
)
NOTEBOOK_X, LEFT_X, RIGHT_X, GIVES_X = 66, 124, 392, 424
HEAD_Y, TOP_Y, PITCH, HEIGHT = 28, 76, 46, 34


def draw():
    """The picture as SVG text."""
    middle, bottom = (LEFT_X + RIGHT_X) / 2, TOP_Y + (len(RUNGS) - 1) * PITCH
    parts = [
        svg.text(NOTEBOOK_X, HEAD_Y, "notebook", colour=svg.GREY),
        svg.text(middle, HEAD_Y, "modules", colour=svg.GREY),
        svg.text(GIVES_X, HEAD_Y, "what they give", anchor="start", colour=svg.GREY),
        svg.text(middle, bottom + 50, "each rung uses only those below it"),
    ]
    for x in (LEFT_X, RIGHT_X):
        ends = [(x, TOP_Y - 28), (x, bottom + 28)]
        parts.append(svg.line(ends, colour=svg.GREY, thick=6))
    for i, (notebook, modules, gives) in enumerate(RUNGS):
        y = bottom - i * PITCH
        parts += [
            svg.text(NOTEBOOK_X, y, notebook, size=17, weight="bold"),
            svg.box(middle, y, RIGHT_X - LEFT_X, HEIGHT),
            svg.text(middle, y, " + ".join(modules), font=svg.MONO),
            svg.text(GIVES_X, y, ", ".join(gives), size=14, anchor="start", font=svg.MONO),
        ]
    return svg.page(bottom + 72, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
