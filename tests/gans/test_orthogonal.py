import numpy as np
import pytest
import tensorflow as tf
from support.losses_in_numpy import made

from compare_gan2.gans.orthogonal import Orthogonal, filters
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.weighted import ClassProjection, Conv2DTranspose


def value_of(rows):
    products = rows @ rows.T
    return np.sum((products - np.diag(np.diag(products))) ** 2)


def test_rows_are_the_filters_of_the_outputs():
    kernel = tf.reshape(tf.range(24.0), [1, 2, 3, 4])
    rows = filters(kernel).numpy()
    assert rows.shape == (4, 6) and rows[1].tolist() == kernel.numpy()[..., 1].ravel().tolist()
    assert filters(kernel, Conv2DTranspose.output_axis).shape == (3, 8)
    assert filters(tf.zeros([5, 7]), ClassProjection.output_axis).shape == (5, 7)


def test_orthogonal_filters_cost_nothing_whatever_their_norms():
    assert float(Orthogonal().term_of_kernel(tf.linalg.diag([1.0, 20.0, 0.5]))) == 0
    assert float(Orthogonal().term_of_kernel(tf.ones([2, 2]))) == pytest.approx(2 * 2.0**2)


@pytest.mark.parametrize("half", [False, True])
def test_gradient(half):
    kernel = np.random.RandomState(0).standard_normal([3, 3, 2, 4]).astype(np.float32)
    variable = tf.Variable(kernel)
    with tf.GradientTape() as tape:
        value = Orthogonal(half_gradient=half).term_of_kernel(variable)
    rows = kernel.reshape(-1, 4).T
    products = rows @ rows.T
    expected = (2 if half else 4) * (products - np.diag(np.diag(products))) @ rows
    gradient = tape.gradient(value, variable)
    np.testing.assert_allclose(gradient, expected.T.reshape(kernel.shape), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("gan_class", ["ModularGAN", "S3GAN"])
def test_all_kernels_of_both_networks_and_the_heads(gan_class):
    heads = ("S3GAN.rotated_batch_fraction = 2", "S3GAN.project_y = True", "ModularGAN.conditional = True")
    _, gan = made(gan_class, *(heads if gan_class == "S3GAN" else ()))
    for networks in ([gan.generator], [gan.discriminator, *gan.heads]):
        kernels = [v for network in networks for v in network.trainable_variables if v.name == "kernel"]
        assert len(kernels) >= 2
        expected = sum(
            value_of(
                v.numpy() if "projection" in v.path or "embedding" in v.path else v.numpy().reshape(-1, v.shape[-1]).T
            )
            for v in kernels
        )
        assert float(Orthogonal().term_of(networks)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", ["weight_g", "weight_d"])
def test_negative_weights(name):
    with pytest.raises(ConfigError, match=f"orthogonal.{name}: expected a number from 0 to .*, got -1"):
        Orthogonal(**{name: -1})
