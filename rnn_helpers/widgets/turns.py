"""What a widget does when a control is used, one thing at a time."""

import threading
from functools import wraps

TURN = threading.RLock()


def in_turn(method):
    """A method that waits until no other one of this kind is at work.

    Some kernels call what belongs to a control from the main thread when it is used first, and
    from another thread later (ipykernel 7). So two controls may be answered at the same time;
    without turns, what the slower answer shows last would be older than what is asked for.
    """

    @wraps(method)
    def waits(*args, **kwargs):
        with TURN:
            return method(*args, **kwargs)

    return waits
