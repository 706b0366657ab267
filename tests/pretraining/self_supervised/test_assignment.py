import numpy as np
import tensorflow as tf

from compare_gan2.pretraining.self_supervised.assignment import balanced_codes

SCORES = np.random.RandomState(0).uniform(-1, 1, [12, 3]).astype(np.float32)


def test_codes_use_all_prototypes_equally():
    codes = balanced_codes(tf.constant(SCORES), 0.2, 30).numpy()
    np.testing.assert_allclose(codes.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(codes.sum(axis=0), 4, rtol=1e-3)


def test_codes_stay_finite_and_become_hard_with_a_small_epsilon():
    codes = balanced_codes(tf.constant(SCORES), 1e-3, 3).numpy()
    assert np.all(np.isfinite(codes)) and codes.max(axis=1).min() > 0.5
