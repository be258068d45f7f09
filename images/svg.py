"""What the diagrams share: colours, and small functions that return SVG text.

Every position is the centre of what is drawn there. Text is ink or grey; colour only
repeats what a label, a shape or a line style already says, so grey prints lose nothing.
"""

import re
from html import escape
from math import hypot
from pathlib import Path

INK, GREY, LIGHT, PAPER, WHITE = "#1b1f24", "#6b7280", "#d1d5db", "#fbfaf7", "#ffffff"
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"  # Okabe and Ito's palette
PALE_BLUE, PALE_GREEN = "#e1eff7", "#dcf2ea"

SANS = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
MONO = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
SMALLEST = 13  # px: what a class still reads from the back row
WIDTH = 760  # px, of every picture

DASHED, DOTTED = "7 5", "0.1 5.5"  # a dot is a dash of no length with a round cap
HEAD_LENGTH, HEAD_WIDTH = 10, 9  # of an arrow 1.5 px wide
BEND = 14  # radius where a line turns

INPUT = {"colour": BLUE, "fill": PALE_BLUE}  # what a character is: see `character`
OUTPUT = {"colour": INK, "fill": WHITE}
OUTSIDE = {"colour": GREY, "fill": "none", "dash": DASHED}
SPACE = "␣ is a space"

MARKUP = re.compile(
    r"`(?P<code>.+?)`|\*(?P<italic>.+?)\*|_\((?P<sub>.+?)\)|\^\((?P<sup>.+?)\)"
    r"|(?P<plain>[^`*_^]+|.)"
)


def number(value):
    """Write a number with one decimal at most: the same bytes on every machine."""
    return f"{round(value, 1) + 0:g}"  # adding 0 turns -0.0 into 0.0


def tag(name, content=None, **attributes):
    """An SVG element: stroke_width is written stroke-width, None is left out."""
    written = [f"<{name}"]
    for key, value in attributes.items():
        if value is not None:
            value = value if isinstance(value, str) else number(value)
            written.append(f'{key.replace("_", "-")}="{value}"')
    opening = " ".join(written)
    return f"{opening}/>" if content is None else f"{opening}>{content}</{name}>"


def text(x, y, words, *, size=15, anchor="middle", colour=INK, font=None, weight=None):
    """One line of words, its capitals centred on y.

    Understands `code`, *italic*, sub_(script) and super^(script).
    """
    return tag(
        "text",
        _markup(words, size),
        x=x,
        y=y + 0.36 * size,
        font_size=size,
        text_anchor=anchor,
        fill=colour,
        font_family=font,
        font_weight=weight,
    )


def note(x, y, words, anchor="start"):
    """A remark beside the picture, small and grey."""
    return text(x, y, words, size=14, anchor=anchor, colour=GREY)


def _markup(words, size):
    pieces, height = [], 0  # height: how far below the line the pen is now
    for match in MARKUP.finditer(words):
        kind = match.lastgroup
        wanted = {"sub": 0.25 * size, "sup": -0.38 * size}.get(kind, 0)
        style = {"dy": wanted - height if wanted != height else None}
        if kind in ("sub", "sup"):
            style["font_size"] = max(SMALLEST, 0.72 * size)
        elif kind == "code":
            style["font_family"] = MONO
        elif kind == "italic":
            style["font_style"] = "italic"
        content = escape(match[kind], quote=False)
        plain = all(value is None for value in style.values())
        pieces.append(content if plain else tag("tspan", content, **style))
        height = wanted
    return "".join(pieces)


def box(x, y, width, height, *, colour=INK, fill=WHITE, thick=1.5, dash=None, radius=5):
    """A rectangle with rounded corners."""
    left, top = x - width / 2, y - height / 2
    place = {"x": left, "y": top, "width": width, "height": height, "rx": radius}
    return _outlined("rect", place, colour, fill, thick, dash)


def circle(x, y, radius, *, colour=GREEN, fill=PALE_GREEN, thick=2.5, dash=None):
    """A circle: in all diagrams, a hidden state."""
    return _outlined("circle", {"cx": x, "cy": y, "r": radius}, colour, fill, thick, dash)


def _outlined(name, place, colour, fill, thick, dash):
    stroke = {"stroke": colour, "stroke_width": thick, "stroke_dasharray": dash}
    return tag(name, **place, fill=fill, **stroke)


def character(x, y, letter, role=INPUT, side=40, **style):
    """A square with one character of text in it, a space shown as ␣, as in the figures."""
    half, low = side / 6, y + side / 6  # drawn: clearer than a font's own
    corners = [
        (x - half, low - side / 9),
        (x - half, low),
        (x + half, low),
        (x + half, low - side / 9),
    ]
    content = line(corners) if letter == " " else text(x, y, letter, size=side / 2, font=MONO)
    return box(x, y, side, side, **role, **style) + content


def line(points, *, colour=INK, thick=1.5, dash=None):
    """A line through the points, rounded where it turns."""
    steps = [f"M{_pair(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:]):
        radius = min(BEND, _distance(before, corner) / 2, _distance(corner, after) / 2)
        steps.append(f"L{_pair(_towards(corner, before, radius))}")
        steps.append(f"Q{_pair(corner)} {_pair(_towards(corner, after, radius))}")
    steps.append(f"L{_pair(points[-1])}")
    return tag(
        "path",
        d=" ".join(steps),
        fill="none",
        stroke=colour,
        stroke_width=thick,
        stroke_dasharray=dash,
        stroke_linecap="round" if dash == DOTTED else None,
    )


def arrow(*points, colour=INK, thick=1.5, dash=None):
    """A line through the points with a head whose tip is the last of them."""
    scale = (1 + thick / 1.5) / 2  # a thicker line needs a larger head, but less so
    tip, length = points[-1], HEAD_LENGTH * scale
    base = _towards(tip, points[-2], length)
    across = HEAD_WIDTH * scale / 2 / length
    dx, dy = (tip[0] - base[0]) * across, (tip[1] - base[1]) * across
    corners = [tip, (base[0] - dy, base[1] + dx), (base[0] + dy, base[1] - dx)]
    shaft_end = _towards(tip, points[-2], length - 1)  # 1 px inside the head: no seam
    shaft = line([*points[:-1], shaft_end], colour=colour, thick=thick, dash=dash)
    return shaft + tag("polygon", points=" ".join(map(_pair, corners)), fill=colour)


def _distance(start, end):
    return hypot(end[0] - start[0], end[1] - start[1])


def _towards(start, end, distance):
    """The point so far from start on the way to end."""
    part = distance / _distance(start, end)
    return start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])


def _pair(point):
    return f"{number(point[0])},{number(point[1])}"


def matrix(x, y, rows, side, chosen=None):
    """A grid of numbers centred on (x, y); the chosen column is tinted and outlined."""
    height, width = len(rows) * side, len(rows[0]) * side
    xs = [x + side / 2 - width / 2 + column * side for column in range(len(rows[0]))]
    ys = [y + side / 2 - height / 2 + row * side for row in range(len(rows))]
    cell = {"colour": LIGHT, "thick": 1, "radius": 0}
    parts = [box(cx, cy, side, side, **cell) for cy in ys for cx in xs]
    parts.append(box(x, y, width, height, colour=GREY, fill="none", radius=0))
    if chosen is not None:
        parts.append(highlight(xs[chosen], y, side, height, PALE_BLUE))
    for cy, row in zip(ys, rows):
        for cx, value in zip(xs, row):
            parts.append(text(cx, cy, f"{value}".replace("-", "−"), size=17, font=MONO))
    return "".join(parts)


def highlight(x, y, width, height, fill="none"):
    """A thick outline around what counts in a matrix."""
    return box(x, y, width, height, colour=BLUE, fill=fill, thick=3, radius=2)


def machine(places, arrows, *, radius=26, names=None, thick=None):
    """States as circles, and what moves from state to state as arrows with their characters.

    `places` are the centres by state, `arrows` rows (state, words, next state). A state's arrow to
    itself is a loop on the side away from the middle of the picture. `thick` gives the width of
    an arrow by its row, `names` the word in a circle by state.
    """
    middle = sum(y for _, y in places.values()) / len(places)
    parts = []
    for state, words, after in arrows:
        width = 1.5 if thick is None else thick[state, words, after]
        if state == after:
            side = 1 if places[state][1] > middle else -1
            parts += _loop(places[state], words, radius, side, width)
            continue
        aside = 9 if any(row[0] == after and row[2] == state for row in arrows) else 0
        parts += _between(places[state], places[after], words, radius, aside, width)
    for state, (x, y) in places.items():
        word = str(state) if names is None else names[state]
        parts += [circle(x, y, radius), text(x, y, word, size=19)]
    return parts


def _between(start, end, words, radius, aside, thick):
    """An arrow from circle to circle, moved to its right by `aside`, and its words beside it."""
    length = _distance(start, end)
    along = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    right = -along[1] * aside, along[0] * aside
    near = (radius**2 - aside**2) ** 0.5 + 3
    tail = start[0] + along[0] * near + right[0], start[1] + along[1] * near + right[1]
    tip = end[0] - along[0] * near + right[0], end[1] - along[1] * near + right[1]
    # Words stand on the right of an arrow that goes alone to the left or up, else on its left.
    side = 1 if aside or along[0] < -0.01 or (abs(along[0]) <= 0.01 and along[1] < 0) else -1
    gap = 15 + 0.28 * SMALLEST * abs(along[1]) * max(len(words) - 1, 0)
    x = (tail[0] + tip[0]) / 2 - along[1] * gap * side
    y = (tail[1] + tip[1]) / 2 + along[0] * gap * side
    return [arrow(tail, tip, thick=thick), text(x, y, words, size=17, font=MONO)]


def _loop(place, words, radius, side, thick):
    """An arrow from a circle round to itself, above (side -1) or below (side 1)."""
    x, y = place
    half, far = 0.62 * radius, radius + 34
    edge = (radius**2 - half**2) ** 0.5 + 3
    tip = x + half, y + side * edge
    turn = [(x - half, y + side * edge), (x - half, y + side * far), (x + half, y + side * far)]
    return [
        arrow(*turn, tip, thick=thick),
        text(x, y + side * (far + 14), words, size=17, font=MONO),
    ]


def page(height, title, description, parts):
    """The whole picture, on paper of its own so that it reads on dark pages too."""
    content = [
        tag("title", escape(title, quote=False)),
        tag("desc", escape(description, quote=False)),
        tag("rect", width=WIDTH, height=height, rx=10, fill=PAPER),
        *parts,
    ]
    picture = tag(
        "svg",
        "\n".join(["", *content, ""]),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        viewBox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        font_family=SANS,
    )
    return picture + "\n"


def save(script, picture):
    """Write the picture beside its script: NAME.py writes NAME.svg."""
    Path(script).with_suffix(".svg").write_text(picture, encoding="utf-8", newline="\n")
