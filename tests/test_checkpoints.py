import numpy as np
import pytest

from rnn_helpers.adagrad import SGD, Adagrad
from rnn_helpers.adam import Adam
from rnn_helpers.checkpoints import MODELS, load, load_model, save
from rnn_helpers.encoding import Vocabulary
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.training import train

IDS = np.random.default_rng(0).integers(0, 5, 60)
VOCABULARY = Vocabulary("a\n é—"[:5])


def trained(make=lambda p: Adagrad(p, 0.1), dtype=np.float64):
    rng = np.random.default_rng(3)
    parameters = init_parameters(5, 8, rng, dtype=dtype)
    optimizer = make(parameters)
    return parameters, optimizer, train(parameters, IDS, optimizer, 13, rng, length=7), rng


def test_a_model_comes_back_as_it_was(tmp_path):
    parameters, *_ = trained(dtype=np.float32)
    save(tmp_path / "m.npz", parameters, VOCABULARY, {"steps": np.int64(13), "text": "é"})
    back = load(tmp_path / "m.npz")
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(parameters, back[0]))
    assert back.vocabulary == VOCABULARY and back.settings == {"steps": 13, "text": "é"}
    assert back.optimizer is back.run is back.rng is None


@pytest.mark.parametrize(
    "make", [lambda p: Adagrad(p, 0.1), lambda p: SGD(p, 0.05), lambda p: Adam(p, 0.01, beta1=0.8)]
)
def test_resumed_is_bit_for_bit_unbroken(tmp_path, make):
    parameters, optimizer, run, rng = trained(make)
    save(tmp_path / "m.npz", parameters, VOCABULARY, {}, optimizer=optimizer, run=run, rng=rng)
    back = load(tmp_path / "m.npz")
    train(parameters, IDS, optimizer, 40, rng, length=7, run=run)
    train(back.parameters, IDS, back.optimizer, 40, back.rng, length=7, run=back.run)
    assert all(np.array_equal(a, b) for a, b in zip(parameters, back.parameters))
    assert run.losses == back.run.losses and run.smoothed == back.run.smoothed
    assert run.position == back.run.position and rng.random() == back.rng.random()


def test_saving_again_replaces_and_leaves_nothing_beside(tmp_path):
    for steps in (1, 2):
        save(tmp_path / "m.npz", trained()[0], VOCABULARY, {"steps": steps})
    assert load(tmp_path / "m.npz").settings == {"steps": 2}
    assert [p.name for p in tmp_path.iterdir()] == ["m.npz"]


def test_a_save_that_fails_leaves_the_old_file(tmp_path):
    save(tmp_path / "m.npz", trained()[0], VOCABULARY, {"steps": 1})
    with pytest.raises(TypeError, match="settings"):
        save(tmp_path / "m.npz", trained()[0], VOCABULARY, {"steps": object()})
    assert load(tmp_path / "m.npz").settings == {"steps": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["m.npz"]


def test_no_file():
    with pytest.raises(FileNotFoundError):
        load("nowhere.npz")


def test_every_kind_of_damage_is_a_clear_error(tmp_path):
    path = tmp_path / "m.npz"
    parameters, optimizer, run, rng = trained()
    save(path, parameters, VOCABULARY, {}, optimizer=optimizer, run=run, rng=rng)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    for damaged in (b"", b"hello", whole[: len(whole) // 2], whole[:-10], bytes(flipped)):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="cannot be used as a model"):
            load(path)


def test_a_file_that_is_no_model_of_ours(tmp_path):
    path = tmp_path / "m.npz"
    np.savez(path, Wxh=np.zeros(3))
    with pytest.raises(ValueError, match="cannot be used as a model"):
        load(path)
    np.savez(path, about=np.array([{}], dtype=object))  # would need pickle
    with pytest.raises(ValueError, match="cannot be used as a model"):
        load(path)


@pytest.mark.parametrize("text", ["hello", "Wxh 1 2 3\n" * 100])
def test_a_text_file_is_no_model(tmp_path, text):
    path = tmp_path / "m.npz"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="not an .npz file"):
        load(path)


def test_what_could_not_be_loaded_is_not_saved_over_a_good_file(tmp_path):
    path, (parameters, optimizer, _, _) = tmp_path / "m.npz", trained()
    save(path, parameters, VOCABULARY, {"steps": 1})
    other = trained()[0]
    for change, error in (
        ({"parameters": parameters._replace(bh=np.full(8, np.nan))}, "not finite"),
        ({"parameters": parameters._replace(bh=np.zeros(3))}, "does not fit"),
        ({"vocabulary": Vocabulary("abc")}, "3 characters, the network 5"),
        ({"parameters": other, "optimizer": optimizer}, "other parameters"),
    ):
        what = {"parameters": parameters, "vocabulary": VOCABULARY, "settings": {}} | change
        with pytest.raises(ValueError, match=error):
            save(path, **what)
    for change in ({"optimizer": object()}, {"rng": np.random.Generator(np.random.MT19937())}):
        with pytest.raises(TypeError):
            save(path, parameters, VOCABULARY, {}, **change)
    assert load(path).settings == {"steps": 1}


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        save(tmp_path / "no" / "m.npz", trained()[0], VOCABULARY, {})


def test_parts_that_do_not_fit_are_noticed_on_loading(tmp_path):
    path, (parameters, optimizer, run, rng) = tmp_path / "m.npz", trained()
    save(path, parameters, VOCABULARY, {}, optimizer=optimizer, run=run, rng=rng)
    with np.load(path) as file:
        parts = dict(file)
    for name in ("bh", "memory.Whh"):
        for wrong in (parts[name] * np.nan, parts[name][:2]):
            np.savez(path, **parts | {name: wrong})
            with pytest.raises(ValueError, match="cannot be used as a model"):
                load(path)


def test_the_models_of_the_series_come_by_name():
    for name in MODELS:
        assert load_model(name).settings["hidden_size"] == len(load_model(name).parameters.bh)
    with pytest.raises(ValueError, match="'poem'; there are story, tale_of_two_cities"):
        load_model("poem")
