"""Images from the generator of a checkpoint for scores and pictures: inference mode, averaged weights."""

import contextlib

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.pipeline import evaluation_latents
from compare_gan2.distribution.on_replicas import on_replicas
from compare_gan2.gans.discriminator_with_heads import judge_of
from compare_gan2.layers.accumulators import accumulating, accumulators
from compare_gan2.layers.initializers import overwritten
from compare_gan2.layers.weighted import folding
from compare_gan2.metrics.samples import GeneratorAccess
from compare_gan2.run_folder import standing_statistics
from compare_gan2.run_folder.checkpoints import load_generator, load_network
from compare_gan2.runs.full_batches import in_full_batches, psi_of_rows

BATCH_SIZE = 64


def other_precision(evaluation, run_config, trained_in):
    """dtype policy that `EvaluationOptions` or `RunConfig` ask for if it is not that of training, else None."""
    asked = evaluation.mixed_precision or run_config.mixed_precision
    return None if asked == trained_in else asked


class Sampler:
    """Samples from checkpoints, with networks of its own, apart from those that train.

    Args:
        spec: `ModelSpec` of the GAN.
        latents: `Latents` to draw from.
        seed: of latents and labels; the same images for the same seed, purpose and checkpoint.
        distribution: probability of each class for the labels [num_classes]; None: uniform.
        labels_are_classes: whether the labels of its training are classes of the dataset.
        strategy: tf.distribute strategy of one process, whose replicas share each batch; None for no strategy.
        precision: dtype policy of the networks if it is another than that of training; None: it is not.

    Attributes:
        gan: `ModularGAN` whose generator has variables, NaN before `load`; its discriminator gets its own when used.
        checkpoint: path of the loaded checkpoint, None before `load`.
        psi: truncation in w of all images, for generators that have it; None for none.
    """

    def __init__(self, spec, latents, seed, distribution=None, labels_are_classes=True, strategy=None, precision=None):
        self.precision = precision
        self.gan = (spec if precision is None else spec.in_precision(precision)).make()
        self.latents = latents
        self.seed = seed
        self.distribution = distribution
        self.labels_are_classes = labels_are_classes
        self._strategy = strategy
        with self._scope(), overwritten():
            self.gan.build_generator()
        self.generator = self.gan.generator
        self.checkpoint = None
        self.psi = None
        self._generate = on_replicas(self._images, strategy)
        self._accumulate = on_replicas(self._images, strategy)
        self._discriminator = self._predictor = self._judge = None

    @property
    def weights(self):
        """Which weights the images come from: "ema" or "raw"."""
        return "ema" if self.gan.g_use_ema else "raw"

    @property
    def label_prior(self):
        """Distribution of the labels that images are generated for: "none" if unconditional, "uniform", "empirical"."""
        if not self.gan.conditional:
            return "none"
        return "uniform" if self.distribution is None else "empirical"

    @property
    def needs_standing_statistics(self):
        """Whether batch norm has no statistics for inference until some are accumulated."""
        return bool(accumulators(self.generator))

    def load(self, checkpoint):
        """Takes the weights of a checkpoint, and forgets accumulated statistics."""
        with folding(self.generator):
            load_generator(checkpoint, self.generator, self.gan.g_use_ema)
        for layer in accumulators(self.generator):
            layer.reset()
        self.checkpoint = checkpoint
        self._discriminator = self._predictor = None

    def accumulate(self, num_samples, on_batch=None, keep=False):
        """Fills the standing statistics; a no-op if the generator has none to fill.

        They are read from the file beside the checkpoint if it exists and was drawn in the same way, else accumulated
        over generated batches.

        Args:
            num_samples: rounded up to whole batches.
            on_batch: called with the number of samples done.
            keep: whether to write them beside the checkpoint.
        """
        if not self.needs_standing_statistics:
            return
        drawn = {"num_samples": num_samples, "seed": self.seed, "weights": self.weights}
        drawn |= {"latents": self.latents.description, "batch_size": BATCH_SIZE}
        if self.distribution is not None:
            drawn["labels"] = list(self.distribution)
        if self.precision is not None:
            drawn["precision"] = self.precision
        if standing_statistics.load(self.checkpoint, self.generator, drawn):
            if on_batch is not None:
                on_batch(num_samples)
            return
        with accumulating(self.generator):
            for number in range(-(-num_samples // BATCH_SIZE)):
                latents, labels = self._inputs("standing statistics", number)
                self._accumulate(latents, self._vectors(labels))
                if on_batch is not None:
                    on_batch(min((number + 1) * BATCH_SIZE, num_samples))
        if keep:
            standing_statistics.save(self.checkpoint, self.generator, drawn)

    def batches(self, count, purpose):
        """Iterator over (images [n, H, W, C] in [0, 1], labels [n]) with drawn labels; NumPy arrays, `count` rows."""
        for start in range(0, count, BATCH_SIZE):
            latents, labels = self._inputs(purpose, start // BATCH_SIZE)
            images = self._generate(latents, self._vectors(labels), *psi_of_rows(self.psi, BATCH_SIZE))
            yield images.numpy()[: count - start], labels.numpy()[: count - start]

    def sample(self, count, purpose):
        """(images [count, H, W, C] in [0, 1], labels [count]) with drawn labels; NumPy arrays."""
        images, labels = zip(*self.batches(count, purpose), strict=True)
        return np.concatenate(images), np.concatenate(labels)

    def sample_classes(self, classes, per_class):
        """[len(classes), per_class, H, W, C]: the same latents in every class; NumPy array."""
        latents, _ = evaluation_latents(
            self.latents,
            seed=self.seed,
            purpose="grid",
            batch_number=0,
            batch_size=per_class,
            z_dim=self.gan.z_dim,
        )
        rows = []
        for label in classes:
            labels = tf.fill([per_class], tf.constant(label, tf.int32))
            psi = psi_of_rows(self.psi, per_class)
            rows.append(self._generate(latents, self._vectors(labels), *psi).numpy())
        return np.stack(rows)

    def access(self, purpose):
        """`GeneratorAccess` with the first batch of a purpose."""
        latents, labels = self._inputs(purpose, 0)
        vectors = self._vectors(labels)

        def generate(latents):
            count = latents.shape[0]
            return self._images(latents, None if vectors is None else vectors[:count], *psi_of_rows(self.psi, count))

        def draw(what, number):
            return self._inputs(f"{purpose}, {what}", number)

        def images(latents, labels):
            return self._generate(latents, self._vectors(labels), *psi_of_rows(self.psi, latents.shape[0]))

        return GeneratorAccess(generate, latents, labels, draw, images, self.latents)

    def discriminate(self, images, labels):
        """Logits [N] of the checkpoint's discriminator, positive for real, in inference mode; NumPy array.

        Args:
            images: [N, H, W, C] in [0, 1].
            labels: integers [N], or None in unconditional models.

        Raises:
            ValueError: if its batch norm keeps no statistics for inference, or labels are missing.
        """
        if self._discriminator is None:
            self._discriminator = self._load_discriminator()
        if self.gan.conditional and labels is None:
            raise ValueError("the discriminator takes labels, the images have none")
        parts = []
        for start in range(0, len(images), BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            vectors = self._vectors(tf.constant(labels[part])) if self.gan.conditional else None
            parts.append(self._discriminator(tf.constant(images[part]), vectors).numpy())
        return np.concatenate(parts)

    def judge(self):
        """The checkpoint's discriminator as one network, with the heads that its logits depend on; see `judge_of`.

        Raises:
            ValueError: if its batch norm keeps no statistics for inference.
        """
        if self._discriminator is None:
            self._discriminator = self._load_discriminator()
        return judge_of(self.gan)

    def predict_labels(self, images):
        """Class probabilities [N, num_classes] by the predictor of an S3GAN; NumPy array.

        Args:
            images: [N, H, W, C] in [0, 1].

        Raises:
            ValueError: if the model has no predictor.
        """
        if not getattr(self.gan, "use_predictor", False):
            raise ValueError("the model has no predictor of labels: it is not an S3GAN with S3GAN.use_predictor = True")
        if self._predictor is None:
            self._load_discriminator()
            self._predictor = on_replicas(self.gan.predict_labels, self._strategy)
        starts = range(0, len(images), BATCH_SIZE)
        parts = [self._predictor(tf.constant(images[start : start + BATCH_SIZE])) for start in starts]
        return np.concatenate([np.asarray(part) for part in parts])

    def generate(self, latents, labels, batch_size=BATCH_SIZE, on_images=None, psi=None):
        """Images [N, H, W, C] in [0, 1] of given inputs; NumPy array.

        Args:
            latents: float32 [N, z_dim].
            labels: vectors float32 [N, num_classes]; None in unconditional models.
            batch_size: images computed at a time.
            on_images: see `in_full_batches`.
            psi: truncation in w; None for none.
        """
        return in_full_batches(self._generate, latents, labels, batch_size, on_images, psi)

    def _load_discriminator(self):
        gan = self.gan
        with self._scope(), overwritten():
            gan.build()
        if accumulators(gan.discriminator):
            raise ValueError("the discriminator's batch norm keeps no statistics for inference")
        for network in (gan.discriminator, *gan.heads):
            load_network(self.checkpoint, network)
        if self._judge is None:  # traced once for all checkpoints
            self._judge = on_replicas(lambda images, labels: gan.predict(images, labels).logits[:, 0], self._strategy)
        return self._judge

    def _scope(self):
        return contextlib.nullcontext() if self._strategy is None else self._strategy.scope()

    def _inputs(self, purpose, number):
        return evaluation_latents(
            self.latents,
            seed=self.seed,
            purpose=purpose,
            batch_number=tf.constant(number, tf.int64),
            batch_size=BATCH_SIZE,
            z_dim=self.gan.z_dim,
            num_classes=self.gan.num_classes,
            distribution=self.distribution,
        )

    def _vectors(self, labels):
        return tf.one_hot(labels, self.gan.num_classes) if self.gan.conditional else None

    def _images(self, latents, labels, psi=None):
        return self.generator(latents, labels, training=False, **({} if psi is None else {"psi": psi}))
