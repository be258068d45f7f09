"""The exercises of chapter 02: a network that reads."""

import numpy as np

from rnn_helpers.encoding import windows
from rnn_helpers.exercises.engine import Design, Function, Numbers, Unreadable
from rnn_helpers.exercises.trying import numbers
from rnn_helpers.forward_pass import Parameters, forward, init_parameters


def network(rng, V=5, H=4, scale=0.5):
    """A network with large weights and biases, so that no zero can hide a mistake."""
    parameters = init_parameters(V, H, rng, scale=scale)
    return parameters._replace(bh=rng.standard_normal(H), by=rng.standard_normal(V))


def step_setting(rng, V=5, H=4):
    """The arguments of one step: parameters, a state, an id."""
    return network(rng, V, H), rng.standard_normal(H), int(rng.integers(V))


def window_setting(rng, n=13, T=4):
    """The arguments of reading in windows: parameters, ids, T."""
    return network(rng), rng.integers(0, 5, n), T


def one_step(parameters, h, id):
    """The next state and its scores."""
    hidden, logits = forward(parameters, np.array([id]), h)
    return hidden[1], logits[0]


def step(make):
    """A mistake in one step: a function of the five arrays, the old state and a column."""
    return lambda p, h, id: make(p, h, p.Wxh[:, id])


def both(p, h):
    """A state and its scores."""
    return h, p.Why @ h + p.by


def without_tanh(w, u, b, x):
    """The last state of one neuron without tanh."""
    h = 0.0
    for x_t in x:
        h = w * x_t + u * h + b
    return h


def faded(u, x, shift=0):
    """The factors with which the characters count at the end, or, if shifted, a mistake."""
    return u ** (np.arange(len(x))[::-1] + shift)


def neuron_setting(rng, T):
    """The arguments of the neuron without tanh."""
    return *(float(number) for number in rng.uniform(0.3, 1.2, 3)), rng.standard_normal(T)


def in_windows(parameters, ids, T):
    """The last state of a text."""
    return forward(parameters, ids, np.zeros(len(parameters.bh)))[0][-1]


def windowed(hand_on=lambda hidden: hidden[-1], overlap=0, give=None,
             first=lambda bh: np.zeros(len(bh)), read=lambda ids, T: ids):  # fmt: skip
    """A loop over windows with one of its parts exchanged: for the mistakes."""

    def answer(parameters, ids, T):
        h, ids = first(parameters.bh), read(ids, T)
        for start in range(0, len(ids), T):
            hidden, _ = forward(parameters, ids[start : start + T + overlap], h)
            h = hand_on(hidden)
        return give(hidden) if give else h

    return answer


def by_windows(parameters, ids, T):
    """The windows of chapter 01, whose inputs lack the last character: a mistake."""
    h = np.zeros(len(parameters.bh))
    for inputs, _ in windows(ids, T):
        h = forward(parameters, inputs, h)[0][-1]
    return h


def windowed_with_T(parameters, ids, T):
    """State T of each window, which a shorter one does not have: a mistake."""
    return windowed(hand_on=lambda hidden: hidden[T])(parameters, ids, T)


def switch(answer):
    """A neuron with these three numbers, as a function that says what its inputs lead to."""
    weights = numbers(answer)
    if weights is None or weights.dtype.kind not in "iuf" or weights.shape != (3,):
        raise Unreadable("Three numbers are asked for: w, u, b.")
    if not np.isfinite(weights).all():
        raise Unreadable("Three finite numbers are asked for: w, u, b.")
    w, u, b = weights

    def read(inputs):
        h = 0.0
        for x_t in inputs:
            h = np.tanh(w * x_t + u * h + b)
        return "on" if h > 0.5 else "off" if h < -0.5 else "neither on nor off"

    return read


def inputs_in_words(inputs):
    """Such as "the inputs -1, 0 (200 times), 1"."""
    words, i = [], 0
    while i < len(inputs):
        n = next((k for k in range(i, len(inputs)) if inputs[k] != inputs[i]), len(inputs)) - i
        words.append(f"{inputs[i]}" if n == 1 else f"{inputs[i]} ({n} times)")
        i += n
    return f"the inputs {', '.join(words)}"


def touches(rng):
    """Inputs of the switch: 1 or -1, then mostly zeros."""
    later = rng.choice([-1, 0, 1], rng.integers(0, 60), p=[0.05, 0.9, 0.05])
    return ([int(rng.choice([-1, 1])), *map(int, later)],)


def counter(answer):
    """A network of two characters, as a function that gives its guess after each of them."""
    try:
        parameters = Parameters(*(np.asarray(array, float) for array in answer))
    except (TypeError, ValueError, OverflowError):
        raise Unreadable("Five arrays are asked for: Parameters(Wxh, Whh, Why, bh, by).") from None
    H = parameters.bh.size
    shapes = {"Wxh": (H, 2), "Whh": (H, H), "Why": (2, H), "bh": (H,), "by": (2,)}
    for name, shape in shapes.items():
        if getattr(parameters, name).shape != shape:
            raise Unreadable(
                f"With two characters and {H} neurons, {name} has the shape {shape}; yours has "
                f"{getattr(parameters, name).shape}."
            )

    def guesses(bits):
        _, logits = forward(parameters, np.array(bits), np.zeros(H))
        return "".join("01"[score.argmax()] for score in logits)

    return guesses


def counting(k=8.0, Wxh=((0, 1), (0, 1)), Whh=((0.5, -0.5), (0.5, -0.5)),
             Why=((0, 0), (1, -1)), bh=(-0.5, -1.5), by=(1, 0)):  # fmt: skip
    """A network that counts modulo two, or one of the mistakes."""
    Wxh, Whh, Why, bh, by = (np.array(array, float) for array in (Wxh, Whh, Why, bh, by))
    return Parameters(k * Wxh, k * Whh, Why, k * bh, by)


def bits(rng):
    """A text of two characters, as a list of ids."""
    return (rng.integers(0, 2, rng.integers(1, 200)).tolist(),)


def bits_in_words(bits):
    """Such as "the ids 0, 1, 1"; of a long text only how many there are."""
    short = f"the ids {', '.join(map(str, bits))}"
    return short if len(bits) < 9 else f"a text of {len(bits)} ids"


LATCH = counting(Wxh=((0, 2),), Whh=((1,),), Why=((0,), (1,)), bh=(-0.5,), by=(0, 0))
RNG = np.random.default_rng(7)
EXERCISES = [
    Numbers(
        number="02.1",
        title="How many numbers to learn?",
        takes="one line",
        right=40_927,
        mistakes=[
            (2 * 95 * 128 + 128**2, "The matrices are right. What else is learnt?"),
            (2 * 95 * 128 + 128 + 95, "One of the three matrices is missing."),
            (95 * 128 + 128**2 + 128 + 95, "Two matrices have the same size. Are both in?"),
            (2 * 95 * 128 + 128**2 + 128, "One of the two biases is missing."),
            (2 * 95 * 128 + 128**2 + 95, "One of the two biases is missing: which?"),
            (2 * 95 * 128 + 95**2 + 128 + 95, "How large is the matrix from state to state?"),
            (2 * 95 * 128 + 128**2 + 2 * 128, "by is added to the scores. How many are there?"),
            (2 * 95 * 128 + 128**2 + 2 * 95, "bh is added before tanh. How many sums are there?"),
            (2 * (95 + 128) + 2 * 128 + 128 + 95, "A matrix holds rows times columns."),
            (2 * 42 * 100 + 100**2 + 142, "Those are the sizes of the example in the chapter."),
        ],
        otherwise="Write down the shape of each of the five arrays first.",
        nudges=(
            "There are three matrices and two biases.",
            "The table of shapes gives rows and columns in H and V; multiply each out.",
            "Wxh and Why have the same number of entries; Whh is square.",
        ),
    ),
    Function(
        number="02.2",
        title="One step",
        takes="five minutes",
        right=one_step,
        arguments=("parameters", "h", "id"),
        results=("state", "vector of scores"),
        probes=[step_setting(RNG), step_setting(RNG, 3, 3), step_setting(RNG, 4, 1)],
        random=lambda rng: step_setting(rng, *rng.integers(1, 6, 2)),
        decisive=("Whh @ h + bh", "Why @ h + by"),
        mistakes=[
            (step(lambda p, h, x: both(p, np.tanh(x + p.Whh @ h))),
             "The sum before tanh has three terms. Which is missing?"),
            (step(lambda p, h, x: both(p, np.tanh(x + p.bh))),
             "The new state does not depend on the old one."),
            (step(lambda p, h, x: both(p, x + p.Whh @ h + p.bh)),
             "Your state can leave the strip from -1 to 1."),
            (step(lambda p, h, x: both(p, np.tanh(x + p.Whh @ h) + p.bh)),
             "bh belongs in the sum, before tanh bends it."),
            (step(lambda p, h, x: both(p, np.tanh(x + p.Whh.T @ h + p.bh))),
             "Compare with the equation: is the matrix from state to state transposed there?"),
            (step(lambda p, h, x: both(p, np.tanh(x + p.Whh * h + p.bh))),
             "For a matrix times a vector, * is the wrong product: it makes your state a matrix."),
            (lambda p, h, id: both(p, np.tanh(p.Wxh[id] + p.Whh @ h + p.bh)),
             "Wxh has a column for each character. What you picked is a row."),
            (step(lambda p, h, x: (np.tanh(x + p.Whh @ h + p.bh), p.Why @ h + p.by)),
             "The state is right. From which state do the scores follow, the old or the new?"),
            (step(lambda p, h, x: (g := np.tanh(x + p.Whh @ h + p.bh), p.Why @ g)),
             "The state is right. The scores have a bias as well."),
            (step(lambda p, h, x: (g := np.tanh(x + p.Whh @ h + p.bh), np.tanh(both(p, g)[1]))),
             "The state is right. Scores may have any size: they do not pass tanh."),
            (step(lambda p, h, x: both(p, np.tanh(x + p.Whh @ h + p.bh))[::-1]),
             "The other way round: first the state, then the scores."),
            (step(lambda p, h, x: both(p, np.tanh(x + p.Whh @ h + p.bh))[1]),
             "Those are the scores. The caller needs the state as well, to read on."),
            (step(lambda p, h, x: np.tanh(x + p.Whh @ h + p.bh)),
             "That is the state. The caller needs the scores as well."),
        ],
        otherwise="Compare line by line with the two equations of the section on many neurons.",
        nudges=(
            "Take the five arrays out of parameters first: they come in the order of the table.",
            "The new state is tanh of a sum with three terms; the character picks one of them.",
            "The scores are computed from the state that you made in the line before.",
        ),
    ),
    Function(
        number="02.3",
        title="Without tanh, in one sum",
        takes="ten minutes",
        right=without_tanh,
        arguments=("w", "u", "b", "x"),
        probes=[
            (1.0, 0.5, 0.0, np.array([1.0, 0.0, 0.0])),
            (2.0, 0.5, 1.0, np.array([0.0, 0.0])),
            (1.0, 3.0, 0.5, np.array([2.0])),
            *(neuron_setting(RNG, T) for T in (2, 5, 8)),
            (2.0, 1.0, 0.5, np.array([1.0, -2.0, 0.5])),
            (2.0, 0.0, 0.5, np.array([1.0, -2.0, 0.5])),
            (2.0, -0.8, 0.5, np.array([1.0, -2.0, 0.5, 3.0])),
            (0.5, 0.5, 0.25, np.array([1, 0, 2])),
        ],
        random=lambda rng: neuron_setting(rng, rng.integers(1, 9)),
        decisive=("[::-1]", "w * x + b"),
        mistakes=[
            (lambda w, u, b, x: ((w * x + b) * u ** np.arange(len(x))).sum(),
             "You let the last character fade most. Which one came longest ago?"),
            (lambda w, u, b, x: ((w * x + b) * faded(u, x, 1)).sum(),
             "How often has the last character been multiplied by u at the end?"),
            (lambda w, u, b, x: (w * x * faded(u, x)).sum(),
             "The bias is missing."),
            (lambda w, u, b, x: (w * x * faded(u, x)).sum() + b,
             "The bias is added at every step, not once."),
            (lambda w, u, b, x: (w * x * faded(u, x)).sum() + len(x) * b,
             "What the bias added at an earlier step has faded too."),
            (lambda w, u, b, x: (w * x + b).sum(),
             "No character fades. What becomes of the old state at each step?"),
            (lambda w, u, b, x: (w * x + b) * faded(u, x),
             "Those are the parts. The state is one number."),
            (lambda w, u, b, x: ((w * x + b) * u * np.arange(len(x))[::-1]).sum(),
             "At each step the old state is multiplied by u once more. After k steps, is the "
             "factor u times k?"),
            (lambda w, u, b, x: ((w + b) * x * faded(u, x)).sum(),
             "The bias is added to what comes in; it does not multiply it."),
            (lambda w, u, b, x: np.tanh(((w * x + b) * faded(u, x)).sum()),
             "This neuron has no tanh."),
        ],
        otherwise="Write the first three steps out by hand, and put each into the next.",
        nudges=(
            "The formula is in the section on tanh: a sum with one part for each character.",
            "You need an array of powers of u as long as x. Which exponent belongs to the last?",
            "np.arange counts upwards; a slice with a negative step turns an array round.",
        ),
    ),
    Function(
        number="02.4",
        title="Read in windows",
        takes="ten minutes",
        right=in_windows,
        arguments=("parameters", "ids", "T"),
        probes=[
            window_setting(RNG, n, T) for n, T in ((14, 4), (13, 1), (12, 4), (9, 20), (1, 3))
        ],
        random=lambda rng: window_setting(rng, rng.integers(1, 20), int(rng.integers(1, 9))),
        decisive=("h = hidden[-1]", "start : start + T"),
        case=lambda parameters, ids, T: f"{len(ids)} characters and T = {T}",
        mistakes=[
            (windowed(hand_on=lambda hidden: 0 * hidden[-1], give=lambda hidden: hidden[-1]),
             "Each window starts from zero: such a network remembers no further than T."),
            (windowed(hand_on=lambda hidden: hidden[-2]),
             "The state that you hand on has not read the last character of its window."),
            (windowed(overlap=1),
             "Neighbouring windows overlap: one character in each is read twice."),
            (windowed(read=lambda ids, T: ids[: len(ids) // T * T]),
             "The short window at the end is not read."),
            (windowed(hand_on=lambda hidden: hidden),
             "You hand on all states of a window; the next call starts from one."),
            (by_windows,
             "windows gives those characters that are followed by one: the last is not read."),
            (windowed_with_T,
             "The last window may be shorter than T: count its states from the end."),
            (windowed(read=lambda ids, T: ids[:-1] if len(ids) > 1 else ids),
             "The last character is read as well: here nothing is to be guessed."),
            (windowed(give=lambda hidden: hidden[-2]),
             "That is the last state but one."),
            (windowed(first=lambda bh: bh),
             "The first state should be zeros, as many as bh has numbers."),
            (lambda parameters, ids, T: forward(parameters, ids, np.zeros(len(parameters.bh)))[0],
             "Those are all states of the text."),
            (lambda parameters, ids, T: forward(parameters, ids, np.zeros(4))[1][-1],
             "Those are the last scores. The state is asked for."),
        ],
        otherwise="What does each window start from, and where does the next one begin?",
        nudges=(
            "A loop over the places where windows begin: range has a third argument.",
            "forward gives all states of its window; the first of them is the one it was given.",
            "The state after a window's last character is what the next call starts from.",
        ),
    ),
    Design(
        number="02.5",
        title="A switch of one neuron",
        takes="ten minutes",
        build=switch,
        right=(5.0, 2.0, 0.0),
        arguments=("inputs",),
        probes=[([*inputs],) for inputs in (
            (1,), (-1,), (1, 0), (1, 0, 0, 0), (1, *200 * (0,)), (-1, *200 * (0,)), (1, -1),
            (-1, 1), (1, *20 * (0,), -1), (-1, *20 * (0,), 1), (1, 1, 1, -1, *9 * (0,)),
            (*8 * (1,), -1), (*8 * (-1,), 1),
        )],
        random=touches,
        decisive=("5.0, 2.0",),
        case=inputs_in_words,
        mistakes=[
            ((1, 0.8, 0), "This is the neuron of the second section: the touch fades away, and a "
             "touch of -1 is too weak to turn it off."),
            ((5, 0.8, 0), "It can be turned on and off, but the touch fades. What has u to be?"),
            ((5, 1, 0), "It fades slowly: where tanh bends, a little is lost at each step. What "
             "must u make up for?"),
            ((1, 1.5, 0), "It stays on, but one touch of -1 is too weak to turn it off: compare "
             "what the touch adds with what the state adds."),
            ((3, 3, 0), "After a touch of -1 the state is near 0 at first: a touch should weigh "
             "more than the state."),
            ((1, 2, 0), "It stays on, even when it should be turned off: compare what the touch "
             "adds with what the state adds."),
            ((-5, 2, 0), "On and off are exchanged."),
            ((5, -2, 0), "While nothing comes in, it turns round at each step."),
            ((5, 2, 1), "It turns itself on while the input is 0: what pulls the state up?"),
            ((5, 2, -1), "It turns itself off while the input is 0: what pulls the state down?"),
            ((5, 0, 0), "It forgets at once: one input of 0, and it is no longer on. What has u "
             "to be?"),
            ((0, 2, 0), "A touch hardly moves it: after an input of 1 the state has to be above "
             "0.5."),
        ],
        otherwise="Follow the state on paper, step by step.",
        nudges=(
            "The paragraph below the widget says with which u a touch stays. Take such a u, and "
            "look at w next.",
            "To be turned off, the sum must be negative although the state is near 1.",
            "While the input is 0, nothing should push the state up or down: choose b so.",
        ),
    ),
    Design(
        number="02.6",
        title="Count modulo two",
        takes="half an hour",
        build=counter,
        right=counting(),
        arguments=("ids",),
        probes=[(ids,) for ids in (
            [0], [1], [1, 1], [0, 1], [1, 0], [1, 0, 1], [1, 1, 1], [0, 0, 1, 1, 0, 1],
            *(RNG.integers(0, 2, 300).tolist() for _ in range(4)), [1] + 300 * [0], 301 * [1],
            300 * [0],
        )],
        random=bits,
        decisive=("-0.5, -1.5", "1.0, -1.0", "0.5, -0.5"),
        case=bits_in_words,
        mistakes=[
            (counting(Whh=np.zeros((2, 2))),
             "It tells whether the last character was a 1. The state before must count too."),
            (LATCH,
             "Once it has met a 1 it says odd for good: it is a switch, and does not count."),
            (counting(by=(0, 1), Why=((1, -1), (0, 0))),
             "Even and odd are exchanged: which row of Why belongs to which answer?"),
            (counting(k=0),
             "It says even after every text: is the score of id 1 ever the higher one? With large "
             "weights tanh is nearly a step."),
            (counting(by=(0, 0)),
             "It says odd after every text: which score wins when both neurons are low?"),
            (counting(k=2),
             "The idea is right, but tanh is not flat where your sums are: the state blurs in "
             "long texts."),
            (counting(Whh=((0.5, 0.5), (-0.5, -0.5))),
             "Whh[i, j] leads from neuron j to neuron i. Yours is the other way round."),
            (counting(Wxh=((1, 0), (1, 0))),
             "It counts the other character: column 1 of Wxh belongs to id 1."),
        ],
        otherwise="Follow the states on paper: what should each neuron tell? If only long texts "
        "fail, tanh has to be flatter where your sums are.",
        nudges=(
            "Let s be 1 if the count so far is odd, else 0. With the next bit x, s + x is 0, 1 or "
            "2, and only for 1 is the new count odd.",
            "One neuron can tell whether s + x is at least 1, another whether it is 2. Large "
            "weights make tanh nearly a step from -1 to 1.",
            "If the first is high and the second is low, the count is odd. So half of their "
            "difference is s, which the next step needs: that is what Whh has to compute.",
        ),
    ),
]  # fmt: skip
