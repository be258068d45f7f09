"""Train the models that come with the series, and write a card for each: `make models`.

Each is written to data/models/ as one .npz file that also holds the vocabulary, the settings
and the bits per character reached; data/models/README.md holds the cards, and a test compares
them. On another machine the numbers differ in their last digits.

    python data/make_models.py            all models, then the cards (ten minutes)
    python data/make_models.py story      one model, then the cards
    python data/make_models.py --cards    the cards alone
"""

import sys
from pathlib import Path

import numpy as np

from rnn_helpers.adagrad import Adagrad
from rnn_helpers.adam import Adam
from rnn_helpers.baselines import held_out_baselines
from rnn_helpers.checkpoints import load, save
from rnn_helpers.corpora import load_text, split
from rnn_helpers.declaration import mixed, training_and_held_out
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.lstm import init_lstm
from rnn_helpers.sampling import sample
from rnn_helpers.training import bits_per_character, streams, train

MODELS = Path(__file__).parent / "models"
OPTIMIZERS = {"Adagrad": Adagrad, "Adam": Adam}
CELLS = {"tanh": init_parameters, "LSTM": init_lstm}

SETTINGS = {
    "story": {
        "title": "A Word Ahead, the story of this series",
        "text": "story",
        "held_out": "the last twentieth",
        "hidden_size": 128,
        "scale": 0.01,
        "optimizer": "Adagrad",
        "learning_rate": 0.02,
        "streams": 1,
        "window": 25,
        "clip": 5.0,
        "steps": 60_000,
        "seed": 0,
    },
    "tale_of_two_cities": {
        "title": "A Tale of Two Cities, Charles Dickens, 1859",
        "text": "tale_of_two_cities",
        "held_out": "the last twentieth",
        "hidden_size": 256,
        "scale": 0.06,
        "optimizer": "Adam",
        "learning_rate": 0.002,
        "falls_to_zero": True,
        "streams": 32,
        "window": 50,
        "clip": 1.0,
        "steps": 16_000,
        "seed": 0,
    },
    "tale_of_two_cities_lstm": {
        "title": "A Tale of Two Cities, Charles Dickens, 1859, by an LSTM",
        "text": "tale_of_two_cities",
        "held_out": "the last twentieth",
        "cell": "LSTM",
        "hidden_size": 256,
        "scale": 0.06,
        "optimizer": "Adam",
        "learning_rate": 0.003,
        "falls_to_zero": True,
        "streams": 32,
        "window": 50,
        "clip": 1.0,
        "steps": 9_000,
        "seed": 0,
    },
    "declaration": {
        "title": "Universal Declaration of Human Rights in twelve languages, mixed",
        "text": "declaration",
        "held_out": "the last tenth of each language",
        "hidden_size": 128,
        "scale": 0.1,
        "optimizer": "Adam",
        "learning_rate": 0.004,
        "falls_to_zero": True,
        "streams": 32,
        "window": 50,
        "clip": 1.0,
        "steps": 4_000,
        "seed": 0,
    },
}
PROMPTS = {"declaration": ("Everyone has ", "Jeder hat ", "Toda persona ", "Каждый ")}


def texts(settings):
    """The training text and the held-out text."""
    if settings["text"] == "declaration":
        rng = np.random.default_rng(settings["seed"])
        return tuple(mixed(part, rng)[0] for part in training_and_held_out())
    return split(load_text(settings["text"]))


def make(settings, path):
    """Train on the training text, save the network, and return it."""
    train_text, held_out_text = texts(settings)
    vocabulary = Vocabulary.from_text(train_text + held_out_text)
    ids, held_out_ids = vocabulary.encode(train_text), vocabulary.encode(held_out_text)
    rng = np.random.default_rng(settings["seed"])
    parameters = CELLS[settings.get("cell", "tanh")](
        len(vocabulary), settings["hidden_size"], rng, scale=settings["scale"], dtype=np.float32
    )
    optimizer = OPTIMIZERS[settings["optimizer"]](parameters, settings["learning_rate"])

    def cool(run):
        if settings.get("falls_to_zero"):
            left = 1 - run.step / settings["steps"]
            optimizer.learning_rate = settings["learning_rate"] * left

    train(
        parameters, streams(ids, settings["streams"]) if settings["streams"] > 1 else ids,
        optimizer, settings["steps"], rng, length=settings["window"], clip=settings["clip"],
        callback=cool, progress=True,
    )  # fmt: skip
    # Trained in float32, stored in float64: what is sampled is then the same everywhere.
    exact = parameters._make(array.astype(np.float64) for array in parameters)
    reached = {
        "bits_per_character_learnt": bits_per_character(exact, ids),
        "bits_per_character_held_out": bits_per_character(exact, held_out_ids),
    }
    print(path.name, reached)
    path.parent.mkdir(exist_ok=True)
    save(path, exact, vocabulary, settings | reached)
    return exact, vocabulary


def card(path):
    """What a model is, what it reached and how it writes, as Markdown."""
    parameters, vocabulary, settings, *_ = load(path)
    train_text, held_out_text = texts(settings)
    others = held_out_baselines(train_text, held_out_text, len(vocabulary))
    rows = {
        **{name: bits / len(held_out_text) for name, bits in others.items()},
        "this network": settings["bits_per_character_held_out"],
        "(this network, on its training text)": settings["bits_per_character_learnt"],
    }
    told = {k: v for k, v in settings.items() if k != "title" and not k.startswith("bits")}
    lines = [
        f"## `{path.name}`",
        "",
        f"{settings['title']}: training text {len(train_text):,} characters, held-out text "
        f"{settings['held_out']}, {len(held_out_text):,} characters; {len(vocabulary)} "
        f"different characters. {path.stat().st_size / 1e6:.2f} MB.",
        "",
        "Settings: " + ", ".join(f"{k} {v}" for k, v in told.items()) + ".",
        "",
        "| paid for the held-out text by | bits per character |",
        "|---|---|",
        *(f"| {name} | {bits:.2f} |" for name, bits in rows.items()),
        "",
    ]
    prompts = PROMPTS.get(settings["text"], ("The ",))
    for temperature in (0.3, 0.6, 1.0):
        lines += [f"At temperature {temperature}:", ""]
        for prompt in prompts:
            rng, length = np.random.default_rng(1), 300 // len(prompts)
            text = sample(parameters, vocabulary, prompt, length, temperature=temperature, rng=rng)
            lines += ["```text", prompt + text, "```", ""]
    return "\n".join(lines)


HEAD = """# Models that come with the series

`load_model("story")` of `rnn_helpers.checkpoints` reads one; `make models` trains all of them
again and writes this page. Uniform knows the vocabulary only. Order k counts what followed the
last k characters of the training text, and mixes all orders up to k (Witten and Bell, 1991). For
xz: how much longer the compressed training text gets when the held-out text is appended.

"""


def main(arguments):
    """Train what was asked for, and write the cards."""
    names = [name for name in arguments if name != "--cards"] or list(SETTINGS)
    for name in names if arguments != ["--cards"] else []:
        make(SETTINGS[name], MODELS / f"{name}.npz")
    cards = [card(MODELS / f"{name}.npz") for name in SETTINGS]
    (MODELS / "README.md").write_text(HEAD + "\n".join(cards), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
