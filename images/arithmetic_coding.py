"""Arithmetic coding: each letter keeps its part of what is left of the line from 0 to 1."""

import svg

TITLE = "A text is a part of the line from 0 to 1"
ALT = (
    "Three rows over one line from 0 to 1. First the whole line, cut in the ratio of the "
    "probabilities: a has 1/2, b has 1/4 and c has 1/4. Second the part of b alone, from "
    "1/2 to 3/4, cut in the same ratio. Third the part of ba, from 1/2 to 5/8, one eighth "
    "long; of the eight numbers with three binary digits below the line, 0.100 lies in it."
)
P = {"a": 1 / 2, "b": 1 / 4, "c": 1 / 4}
TEXT = "ba"
LEFT, LENGTH = 130, 600  # of the line
FIRST_Y, PITCH, HEIGHT = 76, 66, 40
DIGITS = 3


def draw():
    """The picture as SVG text."""
    parts = [svg.text(svg.WIDTH / 2, 26, TITLE.lower(), size=18, weight="bold")]
    start, width = 0, 1
    for row, letter in enumerate([*TEXT, None]):
        y = FIRST_Y + row * PITCH
        name = f"after *{TEXT[:row]}*" if row else "at the start"
        parts.append(svg.text(LEFT - 14, y, name, anchor="end"))
        if letter is None:
            parts.append(part(y, start, width, TEXT, kept=True))
            words = "one eighth of the line"
            parts.append(svg.text(at(start + width) + 12, y, words, anchor="start"))
            break
        edge = start
        for name, p in P.items():
            parts.append(part(y, edge, p * width, name, kept=name == letter))
            if name == letter:
                kept = edge, p * width
            edge += p * width
        start, width = kept
        for x in (start, start + width):  # what is kept is the next row
            below = [(at(x), y + HEIGHT / 2), (at(x), y + PITCH - HEIGHT / 2)]
            parts.append(svg.line(below, colour=svg.GREY, thick=2, dash=svg.DOTTED))
    axis_y = FIRST_Y + len(TEXT) * PITCH + 52
    parts.append(svg.line([(at(0), axis_y), (at(1), axis_y)]))
    for i in range(2**DIGITS):
        x = at(i / 2**DIGITS)
        inside = start <= i / 2**DIGITS < start + width
        parts.append(svg.line([(x, axis_y - 6), (x, axis_y + 6)], thick=3 if inside else 1.5))
        label = f"0.{i:0{DIGITS}b}"
        weight = "bold" if inside else None
        parts.append(svg.text(x, axis_y + 22, label, font=svg.MONO, weight=weight))
    parts.append(svg.text(LEFT - 36, axis_y + 22, "in binary", anchor="end"))
    return svg.page(axis_y + 46, TITLE, ALT, parts)


def at(x):
    """Where a number between 0 and 1 stands."""
    return LEFT + x * LENGTH


def part(y, start, width, name, kept):
    """A piece of the line with its name; one that the text keeps is outlined."""
    role = {"colour": svg.BLUE, "fill": svg.PALE_BLUE, "thick": 3} if kept else svg.OUTPUT
    box = svg.box(at(start + width / 2), y, width * LENGTH, HEIGHT, radius=2, **role)
    return box + svg.text(at(start + width / 2), y, name, size=20, font=svg.MONO)


if __name__ == "__main__":
    svg.save(__file__, draw())
