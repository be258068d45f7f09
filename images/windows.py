"""A text cut into windows: all of them T characters long but the last."""

import svg

TITLE = "A text cut into windows"
ALT = (
    "The 18 characters of 'The ferry reads on' in a row of boxes: all but the last are "
    "inputs, and brackets below cut these 17 into windows of T = 5, numbered 1 to 4, of "
    "which the last is short, with 2 characters."
)
TEXT, T = "The ferry reads on", 5
SIDE, PITCH, GAP = 32, 36.5, 13  # GAP: the cut between two windows
HEAD_Y, TEXT_Y, BRACKET_Y, NOTE_Y = 38, 104, 140, 204


def draw():
    """The picture as SVG text."""
    inputs = len(TEXT) - 1  # nothing follows the last character
    cuts = [range(start, min(start + T, inputs)) for start in range(0, inputs, T)]
    gaps = [i // T for i in range(inputs)] + [len(cuts)]  # to the left of a character
    left = (svg.WIDTH - inputs * PITCH - len(cuts) * GAP) / 2
    xs = [left + i * PITCH + gap * GAP for i, gap in enumerate(gaps)]
    begins, ends = [x - SIDE / 2 for x in xs], [x + SIDE / 2 for x in xs]

    head = f"{len(TEXT)} characters give {inputs} inputs, cut in windows of *T* = {T}"
    parts = [svg.text(begins[0], HEAD_Y, head, size=17, anchor="start")]
    for x, letter in zip(xs[:-1], TEXT):
        parts.append(svg.character(x, TEXT_Y, letter, svg.INPUT, SIDE))
    for number, cut in enumerate(cuts, start=1):
        begin, end = begins[cut[0]], ends[cut[-1]]
        middle, top = (begin + end) / 2, BRACKET_Y - 10
        corners = [(begin, top), (begin, BRACKET_Y), (end, BRACKET_Y), (end, top)]
        parts += [
            svg.line(corners, thick=2),
            svg.text(middle, BRACKET_Y + 22, f"{number}", size=18, weight="bold"),
        ]
    parts += [
        svg.text(middle, NOTE_Y - 18, "the short"),
        svg.text(middle, NOTE_Y, "last window"),
        svg.character(xs[-1], TEXT_Y, TEXT[-1], svg.OUTSIDE, SIDE),
        svg.note(ends[-1], TEXT_Y - 34, "only a target", "end"),
        svg.note(begins[0], NOTE_Y, svg.SPACE),
    ]
    return svg.page(232, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
