"""What single units respond to: features of a text that have a name, and correlations.

A feature is a function of a text of n characters that gives n true-or-false values.
"""

import numpy as np


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
    centred = hidden - hidden.mean(axis=0)
    result = {}
    for name, feature in FEATURES.items():
        marks = np.asarray(feature(text), float)
        marks -= marks.mean()
        size = np.sqrt((centred**2).sum(axis=0) * (marks**2).sum())
        result[name] = np.divide(
            marks @ centred, size, out=np.zeros(len(size)), where=size > 1e-12
        )
    return result
