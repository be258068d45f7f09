"""Languages of known entropy: each number is found a second time, in another way."""

import inspect
import re
from itertools import groupby, product

import numpy as np
import pytest

from rnn_helpers import languages
from rnn_helpers.languages import (
    BRACKETS,
    EMBEDDED_REBER,
    EVEN_RUNS,
    MESS3,
    REBER,
    Language,
)

SLOW_COIN = Language(
    [("heads", "h", "heads", 0.9), ("heads", "t", "tails", 0.1),
     ("tails", "t", "tails", 0.7), ("tails", "h", "heads", 0.3)],
    name="a coin that seldom turns",
)  # fmt: skip
TWO_WAYS = Language(
    [(1, "a", 1, 0.5), (1, "a", 2, 0.25), (1, "b", 2, 0.25), (2, "a", 1, 0.5), (2, "b", 2, 0.5)],
    start=1, name="one character, two next states",
)  # fmt: skip
UNIFILAR = [EVEN_RUNS, REBER, EMBEDDED_REBER(0.5), EMBEDDED_REBER(0.97), BRACKETS(3), SLOW_COIN]
ALL = [*UNIFILAR, MESS3, TWO_WAYS]
SMALL = [EVEN_RUNS, SLOW_COIN, MESS3, TWO_WAYS]  # few enough strings to list them all

every_language = pytest.mark.parametrize("language", ALL, ids=lambda x: x.name)
every_unifilar = pytest.mark.parametrize("language", UNIFILAR, ids=lambda x: x.name)
every_small = pytest.mark.parametrize("language", SMALL, ids=lambda x: x.name)


def anywhere(language):
    """The same language, read from anywhere: its first state is drawn."""
    return Language(language.table, name=language.name)


def paths(language, text):
    """The probability of each way through the states that writes this text, by its last state.

    By brute force, from the table alone.
    """
    ways = {state: p for state, p in zip(language.states, language.start) if p}
    ways = [((state,), p) for state, p in ways.items()]
    for character in text:
        ways = [
            (way + (after,), p * q)
            for way, p in ways
            for state, written, after, q in language.table
            if state == way[-1] and written == character
        ]
    return ways


def surprise_of_coin(p):
    return -p * np.log2(p) - (1 - p) * np.log2(1 - p)


def test_rates_that_can_be_derived_by_hand():
    assert EVEN_RUNS.entropy_rate == pytest.approx(2 / 3, abs=1e-12)
    assert REBER.entropy_rate == pytest.approx(3 / 4, abs=1e-12)
    for m in (1, 2, 10, 20):
        # opener 1 bit; m letters of 1 bit, and after each the question whether one more comes
        one_more = m * surprise_of_coin(1 / m) if m > 1 else 0
        rate = (1 + m + one_more) / (1 + m + 2)
        assert BRACKETS(m).entropy_rate == pytest.approx(rate, abs=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.9, 0.97])
def test_the_rate_of_embedded_reber_from_the_mean_length_of_a_string(p):
    """Expected visits of the inner states by hand, as visits = first + visits from others."""
    inner = {1: {2: 0.5, 3: 0.5}, 2: {2: p, 4: 1 - p}, 3: {3: p, 5: 1 - p},
             4: {3: 0.5, 6: 0.5}, 5: {4: 0.5, 6: 0.5}}  # fmt: skip
    visits = dict.fromkeys(range(1, 7), 0.0)
    for _ in range(5000):
        new = dict.fromkeys(range(1, 7), 0.0) | {1: 1.0}
        for state, ways in inner.items():
            for after, q in ways.items():
                new[after] += q * visits[state]
        visits = new
    length = sum(visits.values()) + 1  # and the inner B
    bits = visits[1] + visits[4] + visits[5] + (visits[2] + visits[3]) * surprise_of_coin(p)
    rate = (1 + bits) / (length + 4)
    assert EMBEDDED_REBER(p).entropy_rate == pytest.approx(rate, rel=1e-9)


@every_language
def test_the_stationary_distribution_is_where_a_long_walk_ends(language):
    moves = language.transitions.sum(axis=0)
    assert np.allclose(moves.sum(axis=1), 1)
    walk = np.linalg.matrix_power((np.eye(len(moves)) + moves) / 2, 1 << 14)  # lazy: no rhythm
    assert np.allclose(walk, language.stationary, atol=1e-9)


@every_unifilar
def test_the_rate_is_the_mean_surprise_of_the_states(language):
    moves = language.transitions.sum(axis=0)
    weight = np.linalg.matrix_power((np.eye(len(moves)) + moves) / 2, 1 << 14)[0]
    rate = -sum(
        weight[language.states.index(state)] * p * np.log2(p) for state, _, _, p in language.table
    )
    assert isinstance(language.entropy_rate, float)
    assert language.entropy_rate == pytest.approx(rate, abs=1e-9)


@every_language
def test_a_long_text_costs_its_own_language_the_rate(language):
    text, _ = language.sample(60_000, np.random.default_rng(5))
    parts = language.surprise(text).reshape(60, -1).mean(axis=1)
    low, high = np.broadcast_to(language.entropy_rate, 2)
    assert high - low < 1e-4
    error = parts.std(ddof=1) / np.sqrt(len(parts))
    assert low - 4 * error < parts.mean() < high + 4 * error and error < 0.02


@every_small
def test_differences_of_block_entropies_fall_to_the_rate(language):
    language = anywhere(language)
    blocks = []
    for n in range(8):
        strings = map("".join, product(language.characters, repeat=n))
        bits = np.array([language.bits(string) for string in strings])
        p = np.exp2(-bits)
        assert p.sum() == pytest.approx(1)
        blocks.append((p[p > 0] * bits[p > 0]).sum())
    price = np.diff(blocks)
    low, high = np.broadcast_to(language.entropy_rate, 2)
    assert (np.diff(price) < 1e-12).all() and price[-1] > high - 1e-12
    for context, expected in enumerate(price):
        below, above = language.bounds(context)
        assert above == pytest.approx(expected, abs=1e-9)
        assert below <= low + 1e-9 and high - 1e-9 <= above


def test_bounds_come_nearer_and_those_of_a_unifilar_language_meet_from_below_at_once():
    bounds = np.array([MESS3.bounds(context) for context in range(7)])
    assert (np.diff(bounds[:, 0]) > 0).all() and (np.diff(bounds[:, 1]) < 0).all()
    low, high = MESS3.entropy_rate
    assert bounds[-1, 0] < low < high < bounds[-1, 1] and round(low, 4) == round(high, 4) == 1.1447
    for language in UNIFILAR:
        assert language.bounds(2)[0] == pytest.approx(language.entropy_rate, abs=1e-12)
    assert SLOW_COIN.bounds(1)[1] == pytest.approx(SLOW_COIN.entropy_rate, abs=1e-12)
    assert EVEN_RUNS.bounds(12)[1] > EVEN_RUNS.entropy_rate + 1e-3
    with pytest.raises(ValueError, match="take a shorter context"):
        MESS3.bounds(11)  # 3^11 strings
    assert REBER.bounds(9)[1] == pytest.approx(REBER.entropy_rate, abs=0.01)  # few are possible


@every_small
@pytest.mark.parametrize("from_anywhere", [False, True])
def test_beliefs_and_prices_by_brute_force(language, from_anywhere):
    language = anywhere(language) if from_anywhere else language
    for seed in range(4):
        text, _ = language.sample(6, np.random.default_rng(seed))
        beliefs, whole = language.beliefs(text), 1.0
        assert beliefs.shape == (6, len(language.states))
        for n in range(1, 7):
            ways = paths(language, text[:n])
            total = sum(p for _, p in ways)
            for state, belief in zip(language.states, beliefs[n - 1]):
                ends_here = sum(p for way, p in ways if way[-1] == state)
                assert belief == pytest.approx(ends_here / total)
            assert language.surprise(text)[n - 1] == pytest.approx(-np.log2(total / whole))
            whole = total
        assert language.bits(text) == pytest.approx(-np.log2(whole))


@every_language
def test_a_text_and_its_states_follow_the_table(language):
    text, states = language.sample(5000, np.random.default_rng(1))
    assert isinstance(text, str) and states.shape == (5000,) and states.dtype.kind == "i"
    rows = {(state, character, after) for state, character, after, _ in language.table}
    names = [language.states[i] for i in states]
    assert set(zip(names, text[1:], names[1:])) <= rows
    share = np.bincount(states, minlength=len(language.states)) / 5000
    assert np.allclose(share, language.stationary, atol=0.12)
    again = language.sample(5000, np.random.default_rng(1))
    assert again[0] == text and (again[1] == states).all()
    assert language.sample(5000, np.random.default_rng(2))[0] != text


@every_unifilar
def test_whoever_knows_a_unifilar_language_knows_its_state(language):
    if language.start.max() < 1:
        language = Language(language.table, start=language.states[0])
    text, states = language.sample(2000, np.random.default_rng(3))
    assert np.array_equal(language.beliefs(text), np.eye(len(language.states))[states])


def test_the_first_state_is_the_start_or_drawn():
    starts = [EVEN_RUNS.sample(1, np.random.default_rng(seed))[0] for seed in range(40)]
    assert {"a", "b"} == set(starts)  # from A both can come
    assert all(REBER.sample(1, np.random.default_rng(seed))[0] == "B" for seed in range(20))
    drawn = {anywhere(REBER).sample(1, np.random.default_rng(seed))[0] for seed in range(60)}
    assert len(drawn) > 4
    assert (MESS3.start == MESS3.stationary).all()


def test_no_text_is_a_text():
    for language in ALL:
        text, states = language.sample(0, np.random.default_rng(0))
        assert text == "" and len(states) == 0 and language.bits("") == 0
        assert language.beliefs("").shape == (0, len(language.states))
        assert language.surprise("").shape == (0,)


def test_the_made_languages_write_what_they_should():
    rng = np.random.default_rng(0)
    text, _ = EVEN_RUNS.sample(20_000, rng)
    runs = [(letter, len(list(run))) for letter, run in groupby(text[: text.rindex("a") + 1])]
    assert all(n % 2 == 0 for letter, n in runs if letter == "b")
    assert {n for letter, n in runs if letter == "b"} >= {2, 4, 6, 8}

    # strings of Reber's grammar that the literature gives as examples, and some that are none
    for string in ("BTSSXXTVVE", "BPVVE", "BTXXVPSE", "BPVPXVPXVPXVVE", "BTSXXVPSE"):
        assert REBER.bits(string) < np.inf
    for string in ("BTSSPXSE", "BPTVVB", "BTXXVVSE", "BPVSPSE", "BTSSSE"):
        assert REBER.bits(string) == np.inf
    from_4 = "(?:XT*VP)*(?:S|XT*VV)E"
    inner = f"B(?:TS*X{from_4}|PT*V(?:VE|P{from_4}))"
    text, _ = REBER.sample(20_000, rng)
    assert re.fullmatch(f"(?:{inner})*", text[: text.rindex("EB") + 1])
    for p, mean in ((0.5, 8), (0.97, 55)):
        text, states = EMBEDDED_REBER(p).sample(150_000, rng)
        strings = re.findall(r"B([TP])(B[^E]*E)(.)E", text)
        assert all(letter == again for letter, _, again in strings)
        assert all(re.fullmatch(inner, part) for _, part, _ in strings)
        assert np.mean([len(part) for _, part, _ in strings]) == pytest.approx(mean, rel=0.06)
        assert {letter for letter, *_ in strings} == {"T", "P"}

    for mean in (1, 10, 20):
        text, _ = BRACKETS(mean).sample(60_000, rng)
        whole = text[: max(text.rindex(")"), text.rindex("]")) + 1]
        parts = re.findall(r"\(([ab]+)!\)|\[([ab]+)!\]", whole)
        assert re.fullmatch(r"(?:\([ab]+!\)|\[[ab]+!\])*", whole)
        lengths = [len(round_ or square) for round_, square in parts]
        assert np.mean(lengths) == pytest.approx(mean, rel=0.06) and min(lengths) == 1


def test_the_three_matrices_of_mess3_as_published():
    """Marzen and Crutchfield, 2017: y = 1 - 2x, b = (1 - a) / 2."""
    x, a = 0.05, 0.85
    y, b = 1 - 2 * x, (1 - a) / 2
    published = [
        [[a * y, b * x, b * x], [a * x, b * y, b * x], [a * x, b * x, b * y]],
        [[b * y, a * x, b * x], [b * x, a * y, b * x], [b * x, a * x, b * y]],
        [[b * y, b * x, a * x], [b * x, b * y, a * x], [b * x, b * x, a * y]],
    ]
    assert np.allclose(MESS3.transitions, published)


@pytest.mark.parametrize(
    "language, text, place",
    [
        (EVEN_RUNS, "aba", 3),
        (EVEN_RUNS, "bbabba" + "bbb" + "a", 10),
        (REBER, "T", 1),
        (EVEN_RUNS, 13 * "bba" + "bc", 41),
        (REBER, "BTXP", 4),
        (REBER, "BTXSEBTXSEBP?", 13),
        (BRACKETS(2), "(a!]", 4),
        (BRACKETS(2), "()", 2),
        (EMBEDDED_REBER(0.5), "BTBTXSEP", 8),
        (MESS3, "abcd", 4),
    ],
)
def test_an_impossible_text_costs_infinity_and_the_place_is_named(language, text, place):
    assert language.bits(text) == np.inf and language.bits(text[: place - 1]) < np.inf
    wrong = text[place - 1]
    before = text[: place - 1][-20:]
    message = f"cannot write {wrong!r} as character {place} of this text, after {before!r}"
    for read in (language.beliefs, language.surprise):
        with pytest.raises(ValueError, match=re.escape(message)):
            read(text)


@pytest.mark.parametrize(
    "table, message",
    [
        ([], "the table is empty"),
        ([("A", "a", "A")], "row 1 must be \\(state, character, next state, probability\\)"),
        ([("A", "a", "A", 1), 7], "row 2 must be"),
        ([("A", "a", "A", "half")], "row 1 must be"),
        ([("A", "ab", "A", 1)], "row 1 must write a single character, not 'ab'"),
        ([("A", "", "A", 1)], "single character"),
        ([("A", 3, "A", 1)], "single character"),
        ([("A", "a", "A", 1), ("A", "b", "A", 0)], "row 2 has the probability 0"),
        ([("A", "a", "A", -0.5), ("A", "b", "A", 1.5)], "row 1 has the probability -0.5"),
        ([("A", "a", "A", float("nan"))], "row 1 has the probability nan"),
        ([("A", "a", "A", 0.5), ("A", "a", "A", 0.5)], "row 2 repeats an earlier one"),
        ([("A", "a", "A", 0.5), ("A", "b", "A", 0.4)], "of state 'A' add up to 0.9"),
        ([("A", "a", "A", 1), ("B", "a", "A", 0.2)], "of state 'B' add up to 0.2"),
        ([("A", "a", "A", 0.5), ("A", "b", "B", 0.5)], "row 2 moves to 'B', which has no row"),
        (
            [("A", "a", "A", 0.5), ("A", "b", "B", 0.5), ("B", "b", "B", 1)],
            "no way leads from state 'B' to state 'A'",
        ),
        ([("A", "a", "A", 1), ("B", "b", "B", 1)], "no way leads from state 'A' to state 'B'"),
    ],
)
def test_a_bad_table_is_refused_in_words(table, message):
    with pytest.raises(ValueError, match=message):
        Language(table)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: Language(EVEN_RUNS.table, start="C"), ValueError, "start is 'C', not one of"),
        (lambda: EMBEDDED_REBER(1), ValueError, "p must be above 0 and below 1, not 1"),
        (lambda: EMBEDDED_REBER(0), ValueError, "p must be above 0 and below 1, not 0"),
        (lambda: EMBEDDED_REBER(-1), ValueError, "p must be above 0 and below 1, not -1"),
        (lambda: BRACKETS(0.5), ValueError, "mean_distance must be a finite number, 1 or more"),
        (lambda: BRACKETS(np.inf), ValueError, "mean_distance must be a finite number"),
        (lambda: REBER.sample(-1, np.random.default_rng(0)), ValueError, "n must be a whole"),
        (lambda: REBER.sample(5, 0), TypeError, "default_rng"),
        (lambda: REBER.bounds(-1), ValueError, "context must be a whole number"),
    ],
)
def test_other_bad_arguments_are_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_probabilities_may_be_fractions_and_the_sum_may_be_rounded():
    from fractions import Fraction

    thirds = Language([("A", c, "A", Fraction(1, 3)) for c in "abc"])
    assert thirds.entropy_rate == pytest.approx(np.log2(3))
    tenths = Language([("A", c, "A", 0.1) for c in "abcdefghij"])
    text, _ = tenths.sample(2000, np.random.default_rng(0))
    assert set(text) == set("abcdefghij")


class AlwaysTheLargest(np.random.Generator):
    """Draws the largest number below 1 each time."""

    def random(self, n):
        return np.full(n, np.nextafter(1, 0))


def test_the_last_row_is_taken_where_the_sum_of_probabilities_is_rounded_down():
    tenths = Language([("A", c, "A", 0.1) for c in "abcdefghij"])
    assert sum([0.1] * 10) < 1
    text, _ = tenths.sample(3, AlwaysTheLargest(np.random.PCG64(0)))
    assert text == "jjj"


def test_periodic_languages_have_a_rate_too():
    """Two states in turn: a lazy average is needed, and the equation gives it."""
    turns = Language([(0, "a", 1, 0.5), (0, "b", 1, 0.5), (1, "c", 0, 1)])
    assert turns.entropy_rate == pytest.approx(0.5) and np.allclose(turns.stationary, 0.5)


def test_names_and_signatures_are_those_of_the_contract():
    for language in (EVEN_RUNS, REBER, MESS3, EMBEDDED_REBER(0.5), BRACKETS(10)):
        assert isinstance(language, Language)
    signatures = {
        name: list(inspect.signature(getattr(Language, name)).parameters)[1:]
        for name in ("sample", "bits", "beliefs")
    }
    assert signatures == {"sample": ["n", "rng"], "bits": ["text"], "beliefs": ["text"]}
    assert list(inspect.signature(EMBEDDED_REBER).parameters) == ["p"]
    assert list(inspect.signature(BRACKETS).parameters) == ["mean_distance"]
    assert repr(EVEN_RUNS) == "<even runs: 2 states, characters 'ab'>"
    low, high = MESS3.entropy_rate
    assert 1.14 < low <= high < 1.15 and not MESS3.unifilar and REBER.unifilar


def test_entropy_of_weights():
    assert languages.entropy([1, 1]) == pytest.approx(1)
    assert languages.entropy([[2, 2, 4], [0, 0, 0]]) == pytest.approx([1.5, 0])
