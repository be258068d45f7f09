"""Known bugs, to be put into copies of our own modules: for notebook 07 and for the tests.

A check can be trusted once it has caught bugs. `BUGS` holds them by name:

    network = broken("carry not transposed")
    network.loss_and_gradients(parameters, inputs, targets, h0)
    print(diff("carry not transposed"))

A bug says which places of a module it changes. A place is found in the syntax tree by what it
does: `carry` is the line of the loop over time that multiplies by Whh, whatever its variables
are called. So a bug survives new names and another layout. To add one, see `Bug`; to add a
place, see `places_in_bptt` and its like.
"""

import ast
import builtins
import difflib
import importlib
import inspect
import io
import itertools
import textwrap
import tokenize
from types import ModuleType, SimpleNamespace
from typing import NamedTuple

from rnn_helpers.cells import CELLS
from rnn_helpers.forward_pass import Parameters
from rnn_helpers.lstm import LSTMParameters


class Bug(NamedTuple):
    """A change of one module.

    `edits` maps places to the code that is to stand there. In this code ``{it}`` is what stands
    there now, and ``{another_place}`` what stands at another place; empty code removes a line.
    """

    module: str
    edits: dict


BUGS = {
    # The gradient with respect to the logits, from which all others follow.
    "sign turned round": Bug("bptt", {"loss_line": "{it}\n{dlogits} *= -1"}),
    "mean over time": Bug("bptt", {"loss_line": "{it}\n{dlogits} /= len({inputs})"}),
    "p for p - onehot": Bug("loss", {"one_subtracted": ""}),
    "sum over the batch": Bug("loss", {"gradient": "{it} * {targets}[0].size"}),
    # The message: into the hidden states, through tanh, on to the step before.
    "p into the state": Bug(
        "bptt", {"dlogits_into_h": "({it} + one_hot({targets}, {logits}.shape[-1]))"}
    ),
    "messages to the state before": Bug("bptt", {"into_h": "np.vstack([{it}[1:], 0 * {h0}])"}),
    "slope of tanh left out": Bug("bptt", {"slope": "np.ones_like({it})"}),
    "slope of tanh as 1 - h": Bug("bptt", {"slope": "1 - {hidden}[1:]"}),
    "time runs forwards": Bug("bptt", {"order_of_time": "reversed(list({it}))"}),
    "nothing comes from the future": Bug("bptt", {"carry": ""}),
    "carry not transposed": Bug("bptt", {"Whh_in_carry": "{it}.T"}),
    "carry taken before tanh": Bug("bptt", {"through_tanh": "{carry}\n{it}", "carry": ""}),
    # One array: the product of the message and what the array was multiplied with.
    "dWxh from the first step alone": Bug(
        "bptt", {"message_of_Wxh": "{it}[:1]", "factor_of_Wxh": "{it}[:1]"}
    ),
    "dWxh with repeated characters counted once": Bug(
        "bptt",
        {
            "gradients_line": "dWxh = np.zeros_like({Wxh})\n"
            "dWxh[:, {inputs}] += {message_of_Wxh}.T\n{it}",
            "gradient_of_Wxh": "dWxh",
        },
    ),
    "dWhh from the first step alone": Bug(
        "bptt", {"message_of_Whh": "{it}[:1]", "factor_of_Whh": "{it}[:1]"}
    ),
    "dWhh from the last step alone": Bug(
        "bptt", {"message_of_Whh": "{it}[-1:]", "factor_of_Whh": "{it}[-1:]"}
    ),
    "dWhh with the state after": Bug("bptt", {"factor_of_Whh": "{factor_of_Why}"}),
    "dWhh with the last state at the first step": Bug(  # h[t - 1] is h[-1] at t = 0
        "bptt", {"factor_of_Whh": "np.roll({factor_of_Why}, 1, axis=0)"}
    ),
    "slope of tanh left out of dWhh alone": Bug(
        "bptt", {"message_of_Whh": "({it} / {dtanh}.reshape({it}.shape))"}
    ),
    "dWhy with the state before": Bug("bptt", {"factor_of_Why": "{factor_of_Whh}"}),
    "dWhy not a number": Bug("bptt", {"gradient_of_Why": "np.nan * {it}"}),
    "dbh from the first step alone": Bug("bptt", {"gradient_of_bh": "{message_of_Wxh}[0]"}),
    "no gradient for bh": Bug("bptt", {"gradient_of_bh": "np.zeros_like({bh})"}),
    "no gradient for by": Bug("bptt", {"gradient_of_by": "np.zeros_like({by})"}),
    # The forward pass, the states that are handed on, the loss.
    "Whh transposed in the forward pass": Bug("forward_pass", {"Whh_transposed": "{Whh}"}),
    "scores from the state before": Bug(
        "bptt",
        {"forward_line": "{it}\n{logits} = {hidden}[:-1] @ {parameters}.Why.T + {parameters}.by"},
    ),
    "state shared, not copied": Bug("bptt", {"last_state": "{hidden}[-1]"}),
    "first state overwritten": Bug(
        "bptt",
        {"return_line": "{h0}[...] = {hidden}[-1]\nreturn {loss}, {gradients}, {h0}"},
    ),
    "bits for nats": Bug("loss", {"log": "np.log2"}),
    "loss as a mean over time": Bug("loss", {"loss": "{it} / len({targets})"}),
    "loss as a sum over the batch": Bug("loss", {"loss": "{it} * {targets}[0].size"}),
    "largest score not subtracted": Bug("loss", {"largest_subtracted": "{scores} + 0"}),
    "softmax over the wrong axis": Bug("loss", {"axis_of_softmax": "0"}),
    "temperature multiplies": Bug("loss", {"over_temperature": "{numerator} * {temperature}"}),
    # Training and the vocabulary.
    "input as target": Bug("training", {"targets": "{inputs}"}),
    "state forgotten": Bug("training", {"next_state": "_"}),
    "whole windows only": Bug(
        "training",
        {"first_line": "{it}\n{ids} = {ids}[: (len({ids}) - 1) // {length} * {length} + 1]"},
    ),
    "windows always cut at the same places": Bug("training", {"random_length": "{length}"}),
    "characters in no order": Bug("encoding", {"sorted_characters": "{characters}"}),
    # The LSTM: the first four were found in public.
    "gradient of the forget gate put into the bias of the input gate": Bug(
        "lstm",
        {"gradients_line": "{it}\ngates({gradients}.bh)[0][:] = gates({gradients}.bh)[1]"},
    ),
    "nothing comes back through the cell": Bug("lstm", {"carry_of_c": ""}),
    "forget gate with the cell after": Bug("lstm", {"cell_before": "{c}[1:]"}),
    "output gate left out on the way into the cell": Bug("lstm", {"o_into_cell": "1"}),
    "carry through the cell without the forget gate": Bug("lstm", {"f_in_carry": "1"}),
    "nothing comes back through h": Bug("lstm", {"carry_of_h": ""}),
    "what comes back through h left out of the cell": Bug(
        "lstm", {"dc_line": "", "carry_added": "{dc_line}\n{it}"}
    ),
    "slope of the forget gate left out": Bug("lstm", {"slope_of_f": "1"}),
    "slope of the new content as of a sigmoid": Bug("lstm", {"slope_of_g": "{g} * (1 - {g})"}),
    "output gate with the cell before tanh": Bug("lstm", {"shown_to_o": "{c}[1:]"}),
    "input gate multiplied by itself": Bug("lstm", {"g_to_i": "{i}"}),
    "time runs forwards in the LSTM": Bug("lstm", {"order_of_time": "reversed(list({it}))"}),
    "cell added to without being kept": Bug("lstm", {"f_in_cell": "1"}),
    "sigmoid of twice the number": Bug("lstm", {"half_in_sigmoid": "1.0"}),
    "bias of 1 at another gate": Bug("lstm", {"gate_of_bias": "0"}),
    "h and c exchanged when writing": Bug(
        "lstm", {"h_written": "{c_written}", "c_written": "{h_written}"}
    ),
}


def broken(*bugs):
    """Execute copies of our modules with bugs in them; the modules themselves stay as they are.

    Parameters
    ----------
    *bugs : str or Bug
        Names from `BUGS`; none for the code without a bug.

    Returns
    -------
    SimpleNamespace
        The functions and classes of all `MODULES` by name (`loss_and_gradients`, `train`,
        `Vocabulary`, ...), which call one another, and `sources`, the dict of `sources_with`.

    Raises ValueError if no bug has such a name, if a module was rewritten so that a bug no longer
    applies, or if two bugs change the same place.
    """
    sources, copies, cells = sources_with(*bugs), {}, set(CELLS)

    def import_copy(name, *args):
        """What `import` does in the copies: they import one another."""
        return copies.get(name) or __import__(name, *args)

    try:
        for name, source in sources.items():
            module = copies[f"rnn_helpers.{name}"] = ModuleType(f"rnn_helpers.{name}")
            module.__builtins__ = vars(builtins) | {"__import__": import_copy}
            exec(compile(source, f"{name}.py with a bug", "exec"), vars(module))
            if name == "forward_pass":  # all copies know one type of parameters, ours
                module.Parameters = Parameters
            if name == "lstm":
                module.LSTMParameters = LSTMParameters
    finally:
        for cell in (
            set(CELLS) - cells
        ):  # copies of forward_pass and lstm have registered their own
            del CELLS[cell]
    network = SimpleNamespace(sources=sources)
    for name, module in copies.items():
        own = {k: v for k, v in vars(module).items() if getattr(v, "__module__", None) == name}
        vars(network).update(own)
    return network


def sources_with(*bugs):
    """The sources of all `MODULES` with bugs in them, as a dict.

    The places are found in the code as it is, so the order of the bugs makes no difference.
    """
    modules = {}
    for bug in bugs:
        if isinstance(bug, str) and bug not in BUGS:
            raise ValueError(f"no bug is called {bug!r}; the names are in rnn_helpers.bugs.BUGS")
        name, edits = BUGS[bug] if isinstance(bug, str) else bug
        module = modules.setdefault(name, Module(name))
        for place, code in edits.items():
            module.edit(place, code)
    return {
        name: modules[name].edited() if name in modules else source_of(name) for name in MODULES
    }


def source_of(module):
    """The source of a module of this package as it is."""
    return inspect.getsource(importlib.import_module(f"rnn_helpers.{module}"))


def diff(*bugs):
    """What bugs change, line by line, without comments.

    ``-`` marks a line of our code, ``+`` one of the broken copy. A line between two changes is
    shown as well, and so is the line before lines that are added and replace none.
    """
    shown = []
    for name, source in sources_with(*bugs).items():
        lines = compared(without_comments(source_of(name)), without_comments(source))
        marks = [" ", *(mark for mark, _ in lines), " "]
        wanted = [
            mark != " " or after == "+" or " " not in (before, after)
            for before, mark, after in zip(marks, marks[1:], marks[2:])
        ]
        for show, hunk in itertools.groupby(zip(lines, wanted), key=lambda pair: pair[1]):
            if show:
                changes = [line for line, _ in hunk]
                code = textwrap.dedent("\n".join(text for _, text in changes)).split("\n")
                shown += [f"{mark} {text}" for (mark, _), text in zip(changes, code)]
    return "\n".join(shown)


def compared(old, new):
    """The lines of two sources as pairs: a mark ("-", "+" or " ") and the line."""
    lines = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            lines += [(" ", line) for line in old[a:b]]
            continue
        removed, added = [("-", line) for line in old[a:b]], [("+", line) for line in new[c:d]]
        one_by_one = len(removed) == len(added)
        lines += itertools.chain(*zip(removed, added)) if one_by_one else removed + added
    return lines


def without_comments(source):
    """The lines of a source, with nothing where a comment was."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return lines


class Module:
    """The source of a module, its places, and the edits that are to be made in it."""

    # Code that can be put in a place as it is; any other expression needs parentheses.
    PLAIN = ast.stmt, ast.arg, ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript

    def __init__(self, name):
        source = source_of(name)
        self.name, self.source, self.edits = name, source.encode(), []  # the tree counts bytes
        self.line_starts = [0]
        for line in self.source.splitlines(keepends=True):
            self.line_starts.append(self.line_starts[-1] + len(line))
        self.places, self.trouble = SimpleNamespace(), None
        try:
            MODULES[name](ast.parse(source), self.places)
        except (AttributeError, LookupError, StopIteration, TypeError, ValueError) as error:
            self.trouble = error  # what was found before it can be used

    def find(self, place):
        """The node of a place, where it begins and ends, and its code."""
        node = getattr(self.places, place, None)
        if node is None:
            raise ValueError(
                f"the place {place!r} was not found in {self.name}.py, only "
                f"{', '.join(vars(self.places))}. If the module was rewritten, adapt "
                f"{MODULES[self.name].__name__} in rnn_helpers/bugs.py; otherwise, adapt the bug"
            ) from self.trouble
        if isinstance(node, ast.stmt):  # whole lines
            begin, end = self.line_starts[node.lineno - 1], self.line_starts[node.end_lineno]
        else:
            begin = self.line_starts[node.lineno - 1] + node.col_offset
            end = self.line_starts[node.end_lineno - 1] + node.end_col_offset
        code = self.source[begin:end].decode().strip()
        return node, begin, end, code if isinstance(node, self.PLAIN) else f"({code})"

    def __getitem__(self, place):
        """The code of a place, for ``{place}`` in the code of a bug."""
        return self.find(place)[-1]

    def edit(self, place, code):
        """Note what has to be inserted or replaced so that this code stands at a place."""
        node, begin, end, _ = self.find(place)
        if code.count("{it}") == 1:  # what stands here is left, for other edits inside it
            before, after = code.split("{it}")
            if not isinstance(node, self.PLAIN):
                before, after = before + "(", ")" + after
            pieces = [(begin, begin, before), (end, end, after)]
        else:
            pieces = [(begin, end, code.replace("{it}", "{" + place + "}"))]
        for begin, end, text in pieces:
            text = text.format_map(self)
            if isinstance(node, ast.stmt) and text:
                text = textwrap.indent(text.strip("\n") + "\n", " " * node.col_offset)
            self.edits.append((begin, end, text))

    def edited(self):
        """The source with the edits made; ValueError if two of them change the same place."""
        parts, done = [], 0
        for begin, end, text in sorted(self.edits, key=lambda edit: edit[:2]):
            if begin < done:
                raise ValueError(f"two of the bugs change the same place of {self.name}.py")
            parts += [self.source[done:begin], text.encode()]
            done = end
        return b"".join([*parts, self.source[done:]]).decode()


# Where the places are: for each module a function that finds their nodes in its syntax tree.


def places_in_encoding(tree, at):
    """`Vocabulary.from_text`."""
    at.sorted_characters = one(
        function(tree, "from_text"), ast.Call, lambda call: same(call.func, "sorted")
    )
    (at.characters,) = at.sorted_characters.args


def places_in_forward_pass(tree, at):
    """`forward`."""
    forward = function(tree, "forward")
    at.Whh = unpacked(forward, forward.args.args[0])[1]
    at.Whh_transposed = one(
        forward, ast.Attribute, lambda node: node.attr == "T" and same(node.value, at.Whh)
    )


def places_in_loss(tree, at):
    """The function that returns the loss and its gradient, and `softmax`."""
    returned = one(tree, ast.Return, lambda line: isinstance(line.value, ast.Tuple))
    at.loss, at.gradient = returned.value.elts
    both = one(tree, ast.FunctionDef, lambda node: at.loss in ast.walk(node))
    at.targets = both.args.args[1]
    at.one_subtracted = one(both, ast.AugAssign, lambda line: isinstance(line.op, ast.Sub))
    at.log = one(both, ast.Attribute, lambda node: node.attr == "log")
    at.largest_subtracted = operation(tree, ast.Sub, lambda n: ".max(" in ast.unparse(n.right))
    at.scores = at.largest_subtracted.left
    softmax = function(tree, "softmax")
    at.temperature = softmax.args.args[1]
    at.over_temperature = operation(softmax, ast.Div, lambda n: same(n.right, at.temperature))
    at.numerator = at.over_temperature.left
    total = one(softmax, ast.Call, lambda call: getattr(call.func, "attr", "") == "sum")
    (at.axis_of_softmax,) = (keyword.value for keyword in total.keywords if keyword.arg == "axis")


def places_in_bptt(tree, at):
    """`loss_and_gradients`, from what it returns back to what it is given."""
    bptt = function(tree, "loss_and_gradients")
    at.parameters, at.inputs, at.targets, at.h0 = bptt.args.args
    at.Wxh, at.Whh, at.Why, at.bh, at.by = unpacked(bptt, at.parameters)
    at.return_line = bptt.body[-1]
    at.loss, at.gradients, at.last_state = at.return_line.value.elts
    at.loss_line = assignment(bptt, at.loss)
    at.logits, at.dlogits = at.loss_line.value.args[0], at.loss_line.targets[0].elts[1]
    at.forward_line = assignment(bptt, at.logits)
    at.hidden = at.forward_line.targets[0].elts[0]

    at.into_h = operation(bptt, ast.MatMult, lambda n: same(n.right, at.Why))
    at.dlogits_into_h = at.into_h.left
    at.slope = operation(bptt, ast.Sub, lambda n: same(n.left, "1"))
    (at.dtanh,) = one(bptt, ast.Assign, lambda line: line.value is at.slope).targets
    loop = one(bptt, ast.For)
    at.order_of_time = loop.iter
    at.through_tanh = one(loop, ast.AugAssign, lambda line: isinstance(line.op, ast.Mult))
    at.Whh_in_carry = one(loop, ast.Name, lambda node: same(node, at.Whh))
    (at.carry,) = (line for line in loop.body if at.Whh_in_carry in ast.walk(line))

    at.gradients_line = assignment(bptt, at.gradients)
    for keyword in at.gradients_line.value.keywords:
        name, value = keyword.arg, keyword.value
        setattr(at, f"gradient_of_{name}", value)
        if name.startswith("W"):  # message.T @ factor
            setattr(at, f"message_of_{name}", value.left.value)
            setattr(at, f"factor_of_{name}", value.right)


def places_in_lstm(tree, at):
    """`lstm_loss_and_gradients`, and a line or two of the others."""
    bptt = function(tree, "lstm_loss_and_gradients")
    at.return_line = bptt.body[-1]
    _, at.gradients, last_state = at.return_line.value.elts
    at.gradients_line = assignment(bptt, at.gradients)
    at.hidden = last_state.func.value.value
    at.bent, at.shown = assignment(bptt, at.hidden).targets[0].elts[1:3]
    halves = f"{at.hidden.id}[..., "
    split = one(bptt, ast.Assign, lambda line: ast.unparse(line.value).count(halves) == 2)
    at.h, at.c = split.targets[0].elts
    at.i, at.f, at.o, at.g = unpacked(bptt, f"gates({at.bent.id})")
    into_da = one(bptt, ast.Assign, lambda line: ".empty_like(" in ast.unparse(line))
    da_i, da_f, da_o, da_g = unpacked(bptt, f"gates({into_da.targets[0].id})")

    def line_of(part):
        """The line that fills this part of da."""
        return one(bptt, ast.Assign, lambda line: same(line.targets[0], f"{part.id}[:]"))

    at.cell_before = one(line_of(da_f), ast.Subscript, lambda node: same(node.value, at.c))
    at.slope_of_f = operation(line_of(da_f), ast.Sub, lambda n: same(n.left, "1"))
    at.slope_of_g = operation(line_of(da_g), ast.Sub, lambda n: same(n.left, "1"))
    at.shown_to_o = one(line_of(da_o), ast.Name, lambda node: same(node, at.shown))
    at.g_to_i = one(line_of(da_i), ast.Name, lambda node: same(node, at.g))
    into_cell = operation(
        bptt, ast.Mult, lambda n: same(n.left, at.o) and same(n.right, f"1 - {at.shown.id} ** 2")
    )
    at.o_into_cell = into_cell.left
    (slope,) = one(bptt, ast.Assign, lambda line: line.value is into_cell).targets

    loop = one(bptt, ast.For)
    at.order_of_time = loop.iter
    at.carry_added = one(loop, ast.AugAssign, lambda line: isinstance(line.op, ast.Add))
    at.dc_line = one(loop, ast.Assign, lambda line: f"{slope.id}[" in ast.unparse(line.value))
    at.carry_of_c = one(loop, ast.Assign, lambda line: f"{at.f.id}[" in ast.unparse(line.value))
    at.f_in_carry = one(at.carry_of_c, ast.Subscript, lambda node: same(node.value, at.f))
    at.carry_of_h = one(loop, ast.Assign, lambda line: ".dot(" in ast.unparse(line.value))

    sigmoid = function(tree, "sigmoid")
    at.half_in_sigmoid = one(
        sigmoid, ast.Call, lambda call: getattr(call.func, "attr", "") == "multiply"
    ).args[1]
    at.f_in_cell = operation(
        function(tree, "read"), ast.Add, lambda n: isinstance(n.left, ast.BinOp)
    ).left.left
    both = one(function(tree, "lstm_stepper"), ast.List)
    at.h_written, at.c_written = both.elts
    filled = one(
        function(tree, "init_lstm"), ast.Assign, lambda line: "gates(" in ast.unparse(line)
    )
    at.gate_of_bias = filled.targets[0].value.slice


def places_in_training(tree, at):
    """`train`."""
    train = function(tree, "train")
    at.ids, rng = train.args.args[1], train.args.args[4]
    (at.length,) = (keyword for keyword in train.args.kwonlyargs if keyword.arg == "length")
    at.first_line = train.body[1]  # after the docstring
    call = one(train, ast.Call, lambda call: same(call.func, "loss_and_gradients"))
    at.next_state = one(train, ast.Assign, lambda line: line.value is call).targets[0].elts[2]
    at.inputs, at.targets = assignment(train, call.args[1]).value.elts
    at.random_length = one(train, ast.Call, lambda call: same(call.func, f"{rng.arg}.integers"))


MODULES = {  # in the order in which they import one another
    "encoding": places_in_encoding,
    "forward_pass": places_in_forward_pass,
    "loss": places_in_loss,
    "bptt": places_in_bptt,
    "lstm": places_in_lstm,
    "training": places_in_training,
}


def one(tree, kind, test=lambda node: True):
    """The only node of a kind in a tree that passes a test; ValueError if there are 0 or 2."""
    (node,) = (node for node in ast.walk(tree) if isinstance(node, kind) and test(node))
    return node


def operation(tree, kind, test):
    """The only operation of a kind, such as ast.Sub for a - b, that passes a test."""
    return one(tree, ast.BinOp, lambda node: isinstance(node.op, kind) and test(node))


def function(tree, name):
    """The function of this name. Its arguments are found by their order."""
    return one(tree, ast.FunctionDef, lambda node: node.name == name)


def same(node, other):
    """Whether two nodes, or a node and a text, are the same code."""
    return ast.unparse(node) == (other if isinstance(other, str) else ast.unparse(other))


def assignment(function, variable):
    """The first line of a function that gives a variable its value."""
    return next(
        line
        for line in ast.walk(function)
        if isinstance(line, ast.Assign)
        and any(same(node, variable) for node in ast.walk(line.targets[0]))
    )


def unpacked(function, argument):
    """The variables into which a function unpacks one of its arguments."""
    line = one(function, ast.Assign, lambda line: same(line.value, argument))
    return line.targets[0].elts
