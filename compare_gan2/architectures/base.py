"""Base classes of the networks, and the two contracts that every architecture keeps.

A generator maps latents [N, z_dim] and labels to images [N, H, W, C] in [0, 1]; those of `unbounded` generators leave
this range in training, and are cut to it at inference. A discriminator maps such images and
labels to a `DiscriminatorOutput`. Labels are vectors [N, num_classes]: one-hot, soft, or all zeros where the label is
unknown; None in unconditional networks. Outputs are float32 whatever the dtype policy.
"""

import collections
import dataclasses

import keras
import tensorflow as tf

from compare_gan2.architectures.layer_factory import LayerFactory, LayerSettings
from compare_gan2.config.declare import configurable
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.initializers import initial_values
from compare_gan2.layers.normalization import NoBatchNorm, Standardize
from compare_gan2.layers.rematerialization import rematerialized

ABSTRACT_ARCH = "compare_gan.architectures.abstract_arch"

DiscriminatorOutput = collections.namedtuple("DiscriminatorOutput", ["probability", "logits", "features"])
DiscriminatorOutput.__doc__ = """Output of a discriminator, in float32.

Attributes:
    probability: [N, 1] in [0, 1], of being real; the sigmoid of the logits.
    logits: [N, 1], positive for real.
    features: [N, ...], the inputs of the last layer.
"""


class Network(keras.Model):
    """Base of generators and discriminators: their layers, how they are called, saved and loaded.

    A network is called as `network(inputs, labels)`, as `network(latents=..., labels=...)` (a discriminator:
    `images=...`) or, which is what `predict` needs, with one dictionary of named inputs:

        network.predict({"latents": latents, "labels": labels})

    Raises:
        ValueError: for spectral norm and weight norm together, or named inputs that the network does not have.
    """

    bound_part = None  # declared class of a part of the network whose bindings are arguments of the network too
    input_name = None  # name of the first input
    size_name = None  # argument of `create_variables` that gives the size of the first input

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

    @property
    def has_batch_norm(self):
        """Whether the output for one example depends on the others of its batch while training."""
        return self.batch_norm_fn not in (None, NoBatchNorm)

    @property
    def keeps_moving_averages(self):
        """Whether batch norm updates moving averages while training."""
        return self.has_batch_norm and self.settings.standardize["use_moving_averages"]

    def __call__(self, *args, **kwargs):
        if args and isinstance(args[0], dict):  # the named inputs of `predict`
            named, *args = args
            if self.input_name not in named or named.keys() - {self.input_name, "labels"}:
                raise ValueError(
                    f"{self.name}: expected inputs named {self.input_name} and, if conditional, labels, got "
                    f"{sorted(named)}"
                )
            return self(*args, **named, **kwargs)
        outputs = super().__call__(*args, **kwargs)
        if self._built_for is None:
            given = dict(zip((self.input_name, "labels"), args, strict=False)) | kwargs
            labels = given.get("labels")
            size = self._size_of(given[self.input_name].shape)
            self._built_for = {self.size_name: size, "num_classes": None if labels is None else labels.shape[-1]}
        return outputs

    def create_variables(self, seed=0, **sizes):
        """Creates all variables unless they exist; call it inside the scope of the distribution strategy.

        Args:
            seed: whole number in [0, 2**32); initial values follow from it and the variables' paths alone.
            **sizes: `z_dim` of a generator or `image_shape` of a discriminator, and `num_classes` (None for an
                unconditional network).

        Raises:
            ValueError: for options that do not fit the sizes.
        """
        if self._built_for is None:
            with initial_values(seed, self.name):
                self(*self._example_inputs(**sizes), training=False)

    def rematerialize(self):
        """Makes residual blocks store only their inputs while training and recompute the rest for the gradient.

        Raises:
            ConfigError: if the network has no residual blocks.
        """
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
        # The global table first: a scope that Keras opened earlier may hold the placeholder of a class loaded since.
        norms = keras.saving.get_custom_objects()
        return cls(batch_norm_fn=(norms.get(fn) or keras.saving.get_registered_object(fn)) if fn else None, **config)


@configurable("G", module=ABSTRACT_ARCH, denylist=["name", "image_shape", "settings"])
class Generator(Network):
    """Base of the generators: (latents [N, z_dim], labels [N, num_classes] or None) -> images [N, H, W, C] in [0, 1].

    Args:
        image_shape: (height, width, channels) of the images.
        batch_norm_fn: class of the batch norms, such as `ConditionalBatchNorm`; None for none.
        spectral_norm: whether kernels have spectral norm.
        weight_norm: whether kernels have weight norm instead.
        settings: `LayerSettings`, or its fields as a dict; None for the defaults.

    Raises:
        ValueError: for images, latents or options that the architecture does not support.
    """

    input_name, size_name = "latents", "z_dim"
    unbounded = False  # whether images leave [0, 1] while training
    truncates_w = False  # whether a call takes `psi`, truncation in a space between latents and images
    mixes_styles = False  # whether a call takes `uniform`, for noise and styles at random

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

    def _size_of(self, shape):
        return shape[-1]

    def get_config(self):
        return {**super().get_config(), "image_shape": self.image_shape}


@configurable("D", module=ABSTRACT_ARCH, denylist=["name", "settings"])
class Discriminator(Network):
    """Base of the discriminators: (images [N, H, W, C] in [0, 1], labels or None) -> `DiscriminatorOutput`.

    Args:
        batch_norm_fn: class of the batch norms; None for none.
        layer_norm: whether residual blocks have layer norm.
        spectral_norm: whether kernels have spectral norm.
        weight_norm: whether kernels have weight norm instead.
        settings: `LayerSettings`, or its fields as a dict; None for the defaults.

    Raises:
        ValueError: for images or options that the architecture does not support.
    """

    input_name, size_name = "images", "image_shape"
    compares_examples = False  # whether logits depend on the other images of a call while training

    @property
    def freezable(self):
        """List, from the images on, of what can be left out of training (a list of layers each): the blocks."""
        return [[block] for block in getattr(self, "blocks", [])]

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
        """`DiscriminatorOutput` in float32 of logits [N, 1] and features [N, ...]."""
        logits = tf.cast(logits, tf.float32)
        return DiscriminatorOutput(tf.sigmoid(logits), logits, tf.cast(features, tf.float32))

    def _example_inputs(self, image_shape, num_classes):
        return tf.zeros([1, *image_shape]), None if num_classes is None else tf.zeros([1, num_classes])

    def _size_of(self, shape):
        return tuple(shape[1:])

    def get_config(self):
        return {**super().get_config(), "layer_norm": self.layer_norm}


def require_image_size(architecture, image_shape, resolutions):
    """Raises a `ValueError` unless images are square, with 1 or 3 channels and a side among `resolutions`."""
    height, width, channels = image_shape
    if height != width or height not in resolutions or channels not in (1, 3):
        raise ValueError(
            f"{architecture}: images must be square with side {' or '.join(map(str, sorted(resolutions)))} and 1 or 3 "
            f"channels, got {height}x{width}x{channels}"
        )


def require_labels(module, project_y, labels_shape):
    """Raises a `ValueError` if a discriminator projects labels (`project_y`) and gets none."""
    if project_y and labels_shape is None:
        raise ValueError(
            f"{module}.Discriminator.project_y needs labels: bind it to False or use ModularGAN.conditional = True"
        )


def flatten(maps):
    """[N, H, W, C] -> [N, H * W * C]; N may be unknown, the others not."""
    _, height, width, channels = maps.shape
    return tf.reshape(maps, [-1, height * width * channels])
