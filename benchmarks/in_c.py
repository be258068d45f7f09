"""The step of step.c, called through ctypes; `available()` says whether there is a compiler."""

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).with_name("step.c")
# -ffast-math lets the compiler add up a sum in another order, as every BLAS does. It stays
# out of the linking, where it would change the rounding of the whole process.
FLAGS = ["-O3", "-march=native", "-ffast-math", "-fPIC"]
REAL = {np.dtype(np.float64): "double", np.dtype(np.float32): "float"}


def available():
    """Is there a C compiler on this machine?"""
    return shutil.which("cc") is not None


class CStep:
    """Parameters, memory and gradients as the C code wants them, and its two functions."""

    def __init__(self, parameters, longest=100):
        self.parameters = [p.copy() for p in parameters]
        self.memory = [np.zeros_like(p) for p in parameters]
        self.gradients = [np.zeros_like(p) for p in parameters]
        H, V = parameters.Wxh.shape
        self.sizes, dtype = (V, H), parameters.Wxh.dtype
        self.work = np.empty(longest * (3 * H + V) + H, dtype)
        self.number = ctypes.c_double if dtype == np.float64 else ctypes.c_float
        with tempfile.TemporaryDirectory() as folder:
            compiled, library = Path(folder) / "step.o", Path(folder) / "step.so"
            command = ["cc", *FLAGS, f"-DREAL={REAL[dtype]}", "-c", str(SOURCE), "-o", compiled]
            subprocess.run(command, check=True)
            subprocess.run(["cc", "-shared", compiled, "-o", library, "-lm"], check=True)
            self.code = ctypes.CDLL(str(library))
        self.code.loss_and_gradients.restype = ctypes.c_double
        self.arrays = [address(a) for a in (*self.parameters, *self.gradients)]
        self.triples = [
            (p.size, *map(address, (p, g, m)))
            for p, g, m in zip(self.parameters, self.gradients, self.memory)
        ]

    def loss_and_gradients(self, inputs, targets, h):
        """Loss of a window (T,); sets `gradients`, and h to the last state."""
        ids = address(inputs), address(targets), address(h), address(self.work)
        return self.code.loss_and_gradients(*self.sizes, len(inputs), *self.arrays, *ids)

    def step(self, inputs, targets, h, rate=0.1):
        """One step of training. Returns the loss and the last state."""
        loss = self.loss_and_gradients(inputs, targets, h)
        for triple in self.triples:
            self.code.clip_and_adagrad(*triple, self.number(rate))
        return loss, h


def address(array):
    """Where an array begins, for C."""
    return ctypes.c_void_p(array.ctypes.data)
