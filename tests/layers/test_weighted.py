import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import NETWORKS

from compare_gan2.layers.weighted import ClassProjection, Conv2D, Conv2DTranspose, Dense, folding


def normal(shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)


def test_dense():
    layer = Dense(4)
    layer.build((None, 3))
    layer.kernel.assign(normal((3, 4), 1))
    layer.bias.assign(normal(4, 2))
    expected = normal((5, 3)) @ normal((3, 4), 1) + normal(4, 2)
    np.testing.assert_allclose(layer(tf.constant(normal((5, 3)))), expected, rtol=1e-5, atol=1e-5)


def test_conv_adds_its_bias_after_resampling():
    images = tf.constant(normal((2, 4, 4, 3)))
    for resample, size in (("up", 8), ("down", 2), (None, 4)):
        layer = Conv2D(5, resample=resample)
        layer.build(images.shape)
        layer.kernel.assign(tf.zeros_like(layer.kernel))
        layer.bias.assign([1, 2, 3, 4, 5])
        np.testing.assert_array_equal(layer(images), np.broadcast_to(layer.bias, [2, size, size, 5]))


def test_transposed_conv_is_the_gradient_of_the_convolution():
    layer = Conv2DTranspose(3, output_size=(7, 5), kernel_size=5, use_bias=False)
    inputs = tf.constant(normal((2, 4, 3, 2)))
    outputs = layer(inputs)
    assert layer.kernel.shape == (5, 5, 3, 2)  # [side, side, out, in], as in the original's checkpoints
    images = tf.constant(normal((2, 7, 5, 3), 1))
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(tf.nn.conv2d(images, layer.kernel, 2, "SAME") * inputs)
    np.testing.assert_allclose(outputs, tape.gradient(loss, images), rtol=1e-4, atol=1e-5)


def test_projection_is_an_inner_product_with_the_embedding_of_the_class():
    layer = ClassProjection(4)
    labels, features = np.eye(3, dtype=np.float32)[[0, 2, 2]], normal((3, 4))
    labels[2] = 0  # unlabelled
    outputs = layer(tf.constant(labels), tf.constant(features)).numpy()
    kernel = layer.kernel.numpy()
    assert len(layer.variables) == 1 and kernel.shape == (3, 4)
    np.testing.assert_allclose(
        outputs[:, 0], [features[0] @ kernel[0], features[1] @ kernel[2], 0], rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("power_iteration", [None, {"epsilon": 1e-12, "singular_value": "auto"}])
def test_projection_of_every_class_is_what_a_call_gives_for_each(power_iteration):
    layer, features = ClassProjection(4, power_iteration=power_iteration), tf.constant(normal((2, 4)))
    each = [layer(tf.one_hot([number] * 2, 3), features) for number in range(3)]
    np.testing.assert_allclose(layer.of_every_class(features), tf.concat(each, 1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "arguments", [{"resample": "sideways"}, {"resample": "up", "strides": 2}, {"resample": "down", "kernel_size": 4}]
)
def test_resampling_that_is_not_defined(arguments):
    with pytest.raises(ValueError, match="resample=.*strides=.*kernel_size="):
        Conv2D(4, **arguments)


def test_folded_kernels_give_the_same_outputs_and_are_divided_once():
    case = NETWORKS["biggan32"]
    network, reference = case.generator(), case.generator()
    latents, _, labels = case.values(3)
    expected = reference(latents, labels, training=False)
    for _ in range(2):  # a second load folds again, not twice
        with folding(network):
            for variable, value in zip(network.variables, reference.variables, strict=True):
                variable.assign(value)
        np.testing.assert_allclose(network(latents, labels, training=False), expected, rtol=1e-5, atol=1e-6)
    graphs = [tf.function(n).get_concrete_function(latents, labels).graph for n in (network, reference)]
    divisions = [sum(op.type == "PartitionedCall" for op in graph.get_operations()) for graph in graphs]
    normalized = sum(variable.path.endswith("u_var") for variable in network.variables)
    assert normalized > 10 and divisions == [0, normalized]
