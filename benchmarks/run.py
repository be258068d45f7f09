"""Measure every goal, print a table, and write benchmarks/results.json.

python -m benchmarks.run              everything, about ten minutes
python -m benchmarks.run --seeds 0    all but the time to quality
"""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
from pathlib import Path
from statistics import median

from benchmarks import goals, in_c, quality, rounds

RESULTS = Path(__file__).with_name("results.json")
OTHERS = {"PyTorch": "torch", "JAX": "jax"}


def here(entries):
    """The entries that can run on this machine."""

    def can_run(label):
        name = label.partition(" ")[0]
        if name == "C":
            return in_c.available()
        return name not in OTHERS or importlib.util.find_spec(OTHERS[name]) is not None

    return {label: entry for label, entry in entries.items() if can_run(label)}


def machine():
    """The processor, and what NumPy multiplies matrices with."""
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        processor = names[0] if names else processor
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "threads": 1,
    }


def compiler():
    """The first line that the C compiler says about itself."""
    said = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()[0]


def measure(turns):
    """All figures: {name: (figure, goal or None)}."""
    steps = rounds.seconds(here(goals.STEPS), turns)
    figures = {}
    wanted = {"rnn_helpers": 3.5, "rnn_helpers float32": 5.0}
    for label in list(steps)[1:]:
        figure = goals.times_as_fast(steps, label, "textbook")
        figures[f"1 step: {label}"] = figure, wanted.get(label)

    batches = rounds.seconds(here(goals.BATCHES), turns)
    for label in [name for name in batches if name not in ("textbook", "matrix product")]:
        goal = 20.0 if label == "rnn_helpers" else None
        figures[f"2 batch of 32: {label}"] = (
            goals.times_as_fast(batches, label, "textbook", work=32), goal,
        )  # fmt: skip
    if "PyTorch" in batches:
        figures["2 batch of 32: rnn_helpers against PyTorch"] = (
            goals.times_as_fast(batches, "rnn_helpers", "PyTorch"), 2.0,
        )  # fmt: skip
    work = goals.products(**goals.LARGE, T=25, B=32) / (2 * 1024**3)
    share = goals.times_as_fast(batches, "rnn_helpers", "matrix product", work)
    figures["2 batch of 32: share of the matrix-product peak"] = share, 0.6

    texts = rounds.seconds(goals.TEXTS, turns)
    for task, plain in (("samples", "textbook samples"), ("reads", "textbook reads")):
        for label in [name for name in texts if name.startswith(f"rnn_helpers {task}")]:
            goal = 10.0 if "float32" in label else None
            figures[f"4 {label}"] = goals.times_as_fast(texts, label, plain), goal
    speeds = {label: round(1e6 * median(values)) for label, values in steps.items()}
    return figures, speeds


def show(figures, about):
    """Print the table."""
    print("\nTimes as fast as the textbook loop, if not said otherwise; medians of rounds.\n")
    print(f"{'':52}{'figure':>8}{'goal':>7}")
    for name, (figure, goal) in figures.items():
        verdict = "" if goal is None else f"{goal:7g}  {'met' if figure >= goal else 'NOT MET'}"
        print(f"{name:52}{figure:8.2f}{verdict}")
    print("\n" + ", ".join(f"{name}: {value}" for name, value in about.items()))


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--seeds", type=int, default=3, help="of the time to quality; 0: none")
    options = parser.parse_args()
    os.environ.update(rounds.ONE_THREAD)
    figures, speeds = measure(options.rounds)
    curves = []
    if options.seeds:
        sooner, curves = quality.measure(options.seeds)
        figures["3 time to quality, the slowest seed"] = min(sooner), 20.0
        figures["3 time to quality, the median"] = median(sooner), 20.0
    about = machine() | ({"compiler": compiler()} if in_c.available() else {})
    show(figures, about)
    rows = {n: {"figure": round(f, 2), "goal": g} for n, (f, g) in figures.items()}
    results = {"machine": about, "figures": rows, "step_microseconds": speeds, "curves": curves}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
