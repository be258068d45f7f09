import gzip

import numpy as np
import pytest
from conftest import lively

from rnn_helpers.checkpoints import load_model
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax
from rnn_helpers.reading import FEATURES, explore, following, quotation, read, yardsticks
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character

MODEL = load_model("story")
P, VOCABULARY = MODEL.parameters, MODEL.vocabulary
TEXT = 'The bell rang. "Goose," said the bird.\n' * 60  # longer than one piece of 1,000


def test_each_character_costs_what_the_network_gave_it():
    ids = VOCABULARY.encode(TEXT)
    hidden, logits = forward(P, ids, np.zeros_like(P.bh))
    p = softmax(logits[:-1])
    reading = read(P, VOCABULARY, TEXT)
    assert np.allclose(reading.bits[1:], -np.log2(p[np.arange(len(p)), ids[1:]]))
    assert reading.bits[0] == 0 and np.allclose(reading.hidden, hidden[1:])
    assert np.isclose(reading.bits.sum() / (len(TEXT) - 1), bits_per_character(P, ids))
    assert np.array_equal(reading.likeliest[1:, 0], p.argmax(axis=1))
    assert np.allclose(reading.chances[1:], -np.sort(-p, axis=1)[:, :5])


@pytest.mark.parametrize("n", [2, 3, 1000, 1001, 1002])
def test_pieces_leave_nothing_out(n):
    reading = read(P, VOCABULARY, TEXT[:n])
    hidden, _ = forward(P, VOCABULARY.encode(TEXT[:n]), np.zeros_like(P.bh))
    assert (reading.bits[1:] > 0).all() and np.allclose(reading.hidden, hidden[1:])


def test_a_small_vocabulary_has_fewer_candidates():
    parameters, *_ = lively(V=3)
    assert read(parameters, Vocabulary("abc"), "abcab").likeliest.shape == (5, 3)


@pytest.mark.parametrize("text, words", [("", "two characters"), ("a", "two"), ("a5", "'5'")])
def test_what_cannot_be_read(text, words):
    with pytest.raises(ValueError, match=words):
        read(P, VOCABULARY, text)


def test_yardsticks():
    found = yardsticks("abab" * 100)
    assert found["letter frequencies"] == pytest.approx(400)
    assert found["gzip"] == 8 * len(gzip.compress(b"abab" * 100, mtime=0)) < 400
    assert str(yardsticks("é" * 50)["letter frequencies"]) == "0.0"  # not -0.0


@pytest.mark.parametrize("temperature", [0, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("prompt", ["T", "The bell"])
def test_exploring_is_sampling_with_the_chances(prompt, temperature):
    writing = explore(P, VOCABULARY, prompt, temperature, 40, seed=3)
    rng = np.random.default_rng(3)
    assert writing.text == sample(P, VOCABULARY, prompt, 40, temperature=temperature, rng=rng)
    reading = read(P, VOCABULARY, prompt + writing.text)
    assert np.allclose(-np.log2(writing.chances), reading.bits[len(prompt) :])
    _, logits = forward(P, VOCABULARY.encode(prompt), np.zeros_like(P.bh))
    assert np.allclose(writing.p, softmax(logits[-1], temperature))


def test_exploring_nothing():
    writing = explore(P, VOCABULARY, "T", 1.0, 0, seed=0)
    assert writing.text == "" and writing.chances.shape == (0,)


@pytest.mark.parametrize("text, marks", [
    ('a "b" c', "  xx   "),
    ("“b c” d", "xxxx   "),
    ('"b\n\nc "d"', "xxx   xx "),  # an empty line ends what was left open
    ("it's", "    "),
])  # fmt: skip
def test_quotations(text, marks):
    assert "".join(" x"[int(inside)] for inside in quotation(text)) == marks


def test_a_planted_unit_is_found():
    text = 'He said: "Oh, 9 eels!"\nAnd so on, and on.\n'
    rng = np.random.default_rng(0)
    for name, feature in FEATURES.items():
        hidden = rng.normal(size=(len(text), 4))
        hidden[:, 2] = 0.3 - 0.5 * np.asarray(feature(text), float)
        follows = following(hidden, text)[name]
        assert follows[2] == pytest.approx(-1) and (np.abs(np.delete(follows, 2)) < 0.6).all()


def test_a_dead_unit_and_a_missing_feature_follow_nothing():
    follows = following(np.ones((5, 2)), "a b c")
    assert not follows["space"].any() and not follows["line end"].any()
