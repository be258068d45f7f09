"""A question before its answer means that the answer is not in view.

Where a page asks for a guess ("before you run the next cell ..."), the output of the code cell
that follows is stored collapsed (a click opens it), and that cell asserts nothing, as an
assertion would tell. The outputs that are collapsed are those, and no others.
"""

import pytest
from conftest import CHAPTERS, cells_of
from reading_time import PREDICTION_ASKED

every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)


def answers(path):
    """The code cells that answer a question: the first with an output after it."""
    asked, found = None, []
    for cell in cells_of(path):
        if cell.cell_type == "markdown":
            asked = cell.id if PREDICTION_ASKED.search(cell.source) else asked
        elif asked and cell.outputs:
            found.append((asked, cell))
            asked = None
    assert asked is None, f"{asked} asks, and nothing answers"
    return found


def is_collapsed(cell):
    return cell.metadata.get("jupyter", {}).get("outputs_hidden", False)


@every_chapter
def test_an_answer_is_not_in_view(path):
    for question, cell in answers(path):
        assert is_collapsed(cell), f"{question} asks, and {cell.id} answers in view"
        assert "assert" not in cell.source, f"{cell.id} asserts the answer to {question}"


@every_chapter
def test_only_answers_are_collapsed(path):
    expected = {cell.id for _, cell in answers(path)}
    assert {cell.id for cell in cells_of(path) if is_collapsed(cell)} <= expected
