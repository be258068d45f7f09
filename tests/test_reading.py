import subprocess
import sys

import numpy as np
import pytest

from rnn_helpers.cells import zero_state
from rnn_helpers.checkpoints import load_model
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.loss import softmax
from rnn_helpers.reading import explore, trace
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character

MODEL = load_model("story")
P, VOCABULARY = MODEL.parameters, MODEL.vocabulary
TEXT = 'The bell rang. "Goose," said the bird.\n' * 60  # longer than one piece of 1,000


def test_each_character_costs_what_the_network_gave_it():
    ids = VOCABULARY.encode(TEXT)
    hidden, logits = forward(P, ids, zero_state(P))
    p = softmax(logits[:-1])
    reading = trace(P, VOCABULARY, TEXT)
    assert np.allclose(reading.bits[1:], -np.log2(p[np.arange(len(p)), ids[1:]]))
    assert reading.bits[0] == 0 and np.allclose(reading.hidden, hidden[1:])
    assert np.isclose(reading.bits.sum() / (len(TEXT) - 1), bits_per_character(P, ids))
    assert np.array_equal(reading.top_ids[1:, 0], p.argmax(axis=1))
    assert np.allclose(reading.top_probabilities[1:], -np.sort(-p, axis=1)[:, :5])
    assert np.allclose(
        np.take_along_axis(p, reading.top_ids[1:], 1), reading.top_probabilities[1:]
    )


@pytest.mark.parametrize("n", [2, 3, 1000, 1001, 1002])
def test_pieces_leave_nothing_out(n):
    reading = trace(P, VOCABULARY, TEXT[:n])
    hidden, _ = forward(P, VOCABULARY.encode(TEXT[:n]), zero_state(P))
    assert (reading.bits[1:] > 0).all() and np.allclose(reading.hidden, hidden[1:])


def test_what_has_no_probability_costs_much_but_not_infinity():
    parameters = init_parameters(3, 4, np.random.default_rng(0))
    parameters.by[:] = 0, -5000, 0
    bits = trace(parameters, Vocabulary("abc"), "acba").bits
    assert np.allclose(bits, [0, 1, 300 * np.log2(10), 1], atol=0.1)


def test_as_many_guesses_as_asked_for_and_as_there_are():
    parameters = init_parameters(3, 4, np.random.default_rng(0), scale=0.5)
    assert trace(parameters, Vocabulary("abc"), "abcab", top=2).top_ids.shape == (5, 2)
    assert trace(parameters, Vocabulary("abc"), "abcab").top_ids.shape == (5, 3)


@pytest.mark.parametrize("text, words", [
    ("", "at least two characters, got 0"), ("a", "at least two characters, got 1"),
    ("a5", "'5' at position 1"),
])  # fmt: skip
def test_what_cannot_be_read(text, words):
    with pytest.raises(ValueError, match=words):
        trace(P, VOCABULARY, text)


def with_a_nan(parameters, name):
    changed = getattr(parameters, name).copy()
    changed.flat[-1] = np.nan
    return parameters._replace(**{name: changed})


@pytest.mark.parametrize("ask", [
    lambda p, vocabulary: trace(p, vocabulary, 2 * vocabulary.characters),
    lambda p, vocabulary: explore(p, vocabulary, 2 * vocabulary.characters, 1.0, 3, seed=0),
], ids=["trace", "explore"])  # fmt: skip
def test_a_model_that_cannot_be_right_is_refused(ask):
    parameters = init_parameters(4, 3, np.random.default_rng(0))
    ask(parameters, Vocabulary("abcd"))
    for characters in ("abc", "abcde"):
        with pytest.raises(ValueError, match="network knows 4 characters, the vocabulary [35];"):
            ask(parameters, Vocabulary(characters))
    for name in parameters._fields:
        with pytest.raises(ValueError, match="infinite or NaN; did the training diverge"):
            ask(with_a_nan(parameters, name), Vocabulary("abcd"))


@pytest.mark.parametrize("temperature", [0, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("prompt", ["T", "The bell"])
def test_exploring_is_sampling_with_probabilities(prompt, temperature):
    writing = explore(P, VOCABULARY, prompt, temperature, 40, seed=3)
    rng = np.random.default_rng(3)
    assert writing.text == sample(P, VOCABULARY, prompt, 40, temperature=temperature, rng=rng)
    reading = trace(P, VOCABULARY, prompt + writing.text)
    assert np.allclose(-np.log2(writing.probabilities), reading.bits[len(prompt) :])
    _, logits = forward(P, VOCABULARY.encode(prompt), zero_state(P))
    assert np.allclose(writing.alternatives[0], softmax(logits[-1], temperature))
    _, logits = forward(P, VOCABULARY.encode(prompt + writing.text[:7]), zero_state(P))
    assert np.allclose(writing.alternatives[7], softmax(logits[-1], temperature))
    assert np.allclose(writing.logits[7], logits[-1])


def test_the_beginning_of_a_continuation_can_be_kept():
    kept = "goose "
    writing = explore(P, VOCABULARY, "The ", 0.7, 40, seed=3, kept=kept, top_k=3)
    rng = np.random.default_rng(3)
    how = {"temperature": 0.7, "top_k": 3, "rng": rng}
    assert writing.text == kept + sample(P, VOCABULARY, "The goose ", 34, **how)
    reading = trace(P, VOCABULARY, "The " + writing.text)
    assert np.allclose(-np.log2(writing.probabilities), reading.bits[4:])
    assert (np.count_nonzero(writing.alternatives, axis=1) == 3).all()
    assert explore(P, VOCABULARY, "The ", 0.7, 3, seed=3, kept=kept).text == "goo"


def test_exploring_nothing():
    writing = explore(P, VOCABULARY, "T", 1.0, 0, seed=0)
    assert writing.text == "" and writing.probabilities.shape == (0,)
    assert explore(P, VOCABULARY, "T", 1.0, 0, seed=0, kept="he").text == ""


@pytest.mark.parametrize("prompt, temperature, length, words", [
    ("", 1.0, 5, "prompt is empty"), ("a", -1.0, 5, "temperature must be 0 or more"),
    ("a", np.nan, 5, "temperature must be 0 or more"),
    ("a", 1.0, -1, "length must be a whole number, 0 or more"),
])  # fmt: skip
def test_what_cannot_be_explored(prompt, temperature, length, words):
    with pytest.raises(ValueError, match=words):
        explore(P, VOCABULARY, prompt, temperature, length, seed=0)


def test_a_length_that_is_refused_is_named_as_it_was_given():
    with pytest.raises(ValueError, match="not -1"):
        explore(P, VOCABULARY, "T", 1.0, -1, seed=0, kept="he bell")


def test_reading_needs_no_widget_and_no_picture():
    """In a fresh process: what the widgets stand on does not import them."""
    program = "import sys, rnn_helpers.reading, rnn_helpers.probing, rnn_helpers.baselines; "
    program += "print(*{m.partition('.')[0] for m in sys.modules}, *sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "rnn_helpers.baselines" in shown
    assert not {"matplotlib", "ipywidgets", "IPython", "rnn_helpers.widgets"} & set(shown)
