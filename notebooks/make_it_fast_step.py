"""One training step, timed in a Python of its own: what chapter 08 runs to compare settings.

    python make_it_fast_step.py 1 32 128             batches of 1, 32 and 128 windows
    python make_it_fast_step.py 1 32 128 --reuse     with memory that is reused

prints a JSON list for each: processor seconds, seconds on the clock, page faults, all per step.
"""

import json
import os
import subprocess
import sys
from statistics import median
from time import perf_counter, process_time

import numpy as np

from rnn_helpers._system import reuse_freed_memory
from rnn_helpers.adagrad import Adagrad, clip_gradients
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.cells import zero_state
from rnn_helpers.forward_pass import init_parameters

try:
    from resource import RUSAGE_SELF, getrusage
except ImportError:  # Windows does not count them
    getrusage = None


def batch_of(B, V=95, H=128, T=25):
    """A float32 network, and a batch of B windows of random characters."""
    rng = np.random.default_rng(B)
    parameters = init_parameters(V, H, rng, scale=0.1, dtype=np.float32)
    inputs, targets = rng.integers(0, V, (2, T, B))
    return parameters, inputs, targets, zero_state(parameters, (B,))


def page_faults():
    """How many pages of memory this process had to be given so far; 0 where nobody counts."""
    return getrusage(RUSAGE_SELF).ru_minflt if getrusage else 0


def measure(B, rounds=5, each=0.03):
    """Processor seconds, seconds on the clock, and page faults of one training step."""
    setting = batch_of(B)
    optimizer = Adagrad(setting[0])

    def step():
        optimizer.step(clip_gradients(loss_and_gradients(*setting)[1]))

    results = []
    for _ in range(rounds + 1):
        count, begin = 0, (process_time(), perf_counter(), page_faults())
        while perf_counter() - begin[1] < each:
            step()
            count += 1
        end = process_time(), perf_counter(), page_faults()
        results.append([(after - before) / count for before, after in zip(begin, end)])
    return [median(values) for values in zip(*results[1:])]  # the first round warms up


def fresh_python(*arguments, threads=1):
    """Run this program in a Python of its own, with so many threads.

    Returns an array (3, batches): processor seconds, seconds on the clock, and page faults.
    """
    names = "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"
    said = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)],
        env=os.environ | {name: str(threads) for name in names},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return np.array(json.loads(said.stdout)).T


def largest_errors(arrays, exact):
    """The largest error of each array, divided by the largest entry of the exact array."""
    return {
        name: float(np.abs(array - right).max() / np.abs(right).max())
        for name, array, right in zip(exact._fields, arrays, exact)
    }


def print_agreement(errors, digits):
    """Print which arrays agree to so many digits, given their `largest_errors`."""
    for name, error in errors.items():
        said = "agrees to" if error < 10.0**-digits else "differs within"
        print(f"{name:3} {said} {digits} digits of its largest entry")


if __name__ == "__main__":
    *sizes, last = sys.argv[1:]
    if last == "--reuse":
        reuse_freed_memory()
    else:
        sizes.append(last)
    print(json.dumps([measure(int(B)) for B in sizes]))
