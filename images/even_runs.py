"""Even runs: a language of two states."""

import svg

TITLE = "Even runs, a language of two states"
ALT = (
    "Two circles, the states A and B. From A, an a leads back to A and a b leads to B, each with "
    "probability one half. From B, a b leads back to A, always."
)
PLACES = {"A": (290, 98), "B": (500, 98)}
ARROWS = [("A", "b 1/2", "B"), ("B", "b 1", "A")]


def draw():
    """The picture as SVG text."""
    parts = svg.machine(PLACES, ARROWS, radius=32)
    x, y = PLACES["A"]
    loop = [(x - 28, y - 18), (x - 96, y - 18), (x - 96, y + 18), (x - 28, y + 18)]
    parts += [svg.arrow(*loop), svg.text(x - 130, y, "a 1/2", size=17, font=svg.MONO)]
    return svg.page(196, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
