"""Beside the ladder: pack a text into as many bits as a model is surprised (notebook 03).

A text is a part of the interval from 0 to 1. Each character cuts the present part into V
pieces, as long as their probabilities, and keeps its own. In the end the part is as long as
the probability of the whole text, and the packed text is one number inside it, written with
as few binary digits as are always enough: -log2 of the part's length, rounded up.

Python's integers have as many digits as needed, so no step is rounded. Only the model's
probabilities are. Packing and unpacking must compute them on the same kind of machine: one
that differs in the last digit may cut the interval at another place.
"""

from bisect import bisect
from itertools import accumulate

import numpy as np

TOTAL = 1 << 16  # pieces per step: probabilities are multiples of 1 / TOTAL


def pack(ids, guess, state, vocab_size):
    """Pack ids into bytes: as many bits as their surprise, filled up to whole bytes.

    Rounding the probabilities costs at most log2(TOTAL / (TOTAL - V)) bits a character more:
    0.0013 for 58 characters.

    Parameters
    ----------
    ids : sequence of n ints
        The text.
    guess : function
        ``guess(state, id)`` reads one character and returns the probabilities (V,) of the
        next and the new state. The first character is packed with equal probabilities.
    state
        The state before the first character, in whatever form `guess` takes it.
    vocab_size : int
        V, at most 65,536.
    """
    start, width, digits = 0, 1, 0  # the part is start .. start + width, over 2**digits
    pieces = shares(np.full(vocab_size, 1 / vocab_size))
    for id in ids:
        start = start * TOTAL + width * sum(pieces[:id])
        width *= pieces[id]
        digits += 16
        p, state = guess(state, id)
        pieces = shares(p)
    spare = width.bit_length() - 1  # digits that the number can do without
    number, digits = -(-start >> spare), digits - spare
    return (number << -digits % 8).to_bytes((digits + 7) // 8, "big")


def unpack(data, length, guess, state, vocab_size):
    """Return the `length` ids that `pack` made these bytes from, with the same guess."""
    place, width = int.from_bytes(data, "big"), 1 << 8 * len(data)
    pieces, ids = shares(np.full(vocab_size, 1 / vocab_size)), []
    for _ in range(length):
        ends = list(accumulate(pieces))
        id = bisect(ends, place * TOTAL // width)  # the piece in which the number lies
        place = place * TOTAL - (ends[id] - pieces[id]) * width
        width *= pieces[id]
        ids.append(id)
        p, state = guess(state, id)
        pieces = shares(p)
    return ids


def shares(p):
    """Turn probabilities (V,) into whole numbers, 1 at least, that add up to TOTAL.

    Raises ValueError if one of them is negative or NaN, or they do not add up to 1.
    """
    p = np.asarray(p, dtype=np.float64)
    if not (p.min() >= 0 and abs(p.sum() - 1) < 1e-6):
        raise ValueError(f"probabilities must be 0 or more and add up to 1, not {p.sum()}")
    pieces = 1 + np.floor(p * (TOTAL - len(p))).astype(int)
    pieces[pieces.argmax()] += TOTAL - pieces.sum()
    return pieces.tolist()
