"""A network learns a poem by heart: `python images/it_learns.py again` trains it once more."""

import json
import sys
from math import log
from pathlib import Path

import svg

TITLE = "A network learns a poem by heart"
ALT = (
    "An animation: while a network reads a poem again and again, its loss falls from over 5 bits "
    "a character to nearly 0, and at each stop it writes a line from the prompt “The”: first "
    "random characters, then letters and spaces, then words that are nearly right, at the end a "
    "line of the poem, word for word."
)
RESULTS = Path(__file__).with_suffix(".json")
STOPS = [0, 100, 500, 1000, 2000, 3000, 15_000]
PROMPT, LENGTH = "The ", 46
SECONDS, STILL = 14, 0.3  # of one round; the share of it in which everything is in view
LEFT, RIGHT, TOP, BOTTOM = 64, 196, 52, 300  # the axes
LINES_X, LINES_Y, PITCH = 236, 68, 36


def learn():
    """Train as chapter 05 does; the loss along the way, and what the network writes."""
    import numpy as np

    from rnn_helpers.adagrad import Adagrad
    from rnn_helpers.corpora import load_text
    from rnn_helpers.encoding import Vocabulary
    from rnn_helpers.forward_pass import init_parameters
    from rnn_helpers.sampling import sample
    from rnn_helpers.training import train

    poem = load_text("poem")
    vocabulary = Vocabulary.from_text(poem)
    ids, rng, run = vocabulary.encode(poem), np.random.default_rng(0), None
    parameters = init_parameters(len(vocabulary), 100, rng)
    optimizer, written = Adagrad(parameters, 0.03), []
    for before, step in zip([0, *STOPS], STOPS):
        if step > before:
            run = train(parameters, ids, optimizer, step - before, rng, run=run)
        chance = np.random.default_rng(1)
        text = sample(parameters, vocabulary, PROMPT, LENGTH, temperature=0.5, rng=chance)
        written.append(text.removeprefix(PROMPT))
    bits = np.array(run.losses) / log(2)
    edges = np.unique(np.geomspace(1, len(bits), 60).astype(int))
    curve = [[int(b), round(float(bits[a:b].mean()), 3)] for a, b in zip([0, *edges], edges)]
    return {"curve": curve, "written": written}


def draw():
    """The picture as SVG text. What moves stands still at its end where motion is unwanted."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    parts = [svg.tag("style", css()), svg.text(20, 24, "bits per character", anchor="start")]
    most = max(bits for _, bits in results["curve"])
    ground, axis = [(LEFT, BOTTOM), (RIGHT, BOTTOM)], [(LEFT, TOP), (LEFT, BOTTOM)]
    parts += [svg.line(ground), svg.line(axis)]
    for bits in range(int(most) + 1):
        y = BOTTOM - bits / most * (BOTTOM - TOP)
        parts.append(svg.text(LEFT - 12, y, str(bits), anchor="end", size=14))
    for step in (1, 100, STOPS[-1]):
        parts.append(svg.text(along(step), BOTTOM + 18, f"{step:,}", size=14))
    parts.append(svg.text((LEFT + RIGHT) / 2, BOTTOM + 40, "steps"))
    points = [
        f"{svg.number(along(step))},{svg.number(BOTTOM - bits / most * (BOTTOM - TOP))}"
        for step, bits in results["curve"]
    ]
    style = {"fill": "none", "stroke": svg.BLUE, "stroke_width": 2.5}
    dash = {"pathLength": "1", "stroke_dasharray": "1"}
    curve = svg.tag("polyline", points=" ".join(points), **style, **dash)
    parts.append(f'<g class="curve">{curve}</g>')
    parts.append(svg.text(LINES_X, 24, "steps, and what it writes then", anchor="start"))
    for i, (step, text) in enumerate(zip(STOPS, results["written"])):
        y = LINES_Y + i * PITCH
        shown = (PROMPT + text).replace("\n", "⏎").replace(" ", "\N{NO-BREAK SPACE}")
        row = svg.text(LINES_X + 44, y, f"{step:,}", anchor="end", size=14, colour=svg.GREY)
        row += svg.text(LINES_X + 56, y, shown, anchor="start", size=14, font=svg.MONO)
        parts.append(f'<g class="line{i}">{row}</g>')
    parts.append(svg.note(20, BOTTOM + 74, "⏎ is the end of a line; a poem of 724 characters"))
    return svg.page(BOTTOM + 96, TITLE, ALT, parts)


def along(step):
    """Where a step stands on the axis, whose unit is a factor."""
    return LEFT + log(max(step, 1)) / log(STOPS[-1]) * (RIGHT - LEFT)


def css():
    """The style sheet that lets the curve grow, and each line appear when its step is reached."""
    moving = 1 - STILL
    rules = [
        f".curve polyline {{ animation: grow {SECONDS}s linear infinite }}",
        "@keyframes grow { 0% { stroke-dashoffset: 1 } "
        f"{moving:.0%}, 100% {{ stroke-dashoffset: 0 }} }}",
    ]
    for i, step in enumerate(STOPS):
        at = (along(step) - LEFT) / (RIGHT - LEFT) * moving
        rules += [
            f".line{i} {{ animation: line{i} {SECONDS}s linear infinite }}",
            f"@keyframes line{i} {{ 0%, {at:.0%} {{ opacity: 0.12 }} "
            f"{at + 0.02:.0%}, 100% {{ opacity: 1 }} }}",
        ]
    still = "@media (prefers-reduced-motion: reduce) { * { animation: none !important } }"
    return "\n".join([*rules, still])


if __name__ == "__main__":
    if sys.argv[1:] == ["again"]:
        RESULTS.write_text(json.dumps(learn(), ensure_ascii=False) + "\n", encoding="utf-8")
    svg.save(__file__, draw())
