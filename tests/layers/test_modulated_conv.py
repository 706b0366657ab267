"""Modulated convolutions against one convolution per example with its own kernel."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import filled

from compare_gan2.layers.filtered_resampling import filtered_up_conv
from compare_gan2.layers.modulated_conv import ModulatedConv2D

RANDOM = np.random.RandomState(0)
MAPS = tf.constant(RANDOM.standard_normal([2, 4, 4, 3]), tf.float32)
LATENTS = tf.constant(RANDOM.standard_normal([2, 5]), tf.float32)


@pytest.mark.parametrize("up, demodulate", [(False, True), (True, True), (False, False)])
def test_every_example_has_a_kernel_of_its_own(up, demodulate):
    layer = ModulatedConv2D(6, 1 if not demodulate else 3, up=up, demodulate=demodulate, name="tested")
    layer(MAPS, LATENTS)
    filled(layer)
    found = layer(MAPS, LATENTS).numpy()
    styles = LATENTS.numpy() @ layer.affine.kernel.numpy() / np.sqrt(5) + layer.affine.bias.numpy()
    for i, style in enumerate(styles):
        kernel = layer.kernel.numpy() * style[None, None, :, None]
        kernel /= np.sqrt((kernel**2).sum((0, 1, 2)) + 1e-8) if demodulate else np.sqrt(3)
        one, kernel = MAPS[i : i + 1], tf.constant(kernel, tf.float32)
        expected = filtered_up_conv(one, kernel) if up else tf.nn.conv2d(one, kernel, 1, "SAME")
        if demodulate:
            expected += layer.noise_strength.numpy() * layer.noise_const.numpy()[..., None]
        np.testing.assert_allclose(found[i], expected[0] + layer.bias, rtol=1e-4, atol=1e-5)


def test_noise_can_be_given():
    layer = ModulatedConv2D(6, name="tested")
    layer(MAPS, LATENTS)
    filled(layer)
    noise = tf.constant(RANDOM.standard_normal([2, 4, 4]), tf.float32)
    difference = layer(MAPS, LATENTS, noise) - layer(MAPS, LATENTS, tf.zeros([1, 4, 4]))
    expected = layer.noise_strength.numpy() * noise[..., None].numpy() * np.ones(6)
    np.testing.assert_allclose(difference, expected, rtol=1e-3, atol=1e-5)
