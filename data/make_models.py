"""Train the models that come with the series: `make models` (about a minute).

Each is written to data/models/ as one .npz file, with the vocabulary, the settings and
what it reached inside; the sentence on each in data/README.md is checked by a test. On
another machine the numbers differ in the last digits that data/README.md gives.
"""

from pathlib import Path

import numpy as np

from rnn_helpers.adagrad import Adagrad
from rnn_helpers.checkpoints import save
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import Parameters, init_parameters
from rnn_helpers.training import bits_per_character, train

DATA = Path(__file__).parent

STORY = {
    "text": "story.txt",
    "held_out": "the last twentieth",
    "hidden_size": 128,
    "scale": 0.01,
    "optimizer": "Adagrad",
    "learning_rate": 0.02,
    "window": 25,
    "clip": 5.0,
    "steps": 60_000,
    "seed": 0,
}


def make(settings, path):
    """Train on all but the last twentieth of a text, and save what was learnt."""
    text = (DATA / settings["text"]).read_text(encoding="utf-8")
    vocabulary = Vocabulary.from_text(text)
    ids = vocabulary.encode(text)
    page = 19 * len(ids) // 20
    rng = np.random.default_rng(settings["seed"])
    parameters = init_parameters(
        len(vocabulary), settings["hidden_size"], rng, scale=settings["scale"], dtype=np.float32
    )
    optimizer = Adagrad(parameters, settings["learning_rate"])
    train(
        parameters, ids[:page], optimizer, settings["steps"], rng,
        length=settings["window"], clip=settings["clip"], progress=True,
    )  # fmt: skip
    # Learnt in float32, kept in float64: what is sampled is then the same everywhere.
    exact = Parameters(*(p.astype(np.float64) for p in parameters))
    reached = {
        "bits_per_character_learnt": bits_per_character(exact, ids[:page]),
        "bits_per_character_held_out": bits_per_character(exact, ids[page:]),
    }
    print(path.name, reached)
    path.parent.mkdir(exist_ok=True)
    save(path, exact, vocabulary, settings | reached)


if __name__ == "__main__":
    make(STORY, DATA / "models" / "story.npz")
