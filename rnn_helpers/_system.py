"""What long runs ask of the operating system: interrupts that wait, and memory that stays."""

import signal
import threading
from contextlib import contextmanager

import numpy as np


@contextmanager
def defer_interrupts():
    """Hold back Ctrl+C (Jupyter's Stop button) until a step is finished.

    Yields a function to call between steps, which tells whether an interrupt has come since
    it was last called. One that nobody asked about is raised when the block ends, so none is
    lost. A second one during the same step, which may hang, is raised immediately.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: False  # only the main thread gets signals; or they are ignored
        return
    waiting = []

    def handler(signum, frame):
        if waiting:
            before(signum, frame)
        waiting.append(frame)

    def interrupted():
        came = bool(waiting)
        waiting.clear()
        return came

    signal.signal(signal.SIGINT, handler)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
        if waiting:
            before(signal.SIGINT, waiting.pop())


def reuse_freed_memory():
    """Let the C library reuse freed blocks instead of returning them to the system.

    On Linux a large block comes fresh from the system (mmap) and goes back when it is freed;
    each page costs a fault when it is first touched, more than the arithmetic on it. When a
    block of 30 MiB, below the limit of 32, is freed, glibc raises its threshold for mmap to
    that size (see M_MMAP_THRESHOLD in mallopt(3)), and keeps smaller blocks for reuse.
    """
    np.empty(30 * 2**20, np.uint8)
