import numpy as np
import tensorflow as tf
from support.field_goldens import field_case

from compare_gan2.augmentation.ada_filters import filter_bank, filtered


def test_bank_is_the_recorded_one():
    np.testing.assert_allclose(filter_bank(), field_case("ada_augment")[1]["filter_bank"], atol=1e-7)
    np.testing.assert_allclose(filter_bank().sum(0), np.eye(43)[21], atol=1e-6)


def test_each_image_has_its_own_gains():
    images = tf.random.stateless_uniform([2, 24, 32, 1], [0, 1])
    outputs = filtered(images, tf.constant([[1.0, 1, 1, 1], [1, 1, 1, 4]]))
    np.testing.assert_allclose(outputs[0], images[0], atol=1e-5)
    assert np.std(outputs[1]) > 1.2 * np.std(images[1])
