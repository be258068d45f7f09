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


def model(parameters, vocabulary):
    """Raise TypeError or ValueError if these are not a network and its vocabulary."""
    if not hasattr(vocabulary, "characters"):
        raise TypeError(f"vocabulary must be a Vocabulary, not {type(vocabulary).__name__}")
    if len(vocabulary) != len(parameters.by):
        raise ValueError(
            f"this network knows {len(parameters.by)} characters, the vocabulary "
            f"{len(vocabulary)}; use the vocabulary that it was trained with"
        )
    if not all(np.isfinite(weight).all() for weight in parameters):
        raise ValueError("some weights are infinite or NaN; did the training diverge?")


def one_length(prompts):
    """Return the prompts; ValueError if there is none, or an empty one, or several lengths."""
    if not prompts or "" in prompts:
        raise ValueError("the prompt is empty; give at least one character to continue")
    if len({*map(len, prompts)}) > 1:
        raise ValueError(f"prompts must have the same length, not {[*map(len, prompts)]}")
    return prompts


def top(top_k, top_p):
    """Raise ValueError if these leave no character to draw."""
    if top_k is not None:
        whole_number("top_k", top_k, 1)
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1, not {top_p}")
