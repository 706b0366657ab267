"""Classifying heads against NumPy; tests/gans/test_label_heads.py has what all heads have in common."""

import numpy as np
import pytest
import tensorflow as tf
from support.losses_in_numpy import one_hot, softmax

from compare_gan2.gans.auxiliary_classifiers import (
    AuxiliaryClassifier,
    DiscriminativeClassifier,
    TwinAuxiliaryClassifier,
    as_fake,
    as_real,
)
from compare_gan2.gans.label_heads import examples

RANDOM = np.random.RandomState(3)
REAL, FAKE = RANDOM.standard_normal([2, 5, 3]).astype(np.float32)
LABELS, FAKE_LABELS = np.array([0, 2, -1, 1, 2]), np.array([1, 1, 0, 2, 0])


def loss(logits, labels):
    known = labels >= 0
    return -np.mean(np.log(softmax(logits)[known, labels[known]]))


def both(real, fake):
    vectors = [tf.constant(one_hot(labels)) for labels in (LABELS, FAKE_LABELS)]
    return examples([tf.constant(real), tf.constant(fake)], vectors)


def values(terms):
    return {tag: (weight, pytest.approx(float(value), rel=1e-5)) for tag, weight, value in terms}


@pytest.mark.parametrize("classify_fakes", [True, False])
def test_acgan(classify_fakes):
    head = AuxiliaryClassifier(weight_d=0.5, weight_g=0.25, classify_fakes=classify_fakes)
    real, fake = both(REAL, FAKE)
    expected = {"loss/acgan_real": (0.5, loss(REAL, LABELS)), "loss/acgan_fake": (0.5, loss(FAKE, FAKE_LABELS))}
    if not classify_fakes:
        del expected["loss/acgan_fake"]
    assert values(head.terms_of_discriminator(real, fake if classify_fakes else None)) == expected
    assert values(head.terms_of_generator(fake)) == {"loss/acgan_g": (0.25, loss(FAKE, FAKE_LABELS))}


def test_tac():
    head = TwinAuxiliaryClassifier(weight_d=2.0, weight_g=3.0, weight_twin_d=4.0, weight_twin_g=5.0)
    twin = RANDOM.standard_normal([5, 3]).astype(np.float32)
    real, fake = both(np.stack([REAL, twin + 1], 1), np.stack([FAKE, twin], 1))
    of_twin = loss(twin, FAKE_LABELS)
    expected = {"loss/tac_real": (2.0, loss(REAL, LABELS)), "loss/tac_twin_d": (4.0, of_twin)}
    assert values(head.terms_of_discriminator(real, fake)) == expected
    expected = {"loss/tac_g": (3.0, loss(FAKE, FAKE_LABELS)), "loss/tac_twin_g": (-5.0, of_twin)}
    assert values(head.terms_of_generator(fake)) == expected


def test_adc():
    real_logits, fake_logits = RANDOM.standard_normal([2, 5, 6]).astype(np.float32)
    real, fake = both(real_logits, fake_logits)
    known = np.where(LABELS < 0, -1, 2 * LABELS)
    wanted, found = (loss(fake_logits, 2 * FAKE_LABELS + origin) for origin in (0, 1))
    head = DiscriminativeClassifier(weight_d=2.0, weight_g=3.0)
    expected = {"loss/adc_real": (2.0, loss(real_logits, known)), "loss/adc_fake": (2.0, found)}
    assert values(head.terms_of_discriminator(real, fake)) == expected
    assert values(head.terms_of_generator(fake)) == {"loss/adc_g": (3.0, wanted - found)}


def test_targets_of_adc():
    labels = tf.constant([[0.25, 0.75], [0.0, 0.0]])
    np.testing.assert_array_equal(as_real(labels), [[0.25, 0, 0.75, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(as_fake(labels), [[0, 0.25, 0, 0.75], [0, 0, 0, 0]])
