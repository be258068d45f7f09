"""Rung 1: from characters to numbers and back (derived in notebook 01)."""

import numpy as np

from rnn_helpers._checks import whole_number


class Vocabulary:
    """The characters a model knows, in a fixed order; the id of a character is its position.

    Parameters
    ----------
    characters : str
        The characters in order, none of them twice.

    Raises
    ------
    ValueError
        If there is no character, or one is repeated.
    """

    def __init__(self, characters):
        if not isinstance(characters, str):
            raise TypeError(f"characters must be a str, not {type(characters).__name__}")
        if not characters:
            raise ValueError("a vocabulary needs at least one character, got an empty text")
        self.characters = characters
        self._ids = {c: i for i, c in enumerate(characters)}
        if len(self._ids) < len(characters):
            repeated = sorted(c for c in self._ids if characters.count(c) > 1)
            raise ValueError(f"characters must be distinct; repeated: {repeated}")

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

        A character outside the vocabulary raises ValueError; with `unknown`, a character
        of the vocabulary, it is replaced by that one.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        if unknown is not None and unknown not in self:
            raise ValueError(f"unknown={unknown!r} is not in the vocabulary")
        replacement = None if unknown is None else self._ids[unknown]
        ids = [self._ids.get(c, replacement) for c in text]
        if replacement is None and None in ids:
            position = ids.index(None)
            raise ValueError(
                f"character {text[position]!r} at position {position} is not in the "
                "vocabulary; remove it, or choose a replacement with unknown=..."
            )
        return np.array(ids, dtype=np.int64)

    def decode(self, ids):
        """Turn ids, an array-like of shape (n,), back into a str of n characters."""
        ids = check_ids(ids, len(self))
        if ids.ndim != 1:
            raise ValueError(f"ids of one text have the shape (n,), not {ids.shape}")
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

    NumPy reads a negative index from the end, so a wrong id could pass unnoticed.
    """
    ids = np.asarray(ids)
    if ids.size == 0:
        return ids.astype(np.int64)
    if ids.dtype.kind not in "iu":
        hint = "; encode a text first" if ids.dtype.kind == "U" else ""
        raise ValueError(f"ids must be whole numbers, not {ids.dtype}{hint}")
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


def windows(ids, length):
    """Cut a text into windows that cover all of it, including the short last one.

    Parameters
    ----------
    ids : int array (n,) or (n, B)
        One text, or B texts side by side (see `streams`).
    length : int
        T, the number of characters in a window.

    Returns
    -------
    iterator of (inputs, targets), int arrays (T,) or (T, B)
        Views of ids, shifted by one step.

    Raises ValueError if the text has fewer characters than a window, or fewer than two.
    """
    check_length(ids, length)
    last = len(ids) - 1  # the last character is a target only
    starts = range(0, last, length)
    return ((ids[s : s + length][: last - s], ids[s + 1 : s + 1 + length]) for s in starts)


def check_length(ids, length):
    """Raise ValueError unless a text can be cut into windows of this length."""
    whole_number("the length of a window", length, 1)
    if len(ids) < max(length, 2):
        raise ValueError(
            f"the text has {len(ids)} characters, too few for windows of {length}; "
            "take a longer text (2 characters at least) or a shorter window"
        )


def streams(ids, batch_size):
    """Lay a text (n,) out as B streams side by side: an array (about n / B, B).

    Neighbouring streams may share a few characters, so that no character is left out.
    Raises ValueError if there are more streams than the text has characters for.
    """
    if whole_number("batch_size", batch_size, 1) >= len(ids):
        raise ValueError(f"cannot cut {len(ids)} characters into {batch_size} streams")
    rows = -(-(len(ids) - 1) // batch_size) + 1  # rounded up
    starts = np.linspace(0, len(ids) - rows, batch_size).round().astype(int)
    return np.asarray(ids)[starts + np.arange(rows)[:, np.newaxis]]
