"""Images from the generator of a checkpoint, as scores and pictures take them: inference mode, averaged weights."""

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.pipeline import evaluation_latents
from compare_gan2.layers.normalization import accumulating, accumulators
from compare_gan2.training.checkpoints import load_generator

BATCH_SIZE = 64


class Sampler:
    """A generator of its own, apart from the one that trains.

    Args:
        gan: `ModularGAN`; its options make the generator.
        latents: `Latents` to draw from.
        seed: of latents and labels; the same images for the same seed, purpose and checkpoint.
    """

    def __init__(self, gan, latents, seed):
        self.gan = gan
        self.latents = latents
        self.seed = seed
        self.generator = gan.build_generator()
        self._generate = tf.function(self._images)
        self._accumulate = tf.function(self._images)

    @property
    def weights(self):
        """Which weights the images come from: "ema" or "raw"."""
        return "ema" if self.gan.g_use_ema else "raw"

    @property
    def needs_standing_statistics(self):
        """Whether batch norm has no statistics for inference until some are accumulated."""
        return bool(accumulators(self.generator))

    def load(self, checkpoint):
        """Takes the weights of a checkpoint, and forgets accumulated statistics."""
        load_generator(checkpoint, self.generator, self.gan.g_use_ema)
        for layer in accumulators(self.generator):
            layer.reset()

    def accumulate(self, num_samples, on_batch=None):
        """Fills the standing statistics from generated batches; a no-op if the generator has none to fill.

        Args:
            num_samples: rounded up to whole batches.
            on_batch: called with the number of samples done.
        """
        if not self.needs_standing_statistics:
            return
        with accumulating(self.generator):
            for number in range(-(-num_samples // BATCH_SIZE)):
                latents, labels = self._inputs("standing statistics", number)
                self._accumulate(latents, self._vectors(labels))
                if on_batch is not None:
                    on_batch(min((number + 1) * BATCH_SIZE, num_samples))

    def sample(self, count, purpose, on_batch=None):
        """(images [count, H, W, C] in [0, 1], labels [count]) with uniform labels; NumPy arrays."""
        images, labels = [], []
        for number in range(-(-count // BATCH_SIZE)):
            batch_latents, batch_labels = self._inputs(purpose, number)
            images.append(self._generate(batch_latents, self._vectors(batch_labels)).numpy())
            labels.append(batch_labels.numpy())
            if on_batch is not None:
                on_batch(min((number + 1) * BATCH_SIZE, count))
        return np.concatenate(images)[:count], np.concatenate(labels)[:count]

    def sample_classes(self, classes, per_class):
        """[len(classes), per_class, H, W, C]: the same latents in every class; NumPy array."""
        latents, _ = evaluation_latents(
            self.latents,
            seed=self.seed,
            purpose="grid",
            batch_number=0,
            batch_size=per_class,
            z_dim=self.gan.options.z_dim,
        )
        rows = []
        for label in classes:
            labels = tf.fill([per_class], tf.constant(label, tf.int32))
            rows.append(self._generate(latents, self._vectors(labels)).numpy())
        return np.stack(rows)

    def _inputs(self, purpose, number):
        return evaluation_latents(
            self.latents,
            seed=self.seed,
            purpose=purpose,
            batch_number=tf.constant(number, tf.int64),
            batch_size=BATCH_SIZE,
            z_dim=self.gan.options.z_dim,
            num_classes=self.gan.num_classes,
        )

    def _vectors(self, labels):
        return tf.one_hot(labels, self.gan.num_classes) if self.gan.conditional else None

    def _images(self, latents, labels):
        return self.generator(latents, labels, training=False)
