"""Live training: a picture that grows while a network learns, and text that it writes."""

import textwrap
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import display

from rnn_helpers.plots import BLUE, GREY, ORANGE, end_label
from rnn_helpers.sampling import sample
from rnn_helpers.training import TrainingInterrupted, TrainState, train, windowed_mean
from rnn_helpers.widgets.texts import check_readable

NARROW = 58  # characters a line, which a page of 900 pixels shows beside the list of files


def live_training(
    parameters, vocabulary, ids, optimizer, steps, rng, *, run=None, prompt=None,
    every=0.5, **how,
):  # fmt: skip
    """Train, and watch the loss and what the network writes.

    Interrupting the kernel ends it after the current step, without an error: the picture and
    a text of that step stay in the notebook. Call it again with ``run=run`` to continue.

    Parameters
    ----------
    parameters, ids, optimizer, steps, rng, run
        As for `train`; `how` is passed on to it (length, clip, clip_by).
    prompt : str, optional
        What the network continues, at temperature 0.5; by default the text's first character.
    every : float
        Seconds between two pictures.

    Returns
    -------
    TrainState

    Raises ValueError, before the first step, if the network cannot read the prompt, and as
    `train` does.
    """
    run = TrainState() if run is None else run
    prompt = vocabulary.decode(np.ravel(ids)[:1]) if prompt is None else prompt
    check_readable(vocabulary, prompt, "prompt")
    sample(parameters, vocabulary, prompt, 0, temperature=0, rng=None)  # raises if it cannot
    goal = run.step + steps
    picture = LossPicture(goal, np.log2(len(vocabulary)))
    last = time.monotonic()

    def write():
        own_rng = np.random.default_rng(0)  # so that the draws of the training stay the same
        return prompt + sample(parameters, vocabulary, prompt, 120, temperature=0.5, rng=own_rng)

    def callback(run):
        nonlocal last
        if time.monotonic() - last > every:
            picture.draw(run, write())
            last = time.monotonic()

    stopped = ""
    try:
        train(
            parameters, ids, optimizer, steps, rng,
            run=run, callback=callback, progress=False, **how,
        )  # fmt: skip
    except TrainingInterrupted:
        stopped = (
            f"Stopped after step {run.step:,} of {goal:,}. To continue, call live_training "
            "again with run=run."
        )
    picture.draw(run)
    lines = [textwrap.fill(line, NARROW) for line in write().split("\n")]
    print(f"After step {run.step:,} it writes:", *lines, sep="\n")
    if stopped:
        print(stopped)
    return run


class LossPicture:
    """The losses of a run, in a picture that is redrawn in its place in the page."""

    def __init__(self, goal, most):
        self.figure, self.axes = plt.subplots(figsize=(7.5, 4), layout="constrained")
        plt.close(self.figure)  # or the page would show it once more at the end
        self.raw = self.axes.plot([], [], color="#c5cad3", linewidth=0.8, linestyle="-")[0]
        self.mean = self.axes.plot([], [], color=BLUE, linestyle="-")[0]
        self.smooth = self.axes.plot([], [], color=ORANGE, linestyle="--")[0]
        self.axes.set(xlim=(0, 1.25 * max(goal, 1)), ylim=(0, 1.25 * most))
        self.axes.set(xlabel="step", ylabel="bits per character")
        self.axes.set_title("Loss of each step (grey), mean of the last 100, smoothed (dashed)")
        self.axes.axhline(most, color=GREY, linewidth=1, linestyle=":")
        self.axes.text(1.25 * goal, most, "uniform guess", va="bottom", ha="right")
        self.words = self.figure.supxlabel(
            "", x=0.02, ha="left", family="monospace", fontsize=9, parse_math=False
        )
        self.labels = []
        self.place = None

    def draw(self, run, words=""):
        """Show the losses so far, and a line or two that the network wrote."""
        if not run.losses:
            return
        steps = np.arange(1, len(run.losses) + 1)
        losses, smoothed = np.divide(run.losses, np.log(2)), np.divide(run.smoothed, np.log(2))
        mean = windowed_mean(losses, 100)
        self.raw.set_data(steps, losses)
        self.mean.set_data(steps, mean)
        self.smooth.set_data(steps, smoothed)
        for label in self.labels:
            label.remove()
        low, high = self.label_heights(mean[-1], smoothed[-1])
        self.labels = [
            end_label(self.axes, run.step, low, f"mean {mean[-1]:.2f}"),
            end_label(self.axes, run.step, high, f"smoothed {smoothed[-1]:.2f}"),
        ]
        self.words.set_text(textwrap.fill(words.replace("\n", "⏎ "), 84))
        self.figure.in_a_hurry = bool(words)  # it still learns; the last picture is a sharp one
        self.show()

    def label_heights(self, mean, smoothed):
        """Where the two labels stand: at the ends of their curves, moved up if they overlap."""
        line = 0.08 * self.axes.get_ylim()[1]  # the height of a line of text
        low = max(min(mean, smoothed), line)  # clear of the axis
        high = max(mean, smoothed, low + line)
        return (low, high) if mean <= smoothed else (high, low)

    def show(self):
        """Put the picture into the page, or its new state into its place there."""
        if get_ipython() is None:  # outside a notebook there is no page
            return
        with warnings.catch_warnings():  # a character that the font lacks
            warnings.simplefilter("ignore", UserWarning)
            if self.place is None:
                self.place = display(self.figure, display_id=True)
            else:
                self.place.update(self.figure)
