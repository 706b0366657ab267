"""The examples in the docstrings of layers and networks run, and every public class has one."""

import doctest
import importlib
import inspect
import pkgutil

import keras
import pytest
import tensorflow as tf

import compare_gan2.architectures
import compare_gan2.layers

MODULES = [compare_gan2.layers, compare_gan2.architectures] + [
    importlib.import_module(f"{package.__name__}.{found.name}")
    for package in (compare_gan2.architectures, compare_gan2.layers)
    for found in pkgutil.iter_modules(package.__path__)
]
WITHOUT = {  # bases, parts that need the factory of a network, and stages of one network
    *("KernelLayer", "Standardize", "WeightNormalized", "Network", "Generator of base", "Discriminator of base"),
    *("ResNetBlock", "BigGanResNetBlock", "BigGanDeepResNetBlock", "NormedConv", "AddedChannels"),
    *("Block", "Stage", "GeneratorStage", "DiscriminatorStage", "EqualizedLayer"),
    *("Mapping", "SynthesisBlock", "DiscriminatorBlock", "DiscriminatorEpilogue"),
}


def layers_without_example(module):
    """Names of the Keras layers and models that a module defines and shows no example of."""
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    layers = {name for name, value in own.items() if inspect.isclass(value) and issubclass(value, keras.layers.Layer)}
    return {
        f"{name} of base" if name in ("Generator", "Discriminator") and module.__name__.endswith(".base") else name
        for name in layers
        if not name.startswith("_") and ">>>" not in inspect.getdoc(own[name])
    }


def test_every_layer_and_network_has_an_example():
    assert set().union(*map(layers_without_example, MODULES)) == WITHOUT


EXAMPLES = [test for module in MODULES for test in doctest.DocTestFinder().find(module) if test.examples]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name.removeprefix("compare_gan2."))
def test_example(example):
    example.globs["tf"] = tf
    report = []
    results = doctest.DocTestRunner().run(example, out=report.append)
    assert results.failed == 0 and results.attempted > 0, "".join(report)
