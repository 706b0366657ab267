import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS, Gan, Networks

from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.weight_norm import (
    WeightNormalized,
    WeightNormConv2D,
    WeightNormConv2DTranspose,
    WeightNormDense,
    initializing,
)

RANDOM = np.random.RandomState(0)


def dense(x, v):
    return x @ v


def conv(x, v):
    return tf.nn.conv2d(x, v, 1, "SAME").numpy()


def deconv(x, v):
    count, height, width, _ = x.shape
    return tf.nn.conv2d_transpose(x, v, [count, 2 * height, 2 * width, v.shape[2]], 2, "SAME").numpy()


CASES = {
    "dense": (lambda **k: WeightNormDense(5, **k), (64, 7), dense, (0,), 1e-10),
    "conv": (lambda **k: WeightNormConv2D(5, **k), (8, 6, 6, 3), conv, (0, 1, 2), 1e-8),
    "deconv": (
        lambda **k: WeightNormConv2DTranspose(5, output_size=(12, 12), **k),
        (8, 6, 6, 3),
        deconv,
        (0, 1, 3),
        1e-8,
    ),
}


def normalized(direction, axes):
    return direction / np.sqrt(np.sum(direction**2, axis=axes, keepdims=True))


@pytest.mark.parametrize("name", CASES)
def test_first_batch_sets_gain_and_bias(name):
    make, shape, operation, axes, delta = CASES[name]
    inputs = RANDOM.standard_normal(shape).astype(np.float32) + 1.0
    layer = make(init_scale=0.5)
    layer(inputs)
    with initializing(layer):
        outputs = layer(inputs, training=True).numpy()
        again = layer(2 * inputs, training=True).numpy()  # no longer the first
    raw = operation(inputs, normalized(layer.direction.numpy(), axes))
    others = tuple(range(raw.ndim - 1))
    gain = 0.5 / np.sqrt(raw.var(others) + delta)
    np.testing.assert_allclose(layer.gain, gain, rtol=1e-4)
    np.testing.assert_allclose(layer.bias, -raw.mean(others) * gain, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(outputs, (raw - raw.mean(others)) * gain, atol=1e-4)
    np.testing.assert_allclose(outputs.mean(others), 0, atol=1e-5)
    np.testing.assert_allclose(outputs.std(others), 0.5, rtol=1e-3)
    np.testing.assert_allclose(layer(inputs), outputs, atol=1e-4)
    np.testing.assert_allclose(again, layer(2 * inputs), atol=1e-4)


@pytest.mark.parametrize("name", CASES)
def test_later_batches(name):
    make, shape, operation, axes, _ = CASES[name]
    layer = make()
    inputs = RANDOM.standard_normal(shape).astype(np.float32)
    layer(inputs)
    layer.gain.assign(RANDOM.standard_normal(5))
    layer.bias.assign(RANDOM.standard_normal(5))
    expected = layer.gain.numpy() * operation(inputs, normalized(layer.direction.numpy(), axes)) + layer.bias.numpy()
    np.testing.assert_allclose(layer(inputs), expected, atol=1e-4)
    assert [v.path.rsplit("/")[-1] for v in layer.variables] == ["V", "g", "b"]


def build(*bindings):
    narrow = ("dcgan.Generator.ch = 4", "dcgan.Discriminator.ch = 4")
    return Networks("dcgan_arch", (*narrow, *bindings), image_shape=(16, 16, 3), num_classes=None).make()


def test_gin_reaches_every_layer_of_a_network():
    generator, discriminator = build("G.weight_norm = True", "weight_norm.init_scale = 2.0")
    layers = inner_layers(generator, WeightNormalized)
    assert len(layers) == 5 and {layer.init_scale for layer in layers} == {2.0}
    assert not [v.path for v in generator.variables if v.path.endswith("kernel")]
    assert not [v.path for v in discriminator.variables if v.path.endswith("/V")]
    _, discriminator = build("D.weight_norm = True")
    assert len([v for v in discriminator.variables if v.path.endswith("/V")]) == 5


def test_both_norms_on_one_kernel_are_refused():
    with pytest.raises(ConfigError, match="discriminator: spectral_norm and weight_norm exclude each other"):
        build("D.weight_norm = True", "D.spectral_norm = True")


def test_training_starts_from_standardised_layers():
    bindings = [b for b in GANS["s3gan"].bindings if "spectral_norm" not in b]
    gan = Gan("S3GAN", (*bindings, "G.weight_norm = True", "D.weight_norm = True")).make()
    assert gan.needs_initialization
    gan.initialize(gan.prepare(GANS["s3gan"].batch()))
    parts = (gan.generator, gan.discriminator, *gan.heads)
    layers = [layer for part in parts for layer in inner_layers(part, WeightNormalized)]
    assert len(layers) > 4
    assert all(not layer.initializing and np.all(layer.gain != 1.0) and np.any(layer.bias != 0.0) for layer in layers)
    assert not GANS["s3gan"].make().needs_initialization
