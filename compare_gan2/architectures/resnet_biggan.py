"""BigGAN (Brock et al. 2019) as S3GAN (Lucic et al. 2019) uses it, for 32x32 to 512x512 images.

Differs from its siblings: shortcuts are 1x1, and a discriminator block that keeps its channels has no shortcut at all;
features are summed over positions; the last norm of the generator is always plain batch norm; attention can follow
blocks. Settings per resolution, and parameters with ch 96, 1000 classes, conditional batch norm and class projection:

    resolution  z_dim  attention after (G, D)    parameters G    parameters D
            32    120        none, B1               9,466,115       2,568,194
            64    120          B4, B1              70,239,108      87,752,258
           128    120          B4, B1              70,433,988      87,982,370
           256    140          B5, B2              82,097,604      98,635,298
           512    160          B4, B3              82,468,068      98,801,378

Attention is bound by `resnet_biggan.Generator.blocks_with_attention` and
`resnet_biggan.Discriminator.blocks_with_attention`.
"""

from typing import Annotated

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.architectures.resnet_block import ResNetBlock
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import AnyOf, Size, Width

MODULE = "compare_gan.architectures.resnet_biggan"

# Multiples of ch. Generator: input of the first block, then the output of each; every block doubles the side from 4.
GENERATOR_CHANNELS = {
    32: (4, 4, 4, 4),
    64: (16, 16, 8, 4, 2),
    128: (16, 16, 8, 4, 2, 1),
    256: (16, 16, 8, 8, 4, 2, 1),
    512: (16, 16, 8, 8, 4, 2, 1, 1),
}
# Discriminator: output of each block; every block but the last halves the side, down to 4.
DISCRIMINATOR_CHANNELS = {
    32: (2, 2, 2, 2),
    64: (2, 4, 8, 16, 16),
    128: (1, 2, 4, 8, 16, 16),
    256: (1, 2, 4, 8, 8, 16, 16),
    512: (1, 1, 2, 4, 8, 8, 16, 16),
}

BlockNames = Annotated[str, AnyOf("names of blocks, checked when the network is built")]


@configurable("BigGanResNetBlock", module=MODULE, allowlist=["add_shortcut", "layer_norm"])
class BigGanResNetBlock(ResNetBlock):
    """`ResNetBlock` with a 1x1 shortcut; bindings of it in a file act in the generator only.

    Args:
        factory: `LayerFactory` of the network.
        channels: output channels.
        resample: "up" doubles the side, "down" halves it, None keeps it.
        add_shortcut: whether the block has a shortcut.
        layer_norm: whether layer norm follows each batch norm.
    """

    def __init__(self, factory, channels, resample, add_shortcut: bool = True, layer_norm: bool = False, **kwargs):
        factory = factory.with_layer_norm(layer_norm)
        super().__init__(factory, channels, resample, shortcut_kernel=1 if add_shortcut else None, **kwargs)


def attention_after(option, blocks_with_attention, num_blocks, factory):
    """{block name: attention layer} of the named blocks; they share one layer.

    Args:
        option: name of the option, for the message.
        blocks_with_attention: comma-separated block names; "" for none.
        num_blocks: blocks of the network, which are named B1, B2, ...
        factory: `LayerFactory` of the network.

    Raises:
        ValueError: for a block that the network does not have.
    """
    known = [f"B{i}" for i in range(1, num_blocks + 1)]
    names = [name.strip() for name in blocks_with_attention.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{option}: no such block {', '.join(unknown)}; this network has {', '.join(known)}")
    # One layer for all, as in the original; blocks of different widths cannot share it, and fail.
    return dict.fromkeys(names, factory.attention() if names else None)


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings", "add_shortcut", "layer_norm"])
@keras.saving.register_keras_serializable("compare_gan2.resnet_biggan")
class Generator(base.Generator):
    """BigGAN's generator: (latents [N, z_dim], labels [N, num_classes] or None) -> images [N, H, H, C].

    Images are (tanh + 1) / 2 of the last layer.

    Args:
        image_shape: (H, H, channels) with H in 32, 64, 128, 256, 512.
        ch: width; all channel counts are multiples of it.
        blocks_with_attention: comma-separated names of the blocks that attention follows; "" for none; None for "B4"
            if the network has four blocks or more, which is at every resolution but 32x32.
        hierarchical_z: split the latents into one part for the seed and one for each block (Brock et al. 2019,
            section 3.1).
        embed_z: pass the latents through a linear map of their own size first.
        embed_y: pass the labels through a linear map first, which all norms share.
        embed_y_dim: size of that label embedding.
        embed_bias: whether these two maps have a bias.
        add_shortcut: see `BigGanResNetBlock`.
        layer_norm: see `BigGanResNetBlock`.
        **kwargs: arguments of `base.Generator`.

    Raises:
        ValueError: for another image shape, a z_dim that hierarchical_z cannot split, or a block that does not exist.

    Example:
        >>> Generator((32, 32, 3), ch=4)(tf.zeros([2, 128]), tf.one_hot([0, 7], 10)).shape
        TensorShape([2, 32, 32, 3])
    """

    def __init__(
        self,
        image_shape,
        *,
        ch: Width = 96,
        blocks_with_attention: BlockNames | None = None,
        hierarchical_z: bool = True,
        embed_z: bool = False,
        embed_y: bool = True,
        embed_y_dim: Size = 128,
        embed_bias: bool = False,
        add_shortcut: bool = True,
        layer_norm: bool = False,
        **kwargs,
    ):
        super().__init__(image_shape, **kwargs)
        base.require_image_size("resnet_biggan_arch", self.image_shape, GENERATOR_CHANNELS)
        self.options = {
            "ch": ch,
            "blocks_with_attention": blocks_with_attention,
            "hierarchical_z": hierarchical_z,
            "embed_z": embed_z,
            "embed_y": embed_y,
            "embed_y_dim": embed_y_dim,
            "embed_bias": embed_bias,
            "add_shortcut": add_shortcut,
            "layer_norm": layer_norm,
        }
        first, *channels = (ch * multiple for multiple in GENERATOR_CHANNELS[self.image_shape[0]])
        if blocks_with_attention is None:
            blocks_with_attention = "B4" if len(channels) >= 4 else ""
        self.seed_channels = first
        self.embed_z = None  # made in `build`, when z_dim is known
        self.embed_y = self.factory.dense(embed_y_dim, "embed_y", spectral_norm=False, use_bias=embed_bias)
        self.fc_noise = self.factory.dense(4 * 4 * first, "fc_noise")
        self.blocks = [
            BigGanResNetBlock(self.factory, c, "up", add_shortcut, layer_norm, name=f"B{i}")
            for i, c in enumerate(channels, 1)
        ]
        self.attention = attention_after(
            "resnet_biggan.Generator.blocks_with_attention", blocks_with_attention, len(channels), self.factory
        )
        self.final_norm = self.factory.plain_batch_norm("final_norm")
        self.final_conv = self.factory.conv(self.image_shape[-1], 3, "final_conv")

    bound_part = BigGanResNetBlock

    def build(self, latents_shape, labels_shape=None):
        parts = len(self.blocks) + 1
        if self.options["hierarchical_z"] and latents_shape[-1] % parts:
            raise ValueError(
                f"options.z_dim must be a multiple of {parts} at {self.image_shape[0]}x{self.image_shape[1]} with "
                f"resnet_biggan.Generator.hierarchical_z, got {latents_shape[-1]}"
            )
        if self.options["embed_z"]:
            self.embed_z = self.factory.dense(
                latents_shape[-1], "embed_z", spectral_norm=False, use_bias=self.options["embed_bias"]
            )

    def call(self, latents, labels=None, training=False):
        if self.embed_z is not None:
            latents = self.embed_z(latents, training=training)
        if self.options["embed_y"] and labels is not None:
            labels = self.embed_y(labels, training=training)
        seed, parts, part_labels = latents, [latents] * len(self.blocks), [labels] * len(self.blocks)
        if self.options["hierarchical_z"]:
            seed, *parts = tf.split(latents, len(self.blocks) + 1, axis=1)
            if labels is not None:
                part_labels = [tf.concat([part, labels], axis=1) for part in parts]
        outputs = tf.reshape(self.fc_noise(seed, training=training), [-1, 4, 4, self.seed_channels])
        for block, part, part_label in zip(self.blocks, parts, part_labels, strict=True):
            outputs = block(outputs, part, part_label, training=training)
            if block.name in self.attention:
                outputs = self.attention[block.name](outputs, training=training)
        outputs = tf.nn.relu(self.final_norm(outputs, training=training))
        outputs = self.final_conv(outputs, training=training)
        return (tf.tanh(tf.cast(outputs, tf.float32)) + 1.0) / 2.0

    def get_config(self):
        return {**super().get_config(), **self.options}


@configurable("Discriminator", module=MODULE, denylist=["settings", "add_shortcut"])
@keras.saving.register_keras_serializable("compare_gan2.resnet_biggan")
class Discriminator(base.Discriminator):
    """BigGAN's discriminator: (images [N, H, H, C], labels [N, num_classes] or None) -> `DiscriminatorOutput`.

    Features are [N, last multiple * ch], summed over positions.

    Args:
        ch: width; all channel counts are multiples of it.
        blocks_with_attention: comma-separated names of the blocks that attention follows; "" for none.
        project_y: add the inner product of a class embedding and the features to the logits.
        **kwargs: arguments of `base.Discriminator`.

    Raises:
        ValueError: for images of another side, project_y without labels, or a block that does not exist.

    Example:
        >>> outputs = Discriminator(ch=8)(tf.zeros([2, 32, 32, 3]), tf.one_hot([0, 7], 10))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 16]))
    """

    def __init__(self, *, ch: Width = 96, blocks_with_attention: BlockNames = "B1", project_y: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.ch = ch
        self.blocks_with_attention = blocks_with_attention
        self.project_y = project_y
        self.blocks = []  # made in `build`, when the resolution is known

    def build(self, images_shape, labels_shape=None):
        base.require_image_size("resnet_biggan_arch", images_shape[1:], DISCRIMINATOR_CHANNELS)
        base.require_labels("resnet_biggan", self.project_y, labels_shape)
        multiples, incoming = DISCRIMINATOR_CHANNELS[images_shape[1]], images_shape[-1]
        for number, multiple in enumerate(multiples, 1):
            channels = multiple * self.ch
            resample = "down" if number < len(multiples) else None
            block = BigGanResNetBlock(
                self.factory, channels, resample, incoming != channels, self.layer_norm, name=f"B{number}"
            )
            self.blocks.append(block)
            incoming = channels
        self.attention = attention_after(
            "resnet_biggan.Discriminator.blocks_with_attention",
            self.blocks_with_attention,
            len(self.blocks),
            self.factory,
        )
        self.final_fc = self.factory.dense(1, "final_fc")
        if self.project_y:
            self.embedding_fc = self.factory.projection(incoming, "embedding_fc")

    def call(self, images, labels=None, training=False):
        outputs = tf.cast(images, self.compute_dtype)
        for block in self.blocks:
            outputs = block(outputs, None, labels, training=training)
            if block.name in self.attention:
                outputs = self.attention[block.name](outputs, training=training)
        features = tf.reduce_sum(tf.nn.relu(outputs), axis=[1, 2])  # [N, F]
        logits = self.final_fc(features, training=training)
        if self.project_y:
            logits += self.embedding_fc(labels, features, training=training)
        return self.output_for(logits, features)

    def get_config(self):
        own = {"ch": self.ch, "blocks_with_attention": self.blocks_with_attention, "project_y": self.project_y}
        return {**super().get_config(), **own}
