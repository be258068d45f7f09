"""What networks make of one text in twelve languages: data/declaration.json, for chapter 09.

`python data/make_declaration.py` trains five networks with the settings of the stored model
`declaration`, each from other first weights and on another order of the text, and asks each:
what does it pay for held-out text, which languages have similar states, and does its state
tell which language it reads? Each is compared with a network that has learnt nothing, and with
counting. It takes about fifteen minutes, can be interrupted, and goes on where it was; delete the
file to begin again. It needs the texts (see `rnn_helpers.corpora`).
"""

import json
import tempfile
from pathlib import Path

import numpy as np
from make_models import SETTINGS, make

from rnn_helpers.baselines import interpolated_counts
from rnn_helpers.cells import zero_state
from rnn_helpers.checkpoints import load_model
from rnn_helpers.declaration import mixed, training_and_held_out
from rnn_helpers.forward_pass import forward, init_parameters
from rnn_helpers.probing import least_squares_read_out, softmax_read_out
from rnn_helpers.training import bits_per_character

RESULTS = Path(__file__).parent / "declaration.json"
SEEDS = range(5)
SINCE = (0, 3, 6, 11, 21, 51, 101)  # characters since the language changed, in classes
WINDOWS = (1, 5, 10, 20, 50)  # for counting: how many of the last characters are looked at
SKIPPED = 20  # characters at the beginning of a language, before its states are averaged


def states(parameters, ids):
    """The hidden state after each character, (n, H)."""
    return forward(parameters, ids, zero_state(parameters))[0][1:]


def mean_states(parameters, vocabulary, texts):
    """The mean state in each language, (12, H), each read from the beginning."""
    return np.array(
        [states(parameters, vocabulary.encode(text))[SKIPPED:].mean(axis=0)
         for text in texts.values()]
    )  # fmt: skip


def shares(right, languages, since):
    """Which share is named rightly: of all, by language, and by characters since the change."""
    classes = np.digitize(since, SINCE) - 1
    return {
        "all": round(right.mean(), 4),
        "languages": [round(right[languages == k].mean(), 4) for k in range(12)],
        "since": [round(right[classes == k].mean(), 4) for k in range(len(SINCE))],
    }


def named_by_letters(ids, languages, read, vocab_size):
    """The language by its letters' frequencies in the last characters read, by their number."""
    counts = np.full((12, vocab_size), 0.1)
    np.add.at(counts, (languages, ids), 1)
    total = np.log(counts / counts.sum(axis=1, keepdims=True))[:, read].cumsum(axis=1)
    before = {n: np.pad(total[:, :-n], ((0, 0), (n, 0))) for n in WINDOWS}
    return {n: (total - before[n]).argmax(axis=0) for n in WINDOWS}


def question(parameters, vocabulary, seed):
    """All that is asked of one network; the same of one with the same size, but untrained."""
    training, held_out = training_and_held_out()
    rng = np.random.default_rng(seed)
    text, languages, _ = mixed(training, rng)
    other, others_languages, since = mixed(held_out, rng)
    ids, read = vocabulary.encode(text), vocabulary.encode(other)
    H, probe = len(parameters.bh), np.random.default_rng(seed)
    untrained = init_parameters(len(vocabulary), H, probe, scale=SETTINGS["declaration"]["scale"])
    result = {
        "seed": seed,
        "training text": bits_per_character(parameters, ids),
        "held-out text": bits_per_character(parameters, read),
        "by language": [
            bits_per_character(parameters, vocabulary.encode(text)) for text in held_out.values()
        ],
        "counts": (interpolated_counts(text, other, len(vocabulary), 5) / len(other)).tolist(),
    }
    for name, network in {"trained": parameters, "untrained": untrained}.items():
        known, heard = states(network, ids), states(network, read)
        layers = {
            "softmax": softmax_read_out(known, languages, 12, probe),
            "squares": least_squares_read_out(known, languages, 12),
        }
        for way, layer in layers.items():
            guess = (heard @ layer.weights + layer.bias).argmax(axis=1)
            result[f"{name}, {way}"] = shares(guess == others_languages, others_languages, since)
            if name == "trained" and way == "softmax":
                best = layer
                result["English taken for"] = np.bincount(
                    guess[others_languages == list(training).index("English")], minlength=12
                ).tolist()
        means = mean_states(network, vocabulary, training)
        result[f"{name}, distances"] = distances(means)
    for n, guess in named_by_letters(ids, languages, read, len(vocabulary)).items():
        right = guess == others_languages
        result[f"letters, last {n}"] = shares(right, others_languages, since)
    result["letters, distances"] = letter_distances(training, vocabulary)
    return rounded(result), best


def distances(rows):
    """The Euclidean distance of each row from each."""
    return np.linalg.norm(rows[:, None] - rows[None], axis=2).tolist()


def letter_distances(texts, vocabulary):
    """The distances between the languages' letter frequencies."""
    ids = [vocabulary.encode(text) for text in texts.values()]
    return distances(np.array([np.bincount(i, minlength=len(vocabulary)) / len(i) for i in ids]))


def rounded(value):
    """Numbers to four digits, however deep they are in dicts and lists."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return value if isinstance(value, int) else round(float(value), 4)


def main():
    """Train, ask, and write after each network."""
    done = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"runs": []}
    done["languages"] = list(training_and_held_out()[0])
    for seed in SEEDS:
        if any(run["seed"] == seed for run in done["runs"]):
            continue
        print(f"network {seed + 1} of {len(SEEDS)}", flush=True)
        settings = SETTINGS["declaration"] | {"seed": seed}
        if seed == SETTINGS["declaration"]["seed"]:
            parameters, vocabulary, *_ = load_model("declaration")
        else:
            with tempfile.TemporaryDirectory() as folder:
                parameters, vocabulary = make(settings, Path(folder) / "network.npz")
        result, layer = question(parameters, vocabulary, seed)
        done["runs"].append(result)
        if seed == 0:  # the probe of the stored model, for the chapter
            done["read_out"] = rounded({k: v.tolist() for k, v in layer._asdict().items()})
        RESULTS.write_text(json.dumps(done, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
