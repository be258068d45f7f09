"""The series in one picture: a trained network guesses a line, character by character."""

import svg

from rnn_helpers.checkpoints import load_model
from rnn_helpers.corpora import load_text, split
from rnn_helpers.reading import trace

TITLE = "What a network expects while it reads"
ALT = (
    "The network of this series reads a line that it has never seen, “Bread,” said "
    "Garrick, not turning. Under each character stand its four best guesses, darker where "
    "it was surer, the right one outlined; bars below show the surprise in bits: high in "
    "“Bread” and at the n of “not”, nearly none inside “said” and “Garrick”."
)
LINE = '"Bread," said Garrick, not turning'
GUESSES = 4
LEFT, STEP, SIDE = 40, 20.6, 19
TRUE_Y, FIRST_Y, BAR_Y = 76, 116, 296
BIT = 9  # px of a bar's height
HIGH = 5  # bits: the first bar above it in a row of bars says how high it is


def columns():
    """For each character of the line: the guesses with their probabilities, and the surprise."""
    model = load_model("story")
    _, held_out = split(load_text("story"))
    text = held_out[: held_out.rindex(LINE) + len(LINE)]
    reading = trace(model.parameters, model.vocabulary, text, top=GUESSES)
    for i in range(len(text) - len(LINE), len(text)):
        characters = model.vocabulary.decode(reading.top_ids[i])
        guesses = [
            (guess, p, guess == text[i])
            for guess, p in zip(characters, reading.top_probabilities[i])
        ]
        yield text[i], guesses, reading.bits[i]


def draw():
    """The picture as SVG text."""
    parts = [
        svg.text(svg.WIDTH / 2, 28, "It reads a line it has never seen, and guesses", size=19),
        svg.note(LEFT - 10, TRUE_Y - 24, "what came"),
        svg.note(LEFT - 10, FIRST_Y - 18, "its four best guesses, the right one outlined"),
        svg.note(
            LEFT - 10, BAR_Y + 20, "how surprised it was: each bar in bits, under its character"
        ),
    ]
    before = 0
    for column, (came, guesses, bits) in enumerate(columns()):
        x = LEFT + column * STEP
        parts.append(letter(x, TRUE_Y, came, svg.INPUT))
        for row, (guess, p, right) in enumerate(guesses):
            y = FIRST_Y + 10 + row * (SIDE + 2)
            role = {"colour": svg.INK, "fill": "none", "thick": 2} if right else None
            parts += [shade(x, y, p), letter(x, y, guess, role)]
        parts.append(bar(x, bits))
        if bits > HIGH > before:  # a few figures are enough to read the others off
            height = f"{bits:.1f} bits"
            parts.append(svg.text(x, BAR_Y - BIT * bits - 12, height, size=svg.SMALLEST))
        before = bits
    axis = [(LEFT - 12, BAR_Y), (LEFT + len(LINE) * STEP - 8, BAR_Y)]
    parts.append(svg.line(axis, thick=1))
    return svg.page(334, TITLE, ALT, parts)


def shade(x, y, p):
    """A square that is darker where the network was surer."""
    return svg.tag(
        "rect",
        x=x - SIDE / 2,
        y=y - SIDE / 2,
        width=SIDE,
        height=SIDE,
        rx=3,
        fill=svg.BLUE,
        fill_opacity=f"{0.75 * p:.2f}",
    )


def bar(x, bits):
    """The surprise at a character."""
    height = BIT * bits
    return svg.tag("rect", x=x - 6, y=BAR_Y - height, width=12, height=height, fill=svg.ORANGE)


def letter(x, y, character, role):
    """A small square with a character, or the character alone where it has no role."""
    shown = {" ": "␣", "\n": "⏎"}.get(character, character)
    frame = svg.box(x, y, SIDE, SIDE, radius=3, **role) if role else ""
    return frame + svg.text(x, y, shown, size=14, font=svg.MONO)


if __name__ == "__main__":
    svg.save(__file__, draw())
