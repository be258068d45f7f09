"""Which exercises are solved: a small file in the user's data folder, and nowhere else.

The environment variable `RNN_PROGRESS_DIR` names another folder.
"""

import json
import os
from pathlib import Path

from rnn_helpers import _files

FOLDER = "RNN_PROGRESS_DIR"
NAME = "progress.json"


def path():
    """Where the file is, or will be."""
    if os.environ.get(FOLDER):
        return Path(os.environ[FOLDER]) / NAME
    import platformdirs  # used here alone

    return platformdirs.user_data_path("rnn_helpers", appauthor=False) / NAME


def read():
    """The numbers of the solved exercises, a set, and a message if the file is damaged.

    A damaged file is put aside under another name, so that nothing is lost and a new one can
    be begun.
    """
    file = path()
    try:
        solved = json.loads(file.read_text(encoding="utf-8"))["solved"]
        if not isinstance(solved, list) or not all(isinstance(n, str) for n in solved):
            raise TypeError
        return set(solved), None
    except FileNotFoundError:
        return set(), None
    except (ValueError, KeyError, TypeError, RecursionError):  # also what is not UTF-8
        aside = next(
            name
            for n in range(1, 10_000)
            if not (name := file.with_name(f"progress-damaged-{n}.json")).exists()
        )
        file.replace(aside)
        return set(), (
            f"The list of your solved exercises, {file}, was damaged and is now called "
            f"{aside.name}. A new list begins."
        )


def add(number):
    """Note that an exercise is solved; return a message for the reader, or None.

    Whatever goes wrong with the file (a full disk, a folder that may not be written to) is said in
    the message.
    """
    try:
        solved, message = read()
        if number not in solved:
            file = path()
            file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"solved": sorted(solved | {number})}, indent=1)
            _files.replace(file, f"{text}\n".encode())
        return message
    except (OSError, ImportError) as error:
        return f"(That it is solved could not be noted: {error}.)"
