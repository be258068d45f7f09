"""The four recipes of chapter 07, as data, and what they reach: `make recipes`.

All run through the same `rnn_helpers`. A version is a list of bugs from `rnn_helpers.bugs`
(none: repaired) and a learning rate. It takes ten to twenty minutes and writes
data/recipes.json, which the chapter and its appendix read. It can be interrupted and continues
where it was; delete the file to begin again.
"""

import json
from pathlib import Path

import numpy as np

from rnn_helpers.adagrad import SGD, Adagrad
from rnn_helpers.bugs import broken
from rnn_helpers.cells import zero_state
from rnn_helpers.corpora import load_text
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character

RESULTS = Path(__file__).parent.parent / "data" / "recipes.json"

FIXED_CUTS = "windows always cut at the same places"
A_AS_FOUND = (
    "scores from the state before",
    "dWhy with the state before",
    "input as target",
    "state forgotten",
    "mean over time",
    "dWxh from the first step alone",
    "dWhh from the first step alone",
    "dWhh with the last state at the first step",
    "no gradient for bh",
    "no gradient for by",
    FIXED_CUTS,
)
B_AS_FOUND = ("whole windows only", FIXED_CUTS)
D_AS_FOUND = (
    "p into the state",
    "nothing comes from the future",
    "dWxh from the first step alone",
    "dWhh from the first step alone",
    "slope of tanh left out of dWhh alone",
    "dWhh with the state after",
    "dbh from the first step alone",
    FIXED_CUTS,
)

RECIPES = {
    "A": {
        "text": "loss_and_memory", "misread": "cp1252",  # é and — come in two and three pieces
        "hidden": 200, "window": 15, "optimizer": "Adagrad", "epsilon": 1e-7, "clip": None,
        "epochs": 100, "seeds": 3,
        "versions": {
            "as found": (A_AS_FOUND, 1e-4),
            "repaired": ((), 1e-4),
            "repaired, at a sane rate": ((), 0.03),
        },
    },
    "B": {
        "text": "road_not_taken",
        "hidden": 100, "window": 25, "optimizer": "Adagrad", "epsilon": 1e-8, "clip": 5.0,
        "steps": 20_000, "seeds": 20,
        "versions": {
            "as found": (B_AS_FOUND, 0.1),
            "repaired, at a sane rate": ((), 0.03, 5),
        },
    },
    "C": {
        "text": "declaration", "tenths": True,  # 184 symbols; the book of C had 173
        "hidden": 100, "window": 25, "optimizer": "Adagrad", "epsilon": 1e-8, "clip": 5.0,
        "steps": 100_000, "seeds": 3,
        "versions": {
            "as found": ((FIXED_CUTS,), 0.1),
            "at a sane rate": ((), 0.03),
        },
    },
    "D": {
        "text": "tale_of_two_cities", "ascii": True,
        "hidden": 128, "window": 25, "optimizer": "SGD", "clip": 5.0,
        "epochs": 1, "seeds": 3,
        "versions": {
            "as found": (D_AS_FOUND, 1e-5),
            "repaired": ((), 1e-5),
            "as found, at a sane rate": (D_AS_FOUND, 3e-3),
            "repaired, at a sane rate": ((), 3e-3),
        },
    },
}  # fmt: skip


def read(recipe):
    """The vocabulary and the ids of a recipe's text, read as the recipe reads it."""
    text = load_text(recipe["text"])
    if "misread" in recipe:
        text = text.encode("utf-8").decode(recipe["misread"])
    if recipe.get("ascii"):
        vocabulary = Vocabulary.ascii()
        return vocabulary, vocabulary.encode(text, unknown=" ")
    vocabulary = Vocabulary.from_text(text)
    return vocabulary, vocabulary.encode(text)


def learn(recipe, bugs, rate, seed):
    """One run of one version; returns what it reached, as numbers and a little text."""
    vocabulary, ids = read(recipe)
    rng = np.random.default_rng(seed)
    parameters = init_parameters(len(vocabulary), recipe["hidden"], rng, dtype=np.float32)
    if recipe["optimizer"] == "SGD":
        optimizer = SGD(parameters, rate)
    else:
        optimizer = Adagrad(parameters, rate, recipe["epsilon"])
    T = recipe["window"]
    epoch = -(-(len(ids) - 1) // T)  # windows, rounded up
    steps = recipe.get("steps") or recipe["epochs"] * epoch
    train = broken(*bugs).train
    with np.errstate(over="ignore"):  # a diverging run is a result, too
        run = train(
            parameters, ids, optimizer, steps, rng, length=T, clip=recipe["clip"], progress=True
        )
    exact = parameters._make(p.astype(float) for p in parameters)
    _, logits = forward(exact, ids[: min(len(ids) - 1, 5000)], zero_state(exact))
    spoken = sample(
        exact, vocabulary, vocabulary.decode(ids[:1]), min(len(ids), 2000) - 1,
        temperature=0, rng=rng,
    )  # fmt: skip
    truth = vocabulary.decode(ids[1:])
    recited = next((i for i, (a, b) in enumerate(zip(spoken, truth)) if a != b), len(spoken)) + 1
    last = len(ids) - 1 - (len(ids) - 1) // T * T  # what whole windows leave over
    tail = bits_per_character(exact, ids[:-last]) * (len(ids) - 1 - last) if last else 0
    whole = bits_per_character(exact, ids)
    marks = sorted(
        {1, *range(1000, steps + 1, 1000)}
        if steps <= 20_000
        else {1, 1000, 2000, 3000, 5000, *range(10_000, steps + 1, 10_000)}
    )
    result = {
        "seed": seed,
        "steps": steps,
        "first": round(run.losses[0], 4),  # nats a character, as the run itself counts them
        "first_sweep_last_window": round(run.losses[min(epoch, steps) - 1], 4),
        "last_window": round(run.losses[-1], 4),
        "reported": round(float(np.mean(run.losses[-epoch:][-2000:])), 4),
        "examined": round(whole, 4),  # bits a character, by rnn_helpers
        "tail": round((whole * (len(ids) - 1) - tail) / last, 3) if last else None,
        "kinds_predicted": len(set(logits.argmax(axis=1).tolist())),
        "recites": recited,
        "argmax": spoken[:80],
        "smoothed": {mark: round(run.smoothed[mark - 1] * T, 3) for mark in marks},
    }
    if recipe.get("tenths"):  # what has it forgotten?
        parts = np.array_split(ids, 10)
        result["tenths"] = [round(bits_per_character(exact, part), 3) for part in parts]
    return result


def main():
    """Run all versions of all recipes with all seeds; what is stored already is not run again."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name, recipe in RECIPES.items():
        vocabulary, ids = read(recipe)
        p = np.bincount(ids)[np.unique(ids)] / len(ids)
        found = results.setdefault(name, {"versions": {}})
        found["characters"], found["symbols"] = len(ids), len(vocabulary)
        found["letter_frequencies"] = round(float(-(p * np.log2(p)).sum()), 4)
        for version, (bugs, rate, *seeds) in recipe["versions"].items():
            stored = found["versions"].setdefault(version, {"rate": rate, "runs": []})
            for seed in range(len(stored["runs"]), seeds[0] if seeds else recipe["seeds"]):
                print(f"{name}, {version}, rate {rate}, seed {seed}", flush=True)
                stored["runs"].append(learn(recipe, bugs, rate, seed))
                text = json.dumps(results, indent=1, ensure_ascii=False)
                RESULTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
