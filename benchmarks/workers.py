"""What a data-parallel step costs, and its parts measured on their own, for chapter 11.

python -m benchmarks.workers     writes benchmarks/workers.json: three to five minutes

It starts itself with four workers (torchrun), three times over. One, two or all of them work, in
turns, while the others wait: whole steps of training, and exchanges of messages of many sizes. Of
each it keeps the wall-clock time that one in ten is below, as other programs only ever add to it.
The times of all three are kept, as `us`, in microseconds. Leave the machine alone meanwhile.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

RESULTS = Path(__file__).with_name("workers.json")
V, T = 60, 25
HIDDEN, ALONE, TOGETHER = (64, 128, 256, 512), (4, 8, 16, 32, 64), 32
MESSAGES = [2**k for k in range(5, 24, 2)]  # in bytes
WORKERS, RUNS = (1, 2, 4), 3


def step_of(H, B, group):
    """One step of training of a network with H neurons, on B streams of this worker."""
    import torch
    from torch.nn.parallel import DistributedDataParallel

    from rnn_helpers import beyond
    from rnn_helpers.forward_pass import init_parameters

    rng = np.random.default_rng(0)
    network = beyond.to_torch(init_parameters(V, H, rng))
    optimizer = torch.optim.Adam(beyond.trained(network), 1e-4)
    averaged = DistributedDataParallel(network, process_group=group)
    x, y = torch.from_numpy(rng.integers(0, V, (2, T, B)))
    h = torch.zeros(B, H, dtype=torch.float64)

    def step():
        optimizer.zero_grad()
        beyond.summed_loss(averaged(x, h)[0], y).backward()
        torch.nn.utils.clip_grad_value_(beyond.trained(network), 5.0)
        optimizer.step()

    return step


def in_turns(tasks, seconds=3.0, least=15):
    """Microseconds of each task (workers, function), in turns; the function is None for others."""
    import torch
    import torch.distributed as dist

    rounds, times = torch.tensor(3), [[] for _ in tasks]
    while len(times[0]) < rounds:
        begin = perf_counter()
        for (_, function), found in zip(tasks, times):
            dist.barrier()
            start = perf_counter()
            if function is not None:
                function()
            found.append(perf_counter() - start)
        dist.barrier()
        if len(times[0]) == 3:  # now known: how long a round takes
            rounds += max(least, min(int(seconds / (perf_counter() - begin)), 500))
            dist.broadcast(rounds, 0)
    return [round(1e6 * float(np.quantile(found[3:], 0.1)), 1) for found in times]


def measure():
    """Everything; called in every worker."""
    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    groups = {p: dist.new_group(range(p)) for p in WORKERS}

    def entries(sizes, make, called, **about):
        """Measure p workers on a size each, [(p, size)]; make(p, size) is what they do."""
        done = [(p, make(p, size) if rank < p else None) for p, size in sizes]
        return [{"workers": p, **about, called: size, "us": us}
                for (p, size), us in zip(sizes, in_turns(done))]  # fmt: skip

    steps, messages = [], []
    for H in HIDDEN:
        sizes = [(1, B) for B in ALONE]
        sizes += [(p, B) for p in WORKERS[1:] for B in sorted({TOGETHER // p, TOGETHER // 2})]
        steps += entries(sizes, lambda p, B, H=H: step_of(H, B, groups[p]), "streams", hidden=H)
    for size in MESSAGES:
        data = torch.zeros(size // 8, dtype=torch.float64)
        both = [(p, size) for p in WORKERS[1:]]
        messages += entries(
            both, lambda p, _, data=data: lambda: dist.all_reduce(data, group=groups[p]), "bytes"
        )
    if rank == 0:
        print(json.dumps([steps, messages]), flush=True)
    dist.barrier()
    dist.destroy_process_group()


def run():
    """Start the workers once; what they measured: steps and messages."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    done = subprocess.run(
        [*torchrun, "--nproc-per-node", str(max(WORKERS)), "-m", "benchmarks.workers", "--work"],
        env=os.environ | {"OMP_NUM_THREADS": "1"}, text=True, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def merged(runs):
    """The entries of several runs, each with a list of times in the place of one."""
    return [first | {"us": [entry["us"] for entry in (first, *others)]}
            for first, *others in zip(*runs)]  # fmt: skip


def written(machine, runs):
    """The text of workers.json: a line for each size."""
    lines = [f'"machine": {json.dumps(machine)}']
    for name, found in zip(("steps", "messages"), zip(*runs)):
        rows = ",\n  ".join(json.dumps(entry) for entry in merged(found))
        lines.append(f'"{name}": [\n  {rows}\n ]')
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def main():
    """Measure, and write it down."""
    from benchmarks.run import machine

    text = written(machine(), [run() for _ in range(RUNS)])
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if "--work" in sys.argv:
        measure()
    else:
        main()
