import random

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.initializers import INITIALIZERS, Weights, initial_values, initializer, overwritten
from compare_gan2.layers.weighted import Conv2D, Dense

SHAPE = (3, 3, 50, 40)
OF_KERAS = {
    "normal": keras.initializers.RandomNormal(stddev=0.02, seed=5),
    "truncated": keras.initializers.TruncatedNormal(stddev=0.02, seed=5),
    "orthogonal": keras.initializers.Orthogonal(seed=5),
    "glorot_normal": keras.initializers.GlorotNormal(seed=5),
    "unit_normal": keras.initializers.RandomNormal(stddev=1.0, seed=5),
}


def values(name, shape=SHAPE, seed=3, path="generator/conv1/kernel"):
    with initial_values(seed, "test"):
        return np.array(initializer(name, path)(shape))


@pytest.mark.parametrize("shape", [SHAPE, (20, 900), (900, 20)])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_distribution_is_that_of_keras(name, shape):
    ours, of_keras = values(name, shape), np.array(OF_KERAS[name](shape))
    assert ours.shape == of_keras.shape == shape and ours.dtype == of_keras.dtype == np.float32
    deviation = of_keras.std()
    assert abs(ours.mean()) < 4 * deviation / np.sqrt(ours.size)
    assert ours.std() == pytest.approx(deviation, rel=0.02)
    kurtosis = [scipy.stats.kurtosis(each.ravel()) for each in (ours, of_keras)]
    assert kurtosis[0] == pytest.approx(kurtosis[1], abs=0.15)
    assert scipy.stats.ks_2samp(ours.ravel(), of_keras.ravel()).pvalue > 1e-3
    assert np.abs(ours).max() == pytest.approx(np.abs(of_keras).max(), rel=0.35 if "truncated" not in name else 0.01)


@pytest.mark.parametrize("name, deviation", [("normal", 0.02), ("truncated", 0.0176)])
def test_deviation(name, deviation):
    assert values(name).std() == pytest.approx(deviation, rel=0.02)
    assert (np.abs(values(name)).max() <= 0.04) == (name == "truncated")


@pytest.mark.parametrize("shape", [SHAPE, (2, 2, 3, 40), (7, 7)])
def test_orthogonal_on_the_flattened_kernel(shape):
    matrix = values("orthogonal", shape).reshape(-1, shape[-1])
    product = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    np.testing.assert_allclose(product, np.eye(min(matrix.shape)), atol=1e-5)


def test_orthogonal_kernels_have_no_preferred_sign():
    diagonals = [np.diag(values("orthogonal", (4, 4), seed)) for seed in range(100)]
    assert np.abs(np.mean(diagonals, axis=0)).max() < 0.2  # a plain QR factor has a diagonal below zero


@pytest.mark.parametrize("name", INITIALIZERS)
def test_seed_and_path_alone_decide(name):
    expected = values(name)
    random.random(), np.random.random_sample(), tf.random.uniform([]), keras.random.uniform([])
    keras.utils.set_random_seed(77)
    np.testing.assert_array_equal(values(name), expected)
    with initial_values(3, "test"):
        in_graph = tf.function(lambda: initializer(name, "generator/conv1/kernel")(SHAPE))()
    np.testing.assert_allclose(in_graph, expected, rtol=1e-5, atol=1e-6)
    for other in ({"seed": 4}, {"path": "generator/conv2/kernel"}, {"path": "discriminator/conv1/kernel"}):
        assert abs(np.corrcoef(values(name, **other).ravel(), expected.ravel())[0, 1]) < 0.05


def test_the_values_stay_what_they_were():
    """Recorded by the version that introduced them; others would change every run."""
    assert values("normal", (2, 2)).ravel() == pytest.approx(RECORDED_NORMAL, rel=1e-5)
    assert values("orthogonal", (2, 2)).ravel() == pytest.approx(RECORDED_ORTHOGONAL, rel=1e-5)


RECORDED_NORMAL = [-0.0082153371, -0.00059130794, -0.0022858297, -0.022474062]
RECORDED_ORTHOGONAL = [-0.96340322, 0.26805663, -0.26805663, -0.96340317]


def test_the_largest_seed():
    assert np.any(values("normal", seed=2**32 - 1) != values("normal", seed=2**32 - 2))


def test_layers_alone_follow_the_seed_of_keras():
    kernels = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        layers = [Dense(4, name="a"), Dense(4, name="b")]
        for layer in layers:
            layer.build((None, 5))
        kernels.append([layer.kernel.numpy() for layer in layers])
    assert np.any(kernels[0][0] != kernels[0][1])
    np.testing.assert_array_equal(kernels[0], kernels[1])


def draws():
    """One draw of each generator that layers of Keras or of a user may use, and one of such a layer."""
    layer = keras.layers.Dense(1, kernel_initializer="random_normal")
    layer.build([None, 1])
    dropped = keras.layers.Dropout(0.5)(tf.ones([64]), training=True)
    return random.random(), np.random.random_sample(), float(layer.kernel[0, 0]), float(tf.reduce_sum(dropped))


def test_layers_of_keras_follow_the_seed_and_the_name():
    drawn = {}
    for key, given in {"a": (3, "x"), "b": (3, "x"), "c": (4, "x"), "d": (3, "y")}.items():
        draws()  # wherever the process was before
        with initial_values(*given):
            drawn[key] = draws()
    assert drawn["a"] == drawn["b"]
    assert len({each[:3] for each in drawn.values()}) == 3


@pytest.mark.parametrize("fails", [False, True])
def test_the_draws_of_the_process_are_not_touched(fails):
    def three(inside):
        keras.utils.set_random_seed(11)
        first = (*draws(), float(tf.random.uniform([])), float(keras.random.uniform([])))
        if inside:
            try:
                with initial_values(3, "x"):
                    draws()
                    keras.random.uniform([])
                    if fails:
                        raise KeyboardInterrupt
            except KeyboardInterrupt:
                pass
        return first, draws(), float(tf.random.uniform([])), float(keras.random.uniform([]))

    assert three(inside=True) == three(inside=False)


def test_scopes_inside_each_other():
    with initial_values(1, "outer"):
        with initial_values(2, "inner"):
            inner = np.array(initializer("normal", "p")((3,)))
        outer = np.array(initializer("normal", "p")((3,)))
    np.testing.assert_array_equal(inner, values("normal", (3,), 2, "p"))
    np.testing.assert_array_equal(outer, values("normal", (3,), 1, "p"))


def test_biases_start_at_zero_whatever_the_initializer():
    layer = Conv2D(4, initializer="orthogonal")
    layer.build((None, 4, 4, 3))
    assert not np.any(layer.bias)


def test_bound_deviation_has_no_effect():
    weights = parse([], ["weights.stddev = 3.0", "weights.initializer = 'truncated'"]).build(Weights)
    assert values(weights.initializer).std() < 0.02


def test_unknown_name():
    config = parse([], ["weights.initializer = 'he'"])
    with pytest.raises(ConfigError, match="weights.initializer: expected one of 'normal', 'truncated', .*got 'he'"):
        config.build(Weights)


@pytest.mark.parametrize("shape", [(3, 3, 50, 40), (3, 3, 16, 72), (20, 900), (64, 128), (130, 64), (9, 1)])
def test_the_cholesky_form_gives_the_factor_of_the_qr_decomposition(shape):
    rows, columns = np.prod(shape[:-1]), shape[-1]
    tall = max(rows, columns), min(rows, columns)
    drawn = values("unit_normal", tall).astype(np.float64)
    q, r = np.linalg.qr(drawn)
    expected = q * np.sign(np.diag(r))
    expected = (expected if rows >= columns else expected.T).reshape(shape)
    np.testing.assert_allclose(values("orthogonal", shape), expected, rtol=0, atol=1e-6)


def test_what_a_checkpoint_overwrites_is_not_drawn():
    with overwritten(), initial_values(3, "test"):
        layer = Dense(5, name="dense")
        layer.build((None, 7))
        drawn = {name: initializer(name, "kernel")((30, 4), "float32").numpy() for name in INITIALIZERS}
    assert np.isnan(layer.kernel.numpy()).all() and not np.isnan(layer.bias.numpy()).any()
    for array in drawn.values():
        assert array.shape == (30, 4) and array.dtype == np.float32 and np.isnan(array).all()
    assert not np.isnan(values("normal")).any()  # afterwards values are drawn again
