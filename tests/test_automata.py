"""Automata: clusters, arrows, merging, and the comparison with a grammar."""

from itertools import product

import numpy as np
import pytest

from rnn_helpers import automata
from rnn_helpers.languages import BRACKETS, EVEN_RUNS, REBER, Language


def blobs(rng, centres, each=50, noise=0.05):
    labels = np.repeat(np.arange(len(centres)), each)
    points = np.asarray(centres)[labels] + noise * rng.standard_normal((len(labels), 2))
    order = rng.permutation(len(labels))
    return points[order], labels[order]


def test_clusters_are_the_groups_that_are_there():
    centres = [(0, 0), (3, 0), (0, 3), (4, 4), (-3, 1)]
    for seed in range(5):
        points, labels = blobs(np.random.default_rng(seed), centres)
        found = automata.cluster(points, 5)
        pairs = set(zip(labels.tolist(), found.tolist()))
        assert len(pairs) == 5 == len(set(found.tolist()))
        assert (automata.cluster(points, 5) == found).all()
    assert set(automata.cluster(points, 1)) == {0}


def test_centres_are_means():
    """The last point is nearer to the mean of the right group than to that of the left."""
    points = np.array([[0.0], [5.0], [6.0], [14.0], [8.0]])
    assert automata.cluster(points, 2).tolist() == [0, 0, 0, 1, 1]


def test_more_clusters_than_different_points():
    with pytest.raises(ValueError, match="3 clusters are too many for 2 different points"):
        automata.cluster(np.array([[0.0], [1.0], [1.0]]), 3)
    with pytest.raises(ValueError, match="k must be a whole number, 1 or more"):
        automata.cluster(np.eye(3), 0)


def test_distances_are_squares():
    rng = np.random.default_rng(0)
    points, centres = rng.normal(size=(7, 3)), rng.normal(size=(4, 3))
    expected = ((points[:, None] - centres) ** 2).sum(axis=-1)
    assert np.allclose(automata.distances(points, centres), expected)


def test_arrows_by_hand():
    #          a  b  a  b  a  a
    clusters = [0, 1, 0, 1, 0, 2]
    leads, doubt = automata.arrows(clusters, "ababaa")
    assert leads == {(0, "b"): 1, (1, "a"): 0, (0, "a"): 2} and doubt == 0
    leads, doubt = automata.arrows([0, 1, 0, 1, 0, 2, 0], "abababa")
    assert leads[0, "b"] == 1 and leads[2, "a"] == 0 and doubt == pytest.approx(1 / 6)


def random_automaton(rng, S=6):
    """Each state has one or two characters; some states are copies of others."""
    leads = {}
    for state in range(S):
        for c in rng.permutation(list("ab"))[: rng.integers(1, 3)]:
            leads[state, str(c)] = int(rng.integers(S))
    return leads


@pytest.mark.parametrize("seed", range(60))
def test_states_are_merged_if_they_allow_the_same_strings(seed):
    rng = np.random.default_rng(seed)
    leads = random_automaton(rng)

    def allowed(state, string):
        for c in string:
            if (state, c) not in leads:
                return False
            state = leads[state, c]
        return True

    strings = [s for n in range(1, 8) for s in product("ab", repeat=n)]
    futures = {j: tuple(allowed(j, s) for s in strings) for j in range(6)}
    kind = automata.merge(leads)
    assert set(kind) == set(range(6))
    for i, j in product(range(6), repeat=2):
        assert (kind[i] == kind[j]) == (futures[i] == futures[j])
    assert set(kind.values()) == set(range(len(set(futures.values()))))


def as_if_read(language, rng, n=4000, copies=2):
    """Clusters of an ideal network: each state in several, by where it came from."""
    text, states = language.sample(n, rng)
    before = np.concatenate([[0], states[:-1]])
    clusters = states * copies + before % copies
    p = language.emissions[states]
    return clusters, text, p


@pytest.mark.parametrize("language", [EVEN_RUNS, REBER, BRACKETS(3)], ids=lambda x: x.name)
def test_the_machine_of_an_ideal_network_is_the_language(language):
    rng = np.random.default_rng(3)
    clusters, text, p = as_if_read(language, rng)
    start = int(np.flatnonzero(language.beliefs(text)[:, 0])[0])  # in the first state
    # a network also gives a little to characters that cannot come
    found = automata.machine(clusters, text, 0.9 * p, language.characters, start=start)
    partner = automata.partners(found, language)
    assert sorted(map(str, partner.values())) == sorted(map(str, language.states))
    assert found.entropy_rate == pytest.approx(language.entropy_rate)
    assert automata.expected_excess(found, language, partner) == pytest.approx(0, abs=1e-9)
    written, _ = found.sample(300, rng)
    assert language.bits(written) == pytest.approx(found.bits(written)) and found.name == "found"


def changed(table, old, new):
    return [new if row[:3] == old else row for row in table]


def test_partners_are_none_where_the_texts_differ():
    assert automata.partners(REBER, REBER) == {i: i for i in range(7)}
    assert automata.partners(EVEN_RUNS, REBER) is None
    rows = list(REBER.table)
    crossed = changed(rows, (4, "X", 3), (4, "X", 2, 0.5))
    crossed = Language(crossed, start=0)
    assert automata.partners(crossed, REBER) is None
    lacking = [row for row in rows if row[:3] != (2, "S", 2)]
    lacking = Language(changed(lacking, (2, "X", 4), (2, "X", 4, 1.0)), start=0)
    assert automata.partners(lacking, REBER) is None and automata.partners(REBER, lacking) is None
    # one state too many: it writes the same texts, but is not the same machine
    # the V from 5 ends in a copy of 6, whose E leads to the same 0
    more = changed(rows, (5, "V", 6), (5, "V", 7, 0.5))
    more = Language([*more, (7, "E", 0, 1.0)], start=0)
    assert automata.partners(more, REBER) is None


def test_the_expected_excess_is_what_a_long_text_shows():
    rows = changed(REBER.table, (2, "S", 2), (2, "S", 2, 0.7))
    found = Language(changed(rows, (2, "X", 4), (2, "X", 4, 0.3)), start=0)
    partner = automata.partners(found, REBER)
    expected = automata.expected_excess(found, REBER, partner)
    by_hand = -(np.log2(0.7) + np.log2(0.3)) / 2 - 1
    assert expected == pytest.approx(by_hand / 8)
    text, _ = REBER.sample(100_000, np.random.default_rng(0))
    measured = (found.bits(text) - REBER.bits(text)) / len(text)
    assert measured == pytest.approx(expected, abs=0.003)
