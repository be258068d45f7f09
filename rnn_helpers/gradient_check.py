"""Rung 4: an independent estimate of every gradient (derived in notebook 04).

``python -m rnn_helpers.gradient_check module:function`` checks a function of your own, with
the signature of `loss_and_gradients`, and says where to look for a bug (notebook 07).
"""

import numpy as np

from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import cross_entropy

STEPS = {"complex-step": 1e-30, "central": 1e-5}


def numerical_gradients(parameters, inputs, targets, h0, method="complex-step", step=None):
    """Estimate every entry of every gradient from the loss alone, in float64.

    Parameters
    ----------
    parameters, inputs, targets, h0
        As for `loss_and_gradients`.
    method : "complex-step" or "central"
        Im L(w + i step) / step (Squire and Trapp, 1998), exact to rounding;
        or (L(w + step) - L(w - step)) / (2 step), good to about nine digits.
    step : float, optional
        The nudge; 1e-30 for the complex step, 1e-5 for central differences.

    Returns
    -------
    Parameters
        The estimates. It costs one or two forward passes for each single weight,
        so use it on small networks.
    """
    if method not in STEPS:
        raise ValueError(f"method must be one of {list(STEPS)}, not {method!r}")
    step = STEPS[method] if step is None else step
    dtype = complex if method == "complex-step" else float
    parameters = parameters._make(np.array(array, dtype) for array in parameters)

    def loss(array, index, value):
        old, array[index] = array[index], value
        _, logits = forward(parameters, inputs, h0)
        array[index] = old
        return cross_entropy(logits, targets)

    estimates = parameters._make(np.zeros(array.shape) for array in parameters)
    for array, estimate in zip(parameters, estimates):
        for index, weight in np.ndenumerate(array):
            if method == "complex-step":
                estimate[index] = loss(array, index, weight + 1j * step).imag / step
            else:
                rise = loss(array, index, weight + step) - loss(array, index, weight - step)
                estimate[index] = rise / (2 * step)
    return estimates


class GradientReport(dict):
    """Worst relative error by parameter name; `cosine` holds the direction's agreement."""

    def __init__(self, errors, cosine):
        super().__init__(errors)
        self.cosine = cosine

    def __repr__(self):
        rows = [f"{n:<5} error {self[n]:7.1e}   cosine {self.cosine[n]:+.6f}" for n in self]
        return "\n".join(rows)


def check_gradients(parameters, inputs, targets, h0, gradients=None, method="complex-step"):
    """Compare gradients with numerical ones.

    Check where bugs show: in float64, with weights of scale 0.5, random biases and h0, and
    three steps or more (notebook 04 shows a bug that hides at small weights).

    Parameters
    ----------
    gradients : Parameters, optional
        What to check; by default what `loss_and_gradients` gives.

    Returns
    -------
    GradientReport
        A dict: for each parameter the largest difference, divided by the largest entry
        of either array. Right gradients stay below 1e-10 (below 1e-6 with "central"); more
        than that is a bug. Its `cosine` is 1 also where only a positive factor is wrong.
    """
    if gradients is None:
        _, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)
    return compare(gradients, numerical_gradients(parameters, inputs, targets, h0, method))


def compare(gradients, estimates):
    """The `GradientReport` of gradients against estimates of them, both as Parameters.

    A gradient with a NaN or an infinity in it has an infinite error and a cosine of 0.
    """
    if len(gradients) != len(estimates):
        raise ValueError(f"there are {len(gradients)} gradients, not {len(estimates)}")
    errors, cosine = {}, {}
    for name, given, estimate in zip(estimates._fields, gradients, estimates):
        if np.shape(given) != estimate.shape:
            raise ValueError(f"gradient of {name} is {np.shape(given)}, not {estimate.shape}")
        if not (np.isfinite(given).all() and np.isfinite(estimate).all()):
            errors[name], cosine[name] = np.inf, 0.0  # max() would drop a NaN
            continue
        size = max(np.abs(given).max(), np.abs(estimate).max())
        errors[name] = float(np.abs(given - estimate).max() / size) if size else 0.0
        norms = np.linalg.norm(given) * np.linalg.norm(estimate)
        cosine[name] = float(np.vdot(given, estimate) / norms) if norms else float(size == 0)
    return GradientReport(errors, cosine)


if __name__ == "__main__":  # a command is no import: it may ask the rungs above
    import sys

    from rnn_helpers.diagnosis import main

    sys.exit(main(sys.argv[1:]))
