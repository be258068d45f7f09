"""Look inside: one unit of the hidden state along a text."""

import ipywidgets as W
import numpy as np

from rnn_helpers.probing import FEATURES, unit_correlations
from rnn_helpers.reading import trace
from rnn_helpers.widgets.html import page_html, runs_html
from rnn_helpers.widgets.model_widget import TextWidget, wide
from rnn_helpers.widgets.texts import check_readable

KEY = (
    "<div class='rnn-key'>After this character the unit is "
    "<span class='rnn-unit2'>above 0.75</span> <span class='rnn-unit1'>above 0.25</span> "
    "near 0 <span class='rnn-unit-1'>below -0.25</span> "
    "<span class='rnn-unit-2'>below -0.75</span></div>"
)


def look_inside(models=None, *, text=None):
    """Choose a hidden unit and see where it is high and low along a text.

    The units are sorted by how strongly they follow a feature of the text: the correlation
    over this text, from -1 to 1.

    Parameters
    ----------
    models : Checkpoint, or dict of them by name, optional
        By default those that come with the series.
    text : str, optional
        At most 10,000 characters; by default a passage that the model can read.
    """
    return LookInside(models, text)


class LookInside(TextWidget):
    """A choice of feature and unit, and the text with that unit's values marked."""

    name = "Look inside"
    # Line and side say the same as the colour, in light and in dark pages.
    css = """
.rnn-unit1 {background: #fbdcc6; border-top: 1px solid #d55e00}
.rnn-unit2 {background: #f2b48c; border-top: 3px solid #d55e00}
.rnn-unit-1 {background: #d6e8f5; border-bottom: 1px solid #0072b2}
.rnn-unit-2 {background: #9fcbe8; border-bottom: 3px solid #0072b2}
"""

    def __init__(self, models, text):
        self.feature = W.Dropdown(options=list(FEATURES), description="follows", **wide("24em"))
        self.unit = W.Dropdown(description="unit", **wide("24em"))
        self.light = W.HTML()
        self.unit.observe(self.light_up, names="value")
        views = [self.unit, self.light, W.HTML(KEY)]
        super().__init__(models, text, [self.feature], views)

    def show(self, parameters, vocabulary):
        """Let the model read the text, and sort its units."""
        text, feature = self.source.value, self.feature.value
        check_readable(vocabulary, text)
        reading = trace(parameters, vocabulary, text)
        if len(set(map(bool, FEATURES[feature](text)))) == 1:
            raise ValueError(
                f"no unit can follow “{feature}” in this text: it is true of every character, "
                "or of none"
            )
        self.reading = reading
        follows = unit_correlations(reading.hidden, text)[feature]
        order = np.argsort(-np.abs(follows), kind="stable")
        # Whoever changes the text goes on looking at the same unit.
        stays = self.changed is self.source and self.unit.value in order
        unit = self.unit.value if stays else int(order[0])
        self.unit.options = [(f"unit {i}: {follows[i]:+.2f}", int(i)) for i in order]
        self.unit.value = unit
        self.light_up()  # also where the same unit comes first again

    def light_up(self, change=None):
        """Show the chosen unit along the text."""
        if self.unit.value is not None:
            self.light.value = unit_html(
                self.reading.text, self.reading.hidden[:, self.unit.value]
            )


def unit_html(text, values):
    """A text with one unit marked: a line above where it is high, below where it is low."""
    marks = ["rnn-unit-2", "rnn-unit-1", "", "rnn-unit1", "rnn-unit2"]
    classes = [marks[i] for i in np.digitize(values, [-0.75, -0.25, 0.25, 0.75])]
    return page_html(runs_html(text, classes))
