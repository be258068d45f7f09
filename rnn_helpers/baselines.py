"""What a text costs those who count or compress: figures to compare a network with.

Every cost is in bits for the whole text; divide by its length for bits per character.
"""

import gzip
import lzma
from collections import Counter

import numpy as np


def text_baselines(text):
    """What the text itself costs, by name, without any other text to learn from.

    The letter frequencies are counted on this text, and storing the counts is not charged;
    the gzip file holds a header and a checksum of 144 bits, a lot for a short text.
    """
    return {"letter frequencies": letter_frequencies(text), "gzip": gzip_size(text)}


def letter_frequencies(text):
    """The cost at each character's own frequency in the text: n times the entropy."""
    counts = np.unique(list(text), return_counts=True)[1]
    return float((counts * np.log2(len(text) / counts)).sum())


def gzip_size(text):
    """The size of the text in UTF-8, compressed by gzip."""
    return 8.0 * len(gzip.compress(text.encode(), mtime=0))


def held_out_baselines(train_text, held_out_text, vocab_size):
    """What the held-out text costs those who know the training text, by name.

    Uniform knows the vocabulary only. Order k counts what followed the last k characters (see
    `interpolated_counts`), k = 0 .. 5; for xz see `xz_growth`.
    """
    by_order = interpolated_counts(train_text, held_out_text, vocab_size, 5)
    return {
        "uniform": len(held_out_text) * np.log2(vocab_size),
        **{f"order {k}": bits for k, bits in enumerate(by_order)},
        "xz": xz_growth(train_text, held_out_text),
    }


def interpolated_counts(train_text, held_out_text, vocab_size, longest):
    """The cost with counts of the last k characters, an array for k = 0 .. longest.

    A context trusts its own counts as far as it has been seen, and takes the rest from the
    context that is one character shorter; the shortest takes it from the uniform
    distribution (Witten and Bell, 1991).
    """
    return interpolated_surprise(train_text, held_out_text, vocab_size, longest).sum(axis=0)


def interpolated_surprise(train_text, held_out_text, vocab_size, longest):
    """The same for each of the n held-out characters: an array (n, longest + 1)."""
    # For each k: how often a piece of k + 1 characters came, how often its first k, and
    # how many different characters followed these.
    counts, totals, kinds = [], [], []
    for k in range(longest + 1):
        pieces = Counter(train_text[i - k : i + 1] for i in range(k, len(train_text)))
        counts.append(pieces)
        totals.append(Counter())
        for piece, count in pieces.items():
            totals[k][piece[:-1]] += count
        kinds.append(Counter(piece[:-1] for piece in pieces))
    text, bits = train_text + held_out_text, np.empty((len(held_out_text), longest + 1))
    for n in range(len(held_out_text)):
        i, p = len(train_text) + n, 1 / vocab_size
        for k in range(longest + 1):
            piece = text[i - k : i + 1]
            seen, different = totals[k][piece[:-1]], kinds[k][piece[:-1]]
            if seen:
                p = (counts[k][piece] + different * p) / (seen + different)
            bits[n, k] = -np.log2(p)
    return bits


def xz_growth(train_text, held_out_text):
    """How much longer an xz file of the training text gets when the held-out text follows."""
    both, first = (
        len(lzma.compress(text.encode(), preset=9))
        for text in (train_text + held_out_text, train_text)
    )
    return 8.0 * (both - first)
