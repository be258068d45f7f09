"""What is wrong with a gradient, and where to look (the method of notebook 07).

``print(diagnose(function))`` in a notebook, or in a terminal, in the folder of your file,

    python -m rnn_helpers.gradient_check module:function

questions any function with the signature of `rnn_helpers.bptt.loss_and_gradients`, for a
single stream. A second argument, ``module:init_function``, names the function that makes the
parameters of a cell of another kind. The command's exit status is 0 if all is right, 1 if
something is wrong and 2 if the function could not be questioned.
"""

import contextlib
import importlib
import os
import sys
import textwrap
import traceback
import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnn_helpers.cells import CELLS, state_size
from rnn_helpers.forward_pass import Parameters, forward, init_parameters
from rnn_helpers.gradient_check import compare, numerical_gradients
from rnn_helpers.loss import cross_entropy
from rnn_helpers.lstm import LSTMParameters
from rnn_helpers.mistakes import (
    PLAIN,
    agree,
    clipping,
    explanation,
    explanation_in_any_cell,
    listed,
    other_losses,
    unit_factor,
    unit_of,
    where_to_look,
)
from rnn_helpers.mistakes_in_lstm import LSTM, wrong_gates

CATALOGUES = {Parameters: PLAIN, LSTMParameters: LSTM}  # cells whose mistakes are known one by one
V, H = 7, 6  # the sizes of the networks that are drawn
TOLERANCE, SINGLE_TOLERANCE = 1e-6, 1e-3  # the largest error that counts as right; in float32
LOSS_TOLERANCE = 1e-5  # for losses, which float32 has to seven digits
EPS, NOISE = 1e-5, 1e-9  # of central differences; their rounding errors for a loss of 1
SIGNATURE = "f(parameters, inputs, targets, h0)"
INIT_SIGNATURE = "init(vocab_size, hidden_size, rng, *, scale, dtype)"


class CannotAsk(Exception):
    """The function cannot be questioned; the message says why."""


class Place(NamedTuple):
    """Where a function is questioned."""

    about: str
    scale: float  # of weights, biases and first state
    steps: int
    biases: bool = True  # or as they are when training starts, and a first state of zeros
    one_target: bool = False  # the same target at every step, so that gradients add up


PLACES = {
    "first weights": Place("small weights, a first state of zeros", 0.01, 9, biases=False),
    "one step": Place("a window of one character", 0.5, 1),
    "large weights": Place("weights, biases and first state of about 0.5", 0.5, 9),
    "large gradients": Place(
        "entries up to 20, in a window of 30 steps", 0.5, 30, one_target=True
    ),
}


class Answer(NamedTuple):
    """What a function returned, as arrays, and the names of the arguments that it changed."""

    loss: np.ndarray
    gradients: tuple
    h_last: np.ndarray
    changed: list


def draw(place, seed=0, init=init_parameters, state=None):
    """A setting for a place: parameters, inputs, targets, h0.

    Parameters
    ----------
    place : str
        One of `PLACES`.
    init : function
        Makes the parameters, with the signature of `init_parameters`.
    state : int, optional
        The length of h0; needed if the type of the parameters is not registered as a cell.
    """
    _, scale, T, biases, one_target = PLACES[place]
    rng = np.random.default_rng(seed)
    parameters = call(init, INIT_SIGNATURE, V, H, rng, scale=scale)
    try:
        parameters = parameters._make(np.array(array, float) for array in parameters)
        fits = parameters.by.shape == (V,)
    except (AttributeError, TypeError, ValueError):
        fits = False
    if not fits:
        raise CannotAsk(
            f"{init.__name__} must return a NamedTuple of arrays with an output bias `by` of "
            f"vocab_size numbers; it returned a {type(parameters).__name__}"
        )
    biased = parameters._make(
        scale * rng.standard_normal(array.shape) if array.ndim == 1 else array
        for array in parameters
    )
    h0 = scale * biases * rng.standard_normal(state or state_size(parameters))
    inputs, targets = rng.integers(0, V, (2, T))
    return biased if biases else parameters, inputs, 0 * targets if one_target else targets, h0


def call(function, signature, *arguments, **named):
    """What a function returns; CannotAsk says why it returns nothing."""
    who = "it" if signature == SIGNATURE else getattr(function, "__name__", "init")
    try:
        return function(*arguments, **named)
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        if isinstance(error, TypeError) and len(frames) == 1:  # it did not begin
            raise CannotAsk(f"{who} must take {signature}, and does not: {error}") from error
        folder = os.path.dirname(frames[1].filename)  # deeper ones are inside of libraries
        spot = [f for f in frames[1:] if os.path.dirname(f.filename) == folder][-1]
        spot = f"({os.path.basename(spot.filename)}, line {spot.lineno})"
        if isinstance(error, SystemExit):
            raise CannotAsk(f"{who} calls sys.exit() {spot}: let it return instead") from error
        raise CannotAsk(f"{who} failed with {type(error).__name__}: {error} {spot}") from error


def ask(function, setting):
    """Call the function with copies of a setting, and return its `Answer`.

    Raises CannotAsk, saying why, if it fails or does not return what the contract says.
    """
    parameters, *others = setting
    given, fields = [*parameters, *others], parameters._fields
    copies = [np.copy(array) for array in given]
    answer = call(function, SIGNATURE, parameters._make(copies[:-3]), *copies[-3:])
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        raise CannotAsk("it must return three things: loss, gradients, h_last")
    loss, gradients, h_last = answer
    if not isinstance(gradients, tuple | list) or len(gradients) != len(fields):
        raise CannotAsk(
            f"its gradients must be {type(parameters).__name__}({', '.join(fields)}), or "
            f"{len(fields)} arrays in this order; it returned a {type(gradients).__name__}"
        )
    gradients = parameters._make(
        as_array(f"the gradient of {name}", gradient, array.shape)
        for name, gradient, array in zip(fields, gradients, parameters)
    )
    loss, h_last = as_array("the loss", loss, ()), as_array("h_last", h_last, setting[3].shape)
    for name, array in (("the loss", loss), ("h_last", h_last)):
        if not np.isfinite(array).all():
            raise CannotAsk(
                f"{name} holds nan or infinity: look for an exp or a log of large scores"
            )
    names = (*fields, "inputs", "targets", "h0")
    changed = [n for n, a, b in zip(names, copies, given) if not np.array_equal(a, b)]
    return Answer(loss, gradients, h_last, changed)


def as_array(name, value, shape):
    """What a function returned, as an array of real numbers of this shape, or CannotAsk."""
    if value is None:
        raise CannotAsk(f"{name} is None: it was not computed")
    try:
        array = np.array(value)
    except Exception as error:
        raise CannotAsk(
            f"{name} is a {type(value).__name__} that NumPy cannot read ({error}); if it is a "
            "tensor, detach it and convert it to a NumPy array, or a loss to a float"
        ) from error
    try:
        if array.dtype.kind == "c":
            raise TypeError
        array = array if array.dtype.kind == "f" else array.astype(float)
    except (TypeError, ValueError):
        raise CannotAsk(f"{name} is not made of real numbers") from None
    if array.shape != shape:
        raise CannotAsk(f"{name} has the shape {array.shape}, not {shape}")
    return array


class Questions:
    """A function, the settings at which it is asked, and the witness to its answers.

    Attributes
    ----------
    setting, answer
        The setting "large weights", and what the function answers there.
    expected : float or None
        The loss there by the cell's forward pass; None if the cell is not registered.
    unit : str or None
        Which of `mistakes.UNITS` the loss is in: "" if it is right, None if in none of them.
    """

    def __init__(self, function, init=init_parameters, seed=0):
        self.function, self.init, self.seed = function, init, seed
        self.state = length_of_state(function, init)
        self.setting = self.draw("large weights")
        self.answer = self.ask(self.setting)
        self.expected = self.unit = None
        if registered(self.setting[0], "forward"):
            self.expected = forward_loss(*self.setting)
            self.unit = unit_of(self.answer.loss, self.expected, self.setting, LOSS_TOLERANCE)

    def draw(self, place, seed=None):
        """A setting for a place."""
        seed = self.seed if seed is None else seed
        return draw(place, seed, self.init, self.state)

    def ask(self, setting):
        """The function's `Answer` at a setting."""
        return ask(self.function, setting)

    def evidence(self, place):
        """The function's gradients at a place, and the right ones, by a witness.

        The witness is the complex step of the cell's forward pass, in the unit of the loss. If
        the forward pass does not take complex numbers it is central differences of that loss,
        and if the function has another loss, or the cell is not registered, of its own.
        """
        setting = self.draw(place)
        loss, gradients, *_ = self.ask(setting)
        if self.unit is None:
            right = own_gradients(self.function, setting)
        else:
            method = "complex-step" if takes_complex(*self.setting) else "central"
            right = numerical_gradients(*setting, method)
            right = right._make(unit_factor(self.unit, setting) * array for array in right)
            if method == "complex-step":
                return gradients, right
        noise = NOISE * max(1, abs(loss))  # what is smaller in central differences says nothing
        pairs = zip(gradients, right)
        return gradients, right._make(np.where(abs(g - r) <= noise, g, r) for g, r in pairs)


def registered(parameters, name):
    """Whether `rnn_helpers` knows the function `name` of the cell with these parameters."""
    functions = CELLS.get(type(parameters))
    return functions is not None and (not functions or name in functions)  # none: the plain one


def forward_loss(parameters, inputs, targets, h0):
    """The loss by the cell's forward pass."""
    return cross_entropy(forward(parameters, inputs, h0)[1], targets)


def length_of_state(function, init):
    """The length of h0: that of the registered cell, or the multiple of H that works."""
    parameters = draw("one step", 0, init, state=H)[0]
    if registered(parameters, "state_size"):
        return state_size(parameters)
    lengths, errors = [H, 2 * H, 3 * H, 4 * H], []
    for length in lengths:
        try:
            ask(function, draw("large weights", 0, init, length))
            return length
        except CannotAsk as error:
            errors.append(error)
    raise CannotAsk(
        f"{errors[0]} (asked with h0 of {listed([str(n) for n in lengths])} numbers; if the "
        "state has another length, register the cell: see rnn_helpers.cells)"
    ) from errors[0]


def takes_complex(parameters, inputs, targets, h0):
    """Whether the forward pass takes complex weights: np.abs and the like spoil them."""

    def loss(step):
        moved = parameters._make(array + step * np.cos(array) for array in parameters)
        return forward_loss(moved, inputs, targets, h0)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        try:
            slope = np.imag(loss(1e-30j)) / 1e-30
        except TypeError:
            return False
    return agree(slope, (loss(EPS) - loss(-EPS)) / (2 * EPS), 1e-6)


def own_gradients(function, setting):
    """Central differences of the function's own loss: a witness for losses unlike ours."""
    parameters, *others = setting
    parameters = parameters._make(np.copy(array) for array in parameters)
    estimates = parameters._make(np.zeros(array.shape) for array in parameters)
    for array, estimate in zip(parameters, estimates):
        for index, kept in np.ndenumerate(array):
            losses = []
            for step in (EPS, -EPS):
                array[index] = kept + step
                losses.append(float(ask(function, (parameters, *others)).loss))
            array[index] = kept
            estimate[index] = (losses[0] - losses[1]) / (2 * EPS)
    return estimates


def errors_at(place, function, seed=0, init=init_parameters):
    """Error and cosine of each gradient of a function at a place, as a `GradientReport`.

    What they are compared with is said in `Questions.evidence`.
    """
    return compare(*Questions(function, init, seed).evidence(place))


@dataclass
class Diagnosis:
    """What `diagnose` found: errors by place and array, and findings in words."""

    reports: dict  # place: GradientReport
    findings: list  # what is wrong and where to look, one sentence or two each
    notes: list  # what you should know, though it is not wrong
    tolerance: float

    @property
    def right(self):
        """Whether nothing is wrong."""
        return not self.findings

    def wrong(self, place):
        """The names of the arrays that are wrong at a place; a NaN is wrong."""
        return {n for n, error in self.reports[place].items() if not error <= self.tolerance}

    def table(self):
        """Error and cosine of each array at each place, without a word on the cause."""
        names = list(next(iter(self.reports.values()), ()))
        width = max(map(len, ["array", *names])) + 1  # narrow: it has to fit a page of 900 pixels
        rows = [f"{'array':{width}}" + "".join(f"{place:18}" for place in self.reports).rstrip()]
        for name in names:
            row = f"{name:{width}}"
            for place, report in self.reports.items():
                shown = f"{report[name]:<6.1g} cos {report.cosine[name]:+.2f}"
                row += f"{shown if name in self.wrong(place) else 'right':18}"
            rows.append(row.rstrip())
        return "\n".join(rows)

    def __str__(self):
        said = ["Nothing wrong was found."] if self.right else self.findings
        said = [textwrap.fill(sentence, 76) for sentence in said + self.notes]
        return "\n\n".join([self.table(), *said] if self.reports else said)


def diagnose(function, init=init_parameters):
    """Question a function with the signature of `loss_and_gradients`.

    Its loss, its gradients at the places of `PLACES`, its last state, whether it gives the
    same answer when asked twice, and whether it changes what it is given.

    Parameters
    ----------
    function : function
        What is questioned, for a single stream.
    init : function, optional
        Makes the parameters of another cell, with the signature of `init_parameters`. If their
        type is registered (see `rnn_helpers.cells`), the gradients are compared with those of
        its forward pass; otherwise with central differences of the function's own loss.

    Returns
    -------
    Diagnosis
        Print it.

    Raises CannotAsk if there is nothing to compare.
    """
    asked = Questions(function, init)
    loss, gradients, h_last, _ = asked.answer
    with np.errstate(over="ignore"):
        single = all(np.array_equal(a, a.astype(np.float32)) for a in [*gradients, h_last])
    found = Diagnosis({}, [], [], SINGLE_TOLERANCE if single else TOLERANCE)
    if single:
        found.notes.append(
            "It computes in float32, which keeps seven digits: errors below 1e-3 count as right "
            "here. To be sure, let it compute in float64."
        )
    if asked.expected is None:
        found.notes.append(
            f"No forward pass is registered for {type(gradients).__name__} (see "
            "rnn_helpers.cells), so the gradients are compared with central differences of the "
            "function's own loss, and how it reads is not checked."
        )

    blind = (kept_between_calls(asked, found.tolerance), parameters_unused(asked))
    if any(blind):  # what follows would only show the same again
        found.findings += filter(None, blind)
        return found
    found.findings += wrong_loss(asked)
    if asked.unit is None and (single or np.float32(loss) == loss):
        if asked.expected is None:
            raise CannotAsk(
                "it computes in float32, and differences of such a loss are noise: let it compute "
                f"in float64, or register {type(gradients).__name__} (see rnn_helpers.cells)"
            )
        found.notes.append(
            "Differences of a loss in float32 are noise: the gradients cannot be judged."
        )
    else:
        found.findings += wrong_gradients(asked, found)
    found.findings += side_effects(asked, found.tolerance)
    return found


def kept_between_calls(asked, tolerance):
    """What differs when the same is asked three times, in words, or None."""
    answers = [asked.answer, asked.ask(asked.setting), asked.ask(asked.setting)]

    def same(a, b):
        return np.array_equal(a, b, equal_nan=True) or agree(a, b, tolerance / 100)

    losses, gradients, states, _ = zip(*answers)
    changed = [
        name for name in gradients[0]._fields
        if not same(getattr(gradients[0], name), getattr(gradients[1], name))
    ]  # fmt: skip
    if not same(*losses[:2]) or not same(*states[:2]):
        what = "losses" if not same(*losses[:2]) else "last states"
        return (
            f"Asked the same twice, it gives two {what}: something is kept between calls, a state "
            "for instance, or drawn at random."
        )
    if not changed:
        return None
    said = f"Asked the same twice, it gives other gradients of {listed(changed)}"
    one, two, three = (np.concatenate([getattr(g, n).ravel() for n in changed]) for g in gradients)
    if agree(two - one, three - two, 1e-6):
        return (
            f"{said}: each call adds to those of the call before. Set them to zero at the start "
            "of every call."
        )
    if "by" not in changed:
        return (
            f"{said}, and the same loss and gradient of by: something of the last call enters the "
            "backward pass. What is passed back from step to step (dhnext) must start from zeros "
            "in every call."
        )
    return f"{said}: something is kept between calls, or drawn at random."


def parameters_unused(asked):
    """That the loss does not depend on the parameters, in words, or None."""
    other = asked.draw("large weights", asked.seed + 1)[0]
    if agree(asked.ask((other, *asked.setting[1:])).loss, asked.answer.loss, 0):
        return (
            "The loss does not change with the parameters that it is given. Does the function "
            "use them, or arrays of its own (globals)? Let it use what it is handed."
        )
    return None


def wrong_loss(asked):
    """What is wrong with the loss: a list of no or one finding."""
    parameters, inputs, targets, h0 = asked.setting
    loss, right, told = asked.answer.loss, asked.expected, asked.unit
    said = "The loss is {:.4f} and should be {:.4f}"
    if right is None:  # whatever the cell: where all is zero, all characters are equally likely
        said = "With all parameters zero the loss is {:.4f} and should be T ln V = {:.4f}"
        right, told = len(inputs) * np.log(len(parameters.by)), ""
        zeros = parameters._make(0 * array for array in parameters)
        with contextlib.suppress(CannotAsk):  # a cell that divides by its weights
            loss = asked.ask((zeros, inputs, targets, 0 * h0)).loss
            told = unit_of(loss, right, asked.setting, LOSS_TOLERANCE)
    elif told is None:
        others = list(other_losses(asked.setting))
        if type(parameters) is LSTMParameters:
            others += LSTM.losses(asked.setting)
        told = next((text for x, text in others if agree(loss, x, LOSS_TOLERANCE)), None)
    if told == "":
        return []
    told = told or "none that is often computed by mistake; look at the forward pass first"
    return [
        f"{said.format(loss, right)}: it is {told}. The gradients are compared with those of its "
        "own loss."
    ]


def wrong_gradients(asked, found):
    """Compare the gradients at all places, and say what is wrong: no or one finding."""
    evidence = {place: asked.evidence(place) for place in PLACES}
    found.reports.update((place, compare(*pair)) for place, pair in evidence.items())
    wrong = [place for place in PLACES if found.wrong(place)]
    if wrong != ["large gradients"]:
        del found.reports["large gradients"]  # it shows what the others show
    if not wrong:
        return []
    place = "large weights" if "large weights" in wrong else wrong[0]
    fields = asked.setting[0]._fields
    names = [name for name in fields if name in found.wrong(place)]
    who = f"{listed(names, 'is are')} wrong" if names != list(fields) else "All arrays are wrong"
    if place != "large weights":
        who += f" at {place}"
    elif names != list(fields):
        who += ", the others are right"
    return [f"{who}: {cause(asked, found, evidence, place)}."]


def cause(asked, found, evidence, place):
    """Why gradients are wrong at a place, in words: exactly, if a known mistake fits."""
    (gradients, right), setting = evidence[place], asked.draw(place)
    exactly = "exactly these numbers come out if"
    telling = place in ("large weights", "large gradients")  # elsewhere mistakes look alike
    catalogue = CATALOGUES.get(type(gradients))
    if telling and asked.unit is not None and catalogue:
        factor = unit_factor(asked.unit, setting)
        own = [g / factor for g in gradients]
        causes = explanation(own, setting, found.tolerance, catalogue)
        if causes:
            return f"{exactly} {'; and if '.join(causes)}"
    clip = clipping(list(evidence.values()), found.tolerance)
    if clip:
        return f"{exactly} {clip}: clip in the training loop"
    fitting = explanation_in_any_cell(gradients, right, setting, found.tolerance)
    if place == "large weights":
        said = fitting or look(asked, found)
        rows = None
        if type(gradients) is LSTMParameters:
            rows = wrong_gates(gradients, right, found.tolerance)
        return f"of the gates, only the rows of {rows}; {said}" if rows else said
    special = f"look at what is special there ({PLACES[place].about})"
    return f"{special}; {fitting}" if fitting else special


def look(asked, found):
    """Where to look, from which arrays are wrong, and at which places."""
    first = found.reports["first weights"]
    return where_to_look(
        fields=asked.setting[0]._fields,
        top=output_arrays(asked),
        wrong=found.wrong("large weights"),
        at_one_step=found.wrong("one step"),
        nearly_right={name for name, error in first.items() if 1e-9 < error < 1e-2},
        lstm=type(asked.setting[0]) is LSTMParameters,
    )


def output_arrays(asked):
    """The names of the arrays of the output layer: those that the state does not depend on."""
    parameters, inputs, _, h0 = asked.setting

    def state(parameters):
        if asked.expected is not None:
            return forward(parameters, inputs, h0)[0][-1]
        return asked.ask((parameters, *asked.setting[1:])).h_last

    before, names = state(parameters), set()
    for name, array in parameters._asdict().items():
        if agree(state(parameters._replace(**{name: array + 0.1})), before, 1e-9):
            names.add(name)
    return names


def side_effects(asked, tolerance):
    """What no gradient shows: a wrong last state, and arrays that are shared. A list."""
    findings = []
    loss, _, h_last, changed = asked.answer
    if changed:
        findings.append(
            f"It changes what it is given: {', '.join(changed)}. Whoever uses that array again "
            "reads something else: copy before you write."
        )
    returned = call(asked.function, SIGNATURE, *asked.draw("large weights"))[2]
    kept = np.copy(returned)
    call(asked.function, SIGNATURE, *asked.draw("large weights", asked.seed + 1))
    if not np.array_equal(kept, returned):
        findings.append(
            "The state that it returns is overwritten by the next call: return a copy."
        )
    parameters, inputs, targets, h0 = asked.setting
    if asked.unit is not None and not agree(
        h_last, forward(parameters, inputs, h0)[0][-1], tolerance
    ):
        findings.append("h_last is not the state after the last character.")
    if asked.expected is None:
        half = len(inputs) // 2
        one = asked.ask((parameters, inputs[:half], targets[:half], h0))
        two = asked.ask((parameters, inputs[half:], targets[half:], one.h_last))
        mean = (half * one.loss + (len(inputs) - half) * two.loss) / len(inputs)
        if not any(agree(loss, whole, tolerance) for whole in (one.loss + two.loss, mean)):
            findings.append(
                "Read in two pieces, the second from the h_last of the first, the window has "
                "another loss: h_last is not the state after the last character, or h0 is not "
                "used."
            )
    return findings


def find(name):
    """The function that module:function names; CannotAsk says what is missing."""
    module, colon, path = name.partition(":")
    if not (module and colon and path) or module.endswith(".py") or "/" in module:
        raise CannotAsk(
            f"{name} is not of the form module:function, such as mynet:loss_and_gradients for "
            "mynet.py in the folder that you are in"
        )
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split(".")[0] and error.name != module:
            raise CannotAsk(
                f"{module} was found, but it needs {error.name}, which is not"
            ) from error
        raise CannotAsk(
            f"there is no module {module}, seen from the folder {os.getcwd()}; go to the folder "
            f"that holds {module.split('.')[-1]}.py"
        ) from error
    except (Exception, SystemExit) as error:
        raise CannotAsk(
            f"{module} fails when imported: {type(error).__name__}: {error}"
        ) from error
    for part in path.split("."):
        if not hasattr(found, part):
            near = [n for n in vars(found) if callable(getattr(found, n)) and n[0] != "_"]
            has = f"; it has {', '.join(near)}" if near else ""
            raise CannotAsk(f"{module} has no {part}{has}")
        found = getattr(found, part)
    if not callable(found):
        raise CannotAsk(f"{name} is not a function")
    return found


def main(arguments):
    """The command: print the report and return the exit status."""
    if len(arguments) not in (1, 2) or arguments[0] in ("-h", "--help"):
        print(
            "usage: python -m rnn_helpers.gradient_check module:function [module:init_function]",
            file=sys.stderr,
        )
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    try:
        found = diagnose(*map(find, arguments))
    except CannotAsk as error:
        print(f"{arguments[0]} cannot be checked: {error}.", file=sys.stderr)
        return 2
    print(f"{arguments[0]}\n\n{found}")
    return 0 if found.right else 1
