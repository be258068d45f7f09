"""A quiz: questions with buttons; each answer says why it is right or wrong."""

from html import escape

import ipywidgets as W

from rnn_helpers.quiz import LETTERS, answers_text, load_quiz, questions_text
from rnn_helpers.widgets.html import KEEP_KEYS, style_html
from rnn_helpers.widgets.model_widget import StoredInFull
from rnn_helpers.widgets.turns import in_turn

# ipywidgets gives no attribute for it: reasons are read out by screen readers as they appear,
# and the buttons of a question belong together.
SPEAK = (
    "for (const wait of [100, 500, 2000]) setTimeout(() => {"
    "document.querySelectorAll('.rnn-why').forEach(e => e.setAttribute('role', 'status'));"
    "document.querySelectorAll('.rnn-question').forEach(e => {e.setAttribute('role', 'group');"
    "e.setAttribute('aria-label', e.querySelector('.rnn-ask').textContent)})}, wait)"
)
CSS = """
.rnn-question {margin: 0.4em 0 0.8em; max-width: 56em}
.rnn-ask {line-height: 1.4; font-weight: bold}
.widget-button.rnn-option {width: 100%; height: auto; white-space: normal; text-align: left;
  line-height: 1.4; padding: 0.3em 0.8em; margin: 2px 0}
.widget-button.rnn-option.rnn-right {outline: 2px solid #009e73; font-weight: bold}
.widget-button.rnn-option.rnn-wrong {outline: 1px dashed #6b7280}
.rnn-why p {margin: 0.3em 0.8em; line-height: 1.4}
"""


def quiz(chapter):
    """Ask five questions about a chapter, such as "03".

    A wrong answer says why it is wrong, and you can try again. `quiz("03").answers()` prints
    all answers with their reasons.
    """
    return Quiz(chapter)


class Quiz(StoredInFull):
    """The questions of a chapter one below the other, and how many were right at once."""

    def __init__(self, chapter):
        self.questions = load_quiz(chapter)
        self.chosen = [[] for _ in self.questions]  # for each, the options in order of choice
        self.buttons, self.reasons, boxes = [], [], []
        for number, question in enumerate(self.questions):
            ask = f"<div class='rnn-ask'>{number + 1}. {escape(question.ask)}</div>"
            buttons = [self.option(number, place) for place in range(len(question.options))]
            reason = W.HTML()
            reason.add_class("rnn-why")
            box = W.VBox([W.HTML(ask), *buttons, reason])
            box.add_class("rnn-question")
            self.buttons.append(buttons)
            self.reasons.append(reason)
            boxes.append(box)
        self.result = W.HTML()
        self.result.add_class("rnn-why")
        super().__init__([W.HTML(style_html(CSS, f"{SPEAK};{KEEP_KEYS}")), *boxes, self.result])
        self.add_class("rnn-keys")
        self.sum_up()

    def option(self, number, place):
        """The button of one option."""
        words = f"{LETTERS[place]}) {self.questions[number].options[place].text}"
        button = W.Button(description=words, tooltip="")
        button.add_class("rnn-option")
        button.on_click(lambda _: self.choose(number, place))
        return button

    @in_turn
    def choose(self, number, place):
        """Answer a question: mark the option, and say why it is right or wrong."""
        option, button = self.questions[number].options[place], self.buttons[number][place]
        if not self.done(number) and place not in self.chosen[number]:
            self.chosen[number].append(place)  # later one may read the other reasons, uncounted
        mark, name = ("✓", "rnn-right") if option.right else ("✗", "rnn-wrong")
        words = f"{mark} {LETTERS[place]}) {option.text}"
        if button.description != words:
            button.description = words
            button.add_class(name)
        verdict = "Right." if option.right else "Not right."
        more = "" if option.right or self.done(number) else " Try another one."
        self.reasons[
            number
        ].value = f"<p><b>{mark} {LETTERS[place]}) {verdict}</b> {escape(option.why)}{more}</p>"
        self.sum_up()

    def done(self, number):
        """Whether the right option of a question has been chosen."""
        return self.questions[number].right in self.chosen[number]

    def sum_up(self):
        """Say how many questions are answered, and how many of them at the first try."""
        done = [number for number in range(len(self.questions)) if self.done(number)]
        at_once = sum(len(self.chosen[number]) == 1 for number in done)
        left = len(self.questions) - len(done)
        if left:
            words = f"{len(done)} of {len(self.questions)} answered."
        else:
            words = f"<b>All answered, {at_once} of {len(done)} at the first try.</b>"
        self.result.value = f"<p>{words}</p>"

    def answers(self):
        """Print the reason for each option of each question."""
        print(answers_text(self.questions))

    def __repr__(self):
        return questions_text(self.questions)
