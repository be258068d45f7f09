import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_helpers.encoding import Vocabulary, one_hot

texts = st.text(min_size=1)


@given(texts)
def test_nothing_is_lost(text):
    vocabulary = Vocabulary.from_text(text)
    assert vocabulary.decode(vocabulary.encode(text)) == text


@given(texts)
def test_vocabulary_is_sorted_and_without_repeats(text):
    characters = Vocabulary.from_text(text).characters
    assert list(characters) == sorted(set(text))


def test_ids_are_int64_and_places():
    vocabulary = Vocabulary("cab")
    ids = vocabulary.encode("abc")
    assert ids.dtype == np.int64 and ids.tolist() == [1, 2, 0]
    assert vocabulary.encode("").shape == (0,) and vocabulary.decode([]) == ""


def test_ascii_is_space_to_tilde():
    characters = Vocabulary.ascii().characters
    assert len(characters) == 95 and characters[0] == " " and characters[-1] == "~"


def test_len_contains_equality():
    vocabulary = Vocabulary("ab")
    assert len(vocabulary) == 2 and "a" in vocabulary and "z" not in vocabulary
    assert vocabulary == Vocabulary("ab") != Vocabulary("ba")


def test_unknown_character_is_named_with_its_place():
    with pytest.raises(ValueError, match="'z' at position 2"):
        Vocabulary("ab").encode("abz")


def test_unknown_character_may_have_a_stand_in():
    assert Vocabulary("ab ").encode("azb", unknown=" ").tolist() == [0, 2, 1]
    with pytest.raises(ValueError, match="stand-in"):
        Vocabulary("ab").encode("az", unknown=" ")


@pytest.mark.parametrize("characters", ["", "aba"])
def test_empty_or_repeating_vocabulary(characters):
    with pytest.raises(ValueError):
        Vocabulary(characters)


def test_empty_text_has_no_vocabulary():
    with pytest.raises(ValueError, match="empty"):
        Vocabulary.from_text("")


@pytest.mark.parametrize("ids", [[3], [-1], [0.5]])
def test_wrong_ids(ids):
    with pytest.raises(ValueError):
        Vocabulary("abc").decode(ids)
    with pytest.raises(ValueError):
        one_hot(ids, 3)


@pytest.mark.parametrize("shape", [(), (4,), (4, 3), (0,)])
def test_one_hot_has_a_one_at_each_id(shape):
    ids = np.random.default_rng(0).integers(0, 5, shape)
    vectors = one_hot(ids, 5)
    assert vectors.shape == shape + (5,)
    assert (vectors.sum(axis=-1) == 1).all() and (vectors.argmax(axis=-1) == ids).all()
