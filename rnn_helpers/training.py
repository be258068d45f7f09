"""Rung 5: the network learns (derived in notebook 05)."""

import zlib
from dataclasses import dataclass, field

import numpy as np
from tqdm.auto import tqdm

from rnn_helpers._checks import below_one, generator, whole_number
from rnn_helpers._system import defer_interrupts, reuse_freed_memory
from rnn_helpers.adagrad import clip_gradients
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.cells import zero_state
from rnn_helpers.encoding import check_ids, check_length, streams, windows
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import cross_entropy

__all__ = [
    "SmoothedLoss", "TrainState", "TrainingInterrupted", "bits_per_character", "streams",
    "train", "windowed_mean", "windows",
]  # fmt: skip

LONG_RUN = 5_000  # from this many steps on, `train` shows a progress bar


class SmoothedLoss:
    """A running mean that forgets slowly: value <- decay value + (1 - decay) loss.

    A decay of 0.999 averages over about the last 1,000 losses.
    """

    def __init__(self, start, decay=0.999):
        self.value = start
        self.decay = below_one("decay", decay)

    def update(self, loss):
        """Take in one loss and return the new value."""
        self.value = self.decay * self.value + (1 - self.decay) * loss
        return self.value


def windowed_mean(losses, width):
    """The mean of the last `width` losses at each step, (n,) -> (n,); fewer at the start.

    It is NaN where one of these losses is NaN or infinite, and only there.
    """
    whole_number("width", width, 1)
    finite = np.isfinite(losses)
    end = np.arange(1, len(finite) + 1)
    begin = np.maximum(end - width, 0)

    def sum_of_last(values):
        total = np.concatenate([[0.0], np.cumsum(values)])
        return total[end] - total[begin]

    mean = sum_of_last(np.where(finite, losses, 0)) / (end - begin)
    return np.where(sum_of_last(~finite) > 0, np.nan, mean)


@dataclass
class TrainState:
    """How far a training run has come, beside the weights; enough to continue it exactly."""

    step: int = 0  # windows learnt from
    position: int = 0  # where in the text the next window begins
    h: np.ndarray | None = field(default=None, repr=False)  # the hidden state there
    losses: list = field(default_factory=list, repr=False)  # nats per character, one a step
    smoothed: list = field(default_factory=list, repr=False)  # the same, through SmoothedLoss
    text: int | None = field(default=None, repr=False)  # a checksum of the text it learns


class TrainingInterrupted(KeyboardInterrupt):
    """Training was interrupted between two steps; `run` is its `TrainState`."""

    def __init__(self, run, steps_left):
        super().__init__(
            f"stopped after step {run.step:,}, {steps_left:,} before the end. Nothing learnt is "
            "lost: the parameters are those of that step, and train(..., run=run) continues with "
            "the run that you passed in, or with the attribute `run` of this error"
        )
        self.run = run


def train(
    parameters, ids, optimizer, steps, rng, *, length=25, clip=5.0, clip_by="value", run=None,
    callback=None, progress=None,
):  # fmt: skip
    """Learn a text window by window, in place.

    Each epoch starts from a zero state and with a first window of random length, so that
    the text is never cut at the same places twice, and ends with the last character.

    Parameters
    ----------
    parameters : Parameters
        The network; changed in place.
    ids : int array (n,) or (n, B)
        The text, or B streams of it.
    optimizer : SGD, Adagrad or Adam
        Made with these parameters.
    steps : int
        How many windows to learn from.
    rng : numpy.random.Generator
        Draws the length of each epoch's first window.
    length : int
        T, the number of characters in a window.
    clip : float or None
        The limit for `clip_gradients`; None leaves gradients as they are.
    clip_by : "value" or "norm"
        See `clip_gradients`.
    run : TrainState, optional
        Continue this run exactly where it stopped. Changed in place: pass in a new
        ``TrainState()`` to have it even if training is interrupted.
    callback : function, optional
        Called with the run after each step.
    progress : bool, optional
        Show a progress bar; by default if there are 5,000 steps or more.

    Returns
    -------
    TrainState
        Raw and smoothed losses in nats per character, and where to continue.

    Interrupting the kernel (or Ctrl+C) raises `TrainingInterrupted`, a KeyboardInterrupt, when
    the current step is finished: parameters, optimizer and run are those of a whole step.

    Raises ValueError or TypeError, before the first step, if the arguments do not fit together:
    a text that is shorter than a window, a run of another text, other parameters.
    """
    run = TrainState() if run is None else run
    ids = _check(parameters, ids, optimizer, steps, rng, length, run)
    smooth = SmoothedLoss(run.smoothed[-1] if run.smoothed else np.log(len(parameters.by)))
    goal = run.step + steps
    hide = steps < LONG_RUN if progress is None else not progress
    reuse_freed_memory()
    with tqdm(total=steps, disable=hide) as bar, defer_interrupts() as interrupted:
        while run.step < goal:
            T = length
            if run.position == 0:  # a new epoch
                run.h, T = zero_state(parameters, ids.shape[1:]), int(rng.integers(1, T + 1))
            end = min(run.position + T, len(ids) - 1)
            inputs, targets = ids[run.position : end], ids[run.position + 1 : end + 1]
            loss, gradients, run.h = loss_and_gradients(parameters, inputs, targets, run.h)
            if clip is not None:
                clip_gradients(gradients, clip, clip_by)
            optimizer.step(gradients)
            run.step += 1
            run.position = end % (len(ids) - 1)  # 0 again after the last target
            run.losses.append(loss / len(inputs))
            run.smoothed.append(smooth.update(run.losses[-1]))
            bar.update()
            if callback is not None:
                callback(run)
            if interrupted():
                raise TrainingInterrupted(run, goal - run.step)
    return run


def _check(parameters, ids, optimizer, steps, rng, length, run):
    """The ids as an array; ValueError or TypeError if training with these cannot begin."""
    if getattr(optimizer, "parameters", parameters) is not parameters:
        raise ValueError("the optimizer was made with other parameters; make one with these")
    whole_number("steps", steps, 0)
    generator(rng)
    ids = check_ids(ids, len(parameters.by))
    if ids.ndim not in (1, 2):
        raise ValueError(f"ids must have the shape (n,) or (n, B), not {ids.shape}")
    check_length(ids, length)
    text = zlib.crc32(np.ascontiguousarray(ids, "<i8"), ids.shape[-1])
    if run.text not in (None, text):
        raise ValueError(
            "this run belongs to another text: pass the ids that it was begun with, or begin a "
            "new run"
        )
    run.text = text
    return ids


def bits_per_character(parameters, ids, *, length=1000):
    """What a text (n,) costs the network to read, from a zero state, in bits per character.

    For B streams, (n, B), the mean over the streams, which is several times as fast (see
    `streams`). Memory does not grow with the text. Raises ValueError for fewer than two
    characters.
    """
    if len(ids) < 2:
        raise ValueError(f"need at least two characters to compute a loss, got {len(ids)}")
    reuse_freed_memory()
    h, nats = zero_state(parameters, ids.shape[1:]), 0.0
    for inputs, targets in windows(ids, min(length, len(ids))):
        hidden, logits = forward(parameters, inputs, h)
        nats += cross_entropy(logits, targets)
        h = hidden[-1]
    return nats / (len(ids) - 1) / np.log(2)
