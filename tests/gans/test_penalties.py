import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.config.configuration import parse
from compare_gan2.gans.penalties import (
    Penalty,
    dragan_penalty,
    l2_penalty,
    max_gp,
    no_penalty,
    r1,
    r1_r2,
    r2,
    wgangp_penalty,
)

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


def judge(images, fake=False):
    """Logits whose gradients are 2 x, and 3 times that with the labels of fakes."""
    return (3.0 if fake else 1.0) * squares(images)


def test_zero_centred_penalties():
    images, fakes = IMAGES.numpy(), 1 - IMAGES.numpy()
    given = {"discriminate": judge, "images": IMAGES, "fake_images": 1 - IMAGES}
    of_real = np.mean(np.sum((2 * images) ** 2, axis=(1, 2, 3)))
    of_fake = np.mean(np.sum((6 * fakes) ** 2, axis=(1, 2, 3)))
    assert float(r1(**given)) == pytest.approx(0.5 * of_real, rel=1e-6)
    assert float(r2(**given)) == pytest.approx(0.5 * of_fake, rel=1e-6)
    assert float(r1_r2(**given)) == pytest.approx(0.5 * (of_real + of_fake), rel=1e-6)


def test_the_largest_slope_of_the_batch():
    value = max_gp(discriminate=squares, images=IMAGES, fake_images=1 - IMAGES, uniform=quarter)
    points = IMAGES.numpy() + 0.25 * (1 - 2 * IMAGES.numpy())
    assert float(value) == pytest.approx(np.max(np.sum((2 * points) ** 2, axis=(1, 2, 3))), rel=1e-6)


def test_without_epsilon_the_slope_is_the_norm():
    given = {"discriminate": squares, "images": IMAGES, "fake_images": IMAGES, "uniform": quarter}
    slopes = np.sqrt(np.sum((2 * IMAGES.numpy()) ** 2, axis=(1, 2, 3)))
    assert float(wgangp_penalty(**given, epsilon=0.0)) == pytest.approx(np.mean((slopes - 1) ** 2), rel=1e-6)
    assert float(wgangp_penalty(**given)) != pytest.approx(np.mean((slopes - 1) ** 2), rel=1e-6)


def test_dragan_of_studiogan():
    purposes, images = [], IMAGES.numpy()

    def draws(shape, purpose):
        purposes.append((purpose, tuple(shape)))
        return tf.fill([int(side) for side in shape], 0.5 if purpose == "penalty" else 0.8)

    value = dragan_penalty(discriminate=squares, images=IMAGES, uniform=draws, as_in_studiogan=True, epsilon=0.0)
    points = images + 0.8 * 0.5 * np.std(images, ddof=1) * 0.5
    slopes = np.sqrt(np.sum((2 * points) ** 2, axis=(1, 2, 3)))
    assert float(value) == pytest.approx(np.mean((slopes - 1) ** 2), rel=1e-5)
    assert sorted(purposes) == [("penalty", (2, 2, 2, 1)), ("penalty/alpha", (2, 1, 1, 1))]


def test_bindings():
    penalty = parse([], ["penalty.fn = @wgangp_penalty", "penalty.every = 16", "wgangp_penalty.epsilon = 0.0"]).build(
        Penalty
    )
    assert penalty.every == 16 and penalty.fn.func is wgangp_penalty and penalty.fn.keywords == {"epsilon": 0.0}
    for name, penalty in {"r1": r1, "r2": r2, "r1_r2": r1_r2, "max_gp": max_gp}.items():
        assert parse([], [f"penalty.fn = @{name}"]).build(Penalty).fn is penalty
