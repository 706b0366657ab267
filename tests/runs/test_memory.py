"""What does not fit into memory is refused in one line."""

import pytest
import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.memory import require_room_for_batches, room_for_variables


def test_variables_of_terabytes():
    with pytest.raises(ConfigError, match=r"tensor of shape ?\[1000000,1000000\]: choose a") as caught:
        with room_for_variables():
            tf.Variable(tf.random.stateless_uniform([10**6, 10**6], [0, 0]))
    assert "\n" not in str(caught.value)


def test_batches():
    require_room_for_batches(64, 5, (32, 32, 3), available=4 * 64 * 5 * 3072)
    with pytest.raises(ConfigError, match=r"^options\.batch_size: .*got 64 images of 32x32x3, 5 times per step"):
        require_room_for_batches(64, 5, (32, 32, 3), available=4 * 64 * 5 * 3072 - 1)
