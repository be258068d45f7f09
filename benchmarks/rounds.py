"""Fair timing: one process and one thread each, rounds that take turns, medians.

A process of its own, because memory that one contender has given back is at hand for the
next. Processor time, because other work on the machine must not count.
"""

import multiprocessing
import os
import time

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
ONE_THREAD = {name: "1" for name in THREADS} | {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
}


def serve(connection, name, settings):
    """In the other process: prepare a contender, then time it as often as asked."""
    from benchmarks import contenders

    run = getattr(contenders, name)(**settings)
    run(2)  # warm
    connection.send("ready")
    while n := connection.recv():
        begin = time.process_time()
        run(n)
        connection.send((time.process_time() - begin) / n)


def seconds(entries, rounds=21, each=0.1):
    """Processor seconds of one run of each entry of {label: (contender, settings)}.

    Returns {label: one figure a round}. In each round every contender runs for about
    `each` seconds, one after the other.
    """
    os.environ.update(ONE_THREAD)  # before the processes import NumPy
    spawn, ends, times = multiprocessing.get_context("spawn"), {}, {}
    for label, (name, settings) in entries.items():
        ends[label], other = spawn.Pipe()
        spawn.Process(target=serve, args=(other, name, settings), daemon=True).start()
        ends[label].recv()
    repeats = {label: 1 for label in ends}
    for turn in range(rounds + 1):
        for label, end in ends.items():
            end.send(repeats[label])
            took = end.recv()
            if turn:  # the first turn says how often to run
                times[label].append(took)
            else:
                times[label], repeats[label] = [], max(1, round(each / took))
    for end in ends.values():
        end.send(0)
    return times
