"""Rung 5: the network learns (derived in notebook 05)."""

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from tqdm.auto import tqdm

from rnn_helpers.adagrad import clip_gradients
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import cross_entropy

LONG_RUN = 5_000  # from this many steps on, `train` shows a progress bar


def windows(ids, length, *, first=None, start=0):
    """Cut a text into windows that cover all of it, the short last one too.

    Parameters
    ----------
    ids : int array (n,) or (n, B)
        One text, or B texts side by side (see `streams`).
    length : int
        T, the characters in a window.
    first : int, optional
        The length of the first window, 1 to T; T by default. Another one in each sweep
        moves all the cuts.
    start : int
        Where to begin.

    Returns
    -------
    iterator of (inputs, targets), int arrays (T,) or (T, B)
        Views of ids, one step apart.

    Raises ValueError if the text is empty or shorter than a window.
    """
    if length < 1:
        raise ValueError(f"a window needs at least 1 character, not {length}")
    if len(ids) < max(length, 2):
        raise ValueError(
            f"the text has {len(ids)} characters, too few for windows of {length}; "
            "take a longer text (2 characters at least) or a shorter window"
        )
    if first is not None and not 1 <= first <= length:
        raise ValueError(f"the first window must have 1 to {length} characters, not {first}")
    if not 0 <= start < len(ids) - 1:
        raise ValueError(
            f"no window can begin at {start}: this text has {len(ids)} characters. To go on "
            "with a run, use the text it was begun with"
        )
    return _windows(ids, length, length if first is None else first, start)


def _windows(ids, length, first, start):
    end = start + first
    while start < len(ids) - 1:
        end = min(end, len(ids) - 1)
        yield ids[start:end], ids[start + 1 : end + 1]
        start, end = end, end + length


def streams(ids, batch_size):
    """Lay a text (n,) out as B streams side by side: an array (about n / B, B).

    Neighbouring streams may share a few characters, so that none is left out. Raises
    ValueError if there are more streams than the text has characters for.
    """
    if not 1 <= batch_size < len(ids):
        raise ValueError(f"cannot cut {len(ids)} characters into {batch_size} streams")
    rows = -(-(len(ids) - 1) // batch_size) + 1  # rounded up
    starts = np.linspace(0, len(ids) - rows, batch_size).round().astype(int)
    return np.asarray(ids)[starts + np.arange(rows)[:, np.newaxis]]


class SmoothedLoss:
    """A running mean that forgets slowly: value <- decay value + (1 - decay) loss.

    A decay of 0.999 averages over about the last 1,000 losses.
    """

    def __init__(self, start, decay=0.999):
        if not 0 <= decay < 1:
            raise ValueError(f"decay must be at least 0 and below 1, not {decay}")
        self.value = start
        self.decay = decay

    def update(self, loss):
        """Take in one loss and return the new value."""
        self.value = self.decay * self.value + (1 - self.decay) * loss
        return self.value


def windowed_mean(losses, width):
    """The mean of the last `width` losses at each step, (n,) -> (n,); fewer at the start."""
    if width < 1:
        raise ValueError(f"width must be at least 1, not {width}")
    total = np.concatenate([[0.0], np.cumsum(losses)])
    end = np.arange(1, len(total))
    begin = np.maximum(end - width, 0)
    return (total[end] - total[begin]) / (end - begin)


@dataclass
class Run:
    """What a training run knows beside the weights; enough to go on from."""

    step: int = 0  # windows learnt from
    position: int = 0  # where in the text the next window begins
    h: np.ndarray | None = field(default=None, repr=False)  # the hidden state there
    losses: list = field(default_factory=list, repr=False)  # nats per character, one a step
    smoothed: list = field(default_factory=list, repr=False)  # the same, through SmoothedLoss
    interrupted: bool = False  # was the last call to `train` stopped early?


def train(
    parameters, ids, optimizer, steps, rng, *, length=25, clip=5.0, run=None,
    callback=None, progress=None,
):  # fmt: skip
    """Learn a text window by window, in place.

    Each sweep starts from a zero state and a first window of random length, so that
    the text is never cut at the same places twice, and ends with the last character.

    Parameters
    ----------
    parameters : Parameters
        What learns; changed in place.
    ids : int array (n,) or (n, B)
        The text, or B streams of it.
    optimizer : SGD, Adagrad or Adam
        Made with these parameters.
    steps : int
        How many windows to learn from.
    rng : numpy.random.Generator
        Draws the length of each sweep's first window.
    length : int
        T, the characters in a window.
    clip : float or None
        The limit for `clip_gradients`; None leaves gradients as they are.
    run : Run, optional
        Go on from here, exactly where an earlier call stopped. Changed in place: make a
        ``Run()`` beforehand to have it even if the callback fails.
    callback : function, optional
        Called with the run after each step.
    progress : bool, optional
        Show a bar; by default in runs of 5,000 steps or more.

    Returns
    -------
    Run
        Raw and smoothed losses in nats per character, and the place to go on from.

    Interrupting the kernel (or Ctrl+C) ends the run after the step it is in: nothing
    learnt is lost, and `run.interrupted` is True.

    Raises ValueError if the text is shorter than a window, if the run belongs to another
    text, or if the optimizer was made with other parameters.
    """
    run = Run() if run is None else run
    if getattr(optimizer, "parameters", parameters) is not parameters:
        raise ValueError("the optimizer was made with other parameters; make one with these")
    if steps < 0:
        raise ValueError(f"steps must be 0 or more, not {steps}")
    windows(ids, length, start=run.position)  # says at once what cannot be
    keep_freed_memory()
    smooth = SmoothedLoss(run.smoothed[-1] if run.smoothed else np.log(len(parameters.by)))
    goal, run.interrupted = run.step + steps, False
    hide = steps < LONG_RUN if progress is None else not progress
    with held_interrupts() as asked_to_stop, tqdm(total=steps, disable=hide) as bar:
        while run.step < goal and not asked_to_stop():
            if run.position == 0:
                run.h = np.zeros(ids.shape[1:] + parameters.bh.shape, parameters.bh.dtype)
                first = int(rng.integers(1, length + 1))
            else:
                first = length
            for inputs, targets in windows(ids, length, first=first, start=run.position):
                loss, gradients, run.h = loss_and_gradients(parameters, inputs, targets, run.h)
                if clip is not None:
                    clip_gradients(gradients, clip)
                optimizer.step(gradients)
                run.step += 1
                run.position = (run.position + len(inputs)) % (len(ids) - 1)
                run.losses.append(loss / len(inputs))
                run.smoothed.append(smooth.update(run.losses[-1]))
                bar.update()
                if callback is not None:
                    callback(run)
                if run.step == goal or asked_to_stop():
                    break
        run.interrupted = asked_to_stop() and run.step < goal
    return run


def keep_freed_memory():
    """Have memory that arrays give back kept at hand, where the system can do so.

    Linux hands out a large block page by page, which costs more than the arithmetic in it.
    Once a block of this size has come and gone, its C library keeps smaller ones for reuse.
    """
    np.empty(30 * 2**20, np.uint8)


@contextmanager
def held_interrupts():
    """Keep an interrupt until it is asked for; a second one comes through at once."""
    asked = threading.Event()

    def handler(signum, frame):
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set  # only the main thread receives signals
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def bits_per_character(parameters, ids, *, length=1000):
    """What a text (n,) costs the network to read, from a zero state, in bits a character.

    With B streams of it, (n, B), the mean over the streams, and several times as fast (see
    `streams`). Memory does not grow with the text. Raises ValueError for fewer than two
    characters.
    """
    if len(ids) < 2:
        raise ValueError(f"a text of {len(ids)} characters asks no question; 2 are needed")
    keep_freed_memory()
    h, nats = np.zeros(ids.shape[1:] + parameters.bh.shape, parameters.bh.dtype), 0.0
    for inputs, targets in windows(ids, min(length, len(ids))):
        hidden, logits = forward(parameters, inputs, h)
        nats += cross_entropy(logits, targets)
        h = hidden[-1]
    return nats / (len(ids) - 1) / np.log(2)
