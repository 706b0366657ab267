import pytest
import tensorflow as tf

from compare_gan2.augmentation.base import Augmentation, chosen
from compare_gan2.config.declare import configurable
from compare_gan2.ground.errors import ConfigError

GROUPS = {"both": ("a", "b"), "c": ("c",)}


@pytest.mark.parametrize("given, expected", [("both,c", ["a", "b", "c"]), (["c", "a"], ["c", "a"]), ("b", ["b"])])
def test_groups_and_single_operations(given, expected):
    assert chosen("x.y", given, GROUPS) == expected


@pytest.mark.parametrize("given", ["both,a", ["c", "c"]])
def test_nothing_twice(given):
    with pytest.raises(ConfigError, match="x.y: expected each operation once"):
        chosen("x.y", given, GROUPS)


def test_the_base_augments_nothing():
    @configurable("augments_nothing", module="tests.test_base")
    class AugmentsNothing(Augmentation):
        pass

    with pytest.raises(NotImplementedError):
        AugmentsNothing()(tf.zeros([1, 4, 4, 1]), None)
