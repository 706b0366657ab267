"""The training step by the plain definitions, in the original's order of operations: the baseline of ours.

It computes equal numbers with more work: zeros are inserted before a convolution and averages taken after it, shortcuts
included; batch norm standardises, then scales, then shifts; sigma of spectral norm has products of its own; gradients
of moments and of attention are TensorFlow's own; the generator update judges the real images too; S3GAN generates its
fakes twice. (Gradients of the discriminator's weights in the generator update are unused, so that TensorFlow prunes
them from this graph, too.)
"""

import contextlib

import tensorflow as tf

from compare_gan2.gans.s3gan import S3GAN
from compare_gan2.layers import attention, normalization, spectral_norm, weighted
from compare_gan2.layers.resampling import mean_pool
from compare_gan2.training.step import Moment, TrainStep


class PlainStep(TrainStep):
    """`TrainStep` by the plain definitions, of a GAN that was made with `plain_options`; results are the same."""

    def __call__(self, batches, step, random):
        with plain_operations():
            return super().__call__(batches, step, random)

    def generator_gradients(self, batch, fake_images, tape, random, cost=None):
        batch = batch._replace(moment=Moment.of(random, "g"))
        with tape:
            loss, scalars = self.gan.generator_loss(*self.gan.sees(batch, fake_images, batch.moment.uniform))
            loss += 0.0 if cost is None else self.gan.latent_optimization.weight * cost
        variables = [v.value for v in self.gan.generator.trainable_variables]
        return tape.gradient(loss, variables, unconnected_gradients="zero"), {"loss/g": loss, **scalars}


def plain_options(gan_class):
    """{argument: value} of a GAN class that computes all that the original did, even if nothing depends on it."""
    return {"judge_real_images": True} | ({"reuse_fakes": False} if issubclass(gan_class, S3GAN) else {})


@contextlib.contextmanager
def plain_operations():
    """Context manager: layers are traced with the plain definitions."""
    replaced = [
        (weighted, "conv", plain_conv),
        (weighted, "unpool_conv", plain_unpool_conv),
        (weighted, "conv_mean_pool", plain_conv_mean_pool),
        (attention, "attend", plain_attend),
        (attention, "max_pool", plain_max_pool),
        (normalization, "means", plain_means),
        (spectral_norm, "divided_by_sigma", plain_divided_by_sigma),
        (normalization.Standardize, "scale_and_shift", plain_scale_and_shift),
    ]
    before = [getattr(owner, name) for owner, name, _ in replaced]
    for owner, name, plain in replaced:
        setattr(owner, name, plain)
    try:
        yield
    finally:
        for (owner, name, _), ours in zip(replaced, before, strict=True):
            setattr(owner, name, ours)


def plain_unpool(images):
    """[N, H, W, C] -> [N, 2H, 2W, C]: zeros after each pixel of a row, and after each row."""
    _, height, width, channels = images.shape
    rows = tf.concat([images, tf.zeros_like(images)], axis=-1)  # [N, H, W, 2C]: pixel, zero
    both = tf.concat([rows, tf.zeros_like(rows)], axis=2)  # [N, H, 2W, 2C]: row, row of zeros
    return tf.reshape(both, [-1, 2 * height, 2 * width, channels])


def plain_conv(images, kernel, strides=1):
    """Convolution, whatever its size."""
    return tf.nn.conv2d(images, kernel, strides, "SAME")


def plain_unpool_conv(images, kernel):
    """Convolution after inserting zeros."""
    return tf.nn.conv2d(plain_unpool(images), kernel, 1, "SAME")


def plain_conv_mean_pool(images, kernel):
    """Average of each 2x2 after the convolution."""
    return mean_pool(tf.nn.conv2d(images, kernel, 1, "SAME"))


def plain_attend(queries, keys, values):
    """Values averaged with the weights softmax(queries keys^T)."""
    weights = tf.nn.softmax(tf.matmul(tf.cast(queries, tf.float32), tf.cast(keys, tf.float32), transpose_b=True))
    return tf.matmul(tf.cast(weights, values.dtype), values)


def plain_max_pool(images):
    """Maximum of each 2x2, as TensorFlow computes it."""
    return tf.nn.max_pool2d(images, 2, 2, "VALID")


def plain_means(inputs):
    """Mean and mean square of each channel over all other axes."""
    axes = list(range(inputs.shape.rank - 1))
    return tf.reduce_mean(inputs, axes), tf.reduce_mean(tf.square(inputs), axes)


def plain_divided_by_sigma(kernel, u, left, epsilon):
    """The quotient by sigma = u^T W v, of both vectors after their step."""
    matrix = tf.reshape(kernel, [-1, kernel.shape[-1]])
    columns = matrix if left else tf.transpose(matrix)
    u = u if left else tf.transpose(u)
    v = spectral_norm.unit(tf.matmul(columns, u, transpose_a=True), epsilon)
    u = spectral_norm.unit(tf.matmul(columns, v), epsilon)
    u, v = tf.stop_gradient(u), tf.stop_gradient(v)
    sigma = tf.matmul(tf.matmul(u, columns, transpose_a=True), v)
    return kernel / tf.reshape(sigma, []), u if left else tf.transpose(u)


def plain_scale_and_shift(layer, inputs, gain, offset, training):
    """Standardised inputs, times gain, plus offset, one after the other."""
    mean, variance = layer._statistics(tf.cast(inputs, tf.float32), training)
    epsilon = layer.standardize["epsilon"]
    outputs = tf.nn.batch_normalization(tf.cast(inputs, tf.float32), mean, variance, None, None, epsilon)
    gain, offset = tf.cast(gain, tf.float32), tf.cast(offset, tf.float32)
    if gain.shape.rank == 2:
        gain, offset = gain[:, None, None, :], offset[:, None, None, :]
    return tf.cast(outputs * gain + offset, inputs.dtype)
