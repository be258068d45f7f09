"""What is wrong with a gradient, and where to look (the method of notebook 07).

``print(diagnose(function))`` in a notebook, or in a terminal, in the folder of your file,

    python -m rnn_helpers.gradient_check module:function

questions any function with the signature of `rnn_helpers.bptt.loss_and_gradients`, for a
single stream. The command's exit status is 0 if all is right, 1 if something is wrong and
2 if the function could not be questioned.
"""

import importlib
import os
import sys
import textwrap
import traceback
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnn_helpers.forward_pass import Parameters, forward, init_parameters
from rnn_helpers.gradient_check import check_gradients, compare
from rnn_helpers.loss import cross_entropy
from rnn_helpers.mistakes import agree, explanation, listed, other_losses

BAR, SINGLE_BAR = 1e-6, 1e-3  # the largest error that counts as right; in float32
LOSS_BAR = 1e-5  # for losses, which float32 has to seven digits
NUDGE = 1e-5  # of central differences
HIDDEN = {"Wxh", "Whh", "bh"}


class CannotAsk(Exception):
    """The function cannot be questioned; the message says why."""


class Place(NamedTuple):
    """Where a function is questioned."""

    scale: float  # of weights, biases and first state
    steps: int
    biases: bool = True  # or zeros, and a first state of zeros, as where training starts


PLACES = {
    "first weights": Place(0.01, 9, biases=False),
    "one step": Place(0.5, 1),
    "large weights": Place(0.5, 9),
}


def draw(place, seed=0, V=7, H=6):
    """A network and a window for a place: parameters, inputs, targets, h0."""
    scale, T, biases = PLACES[place]
    rng = np.random.default_rng(seed)
    parameters = init_parameters(V, H, rng, scale=scale)
    bh, by, h0 = (scale * biases * rng.standard_normal(n) for n in (H, V, H))
    inputs, targets = rng.integers(0, V, (2, T))
    return parameters._replace(bh=bh, by=by), inputs, targets, h0


def ask(function, where):
    """Call the function with copies: loss, gradients, h_last, and the names of what it changed.

    Raises CannotAsk, saying why, if it fails or does not return what the contract says.
    """
    given = [*where[0], *where[1:]]
    copies = [np.copy(array) for array in given]
    try:
        answer = function(Parameters(*copies[:5]), *copies[5:])
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        if isinstance(error, TypeError) and frame.filename == __file__:  # it did not begin
            raise CannotAsk(
                f"it must take f(parameters, inputs, targets, h0), and does not: {error}"
            ) from error
        spot = f"{os.path.basename(frame.filename)}, line {frame.lineno}"
        raise CannotAsk(f"it failed with {type(error).__name__}: {error} ({spot})") from error
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        raise CannotAsk("it must return three things: loss, gradients, h_last")
    loss, gradients, h_last = answer
    if not isinstance(gradients, tuple | list) or len(gradients) != 5:
        raise CannotAsk(
            "its gradients must be Parameters(Wxh, Whh, Why, bh, by), or five arrays in this "
            f"order; it returned a {type(gradients).__name__}"
        )
    names = (*(f"the gradient of {name}" for name in Parameters._fields), "h_last", "the loss")
    checked = []
    for name, array, like in zip(names, [*gradients, h_last, loss], [*where[0], where[3], 0.0]):
        try:
            array = np.array(array) if np.isrealobj(array) else np.array(array, object)
            checked.append(array.astype(array.dtype if array.dtype.kind == "f" else float))
        except (TypeError, ValueError):
            raise CannotAsk(f"{name} is not made of real numbers") from None
        if array.shape != np.shape(like):
            raise CannotAsk(f"{name} has the shape {array.shape}, not {np.shape(like)}")
        if not np.isfinite(checked[-1]).all():
            raise CannotAsk(
                f"{name} holds nan or infinity: look for an exp or a log of large scores"
            )
    names = (*Parameters._fields, "inputs", "targets", "h0")
    changed = [n for n, a, b in zip(names, copies, given) if not np.array_equal(a, b)]
    return checked[6], Parameters(*checked[:5]), checked[5], changed


def our_loss(where):
    """The loss by the contract."""
    parameters, inputs, targets, h0 = where
    return cross_entropy(forward(parameters, inputs, h0)[1], targets)


def own_slopes(function, where):
    """Central differences of the function's own loss: a witness for losses unlike ours."""
    weights, *rest = where
    weights = Parameters(*(np.copy(array) for array in weights))
    slopes = Parameters(*(np.zeros(array.shape) for array in weights))
    for array, slope in zip(weights, slopes):
        for index, kept in np.ndenumerate(array):
            losses = []
            for nudge in (NUDGE, -NUDGE):
                array[index] = kept + nudge
                losses.append(float(ask(function, (weights, *rest))[0]))
            array[index] = kept
            slope[index] = (losses[0] - losses[1]) / (2 * NUDGE)
    return slopes


def errors_at(place, function, seed=0):
    """Error and cosine of each gradient of a function, as a `GradientReport`.

    The witness is the complex step if the function's loss is ours, otherwise central
    differences of its own loss.
    """
    where, large = draw(place, seed), draw("large weights", seed)
    _, gradients, _, _ = ask(function, where)
    if agree(ask(function, large)[0], our_loss(large), LOSS_BAR):
        return check_gradients(*where, gradients=gradients)
    return compare(gradients, own_slopes(function, where))


@dataclass
class Diagnosis:
    """What `diagnose` found: errors by place and array, and findings in words."""

    reports: dict  # place: GradientReport
    findings: list  # what is wrong and where to look, one sentence or two each
    notes: list  # what you should know, though it is not wrong
    bar: float

    @property
    def right(self):
        """Whether nothing is wrong."""
        return not self.findings

    def wrong(self, place):
        """The names of the arrays that are wrong at a place."""
        return {name for name, error in self.reports[place].items() if error > self.bar}

    def table(self):
        """Error and cosine of each array at each place, without a word on the cause."""
        rows = ["gradient  " + "".join(f"{place:18}" for place in self.reports).rstrip()]
        for name in Parameters._fields:
            row = f"{name:10}"
            for place, report in self.reports.items():
                shown = f"{report[name]:<6.1g} cos {report.cosine[name]:+.2f}"
                row += f"{shown if name in self.wrong(place) else 'right':18}"
            rows.append(row.rstrip())
        return "\n".join(rows)

    def __str__(self):
        said = ["Nothing wrong was found."] if self.right else self.findings
        said = [textwrap.fill(sentence, 76) for sentence in said + self.notes]
        return "\n\n".join([self.table(), *said] if self.reports else said)


def diagnose(function):
    """Question a function with the signature of `loss_and_gradients`.

    Its loss, its gradients at three places (`PLACES`), its last state, and its manners:
    the same answer when asked twice, nothing changed that was handed in.

    Returns a `Diagnosis`; print it. Raises CannotAsk if there is nothing to compare.
    """
    where = draw("large weights")
    loss, gradients, h_last, changed = ask(function, where)
    findings, notes = [], []

    single = all(np.array_equal(g, g.astype(np.float32)) for g in gradients)
    bar = SINGLE_BAR if single else BAR
    if single:
        notes.append(
            "It computes in float32, which keeps seven digits: errors below 1e-3 count as right "
            "here. To be sure, let it compute in float64."
        )

    if agree(ask(function, (draw("large weights", seed=1)[0], *where[1:]))[0], loss, 0):
        deaf = (
            "The loss does not change with the parameters that it is given. Does the function "
            "use them, or arrays of its own (globals)? Let it use what it is handed."
        )
        return Diagnosis({}, [deaf], notes, bar)

    ours = agree(loss, our_loss(where), LOSS_BAR)
    if not ours:
        known = (text for value, text in other_losses(where) if agree(loss, value, LOSS_BAR))
        text = next(known, "none that is often computed by mistake")
        findings.append(
            f"The loss is {float(loss):.4f} where the contract's is {our_loss(where):.4f}: it is "
            f"{text}. The gradients are compared with the slopes of its own loss."
        )
    if not ours and np.float32(loss) == loss:
        notes.append("Slopes of a loss in float32 are noise: the gradients cannot be judged.")
        reports = {}
    else:
        reports = {place: errors_at(place, function) for place in PLACES}
    found = Diagnosis(reports, findings, notes, bar)
    if any(found.wrong(place) for place in reports):
        causes = explanation(gradients, where, bar) if ours else None
        if causes:
            advice = f"exactly these numbers come out if {'; and if '.join(causes)}"
        else:
            advice = pattern(found)
        findings.append(f"{accused(found)}: {advice}.")
        entries = np.abs(np.concatenate([gradient.ravel() for gradient in gradients]))
        if (entries == entries.max()).sum() > 1 and entries.any():
            notes.append(
                f"Several entries are exactly {entries.max():g} in size: if the function clips "
                "its gradients, let it clip after the check."
            )
    findings += manners(function, where, ours, bar)
    return found


def accused(found):
    """Which arrays are wrong, in words."""
    place = next(p for p in ("large weights", *found.reports) if found.wrong(p))
    names = [name for name in Parameters._fields if name in found.wrong(place)]
    if len(names) == 5:
        return "All five wrong"
    return f"{listed(names)} wrong" + (
        f" at {place}" if place != "large weights" else ", the others right"
    )


def pattern(found):
    """Where to look, from which arrays are wrong where, and in which direction."""
    wrong, report = found.wrong("large weights"), found.reports["large weights"]
    if not wrong:
        return "at large weights all is right, so look at what is special there"
    steps_matter = not found.wrong("one step")
    cosines = [report.cosine[name] for name in wrong]
    factor = min(cosines) > 1 - 1e-6
    where = []
    if max(cosines) < -1 + 1e-6:
        where.append("the cosine is -1: look for a sign turned round")
    elif factor:
        where.append(
            "the cosine is 1, so only a factor is wrong: look for a sum where a mean belongs, or "
            "the other way round"
        )
    elif not any(cosines):
        where.append("the cosine is 0: look for a line that is missing, an array never filled")
    elif wrong == {"Whh"}:
        where.append("look for h_t where h_(t-1) belongs, or dh where da belongs")
    elif wrong == {"Why"}:
        where.append("look for h_(t-1) where h_t belongs")
    elif wrong == {"Wxh"}:
        where.append("look for the column that is filled, and for a character that comes twice")
    elif wrong <= {"bh", "by"}:
        where.append("look at the sum over time in the line of the bias")
    elif wrong <= HIDDEN and not steps_matter:
        where.append(
            "everything below Why: look at the arrow into h, Why.T @ (p - onehot), and at the "
            "slope of tanh after it"
        )
    elif not wrong <= HIDDEN:
        where.append("look at the top first, p - onehot: the rest inherits what is wrong there")
    if steps_matter and not factor:
        where.append(
            "right with one step and wrong with more, so it is in the loop: = where += belongs, "
            "or dhnext (is it passed on, through Whh.T, after the slope of tanh?)"
        )
    if all(1e-9 < found.reports["first weights"][name] < 1e-2 for name in wrong):
        where.append(
            "nearly right at the first weights and wrong at larger ones: look for the slope of "
            "tanh, 1 - h^2, which is nearly 1 at small states"
        )
    return "; ".join(where)


def manners(function, where, ours, bar):
    """What no gradient shows: states, and arrays that are shared."""
    parameters, inputs, targets, h0 = where
    findings = []
    loss, _, h_last, changed = ask(function, where)
    again = ask(function, where)
    if not agree(loss, again[0], 0):
        findings.append("Asked twice the same, it gives two losses: something is kept inside.")
    if changed:
        findings.append(
            f"It changes what it is given: {', '.join(changed)}. Whoever uses that array again "
            "reads something else: copy before you write."
        )
    mine = draw("large weights")
    _, _, first = function(*mine)
    kept = np.copy(first)
    function(*draw("large weights", seed=1))
    if not np.array_equal(kept, first) or np.shares_memory(first, mine[3]) and not changed:
        findings.append(
            "The state that it returns is overwritten by the next call: return a copy."
        )
    if ours and not agree(h_last, forward(parameters, inputs, h0)[0][-1], bar):
        findings.append("h_last is not the state after the last character.")
    return findings


def find(name):
    """The function that module:function names; CannotAsk says what is missing."""
    module, colon, path = name.partition(":")
    if not (module and colon and path) or module.endswith(".py") or "/" in module:
        raise CannotAsk(
            "name it as module:function, such as mynet:loss_and_gradients for mynet.py in the "
            "folder that you are in"
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
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        print("usage: python -m rnn_helpers.gradient_check module:function", file=sys.stderr)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    try:
        found = diagnose(find(arguments[0]))
    except CannotAsk as error:
        print(f"{arguments[0]} cannot be checked: {error}.", file=sys.stderr)
        return 2
    print(f"{arguments[0]}\n\n{found}")
    return 0 if found.right else 1
