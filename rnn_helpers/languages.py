"""Languages whose entropy is known: small grammars, each a table of states (notebook 09).

A language is always in one of a few states. There it writes a character and moves to a next
state, at random, with probabilities that stand in its table. So we can compute what no one
knows of a novel: how many bits a character costs at best.
"""

from bisect import bisect
from functools import cached_property
from itertools import product

import numpy as np

from rnn_helpers._checks import generator, whole_number

MOST_STRINGS = 100_000  # how many strings of characters `bounds` follows at a time


class Language:
    """A source of text, given by its table.

    Parameters
    ----------
    table : rows (state, character, next state, probability)
        In this state the language writes this character and moves to the next state with this
        probability. The probabilities of each state add up to 1. States may be any names or
        numbers. It must be possible to get from each state to each other one.
    start : a state, optional
        Where every text begins. By default the first state is drawn, each state as often as the
        language is in it in the long run.
    name : str
        What pictures and widgets call it.

    Attributes
    ----------
    states : tuple
        The S states, in the order in which the table first describes them.
    characters : str
        The V characters that it writes, sorted.
    transitions : array (V, S, S)
        transitions[c, s, r] is the probability to write character c and move to r, in state s.
    emissions : array (S, V)
        The probability of each next character in each state.
    stationary : array (S,)
        The share of time that it spends in each state, in the long run.
    unifilar : bool
        Whether a state and the character written there always determine the next state.

    Raises ValueError if the table is not such a table, or start is not one of its states.
    """

    def __init__(self, table, start=None, *, name="language"):
        self.table, self.name = checked(table), name
        self.states = tuple(dict.fromkeys(row[0] for row in self.table))
        self.characters = "".join(sorted({row[1] for row in self.table}))
        self._ids = {character: i for i, character in enumerate(self.characters)}
        place = {state: i for i, state in enumerate(self.states)}
        S, V = len(self.states), len(self.characters)
        self.transitions = np.zeros((V, S, S))
        self._rows = [([], [], []) for _ in self.states]  # what a state writes, next states, sums
        for state, character, after, probability in self.table:
            self.transitions[self._ids[character], place[state], place[after]] = probability
            characters, nexts, sums = self._rows[place[state]]
            characters.append(character)
            nexts.append(place[after])
            sums.append(probability + (sums[-1] if sums else 0.0))
        self.emissions = self.transitions.sum(axis=2).T
        self.unifilar = bool(((self.transitions > 0).sum(axis=2) <= 1).all())
        moves = self.transitions.sum(axis=0)
        connected(moves, self.states)
        # stationary = stationary @ moves, with the sum 1; adding 1 to all makes it one equation
        self.stationary = np.linalg.solve((np.eye(S) - moves + 1).T, np.ones(S))
        if start is None:
            self.start = self.stationary
        elif start in place:
            self.start = np.eye(S)[place[start]]
        else:
            raise ValueError(f"start is {start!r}, not one of the states {self.states}")

    def __repr__(self):
        return f"<{self.name}: {len(self.states)} states, characters {self.characters!r}>"

    @cached_property
    def entropy_rate(self):
        """The bits that a character costs at best, in the long run.

        A float, exact, for a unifilar language: the mean entropy of what its states write.
        Otherwise a pair (low, high) with the rate in between (see `bounds`).
        """
        if self.unifilar:
            return float(self.stationary @ entropy(self.emissions))
        context, strings = 0, len(self.characters)
        while strings * len(self.characters) <= MOST_STRINGS:
            context, strings = context + 1, strings * len(self.characters)
        return self.bounds(context)

    def bounds(self, context):
        """What a character costs those who know the last `context` characters: (low, high).

        high is the price of the best possible table of contexts. low is paid by someone who
        also knows the state before these characters. The entropy rate is never below low and
        never above high, and both come nearer with each character of context (Cover and Thomas,
        *Elements of Information Theory*, section 4.5).

        Raises ValueError if there are too many such contexts.
        """
        whole_number("context", context, 0)
        # together[s, w, r]: the probability to begin in s, write the string w and be in r
        together = np.diag(self.stationary)[:, np.newaxis, :]
        for _ in range(context):
            if together.shape[1] * len(self.characters) > MOST_STRINGS:
                raise ValueError(
                    f"more than {MOST_STRINGS:,} contexts of {context} characters are too many; "
                    "take a shorter context"
                )
            together = np.concatenate([together @ step for step in self.transitions], axis=1)
            together = together[:, together.any(axis=(0, 2))]  # the possible strings alone
        return tuple(
            float((known.sum(axis=-1) * entropy(known @ self.emissions)).sum())
            for known in (together, together.sum(axis=0))
        )

    def sample(self, n, rng):
        """Write a text: the text, a str of n characters, and the states, an int array (n,).

        states[t] is the state after character t. Raises ValueError or TypeError unless n is a
        whole number, 0 or more, and rng one of NumPy's generators.
        """
        whole_number("n", n, 0)
        generator(rng)
        state = int(rng.choice(len(self.states), p=self.start))
        text, states = [], np.empty(n, int)
        for t, u in enumerate(rng.random(n).tolist()):
            characters, nexts, sums = self._rows[state]
            row = bisect(sums, u, hi=len(sums) - 1)  # the last sum is 1, up to rounding
            text.append(characters[row])
            states[t] = state = nexts[row]
        return "".join(text), states

    def bits(self, text):
        """The cost of the whole text in bits, to someone who knows the language.

        Infinite if the language cannot write this text.
        """
        cost = 0.0
        for probability, _ in self._read(text):
            cost -= np.log2(probability) if probability > 0 else -np.inf
        return float(cost)

    def surprise(self, text):
        """The cost of each character in bits, an array (n,); the sum is `bits(text)`.

        Raises ValueError, as `beliefs` does, if the language cannot write this text.
        """
        possible = [p for p, _ in self._read(text, must=True)]
        return -np.log2(np.array(possible, dtype=float))

    def beliefs(self, text):
        """How probable each state is after each character, given what was read: (n, S).

        Raises ValueError, naming the place, if the language cannot write this text.
        """
        rows = [belief for _, belief in self._read(text, must=True)]
        return np.array(rows).reshape(len(text), len(self.states))

    def _read(self, text, must=False):
        """The probability of each character and the belief after it, to the first impossible one.

        That one has the probability 0, or, with `must`, it raises ValueError.
        """
        belief = self.start
        for t, character in enumerate(text):
            id = self._ids.get(character)
            now = np.zeros(len(belief)) if id is None else belief @ self.transitions[id]
            probability = now.sum()
            if probability <= 0:
                if must:
                    raise ValueError(
                        f"{self.name} cannot write {character!r} as character {t + 1} of this "
                        f"text, after {text[max(t - 20, 0) : t]!r}"
                    )
                yield 0.0, now
                return
            belief = now / probability
            yield probability, belief


def entropy(weights):
    """The entropy in bits along the last axis, of weights that are divided by their sum.

    Where all weights are 0 it is 0.
    """
    weights = np.asarray(weights, dtype=float)
    total = weights.sum(axis=-1, keepdims=True)
    p = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return -(p * np.log2(np.where(p > 0, p, 1))).sum(axis=-1)


def checked(table):
    """The rows of a table as tuples; ValueError that names the row or the state that is wrong."""
    rows, sums, seen = [], {}, set()
    for number, row in enumerate(table, 1):
        try:
            state, character, after, probability = row
            probability = float(probability)
        except (TypeError, ValueError):
            raise ValueError(
                f"row {number} must be (state, character, next state, probability), not {row!r}"
            ) from None
        if not isinstance(character, str) or len(character) != 1:
            raise ValueError(f"row {number} must write a single character, not {character!r}")
        if not 0 < probability <= 1:
            raise ValueError(
                f"row {number} has the probability {probability:g}; it must be above 0 and at "
                "most 1 (leave out what never happens)"
            )
        if (state, character, after) in seen:
            raise ValueError(
                f"row {number} repeats an earlier one: {state!r} writes {character!r} and moves "
                f"to {after!r}; put both into one row"
            )
        seen.add((state, character, after))
        rows.append((state, character, after, probability))
        sums[state] = sums.get(state, 0.0) + probability
    if not rows:
        raise ValueError("the table is empty; give at least one row")
    for state, total in sums.items():
        if abs(total - 1) > 1e-9:
            raise ValueError(
                f"the probabilities of state {state!r} add up to {total:.6g}, and must to 1"
            )
    for number, row in enumerate(rows, 1):
        after = row[2]
        if after not in sums:
            raise ValueError(f"row {number} moves to {after!r}, which has no row of its own")
    return tuple(rows)


def connected(moves, states):
    """Raise ValueError unless each state can be reached from each, in one step or in several."""
    reach = moves > 0
    for _ in range(len(states).bit_length()):  # each time twice as many steps
        reach = reach | (reach @ reach)
    missing = np.argwhere(~reach)
    if len(missing):
        start, end = (states[i] for i in missing[0])
        raise ValueError(
            f"no way leads from state {start!r} to state {end!r}; it must be possible to get from "
            "each state to each other one, or the long run depends on where a text begins"
        )


def _row_of_choices(state, *choices):
    """Rows of a state that takes each of the choices (character, next state) equally often."""
    return [(state, character, after, 1 / len(choices)) for character, after in choices]


EVEN_RUNS = Language(
    [("A", "a", "A", 1 / 2), ("A", "b", "B", 1 / 2), ("B", "b", "A", 1)],
    start="A",
    name="even runs",
)  # every run of b has an even length (the even system of Weiss, 1973)


def _reber(p=1 / 2):
    """The rows of Reber's grammar; at states 2 and 3 the loop is taken with probability p."""
    return [
        (0, "B", 1, 1.0),
        *_row_of_choices(1, ("T", 2), ("P", 3)),
        (2, "S", 2, p),
        (2, "X", 4, 1 - p),
        (3, "T", 3, p),
        (3, "V", 5, 1 - p),
        *_row_of_choices(4, ("X", 3), ("S", 6)),
        *_row_of_choices(5, ("P", 4), ("V", 6)),
        (6, "E", 0, 1.0),
    ]


REBER = Language(_reber(), start=0, name="Reber's grammar")  # Reber, 1967


def EMBEDDED_REBER(p):
    """B, then T or P, a whole Reber string, the same T or P again, E; and so on.

    The inner string takes its loops with probability p (above 0 and below 1), so with a larger p
    the letter has to be remembered for longer. Its states are the pair of the letter and the
    state of the inner grammar; in (letter, "repeat") the letter has to be written again.
    (Cleeremans, Servan-Schreiber and McClelland, 1989.)
    """
    if not 0 < p < 1:
        raise ValueError(f"p must be above 0 and below 1, not {p}")
    rows = [
        ("start", "B", "choose", 1.0),
        *_row_of_choices("choose", ("T", ("T", 0)), ("P", ("P", 0))),
    ]
    for letter, (state, character, after, q) in product("TP", _reber(p)):
        after = "repeat" if character == "E" else after
        rows.append(((letter, state), character, (letter, after), q))
    rows += [((letter, "repeat"), letter, "end", 1.0) for letter in "TP"]
    rows += [("end", "E", "start", 1.0)]
    return Language(rows, start="start", name=f"embedded Reber, p = {p:g}")


def BRACKETS(mean_distance):
    """( or [, a filler of the letters a and b, a mark !, then the bracket that matches.

    The filler has one letter or more; after each it ends with probability 1 / mean_distance, so
    this is its mean length. In the states (bracket, "close") the bracket has to be closed.
    """
    if not 1 <= mean_distance < np.inf:
        raise ValueError(f"mean_distance must be a finite number, 1 or more, not {mean_distance}")
    stay = 1 - 1 / mean_distance
    rows = _row_of_choices("open", ("(", ("(", "begin")), ("[", ("[", "begin")))
    for bracket, closer in ("()", "[]"):
        rows += _row_of_choices(
            (bracket, "begin"), ("a", (bracket, "filler")), ("b", (bracket, "filler"))
        )
        for letter in "ab" if stay else "":
            rows.append(((bracket, "filler"), letter, (bracket, "filler"), stay / 2))
        rows += [
            ((bracket, "filler"), "!", (bracket, "close"), 1 - stay),
            ((bracket, "close"), closer, "open", 1.0),
        ]
    return Language(rows, start="open", name=f"brackets, mean distance {mean_distance:g}")


def _mess3(x=0.05, a=0.85):
    """Three dice with the faces a, b, c; each shows its own face with probability a.

    Before each throw the die is exchanged for each other one with probability x. (The die after
    the exchange writes the character, so its number is the state after it.)
    """
    return [
        (before, "abc"[face], after, (1 - 2 * x if after == before else x)
         * (a if face == after else (1 - a) / 2))
        for before, after, face in product(range(3), repeat=3)
    ]  # fmt: skip


MESS3 = Language(_mess3(), name="three unfair dice")  # Mess3 of Marzen and Crutchfield, 2017
