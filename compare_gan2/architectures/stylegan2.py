"""StyleGAN2 (Karras et al. 2020, https://arxiv.org/abs/1912.04958) for square images of 4 * 2^k pixels.

Differs from its siblings: a mapping network turns latents and labels into w, which scales the channels of every
convolution; each of these adds noise; kernels are scaled at each use and have no norm; the discriminator compares the
images of a batch. Labels enter as in the version with ADA (Karras et al. 2020, https://arxiv.org/abs/2006.06676).
Images are clipped to [0, 1] at inference alone. Trained with the non-saturating loss, `@r1` and
`@path_length`; `ModularGAN.style_mixing` mixes styles. Parameters at 32x32x3, z_dim 512, 10 classes:
G 21,791,251, D 23,876,096.
"""

import math

import keras
import tensorflow as tf

from compare_gan2.architectures import base, normless
from compare_gan2.architectures.stylegan2_blocks import (
    DiscriminatorBlock,
    DiscriminatorEpilogue,
    SynthesisBlock,
    channels_at,
)
from compare_gan2.architectures.stylegan2_mapping import Mapping
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Count, CountOrZero, Decay, Size, Width

MODULE = "compare_gan2.architectures.stylegan2"
NAME = "stylegan2_arch"


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.stylegan2")
class Generator(base.Generator):
    """Generator: (latents [N, z_dim], labels or None) -> images [N, H, H, C], in [0, 1] at inference.

    Args:
        image_shape: (H, H, channels), H a power of two from 8 to 1024.
        w_dim: size of w.
        mapping_layers: dense layers from latents to w.
        channel_base: maps of a side have channel_base / side channels, at most `channel_max`.
        channel_max: largest number of channels.
        w_average_decay: weight of the old average of w in a training step.
        truncated_layers: how many values of w, the first ones, truncation moves towards the average; None for all.
        **kwargs: arguments of `base.Generator`, which have to leave every norm off.

    Raises:
        ValueError: for another image shape or norms.

    Example:
        >>> Generator((32, 32, 3), channel_max=8)(tf.zeros([2, 64]), tf.one_hot([0, 7], 10)).shape
        TensorShape([2, 32, 32, 3])
    """

    unbounded = True
    truncates_w = True
    mixes_styles = True

    def __init__(
        self,
        image_shape,
        *,
        w_dim: Size = 512,
        mapping_layers: Count = 8,
        channel_base: Count = 32768,
        channel_max: Width = 512,
        w_average_decay: Decay = 0.998,
        truncated_layers: CountOrZero | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, **kwargs)
        normless.require_no_norms(NAME, "G", self)
        normless.require_power_of_two(NAME, self.image_shape)
        self.options = {
            "w_dim": w_dim,
            "mapping_layers": mapping_layers,
            "channel_base": channel_base,
            "channel_max": channel_max,
            "w_average_decay": w_average_decay,
            "truncated_layers": truncated_layers,
        }
        policy = {"dtype": self.dtype_policy}
        self.mapping = Mapping(w_dim, mapping_layers, w_average_decay, name="mapping", **policy)
        self.synthesis = []
        for k in range(2, int(math.log2(self.image_shape[0])) + 1):
            units = channels_at(2**k, channel_base, channel_max)
            self.synthesis.append(SynthesisBlock(2**k, units, self.image_shape[-1], name=f"b{2**k}", **policy))

    @property
    def num_ws(self):
        """Values of w that make an image."""
        return sum(block.num_w for block in self.synthesis) + 1

    def call(self, latents, labels=None, training=False, uniform=None, style_mixing=0.0, psi=None):
        """Images; as `base.Generator`, and:

        Args:
            uniform: function (shape, purpose) -> draws from [0, 1) for noise and mixed styles; None takes the fixed
                noise and mixes none.
            style_mixing: share of the examples whose values of w, from a random one on, are those of other latents.
            psi: truncation in w, a scalar or one for each example [N]: 1 leaves w as it is, 0 makes the average image;
                None for 1.
        """
        w = self.mapping(latents, labels, training=training)
        ws = [w] * self.num_ws
        if uniform is not None and style_mixing:
            ws = self._mixed(w, latents, labels, uniform, style_mixing)
        if psi is not None:
            ws = self.truncated(ws, psi, self.options["truncated_layers"])
        noise = None if uniform is None else lambda name, side: _normal(uniform, w, [side, side], f"noise/{name}")
        return normless.from_signed(self.synthesize(ws, noise), training)

    def truncated(self, ws, psi, count=None):
        """List of w, the first `count` of which (None: all) moved towards the average, see `Mapping.truncated`."""
        count = len(ws) if count is None else count
        return [self.mapping.truncated(w, psi) if i < count else w for i, w in enumerate(ws)]

    def synthesize(self, ws, noise=None):
        """Images [N, H, H, C] in about [-1, 1].

        Args:
            ws: list of `num_ws` tensors [N, w_dim].
            noise: function (name, side) -> normal values [N or 1, side, side]; None takes the fixed ones.
        """
        maps = images = None
        first = 0
        for block in self.synthesis:
            maps, images = block(maps, images, ws[first : first + block.num_w + 1], noise=noise)
            first += block.num_w
        return images

    def _mixed(self, w, latents, labels, uniform, share):
        """List of `num_ws` tensors: w, in some examples from a place at random on that of other normal latents."""
        others = _normal(uniform, w, [latents.shape[-1]], "style mixing/latents")
        other = self.mapping(others, labels, training=False)
        mixed, place = tf.unstack(uniform([w.shape[0], 2], "style mixing/places"), axis=1)
        places = 1 + tf.cast(place * (self.num_ws - 1), tf.int32)  # from 1 to num_ws - 1
        places = tf.where(mixed < share, places, self.num_ws)[:, None]
        return [tf.where(i < places, w, other) for i in range(self.num_ws)]

    def get_config(self):
        return {**super().get_config(), **self.options}


def _normal(uniform, rows, shape, purpose):
    """float32 normal values [N, *shape] for as many examples as there are rows (Box & Muller 1958)."""
    drawn = uniform([rows.shape[0], *shape, 2], purpose)
    return tf.sqrt(-2.0 * tf.math.log(drawn[..., 0])) * tf.cos(2.0 * math.pi * drawn[..., 1])


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.stylegan2")
class Discriminator(base.Discriminator):
    """Discriminator: (images [N, H, H, C], labels or None) -> `DiscriminatorOutput` with features [N, C'].

    The logit is the inner product of a linear map of the features and a mapped embedding of the label; an example
    without one is judged as one of all classes in equal parts. In training the examples of a call are compared in
    groups, of one replica each; at inference each image is judged alone.

    Args:
        channel_base: maps of a side have channel_base / side channels, at most `channel_max`.
        channel_max: largest number of channels.
        mapping_layers: dense layers from the label to its embedding.
        group_size: examples of a group; 1 compares none.
        project_y: whether images are judged with their labels; False makes a discriminator without classes.
        **kwargs: arguments of `base.Discriminator`, which have to leave every norm off.

    Raises:
        ValueError: for another image shape, norms, or project_y without labels.

    Example:
        >>> outputs = Discriminator(channel_max=8)(tf.zeros([2, 32, 32, 3]), tf.one_hot([0, 7], 10))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 8]))
    """

    def __init__(
        self,
        *,
        channel_base: Count = 32768,
        channel_max: Width = 512,
        mapping_layers: Count = 8,
        group_size: Count = 4,
        project_y: bool = True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        normless.require_no_norms(NAME, "D", self)
        self.options = {
            "channel_base": channel_base,
            "channel_max": channel_max,
            "mapping_layers": mapping_layers,
            "group_size": group_size,
            "project_y": project_y,
        }
        self.compares_examples = group_size > 1
        self.project_y = project_y
        self.mapping = None  # made in `build`, when it is known whether there are labels
        self.analysis = []

    @property
    def freezable(self):
        return [[block] for block in self.analysis]

    def build(self, images_shape, labels_shape=None):
        normless.require_power_of_two(NAME, images_shape[1:])
        base.require_labels("stylegan2", self.project_y, labels_shape)
        policy = {"dtype": self.dtype_policy}
        sides = [2**k for k in range(int(math.log2(images_shape[1])), 1, -1)]
        units = [channels_at(side, self.options["channel_base"], self.options["channel_max"]) for side in sides]
        for i, side in enumerate(sides[:-1]):
            self.analysis.append(DiscriminatorBlock(units[i], units[i + 1], i == 0, name=f"b{side}", **policy))
        size = units[-1] if self.project_y else 1
        self.epilogue = DiscriminatorEpilogue(units[-1], size, self.options["group_size"], name="b4", **policy)
        if self.project_y:
            self.mapping = Mapping(size, self.options["mapping_layers"], name="mapping", **policy)

    def call(self, images, labels=None, training=False):
        maps = normless.to_signed(images, self.compute_dtype)
        for block in self.analysis:
            maps = block(maps)
        features, judged = self.epilogue(maps, training=training)
        judged = tf.cast(judged, tf.float32)
        if self.project_y:
            embedding = tf.cast(self.mapping(None, normless.completed(labels)), tf.float32)
            judged *= embedding / embedding.shape[-1] ** 0.5
        return self.output_for(tf.reduce_sum(judged, axis=1, keepdims=True), features)

    def get_config(self):
        return {**super().get_config(), **self.options}
