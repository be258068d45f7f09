"""The exercises of chapter 03: surprise, softmax, bits."""

import numpy as np

from rnn_helpers.exercises.chapter_02 import network
from rnn_helpers.exercises.engine import WHATEVER, Function, Numbers
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import cross_entropy, softmax, subtract_max

NATS = 46.2 / 25  # per character, in exercise 03.1


def log_softmax(logits):
    """ln p, safe for logits of any size."""
    scores = subtract_max(np.asarray(logits))
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def size_of_file(parameters, ids):
    """How many bytes the text takes, packed by arithmetic coding."""
    return int(np.ceil(bits_of(parameters, ids) / 8))


def bits_of(parameters, ids, targets=None):
    """The surprise of a network that reads ids from a state of zeros, in bits."""
    later = nats_after_the_first(parameters, ids, targets) / np.log(2)
    return np.log2(len(parameters.by)) + later


def nats_after_the_first(parameters, ids, targets=None):
    """What all characters but the first cost; the targets can be exchanged, for a mistake."""
    _, logits = forward(parameters, ids[:-1], np.zeros(len(parameters.bh)))
    return cross_entropy(logits, ids[1:] if targets is None else targets)


def text_setting(rng, n=None, V=None, H=4):
    """Parameters and a text."""
    V = V or int(rng.integers(2, 60))
    return network(rng, V, H), rng.integers(0, V, n or rng.integers(2, 120))


def with_large_scores(parameters, ids):
    """The same network, all of whose scores are larger by a thousand."""
    return parameters._replace(by=parameters.by + 1000), ids


def adaptive(order=1, add=1.0, late=True, start=np.log2, log=np.log2, learns=True, of_all=False,
             mean=False, sign=1, total=None, counted="row"):  # fmt: skip
    """The guesser of 03.6 with one of its parts exchanged: for the mistakes."""

    def answer(ids, V):
        counts, cost = np.full((V, V), float(add)), start(V)
        for before, now in zip(ids[:-1], ids[1:]):
            row = counts[before if order else 0]
            place = (now, before) if counted == "column" else (before if order else 0, now)
            if learns and not late:
                counts[place] += 1
            whole = counts.sum() if of_all else row.sum()
            cost -= sign * log(row[now] / (total(row) if total else whole))
            if learns and late:
                counts[place] += 1
        return cost / len(ids) if mean else cost

    return answer


def learnt_from_the_whole(ids, V):
    """The counts of the whole text, before it is read: a mistake."""
    counts = np.ones((V, V))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    p = counts / counts.sum(axis=1, keepdims=True)
    return np.log2(V) - np.log2(p[ids[:-1], ids[1:]]).sum()


def counted_as_read(ids, V):
    """The sum of a row one too large: the context is counted before something follows it."""
    return adaptive(total=lambda row: row.sum() + 1)(ids, V)


def ids_setting(rng, n=None, V=None):
    """A text in which some pairs come often, and the size of its alphabet."""
    V = V or int(rng.integers(2, 6))
    return rng.integers(0, V, n or rng.integers(2, 40)) * rng.integers(0, 2), V


RNG = np.random.default_rng(11)
EXERCISES = [
    Numbers(
        number="03.1",
        title="Bits and perplexity",
        takes="one line",
        right=(NATS / np.log(2), np.exp(NATS)),
        mistakes=[
            ((NATS, WHATEVER), "Your first number is in nats. How many nats are a bit?"),
            ((46.2 / np.log(2), WHATEVER), "Your first number is for the whole window."),
            ((NATS * np.log(2), WHATEVER),
             "A bit is less than a nat. So is the number of bits larger or smaller?"),
            ((np.log2(NATS), WHATEVER), "You took a logarithm of nats, which are logarithms "
             "already. Nats become bits by a factor."),
            ((WHATEVER, np.exp(46.2)), "A perplexity belongs to one character, not to a window."),
            ((WHATEVER, 2**NATS), "Raise e to nats, or 2 to bits; you raised 2 to nats."),
            ((WHATEVER, np.exp(NATS / np.log(2))), "Raise e to nats, or 2 to bits; you raised e "
             "to bits."),
            ((np.exp(NATS), NATS / np.log(2)), "The other way round: first the bits."),
        ],
        otherwise="First find the nats of one character.",
        nudges=(
            "A window of 25 pays for 25 characters.",
            "A coin costs one bit, or ln 2 nats.",
            "The perplexity is e to the nats of one character.",
        ),
    ),
    Numbers(
        number="03.2",
        title="The gradient of four equal scores",
        takes="in your head",
        right=(0.25, -0.75, 0.25, 0.25),
        mistakes=[
            ((0.25,) * 4, "Those are the probabilities. What is subtracted at the target?"),
            ((-0.25, 0.75, -0.25, -0.25), "The sign is turned round: which score should rise?"),
            ((-0.75, 0.25, 0.25, 0.25), "Ids begin at 0. Which entry belongs to id 1?"),
            ((0, -1, 0, 0), "Those are the scores minus the one-hot vector. Make them "
             "probabilities first."),
            ((0, 1, 0, 0), "That is the one-hot vector of the target alone."),
            ((-0.75,) * 4, "The one-hot vector has its 1 in one place."),
            ((0, 0, 0, 0), "Equal scores still have a gradient: one of the four characters came."),
        ],
        otherwise="The gradient is p - onehot.",
        nudges=(
            "Four equal scores: how likely is each of the four characters?",
            "The target has id 1. How does its one-hot vector look?",
            "The four entries of the gradient add up to 0.",
        ),
    ),
    Numbers(
        number="03.3",
        title="What does this source cost?",
        takes="five minutes",
        right=2 / 3,
        mistakes=[
            (1 / 2, "You took the mean of the two places. Does the source write as many b as a?"),
            (np.log2(3) - 2 / 3, "That is what letter frequencies pay. The best guesser knows "
             "which letter came before."),
            (1, "That is the cost after an a. What does the letter after a b cost?"),
            (2 / 3 * np.log(2), "Those are nats."),
            (1 / 3, "You exchanged the two letters: after which one is there nothing to guess?"),
            (3 / 4, "You assumed three a for each b. Write down a longer text, and count."),
            (0, "After an a there is something to guess."),
            (np.log(2), "That is the cost after an a, in nats. And after a b?"),
            (2 - 0.75 * np.log2(3), "You took three a for each b, and the best guesser knows more "
             "than letter frequencies."),
        ],
        otherwise="What does a letter cost after an a, and after a b? How often does each happen?",
        nudges=(
            "After a b nothing is left to guess. After an a it is a coin.",
            "Half of all a are followed by a b, and each b comes after an a.",
            "So there are two a for each b. Weight the two costs by that.",
        ),
    ),
    Function(
        number="03.4",
        title="The logarithm of a softmax",
        takes="ten minutes",
        right=log_softmax,
        arguments=("logits",),
        probes=[
            (np.array([[2.0, 1.0, 0.0]]),),
            (RNG.normal(size=(3, 3)),),
            (RNG.normal(size=(4, 5)) * 3,),
            (np.array([[0.0, 1000.0], [-2000.0, 0.0]]),),
            (np.array([[-900.0, -901.0, -950.0]]),),
            (np.array([[5.0]]),),
            (np.array([[1000.0, 1000.0, 0.0], [0.0, 0.0, -100.0]]),),
            (np.array([[0.0, 1e5]]),),
        ],
        random=lambda rng: (
            rng.normal(size=rng.integers(1, 6, 2)) * 10.0 ** rng.integers(-1, 4),
        ),
        decisive=("np.log(np.exp(scores).sum(axis=-1, keepdims=True))", "logits.max(axis=-1"),
        mistakes=[
            (lambda y: np.log(softmax(y)),
             "A probability that was rounded to 0 has lost its logarithm: with scores far apart "
             "this gives -inf."),
            (lambda y: y - np.log(np.exp(y).sum(axis=-1, keepdims=True)),
             "With large scores exp overflows. What may be subtracted from all of them?"),
            (lambda y: y - y.max() - np.log(np.exp(y - y.max()).sum(axis=-1, keepdims=True)),
             "The largest score of the whole array is subtracted: a row far below it underflows."),
            (lambda y: y - y.max(-1, keepdims=True)
             - np.log(np.exp(y - y.max(-1, keepdims=True)).sum(-1)),
             "Does each row get its own sum? Compare the shapes: what does keepdims do?"),
            (lambda y: y - y.max(-1) - np.log(np.exp(y - y.max(-1)).sum(-1)),
             "Does each row get its own largest score? Compare the shapes, and mind keepdims."),
            (lambda y: y - np.log(np.exp(y).sum(-1)),
             "Two things are wrong: exp overflows, and rows and sums do not meet (keepdims)."),
            (lambda y: y - y.max(-1, keepdims=True)
             - np.log(np.exp(y - y.max(-1, keepdims=True)).sum()),
             "All rows share one sum; each step has its own."),
            (lambda y: log_softmax(y.T).T,
             "The sum runs along time. Along which axis do the characters lie?"),
            (lambda y: softmax(y), "Those are the probabilities; their logarithm is asked for."),
            (lambda y: log_softmax(y) / np.log(2),
             "Those are bits; the natural logarithm is asked for."),
            (lambda y: subtract_max(y) - np.log2(np.exp(subtract_max(y)).sum(-1, keepdims=True)),
             "ln and the binary logarithm are mixed: exp goes with ln."),
            (lambda y: subtract_max(y) - np.exp(subtract_max(y)).sum(-1, keepdims=True),
             "ln of a quotient is a difference of two logarithms; you subtract the sum itself."),
            (lambda y: -log_softmax(y), "That is the surprise: the sign is turned round."),
            (lambda y: y - y.max(-1, keepdims=True),
             "The largest score is subtracted; the sum of the softmax is not yet in."),
            (lambda y: y - np.log(np.exp(y - y.max(-1, keepdims=True)).sum(-1, keepdims=True)),
             "You subtracted the largest score in one of the two terms only."),
        ],
        otherwise="Write ln of the quotient as a difference, and keep exp from overflowing.",
        nudges=(
            "ln(a / b) is ln a - ln b. What is ln of e to the y?",
            "In the chapter, cross_entropy picks one entry of this array: look at its last line.",
            "Subtract the largest score of each row first, and use what is left in both terms.",
        ),
    ),
    Function(
        number="03.5",
        title="The size of a file",
        takes="ten minutes",
        right=size_of_file,
        arguments=("parameters", "ids"),
        probes=[text_setting(RNG, *lengths) for lengths in (
            (5, 3), (40, 2), (41, 5), (25, 2), (97, 60), (120, 200), (2, 300), (3, 2000),
        )] + [
            text_setting(np.random.default_rng(4), 900, 60, 16),
            with_large_scores(*text_setting(np.random.default_rng(4), 40, 5)),
        ],
        random=text_setting,
        decisive=("cross_entropy(logits, ids[1:])", "forward(parameters, ids[:-1]"),
        case=lambda parameters, ids: (
            f"a text of {len(ids)} characters and a vocabulary of {len(parameters.by)}"
        ),
        mistakes=[
            (lambda p, ids: int(np.ceil(nats_after_the_first(p, ids) / np.log(2) / 8)),
             "The first character costs something too: nothing is known before it."),
            (lambda p, ids: int(np.ceil((np.log(len(p.by)) + nats_after_the_first(p, ids)) / 8)),
             "Those are nats divided by 8. A byte consists of bits."),
            (lambda p, ids: int(bits_of(p, ids) // 8),
             "A file has no part of a byte: round the other way."),
            (lambda p, ids: round(bits_of(p, ids) / 8),
             "A byte that is less than half full has to be stored as well."),
            (lambda p, ids: bits_of(p, ids) / 8, "A file has a whole number of bytes."),
            (lambda p, ids: int(np.ceil(bits_of(p, ids))), "Those are bits. Bytes are asked for."),
            (lambda p, ids: int(np.ceil(bits_of(p, ids, targets=ids[:-1]) / 8)),
             "Your targets are the inputs: what should be guessed comes one step later."),
            (lambda p, ids: int(np.ceil(bits_of(p, ids) / 8 / len(ids))),
             "That is for one character. The file holds the whole text."),
        ],
        otherwise="Add up the bits of all characters, also of the first, then turn to bytes.",
        nudges=(
            "Which characters are inputs and which are targets? cross_entropy gives nats.",
            "The first character is not predicted: it gets one chance in V, the length of by.",
            "Eight bits are a byte, and a byte that is begun counts: np.ceil rounds up.",
        ),
    ),
    Function(
        number="03.6",
        title="A guesser that learns as it reads",
        takes="half an hour",
        right=adaptive(),
        arguments=("ids", "V"),
        probes=[
            (np.array([0, 0]), 2),
            (np.array([0, 1, 0, 1]), 2),
            (np.array([2, 0, 2, 0, 1, 0, 2]), 4),
            (np.array([3]), 4),
            (RNG.integers(0, 3, 60), 3),
            (RNG.integers(0, 2, 40) * 2, 5),
            (np.r_[np.zeros(300, int), np.random.default_rng(3).integers(0, 4, 1500)], 4),
        ],
        random=ids_setting,
        decisive=("[before, now] += 1", "[before, now]", "counts[before].sum()"),
        mistakes=[
            (adaptive(late=False),
             "You count a character before you pay for it. The program that unpacks does not "
             "know it yet."),
            (learnt_from_the_whole,
             "The counts know the whole text from the start. Count only what has been read."),
            (adaptive(order=0),
             "You count letters. What follows has to depend on the character before."),
            (adaptive(add=0),
             "A pair that was never seen is an infinite surprise: what is added to each count?"),
            (adaptive(learns=False), "The counts never change: every character costs the same."),
            (adaptive(start=lambda V: 0), "For you the first character is free: is it known?"),
            (adaptive(log=np.log, start=np.log), "Those are nats."),
            (adaptive(sign=-1), "A logarithm of a probability is negative, a surprise is not."),
            (adaptive(start=lambda V: 1 / V), "How many bits does one chance in V cost?"),
            (counted_as_read,
             "You count how often the context was read, this time included. How often has it been "
             "followed?"),
            (adaptive(counted="column"),
             "You count the other way round: which is the row, which the column?"),
            (adaptive(mean=True), "That is for one character. The whole text is asked for."),
            (adaptive(of_all=True),
             "Divide by how often this context came, not by all pairs."),
            (adaptive(total=lambda row: row.sum() - len(row) + 1),
             "You add 1 to each of V counts. By how much does their sum grow?"),
            (lambda ids, V: adaptive()(ids[::-1], V),
             "You read from the end, or divide by the sum of a column: the context is what comes "
             "before."),
        ],
        otherwise="Redo a short text on paper: write the table of counts, pay, then count.",
        nudges=(
            "Keep a table of V rows and V columns, a row for each character before, filled "
            "with ones.",
            "In a loop over pairs of neighbours: first pay for the pair, then count it.",
            "The probability is the pair's count, divided by the sum of its row.",
        ),
    ),
]  # fmt: skip
