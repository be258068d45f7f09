import inspect
import signal
import threading
import tracemalloc

import numpy as np
import pytest

from rnn_helpers import training
from rnn_helpers.adagrad import SGD, Adagrad, clip_gradients
from rnn_helpers.adam import Adam
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.encoding import streams
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.loss import cross_entropy
from rnn_helpers.training import (
    SmoothedLoss,
    TrainingInterrupted,
    TrainState,
    bits_per_character,
    train,
    windowed_mean,
)

IDS = np.random.default_rng(0).integers(0, 5, 60)


def start(seed=0, rate=0.1, H=8):
    rng = np.random.default_rng(seed)
    parameters = init_parameters(5, H, rng, scale=0.1)
    return parameters, Adagrad(parameters, rate), rng


def test_smoothed_loss_keeps_37_percent_after_1000():
    smooth = SmoothedLoss(1.0)
    for _ in range(1000):
        smooth.update(0.0)
    assert round(smooth.value, 2) == 0.37
    assert SmoothedLoss(2.0, decay=0.5).update(4.0) == 3.0
    assert SmoothedLoss(2.0, decay=0).update(4.0) == 4.0


def test_windowed_mean():
    assert windowed_mean([1, 2, 3, 6], 2).tolist() == [1, 1.5, 2.5, 4.5]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_one_bad_loss_spoils_the_means_that_hold_it_and_no_other(bad):
    mean = windowed_mean([1, bad, 3, 5, 7], 2)
    assert np.isnan(mean).tolist() == [False, True, True, False, False]
    assert mean[[0, 3, 4]].tolist() == [1, 4, 6]


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
    epochs, run = [], None
    while len(epochs) < 8:
        run = train(parameters, IDS, optimizer, 1, rng, length=7, run=run)
        if run.position == 0:
            epochs.append((len(seen[0][0]), states[0].any()))
            assert all(state.any() for state in states[1:])
            assert np.concatenate([y for _, y in seen]).tolist() == IDS[1:].tolist()
            seen, states = [], []
    assert not any(nonzero for _, nonzero in epochs)
    assert len({first for first, _ in epochs}) > 2  # cut at other places


@pytest.mark.parametrize("length", [1, 7, 25])
def test_losses_are_per_character_and_a_run_prints_how_far_it_has_come(length):
    parameters, _, rng = start()
    for array in parameters:
        array[:] = 0  # knows nothing, and at such a rate learns nothing
    run = train(parameters, IDS, SGD(parameters, 1e-12), 70, rng, length=length)
    assert np.allclose(run.losses, np.log(5)) and np.allclose(run.smoothed, np.log(5))
    assert repr(run) == f"TrainState(step=70, position={run.position})"


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


def press_at(step, times=1):
    def callback(run):
        if run.step == step:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    return callback


def test_an_interrupt_ends_training_after_the_step_and_one_can_continue():
    a, b = start(), start()
    run = TrainState()
    with pytest.raises(TrainingInterrupted, match="after step 7, 23 before the end") as stopped:
        train(a[0], IDS, a[1], 30, a[2], length=7, run=run, callback=press_at(7))
    assert stopped.value.run is run and run.step == len(run.losses) == 7
    train(a[0], IDS, a[1], 23, a[2], length=7, run=run)
    train(b[0], IDS, b[1], 30, b[2], length=7)
    assert all(np.array_equal(x, y) for x, y in zip(a[0], b[0]))


def test_the_run_of_an_interrupted_call_is_in_the_error():
    parameters, optimizer, rng = start()
    with pytest.raises(KeyboardInterrupt) as stopped:
        train(parameters, IDS, optimizer, 30, rng, callback=press_at(7))
    assert stopped.value.run.step == 7


def test_an_interrupt_in_the_last_step_is_not_swallowed():
    parameters, optimizer, rng = start()
    with pytest.raises(TrainingInterrupted, match="after step 7, 0 before"):
        train(parameters, IDS, optimizer, 7, rng, callback=press_at(7))


def test_an_interrupt_ends_a_loop_of_short_runs():
    parameters, optimizer, rng = start()
    run = TrainState()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(30):
            train(parameters, IDS, optimizer, 1, rng, run=run, callback=press_at(7))
    assert run.step == 7


def test_an_interrupt_is_raised_even_if_the_callback_fails():
    def fail(run):
        signal.raise_signal(signal.SIGINT)
        raise RuntimeError("the callback's own")

    parameters, optimizer, rng = start()
    with pytest.raises(KeyboardInterrupt) as stopped:
        train(parameters, IDS, optimizer, 30, rng, callback=fail)
    assert isinstance(stopped.value.__context__, RuntimeError)


def test_a_second_interrupt_comes_through_and_the_handler_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    parameters, optimizer, rng = start()
    after = []

    def press_twice(run):
        press_at(1, times=2)(run)
        after.append(run.step)

    with pytest.raises(KeyboardInterrupt):
        train(parameters, IDS, optimizer, 30, rng, callback=press_twice)
    assert after == [] and signal.getsignal(signal.SIGINT) is before


def test_training_works_in_a_thread_and_where_interrupts_are_ignored():
    runs = []
    parameters, optimizer, rng = start()
    work = threading.Thread(target=lambda: runs.append(train(parameters, IDS, optimizer, 9, rng)))
    work.start()
    work.join()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        parameters, optimizer, rng = start()
        runs.append(train(parameters, IDS, optimizer, 9, rng, callback=press_at(3)))
    finally:
        signal.signal(signal.SIGINT, before)
    assert [run.step for run in runs] == [9, 9]


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
    train(parameters, IDS, optimizer, 21, rng)
    train(parameters, IDS, optimizer, 1, rng, progress=True)
    train(parameters, IDS, optimizer, 21, rng, progress=False)
    assert shown == [False, True, True, True, False]


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
    monkeypatch.setattr(training, "reuse_freed_memory", lambda: None)  # would hide the rest
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


def test_what_does_not_fit_is_refused_before_anything_is_drawn_or_changed():
    parameters, optimizer, rng = start()
    run = train(parameters, IDS, optimizer, 7, rng, length=7)
    state, weights = rng.bit_generator.state, parameters.Whh.copy()
    longer = np.tile(IDS, 3)
    for text in (IDS[:20], longer, (IDS + 1) % 5, IDS[::-1], np.stack([IDS, IDS], axis=1)):
        with pytest.raises(ValueError, match="another text"):
            train(parameters, text, optimizer, 7, rng, length=7, run=run)
    with pytest.raises(ValueError, match="other parameters"):
        train(parameters, IDS, start()[1], 7, rng)
    for steps in (-1, 2.5, "7"):
        with pytest.raises(ValueError, match="steps must be a whole number"):
            train(parameters, IDS, optimizer, steps, rng)
    with pytest.raises(ValueError, match="length of a window"):
        train(parameters, IDS, optimizer, 7, rng, length=2.5)
    for wrong in (None, 0, np.random):
        with pytest.raises(TypeError, match="default_rng"):
            train(parameters, IDS, optimizer, 7, wrong)
    with pytest.raises(ValueError, match="outside the vocabulary of 5"):
        train(parameters, IDS + 1, optimizer, 7, rng)
    with pytest.raises(ValueError, match="whole numbers, not <U"):
        train(parameters, "a text", optimizer, 7, rng)
    with pytest.raises(ValueError, match=r"shape \(n,\) or \(n, B\)"):
        train(parameters, IDS.reshape(15, 2, 2), optimizer, 7, rng, length=5)
    assert rng.bit_generator.state == state and np.array_equal(weights, parameters.Whh)


def test_ids_may_be_a_list():
    a, b = start(), start()
    train(a[0], IDS.tolist(), a[1], 7, a[2])
    train(b[0], IDS, b[1], 7, b[2])
    assert np.array_equal(a[0].Whh, b[0].Whh)


def test_clipping_by_norm_is_handed_on():
    parameters, optimizer, rng = start()
    before = parameters.by.copy()
    train(parameters, IDS, SGD(parameters, 1.0), 1, rng, clip=1e-3, clip_by="norm")
    assert np.linalg.norm(parameters.by - before) <= 1e-3


def test_too_little_to_measure():
    with pytest.raises(ValueError, match="need at least two characters to compute a loss, got 1"):
        bits_per_character(start()[0], IDS[:1])
    for width in (0, 1.5):
        with pytest.raises(ValueError, match="width"):
            windowed_mean([1.0], width)


def test_first_windows_have_one_to_T_characters():
    parameters, optimizer, rng = start()
    firsts, run = set(), None
    for _ in range(40):
        before = run.step if run else 0
        run = train(parameters, IDS, optimizer, 1, rng, length=4, run=run)
        firsts.add(run.position)
        while run.position:
            run = train(parameters, IDS, optimizer, 1, rng, length=4, run=run)
        assert run.step > before
    assert firsts == {1, 2, 3, 4}


def test_the_smoothed_loss_takes_in_every_loss():
    parameters, optimizer, rng = start()
    run = train(parameters, IDS, optimizer, 9, rng, length=7)
    smooth = SmoothedLoss(np.log(5))
    assert run.smoothed == [smooth.update(loss) for loss in run.losses]


def test_the_smallest_cases():
    parameters, *_ = start()
    assert windowed_mean([1, 2, 4], 1).tolist() == [1, 2, 4]
    _, logits = forward(parameters, IDS[:1], np.zeros(8))
    bits = cross_entropy(logits, IDS[1:2]) / np.log(2)
    assert np.isclose(bits_per_character(parameters, IDS[:2]), bits)


def test_memory_is_reused_by_one_block_just_below_the_limit(monkeypatch):
    asked = []
    monkeypatch.setattr(np, "empty", lambda shape, dtype: asked.append((shape, dtype)))
    training.reuse_freed_memory()
    assert asked == [(30 * 2**20, np.uint8)]  # glibc's threshold grows up to 32 MiB


@pytest.mark.parametrize("function, expected", [
    (init_parameters, {"scale": 0.01, "dtype": np.float64}),
    (Adagrad, {"learning_rate": 0.1, "epsilon": 1e-8}),
    (Adam, {"learning_rate": 0.002, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}),
    (clip_gradients, {"limit": 5.0, "by": "value"}),
    (SmoothedLoss, {"decay": 0.999}),
    (train, {"length": 25, "clip": 5.0, "clip_by": "value", "run": None, "progress": None}),
    (bits_per_character, {"length": 1000}),
])  # fmt: skip
def test_defaults_are_those_of_the_contract(function, expected):
    given = inspect.signature(function).parameters
    assert {name: given[name].default for name in expected} == expected
    assert training.LONG_RUN == 5_000
