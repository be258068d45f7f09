"""The LSTM: right gradients, one code path, and nothing else changes."""

import math
import subprocess
import sys

import numpy as np
import pytest

from rnn_helpers.adagrad import SGD, Adagrad
from rnn_helpers.adam import Adam
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.cells import state_size, zero_state
from rnn_helpers.checkpoints import load, save
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import forward
from rnn_helpers.gradient_check import check_gradients
from rnn_helpers.loss import cross_entropy
from rnn_helpers.lstm import LSTMParameters, gates, init_lstm, sigmoid
from rnn_helpers.probing import unit_correlations
from rnn_helpers.reading import explore, trace
from rnn_helpers.sampling import next_character_probabilities, sample, stepper
from rnn_helpers.training import TrainState, bits_per_character, streams, train

H, V, T = 5, 7, 9
VOCABULARY = Vocabulary("abcdefg")
TEXT = "abacabadabacabae" * 12


def setting(B=None, seed=0, T=T, scale=0.5, dtype=np.float64):
    """Parameters, inputs, targets and h0 with large weights, random biases and state."""
    rng, stream = np.random.default_rng(seed), () if B is None else (B,)
    parameters = init_lstm(V, H, rng, scale=scale, dtype=dtype)
    parameters = parameters._replace(
        bh=(scale * rng.standard_normal(4 * H)).astype(dtype),
        by=(scale * rng.standard_normal(V)).astype(dtype),
    )
    inputs, targets = rng.integers(0, V, (2, T) + stream)
    return parameters, inputs, targets, scale * rng.standard_normal(stream + (2 * H,))


def by_hand(parameters, ids, state):
    """One stream read number by number, from the equations: states and logits as lists."""
    Wxh, Whh, Why, bh, by = (array.tolist() for array in parameters)
    h, c = list(state[:H]), list(state[H:])
    states, logits = [], []
    for x in ids:
        a = [
            Wxh[row][x] + sum(Whh[row][k] * h[k] for k in range(H)) + bh[row]
            for row in range(4 * H)
        ]
        h, before = [], c
        c = []
        for k in range(H):
            i, f, o = (1 / (1 + math.exp(-a[gate * H + k])) for gate in range(3))
            c.append(f * before[k] + i * math.tanh(a[3 * H + k]))
            h.append(o * math.tanh(c[k]))
        states.append(h + c)
        logits.append([sum(Why[v][k] * h[k] for k in range(H)) + by[v] for v in range(V)])
    return states, logits


# Gradients.


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("B", [None, 1, 4])
def test_gradients_agree_with_the_complex_step(B, seed):
    report = check_gradients(*setting(B, seed))
    assert list(report) == list(LSTMParameters._fields) and max(report.values()) < 1e-11


@pytest.mark.parametrize("gate", range(4))
def test_each_gate_alone_agrees_where_it_bends(gate):
    """With the biases of one gate at 1, -2, 3, -4, 0: flat, steep, and between."""
    parameters, *others = setting()
    gates(parameters.bh)[gate][:] = [1, -2, 3, -4, 0]
    assert max(check_gradients(parameters, *others).values()) < 1e-11


def test_the_gradient_of_a_batch_is_the_mean_over_its_streams():
    parameters, inputs, targets, h0 = setting(B=4)
    loss, gradients, last = loss_and_gradients(parameters, inputs, targets, h0)
    alone = [loss_and_gradients(parameters, inputs[:, b], targets[:, b], h0[b]) for b in range(4)]
    assert np.isclose(loss, np.mean([one[0] for one in alone]), rtol=1e-12)
    for name in LSTMParameters._fields:
        mean = np.mean([getattr(one[1], name) for one in alone], axis=0)
        assert np.allclose(getattr(gradients, name), mean, rtol=1e-11, atol=1e-14)
    assert np.allclose(last, [one[2] for one in alone], rtol=1e-12)


def test_loss_is_the_cross_entropy_of_the_forward_pass():
    parameters, inputs, targets, h0 = setting(B=4)
    loss, _, last = loss_and_gradients(parameters, inputs, targets, h0)
    hidden, logits = forward(parameters, inputs, h0)
    assert np.isclose(loss, cross_entropy(logits, targets), rtol=1e-14)
    assert np.array_equal(last, hidden[-1])


def test_last_state_is_a_copy_and_what_comes_in_is_left_as_it_was():
    parameters, inputs, targets, h0 = arguments = setting()
    before = [np.copy(array) for array in (*parameters, inputs, targets, h0)]
    _, _, one = loss_and_gradients(*arguments)
    kept = one.copy()
    loss_and_gradients(parameters, targets, inputs, h0)
    assert one.base is None and np.array_equal(one, kept)
    assert all(map(np.array_equal, before, (*parameters, inputs, targets, h0)))


# Forward.


@pytest.mark.parametrize("seed", range(3))
def test_forward_is_the_equations_number_by_number(seed):
    parameters, inputs, _, h0 = setting(seed=seed)
    hidden, logits = forward(parameters, inputs, h0)
    states, scores = by_hand(parameters, inputs, h0)
    assert hidden.shape == (T + 1, 2 * H) and logits.shape == (T, V)
    assert np.array_equal(hidden[0], h0)
    assert np.allclose(hidden[1:], states, rtol=1e-12, atol=1e-15)
    assert np.allclose(logits, scores, rtol=1e-12, atol=1e-15)


def test_a_batch_is_its_streams_side_by_side():
    parameters, inputs, _, h0 = setting(B=3)
    hidden, logits = forward(parameters, inputs, h0)
    assert hidden.shape == (T + 1, 3, 2 * H) and logits.shape == (T, 3, V)
    for b in range(3):
        states, scores = by_hand(parameters, inputs[:, b], h0[b])
        assert np.allclose(hidden[1:, b], states, rtol=1e-12, atol=1e-15)
        assert np.allclose(logits[:, b], scores, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("B", [None, 3])
def test_the_state_is_carried_over_windows(B):
    parameters, inputs, _, h0 = setting(B)
    hidden, logits = forward(parameters, inputs, h0)
    first, one = forward(parameters, inputs[:4], h0)
    second, two = forward(parameters, inputs[4:], first[-1])
    assert np.allclose(hidden, np.concatenate([first, second[1:]]), rtol=1e-12)
    assert np.allclose(logits, np.concatenate([one, two]), rtol=1e-12)


def test_no_character_leaves_the_state_as_it_was():
    parameters, inputs, _, h0 = setting(B=3)
    hidden, logits = forward(parameters, inputs[:0], h0)
    assert np.array_equal(hidden, h0[np.newaxis]) and logits.shape == (0, 3, V)


def test_the_gates_stand_in_the_order_input_forget_output_new():
    parameters, inputs, _, h0 = setting()
    i, f, o, g = gates(parameters.bh)
    i[:], f[:] = -1e3, 1e3  # nothing comes in, all is kept
    hidden, _ = forward(parameters, inputs, h0)
    assert np.allclose(hidden[:, H:], h0[H:], rtol=1e-12)
    o[:] = -1e3  # nothing is shown
    hidden, logits = forward(parameters, inputs, h0)
    assert not hidden[1:, :H].any() and np.allclose(logits, parameters.by)
    i[:], f[:], g[:] = 1e3, -1e3, 1e3  # all is forgotten, and 1 comes in
    hidden, _ = forward(parameters, inputs, h0)
    assert np.allclose(hidden[1:, H:], 1)


def test_sigmoid_is_exact_and_safe_at_any_size():
    a = np.linspace(-30, 30, 61)
    assert np.allclose(sigmoid(a), 1 / (1 + np.exp(-a)), rtol=0, atol=1e-15)
    for dtype in (np.float64, np.float32):
        ends = sigmoid(np.array([-3e38, -1e4, 0, 1e4, 3e38], dtype))
        assert np.array_equal(ends, [0, 0, 0.5, 1, 1]) and ends.dtype == dtype
    b = a.copy()
    assert sigmoid(b, out=b) is b and np.array_equal(b, sigmoid(a))
    slope = sigmoid(a + 1e-30j).imag / 1e-30
    assert np.allclose(slope, sigmoid(a) * (1 - sigmoid(a)), rtol=0, atol=1e-15)
    assert np.isfinite(sigmoid(np.array([-1e4 + 1e-30j, 1e4 + 1e-30j]))).all()


@pytest.mark.parametrize("B", [None, 4])
def test_float32_stays_float32(B):
    parameters, inputs, targets, h0 = setting(B, dtype=np.float32)
    hidden, logits = forward(parameters, inputs, h0)
    loss, gradients, last = loss_and_gradients(parameters, inputs, targets, h0)
    assert {a.dtype for a in (hidden, logits, *gradients, last)} == {np.dtype(np.float32)}
    double = parameters._make(array.astype(float) for array in parameters)
    exact, right, _ = loss_and_gradients(double, inputs, targets, h0)
    assert np.isclose(loss, exact, rtol=1e-5)
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(gradients, right))
    step = stepper(parameters)
    assert {a.dtype for a in step(inputs[0], h0.astype(np.float32))} == {np.dtype(np.float32)}


# New networks, and guards.


def test_a_new_network_keeps_a_part_of_its_cells_from_the_start():
    parameters = init_lstm(V, H, np.random.default_rng(0))
    i, f, o, g = gates(parameters.bh)
    assert (f == 1).all() and not any(bias.any() for bias in (i, o, g, parameters.by))
    assert [a.shape for a in parameters] == [(4 * H, V), (4 * H, H), (V, H), (4 * H,), (V,)]
    assert {a.dtype for a in parameters} == {np.dtype(float)}
    hidden, _ = forward(parameters, np.zeros(3, int), np.ones(2 * H))
    kept = hidden[1:, H:].mean(axis=1)
    assert np.allclose(kept, sigmoid(np.ones(1)) ** np.arange(1, 4), atol=0.02)
    for bias in (0.0, -2.5, 3):
        made = init_lstm(V, H, np.random.default_rng(0), forget_bias=bias, dtype=np.float32)
        assert (gates(made.bh)[1] == bias).all() and made.bh.dtype == np.float32
        assert np.allclose(made.Whh, parameters.Whh)


def test_weights_have_the_scale_that_was_asked_for():
    parameters = init_lstm(40, 50, np.random.default_rng(0), scale=0.3)
    for weights in parameters[:3]:
        assert np.isclose(weights.std(), 0.3, rtol=0.05) and abs(weights.mean()) < 0.02
    assert np.isclose(init_lstm(40, 50, np.random.default_rng(0)).Whh.std(), 0.01, rtol=0.05)


def test_the_state_is_twice_as_long_as_h():
    parameters, *_ = setting()
    assert state_size(parameters) == 2 * H
    assert zero_state(parameters, (3,)).shape == (3, 2 * H)


@pytest.mark.parametrize("change, error, words", [
    ({"vocab_size": 0}, ValueError, "vocab_size must be a whole number, 1 or more"),
    ({"hidden_size": 2.5}, ValueError, "hidden_size must be a whole number, 1 or more"),
    ({"rng": 3}, TypeError, "rng must come from np.random.default_rng"),
    ({"scale": -1}, ValueError, "scale must be a finite number, 0 or more"),
    ({"dtype": int}, ValueError, "dtype must be float64 or float32"),
    ({"forget_bias": np.nan}, ValueError, "forget_bias must be a finite number, not nan"),
    ({"forget_bias": np.inf}, ValueError, "forget_bias must be a finite number, not inf"),
])  # fmt: skip
def test_what_no_network_can_be_made_of(change, error, words):
    arguments = {"vocab_size": V, "hidden_size": H, "rng": np.random.default_rng(0)} | change
    with pytest.raises(error, match=words):
        init_lstm(**arguments)


def test_what_cannot_be_read():
    parameters, inputs, targets, h0 = setting()
    with pytest.raises(ValueError, match=r"need h0 \(2H,\) or \(B, 2H\) with 2H = 10, not .*5,"):
        forward(parameters, inputs, h0[:H])  # h alone
    with pytest.raises(ValueError, match="need h0"):
        loss_and_gradients(parameters, inputs[:, np.newaxis], targets[:, np.newaxis], h0)
    with pytest.raises(ValueError, match="id 7 is outside the vocabulary of 7"):
        forward(parameters, [0, 7], h0)
    with pytest.raises(ValueError, match="must be float64 or float32, not float16"):
        half = parameters._make(array.astype(np.float16) for array in parameters)
        forward(half, inputs, h0)


# Nothing else changes.


@pytest.mark.parametrize("B", [None, 4])
@pytest.mark.parametrize("make, rate", [(SGD, 0.3), (Adagrad, 0.1), (Adam, 0.02)])
def test_it_is_trained(make, rate, B):
    parameters, rng = (
        init_lstm(V, H, np.random.default_rng(0), scale=0.1),
        np.random.default_rng(1),
    )
    ids = VOCABULARY.encode(TEXT)
    before = bits_per_character(parameters, ids)
    texts = ids if B is None else streams(ids, B)
    run = train(parameters, texts, make(parameters, rate), 200, rng, length=12)
    assert run.h.shape == ((2 * H,) if B is None else (B, 2 * H))
    assert before > 2.5 and bits_per_character(parameters, ids) < 1.5


@pytest.mark.parametrize("B", [None, 3])
def test_writing_is_stepping(B):
    """`sample` steps with the cell's `stepper`, which gives what `forward` gives."""
    parameters, inputs, _, h0 = setting(B)
    step, h = stepper(parameters), h0
    hidden, logits = forward(parameters, inputs, h0)
    for t, id in enumerate(inputs):
        scores, h = step(id, h)
        assert np.allclose(scores, logits[t], rtol=1e-12)
        assert np.allclose(h, hidden[t + 1], rtol=1e-12)


def test_it_writes():
    parameters, *_ = setting(scale=2.0)
    rng = np.random.default_rng
    text = sample(parameters, VOCABULARY, "ab", 40, rng=rng(1))
    two = sample(parameters, VOCABULARY, ["ab", "cd"], 40, rng=rng(1))
    h, written, source = zero_state(parameters), "", rng(1)
    for id in VOCABULARY.encode("ab"):
        p, h = next_character_probabilities(parameters, h, id)
    for _ in range(40):
        id = source.choice(V, p=p)
        written += VOCABULARY.decode([id])
        p, h = next_character_probabilities(parameters, h, id)
    assert text == written and len(set(text)) > 2 and [len(t) for t in two] == [40, 40]
    best = sample(parameters, VOCABULARY, "ab", 5, temperature=0, rng=None)
    assert best == sample(parameters, VOCABULARY, "ab", 9, temperature=0, rng=None)[:5]


def test_it_is_read_and_probed():
    parameters, *_ = setting()
    text = 'The "goat" and the bell. The bond\n' * 40
    vocabulary = Vocabulary.from_text(text)
    parameters = init_lstm(len(vocabulary), H, np.random.default_rng(0), scale=0.5)
    reading = trace(parameters, vocabulary, text)
    assert reading.hidden.shape == (len(text), 2 * H)
    bits = bits_per_character(parameters, vocabulary.encode(text))
    assert np.isclose(reading.bits[1:].mean(), bits)
    assert len(explore(parameters, vocabulary, "The", 0.5, 9, seed=0).text) == 9
    inside = unit_correlations(reading.hidden, text)
    assert {len(of_units) for of_units in inside.values()} == {2 * H}


def test_a_run_that_was_saved_goes_on_bit_for_bit(tmp_path):
    def start(dtype=np.float32):
        parameters = init_lstm(V, H, np.random.default_rng(0), scale=0.1, dtype=dtype)
        return parameters, Adam(parameters, 0.01), np.random.default_rng(1), TrainState()

    ids = streams(VOCABULARY.encode(TEXT), 3)
    parameters, optimizer, rng, run = start()
    train(parameters, ids, optimizer, 60, rng, length=12, run=run)
    whole = parameters, run.losses
    parameters, optimizer, rng, run = start()
    train(parameters, ids, optimizer, 25, rng, length=12, run=run)
    path = tmp_path / "run.npz"
    save(path, parameters, VOCABULARY, {"steps": 25}, optimizer=optimizer, run=run, rng=rng)
    back = load(path)
    train(back.parameters, ids, back.optimizer, 35, back.rng, length=12, run=back.run)
    assert type(back.parameters) is LSTMParameters and back.run.losses == whole[1]
    assert all(map(np.array_equal, back.parameters, whole[0]))


def test_its_file_is_loaded_by_one_who_never_imported_it(tmp_path):
    parameters, *_ = setting()
    save(tmp_path / "model.npz", parameters, VOCABULARY, {})
    program = (
        "import sys; from rnn_helpers.checkpoints import load; from rnn_helpers.sampling import "
        "sample; m = load(sys.argv[1]); print(type(m.parameters).__name__, "
        "sample(m.parameters, m.vocabulary, 'ab', 20, temperature=0, rng=None))"
    )
    command = [sys.executable, "-c", program, tmp_path / "model.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    best = sample(parameters, VOCABULARY, "ab", 20, temperature=0, rng=None)
    assert done.stdout.split() == ["LSTMParameters", best]


# Another library.


@pytest.mark.parametrize("B", [1, 4])
def test_torch_computes_the_same(B):
    """PyTorch has two biases, and the gates in the order i, f, g, o."""
    torch = pytest.importorskip("torch", reason="pip install -r requirements-bench.txt")
    parameters, inputs, targets, h0 = setting(B)

    def in_its_order(array):
        i, f, o, g = np.split(np.asarray(array), 4)
        return np.concatenate([i, f, g, o])

    net = torch.nn.LSTM(V, H, dtype=torch.float64)
    head = torch.nn.Linear(H, V, dtype=torch.float64)
    theirs = [net.weight_ih_l0, net.weight_hh_l0, head.weight, net.bias_ih_l0, head.bias]
    with torch.no_grad():
        net.bias_hh_l0.zero_()
        for tensor, array, stacked in zip(theirs, parameters, (1, 1, 0, 1, 0)):
            tensor.copy_(torch.from_numpy(in_its_order(array) if stacked else array))
    x = torch.nn.functional.one_hot(torch.from_numpy(inputs), V).double()
    first = tuple(torch.from_numpy(part.copy())[None] for part in np.split(h0, 2, axis=-1))
    h, (h_last, c_last) = net(x, first)
    loss = (
        torch.nn.functional.cross_entropy(
            head(h).reshape(-1, V), torch.from_numpy(targets.ravel()), reduction="sum"
        )
        / B
    )
    loss.backward()
    ours, gradients, last = loss_and_gradients(parameters, inputs, targets, h0)
    assert np.isclose(ours, loss.item(), rtol=1e-12)
    its_last = torch.cat([h_last, c_last], dim=-1)[0].detach()
    assert np.allclose(last, its_last, rtol=1e-11)
    for tensor, gradient, stacked in zip(theirs, gradients, (1, 1, 0, 1, 0)):
        ours = in_its_order(gradient) if stacked else gradient
        assert np.allclose(ours, tensor.grad, rtol=1e-10, atol=1e-13)
