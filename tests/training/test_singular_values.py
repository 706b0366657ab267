import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.layers import Dense
from compare_gan2.training.singular_values import largest_singular_values


@pytest.mark.parametrize("settings", [None, {}, {"singular_value": "right"}])
def test_the_largest_singular_value_without_changing_anything(settings):
    small, large = Dense(5), Dense(3, power_iteration=settings, name="large")
    kernel = np.diag([1.0, 7.0, 2.0]).astype(np.float32)
    for layer in (small, large):
        layer(tf.zeros([1, 3]))
    small.kernel.assign(np.ones([3, 5]))
    large.kernel.assign(kernel)
    before = [variable.numpy() for layer in (small, large) for variable in layer.variables]
    found = largest_singular_values([small, large])
    assert found == {small.name: pytest.approx(np.sqrt(15), rel=1e-5), "large": pytest.approx(7.0, rel=1e-3)}
    after = [variable.numpy() for layer in (small, large) for variable in layer.variables]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_kernels():
    assert largest_singular_values([]) == {}


def test_layers_that_are_not_built_are_left_out():
    used, unused = Dense(3, name="used"), Dense(4, name="embed_y")  # labels of an unconditional generator
    used(tf.zeros([1, 2]))
    assert list(largest_singular_values([used, unused])) == ["used"]
    assert largest_singular_values([unused]) == {}
