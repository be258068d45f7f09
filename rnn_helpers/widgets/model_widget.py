"""What all widgets have in common: a choice of models, controls, views, and error messages."""

import ipywidgets as W

from rnn_helpers.checkpoints import load_model
from rnn_helpers.widgets.html import (
    CSS,
    KEEP_KEYS,
    NAME_SLIDERS,
    PICK,
    SPEAK,
    problem_html,
    style_html,
)  # fmt: skip
from rnn_helpers.widgets.texts import PASSAGES, passage_for
from rnn_helpers.widgets.turns import in_turn


class PickWidget(W.VBox):
    """A widget in which one picks something by a click or by keys (see `html.PICK`).

    It defines `pick`. `place_in_page` is a selector for it, and `ready` is a style with `css`
    of its own that makes JupyterLab leave it its keys.
    """

    css = ""

    def __init__(self, children):
        self.picked = W.Text()  # hidden: what was clicked
        self.picked.add_class("rnn-picked")
        self.picked.observe(self.hear, names="value")
        super().__init__([*children, self.picked])
        self.place_in_page = f".rnn-{id(self)}"
        for name in (self.place_in_page[1:], "rnn-keys", "rnn-pick"):
            self.add_class(name)

    def ready(self):
        """Rules and scripts, to be put into the page once."""
        return W.HTML(style_html(CSS + self.css, f"{NAME_SLIDERS};{SPEAK};{KEEP_KEYS};{PICK}"))

    @in_turn
    def hear(self, change):
        """Pass a click or a key on to `pick`: its name, and numbers if there are any."""
        name, *numbers = change["new"].split(" ")[:-1]
        self.pick(name, *map(int, numbers))

    def pick(self, name, *numbers):
        """Do what a click or a key in the views asks for."""


class ModelWidget(PickWidget):
    """Controls above, views below, and between them a line that says what is wrong.

    A widget of this kind has a `name`, may have `css` of its own, and defines `show`, which
    fills the views or raises ValueError, and `pick`, if something in its views can be clicked.
    """

    def __init__(self, models, controls, views):
        self.models, self.views = models_by_name(models), views
        names = list(self.models)
        self.model = W.Dropdown(options=names, description="model", **wide("24em"))
        self.problem = W.HTML()
        for control in (self.model, *controls):
            control.observe(self.refresh, names="value")
        choose = [self.model] if len(names) > 1 else []  # no choice, no control
        super().__init__([*choose, *controls, self.problem, self.ready(), *views])
        self.refresh()

    def show(self, parameters, vocabulary):
        """Fill the views for a model and the controls' values; ValueError says what is wrong."""
        raise NotImplementedError

    @in_turn
    def refresh(self, change=None):
        """Show what the controls ask for, or say what is wrong and leave the last result."""
        chosen = self.models[self.model.value]
        self.changed = change and change["owner"]
        try:
            self.show(chosen.parameters, chosen.vocabulary)
        except ValueError as error:
            self.problem.value = problem_html(error)
            for view in self.views:
                view.add_class("rnn-old")
        else:
            self.problem.value = ""
            for view in self.views:
                view.remove_class("rnn-old")

    def __repr__(self):
        return f"{self.name}: run this cell in JupyterLab to use it."


class TextWidget(ModelWidget):
    """A widget about a text: first a passage, another one for each model of the series.

    The slider `place` chooses a character, counted from 1; `mark` shows what belongs to it.
    """

    def __init__(self, models, text, controls, above, below):
        first = next(iter(models_by_name(models).values()))
        text = passage_for(first.vocabulary) if text is None else text
        self.source = W.Textarea(value=text, description="text", rows=7, **wide("56em"))
        self.row = W.Box(layout=W.Layout(width="100%"))
        self.put_slider(2)
        super().__init__(models, [self.source, *controls], [*above, self.row, *below])

    def put_slider(self, most):
        """A slider over the characters; a new one, as its End key keeps the first maximum."""
        before = self.place.value if self.row.children else 2
        self.place = W.IntSlider(
            value=min(before, most), min=1, max=most, description="character", **wide("56em")
        )
        self.place.observe(self.mark, names="value")
        self.row.children = [self.place]

    def mark(self, change=None):
        """Show what belongs to the character at the slider."""
        raise NotImplementedError

    @in_turn
    def refresh(self, change=None):
        """As for every widget; a passage that was not edited changes with the model."""
        if self.source.value in PASSAGES.values():
            self.source.value = passage_for(self.models[self.model.value].vocabulary)
        super().refresh(change)


class StoredInFull(W.VBox):
    """A widget whose text form, which a notebook stores, is longer than ipywidgets would keep.

    A widget of this kind has a `name`, and `still_twin`, which says on paper what it shows first.
    """

    def still_twin(self):
        """What the widget shows first, as plain text."""
        raise NotImplementedError

    def __repr__(self):
        return f"{self.name}: run this cell in JupyterLab to use it.\n\n{self.still_twin()}"

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": repr(self)}


def models_by_name(models):
    """The models to choose from: those that come with the series, or a reader's own."""
    if models is None:
        return {name: load_model(name) for name in PASSAGES}
    return models if isinstance(models, dict) else {"model": models}


def wide(width):
    """The style of a control that is this wide, with its name on the left."""
    return {
        "style": {"description_width": "7em"},
        "layout": W.Layout(width=width, max_width="100%"),
    }
