"""The two contracts that every architecture keeps.

A generator maps latents [N, z_dim] and labels to images [N, H, W, C] in [0, 1]. A discriminator maps such images and
labels to a `DiscriminatorOutput`. Labels are vectors [N, num_classes], one-hot, soft, or all zeros where the label is
unknown; they are None in unconditional models.
"""

import collections
import dataclasses

import keras
import tensorflow as tf

from compare_gan2.architectures.layer_factory import LayerFactory, LayerSettings
from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.layers.normalization import NoBatchNorm, Standardize
from compare_gan2.layers.rematerialization import rematerialized

ABSTRACT_ARCH = "compare_gan.architectures.abstract_arch"

DiscriminatorOutput = collections.namedtuple("DiscriminatorOutput", ["probability", "logits", "features"])
DiscriminatorOutput.__doc__ = """What a discriminator returns: probability and logits [N, 1], features [N, ...]."""


class Network(keras.Model):
    """What generators and discriminators share: options from gin, their layers, saving and loading."""

    def __init__(self, *, batch_norm_fn, spectral_norm, layer_norm, weight_norm, settings, name, **kwargs):
        super().__init__(name=name, **kwargs)
        if spectral_norm and weight_norm:
            raise ValueError(f"{name}: spectral_norm and weight_norm exclude each other, got True for both")
        self.batch_norm_fn = batch_norm_fn
        self.spectral_norm = spectral_norm
        self.weight_norm = weight_norm
        self.settings = settings if isinstance(settings, LayerSettings) else LayerSettings(**(settings or {}))
        self.factory = LayerFactory(
            self.settings,
            batch_norm_fn=batch_norm_fn,
            spectral_norm=spectral_norm,
            layer_norm=layer_norm,
            weight_norm=weight_norm,
            dtype=self.dtype_policy,
        )
        self._built_for = None

    @classmethod
    def options_of_parts(cls):
        """Constructor arguments that gin binds under the name of a part of the network."""
        return {}

    @property
    def has_batch_norm(self):
        """Whether the output for one example depends on the others in its batch (while training)."""
        return self.batch_norm_fn not in (None, NoBatchNorm)

    @property
    def keeps_moving_averages(self):
        """Whether batch norm updates statistics while training."""
        return self.has_batch_norm and self.settings.standardize["use_moving_averages"]

    def create_variables(self, **sizes):
        """Creates all variables; call inside the scope of the distribution strategy.

        Args:
            **sizes: z_dim for a generator, image_shape for a discriminator, and num_classes (None: unconditional).
        """
        self(*self._example_inputs(**sizes), training=False)
        self._built_for = sizes

    def rematerialize(self):
        """Makes blocks keep their inputs alone while training; raises a `ConfigError` if there are no blocks."""
        blocks = getattr(self, "blocks", [])
        if not blocks:
            raise ConfigError(f"run_config.remat: expected a network of residual blocks, this {self.name} has none")
        for block in blocks:
            block.call = rematerialized(block.call)

    def get_build_config(self):
        return self._built_for

    def build_from_config(self, config):
        if config:
            self.create_variables(**config)

    def get_config(self):
        fn = self.batch_norm_fn
        return {
            **super().get_config(),
            "batch_norm_fn": keras.saving.get_registered_name(fn) if fn else None,
            "spectral_norm": self.spectral_norm,
            "weight_norm": self.weight_norm,
            "settings": dataclasses.asdict(self.settings),
        }

    @classmethod
    def from_config(cls, config):
        fn = config.pop("batch_norm_fn")
        return cls(batch_norm_fn=keras.saving.get_registered_object(fn) if fn else None, **config)


@configurable("G", module=ABSTRACT_ARCH, denylist=["name", "image_shape", "settings"])
class Generator(Network):
    """Base of the generators.

    Args:
        image_shape: (height, width, channels) of the images.
        batch_norm_fn: class of the batch norms (`@batch_norm`, `@conditional_batch_norm`, ...), None for none.
        spectral_norm: whether weights are spectrally normalised.
        weight_norm: whether they are weight-normalised instead, see `layers.weight_norm`.
        settings: `LayerSettings`, or its fields as a dict.
    """

    def __init__(
        self,
        image_shape,
        *,
        batch_norm_fn: type[Standardize] | type[NoBatchNorm] | None = None,
        spectral_norm: bool = False,
        weight_norm: bool = False,
        settings=None,
        name="generator",
        **kwargs,
    ):
        super().__init__(
            batch_norm_fn=batch_norm_fn,
            spectral_norm=spectral_norm,
            layer_norm=False,
            weight_norm=weight_norm,
            settings=settings,
            name=name,
            **kwargs,
        )
        self.image_shape = tuple(image_shape)

    def build(self, latents_shape, labels_shape=None):
        pass  # the layers build at their first call

    def _example_inputs(self, z_dim, num_classes):
        return tf.zeros([1, z_dim]), None if num_classes is None else tf.zeros([1, num_classes])

    def get_config(self):
        return {**super().get_config(), "image_shape": self.image_shape}


@configurable("D", module=ABSTRACT_ARCH, denylist=["name", "settings"])
class Discriminator(Network):
    """Base of the discriminators.

    Args:
        batch_norm_fn: class of the batch norms, None for none.
        layer_norm: whether blocks apply layer norm.
        spectral_norm: whether weights are spectrally normalised.
        weight_norm: whether they are weight-normalised instead, see `layers.weight_norm`.
        settings: `LayerSettings`, or its fields as a dict.
    """

    def __init__(
        self,
        *,
        batch_norm_fn: type[Standardize] | type[NoBatchNorm] | None = None,
        layer_norm: bool = False,
        spectral_norm: bool = False,
        weight_norm: bool = False,
        settings=None,
        name="discriminator",
        **kwargs,
    ):
        super().__init__(
            batch_norm_fn=batch_norm_fn,
            spectral_norm=spectral_norm,
            layer_norm=layer_norm,
            weight_norm=weight_norm,
            settings=settings,
            name=name,
            **kwargs,
        )
        self.layer_norm = layer_norm

    def build(self, images_shape, labels_shape=None):
        pass  # the layers build at their first call

    def output_for(self, logits, features):
        """`DiscriminatorOutput` in float32."""
        logits = tf.cast(logits, tf.float32)
        return DiscriminatorOutput(tf.sigmoid(logits), logits, tf.cast(features, tf.float32))

    def _example_inputs(self, image_shape, num_classes):
        return tf.zeros([1, *image_shape]), None if num_classes is None else tf.zeros([1, num_classes])

    def get_config(self):
        return {**super().get_config(), "layer_norm": self.layer_norm}


def require_image_size(architecture, image_shape, resolutions):
    """Raises a `ValueError` unless images are square, of a known side, with 1 or 3 channels."""
    height, width, channels = image_shape
    if height != width or height not in resolutions or channels not in (1, 3):
        raise ValueError(
            f"{architecture}: images must be square with side {' or '.join(map(str, sorted(resolutions)))} and 1 or 3 "
            f"channels, got {height}x{width}x{channels}"
        )


def require_labels(module, project_y, labels_shape):
    """Raises a `ValueError` if a discriminator is to project labels and gets none."""
    if project_y and labels_shape is None:
        raise ValueError(
            f"{module}.Discriminator.project_y needs labels: bind it to False or use ModularGAN.conditional = True"
        )


def flatten(maps):
    """[N, H, W, C] -> [N, H * W * C], N known or not."""
    _, height, width, channels = maps.shape
    return tf.reshape(maps, [-1, height * width * channels])
