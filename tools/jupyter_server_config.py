"""How `make lab` saves a notebook: its file changes only where the reader changed something.

JupyterLab writes the version of Python into each notebook that it opens, and stores a widget as
the number of an object that is gone when the kernel has stopped ("Error displaying widget: model
not found"). Without that number the page shows what is stored for readers without a kernel.
"""

WIDGET = "application/vnd.jupyter.widget-view+json"


def keep_what_lasts(model, **_):
    """Drop from a notebook that is being saved what belongs to this machine or this kernel."""
    if model["type"] != "notebook" or model["content"]["nbformat"] != 4:
        return
    notebook = model["content"]
    notebook["metadata"].pop("widgets", None)
    if "language_info" in notebook["metadata"]:
        notebook["metadata"]["language_info"] = {"name": "python"}
    for cell in notebook["cells"]:
        if "outputs_hidden" in cell["metadata"].get("jupyter", {}):
            cell["metadata"].pop("collapsed", None)  # an older name of the same
        for output in cell.get("outputs", []):
            if len(output.get("data", {})) > 1:
                output["data"].pop(WIDGET, None)


c.FileContentsManager.pre_save_hook = keep_what_lasts  # noqa: F821 (c is Jupyter's)
