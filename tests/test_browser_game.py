"""The guessing game and the quiz as a reader has them: in JupyterLab, in a browser.

With the keyboard and with the mouse, in light and in dark, on a wide page and on a narrow one.
Needs Chromium and Playwright, as tests/test_browser.py does.
"""

import re

import pytest
from conftest import BROWSER
from lab import (
    DANGEROUS,
    assert_accessible,
    assert_soon,
    cells_page,
    chapter_page,
    jupyterlab,
    ran_page,
    settle,
)

from rnn_helpers.guessing import load_passages, read_line
from rnn_helpers.quiz import load_quiz

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium or no Playwright")
PLAY = [
    "from rnn_helpers.widgets import you_against_the_network\nyou_against_the_network()",
    'from rnn_helpers.widgets import quiz\nquiz("03")',
]
QUIZ = load_quiz("03")


@pytest.fixture(scope="module")
def lab():
    with jupyterlab(extra={"play.ipynb": PLAY}) as served:
        yield served


@pytest.fixture(scope="module")
def played(chromium, lab):
    """A notebook with a game and a quiz, run: (page, its panel)."""
    with ran_page(chromium, lab, "play.ipynb", len(PLAY)) as opened:
        yield opened


@pytest.fixture
def game(played):
    """The page and a new game at “the key”."""
    page, panel = played
    page.set_viewport_size({"width": 1280, "height": 900})
    box = widget(panel, 0)
    for name in ("the lesson", "the key"):  # no test ends with the first, so each starts a game
        choose_passage(page, box, name)
    return page, box


@pytest.fixture
def quiz(played):
    page, panel = played
    page.set_viewport_size({"width": 1280, "height": 900})
    return page, widget(panel, 1)


def widget(panel, number):
    box = panel.locator(".jp-OutputArea-output > .widget-vbox").nth(number)
    box.wait_for(timeout=30_000)
    settle(box.page)  # what the last test did
    box.scroll_into_view_if_needed()
    return box


def field(box):
    return box.get_by_label("your guess")


def choose_passage(page, box, name):
    """Choose a passage, and wait until its game has begun and the next key is a guess."""
    from playwright.sync_api import expect

    box.get_by_label("passage").select_option(name)
    expect(box.locator(".rnn-page")).to_contain_text(load_passages()[name].given[:40])
    expect(field(box)).to_be_focused()
    page.wait_for_timeout(200)  # the focus is set twice


def type_keys(page, keys):
    for key in keys:
        page.keyboard.press("Space" if key == " " else key)


def test_a_game_is_played_with_the_keyboard_alone(game):
    from playwright.sync_api import expect

    page, box = game
    type_keys(page, "e")
    expect(box.locator(".rnn-said")).to_contain_text("e is wrong")
    box.get_by_role("button", name="start again").focus()
    page.keyboard.press("Enter")  # it starts again, and the next key is a guess
    expect(box.locator(".rnn-said")).to_have_text("22 characters to guess.")
    expect(field(box)).to_be_focused()
    type_keys(page, DANGEROUS + "t")
    said, tried = box.locator(".rnn-said"), len(set(DANGEROUS)) - 1  # 0 is no guess
    expect(said).to_contain_text(f"Right: t, at guess {tried + 1}")
    type_keys(page, "the")  # the t is one too many: wrong here, and no more
    expect(said).to_contain_text("Right: e")
    type_keys(page, " KEY was not there!")  # capitals and another mark are as good
    expect(said).to_contain_text("Right: full stop or other mark")
    expect(box.locator(".rnn-page")).to_contain_text("t" + str(tried + 1))
    expect(box.locator(".rnn-next")).to_have_count(0)
    result = box.locator(".rnn-told p", has_text="bits a character")
    expect(result).to_contain_text(re.compile("You win by|The network wins by"))
    expect(field(box)).to_be_disabled()
    box.get_by_label("your name").fill("Ada")
    box.get_by_label("your name").press("Tab")
    line = box.get_by_label("your line")
    expect(line).to_have_value(re.compile("guesses of Ada at the key: "))
    game = read_line(line.input_value())
    assert game.numbers[:2].tolist() == [tried + 1, 2] and set(game.numbers[2:]) == {1}


def test_a_game_is_played_with_the_mouse_on_buttons_and_lists(game):
    from playwright.sync_api import expect

    page, box = game
    choose_passage(page, box, "the bus")
    expect(field(box)).to_be_focused()
    field(box).click()
    type_keys(page, "to")
    expect(box.locator(".rnn-got")).to_have_count(2)
    expect(box.locator("caption")).to_contain_text("2 of 22")
    box.get_by_role("button", name="start again").click()
    expect(box.locator(".rnn-got")).to_have_count(0)


def test_wrong_and_impossible_keys_are_answered_in_words(game):
    from playwright.sync_api import expect

    page, box = game
    said = box.locator(".rnn-said")
    for key, words in (("5", "5 is no guess"), ("e", "e is wrong. Tried here: e"),
                       ("E", "e was tried before, at no cost"), (" ", "space is wrong"),
                       ("Backspace", "space is wrong. Tried here: e ␣")):  # fmt: skip
        type_keys(page, [key])
        expect(said).to_contain_text(words)
    expect(said).to_have_attribute("role", "status")  # read out by screen readers


def test_the_score_grows_beside_the_others(game):
    from playwright.sync_api import expect

    page, box = game
    names = box.locator("tbody th").all_inner_texts()
    assert names[0] == "you" and names[-1] == "people (Shannon, 1951)" and len(names) == 6
    widths = []
    for solved, key in enumerate(("t", "h", "xqze"), 1):
        type_keys(page, key)
        # The bars come with this caption, and after the words.
        expect(box.locator("caption")).to_contain_text(f"{solved} of 22")
        widths.append(box.locator(".rnn-you").bounding_box()["width"])
    assert 0 < widths[0] < widths[1] < widths[2] - 4
    band, track = (box.locator(s).last.bounding_box() for s in (".rnn-range", ".rnn-track"))
    assert band["x"] > track["x"] + 2 and band["width"] > 2


def test_fast_typing_loses_no_key(game):
    from playwright.sync_api import expect

    page, box = game
    choose_passage(page, box, "the bus")
    field(box).click()
    page.keyboard.type("too tired to be angry.", delay=1)
    expect(box.get_by_label("your line")).to_be_visible()
    game = read_line(box.get_by_label("your line").input_value())
    assert set(game.numbers) == {1}


def test_a_key_is_answered_within_a_tenth_of_a_second(game):
    page, box = game
    field(box).click()
    act = """const field = document.activeElement, key = 'abcdefgtabcdefg'[i];
        field.value += key;
        field.dispatchEvent(new InputEvent('input', {bubbles: true, data: key}));"""
    assert_soon(box, ".rnn-said", act, times=15)


@pytest.mark.parametrize("width", [1280, 900])
def test_the_game_fits_the_page_and_is_accessible(width, game):
    from playwright.sync_api import expect

    page, box = game
    page.set_viewport_size({"width": width, "height": 900})
    assert_accessible(box)
    field(box).click()
    type_keys(page, "the key was not there.")
    expect(box.get_by_label("your line")).to_be_visible()
    assert_accessible(box)
    inside(box)


def inside(box):
    """Nothing sticks out of the widget to the right."""
    sticking = box.evaluate(
        """box => [...box.querySelectorAll('*')].filter(e => e.offsetParent &&
            e.getBoundingClientRect().right > box.getBoundingClientRect().right + 2)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert sticking == []


def question(box, number):
    return box.locator(".rnn-question").nth(number)


def test_the_quiz_is_answered_with_the_keyboard_alone(quiz):
    from playwright.sync_api import expect

    page, box = quiz
    first = question(box, 0).get_by_role("button")
    first.first.focus()
    right = QUIZ[0].right
    for place, option in enumerate(QUIZ[0].options[: right + 1]):
        page.keyboard.press("Enter" if place % 2 else "Space")
        said = question(box, 0).locator(".rnn-why")
        expect(said).to_contain_text(option.why)
        expect(said).to_contain_text("Right." if place == right else "Try another one.")
        expect(said).to_have_attribute("role", "status")
        mark = "✓" if place == right else "✗"
        expect(first.nth(place)).to_have_text(re.compile(f"^{mark} {'abcd'[place]}\\)"))
        expect(first.nth(place)).to_be_focused()
        page.keyboard.press("Tab")
    expect(box.locator(".rnn-why").last).to_have_text("1 of 5 answered.")


def test_letters_pressed_on_a_button_do_no_harm(played, game, quiz):
    """JupyterLab would cut the cell at x, and make a new one at a; Ctrl+S still saves."""
    from playwright.sync_api import expect

    page, panel = played
    for button in (quiz[1].get_by_role("button").first, game[1].get_by_role("button").first):
        button.focus()
        type_keys(page, DANGEROUS.replace(" ", ""))
        page.wait_for_timeout(300)
        assert panel.locator(".jp-Cell").count() == len(PLAY)
        expect(button).to_be_focused()
    page.keyboard.press("Control+s")
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)


def test_the_quiz_is_answered_with_the_mouse_and_counts(quiz):
    from playwright.sync_api import expect

    page, box = quiz
    for number in range(1, 5):
        buttons = question(box, number).get_by_role("button")
        buttons.nth(QUIZ[number].right).click()
        why = QUIZ[number].options[QUIZ[number].right].why
        expect(question(box, number).locator(".rnn-why")).to_contain_text(why)
    expect(box.locator(".rnn-why").last).to_contain_text("All answered, ")


@pytest.mark.parametrize("width", [1280, 900])
def test_the_quiz_fits_the_page_and_is_accessible(width, quiz):
    page, box = quiz
    page.set_viewport_size({"width": width, "height": 900})
    groups = box.get_by_role("group")
    assert groups.count() == 5
    assert [QUIZ[n].ask in groups.nth(n).get_attribute("aria-label") for n in range(5)] == [
        True
    ] * 5
    assert_accessible(box)
    inside(box)
    for button in box.get_by_role("button").all():  # long options are broken, not cut off
        assert button.evaluate("b => b.scrollWidth <= b.clientWidth + 1")


def test_both_are_accessible_in_the_dark_theme(chromium):
    from playwright.sync_api import expect

    with cells_page(chromium, "JupyterLab Dark", "play.ipynb", PLAY) as (page, panel):
        game, quiz = widget(panel, 0), widget(panel, 1)
        dark = page.evaluate("document.body.dataset.jpThemeLight")
        assert dark == "false"
        assert_accessible(quiz)
        question(quiz, 0).get_by_role("button").first.click()
        expect(question(quiz, 0).locator(".rnn-why")).to_contain_text(QUIZ[0].options[0].why)
        assert_accessible(quiz)
        field(game).click()
        type_keys(page, "e5the key was not there.")
        expect(game.get_by_label("your line")).to_be_visible()
        assert_accessible(game)


def test_a_page_that_was_not_run_shows_the_twins(chromium, lab):
    from playwright.sync_api import expect

    with chapter_page(chromium, lab, "03_loss_derivation.ipynb") as (_, panel, complaints):
        expect(panel.get_by_text("A finished game. Its player is made up")).to_be_visible()
        shown = panel.locator(".jp-OutputArea-output", has_text="1. Ann lowers")
        expect(shown).to_contain_text("c) Bob's, by far.")
        expect(shown).not_to_contain_text(QUIZ[0].options[0].why[:40])
        assert complaints == []
