"""The ladder of modules: each notebook adds a rung on top of the earlier ones."""

import svg

TITLE = "The ladder of modules"
ALT = (
    "The modules of rnn_helpers as a ladder, from the bottom up one rung a notebook: 01 "
    "encoding, 02 forward_pass, 03 loss, 04 bptt and gradient_check, 05 adagrad and "
    "training, 06 sampling, 08 adam; beside each rung what it gives, from Vocabulary to Adam."
)
RUNGS = [  # from the bottom up: notebook, modules, what they give; 07 questions them all
    ("01", "encoding", "Vocabulary, one_hot"),
    ("02", "forward_pass", "Parameters, forward"),
    ("03", "loss", "softmax, cross_entropy"),
    ("04", "bptt + gradient_check", "loss_and_gradients, check_gradients"),
    ("05", "adagrad + training", "Adagrad, train"),
    ("06", "sampling", "sample"),
    ("08", "adam", "Adam"),
]
NOTEBOOK_X, LEFT_X, RIGHT_X, GIVES_X = 66, 124, 392, 424
HEAD_Y, TOP_Y, BOTTOM_Y, PITCH, HEIGHT = 28, 76, 352, 46, 34


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
    for i, (notebook, modules, gives) in enumerate(RUNGS):
        y = BOTTOM_Y - i * PITCH
        parts += [
            svg.text(NOTEBOOK_X, y, notebook, size=17, weight="bold"),
            svg.box(middle, y, RIGHT_X - LEFT_X, HEIGHT),
            svg.text(middle, y, modules, font=svg.MONO),
            svg.text(GIVES_X, y, gives, size=14, anchor="start", font=svg.MONO),
        ]
    return svg.page(BOTTOM_Y + 72, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
