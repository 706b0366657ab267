"""Images from the generator of a checkpoint, as scores and pictures take them: inference mode, averaged weights."""

import contextlib
import copy

import numpy as np
import tensorflow as tf

from compare_gan2 import configuration, gin_names
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import DatasetOptions, facts
from compare_gan2.datasets.latents import EvaluationLabels, EvaluationLatents
from compare_gan2.datasets.pipeline import evaluation_latents
from compare_gan2.layers.normalization import accumulating, accumulators
from compare_gan2.layers.weighted import folding
from compare_gan2.metrics.on_replicas import on_replicas
from compare_gan2.metrics.samples import GeneratorAccess
from compare_gan2.options import Options, RunConfig, StandingStatistics
from compare_gan2.training import standing_statistics
from compare_gan2.training.checkpoints import (
    checkpoint_path,
    checkpoint_steps,
    damage_of,
    load_generator,
    load_network,
)
from compare_gan2.training.model_directory import ModelDirectory

BATCH_SIZE = 64


class Sampler:
    """A generator of its own, apart from the one that trains.

    Args:
        gan: `ModularGAN`; its options make the generator.
        latents: `Latents` to draw from.
        seed: of latents and labels; the same images for the same seed, purpose and checkpoint.
        distribution: probability of each class for the labels [num_classes]; None: uniform.
        labels_are_classes: whether the labels of its training are classes of the dataset.
        strategy: tf.distribute strategy of one process, whose replicas share each batch; None for no strategy.
    """

    def __init__(self, gan, latents, seed, distribution=None, labels_are_classes=True, strategy=None):
        self.gan = gan
        self.latents = latents
        self.seed = seed
        self.distribution = distribution
        self.labels_are_classes = labels_are_classes
        self._strategy = strategy
        with self._scope():
            self.generator = gan.build_generator()
        self.checkpoint = None
        self._generate = on_replicas(self._images, strategy)
        self._accumulate = on_replicas(self._images, strategy)
        self._discriminator = None

    @property
    def weights(self):
        """Which weights the images come from: "ema" or "raw"."""
        return "ema" if self.gan.g_use_ema else "raw"

    @property
    def label_prior(self):
        """Which labels images are asked for: "none" in unconditional models, "uniform" or "empirical"."""
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
        self._discriminator = None

    def accumulate(self, num_samples, on_batch=None, keep=False):
        """Fills the standing statistics; a no-op if the generator has none to fill.

        They are read from beside the checkpoint where they lie there, drawn in the same way, else taken from generated
        batches.

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
            images = self._generate(latents, self._vectors(labels))
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
            z_dim=self.gan.options.z_dim,
        )
        rows = []
        for label in classes:
            labels = tf.fill([per_class], tf.constant(label, tf.int32))
            rows.append(self._generate(latents, self._vectors(labels)).numpy())
        return np.stack(rows)

    def access(self, purpose):
        """`GeneratorAccess` with the first batch of a purpose."""
        latents, labels = self._inputs(purpose, 0)
        vectors = self._vectors(labels)

        def generate(latents):
            return self._images(latents, None if vectors is None else vectors[: latents.shape[0]])

        return GeneratorAccess(generate, latents, labels)

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

    def _load_discriminator(self):
        gan = copy.copy(self.gan)  # whose own networks may be in training
        gan.heads = []
        with self._scope():
            gan.create()
        if accumulators(gan.discriminator):
            raise ValueError("the discriminator's batch norm keeps no statistics for inference")
        for network in (gan.discriminator, *gan.heads):
            load_network(self.checkpoint, network)
        return on_replicas(lambda images, labels: gan.predict(images, labels).logits[:, 0], self._strategy)

    def _scope(self):
        return contextlib.nullcontext() if self._strategy is None else self._strategy.scope()

    def _inputs(self, purpose, number):
        return evaluation_latents(
            self.latents,
            seed=self.seed,
            purpose=purpose,
            batch_number=tf.constant(number, tf.int64),
            batch_size=BATCH_SIZE,
            z_dim=self.gan.options.z_dim,
            num_classes=self.gan.num_classes,
            distribution=self.distribution,
        )

    def _vectors(self, labels):
        return tf.one_hot(labels, self.gan.num_classes) if self.gan.conditional else None

    def _images(self, latents, labels):
        return self.generator(latents, labels, training=False)


def load_sampler(model_dir, step=None, bindings=()):
    """`Sampler` of a run's checkpoint, ready to use: it gives the images that this checkpoint's scores come from.

    Needs neither the training data nor the command line of the run; parses the configuration that lies in the folder,
    so that bindings parsed before are forgotten.

    Args:
        model_dir: folder of a run.
        step: of the checkpoint; None for the newest.
        bindings: gin bindings, parsed after that configuration.

    Raises:
        ConfigError: if the folder holds no run, or not this checkpoint, or a damaged one.
    """
    assert gin_names.MODULES  # all names are declared
    recorded, steps = ModelDirectory(model_dir).recorded(), checkpoint_steps(model_dir)
    if not recorded or not steps:
        found = f"{len(steps)} checkpoints and {'one' if recorded else 'no'} operative_config-N.gin"
        raise ConfigError(f"model_dir: expected the folder of a run, got {model_dir}, which holds {found}")
    step = max(steps) if step is None else step
    known = ", ".join(map(str, steps))
    if step not in steps:
        raise ConfigError(f"step: expected one of {known} (checkpoints in {model_dir}), got {step}")
    path = checkpoint_path(model_dir, step)
    if damage := damage_of(path):
        raise ConfigError(f"step: {path} is damaged ({damage}); choose another of {known}")
    lines = [f"{name} = {text}" for name, text in recorded.items() if not name.startswith("--")]
    configuration.parse([], [*ModelDirectory(model_dir).recorded_imports(), *lines, *bindings])
    options, dataset = configuration.build(Options), facts.of_run(model_dir, configuration.build(DatasetOptions).name)
    gan = configuration.build(
        options.gan_class, options=options, image_shape=dataset.image_shape, num_classes=dataset.num_classes
    )
    run_config, latents = configuration.build(RunConfig), configuration.build(EvaluationLatents)
    gan.dtype_policy = run_config.mixed_precision
    distribution = label_distribution(dataset) if gan.conditional else None
    sampler = Sampler(gan, latents, run_config.seed, distribution, dataset.labels_are_classes)
    sampler.load(path)
    sampler.accumulate(configuration.build(StandingStatistics).num_samples)
    return sampler


def label_distribution(dataset):
    """The `distribution` of a `Sampler` that gin's `eval_labels.prior` asks for, by the `DatasetFacts`.

    Raises:
        ConfigError: if that is empirical and nobody has counted the labels.
    """
    if configuration.build(EvaluationLabels).prior == "uniform":
        return None
    if dataset.label_distribution is None:
        raise ConfigError(f"eval_labels.prior: the label distribution of {dataset.name} is not known, got 'empirical'")
    return dataset.label_distribution
