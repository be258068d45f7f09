"""Measure every goal, print a table, and write benchmarks/results.json.

python -m benchmarks.run              everything, three times over: about ten minutes
python -m benchmarks.run --seeds 0    all but the time to quality
"""

import argparse
import json
import os
import platform
import re
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks import goals, in_c, quality, rounds

RESULTS = Path(__file__).with_name("results.json")
OTHERS = {"PyTorch": "torch", "JAX": "jax"}
EXPLANATION = """
Speed in times of the textbook loop, in the same precision if nothing else is said, or over the
contender that is named; texts (4) over the float64 loop. The median of the runs, the lowest and
the highest, and in how many runs the goal was met. JAX compiles the whole step, and so does
PyTorch in its third way: there the goal is to be level, not ahead.
"""


def here(entries):
    """The entries that can run on this machine."""

    def can_run(label):
        name = re.match(r"\w+", label)[0]
        if name == "C":
            return in_c.available()
        return name not in OTHERS or find_spec(OTHERS[name]) is not None

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
    } | {name: version(module) for name, module in OTHERS.items() if find_spec(module)}


def compiler():
    """The first line that the C compiler says about itself."""
    said = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()[0]


def measure(turns):
    """All figures, {name: (figure, goal or None)}, and microseconds a step."""
    figures, speeds = {}, {}
    for entries, wanted in goals.TASKS:
        times = rounds.seconds(here(entries), turns)
        for figure in wanted:
            value = goals.figure_of(times, figure)
            if value is not None:
                figures[figure.name] = value, figure.goal
        if entries is goals.STEPS:
            speeds = {label: round(1e6 * median(values)) for label, values in times.items()}
    return figures, speeds


def gather(runs, quality_ratios):
    """From several runs: {name: {figure, low, high, goal, met in how many runs}}."""
    rows = {}
    for name, (_, goal) in runs[0].items():
        rows[name] = [run[name][0] for run in runs], goal
    if quality_ratios:
        rows["3 time to quality, each seed once"] = quality_ratios, 20.0
    return {
        name: {
            "figure": round(median(values), 2), "low": round(min(values), 2),
            "high": round(max(values), 2), "goal": goal,
            "met": None if goal is None else sum(value >= goal for value in values),
            "of": len(values),
        }
        for name, (values, goal) in rows.items()
    }  # fmt: skip


def show(rows, about):
    """Print the table."""
    print(EXPLANATION)
    print(f"{'':58}{'figure':>8}{'low':>8}{'high':>8}{'goal':>7}  met")
    for name, row in rows.items():
        goal = "" if row["goal"] is None else f"{row['goal']:7g}  {row['met']} of {row['of']}"
        print(f"{name:58}{row['figure']:8.2f}{row['low']:8.2f}{row['high']:8.2f}{goal}")
    print("\n" + ", ".join(f"{name}: {value}" for name, value in about.items()))


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="of everything but the training")
    parser.add_argument("--rounds", type=int, default=21, help="in each run")
    parser.add_argument("--seeds", type=int, default=3, help="of the time to quality; 0: none")
    options = parser.parse_args()
    os.environ.update(rounds.ONE_THREAD)
    runs, speeds = [], {}
    for number in range(1, options.runs + 1):
        print(f"run {number} of {options.runs}", flush=True)
        figures, speeds = measure(options.rounds)
        runs.append(figures)
    sooner, curves = quality.measure(options.seeds) if options.seeds else ([], [])
    rows = gather(runs, sooner)
    about = machine() | ({"compiler": compiler()} if in_c.available() else {})
    show(rows, about)
    results = {"machine": about, "figures": rows, "step_microseconds": speeds, "curves": curves}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
