"""Blocks that store only their inputs while training and recompute the rest in the backward pass (Chen et al. 2016,
"Training Deep Nets with Sublinear Memory Cost", section 4).

The recomputation repeats the first computation exactly and changes no state: spectral norm starts from the vectors that
the first computation started from, and neither these vectors nor moving averages are updated twice.
"""

import contextlib
import threading

import tensorflow as tf


class _Passes(threading.local):
    """Passes of the current thread: the replicas of a process are traced in threads that alternate within a block."""

    def __init__(self):
        self.passes = []  # of the blocks being computed, innermost last


_local = _Passes()


def rematerialized(call):
    """Function that computes the same as `call` and keeps only its inputs in memory for the gradient while training.

    Args:
        call: function(inputs, latents=None, labels=None, training=False) -> tensor, such as a block's `call`.
    """

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
    """True while a block is recomputed for its gradient; state must not change then."""
    return bool(_local.passes) and _local.passes[-1].repeats


def first_value(value):
    """Value that the first computation of a block had here; the value itself outside a rematerialised block.

    A layer that updates state and reads it passes what it read: by the time of the recomputation it has been updated.
    """
    return _local.passes[-1].first_value(value) if _local.passes else value


class _Pass:
    """One call of a block: the first computation and its repetitions."""

    def __init__(self):
        self.repeats = False
        self._values = []
        self._position = 0
        self._started = False

    @contextlib.contextmanager
    def next(self):
        """Context manager: the first computation when entered for the first time, a repetition afterwards."""
        self.repeats, self._started, self._position = self._started, True, 0
        _local.passes.append(self)
        try:
            yield
        finally:
            _local.passes.pop()

    def first_value(self, value):
        """Value at this position of the first computation; values are matched by their order of use."""
        if not self.repeats:
            self._values.append(tf.identity(value))
        self._position += 1
        return self._values[self._position - 1]
