"""R3GAN: published sizes, what it refuses, and images without a label."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import NETWORKS

from compare_gan2.architectures import make_discriminator, make_generator
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers import initializers

SMALL = {"width": 4, "cardinality": 2, "blocks": 1}


def parameters(network):
    return sum(variable.shape.num_elements() for variable in network.trainable_variables)


def test_published_sizes(monkeypatch):
    for name in initializers.INITIALIZERS:
        monkeypatch.setitem(initializers.INITIALIZERS, name, lambda shape, dtype, seed: tf.zeros(shape, dtype))
    sizes = {"image_shape": (32, 32, 3), "num_classes": 10}
    assert parameters(make_generator("r3gan_arch", z_dim=64, **sizes)) == 20_781_952
    assert parameters(make_discriminator("r3gan_arch", **sizes)) == 21_280_512


@pytest.mark.parametrize("side", [8, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_sides(side, channels):
    generator = make_generator("r3gan_arch", image_shape=(side, side, channels), z_dim=5, **SMALL)
    images = generator(tf.zeros([2, 5]))
    assert images.shape == (2, side, side, channels)
    discriminator = make_discriminator("r3gan_arch", image_shape=(side, side, channels), project_y=False, **SMALL)
    assert discriminator(images).features.shape == (2, 4)


@pytest.mark.slow
def test_the_largest_side():
    generator = make_generator("r3gan_arch", image_shape=(1024, 1024, 3), z_dim=5, **SMALL)
    discriminator = make_discriminator("r3gan_arch", image_shape=(1024, 1024, 3), project_y=False, **SMALL)
    assert discriminator(generator(tf.zeros([1, 5]))).logits.shape == (1, 1)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"width": [4, 4]}, r"r3gan.Generator.width: expected one number, or 4, .* to 32x32, got \[4, 4\]"),
        ({"cardinality": 3}, "r3gan.Generator.cardinality: expected a divisor .* 8, got 3"),
        ({"spectral_norm": True}, "G.spectral_norm: expected False with r3gan_arch, .* bind G.spectral_norm = False"),
        ({"weight_norm": True}, "G.weight_norm: expected False"),
        ({"image_shape": (12, 12, 3)}, "r3gan_arch: images must be square with side 8 or 16 or"),
        ({"image_shape": (4, 4, 3)}, "r3gan_arch: images must be square"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        make_generator("r3gan_arch", **({"image_shape": (32, 32, 3), "z_dim": 5} | SMALL | options))


def test_a_class_is_needed_to_project():
    with pytest.raises(ConfigError, match="r3gan.Discriminator.project_y needs labels"):
        make_discriminator("r3gan_arch", image_shape=(8, 8, 3), **SMALL)
    with pytest.raises(ConfigError, match="D.layer_norm: expected False with r3gan_arch"):
        make_discriminator("r3gan_arch", image_shape=(8, 8, 3), layer_norm=True, **SMALL)


@pytest.mark.parametrize("name", ["r3gan", "stylegan2"])
def test_images_leave_the_range_in_training_alone(name):
    case = NETWORKS[name]
    generator = case.generator()
    for variable in generator.trainable_variables:
        variable.assign(3.0 * variable)
    latents, _, labels = case.values(8)
    trained, sampled = (generator(latents, labels, training=training).numpy() for training in (True, False))
    assert trained.min() < 0 or trained.max() > 1
    assert 0 <= sampled.min() and sampled.max() <= 1
    np.testing.assert_allclose(sampled, np.clip(trained, 0, 1), atol=1e-6)


def test_an_image_without_a_label_is_judged_as_one_of_all_classes():
    case = NETWORKS["r3gan"]
    discriminator = case.discriminator()
    _, images, _ = case.values(4)
    by_class = [discriminator(images, tf.one_hot([c] * 4, 3)).logits.numpy() for c in range(3)]
    unknown = discriminator(images, tf.zeros([4, 3])).logits.numpy()
    np.testing.assert_allclose(unknown, np.mean(by_class, axis=0), rtol=1e-4, atol=1e-6)
    assert np.std(by_class) > 1e-4


def test_it_starts_as_a_linear_map():
    generator = make_generator("r3gan_arch", image_shape=(8, 8, 1), z_dim=6, **SMALL)
    first, second = np.random.RandomState(0).standard_normal([2, 1, 6]).astype(np.float32)
    one, two, both = (generator(z, training=True) - 0.5 for z in (first, second, first + second))
    np.testing.assert_allclose(one + two, both, rtol=1e-4, atol=1e-5)
    assert np.std(both) > 0.03
