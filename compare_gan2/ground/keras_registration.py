"""Names of our classes for Keras, known before the classes are imported.

`keras.saving.load_model` finds only classes that are registered, which happens when their module is imported.
`import compare_gan2` imports neither Keras nor these modules; it installs placeholders that import a class when Keras
first makes an instance of it. The registration of the class itself then replaces the placeholder.
"""

import importlib
import sys

from compare_gan2.ground.import_hook import ImportHook

# Registered name -> module, by name alone: this room imports none of those above it. A test compares the table with all
# classes of the package that are registered.
REGISTERED = {
    "compare_gan2>BatchNorm": "compare_gan2.layers.normalization",
    "compare_gan2>ClassProjection": "compare_gan2.layers.weighted",
    "compare_gan2>ConditionalBatchNorm": "compare_gan2.layers.normalization",
    "compare_gan2>Conv2D": "compare_gan2.layers.weighted",
    "compare_gan2>Conv2DTranspose": "compare_gan2.layers.weighted",
    "compare_gan2>Dense": "compare_gan2.layers.weighted",
    "compare_gan2>DiscriminatorWithHeads": "compare_gan2.gans.discriminator_with_heads",
    "compare_gan2>EqualizedConv2D": "compare_gan2.layers.equalized",
    "compare_gan2>EqualizedDense": "compare_gan2.layers.equalized",
    "compare_gan2>GroupedConv2D": "compare_gan2.layers.grouped_conv",
    "compare_gan2>LayerNorm": "compare_gan2.layers.layer_norm",
    "compare_gan2>LinearHead": "compare_gan2.gans.heads",
    "compare_gan2>ModulatedConv2D": "compare_gan2.layers.modulated_conv",
    "compare_gan2>NoBatchNorm": "compare_gan2.layers.normalization",
    "compare_gan2>NonLocalBlock": "compare_gan2.layers.attention",
    "compare_gan2>ScaledDense": "compare_gan2.layers.scaled_dense",
    "compare_gan2>SelfModulatedBatchNorm": "compare_gan2.layers.normalization",
    "compare_gan2>SpectralNorm": "compare_gan2.layers.spectral_norm",
    "compare_gan2>WeightNormConv2D": "compare_gan2.layers.weight_norm",
    "compare_gan2>WeightNormConv2DTranspose": "compare_gan2.layers.weight_norm",
    "compare_gan2>WeightNormDense": "compare_gan2.layers.weight_norm",
    "compare_gan2.dcgan>Discriminator": "compare_gan2.architectures.dcgan",
    "compare_gan2.dcgan>Generator": "compare_gan2.architectures.dcgan",
    "compare_gan2.dummy>Discriminator": "compare_gan2.architectures.dummy",
    "compare_gan2.dummy>Generator": "compare_gan2.architectures.dummy",
    "compare_gan2.infogan>Discriminator": "compare_gan2.architectures.infogan",
    "compare_gan2.infogan>Generator": "compare_gan2.architectures.infogan",
    "compare_gan2.r3gan>Discriminator": "compare_gan2.architectures.r3gan",
    "compare_gan2.r3gan>Generator": "compare_gan2.architectures.r3gan",
    "compare_gan2.resnet30>Discriminator": "compare_gan2.architectures.resnet30",
    "compare_gan2.resnet30>Generator": "compare_gan2.architectures.resnet30",
    "compare_gan2.resnet5>Discriminator": "compare_gan2.architectures.resnet5",
    "compare_gan2.resnet5>Generator": "compare_gan2.architectures.resnet5",
    "compare_gan2.resnet_biggan>Discriminator": "compare_gan2.architectures.resnet_biggan",
    "compare_gan2.resnet_biggan>Generator": "compare_gan2.architectures.resnet_biggan",
    "compare_gan2.resnet_biggan_deep>Discriminator": "compare_gan2.architectures.resnet_biggan_deep",
    "compare_gan2.resnet_biggan_deep>Generator": "compare_gan2.architectures.resnet_biggan_deep",
    "compare_gan2.resnet_cifar>Discriminator": "compare_gan2.architectures.resnet_cifar",
    "compare_gan2.resnet_cifar>Generator": "compare_gan2.architectures.resnet_cifar",
    "compare_gan2.resnet_stl>Discriminator": "compare_gan2.architectures.resnet_stl",
    "compare_gan2.resnet_stl>Generator": "compare_gan2.architectures.resnet_stl",
    "compare_gan2.sndcgan>Discriminator": "compare_gan2.architectures.sndcgan",
    "compare_gan2.sndcgan>Generator": "compare_gan2.architectures.sndcgan",
    "compare_gan2.stylegan2>Discriminator": "compare_gan2.architectures.stylegan2",
    "compare_gan2.stylegan2>Generator": "compare_gan2.architectures.stylegan2",
}


def install():
    """Makes Keras find our classes by name: now if Keras is imported, else right after its import.

    Nothing is imported here. A second call changes nothing.
    """
    if "keras" in sys.modules:
        _add_placeholders()
    else:
        ImportHook("keras", _around_import).install()


def _around_import(run):
    run()
    _add_placeholders()


def _add_placeholders():
    """Registers a placeholder for each name that Keras does not know."""
    saving = getattr(sys.modules["keras"], "saving", None)
    if not hasattr(saving, "get_custom_objects"):
        return  # not Keras 3, whose files alone hold these names
    table = saving.get_custom_objects()
    for name, module in REGISTERED.items():
        if name not in table:
            table[name] = _placeholder(name.partition(">")[2], module)


class _Placeholder:
    """Base of the placeholders: what Keras does with a registered class, on the class itself once it is imported."""

    @classmethod
    def _imported(cls):
        return getattr(importlib.import_module(cls.__module__), cls.__name__)

    def __new__(cls, *args, **kwargs):
        return cls._imported()(*args, **kwargs)

    @classmethod
    def from_config(cls, config):
        """Instance of the imported class."""
        return cls._imported().from_config(config)


def _placeholder(name, module):
    # With the name and module of the class it replaces, which Keras' messages then show.
    return type(name, (_Placeholder,), {"__module__": module})
