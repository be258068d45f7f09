"""What a plain network pays for the end of tiny Shakespeare, for the table of chapter 11.

The text is cut as nanoGPT cuts it, nine tenths to learn and one tenth held out; the settings are
those of the novel's network in make_models.py. Writes data/tiny_shakespeare.json; five minutes.
"""

import json
from pathlib import Path

import numpy as np
from make_models import SETTINGS

from rnn_helpers.adam import Adam
from rnn_helpers.baselines import held_out_baselines
from rnn_helpers.corpora import load_text
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.training import bits_per_character, streams, train

RESULTS = Path(__file__).with_name("tiny_shakespeare.json")


def main():
    """Train, score, write."""
    settings = SETTINGS["tale_of_two_cities"]
    text = load_text("tiny_shakespeare")
    cut = int(0.9 * len(text))
    vocabulary = Vocabulary.from_text(text)
    rng = np.random.default_rng(settings["seed"])
    size, rate, steps = (settings[k] for k in ("hidden_size", "learning_rate", "steps"))
    parameters = init_parameters(
        len(vocabulary), size, rng, scale=settings["scale"], dtype=np.float32
    )
    optimizer = Adam(parameters, rate)

    def cool(run):
        optimizer.learning_rate = rate * (1 - run.step / steps)

    ids = streams(vocabulary.encode(text[:cut]), settings["streams"])
    train(parameters, ids, optimizer, steps, rng, length=settings["window"],
          clip=settings["clip"], callback=cool, progress=False)  # fmt: skip
    exact = parameters._make(array.astype(np.float64) for array in parameters)
    others = held_out_baselines(text[:cut], text[cut:], len(vocabulary))
    results = {
        "learnt": cut,
        "held_out": len(text) - cut,
        "weights": sum(array.size for array in exact),
        "hidden_size": size,
        "bits": round(bits_per_character(exact, vocabulary.encode(text[cut:])), 3),
        "others": {name: round(bits / (len(text) - cut), 3) for name, bits in others.items()},
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(results)


if __name__ == "__main__":
    main()
