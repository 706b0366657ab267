"""Networks by the name that `options.architecture` binds."""

from compare_gan2 import configuration
from compare_gan2.architectures import (
    dcgan,
    dummy,
    infogan,
    resnet5,
    resnet30,
    resnet_biggan,
    resnet_biggan_deep,
    resnet_cifar,
    resnet_stl,
    sndcgan,
)
from compare_gan2.architectures.layer_factory import LayerSettings

ARCHITECTURES = {
    "dcgan_arch": dcgan,
    "dummy_arch": dummy,
    "infogan_arch": infogan,
    "resnet30_arch": resnet30,
    "resnet5_arch": resnet5,
    "resnet_biggan_arch": resnet_biggan,
    "resnet_biggan_deep_arch": resnet_biggan_deep,
    "resnet_cifar_arch": resnet_cifar,
    "resnet_stl_arch": resnet_stl,
    "sndcgan_arch": sndcgan,
}


def _architecture(name):
    if name not in ARCHITECTURES:
        raise configuration.ConfigError(
            f"options.architecture: expected one of {', '.join(sorted(ARCHITECTURES))}, got {name!r}"
        )
    return ARCHITECTURES[name]


def build_generator(architecture, *, image_shape, z_dim, num_classes, dtype=None):
    """Generator with its gin bindings and all variables made.

    Args:
        architecture: name in `ARCHITECTURES`.
        image_shape: (height, width, channels).
        z_dim: size of the latents.
        num_classes: None for an unconditional one.
        dtype: dtype policy of its layers, such as "mixed_bfloat16"; None for the global one of Keras.

    Raises:
        ConfigError: for an unknown architecture, or options that do not fit the images, the latents or each other.
    """
    network_class = _architecture(architecture).Generator
    return _build(network_class, {"image_shape": image_shape}, dtype, z_dim=z_dim, num_classes=num_classes)


def build_discriminator(architecture, *, image_shape, num_classes, dtype=None):
    """Discriminator with its gin bindings and all variables made; raises as `build_generator`."""
    return _build(
        _architecture(architecture).Discriminator, {}, dtype, image_shape=image_shape, num_classes=num_classes
    )


def _build(network_class, explicit, dtype, **sizes):
    values = configuration.arguments(network_class, **explicit)
    values |= {"settings": LayerSettings.from_gin(values.get("batch_norm_fn")), **network_class.options_of_parts()}
    values["dtype"] = dtype
    try:
        network = network_class(**values)
        network.create_variables(**sizes)
    except ValueError as error:
        raise configuration.ConfigError(_first_message(error)) from error
    return network


def _first_message(error):
    """Message of the error that was raised first: Keras wraps it, with shapes and advice, once for each layer."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error)
