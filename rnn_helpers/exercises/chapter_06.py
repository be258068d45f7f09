"""The exercises of chapter 06: temperature, entropy, drawing, and a beam search."""

import numpy as np

from rnn_helpers.exercises.engine import Function, Numbers
from rnn_helpers.loss import softmax

CHARACTERS = 4  # of the sources of exercise 06.6


def warm(power, normalize=lambda q: q / q.sum()):
    """Raise probabilities to a power of the temperature, and make them add up to 1."""
    return lambda p, temperature: normalize(p ** power(temperature))


def in_the_given_p(p, temperature):
    """The array that was given is changed: a mistake."""
    p **= 1 / temperature
    p /= p.sum()
    return p


def temperature_setting(rng):
    """Probabilities, one of which may be 0, and a temperature."""
    return distribution(rng), float(rng.uniform(0.3, 3))


def distribution(rng, shape=(5,)):
    """Random probabilities; now and then one is 0."""
    p = rng.dirichlet(np.ones(shape[-1]), shape[:-1])
    if rng.random() < 0.5:
        p[..., rng.integers(shape[-1])] = 0
    return p / p.sum(axis=-1, keepdims=True)


def entropy(p, log=np.log2):
    """The mean surprise; what never comes costs nothing."""
    possible = p[p > 0]
    return -(possible * log(possible)).sum()


def min_p(rule=lambda p, share: p >= share * p.max(axis=1, keepdims=True),
          finish=lambda kept: kept / kept.sum(axis=1, keepdims=True)):  # fmt: skip
    """Min-p with one of its parts exchanged: for the mistakes."""
    return lambda p, share: finish(np.where(rule(p, share), p, 0))


def min_p_in_place(p, share):
    """The array that was given is changed: a mistake."""
    p[p < share * p.max(axis=1, keepdims=True)] = 0
    p /= p.sum(axis=1, keepdims=True)
    return p


def min_p_setting(rng):
    """A batch of distributions, and a share."""
    return distribution(rng, (int(rng.integers(2, 5)), 6)), float(rng.uniform(0.05, 0.9))


def draw(p, u):
    """The id on whose piece of the line u lies."""
    return int((np.cumsum(p) <= u).sum())


def draw_setting(rng):
    """Probabilities in quarters of quarters, so that borders are exact, and a point."""
    p = rng.multinomial(16, rng.dirichlet(np.ones(5))) / 16
    return p, float(rng.integers(16) / 16 if rng.random() < 0.5 else rng.random())


def search(cost=lambda bits, p: bits - np.log2(p),
           keep=lambda longer, width: sorted(longer)[:width],
           give=lambda beam: beam[0][1], context=list, more=0):  # fmt: skip
    """A beam search with one of its parts exchanged: for the mistakes."""

    def answer(next_p, length, width):
        beam = [(0.0, [])]
        for _ in range(length + more):
            longer = []
            for bits, ids in beam:
                follows = enumerate(next_p(context(ids)))
                longer += [(cost(bits, p), [*ids, id]) for id, p in follows]
            beam = keep(longer, width)
        return give(beam)

    return answer


def cheapest_of_each(longer, width):
    """The cheapest list of each parent, so that no parent is dropped: a mistake."""
    best = {}
    for bits, ids in sorted(longer):
        best.setdefault(tuple(ids[:-1]), (bits, ids))
    return sorted(best.values()) if len(best) > 1 else sorted(longer)[:width]


def cheapest_of_each_end(longer, width):
    """The cheapest list for each last id, then as many as the beam is wide: a mistake."""
    best = {}
    for bits, ids in sorted(longer):
        best.setdefault(ids[-1], (bits, ids))
    return sorted(best.values())[:width]


def last_parent(next_p, length, width):
    """The collection is emptied for each parent: a mistake."""
    beam = [(0.0, [])]
    for _ in range(length):
        for bits, ids in beam:
            longer = [(bits - np.log2(p), [*ids, id]) for id, p in enumerate(next_p(ids))]
        beam = sorted(longer)[:width]
    return beam[0][1]


def same_list(next_p, length, width):
    """All longer lists are the same one, which gets longer and longer: a mistake."""
    beam = [(0.0, [])]
    for _ in range(length):
        longer = []
        for bits, ids in beam:
            for id, p in enumerate(next_p(ids)):
                ids.append(id)
                longer.append((bits - np.log2(p), ids))
        beam = sorted(longer, key=lambda pair: pair[0])[:width]
    return beam[0][1]


def never_emptied(next_p, length, width):
    """What was collected in earlier turns is kept: a mistake."""
    beam, longer = [(0.0, [])], []
    for _ in range(length):
        for bits, ids in beam:
            longer += [(bits - np.log2(p), [*ids, id]) for id, p in enumerate(next_p(ids))]
        beam = sorted(longer)[:width]
    return beam[0][1]


class Source:
    """Probabilities of what follows a list of ids; the whole list counts."""

    def __init__(self, seed):
        self.seed = seed

    def __call__(self, ids):
        """The probabilities (V,) of the next id."""
        if not isinstance(ids, list):
            raise TypeError("next_p takes a list of ids")
        rng = np.random.default_rng([self.seed, *(int(id) + 1 for id in ids)])
        return softmax(1.5 * rng.standard_normal(CHARACTERS))


def beam_setting(rng, width=None):
    """A source, a length, and a width."""
    source = Source(int(rng.integers(1_000_000)))
    return source, int(rng.integers(1, 6)), width or int(rng.integers(1, 5))


RNG = np.random.default_rng(6)
EXERCISES = [
    Numbers(
        number="06.1",
        title="A coin at temperature 2",
        takes="in your head",
        right=(4 / 7, 3 / 7),
        mistakes=[
            ((0.8, 0.6), "The roots are right. Do they add up to 1?"),
            ((0.8, 0.2), "The first root is right, and then the rest of 1: but the second has a "
             "root of its own."),
            ((0.64**2 / (0.64**2 + 0.36**2), 0.36**2 / (0.64**2 + 0.36**2)),
             "The coin got bolder: you squared. That is temperature 1/2."),
            ((0.64, 0.36), "That is the coin as it is, at temperature 1."),
            ((0.32, 0.18), "You halved the probabilities. Temperature divides the scores, which "
             "are logarithms."),
            (tuple(softmax(np.array([0.32, 0.18]))), "You took the probabilities for scores. The "
             "scores are their logarithms."),
            ((3 / 7, 4 / 7), "Heads first: which side was ahead?"),
            ((0.5, 0.5), "It gets so flat only at an infinite temperature."),
        ],
        otherwise="Each probability is raised to a power; then both must add up to 1.",
        nudges=(
            "The power is one over the temperature. What does a power of one half mean?",
            "0.64 and 0.36 are squares, so it can be done without a computer.",
            "Divide each of the two roots by their sum.",
        ),
    ),
    Function(
        number="06.2",
        title="Temperature without scores",
        takes="five minutes",
        right=warm(lambda t: 1 / t),
        arguments=("p", "temperature"),
        probes=[(np.array([0.5, 0.3, 0.2]), 0.5), (np.array([0.5, 0.3, 0.2]), 1.0),
                (np.array([0.5, 0.3, 0.2]), 3.0), (np.array([0.7, 0.0, 0.1, 0.2]), 2.0),
                (np.array([0.7, 0.0, 0.1, 0.2]), 100.0)],
        random=temperature_setting,
        decisive=("p ** (1 / temperature)", "p**(1 / temperature)", "p**(1/temperature)"),
        mistakes=[
            (warm(lambda t: 1 / t, lambda q: q), "What you return does not add up to 1."),
            (warm(lambda t: t), "Your temperature works the other way: high ones make it bolder."),
            (lambda p, temperature: p / temperature / (p / temperature).sum(),
             "The temperature has no effect: what divides all of them cancels. In Python, does "
             "a power or a division come first?"),
            (lambda p, temperature: p / temperature,
             "You divided the probabilities. Which operation on p is a division of scores?"),
            (lambda p, temperature: softmax(p / temperature),
             "You put probabilities into softmax as if they were scores."),
            (warm(lambda t: 1 / t, lambda q: q / q.max()),
             "You divided by the largest, so that the largest is 1. What has to be 1?"),
            (warm(lambda t: 1 / t, lambda q: softmax(q)),
             "The powers are right. To make them add up to 1, no softmax is needed."),
            (lambda p, temperature: np.exp(p / temperature) / np.exp(p).sum(),
             "exp turns scores into probabilities. You have probabilities."),
            (warm(lambda t: 0.5), "That is temperature 2, whichever is asked for."),
            (in_the_given_p, "The numbers are right, but p itself is changed: **= and /= work in "
             "place."),
        ],
        otherwise="Dividing scores by the temperature is raising probabilities to a power.",
        nudges=(
            "The formula of the section has two forms. One of them needs no scores.",
            "Raise each probability to a power. Which one, at temperature 2?",
            "Then divide by the sum. And mind the brackets in the exponent.",
        ),
    ),
    Function(
        number="06.3",
        title="Entropy with a zero",
        takes="five minutes",
        right=entropy,
        arguments=("p",),
        probes=[(np.array([0.5, 0.25, 0.125, 0.125]),), (np.array([0.9, 0.1]),),
                (np.array([0.5, 0.0, 0.5]),), (np.array([0.0, 0.2, 0.0, 0.8]),),
                (np.array([0.5, 0.499, 0.0009995, 5e-7]),)],
        random=lambda rng: (distribution(rng, (int(rng.integers(2, 9)),)),),
        rtol=1e-6,  # a tiny number may be added to avoid the logarithm of 0
        decisive=("p[p > 0]", "possible * np.log2(possible)"),
        mistakes=[
            (lambda p: -(p * np.log2(p)).sum(),
             "It is right as long as nothing is impossible. What does NumPy make of 0 times the "
             "logarithm of 0?"),
            (lambda p: entropy(p, np.log), "Those are nats; bits are asked for."),
            (lambda p: entropy(p, np.log10), "Which logarithm gives bits?"),
            (lambda p: -entropy(p), "The sign: a surprise is never below 0."),
            (lambda p: -(p[p > 0] * np.log2(p[p > 0])).mean(),
             "You took a plain mean. The probabilities are the weights already."),
            (lambda p: -np.log2(p[p > 0]).sum(),
             "You added up the surprises. How often does each of them come?"),
            (lambda p: -np.log2(p[p > 0]).mean(),
             "In that mean all characters count alike, however seldom they come."),
            (lambda p: 2 ** entropy(p), "That is the perplexity."),
            (lambda p: np.log2(len(p)), "That is the entropy if all are equally likely."),
            (lambda p: -(p * np.log2(p + 1)).sum(),
             "To add 1 changes all the logarithms."),
            (lambda p: -p[p > 0] * np.log2(p[p > 0]),
             "Those are the parts. What is asked for is their sum."),
        ],
        otherwise="A surprise for each character, weighted with how often it comes.",
        nudges=(
            "entropy of the chapter does it with np.maximum. There are other ways.",
            "What never comes costs nothing on average, so it can be left out.",
            "A condition in square brackets picks entries of an array.",
        ),
    ),
    Function(
        number="06.4",
        title="A third way to leave out the unlikely",
        takes="ten minutes",
        right=min_p(),
        arguments=("p", "share"),
        probes=[
            (np.array([[0.5, 0.3, 0.15, 0.05], [0.97, 0.01, 0.01, 0.01]]), 0.2),
            (np.array([[0.5, 0.25, 0.125, 0.125], [0.25, 0.25, 0.25, 0.25]]), 0.5),
            (np.array([[0.4, 0.35, 0.15, 0.1], [0.1, 0.1, 0.2, 0.6], [0.0, 0.9, 0.1, 0.0]]), 0.1),
            (np.array([[0.97, 0.01, 0.01, 0.01], [0.5, 0.3, 0.15, 0.05]]), 0.2),
            (np.array([[0.5, 0.3, 0.15, 0.05]]), 0.2),
        ],
        random=min_p_setting,
        decisive=("share * p.max(",),
        mistakes=[
            (min_p(lambda p, share: p >= share), "You compared with the share itself. It is a "
             "share of something."),
            (min_p(lambda p, share: p >= share * p.max()),
             "You took one maximum for the whole batch. Each row has its own."),
            (min_p(lambda p, share: p >= share * p.max(axis=0, keepdims=True)),
             "You took the maxima of the columns. A distribution is a row."),
            (min_p(finish=lambda kept: kept), "The right ones stay, but the rows no longer add "
             "up to 1."),
            (min_p(finish=lambda kept: kept / kept.sum()),
             "The whole batch adds up to 1. Each row should."),
            (min_p(lambda p, share: p > share * p.max(axis=1, keepdims=True)),
             "At least: what is exactly as likely as the bar stays."),
            (min_p(lambda p, share: p < share * p.max(axis=1, keepdims=True)),
             "You kept the others."),
            (lambda p, share: p >= share * p.max(axis=1, keepdims=True),
             "That says which ones stay. Probabilities are asked for."),
            (min_p(finish=lambda kept: (kept > 0) / (kept > 0).sum(axis=1, keepdims=True)),
             "All that stay become equally likely. They should keep their proportions."),
            (min_p_in_place, "The numbers are right, but p itself is changed."),
            (lambda p, share: min_p()(p, share).T, "Rows and columns are exchanged."),
            (lambda p, share: np.where(p >= share * p.max(axis=1), p, 0),
             "A maximum for each row has to stand in a column, so that it meets its own row."),
            (min_p(lambda p, share: p >= share * p.max(axis=1),
                   lambda kept: kept / kept.sum(axis=1)),
             "Maxima and sums of the rows have to stand in columns, each beside its own row."),
        ],
        otherwise="For each row: which entries reach the bar, and what do they add up to?",
        nudges=(
            "Begin with one row: its maximum, the bar, which entries reach it.",
            "For a batch, max and sum go along the axis of the characters.",
            "keepdims=True leaves that axis in place, with length 1, so that it can be compared "
            "with p.",
        ),
    ),
    Function(
        number="06.5",
        title="Draw by hand",
        takes="fifteen minutes",
        right=draw,
        arguments=("p", "u"),
        probes=[
            (np.array([0.5, 0.25, 0.25]), u) for u in (0.0, 0.3, 0.5, 0.6, 0.75, 0.99)
        ] + [
            (np.array([0.0, 0.5, 0.0, 0.5]), u) for u in (0.0, 0.2, 0.5, 0.9)
        ] + [(np.array([0.125, 0.0, 0.0, 0.625, 0.25]), u) for u in (0.0, 0.125, 0.5, 0.75, 0.8)],
        random=draw_setting,
        decisive=("ends <= u", "np.cumsum(p) <= u", 'side="right"'),
        mistakes=[
            (lambda p, u: int(p.argmax()), "That is the most likely one, whatever u is."),
            (lambda p, u: int((np.cumsum(p) < u).sum()),
             "Nearly: what if u lies on a border, or is 0 and the first cannot come?"),
            (lambda p, u: int((np.cumsum(p) <= u).sum()) + 1, "Ids begin at 0."),
            (lambda p, u: int((np.cumsum(p) <= u).sum()) - 1,
             "That is the character before it: you count those that end before u."),
            (lambda p, u: int((p <= u).sum()),
             "You compared u with the lengths. Where on the line does each piece end?"),
            (lambda p, u: next((i for i, q in enumerate(p) if u < q), None),
             "You compare u with the length of each piece, and some u fit into none. Where on the "
             "line does a piece end?"),
            (lambda p, u: int(u * len(p)), "In that way all are equally likely."),
            (lambda p, u: int((np.cumsum(p) > u).sum()),
             "You count the characters that end behind u."),
            (lambda p, u: len(p) - 1 - int((np.cumsum(p[::-1]) <= u).sum()),
             "Your line runs from the last id to the first."),
            (lambda p, u: int(np.abs(p - u).argmin()),
             "You looked for the probability that is nearest to u. u is a place on the line."),
            (lambda p, u: int(np.abs(np.cumsum(p) - u).argmin()),
             "You took the nearest border. u lies in one piece, also if it is near its edge."),
            (lambda p, u: draw(np.sort(p)[::-1], u),
             "You sorted the pieces. They lie in the order of their ids."),
            (lambda p, u: int(np.argsort(-p, kind="stable")[draw(np.sort(p)[::-1], u)]),
             "Your line begins with the likeliest character. It begins with id 0."),
            (lambda p, u: np.cumsum(p) > u, "That says which pieces end behind u. Which is the "
             "first?"),
        ],
        otherwise="Draw the line on paper, with the borders between the characters, and put u in.",
        nudges=(
            "Where does each piece end? NumPy has a function for sums so far.",
            "How many pieces lie wholly to the left of u?",
            "A piece that ends exactly where u is lies to the left of it, too.",
        ),
    ),
    Function(
        number="06.6",
        title="Beam search",
        takes="half an hour",
        right=search(),
        arguments=("next_p", "length", "width"),
        probes=[(Source(seed), length, width) for seed, length, width in (
            (1, 1, 1), (2, 3, 1), (91, 3, 2), (105, 4, 2), (31, 5, 2), (138, 5, 3), (0, 5, 2),
            (8, 3, 20),  # seeds with which a beam, greedy and trying all differ
            (266, 5, 3), (5207, 5, 3),  # and one for each last id, and a beam wider by one
        )],
        random=beam_setting,
        decisive=("bits - np.log2(p)", "[:width]"),
        case=lambda next_p, length, width: f"a length of {length} and a width of {width}",
        mistakes=[
            (lambda next_p, length, width: search()(next_p, length, 1),
             "That is greedy, whatever the width is."),
            (lambda next_p, length, width: search()(next_p, length, CHARACTERS**length),
             "Nothing is dropped: you try all lists. That is more than a beam does, and takes "
             "for ever with more characters."),
            (lambda next_p, length, width: search()(next_p, length, width + 1),
             "You keep one list too many."),
            (search(keep=cheapest_of_each_end),
             "You keep one list for each last id. Lists with the same end may all be cheap."),
            (search(cost=lambda bits, p: -np.log2(p)),
             "You keep lists whose last id is cheap. What did the ids before it cost?"),
            (search(cost=lambda bits, p: bits - p),
             "You add up probabilities. Those of a list are multiplied; what adds up are bits."),
            (search(cost=lambda bits, p: bits + np.log2(p)),
             "You keep the most expensive lists: look at a sign."),
            (search(give=lambda beam: beam[-1][1]),
             "You return the most expensive list of the beam."),
            (search(give=lambda beam: beam[0]), "You return the cost as well; the list alone is "
             "asked for."),
            (search(give=lambda beam: [ids for _, ids in beam]),
             "You return the whole beam; the cheapest list is asked for."),
            (search(context=lambda ids: ids[-1:]),
             "next_p gets only the last id. It needs the whole list."),
            (search(keep=cheapest_of_each),
             "You keep one list of each parent. A good parent may have several good ones."),
            (last_parent, "Only the last list of the beam is extended: is the collection emptied "
             "in the middle of a turn?"),
            (same_list, "append changes the list itself, also where it is stored already. ids + "
             "[id] makes a new one."),
            (never_emptied, "Shorter lists of earlier turns are still in the contest, and being "
             "short makes them cheap."),
            (search(more=1), "The list is one id too long."),
            (search(more=-1), "The list is one id too short."),
        ],
        otherwise="Follow two steps on paper, with two characters and a width of 2.",
        nudges=(
            "Keep pairs of a cost and a list. At first there is one: cost 0, and an empty list.",
            "In each turn make all longer lists, of all pairs in the beam, and only then choose.",
            "sorted puts pairs in the order of their cost; keep as many as the beam is wide.",
        ),
    ),
]  # fmt: skip
