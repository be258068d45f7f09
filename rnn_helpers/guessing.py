"""Shannon's guessing game of 1951: a text is guessed character by character, and each is paid.

A player guesses the next character until it is right. How many guesses it took is all that is
kept. A twin, who would guess the same, could get the text back from these numbers alone, so
what it costs to write the numbers down is a price of the text. `PRICES` is that cost: a code
for numbers of guesses that is fixed before the game, the same for a person and for a network.

Capital and small letters count as one, a new line as a space, and all marks as a full stop, so
there are 28 symbols. `python -m rnn_helpers.guessing FILE` pools the games of a class.
"""

import gzip
import re
import sys
import tomllib
import unicodedata
import zlib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_helpers._checks import model
from rnn_helpers.cells import zero_state
from rnn_helpers.forward_pass import forward
from rnn_helpers.loss import softmax

SYMBOLS = "abcdefghijklmnopqrstuvwxyz ."
SHANNON = (0.6, 1.3)  # bits per character: his bounds for English, from people's guesses
NETWORK = "tale_of_two_cities"  # of the stored networks the better player
DATA = Path(__file__).parent.parent / "data"

# What the n-th guess costs in bits: the number n gets a probability in proportion to 1 / n^2.
_numbers = np.arange(1, len(SYMBOLS) + 1)
PRICES = 2 * np.log2(_numbers) + np.log2((1 / _numbers**2).sum())


class Passage(NamedTuple):
    """A text to guess: what the player may read first, and what is to be guessed."""

    name: str
    given: str
    hidden: str  # n characters

    @property
    def symbols(self):
        """What is to be guessed, as n of the 28 symbols."""
        return fold(self.hidden)


class Rivals(NamedTuple):
    """What others pay for the n characters of a passage; arrays (n,) in bits, but for numbers."""

    numbers: np.ndarray  # (n,) int: how many guesses the network needs for each
    by_guesses: np.ndarray  # the network, by the same prices as the player
    by_probabilities: np.ndarray  # the network: -log2 of the probability that it gave
    letters: np.ndarray  # letter frequencies of a text that was learnt
    gzip: np.ndarray  # how much longer its gzip file gets when the character is appended


def fold(text):
    """Write a text with the 28 symbols, one for each character."""
    return "".join(_symbol(character) for character in text)


def _symbol(character):
    if character.isspace():
        return " "
    letter = unicodedata.normalize("NFD", character)[0].lower()  # é counts as e
    return letter if letter in SYMBOLS[:26] else "."


def load_passages():
    """The passages that come with the series, by name; no stored network has read them."""
    text = (DATA / "passages.toml").read_text(encoding="utf-8")
    passages = [Passage(**entry) for entry in tomllib.loads(text)["passage"]]
    return {passage.name: passage for passage in passages}


def predictions(parameters, vocabulary, given, hidden):
    """What a network thinks will come next at each of n hidden characters: (n, 28).

    The probabilities of characters that count as one symbol are added up. Raises ValueError if
    nothing is given, or if the vocabulary lacks a character or does not fit the network.
    """
    model(parameters, vocabulary)
    if not given:
        raise ValueError("no character is given before the first guess; give at least one")
    ids = vocabulary.encode(given + hidden)
    _, logits = forward(parameters, ids[:-1], zero_state(parameters))
    p = softmax(logits[len(given) - 1 :].astype(np.float64))
    places = [SYMBOLS.index(symbol) for symbol in fold(vocabulary.characters)]
    return p @ np.eye(len(SYMBOLS))[places]


def numbers_of_guesses(p, symbols):
    """How many guesses each symbol takes if the most probable is tried first: (n,) int.

    Parameters
    ----------
    p : array (n, 28)
        The probabilities of the symbols at each place.
    symbols : str of n symbols
        What came.
    """
    came = [SYMBOLS.index(symbol) for symbol in symbols]
    order = np.argsort(-p, axis=1, kind="stable")
    return 1 + np.argmax(order == np.array(came)[:, np.newaxis], axis=1)


def prices_of(numbers):
    """What numbers of guesses cost, each in bits."""
    return PRICES[np.asarray(numbers, dtype=int) - 1]


def rivals(parameters, vocabulary, learnt, passage):
    """What a network, letter frequencies and gzip pay for a passage.

    Letter frequencies and gzip know the text `learnt`, and gzip has read what is given as
    well. All of them pay for the 28 symbols.
    """
    symbols, known = passage.symbols, fold(learnt)
    p = predictions(parameters, vocabulary, passage.given, passage.hidden)
    numbers = numbers_of_guesses(p, symbols)
    given_to_it = p[np.arange(len(symbols)), [SYMBOLS.index(s) for s in symbols]]
    count = Counter(known)  # one is added to each, so that none costs an infinite price
    letters = [(count[s] + 1) / (len(known) + len(SYMBOLS)) for s in symbols]
    read = known + fold(passage.given)
    sizes = [8 * len(gzip.compress((read + symbols[:n]).encode("ascii"), mtime=0))
             for n in range(len(symbols) + 1)]  # fmt: skip
    return Rivals(
        numbers, prices_of(numbers), -np.log2(given_to_it), -np.log2(letters), np.diff(sizes)
    )


def shannon_bounds(numbers):
    """Shannon's two bounds for the entropy of the text, in bits per character.

    The upper one is the entropy of the numbers of guesses: what they would cost by the best
    code for them, had it been known before the game. The lower one is the mean of
    ``n log2 n - (n - 1) log2(n - 1)`` over the numbers n; Shannon proved it for a player who
    always tries the most probable character next. Both are rough for a few dozen guesses.
    """
    n = np.asarray(numbers, dtype=float)
    if n.size == 0 or n.min() < 1:
        raise ValueError("need the numbers of guesses, each 1 or more; got "
                         f"{'none' if n.size == 0 else n.min()}")  # fmt: skip
    share = np.unique(n, return_counts=True)[1] / n.size
    upper = -(share * np.log2(share)).sum()
    before = np.maximum(n - 1, 1)  # 0 log 0 is 0, as 1 log 1 is
    lower = (n * np.log2(n) - before * np.log2(before)).mean()
    return float(lower), float(upper) + 0.0


class Game:
    """One player and one passage: which symbols were tried at each place."""

    def __init__(self, passage):
        self.passage = passage
        self.tries = [""]  # for each place so far, the symbols in the order in which they came

    @property
    def solved(self):
        """How many characters have been guessed."""
        return len(self.tries) - 1

    @property
    def finished(self):
        """Whether none is left to guess."""
        return self.solved == len(self.passage.hidden)

    @property
    def numbers(self):
        """How many guesses each character took, for those that are solved: (solved,) int."""
        return np.array([len(tried) for tried in self.tries[: self.solved]], dtype=int)

    @property
    def bits(self):
        """What the solved characters cost by `PRICES`, together."""
        return float(prices_of(self.numbers).sum())

    def guess(self, symbol):
        """Try a symbol at the present place: "right", "wrong", or "again" if it was tried."""
        if symbol not in SYMBOLS or len(symbol) != 1:
            raise ValueError(f"guess a letter, a space or a full stop, not {symbol!r}")
        if self.finished:
            raise ValueError("the game is over: all characters have been guessed")
        if symbol in self.tries[-1]:
            return "again"
        self.tries[-1] += symbol
        if symbol != self.passage.symbols[self.solved]:
            return "wrong"
        self.tries.append("")
        return "right"


# The games of a class. A line of text holds one game: it is made for mail and chat, so capitals
# and spaces do not matter in it, and a checksum says whether it came through.
LINE = re.compile(
    r"guesses of ?([^:]*) at ([^:]+): ([a-z_./]+) #([0-9a-f]{8})", re.IGNORECASE
)  # fmt: skip


class Played(NamedTuple):
    """A finished game that was read from a line."""

    player: str  # may be empty
    passage: Passage
    tries: list  # n strings: the symbols tried at each place, the last one right

    @property
    def numbers(self):
        """How many guesses each character took: (n,) int."""
        return np.array([len(tried) for tried in self.tries])


class ClassScore(NamedTuple):
    """What a class paid for one passage of n characters."""

    passage: Passage
    players: list  # of names
    bits: np.ndarray  # (players,) what each paid, in bits
    numbers_of_vote: np.ndarray  # (n,) int: how many guesses the class needs if it votes
    bounds: tuple  # Shannon's lower and upper bound, from all guesses of the class


class Pool(NamedTuple):
    """The games of a class: a score for each passage, and what was left out, in words."""

    scores: list
    skipped: list


def line_of(game, player=""):
    """Write a finished game as one line of text, to send to the teacher."""
    if not game.finished:
        raise ValueError(f"the game is not finished: {game.solved} of "
                         f"{len(game.passage.hidden)} characters are guessed")  # fmt: skip
    player = " ".join(re.sub(r"[^\w .'-]", " ", player).split())[:40]
    player = f" {player}" if player else ""
    tries = "/".join(game.tries[: game.solved]).replace(" ", "_")
    return f"guesses of{player} at {game.passage.name}: {tries} #{_checksum(game, tries)}"


def _checksum(game, tries):
    # of the passage too: a game on an older text of the same name does not fit
    return f"{zlib.crc32((fold(game.passage.given) + game.passage.symbols + tries).encode()):08x}"


def read_line(line, passages=None):
    """Read back a game; ValueError says what is wrong with the line.

    Words around it do not matter: what counts is the piece from "guesses of" to the checksum.
    """
    passages = load_passages() if passages is None else passages
    found = LINE.search(" ".join(line.split()))
    if not found:
        raise ValueError("there is no game in it; a game looks like "
                         "“guesses of Ada at the bus: t/eo/… #01234567”")  # fmt: skip
    player, name, tries, checksum = found.groups()
    name, tries, checksum = name.lower(), tries.lower(), checksum.lower()
    if name not in passages:
        raise ValueError(f"no passage is called {name!r}; there are: {', '.join(passages)}")
    game = Game(passages[name])
    if _checksum(game, tries) != checksum:
        raise ValueError("it was changed or cut on its way: its checksum does not fit. Ask for "
                         "the line again")  # fmt: skip
    for place, tried in enumerate(tries.replace("_", " ").split("/"), start=1):
        over = game.finished or tried == ""
        answers = [] if over else [game.guess(s) for s in tried if not game.finished]
        if over or answers != ["wrong"] * (len(tried) - 1) + ["right"]:
            raise ValueError(f"these are no guesses at {name!r}: see character {place}")
    if not game.finished:
        raise ValueError(f"only {game.solved} of {len(game.passage.hidden)} characters are in it")
    return Played(player.strip(), game.passage, game.tries[: game.solved])


def vote(ballots):
    """How many guesses a class needs at one place if it votes.

    Each player has a list of symbols, the right one last, and votes for the first of them that
    has not been tried. The symbol with most votes is tried (of several, the first in
    `SYMBOLS`), until it is the right one.
    """
    right, tried = ballots[0][-1], set()
    while right not in tried:
        votes = Counter(next(s for s in ballot if s not in tried) for ballot in ballots)
        tried.add(max(SYMBOLS, key=lambda symbol: votes[symbol]))
    return len(tried)


def pool(lines, passages=None):
    """Pool the games of a class.

    Parameters
    ----------
    lines : iterable of str
        One game a line, as `line_of` writes it; empty lines are passed over.
    passages : dict of Passage by name, optional
        By default those that come with the series.

    Returns
    -------
    Pool
        A ClassScore for each passage that was played. A line that cannot be read is left out
        and named by its number; so is a second game of a player at the same passage, which the
        player knew by then.
    """
    passages = load_passages() if passages is None else passages
    games, skipped, first = {}, [], {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            played = read_line(line, passages)
        except ValueError as error:
            skipped.append(f"line {number}: {error}")
            continue
        name = played.passage.name
        who = played.player.casefold() or tuple(played.tries)  # without a name: the same guesses
        if (who, name) in first:
            skipped.append(
                f"line {number}: {played.player or 'the same game'} was in line "
                f"{first[who, name]} already; only the first game at a passage counts"
            )
            continue
        first[who, name] = number
        games.setdefault(name, []).append(played)
    return Pool([_class_score(played) for played in games.values()], skipped)


def _class_score(games):
    return ClassScore(
        games[0].passage,
        [game.player or "no name" for game in games],
        np.array([prices_of(game.numbers).sum() for game in games]),
        np.array([vote(ballots) for ballots in zip(*(game.tries for game in games))]),
        shannon_bounds(np.concatenate([game.numbers for game in games])),
    )


def report(pooled):
    """What a class paid, in words: one paragraph a passage, and the lines that were left out."""
    parts = []
    for score in pooled.scores:
        n, players = len(score.passage.hidden), len(score.players)
        mean, voted = score.bits.mean(), prices_of(score.numbers_of_vote).sum()
        parts.append(
            f"{score.passage.name}: {n} characters, {players} player{'s' * (players != 1)}\n"
            f"  one player, on average   {mean:6.1f} bits, {mean / n:.2f} a character"
            f" ({score.bits.min() / n:.2f} to {score.bits.max() / n:.2f})\n"
            f"  the class, if it votes   {voted:6.1f} bits, {voted / n:.2f} a character\n"
            f"  Shannon's bounds, from all {n * players:,} characters together: "
            f"{score.bounds[0]:.2f} to {score.bounds[1]:.2f} bits a character\n"
        )
    if not parts:
        parts.append("No game was found.\n")
    if pooled.skipped:
        parts.append("Left out:\n" + "".join(f"  {words}\n" for words in pooled.skipped))
    return "\n".join(parts)


def main(arguments):
    """Print the report of the file that is named."""
    if len(arguments) != 1:
        sys.exit("usage: python -m rnn_helpers.guessing FILE   (one line a game)")
    try:
        text = Path(arguments[0]).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{arguments[0]} cannot be read as UTF-8 text: {error}")
    print(report(pool(text.splitlines())), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
