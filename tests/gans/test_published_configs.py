"""The ImageNet configs build networks of the published sizes."""

import pytest
import tensorflow as tf

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
