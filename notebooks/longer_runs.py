"""The races of chapter 10, which take too long to run while you read: `make longer`.

Each run learns a language of `rnn_helpers.languages` in which a letter or a bracket has to be
kept, and notes on the way what it pays for it on a text that it has not seen. The runs are
written to data/longer.json, which the chapter reads, and what a step of each rival costs to
data/longer_times.json. All take about half an hour; the command can be interrupted and continues
where it was; delete a file to begin again.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from how_low_runs import (
    by_distance,
    continue_runs,
    excess,
    init_orthogonal,
    price_of_far_letters,
    unseen,
)

from rnn_helpers.adam import Adam
from rnn_helpers.encoding import Vocabulary, streams
from rnn_helpers.exercises.gru import init_gru
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.languages import BRACKETS, EMBEDDED_REBER
from rnn_helpers.lstm import init_lstm
from rnn_helpers.training import train

RESULTS = Path(__file__).parent.parent / "data" / "longer.json"
TIMES = RESULTS.with_name("longer_times.json")
SEEDS = range(5)
MARKS = (500, 1000, 1500, 2000, 3000, 4000, 5000, 6000)  # the steps at which the price is noted

# By name: what makes the network, and its hidden size. All have nearly as many weights.
RIVALS = {
    "tanh": (init_parameters, 32),
    "tanh, orthogonal": (init_orthogonal, 32),
    "GRU": (init_gru, 18),
    "LSTM": (init_lstm, 16),
}

# By name: the language, the rival, and what `learn` is told besides.
RUNS = {
    **{
        f"embedded {p:g}, {rival}": (EMBEDDED_REBER(p), rival, {"steps": steps, "window": window})
        for p, steps, window in ((0.97, 6000, 100), (0.9, 6000, 50), (0.5, 2000, 50))
        for rival in RIVALS
    },
    **{
        f"brackets {m}, {rival}": (BRACKETS(m), rival, {"steps": 3000, "window": 50})
        for m in (40, 80)
        for rival in ("GRU", "LSTM")  # the plain ones are in chapter 09
    },
    **{
        f"forget bias {bias}": (
            EMBEDDED_REBER(0.9), "LSTM", {"steps": 2000, "window": 50, "forget_bias": bias}
        )
        for bias in (-2, 0, 1, 3)
    },
}  # fmt: skip


def learn(
    language, rival, seed, *, steps, window, batch=32, letters=200_000, mark=None, marks=MARKS,
    **how,
):  # fmt: skip
    """A network that has learnt a language as in chapter 09, in float32.

    mark(parameters, step, seconds) is called after each number of steps in `marks`, with the
    seconds of the processor that the steps themselves have taken.
    """
    rng = np.random.default_rng(seed)
    text, _ = language.sample(letters, rng)
    ids = streams(Vocabulary(language.characters).encode(text), batch)
    make, hidden_size = RIVALS[rival]
    parameters = make(
        len(language.characters), hidden_size, rng, scale=0.1, dtype=np.float32, **how
    )
    optimizer = Adam(parameters, 0.01)
    spent, since = 0.0, time.process_time()

    def note(run):
        nonlocal spent, since
        optimizer.learning_rate = 0.01 * (1 - run.step / steps)
        if mark is not None and run.step in marks:
            spent += time.process_time() - since
            mark(parameters, run.step, spent)
            since = time.process_time()

    train(
        parameters, ids, optimizer, steps, rng, length=window, clip=1.0, clip_by="norm",
        callback=note, progress=False,
    )  # fmt: skip
    return parameters


def measure(name, seed):
    """One run: the price of its far letters on the way and at the end, as numbers."""
    language, rival, settings = RUNS[name]
    short, long = unseen(language, seed, 20_000), unseen(language, seed, 100_000)
    on_the_way = []

    def mark(parameters, step, seconds):
        bits, _ = price_of_far_letters(parameters, language, *short)
        on_the_way.append([step, round(float(bits.mean()), 4), round(seconds, 2)])

    parameters = learn(language, rival, seed, mark=mark, **settings)
    bits, distances = price_of_far_letters(parameters, language, *long)
    return {
        "seed": seed,
        "weights": sum(array.size for array in parameters),
        "price": round(float(bits.mean()), 4),
        "mean distance": round(float(distances.mean()), 2),
        "excess": round(excess(parameters, language, long[0]), 5),
        "on the way": on_the_way,
        "by distance": by_distance(bits, distances),
    }


def time_steps(rounds=9, steps=100):
    """Milliseconds of the processor for a step of each rival in the race at p = 0.97.

    The rivals take turns, so that whatever else the machine does slows all of them. A list with
    one number a round for each; the rounds before the first are for warming up.
    """
    taken = {rival: [] for rival in RIVALS}
    for _ in range(1 + rounds):
        for rival, found in taken.items():
            how = {"steps": steps, "window": 100, "letters": 50_000, "marks": (steps,)}
            noted = []
            learn(
                EMBEDDED_REBER(0.97), rival, 0, mark=lambda *now, to=noted: to.append(now), **how
            )
            found.append(round(1000 * noted[0][2] / steps, 3))
    return {rival: found[1:] for rival, found in taken.items()}


def run_missing(results, runs, measure, beginning):
    """Run what is not stored yet, of all runs or of those whose names begin so."""
    names = [name for name in runs if name.startswith(beginning)]
    continue_runs(results, runs, [(name, seed) for seed in SEEDS for name in names], measure)


def main(beginning=""):
    """Run what is not stored yet (see `run_missing`), and time the steps once."""
    run_missing(RESULTS, RUNS, measure, beginning)
    if not TIMES.exists():
        TIMES.write_text(json.dumps(time_steps(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
