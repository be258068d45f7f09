"""Guards at the doors of the ladder: what an argument must be, and words for when it is not."""

from numbers import Integral

import numpy as np

FLOATS = (np.float64, np.float32)  # what a network can be computed in


def whole_number(name, value, least):
    """Return the value; ValueError naming it if it is not a whole number, `least` or more."""
    if not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be a whole number, {least} or more, not {value!r}")
    return value


def positive(name, value):
    """Return the value; ValueError naming it if it is not a finite number above 0."""
    if not 0 < value < np.inf:
        raise ValueError(f"{name} must be a finite number above 0, not {value}")
    return value


def below_one(name, value):
    """Return the value; ValueError naming it if it is not at least 0 and below 1."""
    if not 0 <= value < 1:
        raise ValueError(f"{name} must be at least 0 and below 1, not {value}")
    return value


def generator(rng):
    """Return rng; TypeError if it is not one of NumPy's random generators."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must come from np.random.default_rng(seed), not {rng!r}")
    return rng


def same_shapes(gradients, parameters):
    """Raise ValueError unless there is one gradient a parameter, in its shape."""
    shapes = [np.shape(gradient) for gradient in gradients]
    if shapes != [parameter.shape for parameter in parameters]:
        expected = ", ".join(f"{n} {p.shape}" for n, p in parameters._asdict().items())
        raise ValueError(f"gradients of shapes {shapes} do not fit the parameters: {expected}")
