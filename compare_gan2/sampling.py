"""Images from the generator of a checkpoint, as scores and pictures take them: inference mode, averaged weights."""

import numpy as np
import tensorflow as tf

from compare_gan2 import configuration, gin_names
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.latents import EvaluationLatents
from compare_gan2.datasets.pipeline import evaluation_latents
from compare_gan2.layers.normalization import accumulating, accumulators
from compare_gan2.options import Options, RunConfig, StandingStatistics
from compare_gan2.training.checkpoints import checkpoint_path, checkpoint_steps, damage_of, load_generator
from compare_gan2.training.model_directory import ModelDirectory

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


def load_sampler(model_dir, step=None):
    """`Sampler` of a run's checkpoint, ready to use: it gives the images that this checkpoint's scores come from.

    Needs neither the training data nor the command line of the run; parses the configuration that lies in the folder,
    so that bindings parsed before are forgotten.

    Args:
        model_dir: folder of a run.
        step: of the checkpoint; None for the newest.

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
    configuration.parse([], [f"{name} = {text}" for name, text in recorded.items() if not name.startswith("--")])
    options, dataset = configuration.build(Options), DATASETS[configuration.build(DatasetOptions).name]
    gan = configuration.build(
        options.gan_class, options=options, image_shape=dataset.image_shape, num_classes=dataset.num_classes
    )
    sampler = Sampler(gan, configuration.build(EvaluationLatents), configuration.build(RunConfig).seed)
    sampler.load(path)
    sampler.accumulate(configuration.build(StandingStatistics).num_samples)
    return sampler
