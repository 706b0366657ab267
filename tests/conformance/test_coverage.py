"""Whatever is public must be in the catalogue, or none of the properties beside this file is ever checked for it."""

import importlib
import inspect
import pkgutil

import keras
from support.catalogue import GANS, LAYERS, NETWORKS

import compare_gan2.gans
import compare_gan2.layers
from compare_gan2.architectures import ARCHITECTURES
from compare_gan2.gans.discriminator_with_heads import DiscriminatorWithHeads
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.layers.equalized import EqualizedLayer
from compare_gan2.layers.normalization import Accumulators, GainAndOffset, Standardize
from compare_gan2.layers.weight_norm import WeightNormalized
from compare_gan2.layers.weighted import KernelLayer

# Bases and parts of the layers in the catalogue, never used by themselves.
PARTS = {Accumulators, EqualizedLayer, GainAndOffset, KernelLayer, Standardize, WeightNormalized}
# Networks joined from layers in the catalogue, for inference; tests/gans/test_discriminator_with_heads.py has them.
JOINED = {DiscriminatorWithHeads}


def defined_in(package, base):
    """Public subclasses of `base` that the modules of a package define."""
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]
    classes = {value for module in modules for value in vars(module).values() if inspect.isclass(value)}
    own = {c for c in classes if c.__module__.startswith(package.__name__) and not c.__name__.startswith("_")}
    return {c for c in own if issubclass(c, base)}


def test_every_layer_is_in_the_catalogue():
    layers = defined_in(compare_gan2.layers, keras.layers.Layer) | defined_in(compare_gan2.gans, keras.layers.Layer)
    assert layers - PARTS - JOINED == {case.layer_class for case in LAYERS.values()}


def test_every_architecture_is_in_the_catalogue():
    assert set(ARCHITECTURES) - {"tiny_arch"} == {case.architecture for case in NETWORKS.values()}


def test_every_gan_is_in_the_catalogue():
    assert {c.__name__ for c in defined_in(compare_gan2.gans, ModularGAN)} == {c.gan_class for c in GANS.values()}
