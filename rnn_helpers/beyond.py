"""The same network in PyTorch: weights, gradients and optimizers there and back (chapter 11).

PyTorch is installed by `requirements-beyond.txt`; nothing else in the series needs it.
"""

import numpy as np

from rnn_helpers.adam import Adam
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.lstm import LSTMParameters

try:
    import torch
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "this needs PyTorch, which is not installed. In a terminal, in the folder of the series: "
        "`.venv/bin/python -m pip install -r requirements-beyond.txt` (on Windows "
        "`.venv\\Scripts\\python`), then restart the kernel"
    ) from None

# What each array is called there. A second bias, bias_hh_l0, is not in the list: it is kept at 0.
NAMES = {
    "Wxh": "rnn.weight_ih_l0",
    "Whh": "rnn.weight_hh_l0",
    "Why": "head.weight",
    "bh": "rnn.bias_ih_l0",
    "by": "head.bias",
}
GATES = [0, 1, 3, 2]  # PyTorch stacks the gates i, f, g, o; this series i, f, o, g


class Network(torch.nn.Module):
    """`nn.RNN` or `nn.LSTM` with a linear layer on top: ids in, logits out.

    Parameters
    ----------
    cell : "RNN" or "LSTM"
    """

    def __init__(self, vocab_size, hidden_size, cell="RNN", dtype=torch.float64):
        super().__init__()
        self.rnn = getattr(torch.nn, cell)(vocab_size, hidden_size, dtype=dtype)
        self.head = torch.nn.Linear(hidden_size, vocab_size, dtype=dtype)
        self.rnn.bias_hh_l0.requires_grad_(False).zero_()

    def forward(self, inputs, state):
        """Logits (T, [B,] V) and the last state ([B,] S), for ids (T, [B]) and the state before.

        The state of an LSTM is [h, c] in one tensor, as in `rnn_helpers.lstm`.
        """
        x = torch.nn.functional.one_hot(inputs, len(self.head.bias)).to(state.dtype)
        if isinstance(self.rnn, torch.nn.LSTM):
            h, c = (part.contiguous()[None] for part in state.chunk(2, dim=-1))
            hidden, last = self.rnn(x, (h, c))
            return self.head(hidden), torch.cat(last, dim=-1)[0]
        hidden, last = self.rnn(x, state[None])
        return self.head(hidden), last[0]


def to_torch(parameters):
    """A `Network` with copies of these parameters, a Parameters or an LSTMParameters."""
    if type(parameters) not in (Parameters, LSTMParameters):
        raise TypeError(
            "only Parameters and LSTMParameters have a counterpart in PyTorch here, not "
            f"{type(parameters).__name__}"
        )
    cell = "LSTM" if isinstance(parameters, LSTMParameters) else "RNN"
    dtype = torch.from_numpy(parameters.by).dtype
    network = Network(*parameters.Why.shape, cell, dtype)
    with torch.no_grad():
        for name, tensor in _tensors(network).items():
            tensor.copy_(torch.from_numpy(_reordered(network, name, getattr(parameters, name))))
    return network


def from_torch(network):
    """The weights of a `Network` as this series has them, in new arrays.

    The two biases that PyTorch adds to the same sum become one.
    """
    values = {name: _numpy(tensor) for name, tensor in _tensors(network).items()}
    values["bh"] = values["bh"] + _numpy(network.rnn.bias_hh_l0)
    return _as_parameters(network, values)


def gradients_of(network):
    """The gradients that `loss.backward()` has left in a `Network`, in this series' arrays.

    Raises ValueError if it was not called yet.
    """
    tensors = _tensors(network)
    if any(tensor.grad is None for tensor in tensors.values()):
        raise ValueError("there are no gradients yet: call loss.backward() first")
    return _as_parameters(network, {name: _numpy(t.grad) for name, t in tensors.items()})


def summed_loss(logits, targets):
    """The loss of this series, as a tensor: nats, summed over time, averaged over the batch.

    `cross_entropy` of PyTorch averages over both; so this is T times as much.
    """
    rows, ids = logits.reshape(-1, logits.shape[-1]), targets.reshape(-1)
    return len(targets) * torch.nn.functional.cross_entropy(rows, ids)


def loss_and_gradients(network, inputs, targets, h0):
    """What `rnn_helpers.bptt.loss_and_gradients` returns, computed by PyTorch."""
    network.zero_grad()
    logits, last = network(torch.as_tensor(inputs), torch.as_tensor(h0))
    loss = summed_loss(logits, torch.as_tensor(targets))
    loss.backward()
    return loss.item(), gradients_of(network), _numpy(last)


def trained(network):
    """The tensors of a `Network` that learn, in the order of the parameters, for an optimizer."""
    return list(_tensors(network).values())


def adam_from_torch(network, optimizer, parameters):
    """An `Adam` of this series for these parameters, in the state of `torch.optim.Adam`.

    Raises ValueError if that has several groups of parameters, each with settings of its own.
    """
    group, *others = optimizer.param_groups
    if others:
        raise ValueError(
            "Adam here has one learning rate for all parameters, and this optimizer has several "
            "groups of parameters: make it with torch.optim.Adam(trained(network), lr)"
        )
    beta1, beta2 = group["betas"]
    adam = Adam(parameters, group["lr"], beta1=beta1, beta2=beta2, epsilon=group["eps"])
    states = {name: optimizer.state[t] for name, t in _tensors(network).items()}
    if all(states.values()):  # empty before the first step
        adam.steps = int(states["by"]["step"])
        for field, key in (("mean", "exp_avg"), ("square", "exp_avg_sq")):
            arrays = {name: _numpy(state[key]) for name, state in states.items()}
            setattr(adam, field, _as_parameters(network, arrays))
    return adam


def adam_to_torch(network, adam):
    """A `torch.optim.Adam` for a `Network` in the state of an `Adam` of this series."""
    betas = adam.beta1, adam.beta2
    optimizer = torch.optim.Adam(trained(network), adam.learning_rate, betas, adam.epsilon)
    for name, tensor in _tensors(network).items() if adam.steps else ():
        means = (_reordered(network, name, getattr(a, name)) for a in (adam.mean, adam.square))
        mean, square = (torch.from_numpy(array).to(tensor.device) for array in means)
        step = torch.tensor(float(adam.steps))
        optimizer.state[tensor] = {"step": step, "exp_avg": mean, "exp_avg_sq": square}
    return optimizer


def _tensors(network):
    return {name: network.get_parameter(theirs) for name, theirs in NAMES.items()}


def _numpy(tensor):
    return tensor.detach().cpu().numpy()


def _reordered(network, name, array):
    """An array with the rows of its gates in the other order; the exchange undoes itself."""
    if isinstance(network.rnn, torch.nn.LSTM) and name in ("Wxh", "Whh", "bh"):
        return np.concatenate([np.split(array, 4)[gate] for gate in GATES])
    return array.copy()


def _as_parameters(network, values):
    kind = LSTMParameters if isinstance(network.rnn, torch.nn.LSTM) else Parameters
    return kind(**{name: _reordered(network, name, array) for name, array in values.items()})
