import numpy as np
import pytest

from rnn_helpers.probing import FEATURES, quotation, unit_correlations


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
