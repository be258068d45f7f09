import gzip
import lzma
import zlib

import numpy as np
import pytest

from rnn_helpers.baselines import (
    gzip_size,
    held_out_baselines,
    interpolated_counts,
    interpolated_surprise,
    letter_frequencies,
    text_baselines,
    xz_growth,
)


def test_letter_frequencies_by_hand():
    assert letter_frequencies("abab" * 100) == pytest.approx(400)
    assert letter_frequencies("aaab") == pytest.approx(3 * np.log2(4 / 3) + 2)
    assert str(letter_frequencies("é" * 50)) == "0.0"  # not -0.0


def test_gzip_counts_bits_of_utf8():
    assert gzip_size("abab" * 100) == 8 * len(gzip.compress(b"abab" * 100, mtime=0)) < 400
    assert gzip_size("é") == gzip_size("ab")  # two bytes each


def test_header_and_checksum_of_gzip_are_as_large_as_the_widget_says():
    packed = gzip.compress(b"the bell", mtime=0)
    compressor = zlib.compressobj(9, wbits=-15)  # the same method without a header
    bare = compressor.compress(b"the bell") + compressor.flush()
    assert 8 * (len(packed) - len(bare)) == 144


def test_text_baselines_have_names():
    text = "the bell and the goose"
    assert text_baselines(text) == {
        "letter frequencies": letter_frequencies(text), "gzip": gzip_size(text),
    }  # fmt: skip


def test_interpolated_counts_by_hand():
    # Order 0 after "aab", of 2 characters: (count + 2 kinds x 1/2) / (3 + 2 kinds).
    bits = interpolated_counts("aab", "ab", 2, 0)
    assert np.allclose(bits, -np.log2(3 / 5) - np.log2(2 / 5))
    # Order 1: after a came a and b, once each: (1 + 2 p) / (2 + 2).
    assert np.isclose(interpolated_counts("aab", "b", 2, 0)[0], -np.log2(2 / 5))
    after_a = (1 + 2 * 2 / 6) / (2 + 2)
    assert np.isclose(interpolated_counts("aaba", "b", 2, 1)[1], -np.log2(after_a))


def test_each_character_is_paid_for_without_those_after_it():
    bits = interpolated_surprise("aab", "ab", 2, 1)
    assert np.allclose(bits[:, 0], -np.log2([3 / 5, 2 / 5]))
    longer = interpolated_surprise("aab", "abbab", 2, 1)
    assert np.allclose(longer[:, 0], -np.log2([3 / 5, 2 / 5, 2 / 5, 3 / 5, 2 / 5]))
    assert np.array_equal(bits[:1], interpolated_surprise("aab", "a", 2, 1))
    assert np.allclose(bits.sum(axis=0), interpolated_counts("aab", "ab", 2, 1))


def test_interpolated_counts_are_probabilities():
    """All continuations together have probability 1, so no bits are given away."""
    total = sum(2 ** -interpolated_counts("abcabca", c, 4, 3) for c in "abcd")
    assert np.allclose(total, 1)


def test_xz_growth():
    known, other = xz_growth("ab" * 500, "ab" * 100), xz_growth("ab" * 500, "qwertyuiop")
    assert known / 200 < 0.5 < other / 10
    both, first = lzma.compress(b"ab" * 600, preset=9), lzma.compress(b"ab" * 500, preset=9)
    assert known == 8 * (len(both) - len(first))
    both = lzma.compress(b"ab" * 500 + b"qwertyuiop", preset=9)
    assert other == 8 * (len(both) - len(first)) > 0


def test_held_out_baselines_are_of_the_whole_text_and_in_order():
    train_text, held_out_text = "the bell and the goose " * 30, "the goose and the bell"
    found = held_out_baselines(train_text, held_out_text, 16)
    assert list(found) == ["uniform", *(f"order {k}" for k in range(6)), "xz"]
    assert found["uniform"] == 4 * 22 and found["xz"] == xz_growth(train_text, held_out_text)
    orders = [found[f"order {k}"] for k in range(6)]
    assert np.array_equal(orders, interpolated_counts(train_text, held_out_text, 16, 5))
