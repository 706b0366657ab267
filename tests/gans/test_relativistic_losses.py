import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.config.configuration import parse
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.gans.losses import Hinge, Loss, NonSaturating
from compare_gan2.gans.relativistic_losses import (
    RelativisticAverageHinge,
    RelativisticAverageHingeLeCam,
    RelativisticAverageLogistic,
    RelativisticPairing,
)

REAL, FAKE = tf.constant([[1.0], [-2.0], [0.5], [3.0]]), tf.constant([[0.5], [3.0], [-1.0], [2.0]])
ALL = [
    RelativisticPairing,
    RelativisticAverageLogistic,
    RelativisticAverageHinge,
    RelativisticAverageHingeLeCam,
]


def test_a_pair_is_judged_by_its_difference():
    differences = REAL.numpy() - FAKE.numpy()
    loss, real, fake = RelativisticPairing.discriminator(REAL, FAKE)
    assert float(loss) == pytest.approx(np.mean(np.log1p(np.exp(-differences))), rel=1e-6) and real is fake is None
    assert float(RelativisticPairing.generator(FAKE, REAL)) == pytest.approx(np.mean(np.log1p(np.exp(differences))))
    # The same order of both images, another partner: other values.
    assert float(RelativisticPairing.discriminator(REAL[::-1], FAKE)[0]) != pytest.approx(float(loss), rel=1e-3)


@pytest.mark.parametrize(
    "loss, pointwise", [(RelativisticAverageHinge, Hinge), (RelativisticAverageLogistic, NonSaturating)]
)
def test_against_the_mean_of_the_others(loss, pointwise):
    real, fake = REAL - tf.reduce_mean(FAKE), FAKE - tf.reduce_mean(REAL)
    np.testing.assert_allclose(loss.discriminator(REAL, FAKE), pointwise.discriminator(real, fake), rtol=1e-6)
    expected = float(pointwise.real(fake) + pointwise.fake(real))
    assert float(loss.generator(FAKE, REAL)) == pytest.approx(expected, rel=1e-6)


def test_the_hinge_of_lecam_differs_in_the_generator():
    (ours, *_), (theirs, *_) = (
        loss.discriminator(REAL, FAKE) for loss in (RelativisticAverageHinge, RelativisticAverageHingeLeCam)
    )
    assert float(theirs) == pytest.approx(0.5 * float(ours))
    ours, theirs = (
        float(loss.generator(FAKE, REAL)) for loss in (RelativisticAverageHinge, RelativisticAverageHingeLeCam)
    )
    assert theirs != pytest.approx(0.5 * ours, rel=1e-3)


@pytest.mark.parametrize("loss", ALL)
def test_a_constant_added_to_all_logits_changes_nothing(loss):
    for values, others in (
        (loss.discriminator(REAL, FAKE)[0], loss.discriminator(REAL + 7.0, FAKE + 7.0)[0]),
        (loss.generator(FAKE, REAL), loss.generator(FAKE + 7.0, REAL + 7.0)),
    ):
        assert float(values) == pytest.approx(float(others), rel=1e-5)


@pytest.mark.parametrize("loss", ALL)
def test_large_logits_stay_finite(loss):
    huge = tf.constant([[200.0], [-200.0]])
    assert np.all(np.isfinite([loss.discriminator(huge, -huge)[0], loss.generator(-huge, huge)]))


@pytest.mark.parametrize("loss", ALL)
def test_only_columns_are_taken(loss):
    with pytest.raises(ValueError, match=r"shape \[N, 1\], got \(4,\)"):
        loss.discriminator(tf.ones([4, 1]), tf.ones([4]))


@pytest.mark.parametrize("name, loss", [("rpgan", ALL[0]), ("ragan_logistic", ALL[1]), ("ragan_hinge", ALL[2])])
def test_choice_by_name(name, loss):
    assert parse([], [f"loss.fn = @{name}"]).build(Loss).fn is loss


def test_means_are_those_of_all_replicas():
    strategy, _ = get_strategy(False, num_devices=2)
    loss = RelativisticAverageLogistic

    def on_replica():
        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        real, fake = (tf.slice(rows, [2 * number, 0], [2, 1]) for rows in (REAL, FAKE))
        with tf.GradientTape() as tape:
            tape.watch([real, fake])
            value = loss.discriminator(real, fake)[0]
            share = value / 2
        return value, *tape.gradient(share, [real, fake])

    values, *gradients = tf.function(lambda: strategy.run(on_replica))()
    with tf.GradientTape() as tape:
        tape.watch([REAL, FAKE])
        expected = loss.discriminator(REAL, FAKE)[0]
    for value in strategy.experimental_local_results(values):
        assert float(value) == pytest.approx(float(expected), rel=1e-6)
    for ours, wanted in zip(gradients, tape.gradient(expected, [REAL, FAKE]), strict=True):
        np.testing.assert_allclose(tf.concat(strategy.experimental_local_results(ours), 0), wanted, rtol=1e-5)
