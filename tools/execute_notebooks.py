"""Run every chapter from top to bottom and store its outputs in place: `make notebooks`.

What would change from run to run or machine to machine is not stored: time stamps,
widget state, progress bars, the version of Python.
"""

import base64
import hashlib
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from what_lasts import WIDGET, keep_what_lasts

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def execute(path):
    """Run one chapter and write it back with its new outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", record_timing=False,
        store_widget_state=False, resources={"metadata": {"path": str(path.parent)}},
    )  # fmt: skip
    client.execute()
    notebook.metadata["kernelspec"] = KERNEL
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = joined([o for o in cell.outputs if not is_progress_bar(o)])
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output.metadata["image/png"] = about_picture(output.data)
    keep_what_lasts(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def joined(outputs):
    """The outputs of a cell, with what it printed in several pieces as one."""
    result = []
    for output in outputs:
        if result and output.get("name") and output.get("name") == result[-1].get("name"):
            result[-1]["text"] += output["text"]
        else:
            result.append(output)
    return result


def is_progress_bar(output):
    """Whether an output is a progress bar, whose text changes from run to run."""
    data = output.get("data", {})
    return WIDGET in data and "%|" in data.get("text/plain", "")


def about_picture(data):
    """What is stored with a picture: an alt text, and a seal on the picture and its text form.

    The text form says what was drawn (see `rnn_helpers._fingerprint`), and is compared on every
    run. With the seal, the picture cannot be exchanged for another that does not belong to it.
    """
    text, picture = data["text/plain"], base64.b64decode(data["image/png"])
    seal = hashlib.sha256(picture + text.encode("utf-8")).hexdigest()
    return {"alt": alt_text(text), "sha256": seal}


def alt_text(text):
    """The words in a figure, taken from its text form."""
    words = []
    for line in text.splitlines():
        kind, _, rest = line.partition(": ")
        if kind == "axes":
            words += [part for part in rest.split(" | ") if part not in ("", "x: ", "y: ")]
        elif kind in ("x ticks", "y ticks", "legend", "text"):
            words.append(rest.partition(" | at ")[0])
    return "; ".join(words)


if __name__ == "__main__":
    for path in [Path(p) for p in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        print(path.name, flush=True)
        execute(path)
