"""The ImageNet configs build networks of the published sizes."""

import pathlib

import pytest
import tensorflow as tf

from compare_gan2 import configuration, gin_names
from compare_gan2.layers import initializers
from compare_gan2.options import Options

GIN_CONFIGS = pathlib.Path(__file__).parents[2] / "gin_configs"

assert gin_names.MODULES  # all names are declared


def parameters(variables):
    return sum(variable.shape.num_elements() for variable in variables)


@pytest.fixture
def make(monkeypatch):
    for name in initializers.INITIALIZERS:  # orthogonal kernels of this size would take a minute
        monkeypatch.setitem(initializers.INITIALIZERS, name, tf.keras.initializers.Zeros)

    def make_gan(config):
        configuration.parse([GIN_CONFIGS / config], [], search_paths=[GIN_CONFIGS])
        options = configuration.build(Options)
        gan = configuration.build(options.gan_class, options=options, image_shape=(128, 128, 3), num_classes=1000)
        gan.check_batch(num_replicas=128)
        gan.create()
        return gan

    return make_gan


def test_biggan(make):
    gan = make("imagenet128/biggan.gin")
    assert parameters(gan.generator.trainable_variables) == 70_433_988
    assert parameters(gan.discriminator_variables) == 87_982_370


def test_s3gan(make):
    gan = make("imagenet128/s3gan_co_10pct.gin")
    assert parameters(gan.generator.trainable_variables) == 70_433_988
    assert parameters(gan.discriminator.trainable_variables) == 86_446_370
    assert {head.name: parameters(head.trainable_variables) for head in gan.heads} == {
        "discriminator_rotation": 6_148,
        "discriminator_predictor": 1_537_000,
        "discriminator_projection": 1_536_000,
    }
    assert parameters(gan.discriminator_variables) == 89_525_518
