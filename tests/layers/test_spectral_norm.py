import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.spectral_norm import PowerIteration, SpectralNorm
from compare_gan2.layers.weighted import Dense

SHAPE = (3, 3, 2, 5)


def unit(vector):
    return vector / np.sqrt(np.maximum(np.sum(vector**2), 1e-12))


def normal(shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("side, shape", [("left", (18, 1)), ("right", (1, 5)), ("auto", (1, 5))])
def test_one_step_of_power_iteration(side, shape):
    layer = SpectralNorm(singular_value=side)
    layer.build(SHAPE)
    assert layer.u_var.shape == shape
    kernel, u = normal(SHAPE), normal(shape, 1)
    layer.u_var.assign(u)
    matrix = kernel.reshape(-1, 5)
    if side == "left":
        v = unit(matrix.T @ u)
        moved = unit(matrix @ v)
        sigma = (moved.T @ matrix @ v).item()
    else:
        v = unit(u @ matrix.T)
        moved = unit(v @ matrix)
        sigma = (v @ matrix @ moved.T).item()
    np.testing.assert_allclose(layer(tf.constant(kernel), training=True), kernel / sigma, rtol=1e-5)
    np.testing.assert_allclose(layer.u_var, moved, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("shape, expected", [((4, 4), (4, 1)), ((3, 4), (3, 1)), ((5, 4), (1, 4))])
def test_auto_keeps_the_shorter_vector_and_the_left_one_if_equal(shape, expected):
    layer = SpectralNorm(singular_value="auto")
    layer.build(shape)
    assert layer.u_var.shape == expected


def test_many_steps_find_the_largest_singular_value():
    layer, kernel = SpectralNorm(), tf.constant(normal((12, 5)))
    for _ in range(100):
        normalized = layer(kernel, training=True)
    assert np.linalg.svd(normalized, compute_uv=False)[0] == pytest.approx(1, rel=1e-4)


def test_vector_moves_in_training_only_and_inference_takes_the_same_step():
    layer, kernel = SpectralNorm(), tf.constant(normal((12, 5)))
    layer.build((12, 5))
    start = layer.u_var.numpy()
    at_inference = layer(kernel, training=False)
    np.testing.assert_array_equal(layer.u_var, start)
    np.testing.assert_array_equal(layer(kernel, training=True), at_inference)
    assert np.any(layer.u_var.numpy() != start)


def test_gradient_flows_through_sigma_but_not_through_the_vectors():
    layer, kernel, upstream = SpectralNorm(), tf.Variable(normal((6, 4))), normal((6, 4), 2)
    layer.build((6, 4))
    u = layer.u_var.numpy()
    v = unit(kernel.numpy().T @ u)
    u = unit(kernel.numpy() @ v)
    sigma = (u.T @ kernel.numpy() @ v).item()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(kernel, training=True) * upstream)
    quotient = upstream / sigma - np.sum(upstream * kernel.numpy()) / sigma**2 * (u @ v.T)
    np.testing.assert_allclose(tape.gradient(loss, kernel), quotient, rtol=1e-4, atol=1e-4)


def test_stored_kernel_stays_and_paths_are_the_original_ones():
    layer = Dense(4, power_iteration={"singular_value": "left"}, name="fc")
    layer.build((None, 6))
    before = layer.kernel.numpy()
    layer(tf.ones([2, 6]), training=True)
    np.testing.assert_array_equal(layer.kernel, before)
    assert [v.path for v in layer.variables] == ["fc/kernel", "fc/bias", "fc/kernel/u_var"]


def test_vector_has_no_place_without_two_dimensions():
    with pytest.raises(ValueError, match=r"at least 2 dimensions, got shape \(4,\)"):
        SpectralNorm().build((4,))


def test_options_are_bound_and_checked():
    config = parse([], ["spectral_norm.singular_value = 'right'", "spectral_norm.epsilon = 1e-6"])
    assert config.build(PowerIteration) == PowerIteration(1e-6, "right")
    config = parse([], ["spectral_norm.singular_value = 'middle'"])
    with pytest.raises(ConfigError, match="spectral_norm.singular_value: expected one of 'left'.*got 'middle'"):
        config.build(PowerIteration)
