"""What of a notebook is worth storing: nothing that belongs to one machine or one kernel.

Used by `make notebooks`, and by `make lab` whenever a notebook is saved.
"""

WIDGET = "application/vnd.jupyter.widget-view+json"
STILL = "widget"  # marks, in its metadata, an output whose text stands in for a widget


def keep_what_lasts(notebook):
    """Change a notebook, given as dictionaries, in place.

    A widget is stored by JupyterLab as the number of an object that is gone when the kernel has
    stopped ("Error displaying widget: model not found"). Without that number the page shows the
    text that is stored for readers without a kernel.
    """
    notebook["metadata"].pop("widgets", None)
    if "language_info" in notebook["metadata"]:
        notebook["metadata"]["language_info"] = {"name": "python"}
    for cell in notebook["cells"]:
        if "outputs_hidden" in cell["metadata"].get("jupyter", {}):
            cell["metadata"].pop("collapsed", None)  # an older name of the same
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if WIDGET in data and len(data) > 1:
                del data[WIDGET]
                output.setdefault("metadata", {})[STILL] = True


def is_widget(output):
    """Whether an output is a widget, or the text that stands in for one."""
    return WIDGET in output.get("data", {}) or output.get("metadata", {}).get(STILL, False)
