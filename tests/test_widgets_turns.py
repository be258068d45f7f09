"""A kernel may answer two controls at once, in two threads: what they do comes in turn."""

import contextlib
import threading
from functools import partial

import pytest

from rnn_helpers import widgets
from rnn_helpers.checkpoints import load_model
from rnn_helpers.widgets import clusters, turns

MAKE = {
    "explorer": lambda: widgets.temperature_explorer(load_model("story")),
    "surprise map": lambda: widgets.surprise_map(load_model("story"), text="The bell rang."),
    "look inside": lambda: widgets.look_inside(load_model("story")),
    "step through": lambda: widgets.step_through("abc"),
    "neuron": widgets.neuron_with_memory,
    "scores": widgets.scores_to_surprise,
    "downhill": widgets.downhill,
    "clusters": lambda: widgets.watch_clusters(hidden_size=2),
    "game": widgets.you_against_the_network,
    "quiz": lambda: widgets.quiz("01"),
}


def parts(widget):
    """The widget, and all that is in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def answers(widget):
    """What of our code is called when a control is used, as functions without arguments."""
    for part in parts(widget):
        change = {"new": getattr(part, "value", None), "owner": part, "name": "value"}
        for answer in part._trait_notifiers.get("value", {}).get("change", []):
            if getattr(answer, "__module__", "").startswith("rnn_helpers"):
                yield partial(answer, change)
        if hasattr(part, "_click_handlers"):
            yield from (partial(answer, part) for answer in part._click_handlers.callbacks)


@pytest.mark.parametrize("name", MAKE)
def test_each_control_waits_for_its_turn(name, monkeypatch):
    monkeypatch.setattr(clusters.Lesson, "learn", lambda *_: None)  # that takes seconds
    found = list(answers(MAKE[name]()))
    assert found

    def use(answer):
        with contextlib.suppress(Exception):  # it was not used in the page
            answer()

    for answer in found:
        thread = threading.Thread(target=use, args=[answer])
        with turns.TURN:
            thread.start()
            thread.join(0.02)
            assert thread.is_alive(), answer
        thread.join()


def test_a_slow_answer_does_not_hide_what_is_wrong_by_then():
    explorer = MAKE["explorer"]()
    show, shown, go_on = explorer.show, threading.Event(), threading.Event()

    def slowly(*model):
        show(*model)
        shown.set()
        go_on.wait(10)

    def put(control, value):
        control.value = value

    explorer.show = slowly
    one = threading.Thread(target=put, args=[explorer.seed, 7])
    one.start()
    assert shown.wait(10)
    explorer.show = show
    other = threading.Thread(target=put, args=[explorer.prompt, "Room 101"])
    other.start()
    other.join(0.2)
    go_on.set()
    one.join()
    other.join()
    assert "never seen &#x27;1&#x27;" in explorer.problem.value
