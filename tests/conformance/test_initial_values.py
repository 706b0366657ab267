"""Every initial value is a function of (seed, path of the variable), whatever else was built and in which order."""

import itertools
import zlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from support import tiny_architecture
from support.catalogue import GANS, NETWORKS, NOT_THE_DEEPEST

from compare_gan2 import architectures
from compare_gan2.config.configuration import parse
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.gans.make_gan import network_options
from compare_gan2.layers.initializers import initial_values, initializer
from compare_gan2.metrics.networks.feature_networks import feature_network


def values(model):
    """{path: array} of all variables."""
    return {variable.path: np.array(variable) for variable in model.variables}


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for path, value in expected.items():
        np.testing.assert_array_equal(found[path], value, err_msg=path)


def generator(case, seed=0):
    network_class = architectures.ARCHITECTURES[case.architecture].Generator
    options = network_options(parse([], case.bindings), network_class, image_shape=case.image_shape)
    return values(architectures.built(network_class, options, case.z_dim, case.num_classes, seed))


def discriminator(case, seed=0):
    network_class = architectures.ARCHITECTURES[case.architecture].Discriminator
    options = network_options(parse([], case.bindings), network_class)
    return values(architectures.built(network_class, options, case.image_shape, case.num_classes, seed))


@pytest.mark.parametrize("name", NOT_THE_DEEPEST)
def test_networks_of_every_architecture(name):
    case = NETWORKS[name]
    first, second = generator(case), discriminator(case)
    keras.utils.set_random_seed(123)
    keras.layers.Dense(3).build([None, 3])  # moves every counter that Keras numbers layers with
    assert_equal(discriminator(case), second)
    assert_equal(generator(case), first)
    both = first | second
    assert len({zlib.crc32(path.encode()) for path in both}) == len(both) == len(first) + len(second)

    drawn = {path: value for path, value in both.items() if len(np.unique(value)) > 1}
    assert {path.rpartition("/")[2] for path in drawn} <= {"kernel", "u_var", "V", "basis", "const", "noise_const"}
    for (path, value), (other, of_other) in itertools.combinations(drawn.items(), 2):
        least = min(value.size, of_other.size)
        assert least < 4 or not np.allclose(value.ravel()[:least], of_other.ravel()[:least]), (path, other)
    if drawn:
        assert any(np.any(value != first[path]) for path, value in generator(case, seed=1).items() if path in drawn)


def test_the_path_of_a_draw_is_that_of_the_variable():
    case = NETWORKS["cifar_self_modulated"]  # with layers inside of layers, and vectors of spectral norm
    found = generator(case, seed=9) | discriminator(case, seed=9)
    expected = {}
    with initial_values(9, "any"):
        for path, value in found.items():
            last = path.rpartition("/")[2]
            name = {"kernel": "normal", "u_var": "unit_normal"}.get(last)
            if name is not None:
                expected[path] = np.array(initializer(name, path)(value.shape))
    assert len(expected) > 20
    assert_equal({path: found[path] for path in expected}, expected)


GAN = "s3gan"


def gan_values(seed=0, steps=("generator", "gan")):
    gan = GANS[GAN].spec().make(seed)
    for step in steps:
        if step == "generator":
            gan.build_generator(seed)
        elif step == "discriminator":
            gan.discriminator.create_variables(seed, image_shape=gan.image_shape, num_classes=gan.num_classes)
        else:
            gan.build(seed)
    found = {}
    for part in (gan.generator, gan.discriminator, *gan.heads):
        found |= values(part)
    return found


def test_parts_of_a_gan_in_any_order():
    expected = gan_values()
    assert {path.split("/")[0] for path in expected} > {"generator", "discriminator"}, "no heads"
    assert_equal(gan_values(steps=("gan",)), expected)
    assert_equal(gan_values(steps=("discriminator", "generator", "gan")), expected)
    GANS["ssgan"].make()
    feature_network("digits")
    assert_equal(gan_values(), expected)
    strategy, _ = get_strategy()
    assert strategy.num_replicas_in_sync == 2
    with strategy.scope():
        assert_equal(gan_values(), expected)
    other = gan_values(seed=1)
    kernels = [path for path in expected if path.endswith("/kernel")]
    assert kernels and all(np.any(other[path] != expected[path]) for path in kernels)


@keras.saving.register_keras_serializable("tests.initial_values")
class OfKeras(tiny_architecture.Generator):
    """A user's generator with layers of Keras, one of which its constructor does not make."""

    def __init__(self, image_shape, **kwargs):
        super().__init__(image_shape, **kwargs)
        self.first = keras.layers.Dense(5)
        self.frequencies = np.random.standard_normal(3)

    def call(self, latents, labels=None, training=False):
        return super().call(self.first(latents), labels, training)

    def build(self, latents_shape, labels_shape=None):
        self.second = keras.layers.Dense(4)
        self.second.build([None, 3])


def test_layers_of_keras_in_a_network_of_ones_own():
    def made(seed):
        network = architectures.built(OfKeras, {"image_shape": (8, 8, 3)}, 6, None, seed)
        return [*network.first.get_weights(), *network.second.get_weights(), network.frequencies]

    expected = made(0)
    np.random.random_sample(3), keras.layers.Dense(3).build([None, 3]), tf.random.uniform([])
    for value, again, other in zip(expected, made(0), made(1), strict=True):
        np.testing.assert_array_equal(value, again)
        assert not np.any(value) or np.any(value != other)
