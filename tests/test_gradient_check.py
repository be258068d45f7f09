import numpy as np
import pytest
from conftest import large_weights

from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.gradient_check import check_gradients, numerical_gradients


def test_the_two_methods_agree_with_each_other():
    where = large_weights(T=5)
    exact = numerical_gradients(*where)
    central = numerical_gradients(*where, method="central")
    assert all(np.allclose(a, b, atol=1e-8) for a, b in zip(exact, central))
    assert all(a.dtype == np.float64 for a in (*exact, *central))


@pytest.mark.parametrize("method", ["complex-step", "central"])
def test_the_error_falls_with_the_square_of_the_step(method):
    where = large_weights(T=5)
    _, right, _ = loss_and_gradients(*where)
    errors = [
        np.abs(numerical_gradients(*where, method, step).Whh - right.Whh).max()
        for step in (1e-2, 1e-3)
    ]
    assert 90 < errors[0] / errors[1] < 110


def test_witness_of_a_network_small_enough_for_paper():
    one = np.ones((1, 1))
    parameters = Parameters(one, one, np.array([[1.0], [-1.0]]), np.zeros(1), np.zeros(2))
    parameters = parameters._replace(Wxh=np.array([[0.5, 0.5]]))
    h = np.tanh(0.5 + 0.2)
    p = 1 / (1 + np.exp(-2 * h))  # of the first of two characters with scores h and -h
    estimate = numerical_gradients(parameters, np.array([0]), np.array([0]), np.array([0.2]))
    assert np.allclose(estimate.by, [p - 1, 1 - p])
    assert np.allclose(estimate.Whh, 2 * (p - 1) * (1 - h**2) * 0.2)


def test_nothing_is_changed_by_being_checked():
    where = large_weights(T=3)
    before = [a.copy() for a in where[0]]
    numerical_gradients(*where, method="central")
    assert all(np.array_equal(a, b) for a, b in zip(before, where[0]))


def test_report_names_each_parameter_and_is_near_rounding():
    report = check_gradients(*large_weights())
    assert list(report) == ["Wxh", "Whh", "Why", "bh", "by"]
    assert max(report.values()) < 1e-11 and min(report.cosine.values()) > 1 - 1e-12
    assert "Whh   error" in repr(report)


def test_a_wrong_factor_has_cosine_one_and_a_wrong_sign_minus_one():
    where = large_weights()
    _, gradients, _ = loss_and_gradients(*where)
    factor = check_gradients(*where, gradients=Parameters(*(g / 25 for g in gradients)))
    sign = check_gradients(*where, gradients=Parameters(*(-g for g in gradients)))
    assert all(np.isclose(e, 0.96) for e in factor.values())
    assert all(np.isclose(c, 1) for c in factor.cosine.values())
    assert all(np.isclose(c, -1) for c in sign.cosine.values())


def test_only_the_wrong_array_is_accused():
    where = large_weights()
    _, gradients, _ = loss_and_gradients(*where)
    gradients.Why[2, 3] += 0.1
    report = check_gradients(*where, gradients=gradients)
    assert {name for name, error in report.items() if error > 1e-11} == {"Why"}


def test_a_gradient_that_is_zero_is_wrong_and_not_a_division_by_zero():
    where = large_weights()
    _, gradients, _ = loss_and_gradients(*where)
    report = check_gradients(*where, gradients=gradients._replace(bh=0 * gradients.bh))
    assert report["bh"] == 1 and report.cosine["bh"] == 0


def test_wrong_method_or_shape():
    where = large_weights()
    with pytest.raises(ValueError, match="method"):
        numerical_gradients(*where, method="forward")
    _, gradients, _ = loss_and_gradients(*where)
    for by in (gradients.by[:3], np.append(gradients.by, 0), gradients.by[np.newaxis]):
        with pytest.raises(ValueError, match="gradient of by"):
            check_gradients(*where, gradients=gradients._replace(by=by))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["Wxh", "Why", "by"])
def test_a_gradient_that_is_no_number_has_an_infinite_error(name, bad):
    setting = large_weights()
    _, gradients, _ = loss_and_gradients(*setting)
    getattr(gradients, name).flat[1] = bad
    report = check_gradients(*setting, gradients=gradients)
    assert report[name] == max(report.values()) == np.inf and report.cosine[name] == 0
    assert [n for n, error in report.items() if error > 1e-11] == [name]
    assert list(report) == list(report.cosine) == [*Parameters._fields]


def test_arrays_that_are_missing_are_not_called_right():
    setting = large_weights()
    _, gradients, _ = loss_and_gradients(*setting)
    for wrong in (gradients[:2], (), [*gradients, gradients.by]):
        with pytest.raises(ValueError, match="gradients, not 5"):
            check_gradients(*setting, gradients=wrong)


def test_a_gradient_that_is_zero_where_it_should_be_is_right():
    parameters, inputs, targets, h0 = large_weights(T=1)
    report = check_gradients(parameters, inputs, targets, 0 * h0)  # dWhh = da h0^T = 0
    assert report["Whh"] == 0 and report.cosine["Whh"] == 1
