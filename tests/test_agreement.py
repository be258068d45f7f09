"""What a chapter builds by hand and what its module holds give the same numbers.

The functions are taken from the notebooks themselves, with their exercises solved.
"""

import itertools

import numpy as np
import pytest
from conftest import CHAPTERS, EXPERIMENTS, cells_of, large_weights

from rnn_helpers import (
    adagrad,
    adam,
    automata,
    bptt,
    encoding,
    forward_pass,
    gradient_check,
    languages,
    loss,
    sampling,
    training,
)
from rnn_helpers.exercises import EXERCISES
from rnn_helpers.reading import trace


def test_what_is_left_out_here_are_cells_without_an_exercise():
    cells = {cell.id: cell.source for path in CHAPTERS for cell in cells_of(path)}
    assert EXPERIMENTS <= cells.keys()
    assert not [name for name in EXPERIMENTS if "check(" in cells[name]]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_every_solution_is_right(path, chapter):
    number = path.name[:2]
    _, printed = chapter(number)
    expected = [name for name in EXERCISES if name.startswith(number)]
    assert [line for line in printed.splitlines() if line.startswith(number)] == [
        f"{name}: right." for name in expected
    ]


def test_01_encoding(chapter):
    names, _ = chapter("01")
    vocabulary, poem = encoding.Vocabulary.from_text(names["poem"]), names["poem"]
    ids = vocabulary.encode(poem)
    assert np.array_equal(names["encode"](poem), ids) and names["decode"](ids) == poem
    assert np.array_equal(names["one_hot"](ids, 42), encoding.one_hot(ids, 42))
    by_hand, finished = list(names["cut"](ids, 25)), list(encoding.windows(ids, 25))
    assert len(by_hand) == len(finished)
    for a, b in zip(by_hand, finished):
        assert np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1])


def test_02_forward_pass(chapter):
    names, _ = chapter("02")
    parameters, inputs, _, h0 = large_weights()
    by_hand = names["forward_by_hand"](parameters, inputs, h0)
    for a, b in zip(by_hand, forward_pass.forward(parameters, inputs, h0)):
        assert np.allclose(a, b, rtol=1e-13, atol=1e-15)


def test_03_loss(chapter):
    names, _ = chapter("03")
    rng = np.random.default_rng(0)
    logits, targets = 5 * rng.normal(size=(9, 7)), rng.integers(0, 7, 9)
    assert np.allclose(names["softmax"](logits), loss.softmax(logits), rtol=1e-14)
    assert np.isclose(
        names["cross_entropy"](logits, targets), loss.cross_entropy(logits, targets), rtol=1e-14
    )


def test_04_bptt(chapter):
    names, _ = chapter("04")
    where = large_weights()
    _, finished, _ = bptt.loss_and_gradients(*where)
    for a, b in zip(names["backward_by_hand"](*where), finished):
        assert np.allclose(a, b, rtol=1e-12, atol=1e-14)
    by_hand = names["central_differences"](*where)
    for a, b in zip(by_hand, gradient_check.numerical_gradients(*where, method="central")):
        assert np.allclose(a, b, rtol=1e-6, atol=1e-9)


def test_05_adagrad_and_training(chapter):
    names, _ = chapter("05")
    rng = np.random.default_rng(0)
    for by in ("value", "norm"):
        gradients = [rng.normal(size=(3, 4)) * 20 for _ in range(5)]
        clipped = [g.copy() for g in gradients]
        names[f"clip_by_{by}"](gradients)
        adagrad.clip_gradients(clipped, by=by)
        assert all(np.allclose(a, b, rtol=1e-14) for a, b in zip(gradients, clipped))

    def by_hand(*setting):
        names["train_by_hand"](*setting, clip=names["clip_by_value"])

    for mine, finished in (("MyAdagrad", adagrad.Adagrad), ("MySGD", adagrad.SGD)):
        results = []
        for learn, make in ((by_hand, names[mine]), (training.train, finished)):
            rng = np.random.default_rng(1)
            parameters = forward_pass.init_parameters(42, 20, rng)
            learn(parameters, names["ids"], make(parameters, 0.03), 120, rng)
            results.append(parameters)
        assert all(np.array_equal(a, b) for a, b in zip(*results)), mine


def test_06_sampling(chapter):
    names, _ = chapter("06")
    model = names["parameters"], names["vocabulary"]
    by_hand = names["sample_by_hand"]("Hanne", 300, np.random.default_rng(8), 0.7)
    finished = sampling.sample(*model, "Hanne", 300, temperature=0.7, rng=np.random.default_rng(8))
    assert by_hand == finished


def test_08_every_way_to_the_gradient_and_adam(chapter):
    names, _ = chapter("08")
    where = large_weights()
    _, finished, _ = bptt.loss_and_gradients(*where)
    for way in ("textbook", "pick", "leave_the_loop", "one_product", "in_place"):
        for a, b in zip(names[way](*where), finished):
            assert np.allclose(a, b, rtol=1e-10, atol=1e-13), way
    parameters, gradient = large_weights()[0], large_weights(seed=5)[0]
    optimizer, by_hand = adam.Adam(parameters, 0.1), parameters.Whh.copy()
    mean, square = np.zeros((2,) + by_hand.shape)
    for n in range(1, 4):
        optimizer.step(gradient)
        names["adam_step"](by_hand, gradient.Whh, mean, square, n, 0.1)
    assert np.allclose(parameters.Whh, by_hand, rtol=1e-12)


def test_09_languages_and_automata(chapter):
    import how_low_runs as runs

    names, _ = chapter("09")
    assert names["language"].table == languages.EVEN_RUNS.table
    finished, _ = runs.learn(languages.REBER, 3, 4, steps=20)
    by_hand = names["learn"](languages.REBER, 3, 4, steps=20)
    assert all(np.array_equal(a, b) for a, b in zip(by_hand, finished))

    text, _ = languages.REBER.sample(2000, np.random.default_rng(0))
    points = trace(names["network"], encoding.Vocabulary(names["characters"]), text).hidden
    for k in (3, 9, 12):
        clusters = names["cluster"](points, k)
        assert np.array_equal(clusters, automata.cluster(points, k))
        leads, doubt = names["arrows"](clusters.tolist(), text)
        assert (leads, doubt) == automata.arrows(clusters, text)
        mine, finished = names["merge"](leads), automata.merge(leads)
        pairs = {(mine[j], finished[j]) for j in finished}
        assert len(pairs) == len(set(mine.values())) == len(set(finished.values()))

    beliefs = languages.MESS3.beliefs("abcabbacccab" * 20)
    values = np.random.default_rng(0).normal(size=(240, 5))
    assert np.isclose(names["probe"](values, beliefs)[1], runs.read_out(values, beliefs))


def test_10_an_lstm_and_its_way_back(chapter):
    names, _ = chapter("10")
    rng = np.random.default_rng(8)
    parameters = names["init_lstm"](6, 4, rng, scale=0.6)
    parameters.bh[:] += rng.standard_normal(16)
    inputs, targets = rng.integers(0, 6, (2, 7))
    state = rng.standard_normal(8)
    steps, logits = names["forward_by_hand"](parameters, inputs, state)
    hidden, finished = forward_pass.forward(parameters, inputs, state)
    assert np.allclose(logits, finished, rtol=1e-12)
    assert np.allclose([[*h, *c] for *_, c, h in steps], hidden[1:], rtol=1e-12)
    _, finished, _ = bptt.loss_and_gradients(parameters, inputs, targets, state)
    for mine, other in zip(
        names["backward_by_hand"](parameters, inputs, targets, state), finished
    ):
        assert np.allclose(mine, other, rtol=1e-10, atol=1e-13)


def test_11_the_model_of_the_cost_was_fitted_to_the_best_pair_of_sizes(chapter):
    """The page says that no other pair predicts what it was not fitted to as well."""
    names, _ = chapter("11")
    steps = [s for s in names["measured"]["steps"] if s["workers"] <= 2]

    def worst(pair):
        known = [
            s
            for s in steps
            if s["workers"] == 1 and s["hidden"] in pair and s["streams"] in (4, 16, 64)
        ]
        rows = np.array([names["parts_of"](s["hidden"], s["streams"]) for s in known])
        cost, *_ = names["fits"](rows, known)
        errors = []
        for s in (s for s in steps if s not in known):
            H, B, p = s["hidden"], s["streams"], s["workers"]
            said = names["parts_of"](H, B) @ cost + names["exchange"](p, names["numbers_in"](H))
            errors.append(abs(np.log(said / np.median(s["us"]))))
        return max(errors)

    pairs = list(itertools.combinations((64, 128, 256, 512), 2))
    assert min(pairs, key=worst) == (64, 512) and worst((64, 512)) < np.log(1.28)
