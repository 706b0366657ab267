"""The step of a configuration on random images, to be counted or timed on the logical devices of one process."""

import time

import numpy as np
import tensorflow as tf

from compare_gan2 import configuration
from compare_gan2.cost_model.counted import counts_of
from compare_gan2.options import Options
from compare_gan2.training.loop import compiled_steps
from compare_gan2.training.replica_input import distributed
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep


class Workload:
    """Networks and optimizers of the parsed configuration on the replicas of a strategy.

    Args:
        strategy: tf.distribute strategy of one process.
        image_shape: (height, width, channels) of the random images.
        num_classes: of their labels.

    Raises:
        ConfigError: for a configuration that cannot be run on as many replicas.
    """

    def __init__(self, strategy, image_shape, num_classes):
        options = configuration.build(Options)
        self.strategy, self.image_shape, self.num_classes = strategy, image_shape, num_classes
        self.batch_size, self.z_dim = options.batch_size, options.z_dim
        self.gan = configuration.build(
            options.gan_class, options=options, image_shape=image_shape, num_classes=num_classes
        )
        self.gan.check_batch(strategy.num_replicas_in_sync)
        with strategy.scope():
            self.gan.create()
            self.state = TrainState(self.gan)

    def counts(self):
        """`Counts` of a step on one replica."""
        step = TrainStep(self.gan, self.state)

        def replicated(batches):
            return self.strategy.run(lambda parts: step(parts, tf.constant(0), StepRandom(0, 0)), args=(batches,))

        replicas = self.strategy.num_replicas_in_sync
        function = tf.function(replicated, autograph=False)
        return counts_of(function.get_concrete_function(self._batches(self.batch_size // replicas)), replicas)

    def seconds_per_step(self, steps, rounds):
        """Median over rounds of `steps` steps each, after one that is not counted."""
        stream = tf.data.Dataset.from_tensors(self._batches(self.batch_size)).repeat()
        iterator = distributed(self.strategy, lambda first_step, shard: stream, 0)
        run = compiled_steps(self.strategy, self.gan, self.state, seed=0)
        run(iterator, steps)
        times = []
        for _ in range(rounds):
            started = time.perf_counter()
            run(iterator, steps)
            times.append((time.perf_counter() - started) / steps)
        return float(np.median(times))

    def _batches(self, size):
        random = np.random.RandomState(0)
        batch = {
            "images": tf.constant(random.random_sample([size, *self.image_shape]), tf.float32),
            "labels": tf.constant(random.randint(-1, self.num_classes, size), tf.int32),
            "latents": tf.constant(random.standard_normal([size, self.z_dim]), tf.float32),
            "sampled_labels": tf.constant(random.randint(0, self.num_classes, size), tf.int32),
        }
        return (batch,) * self.gan.batches_per_step
