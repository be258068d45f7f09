"""The automaton in a network: clusters of its hidden states, and the arrows between them.

Derived in notebook 09. A network that has learnt a small grammar keeps its states in a few
clusters. Reading a character moves it from cluster to cluster, so clusters and arrows are an
automaton; states of it with the same future are merged.
"""

from collections import Counter

import numpy as np

from rnn_helpers._checks import whole_number
from rnn_helpers.languages import Language


def cluster(points, k, rounds=20):
    """The cluster of each point, an int array (n,): k-means.

    The first centre is the first point, and each further one the point that is farthest from
    those before; so nothing is random. points (n, H). Raises ValueError for more clusters than
    different points.
    """
    whole_number("k", k, 1)
    points = np.asarray(points, dtype=float)
    centres = points[:1]
    while len(centres) < k:
        gap = distances(points, centres).min(axis=1)
        if not gap.max() > 0:
            raise ValueError(f"{k} clusters are too many for {len(centres)} different points")
        centres = np.vstack([centres, points[gap.argmax()]])
    for _ in range(rounds):
        nearest = distances(points, centres).argmin(axis=1)
        centres = np.array(
            [points[nearest == j].mean(axis=0) if (nearest == j).any() else centres[j]
             for j in range(k)]
        )  # fmt: skip
    return distances(points, centres).argmin(axis=1)


def distances(points, centres):
    """The squared distance of each point (n, H) from each centre (k, H): (n, k)."""
    squares = (points**2).sum(axis=1)[:, np.newaxis] + (centres**2).sum(axis=1)
    return np.maximum(squares - 2 * points @ centres.T, 0)


def arrows(clusters, text):
    """Where each character leads from each cluster, and how often it leads elsewhere.

    clusters[t] is where the network is after text[t]. Returns a dict {(cluster, character): the
    cluster that follows most often}, and the share of the moves that do not follow it.
    """
    moves = Counter(zip(map(int, clusters), text[1:], map(int, clusters[1:])))
    leads = {}
    for (start, character, end), _ in moves.most_common():
        leads.setdefault((start, character), end)
    kept = sum(moves[start, c, end] for (start, c), end in leads.items())
    return leads, 1 - kept / moves.total()


def merge(leads):
    """A number for each cluster, {cluster: number}, the same for clusters with the same future.

    Two clusters are kept apart if a character is possible after one of them alone, or leads to
    clusters that are kept apart (Moore, 1956).
    """
    clusters = sorted({start for start, _ in leads} | set(leads.values()))
    kind = dict.fromkeys(clusters, 0)
    while True:
        futures = {
            j: tuple(sorted((c, kind[end]) for (start, c), end in leads.items() if start == j))
            for j in clusters
        }
        numbers = {future: i for i, future in enumerate(dict.fromkeys(futures.values()))}
        refined = {j: numbers[futures[j]] for j in clusters}
        if len(numbers) == len(set(kind.values())):
            return refined
        kind = refined


def machine(clusters, text, probabilities, characters, *, start=None, name="found"):
    """The automaton as a `Language`: one that writes what the network would write.

    Parameters
    ----------
    clusters : int array (n,)
        Where the network is after each character of the text.
    probabilities : array (n, V)
        What the network expects there, of each of the characters.
    start : int, optional
        The place in the text after which the language begins.
    """
    leads, _ = arrows(clusters, text)
    kind = merge(leads)
    kinds = np.array([kind[int(j)] for j in clusters])
    rows = {}
    for (j, character), end in leads.items():
        here = probabilities[kinds == kind[j], characters.index(character)]
        rows[kind[j], character, kind[end]] = here.mean()
    total = Counter()
    for (state, *_), p in rows.items():
        total[state] += p
    table = [(state, c, after, p / total[state]) for (state, c, after), p in sorted(rows.items())]
    return Language(table, None if start is None else kinds[start], name=name)


def partners(found, language):
    """Which state of `language` each state of `found` is: {found state: state}.

    Both are read in step from their starts. None if they do not write the same texts, or one has
    more states.
    """
    steps = [{(state, c): after for state, c, after, _ in one.table} for one in (found, language)]
    begin = tuple(one.states[int(one.start.argmax())] for one in (found, language))
    partner, waiting = dict([begin]), [begin]
    while waiting:
        pair = waiting.pop()
        here = [{c for state, c in step if state == s} for step, s in zip(steps, pair)]
        if here[0] != here[1]:
            return None
        for c in sorted(here[0]):
            after = tuple(step[s, c] for step, s in zip(steps, pair))
            if after[0] not in partner:
                partner[after[0]] = after[1]
                waiting.append(after)
            elif partner[after[0]] != after[1]:
                return None
    one_to_one = len(set(partner.values())) == len(partner) == len(language.states)
    return partner if one_to_one else None


def expected_excess(found, language, partner):
    """What `found` pays above the entropy rate on texts of `language`: bits per character.

    Exact: the mean divergence of what their states write. `partner` is that of `partners`.
    """
    mine = {(partner[state], c): p for state, c, _, p in found.table}
    share = dict(zip(language.states, language.stationary))
    return sum(share[state] * p * np.log2(p / mine[state, c]) for state, c, _, p in language.table)
