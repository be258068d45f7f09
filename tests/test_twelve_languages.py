import re

import matplotlib.pyplot as plt
import numpy as np
import twelve_languages as twelve

from rnn_helpers.checkpoints import load_model
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


def test_the_distance_from_the_centre_needs_no_points():
    assert np.allclose(twelve.distance_from_centre(DISTANCES), abs(LINE - LINE.mean()))


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


def test_tables_say_the_median_the_range_and_the_number_of_runs():
    names = ["zero", "one", "four", "six"]
    near = {f"{kind}, distances": DISTANCES for kind in ("trained", "letters", "untrained")}
    keys = ("trained, squares", "trained, softmax", "untrained, softmax", "letters, last 50")
    runs = [
        near | {key: {"all": share, "languages": [0.1, share, 1, 0]} for key in keys}
        for share in (0.5, 0.25, 0.75)
    ]
    table = twelve.nearest_table(runs, names).splitlines()
    assert table[3].split() == ["four", "six", "3/3", "six", "3/3", "six", "3/3"]
    table = twelve.named_table(runs, names, ["one", "six"]).splitlines()
    assert table[0].split() == ["all", "one", "six"] and len(table) == 5
    assert table[2].split("  ")[0] == "trained, softmax"
    assert re.findall(r"\d+% \(.*?\)", table[2]) == 2 * ["50% (25% to 75%)"] + ["0% (0% to 0%)"]
    assert {len(line) for line in table} == {24 + 3 * 22}


# What chapter 09 says of the stored results.

FOUND = twelve.declaration_results()
FIVE, NAMES = FOUND["runs"], FOUND["languages"]


def test_neighbours_are_the_same_in_all_trained_networks_and_in_no_untrained_ones():
    near = {k: twelve.same_nearest(FIVE, k, NAMES) for k in ("trained", "letters", "untrained")}
    assert near["trained"]["English"] == ("Dutch", 5)
    assert near["letters"]["English"] == ("French", 5)
    assert sum(n == 5 for _, n in near["trained"].values()) == 10
    assert sum(n == 5 for _, n in near["untrained"].values()) == 0
    pairs = {("German", "Dutch"), ("Czech", "Polish"), ("Spanish", "Portuguese")}
    assert all(near["trained"][a] == (b, 5) and near["trained"][b] == (a, 5) for a, b in pairs)
    assert near["trained"]["Italian"] == ("Spanish", 5)
    assert near["trained"]["Icelandic"] == ("Swedish", 5)


def test_english_is_in_the_middle_and_gains_most_by_the_softmax():
    english, russian = NAMES.index("English"), NAMES.index("Russian")
    for run in FIVE:
        softmax, squares = (run[f"trained, {way}"] for way in ("softmax", "squares"))
        gain = np.subtract(softmax["languages"], squares["languages"])
        centre = twelve.distance_from_centre(run["trained, distances"])
        assert gain.argmax() == english == centre.argmin()
        assert 0.5 <= squares["all"] < softmax["all"] < 0.63
        assert squares["languages"][english] < 0.15 and squares["languages"][russian] > 0.995
        assert run["untrained, softmax"]["all"] < 0.33 < 0.88 < run["letters, last 50"]["all"]
        letters = [run[f"letters, last {k}"]["all"] for k in (1, 5, 10, 20, 50)]
        assert np.allclose(letters, [0.24, 0.45, 0.59, 0.75, 0.89], atol=0.01)
        assert 0.27 < run["untrained, squares"]["all"] < run["untrained, softmax"]["all"]
        since = softmax["since"]
        assert since[0] < since[1] < since[4] and since[0] < 0.3 and since[4] > 0.55
        assert 2.41 < run["training text"] < 2.47 and 2.87 < run["held-out text"] < 2.93


def test_one_letter_decides_for_czech():
    declaration = load_model("declaration")
    line = "everyone has a bell. každý má zvon. toda persona"
    belief = twelve.beliefs_along(
        declaration.parameters, declaration.vocabulary, FOUND["read_out"], line
    )
    czech = belief[:, NAMES.index("Czech")]
    assert czech[line.index("ž") - 1] < 0.1 and czech[line.index("ž") + 1] > 0.8
    spanish = belief[:, NAMES.index("Spanish")]
    assert spanish[line.index("ž") :].max() < 0.06 and spanish[: line.index("ž")].max() > 0.3


def test_two_trees_stand_side_by_side():
    figure = twelve.two_trees(FIVE[0], NAMES)
    titles = [axes.get_title() or axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["By the state", "By the letters"]
    order = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert abs(order.index("English") - order.index("Dutch")) <= 2
    plt.close("all")
