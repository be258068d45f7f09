"""Make the classroom kit: `python tools/classroom_kit.py slides` and its like.

setup, slides, handout, editions, course; TEACHING.md says what each makes.
"""

import importlib
import sys

KINDS = ("setup", "slides", "handout", "editions", "course")


def main(kinds):
    """Make each kind that is named."""
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        sys.exit(f"name one or more of {', '.join(KINDS)}, not {' '.join(unknown) or 'nothing'}")
    from classroom import ROOT

    for kind in kinds:
        for path in importlib.import_module(f"classroom.{kind}").make():
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
