"""The ladder of modules: each notebook adds a rung on top of the earlier ones."""

import svg

TITLE = "The ladder of modules"
ALT = (
    "The modules of rnn_helpers as a ladder, from the bottom up one rung a notebook: 01 "
    "encoding, 02 forward_pass, 03 loss, 04 bptt and gradient_check, 05 adagrad and "
    "training, 06 sampling; beside each rung what it gives, from Vocabulary to sample."
)
RUNGS = [  # from the bottom up: modules, what they give
    ("encoding", "Vocabulary, one_hot"),
    ("forward_pass", "Parameters, forward"),
    ("loss", "softmax, cross_entropy"),
    ("bptt + gradient_check", "loss_and_gradients, check_gradients"),
    ("adagrad + training", "Adagrad, train"),
    ("sampling", "sample"),
]
NOTEBOOK_X, LEFT_X, RIGHT_X, GIVES_X = 66, 124, 392, 424
HEAD_Y, TOP_Y, BOTTOM_Y, PITCH, HEIGHT = 28, 76, 306, 46, 34


def draw():
    """The picture as SVG text."""
    middle = (LEFT_X + RIGHT_X) / 2
    parts = [
        svg.text(NOTEBOOK_X, HEAD_Y, "notebook", colour=svg.GREY),
        svg.text(middle, HEAD_Y, "modules", colour=svg.GREY),
        svg.text(GIVES_X, HEAD_Y, "what they give", anchor="start", colour=svg.GREY),
        svg.text(middle, BOTTOM_Y + 50, "each rung uses only those below it"),
    ]
    for x in (LEFT_X, RIGHT_X):
        ends = [(x, TOP_Y - 28), (x, BOTTOM_Y + 28)]
        parts.append(svg.line(ends, colour=svg.GREY, thick=6))
    for i, (modules, gives) in enumerate(RUNGS):
        y = BOTTOM_Y - i * PITCH
        parts += [
            svg.text(NOTEBOOK_X, y, f"{i + 1:02}", size=17, weight="bold"),
            svg.box(middle, y, RIGHT_X - LEFT_X, HEIGHT),
            svg.text(middle, y, modules, font=svg.MONO),
            svg.text(GIVES_X, y, gives, size=14, anchor="start", font=svg.MONO),
        ]
    return svg.page(BOTTOM_Y + 72, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
