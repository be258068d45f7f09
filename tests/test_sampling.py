import numpy as np
import pytest
from conftest import lively

from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax
from rnn_helpers.sampling import draw, next_character_probabilities, sample

PARAMETERS, _, _, H0 = lively(seed=1)
VOCABULARY = Vocabulary("abcdefg")


def write(prompt="ab", length=50, seed=0, **more):
    rng = np.random.default_rng(seed)
    return sample(PARAMETERS, VOCABULARY, prompt, length, rng=rng, **more)


def test_one_step_is_forward_and_softmax():
    p, h = next_character_probabilities(PARAMETERS, H0, 3, 0.7)
    hidden, logits = forward(PARAMETERS, np.array([3]), H0)
    assert np.array_equal(h, hidden[1]) and np.allclose(p, softmax(logits[0] / 0.7))


def test_text_has_the_length_and_the_seed_decides():
    assert len(write(length=50)) == 50 and write(length=0) == ""
    assert write(seed=0) == write(seed=0) != write(seed=1)


def test_the_whole_prompt_is_read():
    assert any(write("ab", seed=s) != write("gb", seed=s) for s in range(20))
    h = np.zeros(6)
    for id in VOCABULARY.encode("a"):
        _, h = next_character_probabilities(PARAMETERS, h, id, 1.0)
    assert write("ab") == write("b", h0=h)


def test_temperature_zero_is_argmax_and_ignores_the_seed():
    text = write(temperature=0)
    assert text == sample(PARAMETERS, VOCABULARY, "ab", 50, temperature=0, rng=None)
    hidden, logits = forward(PARAMETERS, VOCABULARY.encode("ab"), np.zeros(6))
    assert text[0] == VOCABULARY.decode([logits[-1].argmax()])


def test_characters_come_as_often_as_they_are_likely():
    p, _ = next_character_probabilities(PARAMETERS, np.zeros(6), 2, 1.0)
    rng = np.random.default_rng(0)
    drawn = [sample(PARAMETERS, VOCABULARY, "c", 1, rng=rng) for _ in range(4000)]
    share = np.bincount(VOCABULARY.encode("".join(drawn)), minlength=7) / 4000
    assert np.abs(share - p).max() < 5 * np.sqrt(0.25 / 4000)  # five standard errors


def test_draws_are_those_of_choice():
    p = np.random.default_rng(3).dirichlet(np.full(40, 0.3), 500)
    one, other = np.random.default_rng(4), np.random.default_rng(4)
    assert [draw(row, one) for row in p] == [other.choice(40, p=row) for row in p]
    assert draw(p, one).tolist() == [other.choice(40, p=row) for row in p]


def test_several_texts_side_by_side():
    together = write(["ab", "gb", "ab"], temperature=0)
    assert together == [write("ab", temperature=0), write("gb", temperature=0), together[0]]
    drawn = write(["ab", "ab"])
    assert [len(text) for text in drawn] == [50, 50] and drawn[0] != drawn[1]
    assert write(["ab", "cd"], length=0) == ["", ""]


def test_float32_models_can_be_drawn_from():
    single = type(PARAMETERS)(*(a.astype(np.float32) for a in PARAMETERS))
    rng = np.random.default_rng(0)
    assert len(sample(single, VOCABULARY, "a", 300, rng=rng)) == 300


@pytest.mark.parametrize(
    "change, message",
    [
        ({"prompt": ""}, "prompt is empty"),
        ({"prompt": "ax"}, "'x' at position 1"),
        ({"prompt": []}, "prompt is empty"),
        ({"prompt": ["a", ""]}, "prompt is empty"),
        ({"prompt": ["a", "ab"]}, "same length, not .1, 2."),
        ({"length": -1}, "length"),
        ({"temperature": -0.5}, "temperature"),
    ],
)
def test_what_cannot_be_done_is_said(change, message):
    with pytest.raises(ValueError, match=message):
        write(**change)


def test_a_foreign_vocabulary_is_noticed():
    for foreign in ("abc", "abcdefgh"):
        with pytest.raises(ValueError, match="knows 7 characters"):
            sample(PARAMETERS, Vocabulary(foreign), "a", 0, rng=None)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_write_nothing(value):
    broken = PARAMETERS._replace(Whh=PARAMETERS.Whh * value)
    with pytest.raises(ValueError, match="did the training diverge"):
        sample(broken, VOCABULARY, "a", 5, rng=np.random.default_rng(0))
