"""Compare the stored networks with counting, on text that neither has learnt from.

`python data/make_baselines.py` writes data/held_out.json, which chapter 06 reads, so that it
needs no book and no network connection. It takes about a minute and needs the two books
(see `rnn_helpers.corpora`).
"""

import json
import re
from pathlib import Path

import numpy as np

from rnn_helpers.baselines import interpolated_surprise
from rnn_helpers.checkpoints import load_model
from rnn_helpers.corpora import load_text, split
from rnn_helpers.reading import trace

HELD_OUT = Path(__file__).parent / "held_out.json"
LONGEST = 5  # the counts look back at up to so many characters
BEFORE = 1000  # the network reads so many characters of its training text first
BLOCK = 50  # characters; errors are estimated from the means of blocks, not of characters

# What is read -> the model that reads it, and the text whose first 95 % both have learnt.
CASES = {
    "the story's end": ("story", "story"),
    "the novel's end": ("tale_of_two_cities", "tale_of_two_cities"),
    "Alice": ("tale_of_two_cities", "tale_of_two_cities"),
}


def alice_as_the_novel_is_written(known):
    """Alice with the novel's quotation marks; a space for each character outside `known`."""
    text = re.sub(r"(?<=\w)’(?=\w)", "'", load_text("alice"))
    text = text.replace("‘", "“").replace("’", "”").replace("_", "")
    return "".join(c if c in known else " " for c in text)


def texts(case):
    """The training text and the text to be read, which neither guesser has seen."""
    model, source = CASES[case]
    train_text, held_out_text = split(load_text(source))
    if case == "Alice":
        held_out_text = alice_as_the_novel_is_written(load_model(model).vocabulary.characters)
    return train_text, held_out_text


def compare(case):
    """What the network and counting pay for each character: the means, and their difference.

    Returns
    -------
    dict
        Bits per character: `network`; `counts`, for contexts of 0 .. `LONGEST` characters;
        `difference`, network minus counts for each of these; `error`, its standard error.
    """
    train_text, held_out_text = texts(case)
    parameters, vocabulary, *_ = load_model(CASES[case][0])
    counts = interpolated_surprise(train_text, held_out_text, len(vocabulary), LONGEST)
    read = trace(parameters, vocabulary, train_text[-BEFORE:] + held_out_text)
    network = read.bits[BEFORE:]
    difference = network[:, np.newaxis] - counts
    blocks = len(difference) // BLOCK
    means = difference[: blocks * BLOCK].reshape(blocks, BLOCK, -1).mean(axis=1)
    return {
        "characters": len(held_out_text),
        "network": round(network.mean(), 4),
        "counts": counts.mean(axis=0).round(4).tolist(),
        "difference": difference.mean(axis=0).round(4).tolist(),
        "error": (means.std(axis=0, ddof=1) / np.sqrt(blocks)).round(4).tolist(),
    }


def main():
    """Write the comparison of all cases."""
    found = {case: compare(case) for case in CASES}
    HELD_OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
