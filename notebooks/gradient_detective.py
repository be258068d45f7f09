"""Beside chapter 07: what its cells use, so that they show the idea and not the machinery.

This file holds no answers; those are in gradient_detective_cases.py.
"""

import ast
import difflib
import functools
import itertools
import json
import textwrap

import matplotlib.pyplot as plt
import numpy as np
from gradient_detective_cases import CASES, CHECKS, build_network, one_epoch, orders
from gradient_detective_recipes import RESULTS

from rnn_helpers import plots
from rnn_helpers.adagrad import Adagrad
from rnn_helpers.bugs import MODULES, source_of, without_comments
from rnn_helpers.cells import zero_state
from rnn_helpers.forward_pass import forward
from rnn_helpers.training import bits_per_character

# One look for each kind of network, in all pictures of the chapter.
LOOKS = {
    "right": (plots.BLUE, "o"),
    "suspect": (plots.ORANGE, "s"),
    "changed": (plots.INK, "D"),
}


def spread(values, digits=2):
    """Median and range of a few runs, such as "1.87 [1.85 to 2.00]"."""
    shown = (f"{value:.{digits}f}" for value in (np.median(values), min(values), max(values)))
    return "{} [{} to {}]".format(*shown)


def seed_plot(rows, *, xlabel, title, digits=2):
    """Draw a few runs of several networks: a row a network, a mark a seed, the median in words.

    `rows` is a list of (label, values, kind), with a kind of `LOOKS`.
    """
    _, axes = plt.subplots(figsize=(7.5, 0.9 + 0.42 * len(rows)))
    for row, (_, values, kind) in enumerate(rows):
        colour, marker = LOOKS[kind]
        middle = np.median(values)
        axes.plot(values, [row] * len(values), marker, color=colour, alpha=0.55, linestyle="none")
        axes.vlines(middle, row - 0.32, row + 0.32, color=colour, linewidth=2.5)
        axes.annotate(
            f"{middle:.{digits}f}", (1.01, row), xycoords=("axes fraction", "data"), va="center"
        )
    axes.annotate("median", (1.01, -0.62), xycoords=("axes fraction", "data"), color=plots.GREY)
    axes.set_yticks(range(len(rows)), [label for label, *_ in rows])
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel=f"{xlabel} (one mark a seed)", title=title, ylim=(len(rows) - 0.4, -0.6))
    axes.set_xlim(0, 1.05 * max(max(values) for _, values, _ in rows))
    return axes


def band(axes, x, curves, label, colour, **look):
    """Draw the median of a few curves and their range, with a name at the end."""
    low, middle, high = np.min(curves, axis=0), np.median(curves, axis=0), np.max(curves, axis=0)
    axes.fill_between(x, low, high, color=colour, alpha=0.13, linewidth=0)
    axes.plot(x, middle, color=colour, **look)
    plots.end_label(axes, x[-1], middle[-1], label)


def draw_suspects(right, suspects):
    """Draw the training curves of several suspects, a panel each, beside those of the right one.

    `suspects` maps names to lists of curves.
    """
    _, panels = plt.subplots(2, 2, figsize=(7.5, 5), sharex=True, sharey=True)
    for axes, (name, curves) in zip(panels.flat, suspects.items()):
        for curve in right:
            axes.plot(curve, color=plots.BLUE, linestyle="-", linewidth=1.2)
        for curve in curves:
            axes.plot(curve, color=plots.ORANGE, linestyle="--", linewidth=1.2)
        axes.set(title=name, ylim=(0, 6), xticks=range(0, len(right[0]) + 1, 400))
    panels[0, 0].annotate("right", (800, 0.9), color=plots.BLUE)
    panels[0, 0].annotate("suspect", (800, 4.5), color=plots.ORANGE)
    for axes in panels[:, 0]:
        axes.set_ylabel("bits per character")
    for axes in panels[1]:
        axes.set_xlabel("step")


def draw_errors(scales, errors):
    """Draw how large the error of several cases looks at weights of several scales."""
    _, axes = plt.subplots(figsize=(7.5, 3.6))
    for (case, values), marker, line in zip(errors.items(), "sov", ("-", "--", "-.")):
        axes.loglog(scales, values, color=plots.ORANGE, marker=marker, markersize=4, ls=line)
        axes.annotate(
            f"case {case}", (scales[2], values[2]), (0, -14 if case == 6 else 9), va="center",
            ha="right", textcoords="offset points",
        )  # fmt: skip
    axes.axvline(0.01, color=plots.GREY, linewidth=1, linestyle=":")
    axes.annotate("first weights", (0.0107, 2e-9), color=plots.GREY)
    axes.set(xlabel="scale of the weights", ylabel="worst relative error")
    axes.set(xlim=(8e-4, 1.3), ylim=(1e-9, 10), yticks=10.0 ** np.arange(-8, 1, 2))
    return axes


def saturated_share(parameters, ids, beyond=0.95):
    """The share of all states, in one pass over a text, that lie beyond 0.95 in size."""
    hidden, _ = forward(parameters, ids[:-1], zero_state(parameters))
    return float((np.abs(hidden[1:]) > beyond).mean())


class Watch:
    """A callback for `train` that follows Whh and the states.

    Attributes
    ----------
    path : float
        The lengths of all steps of Whh, added up.
    saturated : dict
        The `saturated_share` after some numbers of steps.
    away : dict
        How far Whh is from where it began, after the same numbers of steps.
    """

    STEPS = 10, 25, 50, 100, 200, 400, 800, 1200

    def __init__(self, parameters, ids):
        self.parameters, self.ids = parameters, ids
        self.path, self.saturated, self.away = 0.0, {}, {}
        self.first, self.before = parameters.Whh.copy(), parameters.Whh.copy()

    def __call__(self, run):
        """Note what the last step changed."""
        self.path += np.linalg.norm(self.parameters.Whh - self.before)
        self.before = self.parameters.Whh.copy()
        if run.step in self.STEPS:
            self.saturated[run.step] = saturated_share(self.parameters, self.ids)
            self.away[run.step] = np.linalg.norm(self.parameters.Whh - self.first)


# The right gradient with one trait of a wrong one, to see whether that trait explains its win.


class ScaledWhh(Adagrad):
    """Adagrad whose steps of Whh, and of no other array, are `factor` times as long."""

    def __init__(self, parameters, rate, factor):
        super().__init__(parameters, rate)
        self.factor = factor

    def step(self, gradients):
        """Move every parameter once."""
        before = self.parameters.Whh.copy()
        super().step(gradients)
        self.parameters.Whh[:] = before + self.factor * (self.parameters.Whh - before)


class BorrowedSum(Adagrad):
    """Adagrad whose sum of squares for Whh is that of another gradient, `other`."""

    other = None

    def step(self, gradients):
        """Move every parameter once."""
        Whh, squares = self.parameters.Whh, self.sum_of_squares.Whh
        before, own = Whh.copy(), squares.copy()
        super().step(gradients)
        squares[:] = own + np.clip(self.other, -5, 5) ** 2
        Whh[:] = before - self.learning_rate * gradients.Whh / np.sqrt(squares + self.epsilon)


def with_both_gradients(mix, wrong="case 10, in all states"):
    """The right network, with mix(right, wrong) as its gradient of Whh.

    `mix` is given the right gradient of Whh and the wrong one, for the same window.
    """
    network, other = build_network(), build_network(wrong).loss_and_gradients
    right = network.loss_and_gradients

    def mixed(*setting):
        loss, gradients, h = right(*setting)
        Whh = mix(gradients.Whh, other(*setting)[1].Whh)
        return loss, gradients._replace(Whh=Whh), h

    network.train.__globals__["loss_and_gradients"] = mixed
    return network


def longer_steps(parameters, seed, rate=0.1):
    """The right network, and an optimizer with longer steps for Whh."""
    return build_network(), ScaledWhh(parameters, rate, 1.5)


def held_back(parameters, seed, rate=0.1):
    """The right network, and an optimizer with shorter steps for Whh."""
    return build_network(), ScaledWhh(parameters, rate, 0.3)


def shuffled_error(parameters, seed, rate=0.1):
    """The right gradient plus the error of case 10 with its entries shuffled."""
    rng = np.random.default_rng([seed, 1])

    def add_noise(right, wrong):
        error = (wrong - right).ravel()
        rng.shuffle(error)
        return right + error.reshape(right.shape)

    return with_both_gradients(add_noise), Adagrad(parameters, rate)


def borrowed_sum(parameters, seed, rate=0.1):
    """The right gradient, divided by the root of the sum of squares of case 10."""
    optimizer = BorrowedSum(parameters, rate)

    def lend(right, wrong):
        optimizer.other = wrong
        return right

    return with_both_gradients(lend), optimizer


RIVALS = {
    "longer steps": longer_steps,
    "noise": shuffled_error,
    "larger sum of squares": borrowed_sum,
}


# The numbered lines, and the guesses.


def lines_of(module, name):
    """The lines of a function below its docstring, without comments, as {row: code}."""
    source = source_of(module)
    (found,) = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    lines = without_comments(source)
    rows = range(found.body[1].lineno - 1, found.end_lineno)
    return {row: lines[row][4:] for row in rows if lines[row].strip()}


def numbered(module, name, first):
    """The lines of a function by number, each as (module, row, code)."""
    rows = lines_of(module, name).items()
    return {first + i: (module, row, code) for i, (row, code) in enumerate(rows)}


LINES = numbered("bptt", "loss_and_gradients", 1) | numbered("training", "train", 31)
GUESSES = {}  # case: the guesses so far, in their order


def show_lines(module):
    """Print the numbered lines of loss_and_gradients ("bptt") or of train ("training")."""
    for number, (where, _, code) in LINES.items():
        if where == module:
            indent = " " * (len(code) - len(code.lstrip()) + 8)
            print(textwrap.fill(f"{number:2}  {code}", 78, subsequent_indent=indent))


@functools.cache
def changed_lines(case):
    """The modules that a case changes, and the numbers of the lines that it changes.

    Where lines were added and none was changed, these are the lines before and after.
    """
    network, modules, numbers = build_network(case), set(), set()
    for module, source in network.sources.items():
        old, new = without_comments(source_of(module)), without_comments(source)
        rows = {row: n for n, (where, row, _) in LINES.items() if where == module}
        for tag, a, b, _, _ in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
            if tag == "equal":
                continue
            modules.add(module)
            numbers.update(rows[row] for row in range(a, b) if row in rows)
            if tag == "insert" and rows:
                numbers.add(rows[max(row for row in rows if row < a)])
                numbers.add(rows[min(row for row in rows if row >= a)])
    return modules, numbers


def accuse(case, line):
    """Say which line of a case is wrong: its number, or the name of a module.

    Prints whether it is, or a hint. `score` keeps count.
    """
    modules, numbers = changed_lines(case)
    if line is ...:
        name = "the number of a line" if numbers else "the name of a module, in quotes"
        said = f"your turn. Replace the three dots by {name}."
    elif line not in LINES and line not in MODULES:
        said = (
            f"there is no {line!r}. Give the number of a printed line, or the name of a module in "
            f"quotes: {', '.join(MODULES)}."
        )
    elif line in modules and numbers:
        said = "that is the module. Which of its lines?"
    else:
        guesses = GUESSES.setdefault(case, [])
        if line not in guesses and not solved(case):
            guesses.append(line)
        if line in numbers or line in modules:
            said = f"right. Points: {points(case)} of 3."
        else:
            said = f"not yet. {hint(line, modules, numbers)}"
    print(textwrap.fill(f"Case {case}: {said}", 78))


def hint(line, modules, numbers):
    """Where to look after a wrong guess; it names no line."""
    module = LINES[line][0] if line in LINES else line
    if module not in modules:
        other = {"bptt": "in the backward pass", "training": "in the loop over windows"}
        look = sorted(other.get(name, "at what is done before both functions") for name in modules)
        return f"All of {module} is as it should be. Look {' and '.join(look)}."
    distance, near = min((abs(n - line), n) for n in numbers if LINES[n][0] == module)
    where = "earlier" if near < line else "later"
    return f"You are near. Look a little {where}." if distance <= 3 else f"Look {where}."


def solved(case):
    """Whether one of the guesses was right."""
    modules, numbers = changed_lines(case)
    return any(guess in numbers or guess in modules for guess in GUESSES.get(case, []))


def points(case):
    """3 for a right first guess, 2 for a second, 1 for any later one, 0 without."""
    return max(4 - len(GUESSES[case]), 1) if solved(case) else 0


def score():
    """Print how many cases are solved, and the points."""
    done = [case for case in CASES if solved(case)]
    print(f"Solved: {len(done)} of {len(CASES)} cases.")
    print(f"Points: {sum(map(points, done))} of {3 * len(CASES)}", end=" ")
    print("(3 for a first guess, 2 for a second, 1 for any later one).")
    if done and len(done) < len(CASES):
        print("Open:", ", ".join(str(case) for case in CASES if case not in done))


# The matrix of cases and questions.


def draw_matrix(caught):
    """Draw which question catches which case; `caught` maps cases to sets of questions."""
    _, axes = plt.subplots(figsize=(7.5, 6.2))
    for row, names in enumerate(caught.values()):
        for column, name in enumerate(CHECKS):
            fill = plots.GREY if name in names else "none"  # no colour of `LOOKS`
            axes.scatter(column, row, 130, marker="s", facecolor=fill, edgecolor="#c3c8cf", lw=0.8)
    axes.set_yticks(range(len(caught)), [f"case {case}" for case in caught])
    axes.set_xticks(range(len(CHECKS)), [name.replace(" ", "\n", 1) for name in CHECKS])
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.set(xlim=(-0.6, len(CHECKS) - 0.4), ylim=(len(caught) - 0.4, -0.6))
    axes.spines[:].set_visible(False)
    axes.set_title("Filled: this question catches this case", pad=14)
    return axes


def questions_miss(*questions):
    """Print which cases these questions miss and, if none, whether fewer questions do."""
    if questions == (...,):
        print("Your turn. Replace the three dots by names of questions, in quotes.")
        return
    unknown = set(questions) - set(CHECKS)
    if unknown:
        print(f"There is no question {', '.join(map(repr, sorted(unknown)))}. The names are:")
        print(textwrap.fill(", ".join(CHECKS), 78))
        return
    missed = missed_by(questions)
    if missed:
        print("These cases pass all your questions:", ", ".join(map(str, missed)))
        return
    print(f"Your {len(set(questions))} questions catch all {len(CASES)} cases.", end=" ")
    fewer = len(smallest_set()) < len(set(questions))
    print("A smaller set does it, too." if fewer else "No smaller set does it.")


def missed_by(questions):
    """The cases that none of these questions catches."""
    return [number for number, case in CASES.items() if not case.caught_by & set(questions)]


def smallest_set():
    """The first of the smallest sets of questions that catch all cases."""
    return next(
        chosen
        for size in range(len(CHECKS) + 1)
        for chosen in itertools.combinations(CHECKS, size)
        if not missed_by(chosen)
    )


# Tables.


def print_wrong_counts(cases, places=("one step", "first weights", "large weights")):
    """Print how many gradients of each case are wrong at each place."""
    print(" " * 7 + "".join(f"{place:>16}" for place in places))
    for case in cases:
        counts = (len(CHECKS[place](build_network(case))) for place in places)
        print(f"case {case:2}" + "".join(f"{count:16}" for count in counts))


def print_verdicts(errors, tolerance=1e-6):
    """Print for each case, given with its largest relative error, whether a check passes it."""
    for case, error in errors.items():
        print(f"case {case}: {'right' if error <= tolerance else 'wrong'}")


def print_reports(says, pays, digits=2):
    """Print medians of what networks report, and of what an examiner says that they pay.

    Both map cases, or names, to the bits per character of a few seeds.
    """
    names = {case: called(case) for case in says}
    width, place = max(map(len, names.values())) + 2, 3 + digits
    for case, name in names.items():
        print(f"{name:{width}}reports {np.median(says[case]):{place}.{digits}f}", end="   ")
        print(f"pays {np.median(pays[case]):{place}.{digits}f}")


def called(case):
    """A case by its name: () is the right network."""
    return case if isinstance(case, str) else f"case {case}" if case else "right"


def print_reading(case):
    """Print the targets that a network uses as it reads a text once, and what it says this costs.

    "In one window" is the cost of the same text by `bits_per_character`.
    """
    nats, asked, parameters, text = one_epoch(build_network(case))
    price = bits_per_character(parameters, text) * (len(text) - 1)
    print(f"{called(case):8} reads {text[:6]}, targets {asked[:6]}")
    print(f"  {len(asked)} targets of {len(text) - 1}, cost {nats / np.log(2):.1f}", end=", ")
    print(f"in one window {price:.1f} bits")


def print_orders(cases):
    """Print in how many orders three processes put the characters of one sentence."""
    for case in cases:
        print(f"{called(case):8}different orders in three processes: {len(alphabets(case))}")


def alphabets(case):
    """The different orders that three processes give to the characters of one sentence."""
    return set(orders(build_network(case).sources["encoding"]))


# What the four notebooks reached: data/recipes.json, made by gradient_detective_recipes.py.


@functools.cache
def recipes():
    """The stored results of the four recipes."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def reached(name, version, what="examined"):
    """One number of each run of a version of a recipe; by default bits per character."""
    return np.array([run[what] for run in recipes()[name]["versions"][version]["runs"]])


def draw_recipes(names="ABCD"):
    """Draw what the versions of some recipes reached: median and range of their seeds."""
    rows = [(name, version) for name in names for version in recipes()[name]["versions"]]
    _, axes = plt.subplots(figsize=(7.5, 0.9 + 0.3 * len(rows)))
    for row, (name, version) in enumerate(rows):
        bits = reached(name, version)
        wrong = "as found" in version and name in "AD"
        colour, marker = LOOKS["suspect" if wrong else "right"]
        axes.hlines(row, bits.min(), bits.max(), color=colour, linewidth=1.2)
        axes.plot(np.median(bits), row, marker, color=colour)
        frequency = recipes()[name]["letter_frequencies"]
        axes.vlines(frequency, row - 0.5, row + 0.5, color=plots.INK, linestyle=":", linewidth=1.2)
    axes.set_yticks(range(len(rows)), [f"{name}, {version}" for name, version in rows])
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="bits per character", xlim=(-0.1, 6.5), ylim=(len(rows) - 0.5, -0.5))
    axes.set_title(
        "Circles: right gradient; squares: wrong; dotted: letter frequencies", loc="right",
        fontsize=10,
    )  # fmt: skip
    return axes


def print_recipes():
    """Print what the versions of all recipes reached, in bits per character."""
    for name, recipe in recipes().items():
        frequencies = f"letter frequencies {recipe['letter_frequencies']:.2f} bits"
        symbols = f"{recipe['characters']:,} characters, {recipe['symbols']} symbols"
        print(f"{name}: {symbols}, {frequencies}")
        for version, result in recipe["versions"].items():
            print(f"  {version:25} rate {result['rate']:<7g}", spread(reached(name, version)))


def draw_published(steps, curves, printed):
    """Draw the smoothed losses of many seeds, and those that were published."""
    _, axes = plt.subplots(figsize=(7.5, 3.8))
    axes.semilogy(steps, curves.T, color="#9aa1ac", linestyle="-", linewidth=1)
    axes.semilogy(steps, printed, "o-", color=plots.INK, markersize=4)
    plots.end_label(axes, steps[-1], printed[-1], "as printed")
    plots.plain_log_ticks(axes.yaxis, [0.3, 1, 3, 10, 30, 100])
    axes.set(xlabel="step", ylabel="nats per window, smoothed")
    axes.set(xlim=(0, 22_500), xticks=range(0, 20_001, 5000))
    axes.set_title("Twenty seeds, and the one that was published")
    return axes
