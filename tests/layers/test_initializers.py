import keras
import numpy as np
import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.initializers import Weights, kernel_initializer
from compare_gan2.layers.weighted import Conv2D, Dense

SHAPE = (3, 3, 50, 40)


@pytest.mark.parametrize("name, deviation", [("normal", 0.02), ("truncated", 0.0176)])
def test_deviation(name, deviation):
    values = np.array(kernel_initializer(name)(SHAPE))
    assert values.std() == pytest.approx(deviation, rel=0.02)
    assert (np.abs(values).max() <= 0.04) == (name == "truncated")


def test_orthogonal_on_the_flattened_kernel():
    matrix = np.array(kernel_initializer("orthogonal")(SHAPE)).reshape(-1, 40)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(40), atol=1e-5)


def test_glorot():
    assert np.array(kernel_initializer("glorot_normal")((300, 200))).std() == pytest.approx(np.sqrt(2 / 500), rel=0.02)


def test_layers_start_unequal_and_again_equal_for_an_equal_seed():
    kernels = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        layers = [Dense(4, name="a"), Dense(4, name="b")]
        for layer in layers:
            layer.build((None, 5))
        kernels.append([layer.kernel.numpy() for layer in layers])
    assert np.any(kernels[0][0] != kernels[0][1])
    np.testing.assert_array_equal(kernels[0], kernels[1])


def test_biases_start_at_zero_whatever_the_initializer():
    layer = Conv2D(4, initializer="orthogonal")
    layer.build((None, 4, 4, 3))
    assert not np.any(layer.bias)


def test_bound_deviation_has_no_effect():
    weights = parse([], ["weights.stddev = 3.0", "weights.initializer = 'truncated'"]).build(Weights)
    assert np.array(kernel_initializer(weights.initializer)(SHAPE)).std() < 0.02


def test_unknown_name():
    config = parse([], ["weights.initializer = 'he'"])
    with pytest.raises(ConfigError, match="weights.initializer: expected one of 'normal', 'truncated', .*got 'he'"):
        config.build(Weights)
