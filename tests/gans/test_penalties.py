import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.gans.penalties import dragan_penalty, l2_penalty, no_penalty, wgangp_penalty

IMAGES = tf.reshape(tf.range(8, dtype=tf.float32), [2, 2, 2, 1]) / 8


def quarter(shape, purpose):
    return tf.fill([int(side) for side in shape], 0.25)


def squares(images):
    return tf.reduce_sum(tf.square(images), [1, 2])


@pytest.mark.parametrize("penalty, recorded", [(wgangp_penalty, 1.0492811), (dragan_penalty, 1.2061583)])
def test_values_of_the_original(penalty, recorded):
    value = penalty(discriminate=squares, images=IMAGES, fake_images=1 - IMAGES, kernels=[], uniform=quarter)
    assert float(value) == pytest.approx(recorded, rel=1e-6)


def test_each_image_has_one_interpolation_and_each_value_its_noise():
    shapes = []

    def recording(shape, purpose):
        shapes.append((tuple(shape), purpose))
        return quarter(shape, purpose)

    for penalty in (wgangp_penalty, dragan_penalty):
        penalty(discriminate=squares, images=IMAGES, fake_images=IMAGES, uniform=recording)
    assert shapes == [((2, 1, 1, 1), "penalty"), ((2, 2, 2, 1), "penalty")]


def test_dragan_stays_among_images():
    seen = []

    def discriminate(images):
        seen.append(images)
        return squares(images)

    dragan_penalty(discriminate=discriminate, images=IMAGES, uniform=lambda shape, purpose: tf.ones(shape))
    deviation = np.std(IMAGES.numpy())
    np.testing.assert_allclose(seen[0], np.clip(IMAGES + deviation * 0.5, 0, 1), rtol=1e-6)


def test_l2_is_a_mean_over_kernels_of_half_their_squares():
    kernels = [tf.ones([2, 3]), 2 * tf.ones([4])]
    assert float(l2_penalty(kernels=kernels)) == pytest.approx((3 + 8) / 2)


def test_penalties_reach_the_weights():
    weight = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        value = wgangp_penalty(
            discriminate=lambda images: weight * squares(images), images=IMAGES, fake_images=IMAGES, uniform=quarter
        )
    assert abs(float(tape.gradient(value, weight))) > 0.1


def test_no_penalty():
    assert float(no_penalty(discriminate=None, images=IMAGES)) == 0
