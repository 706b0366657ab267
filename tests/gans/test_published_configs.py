"""The ImageNet configs build networks of the published sizes."""

import pytest
import tensorflow as tf

from compare_gan2.augmentation.diffaugment import DiffAugment
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.layers import initializers


def parameters(variables):
    return sum(variable.shape.num_elements() for variable in variables)


@pytest.fixture
def make(monkeypatch):
    for name in initializers.INITIALIZERS:  # orthogonal kernels of this size would take a minute
        monkeypatch.setitem(initializers.INITIALIZERS, name, lambda shape, dtype, seed: tf.zeros(shape, dtype))

    def make_gan(name):
        config = parse([name])
        gan = model_spec(config, config.build(Options), image_shape=(128, 128, 3), num_classes=1000).make()
        gan.check_batch(num_replicas=128)
        gan.build()
        return gan

    return make_gan


def test_biggan(make):
    gan = make("imagenet128/biggan.gin")
    assert parameters(gan.generator.trainable_variables) == 70_433_988
    assert parameters(gan.discriminator_variables) == 87_982_370


def test_s3gan(make):
    gan = make("imagenet128/s3gan_co.gin")
    assert parameters(gan.generator.trainable_variables) == 70_433_988
    assert parameters(gan.discriminator.trainable_variables) == 86_446_370
    assert {head.name: parameters(head.trainable_variables) for head in gan.heads} == {
        "discriminator_rotation": 6_148,
        "discriminator_predictor": 1_537_000,
        "discriminator_projection": 1_536_000,
    }
    assert parameters(gan.discriminator_variables) == 89_525_518


def test_biggan_with_diffaugment_on_cifar10():
    """Sizes and rates of DiffAugment-biggan-cifar10.sh and the defaults of its program."""
    config = parse(["cifar10/diffaugment_biggan.gin"])
    options = config.build(Options)
    gan = model_spec(config, options, image_shape=(32, 32, 3), num_classes=10).make()
    gan.check_batch(num_replicas=2)
    assert (options.batch_size, options.disc_iters, options.z_dim) == (50, 4, 128)
    assert options.training_steps * gan.images_per_step == 1000 * 50_000
    assert gan.sees.augmentation == DiffAugment(policy="translation,cutout")
    assert (gan.ema_decay, gan.ema_start_step) == (0.9999, 1000)
    for optimizer in gan.make_optimizers():
        assert float(optimizer.learning_rate) == pytest.approx(2e-4)
        assert (optimizer.beta_1, optimizer.beta_2, optimizer.epsilon) == (0.0, 0.999, 1e-8)
    gan.build()
    kernels = [v.numpy() for v in gan.generator.trainable_variables if v.path.endswith("kernel") and v.shape[0] > 9]
    assert kernels and all(0.015 < kernel.std() < 0.025 for kernel in kernels)  # normal, deviation 0.02
    norms = [v.shape for v in gan.generator.trainable_variables if "bn" in v.path and "condition" in v.path]
    assert norms and all(shape[0] == 10 for shape in norms), norms  # a row for each class: no shared embedding
