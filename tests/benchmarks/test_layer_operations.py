import pytest
import tensorflow as tf

from compare_gan2.benchmarks.operation_counts import counts_of
from compare_gan2.layers.attention import NonLocalBlock
from compare_gan2.layers.weighted import Conv2D, Dense

N, H, W, IN, OUT = 2, 6, 4, 3, 5
PIXELS = N * H * W


def counted(function, *shapes):
    specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    return counts_of(tf.function(function).get_concrete_function(*specs)).operations


@pytest.mark.parametrize(
    "arguments, multiplications",
    [
        ({}, PIXELS * 9 * IN * OUT),
        ({"kernel_size": 1}, PIXELS * IN * OUT),
        ({"resample": "up"}, PIXELS * 9 * IN * OUT),  # of 4 x 9 with the zeros
        ({"resample": "up", "kernel_size": 1}, PIXELS * IN * OUT),
        ({"resample": "down"}, PIXELS // 4 * 16 * IN * OUT),  # of 36 before averaging
        ({"resample": "down", "kernel_size": 1}, PIXELS // 4 * IN * OUT),
        ({"kernel_size": 4, "strides": 2}, PIXELS // 4 * 16 * IN * OUT),
    ],
)
def test_convolutions(arguments, multiplications):
    layer = Conv2D(OUT, **arguments)
    layer.build((N, H, W, IN))
    forward = counted(lambda images: layer(images), (N, H, W, IN))
    assert forward == 2 * multiplications

    def gradients(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            loss = tf.reduce_sum(tf.square(layer(images)))
        return tape.gradient(loss, [images, layer.kernel.value])

    assert counted(gradients, (N, H, W, IN)) == 3 * forward


def test_unused_results_are_not_counted():
    layer = Dense(OUT, use_bias=False)
    layer.build((N, IN))

    def gradient(rows):
        with tf.GradientTape() as tape:
            tape.watch(rows)
            loss = tf.reduce_sum(tf.square(layer(rows)))
        by_rows, _ = tape.gradient(loss, [rows, layer.kernel.value])
        return by_rows

    assert counted(gradient, (N, IN)) == 2 * 2 * N * IN * OUT


def test_attention_and_spectral_norm():
    channels = 16
    layer = NonLocalBlock()
    layer.build((N, H, W, channels))
    kernels = channels * (channels // 8 + channels // 8 + channels // 2) + channels // 2 * channels
    products = H * W * (H * W // 4) * (channels // 8 + channels // 2)
    assert counted(lambda x: layer(x), (N, H, W, channels)) == 2 * N * (H * W * kernels + products)
    normalized = Dense(OUT, power_iteration={"singular_value": "left"})
    normalized.build((N, IN))
    iterations = 2 * IN * OUT  # one product for each vector, sigma takes the second
    assert counted(lambda x: normalized(x), (N, IN)) == 2 * (N * IN * OUT + iterations)


def test_unknown_shapes_are_refused():
    with pytest.raises(ValueError, match="cannot be counted"):
        counted(lambda x: tf.matmul(x, x, transpose_b=True), (None, 3))
