"""The faces of the guessing game and of the quiz, without a browser."""

import re
import time
from html import unescape

import numpy as np
import pytest

from rnn_helpers import widgets
from rnn_helpers.guessing import Game, line_of, load_passages, prices_of, read_line, shannon_bounds
from rnn_helpers.quiz import answers_text, load_quiz, questions_text
from rnn_helpers.widgets import game as game_module

PASSAGES = load_passages()
KEY = PASSAGES["the key"]


@pytest.fixture
def game():
    return widgets.you_against_the_network()


def plain(html):
    return unescape(re.sub(r"<[^>]*>", "", html))


def press(widget, keys):
    """Type keys one by one, as the browser sends them: the whole value of the field each time."""
    for key in keys:
        widget.typed.value += key


def rows(widget):
    """The table of the score: {who: [bits so far, bits per character]}."""
    body = widget.score.value.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]
    return {plain(name): numbers for name, _, *numbers in cells}


def test_a_new_game_shows_what_is_given_and_no_more(game):
    shown = plain(game.page.value)
    assert shown.startswith(KEY.given + "?") and "not there" not in shown
    assert "22 characters to guess" in game.said.value
    assert "0 of 22" in game.score.value and rows(game)["you"] == ["0.0", "0.00"]
    assert game.end.layout.display == "none" and game.line.value == ""


def test_a_wrong_guess_is_said_and_kept(game):
    before = game.page.value
    press(game, "a")
    assert plain(game.said.value) == "a is wrong. Tried here: a"
    press(game, " ")
    assert plain(game.said.value) == "space is wrong. Tried here: a ␣"
    press(game, "A")  # a capital counts as its small letter
    assert plain(game.said.value) == "a was tried before, at no cost. Tried here: a ␣"
    assert game.page.value == before and game.game.tries == ["a "]


def test_a_right_guess_shows_the_character_and_both_prices(game):
    press(game, "aT")
    its = game.rivals.numbers[0]
    said = f"Right: t, at guess 2: 2.7 bits. The network: guess {its}, {prices_of(its):.1f} bits."
    assert plain(game.said.value) == said
    assert f"t<i>2</i><i>{its}</i>" in game.page.value
    assert rows(game)["you"] == ["2.7", "2.69"]
    press(game, "h")
    assert rows(game)["you"] == [f"{prices_of([2, 1]).sum():.1f}", "1.69"]


@pytest.mark.parametrize("key", "5§´")
def test_keys_that_are_no_guess_cost_nothing(game, key):
    press(game, key)
    assert plain(game.said.value).startswith(f"{key} is no guess. Type a letter")
    assert game.game.tries == [""]


def test_marks_and_accents_count_as_what_they_stand_for(game):
    press(game, "?")
    assert "full stop or other mark is wrong" in game.said.value
    press(game, "!")
    assert "was tried before" in game.said.value
    press(game, "é")
    assert game.game.tries == [".e"]


def test_text_that_means_much_in_html_is_shown_as_text(game):
    press(game, "<")
    assert game.said.value.startswith("&lt; is no guess")


def test_fast_keys_arrive_together_and_erased_ones_are_no_guesses(game):
    game.typed.value = "the"
    assert game.game.solved == 3
    game.typed.value = "th"  # Backspace
    assert game.game.solved == 3 and game.game.tries[-1] == ""
    game.typed.value = "th k"
    assert game.game.solved == 5
    game.typed.value = ""
    game.typed.value = "ey"
    assert game.game.solved == 7


def test_a_dead_key_that_becomes_a_letter_is_one_guess(game):
    game.typed.value = "´"
    game.typed.value = "é"  # what the browser puts in its place
    assert game.game.tries == ["e"]


def finished(widget, wrong="eaoi"):
    for symbol in widget.game.passage.symbols[widget.game.solved :]:
        press(widget, [*(s for s in wrong if s != symbol), symbol])


def test_the_end_says_who_won_and_gives_a_line(game):
    finished(game, wrong="")
    its, n = game.rivals.by_guesses.sum(), len(KEY.hidden)
    said = plain(game.result.value)
    assert said.startswith(f"You win by {its - game.game.bits:.1f} bits.")
    assert f"You paid {game.game.bits / n:.2f} bits a character, the network {its / n:.2f}" in said
    assert "between 0.0 and 0.0 bits" in said and "rough" in said
    assert game.typed.disabled and game.end.layout.display == ""
    game.player.value = "Ada"
    assert game.line.value == line_of(game.game, "Ada")
    assert read_line(game.line.value).player == "Ada"
    press(game, "x")  # nothing is left to guess
    assert game.line.value == line_of(game.game, "Ada")


def test_a_player_can_lose_or_draw(game, monkeypatch):
    finished(game)
    low, high = shannon_bounds(game.game.numbers)
    said = plain(game.result.value)
    assert said.startswith("The network wins by ")
    assert (f"between {low:.1f} and {high:.1f} bits" in said) == (low <= high)
    monkeypatch.setattr(game.game, "tries", [n * "x" for n in game.rivals.numbers] + [""])
    assert plain(game_module.result_html(game.game, game.rivals)).startswith("A draw: you paid")


def test_bounds_that_cross_are_not_given():
    """Always right at the second guess: the upper bound is 0, the lower one 2 bits."""
    passage = KEY._replace(hidden="tttt")
    game, others = Game(passage), widgets.you_against_the_network().rivals
    for _ in "tttt":
        game.guess("e"), game.guess("t")
    assert "Shannon's two bounds cross here: 4 characters are too" in game_module.result_html(
        game, others
    )


def test_the_score_is_what_each_has_paid_so_far(game):
    press(game, "the")
    shown, others = rows(game), game.rivals
    for name, bits in (
        ("you", prices_of([1, 1, 1])), ("the network, by guesses", others.by_guesses[:3]),
        ("the network, by probabilities", others.by_probabilities[:3]),
        ("letter frequencies", others.letters[:3]), ("gzip", others.gzip[:3]),
    ):  # fmt: skip
        assert shown[name] == [f"{bits.sum():.1f}", f"{bits.sum() / 3:.2f}"]
    assert shown["people (Shannon, 1951)"] == ["2 to 4", "0.6 to 1.3"]


def test_bars_grow_and_stay_inside_the_table(game):
    def widths():
        return [float(w) for w in re.findall(r" width: ([\d.]+)%", game.score.value)]

    press(game, "the")
    before = widths()
    press(game, "qxzwvj ")
    after = widths()
    assert len(before) == len(after) == 6 and after[0] > before[0] + 5
    finished(game, wrong="qxzwvjbf")  # far more than five bits a character
    lefts = [float(w) for w in re.findall(r"margin-left: ([\d.]+)%", game.score.value)]
    assert max(left + width for left, width in zip(lefts, widths())) <= 100.1


def test_another_passage_and_a_new_start(game):
    press(game, "the")
    game.passage.value = "the bus"
    assert plain(game.page.value).startswith(PASSAGES["the bus"].given + "?")
    assert game.typed.value == "" and game.game.solved == 0
    press(game, "t")
    assert game.game.solved == 1
    finished(game)
    game.again.click()
    assert game.game.solved == 0 and not game.typed.disabled
    assert game.end.layout.display == "none" and game.line.value == ""
    focus = game.focus.value
    game.again.click()
    assert game.focus.value != focus and "focus()" in focus


def test_every_passage_can_be_played_to_its_end(game):
    for name in PASSAGES:
        game.passage.value = name
        finished(game, wrong="")
        assert read_line(game.line.value).passage.name == name
        assert plain(game.page.value).count("?") == 0


def test_a_passage_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no passage is called 'the moon'; there are: the key, "):
        widgets.you_against_the_network(passage="the moon")


def test_the_stored_form_is_a_finished_game_that_says_whose_it_is(game):
    lines = repr(game).splitlines()
    assert lines[0] == "You against the network: run this cell in JupyterLab to play."
    assert lines[2] == "A finished game. Its player is made up; the network has played."
    assert all(len(line) <= 90 for line in lines)
    text = "\n".join(lines)
    played = Game(PASSAGES[game_module.MADE_UP[0]])
    for symbol in "".join(game_module.MADE_UP[1:]):
        played.guess(symbol)
    assert played.finished and played.tries[:-1] == [t for t in game_module.MADE_UP[1:]]
    numbers = re.search("player, guesses(.*)", text)[1].split()
    assert [int(n) for n in numbers] == played.numbers.tolist()
    others = widgets.you_against_the_network(passage="the bus").rivals
    numbers = re.search("network, guesses(.*)", text)[1].split()
    assert [int(n) for n in numbers] == others.numbers.tolist()
    assert f"{'the player':30} {played.bits:8.0f} bits {played.bits / 22:10.1f} a char" in text
    for bits in (others.by_guesses, others.by_probabilities, others.letters):
        assert f"{bits.sum():8.0f} bits {bits.sum() / 22:10.1f} a character" in text
        for number, digits in (
            (bits.sum(), 0),
            (bits.sum() / 22, 1),
        ):  # far from a tie of rounding
            assert abs(round(number, digits) - round(number + 1e-6, digits)) < 1e-9
    assert "gzip" not in text  # its size depends on the version


def test_a_key_is_answered_quickly(game):
    took = []
    for key in "abcdefg" + "the key was not there":
        begin = time.process_time()
        press(game, key)
        took.append(time.process_time() - begin)
    assert np.median(took) < 0.05


# The quiz


@pytest.fixture
def quiz():
    return widgets.quiz("03")


def wrong_place(question):
    return next(i for i in range(len(question.options)) if i != question.right)


def test_the_quiz_shows_questions_and_options_and_no_reason(quiz):
    questions = load_quiz("03")
    for number, question in enumerate(questions):
        words = [button.description for button in quiz.buttons[number]]
        assert words == [f"{x}) {o.text}" for x, o in zip("abcd", question.options)]
        assert quiz.reasons[number].value == ""
    assert plain(quiz.result.value) == "0 of 5 answered."
    assert repr(quiz) == questions_text(questions)


def test_a_wrong_option_says_why_and_lets_one_try_again(quiz):
    question = quiz.questions[0]
    wrong = wrong_place(question)
    quiz.buttons[0][wrong].click()
    said = plain(quiz.reasons[0].value)
    assert said.startswith(f"✗ {'abcd'[wrong]}) Not right. {question.options[wrong].why}")
    assert said.endswith("Try another one.")
    assert quiz.buttons[0][wrong].description.startswith("✗ ")
    assert not any(b.disabled for b in quiz.buttons[0])
    assert plain(quiz.result.value) == "0 of 5 answered."
    quiz.buttons[0][question.right].click()
    said = plain(quiz.reasons[0].value)
    right = "abcd"[question.right]
    assert said == f"✓ {right}) Right. {question.options[question.right].why}"
    assert quiz.buttons[0][question.right].description.startswith("✓ ")
    assert plain(quiz.result.value) == "1 of 5 answered."


def test_the_result_counts_what_was_right_at_the_first_try(quiz):
    for number, question in enumerate(quiz.questions):
        if number < 2:
            quiz.buttons[number][wrong_place(question)].click()
        quiz.buttons[number][question.right].click()
    assert plain(quiz.result.value) == "All answered, 3 of 5 at the first try."
    quiz.buttons[4][wrong_place(quiz.questions[4])].click()  # to read why it is wrong
    said = plain(quiz.reasons[4].value)
    assert "Not right." in said and "Try another" not in said
    assert plain(quiz.result.value) == "All answered, 3 of 5 at the first try."


def test_pressing_twice_is_pressing_once(quiz):
    button = quiz.buttons[1][wrong_place(quiz.questions[1])]
    button.click()
    before = button.description
    button.click()
    assert button.description == before and len(quiz.chosen[1]) == 1


def test_all_answers_can_be_printed(quiz, capsys):
    quiz.answers()
    assert capsys.readouterr().out == answers_text(quiz.questions) + "\n"


def test_a_quiz_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no quiz for chapter '3'"):
        widgets.quiz("3")


@pytest.mark.parametrize("make", [widgets.you_against_the_network, lambda: widgets.quiz("03")])
def test_the_whole_text_form_is_stored(make):
    """ipywidgets by itself keeps 110 characters of it."""
    widget = make()
    stored = widget._repr_mimebundle_()
    assert stored["text/plain"] == repr(widget) and len(repr(widget)) > 500
    assert "application/vnd.jupyter.widget-view+json" in stored
