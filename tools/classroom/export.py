"""Pages of HTML from notebooks, by nbconvert: everything inside, but for the libraries beside."""

import os
import re
from copy import deepcopy

from nbconvert import HTMLExporter, SlidesExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from traitlets.config import Config

from classroom import ROOT

TEMPLATES = ROOT / "tools" / "classroom" / "templates"
EXPORTERS = {"slides": SlidesExporter, "handout": HTMLExporter}


def page(notebook, out, template, path, libraries):
    """Write a notebook as a page of HTML.

    `path` is where the notebook would be: its pictures are looked for from there, and are
    written into the page. Links to other chapters lead to their pages.
    """
    if not (libraries / "mathjax").is_dir():
        raise FileNotFoundError(
            f"{libraries} does not hold MathJax and reveal.js yet; run `make classroom-setup` once"
        )
    config = Config()
    config.TemplateExporter.extra_template_basedirs = [str(TEMPLATES)]
    config.TemplateExporter.extra_template_paths = [str(TEMPLATES)]
    config.TemplateExporter.exclude_input_prompt = True
    config.TemplateExporter.exclude_output_prompt = True
    config.HTMLExporter.embed_images = True
    config.CSSHTMLHeaderPreprocessor.style = "default"
    exporter: TemplateExporter = EXPORTERS[template](config=config, template_name=template)
    title = notebook.metadata.get("title", path.stem)
    notebook = deepcopy(notebook)
    for cell in notebook.cells:  # nbconvert takes pictures from below its folder only
        cell.source = cell.source.replace("](../images/", "](images/")
    resources = {
        "metadata": {"name": title, "path": str(path.parent.parent)},
        "libraries": os.path.relpath(libraries, out.parent).replace(os.sep, "/"),
    }
    html, _ = exporter.from_notebook_node(notebook, resources)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(linked(html), encoding="utf-8", newline="\n")


def linked(html):
    """A page whose links lead to the pages of other chapters, or are no links any more."""
    html = re.sub(r'href="([0-9a-z_]+)\.ipynb"', r'href="\1.html"', html)
    return re.sub(r'<a href="\.\./(?!notebooks)[^"]*">(.*?)</a>', r"\1", html, flags=re.DOTALL)
