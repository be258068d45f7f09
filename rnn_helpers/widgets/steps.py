"""Step through backpropagation: the unrolled network, one line of code at a time."""

import ipywidgets as W

from rnn_helpers.backward_steps import SIZES, SLIPS, small_setting, walk
from rnn_helpers.widgets import steps_picture as show
from rnn_helpers.widgets.html import KEEP_KEYS, NAME_SLIDERS, problem_html, style_html
from rnn_helpers.widgets.model_widget import StoredInFull, wide
from rnn_helpers.widgets.turns import in_turn

NO_BUG = "none"
# ipywidgets gives no attribute for it: the words of a step are read out by screen readers.
SPEAK = (
    "for (const wait of [100, 500, 2000]) setTimeout(() => "
    "document.querySelectorAll('.rnn-now').forEach(e => e.setAttribute('role', 'status')), "
    "wait)"
)


def step_through(text="hello", *, neurons=1, seed=1, bug=None):
    """Step forward and back through a small network, and see every number arrive.

    Parameters
    ----------
    text : str
        Three to six characters.
    neurons : int
        1 or 3.
    seed : int
        Other seeds give other weights.
    bug : str, optional
        "dhnext left out", "transpose forgotten", "slope left out" or "= in place of +=".
    """
    return StepThrough(text, neurons, seed, bug)


class StepThrough(StoredInFull):
    """Choices, two buttons and a slider; below, the step in words, the picture and the boxes."""

    name = "Step through backpropagation"

    def __init__(self, text, neurons, seed, bug):
        small_setting(text, neurons, seed)  # wrong arguments are refused here
        if bug is not None and bug not in SLIPS:
            raise ValueError(f"no bug is called {bug!r}; there are: {', '.join(SLIPS)}")
        self.setting, self.place = None, f".rnn-{id(self)}"
        self.source = W.Text(value=text, description="text", **wide("18em"))
        self.neurons = W.Dropdown(
            options=SIZES, value=neurons, description="neurons", **wide("13em")
        )
        self.seed = W.BoundedIntText(
            value=seed, min=0, max=9999, description="weights no.", **wide("15em")
        )
        self.bug = W.Dropdown(
            options=[NO_BUG, *SLIPS], value=bug or NO_BUG, description="bug", **wide("23em")
        )
        self.back = W.Button(description="◀ step back", tooltip="One line of code back")
        self.forth = W.Button(description="step ▶", tooltip="One line of code on")
        self.back.on_click(lambda _: self.go(-1))
        self.forth.on_click(lambda _: self.go(1))
        self.row, self.step = W.Box(layout=W.Layout(flex="1 1 24em")), None
        self.problem, self.now, self.picture, self.boxes, self.weights = (
            W.HTML() for _ in range(5)
        )
        self.views = [self.now, self.picture, self.boxes, self.weights]
        for view in self.views:
            view.add_class("rnn-steps")
        self.now.add_class("rnn-now")
        for control in (self.source, self.neurons, self.seed, self.bug):
            control.observe(self.refresh, names="value")
        style = W.HTML(style_html(show.CSS, f"{NAME_SLIDERS};{SPEAK};{KEEP_KEYS}"))
        choices = wrapped([self.source, self.neurons, self.seed, self.bug])
        steps = wrapped([self.back, self.forth, self.row])
        super().__init__([choices, steps, self.problem, style, *self.views])
        self.add_class("rnn-keys")
        self.add_class(self.place[1:])
        self.refresh()

    @in_turn
    def refresh(self, change=None):
        """Walk through the network anew, or say what is wrong and leave the last result."""
        slip = None if self.bug.value == NO_BUG else self.bug.value
        try:
            setting = small_setting(self.source.value, self.neurons.value, self.seed.value)
        except ValueError as error:
            self.problem.value = problem_html(error)
            for view in self.views:
                view.add_class("rnn-old")
            return
        self.problem.value = ""
        for view in self.views:
            view.remove_class("rnn-old")
        self.setting, self.slip = setting, slip
        self.right, self.moments = walk(setting), walk(setting, slip)
        self.weights.value = show.weights_html(setting)
        self.put_slider(len(self.moments) - 1)
        self.draw()

    def put_slider(self, last):
        """A slider over the steps; a new one, as its End key keeps the first maximum."""
        if self.step is not None and self.step.max == last:
            return
        before = self.step.value if self.step else 0
        self.step = W.IntSlider(
            value=min(before, last), min=0, max=last, description="step", **wide("26em")
        )
        self.step.observe(self.draw, names="value")
        self.row.children = [self.step]

    @in_turn
    def go(self, by):
        """One step on or back; at the ends nothing happens."""
        self.step.value = min(max(self.step.value + by, 0), self.step.max)

    @in_turn
    def draw(self, change=None):
        """Show the step at the slider."""
        k = self.step.value
        moment, right = self.moments[k], self.right[k]
        self.now.value = show.now_html(self.setting, self.moments, k, self.slip)
        self.picture.value = show.Picture(self.setting, moment, right).html(self.place)
        self.boxes.value = show.boxes_html(self.setting, moment, right, self.slip)

    def still_twin(self):
        """One neuron reads “hello”."""
        setting = small_setting("hello", 1, 1)
        return show.still_text(setting, walk(setting))


def wrapped(controls):
    """Controls side by side, in several lines where the page is narrow."""
    return W.HBox(controls, layout=W.Layout(flex_flow="row wrap"))
