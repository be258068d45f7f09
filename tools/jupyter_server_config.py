"""How `make lab` saves a notebook: its file changes only where the reader changed something."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from what_lasts import keep_what_lasts  # noqa: E402


def before_saving(model, **_):
    """Drop from a notebook that is being saved what belongs to this machine or this kernel."""
    if model["type"] == "notebook" and model["content"]["nbformat"] == 4:
        keep_what_lasts(model["content"])


c.FileContentsManager.pre_save_hook = before_saving  # noqa: F821 (c is Jupyter's)
