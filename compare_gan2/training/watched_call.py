"""What other threads see of a graph call of many steps, and how they end it."""

import contextlib

import tensorflow as tf

from compare_gan2.ground import heartbeat, stop_request


class WatchedCall:
    """Variables in the host's memory that a graph reads and writes at every step, while other threads do the same."""

    def __init__(self):
        with tf.device("CPU:0"), tf.init_scope():
            self._asked = tf.Variable(False, trainable=False)
            self._received = tf.Variable(0, dtype=tf.int64, trainable=False)
            self._taken = tf.Variable(0, dtype=tf.int64, trainable=False)

    def is_asked(self):
        """Whether the call is to end, bool tensor; read when this operation runs."""
        return self._asked.read_value()

    def received(self, batches):
        """The batches of a step, after counting them as received."""
        with tf.control_dependencies(tf.nest.flatten(batches, expand_composites=True)):
            self._received.assign_add(1)
        return batches

    def count_step(self):
        """Counts a step that is done."""
        self._taken.assign_add(1)

    def taken(self):
        """Steps done in all calls, a Python int."""
        with tf.init_scope():  # a signal may ask while a graph is traced
            return int(self._taken.numpy())

    @contextlib.contextmanager
    def running(self):
        """Context manager around a graph call: requests to stop end it, and its steps count as signs of life."""
        before = self.taken()
        self._asked.assign(False)
        stop_request.watch_call(lambda: self._asked.assign(True), lambda: self.taken() - before)
        with heartbeat.of_steps(lambda: (self.taken(), int(self._received.numpy()))):
            yield
