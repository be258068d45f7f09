"""Change all first weights a little: no chapter may depend on their last digits.

Python imports this file when it starts with this folder in PYTHONPATH (`make portability`).
RNN_NUDGE is the seed of the changes, a part in 10^13 of each weight (10^6 in float32).
"""

import os

import numpy as np

from rnn_helpers import forward_pass

init_parameters = forward_pass.init_parameters


def nudged(*args, **settings):
    """As `init_parameters`, but each weight differs in its last digits."""
    parameters = init_parameters(*args, **settings)
    rng = np.random.default_rng(int(os.environ["RNN_NUDGE"]))
    for weight in parameters:
        noise = rng.standard_normal(weight.shape)
        weight *= (1 + 450 * np.finfo(weight.dtype).eps * noise).astype(weight.dtype)
    return parameters


forward_pass.init_parameters = nudged
