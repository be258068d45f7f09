import signal
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_helpers import training
from rnn_helpers.adagrad import SGD, Adagrad
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.loss import cross_entropy
from rnn_helpers.training import (
    SmoothedLoss,
    bits_per_character,
    streams,
    train,
    windowed_mean,
    windows,
)

IDS = np.random.default_rng(0).integers(0, 5, 60)


def start(seed=0, rate=0.1, H=8):
    rng = np.random.default_rng(seed)
    parameters = init_parameters(5, H, rng, scale=0.1)
    return parameters, Adagrad(parameters, rate), rng


@given(st.integers(2, 80), st.integers(1, 30), st.data())
def test_windows_ask_for_every_character_once(n, length, data):
    length = min(length, n)
    first = data.draw(st.none() | st.integers(1, length))
    ids = np.arange(n)
    pairs = list(windows(ids, length, first=first))
    assert np.concatenate([x for x, _ in pairs]).tolist() == list(range(n - 1))
    assert np.concatenate([y for _, y in pairs]).tolist() == list(range(1, n))
    lengths = [len(x) for x, _ in pairs]
    assert lengths[0] == min(first or length, n - 1)
    assert set(lengths[1:-1]) <= {length} and 1 <= lengths[-1] <= length


def test_windows_are_views():
    inputs, targets = next(windows(IDS, 25))
    assert inputs.base is IDS and targets.base is IDS


@pytest.mark.parametrize(
    "n, length, first",
    [(0, 5, None), (1, 1, None), (4, 5, None), (9, 0, None), (9, 5, 6), (9, 5, 0)],
)
def test_impossible_windows(n, length, first):
    with pytest.raises(ValueError):
        windows(np.arange(n), length, first=first)


@given(st.integers(2, 300), st.data())
def test_streams_leave_no_character_out(n, data):
    B = data.draw(st.integers(1, n - 1))
    laid = streams(np.arange(n), B)
    assert laid.shape[1] == B and (np.diff(laid, axis=0) == 1).all()
    pairs = {(a, a + 1) for a in laid[:-1].ravel()}
    assert pairs == {(a, a + 1) for a in range(n - 1)}


def test_too_many_streams():
    with pytest.raises(ValueError, match="streams"):
        streams(IDS, 60)


def test_smoothed_loss_keeps_37_percent_after_1000():
    smooth = SmoothedLoss(1.0)
    for _ in range(1000):
        smooth.update(0.0)
    assert round(smooth.value, 2) == 0.37
    assert SmoothedLoss(2.0, decay=0.5).update(4.0) == 3.0


def test_windowed_mean():
    assert windowed_mean([1, 2, 3, 6], 2).tolist() == [1, 1.5, 2.5, 4.5]


def test_losses_are_those_of_the_windows_and_smoothing_follows():
    parameters, optimizer, rng = start()
    run = train(parameters, IDS, optimizer, 12, rng, length=7)
    assert len(run.losses) == len(run.smoothed) == run.step == 12
    assert run.smoothed[0] == 0.999 * np.log(5) + 0.001 * run.losses[0]


def test_training_covers_the_text_and_starts_again_with_a_zero_state(monkeypatch):
    seen, states = [], []

    def watch(parameters, inputs, targets, h0):
        seen.append((inputs.copy(), targets.copy()))
        states.append(h0.copy())
        return loss_and_gradients(parameters, inputs, targets, h0)

    monkeypatch.setattr(training, "loss_and_gradients", watch)
    parameters, optimizer, rng = start()
    sweeps, run = [], None
    while len(sweeps) < 8:
        run = train(parameters, IDS, optimizer, 1, rng, length=7, run=run)
        if run.position == 0:
            sweeps.append((len(seen[0][0]), states[0].any()))
            assert all(state.any() for state in states[1:])
            assert np.concatenate([y for _, y in seen]).tolist() == IDS[1:].tolist()
            seen, states = [], []
    assert not any(nonzero for _, nonzero in sweeps)
    assert len({first for first, _ in sweeps}) > 2  # cut at other places


def test_many_calls_are_one_run():
    a, b = start(), start()
    whole = train(a[0], IDS, a[1], 30, a[2], length=7)
    run = None
    for steps in (1, 12, 0, 17):
        run = train(b[0], IDS, b[1], steps, b[2], length=7, run=run)
    assert run.losses == whole.losses and run.smoothed == whole.smoothed
    assert all(np.array_equal(x, y) for x, y in zip(a[0], b[0]))


def test_a_batch_of_equal_streams_learns_what_one_stream_learns():
    a, b = start(), start()
    one = train(a[0], IDS, a[1], 20, a[2], length=7)
    two = train(b[0], np.stack([IDS, IDS], axis=1), b[1], 20, b[2], length=7)
    assert np.allclose(one.losses, two.losses)


def test_an_interrupt_keeps_whole_steps_and_one_can_go_on():
    def press(run):
        if run.step == 7:
            signal.raise_signal(signal.SIGINT)

    a, b = start(), start()
    run = train(a[0], IDS, a[1], 30, a[2], length=7, callback=press)
    assert run.interrupted and run.step == 7
    train(a[0], IDS, a[1], 23, a[2], length=7, run=run)
    assert not run.interrupted and run.step == 30
    train(b[0], IDS, b[1], 30, b[2], length=7)
    assert all(np.array_equal(x, y) for x, y in zip(a[0], b[0]))


def test_a_second_interrupt_comes_through_and_the_handler_is_put_back():
    before = signal.getsignal(signal.SIGINT)

    def press_twice(run):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    parameters, optimizer, rng = start()
    with pytest.raises(KeyboardInterrupt):
        train(parameters, IDS, optimizer, 30, rng, callback=press_twice)
    assert signal.getsignal(signal.SIGINT) is before


def test_learning_a_pattern_by_heart():
    rng = np.random.default_rng(0)
    ids = np.array([0, 1, 2, 3, 4] * 12)
    parameters = init_parameters(5, 16, rng)
    train(parameters, ids, Adagrad(parameters, 0.1), 300, rng, length=10)
    assert bits_per_character(parameters, ids) < 0.1


def test_clipping_is_used_unless_none():
    limited, free = start(), start()
    for (parameters, _, rng), clip in ((limited, 1e-6), (free, None)):
        before = parameters.by.copy()
        train(parameters, IDS, SGD(parameters, 1.0), 1, rng, clip=clip)
        moved = np.abs(parameters.by - before).max()
        assert moved <= 1.1e-6 if clip else moved > 1e-3


def test_long_runs_show_progress_and_short_ones_do_not(monkeypatch):
    shown = []

    class Bar(training.tqdm):
        def __init__(self, **kwargs):
            shown.append(not kwargs["disable"])
            super().__init__(**kwargs | {"disable": True})

    monkeypatch.setattr(training, "tqdm", Bar)
    monkeypatch.setattr(training, "LONG_RUN", 20)
    parameters, optimizer, rng = start()
    train(parameters, IDS, optimizer, 19, rng)
    train(parameters, IDS, optimizer, 20, rng)
    train(parameters, IDS, optimizer, 1, rng, progress=True)
    assert shown == [False, True, True]


def test_a_text_shorter_than_a_window():
    parameters, optimizer, rng = start()
    with pytest.raises(ValueError, match="too few for windows of 25"):
        train(parameters, IDS[:10], optimizer, 1, rng)


def test_bits_per_character_do_not_depend_on_the_windows():
    parameters, _, _ = start()
    _, logits = forward(parameters, IDS[:-1], np.zeros(8))
    bits = cross_entropy(logits, IDS[1:]) / 59 / np.log(2)
    for length in (1, 7, 1000):
        assert np.isclose(bits_per_character(parameters, IDS, length=length), bits)


def test_bits_per_character_of_streams_is_their_mean():
    parameters, _, _ = start()
    side_by_side = streams(IDS, 4)
    alone = [bits_per_character(parameters, side_by_side[:, b]) for b in range(4)]
    assert np.isclose(bits_per_character(parameters, side_by_side, length=3), np.mean(alone))


def test_memory_does_not_grow_with_the_text(monkeypatch):
    monkeypatch.setattr(training, "keep_freed_memory", lambda: None)  # would hide the rest
    parameters, _, rng = start()

    def peak(task, ids):
        task(ids)
        tracemalloc.start()
        task(ids)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    short, long = np.tile(IDS, 100), np.tile(IDS, 1000)
    for task in (
        lambda ids: train(parameters, ids, SGD(parameters, 0.1), 50, rng),
        lambda ids: bits_per_character(parameters, ids),
    ):
        assert peak(task, long) < 1.1 * peak(task, short)


def test_a_run_of_another_text_or_an_optimizer_of_another_network():
    parameters, optimizer, rng = start()
    run = train(parameters, IDS, optimizer, 7, rng, length=7)
    state = rng.bit_generator.state
    with pytest.raises(ValueError, match="the text it was begun with"):
        train(parameters, IDS[:20], optimizer, 7, rng, length=7, run=run)
    with pytest.raises(ValueError, match="other parameters"):
        train(parameters, IDS, start()[1], 7, rng)
    with pytest.raises(ValueError, match="steps"):
        train(parameters, IDS, optimizer, -1, rng)
    assert rng.bit_generator.state == state  # nothing was drawn


def test_too_little_to_measure():
    with pytest.raises(ValueError, match="asks no question"):
        bits_per_character(start()[0], IDS[:1])
    with pytest.raises(ValueError, match="width"):
        windowed_mean([1.0], 0)
