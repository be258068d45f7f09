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
    """Marks the exercises of a notebook, in place of nbgrader's `Execute`."""

    cell_seconds = Integer(60, help="seconds after which a cell is stopped").tag(config=True)
    answer_seconds = Integer(20, help="seconds for all calls of one answer").tag(config=True)

    def preprocess(self, nb, resources):
        """Run the cells and check the answers; store what was printed, and the hints."""
        self.mark = 0
        examinee = Examinee(resources["metadata"]["path"], self.cell_seconds)
        try:
            for cell in nb.cells:
                if cell.cell_type == "code":
                    cell.outputs = self.outputs(cell, examinee)
        finally:
            examinee.stop()
        return nb, resources

    def outputs(self, cell, examinee):
        """The outputs of a cell; an error in that of a check means no points."""
        named = CHECK.fullmatch(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if utils.is_grade(cell) and named:
            number = f"{named[1]}.{named[2]}"
            said = judged(number, examinee, self.answer_seconds)
            if examinee.process:
                self.forget(examinee)
            else:  # it was stopped: the cells of this answer are not run again
                del examinee.cells[self.mark :]
            self.mark = len(examinee.cells)
            if said:
                words = f"{number}: not yet. {said}"
                return [new_output("error", ename="NotYet", evalue=said, traceback=[words])]
            return [new_output("stream", name="stdout", text=f"{number}: right.\n")]
        if utils.is_grade(cell):
            words = "this cell has no exercise of the series"
            return [new_output("error", ename="NoExercise", evalue=words, traceback=[words])]
        printed, error = examinee.run(cell.source)
        found = [new_output("stream", name="stdout", text=printed)] if printed else []
        if error:
            ename, evalue = error
            words = f"{ename}: {evalue}"
            found.append(new_output("error", ename=ename, evalue=evalue, traceback=[words]))
        return found

    mark = 0  # how many cells had run at the last check

    def forget(self, examinee):
        """Take the answer away, so that it is not taken for the next one."""
        try:
            examinee.ask(self.cell_seconds, "forget")
        except Stopped:
            del examinee.cells[self.mark :]
