"""How nbgrader makes and marks the assignments of this course."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "rnn"
# The solutions of the source give way to what the learner fills in.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "grading.Stubs",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# The examiner takes the place of nbgrader's Execute: see grading.py.
c.Autograde.autograde_preprocessors = [
    "grading.Examiner",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Examiner.cell_seconds = 60  # after which a cell is stopped
c.Examiner.answer_seconds = 20  # for all calls of one answer
