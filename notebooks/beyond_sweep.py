"""Many runs at once, for chapter 11: one task of a sweep, and a sweep that can be interrupted."""

import warnings
from contextlib import ExitStack

import numpy as np

from rnn_helpers import adagrad
from rnn_helpers.adam import Adam
from rnn_helpers.corpora import load_text
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.training import train

try:
    from joblib import Memory, Parallel, delayed, parallel_config
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "this needs joblib: `.venv/bin/python -m pip install -r requirements-beyond.txt`, then "
        "restart the kernel"
    ) from None

OPTIMIZERS = {"SGD": adagrad.SGD, "Adagrad": adagrad.Adagrad, "Adam": Adam}


def score(optimizer, rate, seed, steps=300, hidden_size=32):
    """Bits per character of the last 100 windows of a run on the poem, as in chapter 05."""
    ids = Vocabulary.from_text(load_text("poem")).encode(load_text("poem"))
    rng = np.random.default_rng(seed)
    parameters = init_parameters(ids.max() + 1, hidden_size, rng)
    make = OPTIMIZERS[optimizer]
    run = train(parameters, ids, make(parameters, rate), steps, rng, clip_by="norm")
    return float(np.mean(run.losses[-100:]) / np.log(2))


def sweep(tasks, folder, workers=2, scheduler=None, callback=None):
    """The scores of all tasks, in their order; what is finished is kept in the folder.

    A sweep that was interrupted, and is called again, computes only what is missing.

    Parameters
    ----------
    tasks : list of tuples
        Arguments of `score`.
    folder : str or Path
        For the results; with Dask, one that all its workers can reach.
    workers : int
        Processes on this machine.
    scheduler : str, optional
        The address of a Dask scheduler, "tcp://...:8786": its workers then do the tasks.
    callback : function, optional
        Called with a task, its score, and whether the score was kept from before, in the order
        of the tasks, when it is there.
    """
    kept = Memory(folder, verbose=0).cache(score)
    before = [kept.check_call_in_cache(*task) for task in tasks]
    scores = []
    with ExitStack() as stack:
        if scheduler:
            from dask.distributed import Client

            stack.enter_context(Client(scheduler))
            stack.enter_context(parallel_config(backend="dask"))
            workers = -1  # all that the scheduler has
        found = Parallel(workers, return_as="generator")(delayed(kept)(*task) for task in tasks)
        stack.callback(close, found)  # nothing works on after an interrupt
        for task, was_kept, bits in zip(tasks, before, found):
            scores.append(bits)
            if callback is not None:
                callback(task, bits, was_kept)
    return scores


def close(found):
    """End what still runs; joblib warns that it cancels tasks, which is what was asked for."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\d+ tasks (which were|have been)")
        found.close()
