"""How fast this network trains, as `make bench` measured it last."""

import json
from pathlib import Path

import svg

TITLE = "How fast this network trains"
ALT = (
    "Bars for the speed of one training step, in times of a textbook loop, as measured on "
    "one thread: first a single stream, then a batch of 32; rnn_helpers, in float32, stands "
    "between the textbook loop and C for one stream, and far above both for a batch."
)
RESULTS = Path(__file__).parent.parent / "benchmarks" / "results.json"
ROWS = [  # what is written beside the bar, its name in the results
    ("textbook loop", None),
    ("PyTorch", "1 step: PyTorch float32"),
    ("JAX", "1 step: JAX float32"),
    ("rnn_helpers, float64", "1 step: rnn_helpers"),
    ("rnn_helpers", "1 step: rnn_helpers float32"),
    ("C", "1 step: C float32"),
    ("PyTorch", "2 batch of 32: PyTorch"),
    ("JAX", "2 batch of 32: JAX"),
    ("rnn_helpers", "2 batch of 32: rnn_helpers"),
]
NAME_X, BAR_X, LONGEST, TOP_Y, PITCH, GAP, THICK = 200, 214, 430, 76, 34, 56, 22


def draw():
    """The picture as SVG text."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    figures = {name: row["figure"] for name, row in results["figures"].items()} | {None: 1.0}
    most = max(figures.get(name, 0) for _, name in ROWS)
    parts, y, heading = [], TOP_Y - GAP - PITCH, None
    for label, name in ROWS:
        if name not in figures:  # not installed where this was measured
            continue
        words = "a batch of 32" if name and name.startswith("2") else "a single stream"
        y += PITCH if words == heading else PITCH + GAP
        if words != heading:
            parts.append(svg.text(NAME_X, y - PITCH, words, anchor="end", weight="bold"))
        heading, width = words, LONGEST * figures[name] / most
        ours = label.startswith("rnn_helpers")
        style = {"colour": svg.BLUE, "fill": svg.BLUE} if ours else {"fill": svg.LIGHT}
        font = svg.MONO if ours else None
        parts += [
            svg.text(NAME_X, y, label, anchor="end", font=font, size=14),
            svg.box(BAR_X + width / 2, y, width, THICK, radius=0, **style),
            svg.text(BAR_X + width + 8, y, f"{figures[name]:.1f}", anchor="start"),
        ]
    bottom = y + 40
    about = results["machine"]
    words = f"characters a second, in times of the textbook loop; {about['processor']}, one thread"
    parts.append(svg.note(20, bottom, words))
    return svg.page(bottom + 24, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
