"""One neuron that reads its own last output: a loop, one step later."""

import svg

TITLE = "A neuron with memory"
ALT = (
    "One neuron: the input x_t times the weight w, its own previous state times the weight "
    "u, and the bias b are summed and pass through tanh to give the state h_t, which a "
    "dashed loop labelled 'one step later' brings back as the previous state."
)
X, SUM, TANH, H = 92, 272, 412, 552  # from left to right
LOOP_Y, MIDDLE, BIAS_Y = 70, 180, 284
SIDE, SUM_RADIUS, RADIUS, TANH_WIDTH = 52, 24, 30, 76


def draw():
    """The picture as SVG text."""
    into_tanh, out_of_tanh = TANH - TANH_WIDTH / 2, TANH + TANH_WIDTH / 2
    loop = [(H, MIDDLE - RADIUS), (H, LOOP_Y), (SUM + RADIUS, LOOP_Y)]
    parts = [
        svg.arrow((X + SIDE / 2, MIDDLE), (SUM - SUM_RADIUS, MIDDLE)),
        svg.text((X + SUM) / 2, MIDDLE - 16, "times *w*", size=17),
        svg.arrow((SUM, LOOP_Y + RADIUS), (SUM, MIDDLE - SUM_RADIUS)),
        svg.text(SUM + 12, LOOP_Y + 58, "times *u*", size=17, anchor="start"),
        svg.arrow((SUM, BIAS_Y - 22), (SUM, MIDDLE + SUM_RADIUS)),
        svg.arrow((SUM + SUM_RADIUS, MIDDLE), (into_tanh, MIDDLE)),
        svg.arrow((out_of_tanh, MIDDLE), (H - RADIUS, MIDDLE)),
        svg.arrow((H + RADIUS, MIDDLE), (H + RADIUS + 62, MIDDLE)),
        svg.text(H + RADIUS + 70, MIDDLE, "output", anchor="start"),
        svg.arrow(*loop, colour=svg.GREEN, thick=2.5, dash=svg.DASHED),
        svg.text((SUM + H) / 2 + 8, LOOP_Y - 18, "one step later", size=17),
        svg.box(X, MIDDLE, SIDE, SIDE, **svg.INPUT),
        svg.text(X, MIDDLE, "*x*_(t)", size=20),
        svg.text(X, MIDDLE + 44, "input"),
        svg.circle(SUM, LOOP_Y, RADIUS, dash=svg.DASHED),
        svg.text(SUM, LOOP_Y, "*h*_(t−1)", size=20),
        svg.text(SUM - RADIUS - 12, LOOP_Y, "previous state", anchor="end"),
        svg.circle(SUM, MIDDLE, SUM_RADIUS, colour=svg.INK, fill=svg.WHITE, thick=1.5),
        svg.text(SUM, MIDDLE, "+", size=26),
        svg.box(SUM, BIAS_Y, 44, 44),
        svg.text(SUM, BIAS_Y, "*b*", size=20),
        svg.text(SUM - 34, BIAS_Y, "bias", anchor="end"),
        svg.box(TANH, MIDDLE, TANH_WIDTH, 48),
        svg.text(TANH, MIDDLE, "tanh", size=18),
        svg.circle(H, MIDDLE, RADIUS),
        svg.text(H, MIDDLE, "*h*_(t)", size=20),
        svg.text(H, BIAS_Y, "*h*_(t) = tanh( *w x*_(t) + *u h*_(t−1) + *b* )", size=18),
    ]
    return svg.page(334, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
