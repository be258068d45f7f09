"""What `nbgrader` calls: an assignment without its solutions, and marks by our examiner.

nbgrader as it comes runs a learner's cells and its tests in one process, where a learner can
redefine a test. `Examiner` takes the place of its `Execute`. The hint of the check is stored in
the notebook, so it stands in the feedback.
"""

import re

from examiner import Examinee, Stopped, judged
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Integer

CHECK = re.compile(r"check-(\d\d)-(\d+)")  # the grade_id of a check: check-03-2 is exercise 03.2


class Stubs(NbGraderPreprocessor):
    """Replaces a solution by the stub that is kept with the cell."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Replace the solution of one cell."""
        if utils.is_solution(cell):
            cell.source = cell.metadata.pop("stub")
        return cell, resources


class Examiner(NbGraderPreprocessor):
    """Marks the exercises of a notebook."""

    cell_seconds = Integer(60, help="seconds after which a cell is stopped").tag(config=True)
    answer_seconds = Integer(20, help="seconds for all calls of one answer").tag(config=True)

    def preprocess(self, nb, resources):
        """Run the cells and check the answers; store what was printed, and the hints."""
        examinee = Examinee(resources["metadata"]["path"], self.cell_seconds)
        at_check = 0  # how many cells had run at the last check
        try:
            for cell in nb.cells:
                if cell.cell_type != "code":
                    continue
                if not utils.is_grade(cell):
                    cell.outputs = ran(cell, examinee)
                    continue
                cell.outputs = self.marked(cell, examinee)
                if not examinee.process:  # it was stopped: its cells are not run again
                    del examinee.cells[at_check:]
                else:
                    forget(examinee)
                at_check = len(examinee.cells)
        finally:
            examinee.stop()
        return nb, resources

    def marked(self, cell, examinee):
        """The outputs of a check: an error among them means no points."""
        named = CHECK.fullmatch(cell.metadata.nbgrader.grade_id)
        if not named:
            return [failed("NoExercise", "this cell checks no exercise of the series")]
        number = f"{named[1]}.{named[2]}"
        said = judged(number, examinee, self.answer_seconds)
        if said:
            return [failed("NotYet", said, f"{number}: not yet. {said}")]
        return [new_output("stream", name="stdout", text=f"{number}: right.\n")]


def ran(cell, examinee):
    """The outputs of a cell that is no check."""
    printed, error = examinee.run(cell.source)
    outputs = [new_output("stream", name="stdout", text=printed)] if printed else []
    return outputs + ([failed(*error)] if error else [])


def failed(name, words, line=None):
    """An error as an output."""
    return new_output("error", ename=name, evalue=words, traceback=[line or f"{name}: {words}"])


def forget(examinee):
    """Take the answer away, so that it is not taken for the next one."""
    try:
        examinee.ask(examinee.cell_seconds, "forget")
    except Stopped:
        pass  # it is started anew, without the answer
