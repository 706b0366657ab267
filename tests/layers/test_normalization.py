import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.layers.accumulators import accumulating, accumulators
from compare_gan2.layers.layer_norm import LayerNorm
from compare_gan2.layers.normalization import (
    BatchNorm,
    ConditionalBatchNorm,
    NoBatchNorm,
    SelfModulatedBatchNorm,
)

ACCUMULATED = {"use_moving_averages": False}
# Four images of 2x1 pixels and 3 channels; what the original makes of the first is a recorded value.
RECORDED = [[[5, 7, 2], [5, 8, 8]], [[1, 2, 0], [4, 0, 4]], [[6, 2, 6], [5, 0, 5]], [[2, 4, 2], [6, 4, 1]]]
STANDARDIZED = [[0.4375205, 1.30336881, -0.58830315], [0.4375205, 1.66291881, 1.76490951]]


def normal(shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)


def standardized(values, axes=(0, 1, 2), epsilon=1e-3):
    return (values - values.mean(axes)) / np.sqrt(values.var(axes) + epsilon)


def test_batch_norm_gives_the_values_of_the_original():
    images = tf.constant(RECORDED, tf.float32)[:, :, None]
    outputs = BatchNorm()(images, training=True)
    np.testing.assert_allclose(outputs[0, :, 0], STANDARDIZED, rtol=1e-5)


@pytest.mark.parametrize("shape, axes", [((6, 5), 0), ((4, 3, 2, 5), (0, 1, 2))])
def test_moving_averages(shape, axes):
    layer = BatchNorm(standardize={"decay": 0.75, "epsilon": 1e-5})
    mean, variance = np.zeros(5), np.ones(5)
    for seed in range(3):
        values = 2 + 3 * normal(shape, seed)
        outputs = layer(tf.constant(values), training=True)
        np.testing.assert_allclose(outputs, standardized(values, axes, 1e-5), rtol=1e-4, atol=1e-4)
        mean = 0.75 * mean + 0.25 * values.mean(axes)
        variance = 0.75 * variance + 0.25 * values.var(axes)
    np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-4)
    np.testing.assert_allclose(layer.moving_variance, variance, rtol=1e-4)
    layer.gamma.assign([1, 2, 3, 4, 5])
    layer.beta.assign([5, 4, 3, 2, 1])
    expected = (values - mean) / np.sqrt(variance + 1e-5) * layer.gamma.numpy() + layer.beta.numpy()
    np.testing.assert_allclose(layer(tf.constant(values), training=False), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-4)


def test_accumulators_add_up_batch_moments_at_inference_only():
    layer = BatchNorm(standardize=ACCUMULATED)
    batches = [tf.constant([[1.0, 2.0]] * 2), tf.constant([[5.0, 6.0]] * 2)]
    layer(batches[0], training=True)
    np.testing.assert_array_equal(layer.accu.accu_mean, [0, 0])
    for batch in batches:
        layer.accu.accumulating = True
        layer(batch, training=False)
    layer.accu.accumulating = False
    np.testing.assert_allclose(layer.accu.averages()[0], [3, 4], rtol=1e-6)
    assert float(layer.accu.accu_counter) == 2
    layer(batches[0], training=False)
    assert float(layer.accu.accu_counter) == 2
    layer.accu.reset()
    assert float(layer.accu.accu_counter) == np.float32(1e-12)
    np.testing.assert_array_equal(layer.accu.averages(), np.zeros([2, 2]))


def test_a_pass_already_uses_the_sums_that_include_itself():
    layer = BatchNorm(standardize=ACCUMULATED)
    first, second = normal((8, 3)), 4 + 2 * normal((8, 3), 1)
    layer.build(first.shape)
    layer.accu.accumulating = True
    np.testing.assert_allclose(layer(tf.constant(first)), standardized(first, 0), rtol=1e-4, atol=1e-5)
    mean = (first.mean(0) + second.mean(0)) / 2
    variance = (first.var(0) + second.var(0)) / 2  # of the batches' moments, not of the pooled values
    expected = (second - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(layer(tf.constant(second)), expected, rtol=1e-4, atol=1e-5)


def test_accumulating_switches_every_norm_of_a_model_and_back():
    class Model(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.norms = [BatchNorm(standardize=ACCUMULATED), ConditionalBatchNorm(standardize=ACCUMULATED)]

        def call(self, images):
            return self.norms[1](self.norms[0](images), None, tf.ones([4, 2]))

    model, images = Model(), tf.constant(normal((4, 2, 2, 3)))
    model(images)
    assert len(accumulators(model)) == 2
    with pytest.raises(RuntimeError, match="stop"), accumulating(model):
        model(images)
        raise RuntimeError("stop")
    model(images)
    assert [float(a.accu_counter) for a in accumulators(model)] == [1, 1]


def test_conditional_gain_is_linear_in_the_label_without_a_constant():
    images, labels = normal((4, 2, 2, 3)), np.eye(5, dtype=np.float32)[[0, 3, 3, 1]]
    layer = ConditionalBatchNorm()
    layer(tf.constant(images), None, tf.constant(labels))
    layer.condition.gamma.kernel.assign(normal((5, 3), 1))
    layer.condition.beta.kernel.assign(normal((5, 3), 2))
    gain, offset = (labels @ normal((5, 3), seed) for seed in (1, 2))
    expected = standardized(images) * gain[:, None, None] + offset[:, None, None]
    inputs = (tf.constant(images), None, tf.constant(labels))
    np.testing.assert_allclose(layer(*inputs, training=True), expected, rtol=1e-3, atol=1e-4)
    layer.gain_offset = 1.0
    expected += standardized(images)
    np.testing.assert_allclose(layer(*inputs, training=True), expected, rtol=1e-3, atol=1e-4)


def test_unknown_labels_leave_nothing_of_a_conditional_norm_without_offset():
    layer = ConditionalBatchNorm()
    assert not np.any(layer(tf.constant(normal((4, 2, 2, 3))), None, tf.zeros([4, 5]), training=True))


@pytest.mark.parametrize("num_hidden", [0, 6])
def test_self_modulation_is_a_small_network_of_the_latents(num_hidden):
    images, latents = normal((4, 2, 2, 3)), normal((4, 5), 1)
    layer = SelfModulatedBatchNorm(num_hidden=num_hidden)
    layer(tf.constant(images), tf.constant(latents))
    np.testing.assert_array_equal(layer.sbn.gamma.bias, np.ones(3))
    np.testing.assert_array_equal(layer.sbn.beta.bias, np.zeros(3))
    hidden = latents
    for part in ([layer.sbn.hidden] if num_hidden else []) + [layer.sbn.gamma, layer.sbn.beta]:
        part.kernel.assign(normal(part.kernel.shape, 3))
    if num_hidden:
        hidden = np.maximum(latents @ layer.sbn.hidden.kernel.numpy(), 0)
    gain, offset = hidden @ layer.sbn.gamma.kernel.numpy() + 1, hidden @ layer.sbn.beta.kernel.numpy()
    expected = standardized(images) * gain[:, None, None] + offset[:, None, None]
    actual = layer(tf.constant(images), tf.constant(latents), training=True)
    np.testing.assert_allclose(actual, expected, rtol=1e-3, atol=1e-4)


def test_layer_norm_takes_moments_of_each_example():
    images, layer = 3 + 2 * normal((4, 2, 3, 5)), LayerNorm()
    layer.build(images.shape)
    layer.gamma.assign(normal(5, 1))
    layer.beta.assign(normal(5, 2))
    mean, deviation = images.mean((1, 2, 3), keepdims=True), images.std((1, 2, 3), keepdims=True)
    expected = (images - mean) / deviation * normal(5, 1) + normal(5, 2)
    np.testing.assert_allclose(layer(tf.constant(images)), expected, rtol=1e-4, atol=1e-4)


def test_no_batch_norm_returns_its_inputs():
    images = tf.constant(normal((4, 2, 2, 3)))
    np.testing.assert_array_equal(NoBatchNorm()(images, None, tf.ones([4, 2]), training=True), images)


def moments_of_replicas(layer_arguments):
    strategy, _ = get_strategy()
    with strategy.scope():
        layer = BatchNorm(**layer_arguments)
        layer.build((2, 3))
    values = tf.constant(normal((4, 3)))
    parts = strategy.experimental_distribute_values_from_function(
        lambda context: values[2 * context.replica_id_in_sync_group :][:2]
    )
    outputs = tf.function(lambda x: strategy.run(lambda v: layer(v, training=True), args=(x,)))(parts)
    moving_means = strategy.experimental_local_results(layer.moving_mean.value)
    return values.numpy(), [part.numpy() for part in strategy.experimental_local_results(outputs)], moving_means


def test_moments_of_one_replica_alone_if_bound():
    values, outputs, moving_means = moments_of_replicas({"standardize": {"use_cross_replica_mean": False}})
    for replica in range(2):
        expected = standardized(values[2 * replica :][:2], 0)
        np.testing.assert_allclose(outputs[replica], expected, rtol=1e-4, atol=1e-5)
    for moving_mean in moving_means:  # one average for all replicas even so
        np.testing.assert_allclose(moving_mean, 1e-3 * values.mean(0), rtol=1e-3, atol=1e-8)
    _, grouped, _ = moments_of_replicas({"cross_replica": {"group_size": 1}})
    np.testing.assert_allclose(grouped, outputs, rtol=1e-5, atol=1e-6)


def test_groups_that_cannot_be_reduced_are_refused():
    with pytest.raises(ValueError, match=r"group_size: expected None, 1 or the number of replicas \(2\), got 3"):
        moments_of_replicas({"cross_replica": {"group_size": 3}})


@pytest.mark.parametrize(
    "layer, inputs, message",
    [
        (BatchNorm, [(2, 3, 4)], r"rank 2 or 4, got shape \(2, 3, 4\)"),
        (ConditionalBatchNorm, [(2, 4, 4, 3)], "needs label vectors"),
        (ConditionalBatchNorm, [(2, 3), None, (2, 5)], "rank 4"),
        (SelfModulatedBatchNorm, [(2, 4, 4, 3)], "needs latents"),
    ],
)
def test_inputs_that_make_no_sense(layer, inputs, message):
    with pytest.raises(ValueError, match=message):
        layer()(*(None if shape is None else tf.ones(shape) for shape in inputs))
