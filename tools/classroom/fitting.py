"""What fits a slide of 1280 by 720 pixels, counted in lines of text."""

import ast
import base64
import math
import re
import struct

from classroom import plan
from classroom.roles import pictures, text_output

ROOM = 14.5  # lines of text that fit, the heading's two included
LINE = 68  # characters in a line of text
TEXT_LINE = 41  # pixels
PICTURE_WIDTH, PICTURE_HEIGHT = 1080, 540  # pixels at the most
CODE_ROOM, CODE_WIDTH = 570, 1150  # pixels for code
LARGEST, SMALLEST = 26, 17  # its font size in pixels
SET_UP = "plots.use_style()"  # is in the first cell of a chapter, which imports


def worth_showing(part):
    """Whether code belongs on a slide: not what only imports, prepares or asserts."""
    shows = bool(text_output(part.cell)) or any(pictures(part.cell))
    return shows or defines(part.text) and SET_UP not in part.text


def defines(source):
    """Whether code defines a function or a class."""
    return bool(re.search(r"^(def|class) ", source, re.MULTILINE))


def for_the_screen(source, assertions=False):
    """Code with one blank line where it has two, and without the assertions of its top level."""
    lines = source.split("\n")
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.Assert) and not assertions:
            del lines[node.lineno - 1 : node.end_lineno]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def lines_high(lines, size):
    """How many lines of text code in a size is high."""
    return (len(lines) * 1.32 * size + 34) / TEXT_LINE


def drawing_height(target):
    """How many lines of text a picture of `images/` would like to be high."""
    path = plan.NOTEBOOKS / target
    if path.suffix == ".svg":
        box = re.search(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"', path.read_text("utf-8"))
        width, height = map(float, box.groups())
    else:
        width, height = struct.unpack(">2I", path.read_bytes()[16:24])
    return min(PICTURE_HEIGHT, PICTURE_WIDTH * height / width) / TEXT_LINE + 0.4


def picture_height(drawn):
    """How many lines of text a picture is high, as the slide shows it."""
    width, height = struct.unpack(">2I", base64.b64decode(drawn[0][:64])[16:24])
    return min(PICTURE_HEIGHT, PICTURE_WIDTH * height / width) / TEXT_LINE + 0.5


def code_size(lines):
    """The font size in pixels at which code fits a slide."""
    by_height = CODE_ROOM / (1.32 * max(len(lines), 1))
    by_width = CODE_WIDTH / (0.61 * max([len(line) for line in lines] + [1]))
    return max(SMALLEST, min(LARGEST, int(by_height), int(by_width)))


def height(block):
    """About how many lines of text a block is high."""
    rows = block.text.count("\n") + 1
    text = re.sub(r"\]\([^)]*\)|[$*`\[]", "", block.text)
    return {
        "picture": 10.0,
        "equation": 2.2 + 1.4 * block.text.count("\\\\"),
        "table": 1.35 * (rows - 1) + 0.5,
        "code": 0.75 * rows + 0.5,
        "list": math.ceil(len(text) / (LINE - 4)) + 0.35,
    }.get(block.kind, math.ceil(len(text) / LINE) + 0.6)
