"""Chapter 11: the same numbers in PyTorch, workers that die and go on, sweeps that resume."""

import importlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, large_weights

pytest.importorskip("torch", reason="pip install -r requirements-beyond.txt")
pytest.importorskip("joblib", reason="pip install -r requirements-beyond.txt")

import beyond_sweep  # noqa: E402
import beyond_tables  # noqa: E402
import beyond_workers as workers  # noqa: E402
import torch  # noqa: E402

from benchmarks import on_gpu  # noqa: E402
from rnn_helpers import beyond, bptt  # noqa: E402
from rnn_helpers.adagrad import SGD, Adagrad, clip_gradients  # noqa: E402
from rnn_helpers.adam import Adam  # noqa: E402
from rnn_helpers.checkpoints import load, save  # noqa: E402
from rnn_helpers.corpora import load_text  # noqa: E402
from rnn_helpers.encoding import Vocabulary, streams  # noqa: E402
from rnn_helpers.forward_pass import forward, init_parameters  # noqa: E402
from rnn_helpers.lstm import init_lstm  # noqa: E402
from rnn_helpers.training import TrainState, train  # noqa: E402

torch.set_num_threads(1)  # on a busy machine two wait for each other


def setting(cell, B=None, dtype=np.float64, seed=0):
    """A network with large weights, and a window."""
    parameters, inputs, targets, h0 = large_weights(B=B, seed=seed)
    if cell == "LSTM":
        rng = np.random.default_rng(seed)
        parameters = init_lstm(7, 6, rng, scale=0.5)
        parameters = parameters._replace(bh=rng.normal(size=24), by=rng.normal(size=7))
        h0 = rng.normal(size=h0.shape[:-1] + (12,))
    parameters = parameters._make(array.astype(dtype) for array in parameters)
    return parameters, inputs, targets, h0.astype(dtype)


def apart(a, b):
    return max(np.abs(x - y).max() for x, y in zip(a, b))


cells = pytest.mark.parametrize("cell", ["RNN", "LSTM"])


@cells
@pytest.mark.parametrize("B", [None, 1, 4])
def test_loss_logits_gradients_and_state_are_the_same(cell, B):
    parameters, inputs, targets, h0 = setting(cell, B)
    network = beyond.to_torch(parameters)
    ours = bptt.loss_and_gradients(parameters, inputs, targets, h0)
    loss, gradients, last = beyond.loss_and_gradients(network, inputs, targets, h0)
    assert abs(loss - ours[0]) < 1e-12 and np.abs(last - ours[2]).max() < 1e-12
    assert type(gradients) is type(parameters) and apart(gradients, ours[1]) < 1e-12
    logits, _ = network(torch.from_numpy(inputs), torch.from_numpy(h0))
    theirs, ours = logits.detach().numpy(), forward(parameters, inputs, h0)[1]
    assert theirs.shape == ours.shape and np.abs(theirs - ours).max() < 1e-12
    again = beyond.loss_and_gradients(network, inputs, targets, h0)  # gradients begin at zero
    assert apart(again[1], gradients) == 0


@cells
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_there_and_back_is_the_same_bit_for_bit(cell, dtype):
    parameters, *_ = setting(cell, dtype=dtype)
    network = beyond.to_torch(parameters)
    back = beyond.from_torch(network)
    assert type(back) is type(parameters)
    for a, b in zip(parameters, back):
        assert a.dtype == b.dtype == dtype and np.array_equal(a, b)
    before = [array.copy() for array in parameters]
    with torch.no_grad():
        for tensor in beyond.trained(network):
            tensor += 1
    back.bh[:] = 7  # neither side changes the other
    assert all(np.array_equal(a, b) for a, b in zip(parameters, before))
    assert not (beyond.from_torch(network).bh == 7).any()


@cells
def test_a_second_bias_is_added_and_does_not_learn(cell):
    parameters, *window = setting(cell)
    network = beyond.to_torch(parameters)
    beyond.loss_and_gradients(network, *window)
    assert network.rnn.bias_hh_l0.grad is None and not network.rnn.bias_hh_l0.any()
    with torch.no_grad():
        network.rnn.bias_hh_l0 += 0.25
    assert np.allclose(beyond.from_torch(network).bh, parameters.bh + 0.25)


def test_other_networks_and_missing_gradients_are_refused():
    with pytest.raises(TypeError, match="only Parameters and LSTMParameters .*not tuple"):
        beyond.to_torch((1, 2))
    network = beyond.to_torch(setting("RNN")[0])
    with pytest.raises(ValueError, match=r"no gradients yet: call loss.backward\(\) first"):
        beyond.gradients_of(network)


def test_an_adam_with_two_rates_has_no_counterpart():
    parameters = setting("RNN")[0]
    network = beyond.to_torch(parameters)
    *others, last = beyond.trained(network)
    groups = [{"params": others}, {"params": [last], "lr": 0.5}]
    with pytest.raises(ValueError, match="one learning rate for all .* has several groups"):
        beyond.adam_from_torch(network, torch.optim.Adam(groups), parameters)


OPTIMIZERS = {
    "SGD": (lambda w: SGD(w, 0.02), lambda w: torch.optim.SGD(w, 0.02)),
    "Adagrad": (
        lambda w: Adagrad(w, 0.02),
        lambda w: torch.optim.Adagrad(w, 0.02, initial_accumulator_value=1e-8, eps=0),
    ),
    "Adam": (lambda w: Adam(w, 0.01), lambda w: torch.optim.Adam(w, 0.01)),
}


@cells
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_and_clipping_agree_step_by_step(cell, name):
    parameters, *window = setting(cell, 4)
    network = beyond.to_torch(parameters)
    ours, theirs = OPTIMIZERS[name][0](parameters), OPTIMIZERS[name][1](beyond.trained(network))
    clipped = 0
    for _ in range(10):
        gradients = bptt.loss_and_gradients(parameters, *window)[1]
        clipped += sum((np.abs(g) > 0.2).sum() for g in gradients)
        ours.step(clip_gradients(gradients, 0.2))
        beyond.loss_and_gradients(network, *window)
        torch.nn.utils.clip_grad_value_(beyond.trained(network), 0.2)
        theirs.step()
        assert apart(parameters, beyond.from_torch(network)) < 1e-12
    assert clipped > 10


@cells
@pytest.mark.parametrize("steps", [0, 3])
def test_adam_changes_sides_in_the_middle_of_a_run(cell, steps):
    parameters, *window = setting(cell, 4)
    adam = Adam(parameters, 0.01, beta1=0.8, beta2=0.99, epsilon=1e-6)
    for _ in range(steps):
        adam.step(bptt.loss_and_gradients(parameters, *window)[1])
    network = beyond.to_torch(parameters)
    optimizer = beyond.adam_to_torch(network, adam)
    back = beyond.adam_from_torch(network, optimizer, parameters)
    for name in ("learning_rate", "beta1", "beta2", "epsilon", "steps"):
        assert getattr(back, name) == getattr(adam, name), name
    assert apart(back.mean, adam.mean) == 0 and apart(back.square, adam.square) == 0
    for _ in range(3):
        adam.step(bptt.loss_and_gradients(parameters, *window)[1])
        beyond.loss_and_gradients(network, *window)
        optimizer.step()
    assert apart(parameters, beyond.from_torch(network)) < 1e-12
    after = beyond.adam_from_torch(network, optimizer, parameters)
    assert after.steps == steps + 3 and apart(after.mean, adam.mean) < 1e-12
    assert apart(after.square, adam.square) < 1e-12


def test_without_pytorch_it_says_how_to_get_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "rnn_helpers.beyond")
    monkeypatch.setitem(sys.modules, "torch", None)  # as if it were not there
    with pytest.raises(ModuleNotFoundError, match="requirements-beyond.txt.* restart the kernel"):
        importlib.import_module("rnn_helpers.beyond")


# Workers


def alone(steps, text="poem", batch=8, hidden=64, length=25, rate=0.002, seed=0):
    """The same run in one program, by `train`: (network, run)."""
    text = load_text(text)
    vocabulary = Vocabulary.from_text(text)
    rng = np.random.default_rng(seed)
    network = init_parameters(len(vocabulary), hidden, rng)
    ids = streams(vocabulary.encode(text), batch)
    return network, train(network, ids, Adam(network, rate), steps, rng, length=length)


@pytest.fixture
def one_worker(tmp_path, monkeypatch):
    """This process as the only worker."""
    if sys.platform in workers.LOOPBACK:
        monkeypatch.setenv("GLOO_SOCKET_IFNAME", workers.LOOPBACK[sys.platform])
    workers.dist.init_process_group(
        "gloo", init_method=(tmp_path / "group").as_uri(), rank=0, world_size=1
    )
    yield
    workers.dist.destroy_process_group()


def test_options_say_what_is_learnt(tmp_path, one_worker, capsys):
    """On a short text, so that epochs end."""
    (tmp_path / "short.txt").write_text(load_text("poem")[:243], encoding="utf-8")
    learnt = {"text": str(tmp_path / "short.txt"), "batch": 3, "hidden": 24, "length": 9,
              "rate": 0.05, "seed": 3}  # fmt: skip
    network, run = alone(60, **learnt)
    kept = tmp_path / "run.npz"
    words = [f"--{name}={value}" for name, value in learnt.items()]
    words += [f"--checkpoint={kept}", "--every=8", f"--report={tmp_path}"]
    workers.work(workers.options([*words, "--steps=20"]))
    workers.work(workers.options([*words, "--steps=60"]))
    said = [f"step {step}: kept in run.npz" for step in (8, 16, 20, 24, 32, 40, 48, 56, 60)]
    said.insert(3, f"1 workers: step 20, loss {run.losses[19]:.6f} nats")
    said.append(f"1 workers: step 60, loss {run.losses[59]:.6f} nats")
    assert capsys.readouterr().out.splitlines() == said
    back, report = load(kept), dict(np.load(tmp_path / "worker_0.npz"))
    assert back.settings == learnt and back.run.position == run.position
    assert apart(back.parameters, network) < 1e-9 and np.abs(back.run.h - run.h).max() < 1e-9
    assert np.allclose(report["losses"], run.losses, rtol=0, atol=1e-9)
    assert np.allclose(back.run.smoothed, run.smoothed, rtol=0, atol=1e-9)
    assert report["seconds"].shape == (40,) and all(report["seconds"] > 0)
    assert back.vocabulary == Vocabulary.from_text(load_text(learnt["text"]))


def test_without_options_it_is_the_run_of_the_page(one_worker, tmp_path, capsys):
    o = workers.options([])
    assert (o.steps, o.every, o.device, o.kill_at) == (100, 20, "cpu", None)
    assert workers.vars_of(o) == {
        "text": "poem", "batch": 8, "hidden": 64, "length": 25, "rate": 0.002, "seed": 0
    }  # fmt: skip
    kept = tmp_path / "run.npz"
    workers.work(workers.options([f"--checkpoint={kept}", "--steps=2"]))
    capsys.readouterr()
    workers.work(workers.options([f"--checkpoint={kept}", "--steps=2", f"--report={tmp_path}"]))
    assert capsys.readouterr().out.startswith("1 workers: step 2, loss ")  # has nothing to do
    assert load(tmp_path / "run.npz").run.step == 2


def test_a_worker_clips_as_train_does(one_worker, tmp_path):
    text = load_text("poem")
    vocabulary = Vocabulary.from_text(text)

    def network():  # its gradients are clipped, and three steps grow no rounding
        return init_parameters(len(vocabulary), 16, np.random.default_rng(4), scale=0.5)

    def by_train(clip):
        learnt, ids = network(), streams(vocabulary.encode(text), 3)
        train(learnt, ids, Adam(learnt, 0.01), 3, np.random.default_rng(5), clip=clip)
        return learnt

    kept, first = tmp_path / "run.npz", network()
    adam = Adam(first, 0.01)
    rng = np.random.default_rng(5)
    save(kept, first, vocabulary, {}, optimizer=adam, run=TrainState(), rng=rng)
    workers.work(workers.options([f"--checkpoint={kept}", "--steps=3", "--batch=3"]))
    learnt = load(kept).parameters
    assert apart(learnt, by_train(5.0)) < 1e-9
    assert apart(learnt, by_train(8.0)) > 1e-4  # so it can be seen


def test_a_worker_says_what_is_kept_when_another_is_gone(tmp_path, monkeypatch):
    monkeypatch.setenv("RANK", "3")
    kept = tmp_path / "run.npz"
    begin = "worker 3: another worker is gone, so the run ends. "
    nothing = begin + "nothing was kept; give --checkpoint FILE to go on after such an end."
    assert workers.goodbye(workers.options([])) == nothing
    o = workers.options([f"--checkpoint={kept}"])
    assert workers.goodbye(o) == nothing
    kept.touch()
    assert workers.goodbye(o) == begin + (
        "run.npz keeps the run up to its last saving; the same command goes on."
    )


def test_two_workers_are_one_batch_and_go_on_bit_for_bit_after_one_is_killed(tmp_path):
    network, run = alone(12)
    kept, often = tmp_path / "run.npz", ("--every", 5)
    order = ("--steps", 12, "--checkpoint", kept, *often, "--report", tmp_path)
    status, said = workers.launch(2, *order, "--kill-at", 8)
    assert status != 0 and load(kept).run.step == 5 and not list(tmp_path.glob("worker*"))
    assert "step 5: kept in run.npz" in said
    assert any("another worker is gone, so the run ends. run.npz keeps" in line for line in said)
    status, said = workers.launch(2, *order)
    assert status == 0 and said[-1].startswith("2 workers: step 12, loss ")
    reports = [dict(np.load(tmp_path / f"worker_{rank}.npz")) for rank in range(2)]
    back = load(kept)
    for name, array in network._asdict().items():
        assert np.array_equal(reports[0][name], reports[1][name])
        assert np.abs(reports[0][name] - array).max() < 1e-10
        assert np.array_equal(reports[0][name], getattr(back.parameters, name))
    assert np.abs(np.subtract(back.run.losses, run.losses)).max() < 1e-10
    assert np.abs(np.subtract(back.run.smoothed, run.smoothed)).max() < 1e-10
    assert back.run.position == run.position and np.abs(back.run.h - run.h).max() < 1e-10
    unbroken = tmp_path / "unbroken.npz"
    workers.launch(2, "--steps", 12, "--checkpoint", unbroken)
    for a, b in zip(load(unbroken).parameters, back.parameters):
        assert np.array_equal(a, b)


def test_what_readers_type_starts_four_workers(tmp_path):
    """The command of the page, in a folder of its own, and it can read the checkpoint of any."""
    folder = tmp_path / "report"
    folder.mkdir()
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    script = ROOT / "notebooks" / "beyond_workers.py"
    command = [*torchrun, "--nproc-per-node", "4", script, "--steps", "3", "--report", folder]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    network, run = alone(3)
    reports = [dict(np.load(folder / f"worker_{rank}.npz")) for rank in range(4)]
    text = load_text("poem")
    ids = streams(Vocabulary.from_text(text).encode(text), 8)
    rng = np.random.default_rng(0)
    first = init_parameters(len(set(text)), 64, rng)
    end = int(rng.integers(1, 26))
    window = ids[:end], ids[1 : end + 1], np.zeros((8, 64))
    gradients = bptt.loss_and_gradients(first, *window)[1]
    for report in reports:
        for name in network._fields:
            assert np.abs(report[f"first.{name}"] - getattr(gradients, name)).max() < 1e-12
            assert np.array_equal(report[name], reports[0][name])
            assert np.abs(report[name] - getattr(network, name)).max() < 1e-10


def test_a_batch_that_cannot_be_shared_is_refused():
    done = subprocess.run(
        workers.command(2, "--batch", 7), capture_output=True, text=True, env=os.environ.copy()
    )
    assert done.returncode != 0
    assert "7 streams cannot be shared equally by 2 workers" in done.stderr


# Sweeps

TASKS = [("SGD", 0.01, 0), ("Adagrad", 0.02, 1), ("Adam", 0.005, 0), ("SGD", 0.02, 2)]


def test_a_sweep_is_the_tasks_one_by_one_and_goes_on(tmp_path):
    serial = [beyond_sweep.score(*task) for task in TASKS]
    assert len(set(serial)) == 4
    seen = []

    def stop(task, bits, kept):
        assert not kept
        seen.append((task, bits))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        beyond_sweep.sweep(TASKS, tmp_path, callback=stop)
    assert seen == list(zip(TASKS, serial))[:2]
    kept = {path.parent.name for path in tmp_path.rglob("output.pkl")}
    assert len(kept) >= 2
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("output.pkl")}
    told = []
    assert beyond_sweep.sweep(TASKS, tmp_path, callback=lambda *a: told.append(a)) == serial
    assert [(task, bits) for task, bits, _ in told] == list(zip(TASKS, serial))
    assert [was_kept for *_, was_kept in told].count(True) == len(times) >= 2 and told[0][2]
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
    assert len(list(tmp_path.rglob("output.pkl"))) == 4


def test_a_sweep_prints_nothing(tmp_path, capsys):
    assert len(beyond_sweep.sweep([("SGD", 0.01, 0, 5)], tmp_path, workers=1)) == 1
    assert capsys.readouterr() == ("", "")


def test_without_joblib_it_says_how_to_get_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "beyond_sweep")
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(ModuleNotFoundError, match="requirements-beyond.txt.* restart the kernel"):
        importlib.import_module("beyond_sweep")


def test_a_sweep_through_a_dask_scheduler(tmp_path):
    distributed = pytest.importorskip(
        "distributed", reason="pip install -r requirements-beyond.txt"
    )
    serial = [beyond_sweep.score(*task) for task in TASKS[:2]]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        before = len(list(tmp_path.rglob("output.pkl")))
        found = beyond_sweep.sweep(TASKS[:2], tmp_path, scheduler=cluster.scheduler_address)
        done = [entry for entry in cluster.scheduler.transition_log if "memory" in str(entry)]
    assert len(done) >= 2, "its workers have done nothing"
    assert found == serial and before == 0 and len(list(tmp_path.rglob("output.pkl"))) == 2


# What the benchmarks write


def test_the_gpu_table_has_a_row_for_each_size(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(on_gpu, "HIDDEN", (8,))
    monkeypatch.setattr(on_gpu, "STREAMS", (1, 3))
    rows = on_gpu.table(devices=("cpu",), seconds=0)
    assert [(r["hidden"], r["streams"]) for r in rows] == [(8, 1), (8, 3)]
    assert all(r["cpu"] > 0 for r in rows)
    monkeypatch.setattr(on_gpu, "RESULTS", tmp_path / "gpu.json")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    on_gpu.main()
    assert capsys.readouterr().out == "No GPU table: PyTorch finds no GPU here\n"
    assert not (tmp_path / "gpu.json").exists()


def test_a_gpu_that_is_found_is_measured_and_its_table_says_from_where_on_it_is_faster(
    monkeypatch, tmp_path
):
    """A stand-in for the measurement: this machine may have no GPU."""
    took = {"cpu": lambda H, B: H * B / 100, "cuda": lambda H, B: 2.0 + H / 1000}
    monkeypatch.setattr(on_gpu, "milliseconds", lambda device, H, B: took[device](H, B))
    monkeypatch.setattr(on_gpu, "RESULTS", tmp_path / "gpu.json")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "A Card")
    on_gpu.main()
    stored = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))
    said = beyond_tables.gpu_table(stored).split("\n")
    assert said[0].startswith("A Card beside ") and said[0].endswith(": ms a step")
    assert len(said) == 1 + len(on_gpu.HIDDEN) * len(on_gpu.STREAMS) + len(on_gpu.STREAMS)
    assert said[1] == "H   64, streams   1:     0.64 without,     2.06 on it, 0.31 times as fast"
    assert said[-3:] == [
        "with   1 streams it is faster from H  256 on",
        "with  32 streams it is faster from H   64 on",
        "with 256 streams it is faster from H   64 on",
    ]
    for row in stored["rows"]:  # a tie is no gain, and a size in the middle is not "from on"
        if row["streams"] == 1:
            row["cpu"] = row["cuda"] * (1 if row["hidden"] != 256 else 2)
    assert beyond_tables.gpu_table(stored).split("\n")[-3] == (
        "with   1 streams it is not faster up to H 2048"
    )


def test_the_stored_measurements_have_every_size():
    from benchmarks import workers as bench

    stored = json.loads(bench.RESULTS.read_text(encoding="utf-8"))
    sizes = {(s["workers"], s["hidden"], s["streams"]) for s in stored["steps"]}
    assert {(1, H, B) for H in bench.HIDDEN for B in bench.ALONE} <= sizes
    assert {(p, H, 32 // p) for H in bench.HIDDEN for p in (2, 4)} <= sizes
    assert {(m["workers"], m["bytes"]) for m in stored["messages"]} >= {
        (p, size) for p in (2, 4) for size in bench.MESSAGES
    }
    times = [entry["us"] for entry in stored["steps"] + stored["messages"]]
    assert all(len(us) == bench.RUNS and min(us) > 0 for us in times)


def test_runs_are_stored_side_by_side():
    """Three measurements, each with its own times of the same sizes."""
    from benchmarks import workers as bench

    size, message = {"workers": 1, "hidden": 64, "streams": 4}, {"workers": 2, "bytes": 32}
    runs = [([size | {"us": us}], [message | {"us": 10 * us}]) for us in (3.5, 1.0, 2.0)]
    assert json.loads(bench.written({"cores": 2}, runs)) == {
        "machine": {"cores": 2},
        "steps": [size | {"us": [3.5, 1.0, 2.0]}],
        "messages": [message | {"us": [35.0, 10.0, 20.0]}],
    }


def test_tables_say_what_is_stored():
    assert beyond_tables.span([2.04, 1.26, 1.5]) == "1.3 to 2.0"
    assert beyond_tables.span(np.array([0.126, 2]), 2) == "0.13 to 2.00"
    assert beyond_tables.duration([86_400 * 2, 86_400 * 365.25]) == "2.0 to 365.2 days"
    assert beyond_tables.duration([86_400 * 730.5, 86_400 * 365.25]) == "1.0 to 2.0 years"
    assert beyond_tables.duration([5400, 86_399]) == "1.5 to 24.0 hours"
    gains = {(64, 2): [0.9, 1.0], (64, 4): [0.5, 0.625], (8, 2): [2, 2], (8, 4): [3, 4]}
    assert beyond_tables.gains_table(gains) == (
        "  H   8: 2 workers 2.00 to 2.00, 4 workers 3.00 to 4.00\n"
        "  H  64: 2 workers 0.90 to 1.00, 4 workers 0.50 to 0.62"
    )
    text = {"name": "text8", "learnt": 90_000_000, "symbols": 27, "what": "letters"}
    assert beyond_tables.texts_table([text, text]).split("\n")[1] == (
        "text8                90.00 million learnt,  27 symbols: letters"
    )
    known = {
        "text": "text8",
        "network": "RNN",
        "source": "Bai",
        "bits": 1.694,
        "size": "5 million",
        "settings": "batches of 16",
    }
    in_nats = {"text": "plays", "network": "GPT", "source": "he", "nats": np.log(4)}
    assert beyond_tables.published_bars([known, in_nats]) == [
        ("text8: RNN (Bai)", 1.694), ("plays: GPT (he)", 2.0)
    ]  # fmt: skip
    model = load(ROOT / "data" / "models" / "tale_of_two_cities_lstm.npz")
    ((name, bits),) = beyond_tables.our_bars([model])
    assert name == "A Tale of Two Cities: LSTM (this series)"
    stored = json.loads((ROOT / "data" / "longer_novel.json").read_text(encoding="utf-8"))
    assert round(bits, 4) == stored["LSTM"]["bits"]
    assert beyond_tables.sizes_table([known, in_nats], [model]).split("\n") == [
        "text8            RNN            1.69 bits, 5 million numbers",
        "    batches of 16",
        "plays            GPT            2.00 bits, size not known here",
        "A Tale of Two Cities: LSTM 1.97 bits, 357,962 numbers",
        "    H 256, Adam 0.003, 9,000 windows of 50, streams 32",
    ]
    story = load(ROOT / "data" / "models" / "story.npz")
    assert beyond_tables.our_bars([story])[0][0] == "A Word Ahead: RNN (this series)"
