import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.config.configuration import parse
from compare_gan2.gans.losses import (
    Hinge,
    LeastSquares,
    LeastSquaresLeCam,
    LeastSquaresOfLogits,
    Loss,
    NonSaturating,
    Wasserstein,
)
from compare_gan2.ground.errors import ConfigError

REAL, FAKE = tf.constant([[1.0], [-2.0]]), tf.constant([[0.5], [3.0]])


@pytest.mark.parametrize(
    "loss, recorded",
    [
        (NonSaturating, (3.231427, 1.220095, 2.011332, 0.261332)),
        (Wasserstein, (2.25, 0.5, 1.75, -1.75)),
        (LeastSquares, (0.535747, 0.424066, 0.647427, 0.036197)),
        (Hinge, (4.25, 1.5, 2.75, -1.75)),
    ],
)
def test_values_of_the_original(loss, recorded):
    np.testing.assert_allclose([*loss.discriminator(REAL, FAKE), loss.generator(FAKE)], recorded, rtol=2e-6, atol=5e-7)


def test_least_squares_of_logits_and_those_of_lecam():
    real, fake = np.mean([0.0, 9.0]), np.mean([0.25, 9.0])
    expected = (0.5 * (real + fake), real, fake, 0.5 * np.mean([0.25, 4.0]))
    found = [*LeastSquaresOfLogits.discriminator(REAL, FAKE), LeastSquaresOfLogits.generator(FAKE)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    real, fake = np.mean([4.0, 1.0]), np.mean([0.25, 4.0])
    found = [*LeastSquaresLeCam.discriminator(REAL, FAKE), LeastSquaresLeCam.generator(FAKE)]
    np.testing.assert_allclose(found, (real + fake, real, fake, np.mean([0.25, 9.0])), rtol=1e-6)


def test_the_mean_of_the_examples_is_the_generators_loss():
    for loss in (NonSaturating, Wasserstein, LeastSquares, LeastSquaresOfLogits, LeastSquaresLeCam, Hinge):
        assert loss.generator_values(FAKE).shape == (2, 1)
        assert float(loss.generator(FAKE)) == pytest.approx(np.mean(loss.generator_values(FAKE)), rel=1e-6)


@pytest.mark.parametrize("loss", [NonSaturating, Wasserstein, LeastSquares, Hinge])
def test_large_logits_stay_finite(loss):
    huge = tf.constant([[200.0], [-200.0]])
    assert np.all(np.isfinite([*loss.discriminator(huge, huge), loss.generator(huge)]))


def test_only_columns_are_taken():
    with pytest.raises(ValueError, match=r"shape \[N, 1\], got \(4,\)"):
        Hinge.discriminator(tf.ones([4, 1]), tf.ones([4]))


@pytest.mark.parametrize(
    "name, loss", [("hinge", Hinge), ("least_squares", LeastSquares), ("wasserstein", Wasserstein)]
)
def test_choice_by_name(name, loss):
    assert parse([], [f"loss.fn = @{name}"]).build(Loss).fn is loss
    assert parse().build(Loss).fn is NonSaturating


def test_a_text_is_no_loss():
    config = parse([], ["loss.fn = 'hinge'"])
    with pytest.raises(ConfigError, match=r"loss\.fn: expected one of @hinge, @least_squares, .*got 'hinge' \(str\)"):
        config.build(Loss)
