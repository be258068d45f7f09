"""How a notebook shows a figure: sharp on an enlarged page, and with an alternative text."""

from matplotlib import get_backend
from matplotlib.figure import Figure

from rnn_helpers._fingerprint import alt_text, describe


def sharpen_figures():
    """Make a notebook show and store every figure as `sharp_png` does; elsewhere do nothing."""
    if "inline" not in get_backend():
        return
    from IPython import get_ipython
    from matplotlib_inline import backend_inline  # noqa: F401 (brings a way that ours replaces)

    if get_ipython() is not None:  # a process that a notebook started has no page
        get_ipython().display_formatter.formatters["image/png"].for_type(Figure, sharp_png)


def sharp_png(figure):
    """A figure as PNG, in base64, and what the page has to know about it.

    The picture has twice as many pixels each way as it takes on the page, so that it stays
    sharp at 150 % and on a fine screen. Width and height on the page are in pixels of CSS.
    A figure with a true attribute `in_a_hurry`, which will be drawn again at once, gets one pixel
    for one, in half the time.
    """
    from IPython.core.pylabtools import print_figure, retina_figure

    alt = {"alt": alt_text(describe(figure))}
    if getattr(figure, "in_a_hurry", False):
        return print_figure(figure, base64=True, bbox_inches="tight"), alt
    data, size = retina_figure(figure, base64=True, bbox_inches="tight")
    return data, size | alt
