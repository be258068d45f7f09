"""One text in twelve languages, mixed: the Universal Declaration of Human Rights.

`rnn_helpers.corpora.load_declaration` gives it, language by language.
"""

import numpy as np

from rnn_helpers.corpora import KEPT_OUT, load_declaration

LINES = 3  # of one language that stand together in the mixed text


def training_and_held_out():
    """The last tenth of the lines of each language is held out: two dicts {language: text}."""
    training, held_out = {}, {}
    for language, text in load_declaration().items():
        if language != KEPT_OUT:
            lines = text.splitlines(keepends=True)
            end = 9 * len(lines) // 10
            training[language] = "".join(lines[:end])
            held_out[language] = "".join(lines[end:])
    return training, held_out


def mixed(texts, rng):
    """Pieces of three lines of all languages, in a random order.

    Parameters
    ----------
    texts : dict
        A text by language. Each text is cut into pieces from its beginning, so that its last
        piece may be shorter.
    rng : numpy.random.Generator

    Returns
    -------
    text : str, of n characters
    languages : int array (n,)
        The place in `texts` of the language that each character belongs to.
    since : int array (n,)
        How many characters of its piece came before each.
    """
    pieces = []
    for place, text in enumerate(texts.values()):
        lines = text.splitlines()
        for start in range(0, len(lines), LINES):
            pieces.append((place, "\n".join(lines[start : start + LINES]) + "\n"))
    pieces = [pieces[i] for i in rng.permutation(len(pieces))]
    lengths = [len(piece) for _, piece in pieces]
    languages = np.repeat([place for place, _ in pieces], lengths)
    since = np.concatenate([np.arange(n) for n in lengths])
    return "".join(piece for _, piece in pieces), languages, since
