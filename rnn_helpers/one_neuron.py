"""One neuron with memory: what it does with an input, and where it comes to rest (notebook 02)."""

from typing import NamedTuple

import numpy as np

LONG = 400  # steps after which a state has settled, or never will


class Rest(NamedTuple):
    """A fixed point: a state that a step leaves as it is.

    h : float
    slope : float
        What a small difference from h is multiplied by at each step.
    """

    h: float
    slope: float

    @property
    def stable(self):
        """Whether states nearby come back to it; at a slope of 1 or −1 ever more slowly."""
        return abs(self.slope) < 1 + 1e-9


def states_of(x, w, u, b=0.0, h=0.0):
    """The states (T + 1,) of h_t = tanh(w x_t + u h_{t-1} + b), the first of them `h`."""
    states = [h]
    for x_t in x:
        states.append(np.tanh(w * x_t + u * states[-1] + b))
    return np.array(states)


def rests(u, c=0.0):
    """The fixed points of h = tanh(u h + c), from the lowest to the highest: one to three.

    Between two extremes of tanh(u h + c) − h there is at most one fixed point, and none is
    missed. It is found by bisection.
    """

    def above(h):
        return np.tanh(u * h + c) - h

    turns = []
    if u > 1:  # the slope u (1 - h²) is 1 where tanh is ± sqrt(1 - 1/u)
        turn = np.arctanh(np.sqrt(1 - 1 / u))
        turns = [h for h in ((-turn - c) / u, (turn - c) / u) if -1 < h < 1]
    found = []
    for low, high in zip([-1.0, *turns], [*turns, 1.0]):
        if above(low) * above(high) > 0:
            continue
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if above(low) * above(middle) > 0 else (low, middle)
        h = (low + high) / 2
        if not found or h - found[-1].h > 1e-9:
            found.append(Rest(h, u * (1 - h**2)))
    return found


def swing(u, c=0.0):
    """The two states between which a neuron goes to and fro for ever, or None."""
    if u >= -1 or rests(u, c)[0].stable:
        return None
    a, b = states_of(np.zeros(LONG), 0, u, c, rests(u, c)[0].h + 0.01)[-2:]
    return (min(a, b), max(a, b)) if abs(a - b) > 1e-6 else None


def steps_to_switch(w, u, b, x):
    """From its lowest rest, how many steps of the input x bring a neuron over to its highest.

    None if no number of steps does. With a negative x it starts at the highest.
    """
    here = rests(u, b)
    start, middle = here[0] if w * x > 0 else here[-1], here[len(here) // 2]
    if len(here) < 3:
        return None
    h = start.h
    for step in range(1, LONG):
        h = np.tanh(w * x + u * h + b)
        if (h > middle.h) == (w * x > 0):
            return step
    return None


def half_life(slope):
    """After how many steps half of a small difference is left; inf if it does not fade."""
    size = abs(slope)
    if size >= 1:
        return np.inf
    return np.log(0.5) / np.log(size) if size > 0 else 0.0


def behaviour(w, u, b):
    """What a neuron does, in a word: "forgets", "holds", "switches" or "oscillates".

    It holds if there are two stable fixed points and no touch of x = 1 or x = -1, however long,
    brings it from one to the other and back; it switches if both do.
    """
    if swing(u, b):
        return "oscillates"
    if sum(rest.stable for rest in rests(u, b)) < 2:
        return "forgets"
    both = [steps_to_switch(w, u, b, x) for x in (1, -1)]
    return "switches" if all(both) else "holds"
