"""What others pay for the held-out pages: the figures beside each model on its card."""

import lzma
from collections import Counter

import numpy as np


def interpolated(learnt, unseen, vocab_size, most):
    """Bits per character of counts of the last k characters, for each k = 0 .. most.

    A context trusts its own counts as far as it has been seen, and asks the next shorter
    one for the rest; the shortest asks the uniform distribution (Witten and Bell, 1991).
    """
    # For each k: how often a piece of k + 1 characters came, how often its first k, and
    # how many different characters followed these.
    counts, totals, kinds = [], [], []
    for k in range(most + 1):
        pieces = Counter(learnt[i - k : i + 1] for i in range(k, len(learnt)))
        counts.append(pieces)
        totals.append(Counter())
        for piece, count in pieces.items():
            totals[k][piece[:-1]] += count
        kinds.append(Counter(piece[:-1] for piece in pieces))
    text, bits = learnt + unseen, np.zeros(most + 1)
    for i in range(len(learnt), len(text)):
        p = 1 / vocab_size
        for k in range(most + 1):
            piece = text[i - k : i + 1]
            seen, different = totals[k][piece[:-1]], kinds[k][piece[:-1]]
            if seen:
                p = (counts[k][piece] + different * p) / (seen + different)
            bits[k] -= np.log2(p)
    return bits / len(unseen)


def xz(learnt, unseen):
    """Bits per character that xz adds when the unseen pages follow those it has packed."""
    both, first = (len(lzma.compress(t.encode(), preset=9)) for t in (learnt + unseen, learnt))
    return 8 * (both - first) / len(unseen)


def baselines(learnt, unseen, vocab_size):
    """All of them by name, the dearest way first."""
    by_order = interpolated(learnt, unseen, vocab_size, 5)
    orders = {f"order {k}": bits for k, bits in enumerate(by_order)}
    return {"uniform": np.log2(vocab_size), **orders, "xz": xz(learnt, unseen)}
