import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.layers.resampling import conv, conv_mean_pool, max_pool, mean_pool, unpool, unpool_conv


def normal(shape, seed):
    return tf.random.stateless_normal(shape, [seed, 0])


def plain_up(images, kernel):
    return tf.nn.conv2d(unpool(images), kernel, 1, "SAME")


def plain_down(images, kernel):
    return mean_pool(tf.nn.conv2d(images, kernel, 1, "SAME"))


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_strided_convolution_is_the_plain_one(size, strides):
    images, kernel = normal([2, 7, 8, 3], 0), normal([size, size, 3, 4], 1)
    expected = tf.nn.conv2d(images, kernel, strides, "SAME")
    np.testing.assert_allclose(conv(images, kernel, strides), expected, rtol=1e-5, atol=1e-5)


def test_unpool_puts_each_pixel_at_even_positions():
    images = np.arange(1, 13, dtype=np.float32).reshape(1, 2, 3, 2)
    expected = np.zeros([1, 4, 6, 2], np.float32)
    expected[:, ::2, ::2] = images
    np.testing.assert_array_equal(unpool(tf.constant(images)), expected)


def test_mean_pool_averages_what_there_is_at_odd_borders():
    images = np.random.RandomState(0).random_sample([2, 5, 4, 3]).astype(np.float32)
    expected = [[images[:, i : i + 2, j : j + 2].mean((1, 2)) for j in (0, 2)] for i in (0, 2, 4)]
    np.testing.assert_allclose(mean_pool(tf.constant(images)), np.moveaxis(expected, 2, 0), rtol=1e-6)


def test_max_pool_and_where_its_gradient_goes():
    images = tf.constant(np.random.RandomState(0).randint(0, 3, [5, 6, 4, 3]), tf.float32)  # many equal values
    results = []
    for function in (max_pool, lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID")):
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = function(images)
            loss = tf.reduce_sum(outputs * tf.reshape(tf.range(90.0), outputs.shape))
        results.append((outputs, tape.gradient(loss, images)))
    for actual, expected in zip(*results, strict=True):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("fused, plain", [(unpool_conv, plain_up), (conv_mean_pool, plain_down)])
@pytest.mark.parametrize("size", [(4, 6), (5, 7), (4, 5), (5, 4), (1, 1), (2, 2)])
@pytest.mark.parametrize("side", [1, 3])
def test_fused_forms_equal_plain_definitions(fused, plain, size, side):
    images, kernel = normal([2, *size, 3], 1), normal([side, side, 3, 4], 2)
    results = [derivatives(function, images, kernel) for function in (fused, plain)]
    for name, actual, expected in zip(("value", "images", "kernel", "second"), *results, strict=True):
        scale = np.abs(expected).max()
        assert scale > 1e-3
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * scale, err_msg=name)


def derivatives(function, images, kernel):
    """Value, gradients of a bent sum, and the kernel's gradient of the squared image gradient (a gradient penalty)."""
    with tf.GradientTape() as outer:
        outer.watch(kernel)
        with tf.GradientTape() as inner:
            inner.watch([images, kernel])
            outputs = function(images, kernel)
            bent = tf.reduce_sum(tf.sin(outputs))
        by_images, by_kernel = inner.gradient(bent, [images, kernel])
        penalty = tf.reduce_sum(tf.square(by_images))
    return outputs.numpy(), by_images.numpy(), by_kernel.numpy(), outer.gradient(penalty, kernel).numpy()
