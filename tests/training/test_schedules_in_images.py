"""Burn-in and half-life in images: their values, and optimizers that follow them."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.ema import ExponentialMovingAverage
from compare_gan2.training.optimizers import adam, gradient_descent
from compare_gan2.training.schedules import BurnIn, HalfLife

BURN_IN = BurnIn(images=1000, hold=200, lr_factor=0.5, beta2=0.5)


def test_values_move_along_half_a_cosine_and_stay():
    found = [float(BURN_IN.between(4.0, 2.0, images)) for images in (0, 200, 400, 600, 1000, 5000)]
    expected = [4.0, 4.0, 4.0 - 2.0 * (1 - np.cos(np.pi / 4)) / 2, 3.0, 2.0, 2.0]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_burn_in_that_ends_before_it_begins():
    with pytest.raises(ConfigError, match=r"burn_in.images: expected more than burn_in.hold \(200\), got 100"):
        BurnIn(images=100, hold=200)


def in_numpy(gradients, rates, betas):
    """Weights after each step of Adam with beta1 = 0, rate and beta2 of each step."""
    weight, square, course = 0.0, 0.0, []
    for k, (gradient, rate, beta) in enumerate(zip(gradients, rates, betas, strict=True), 1):
        square = beta * square + (1 - beta) * gradient**2
        weight -= rate * gradient / (np.sqrt(square / (1 - beta**k)) + 1e-8)
        course.append(weight)
    return course


@pytest.mark.parametrize("wrap", [lambda function: function, tf.function], ids=["eager", "graph"])
def test_adam_follows(wrap):
    made = BURN_IN.applied(adam(0.1, beta1=0.0, beta2=0.9), 0.1, lambda updates: updates * 100)
    variable = keras.Variable(0.0)
    made.build([variable])
    step = wrap(lambda gradient: made.apply([gradient], [variable]))
    gradients, course = np.random.RandomState(0).standard_normal(14).astype(np.float32), []
    for gradient in gradients:
        step(tf.constant(gradient))
        course.append(float(variable.numpy()))
    way = [float(BURN_IN.way(100 * k)) for k in range(14)]
    rates, betas = [0.1 - 0.05 * w for w in way], [0.9 - 0.4 * w for w in way]
    np.testing.assert_allclose(course, in_numpy(gradients, rates, betas), rtol=1e-4)
    assert not any("learning_rate" in v.path for v in made.variables)


def test_an_optimizer_without_beta2():
    images_of = lambda updates: updates * 100  # noqa: E731
    with pytest.raises(ConfigError, match="burn_in.beta2: expected None with an optimizer other than"):
        BURN_IN.applied(gradient_descent(0.1), 0.1, images_of)
    made = BurnIn(images=100, beta2=None, lr_factor=0.0).applied(gradient_descent(0.1), 0.1, images_of)
    variable = keras.Variable(0.0)
    made.build([variable])
    for _ in range(3):
        made.apply([tf.constant(1.0)], [variable])
    assert float(variable.numpy()) == pytest.approx(-0.1)  # the second and third step are after the burn-in


def test_half_lives():
    plain = HalfLife(images=1000.0, ramp_up=None)
    assert float(plain.rate(0, 1000)) == pytest.approx(0.5)
    ramp = HalfLife(images=1000.0, ramp_up=0.05)
    assert float(ramp.images_now(2000)) == 100.0 and float(ramp.images_now(1e6)) == 1000.0
    assert float(ramp.rate(0, 64)) == 1.0
    rising = HalfLife(images=1000.0, ramp_up=None, burn_in=100.0)
    found = [float(rising.images_now(n)) for n in (0, 50, 100, 1e6)]
    np.testing.assert_allclose(found, [0, 500, 1000, 1000], rtol=1e-6)
    slow = HalfLife(images=5e6, ramp_up=None)  # whose rate is a difference of nearly equal numbers
    assert float(slow.rate(1e9, 512)) == pytest.approx(-np.expm1(-np.log(2) * 512 / 5e6), rel=1e-6)


def test_an_average_by_half_life():
    layer = keras.layers.Dense(1, use_bias=False)
    layer.build([None, 1])
    layer.kernel.assign([[0.0]])
    average = ExponentialMovingAverage(layer, 0.9, 100, HalfLife(images=64.0, ramp_up=None), 64)
    layer.kernel.assign([[1.0]])
    update = tf.function(functools.partial(average.update))
    update(tf.constant(0, tf.int64))
    assert float(average.shadows[0][0, 0]) == pytest.approx(0.5)
    update(tf.constant(1, tf.int64))
    assert float(average.shadows[0][0, 0]) == pytest.approx(0.75)
