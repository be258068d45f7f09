import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_helpers.encoding import Vocabulary, one_hot, streams, windows

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
    assert vocabulary == Vocabulary("ab") != Vocabulary("ba") != vocabulary


def test_unknown_character_is_named_with_its_place():
    with pytest.raises(ValueError, match="'z' at position 2"):
        Vocabulary("ab").encode("abz")


def test_unknown_character_may_be_replaced():
    assert Vocabulary("ab ").encode("azb", unknown=" ").tolist() == [0, 2, 1]
    with pytest.raises(ValueError, match="unknown=' ' is not in"):
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


def test_ids_of_a_batch_are_no_text():
    with pytest.raises(ValueError, match=r"shape \(n,\), not \(2, 3\)"):
        Vocabulary("abc").decode(np.zeros((2, 3), int))
    with pytest.raises(ValueError, match=r"shape \(n,\), not \(\)"):
        Vocabulary("abc").decode(2)


def test_a_text_is_not_taken_for_ids():
    with pytest.raises(ValueError, match="encode a text first"):
        Vocabulary("abc").decode("abc")


def test_what_is_no_text():
    for wrong in (None, b"abc", ["a", "b"]):
        with pytest.raises(TypeError, match="must be a str"):
            Vocabulary("abc").encode(wrong)
        with pytest.raises(TypeError, match="must be a str"):
            Vocabulary(wrong)


def test_repeated_characters_are_named():
    with pytest.raises(ValueError, match=r"repeated: \['a', 'c'\]"):
        Vocabulary("abcca")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_hot_has_the_dtype_asked_for(dtype):
    assert one_hot([1, 0], 3, dtype).dtype == dtype and one_hot([1], 3).dtype == np.float64


@pytest.mark.parametrize("shape", [(), (4,), (4, 3), (0,)])
def test_one_hot_has_a_one_at_each_id(shape):
    ids = np.random.default_rng(0).integers(0, 5, shape)
    vectors = one_hot(ids, 5)
    assert vectors.shape == shape + (5,)
    assert (vectors.sum(axis=-1) == 1).all() and (vectors.argmax(axis=-1) == ids).all()


@given(st.integers(2, 80), st.integers(1, 30))
def test_windows_ask_for_every_character_once(n, length):
    length = min(length, n)
    ids = np.arange(n)
    pairs = list(windows(ids, length))
    assert np.concatenate([x for x, _ in pairs]).tolist() == list(range(n - 1))
    assert np.concatenate([y for _, y in pairs]).tolist() == list(range(1, n))
    lengths = [len(x) for x, _ in pairs]
    assert set(lengths[:-1]) <= {length} and 1 <= lengths[-1] <= length


def test_windows_are_views():
    ids = np.arange(60)
    inputs, targets = next(windows(ids, 25))
    assert inputs.base is ids and targets.base is ids


def test_windows_of_streams_are_cut_along_time():
    ids = streams(np.arange(20), 3)
    inputs, targets = next(windows(ids, 4))
    assert np.array_equal(inputs, ids[:4]) and np.array_equal(targets, ids[1:5])


@pytest.mark.parametrize("n, length", [(0, 5), (1, 1), (4, 5), (9, 0), (9, 2.5)])
def test_impossible_windows(n, length):
    with pytest.raises(ValueError, match="window"):
        windows(np.arange(n), length)


@given(st.integers(2, 300), st.data())
def test_streams_leave_no_character_out(n, data):
    B = data.draw(st.integers(1, n - 1))
    laid = streams(np.arange(n), B)
    assert laid.shape[1] == B and (np.diff(laid, axis=0) == 1).all()
    pairs = {(a, a + 1) for a in laid[:-1].ravel()}
    assert pairs == {(a, a + 1) for a in range(n - 1)}


@pytest.mark.parametrize("B", [60, 61, 0, 2.5])
def test_impossible_streams(B):
    with pytest.raises(ValueError, match="streams|batch_size"):
        streams(np.arange(60), B)


@pytest.mark.parametrize(
    "ids, named", [([0, 5, 1], 5), ([1, 5], 5), ([0, -2, 1], -2), ([9, -2], -2), ([2, -1], -1)]
)
def test_the_id_that_is_wrong_is_named(ids, named):
    with pytest.raises(ValueError, match=f"id {named} is outside the vocabulary of 3"):
        Vocabulary("abc").decode(ids)


def test_only_a_text_is_told_to_be_encoded():
    with pytest.raises(ValueError) as error:
        Vocabulary("abc").decode(np.array([0, 1], object))
    assert "encode" not in str(error.value)
