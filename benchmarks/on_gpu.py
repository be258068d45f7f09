"""A step of training on the processor and on a GPU, for chapter 11: a part of `make bench`.

python -m benchmarks.on_gpu      writes benchmarks/gpu.json where PyTorch finds a GPU

Where there is none, or no PyTorch, it says so and writes nothing.
"""

import json
import platform
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

RESULTS = Path(__file__).with_name("gpu.json")
V, T = 60, 25
HIDDEN, STREAMS = (64, 256, 1024, 2048), (1, 32, 256)


def milliseconds(device, hidden_size, batch, seconds=2.0):
    """The median time of a step with Adam in float32; "cpu" uses all cores, "cuda" one GPU."""
    import torch

    from rnn_helpers import beyond
    from rnn_helpers.forward_pass import init_parameters

    rng = np.random.default_rng(0)
    parameters = init_parameters(V, hidden_size, rng, dtype=np.float32)
    network = beyond.to_torch(parameters).to(device)
    optimizer = torch.optim.Adam(beyond.trained(network), 1e-4)
    x, y = torch.from_numpy(rng.integers(0, V, (2, T, batch))).to(device)
    h = torch.zeros(batch, hidden_size, device=device)

    def step():
        begin = perf_counter()
        optimizer.zero_grad()
        beyond.summed_loss(network(x, h)[0], y).backward()
        optimizer.step()
        if device != "cpu":
            torch.cuda.synchronize()  # a GPU works on while Python goes on
        return 1000 * (perf_counter() - begin)

    for _ in range(3):
        step()
    times, begin = [], perf_counter()
    while len(times) < 5 or perf_counter() - begin < seconds:
        times.append(step())
    return round(median(times), 3)


def table(devices=("cpu", "cuda"), **limits):
    """A row for each size: hidden size, streams, and milliseconds by device."""
    return [
        {"hidden": H, "streams": B} | {d: milliseconds(d, H, B, **limits) for d in devices}
        for H in HIDDEN for B in STREAMS
    ]  # fmt: skip


def main():
    """Measure and write, or say why not."""
    if find_spec("torch") is None:
        return print("No GPU table: PyTorch is not installed (requirements-beyond.txt)")
    import torch

    if not torch.cuda.is_available():
        return print("No GPU table: PyTorch finds no GPU here")
    about = {
        "gpu": torch.cuda.get_device_name(),
        "processor": platform.processor() or platform.machine(),
        "PyTorch": torch.__version__,
    }
    text = json.dumps({"machine": about, "rows": table()}, indent=1)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print("written:", RESULTS.name)


if __name__ == "__main__":
    main()
