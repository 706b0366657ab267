"""Many training steps in one graph call."""

import tensorflow as tf

from compare_gan2.ground import stop_request
from compare_gan2.training.accumulation import AccumulatedStep
from compare_gan2.training.graph_memory import peak_bytes
from compare_gan2.training.step import StepRandom, TrainStep
from compare_gan2.training.watched_call import WatchedCall


def make_step(gan, state, accumulate_steps=1):
    """`TrainStep` that processes a replica's batch in `accumulate_steps` parts; 1 processes it as a whole."""
    return TrainStep(gan, state) if accumulate_steps == 1 else AccumulatedStep(gan, state, accumulate_steps)


def compiled_steps(strategy, train_step, seed, jit_compile=False):
    """`CompiledLoop` of generator steps.

    Args:
        strategy: tf.distribute strategy.
        train_step: `TrainStep`.
        seed: seed of the noise that penalties draw.
        jit_compile: whether XLA compiles the step of a replica.
    """

    def replica_step(batches, step):
        return train_step(batches, step, StepRandom(seed, step))

    if jit_compile:  # the step, not the loop around it: XLA is slow to compile convolutions within loops
        replica_step = tf.function(replica_step, jit_compile=True, autograph=False)
    return CompiledLoop(strategy, replica_step, train_step.state)


class CompiledLoop:
    """Function (iterator, count) -> {tag: float32 [n]} that takes `count` steps of any training in one graph call.

    It takes fewer steps, n < count, once `stop_request` is asked to stop: the step that is being computed is the last
    one, with several workers the first that begins afterwards, so that all end after the same one.

    Args:
        strategy: tf.distribute strategy.
        replica_step: function (element of the iterator, step) -> {tag: scalar}, run on each replica.
        state: object with the variable `step` and with `count_step()`.
    """

    def __init__(self, strategy, replica_step, state):
        self._strategy = strategy
        self._replica_step = replica_step
        self._state = state
        self._together = isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)
        self._watched = WatchedCall()
        self._tags, self._graph = [], None

        @tf.function
        def steps(iterator, count):
            rows = tf.TensorArray(tf.float32, size=count)
            taken, ends = 0, False
            while taken < count and not ends:
                values, ends = self._one_step(iterator)
                rows = rows.write(taken, values)
                taken += 1
            return rows.gather(tf.range(taken))

        self._steps = steps

    def __call__(self, iterator, count):
        if stop_request.requested() and not self._together:
            return {}
        with self._watched.running():
            values = self._steps(iterator, tf.constant(count)).numpy()
        return {tag: values[:, i] for i, tag in enumerate(self._tags)}

    def trace(self, iterator):
        """Bytes of the tensors of a step, see `graph_memory`, all replicas of this process together.

        Nothing is computed; the graph is the one that calls run, so that the first call is as much shorter.
        """
        self._steps.get_concrete_function(iterator, tf.constant(1))
        return peak_bytes(self._graph)

    def taken(self):
        """Steps taken so far; other threads may ask during a call."""
        return self._watched.taken()

    @tf.autograph.experimental.do_not_convert  # nothing in a step branches on a tensor, and converting it takes seconds
    def _one_step(self, iterator):
        """(mean values of the tags, whether to end) after a step."""
        self._graph = tf.compat.v1.get_default_graph()
        asked = self._watched.is_asked()  # in the exchange, since no worker may begin a step that another does not
        batches = self._watched.received(next(iterator))
        step = tf.convert_to_tensor(self._state.step)
        values = self._strategy.run(self._stacked, args=(batches, step, asked))
        self._state.count_step()
        means = self._strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None)
        with tf.control_dependencies([means]):
            self._watched.count_step()
            return (means[:-1], means[-1] > 0) if self._together else (means, self._watched.is_asked())

    def _stacked(self, batches, step, asked):
        scalars = self._replica_step(batches, step)
        self._tags[:] = sorted(scalars)
        values = [tf.cast(scalars[tag], tf.float32) for tag in self._tags]
        return tf.stack([*values, tf.cast(asked, tf.float32)] if self._together else values)  # one exchange for all
