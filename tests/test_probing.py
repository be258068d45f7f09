import numpy as np
import pytest

from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.loss import softmax
from rnn_helpers.probing import (
    FEATURES,
    _area,
    least_squares_read_out,
    quotation,
    read_out,
    single_unit,
    softmax_read_out,
    unit_correlations,
    untrained,
)


@pytest.mark.parametrize("text, marks", [
    ('a "b" c', "  xx   "),
    ("“b c” d", "xxxx   "),
    ('"b\n\nc "d"', "xxx   xx "),  # an empty line ends what was left open
    ('"a\nb" c', "xxxx   "),  # the end of one line does not
    ('"a\n\tbb\t\tc" d', "xxxxxxxxx   "),
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
        "a space comes next": "  x     ",
    }  # fmt: skip


def test_a_tab_is_none_of_these():
    assert not any(np.any(feature("\t")) for feature in FEATURES.values())


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
    for n in (4, 6):
        with pytest.raises(ValueError, match=f"{n} states do not fit a text of 5 characters"):
            unit_correlations(np.ones((n, 2)), "a b c")


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
    values = 3 + rng.normal(size=(600, 8))
    marks = values[:, 0] + 2 * rng.normal(size=600) > 3
    rows = np.column_stack([(values - values.mean(axis=0)) / values.std(axis=0), np.ones(600)])
    expected = []
    for piece in (slice(200), slice(200, 400), slice(400, 600)):
        others = np.delete(np.arange(600), piece)
        # A ridge penalty is a least-squares problem with one more row for each weight.
        left = np.vstack([rows[others], np.sqrt(0.6) * np.eye(9)])
        weights = np.linalg.lstsq(left, np.append(marks[others], np.zeros(9)))[0]
        scores, inside = rows[piece] @ weights, marks[piece]
        expected.append((scores[inside][:, np.newaxis] > scores[~inside]).mean())
    assert np.allclose(read_out(values, marks, parts=3), expected, atol=1e-12)


def test_the_scale_of_a_unit_makes_no_difference():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(200, 5))
    marks = values @ [1, -1, 2, 0, 1] + 3 * rng.normal(size=200) > 0
    stretched = 7 + values * [1e-4, 0.1, 1, 10, 1e4]
    assert np.allclose(read_out(stretched, marks), read_out(values, marks), atol=1e-9)


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


def overlapping():
    """Kinds that no layer can tell apart for certain, in units of unlike size."""
    rng = np.random.default_rng(3)
    labels = rng.choice(3, 4000, p=[0.2, 0.5, 0.3])
    centres = np.array([[0, 0, 1], [1, 0, -1], [0, 2, 0]])
    return (centres[labels] + rng.normal(size=(4000, 3))) * [1e-3, 1, 100] + 5, labels


def test_a_softmax_read_out_is_where_the_cross_entropy_is_lowest():
    values, labels = overlapping()
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    for seed in range(3):
        layer = softmax_read_out(values, labels, 3, np.random.default_rng(seed))
        errors = softmax(values @ layer.weights + layer.bias) - np.eye(3)[labels]
        # As much belief as there is of each kind. A rate that does not fall to 0 errs by 0.003.
        assert np.abs(errors.mean(axis=0)).max() < 0.0015
        assert np.abs(scaled.T @ errors / len(values)).max() < 0.003


def test_a_least_squares_read_out_is_that_of_a_problem_with_more_rows():
    values, labels = overlapping()
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    for more, ridge in (({}, 1e-3), ({"ridge": 0.5}, 0.5)):
        layer = least_squares_read_out(values, labels, 3, **more)
        wanted = np.eye(3)[labels]
        left = np.vstack([scaled, np.sqrt(ridge * 4000) * np.eye(3)])
        right = np.vstack([wanted - wanted.mean(axis=0), np.zeros((3, 3))])
        expected = scaled @ np.linalg.lstsq(left, right)[0] + wanted.mean(axis=0)
        assert np.allclose(values @ layer.weights + layer.bias, expected, atol=1e-9)


def test_the_best_unit_is_chosen_in_the_other_parts_and_tried_on_this_one():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(3000, 5))
    marks = rng.random(3000) < 0.3
    hidden[:, 2] -= 1.5 * marks  # low where it is true
    assert (single_unit(hidden, marks) > 0.8).all()
    hidden[:600, 2], hidden[:600, 4] = rng.normal(size=600), 3 * marks[:600]
    first, *others = single_unit(hidden, marks)  # the first part has another best unit
    assert abs(first - 0.5) < 0.08 and min(others) > 0.8
    halves = rng.normal(size=(3000, 2))
    halves[:1500, 0] += 9 * marks[:1500]  # in the first half one unit tells it, in the second
    halves[1500:, 1] += marks[1500:]  # another: neither is chosen where it tells it
    assert (np.abs(single_unit(halves, marks, parts=2) - 0.5) < 0.1).all()
    two = hidden[:, :2].copy()  # what only two units together tell
    told = (two[:, 0] > two[:, 1])[:3000]
    assert (read_out(two, told) > single_unit(two, told) + 0.15).all()


def test_an_untrained_network_has_the_shapes_and_no_biases():
    parameters = init_parameters(7, 5, np.random.default_rng(0))
    blank = untrained(parameters._replace(by=np.ones(7)), np.random.default_rng(1), scale=0.2)
    assert [a.shape for a in blank] == [a.shape for a in parameters]
    assert not blank.by.any() and not blank.bh.any() and 0.1 < blank.Whh.std() < 0.3
