"""What units respond to, alone and together: features of a text that have a name, and probes.

A feature is a function of a text of n characters that gives n true-or-false values.
"""

from typing import NamedTuple

import numpy as np

from rnn_helpers.adam import Adam
from rnn_helpers.loss import softmax


def quotation(text):
    """True for each character between quotation marks, the opening mark included.

    An empty line ends a quotation: one that continues after it is opened again.
    """
    inside, before, marks = False, "", []
    for character in text:
        ends = character == before == "\n"
        now = {"“": True, "”": False, '"': not inside}.get(character, inside)
        inside, before = now and not ends, character
        marks.append(inside)
    return np.array(marks)


FEATURES = {
    "space": lambda text: [c == " " for c in text],
    "line end": lambda text: [c == "\n" for c in text],
    "inside a quotation": quotation,
    "capital letter": lambda text: [c.isupper() for c in text],
    "vowel": lambda text: [c in "aeiouAEIOU" for c in text],
    "punctuation": lambda text: [not c.isalnum() and not c.isspace() for c in text],
    "a space comes next": lambda text: [c == " " for c in text[1:]] + [False] * bool(text),
}


def unit_correlations(hidden, text):
    """The correlation of each unit with each of `FEATURES` along a text.

    Parameters
    ----------
    hidden : array (n, S)
        The state after each of the n characters (`reading.trace` gives it). S is H for the
        plain network.
    text : str

    Returns
    -------
    dict of arrays (S,), by the feature's name
        1: the unit is high where the feature is true and low elsewhere; -1: the other way
        round; 0: no relation, a unit that never changes, or a feature that is true of every
        character or of none.

    Raises ValueError if there is not one state for each character.
    """
    if len(hidden) != len(text):
        raise ValueError(f"{len(hidden)} states do not fit a text of {len(text)} characters")
    return {name: correlations(hidden, feature(text)) for name, feature in FEATURES.items()}


def correlations(hidden, marks):
    """The correlation of each unit (n, S) with marks (n,), true or false, as an array (S,)."""
    centred = hidden - hidden.mean(axis=0)
    marks = np.asarray(marks, float)
    marks = marks - marks.mean()
    size = np.sqrt((centred**2).sum(axis=0) * (marks**2).sum())
    return np.divide(marks @ centred, size, out=np.zeros(len(size)), where=size > 1e-12)


def read_out(values, marks, parts=5):
    """How well a linear function of the values tells where the marks are true.

    The text is cut into equal parts. For each, the function is fitted by least squares to all
    other parts (with a small ridge penalty) and scored on this one.

    Parameters
    ----------
    values : array (n, S)
        What is known at each of n characters: hidden states, for example.
    marks : bool array (n,)
        A feature of the text.

    Returns
    -------
    array (parts,)
        For each part the area under the ROC curve: how often a character where the mark is
        true scores higher than one where it is false. 0.5 is chance, 1 is perfect.

    Raises ValueError if the marks of a part are all equal.
    """
    scaled, marks = _scaled(values)[0], np.asarray(marks, bool)
    rows = np.column_stack([scaled, np.ones(len(scaled))])
    pieces = _pieces(len(rows), parts)
    products = np.array([rows[p].T @ rows[p] for p in pieces])
    sums = np.array([rows[p].T @ marks[p] for p in pieces])
    ridge = 1e-3 * len(rows) * np.eye(rows.shape[1])
    result = []
    for piece, product, of_piece in zip(pieces, products, sums):
        others = products.sum(axis=0) - product + ridge
        weights = np.linalg.solve(others, sums.sum(axis=0) - of_piece)
        result.append(_area(rows[piece] @ weights, marks[piece]))
    return np.array(result)


def single_unit(values, marks, parts=5):
    """As `read_out`, but with the one unit that follows the marks most closely in the others.

    It is chosen by its correlation, 1 or -1, in all other parts, and scored on this one.
    """
    values, marks = np.asarray(values, float), np.asarray(marks, bool)
    result = []
    for piece in _pieces(len(values), parts):
        others = np.ones(len(values), bool)
        others[piece] = False
        follows = correlations(values[others], marks[others])
        best = np.abs(follows).argmax()
        result.append(_area(np.sign(follows[best]) * values[piece, best], marks[piece]))
    return np.array(result)


def untrained(parameters, rng, scale=0.05):
    """A network of the same shapes that has learnt nothing: small random weights, no biases."""
    return parameters._make(
        scale * rng.standard_normal(array.shape) if array.ndim > 1 else np.zeros(array.shape)
        for array in parameters
    )


class ReadOut(NamedTuple):
    """A linear layer and a softmax on top of S values, for K kinds: what a probe has learnt."""

    weights: np.ndarray  # (S, K)
    bias: np.ndarray  # (K,)


def softmax_read_out(values, labels, kinds, rng, *, steps=600, batch=4096, rate=0.02):
    """Learn to name the kind of each character from the values, by cross-entropy.

    Parameters
    ----------
    values : array (n, S)
        What is known at each of n characters: hidden states, for example.
    labels : int array (n,)
        The kind of each character, from 0 to kinds - 1.
    rng : numpy.random.Generator
        Chooses the characters of each step.

    Returns
    -------
    ReadOut
        ``values @ weights + bias`` are the scores of the kinds, as a network's logits.
    """
    rows, unscaled = _scaled(values)
    layer = ReadOut(np.zeros((rows.shape[1], kinds)), np.zeros(kinds))
    optimizer = Adam(layer, rate)
    for step in range(steps):
        optimizer.learning_rate = rate * (1 - step / steps)
        chosen = rng.integers(0, len(rows), batch)
        dscores = softmax(rows[chosen] @ layer.weights + layer.bias)
        dscores[np.arange(batch), labels[chosen]] -= 1
        dscores /= batch
        optimizer.step(ReadOut(rows[chosen].T @ dscores, dscores.sum(axis=0)))
    return unscaled(layer)


def least_squares_read_out(values, labels, kinds, *, ridge=1e-3):
    """The same by least squares with a small ridge penalty: for each kind 1 where it is, else 0.

    It has a fault that is easy to overlook: a kind whose values lie between those of others has
    the highest score almost nowhere.
    """
    rows, unscaled = _scaled(values)
    penalty = ridge * len(rows) * np.eye(rows.shape[1])
    weights = np.linalg.solve(rows.T @ rows + penalty, rows.T @ np.eye(kinds)[labels])
    return unscaled(ReadOut(weights, np.bincount(labels, minlength=kinds) / len(rows)))


def _scaled(values):
    """Values of mean 0 and deviation 1, and what turns a layer for these into one for `values`."""
    values = np.asarray(values, float)
    centre, spread = values.mean(axis=0), values.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1)

    def unscaled(layer):
        weights = layer.weights / spread[:, np.newaxis]
        return ReadOut(weights, layer.bias - centre @ weights)

    return (values - centre) / spread, unscaled


def _pieces(n, parts):
    """Equal parts of n characters, as slices."""
    cuts = np.linspace(0, n, parts + 1).astype(int)
    return [slice(a, b) for a, b in zip(cuts, cuts[1:])]


def _area(scores, marks):
    """The area under the ROC curve; equal scores count half."""
    true, false = marks.sum(), (~marks).sum()
    if not true or not false:
        raise ValueError("a part has only one kind of mark; use fewer parts or a longer text")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (count.cumsum() - (count - 1) / 2)[place]
    return (rank[marks].sum() - true * (true + 1) / 2) / (true * false)
