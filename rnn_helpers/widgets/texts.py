"""Texts in the widgets: what they show first, and what a network cannot read."""

from rnn_helpers.plots import visible

LONGEST = 10_000  # characters that a widget shows

NOVEL = """“I never said that,” returned the gentleman, with a bow.

The carriage stood before the door, and the rain fell upon the stones
of the street. “Then who,” cried Miss Pross, “who will go with her to
Paris?”

Nobody answered.
"""
PASSAGES = {  # what a widget shows first, for the models that come with the series
    "story": """"I never said that," said the ferryman.

Nobody answered him. The bell rang twice, and the bird on the rail
looked at the water. "Goose," it said.

"Perhaps," said Hanne, and she laughed. "Now, who is next?"
""",
    "tale_of_two_cities": NOVEL,
    "tale_of_two_cities_lstm": NOVEL,
}

# Characters that look alike: a text from elsewhere often has the other one.
SIMILAR = {'"': "“ ”", "“": '"', "”": '"', "'": "’", "’": "'", "‘": "'", "—": "--", "–": "-"}


def passage_for(vocabulary):
    """The first passage that a model can read, or an empty text."""
    readable = (p for p in PASSAGES.values() if all(c in vocabulary for c in p))
    return next(readable, "")


def check_readable(vocabulary, text, name="text"):
    """Raise ValueError if a text is too long to show, or has a character that a model lacks.

    `name` is what the message calls the text.
    """
    if len(text) > LONGEST:
        raise ValueError(f"{len(text):,} characters are too many; at most {LONGEST:,} are shown")
    for i, character in enumerate(text):
        if character not in vocabulary:
            similar = SIMILAR.get(character)
            has_similar = similar is not None and all(c in vocabulary for c in similar)
            hint = f"Try {similar} in its place. " if has_similar else ""
            all_known = "".join(map(visible, vocabulary.characters))
            raise ValueError(
                f"this network has never seen {character!r} (character {i + 1} of the {name}). "
                f"{hint}It knows {all_known} (␣ is a space, ⏎ a new line)"
            )
