"""The checks, checked: each known bug, put into our own code, must make a named test fail.

The bugs are from published code; `rnn_helpers.bugs` holds them. Where one no longer applies
because a module was rewritten, the error says what to adapt; do not drop it.
"""

import os
import subprocess
import sys
import tomllib

import mutants
import numpy as np
import pytest
import test_bptt
import test_loss
import test_lstm

from rnn_helpers import bptt, cells, loss
from rnn_helpers.bugs import broken
from rnn_helpers.lstm import LSTMParameters


def complex_step():
    test_bptt.test_gradients_agree_with_the_complex_step(T=9, B=None)


def complex_step_on_a_batch():
    test_bptt.test_gradients_agree_with_the_complex_step(T=9, B=3)


def complex_step_of_the_lstm():
    test_lstm.test_gradients_agree_with_the_complex_step(B=None, seed=0)


def complex_step_of_the_lstm_on_a_batch():
    test_lstm.test_gradients_agree_with_the_complex_step(B=4, seed=0)


def lstm_number_by_number():
    test_lstm.test_forward_is_the_equations_number_by_number(seed=0)


def lstm_writes_as_it_reads():
    test_lstm.test_writing_is_stepping(B=None)


LSTM_FUNCTIONS = "forward", "loss_and_gradients", "stepper"
MUTANTS = {  # name of the bug: the test that catches it
    "sign turned round": complex_step,
    "mean over time": complex_step,
    "p for p - onehot": complex_step,
    "sum over the batch": complex_step_on_a_batch,
    "p into the state": complex_step,
    "messages to the state before": complex_step,
    "slope of tanh left out": complex_step,
    "slope of tanh as 1 - h": complex_step,
    "time runs forwards": complex_step,
    "nothing comes from the future": complex_step,
    "carry not transposed": complex_step,
    "carry taken before tanh": complex_step,
    "dWxh from the first step alone": complex_step,
    "dWxh with repeated characters counted once": complex_step,
    "dWhh from the first step alone": complex_step,
    "dWhh from the last step alone": complex_step,
    "dWhh with the state after": complex_step,
    "dWhh with the last state at the first step": complex_step,
    "slope of tanh left out of dWhh alone": complex_step,
    "dWhy with the state before": complex_step,
    "dWhy not a number": complex_step,
    "dbh from the first step alone": complex_step,
    "no gradient for bh": complex_step,
    "no gradient for by": complex_step,
    "Whh transposed in the forward pass": complex_step,
    "scores from the state before": test_bptt.test_loss_is_the_cross_entropy_of_the_forward_pass,
    "state shared, not copied": test_bptt.test_last_state_is_a_copy_to_read_on_from,
    "first state overwritten": test_bptt.test_what_comes_in_is_left_as_it_was,
    "bits for nats": test_loss.test_knowing_nothing_costs_25_ln_42,
    "loss as a mean over time": test_loss.test_knowing_nothing_costs_25_ln_42,
    "loss as a sum over the batch": test_loss.test_sum_over_time_mean_over_the_batch,
    "largest score not subtracted": test_loss.test_a_hopeless_target_has_a_finite_price,
    "softmax over the wrong axis": test_loss.test_softmax_works_along_the_last_axis,
    "temperature multiplies": test_loss.test_temperature_raises_probabilities_to_a_power,
    "gradient of the forget gate put into the bias of the input gate": complex_step_of_the_lstm,
    "nothing comes back through the cell": complex_step_of_the_lstm,
    "forget gate with the cell after": complex_step_of_the_lstm,
    "output gate left out on the way into the cell": complex_step_of_the_lstm,
    "carry through the cell without the forget gate": complex_step_of_the_lstm,
    "nothing comes back through h": complex_step_of_the_lstm,
    "what comes back through h left out of the cell": complex_step_of_the_lstm_on_a_batch,
    "slope of the forget gate left out": complex_step_of_the_lstm_on_a_batch,
    "slope of the new content as of a sigmoid": complex_step_of_the_lstm,
    "output gate with the cell before tanh": complex_step_of_the_lstm,
    "input gate multiplied by itself": complex_step_of_the_lstm,
    "time runs forwards in the LSTM": complex_step_of_the_lstm,
    "cell added to without being kept": lstm_number_by_number,
    "sigmoid of twice the number": test_lstm.test_sigmoid_is_exact_and_safe_at_any_size,
    "bias of 1 at another gate": (
        test_lstm.test_a_new_network_keeps_a_part_of_its_cells_from_the_start
    ),
    "h and c exchanged when writing": lstm_writes_as_it_reads,
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch):
    catching_test = MUTANTS[name]
    catching_test()  # passes on the code as it is
    network = broken(name)
    monkeypatch.setattr(bptt, "loss_and_gradients", network.loss_and_gradients)
    for function in ("softmax", "cross_entropy"):
        monkeypatch.setattr(loss, function, getattr(network, function))
    for function in ("init_lstm", "sigmoid"):
        monkeypatch.setattr(test_lstm, function, getattr(network, function))
    lstm = {name: getattr(network, f"lstm_{name}") for name in LSTM_FUNCTIONS}
    monkeypatch.setitem(cells.CELLS, LSTMParameters, cells.CELLS[LSTMParameters] | lstm)
    with np.errstate(all="ignore"), pytest.raises(AssertionError):
        catching_test()


def test_tests_run_without_plugins():
    """As `make mutants` runs them, to be quick."""
    command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "tests/test_adam.py"]
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=mutants.ROOT, env=environment, capture_output=True)
    assert done.returncode == 0, done.stdout.decode()


def test_tests_of_a_mutant_use_one_thread(tmp_path, monkeypatch):
    """Those of NumPy and of PyTorch, also in the processes that a test starts."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    for name in names:
        monkeypatch.setenv(name, "2")
    file = tmp_path / "test_threads.py"
    file.write_text(
        "import os\n\n\ndef test():\n"
        f"    assert [os.environ[name] for name in {names}] == ['1'] * {len(names)}\n",
        encoding="utf-8",
    )
    child = mutants.fork_tests("loss", mutants.source_of("loss"), [file], object, str)
    assert os.waitpid(child, 0)[1] == 0


def test_a_module_whose_tests_are_all_skipped_is_left_out(tmp_path, monkeypatch, capsys):
    pytest.importorskip("coverage", reason="make mutants installs it")
    file = tmp_path / "test_skipped.py"
    file.write_text('import pytest\n\npytest.importorskip("no_such_module")\n', "utf-8")
    monkeypatch.setattr(mutants, "tests_of", lambda name: [file])
    mutants.try_module("loss", every=1, jobs=1, seconds=1)
    assert "loss: left out, as its tests are skipped here" in capsys.readouterr().out


def test_excused_survivors_are_changes_of_lines_that_exist():
    entries = tomllib.loads(mutants.EXCUSED.read_text(encoding="utf-8"))["survivor"]
    changes = [(entry["module"], entry.get("change") or entry["line"]) for entry in entries]
    assert len(set(changes)) == len(changes) and all(entry["reason"] for entry in entries)
    for module, change in changes:
        lines = [line.strip() for line in mutants.source_of(module).splitlines()]
        assert change.partition("  ->  ")[0] in lines
