"""Rung 3: what a prediction costs (derived in notebook 03)."""

import numpy as np

from rnn_helpers.encoding import check_ids


def softmax(logits, temperature=1.0):
    """Turn logits (..., V) into probabilities (..., V), safe at any finite size of logit.

    Dividing the logits by a temperature below 1 sharpens the distribution, above 1
    flattens it (notebook 06); 0 is the limit: probability 1 for the largest logit.

    Raises ValueError if the temperature is negative or not a number.
    """
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, not {temperature}")
    logits = np.asarray(logits)
    if temperature == 0:
        best = logits.argmax(axis=-1)[..., np.newaxis]
        return np.where(np.arange(logits.shape[-1]) == best, 1.0, 0.0)
    with np.errstate(over="ignore"):  # far below the highest score: exp(-inf) = 0
        exps = np.exp(subtract_max(logits) / temperature)
    return exps / exps.sum(axis=-1, keepdims=True)


def cross_entropy(logits, targets):
    """The surprise at the targets, in nats: summed over time, averaged over the batch.

    Parameters
    ----------
    logits : array (T, V) or (T, B, V)
    targets : int array (T,) or (T, B)
        The ids of the characters that really came next.

    Returns a float (a complex number for complex logits: the complex step of
    notebook 04 needs it). Divide by T for nats per character, and by ln 2 for bits.
    """
    return cross_entropy_and_gradient(logits, targets)[0]


def cross_entropy_and_gradient(logits, targets):
    """The cross-entropy and its gradient with respect to the logits: (p - onehot) / B."""
    logits, targets = np.asarray(logits), np.asarray(targets)
    if logits.ndim not in (2, 3) or targets.shape != logits.shape[:-1] or not targets.size:
        raise ValueError(
            f"logits {logits.shape} do not fit targets {targets.shape}: for logits (T, V) or "
            "(T, B, V), give targets (T,) or (T, B), at least one"
        )
    of_target = np.arange(targets.size), check_ids(targets, logits.shape[-1]).ravel()
    streams = targets[0].size  # B, or 1
    scores = subtract_max(logits).reshape(-1, logits.shape[-1])
    exps = np.exp(scores)  # most of the work: the loss and its gradient share it
    total = exps @ np.ones_like(exps[0])  # the sum of each row
    surprise = np.log(total) - scores[of_target]
    gradient = np.divide(exps, streams * total[:, np.newaxis], out=exps)  # p / B
    gradient[of_target] -= 1 / streams
    return surprise.sum().item() / streams, gradient.reshape(logits.shape)


def subtract_max(logits):
    """Logits with the largest at 0: the same softmax, and exp cannot overflow."""
    if logits.dtype.kind not in "fc":  # int8 would wrap round
        logits = logits.astype(np.float64)
    # Complex scores (the complex step of notebook 04) are moved by a real number.
    with np.errstate(over="ignore"):
        return logits - logits.real.max(axis=-1, keepdims=True)
