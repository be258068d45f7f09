"""The diagnosis, tried on networks that were written in other manners, with bugs planted."""

import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from other_networks import columns, joined, tape

from rnn_helpers import bptt
from rnn_helpers.adagrad import clip_gradients
from rnn_helpers.bptt import loss_and_gradients
from rnn_helpers.diagnosis import PLACES, CannotAsk, diagnose, draw, errors_at, main
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.mistakes import MESSAGE, explanation, lines, messages, other_losses

NETWORKS = (columns, tape, joined)
HIDDEN, ALL = {"Wxh", "Whh", "bh"}, set(Parameters._fields)

# network, bug: the arrays that are wrong in a lively network, and what the report must say
PLANTED = {
    (columns, "sign"): (ALL, "the sign is turned round"),
    (columns, "one never subtracted"): (ALL, "the 1 at the target is not subtracted"),
    (columns, "rec from the state after"): (
        {"Whh"}, "Whh wrong, the others right: exactly these numbers come out if Whh holds h_t "
        "where h_(t-1) belongs",
    ),
    (columns, "rec before the slope"): ({"Whh"}, "Whh holds dh, from before the slope of tanh"),
    (columns, "out from the state before"): ({"Why"}, "Why holds h_(t-1) where h_t belongs"),
    (columns, "equals for plus-equals"): ({"Whh"}, "the first step alone, = where += belongs"),
    (columns, "transpose forgotten"): (HIDDEN, "through Whh where its transpose belongs"),
    (columns, "never handed back"): (HIDDEN, "dhnext is never passed on"),
    (columns, "handed back before the slope"): (HIDDEN, "the carry takes dh"),
    (columns, "slope without the square"): (HIDDEN, "1 - h stands where the slope of tanh"),
    (columns, "bias forgotten"): ({"bh"}, "bh holds nothing, it is never filled"),
    (columns, "loss in bits"): (ALL, "it is in bits"),
    (columns, "answer in the question"): (set(), "the loss with the inputs as targets"),
    (columns, "state never handed on inside"): (HIDDEN | {"Why"}, "it is in the loop"),
    (tape, "transpose forgotten"): (HIDDEN, "through Whh where its transpose belongs"),
    (tape, "tanh is straight"): (HIDDEN, "the slope of tanh, 1 - h^2, is left out"),
    (tape, "the last use overwrites the others"): (
        ALL, "dhnext is never passed on; and if Wxh, Whh, Why, bh and by hold the first step "
        "alone, = where += belongs",
    ),
    (tape, "the state is cut off"): (HIDDEN, "dhnext is never passed on"),
    (tape, "mean"): (set(), "the mean over the window; the contract's loss is the sum"),
    (joined, "slope plus"): (HIDDEN, "1 + h^2 stands where the slope of tanh"),
    (joined, "state added twice"): (HIDDEN, "right with one step and wrong with more"),
    (joined, "half of W"): ({"Whh"}, "only a factor is wrong"),
    (joined, "h0 ignored"): (set(), "h0 is not used"),
    (joined, "writes into h0"): (set(), "It changes what it is given: h0."),
    (joined, "first state handed back"): (set(), "h_last is not the state after the last"),
}  # fmt: skip


def flat(diagnosis):
    return " ".join(str(diagnosis).split())


@pytest.mark.parametrize("network", [bptt, *NETWORKS], ids=lambda m: m.__name__)
def test_what_is_right_is_called_right(network):
    found = diagnose(network.loss_and_gradients)
    assert found.right and not found.notes and "Nothing wrong was found." in str(found)
    assert all(not found.wrong(place) for place in PLACES)


@pytest.mark.parametrize("network, bug", PLANTED, ids=lambda x: getattr(x, "__name__", x))
def test_the_report_names_the_bug(network, bug):
    arrays, words = PLANTED[network, bug]
    found = diagnose(network.adapted(bug))
    assert found.wrong("lively") == arrays
    assert words in flat(found)
    assert not found.right and "Nothing wrong" not in str(found)


@pytest.mark.parametrize("seed", range(5))
def test_a_slope_that_is_missing_hides_at_the_first_weights(seed):
    function = columns.adapted("handed back before the slope")
    assert 0 < max(errors_at("first weights", function, seed).values()) < 1e-4
    assert max(errors_at("one step", function, seed).values()) < 1e-9
    assert max(errors_at("lively", function, seed).values()) > 0.1


def test_a_pattern_speaks_where_no_known_mistake_fits():
    right = bptt.loss_and_gradients

    def changed(**arrays):
        def function(*where):
            loss, gradients, h = right(*where)
            return loss, gradients._replace(**{n: f(gradients) for n, f in arrays.items()}), h

        return flat(diagnose(function))

    def noisy(name):
        return lambda g: (
            getattr(g, name)
            + 0.1 * np.cos(np.arange(getattr(g, name).size)).reshape(getattr(g, name).shape)
        )

    assert "look for h_t where h_(t-1) belongs" in changed(Whh=noisy("Whh"))
    assert "look for h_(t-1) where h_t belongs" in changed(Why=noisy("Why"))
    assert "a character that comes twice" in changed(Wxh=noisy("Wxh"))
    assert "the line of the bias" in changed(bh=noisy("bh"))
    assert "the arrow into h" in changed(Wxh=noisy("Wxh"), Whh=noisy("Whh"), bh=noisy("bh"))
    assert "p - onehot" in changed(Why=noisy("Why"), by=noisy("by"), bh=noisy("bh"))
    assert "only a factor" in changed(by=lambda g: 3 * g.by, Why=lambda g: 3 * g.Why)
    assert "sign turned round" in changed(by=lambda g: -3 * g.by)


def test_float32_is_said_and_not_taken_for_a_bug():
    found = diagnose(tape.adapted("float32"))
    assert found.right and "It computes in float32" in flat(found)


def test_a_loss_in_float32_that_is_not_ours_cannot_be_differenced():
    found = diagnose(tape.adapted("mean in float32"))
    assert not found.right and "the mean over the window" in flat(found)
    assert "Slopes of a loss in float32 are noise" in flat(found) and not found.reports


def test_each_message_mistake_is_told_from_the_others():
    where = draw("lively")
    for name, text in MESSAGE.items():
        made = messages(where, (name,))
        gradients = [next(g for _, g in lines(n, where, *made)) for n in Parameters._fields]
        assert explanation(gradients, where, 1e-9) == [text]


def test_each_line_mistake_is_told_from_the_others():
    where = draw("lively")
    right = bptt.loss_and_gradients(*where)[1]
    for name in Parameters._fields:
        for text, array in list(lines(name, where, *messages(where)))[1:]:
            assert explanation(right._replace(**{name: array}), where, 1e-9) == [
                f"{name} holds {text}"
            ]


def test_no_two_wrong_losses_are_alike():
    values = [value for value, _ in other_losses(draw("lively"))]
    assert len(np.unique(np.round(values, 3))) == len(values)


def state_kept(*where):
    """A function that reuses its memory: what it returned before changes with each call."""
    loss, gradients, h = bptt.loss_and_gradients(*where)
    state_kept.h = getattr(state_kept, "h", h)
    state_kept.h[:] = h
    return loss, gradients, state_kept.h


def test_a_state_that_is_overwritten():
    assert "overwritten by the next call" in flat(diagnose(state_kept))


# What cannot be asked, and what the error says.
MODULES = {
    "fine.py": "from rnn_helpers.bptt import loss_and_gradients\n",
    "broken.py": "1 +\n",
    "leaves.py": "import sys\nsys.exit(3)\n",
    "needy.py": "import a_module_that_is_missing\n",
    "odd.py": """
import numpy as np
from rnn_helpers.bptt import loss_and_gradients as right
number = 3
def fails(*where):
    raise RuntimeError("no luck")
def one(*where):
    return 3.0
def named(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._asdict(), h
def short(*where):
    loss, gradients, h = right(*where)
    return loss, gradients[:4], h
def turned(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._replace(Why=gradients.Why.T), h
def nan(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._replace(by=gradients.by * np.nan), h
def words(*where):
    loss, gradients, h = right(*where)
    return loss, gradients._replace(by="by"), h
def many(*where):
    loss, gradients, h = right(*where)
    return np.array([loss]), gradients, h
def column(*where):
    loss, gradients, h = right(*where)
    return loss, gradients, h[:, None]
""",
}
ERRORS = {
    "fine": "name it as module:function",
    "fine.py:loss_and_gradients": "name it as module:function",
    "nowhere:f": "there is no module nowhere",
    "fine:g": "fine has no g; it has loss_and_gradients",
    "broken:f": "broken fails when imported: SyntaxError",
    "leaves:f": "leaves fails when imported: SystemExit",
    "needy:f": "it needs a_module_that_is_missing",
    "odd:number": "is not a function",
    "odd:fails": "it failed with RuntimeError: no luck (odd.py, line 6)",
    "odd:one": "three things",
    "odd:named": "returned a dict",
    "odd:short": "five arrays",
    "odd:turned": "the gradient of Why has the shape (6, 7), not (7, 6)",
    "odd:nan": "the gradient of by holds nan",
    "odd:words": "the gradient of by is not made of real numbers",
    "odd:many": "the loss has the shape (1,), not ()",
    "odd:column": "h_last has the shape (6, 1), not (6,)",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in MODULES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in MODULES:
        sys.modules.pop(name.removesuffix(".py"), None)


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_asked_gets_a_helpful_error(name, folder, capsys):
    assert main([name]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and ERRORS[name] in shown.err


def test_status_0_for_right_and_1_for_wrong(folder, capsys, monkeypatch):
    assert main(["fine:loss_and_gradients"]) == 0
    monkeypatch.syspath_prepend(ROOT / "tests")
    assert main(["other_networks.columns:forgot_the_transpose"]) == 1
    assert "transpose belongs" in " ".join(capsys.readouterr().out.split())
    assert main([]) == 2 and main(["--help"]) == 0


def test_the_command_finds_a_module_in_the_folder_one_is_in(folder):
    command = [sys.executable, "-m", "rnn_helpers.gradient_check", "fine:loss_and_gradients"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert "Nothing wrong was found." in done.stdout


def test_in_a_notebook_the_error_is_raised():
    with pytest.raises(CannotAsk, match="three things"):
        diagnose(lambda *where: None)


def test_a_function_with_weights_of_its_own_is_noticed():
    own = draw("lively", seed=7)[0]

    def deaf(parameters, inputs, targets, h0):
        return loss_and_gradients(own, inputs, targets, h0)

    (finding,) = diagnose(deaf).findings
    assert "does not change with the parameters" in finding


def test_another_signature_is_named():
    with pytest.raises(CannotAsk, match=r"must take f\(parameters, inputs, targets, h0\)"):
        diagnose(lambda inputs, targets, h0: None)


def test_clipped_gradients_are_noticed():
    def clipped(*where):
        loss, gradients, h = loss_and_gradients(*where)
        return loss, clip_gradients(gradients, 0.5), h

    assert any("exactly 0.5 in size" in note for note in diagnose(clipped).notes)


def test_a_mere_factor_is_not_blamed_on_the_loop():
    def mean(parameters, inputs, *rest):
        loss, gradients, h = loss_and_gradients(parameters, inputs, *rest)
        return loss / len(inputs), gradients, h

    said = " ".join(diagnose(mean).findings)
    assert "only a factor" in said and "dhnext" not in said
