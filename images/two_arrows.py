"""The backward pass: two arrows come into a hidden state."""

from math import sqrt

import svg

TITLE = "Two arrows come into a hidden state on the way back"
ALT = (
    "Three hidden states in a row, each with its loss above; thin forward arrows run right and "
    "up. Two thick dashed backward arrows come into the middle one: from its own prediction "
    "above it, and from the next state at its right, dhnext. One goes on to the state before, "
    "and one down into a box that collects dWhh at every step. After the last state dhnext is 0."
)
BEFORE, NOW, AFTER = 120, 350, 600
LOSS_Y, H_Y, COLLECT_Y, KEY_Y = 54, 216, 348, 416
SMALL, LARGE, LOSS_HALF = 32, 40, 22
APART = 11  # from the middle line to the forward and to the backward arrow
STATES = [(BEFORE, SMALL, "t−1"), (NOW, LARGE, "t"), (AFTER, SMALL, "t+1")]


def draw():
    """The picture as SVG text."""
    # Beside the middle line, a circle is a little narrower than its radius.
    large, small = (sqrt(radius**2 - APART**2) for radius in (LARGE, SMALL))
    loss_bottom = LOSS_Y + LOSS_HALF
    parts = [
        forward((24, H_Y), (BEFORE - SMALL, H_Y)),
        forward((BEFORE + small, H_Y - APART), (NOW - large, H_Y - APART)),
        forward((NOW + large, H_Y - APART), (AFTER - small, H_Y - APART)),
        forward((AFTER + small, H_Y - APART), (736, H_Y - APART)),
        backward((736, H_Y + APART), (AFTER + small, H_Y + APART)),
        backward((NOW - large, H_Y + APART), (BEFORE + small, H_Y + APART)),
        backward((NOW, H_Y + LARGE), (NOW, COLLECT_Y - 20)),
        forward((BEFORE, H_Y - SMALL), (BEFORE, loss_bottom)),
        forward((NOW - APART, H_Y - large), (NOW - APART, loss_bottom)),
        forward((AFTER, H_Y - SMALL), (AFTER, loss_bottom)),
        backward((NOW + APART, loss_bottom), (NOW + APART, H_Y - large)),
        backward((AFTER - small, H_Y + APART), (NOW + large, H_Y + APART)),
    ]
    for x, radius, step in STATES:
        emphasis = {"thick": 4} if x == NOW else {"fill": svg.WHITE, "thick": 2}
        parts += [
            svg.circle(x, H_Y, radius, **emphasis),
            svg.text(x, H_Y, f"*h*_({step})", size=20),
            svg.box(x, LOSS_Y, 66, 2 * LOSS_HALF),
            svg.text(x, LOSS_Y, f"*L*_({step})", size=20),
        ]
    beside, between = NOW + APART + 20, (NOW + large + AFTER - small) / 2
    parts += [
        svg.text(beside, 114, "`Why`^(T) *dy*_(t)", size=18, anchor="start"),
        svg.text(beside, 138, "from its own prediction", anchor="start"),
        svg.text(between, H_Y + APART + 30, "`Whh`^(T) *da*_(t+1)", size=18),
        svg.text(between, H_Y + APART + 54, "from the next state = `dhnext`"),
        svg.text(NOW - 24, 138, "the two add up", anchor="end"),
        svg.text((BEFORE + NOW) / 2, H_Y + APART + 30, "`Whh`^(T) *da*_(t)", size=18),
        svg.text((BEFORE + NOW) / 2, H_Y + APART + 54, "onward"),
        svg.text(AFTER + 90, H_Y + APART + 30, "0 at the end"),
        svg.box(NOW, COLLECT_Y, 290, 40),
        svg.text(NOW, COLLECT_Y, "`dWhh` += *da*_(t) times *h*_(t−1)", size=18),
        forward((190, KEY_Y), (236, KEY_Y)),
        svg.text(248, KEY_Y, "forward pass", anchor="start"),
        backward((456, KEY_Y), (400, KEY_Y)),
        svg.text(468, KEY_Y, "backward pass", anchor="start"),
    ]
    return svg.page(444, TITLE, ALT, parts)


def forward(start, end):
    """A quiet arrow: the forward pass is known by now."""
    return svg.arrow(start, end, colour=svg.GREY)


def backward(start, end):
    """What the picture is about."""
    return svg.arrow(start, end, colour=svg.ORANGE, thick=4, dash=svg.DASHED)


if __name__ == "__main__":
    svg.save(__file__, draw())
