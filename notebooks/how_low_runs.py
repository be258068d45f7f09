"""The networks of chapter 09 that are not trained while you read: `make languages`.

Each run learns a language of `rnn_helpers.languages` and is measured on text that it has not
seen. It takes ten minutes or more and writes data/languages.json, which the chapter reads. It
can be interrupted and continues where it was; delete the file to begin again.
"""

import json
from pathlib import Path

import numpy as np

from rnn_helpers import automata
from rnn_helpers.adam import Adam
from rnn_helpers.encoding import Vocabulary, streams
from rnn_helpers.exercises.chapter_09 import runs_of
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.languages import BRACKETS, EMBEDDED_REBER, EVEN_RUNS, MESS3, REBER, Language
from rnn_helpers.loss import softmax
from rnn_helpers.reading import trace
from rnn_helpers.training import train

RESULTS = Path(__file__).parent.parent / "data" / "languages.json"
SEEDS = range(5)
LONG = {"window": 50, "batch": 32}
FIRST_WEIGHTS = {
    "0.01": {"scale": 0.01},
    "0.1": {"scale": 0.1},
    "orthogonal": {"scale": 0.1, "orthogonal": True},
}


def two_letters(backwards):
    """The languages "again" and "backwards" of exercise 09.5."""
    rows = [("", x, x, 1 / 2) for x in "ab"]
    for x in "ab":
        for y in "ab":
            first, second = (y, x) if backwards else (x, y)
            rows += [
                (x, y, x + y, 1 / 2),
                (x + y, first, x + y + first, 1),
                (x + y + first, second, "", 1),
            ]
    return Language(rows, start="", name="backwards" if backwards else "again")


EXERCISE = {
    "threes": Language(runs_of(3)),
    "fours": Language(runs_of(4)),
    "again": two_letters(False),
    "backwards": two_letters(True),
}
# By name: the language, what `learn` is told, and what is measured besides the excess.
RUNS = {
    "even runs, 2 neurons": (EVEN_RUNS, {"hidden_size": 2}, "states"),
    **{
        f"Reber, {H} neurons": (REBER, {"hidden_size": H}, "states")
        for H in (2, 3, 4, 8, 16)
    },
    "machines, 16 neurons": (REBER, {"hidden_size": 16}, "machine"),
    **{
        f"brackets {m}, {name}": (BRACKETS(m), {"hidden_size": 32, **first, **LONG}, "memory")
        for m in (10, 20, 40, 80)
        for name, first in FIRST_WEIGHTS.items()
    },
    "three dice, 64 neurons": (MESS3, {"hidden_size": 64, **LONG}, "beliefs"),
    **{
        f"embedded {p:g}, {steps} steps": (
            EMBEDDED_REBER(p),
            {"hidden_size": 32, "steps": steps, "window": window, "batch": 32},
            "memory",
        )
        for p, window, steps in (
            (0.5, 50, 3000), (0.9, 50, 6000), (0.97, 100, 6000), (0.9, 50, 2000), (0.97, 100, 2000)
        )
    },
    **{
        f"{name}, {H} neurons": (language, {"hidden_size": H}, "excess")
        for H in (2, 8)
        for name, language in EXERCISE.items()
    },
}  # fmt: skip
EDGES = (0, 10, 20, 30, 50, 80, 120, 200, 400)  # of the classes of distance


def init_orthogonal(vocab_size, hidden_size, rng, **how):
    """A plain network whose Whh begins as a random rotation or reflection."""
    parameters = init_parameters(vocab_size, hidden_size, rng, **how)
    q, r = np.linalg.qr(rng.standard_normal((hidden_size, hidden_size)))
    parameters.Whh[:] = q * np.sign(np.diag(r))
    return parameters


def learn(
    language, hidden_size, seed, steps=3000, window=20, batch=16, scale=0.1, orthogonal=False
):  # fmt: skip
    """A network that has learnt a language, and its first weights.

    Adam, from a rate of 0.01 that falls to zero in equal steps; the norm of the gradients is
    clipped at 1. With `orthogonal`, Whh begins as a random rotation or reflection.
    """
    rng = np.random.default_rng(seed)
    text, _ = language.sample(200_000, rng)
    ids = streams(Vocabulary(language.characters).encode(text), batch)
    make = init_orthogonal if orthogonal else init_parameters
    parameters = make(len(language.characters), hidden_size, rng, scale=scale)
    first = parameters._make(weight.copy() for weight in parameters)
    optimizer = Adam(parameters, 0.01)

    def cool(run):
        optimizer.learning_rate = 0.01 * (1 - run.step / steps)

    train(
        parameters, ids, optimizer, steps, rng, length=window, clip=1.0, clip_by="norm",
        callback=cool, progress=False,
    )  # fmt: skip
    return parameters, first


def unseen(language, seed, n=20_000):
    """A text that no network has learnt, and its states."""
    return language.sample(n, np.random.default_rng(10_000 + seed))


def read(parameters, language, text):
    """The text as the network reads it: see `rnn_helpers.reading.trace`."""
    return trace(parameters, Vocabulary(language.characters), text)


def excess(parameters, language, text):
    """What the network pays in bits a character above what the language itself pays.

    For the same text, without its first character, which the network does not predict.
    """
    bits = read(parameters, language, text).bits
    return float(bits[1:].mean() - language.surprise(text)[1:].mean())


def nearest_state(hidden, states, unseen_hidden):
    """The state whose mean hidden state is nearest, for each unseen hidden state."""
    centres = np.array([hidden[states == s].mean(axis=0) for s in np.unique(states)])
    distance = ((unseen_hidden[:, np.newaxis] - centres) ** 2).sum(axis=-1)
    return np.unique(states)[distance.argmin(axis=1)]


def read_out(values, targets):
    """How well a linear function of the values gives the targets: R squared on the second half.

    values (n, S), targets (n, K). Fitted by least squares to the first half. 1 is perfect, and 0
    is no better than the mean.
    """
    rows = np.column_stack([values, np.ones(len(values))])
    half = len(rows) // 2
    weights = np.linalg.lstsq(rows[:half], targets[:half], rcond=None)[0]
    wrong = targets[half:] - rows[half:] @ weights
    spread = targets[half:] - targets[half:].mean(axis=0)
    return float(1 - (wrong**2).sum() / (spread**2).sum())


def far_letters(language, states):
    """Where a bracket is closed or a letter repeated, and how many characters after its first.

    Two int arrays: places in the text, and distances.
    """
    names = [language.states[s] for s in states]
    first, places, distances = 0, [], []
    for t, before in enumerate(names[:-1], 1):
        if before in ("open", "choose"):
            first = t
        elif isinstance(before, tuple) and before[1] in ("close", "repeat"):
            places.append(t)
            distances.append(t - first)
    return np.array(places), np.array(distances)


def price_of_far_letters(parameters, language, text, states):
    """What the network pays for each far letter, in bits, and their distances."""
    places, distances = far_letters(language, states)
    return read(parameters, language, text).bits[places], distances


def by_distance(bits, distances):
    """The mean price in each class of distance: rows (shortest, longest, how many, bits)."""
    return [
        [low + 1, high, int(here.sum()), round(float(bits[here].mean()), 4)]
        for low, high in zip(EDGES, EDGES[1:])
        if (here := (distances > low) & (distances <= high)).sum() >= 20
    ]


def machine_in(parameters, language, text, most=20):
    """The automaton in a network, with the fewest clusters (from as many as states) that leave
    no doubt.

    It begins after the first E, as Reber's grammar does.
    """
    start = 20  # what comes before depends on the first state of the network
    hidden = read(parameters, language, text).hidden[start:]
    ids = Vocabulary(language.characters).encode(text)
    _, logits = forward(parameters, ids, np.zeros(hidden.shape[1]))
    text = text[start:]
    for k in range(len(language.states), most):
        clusters = automata.cluster(hidden, k)
        if automata.arrows(clusters, text)[1] == 0:
            return automata.machine(
                clusters, text, softmax(logits)[start:], language.characters, start=text.index("E")
            )
    raise ValueError(f"with up to {most} clusters some characters still lead to several clusters")


def measure(name, seed):
    """One run: what it reached, as numbers."""
    language, settings, kind = RUNS[name]
    parameters, first = learn(language, seed=seed, **settings)
    text, states = unseen(language, seed, 100_000 if kind == "memory" else 20_000)
    result = {"seed": seed, "excess": round(excess(parameters, language, text), 5)}
    if kind == "states":
        hidden = read(parameters, language, text).hidden
        half = len(text) // 2
        found = nearest_state(hidden[:half], states[:half], hidden[half:])
        result["state read"] = round(float((found == states[half:]).mean()), 5)
    if kind == "beliefs":
        beliefs = language.beliefs(text)
        for stage, network in (("trained", parameters), ("untrained", first)):
            hidden = read(network, language, text).hidden
            result[stage] = round(read_out(hidden[200:], beliefs[200:]), 5)
    if kind == "machine":
        found = machine_in(parameters, language, text)
        partner = automata.partners(found, language)
        result |= {"states": len(found.states), "is the grammar": partner is not None}
        if partner is not None:
            result["machine"] = round(automata.expected_excess(found, language, partner), 6)
        result["table"] = [[*row[:3], round(row[3], 3)] for row in found.table]
    if kind == "memory":
        bits, distances = price_of_far_letters(parameters, language, text, states)
        result |= {"price": round(float(bits.mean()), 4), "n": len(bits)}
        result["mean distance"] = round(float(distances.mean()), 2)
        result["by distance"] = by_distance(bits, distances)
        if name.startswith("brackets"):
            far = BRACKETS(600)
            bits, distances = price_of_far_letters(parameters, far, *unseen(far, seed, 100_000))
            here = (distances > 300) & (distances <= 900)
            result["held"] = round(float(bits[here].mean()), 4)
    return result


def main():
    """Run everything that is not stored yet."""
    continue_runs(RESULTS, RUNS, [(name, seed) for name in RUNS for seed in SEEDS], measure)


def continue_runs(path, names, todo, measure):
    """Measure what a file does not hold yet, and store each run there as soon as it is made.

    `names` gives the order of the runs in the file, `todo` the pairs of name and seed.
    """
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, seed in todo:
        runs = results.setdefault(name, [])
        if len(runs) > seed:
            continue
        runs.append(measure(name, seed))
        print(f"{name}, seed {seed}: {runs[-1]}", flush=True)
        in_order = {key: results[key] for key in names if key in results}
        text = json.dumps(in_order, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
