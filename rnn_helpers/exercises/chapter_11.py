"""The exercises of chapter 11: names and means in PyTorch, a tape, and what workers cost."""

import numpy as np

from rnn_helpers.exercises.engine import Function, Numbers


def weighted(gradients, streams, weights=None):
    """The mean gradient of workers, weighted by their streams or otherwise."""
    weights = np.array(streams if weights is None else weights, float)
    return sum(w * g for w, g in zip(weights / weights.sum(), gradients))


def workers_setting(rng):
    """Arguments of 11.3: gradients of several workers, and their streams."""
    p = int(rng.integers(2, 6))
    return list(rng.standard_normal((p, 2, 3))), [int(n) for n in rng.integers(1, 9, p)]


def read_tape(tape, start=1.0, adds=True, order=reversed, slope=True, chain=True):
    """The gradients on a tape, with one part exchanged for the mistakes."""
    gradients = np.zeros(len(tape))
    gradients[-1] = start
    for place in order(range(len(tape))):
        for part, its in tape[place]:
            passed = (its if slope else 1.0) * (gradients[place] if chain else 1.0)
            gradients[part] = gradients[part] * adds + passed
    return gradients


def tape_by(passed, start=0.0, notes=lambda tape: tape):
    """Read a tape backwards with another message, start or notes: for the mistakes."""

    def answer(tape):
        gradients = np.full(len(tape), start)
        gradients[-1] = 1
        for place, note in reversed([*enumerate(notes(tape))]):
            for part, slope in note:
                gradients[part] += passed(slope, gradients[place])
        return gradients

    return answer


def product(slope, gradient):
    """A message, as it should be."""
    return slope * gradient


def tape_setting(rng):
    """Arguments of 11.4: a tape whose notes have up to three parts, some of them twice."""
    inputs, notes = int(rng.integers(1, 4)), int(rng.integers(2, 8))
    tape = [[] for _ in range(inputs)]
    for _ in range(notes):
        parts = rng.integers(0, len(tape), rng.integers(1, 4))
        tape.append([(int(part), float(rng.normal())) for part in parts])
    return (tape,)


def step_seconds(
    p, streams, each, fixed, latency, size, bandwidth, messages=lambda p: 2 * (p - 1)
):
    """What a step of p workers takes."""
    return fixed + each * streams / p + messages(p) * (latency + size / (p * bandwidth))


def best_workers(
    streams, each, fixed, latency, size, bandwidth, numbers=None, pick=min, time=step_seconds,
):  # fmt: skip
    """How many workers make the shortest step, and its time, with a part exchanged."""
    numbers = numbers or (lambda n: [p for p in range(1, n + 1) if n % p == 0])
    of = {p: time(p, streams, each, fixed, latency, size, bandwidth) for p in numbers(streams)}
    best = pick(of, key=of.get)
    return best, of[best]


def cluster_setting(rng):
    """Arguments of 11.5: a step and a network for which the best number is often in between."""
    streams = int(rng.choice([12, 24, 32, 36, 60]))
    each, fixed = rng.uniform(0.5, 4), rng.uniform(0, 3)
    latency, size = rng.uniform(0.01, 1), rng.uniform(0.1, 4)
    return streams, each, fixed, latency, size, rng.uniform(0.5, 5)


def without(**parts):
    """`step_seconds` with some of its arguments replaced."""

    def time(p, streams, each, fixed, latency, size, bandwidth):
        named = {"streams": streams, "each": each, "fixed": fixed, "latency": latency,
                 "size": size, "bandwidth": bandwidth}  # fmt: skip
        return step_seconds(p, **(named | {k: v(p, named) for k, v in parts.items()}))

    return time


def with_time(time):
    """`best_workers` with another time of a step."""
    return lambda *setting: best_workers(*setting, time=time)


EXERCISES = [
    Numbers(
        number="11.1",
        title="Their loss and ours",
        takes="one line",
        right=(75.0, 1.5 / np.log(2)),
        mistakes=[
            ((1.5, 1.5 / np.log(2)), "The first number is still theirs, a mean. Ours is a sum "
             "over the window."),
            ((75.0, 75 / np.log(2)), "The second number is asked for one character."),
            ((75.0, 1.5 * np.log(2)), "From nats to bits the number grows: a bit is the smaller "
             "unit."),
            ((75.0, 1.5), "The second number is still in nats."),
            ((1.5 / 50, 1.5 / np.log(2)), "You divided by the length of the window. Theirs has "
             "already been divided by it."),
            ((75.0 * 32, 1.5 / np.log(2)), "Both average over the streams, so their number plays "
             "no part."),
            ((1.5 / np.log(2), 75.0), "Right, but in the other order."),
        ],
        otherwise="Theirs is a mean over all characters. Ours is a sum over time.",
        nudges=(
            "A sum over T numbers is T times their mean.",
            "The number of streams plays no part: both average over them.",
            "A nat is 1 / ln 2 bits.",
        ),
    ),
    Numbers(
        number="11.2",
        title="Two biases that both learn",
        takes="five minutes",
        right=(-0.08, -0.2),
        mistakes=[
            ((-0.04, -0.1), "That is one bias. Both have this gradient, and both move."),
            ((-0.04, -0.2), "With SGD both biases move, too."),
            ((-0.08, -0.1), "With Adagrad both biases move, too."),
            ((-0.08, -0.08), "Adagrad's first step does not depend on the size of the gradient."),
            ((0.08, 0.2), "A step goes against the gradient: look at the sign."),
            ((-0.08, -0.5), "Adagrad divides by the root of the sum of squares: check the root, "
             "and the gradient above it."),
            ((-0.08, -0.2 / np.sqrt(2)), "Each bias has a sum of squares of its own."),
            ((-0.08, -0.02), "The rate was counted twice. Gradient over its own size is 1."),
        ],
        otherwise="Work out the step of one bias, for each optimizer; then think of the other.",
        nudges=(
            "Both biases stand in the same sum, so both have the gradient 0.4.",
            "SGD moves each by the rate times the gradient.",
            "Adagrad's first step is one rate long, whatever the gradient is.",
        ),
    ),
    Function(
        number="11.3",
        title="Workers with unequal shares",
        takes="ten minutes",
        right=weighted,
        arguments=("gradients", "streams"),
        probes=[
            ([np.array([1.0, 2.0]), np.array([4.0, -1.0])], [3, 1]),
            ([np.array([2.0, 0.0]), np.array([0.0, 6.0]), np.array([5.0, 5.0])], [2, 5, 1]),
            ([np.array([[1.0, 3.0], [2.0, 2.0]])] * 2, [4, 2]),
            ([np.array([7.0])], [3]),
            ([np.array([[0.5, 1.25, -0.75], [2.5, 0.0, 1.0]]),
              np.array([[-1.5, 0.5, 2.0], [0.25, 3.0, -0.5]])], [3, 5]),
        ],
        random=workers_setting,
        decisive=("n / sum(streams) * g", "n * g / sum(streams)"),
        mistakes=[
            (lambda gradients, streams: sum(gradients) / len(gradients),
             "That is what DDP does, and it is right for equal shares only. A worker with more "
             "streams speaks for more of the batch."),
            (lambda gradients, streams: sum(gradients), "That is the sum. A mean over all streams "
             "is asked for."),
            (lambda gradients, streams: sum(n * g for n, g in zip(streams, gradients)),
             "Each gradient has its weight; now the weights have to add up to 1."),
            (lambda gradients, streams: sum(gradients) / sum(streams),
             "Each gradient is already a mean over its worker's streams: undo that first."),
            (lambda gradients, streams: weighted(gradients, streams, [1 / n for n in streams]),
             "The weights are upside down: more streams, more weight."),
            (lambda gradients, streams: sum(n * g for n, g in zip(streams, gradients))
             / len(gradients), "You divide by the number of workers. What do the weights add up "
             "to?"),
            (lambda gradients, streams: weighted(gradients, streams[::-1]),
             "The weights are given to the wrong workers."),
            (lambda gradients, streams: gradients[int(np.argmax(streams))],
             "That is the gradient of the worker with the most streams alone."),
            (lambda gradients, streams: [n * g / sum(streams) for n, g in zip(streams, gradients)],
             "Each summand is right. Now add them up: one gradient is asked for."),
            (lambda gradients, streams: np.mean(gradients),
             "You took a mean over all numbers. Each entry of the gradient has its own."),
            (lambda gradients, streams: sum(g / n for n, g in zip(streams, gradients)),
             "You divided by the streams of each worker. That was done already: multiply."),
            (lambda gradients, streams: sum(n * g for n, g in zip(streams, gradients))
             / max(streams), "You divide by the largest number of streams. What do the weights "
             "add up to?"),
            (lambda gradients, streams: weighted(gradients, sorted(streams)),
             "You sorted the streams: now they belong to other workers."),
            (lambda gradients, streams: weighted(gradients, [n * n for n in streams]),
             "The weights are squares of the streams."),
        ],
        otherwise="What is each worker's sum over its streams? And what do all streams have "
        "together?",
        nudges=(
            "A worker's gradient is the mean over its own streams.",
            "Turn each mean into a sum over streams, and add up the sums.",
            "At the end divide by the number of all streams.",
        ),
    ),
    Function(
        number="11.4",
        title="Read a tape",
        takes="twenty minutes",
        right=read_tape,
        arguments=("tape",),
        probes=[
            ([[], [], [(0, 3.0), (1, 2.0)]],),
            ([[], [(0, 2.0)], [(1, 5.0)]],),
            ([[], [(0, 2.0)], [(0, 3.0), (1, 4.0)]],),
            ([[], [(0, 3.0), (0, 3.0)], [(1, 2.0), (0, -1.0)], [(2, 0.5), (1, 1.5)]],),
            ([[]],),
            ([[], [(0, 2.0)], [(0, 3.0)]],),
            ([[], [(0, 2.0)], [], [(1, 3.0), (2, 4.0), (0, 5.0)]],),
            ([[], [(0, 2.0)], [(1, 3.0)], [(1, 1.0), (2, 1.0)]],),
        ],
        random=tape_setting,
        decisive=("+= slope * gradients[place]", "+= gradients[place] * slope"),
        case=lambda tape: f"the tape {tape}",
        mistakes=[
            (lambda tape: read_tape(tape, adds=False), "A value that is used twice gets two "
             "messages. You kept only one of them."),
            (lambda tape: read_tape(tape, order=iter),
             "Only the parts of the last note got a message. Read the tape from its end: a note "
             "can pass its gradient on only when it has all of it."),
            (lambda tape: read_tape(tape, start=0.0), "Everything is zero: with what does the "
             "last note begin?"),
            (lambda tape: read_tape(tape, slope=False), "The messages lack their slopes."),
            (lambda tape: read_tape(tape, chain=False), "A slope says what a part does to its "
             "note. What does the note do to the result?"),
            (lambda tape: read_tape(tape)[::-1], "The gradients are right, and in the wrong "
             "order: the first belongs to the first note."),
            (lambda tape: np.array([*read_tape(tape)[:-1], 0.0]),
             "The last one is missing: what is the derivative of the result by itself?"),
            (lambda tape: read_tape(tape)[:-1], "There is a gradient for each note, the last "
             "one included."),
            (lambda tape: [g for g, note in zip(read_tape(tape), tape) if not note],
             "Those are the gradients of the inputs alone. Each note has one."),
            (tape_by(product, start=1.0), "You begin with ones. Only the result has the gradient "
             "1 at first."),
            (tape_by(lambda slope, gradient: slope + gradient), "A message is a product, not a "
             "sum: both factors are there."),
            (tape_by(product, notes=lambda tape: [note[:1] for note in tape]),
             "Only the first part of each note gets a message."),
            (tape_by(product, notes=lambda tape: [[*dict(note).items()] for note in tape]),
             "A part that stands twice in one note gets two messages."),
            (tape_by(product, notes=lambda tape: tape[:-1]), "You begin before the last note: it "
             "sends messages, too."),
        ],
        otherwise="Follow a tape of three notes on paper, from its last note to its first.",
        nudges=(
            "Begin with zeros, one for each note, and a single one at the end.",
            "Go through the notes backwards; each has its whole gradient when you come to it.",
            "For each part of a note: its slope times the note's gradient is added to the part's.",
        ),
    ),
    Function(
        number="11.5",
        title="How many workers?",
        takes="half an hour",
        right=best_workers,
        arguments=("streams", "each", "fixed", "latency", "size", "bandwidth"),
        results=("number of workers", "time"),
        probes=[
            (12, 1.0, 0.0, 0.25, 0.5, 1.0),
            (32, 2.0, 1.0, 0.5, 4.0, 2.0),
            (6, 1.0, 5.0, 0.01, 0.0001, 1.0),
            (36, 3.0, 0.5, 0.05, 1.0, 0.5),
            (60, 1.0, 2.0, 0.2, 8.0, 4.0),
            (24, 0.5, 1.0, 3.0, 2.0, 1.0),
            (32, 2.0, 3.0, 0.02, 8.0, 0.7),
            (10, 0.77, 0.2, 0.05, 1.0, 2.0),
            (20, 1.0, 0.3, 0.2, 0.001, 1.0),
            (7, 2.0, 0.0, 0.5, 0.5, 1.0),
            (1000, 1.0, 0.0, 0.03, 0.5, 1.0),
        ],
        random=cluster_setting,
        decisive=("2 * (p - 1) * (latency + size / (p * bandwidth))", "streams % p == 0"),
        mistakes=[
            (with_time(lambda p, n, each, fixed, *_: fixed + each * n / p),
             "You left the exchange out: then more workers always win."),
            (with_time(without(size=lambda p, s: 0.0)),
             "You count the latency of the messages, and not their size."),
            (with_time(without(latency=lambda p, s: 0.0)),
             "You count the size of the messages, and not their latency."),
            (with_time(lambda p, n, each, fixed, latency, size, bandwidth: fixed + each * n / p
                       + (p > 1) * 2 * latency + 2 * (p - 1) * size / (p * bandwidth)),
             "Each of the 2 (p - 1) messages has its latency."),
            (with_time(without(size=lambda p, s: s["size"] * p)),
             "In a ring each message is one piece: a p-th of the gradient."),
            (with_time(lambda p, *s: step_seconds(p, *s, messages=lambda p: 1)),
             "That is a single message. Each worker waits for many, one after the other."),
            (with_time(without(size=lambda p, s: 8 * s["size"])),
             "size is in bytes already: no 8 before it."),
            (with_time(without(bandwidth=lambda p, s: 1 / s["bandwidth"])),
             "You multiplied by the bandwidth. What is the unit of size over bandwidth?"),
            (with_time(without(each=lambda p, s: s["each"] * p)),
             "The streams are shared: each worker computes a p-th of them."),
            (lambda *s: best_workers(*s, numbers=lambda n: range(1, n + 1)),
             "Each worker has to get equally many streams."),
            (lambda *s: best_workers(
                *s, numbers=lambda n: range(1, n + 1),
                time=without(streams=lambda p, s: p * np.ceil(s["streams"] / p)),
            ), "Some workers would get fewer streams: each has to get equally many."),
            (with_time(lambda p, *s: step_seconds(p, *s, messages=lambda p: p - 1)),
             "That is one way round the ring. It is gone round twice: to add up, and to hand on "
             "the sum."),
            (with_time(lambda p, *s: step_seconds(p, *s, messages=lambda p: 2 * p)),
             "A single worker sends nothing, and p workers take one message less for each round."),
            (with_time(lambda p, streams, each, fixed, latency, size, bandwidth: max(
                fixed + each * streams / p, 2 * (p - 1) * (latency + size / (p * bandwidth)))),
             "You took the longer of computing and exchanging. They follow each other."),
            (lambda *s: best_workers(*s)[0], "That is the number of workers. The time is asked "
             "for as well."),
            (lambda *s: best_workers(*s)[1], "That is the time. The number of workers is asked "
             "for as well."),
            (lambda *s: best_workers(
                *s, numbers=lambda n: [p for p in range(2, n + 1) if n % p == 0]),
             "You begin with two workers. One alone may be the fastest."),
            (lambda *s: best_workers(
                *s, numbers=lambda n: [p for p in range(1, n) if n % p == 0]),
             "You leave out one worker for each stream: it is allowed."),
            (lambda *s: (best_workers(*s)[0], step_seconds(1, *s) / best_workers(*s)[1]),
             "The second number is how much faster it gets. The time is asked for."),
            (lambda *s: best_workers(*s, pick=max), "That number makes the longest step."),
            (lambda *s: best_workers(*s, numbers=lambda n: [p for p in (1, 2, 4, 8, 16, 32)
                                                            if n % p == 0]),
             "It need not be a power of two."),
            (with_time(without(fixed=lambda p, s: s["fixed"] / p)),
             "The fixed part is not shared: each worker pays it in full."),
            (with_time(without(fixed=lambda p, s: 0.0)),
             "The fixed part is missing in the time."),
            (lambda *s: best_workers(*s)[::-1], "Right, but in the other order."),
        ],
        otherwise="Work out the time of a step for each number of workers that is allowed.",
        nudges=(
            "First a function of p: what one worker computes, and what the exchange takes.",
            "The section on the cost has the formula of the ring; size stands for its 8N.",
            "Then try all p that divide the streams, and take the one with the smallest time.",
        ),
    ),
]  # fmt: skip
