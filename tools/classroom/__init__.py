"""The classroom kit: slides, handouts, editions and a course, all made from the chapters.

`roles` says what each cell is for. `setup` fetches what the kit needs, once. `slides`,
`handout`, `editions` and `course` each make one thing; `plan` reads the lessons of
`tools/teaching.toml`. Nothing here changes a notebook.
"""

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build" / "classroom"  # never committed
LIBRARIES = BUILD / "lib"  # reveal.js and MathJax, as `setup` unpacks them
