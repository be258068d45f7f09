import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sampling_tables as tables

from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.reading import trace
from rnn_helpers.sampling import sample


def test_a_page_ends_lines_between_words():
    words = "the bell and the goose " * 12
    lines = tables.page("The bell\n" + words + "\n\n\n\nA new one.", indent="  ").split("\n")
    assert all(line.startswith("  ") and len(line) <= 72 for line in lines if line)
    assert lines[-2:] == ["", "  A new one."]
    assert " ".join(" ".join(lines).split()) == f"The bell {words.strip()} A new one."


def test_spread():
    assert tables.spread([3, 1, 2.5]) == "2.50 (1.00 to 3.00)"
    assert tables.spread([0.25, 0.5, 0.75], unit="%") == "50% (25% to 75%)"


def test_mean_and_error_by_hand():
    assert np.allclose(tables.mean_and_error([1, 3]), (2, 1))


def test_held_out_table_has_a_line_for_each_text():
    results = tables.held_out_results()
    lines = tables.held_out_table(results).split("\n")
    assert len(lines) == 1 + len(results) == 4
    for line, (name, r) in zip(lines[1:], results.items()):
        assert line.startswith(name) and f"{r['network']:.2f}" in line
        assert f"{r['difference'][4]:+.2f} ± {r['error'][4]:.2f}" in line


@pytest.fixture
def model():
    vocabulary = Vocabulary.from_text("abc ")
    parameters = init_parameters(4, 5, np.random.default_rng(4), scale=1.0)
    return parameters, vocabulary


def cost(model, prompt, text):
    return trace(*model, prompt + text).bits[len(prompt) :].sum()


def test_a_beam_as_wide_as_all_texts_finds_the_cheapest(model):
    texts = ["".join(t) for t in itertools.product(model[1].characters, repeat=4)]
    cheapest = min(texts, key=lambda text: cost(model, "ab", text))
    assert tables.beam_search(*model, "ab", 4, width=256) == cheapest
    assert cheapest != sample(*model, "ab", 4, temperature=0, rng=None)


def test_a_beam_of_one_is_greedy(model):
    found = tables.beam_search(*model, "c", 30, width=1)
    assert found == sample(*model, "c", 30, temperature=0, rng=None)


def test_known_words_by_hand():
    # "xyzzy" is not in the source, and the last word is left out: it may be cut.
    assert tables.known_words("The bell, xyzzy bell be", "bell: the") == 3 / 4


def test_repeated_strings_by_hand():
    assert tables.repeated("abcabc", length=2) == 2 / 5  # ab bc ca (ab bc)
    assert tables.repeated("abcdefghijklmnop") == 0


def test_knobs_table_has_a_line_for_each_setting():
    known = {("top_p", 0.5): [0.5, 0.9, 0.6], ("the author", ""): [0.94]}
    lines = tables.knobs_table(known, known).split("\n")
    assert len(lines) == 3 and lines[2].split() == ["the", "author", "94%", "94%"]
    assert lines[1].split("  ")[0] == "top-p 0.5" and lines[1].count("60% (50% to 90%)") == 2


def test_the_picture_has_its_points():
    axes = tables.calibration_picture([0.1, 0.8], [0.2, 0.7], [0.01, 0.02], [1200, 5])
    assert [t.get_text() for t in axes.texts][:2] == ["1,200", "5"]
    assert axes.containers[0][0].get_xdata().tolist() == [0.1, 0.8]
    plt.close("all")
