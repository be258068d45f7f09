"""Rung 1: from characters to numbers and back (derived in notebook 01)."""

import numpy as np


class Vocabulary:
    """The characters a model knows, in a fixed order; a character's place is its id.

    Parameters
    ----------
    characters : str
        The characters in order, none of them twice.

    Raises
    ------
    ValueError
        If there is no character or one comes twice.
    """

    def __init__(self, characters):
        if not isinstance(characters, str):
            raise TypeError(f"characters must be a str, not {type(characters).__name__}")
        if not characters:
            raise ValueError("a vocabulary needs at least one character; this text is empty")
        self.characters = characters
        self._ids = {c: i for i, c in enumerate(characters)}
        if len(self._ids) < len(characters):
            twice = sorted(c for c in self._ids if characters.count(c) > 1)
            raise ValueError(f"each character may come once only; repeated: {twice}")

    @classmethod
    def from_text(cls, text):
        """The distinct characters of a text, sorted: the same ids on every machine."""
        return cls("".join(sorted(set(text))))

    @classmethod
    def ascii(cls):
        """The 95 printable ASCII characters, from space to tilde."""
        return cls("".join(chr(code) for code in range(32, 127)))

    def encode(self, text, unknown=None):
        """Turn a text of n characters into ids, an int64 array of shape (n,).

        A character outside the vocabulary raises ValueError, or is read as the
        character `unknown` if one is given (which must be in the vocabulary).
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        if unknown is not None and unknown not in self:
            raise ValueError(f"the stand-in {unknown!r} is not in the vocabulary")
        stand_in = None if unknown is None else self._ids[unknown]
        ids = [self._ids.get(c, stand_in) for c in text]
        if stand_in is None and None in ids:
            position = ids.index(None)
            raise ValueError(
                f"character {text[position]!r} at position {position} is not in the "
                "vocabulary; remove it, or choose a stand-in with unknown=..."
            )
        return np.array(ids, dtype=np.int64)

    def decode(self, ids):
        """Turn ids, an array-like of shape (n,), back into a str of n characters."""
        ids = check_ids(ids, len(self))
        return "".join(self.characters[i] for i in ids)

    def __len__(self):
        return len(self.characters)

    def __contains__(self, character):
        return character in self._ids

    def __eq__(self, other):
        return isinstance(other, Vocabulary) and self.characters == other.characters

    def __hash__(self):
        return hash(self.characters)

    def __repr__(self):
        return f"Vocabulary({self.characters!r})"


def check_ids(ids, vocab_size):
    """Return ids as an integer array; ValueError if one is not in 0 .. vocab_size - 1.

    NumPy reads a negative index from the end: a wrong id would pass unseen.
    """
    ids = np.asarray(ids)
    if ids.size == 0:
        return ids.astype(np.int64)
    if ids.dtype.kind not in "iu":
        raise ValueError(f"ids must be whole numbers, not {ids.dtype}")
    low, high = ids.min(), ids.max()
    if low < 0 or high >= vocab_size:
        wrong = low if low < 0 else high
        raise ValueError(f"id {wrong} is outside the vocabulary of {vocab_size} characters")
    return ids


def one_hot(ids, vocab_size, dtype=np.float64):
    """Turn ids of any shape (...) into vectors (..., V): 1 at the id, 0 elsewhere.

    Raises ValueError if an id is not in 0 .. vocab_size - 1.
    """
    ids = check_ids(ids, vocab_size)
    vectors = np.zeros((ids.size, vocab_size), dtype)
    vectors[np.arange(ids.size), ids.ravel()] = 1
    return vectors.reshape(ids.shape + (vocab_size,))
