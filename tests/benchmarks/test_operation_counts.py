import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, PREDICTOR, SPECTRAL

from compare_gan2.benchmarks.operation_counts import counts_of
from compare_gan2.benchmarks.workload import Variant, Workload
from compare_gan2.distribution.strategy import get_strategy


def counts(function, *shapes):
    specs = [tf.TensorSpec(shape) for shape in shapes]
    return counts_of(tf.function(function, autograph=False).get_concrete_function(*specs), 1)


def test_matrix_product_and_its_gradients():
    def loss_gradients(a, b):
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            product = tf.matmul(a, b)
        return tape.gradient(product, [a, b])

    # [5, 6] x [6, 7]; only the two gradients are asked for.
    found = counts(loss_gradients, [5, 6], [6, 7])
    assert found.operations == 2 * 2 * 5 * 6 * 7
    assert found.moved == 4 * (2 * 35 + 2 * 30 + 2 * 42)
    assert counts(tf.matmul, [5, 6], [6, 7]).operations == 2 * 5 * 6 * 7


def test_convolution_and_its_gradients():
    def gradients(images, kernel):
        with tf.GradientTape() as tape:
            tape.watch([images, kernel])
            outputs = tf.nn.conv2d(images, kernel, 2, "SAME")
            loss = tf.reduce_sum(outputs * outputs)
        return tape.gradient(loss, [images, kernel])

    one = 2 * (4 * 4 * 4 * 5) * (3 * 3 * 2)  # outputs [4, 4, 4, 5] of a kernel [3, 3, 2, 5]
    assert counts(gradients, [4, 8, 8, 2], [3, 3, 2, 5]).operations == 3 * one


def test_shapes_must_be_known():
    with pytest.raises(ValueError, match="its shape is"):
        counts(tf.matmul, [None, 6], [6, 7])


def test_exchanges_of_a_step():
    """Moments of a batch norm are one exchange, forwards and backwards; gradients of a network are one."""
    shared = (
        "options.architecture = 'tiny_arch'",
        "options.gan_class = @S3GAN",
        "options.batch_size = 8",
        "options.z_dim = 8",
        "options.training_steps = 1",
    )
    bindings = [*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR, *shared]
    strategy, _ = get_strategy(False, num_devices=2)
    workload = Workload(Variant("counted"), [], bindings, (8, 8, 3), 3, strategy=strategy)
    found = workload.counts()

    def size(variables):
        return sum(4 * variable.shape.num_elements() for variable in variables)

    gan = workload.gan
    channels = gan.generator.norm.accu.accu_mean.shape[0] if hasattr(gan.generator.norm, "accu") else 4
    moments = 4 * 2 * channels
    expected = [moments] * 3 + [size(gan.discriminator_variables), size(gan.generator.trainable_variables)]
    assert list(found.exchanges) == sorted(expected)
    assert found.exchanged == sum(expected)
