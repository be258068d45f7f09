"""What the two networks that read the novel know of a quotation: `make longer`.

For chapter 10, which reads data/longer_novel.json, as the novel does not come with the series.
"""

import json
from pathlib import Path

import numpy as np

from rnn_helpers.checkpoints import load_model
from rnn_helpers.corpora import load_text, split
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.lstm import init_lstm
from rnn_helpers.probing import quotation, read_out, unit_correlations
from rnn_helpers.reading import trace
from rnn_helpers.training import bits_per_character

RESULTS = Path(__file__).parent.parent / "data" / "longer_novel.json"
NETWORKS = {"tanh": ("tale_of_two_cities", init_parameters),
            "LSTM": ("tale_of_two_cities_lstm", init_lstm)}  # fmt: skip
SEEDS = range(3)  # of the networks that have learnt nothing


def measure(name):
    """Bits on the held-out end, and how well the state tells whether a quotation is open."""
    model, make = NETWORKS[name]
    parameters, vocabulary, settings, *_ = load_model(model)
    _, text = split(load_text("tale_of_two_cities"))
    marks = quotation(text)

    def probe(network):
        return trace(network, vocabulary, text).hidden

    hidden = probe(parameters)
    single = np.abs(unit_correlations(hidden, text)["inside a quotation"])
    result = {
        "bits": round(bits_per_character(parameters, vocabulary.encode(text)), 4),
        "trained": [round(float(score), 4) for score in read_out(hidden, marks)],
        "best unit": int(single.argmax()),
        "its correlation": round(float(single.max()), 4),
    }
    for seed in SEEDS:
        other = make(
            len(vocabulary), settings["hidden_size"], np.random.default_rng(seed), scale=0.06
        )
        scores = read_out(probe(other), marks)
        result[f"untrained {seed}"] = [round(float(score), 4) for score in scores]
    return result


def main():
    """Measure both networks."""
    found = {name: measure(name) for name in NETWORKS}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
