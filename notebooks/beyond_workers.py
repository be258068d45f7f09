"""Train one network with several workers: data-parallel, with PyTorch's DistributedDataParallel.

On one machine, from the folder of the series:

    .venv/bin/torchrun --standalone --nproc-per-node 2 notebooks/beyond_workers.py --steps 100

Each worker has the whole network and a part of the streams. After each backward pass the workers
exchange their gradients and all take the same step, with the mean. The options say what is learnt;
`--checkpoint FILE` keeps the run in a file of `rnn_helpers.checkpoints`, and the same command
goes on from there, also with another number of workers. Chapter 11 explains it.
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

from rnn_helpers import beyond
from rnn_helpers.adam import Adam
from rnn_helpers.checkpoints import load, save
from rnn_helpers.corpora import load_text
from rnn_helpers.encoding import Vocabulary, streams
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.training import SmoothedLoss, TrainState, zero_state

import torch  # isort: skip  (after beyond, which says how to get it)
import torch.distributed as dist  # isort: skip
from torch.nn.parallel import DistributedDataParallel  # isort: skip

LOOPBACK = {"linux": "lo", "darwin": "lo0"}  # by sys.platform; Windows finds its own


def options(words=None):
    """The command line, with its defaults."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--text", default="poem", help="a name that load_text knows")
    parser.add_argument("--steps", type=int, default=100, help="that the run has in the end")
    parser.add_argument("--batch", type=int, default=8, help="streams, of all workers together")
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--length", type=int, default=25, help="characters in a window")
    parser.add_argument("--rate", type=float, default=0.002)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--checkpoint", type=Path, help="where to keep the run, and to go on from")
    parser.add_argument("--every", type=int, default=20, help="steps between two savings")
    parser.add_argument("--report", type=Path, help="a folder for what each worker ends with")
    parser.add_argument("--kill-at", type=int, help="kill the last worker before this step")
    return parser.parse_args(words)


def start(o, ids, vocabulary):
    """Parameters, optimizer, run and generator: of the checkpoint if there is one, or fresh."""
    if o.checkpoint and o.checkpoint.exists():
        kept = load(o.checkpoint)
        return kept.parameters, kept.optimizer, kept.run, kept.rng
    rng = np.random.default_rng(o.seed)
    parameters = init_parameters(len(vocabulary), o.hidden, rng)
    return parameters, Adam(parameters, o.rate), TrainState(), rng


def next_window(run, ids, parameters, rng, length):
    """Where the next window ends, as in `rnn_helpers.training.train`; it resets the state."""
    if run.position == 0:  # a new epoch
        run.h = zero_state(parameters, ids.shape[1:])
        length = int(rng.integers(1, length + 1))
    return min(run.position + length, len(ids) - 1)


def mean_over_workers(number):
    """The mean of what each worker has."""
    total = torch.tensor(number, dtype=torch.float64)
    dist.all_reduce(total)
    return total.item() / dist.get_world_size()


def gathered(mine):
    """The streams' states of all workers, side by side: (B, S)."""
    parts = [torch.empty_like(mine) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, mine)
    return torch.cat(parts).numpy()


def work(o):
    """What one worker does from the first step to the last."""
    rank, workers = dist.get_rank(), dist.get_world_size()
    if o.batch % workers:
        raise ValueError(f"{o.batch} streams cannot be shared equally by {workers} workers")
    text = load_text(o.text)
    vocabulary = Vocabulary.from_text(text)
    ids = streams(vocabulary.encode(text), o.batch)
    share = slice(rank * o.batch // workers, (rank + 1) * o.batch // workers)
    parameters, adam, run, rng = start(o, ids, vocabulary)
    smooth = SmoothedLoss(run.smoothed[-1] if run.smoothed else np.log(len(vocabulary)))

    network = beyond.to_torch(parameters).to(o.device)
    averaged = DistributedDataParallel(network)  # its backward pass averages over the workers
    optimizer = beyond.adam_to_torch(network, adam)
    first, seconds = None, []
    while run.step < o.steps:
        if run.step == o.kill_at and rank == workers - 1:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        begin = perf_counter()
        end = next_window(run, ids, parameters, rng, o.length)
        place = slice(run.position, end), slice(run.position + 1, end + 1)
        x, y = (torch.tensor(ids[p, share], device=o.device) for p in place)
        optimizer.zero_grad()
        logits, h = averaged(x, torch.tensor(run.h[share], device=o.device))
        loss = beyond.summed_loss(logits, y)
        loss.backward()
        if first is None:
            first = beyond.gradients_of(network)
        torch.nn.utils.clip_grad_value_(beyond.trained(network), 5.0)
        optimizer.step()

        run.h = gathered(h.detach().cpu())
        run.losses.append(mean_over_workers(loss.item()) / (end - run.position))
        run.smoothed.append(smooth.update(run.losses[-1]))
        run.step, run.position = run.step + 1, end % (len(ids) - 1)
        seconds.append(perf_counter() - begin)
        if rank == 0 and o.checkpoint and (run.step % o.every == 0 or run.step == o.steps):
            parameters = beyond.from_torch(network)
            adam = beyond.adam_from_torch(network, optimizer, parameters)
            save(o.checkpoint, parameters, vocabulary, vars_of(o), optimizer=adam, run=run,
                 rng=rng)  # fmt: skip
            print(f"step {run.step}: kept in {o.checkpoint.name}", flush=True)
    if o.report:
        weights = beyond.from_torch(network)._asdict()
        gradients = {f"first.{name}": g for name, g in (first._asdict() if first else {}).items()}
        np.savez(o.report / f"worker_{rank}.npz", losses=run.losses, seconds=seconds, **weights,
                 **gradients)  # fmt: skip
    if rank == 0:
        print(f"{workers} workers: step {run.step}, loss {run.losses[-1]:.6f} nats", flush=True)


def vars_of(o):
    """The options that say what is learnt and how, for the checkpoint."""
    names = ("text", "batch", "hidden", "length", "rate", "seed")
    return {name: getattr(o, name) for name in names}


def main():
    """Join the other workers, work, and say in words what ended the run."""
    o = options()
    if os.environ.get("GROUP_WORLD_SIZE", "1") == "1" and sys.platform in LOOPBACK:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK[sys.platform])  # one machine alone
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(goodbye(o)))  # torchrun ends the others
    try:
        work(o)
        dist.barrier()  # nobody leaves while rank 0 still saves: torchrun might end it, too
    except RuntimeError as error:
        if not any(word in str(error).lower() for word in ("connection", "gloo", "peer")):
            raise
        sys.exit(goodbye(o))
    finally:
        dist.destroy_process_group()
    # A thread of PyTorch's now and then aborts a program that has done its work and ends as usual
    # ("terminate called without an active exception"), so this one ends at once.
    sys.stdout.flush()
    os._exit(0)


def goodbye(o):
    """What a worker says when another one is gone."""
    kept = "nothing was kept; give --checkpoint FILE to go on after such an end"
    if o.checkpoint and o.checkpoint.exists():
        kept = f"{o.checkpoint.name} keeps the run up to its last saving; the same command goes on"
    return f"worker {os.environ['RANK']}: another worker is gone, so the run ends. {kept}."


def command(workers, *words):
    """The command that starts this program with several workers on this machine, as a list."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return [*torchrun, "--nproc-per-node", str(workers), __file__, *map(str, words)]


def launch(workers, *words):
    """Run `command`; returns its exit status and the lines that the workers said."""
    done = subprocess.run(
        command(workers, *words), text=True, capture_output=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    said = (done.stdout + done.stderr).splitlines()
    return done.returncode, [line for line in said if line.startswith(("step", "worker"))
                             or " workers: step" in line]  # fmt: skip


if __name__ == "__main__":
    main()
