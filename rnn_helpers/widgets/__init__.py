"""Widgets: networks to explore with mouse and keyboard in JupyterLab (needs ipywidgets).

Each widget has a module of its own; `model_widget` is what they have in common, `html` the
parts of a page that several of them show, `texts` what they show first and what they refuse.
"""

from rnn_helpers.widgets.clusters import watch_clusters
from rnn_helpers.widgets.explorer import temperature_explorer
from rnn_helpers.widgets.game import you_against_the_network
from rnn_helpers.widgets.inside import look_inside
from rnn_helpers.widgets.live import live_training
from rnn_helpers.widgets.neuron import neuron_with_memory
from rnn_helpers.widgets.questions import quiz
from rnn_helpers.widgets.scores import scores_to_surprise
from rnn_helpers.widgets.steps import step_through
from rnn_helpers.widgets.surprise import surprise_map
from rnn_helpers.widgets.texts import PASSAGES

__all__ = [
    "PASSAGES",
    "live_training",
    "look_inside",
    "neuron_with_memory",
    "quiz",
    "scores_to_surprise",
    "step_through",
    "surprise_map",
    "temperature_explorer",
    "watch_clusters",
    "you_against_the_network",
]
