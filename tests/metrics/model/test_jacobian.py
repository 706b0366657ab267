import keras
import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.metrics.model.jacobian import analyze_jacobian, generator_jacobian, jacobian_conditioning


def small_generator():
    return keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(2 * 2 * 4),
            keras.layers.Reshape((2, 2, 4)),
            keras.layers.BatchNormalization(),
            keras.layers.Conv2DTranspose(3, 4, strides=2, padding="same", activation="tanh"),
        ]
    )


def test_a_linear_map_is_its_own_derivative():
    weights = np.random.RandomState(0).normal(size=(3, 7)).astype(np.float32)
    jacobian = generator_jacobian(lambda latents: latents @ weights, np.ones((2, 3), np.float32))
    assert jacobian == pytest.approx(np.tile(weights.T, (2, 1, 1)))


def test_forward_derivatives_are_the_backward_ones_and_differences():
    generator, latents = small_generator(), tf.random.stateless_normal((4, 5), seed=[1, 2])
    jacobian = generator_jacobian(generator, latents)
    assert jacobian.shape == (4, 4 * 4 * 3, 5)
    with tf.GradientTape() as tape:
        tape.watch(latents)
        images = tf.reshape(generator(latents), [4, -1])
    assert jacobian == pytest.approx(tape.batch_jacobian(images, latents).numpy(), abs=1e-5)
    step = 1e-2 * tf.one_hot([2] * 4, 5)
    difference = (generator(latents + step) - generator(latents - step)) / 2e-2
    assert jacobian[:, :, 2] == pytest.approx(np.reshape(difference, (4, -1)), abs=1e-3)


def test_metric_tensors_and_their_mean_by_hand():
    samples, mean = analyze_jacobian([[[1.0, 2.0], [3.0, 4.0]], [[2.0, 4.0], [6.0, 8.0]]])
    for analysis, tensors in (
        (samples, [[[10, 14], [14, 20]], [[40, 56], [56, 80]]]),
        (mean, [[[25, 35], [35, 50]]]),
    ):
        assert analysis.eigenvalues == pytest.approx(np.sort(np.linalg.eigvals(tensors), axis=1)[:, ::-1])
        assert analysis.log_determinant == pytest.approx(np.linalg.slogdet(tensors)[1])
        assert analysis.log_condition_number == pytest.approx(np.log(np.linalg.cond(tensors)))


def test_conditioning_is_mean_and_spread_of_the_logarithms():
    scales = np.array([[1.0, 1.0], [1.0, 10.0], [1.0, 0.1]])
    result = jacobian_conditioning(np.eye(2) * scales[:, None, :])
    numbers = 2 * np.log([1.0, 10.0, 10.0])
    assert (result.mean, result.std, result.count) == (pytest.approx(numbers.mean()), pytest.approx(numbers.std()), 3)


def test_directions_that_change_nothing_are_refused():
    jacobian = generator_jacobian(lambda latents: latents[:, :2], np.ones((2, 3), np.float32))
    with pytest.raises(ValueError, match="2 of 2 metric tensors are singular, the first is that of sample 0"):
        jacobian_conditioning(jacobian)
    assert np.all(generator_jacobian(lambda latents: tf.ones((2, 4)), np.ones((2, 3), np.float32)) == 0)


def test_what_is_no_jacobian_is_refused():
    with pytest.raises(ValueError, match=r"expected \[samples, outputs, z_dim\], got shape \(2, 3\)"):
        analyze_jacobian(np.ones((2, 3)))
    with pytest.raises(ValueError, match="1 of 2 samples hold NaN or infinity, the first is 1"):
        analyze_jacobian([[[1.0]], [[np.nan]]])
    with pytest.raises(ValueError, match=r"expected latents \[n, z_dim\], got shape \(3,\)"):
        generator_jacobian(lambda latents: latents, np.ones(3, np.float32))
