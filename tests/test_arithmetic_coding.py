"""Packed texts come back to the bit, and their files are as long as the surprise."""

import numpy as np
import pytest

from rnn_helpers.arithmetic_coding import TOTAL, pack, shares, unpack
from rnn_helpers.checkpoints import load_model
from rnn_helpers.corpora import load_text
from rnn_helpers.sampling import next_character_probabilities


def by_pairs(table):
    """A guesser that knows how often each character follows each other one."""
    return lambda state, id: (table[id], None)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("spread", [0.0, 1.0, 30.0])
def test_every_text_comes_back_from_a_file_as_long_as_its_surprise(seed, spread):
    rng = np.random.default_rng(seed)
    V, n = int(rng.integers(1, 90)), int(rng.integers(1, 300))
    exps = np.exp(spread * rng.normal(size=(V, V)))
    table = exps / exps.sum(axis=1, keepdims=True)
    ids = rng.integers(0, V, n)
    guess = by_pairs(table)
    file = pack(ids, guess, None, V)
    assert unpack(file, n, guess, None, V) == ids.tolist()
    paid = [shares(np.full(V, 1 / V))[ids[0]]] + [
        shares(table[a])[b] for a, b in zip(ids, ids[1:])
    ]
    surprise = -np.log2(np.array(paid) / TOTAL).sum()
    assert surprise - 1e-6 <= 8 * len(file) < surprise + 9


def test_a_number_just_below_a_border_belongs_to_the_piece_before():
    """The border is at one half, and the number differs from it in its last bit alone."""
    below, at = b"\x7f" + 19 * b"\xff", b"\x80" + 19 * b"\x00"
    halves = by_pairs(np.full((2, 2), 0.5))
    assert unpack(below, 1, halves, None, 2) == [0] and unpack(at, 1, halves, None, 2) == [1]


def test_an_empty_text_needs_no_file():
    assert pack([], by_pairs(np.eye(3)), None, 3) == b""
    assert unpack(b"", 0, by_pairs(np.eye(3)), None, 3) == []


@pytest.mark.parametrize("p", [[1.0], [1.0, 0.0, 0.0], [0.1] * 10, np.full(700, 1 / 700)])
def test_shares_leave_nobody_out_and_give_all_away(p):
    pieces = shares(p)
    assert sum(pieces) == TOTAL and min(pieces) >= 1
    assert all(type(piece) is int for piece in pieces)  # NumPy's integers would overflow
    assert np.allclose(np.array(pieces) / TOTAL, p, atol=2 * len(p) / TOTAL)


def test_probabilities_that_are_none_are_refused():
    for p in ([0.5, np.nan], [0.5, 0.4], [1.5, -0.5]):
        with pytest.raises(ValueError, match="probabilities"):
            shares(p)


def test_a_network_packs_the_poem_and_another_guesser_cannot_read_it():
    model, poem = load_model("story"), load_text("poem")
    ids, V, h0 = model.vocabulary.encode(poem), len(model.vocabulary), np.zeros(128)

    def guess(h, id, temperature=1.0):
        return next_character_probabilities(model.parameters, h, id, temperature)

    file = pack(ids, guess, h0, V)
    assert model.vocabulary.decode(unpack(file, len(ids), guess, h0, V)) == poem
    other = unpack(file, len(ids), lambda h, id: guess(h, id, 1.01), h0, V)
    assert model.vocabulary.decode(other) != poem
    turned = bytes([file[0] ^ 1]) + file[1:]
    assert model.vocabulary.decode(unpack(turned, len(ids), guess, h0, V)) != poem
    assert len(file) < len(poem) / 2
