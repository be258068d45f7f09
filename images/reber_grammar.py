"""Reber's grammar: seven states, and the characters that lead from one to the next."""

import svg

TITLE = "Reber's grammar"
ALT = (
    "Seven circles, the states 0 to 6, joined by arrows with characters. B leads from 0 to 1. "
    "From 1, T leads to 2 and P to 3. From 2, S leads back to 2 and X to 4. From 3, T leads back "
    "to 3 and V to 5. From 4, X leads to 3 and S to 6. From 5, P leads to 4 and V to 6. E leads "
    "from 6 back to 0. Where two arrows leave a state, each is taken half of the time."
)
PLACES = {
    0: (74, 218), 1: (196, 218), 2: (340, 124), 3: (340, 312), 4: (508, 124), 5: (508, 312),
    6: (652, 218),
}  # fmt: skip
ARROWS = [
    (0, "B", 1), (1, "T", 2), (1, "P", 3), (2, "S", 2), (2, "X", 4), (3, "T", 3), (3, "V", 5),
    (4, "X", 3), (4, "S", 6), (5, "P", 4), (5, "V", 6),
]  # fmt: skip
TOP = 36  # where the way back runs


def draw():
    """The picture as SVG text."""
    (x0, y0), (x6, y6) = PLACES[0], PLACES[6]
    parts = [
        svg.arrow((x6, y6 - 29), (x6, TOP), (x0, TOP), (x0, y0 - 29)),
        svg.text((x0 + x6) / 2, TOP - 14, "E", size=17, font=svg.MONO),
        *svg.machine(PLACES, ARROWS),
        svg.note(24, 424, "two arrows from a state: each is taken half of the time"),
    ]
    return svg.page(446, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
