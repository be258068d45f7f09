import matplotlib.pyplot as plt
import numpy as np
import twelve_languages as twelve

from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.probing import ReadOut

# Four places on a line: 0, 1, 4 and 6.
LINE = np.array([0.0, 1, 4, 6])
DISTANCES = abs(LINE[:, None] - LINE)


def test_the_nearest_are_joined_first_and_groups_stand_at_their_mean_distance():
    joins = twelve.join_nearest(DISTANCES)
    assert joins == [((0,), (1,), 1.0), ((2,), (3,), 2.0), ((0, 1), (2, 3), 4.5)]


def test_the_tree_shows_what_was_joined():
    _, axes = plt.subplots()
    twelve.draw_tree(axes, DISTANCES[::-1, ::-1], ["six", "four", "one", "zero"], "A tree")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "zero", "six", "four"]
    forks = [sorted(line.get_xdata()) for line in axes.lines]
    assert forks == [[0, 0, 1, 1], [0, 0, 2, 2], [1, 2, 4.5, 4.5]]
    plt.close("all")


def test_nearest_and_in_how_many_runs():
    names = ["zero", "one", "four", "six"]
    assert twelve.nearest(DISTANCES, names) == dict(zip(names, ["one", "zero", "six", "four"]))
    other = DISTANCES.copy()
    other[2] = [9, 1, 0, 2]
    runs = [{"trained, distances": d} for d in (DISTANCES, other, DISTANCES)]
    assert twelve.same_nearest(runs, "trained", names)["four"] == ("six", 2)
    assert twelve.same_nearest(runs, "trained", names)["one"] == ("zero", 3)


def test_beliefs_are_drawn_for_what_is_named_and_the_rest_together():
    vocabulary, rng = Vocabulary.from_text("ab "), np.random.default_rng(0)
    parameters = init_parameters(3, 4, rng, scale=1)
    layer = ReadOut(rng.normal(size=(4, 3)), rng.normal(size=3))
    beliefs = twelve.beliefs_along(parameters, vocabulary, layer, "ab a")
    assert beliefs.shape == (4, 3) and np.allclose(beliefs.sum(axis=1), 1)
    axes = twelve.draw_beliefs("ab a", beliefs, ["x", "y", "z"], ["z"])
    drawn = axes.images[0].get_array()
    assert np.allclose(drawn, [beliefs[:, 2], beliefs[:, 0] + beliefs[:, 1]])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["z", "another"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "␣", "a"]
    plt.close("all")
