import numpy as np
import pytest

from rnn_helpers.probing import (
    FEATURES,
    _area,
    least_squares_read_out,
    quotation,
    read_out,
    softmax_read_out,
    unit_correlations,
)


@pytest.mark.parametrize("text, marks", [
    ('a "b" c', "  xx   "),
    ("“b c” d", "xxxx   "),
    ('"b\n\nc "d"', "xxx   xx "),  # an empty line ends what was left open
    ("it's", "    "),
])  # fmt: skip
def test_quotations(text, marks):
    assert "".join(" x"[int(inside)] for inside in quotation(text)) == marks


def test_features_by_hand():
    text = 'Oh, "I"\n'
    marked = {name: "".join(" x"[int(m)] for m in f(text)) for name, f in FEATURES.items()}
    assert marked == {
        "space": "   x    ", "line end": "       x", "inside a quotation": "    xx  ",
        "capital letter": "x    x  ", "vowel": "x    x  ", "punctuation": "  x x x ",
    }  # fmt: skip


def test_a_planted_unit_is_found():
    text = 'He said: "Oh, 9 eels!"\nAnd so on, and on.\n'
    rng = np.random.default_rng(0)
    for name, feature in FEATURES.items():
        hidden = rng.normal(size=(len(text), 4))
        hidden[:, 2] = 0.3 - 0.5 * np.asarray(feature(text), float)
        follows = unit_correlations(hidden, text)[name]
        assert follows[2] == pytest.approx(-1) and (np.abs(np.delete(follows, 2)) < 0.6).all()


def test_they_are_pearson_correlations():
    hidden = np.random.default_rng(1).normal(size=(9, 3))
    marks = [c == " " for c in "a b c d e"]
    by_numpy = [np.corrcoef(unit, marks)[0, 1] for unit in hidden.T]
    assert np.allclose(unit_correlations(hidden, "a b c d e")["space"], by_numpy)


def test_a_constant_unit_and_a_missing_feature_have_no_correlation():
    follows = unit_correlations(np.ones((5, 2)), "a b c")
    assert not follows["space"].any() and not follows["line end"].any()


def test_states_that_do_not_fit_the_text():
    with pytest.raises(ValueError, match="6 states do not fit a text of 5 characters"):
        unit_correlations(np.ones((6, 2)), "a b c")


def test_area_by_hand():
    marks = np.array([True, False, True, False])
    assert _area(np.array([4.0, 1, 3, 2]), marks) == 1
    assert _area(np.array([4.0, 3, 2, 1]), marks) == 0.75  # three of four pairs
    assert _area(np.array([1.0, 1, 1, 1]), marks) == 0.5


def test_a_planted_direction_is_read_out_and_noise_is_not():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(3000, 6))
    marks = hidden @ [0, 1, 0, -2, 0, 0.5] > 1
    hidden[:, 4] = 7  # a unit that never changes
    assert (read_out(hidden, marks) > 0.97).all()
    chance = read_out(hidden, rng.random(3000) < 0.3)
    assert len(chance) == 5 and (np.abs(chance - 0.5) < 0.1).all()


def test_each_part_is_scored_by_a_function_that_was_fitted_to_the_others():
    rng = np.random.default_rng(1)
    values = 3 + rng.normal(size=(60, 8))
    marks = values[:, 0] + 2 * rng.normal(size=60) > 3
    rows = np.column_stack([(values - values.mean(axis=0)) / values.std(axis=0), np.ones(60)])
    expected = []
    for piece in (slice(20), slice(20, 40), slice(40, 60)):
        others = np.delete(np.arange(60), piece)
        # A ridge penalty is a least-squares problem with one more row for each weight.
        left = np.vstack([rows[others], np.sqrt(0.06) * np.eye(9)])
        weights = np.linalg.lstsq(left, np.append(marks[others], np.zeros(9)))[0]
        scores, inside = rows[piece] @ weights, marks[piece]
        expected.append((scores[inside][:, np.newaxis] > scores[~inside]).mean())
    assert np.allclose(read_out(values, marks, parts=3), expected, atol=1e-12)


def test_a_part_with_one_kind_of_mark():
    with pytest.raises(ValueError, match="only one kind of mark"):
        read_out(np.ones((10, 2)), np.arange(10) == 0)


def blobs(n, centres):
    """n points around each centre, far from the others, and the place of each one's centre."""
    rng, centres = np.random.default_rng(0), np.asarray(centres, float)
    labels = np.repeat(np.arange(len(centres)), n)
    return centres[labels] + 0.3 * rng.normal(size=(len(labels), centres.shape[1])), labels


def share_named(layer, values, labels):
    return ((values @ layer.weights + layer.bias).argmax(axis=1) == labels).mean()


@pytest.mark.parametrize("scale, shift", [(1, 0), (1e-3, 50), (1e4, -3)])
def test_both_read_outs_name_kinds_that_stand_apart(scale, shift):
    values, labels = blobs(200, [[0, 0, 1], [4, 0, 1], [0, 4, 1]])
    values = scale * values + shift
    values[:, 2] = 7  # a unit that never changes
    rng = np.random.default_rng(1)
    for layer in (
        softmax_read_out(values, labels, 3, rng, batch=100),
        least_squares_read_out(values, labels, 3),
    ):
        assert layer.weights.shape == (3, 3) and layer.bias.shape == (3,)
        assert share_named(layer, values, labels) == 1


def test_least_squares_does_not_see_a_kind_between_two_others_and_softmax_does():
    values, labels = blobs(200, [[-4, 0], [0, 0], [4, 0]])
    middle = labels == 1
    squares = least_squares_read_out(values, labels, 3)
    learnt = softmax_read_out(values, labels, 3, np.random.default_rng(1), batch=100)
    assert share_named(squares, values[middle], 1) < 0.4
    assert share_named(learnt, values[middle], 1) > 0.95


def test_least_squares_gives_the_shares_where_the_values_say_nothing():
    labels = np.array([0, 1, 1, 1])
    layer = least_squares_read_out(np.ones((4, 2)), labels, 2)
    assert np.allclose(np.ones(2) @ layer.weights + layer.bias, [0.25, 0.75])
