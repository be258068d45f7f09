"""The checks, checked: each known bug, put into our own code, must make a named test fail.

The bugs are from published code. Where a change no longer applies, because the module was
rewritten, the test says so; adapt the change, do not drop it.
"""

import inspect

import numpy as np
import pytest
import test_bptt
import test_loss

from rnn_helpers import bptt, loss


def complex_step():
    test_bptt.test_gradients_agree_with_the_complex_step(T=9, B=None)


def complex_step_on_a_batch():
    test_bptt.test_gradients_agree_with_the_complex_step(T=9, B=3)


CARRY = "dhnext = da_t.dot(Whh)\n"
MUTANTS = {
    "nothing comes from the future": (bptt, CARRY, "dhnext = 0 * da_t\n", complex_step),
    "carry not transposed": (bptt, CARRY, "dhnext = da_t.dot(Whh.T)\n", complex_step),
    "carry taken before tanh": (
        bptt, "da_t *= dtanh_t\n        dhnext = da_t.dot(Whh)\n",
        "dhnext = da_t.dot(Whh)\n        da_t *= dtanh_t\n", complex_step,
    ),
    "time runs forwards": (
        bptt, "zip(da[::-1], dtanh[::-1])", "zip(da, dtanh)", complex_step,
    ),
    "slope of tanh left out": (bptt, "1 - hidden[1:] ** 2", "hidden[1:] * 0 + 1", complex_step),
    "slope of tanh as 1 - h": (bptt, "1 - hidden[1:] ** 2", "1 - hidden[1:]", complex_step),
    "slope of tanh left out of dWhh alone": (
        bptt, "Whh=da.T @ h_before", "Whh=(da / dtanh.reshape(da.shape)).T @ h_before",
        complex_step,
    ),
    "dWhh with the state after": (
        bptt, "Whh=da.T @ h_before", "Whh=da.T @ h_after", complex_step,
    ),
    "dWhh from the last step alone": (
        bptt, "Whh=da.T @ h_before", "Whh=da[-1:].T @ h_before[-1:]", complex_step,
    ),
    "dWhy with the state before": (
        bptt, "Why=dlogits.T @ h_after", "Why=dlogits.T @ h_before", complex_step,
    ),
    "p for p - onehot": (loss, "    slope[of_target] -= 1 / streams\n", "", complex_step),
    "no gradient for bh": (bptt, "bh=ones @ da", "bh=0 * da[0]", complex_step),
    "no gradient for by": (bptt, "by=ones @ dlogits", "by=0 * dlogits[0]", complex_step),
    "mean over time": (
        loss, "reshape(logits.shape)\n", "reshape(logits.shape) / len(targets)\n", complex_step,
    ),
    "sum over the batch": (
        loss, "slope.reshape", "streams * slope.reshape", complex_step_on_a_batch,
    ),
    "state shared, not copied": (
        bptt, "hidden[-1].copy()", "hidden[-1]",
        test_bptt.test_last_state_is_a_copy_to_read_on_from,
    ),
    "largest score not subtracted": (
        loss, "logits - logits.real.max(axis=-1, keepdims=True)", "logits + 0",
        test_loss.test_a_hopeless_target_has_a_finite_price,
    ),
    "softmax over the wrong axis": (
        loss, "weights.sum(axis=-1, keepdims=True)", "weights.sum(axis=0, keepdims=True)",
        test_loss.test_softmax_works_along_the_last_axis,
    ),
    "bits for nats": (
        loss, "np.log(", "np.log2(", test_loss.test_knowing_nothing_costs_25_ln_42,
    ),
    "loss as a mean over time": (
        loss, "surprise.sum().item() / streams", "surprise.mean().item()",
        test_loss.test_knowing_nothing_costs_25_ln_42,
    ),
    "loss as a sum over the batch": (
        loss, "surprise.sum().item() / streams", "surprise.sum().item()",
        test_loss.test_sum_over_time_mean_over_the_batch,
    ),
    "temperature multiplies": (
        loss, "shifted(logits) / temperature", "shifted(logits) * temperature",
        test_loss.test_temperature_raises_probabilities_to_a_power,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch):
    module, right, wrong, catching_test = MUTANTS[name]
    source = inspect.getsource(module)
    assert source.count(right) == 1, "the code was rewritten: adapt this mutant"
    catching_test()  # passes on the code as it is
    broken = dict(vars(module))
    exec(compile(source.replace(right, wrong), name, "exec"), broken)
    if module is bptt:
        monkeypatch.setattr(bptt, "loss_and_gradients", broken["loss_and_gradients"])
    else:
        for function in ("softmax", "cross_entropy"):
            monkeypatch.setattr(loss, function, broken[function])
        monkeypatch.setattr(bptt, "loss_and_slope", broken["loss_and_slope"])
    with np.errstate(all="ignore"), pytest.raises(AssertionError):
        catching_test()
