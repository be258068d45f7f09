"""Chromium, where it is installed: paper, pictures of pages, and requests that leave."""

import contextlib
import importlib.util
import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
FILES = ("file:", "data:", "blob:", "about:")  # what needs no network


def found():
    """Where Chromium is; None if it or Playwright is missing."""
    if importlib.util.find_spec("playwright") is None:
        return None
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def offline_page(**options):
    """A page of Chromium that reaches files only; yields it and a list of what it asked for.

    Each request for anything but a file is refused and put into the list.
    """
    from playwright.sync_api import sync_playwright

    asked = []

    def answer(route):
        if route.request.url.startswith(FILES):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=FLAGS)
        page = browser.new_page(**options)
        page.route("**/*", answer)
        yield page, asked
        browser.close()


def open_ready(page, path):
    """Open a page of the kit, and wait until its formulas are drawn."""
    page.goto(path.resolve().as_uri())
    page.wait_for_selector("body[data-ready]", timeout=120_000, state="attached")


def printed(paths):
    """Print pages of HTML to PDF beside them; returns the PDFs, none without Chromium."""
    if not found():
        print("Chromium or Playwright is missing: no PDF was printed; print the pages by hand")
        return []
    written = []
    with offline_page() as (page, asked):
        for path in paths:
            open_ready(page, path)
            page.pdf(
                path=path.with_suffix(".pdf"), format="A4", prefer_css_page_size=False,
                margin={"top": "16mm", "bottom": "18mm", "left": "16mm", "right": "16mm"},
                display_header_footer=True, header_template="<span></span>",
                footer_template=FOOTER, print_background=True,
            )  # fmt: skip
            written.append(path.with_suffix(".pdf"))
    if asked:
        raise RuntimeError(f"these pages asked for {asked}; they must work without a network")
    return written


FOOTER = (
    '<div style="font-size:8px;width:100%;text-align:center;color:#565d68">'
    '<span class="title"></span> · <span class="pageNumber"></span>/'
    '<span class="totalPages"></span></div>'
)
