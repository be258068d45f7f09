"""Slides of each chapter: one idea a slide, the whole text in the speaker's notes.

A heading, the first sentence of a paragraph, an equation, a picture, code that fits, and what
is asked are shown; the output that answers a question comes one key later. Nothing is fetched:
reveal.js and MathJax lie in `lib/`, pictures are inside the page.
"""

import math
import re

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from classroom import BUILD, LIBRARIES, plan
from classroom.expected import expected, quiz_answers
from classroom.export import page
from classroom.fitting import (
    LINE,
    ROOM,
    SET_UP,
    TEXT_LINE,
    code_size,
    drawing_height,
    for_the_screen,
    height,
    lines_high,
    picture_height,
    worth_showing,
)
from classroom.prose import PICTURE, Block, blocks, items, sentences, shown
from classroom.roles import QUIZ, parts, pictures, text_output, text_twin

MOST_TOGETHER = 18  # lines of code and output that go on one slide
MOST_OUTPUT = 22  # lines of an output that are shown
SHORT_TASK = 650  # characters of a text that asks; up to this length it is shown whole
LEAST_PICTURE = 8.0  # lines of text; a picture with less room goes to the next slide


def make():
    """Write the slides of every chapter; returns their paths."""
    written = []
    for path in sorted(plan.NOTEBOOKS.glob("[0-9]*.ipynb")):
        out = BUILD / "slides" / f"{path.stem}.html"
        page(deck(path), out, "slides", path, libraries=LIBRARIES)
        written.append(out)
    return written


def deck(path):
    """The slides of a chapter as a notebook whose cells say where a slide begins."""
    slides = Deck(path.stem[:2])
    found = parts(path)
    for n, part in enumerate(found):
        after = found[n + 1] if n + 1 < len(found) else None
        before = found[n - 1] if n else None
        slides.add(part, before, after)
    return new_notebook(cells=slides.cells, metadata={"title": slides.title})


class Deck:
    """Cells of slides, as they are added."""

    def __init__(self, chapter):
        self.chapter, self.cells, self.title = chapter, [], ""
        self.section, self.filled = "", 0.0

    def add(self, part, before, after):
        """Add the slides of a part of the chapter."""
        if part.heading and part.role in ("prose", "task", "recap"):
            self.begin(part.heading)
        add = getattr(self, f"add_{part.role}", None)
        if add:
            add(part, before, after)

    # What a slide is made of

    def cell(self, cell, kind):
        """Add a cell; `kind` is a slide type of reveal: slide, subslide, fragment, notes, -."""
        cell.metadata["slideshow"] = {"slide_type": kind}
        cell.id = f"{self.chapter}-{len(self.cells)}"
        self.cells.append(cell)

    def markdown(self, text, kind="-", **about):
        """Add Markdown; `about` is metadata for the template: a box, a size."""
        self.cell(new_markdown_cell(text, metadata=about), kind)

    def begin(self, heading):
        """Begin a section."""
        self.section, self.filled = heading, 2.5
        self.markdown(f"## {heading}", "slide")
        if entry := plan.SECTIONS.get((self.chapter, heading)):
            minutes = plan.minutes(self.chapter, heading)
            self.notes(
                f"**{minutes} minutes.** Learners often believe: {entry['believes']}\n\n"
                f"**Ask:** {entry['ask']}\n\n**A good answer:** {entry['good']}"
            )

    def next(self):
        """Begin another slide of the same section."""
        self.markdown(f'<p class="running">{plan.without_marks(self.section)}</p>', "subslide")
        self.filled = 1.0

    def notes(self, text):
        """Add to the speaker's notes of this slide."""
        self.markdown(text, "notes")

    def show(self, block, **about):
        """Show a block, on a new slide if this one is full."""
        cost = height(block)
        if self.filled + cost > ROOM and self.filled > 1.0:
            self.next()
        self.markdown(block.text, **about)
        self.filled += cost

    def ask(self, question):
        """Show a question, apart from the rest."""
        lines = math.ceil(len(question) / (LINE - 6)) + 1.5
        if self.filled + lines > ROOM:
            self.next()
        self.markdown(question, box="ask")
        self.filled += lines

    def blocks(self, found, whole=False):
        """Show blocks, paragraphs shortened or whole."""
        for block in found:
            if block.kind == "paragraph":
                for kind, text in shown(block.text, whole):
                    self.ask(text) if kind == "asked" else self.show(Block("paragraph", text))
            elif block.kind == "list":
                for item in items(block.text):
                    self.show(Block("list", f"- {item}"))
            elif block.kind == "code":
                self.fenced(block)
            elif block.kind == "picture":
                self.drawing(block)
            else:
                self.show(block)

    def fenced(self, block):
        """Show a block of code that stands in Markdown."""
        self.show(block, box="fenced", size=code_size(block.text.split("\n")))

    def drawing(self, block):
        """Show a picture that stands in Markdown, as large as what is left of the slide."""
        wanted = drawing_height(PICTURE.match(block.text)[2])
        if ROOM - self.filled < min(wanted, LEAST_PICTURE):
            self.next()
        high = min(wanted, ROOM - self.filled)
        self.markdown(block.text, box="drawing", size=int(high * TEXT_LINE) - 14)
        self.filled += high

    # One method a role

    def add_title(self, part, before, after):
        """The first slide: number, title, and what will exist at the end."""
        self.title = part.heading
        first, *_ = part.text.split("\n\n")
        number, _, name = part.heading.partition(" · ")
        self.section = part.heading
        self.markdown(f'# {name}\n\n<p class="number">{number}</p>\n\n{first}', "slide")
        self.filled = 8.0

    def add_goals(self, part, before, after):
        """What the learner will be able to do; what is needed goes into the notes."""
        self.section, self.filled = "You will be able to", 2.5
        self.markdown("## You will be able to", "slide")
        for block in blocks(part.text.removeprefix("**You will be able to**")):
            if block.kind == "list":
                for item in items(block.text):
                    self.show(Block("list", f"- {item}"))
            else:
                self.notes(block.text)

    def add_prose(self, part, before, after):
        """Text, shortened; the whole of it in the notes."""
        found = blocks(part.text)
        if not found:
            return
        if before.role == "fold" and not part.heading:
            self.next()
        # who is asked needs to see what is given
        self.blocks(found, whole=part.asks and len(part.text) <= SHORT_TASK)
        self.notes(part.text)

    def add_recap(self, part, before, after):
        """The recap, a sentence a line."""
        for block in blocks(re.sub(r"\n\nNext: .*$", "", part.text, flags=re.DOTALL)):
            for sentence in sentences(block.text):
                self.show(Block("list", f"- {sentence}"))

    def add_fold(self, part, before, after):
        """What is folded in the chapter, on a slide of its own."""
        self.section, section = part.summary, self.section
        self.next()
        self.blocks(blocks(part.text))
        self.notes(part.text)
        self.section = section

    def add_code(self, part, before, after):
        """Code that shows something, and then what it shows."""
        spoken_of = after is not None and "assert" in after.text
        source = for_the_screen(part.text, assertions=spoken_of)
        if not worth_showing(part) or not source:
            return
        lines = source.split("\n")
        output = text_output(part.cell).rstrip("\n").split("\n") if text_output(part.cell) else []
        drawn = list(pictures(part.cell))
        if SET_UP in source:  # nobody wants to read what is imported
            self.next()
            self.output(output, code_size(output)) if output else None
            return
        together = not drawn and not part.answers and len(lines) + len(output) <= MOST_TOGETHER
        whole = lines + output + ["", ""] if together and output else lines
        size = code_size(whole)
        if self.filled + lines_high(whole, max(size, 20)) > ROOM:
            self.next()
        else:
            size = min(size, 22)
        self.code(source, size)
        if together:
            self.output(output, size) if output else None
            return
        if drawn:
            self.picture(drawn)
        if output:
            if not (drawn and self.filled + lines_high(output, 20) <= ROOM):
                self.next()
            self.output(output, min(20, code_size(output)) if drawn else code_size(output))

    def code(self, source, size):
        """Show code in a size."""
        self.cell(new_code_cell(source, metadata={"size": size}), "-")
        self.filled += lines_high(source.split("\n"), size)

    def output(self, lines, size):
        """Show what a cell printed, at most as much as fits."""
        if len(lines) > MOST_OUTPUT:
            lines = [*lines[: MOST_OUTPUT - 1], "…"]
            size = code_size(lines)
        out = nbformat.v4.new_output("stream", name="stdout", text="\n".join(lines))
        cell = new_code_cell("", outputs=[out], metadata={"size": size, "only_output": True})
        self.cell(cell, "-")
        self.filled += lines_high(lines, size)

    def picture(self, drawn):
        """Show pictures on a slide of their own."""
        self.next()
        outs = [
            nbformat.v4.new_output(
                "display_data", {"image/png": data}, metadata={"image/png": about}
            )
            for data, about in drawn
        ]
        cell = new_code_cell("", outputs=outs, metadata={"only_output": True})
        self.cell(cell, "-")
        self.filled += max(map(picture_height, drawn))

    def add_widget(self, part, before, after):
        """A widget is used in JupyterLab; here stands the cell to run. A quiz is shown as well."""
        lines = part.text.split("\n")
        size = min(22, code_size(lines))
        if self.filled + 3 + lines_high(lines, size) > ROOM:
            self.next()
        self.markdown("In JupyterLab: run this cell and use it.", box="ask")
        self.filled += 2.5
        self.code(part.text, size)
        if quiz := QUIZ.search(part.text):
            asked = re.split(r"\n\n(?=\d\. )", text_twin(part.cell))
            for question, answers in zip(asked, quiz_answers(quiz[1])):
                self.next()
                self.output(question.split("\n"), code_size(question.split("\n")))
                self.notes(answers)

    def add_twin(self, part, before, after):
        """The stored picture of a widget."""
        self.next()
        self.blocks([b for b in blocks(part.text) if b.kind == "picture"])

    def add_task(self, part, before, after):
        """An exercise, whole."""
        if part.text:
            if not part.heading:
                self.next()
            for block in blocks(part.text):
                self.fenced(block) if block.kind == "code" else self.show(block)

    def add_exercise(self, part, before, after):
        """The skeleton of an exercise, if it has one."""
        source = for_the_screen(part.text)
        lines = source.split("\n")
        if len(lines) > 4:
            size = code_size(lines)
            if self.filled + lines_high(lines, min(size, 22)) > ROOM:
                self.next()
            else:
                size = min(size, 22)
            self.code(source, size)

    def add_solution(self, part, before, after):
        """A solution, and the wrong answers to expect, in the notes only."""
        self.notes(f"**A solution.**\n\n{part.text}")
        if part.number and (told := expected(part.number)):
            self.notes(told.markdown())
