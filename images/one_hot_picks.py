"""A matrix times a one-hot vector: one column of the matrix."""

import svg

TITLE = "Multiplying by a one-hot vector picks a column"
ALT = (
    "The matrix Wxh, 3 rows by 5 columns, times a one-hot column vector with its only 1 "
    "in the third place, equals the third column of Wxh, which is outlined in the matrix "
    "and again as the result."
)
WXH = [[2, -1, 3, 0, 1], [0, 4, -2, 1, 5], [1, 2, 6, -3, 0]]
ID = 2  # the third character of the vocabulary
WXH_X, X_X, RESULT_X = 220, 455, 625
MIDDLE, SIDE = 196, 42


def draw():
    """The picture as SVG text."""
    ids = range(len(WXH[0]))
    one_hot = [[int(i == ID)] for i in ids]
    # The product is computed, not copied: the picture cannot be wrong.
    product = [[sum(w * x for w, [x] in zip(row, one_hot))] for row in WXH]

    steps = [(i - (len(ids) - 1) / 2) * SIDE for i in ids]  # from the middle to each id
    half = len(WXH) / 2 * SIDE
    ids_x, ids_y = X_X - 36, MIDDLE - half - 16  # beside the vector, above the matrix
    parts = [
        svg.text(svg.WIDTH / 2, 36, TITLE.lower(), size=18, weight="bold"),
        svg.matrix(WXH_X, MIDDLE, WXH, SIDE, chosen=ID),
        svg.matrix(X_X, MIDDLE, one_hot, SIDE),
        svg.highlight(X_X, MIDDLE + steps[ID], SIDE, SIDE),
        svg.matrix(RESULT_X, MIDDLE, product, SIDE, chosen=0),
        svg.text(366, MIDDLE, "×", size=26),
        svg.text(540, MIDDLE, "=", size=26),
        svg.text(WXH_X, MIDDLE + half + 26, "`Wxh`"),
        svg.text(X_X, MIDDLE - steps[0] + SIDE / 2 + 26, "one-hot vector *x*"),
        svg.text(RESULT_X, MIDDLE + half + 26, "the third column"),
        svg.note(WXH_X + steps[0] - 34, ids_y, "id", "middle"),
        svg.note(ids_x, MIDDLE + steps[0] - 34, "id", "middle"),
    ]
    for i in ids:
        parts += [
            svg.note(WXH_X + steps[i], ids_y, f"{i}", "middle"),
            svg.note(ids_x, MIDDLE + steps[i], f"{i}", "middle"),
        ]
    return svg.page(356, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
