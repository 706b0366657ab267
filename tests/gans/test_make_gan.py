"""From a configuration to GANs: what reaches which constructor, and that each GAN has networks of its own."""

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_architecture
from support.catalogue import CONDITIONAL_GAN, PREDICTOR

from compare_gan2.architectures import resnet_biggan
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.gans import losses
from compare_gan2.gans.make_gan import model_spec, network_options
from compare_gan2.gans.penalties import wgangp_penalty
from compare_gan2.gans.s3gan import S3GAN
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.normalization import ConditionalBatchNorm

BINDINGS = [
    "options.gan_class = @S3GAN",
    "options.architecture = 'tiny_arch'",
    "options.batch_size = 8",
    "options.z_dim = 6",
    "options.disc_iters = 2",
    "options.lamba = 3",
    "options.training_steps = 1",
    *CONDITIONAL_GAN,
    *PREDICTOR,
]


def spec_of(*bindings, image_shape=(8, 8, 3), num_classes=3, **options):
    config = parse([], [*BINDINGS, *bindings])
    return model_spec(config, config.build(Options), image_shape=image_shape, num_classes=num_classes, **options)


def test_options_loss_and_penalty_reach_the_gan():
    gan = spec_of("penalty.fn = @wgangp_penalty", "ModularGAN.ema_decay = 0.5", "S3GAN.ema_decay = 0.25").make()
    assert isinstance(gan, S3GAN) and isinstance(gan.generator, tiny_architecture.Generator)
    assert (gan.z_dim, gan.batch_size, gan.disc_iters, gan.penalty_weight) == (6, 8, 2, 3)
    assert (gan.loss, gan.penalty, gan.ema_decay) == (losses.Hinge, wgangp_penalty, 0.25)
    assert (gan.image_shape, gan.num_classes) == ((8, 8, 3), 3)


def test_each_gan_has_networks_of_its_own():
    spec = spec_of()
    first, second = spec.make(), spec.make()
    for gan in (first, second):
        gan.build()
    assert first.generator is not second.generator and first.discriminator is not second.discriminator
    first.generator.fc_noise.kernel.assign(tf.zeros_like(first.generator.fc_noise.kernel))
    assert np.any(second.generator.fc_noise.kernel)
    assert [v.path for v in first.discriminator_variables] == [v.path for v in second.discriminator_variables]


def test_specs_of_two_configurations_are_apart():
    first, second = spec_of("options.z_dim = 3"), spec_of("G.spectral_norm = True", "loss.fn = @wasserstein")
    assert (first.make().z_dim, second.make().z_dim) == (3, 6)
    assert (first.make().loss, second.make().loss) == (losses.Hinge, losses.Wasserstein)
    assert [spec.make().generator.spectral_norm for spec in (first, second)] == [False, True]


def test_forced_arguments_win_and_are_checked():
    assert spec_of("S3GAN.reuse_fakes = True", reuse_fakes=False).make().reuses_fakes is False
    assert spec_of(experimental_force_graph_unroll=True).make().unrolled
    assert spec_of(judge_real_images=True).make().judge_real_images
    with pytest.raises(ConfigError, match="S3GAN.g_lr: expected a number above 0 .*, got 'fast'"):
        spec_of(g_lr="fast")


def test_settings_of_layers_reach_both_networks():
    bindings = ["weights.initializer = 'orthogonal'", "standardize_batch.decay = 0.75", "spectral_norm.epsilon = 1e-5"]
    spec = spec_of(*bindings, "conditional_batch_norm.use_bias = True")
    gan = spec.make()
    assert gan.generator.batch_norm_fn is ConditionalBatchNorm
    for network in (gan.generator, gan.discriminator):
        assert network.settings.initializer == "orthogonal"
        assert network.settings.standardize["decay"] == 0.75
        assert network.settings.power_iteration["epsilon"] == 1e-5
    assert gan.generator.settings.norm == {"use_bias": True} and gan.discriminator.settings.norm == {}


def test_dtype_policy_of_both_networks():
    gan = spec_of(dtype="mixed_bfloat16").make()
    assert gan.generator.compute_dtype == gan.discriminator.compute_dtype == "bfloat16"
    assert spec_of().make().generator.compute_dtype == "float32"


def test_a_part_of_a_network_takes_its_own_bindings():
    config = parse([], ["BigGanResNetBlock.add_shortcut = False"])
    assert network_options(config, resnet_biggan.Generator, image_shape=(32, 32, 3))["add_shortcut"] is False
    assert config.unused == []


@pytest.mark.parametrize(
    "binding, message",
    [
        ("options.gan_class = @hinge", "options.gan_class: expected a GAN class, got @Hinge"),
        ("options.architecture = 'tiny'", "options.architecture: expected one of .*tiny_arch.*, got 'tiny'"),
        ("S3GAN.no_such = 1", "no_such"),
        ("TinyGenerator.no_such = 1", "no_such"),
        ("loss.fn = @no_penalty", "loss.fn: expected one of @hinge"),
    ],
)
def test_what_cannot_be_made(binding, message):
    with pytest.raises(ConfigError, match=message):
        spec_of(binding)


def test_options_of_a_network_that_exclude_each_other():
    spec = spec_of("G.spectral_norm = True", "G.weight_norm = True")
    with pytest.raises(ConfigError, match="spectral_norm and weight_norm exclude each other"):
        spec.make()


def test_everything_is_recorded():
    config = parse([], BINDINGS)
    model_spec(config, config.build(Options), image_shape=(8, 8, 3), num_classes=3)
    recorded = config.record
    for name in ("S3GAN.g_lr", "loss.fn", "penalty.fn", "TinyGenerator.spectral_norm", "weights.initializer"):
        assert name in recorded, name
    assert not {name for name in recorded if name.split(".")[-1] in ("num_classes", "image_shape", "penalty_weight")}
    assert config.unused == []
