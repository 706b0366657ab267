"""Networks from Keras files, of an export or a migrated module, with the methods of a `Sampler`."""

import pathlib
import types

import numpy as np
import tensorflow as tf

from compare_gan2 import architectures
from compare_gan2.ground import store
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.ground.keras_files import read_keras
from compare_gan2.layers.accumulators import accumulators
from compare_gan2.runs import export_record
from compare_gan2.runs.full_batches import in_full_batches
from compare_gan2.runs.model_place import DISCRIMINATOR, GENERATOR
from compare_gan2.runs.plain_networks import PlainGenerator, PlainJudge, wrapped

BATCH_SIZE = 64
RECORDS = (export_record.NAME, "module.json")  # of an export, of a migrated module


class SavedNetworks:
    """A generator and, if its file exists, a discriminator.

    Args:
        path: folder with generator.keras, or a generator's file.

    Attributes:
        generator: the Keras network.
        gan: its sizes: `image_shape`, `z_dim`, `num_classes`, `conditional`.
        weights: "ema", "raw", or "unknown".
        recorded: what the export or the migration recorded beside the files; empty without a record.

    Raises:
        ConfigError: if the generator is missing, or has empty batch-norm statistics.
        DamagedFileError: if a file cannot be read.
    """

    def __init__(self, path):
        path = pathlib.Path(path)
        self._folder = path if path.is_dir() else path.parent
        self.generator = _load(path / GENERATOR if path.is_dir() else path)
        self.gan = _sizes(self.generator, path)
        self.recorded = self._recorded()
        self.weights = self.recorded.get("weights", "unknown")
        self._generate = tf.function(self._images)
        self._judge = None

    def generate(self, latents, labels, batch_size=BATCH_SIZE, on_images=None, psi=None):
        """Images [N, H, W, C] in [0, 1]; as `Sampler.generate`."""
        return in_full_batches(self._generate, latents, labels, batch_size, on_images, psi)

    def discriminate(self, images, labels):
        """Logits [N]; as `Sampler.discriminate`."""
        judge = self.judge()
        vectors = None if labels is None else tf.one_hot(labels, self.gan.num_classes)
        parts = []
        for start in range(0, len(images), BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            given = None if vectors is None else vectors[part]
            parts.append(judge(tf.constant(images[part]), given, training=False).logits[:, 0].numpy())
        return np.concatenate(parts)

    def predict_labels(self, images):
        """Class probabilities [N, num_classes]; as `Sampler.predict_labels`."""
        judge = self.judge()
        if getattr(judge, "predictor", None) is None:
            raise ValueError("the saved networks have no predictor of labels; load the run itself")
        starts = range(0, len(images), BATCH_SIZE)
        return np.concatenate([judge.predict_labels(tf.constant(images[i : i + BATCH_SIZE])).numpy() for i in starts])

    def judge(self):
        """The discriminator, with the heads of an S3GAN if they are in its file; as `Sampler.judge`.

        Raises:
            ConfigError: if its file is missing.
            DamagedFileError: if it cannot be read.
        """
        if self._judge is None:
            path = self._folder / DISCRIMINATOR
            if not path.exists():
                raise ConfigError(f"discriminate: there is no {DISCRIMINATOR} in {self._folder}")
            self._judge = _load(path)
        return self._judge

    def _images(self, latents, labels, psi=None):
        return self.generator(latents, labels, training=False, **({} if psi is None else {"psi": psi}))

    def _recorded(self):
        for name in RECORDS:
            if (self._folder / name).exists():
                return store.read_json(self._folder / name, "delete it; weights are then shown as unknown")
        return {}


def _sizes(generator, path):
    """Sizes of a generator, as a `SavedNetworks` has them in `gan`."""
    if isinstance(generator, PlainGenerator):
        z_dim, num_classes = generator.z_dim, generator.num_classes
    else:
        sizes = {} if isinstance(generator, PlainJudge) else generator.get_build_config() or {}
        if "z_dim" not in sizes:
            raise ConfigError(
                f"load: expected a generator in {path}, got a network of {sorted(sizes) or 'other inputs'}"
            )
        if any(float(layer.accu_counter.numpy()) < 1 for layer in accumulators(generator)):
            raise ConfigError(f"load: batch norm of the generator in {path} has no statistics, so images mean nothing")
        z_dim, num_classes = sizes["z_dim"], sizes["num_classes"]
    return types.SimpleNamespace(
        image_shape=tuple(generator.image_shape),
        z_dim=z_dim,
        num_classes=num_classes,
        conditional=num_classes is not None,
    )


def _load(path):
    assert architectures.ARCHITECTURES  # their classes are registered
    try:
        return wrapped(read_keras(path))
    except DamagedFileError:
        raise
    except Exception as error:  # what Keras raises depends on the damage
        raise DamagedFileError(f"{path}: cannot be read as a Keras network: {str(error).splitlines()[0]}") from error
