"""You against the network: Shannon's guessing game, key by key."""

import textwrap
from html import escape

import ipywidgets as W
import numpy as np

from rnn_helpers.checkpoints import load_model
from rnn_helpers.corpora import load_text
from rnn_helpers.guessing import (
    NETWORK,
    SHANNON,
    Game,
    fold,
    line_of,
    load_passages,
    prices_of,
    rivals,
    shannon_bounds,
)
from rnn_helpers.plots import visible
from rnn_helpers.widgets.html import CSS, KEEP_KEYS, SPEAK, page_html, style_html
from rnn_helpers.widgets.model_widget import StoredInFull, wide
from rnn_helpers.widgets.turns import in_turn

MARKS = ".,;:!?"  # keys that count as a full stop; quotation marks are dead keys on some keyboards
SCALE = 5  # bits per character at which a bar is full
RULES = (
    "<p>Type the character that you think comes next: a letter, a space, or a full stop for any"
    " mark. Capital or small does not matter. Go on until it is right; the fewer guesses, the"
    " fewer bits. The network plays by the same rule.</p>"
)
# A finished game that is stored with the series, so that a page that was not run shows one.
# Nobody played it: its guesses are made up.
MADE_UP = (
    "the bus",
    "swt", "io", "o", " ", "chwt", "i", "r", "e", "d", " ", "t", "o", " ", "scwb", "e", " ",
    "hsa", "n", "xg", "r", "y", ".",
)  # fmt: skip


def you_against_the_network(*, passage="the key", player=""):
    """Guess a text that the network has not read either, and see who pays fewer bits.

    Parameters
    ----------
    passage : str
        The name of a passage, such as "the bus"; the widget lists them all.
    player : str
        A name for the line that goes to the teacher at the end; it can be typed there as well.
    """
    return GuessingGame(passage, player)


class GuessingGame(StoredInFull):
    """A passage, a field for guesses, what the last guess said, and what each player has paid."""

    # Weight, frames and hatching say the same as the colour, in light and in dark pages.
    css = """
.rnn-got {display: inline-block; min-width: 1.3em; text-align: center; line-height: 1.1;
  font-weight: bold; vertical-align: top; white-space: pre}
.rnn-got i {display: block; font-size: 0.75em; font-style: normal; font-weight: normal}
.rnn-got i + i {color: #6b4200; text-decoration: underline}
.rnn-next {display: inline-block; min-width: 1em; border: 2px solid #0072b2; text-align: center;
  line-height: 1.2; vertical-align: top}
.rnn-told p, .rnn-told .rnn-key {line-height: 1.5; margin: 0.2em 0; max-width: 60em}
.rnn-said .widget-html-content {line-height: 1.5}
.rnn-told .rnn-track {width: 16em; min-width: 7em}
.rnn-told td:nth-child(n + 3) {white-space: nowrap}
.rnn-page.rnn-guess {line-height: 2.3; max-height: none; padding-bottom: 0.8em}
.rnn-you {background: #d55e00; outline: 1px solid #1b1f24}
.rnn-range {background: repeating-linear-gradient(45deg, #0072b2 0 2px, transparent 2px 5px);
  outline: 1px solid #0072b2; height: 0.9em}
"""

    def __init__(self, passage, player):
        self.passages = load_passages()
        if passage not in self.passages:
            raise ValueError(
                f"no passage is called {passage!r}; there are: {', '.join(self.passages)}"
            )
        self.network = load_model(NETWORK)
        self.learnt = load_text("story")
        self.passage = W.Dropdown(
            options=list(self.passages), value=passage, description="passage", **wide("20em")
        )
        self.again = W.Button(description="start again")
        self.typed = W.Text(description="your guess", placeholder="type here", **wide("15em"))
        self.player = W.Text(value=player, description="your name", **wide("24em"))
        self.line = W.Textarea(description="your line", rows=3, **wide("56em"))
        self.page, self.said, self.score, self.result = (W.HTML() for _ in range(4))
        self.rules = W.HTML(RULES)
        self.said.add_class("rnn-said")
        for told in (self.rules, self.page, self.score, self.result):
            told.add_class("rnn-told")
        self.focus = W.HTML()
        self.end = W.VBox([self.result, self.player, self.line])
        self.passage.observe(self.start, names="value")
        self.again.on_click(self.start)
        self.typed.observe(self.read_keys, names="value")
        self.player.observe(self.write_line, names="value")
        top = W.HBox([self.passage, self.again], layout=W.Layout(flex_flow="row wrap"))
        below = W.HBox([self.typed, self.said], layout=W.Layout(flex_flow="row wrap"))
        style = W.HTML(style_html(CSS + self.css, f"{SPEAK};{KEEP_KEYS}"))
        super().__init__(
            [self.rules, style, top, self.page, below, self.score, self.end, self.focus]
        )
        self.add_class(f"rnn-{id(self)}")
        self.add_class("rnn-keys")
        self.start()

    @in_turn
    def start(self, change=None):
        """Begin the chosen passage again, from its first hidden character."""
        passage = self.passages[self.passage.value]
        self.game = Game(passage)
        self.rivals = rivals(*self.network[:2], self.learnt, passage)
        self.before, self.typed.value, self.typed.disabled = "", "", False
        self.end.layout.display = "none"
        self.result.value, self.line.value = "", ""
        self.said.value = f"{len(passage.hidden)} characters to guess."
        self.show()
        if change is not None:  # somebody chose or clicked: the next key is a guess
            self.focus.value = style_html("", FOCUS.replace("PLACE", f".rnn-{id(self)}"))
            self.focus.value += f"<!-- {id(self.game)} -->"

    @in_turn
    def read_keys(self, change):
        """Take what was typed since the last time as guesses, one character at a time.

        The field is never emptied while one types: a fast key would be lost, or read twice.
        """
        new, same = change["new"], 0
        while same < min(len(new), len(self.before)) and new[same] == self.before[same]:
            same += 1
        self.before = new
        for character in new[same:]:
            if not self.game.finished:
                self.take(character)

    def take(self, character):
        """Take one key as a guess, and say what comes of it."""
        symbol = "." if character in MARKS else fold(character)
        if symbol == "." and character not in MARKS:
            self.said.value = (
                f"{escape(character)} is no guess. Type a letter, a space or a full stop."
            )
            return
        answer = self.game.guess(symbol)
        if answer == "right":
            self.said.value = self.right_words()
            if self.game.finished:
                self.finish()
            self.show()
        else:
            tried = " ".join(map(visible, self.game.tries[-1]))
            words = "is wrong" if answer == "wrong" else "was tried before, at no cost"
            self.said.value = f"{name_of(symbol)} {words}. Tried here: {tried}"

    def right_words(self):
        """What is said after a right guess: its number and price, and the network's."""
        i = self.game.solved - 1
        mine, its = self.game.numbers[i], self.rivals.numbers[i]
        return (
            f"<b>Right: {name_of(self.game.passage.symbols[i])}</b>, at guess {mine}:"
            f" {prices_of(mine):.1f} bits. The network: guess {its}, {prices_of(its):.1f} bits."
        )

    def show(self):
        """Draw the text so far and the score."""
        self.page.value = text_html(self.game, self.rivals)
        self.score.value = score_html(standings(self.game, self.rivals), self.game)

    def finish(self):
        """Say who won, and show the line for the teacher."""
        self.typed.disabled = True
        self.result.value = result_html(self.game, self.rivals)
        self.write_line()
        self.end.layout.display = ""

    @in_turn
    def write_line(self, change=None):
        """Write the finished game as a line, with the name that stands in the field."""
        if self.game.finished:
            self.line.value = line_of(self.game, self.player.value)

    def __repr__(self):
        return "You against the network: run this cell in JupyterLab to play.\n\n" + still_twin()


FOCUS = (
    "for (const wait of [0, 100]) setTimeout(() => "
    "document.querySelector('PLACE input')?.focus(), wait)"
)


def name_of(symbol):
    """A symbol as one says it."""
    return {" ": "space", ".": "full stop or other mark"}.get(symbol, symbol)


def standings(game, rivals):
    """What each has paid for the characters that the player has solved, in bits, by name."""
    n = game.solved
    return {
        "you": game.bits,
        "the network, by guesses": rivals.by_guesses[:n].sum(),
        "the network, by probabilities": rivals.by_probabilities[:n].sum(),
        "letter frequencies": rivals.letters[:n].sum(),
        "gzip": float(rivals.gzip[:n].sum()),
        "people (Shannon, 1951)": (SHANNON[0] * n, SHANNON[1] * n),
    }


def text_html(game, rivals):
    """The passage so far; under each guessed character the guesses it took, then the network's."""
    got = "".join(
        f"<span class='rnn-got'>{escape(visible(character))}<i>{mine}</i><i>{its}</i></span>"
        for character, mine, its in zip(game.passage.hidden, game.numbers, rivals.numbers)
    )
    following = "" if game.finished else "<span class='rnn-next'>?</span>"
    page = page_html(escape(game.passage.given) + got + following)
    page = page.replace("rnn-page", "rnn-page rnn-guess", 1)
    key = "Below each character: your guesses, then the network's (underlined)."
    return page + f"<div class='rnn-key'>{key}</div>"


def score_html(paid, game):
    """A table with a bar for each: bits so far, and per character."""
    n = max(game.solved, 1)
    ends = [np.max(bits) for bits in paid.values()]
    full = max(SCALE * len(game.passage.hidden), *ends)
    rows = []
    for name, bits in paid.items():
        low, high = bits if np.ndim(bits) else (0, bits)
        kind = "rnn-range" if np.ndim(bits) else "rnn-bar rnn-you" if name == "you" else "rnn-bar"
        style = f"margin-left: {100 * low / full:.1f}%; width: {100 * (high - low) / full:.1f}%"
        total, each = (
            (f"{low:.0f} to {high:.0f}", f"{low / n:.1f} to {high / n:.1f}")
            if np.ndim(bits)
            else (f"{high:.1f}", f"{high / n:.2f}")
        )
        name = f"<b>{name}</b>" if name == "you" else name
        rows.append(
            f"<tr><th scope='row'>{name}</th><td class='rnn-track'>"
            f"<div class='{kind}' style='{style}'></div></td><td>{total}</td><td>{each}</td></tr>"
        )
    return (
        f"<table class='rnn-table'><caption>Paid for {game.solved} of"
        f" {len(game.passage.hidden)} characters</caption><thead><tr><th scope='col'>paid by</th>"
        "<td></td><th scope='col'>bits so far</th><th scope='col'>per character</th></tr>"
        f"</thead><tbody>{''.join(rows)}</tbody></table><div class='rnn-key'>"
        "You and “the network, by guesses” pay by the number of guesses. The network's"
        " probabilities, which you were not asked for, say more than its guesses. It has read"
        " <i>A Tale of Two Cities</i>; letter frequencies and gzip know the story of this series."
        "</div>"
    )


def result_html(game, rivals):
    """Who won, and what Shannon would have made of the guesses."""
    mine, its, n = game.bits, rivals.by_guesses.sum(), game.solved
    low, high = shannon_bounds(game.numbers)
    bounds = (
        f"From your guesses Shannon would have worked out that this text has between {low:.1f} and"
        f" {high:.1f} bits a character. From {n} characters these bounds are rough"
        if low <= high
        else f"Shannon's two bounds cross here: {n} characters are too few for them"
    )
    gap = abs(mine - its)
    won = "You win" if mine < its else "The network wins"
    won = "A draw: you paid the same" if gap < 0.05 else f"{won} by {gap:.1f} bits"
    return (
        f"<p><b>{won}.</b> You paid {mine / n:.2f} bits a character, the network"
        f" {its / n:.2f}. {bounds}; a whole class together gives better ones. For the class,"
        " copy your line:</p>"
    )


def still_twin():
    """A finished game in words: its player is made up, the network's numbers are computed."""
    name, *tries = MADE_UP
    passage = load_passages()[name]
    game = Game(passage)
    for symbol in "".join(tries):
        game.guess(symbol)
    network = load_model(NETWORK)
    others = rivals(*network[:2], load_text("story"), passage)
    lines = ["A finished game. Its player is made up; the network has played."]
    lines += textwrap.wrap(passage.given + "...", 72, initial_indent="  ", subsequent_indent="  ")
    for title, cells in (
        ("to guess", map(visible, passage.hidden)),
        ("player, guesses", game.numbers),
        ("network, guesses", others.numbers),
    ):
        lines.append(f"{title:17}" + "".join(f"{cell!s:>3}" for cell in cells).rstrip())
    paid = standings(game, others)
    paid.pop("gzip")  # another version of gzip makes a file of another size
    for who, bits in paid.items():
        who = "the player" if who == "you" else who
        bits = np.atleast_1d(bits)
        total = " to ".join(f"{b:.0f}" for b in bits)
        each = " to ".join(f"{b / game.solved:.1f}" for b in bits)
        lines.append(f"{who:30} {total:>8} bits {each:>10} a character")
    return "\n".join(lines)
