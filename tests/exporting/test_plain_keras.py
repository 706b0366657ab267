"""Functions of tensors as models of Keras' own parts, which give the same values for any number of rows."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import NETWORKS, NOT_THE_DEEPEST

from compare_gan2.exporting.baked_networks import baked
from compare_gan2.exporting.plain_keras import plain_model
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.spectral_norm import SpectralNorm

MAPS, VECTORS = tf.TensorSpec([None, 6, 4, 2], tf.float32, "maps"), tf.TensorSpec([None, 8], tf.float32, "vectors")
RANDOM = np.random.RandomState(0)
KERNEL = tf.Variable(RANDOM.standard_normal([3, 3, 2, 5]), dtype=tf.float32)
TURNED = tf.Variable(RANDOM.standard_normal([3, 3, 5, 2]), dtype=tf.float32)
MATRIX = tf.Variable(RANDOM.standard_normal([8, 3]), dtype=tf.float32)
BIAS = tf.Variable(RANDOM.standard_normal([3]), dtype=tf.float32)


def reloaded(model, folder):
    """The model from its file, in which there is no class but those of Keras."""
    model.save(folder / "model.keras")
    found = keras.saving.load_model(folder / "model.keras", custom_objects={})
    assert all(type(part).__module__.startswith("keras.") for part in found.operations)
    return found


def values(specs, rows):
    random = np.random.RandomState(rows)
    return {spec.name: random.standard_normal([rows, *spec.shape[1:]]).astype(np.float32) for spec in specs}


def turned_conv(maps, size, padding, strides=2):
    return tf.nn.conv2d_transpose(maps, TURNED, [tf.shape(maps)[0], *size, 5], strides, padding)


FUNCTIONS = {
    "bias": lambda v: tf.nn.bias_add(tf.matmul(v, MATRIX), BIAS),
    "bias_of_two_readers": lambda v: tf.nn.bias_add(tf.matmul(v, MATRIX), BIAS) * tf.matmul(v, MATRIX),
    "matrices": lambda v: tf.matmul(v[:, :, None], v[:, None], transpose_a=True, transpose_b=True),
    "constant_times_row": lambda v: tf.matmul(MATRIX, v[:, None] * tf.ones([8, 1]), transpose_a=True),
    "strides": lambda m: tf.nn.conv2d(m, KERNEL, 2, "SAME"),
    "dilated": lambda m: tf.nn.conv2d(m, KERNEL, 1, "SAME", dilations=[2, 2]),
    "groups": lambda m: tf.nn.conv2d(tf.concat([m, -m], 3), KERNEL[..., :4], 1, "SAME"),
    "turned_same": lambda m: turned_conv(m, (12, 8), "SAME"),
    "turned_odd": lambda m: turned_conv(m, (11, 7), "SAME"),
    "turned_valid": lambda m: turned_conv(m, (13, 9), "VALID"),
    "max_pool": lambda m: tf.nn.max_pool2d(m, 2, 2, "SAME") + tf.reduce_max(m, [1, 2], keepdims=True),
    "slices": lambda m: m[:, 1::2, ::-1, None, 1],
    "from_the_end": lambda m: m[..., -1:],
    "pad": lambda m: tf.pad(m, [[0, 0], [1, 0], [0, 2], [0, 0]], constant_values=2.5),
    "stack": lambda v: tf.stack([v, tf.ones_like(v), tf.zeros_like(v)], axis=1),
    "unstack": lambda m: tf.subtract(*tf.unstack(m, axis=3)),
    "rows_of_a_constant": lambda v: tf.broadcast_to(MATRIX, [tf.shape(v)[0], 8, 3]) * v[..., None],
    "filled": lambda v: tf.fill([tf.shape(v)[0], 3], 0.5) + tf.zeros([tf.shape(v)[0], 3]) + v[:, :3],
    "rest": lambda m: tf.reshape(m, [tf.shape(m)[0], -1]),
    "numbers": lambda v: tf.one_hot(tf.argmax(v, axis=1), 8) + tf.cast(v > 0.0, tf.float32),
    "where": lambda v: tf.where(v < 0.0, v**2, tf.squeeze(tf.expand_dims(tf.exp(v), 1), 1)),
    "difference": lambda v: tf.math.reduce_variance(v, axis=1) + tf.math.squared_difference(v[:, 0], 0.5),
    "bfloat16": lambda v: tf.cast(2.0 + tf.cast(v, tf.bfloat16) * tf.cast(MATRIX[:, 0], tf.bfloat16), tf.float32),
    "bfloat16_layer": lambda v: tf.cast(
        tf.nn.bias_add(tf.matmul(tf.cast(v, tf.bfloat16), tf.cast(MATRIX, tf.bfloat16)), tf.cast(BIAS, tf.bfloat16)),
        tf.float32,
    ),
    "large_constant": lambda v: v + tf.reduce_sum(tf.constant(LARGE) * v[:, None, :1], 2),
}
LARGE = np.random.RandomState(1).standard_normal([8, 1000]).astype(np.float32)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name, tmp_path):
    function = FUNCTIONS[name]
    spec = MAPS if function.__code__.co_varnames[0] == "m" else VECTORS
    model = reloaded(plain_model(function, [spec], "model"), tmp_path)
    for rows in (3, 1):
        given = values([spec], rows)
        expected = function(tf.constant(given[spec.name]))
        assert rows == 1 or np.ptp(expected) > 0
        tolerance = 2e-2 if "bfloat16" in name else 1e-5
        np.testing.assert_allclose(model(given), expected, rtol=tolerance, atol=tolerance)


def test_weights_are_variables_and_what_is_computed_twice_is_computed_once(tmp_path):
    def function(vectors):
        both = {name: tf.nn.bias_add(tf.matmul(vectors, 2.0 * MATRIX), BIAS) for name in ("first", "second")}
        return both | {"other": tf.matmul(vectors, 2.0 * MATRIX)}

    model = reloaded(plain_model(function, [VECTORS], "twice"), tmp_path)
    assert [tuple(weight.shape) for weight in model.weights] == [(8, 3), (3,), (8, 3)]
    found = model(values([VECTORS], 3))
    np.testing.assert_array_equal(found["first"], found["second"])
    np.testing.assert_allclose(found["first"], found["other"] + BIAS, atol=1e-5)
    np.testing.assert_array_equal(model.weights[0], 2.0 * MATRIX)
    large = plain_model(FUNCTIONS["large_constant"], [VECTORS], "large")
    assert sum(np.size(weight) for weight in large.weights) == LARGE.size


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda v: tf.math.cumsum(v, axis=1), "Cumsum computes Cumsum, which has no counterpart"),
        (lambda v: v + tf.random.uniform([8]), "computes RandomUniform, which has no"),
        (lambda v: tf.reshape(v, [tf.shape(v)[0], tf.cast(v[0, 0], tf.int32)]), "computes Pack by values of the inp"),
        (lambda v: tf.cast(tf.shape(v)[0], tf.float32) * v, "computes Cast of a shape"),
    ],
)
def test_what_keras_has_no_operation_for_is_refused(function, reason):
    with pytest.raises(ConfigError, match=f"--format: keras: .*{reason}.*; export as saved_model or onnx"):
        plain_model(function, [VECTORS], "model")


@pytest.mark.parametrize("name", [*NOT_THE_DEEPEST, "biggan_deep64", "dcgan_weight_norm"])
def test_networks_of_every_architecture(name, tmp_path):
    """Without spectral norm, then of Keras' own parts, they compute what they did."""
    generator, discriminator = NETWORKS[name].make()
    latents, images, labels = NETWORKS[name].values(3)
    for network, key, first in ((generator, "latents", latents), (discriminator, "images", images)):
        baked_network = baked(network)
        assert not inner_layers(baked_network, SpectralNorm)

        def function(first, labels=None, network=baked_network):
            found = network(first, labels, training=False)
            return getattr(found, "logits", found)

        given = {key: first} | ({} if labels is None else {"labels": labels})
        specs = [tf.TensorSpec([None, *value.shape[1:]], tf.float32, key) for key, value in given.items()]
        found = reloaded(plain_model(function, specs, "network"), tmp_path)(given)
        expected = function(first, labels, network)
        np.testing.assert_allclose(found, expected, atol=1e-5 * max(1.0, np.abs(expected).max()))
