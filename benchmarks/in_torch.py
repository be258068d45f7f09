"""The step in PyTorch, in three ways: eager, with its loss compiled, compiled as a whole.

That of an LSTM is eager alone, since nn.LSTM is compiled code of its own.

Each is made with parameters and a first state (B, H), and steps through windows (T, B).
"""

import torch

from rnn_helpers import beyond

torch.set_num_threads(1)
F = torch.nn.functional


class Eager:
    """nn.RNN or nn.LSTM, a linear layer, autograd, and PyTorch's own fused Adagrad."""

    def __init__(self, parameters, h, rate=0.1):
        self.network = beyond.to_torch(parameters)
        self.weights = beyond.trained(self.network)
        self.optimizer = torch.optim.Adagrad(self.weights, rate, fused=True)
        self.h = torch.from_numpy(h)

    def loss(self, x, y):
        """The loss, which autograd can differentiate, and the last state."""
        logits, h = self.network(x, self.h)
        return beyond.summed_loss(logits, y), h

    def gradients(self, inputs, targets):
        """Compute the gradients of `weights` and go on to the next state."""
        self.optimizer.zero_grad()
        loss, h = self.loss(torch.from_numpy(inputs), torch.from_numpy(targets))
        loss.backward()
        self.h = h.detach()
        return [weight.grad for weight in self.weights]

    def step(self, inputs, targets):
        """One step of training."""
        self.gradients(inputs, targets)
        torch.nn.utils.clip_grad_value_(self.weights, 5.0)
        self.optimizer.step()


class CompiledLoss(Eager):
    """The loss and its way back by torch.compile; clipping and Adagrad as in `Eager`."""

    def __init__(self, parameters, h, rate=0.1):
        self.weights = [w.requires_grad_() for w in tensors(parameters)]
        self.optimizer = torch.optim.Adagrad(self.weights, rate, fused=True)
        self.h, self.compiled = torch.from_numpy(h), torch.compile(loss_of, dynamic=False)

    def loss(self, x, y):
        """The loss, which autograd can differentiate, and the last state."""
        return self.compiled(self.weights, x, y, self.h)


class CompiledStep:
    """The whole step, clipping and Adagrad included, in one function by torch.compile."""

    def __init__(self, parameters, h, rate=0.1):
        self.weights, self.h = tensors(parameters), torch.from_numpy(h)
        self.sums = [torch.zeros_like(w) for w in self.weights]
        self.rate, self.compiled = rate, torch.compile(adagrad_step, dynamic=False)

    def gradients(self, inputs, targets):
        """Compute the gradients of `weights` and go on to the next state."""
        x, y = torch.from_numpy(inputs), torch.from_numpy(targets)
        gradients, self.h = gradients_of(self.weights, x, y, self.h)
        return gradients

    def step(self, inputs, targets):
        """One step of training."""
        x, y = torch.from_numpy(inputs), torch.from_numpy(targets)
        self.h = self.compiled(self.weights, self.sums, x, y, self.h, self.rate)


def loss_of(weights, x, y, h):
    """The loss of a window, with a loop over time that the compiler unrolls; the last state."""
    Wxh, Whh, Why, bh, by = weights
    hidden = []
    for from_input in Wxh.T[x] + bh:
        h = torch.tanh(from_input + h @ Whh.T)
        hidden.append(h)
    return mean_loss(torch.stack(hidden) @ Why.T + by, y), h


def mean_loss(logits, y):
    """The loss, summed over time and averaged over the batch."""
    loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1), reduction="sum")
    return loss / y.shape[1]


gradients_of = torch.func.grad(loss_of, has_aux=True)


def adagrad_step(weights, sums, x, y, h, rate):
    """One step of training, in place; returns the last state."""
    gradients, h = gradients_of(weights, x, y, h)
    for weight, total, gradient in zip(weights, sums, gradients):
        gradient = gradient.clamp(-5, 5)
        total += gradient * gradient
        weight -= rate * gradient / torch.sqrt(total + 1e-8)
    return h


def tensors(parameters):
    """Copies of the parameters."""
    return [torch.from_numpy(w.copy()) for w in parameters]
