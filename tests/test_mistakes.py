"""The catalogue of mistakes, against a backward pass that takes one step after the other."""

from collections import namedtuple

import numpy as np
import pytest

from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.diagnosis import PLACES, draw
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.mistakes import (
    MESSAGE,
    UNITS,
    agree,
    clipping,
    explanation,
    explanation_in_any_cell,
    factor_in_words,
    lines,
    listed,
    messages,
    multiple,
    other_losses,
    unit_factor,
    unit_of,
    where_to_look,
)

SETTING = draw("large weights")
T, V, H = 9, 7, 6
RIGHT = loss_and_gradients(*SETTING)[1]


def read(parameters=SETTING[0], h0=SETTING[3]):
    """States with the first one in front, what tanh is given, and probabilities."""
    Wxh, Whh, Why, bh, by = parameters
    states, given, p = [h0], [], []
    for x in SETTING[1]:
        given.append(Wxh[:, x] + Whh @ states[-1] + bh)
        states.append(np.tanh(given[-1]))
        exps = np.exp(Why @ states[-1] + by)
        p.append(exps / exps.sum())
    return states, given, p


def backward(mistake=""):
    """dy, dh and da of each step, with one mistake made."""
    (_, Whh, Why, _, _), inputs, targets, h0 = SETTING
    states, given, p = read()
    dys, dhs, das, dhnext = np.zeros((T, V)), np.zeros((T, H)), np.zeros((T, H)), 0 * h0
    for t in range(T) if mistake == "forwards" else reversed(range(T)):
        h, before, a = states[t + 1], states[t], given[t]
        dy = p[t].copy()
        if mistake != "p":
            dy[inputs[t] if mistake == "one at the input" else targets[t]] -= 1
        if mistake == "slope of softmax":
            dy *= p[t] - p[t] ** 2
        dy *= {"sign": -1, "mean": 1 / T}.get(mistake, 1)
        into = Why.T @ (p[t] if mistake == "p into h" else dy)
        if mistake == "no arrow" or mistake == "last arrow" and t < T - 1:
            into = np.zeros(H)
        slope = {
            "slope 1": np.ones(H), "slope 1 - h": 1 - h, "slope 1 + h^2": 1 + h * h,
            "slope h (1 - h)": h - h * h, "slope 1 - a^2": 1 - a * a,
            "slope at h": 1 / np.cosh(h) ** 2, "slope late": 1 - before * before,
            "slope twice": 1 - 2 * h**2 + h**4,
        }.get(mistake, 1 - h * h)  # fmt: skip
        dhs[t] = into + dhnext
        das[t] = slope * into + dhnext if mistake == "carry past tanh" else slope * dhs[t]
        dys[t] = dy
        back = das[t] @ Whh
        dhnext = {
            "carry nothing": 0 * h, "carry untransposed": Whh @ das[t],
            "carry without Whh": das[t], "carry before tanh": dhs[t] @ Whh,
            "carry summed": dhnext + back,
        }.get(mistake, back)  # fmt: skip
    return dys, dhs, das


@pytest.mark.parametrize("mistake", ["", *MESSAGE])
def test_a_mistake_in_a_message_is_what_its_words_say(mistake):
    *made, hidden = messages(SETTING, (mistake,))
    assert np.allclose(hidden, read()[0])
    for array, expected in zip(made, backward(mistake)):
        assert np.allclose(array, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("place", PLACES)
def test_without_a_mistake_messages_and_lines_give_the_gradients(place):
    setting = draw(place)
    right, made = loss_and_gradients(*setting)[1], messages(setting)
    for name in Parameters._fields:
        assert np.allclose(dict(lines(name, setting, *made))[""], getattr(right, name), atol=1e-12)


def test_two_mistakes_in_a_message_are_both_made():
    dy, dh, da, _ = messages(SETTING, ("sign", "slope 1", "carry nothing"))
    right = messages(SETTING)
    assert np.allclose(dy, -right[0]) and np.allclose(dh, dy @ SETTING[0].Why)
    assert np.allclose(da, dh)


def outer(these, those):
    return sum(np.outer(a, b) for a, b in zip(these, those))


def lines_by_hand(name):
    """What `lines` gives by words, as sums over time."""
    _, inputs, targets, _ = SETTING
    states, given, _ = read()
    dys, dhs, das = backward()
    message = dys if name in ("Why", "by") else das
    x, y = np.eye(V)[inputs], np.eye(V)[targets]
    factor = {"Wxh": x, "Whh": states[:-1], "Why": states[1:]}.get(name, np.ones((T, 1)))
    right = outer(message, factor)
    found = {
        "": right,
        "the opposite sign": -right,
        "the first step alone, = where += belongs": np.outer(message[0], factor[0]),
        "the last step alone, = where += belongs": np.outer(message[-1], factor[-1]),
        "a division by T": right / T,
        "zeros only, never filled": np.zeros_like(right),
    }
    if name.startswith("W"):
        found["the steps in opposite order: messages from the last, states from the first"] = (
            outer(reversed(message), factor)
        )
    if message is das:
        found["dh, from before the slope of tanh, where da belongs"] = outer(dhs, factor)
    if name == "Wxh":
        once = np.zeros((H, V))
        for t, id in enumerate(inputs):
            once[:, id] = das[t]
        found["a character that comes twice counted once, as dWxh[:, ids] += ... does"] = once
        found["the columns of the targets where those of the inputs belong"] = outer(das, y)
    if name == "Whh":
        found["h_t where h_(t-1) belongs"] = outer(das, states[1:])
        found["h_(t-2) where h_(t-1) belongs"] = outer(das, [states[t - 1] for t in range(T)])
        found["its transpose"] = right.T
        found["the last state at the first step, as h[t-1] is h[-1] at t = 0"] = outer(
            das, [states[-1], *states[1:-1]]
        )
    if name == "Why":
        found["h_(t-1) where h_t belongs"] = outer(dys, states[:-1])
        found["a_t, from before tanh, where h_t belongs"] = outer(dys, given)
    return {text: array[:, 0] if name.startswith("b") else array for text, array in found.items()}


@pytest.mark.parametrize("name", Parameters._fields)
def test_a_mistake_in_a_line_is_what_its_words_say(name):
    made, expected = dict(lines(name, SETTING, *messages(SETTING))), lines_by_hand(name)
    assert sorted(made) == sorted(expected)
    for text, array in expected.items():
        assert made[text].shape == array.shape, text
        assert np.allclose(made[text], array, rtol=1e-12, atol=1e-14), text


def test_wrong_losses_are_what_their_words_say():
    parameters, inputs, targets, h0 = SETTING
    states, _, p = read()

    def costs(p, ids):
        return [-np.log(row[id]) for row, id in zip(p, ids)]

    def scores_to_p(scores):
        exps = np.exp(scores)
        return exps / exps.sum(axis=-1, keepdims=True)

    early = scores_to_p(np.array(states[:-1]) @ parameters.Why.T + parameters.by)
    two_errors = (
        "the loss of the state before x_t is read, with the inputs as targets: two errors that "
        "cancel, but for the window's edge"
    )
    expected = {
        "the loss with the inputs as targets": costs(p, inputs),
        "the loss from a first state of zeros: h0 is not used": costs(read(h0=0 * h0)[2], targets),
        "the loss of the last step alone": costs(p, targets)[-1:],
        "the loss without the last step": costs(p, targets)[:-1],
        "the loss without by": costs(
            scores_to_p(np.array(states[1:]) @ parameters.Why.T), targets
        ),
        "the loss of the state before x_t is read": costs(early, targets),
        two_errors: costs(early, inputs),
        "the loss without bh": costs(read(parameters._replace(bh=np.zeros(H)))[2], targets),
        "the loss with the transpose of Whh for Whh": costs(
            read(parameters._replace(Whh=parameters.Whh.T))[2], targets
        ),
    }
    made = {text: value for value, text in other_losses(SETTING)}
    assert list(made) == list(expected)
    for text, parts in expected.items():
        assert np.isclose(made[text], sum(parts), rtol=1e-12), text


def test_units_of_a_loss():
    bit = np.log(2)
    factors = [1, 1 / 9, 1 / bit, 1 / (9 * bit), 1 / 63, -1]
    assert np.allclose([unit_factor(unit, SETTING) for unit in UNITS], factors, rtol=1e-12)
    for unit, factor in zip(UNITS, factors):
        assert unit_of(20.0 * factor, 20.0, SETTING, 1e-9) == unit
        assert unit_of(20.0 * factor * 1.01, 20.0, SETTING, 1e-3) is None


def test_agreement_is_measured_by_the_largest_entry_of_either():
    assert agree([100.0, 1.0], [100.0, 1.05], 1e-3) and not agree([1.0, 1.0], [1.0, 1.1], 1e-3)
    for sign in (1, -1):
        assert agree([1000.0, 0], [1000.0, sign], 1e-3) and not agree(
            [999.0, 0], [999.0, sign], 1e-3
        )
        assert not agree(np.array([0.0, 0.0]), np.array([0.0, sign * 1e-300]), 0.5)
        assert agree(0.0, sign * 1.0, 1.0) and not agree(0.0, sign * 1.0, 0.9)
    assert agree([0.0], [0.0], 0) and agree(3.0, 3.0, 0) and not agree(3.0, np.nextafter(3, 4), 0)
    assert type(agree(1.0, 1.0, 1e-6)) is bool


def test_names_as_one_says_them():
    assert [listed(list("abc")[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    assert [listed(list("abc")[:n], "is are") for n in (1, 2, 3)] == [
        "a is", "a and b are", "a, b and c are",
    ]  # fmt: skip
    assert listed([]) == ""


def test_a_multiple_is_one_of_all_entries_together():
    b = np.array([[1.0, -2.0], [0.5, 3.0]])
    assert multiple([(3 * b, b), (np.zeros(2), np.zeros(2))], 1e-9) == pytest.approx(3)
    assert multiple([(3 * b, b), (3 * b[0], b[0]), (2 * b[1], b[1])], 1e-3) is None
    assert multiple([(0 * b, b)], 1e-9) == 0
    assert multiple([(b, 0 * b)], 1e-9) is None  # of nothing
    assert multiple([(np.array([2.0, 4.0]), np.array([1.0, 2.0]))], 1e-9) is None  # of too few
    assert multiple([(np.array([2.0, 4.0, 6.0]), np.arange(1.0, 4))], 1e-9) == pytest.approx(2)


KNOWN_FACTORS = {
    9: "T is 9", 1 / 9: "1/T is 0.111111", 7: "V is 7", 1 / 7: "1/V is 0.142857",
    63: "T V is 63", 1 / 63: "1/(T V) is 0.015873",
}  # fmt: skip


@pytest.mark.parametrize("factor", KNOWN_FACTORS)
def test_a_factor_that_is_a_size_is_named(factor):
    start = f"every entry is {factor:.6g} times the right one, and {KNOWN_FACTORS[factor]}: "
    assert factor_in_words(factor, SETTING, True) == (
        f"{start}look for a mean in the loss or the gradient where the other has a sum"
    )
    assert factor_in_words(factor, SETTING, False) == (
        f"{start}look for a sum in their lines where a mean belongs, or the other way round"
    )
    assert "look for a factor that is missing" in factor_in_words(1.001 * factor, SETTING, True)


def test_other_factors():
    for factor in (np.log(2), 1 / np.log(2)):
        assert "between nats and bits" in factor_in_words(factor, SETTING, True)
    for factor in (2, 0.5, -2, 1.01 * np.log(2), 1.01 / np.log(2)):
        assert factor_in_words(factor, SETTING, True) == (
            f"every entry is {factor:.6g} times the right one: look for a factor that is missing, "
            "or one too many"
        )
    assert "target - p where" in factor_in_words(-1, SETTING, True)
    assert "a minus in their lines" in factor_in_words(-1.0, SETTING, False)
    assert "sign" not in factor_in_words(1.0, SETTING, True)


def changed(**arrays):
    """What is said of right gradients in which some arrays are replaced."""
    return explanation_in_any_cell(RIGHT._replace(**arrays), RIGHT, SETTING, 1e-6)


def test_what_is_said_of_gradients_of_any_cell():
    weights = SETTING[0]
    noise = np.cos(np.arange(42.0)).reshape(RIGHT.Why.shape)
    assert changed(Why=RIGHT.Why + noise) is None
    assert changed(Whh=RIGHT.Whh.T) == "the transpose of what is right"
    assert changed(Whh=RIGHT.Whh.T, bh=RIGHT.bh + 1) is None
    assert changed(Whh=0 * RIGHT.Whh, by=0 * RIGHT.by).startswith("all zeros: look for")
    assert changed(Whh=0 * RIGHT.Whh, by=2 * RIGHT.by) == (
        "each is multiplied by a number of its own: Whh by 0 and by by 2"
    )
    for bad in (np.nan, np.inf):
        assert changed(bh=RIGHT.bh * bad).startswith("bh holds nan or infinity")
    for decay in (0.01, -0.5):
        assert f" if {decay:.4g} times the weights is added" in changed(
            Why=RIGHT.Why + decay * weights.Why
        )
        assert f" if {decay:.4g} times the signs of the weights is added" in changed(
            Why=RIGHT.Why + decay * np.sign(weights.Why),
            Wxh=RIGHT.Wxh + decay * np.sign(weights.Wxh),
        )
    assert changed(Why=RIGHT.Why + 0.01 * weights.Why, Wxh=RIGHT.Wxh + 0.02 * weights.Wxh) is None
    assert changed(Why=3 * RIGHT.Why, Whh=3 * RIGHT.Whh).startswith("every entry is 3 times")
    assert "a sum in their lines" in changed(Why=9 * RIGHT.Why, Whh=9 * RIGHT.Whh)
    everywhere = explanation_in_any_cell([9 * g for g in RIGHT], RIGHT, SETTING, 1e-6)
    assert "a mean in the loss or the gradient" in everywhere


def test_a_gradient_that_should_be_zero_everywhere():
    right = RIGHT._replace(Whh=0 * RIGHT.Whh)
    said = explanation_in_any_cell(RIGHT, right, SETTING, 1e-6)
    assert said == "the loss does not depend on Whh: look for it in the forward pass"


Two = namedtuple("Two", ["big", "small"])


def test_how_gradients_are_clipped():
    right = [
        Two(np.array([3.0, -4.0]), np.array([[0.5]])),  # norms 5 and 0.5
        Two(np.array([0.3, 0.4]), np.array([[-6.0]])),  # norms 0.5 and 6
        Two(np.array([0.3, -0.2]), np.array([[0.1]])),  # to be left as they are
        Two(np.zeros(2), np.zeros((1, 1))),
    ]

    def said(clip):
        return clipping([(Two(*clip(pair)), pair) for pair in right], 1e-9)

    def by_norm(limit, arrays):
        norm = np.sqrt(sum((a * a).sum() for a in arrays))
        return [a if norm <= limit else a * limit / norm for a in arrays]

    assert said(lambda pair: [a.clip(-2, 2) for a in pair]) == "every entry is clipped at 2"
    assert said(lambda pair: by_norm(2, pair)) == (
        "the norm of all gradients together is clipped at 2"
    )
    assert said(lambda pair: [by_norm(2, [a])[0] for a in pair]) == (
        "the norm of each gradient is clipped at 2"
    )
    assert said(lambda pair: [0.5 * a for a in pair]) is None
    assert said(lambda pair: [a.clip(-2, 3) for a in pair]) is None


PLAIN = Parameters._fields
TOP, BELOW = {"Why", "by"}, {"Wxh", "Whh", "bh"}
LOOP = (
    "right with one step and wrong with more, so it is in the loop over time: = where += belongs"
)
ARROW = (
    "everything below Why and by is wrong: look at the arrow from the prediction into the state"
)
NEARLY = "nearly right at the first weights and wrong at larger ones: look for the slope of tanh"
WRONG = [  # what is wrong; with one step; nearly right at the first weights; what is said of it
    (TOP | BELOW, TOP | BELOW, set(), ["look at p - onehot first: the rest inherits"]),
    (TOP | {"bh"}, {"by"}, set(), ["look at p - onehot first: the rest inherits"]),
    (TOP, TOP, set(), ["Wxh, Whh and bh are right, which clears p - onehot: look at the line of "
                       "Why and by (Why needs p - onehot times h_t, from after tanh, summed over "
                       "time, and by needs p - onehot, summed over time)"]),
    ({"Why"}, {"Why"}, set(), ["by is right, which clears p - onehot: look at the line of Why ("]),
    ({"Why", "bh"}, {"Why", "bh"}, set(), [
        "by is right, which clears p - onehot: look at the line of Why (",
        "; Wxh and Whh are right: look at the line of bh (bh needs da, summed over time)",
    ]),
    (TOP | BELOW, BELOW, set(), ["look at the line of Why and by (Why needs", ARROW]),
    (TOP | BELOW, set(), set(), ["look at the line of Why and by (Why needs", LOOP,
                                 "or what is passed back from step to step (dhnext: through"]),
    ({"Whh"}, {"Whh"}, set(), ["Wxh and bh are right: look at the line of Whh (Whh needs da"]),
    ({"Whh", "Wxh"}, set(), {"Whh", "Wxh"}, ["bh is right: look at the line of Wxh and Whh (Wxh ",
                                             LOOP, "or steps in another order"]),
    (BELOW, set(), set(), [LOOP, "or what is passed back from step to step (dhnext: through"]),
    (BELOW, {"Whh"}, set(), ["with one step only Whh is wrong: look there first, the others"]),
    (BELOW, {"Whh", "by"}, set(), ["with one step only Whh is wrong: look there first"]),
    (BELOW, {"Whh", "bh"}, BELOW, ["with one step only Whh and bh are wrong: look", NEARLY]),
    (BELOW, BELOW, set(), [f"{ARROW}, Why.T @ (p - onehot), and at the slope of tanh after it"]),
    (BELOW, BELOW, BELOW | TOP, [ARROW, NEARLY]),
    (BELOW, BELOW, {"Whh", "bh"}, [ARROW]),
]  # fmt: skip
ALL_WORDS = ["p - onehot first", "clears p - onehot", LOOP, "with one step only", ARROW, NEARLY,
             "look at the line of"]  # fmt: skip


@pytest.mark.parametrize("wrong, at_one_step, nearly, words", WRONG)
def test_where_to_look(wrong, at_one_step, nearly, words):
    said = where_to_look(PLAIN, TOP, wrong, at_one_step, nearly)
    assert said.startswith(words[0]) and all(part in said for part in words)
    for other in ALL_WORDS:
        assert (other in said) == any(other in part for part in words), other


@pytest.mark.parametrize("a, b, out", [("A", "B", "Out"), ("a", "b", "out")])
def test_where_to_look_in_another_cell(a, b, out):
    def said(*names, at_one_step=()):
        fields = (a, b, out, "by")
        return where_to_look(fields, {out, "by"}, set(names), set(at_one_step), set())

    question = "which inputs or states does it take, and does it sum over time?"
    assert said(a, at_one_step=a) == f"{b} is right: look at the line of {a} ({question})"
    assert said(a, b) == f"{LOOP}, or what is passed back from step to step (dhnext)"
    assert "the transposed output matrix @ (p - onehot), and at the slope of tanh and of the" in (
        said(a, b, at_one_step=a + b)
    )


@pytest.mark.parametrize("names", [("sign", "slope 1"), ("carry nothing", "slope late")])
def test_two_mistakes_in_the_message_are_found(names):
    made = messages(SETTING, names)
    gradients = [dict(lines(name, SETTING, *made))[""] for name in Parameters._fields]
    assert set(explanation(gradients, SETTING, 1e-9)) == {MESSAGE[name] for name in names}


def test_a_mistake_in_the_message_and_one_in_a_line_are_found():
    made = messages(SETTING, ("carry untransposed",))
    gradients = [dict(lines(name, SETTING, *made))[""] for name in Parameters._fields]
    gradients[2] = dict(lines("Why", SETTING, *made))["h_(t-1) where h_t belongs"]
    assert explanation(gradients, SETTING, 1e-9) == [
        MESSAGE["carry untransposed"], "Why holds h_(t-1) where h_t belongs",
    ]  # fmt: skip
    assert explanation(RIGHT, SETTING, 1e-9) == []
    assert explanation(RIGHT._replace(by=RIGHT.by + 1), SETTING, 1e-9) is None


def test_one_slip_in_several_lines_is_more_likely_than_several_slips():
    made = messages(SETTING, ("forwards",))
    last = [dict((text, g) for text, g in lines(n, SETTING, *made)) for n in Parameters._fields]
    gradients = [array["the last step alone, = where += belongs"] for array in last]
    first, second = explanation(gradients, SETTING, 1e-9)
    assert first == MESSAGE["forwards"] and "Wxh, Whh, Why, bh and by hold the last" in second


def test_one_slip_in_four_lines_is_more_likely_than_one_in_the_message_and_one_in_a_line():
    given = RIGHT._make(-g for g in RIGHT)._replace(Why=RIGHT.Why)
    assert explanation(given, SETTING, 1e-9) == ["Wxh, Whh, bh and by hold the opposite sign"]
