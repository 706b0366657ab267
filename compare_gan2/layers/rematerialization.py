"""Blocks that keep only their inputs and compute the rest again in the backward pass (Chen et al. 2016, "Training Deep
Nets with Sublinear Memory Cost").

The second computation repeats the first exactly and leaves no trace: spectral norm starts from the vectors that the
first one started from, and neither these vectors nor moving averages move again.
"""

import contextlib
import threading

import tensorflow as tf


class _Passes(threading.local):
    """Of each thread, since replicas of one process are traced in threads that take turns within a block."""

    def __init__(self):
        self.passes = []  # the pass of a block that is being computed, innermost last


_local = _Passes()


def rematerialized(call):
    """`call(inputs, latents=None, labels=None, training=False)` that keeps its inputs alone while training."""

    def compute(inputs, latents=None, labels=None, training=False):
        if not training:
            return call(inputs, latents, labels, training=training)
        block_pass, given = _Pass(), {"latents": latents, "labels": labels}
        names = [name for name, value in given.items() if value is not None]

        def run(inputs, *tensors):
            with block_pass.next():
                return call(inputs, **dict(zip(names, tensors, strict=True)), training=training)

        return tf.recompute_grad(run)(inputs, *(given[name] for name in names))

    return compute


def is_repeated():
    """Whether what is being computed was computed before, so that it must have no effects."""
    return bool(_local.passes) and _local.passes[-1].repeats


def first_value(value):
    """The value that the first computation saw in place of this one."""
    return _local.passes[-1].first_value(value) if _local.passes else value


class _Pass:
    """One call of a block: its first computation and all repetitions."""

    def __init__(self):
        self.repeats = False
        self._values = []
        self._position = 0
        self._started = False

    @contextlib.contextmanager
    def next(self):
        self.repeats, self._started, self._position = self._started, True, 0
        _local.passes.append(self)
        try:
            yield
        finally:
            _local.passes.pop()

    def first_value(self, value):
        if not self.repeats:
            self._values.append(tf.identity(value))
        self._position += 1
        return self._values[self._position - 1]
