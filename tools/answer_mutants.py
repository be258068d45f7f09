"""Wrong answers made by machine: the solution of an exercise, changed in one place.

`mutants(source)` gives them all: another operator or comparison, a sign turned, a term, a
factor, a call, a keyword or a statement dropped, arguments or results exchanged, another axis,
a transpose more or less, an index, a slice or a constant moved by one, one variable in place of
another, a loop that ends after its first turn. `tests/test_exercises.py` holds that the check of
the exercise refuses each of them, unless it computes the same as the solution.
"""

import ast
import copy

OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult, ast.Pow),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod, ast.Mult),
    ast.Mod: (ast.FloorDiv, ast.Add),
    ast.Pow: (ast.Mult, ast.Div),
    ast.MatMult: (ast.Mult, ast.Add),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
}
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt, ast.Eq),
    ast.LtE: (ast.Lt, ast.GtE, ast.Eq),
    ast.Gt: (ast.GtE, ast.Lt, ast.Eq),
    ast.GtE: (ast.Gt, ast.LtE, ast.Eq),
    ast.Eq: (ast.NotEq, ast.Lt, ast.Gt),
    ast.NotEq: (ast.Eq, ast.Lt, ast.Gt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


def mutants(source):
    """The sources of all mutants, none of them twice, each a text that Python can compile."""
    tree = ast.parse(source)
    names = local_names(tree)
    found = {ast.unparse(tree)}
    for place, node in enumerate(ast.walk(tree)):
        for new in variants(node, names):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[place]
            changed = ast.fix_missing_locations(Exchange(target, new).visit(changed))
            text = ast.unparse(changed)
            if text not in found and compiles(text):
                found.add(text)
                yield text


class Exchange(ast.NodeTransformer):
    """Puts another node, or a list of statements, in the place of one."""

    def __init__(self, target, new):
        self.target, self.new = target, new

    def visit(self, node):
        """The new node at the place, and below every other node the same."""
        return self.new if node is self.target else self.generic_visit(node)


def compiles(text):
    """Whether Python takes it as a program."""
    try:
        compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def local_names(tree):
    """The variables and arguments of the program, sorted."""
    nodes = list(ast.walk(tree))
    variables = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    arguments = {n.arg for n in nodes if isinstance(n, ast.arg)}
    return sorted((variables | arguments) - {"_"})


def variants(node, names):
    """What may stand in place of a node."""
    if isinstance(node, ast.stmt):
        yield from of_statement(node)
    elif isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store):
        yield from of_expression(node, names)
    elif isinstance(node, ast.comprehension):
        for i in range(len(node.ifs)):
            yield altered(node, ifs=node.ifs[:i] + node.ifs[i + 1 :])


def of_statement(node):
    """A statement dropped, or changed."""
    if isinstance(node, ast.FunctionDef):
        return
    yield ast.Pass()
    if isinstance(node, ast.AugAssign):
        for new in OPERATORS.get(type(node.op), ()):
            yield altered(node, op=new())
        yield ast.Assign([node.target], node.value)
    if isinstance(node, ast.For | ast.While):
        yield altered(node, body=[*node.body, ast.Break()])
        yield altered(node, orelse=[], body=[ast.Pass()])
    if isinstance(node, ast.If):
        yield altered(node, test=ast.Constant(True))
        yield altered(node, test=ast.Constant(False))
    if isinstance(node, ast.Break | ast.Continue):
        yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def of_expression(node, names):
    """An expression changed."""
    if isinstance(node, ast.BinOp):
        for new in OPERATORS.get(type(node.op), ()):
            yield altered(node, op=new())
        yield from (node.left, node.right)
        yield altered(node, left=node.right, right=node.left)
        for side in ("left", "right"):
            yield altered(node, **{side: ast.UnaryOp(ast.USub(), getattr(node, side))})
            if isinstance(node.op, ast.MatMult):
                turned = ast.Attribute(getattr(node, side), "T", ast.Load())
                yield altered(node, **{side: turned})
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for new in COMPARISONS.get(type(op), ()):
                yield altered(node, ops=[*node.ops[:i], new(), *node.ops[i + 1 :]])
    elif isinstance(node, ast.BoolOp):
        yield altered(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
        yield from node.values
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.Constant):
        yield from of_constant(node)
    elif isinstance(node, ast.Call):
        yield from of_call(node)
    elif isinstance(node, ast.Attribute) and node.attr in ("T", "real", "imag"):
        yield node.value
        if node.attr != "T":
            yield altered(node, attr="imag" if node.attr == "real" else "real")
    elif isinstance(node, ast.Subscript):
        yield node.value
        if not isinstance(node.slice, ast.Slice | ast.Tuple | ast.Constant):
            for move in (ast.Add(), ast.Sub()):
                yield altered(node, slice=ast.BinOp(node.slice, move, ast.Constant(1)))
    elif isinstance(node, ast.Slice):
        yield altered(node, lower=None if node.lower else ast.Constant(1))
        yield altered(node, upper=None if node.upper else ast.Constant(-1))
        yield altered(node, step=None if node.step else ast.Constant(-1))
    elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        for i in range(len(node.elts)):
            yield altered(node, elts=node.elts[:i] + node.elts[i + 1 :])
            for j in range(i):
                elts = [*node.elts]
                elts[i], elts[j] = elts[j], elts[i]
                yield altered(node, elts=elts)
    elif isinstance(node, ast.Name) and node.id in names:
        yield from (ast.Name(name, ast.Load()) for name in names if name != node.id)
        yield ast.UnaryOp(ast.USub(), node)


def of_constant(node):
    """A constant moved by one, turned or doubled; a text with more, less or nothing in it."""
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield from (ast.Constant(new) for new in (value + 1, value - 1, -value, 2 * value))
    elif isinstance(value, complex):
        yield from (ast.Constant(new) for new in (1e20 * value, abs(value)))
    elif isinstance(value, str):
        yield from (ast.Constant(new) for new in ("", value[1:], value + "x"))


def of_call(node):
    """A call dropped, with one argument less, or with two exchanged."""
    yield from node.args[:1]
    if isinstance(node.func, ast.Attribute):
        yield node.func.value  # a method
    for i in range(len(node.args)):
        yield altered(node, args=node.args[:i] + node.args[i + 1 :])
        for j in range(i):
            args = [*node.args]
            args[i], args[j] = args[j], args[i]
            yield altered(node, args=args)
    for i in range(len(node.keywords)):
        yield altered(node, keywords=node.keywords[:i] + node.keywords[i + 1 :])
    if isinstance(node.func, ast.Name) and node.func.id in ("max", "min"):
        other = "min" if node.func.id == "max" else "max"
        yield altered(node, func=ast.Name(other, ast.Load()))
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("max", "sum", "argmax"):
        other = {"max": "min", "sum": "mean", "argmax": "argmin"}[node.func.attr]
        yield altered(node, func=altered(node.func, attr=other))


def altered(node, **fields):
    """A copy of a node with some fields changed."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new
