"""R3GAN (Huang et al. 2024, https://arxiv.org/abs/2501.05441, section 4) for square images of 4 * 2^k pixels.

Differs from its siblings: there is no norm at all, and no other layer than convolutions, biases and leaky ReLU; both
networks have the same blocks, inverted bottlenecks, and start as linear maps; images leave the generator without a
squashing function and are clipped to [0, 1] at inference alone, so that training has a gradient everywhere. Trained
with `@rpgan` and `@r1_r2`: see `with/r3gan_loss.gin`. Parameters at 32x32x3, z_dim 64, 10 classes:
G 20,781,952, D 21,280,512, the published sizes for CIFAR10.
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base, normless
from compare_gan2.architectures.r3gan_stages import DiscriminatorStage, GeneratorStage, stages_of
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Count, Size, Width
from compare_gan2.layers.grouped_conv import GroupedConv2D
from compare_gan2.layers.scaled_dense import ScaledDense

MODULE = "compare_gan2.architectures.r3gan"
NAME = "r3gan_arch"


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.r3gan")
class Generator(base.Generator):
    """Generator: (latents [N, z_dim], labels or None) -> images [N, H, H, C], in [0, 1] at inference.

    Args:
        image_shape: (H, H, channels), H a power of two from 8 to 1024.
        width: channels of all stages, or a list with those of each stage from 4x4 to HxH.
        cardinality: groups of the 3x3 convolutions; a number or a list likewise.
        blocks: residual blocks of a stage; a number or a list likewise.
        expansion: hidden channels of a block, as a multiple of its width.
        embed_y_dim: size of the label embedding that is appended to the latents; None for z_dim.
        **kwargs: arguments of `base.Generator`, which have to leave every norm off.

    Raises:
        ValueError: for another image shape, lists of another length, groups that do not divide channels, or norms.

    Example:
        >>> Generator((32, 32, 3), width=8, cardinality=2)(tf.zeros([2, 64]), tf.one_hot([0, 7], 10)).shape
        TensorShape([2, 32, 32, 3])
    """

    unbounded = True

    def __init__(
        self,
        image_shape,
        *,
        width: Width | list[Width] = 768,
        cardinality: Count | list[Count] = 96,
        blocks: Count | list[Count] = 2,
        expansion: Count = 2,
        embed_y_dim: Size | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, **kwargs)
        normless.require_no_norms(NAME, "G", self)
        normless.require_power_of_two(NAME, self.image_shape)
        self.options = {"width": width, "cardinality": cardinality, "blocks": blocks, "expansion": expansion}
        self.embed_y_dim = embed_y_dim
        sizes = stages_of("r3gan.Generator", self.image_shape[0], **self.options)
        self.stages = [GeneratorStage(*size, name=f"stage{i}", dtype=self.dtype_policy) for i, size in enumerate(sizes)]
        self.to_rgb = GroupedConv2D(self.image_shape[-1], name="to_rgb", dtype=self.dtype_policy)
        self.embed = None  # made in `build`, when z_dim is known

    @property
    def blocks(self):
        """List of the residual blocks."""
        return [block for stage in self.stages for block in stage.blocks]

    def build(self, latents_shape, labels_shape=None):
        if labels_shape is not None:
            self.embed = ScaledDense(self.embed_y_dim or latents_shape[-1], name="embed", dtype=self.dtype_policy)

    def call(self, latents, labels=None, training=False):
        outputs = tf.cast(latents, self.compute_dtype)
        if self.embed is not None:
            outputs = tf.concat([outputs, self.embed(labels)], 1)
        for stage in self.stages:
            outputs = stage(outputs, training=training)
        return normless.from_signed(self.to_rgb(outputs), training)

    def get_config(self):
        return {**super().get_config(), **self.options, "embed_y_dim": self.embed_y_dim}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.r3gan")
class Discriminator(base.Discriminator):
    """Discriminator: (images [N, H, H, C], labels or None) -> `DiscriminatorOutput` with features [N, width].

    The logit is the inner product of an embedding of the class and a linear map of the features. An example without a
    label is judged with the mean embedding of all classes.

    Args:
        width: channels of all stages, or a list with those of each stage from 4x4 to HxH, as in the generator.
        cardinality: groups of the 3x3 convolutions; a number or a list likewise.
        blocks: residual blocks of a stage; a number or a list likewise.
        expansion: hidden channels of a block, as a multiple of its width.
        project_y: whether images are judged with their labels; False makes a discriminator without classes.
        embed_y_dim: size of the class embedding; None for the width at HxH.
        **kwargs: arguments of `base.Discriminator`, which have to leave every norm off.

    Raises:
        ValueError: as `Generator`, or for project_y without labels.

    Example:
        >>> outputs = Discriminator(width=8, cardinality=2)(tf.zeros([2, 32, 32, 3]), tf.one_hot([0, 7], 10))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 8]))
    """

    def __init__(
        self,
        *,
        width: Width | list[Width] = 768,
        cardinality: Count | list[Count] = 96,
        blocks: Count | list[Count] = 2,
        expansion: Count = 2,
        project_y: bool = True,
        embed_y_dim: Size | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        normless.require_no_norms(NAME, "D", self)
        self.options = {"width": width, "cardinality": cardinality, "blocks": blocks, "expansion": expansion}
        self.project_y = project_y
        self.embed_y_dim = embed_y_dim
        self.stages = []  # made in `build`, when the resolution is known

    @property
    def blocks(self):
        """List of the residual blocks."""
        return [block for stage in self.stages for block in stage.blocks]

    @property
    def freezable(self):
        first, *others = self.stages
        return [[self.from_rgb, first], *([stage] for stage in others)]

    def build(self, images_shape, labels_shape=None):
        normless.require_power_of_two(NAME, images_shape[1:])
        base.require_labels("r3gan", self.project_y, labels_shape)
        sizes = stages_of("r3gan.Discriminator", images_shape[1], **self.options)[::-1]  # from HxH down
        size = (self.embed_y_dim or sizes[0][0]) if self.project_y else 1
        for i, own in enumerate(sizes):
            following = sizes[i + 1][0] if i + 1 < len(sizes) else None
            self.stages.append(DiscriminatorStage(*own, following, size, name=f"stage{i}", dtype=self.dtype_policy))
        self.from_rgb = GroupedConv2D(sizes[0][0], name="from_rgb", dtype=self.dtype_policy)
        if self.project_y:
            self.embed = ScaledDense(size, gain=size**-0.5, name="embed", dtype=self.dtype_policy)

    def call(self, images, labels=None, training=False):
        outputs = self.from_rgb(normless.to_signed(images, self.compute_dtype))
        for stage in self.stages:
            outputs = stage(outputs, training=training)
        features, judged = outputs
        if self.project_y:
            judged *= self.embed(normless.completed(labels))
        return self.output_for(tf.reduce_sum(tf.cast(judged, tf.float32), axis=1, keepdims=True), features)

    def get_config(self):
        own = {"project_y": self.project_y, "embed_y_dim": self.embed_y_dim}
        return {**super().get_config(), **self.options, **own}
