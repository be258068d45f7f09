"""The step in JAX: compiled as a whole, with a scan over time."""

import jax
import jax.numpy as jnp
import numpy as np


class JaxStep:
    """Made with parameters and a first state (B, H); steps through windows (T, B)."""

    def __init__(self, parameters, h, rate=0.1):
        jax.config.update("jax_enable_x64", h.dtype == np.float64)
        self.weights, self.h = jax.tree.map(jnp.asarray, parameters), jnp.asarray(h)
        self.sums, self.rate = jax.tree.map(jnp.zeros_like, self.weights), rate

    def gradients(self, inputs, targets):
        """Compute the gradients of `weights` and go on to the next state."""
        gradients, self.h = jax.jit(gradients_of)(self.weights, inputs, targets, self.h)
        return gradients

    def step(self, inputs, targets):
        """One step of training, which JAX may still be computing when this returns."""
        self.weights, self.sums, self.h = adagrad_step(
            self.weights, self.sums, inputs, targets, self.h, self.rate
        )


def loss_of(p, x, y, h):
    """The loss of a window and the last state."""

    def read(h, from_input):
        h = jnp.tanh(from_input + h @ p.Whh.T)
        return h, h

    h, hidden = jax.lax.scan(read, h, p.Wxh.T[x] + p.bh)  # the columns are picked before it
    logits = jax.nn.log_softmax(hidden @ p.Why.T + p.by)
    return -jnp.take_along_axis(logits, y[..., None], -1).sum() / y.shape[1], h


gradients_of = jax.grad(loss_of, has_aux=True)


@jax.jit
def adagrad_step(p, sums, x, y, h, rate):
    """New weights, sums of squares and state."""
    gradients, h = gradients_of(p, x, y, h)
    gradients = jax.tree.map(lambda g: jnp.clip(g, -5, 5), gradients)
    sums = jax.tree.map(lambda s, g: s + g * g, sums, gradients)
    moves = jax.tree.map(lambda g, s: rate * g / jnp.sqrt(s + 1e-8), gradients, sums)
    return jax.tree.map(lambda w, m: w - m, p, moves), sums, h
