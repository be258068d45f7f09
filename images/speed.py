"""How fast this network trains, as `make bench` measured it last."""

import json
from pathlib import Path

import svg

TITLE = "How fast this network trains"
ALT = (
    "Bars for the speed of one training step, in times of a textbook loop in the same precision, "
    "as measured on one thread: a single stream in float64, the same in float32, and a batch of "
    "32 in float32; rnn_helpers stands between the textbook loop and C for one stream, and far "
    "above the loop for a batch."
)
RESULTS = Path(__file__).parent.parent / "benchmarks" / "results.json"
OTHERS = [  # what is written beside the bar, its name in the results
    ("PyTorch", "PyTorch"),
    ("PyTorch, compiled", "PyTorch, step compiled"),
    ("JAX", "JAX"),
    ("rnn_helpers", "rnn_helpers"),
    ("C", "C"),
]
GROUPS = {  # heading: how the names of its figures begin
    "one stream, float64": "1 step, float64: ",
    "one stream, float32": "1 step, float32: ",
    "a batch of 32, float32": "2 batch, float32: ",
}
NAME_X, BAR_X, LONGEST, TOP_Y, PITCH, GAP, THICK = 200, 214, 430, 42, 30, 26, 20


def draw():
    """The picture as SVG text."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    figures = {name: row["figure"] for name, row in results["figures"].items()}
    rows = {heading: [("textbook loop", 1.0)] for heading in GROUPS}
    for heading, begin in GROUPS.items():  # without what was not installed
        rows[heading] += [(n, figures[begin + m]) for n, m in OTHERS if begin + m in figures]
    most = max(figure for bars in rows.values() for _, figure in bars)
    parts, y = [], TOP_Y
    for heading, bars in rows.items():
        parts.append(svg.text(NAME_X, y, heading, anchor="end", weight="bold"))
        for label, figure in bars:
            y += PITCH
            ours, width = label == "rnn_helpers", LONGEST * figure / most
            style = {"colour": svg.BLUE, "fill": svg.BLUE} if ours else {"fill": svg.LIGHT}
            font = svg.MONO if ours else None
            parts += [
                svg.text(NAME_X, y, label, anchor="end", font=font, size=14),
                svg.box(BAR_X + width / 2, y, width, THICK, radius=0, **style),
                svg.text(BAR_X + width + 8, y, f"{figure:.1f}", anchor="start"),
            ]
        y += PITCH + GAP
    words = "characters a second, in times of the textbook loop in the same precision; "
    parts.append(svg.note(20, y, f"{words}{results['machine']['processor']}, one thread"))
    return svg.page(y + 24, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
