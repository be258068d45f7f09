"""The exercises of chapter 08: what speed costs, and an optimizer that forgets."""

from typing import NamedTuple

import numpy as np

from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.encoding import one_hot
from rnn_helpers.exercises.chapter_02 import network
from rnn_helpers.exercises.chapter_05 import optimizer, optimizer_setting, steps_in_words
from rnn_helpers.exercises.engine import Design, Function, Numbers

H, V, T, B = 128, 95, 25, 32  # of exercise 08.4
PEAK = 50e9 / 1000  # operations a millisecond


def into_columns(ids, da, V):
    """dWxh without adding up: of an id that comes twice the last message stays."""
    dWxh = np.zeros((da.shape[1], V))
    dWxh[:, ids] += da.T
    return dWxh


def messages(rng):
    """The arguments of 08.3, with ids that come twice."""
    n, H, V = rng.integers(1, 8, 3)
    return rng.integers(0, V, n), rng.standard_normal((n, H)), int(V)


def norm_of_all(gradients):
    """The length of all gradients together."""
    return np.sqrt(sum((g**2).sum() for g in gradients))


class RMSprop:
    """Adagrad whose divisor forgets; the parts that mistakes exchange are attributes."""

    beta, in_place, keeps, total = 0.99, True, True, False

    def __init__(self, parameters, rate):
        self.parameters, self.rate, self.steps = parameters, rate, 0
        self.squares = [0 * w for w in parameters]

    def step(self, gradients):
        """Move every parameter once."""
        self.steps += 1
        if self.total:
            self.squares = [self.square(self.squares[0].sum(), norm_of_all(gradients))] * 5
        for i, (w, g) in enumerate(zip(self.parameters, gradients)):
            old = new = self.squares[i]
            if not self.total:
                new = self.square(old, g)
            if self.keeps:
                self.squares[i] = new
            move = self.rate * self.move(g, new, old)
            if self.in_place:
                w -= move

    def square(self, s, g):
        """The new running mean of the squares."""
        return self.beta * s + (1 - self.beta) * g * g

    def move(self, g, s, old):
        """The step, in rates."""
        return g / np.sqrt(s + 1e-8)


def where_epsilon_counts():
    """A step whose gradients are tiny, one of them 0: only here the place of epsilon matters."""
    rng = np.random.default_rng(85)
    parameters = network(rng, 3, 2)
    gradients = parameters._make(1e-4 * rng.choice([-1.0, 1.0], w.shape) for w in parameters)
    gradients.bh[0] = 0
    return parameters, 0.1, [gradients, gradients]


def tiny_or_not(parameters, rate, gradients):
    """A run in words, such as "2 steps at rate 0.1"."""
    tiny = bool(max(np.abs(g).max() for g in gradients[0]) < 0.01)
    return f"{'tiny gradients and ' * tiny}{steps_in_words(parameters, rate, gradients)}"


def wrong_rmsprop(**parts):
    """The class with some of its parts exchanged."""
    return type("RMSprop", (RMSprop,), parts)


class Limited:
    """loss_and_gradients on a machine whose memory holds only so many streams.

    Its loss and gradients are three times as large, so that they can be told from those of others.
    """

    def __init__(self, most):
        self.most = most

    def __call__(self, parameters, inputs, targets, h0):
        """The same results; MemoryError for too large a batch."""
        streams = len(h0) if np.ndim(h0) > 1 else 1
        if streams > self.most:
            raise MemoryError(f"{streams} streams at once, and only {self.most} fit")
        return scaled_results(parameters, inputs, targets, h0)


def scaled_results(parameters, inputs, targets, h0):
    """What loss_and_gradients returns, the loss and the gradients times three."""
    loss, gradients, h = loss_and_gradients(parameters, inputs, targets, h0)
    return 3 * loss, gradients._make(3 * g for g in gradients), h


class Piece(NamedTuple):
    """The sizes by which a piece of a batch can be weighted."""

    n: int  # streams of this piece
    B: int  # streams of the batch
    most: int
    pieces: int


def in_pieces(weight=lambda piece: piece.n / piece.B, loss_weight=None, all_gradients=True,
              last="all", starts_of=range, part_of=lambda a, part: a[:, part],
              state_of=lambda h0, part: h0[part]):  # fmt: skip
    """Gradients of a batch, piece by piece, with one part exchanged for the mistakes."""
    loss_weight = loss_weight or weight

    def answer(function, parameters, inputs, targets, h0, most):
        loss, states = 0.0, []
        gradients = parameters._make(np.zeros_like(w) for w in parameters)
        starts = starts_of(0, len(h0), most)
        for first in starts:
            part = slice(first, first + most)
            window = part_of(inputs, part), part_of(targets, part), state_of(h0, part)
            cost, found, h = function(parameters, *window)
            piece = Piece(len(h), len(h0), most, len(starts))
            loss += loss_weight(piece) * cost
            if not all_gradients:
                gradients = found
            else:
                for total, gradient in zip(gradients, found):
                    total += weight(piece) * gradient
            states.append(h)
        h = {"all": np.concatenate(states), "last": states[-1], "first": h0}
        return loss, gradients, h[last]

    return answer


def with_states(change):
    """The right results, with other last states: for the mistakes."""

    def answer(function, parameters, inputs, targets, h0, most):
        loss, gradients, h = in_pieces()(function, parameters, inputs, targets, h0, most)
        return loss, gradients, change(h, most)

    return answer


def whole_pieces(first, size, most):
    """Where pieces start if a short one at the end is dropped: a mistake."""
    return range(first, size - most + 1, most)


def batch_setting(rng, B=None, most=None):
    """The arguments of 08.6."""
    B, most = B or int(rng.integers(2, 8)), most or int(rng.integers(1, 5))
    most = min(most, B)
    inputs, targets = rng.integers(0, 5, (2, 6, B))
    return Limited(most), network(rng), inputs, targets, rng.standard_normal((B, 4)), most


def milliseconds(products=3, per_product=2, time=T, streams=B, entries=H * H + H * V, unit=1):
    """How long the products of a step take, with one of the factors exchanged."""
    return products * per_product * time * streams * entries * unit / PEAK


RNG = np.random.default_rng(8)
EXERCISES = [
    Numbers(
        number="08.1",
        title="Products that picking saves",
        takes="one line",
        right=25 * 100 * 173,
        mistakes=[
            (100 * 173, "That is one time step. The window has more."),
            (25 * 100 * 172, "The product with the 1 is saved as well: a column is copied, and "
             "nothing multiplied."),
            (25 * 173, "Each neuron multiplies the whole one-hot vector. How many neurons?"),
            (25 * 100, "That is what is picked: one column at each step. How much was "
             "multiplied?"),
            (25 * 100 * 100, "Those are the products of Whh, which picking does not save."),
            (2 * 25 * 100 * 173, "You counted additions as well; only multiplications are asked "
             "for."),
            (25 * 100 * 273, "You counted Whh as well. It is multiplied by a state, not by a "
             "one-hot vector."),
            (3 * 25 * 100 * 173, "Only the way forwards is asked for."),
        ],
        otherwise="Count one product of Wxh with a one-hot vector; then all of the window.",
        nudges=(
            "Wxh has H rows and V columns.",
            "A product of a matrix and a vector multiplies each entry of the matrix once.",
            "That happens at each of the T time steps.",
        ),
    ),
    Numbers(
        number="08.2",
        title="Where float32 stops counting",
        takes="five minutes",
        right=2**24,
        mistakes=[
            (2**23, "From this number one can still count on: the answer is larger. How many "
             "binary digits has float32 if the leading 1 counts, which is not stored?"),
            (2**24 - 1, "From there one more step is possible."),
            (2**24 + 1, "float32 has no such number: try np.float32 of it."),
            (2**25, "That is a float32, but can it be reached in steps of one?"),
            (2**31 - 1, "That is the largest int32. A float32 can no longer count in ones long "
             "before its largest number."),
            (2**32, "That is how many numbers 32 bits can tell apart. Some of them are fractions, "
             "and some are huge."),
            (2**53, "There float64 stops."),
            (10**7, "The seven digits are rounded. The limit is a power of two."),
            (9_999_999, "Seven digits is a rule of thumb. The limit is a power of two."),
            (float(np.finfo(np.float32).max), "That is the largest float32. Near it, "
             "neighbours are far more than 1 apart."),
        ],
        otherwise="Find the first number from which adding 1 leads to the same number again.",
        nudges=(
            "Add np.float32(1) to ever larger numbers. When does nothing change?",
            "Double a float32 in a loop until adding 1 changes nothing.",
            "Then make sure that one less than what you found can still be counted.",
        ),
    ),
    Function(
        number="08.3",
        title="A gradient without a loop",
        takes="ten minutes",
        right=lambda ids, da, V: da.T @ one_hot(ids, V),
        arguments=("ids", "da", "V"),
        probes=[
            (np.array([2, 0, 2, 3]), np.arange(12.0).reshape(4, 3) + 1, 5),
            (np.array([1, 0, 2]), np.arange(9.0).reshape(3, 3) - 2, 3),
            (np.array([1, 1, 1, 1, 0]), np.arange(10.0).reshape(5, 2) + 1, 5),
            (np.array([0]), np.array([[2.0, -1.0]]), 3),
            (np.array([3, 1, 3]), np.array([[0.5, -0.25, 0.125, 0.75, 1.5],
                                            [0.25, 0.5, -0.75, 1.25, -0.5],
                                            [0.75, -0.25, 0.375, -0.5, 0.625]]), 4),
        ],
        random=messages,
        decisive=("da.T @ x", "np.add.at("),
        case=lambda ids, da, V: f"ids {ids.tolist()}, da of shape {da.shape} and V = {V}",
        mistakes=[
            (into_columns, "An id that comes twice: one of its messages is lost. NumPy writes "
             "each picked column once."),
            (lambda ids, da, V: one_hot(ids, V).T @ da,
             "The numbers are right, rows and columns are exchanged: dWxh has the shape (H, V)."),
            (lambda ids, da, V: da.T @ one_hot(ids, V) / len(ids),
             "You took a mean over the steps. Messages add up."),
            (lambda ids, da, V: da.T @ one_hot(ids, V)
             / np.maximum(np.bincount(ids, minlength=V), 1),
             "For an id that comes twice you took the mean of its messages. They add up."),
            (lambda ids, da, V: da.T @ one_hot(ids, ids.max() + 1),
             "There are too few columns: the largest id in the window need not be the last of "
             "the vocabulary."),
            (lambda ids, da, V: da.sum(axis=0)[:, np.newaxis] * one_hot(ids, V).any(axis=0),
             "Every column gets all messages. Each message belongs to the column of its own id."),
            (lambda ids, da, V: da.T @ one_hot(ids[::-1], V),
             "Messages and ids run in opposite directions."),
            (lambda ids, da, V: da.T[:, ids],
             "You picked from da with ids. ids name columns of dWxh; da has a row for each "
             "step."),
            (lambda ids, da, V: da @ one_hot(ids, V),
             "The shapes do not fit: the sum goes over the steps, so both factors must meet "
             "there."),
            (lambda ids, da, V: da.T @ one_hot(ids, V) * (np.bincount(ids, minlength=V) == 1),
             "Ids that come twice get no gradient at all."),
        ],
        otherwise="Which column does each message belong to, and what do two in the same one do?",
        nudges=(
            "The section on sums over time has the cure: messages as rows of a matrix.",
            "The other factor is a matrix of one-hot rows, (n, V).",
            "np.arange(n) and ids together name one entry in each row. Then one product.",
        ),
    ),
    Numbers(
        number="08.4",
        title="The shortest step",
        takes="five minutes",
        right=milliseconds(),
        mistakes=[
            (milliseconds(unit=1 / 1000), "That is in seconds; milliseconds are asked for."),
            (milliseconds(per_product=1), "Each multiplication comes with an addition, and both "
             "are counted."),
            (milliseconds(products=1), "That is the way forwards alone: there are two more "
             "products with each matrix."),
            (milliseconds(products=2), "One of the three products is missing: forwards, the "
             "message back, the gradient."),
            (milliseconds(streams=1), "That is for a single window. How many does the batch "
             "have?"),
            (milliseconds(time=1), "That is one time step of the window."),
            (milliseconds(entries=H * H), "That is Whh alone; Why is multiplied as well."),
            (milliseconds(entries=H * V), "That is Why alone; Whh is multiplied as well."),
            (milliseconds(entries=H * H + 2 * H * V), "You counted Wxh as well. Its products "
             "are not counted: a column can be picked."),
            (milliseconds(unit=PEAK), "That is how many operations a step has. How long do they "
             "take?"),
            (1 / milliseconds(), "That is how many steps a millisecond has."),
        ],
        otherwise="Operations of one product, times the number of products, over the speed.",
        nudges=(
            "The section on batches says how many operations are counted, for each entry of the "
            "two matrices and each character.",
            "A step reads T times B characters.",
            "Divide all operations by 50 billion a second, and turn seconds into milliseconds.",
        ),
    ),
    Design(
        number="08.5",
        title="RMSprop",
        takes="twenty minutes",
        build=optimizer,
        right=RMSprop,
        arguments=("parameters", "rate", "gradients"),
        in_place=True,
        rtol=1e-5,
        probes=[*(optimizer_setting(RNG, steps) for steps in (1, 2, 3, 5)),
                where_epsilon_counts()],
        random=optimizer_setting,
        decisive=("0.01 * g * g", "np.sqrt(s + 1e-8)"),
        case=tiny_or_not,
        mistakes=[
            (wrong_rmsprop(square=lambda self, s, g: s + g * g),
             "That is Adagrad: its sum never forgets."),
            (wrong_rmsprop(move=lambda self, g, s, old: g / np.sqrt(s / (1 - 0.99**self.steps)
                                                                    + 1e-8)),
             "You corrected the start, as Adam does. This method does not."),
            (wrong_rmsprop(square=lambda self, s, g: 0.99 * s + g * g),
             "It forgets, but it is a sum, not a mean: what does the new square have to be "
             "multiplied by?"),
            (wrong_rmsprop(square=lambda self, s, g: 0.01 * s + 0.99 * g * g),
             "The two weights are exchanged: it forgets nearly all at each step."),
            (wrong_rmsprop(square=lambda self, s, g: 0.99 * s + 0.01 * g),
             "That is a running mean of the gradients, not of their squares."),
            (wrong_rmsprop(square=lambda self, s, g: 0.99 * s + 0.01 * np.abs(g)),
             "That is a running mean of the sizes, not of the squares."),
            (wrong_rmsprop(beta=0.9), "It forgets faster than it should: which beta?"),
            (wrong_rmsprop(beta=0.999), "It forgets more slowly than it should: which beta?"),
            (wrong_rmsprop(keeps=False), "The running mean begins at 0 again at each step. Where "
             "could it be kept?"),
            (wrong_rmsprop(move=lambda self, g, s, old: g / (s + 1e-8)),
             "The root is missing."),
            (wrong_rmsprop(move=lambda self, g, s, old: g / np.sqrt(old + 1e-8)),
             "You divide by the mean from before the step: at first that is 0."),
            (wrong_rmsprop(move=lambda self, g, s, old: g / (np.sqrt(old) + 1e-8)),
             "You divide by the mean from before the step. It begins at 0, so the first step is "
             "gigantic."),
            (wrong_rmsprop(total=True),
             "All weights share one number. Each weight has a running mean of its own."),
            (wrong_rmsprop(move=lambda self, g, s, old: -g / np.sqrt(s + 1e-8)),
             "It climbs: look at the sign."),
            (wrong_rmsprop(move=lambda self, g, s, old: g / (np.sqrt(s) + 1e-8)),
             "For a tiny gradient the step is not right: epsilon stands under the root."),
            (wrong_rmsprop(move=lambda self, g, s, old: g / np.sqrt(s + 1e-6)),
             "For a tiny gradient the step is not right: how small is epsilon?"),
            (wrong_rmsprop(move=lambda self, g, s, old: g / np.sqrt(s)),
             "Without epsilon, a gradient of 0 is divided by 0."),
            (wrong_rmsprop(in_place=False), "The parameters have not moved. They are to be "
             "changed in place."),
        ],
        otherwise="Follow one weight for two steps on paper: s, and then the step.",
        nudges=(
            "MyAdagrad of chapter 05 needs one other line.",
            "Each array has a running mean of its own, kept from step to step, zeros at first.",
            "First the mean takes in the new squares; then the step divides by its root. "
            "Everything in place.",
        ),
    ),
    Function(
        number="08.6",
        title="A batch larger than the memory",
        takes="half an hour",
        right=lambda function, parameters, inputs, targets, h0, most: scaled_results(
            parameters, inputs, targets, h0),
        arguments=("function", "parameters", "inputs", "targets", "h0", "most"),
        results=("loss", "gradient", "last state"),
        probes=[batch_setting(RNG, *sizes) for sizes in ((4, 2), (5, 2), (3, 3), (7, 3), (4, 1))],
        random=batch_setting,
        decisive=("len(h) / B", "share * gradient"),
        case=lambda function, parameters, inputs, targets, h0, most: (
            f"{len(h0)} streams, {most} at most at a time,"),
        mistakes=[
            (in_pieces(weight=lambda piece: 1),
             "You added up. The loss of a batch is a mean over its streams, and so is its "
             "gradient."),
            (in_pieces(weight=lambda piece: 1 / piece.pieces),
             "It is right if all pieces have the same size. How much should a smaller one count?"),
            (in_pieces(weight=lambda piece: piece.most / piece.B),
             "A smaller piece at the end counts too much: it has fewer streams than fit."),
            (in_pieces(weight=lambda piece: 1 / piece.B),
             "You divided by the number of streams. But the loss of a piece is a mean already."),
            (in_pieces(weight=lambda piece: piece.n),
             "That is the sum over all streams; the batch's loss is their mean."),
            (in_pieces(loss_weight=lambda piece: 1),
             "The gradients are right. Losses need the same weights."),
            (in_pieces(weight=lambda piece: 1, loss_weight=lambda piece: piece.n / piece.B),
             "The loss is right. The gradients need the same weights."),
            (in_pieces(all_gradients=False),
             "The gradients are those of the last piece alone."),
            (in_pieces(last="last"), "The last states are those of the last piece alone."),
            (in_pieces(last="first"), "The first states come back; the last ones are asked for."),
            (with_states(lambda h, most: h[::-1]),
             "The last states are in another order than the streams."),
            (with_states(lambda h, most: [h[i : i + most] for i in range(0, len(h), most)]),
             "Join the last states: one array of shape (B, H)."),
            (in_pieces(state_of=lambda h0, part: h0[: len(h0[part])]),
             "Each piece starts with its own rows of h0."),
            (in_pieces(starts_of=whole_pieces), "A smaller piece at the end is left out."),
            (in_pieces(part_of=lambda a, part: a[part]),
             "inputs has the shape (T, B): a slice of its first axis is a piece of time, not of "
             "the batch."),
            (in_pieces(part_of=lambda a, part: a[part], state_of=lambda h0, part: h0),
             "You cut the window along time. Cut the batch: between streams, along the second "
             "axis."),
            (in_pieces(part_of=lambda a, part: a[:, ::-1][:, part]),
             "Streams and first states do not belong together."),
            (lambda function, parameters, inputs, targets, h0, most: function(
                parameters, inputs, targets, h0),
             "You asked for more than `most` streams at once: they do not fit into memory."),
            (lambda function, parameters, inputs, targets, h0, most: loss_and_gradients(
                parameters, inputs, targets, h0),
             "You did not use `function`: those are results of loss_and_gradients itself."),
        ],
        otherwise="What is the loss of a batch of five, if you know those of two pieces?",
        nudges=(
            "Streams lie side by side along the second axis of inputs, and along the first of "
            "h0.",
            "Take a batch of three streams on paper, in pieces of two and one. The loss of each "
            "piece is a mean.",
            "A piece counts by its share of all streams: the number of its streams, divided by "
            "the number of all.",
        ),
    ),
]  # fmt: skip
