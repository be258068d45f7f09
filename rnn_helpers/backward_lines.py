"""The reader's own backward lines of notebook 04, checked line by line: `check_lines`.

A wrong line makes all lines after it wrong as well, so only the first wrong one is named. The
usual mistakes are listed below as data, each with its hint.
"""

import numpy as np

NAMES = ("dh", "da", "dWhh", "dhnext")

# What each line may hold: the right result, then mistakes, each with a hint. The arguments of
# the functions are what the reader's lines have: m holds dy, dhnext, h, h_before, Why, Whh by
# name, and dh and da as they should be.
LINES = {
    "dh": (
        lambda m: m.Why.T @ m.dy + m.dhnext,
        [
            (lambda m: m.Why.T @ m.dy, "Only one of the two arrows is there. Which is missing?"),
            (lambda m: m.dhnext, "The message from this step's own prediction is missing."),
            (lambda m: m.Why.T @ m.dy - m.dhnext, "How do two parts of a derivative combine?"),
            (lambda m: m.Why.T @ m.dy * m.dhnext, "How do two parts of a derivative combine?"),
            (lambda m: m.Why.T @ m.dy + m.Whh.T @ m.dhnext,
             "dhnext has already gone through Whh, in the turn before."),
            (lambda m: (1 - m.h**2) * (m.Why.T @ m.dy + m.dhnext),
             "The way back through tanh belongs to the next line."),
        ],
    ),
    "da": (
        lambda m: (1 - m.h**2) * m.dh,
        [
            (lambda m: m.dh, "The way back through tanh is missing."),
            (lambda m: 1 - m.h**2 * m.dh, "Check the brackets: what is multiplied by dh?"),
            (lambda m: (1 - m.h) * m.dh, "Look at the slope of tanh again: it has a square."),
            (lambda m: (1 + m.h**2) * m.dh, "Look at the slope of tanh again: can it be above 1?"),
            (lambda m: (1 - m.h_before**2) * m.dh, "Of which state is this the slope?"),
            (lambda m: (1 - np.tanh(m.h) ** 2) * m.dh, "h is a tanh already."),
            (lambda m: (1 - m.dh**2) * m.dh, "It is the slope at the state, not at the message."),
            (lambda m: (1 - m.h**2) + m.dh, "A slope tells by which factor a message changes."),
        ],
    ),
    "dWhh": (
        lambda m: np.outer(m.da, m.h_before),
        [
            (lambda m: np.outer(m.h_before, m.da),
             "Entry (i, j) belongs to message i and state j; yours has them in the other order."),
            (lambda m: np.outer(m.da, m.h), "Which state did Whh multiply in the forward pass?"),
            (lambda m: np.outer(m.dh, m.h_before), "Whh acts before tanh. Which message is that?"),
            (lambda m: np.outer(m.dh, m.h), "Neither of the two factors is the right one."),
            (lambda m: np.outer(m.h, m.h_before), "No message takes part in your product."),
            (lambda m: m.da * m.h_before,
             "That is one number a neuron; dWhh needs one for each pair of neurons."),
            (lambda m: m.da @ m.h_before,
             "That is a single number; dWhh needs one for each pair of neurons."),
        ],
    ),
    "dhnext": (
        lambda m: m.Whh.T @ m.da,
        [
            (lambda m: m.Whh @ m.da, "Through which form of the matrix does a message go back?"),
            (lambda m: m.Whh.T * m.da,
             "Entry by entry, that is a matrix; a message is a vector, so which product is it?"),
            (lambda m: m.Whh.T @ m.dh, "This message has not been through tanh yet."),
            (lambda m: m.Whh @ m.dh, "Two things are wrong: the matrix and the message."),
            (lambda m: m.da, "The message has to pass Whh on its way to the state before."),
            (lambda m: m.dhnext, "This is the message that came in; another one goes out."),
            (lambda m: 0 * m.da, "With zeros, no step gets a message from the steps after it."),
            (lambda m: m.Why.T @ m.dy, "The way to the state before goes through another matrix."),
        ],
    ),
}  # fmt: skip


class Messages:
    """What the lines are tried on: random numbers, none of them zero or alike."""

    def __init__(self, seed=0, V=5, H=4):
        rng = np.random.default_rng(seed)
        self.dy, self.dhnext = rng.standard_normal(V), rng.standard_normal(H)
        self.h, self.h_before = np.tanh(rng.standard_normal((2, H)))
        self.Why, self.Whh = rng.standard_normal((V, H)), rng.standard_normal((H, H))
        self.dh = LINES["dh"][0](self)
        self.da = LINES["da"][0](self)

    def given(self):
        """The arguments of the reader's function."""
        return self.dy, self.dhnext, self.h, self.h_before, self.Why, self.Whh


def check_lines(step_back):
    """Print whether the reader's four lines are right, or the first that is not, with a hint.

    Parameters
    ----------
    step_back : function
        Of dy, dhnext, h, h_before, Why, Whh; it returns dh, da, dWhh and the new dhnext.
    """
    print(verdict(step_back))


def verdict(step_back):
    """What `check_lines` prints."""
    messages = Messages()
    try:
        answers = step_back(*messages.given())
    except TypeError as error:
        if "ellipsis" in str(error):
            return "Your turn: replace the three dots, from the top."
        return f"Not yet. Calling it failed: {error}"
    except ValueError as error:
        return (
            "Not yet. In one of your products the shapes do not fit; the first suspect is dh. "
            "Through which form of its matrix does a message go back? (NumPy says: "
            f"{str(error).partition(' (')[0]}.)"
        )
    except Exception as error:
        return f"Not yet. Calling it failed: {type(error).__name__}: {error}"
    if not isinstance(answers, tuple) or len(answers) != len(NAMES):
        return "Not yet. The function must return dh, da, dWhh, dhnext."
    for name, answer in zip(NAMES, answers):
        if answer is ...:
            done = NAMES.index(name)
            return f"Right so far: {done} of 4 lines. Your turn: {name}." if done else (
                "Your turn: replace the three dots, from the top."
            )  # fmt: skip
        hint = hint_for(name, answer, messages)
        if hint:
            return f"Not yet. The first wrong line is {name}. {hint}"
    return "All four lines are right."


def hint_for(name, answer, messages):
    """A hint, or None if the answer is right."""
    right, mistakes = LINES[name]
    if agrees(answer, right(messages)):
        return None
    for mistake, hint in mistakes:
        if agrees(answer, mistake(messages)):
            return hint
    if np.shape(answer) != right(messages).shape:
        return f"Its shape is {np.shape(answer)}, not {right(messages).shape}."
    if agrees(-np.asarray(answer), right(messages)):
        return "The sign is wrong."
    return "Compare it with the table above."


def agrees(answer, value):
    """Whether an answer has the shape and the numbers of a value."""
    try:
        answer = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return False
    return answer.shape == np.shape(value) and np.allclose(answer, value, rtol=1e-9, atol=1e-12)
