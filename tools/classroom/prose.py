"""Markdown taken apart: blocks, sentences, and what of a paragraph belongs on a slide."""

import re
from dataclasses import dataclass

from reading_time import PREDICTION_ASKED

WHOLE = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`|!?\[[^\]]*\]\([^)]*\)", re.DOTALL)
END_OF_SENTENCE = re.compile(r"(?<=[.?!])([)”\"*]*)\s+(?=[(“\"*]*[A-Z0-9\x00])|(?<=[.?!]\))\s+")
PICTURE = re.compile(r"^!\[([^\]]*)\]\(([^)]*)\)$", re.DOTALL)
SHORT = 150  # characters; a paragraph up to this length is shown whole


@dataclass
class Block:
    """A block of Markdown.

    kind
        paragraph, equation, picture, list, table, code or quote
    """

    kind: str
    text: str


def blocks(text):
    """The blocks of Markdown, in order."""
    found = []
    for piece in re.split(r"\n\s*\n(?=\S)", fences_kept(text).strip()):
        piece = piece.replace("\x01", "\n\n").strip()
        if piece:
            found.append(Block(kind_of(piece), piece))
    return found


def fences_kept(text):
    """Markdown whose fenced code has no blank lines, for the time of a split."""
    return re.sub(
        r"```.*?```", lambda m: re.sub(r"\n\s*\n", "\x01", m.group(0)), text, flags=re.DOTALL
    )


def kind_of(piece):
    """The kind of a block."""
    if piece.startswith("$$"):
        return "equation"
    if PICTURE.match(piece):
        return "picture"
    if piece.startswith("```"):
        return "code"
    if piece.startswith("|"):
        return "table"
    if re.match(r"[-*] |\d+\. ", piece):
        return "list"
    return "quote" if piece.startswith(">") else "paragraph"


def items(text):
    """The items of a list."""
    return [item.strip() for item in re.split(r"^(?:[-*]|\d+\.) ", text, flags=re.M)[1:]]


def sentences(paragraph):
    """The sentences of a paragraph; formulas, code and links are never cut."""
    kept = []

    def hide(match):
        kept.append(match.group(0))
        return f"\x00{len(kept) - 1}\x00"

    hidden = WHOLE.sub(hide, paragraph)
    cut = END_OF_SENTENCE.sub(lambda m: (m.group(1) or "") + "\x02", hidden)
    restored = [re.sub(r"\x00(\d+)\x00", lambda m: kept[int(m[1])], s) for s in cut.split("\x02")]
    return [s.strip() for s in restored if s.strip()]


def is_question(sentence):
    """Whether a sentence ends as a question."""
    return sentence.rstrip('*)”" ').endswith("?")


def shown(paragraph, whole=False):
    """What a slide shows of a paragraph, in order: pairs ("told" or "asked", text).

    Asked is what the class should answer before it goes on. A short paragraph is shown whole. Of
    a long one: the first sentence, questions, each that names something new, and the one before a
    colon that leads to a formula; the rest is for the speaker's notes. With `whole`, nothing is
    left out.
    """
    every = sentences(paragraph)
    asked = [bool(PREDICTION_ASKED.search(sentence)) for sentence in every]
    for i in range(1, len(every)):  # questions beside it belong to it
        asked[i] = asked[i] or asked[i - 1] and is_question(every[i])
    for i in reversed(range(len(every) - 1)):
        asked[i] = asked[i] or asked[i + 1] and is_question(every[i])
    found, long = [], len(paragraph) > SHORT and not whole
    for i, sentence in enumerate(every):
        leads = sentence.endswith(":") and i == len(every) - 1
        names = re.search(r"(?<!\*)\*[^*\s][^*]*\*(?!\*)", sentence)  # a new word, in italics
        if long and not (asked[i] or i == 0 or is_question(sentence) or leads or names):
            continue
        kind = "asked" if asked[i] else "told"
        if found and found[-1][0] == kind:
            found[-1] = (kind, f"{found[-1][1]} {sentence}")
        else:
            found.append((kind, sentence))
    return found
