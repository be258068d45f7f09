"""What was found in a network that had learnt Reber's grammar: `make languages` stored it."""

import json
from pathlib import Path

import svg
from reber_grammar import ARROWS, PLACES, TOP

STORED = Path(__file__).parent.parent / "data" / "languages.json"
TITLE = "The automaton in a network"
ALT = (
    "The same seven circles and twelve arrows as in the picture of Reber's grammar, now made from "
    "the states of a trained network, with the probability that the network gives to each arrow: "
    "where two arrows leave a state, both have between 0.49 and 0.51. The circles carry the "
    "numbers of the clusters in which they were found."
)


def partners(table):
    """Which state of the grammar each found state is: both are walked through in step."""
    found = {(state, c): after for state, c, after, _ in table}
    grammar = {(state, c): after for state, c, after in [*ARROWS, (6, "E", 0)]}
    begin = next(state for state, c in found if c == "B")
    partner, waiting = {begin: 0}, [begin]
    while waiting:
        here = waiting.pop()
        for (state, c), after in found.items():
            if state == here and after not in partner:
                partner[after] = grammar[partner[here], c]
                waiting.append(after)
    return partner


def draw():
    """The picture as SVG text."""
    table = json.loads(STORED.read_text(encoding="utf-8"))["machines, 16 neurons"][0]["table"]
    partner = partners(table)
    places = {state: PLACES[true] for state, true in partner.items()}
    arrows = [
        (state, c if p == 1 else f"{c} {p:.2f}", after) for state, c, after, p in table if c != "E"
    ]
    begin, end = (next(s for s, true in partner.items() if true == t) for t in (0, 6))
    (x0, y0), (x6, y6) = places[begin], places[end]
    parts = [
        svg.arrow((x6, y6 - 29), (x6, TOP), (x0, TOP), (x0, y0 - 29)),
        svg.text((x0 + x6) / 2, TOP - 14, "E", size=17, font=svg.MONO),
        *svg.machine(places, arrows),
        svg.note(24, 424, "made from the hidden states of 16 neurons, and nothing else"),
    ]
    return svg.page(446, TITLE, ALT, parts)


if __name__ == "__main__":
    svg.save(__file__, draw())
