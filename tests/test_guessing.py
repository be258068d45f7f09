"""Shannon's game: its prices, the rivals, the lines that a class sends in, the passages."""

import re

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from rnn_helpers import guessing
from rnn_helpers.cells import zero_state
from rnn_helpers.checkpoints import MODELS, load_model
from rnn_helpers.corpora import load_text
from rnn_helpers.guessing import (
    PRICES,
    SHANNON,
    SYMBOLS,
    Game,
    Passage,
    fold,
    line_of,
    load_passages,
    numbers_of_guesses,
    pool,
    predictions,
    prices_of,
    read_line,
    report,
    rivals,
    shannon_bounds,
    vote,
)
from rnn_helpers.sampling import next_character_probabilities

PASSAGES = load_passages()
NETWORK = load_model(guessing.NETWORK)
STORY = load_model("story")
LEARNT = load_text("story")
KEY = PASSAGES["the key"]
every_passage = pytest.mark.parametrize("passage", PASSAGES.values(), ids=lambda p: p.name)


def played(passage, wrong=(), times=1):
    """A game at a passage: at the places in `wrong` the first other symbols are tried before."""
    game = Game(passage)
    for place, symbol in enumerate(passage.symbols):
        if place in wrong:
            others = [s for s in "etaoins" if s != symbol][:times]
            assert [game.guess(s) for s in others] == ["wrong"] * times
        assert game.guess(symbol) == "right"
    return game


def test_a_text_is_folded_character_by_character():
    assert fold("The Quay,\nat 7: “É—ß” ñ") == "the quay. at .. .e... n"
    assert SYMBOLS == "abcdefghijklmnopqrstuvwxyz ." and len(PRICES) == 28


def test_the_prices_are_those_of_a_code():
    """Probabilities that add up to 1 make a code of these lengths (Kraft)."""
    assert np.isclose((2.0**-PRICES).sum(), 1)
    assert (np.diff(PRICES) > 0).all()
    assert np.allclose(prices_of([2, 4, 8, 16]) - prices_of([1, 2, 4, 8]), 2)
    assert np.allclose(prices_of([1, 2, 3]), [0.69, 2.69, 3.86], atol=0.005)


@pytest.mark.parametrize("name", MODELS)
def test_predictions_add_up_what_counts_as_one_symbol(name):
    model, text = load_model(name), "It was late, and then"
    p = predictions(model.parameters, model.vocabulary, text[:8], text[8:])
    assert p.shape == (len(text) - 8, 28) and np.allclose(p.sum(axis=1), 1)
    h = zero_state(model.parameters)
    ids = model.vocabulary.encode(text)
    for i in range(len(text) - 1):
        q, h = next_character_probabilities(model.parameters, h, ids[i])
        if i >= 7:
            for place, symbol in enumerate(SYMBOLS):
                alike = [fold(c) == symbol for c in model.vocabulary.characters]
                assert np.isclose(p[i - 7, place], q[alike].sum())


def test_predictions_refuse_what_they_cannot_use():
    with pytest.raises(ValueError, match="no character is given before the first guess"):
        predictions(STORY.parameters, STORY.vocabulary, "", "abc")
    with pytest.raises(ValueError, match="'5' at position 1 is not in the vocabulary"):
        predictions(STORY.parameters, STORY.vocabulary, "a5", "b")


def test_numbers_of_guesses():
    p = np.zeros((3, 28))
    p[0, :3] = 0.2, 0.7, 0.1
    p[1, :3] = 0.2, 0.7, 0.1
    p[2, :3] = 0.4, 0.4, 0.2  # of equals the first in the alphabet is tried first
    assert numbers_of_guesses(p, "bcb").tolist() == [1, 3, 2]
    assert numbers_of_guesses(p, "d.a").tolist() == [4, 28, 1]


@every_passage
def test_a_twin_gets_the_text_back_from_the_numbers(passage):
    """That is why the cost of the numbers is a price of the text."""
    numbers = rivals(*NETWORK[:2], LEARNT, passage).numbers
    text = passage.given
    for number, character in zip(numbers, passage.hidden):
        p = predictions(*NETWORK[:2], text, " ")[0]  # what is hidden plays no part
        symbol = SYMBOLS[np.argsort(-p, kind="stable")[number - 1]]
        assert symbol == fold(character)
        text += character  # capitals and marks are shown as they are


@every_passage
def test_rivals_pay_by_their_own_rules(passage):
    others, symbols = rivals(*NETWORK[:2], LEARNT, passage), passage.symbols
    assert all(len(pays) == len(symbols) for pays in others)
    assert np.allclose(others.by_guesses, prices_of(others.numbers))
    p = predictions(*NETWORK[:2], passage.given, passage.hidden)
    for i, symbol in enumerate(symbols):
        assert np.isclose(2 ** -others.by_probabilities[i], p[i, SYMBOLS.index(symbol)])
    known = fold(LEARNT)
    share = (known.count(symbols[0]) + 1) / (len(known) + 28)
    assert np.isclose(2 ** -others.letters[0], share)
    assert len(set(others.letters)) == len(set(symbols))  # the same letter, the same price
    assert 0 < others.gzip.sum() and (others.gzip % 8 == 0).all()


def test_gzip_has_read_the_story_and_what_is_given():
    """A piece of the story costs it next to nothing, and letters that never came a lot."""
    from_story = Passage("x", LEARNT[5000:5150], LEARNT[5150:5190])
    strange = Passage("y", LEARNT[5000:5150], "qjvkwqvjkwqkjvwqjkvwqvkjwqjvkqwvjkqwvjqk")
    known, unknown = (rivals(*STORY[:2], LEARNT, p).gzip.sum() for p in (from_story, strange))
    assert known <= 40 and unknown > 100


def test_bounds_of_numbers_that_can_be_worked_out():
    assert shannon_bounds([1, 1, 1, 1]) == (0, 0)
    assert np.allclose(shannon_bounds([1, 2, 3, 4]), (2, 2))  # a fair choice of four
    assert np.allclose(shannon_bounds([1, 1, 1, 2]), (0.5, 0.8113), atol=1e-4)
    for wrong in ([], [0, 1]):
        with pytest.raises(ValueError, match="need the numbers of guesses, each 1 or more; got"):
            shannon_bounds(wrong)


@given(st.lists(st.integers(1, 28), min_size=1, max_size=200))
def test_bounds_are_shannons(numbers):
    """His formulas, term by term (1951, inequality 17)."""
    q = np.bincount(numbers, minlength=30)[1:] / len(numbers)
    i = np.arange(1, 29)
    low = (i * (q[:28] - q[1:29]) * np.log2(i)).sum()
    high = -(q[q > 0] * np.log2(q[q > 0])).sum()
    assert np.allclose(shannon_bounds(numbers), (low, high), atol=1e-9)


def test_the_bounds_enclose_a_known_entropy():
    """A source that is certain, or undecided between two, or between four: 1 bit on average."""
    rng = np.random.default_rng(0)
    choices = rng.choice([1, 2, 4], 30_000)  # 0, 1 and 2 bits
    numbers = 1 + (rng.random(30_000) * choices).astype(int)
    low, high = shannon_bounds(numbers)
    assert low - 0.03 < 1 < high + 0.03 and high - low > 0.2
    assert prices_of(numbers).mean() > high  # no code is better than the entropy


def test_a_game():
    game = Game(Passage("two", "It is ", "a B."))
    assert [game.guess(s) for s in "eea"] == ["wrong", "again", "right"]
    assert game.solved == 1 and game.numbers.tolist() == [2]
    assert np.isclose(game.bits, PRICES[1])
    with pytest.raises(ValueError, match="not finished: 1 of 4 characters are guessed"):
        line_of(game)
    assert [game.guess(s) for s in " b."] == ["right"] * 3
    assert game.finished and game.numbers.tolist() == [2, 1, 1, 1]
    assert np.isclose(game.bits, PRICES[1] + 3 * PRICES[0])
    with pytest.raises(ValueError, match="the game is over"):
        game.guess("a")


@pytest.mark.parametrize("wrong", ["", "ab", "A", "é", "5", "\n"])
def test_a_game_takes_symbols_only(wrong):
    with pytest.raises(ValueError, match="guess a letter, a space or a full stop, not"):
        Game(PASSAGES["the bus"]).guess(wrong)


@every_passage
@pytest.mark.parametrize("player", ["Ada", "", "Zoë O'Neil-Silva", "at at: #x /", "A" * 90])
def test_a_line_is_read_back(passage, player):
    game = played(passage, wrong={0, 3, 7}, times=3)
    line = line_of(game, player)
    assert "\n" not in line and len(line) < 200
    back = read_line(line)
    assert back.passage == passage and back.tries == game.tries[:-1]
    assert back.numbers.tolist() == game.numbers.tolist()
    kept = " ".join(re.sub("[:#/]", " ", player).split())[:40]
    assert back.player == kept


def test_a_line_survives_what_mail_does_to_it():
    line = line_of(played(KEY, wrong={1}), "Ada")
    for changed in (f"> {line}  ", f"Hello, here it is: {line}. Ada", line.upper(),
                    line.replace(" ", "  "), "\t" + line):  # fmt: skip
        assert read_line(changed).tries == read_line(line).tries


def test_a_damaged_line_is_refused_wherever_it_is_damaged():
    line = line_of(played(KEY, wrong={1, 5}, times=2), "Ada")
    start = line.index("at the key")
    for place in range(start, len(line)):
        for change in ("", "x" if line[place] != "x" else "y"):
            broken = line[:place] + change + line[place + 1 :]
            if broken.split() == line.split():
                continue
            with pytest.raises(ValueError, match="no game in it|no passage|changed or cut"):
                read_line(broken)


def test_a_game_at_an_older_text_of_the_same_name_is_refused():
    older = KEY._replace(given="It was late, and ")
    line = line_of(played(older))
    assert read_line(line, {"the key": older}).passage == older
    with pytest.raises(ValueError, match="changed or cut"):
        read_line(line)


def sealed(tries, name="the key"):
    """A line with a checksum that fits, whatever its guesses are."""
    game = Game(PASSAGES[name])
    return f"guesses of Bo at {name}: {tries} #{guessing._checksum(game, tries)}"


def test_guesses_that_no_game_can_have_are_refused():
    good = line_of(played(KEY), "Bo").split(": ")[1].split(" #")[0]
    assert read_line(sealed(good)).player == "Bo"
    for tries, words in (
        (good.replace("t/h", "t/eeh", 1), "no guesses at 'the key': see character 2"),
        (good.replace("t/h", "t/e", 1), "see character 2"),
        (good.replace("t/h", "t//h", 1), "see character 2"),
        (good[:-2], "only 21 of 22 characters"),
        (good + "/a", "see character 23"),
    ):
        with pytest.raises(ValueError, match=re.escape(words)):
            read_line(sealed(tries))


def test_a_class_votes():
    assert vote(["t"]) == 1
    assert vote(["t", "et", "et"]) == 2  # two votes for e, then all for t
    assert vote(["et", "t", "t"]) == 1
    assert vote(["et", "at", "t"]) == 2  # one each: a is the first of them; then two for t
    assert vote(["zt", "t"]) == 1 and vote(["at", "t"]) == 2
    assert vote(["eat", "eat", "at", "ot"]) == 3  # e (2), then a (3), then t (3)
    assert vote(["abcdt"] * 3 + ["t"] * 2) == 5


def test_a_class_is_pooled():
    key, bus = KEY, PASSAGES["the bus"]
    games = [played(key, {0}, 2), played(key, {0, 1}), played(key), played(bus, {4})]
    lines = [line_of(g, name) for g, name in zip(games, ("Ada", "Bo", "", "Ada"))]
    lines[1:1] = ["", "hello", lines[0].replace("#", "#0")]
    lines += [line_of(played(key), "ADA"), lines[5]]
    result = pool(lines)
    assert [s.passage.name for s in result.scores] == ["the key", "the bus"]
    score = result.scores[0]
    assert score.players == ["Ada", "Bo", "no name"]
    assert np.allclose(score.bits, [g.bits for g in games[:3]])
    ballots = list(zip(*(g.tries[:-1] for g in games[:3])))
    assert score.numbers_of_vote.tolist() == [vote(b) for b in ballots]
    numbers = np.concatenate([g.numbers for g in games[:3]])
    assert score.bounds == shannon_bounds(numbers)
    starts = [
        "line 3: there is no game in it",
        "line 4: it was changed or cut",
        "line 8: ADA was in line 1 already",
        "line 9: the same game was in line 6",
    ]
    assert len(result.skipped) == 4
    for words, start in zip(result.skipped, starts):
        assert words.startswith(start)


def test_the_report_of_a_class():
    key = KEY
    games = played(key, {0}, 3), played(key)
    said = report(pool([line_of(g, n) for g, n in zip(games, "AB")] + ["?"]))
    n, mean = 22, np.mean([g.bits for g in games])
    assert "the key: 22 characters, 2 players\n" in said
    assert f"{mean:6.1f} bits, {mean / n:.2f} a character" in said
    low, high = min(g.bits for g in games) / n, max(g.bits for g in games) / n
    assert f"({low:.2f} to {high:.2f})" in said
    voted = prices_of([2] + 21 * [1]).sum()  # one each for e and t: e comes first
    assert f"{voted:6.1f} bits, {voted / n:.2f} a character" in said
    assert "all 44 characters together" in said and "Left out:\n  line 3: there is no" in said
    assert report(pool([])) == "No game was found.\n"


def test_the_command(tmp_path, capsys):
    file = tmp_path / "class.txt"
    file.write_text(line_of(played(PASSAGES["the bus"]), "Ada") + "\n", encoding="utf-8-sig")
    guessing.main([str(file)])
    assert "the bus: 22 characters, 1 player\n" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="usage: python -m rnn_helpers.guessing FILE"):
        guessing.main([])
    with pytest.raises(SystemExit, match="cannot be read as UTF-8 text"):
        guessing.main([str(tmp_path / "none.txt")])
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SystemExit, match="cannot be read as UTF-8 text"):
        guessing.main([str(file)])


# The passages


@every_passage
def test_a_passage_can_be_played(passage):
    text = passage.given + passage.hidden
    assert 150 <= len(text) <= 250 and 20 <= len(passage.hidden) <= 24
    assert text.isascii() and "  " not in text and passage.given[-1] == " "
    assert passage.hidden[-1] == "." and set(passage.symbols) <= set(SYMBOLS)
    for name in MODELS:
        assert set(text) <= set(load_model(name).vocabulary.characters)


def longest_common_piece(text, other):
    """The longest piece of a text that stands in another one."""
    best = ""
    for start in range(len(text)):
        while text[start : start + len(best) + 1] in other and start + len(best) < len(text):
            best = text[start : start + len(best) + 1]
    return best


@every_passage
@pytest.mark.parametrize("model", MODELS)
def test_no_model_has_read_a_passage(passage, model):
    try:
        other = load_text(load_model(model).settings["text"])
    except ConnectionError as error:
        pytest.skip(str(error))
    piece = longest_common_piece(passage.given + passage.hidden, " ".join(other.split()))
    assert len(piece) <= 22, piece
    piece = longest_common_piece(passage.hidden, " ".join(other.split()))
    assert len(piece) <= 16, piece


def test_there_are_enough_passages_for_a_class():
    assert len(PASSAGES) >= 6
    assert all(
        " at " not in name and ":" not in name and name == name.lower() for name in PASSAGES
    )
    assert len({p.hidden for p in PASSAGES.values()}) == len(PASSAGES)


def test_the_network_of_the_game_is_a_good_opponent():
    """What each pays, passage by passage (run with -s to see it). It is the better of the stored
    ones, and worse than people are said to be, so that there is something to win."""
    each = {}
    for name in MODELS:
        model = load_model(name)
        for passage in PASSAGES.values():
            n, others = len(passage.hidden), rivals(*model[:2], LEARNT, passage)
            each.setdefault(name, []).append(
                [pays.sum() / n for pays in others[1:]] + [np.mean(others.numbers == 1)]
            )
            print(f"{name:20} {passage.name:12}", np.round(each[name][-1], 2))
        print(f"{name:20} mean        ", np.mean(each[name], axis=0).round(2))
    guesses, probabilities, letters, gzip, first = np.mean(each[guessing.NETWORK], axis=0)
    assert SHANNON[1] < probabilities < guesses < gzip < letters
    assert guesses < np.mean(each["story"], axis=0)[0] and 0.4 < first < 0.7


def test_a_readme_names_the_passages():
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert "`passages.toml`" in readme and "`quiz/`" in readme
