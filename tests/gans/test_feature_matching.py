import numpy as np
import pytest
import tensorflow as tf
from support.losses_in_numpy import fakes, made

from compare_gan2.gans.feature_matching import FeatureMatching
from compare_gan2.ground.errors import ConfigError

REAL = np.random.RandomState(0).standard_normal([6, 2, 3]).astype(np.float32)
FAKE = np.random.RandomState(1).standard_normal([6, 2, 3]).astype(np.float32)


def test_distance_of_the_means():
    difference = FAKE.mean(0) - REAL.mean(0)
    assert float(FeatureMatching().between(REAL, FAKE)) == pytest.approx(np.sum(difference**2), rel=1e-5)
    l1 = FeatureMatching(distance="l1").between(REAL, FAKE)
    assert float(l1) == pytest.approx(np.mean(np.abs(difference)), rel=1e-5)


@pytest.mark.parametrize("gan_class", ["ModularGAN", "SSGAN", "S3GAN"])
@pytest.mark.parametrize("together", [False, True])
def test_in_the_place_of_the_adversarial_loss_or_beside_it(gan_class, together):
    bindings = {
        "ModularGAN": (),
        "SSGAN": ("SSGAN.rotated_batch_size = 8", "SSGAN.weight_rotation_loss_g = 0.0"),
        "S3GAN": ("ModularGAN.conditional = True", "S3GAN.rotated_batch_fraction = 2", "S3GAN.self_supervision = None"),
    }[gan_class]
    given = ("ModularGAN.regularizers = [@feature_matching()]", f"feature_matching.with_adversarial = {together}")
    case, gan = made(gan_class, *bindings, *given, "feature_matching.weight = 0.5")
    _, plain = made(gan_class, *bindings)
    batch, images = gan.prepare(case.batch()), tf.constant(fakes())
    loss, scalars = gan.generator_loss(batch, images)
    features = [
        gan.discriminator(x, y).features for x, y in ((batch.images, batch.labels), (images, batch.sampled_labels))
    ]
    distance = float(FeatureMatching().between(*features))
    assert float(scalars["loss/feature_matching"]) == pytest.approx(distance, rel=1e-4)
    adversarial = float(plain.generator_loss(batch, images)[0]) if together else 0.0
    assert float(loss) == pytest.approx(adversarial + 0.5 * distance, rel=1e-4)


def test_options():
    with pytest.raises(ConfigError, match="feature_matching.distance: expected one of 'squared_l2', 'l1', got 'l2'"):
        FeatureMatching(distance="l2")
    with pytest.raises(ConfigError, match="feature_matching.weight: expected"):
        FeatureMatching(weight=-1.0)
