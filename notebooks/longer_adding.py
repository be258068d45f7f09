"""The adding problem of chapter 10, written as a language: `make longer`.

Digits, of which two are marked, and then the character of their sum: to say it, a network has to
keep the first of the two and to add the second. The networks learn it as all languages of these
chapters are learnt. The runs are written to data/longer_adding.json, which the chapter reads.
"""

import string
import sys
from pathlib import Path

import numpy as np
from how_low_runs import unseen
from longer_runs import RIVALS, learn, run_missing

from rnn_helpers.encoding import Vocabulary
from rnn_helpers.languages import entropy
from rnn_helpers.reading import trace

RESULTS = Path(__file__).parent.parent / "data" / "longer_adding.json"
PLAIN, MARKED = string.digits, string.ascii_lowercase[:10]  # 0 to 9, and a to j when marked
SUMS = string.ascii_uppercase[:19]  # A to S say 0 to 18
TRIED = 1000  # sequences that a network has not learnt, on which it is measured


STEPS, LETTERS = 6000, 2_000_000  # of training, and characters to learn from

# By name: how many digits, and the rival. A window holds two sequences, so at least one is whole.
RUNS = {f"adding {length}, {rival}": (length, rival) for length in (30,) for rival in RIVALS}


class Adding:
    """Sequences of `length` digits, a mark =, and the sum of the two digits that are marked.

    One digit is marked in each half. Every digit has the same probability, and every place in a
    half the same to be marked.
    """

    characters = "".join(sorted(PLAIN + MARKED + "=" + SUMS))

    def __init__(self, length):
        if length < 2 or length % 2:
            raise ValueError(f"length must be an even number, 2 or more, not {length}")
        self.length, self.period = length, length + 2

    def sample(self, n, rng):
        """A text of n characters, and the sums (int array) of the whole sequences in it."""
        count, half = -(-n // self.period), self.length // 2
        digits = rng.integers(0, 10, (count, self.length))
        rows, places = np.arange(count), rng.integers(0, half, (2, count)) + [[0], [half]]
        sums = digits[rows, places].sum(axis=0)
        letters = np.array([*PLAIN, *MARKED])
        table = np.full((count, self.period), "=")
        digits[rows, places] += 10
        table[:, :-2] = letters[digits]
        table[:, -1] = np.array([*SUMS])[sums]
        return "".join(table.ravel())[:n], sums[: n // self.period]


def chances():
    """The probability of each sum of two digits, 0 to 18, for someone who has seen neither."""
    return np.convolve(np.full(10, 0.1), np.full(10, 0.1))


def knows():
    """By what is known of the two digits: the price of the sum in bits, the squared error."""
    p, one = chances(), np.full(10, 0.1)
    return {
        "nothing": (float(entropy(p)), variance(p)),
        "one digit": (float(entropy(one)), variance(one)),
        "both": (0.0, 0.0),
    }


def variance(p):
    """Of a number that is k / 9 with the probability p[k]."""
    values = np.arange(len(p)) / 9
    return float(p @ values**2 - (p @ values) ** 2)


def price_and_error(parameters, language, text, sums):
    """What a network pays for the sums, in bits (n,), and how far off it expects them (n,).

    It expects the mean of the sums, each as often as the network gives it; a digit counts as
    digit / 9, so the errors of these means are between -2 and 2.
    """
    vocabulary = Vocabulary(language.characters)
    ends = language.period * (1 + np.arange(len(sums))) - 1
    reading = trace(parameters, vocabulary, text, top=len(vocabulary))
    p = np.zeros((len(sums), len(vocabulary)))
    np.put_along_axis(p, reading.top_ids[ends], reading.top_probabilities[ends], axis=1)
    given = p[:, vocabulary.encode(SUMS)]
    expected = given @ np.arange(19) / given.sum(axis=1)
    return reading.bits[ends], (expected - sums) / 9


def measure(name, seed):
    """One run: the price of its sums on the way and at the end, and how far off they are."""
    length, rival = RUNS[name]
    language = Adding(length)
    short, long = (unseen(language, seed, n * language.period) for n in (TRIED // 5, TRIED))
    on_the_way = []

    def mark(parameters, step, seconds):
        bits, _ = price_and_error(parameters, language, *short)
        on_the_way.append([step, round(float(bits.mean()), 4), round(seconds, 2)])

    parameters = learn(
        language, rival, seed, steps=STEPS, window=2 * language.period, letters=LETTERS, mark=mark
    )
    bits, errors = price_and_error(parameters, language, *long)
    return {
        "seed": seed,
        "weights": sum(array.size for array in parameters),
        "price": round(float(bits.mean()), 4),
        "squared error": round(float((errors**2).mean()), 5),
        "on the way": on_the_way,
    }


def main(beginning=""):
    """Run what is not stored yet (see `longer_runs.run_missing`)."""
    run_missing(RESULTS, RUNS, measure, beginning)


if __name__ == "__main__":
    main(*sys.argv[1:])
