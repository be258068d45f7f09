"""Inputs and targets: the same text, one step apart."""

import svg

TITLE = "Inputs and targets are one step apart"
ALT = (
    "The word river: the inputs x are r, i, v, e, and below each stands its target, i, "
    "v, e, r, the character that comes next, so the targets are the same text as the "
    "inputs, shifted by one step."
)
WORD = "river"
LABEL_X, LEFT, PITCH, SIDE = 146, 210, 114, 52
INPUT_Y, TARGET_Y, KEY_Y = 58, 164, 234


def draw():
    """The picture as SVG text."""
    half = SIDE / 2
    xs = [LEFT + PITCH * t for t in range(len(WORD))]
    parts = [
        svg.text(LABEL_X, INPUT_Y, "inputs *x*", size=17, anchor="end"),
        svg.text(LABEL_X, TARGET_Y, "targets", size=17, anchor="end"),
    ]
    for t in range(len(WORD) - 1):
        parts += [
            # The target of this step is the input of the next one.
            same((xs[t] + half, TARGET_Y - half), (xs[t + 1] - half, INPUT_Y + half)),
            svg.arrow((xs[t], INPUT_Y + half), (xs[t], TARGET_Y - half)),
            svg.character(xs[t], INPUT_Y, WORD[t], svg.INPUT, SIDE),
            svg.character(xs[t], TARGET_Y, WORD[t + 1], svg.OUTPUT, SIDE),
        ]
    parts += [
        svg.character(xs[-1], INPUT_Y, WORD[-1], svg.OUTSIDE, SIDE),
        svg.note(xs[-1], TARGET_Y - 9, "nothing follows:", "middle"),
        svg.note(xs[-1], TARGET_Y + 11, "not an input", "middle"),
        svg.arrow((168, KEY_Y), (206, KEY_Y)),
        svg.text(218, KEY_Y, "is followed by", anchor="start"),
        same((378, KEY_Y), (416, KEY_Y)),
        svg.text(428, KEY_Y, "the same character of the text", anchor="start"),
    ]
    return svg.page(264, TITLE, ALT, parts)


def same(start, end):
    """A line between two squares that show the same character."""
    return svg.line([start, end], colour=svg.GREY, thick=2, dash=svg.DOTTED)


if __name__ == "__main__":
    svg.save(__file__, draw())
