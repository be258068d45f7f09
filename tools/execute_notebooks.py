"""Run every chapter from top to bottom and store its outputs in place: `make notebooks`.

What would change from run to run or machine to machine is not stored: time stamps,
widget state, progress bars, the version of Python.
"""

import base64
import hashlib
import io
import itertools
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from PIL import Image
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
                    output.data["image/png"] = in_few_colours(output.data["image/png"])
                    output.metadata.setdefault("image/png", {})["sha256"] = seal(output.data)
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


def in_few_colours(data, colours=252, radius=20):
    """A picture in base64, as a card with round corners, in so few colours that it is small.

    Nobody sees the difference: the colours are chosen for the picture, and lines and letters
    need only a few. The corners are cut off by transparent pixels, so that in a dark theme the
    picture lies on the page as a card.
    """
    picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    picture = picture.quantize(colours, dither=Image.Dither.NONE)
    pixels = np.array(picture)
    ground = pixels[2 * radius, 0]
    y, x = np.mgrid[:radius, :radius] + 0.5
    inside = np.clip(radius + 0.5 - np.hypot(radius - x, radius - y), 0, 1)
    for down, right in itertools.product((1, -1), (1, -1)):
        corner = pixels[::down, ::right][:radius, :radius]
        corner[inside < 1] = colours + (4 * inside[inside < 1]).astype(int)
    palette = np.zeros((256, 3), np.uint8)
    chosen = np.reshape(picture.getpalette(), (-1, 3))[:colours]
    palette[: len(chosen)], palette[colours:] = chosen, chosen[ground]
    card = Image.frombytes("P", picture.size, pixels.tobytes())
    card.putpalette(palette.tobytes())
    file = io.BytesIO()
    card.save(file, "PNG", optimize=True, transparency=b"\xff" * colours + b"\x00\x40\x80\xc0")
    return base64.b64encode(file.getvalue()).decode("ascii")


def seal(data):
    """A seal on a picture and its text form, stored with them.

    The text form says what was drawn (see `rnn_helpers._fingerprint`), and is compared on every
    run. With the seal, the picture cannot be exchanged for another that does not belong to it.
    """
    picture, text = base64.b64decode(data["image/png"]), data["text/plain"]
    return hashlib.sha256(picture + text.encode("utf-8")).hexdigest()


if __name__ == "__main__":
    for path in [Path(p) for p in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        print(path.name, flush=True)
        execute(path)
