"""One step of an LSTM: a line on which the cell travels, and three gates."""

import svg

TITLE = "One step of an LSTM: the cell is kept in part, added to, and shown in part"
ALT = (
    "A thick line leads from the cell c at step t minus 1 on the left to the cell c at step t on "
    "the right. On it stand two marks: the line is multiplied by the gate f, and the product of "
    "the gate i and the new number g is added. From c at step t a thinner line goes through tanh "
    "and is multiplied by the gate o, which gives h at step t. At the bottom, x at step t and h "
    "at step t minus 1 lead into all four boxes f, i, g and o."
)
CELL_Y, JOIN_Y, BOX_Y, RAIL_Y = 70, 160, 250, 330
FORGET, LET_IN, NEW, PLUS, TANH, SHOW = 190, 310, 420, 310, 560, 560


def draw():
    """The picture as SVG text."""
    thick = {"colour": svg.GREEN, "thick": 5}
    parts = [
        svg.text(70, CELL_Y, "*c*_(t−1)", size=20),
        svg.arrow((104, CELL_Y), (FORGET - 18, CELL_Y), **thick),
        svg.arrow((FORGET + 18, CELL_Y), (PLUS - 18, CELL_Y), **thick),
        svg.arrow((PLUS + 18, CELL_Y), (650, CELL_Y), **thick),
        svg.text(690, CELL_Y, "*c*_(t)", size=20),
        svg.note(136, 34, "keep a part", anchor="middle"),
        svg.note(PLUS, 34, "add", anchor="middle"),
        # f multiplies the cell, i g is added, o multiplies what is shown
        svg.arrow((FORGET, BOX_Y - 22), (FORGET, CELL_Y + 18)),
        svg.arrow((LET_IN, BOX_Y - 22), (LET_IN, JOIN_Y + 18)),
        svg.arrow((NEW, BOX_Y - 22), (NEW, JOIN_Y), (LET_IN + 18, JOIN_Y)),
        svg.arrow((LET_IN, JOIN_Y - 18), (PLUS, CELL_Y + 18)),
        svg.arrow((TANH, CELL_Y), (TANH, 104)),
        svg.arrow((TANH, 140), (TANH, JOIN_Y + 10)),
        svg.arrow((SHOW, BOX_Y - 22), (SHOW, JOIN_Y + 46)),
        svg.arrow((SHOW + 18, JOIN_Y + 28), (650, JOIN_Y + 28)),
        svg.text(690, JOIN_Y + 28, "*h*_(t)", size=20),
        svg.note(652, JOIN_Y + 62, "show a part"),
        svg.box(TANH, 122, 62, 34),
        svg.text(TANH, 122, "tanh", size=16),
    ]
    marks = [
        (FORGET, CELL_Y, "×"),
        (PLUS, CELL_Y, "+"),
        (LET_IN, JOIN_Y, "×"),
        (SHOW, JOIN_Y + 28, "×"),
    ]
    for x, y, mark in marks:
        parts += [svg.circle(x, y, 17, thick=2), svg.text(x, y, mark, size=22)]
    for x, name, form in (
        (FORGET, "f", "σ"),
        (LET_IN, "i", "σ"),
        (NEW, "g", "tanh"),
        (SHOW, "o", "σ"),
    ):
        parts += [
            svg.box(x, BOX_Y, 84, 42, colour=svg.BLUE, fill=svg.PALE_BLUE),
            svg.text(x, BOX_Y, f"*{name}*_(t)  {form}", size=18),
            svg.arrow((x, RAIL_Y), (x, BOX_Y + 22), colour=svg.GREY),
        ]
    parts += [
        svg.line([(118, RAIL_Y), (SHOW, RAIL_Y)], colour=svg.GREY),
        svg.text(70, RAIL_Y, "*x*_(t), *h*_(t−1)", size=18),
    ]
    return svg.page(366, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
