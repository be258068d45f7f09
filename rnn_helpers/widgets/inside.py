"""Look inside: all units of the hidden state along a text, one of them, and a probe of all."""

import ipywidgets as W
import numpy as np

from rnn_helpers.cells import zero_state
from rnn_helpers.corpora import load_text
from rnn_helpers.forward_pass import forward
from rnn_helpers.probing import FEATURES, correlations, read_out, single_unit, untrained
from rnn_helpers.reading import trace
from rnn_helpers.widgets import inside_pictures as pictures
from rnn_helpers.widgets.clusters import state_name
from rnn_helpers.widgets.html import MARKED, mark_html, style_html
from rnn_helpers.widgets.model_widget import StoredInFull, TextWidget, wide
from rnn_helpers.widgets.texts import check_readable
from rnn_helpers.widgets.turns import in_turn

LONG_ENOUGH, PROBED, SEEDS = 2000, 10_000, 3  # characters for a probe, and untrained networks
ASK = (
    "Do all units together predict it better than the best one, and better than without training?"
)


def look_inside(models=None, *, text=None, language=None, follows=None):
    """See all hidden units along a text, choose one, and probe what they tell together.

    The units are sorted by how closely they follow a feature of the text: the correlation
    over this text, from -1 to 1. A click or the arrow keys choose a unit and a character.

    Parameters
    ----------
    models : Checkpoint, or dict of them by name, optional
        By default those that come with the series.
    text : str, optional
        At most 10,000 characters; by default a passage that the model can read.
    language : Language, optional
        What the text is made of (see `rnn_helpers.languages`). Then the features are the
        language's states, and a picture follows the network's state through them.
    follows : str, optional
        The feature that is chosen first, such as "inside a quotation" (see
        `rnn_helpers.probing.FEATURES`). Raises ValueError if there is no such feature.
    """
    return LookInside(models, text, language, follows)


class LookInside(StoredInFull, TextWidget):
    """A choice of feature, unit and character; all units, one along the text, and a probe."""

    name = "Look inside"
    css = pictures.CSS

    def __init__(self, models, text, language, follows):
        self.language, self.reading = language, None
        self.known = {}  # the states of networks along the text of the probe
        features = FEATURES
        if language is not None:
            features = {
                f"state {state_name(state)}": lambda text, s=s: (
                    language.beliefs(text).argmax(axis=1) == s
                )
                for s, state in enumerate(language.states)
            }
            text = language.sample(200, np.random.default_rng(0))[0] if text is None else text
        self.features = features
        if follows is not None and follows not in features:
            raise ValueError(f"follows is {follows!r}; choose one of {', '.join(features)}")
        self.feature = W.Dropdown(
            options=list(features), value=follows or next(iter(features)), description="follows",
            **wide("24em"),
        )  # fmt: skip
        self.unit = W.Dropdown(description="unit", **wide("24em"))
        self.heat, self.light, self.marker, self.words, self.path, self.probed = (
            W.HTML() for _ in range(6)
        )
        self.light.add_class("rnn-light")
        self.words.add_class("rnn-words")
        self.probed.add_class("rnn-probed")
        self.path.add_class("rnn-states")
        self.button = W.Button(description="probe all units", tooltip="Takes seconds")
        self.button.on_click(self.probe)
        self.unit.observe(self.light_up, names="value")
        choice = W.HBox([self.feature, self.unit], layout=W.Layout(flex_flow="row wrap"))
        above = [self.heat, self.light, W.HTML(pictures.KEY), self.marker]
        below = [self.words, *([self.path] if language else []), self.button, self.probed]
        super().__init__(models, text, [choice], above, below)
        self.feature.observe(self.refresh, names="value")

    def show(self, parameters, vocabulary):
        """Let the model read the text, and sort its units."""
        text, feature = self.source.value, self.feature.value
        check_readable(vocabulary, text)
        reading = trace(parameters, vocabulary, text)
        marks = np.array(self.features[feature](text), bool)
        if len(set(marks)) == 1:
            raise ValueError(
                f"no unit can follow “{feature}” in this text: it is true of every character, "
                "or of none"
            )
        self.reading, self.marks, self.parameters = reading, marks, parameters
        self.vocabulary, self.window, self.probed.value = vocabulary, None, f"<p>{ASK}</p>"
        if self.language is not None:
            self.followed = pictures.Followed(self.language, parameters, reading)
        self.follows = correlations(reading.hidden, marks)
        self.rows = np.argsort(-self.follows, kind="stable")  # of the picture, from the top
        order = np.argsort(-np.abs(self.follows), kind="stable")
        # Whoever changes the text goes on looking at the same unit.
        stays = self.changed is self.source and self.unit.value in order
        unit = self.unit.value if stays else int(order[0])
        if self.place.max != len(text):
            self.put_slider(len(text))
        self.unit.options = [(f"unit {i}: {self.follows[i]:+.2f}", int(i)) for i in order]
        self.unit.value = unit
        self.light_up()  # also where the same unit comes first again

    def pick(self, name, row, i):
        """Go to the character, and in the picture of all units to the unit, that was clicked."""
        if name == "units":
            self.unit.value = int(self.rows[row])
        self.place.value = i + 1

    @in_turn
    def light_up(self, change=None):
        """Show the chosen unit along the text."""
        if self.unit.value is not None:
            values = self.reading.hidden[:, self.unit.value]
            self.light.value = pictures.unit_html(self.reading.text, values)
            self.mark()

    @in_turn
    def mark(self, change=None):
        """Show the chosen unit and character in both pictures, and say the value."""
        if self.reading is None or self.unit.value is None:  # nothing could be read yet
            return
        i, unit, row = self.place.value - 1, self.unit.value, self.row_of(self.unit.value)
        window = pictures.window(len(self.reading.text), i)
        if window != self.window:
            self.window = window
            self.heat.value = pictures.heat_html(
                self.reading.hidden[:, self.rows], self.marks, window, self.feature.value
            )
        frame = pictures.frame_css(f"{self.place_in_page} ", len(self.rows), row, window, i)
        in_text = mark_html(self.place_in_page, "text", 0, i)
        units = f"{self.place_in_page} [data-name=\\'units\\']"
        move = MARKED.replace("PLACE", units).replace("AT", f"{row} {i}")
        self.marker.value = in_text + style_html(frame, move)
        self.words.value = pictures.words_html(
            self.reading, unit, i, self.feature.value, self.follows[unit]
        )
        if self.language is not None:
            self.path.value = self.followed.html(i)

    def row_of(self, unit):
        """Where a unit stands in the picture."""
        return int(np.flatnonzero(self.rows == unit)[0])

    @in_turn
    def probe(self, button=None):
        """Compare the best unit with all together, here and where nothing was learnt."""
        if self.reading is None:
            return
        self.button.disabled = True
        try:
            text, what = self.probe_text()
            marks = np.array(self.features[self.feature.value](text), bool)
            scores = [
                [single_unit(hidden, marks), read_out(hidden, marks)]
                for hidden in self.states_along(text)
            ]
        except ValueError as error:
            self.probed.value = f"<p role='alert'>No probe: {error}.</p>"
        else:
            self.probed.value = pictures.probe_html(
                scores[0], np.concatenate(scores[1:], axis=1), self.feature.value, what
            )
        finally:
            self.button.disabled = False

    def probe_text(self):
        """A text that is long enough, and what to call it."""
        typed = self.source.value
        if len(typed) >= LONG_ENOUGH:
            return typed, f"{len(typed):,} characters of your text"
        if self.language is not None:
            text, _ = self.language.sample(PROBED, np.random.default_rng(1))
            return text, f"{PROBED:,} characters of the language"
        story = load_text("story")[:PROBED]
        if '"' not in self.vocabulary:  # the marks of the novel
            pieces = story.split('"')
            story = pieces[0] + "".join("“”"[i % 2] + p for i, p in enumerate(pieces[1:]))
        if any(c not in self.vocabulary for c in story):
            raise ValueError(f"write or paste a text of at least {LONG_ENOUGH:,} characters")
        return story, f"{PROBED:,} characters of the story"

    def states_along(self, text):
        """The states (n, S) along a text, of the network and of untrained ones of its shapes."""
        key = self.model.value, text
        if key not in self.known:
            rngs = map(np.random.default_rng, range(SEEDS))
            networks = [self.parameters, *(untrained(self.parameters, rng) for rng in rngs)]
            ids = self.vocabulary.encode(text)
            self.known = {key: [forward(one, ids, zero_state(one))[0][1:] for one in networks]}
        return self.known[key]

    def __repr__(self):
        return super().__repr__() if self.language else TextWidget.__repr__(self)

    def still_twin(self):
        """The states of the language and of the network along the first text."""
        return self.followed.still_text()
