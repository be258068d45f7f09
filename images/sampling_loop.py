"""The sampling loop: what the network writes is what it reads next."""

from math import exp, sqrt

import svg

TITLE = "The sampling loop"
ALT = (
    "A loop: the network reads a character, updates its hidden state h and gives scores "
    "y, which divided by the temperature and put through softmax are probabilities p; a "
    "character is drawn from them, appended to the text, and goes back to be read next."
)
TEXT, DRAWN = "the riv", "e"
SCORES = {"a": 0.6, "e": 2.0, "i": 1.3, "o": -0.8}
TEMPERATURE = 0.8
READ_X, H_X, Y_X, SOFTMAX_X, P_X, DRAWN_X = 60, 162, 280, 424, 566, 704
TEXT_Y, MIDDLE, BACK_Y = 44, 190, 316
SIDE, RADIUS, PANEL, SOFTMAX_WIDTH = 46, 28, 100, 120
TEXT_SIDE, TEXT_PITCH = 32, 36


def draw():
    """The picture as SVG text."""
    below = MIDDLE + PANEL / 2 + 20
    parts = [
        *arrows(),
        *memory(),
        *written(),
        svg.note(24, TEXT_Y, svg.SPACE),
        svg.text(READ_X, MIDDLE - 58, "read a"),
        svg.text(READ_X, MIDDLE - 38, "character"),
        svg.character(READ_X, MIDDLE, TEXT[-1], svg.INPUT, SIDE),
        svg.circle(H_X, MIDDLE, RADIUS),
        svg.text(H_X, MIDDLE, "*h*", size=20),
        svg.text(H_X, below, "hidden state"),
        *bars(Y_X, list(SCORES.values()), 22),
        svg.text(Y_X, below, "scores *y*"),
        svg.box(SOFTMAX_X, MIDDLE, SOFTMAX_WIDTH, 80),
        svg.text(SOFTMAX_X, MIDDLE - 22, "divide by"),
        svg.text(SOFTMAX_X, MIDDLE, "temperature,"),
        svg.text(SOFTMAX_X, MIDDLE + 22, "softmax"),
        *bars(P_X, probabilities(), 96),
        svg.text(P_X, below, "probabilities *p*"),
        svg.character(DRAWN_X, MIDDLE, DRAWN, svg.OUTPUT, SIDE),
    ]
    return svg.page(346, TITLE, ALT, parts)


def arrows():
    """The way from the character read to the character drawn, and back."""
    nodes = [
        (READ_X, SIDE / 2),
        (H_X, RADIUS),
        (Y_X, PANEL / 2),
        (SOFTMAX_X, SOFTMAX_WIDTH / 2),
        (P_X, PANEL / 2),
        (DRAWN_X, SIDE / 2),
    ]
    for (x, half), (next_x, next_half) in zip(nodes, nodes[1:]):
        yield svg.arrow((x + half, MIDDLE), (next_x - next_half, MIDDLE))
    yield svg.text(647, MIDDLE - 16, "draw")
    bottom = MIDDLE + SIDE / 2
    back = [(DRAWN_X, bottom), (DRAWN_X, BACK_Y), (READ_X, BACK_Y), (READ_X, bottom)]
    yield svg.arrow(*back, thick=2.5)
    yield svg.text((READ_X + DRAWN_X) / 2, BACK_Y - 16, "and read it next")


def memory():
    """The loop that brings the hidden state to the next step."""
    left, right, top = H_X - 12, H_X + 12, MIDDLE - RADIUS - 36
    start = MIDDLE - sqrt(RADIUS**2 - 12**2)  # on the circle, beside its middle
    loop = [(right, start), (right, top), (left, top), (left, start)]
    yield svg.arrow(*loop, colour=svg.GREEN, thick=2.5, dash=svg.DASHED)
    yield svg.text(H_X, top - 16, "one step later")


def written():
    """The text so far, and the character drawn at its end."""
    yield svg.arrow((DRAWN_X, MIDDLE - SIDE / 2), (DRAWN_X, TEXT_Y + TEXT_SIDE / 2))
    yield svg.text(DRAWN_X - 12, 101, "append to the text", anchor="end")
    for i, letter in enumerate(TEXT, start=-len(TEXT)):
        x = DRAWN_X + i * TEXT_PITCH
        yield svg.character(x, TEXT_Y, letter, svg.OUTPUT, TEXT_SIDE, thick=1)
    yield svg.character(DRAWN_X, TEXT_Y, DRAWN, svg.OUTPUT, TEXT_SIDE, thick=3)


def probabilities():
    """The softmax of the scores: the bars are what the picture says they are."""
    powers = [exp(score / TEMPERATURE) for score in SCORES.values()]
    return [power / sum(powers) for power in powers]


def bars(x, values, scale):
    """A panel with one bar for each letter, up from the zero line or down."""
    letters_y = MIDDLE + PANEL / 2 - 14
    zero = letters_y - 12 + min(0, *values) * scale
    yield svg.box(x, MIDDLE, PANEL, PANEL, colour=svg.GREY)
    yield svg.line([(x - 42, zero), (x + 42, zero)], colour=svg.GREY, thick=1)
    bar = {"fill": svg.LIGHT, "thick": 1.2, "radius": 0}
    for i, (letter, value) in enumerate(zip(SCORES, values)):
        middle = x + (i - (len(SCORES) - 1) / 2) * 22
        height = value * scale
        yield svg.box(middle, zero - height / 2, 13, abs(height), **bar)
        yield svg.text(middle, letters_y, letter, size=14, font=svg.MONO)


if __name__ == "__main__":
    svg.save(__file__, draw())
