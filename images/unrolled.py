"""The network unrolled over four characters, left to right."""

import svg

TITLE = "The network unrolled over four characters"
ALT = (
    "The network unrolled over the inputs t, h, e and space: each input x_1 to x_4 goes "
    "up through Wxh into a hidden state h_1 to h_4, each state goes right through Whh "
    "into the next, starting from a given h_0, and up through Why into scores y_1 to y_4 "
    "for the targets h, e, space and f, with the same three matrices at every step."
)
TEXT = "the f"
LABEL_X, H0_X, PITCH = 24, 196, 127
TARGET_Y, Y_Y, H_Y, X_Y, NOTE_Y = 42, 122, 214, 306, 356
SIDE, RADIUS, SCORE_WIDTH, SCORE_HEIGHT = 38, 25, 58, 34
ROWS = {"targets": TARGET_Y, "scores *y*": Y_Y, "states *h*": H_Y, "inputs *x*": X_Y}


def draw():
    """The picture as SVG text."""
    parts = [svg.text(LABEL_X, y, row, anchor="start") for row, y in ROWS.items()]
    parts += [
        svg.note(LABEL_X, (TARGET_Y + Y_Y) / 2, "compared with"),
        svg.note(LABEL_X, NOTE_Y, svg.SPACE),
        svg.text(H0_X + PITCH * 2.5, NOTE_Y, "the same three matrices at every step"),
        svg.circle(H0_X, H_Y, RADIUS, dash=svg.DASHED),
        svg.text(H0_X, H_Y, "*h*_(0)", size=19),
        svg.text(H0_X, H_Y + RADIUS + 18, "given"),
    ]
    for t in range(1, len(TEXT)):
        parts += step(H0_X + PITCH * t, t, TEXT[t - 1], TEXT[t])
    return svg.page(380, TITLE, ALT, parts)


def step(x, t, letter, target):
    """Step t: the network reads a letter and is compared with its target."""
    score_top, score_bottom = Y_Y - SCORE_HEIGHT / 2, Y_Y + SCORE_HEIGHT / 2
    compared = [(x, score_top), (x, TARGET_Y + SIDE / 2)]
    last_h, this_h = (x - PITCH + RADIUS, H_Y), (x - RADIUS, H_Y)
    return [
        svg.arrow(last_h, this_h, colour=svg.GREEN, thick=2.5),
        svg.text(x - PITCH / 2 - 3, H_Y - 16, "`Whh`", size=14),
        svg.arrow((x, X_Y - SIDE / 2), (x, H_Y + RADIUS)),
        svg.text(x + 10, (X_Y + H_Y) / 2 + 4, "`Wxh`", size=14, anchor="start"),
        svg.arrow((x, H_Y - RADIUS), (x, score_bottom)),
        svg.text(x + 10, (H_Y + Y_Y) / 2 - 3, "`Why`", size=14, anchor="start"),
        svg.line(compared, colour=svg.GREY, thick=2, dash=svg.DOTTED),
        svg.text(x - SIDE / 2 - 8, X_Y, f"*x*_({t})", size=18, anchor="end"),
        svg.character(x, X_Y, letter, svg.INPUT, SIDE),
        svg.circle(x, H_Y, RADIUS),
        svg.text(x, H_Y, f"*h*_({t})", size=19),
        svg.box(x, Y_Y, SCORE_WIDTH, SCORE_HEIGHT, radius=SCORE_HEIGHT / 2),
        svg.text(x, Y_Y, f"*y*_({t})", size=18),
        svg.character(x, TARGET_Y, target, svg.OUTPUT, SIDE),
    ]


if __name__ == "__main__":
    svg.save(__file__, draw())
