import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.augmentation.apa import Apa, mixed
from compare_gan2.ground.errors import ConfigError


def test_fakes_are_constants():
    real, fake = tf.ones([2, 2, 2, 1]), tf.zeros([2, 2, 2, 1])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        total = tf.reduce_sum(mixed(real, fake, tf.constant([0.1, 0.9]), 0.5))
    assert tape.gradient(total, fake) is None
    np.testing.assert_array_equal(tape.gradient(total, real)[:, 0, 0, 0], [0, 1])


def test_bad_options():
    with pytest.raises(ConfigError, match="apa.p: expected a number from 0 to 1, got 2"):
        Apa(p=2)
