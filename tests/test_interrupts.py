"""The Stop button, in a real kernel, pressed at many moments: it always ends the cell.

And it loses nothing: what is learnt in pieces between presses equals one unbroken run.
"""

import time

import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

SETUP = """
import numpy as np
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.forward_pass import init_parameters
from rnn_helpers.training import TrainState, train
ids = np.random.default_rng(0).integers(0, 5, 600)
def make(seed=0):
    rng = np.random.default_rng(seed)
    parameters = init_parameters(5, 24, rng)
    return parameters, ids, Adagrad(parameters, 0.05), rng
"""
DELAYS = np.random.default_rng(1).uniform(0.02, 0.5, 6)


class Kernel:
    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def run(self, code, press_after=None):
        """Run a cell, press Stop after some seconds; the reply, and what was printed."""
        printed, errors = [], []

        def listen(message):
            content = message["content"]
            printed.append(content.get("text", ""))
            errors.append(content.get("ename", ""))

        if press_after is not None:
            # the press must come while the cell runs: the cell says when it begins
            code = "print('begun', flush=True)\n" + code
        identity = self.client.execute(code)
        pressed = press_after is None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != identity:
                continue
            listen(message)
            if not pressed and "begun" in "".join(printed):
                time.sleep(press_after)
                self.manager.interrupt_kernel()
                pressed = True
            if message["content"].get("execution_state") == "idle":
                return "".join(errors), "".join(printed)
        raise TimeoutError("the cell did not end")


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    error, _ = kernel.run(SETUP)
    assert not error
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("delay", DELAYS)
def test_one_press_ends_a_comparison_and_no_half_run_counts(kernel, delay):
    kernel.run("scores = []")
    error, _ = kernel.run(
        "for seed in range(1000):\n"
        "    run = train(*make(seed)[:3], 400, make(seed)[3])\n"
        "    scores.append(run.step)",
        press_after=delay,
    )
    assert error in ("TrainingInterrupted", "KeyboardInterrupt")
    _, printed = kernel.run("print(set(scores) <= {400}, len(scores) < 1000)")
    assert printed == "True True\n"


@pytest.mark.parametrize("delay", DELAYS)
def test_one_press_ends_a_loop_of_single_steps(kernel, delay):
    kernel.run("run, network = TrainState(), make()")
    error, _ = kernel.run(
        "while run.step < 100_000:\n    train(*network[:3], 1, network[3], run=run)",
        press_after=delay,
    )
    assert error in ("TrainingInterrupted", "KeyboardInterrupt")
    _, printed = kernel.run("print(0 < run.step < 100_000, len(run.losses) == run.step)")
    assert printed == "True True\n"


def test_a_press_in_a_callback_ends_the_cell_after_the_step(kernel):
    kernel.run("import time\nrun, network = TrainState(), make()")
    error, printed = kernel.run(
        "train(*network[:3], 1000, network[3], run=run, callback=lambda run: time.sleep(1))",
        press_after=0.2,
    )
    assert error == "TrainingInterrupted"
    assert kernel.run("print(run.step)")[1] == "1\n"


def test_pieces_between_presses_equal_an_unbroken_run(kernel):
    kernel.run("run, network = TrainState(), make()")
    code = "train(*network[:3], 1500 - run.step, network[3], run=run)"
    for delay in DELAYS:
        kernel.run(code, press_after=delay / 4)
    assert not kernel.run(code)[0]
    _, printed = kernel.run(
        "other = make()\n"
        "whole = train(*other[:3], 1500, other[3])\n"
        "print(run.losses == whole.losses, np.array_equal(network[0].Whh, other[0].Whh))"
    )
    assert printed == "True True\n"


def test_a_thread_that_trains_goes_on_and_the_cell_ends(kernel):
    error, _ = kernel.run(
        "import threading, time\n"
        "network, run = make(), TrainState()\n"
        "arguments = {'run': run}\n"
        "work = threading.Thread(target=train, args=(*network[:3], 300, network[3]),"
        " kwargs=arguments)\n"
        "work.start()\n"
        "time.sleep(30)",
        press_after=0.1,
    )
    assert error == "KeyboardInterrupt"
    assert kernel.run("work.join()\nprint(run.step)")[1] == "300\n"
