"""The one table of layers, architectures and GANs that tests/conformance crosses with every property."""

import dataclasses

import numpy as np
import tensorflow as tf

from compare_gan2 import architectures
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.gans.heads import LinearHead
from compare_gan2.gans.make_gan import model_spec, network_options
from compare_gan2.layers.attention import NonLocalBlock
from compare_gan2.layers.equalized import EqualizedConv2D, EqualizedDense
from compare_gan2.layers.grouped_conv import GroupedConv2D
from compare_gan2.layers.layer_norm import LayerNorm
from compare_gan2.layers.modulated_conv import ModulatedConv2D
from compare_gan2.layers.normalization import (
    BatchNorm,
    ConditionalBatchNorm,
    NoBatchNorm,
    SelfModulatedBatchNorm,
)
from compare_gan2.layers.scaled_dense import ScaledDense
from compare_gan2.layers.spectral_norm import SpectralNorm
from compare_gan2.layers.weight_norm import WeightNormConv2D, WeightNormConv2DTranspose, WeightNormDense
from compare_gan2.layers.weighted import ClassProjection, Conv2D, Conv2DTranspose, Dense
from compare_gan2.original.recorded_cases import derived_value

LEFT = {"epsilon": 1e-12, "singular_value": "left"}
RIGHT = {"epsilon": 1e-12, "singular_value": "right"}
AUTO = {"epsilon": 1e-12, "singular_value": "auto"}
ACCUMULATED = {"use_moving_averages": False}


@dataclasses.dataclass(frozen=True)
class Layer:
    """A layer, its constructor arguments, its inputs and its output.

    Attributes:
        inputs: shape of each positional input without the batch; None for an input that is None.
        output: shape of the output without the batch.
        batched: False where the first axis is not a batch: shapes are complete then.
    """

    layer_class: type
    arguments: dict
    inputs: tuple
    output: tuple
    batched: bool = True

    def make(self):
        arguments = {key: value() if callable(value) else value for key, value in self.arguments.items()}
        return self.layer_class(name="tested", **arguments)

    def shapes(self, batch):
        return [None if shape is None else ((batch, *shape) if self.batched else shape) for shape in self.inputs]

    def values(self, batch, seed=0):
        random = np.random.RandomState(seed)
        shapes = self.shapes(batch)
        return [None if s is None else tf.constant(random.standard_normal(s), tf.float32) for s in shapes]

    def built(self):
        """A new layer whose variables have values that are all different from 0 and 1."""
        layer = self.make()
        layer(*self.values(2))
        return filled(layer)


def filled(model):
    """The model, every variable with a value that depends on its path alone."""
    for variable in model.variables:
        *scope, last = variable.path.split("/")
        path = "/".join([*scope, VALUES_AS.get(last, last)])
        variable.assign(derived_value(path, variable.shape))
    return model


VALUES_AS = {"V": "kernel", "g": "gamma", "b": "bias"}
VALUES_AS |= {"bias1": "bias", "bias2": "bias", "basis": "kernel", "const": "gamma", "w_avg": "bias"}
VALUES_AS |= {"noise_strength": "bias", "noise_const": "bias"}
IMAGES = ((6, 6, 3),)
LAYERS = {
    "dense": Layer(Dense, {"units": 5}, ((7,),), (5,)),
    "dense_left_no_bias": Layer(Dense, {"units": 5, "use_bias": False, "power_iteration": LEFT}, ((7,),), (5,)),
    "dense_right_orthogonal": Layer(
        Dense, {"units": 5, "power_iteration": RIGHT, "initializer": "orthogonal"}, ((7,),), (5,)
    ),
    "conv": Layer(Conv2D, {"units": 5}, IMAGES, (6, 6, 5)),
    "conv_strided_auto": Layer(
        Conv2D, {"units": 5, "kernel_size": 4, "strides": 2, "power_iteration": AUTO}, IMAGES, (3, 3, 5)
    ),
    "conv_up": Layer(Conv2D, {"units": 5, "resample": "up", "power_iteration": LEFT}, IMAGES, (12, 12, 5)),
    "conv_up_1x1": Layer(Conv2D, {"units": 5, "resample": "up", "kernel_size": 1}, IMAGES, (12, 12, 5)),
    "conv_down": Layer(Conv2D, {"units": 5, "resample": "down", "power_iteration": RIGHT}, IMAGES, (3, 3, 5)),
    "conv_down_1x1": Layer(Conv2D, {"units": 5, "resample": "down", "kernel_size": 1}, IMAGES, (3, 3, 5)),
    "conv_down_odd": Layer(Conv2D, {"units": 5, "resample": "down"}, ((5, 7, 3),), (3, 4, 5)),
    "transposed": Layer(Conv2DTranspose, {"units": 5, "output_size": (12, 12)}, IMAGES, (12, 12, 5)),
    "transposed_odd_auto": Layer(
        Conv2DTranspose,
        {"units": 5, "output_size": (11, 5), "kernel_size": 5, "power_iteration": AUTO},
        ((6, 3, 3),),
        (11, 5, 5),
    ),
    "weight_norm_dense": Layer(WeightNormDense, {"units": 5, "init_scale": 0.5}, ((7,),), (5,)),
    "weight_norm_conv": Layer(WeightNormConv2D, {"units": 5, "kernel_size": 4, "strides": 2}, IMAGES, (3, 3, 5)),
    "weight_norm_conv_up": Layer(WeightNormConv2D, {"units": 5, "resample": "up"}, IMAGES, (12, 12, 5)),
    "weight_norm_conv_down": Layer(WeightNormConv2D, {"units": 5, "resample": "down"}, IMAGES, (3, 3, 5)),
    "weight_norm_transposed": Layer(
        WeightNormConv2DTranspose, {"units": 5, "output_size": (11, 5), "kernel_size": 5}, ((6, 3, 3),), (11, 5, 5)
    ),
    "grouped": Layer(GroupedConv2D, {"units": 6, "kernel_size": 3, "groups": 3, "gain": 0.5}, IMAGES, (6, 6, 6)),
    "grouped_1x1": Layer(GroupedConv2D, {"units": 5}, IMAGES, (6, 6, 5)),
    "scaled_dense": Layer(ScaledDense, {"units": 5, "gain": 0.5}, ((7,),), (5,)),
    "equalized_dense": Layer(EqualizedDense, {"units": 5, "rate": 0.5, "start": 1.0}, ((7,),), (5,)),
    "equalized_conv": Layer(EqualizedConv2D, {"units": 5, "use_bias": False}, IMAGES, (6, 6, 5)),
    "equalized_conv_down": Layer(EqualizedConv2D, {"units": 5, "down": True}, IMAGES, (3, 3, 5)),
    "equalized_conv_down_1x1": Layer(EqualizedConv2D, {"units": 5, "kernel_size": 1, "down": True}, IMAGES, (3, 3, 5)),
    "modulated": Layer(ModulatedConv2D, {"units": 5}, (*IMAGES, (7,)), (6, 6, 5)),
    "modulated_up": Layer(ModulatedConv2D, {"units": 5, "up": True}, (*IMAGES, (7,)), (12, 12, 5)),
    "modulated_colours": Layer(
        ModulatedConv2D, {"units": 5, "kernel_size": 1, "demodulate": False}, (*IMAGES, (7,)), (6, 6, 5)
    ),
    "projection": Layer(ClassProjection, {"units": 4}, ((3,), (4,)), (1,)),
    "projection_left": Layer(ClassProjection, {"units": 4, "power_iteration": LEFT}, ((3,), (4,)), (1,)),
    "spectral_left": Layer(SpectralNorm, LEFT, ((3, 3, 2, 4),), (3, 3, 2, 4), batched=False),
    "spectral_right": Layer(SpectralNorm, RIGHT, ((7, 4),), (7, 4), batched=False),
    "spectral_auto": Layer(SpectralNorm, AUTO, ((4, 4),), (4, 4), batched=False),
    "batch_norm": Layer(BatchNorm, {}, IMAGES, (6, 6, 3)),
    "batch_norm_accumulated": Layer(BatchNorm, {"standardize": ACCUMULATED}, IMAGES, (6, 6, 3)),
    "batch_norm_vectors": Layer(BatchNorm, {"standardize": {"decay": 0.9}}, ((7,),), (7,)),
    "batch_norm_two_exchanges": Layer(BatchNorm, {"cross_replica": {"parallel": False}}, IMAGES, (6, 6, 3)),
    "no_batch_norm": Layer(NoBatchNorm, {}, IMAGES, (6, 6, 3)),
    "conditional_batch_norm": Layer(ConditionalBatchNorm, {}, (*IMAGES, None, (4,)), (6, 6, 3)),
    "conditional_batch_norm_biased": Layer(
        ConditionalBatchNorm,
        {
            "use_bias": True,
            "gain_offset": 1.0,
            "dense": {"initializer": "orthogonal", "power_iteration": AUTO},
            "standardize": ACCUMULATED,
        },
        (*IMAGES, None, (4,)),
        (6, 6, 3),
    ),
    "self_modulated_batch_norm": Layer(
        SelfModulatedBatchNorm, {"num_hidden": 6, "dense": {"power_iteration": LEFT}}, (*IMAGES, (5,)), (6, 6, 3)
    ),
    "self_modulated_batch_norm_direct": Layer(SelfModulatedBatchNorm, {"num_hidden": 0}, (*IMAGES, (5,)), (6, 6, 3)),
    "layer_norm": Layer(LayerNorm, {}, IMAGES, (6, 6, 3)),
    "attention": Layer(NonLocalBlock, {}, ((6, 4, 8),), (6, 4, 8)),
    "attention_left": Layer(NonLocalBlock, {"power_iteration": LEFT}, ((4, 4, 16),), (4, 4, 16)),
    "head_weight_norm": Layer(LinearHead, {"dense": lambda: WeightNormDense(4, name="score")}, ((2, 2, 3),), (4,)),
    "head": Layer(LinearHead, {"dense": lambda: Dense(4, name="score", power_iteration=LEFT)}, ((2, 2, 3),), (4,)),
}


@dataclasses.dataclass(frozen=True)
class Networks:
    """The generator and the discriminator of an architecture under some bindings."""

    architecture: str
    bindings: tuple
    image_shape: tuple = (32, 32, 3)
    z_dim: int = 8
    num_classes: int | None = 3

    def make(self):
        """(generator, discriminator) with values that depend on variable paths alone."""
        return self.generator(), self.discriminator()

    def generator(self):
        network = architectures.ARCHITECTURES[self.architecture].Generator
        options = network_options(parse([], self.bindings), network, image_shape=self.image_shape)
        return filled(architectures.built(network, options, self.z_dim, self.num_classes))

    def discriminator(self):
        network = architectures.ARCHITECTURES[self.architecture].Discriminator
        options = network_options(parse([], self.bindings), network)
        return filled(architectures.built(network, options, self.image_shape, self.num_classes))

    def values(self, batch, seed=0):
        """(latents, images, labels or None)."""
        random = np.random.RandomState(seed)
        latents = tf.constant(random.standard_normal([batch, self.z_dim]), tf.float32)
        images = tf.constant(random.random_sample([batch, *self.image_shape]), tf.float32)
        if self.num_classes is None:
            return latents, images, None
        return latents, images, tf.one_hot(random.randint(-1, self.num_classes, batch), self.num_classes)


NARROW = ("resnet_biggan.Generator.ch = 4", "resnet_biggan.Discriminator.ch = 4")
NO_ATTENTION = (
    "resnet_biggan.Generator.blocks_with_attention = ''",
    "resnet_biggan.Discriminator.blocks_with_attention = ''",
)
SPECTRAL = ("G.spectral_norm = True", "D.spectral_norm = True", "spectral_norm.singular_value = 'auto'")
CONDITIONAL = ("G.batch_norm_fn = @conditional_batch_norm",)

NETWORKS = {
    "biggan32": Networks(
        "resnet_biggan_arch",
        (
            *NARROW,
            *SPECTRAL,
            *CONDITIONAL,
            "standardize_batch.use_moving_averages = False",
            "resnet_biggan.Generator.blocks_with_attention = 'B2'",
        ),
    ),
    "biggan32_unconditional": Networks(
        "resnet_biggan_arch",
        (
            *NARROW,
            *NO_ATTENTION,
            "G.batch_norm_fn = @batch_norm",
            "D.batch_norm_fn = @batch_norm",
            "D.layer_norm = True",
            "resnet_biggan.Generator.embed_y = False",
            "resnet_biggan.Generator.hierarchical_z = False",
            "resnet_biggan.Generator.embed_z = True",
            "resnet_biggan.Generator.embed_bias = True",
            "resnet_biggan.Discriminator.project_y = False",
        ),
        num_classes=None,
    ),
    "biggan64": Networks(
        "resnet_biggan_arch",
        (*NARROW, *CONDITIONAL, "BigGanResNetBlock.add_shortcut = False"),
        image_shape=(64, 64, 1),
        z_dim=10,
    ),
    "cifar": Networks("resnet_cifar_arch", (), num_classes=None),
    "cifar_self_modulated": Networks(
        "resnet_cifar_arch",
        (
            *SPECTRAL,
            "G.batch_norm_fn = @self_modulated_batch_norm",
            "resnet_cifar.Generator.hierarchical_z = True",
            "resnet_cifar.Generator.embed_z = True",
            "resnet_cifar.Discriminator.project_y = True",
            "D.batch_norm_fn = @no_batch_norm",
        ),
    ),
    "cifar_conditional": Networks(
        "resnet_cifar_arch",
        (*CONDITIONAL, "resnet_cifar.Generator.embed_y = True", "D.batch_norm_fn = @conditional_batch_norm"),
        image_shape=(32, 32, 1),
    ),
    "dcgan": Networks(
        "dcgan_arch",
        ("dcgan.Generator.ch = 4", "dcgan.Discriminator.ch = 4", *CONDITIONAL, "D.batch_norm_fn = @batch_norm"),
        image_shape=(12, 12, 3),
    ),
    "dcgan_weight_norm": Networks(
        "dcgan_arch",
        ("dcgan.Generator.ch = 4", "dcgan.Discriminator.ch = 4", "G.weight_norm = True", "D.weight_norm = True"),
        image_shape=(12, 12, 3),
        num_classes=None,
    ),
    "dummy": Networks("dummy_arch", (), image_shape=(5, 7, 2), num_classes=None),
    "sndcgan": Networks(
        "sndcgan_arch",
        ("sndcgan.Generator.ch = 4", "sndcgan.Discriminator.ch = 4", *SPECTRAL, "G.batch_norm_fn = @batch_norm"),
        image_shape=(12, 12, 1),
        num_classes=None,
    ),
    "infogan": Networks(
        "infogan_arch",
        ("infogan.Generator.ch = 4", "infogan.Discriminator.ch = 4", *SPECTRAL, "D.batch_norm_fn = @batch_norm"),
        image_shape=(12, 12, 1),
        num_classes=None,
    ),
    "resnet_stl": Networks(
        "resnet_stl_arch",
        ("resnet_stl.Generator.ch = 2", "resnet_stl.Discriminator.ch = 2", *SPECTRAL, *CONDITIONAL),
        image_shape=(48, 48, 3),
    ),
    "resnet5": Networks(
        "resnet5_arch",
        (
            "resnet5.Generator.ch = 2",
            "resnet5.Discriminator.ch = 2",
            "D.layer_norm = True",
            "G.batch_norm_fn = @batch_norm",
        ),
        image_shape=(16, 16, 3),
        num_classes=None,
    ),
    "resnet30": Networks(
        "resnet30_arch",
        ("resnet30.Generator.ch = 1", "resnet30.Discriminator.ch = 1"),
        image_shape=(128, 128, 3),
        num_classes=None,
    ),
    "r3gan": Networks(
        "r3gan_arch",
        (
            *("r3gan.Generator.width = [6, 4]", "r3gan.Generator.cardinality = 2", "r3gan.Generator.blocks = 1"),
            *("r3gan.Discriminator.width = [6, 4]", "r3gan.Discriminator.cardinality = [2, 1]"),
            *("r3gan.Discriminator.blocks = 1", "r3gan.Generator.embed_y_dim = 5"),
        ),
        image_shape=(8, 8, 3),
    ),
    "r3gan_unconditional": Networks(
        "r3gan_arch",
        (
            *("r3gan.Generator.width = 4", "r3gan.Generator.cardinality = 2", "r3gan.Generator.blocks = [2, 1, 1]"),
            *("r3gan.Discriminator.width = 4", "r3gan.Discriminator.cardinality = 2"),
            *("r3gan.Discriminator.blocks = [2, 1, 1]", "r3gan.Discriminator.project_y = False"),
        ),
        image_shape=(16, 16, 1),
        num_classes=None,
    ),
    "stylegan2": Networks(
        "stylegan2_arch",
        (
            *("stylegan2.Generator.w_dim = 5", "stylegan2.Generator.mapping_layers = 2"),
            *("stylegan2.Generator.channel_max = 6", "stylegan2.Discriminator.channel_max = 6"),
            *("stylegan2.Discriminator.mapping_layers = 1", "stylegan2.Discriminator.group_size = 1"),
        ),
        image_shape=(8, 8, 3),
    ),
    "stylegan2_unconditional": Networks(
        "stylegan2_arch",
        (
            *("stylegan2.Generator.w_dim = 5", "stylegan2.Generator.mapping_layers = 1"),
            *("stylegan2.Generator.channel_base = 64", "stylegan2.Discriminator.channel_base = 64"),
            *("stylegan2.Discriminator.project_y = False", "stylegan2.Discriminator.group_size = 1"),
        ),
        image_shape=(16, 16, 1),
        num_classes=None,
    ),
    "biggan_deep64": Networks(
        "resnet_biggan_deep_arch",
        (
            "resnet_biggan_deep.Generator.ch = 4",
            "resnet_biggan_deep.Discriminator.ch = 4",
            "resnet_biggan_deep.Generator.experimental_fast_conv_to_rgb = True",
            "G.batch_norm_fn = @self_modulated_batch_norm",
        ),
        image_shape=(64, 64, 1),
    ),
}

# Each architecture once, for properties in which its other variants, of the same layers, would only repeat it.
EACH_ARCHITECTURE = sorted({case.architecture: name for name, case in reversed(NETWORKS.items())}.values())
# For properties that take ten seconds for a deep one, whose blocks are those of the others.
NOT_THE_DEEPEST = [name for name in EACH_ARCHITECTURE if name not in ("biggan_deep64", "resnet30")]


@dataclasses.dataclass(frozen=True)
class Gan:
    """A GAN under some bindings; on the networks of tiny_architecture.py unless the bindings name others."""

    gan_class: str
    bindings: tuple
    image_shape: tuple = (8, 8, 3)
    num_classes: int | None = 3

    def spec(self, **forced):
        """`ModelSpec` of the GAN; forced arguments win over bindings."""
        shared = (
            f"options.gan_class = @{self.gan_class}",
            "options.architecture = 'tiny_arch'",
            "options.batch_size = 8",
            "options.z_dim = 8",
            "options.training_steps = 4",
            # Large on purpose: with a small one, rounding of a tiny gradient decides the sign of a whole update.
            "tf.train.AdamOptimizer.epsilon = 1e-3",
            "ModularGAN.g_optimizer_fn = @tf.train.AdamOptimizer",
            "ModularGAN.g_lr = 0.01",
        )
        config = parse([], [*shared, *self.bindings])
        sizes = {"image_shape": self.image_shape, "num_classes": self.num_classes}
        return model_spec(config, config.build(Options), **sizes, **forced)

    def make(self, num_replicas=1, **forced):
        """A GAN that is built; call it inside the scope of the strategy."""
        gan = self.spec(**forced).make()
        gan.check_batch(num_replicas)
        gan.build()
        return gan

    def with_bindings(self, *bindings):
        """The same with further bindings."""
        return dataclasses.replace(self, bindings=(*self.bindings, *bindings))

    def batch(self, seed=0, batch_size=8, unlabelled_every=2):
        """One batch of the input pipeline; every second label is -1."""
        random = np.random.RandomState(seed)
        labels = random.randint(0, self.num_classes or 2, batch_size).astype(np.int32)
        labels[::unlabelled_every] = -1
        return {
            "images": tf.constant(random.random_sample([batch_size, *self.image_shape]), tf.float32),
            "latents": tf.constant(random.standard_normal([batch_size, 8]), tf.float32),
            "labels": tf.constant(labels),
            "sampled_labels": tf.constant(random.randint(0, self.num_classes or 2, batch_size), tf.int32),
        }


CONDITIONAL_GAN = ("ModularGAN.conditional = True", *CONDITIONAL)
PREDICTOR = (
    "S3GAN.rotated_batch_fraction = 1",
    "S3GAN.project_y = True",
    "S3GAN.use_predictor = True",
    "loss.fn = @hinge",
)
SMALL_EMBEDDINGS = ("contragan.embedding_size = 5", "reacgan.embedding_size = 5")

GANS = {
    "modular": Gan("ModularGAN", ("G.batch_norm_fn = @batch_norm", "ModularGAN.g_use_ema = True"), num_classes=None),
    "modular_wgangp": Gan(
        "ModularGAN", (*CONDITIONAL_GAN, "penalty.fn = @wgangp_penalty", "loss.fn = @wasserstein", "options.lamba = 10")
    ),
    "modular_dragan_split": Gan(
        "ModularGAN",
        (*SPECTRAL, "penalty.fn = @dragan_penalty", "ModularGAN.deprecated_split_disc_calls = True"),
    ),
    "modular_batch_norm_in_d": Gan(
        "ModularGAN", (*CONDITIONAL_GAN, "D.batch_norm_fn = @batch_norm", "loss.fn = @least_squares")
    ),
    "modular_weight_norm": Gan(
        "ModularGAN", (*CONDITIONAL_GAN, "G.weight_norm = True", "D.weight_norm = True", "loss.fn = @hinge")
    ),
    "ssgan": Gan(
        "SSGAN",
        (*SPECTRAL, *CONDITIONAL_GAN, "SSGAN.rotated_batch_size = 16", "penalty.fn = @l2_penalty"),
    ),
    "s3gan": Gan("S3GAN", (*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR, "ModularGAN.g_use_ema = True")),
    "modular_of_pairs": Gan(
        "ModularGAN",
        (
            *("ModularGAN.conditional = True", "loss.fn = @rpgan", "options.lamba = 0.5"),
            *("penalty.fn = @r1_r2", "penalty.every = 2"),
            "ModularGAN.regularizers = [@bcr(), @zcr(), @orthogonal()]",
            "orthogonal.weight_d = 1e-4",
        ),
    ),
    "s3gan_over_batch": Gan(
        "S3GAN",
        (
            *(*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR, "penalty.fn = @r1", "loss.top_k = @topk()"),
            *("topk.steps_per_epoch = 1", "topk.decay = 0.8", "lecam.start_step = 0"),
            "ModularGAN.regularizers = [@lecam(), @feature_matching(), @cr()]",
            "feature_matching.with_adversarial = True",
        ),
    ),
    "modular_label_heads": Gan(
        "ModularGAN",
        (
            *(*SPECTRAL, *CONDITIONAL_GAN, "loss.fn = @hinge", "D.batch_norm_fn = @batch_norm", *SMALL_EMBEDDINGS),
            "ModularGAN.label_heads = [@acgan(), @contragan(), @multi_hinge()]",
        ),
    ),
    "s3gan_label_heads": Gan(
        "S3GAN",
        (
            *(*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR, *SMALL_EMBEDDINGS, "S3GAN.project_y = False"),
            "ModularGAN.label_heads = [@tac(), @adc(), @reacgan(), @projection()]",
            *("adc.labels = 'completed'", "reacgan.labels = 'completed'"),
        ),
    ),
    "s3gan_reusing_fakes": Gan(
        "S3GAN", (*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR, "S3GAN.reuse_fakes = True", "S3GAN.use_soft_pred = True")
    ),
}
