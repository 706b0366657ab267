"""Networks by the name that `options.architecture` binds."""

import contextlib
import inspect

from compare_gan2.architectures import (
    base,
    dcgan,
    dummy,
    infogan,
    r3gan,
    resnet5,
    resnet30,
    resnet_biggan,
    resnet_biggan_deep,
    resnet_cifar,
    resnet_stl,
    sndcgan,
    stylegan2,
)
from compare_gan2.config.library_call import library_call
from compare_gan2.config.matching import check_arguments
from compare_gan2.config.ranges import Count, Seed, Size
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean
from compare_gan2.layers.initializers import initial_values

ARCHITECTURES = {
    "dcgan_arch": dcgan,
    "dummy_arch": dummy,
    "infogan_arch": infogan,
    "r3gan_arch": r3gan,
    "resnet30_arch": resnet30,
    "resnet5_arch": resnet5,
    "resnet_biggan_arch": resnet_biggan,
    "resnet_biggan_deep_arch": resnet_biggan_deep,
    "resnet_cifar_arch": resnet_cifar,
    "resnet_stl_arch": resnet_stl,
    "sndcgan_arch": sndcgan,
    "stylegan2_arch": stylegan2,
}


def require_architecture(name):
    """Raises a `ConfigError` unless a name is a key of `ARCHITECTURES`."""
    if name not in ARCHITECTURES:
        raise ConfigError(
            f"options.architecture: expected one of {', '.join(sorted(ARCHITECTURES))}, got {name!r}"
            f"{did_you_mean(name, ARCHITECTURES)}"
        )


@library_call()
def make_generator(
    architecture: str,
    *,
    image_shape: tuple | list,
    z_dim: Size,
    num_classes: Count | None = None,
    seed: Seed = 0,
    **options,
) -> base.Generator:
    """Generator of an architecture with all its variables.

    Args:
        architecture: name in `ARCHITECTURES`.
        image_shape: (height, width, channels).
        z_dim: size of the latents.
        num_classes: None for an unconditional one.
        seed: whole number in [0, 2**32); initial values follow from it and the variables' paths alone, so that two
            networks of one seed start equal, whatever was made before and `keras.utils.set_random_seed` was given.
        **options: arguments of the architecture's `Generator`, such as `ch=32` or `spectral_norm=True`.

    Raises:
        ConfigError: for an unknown architecture, or options that do not fit the images, the latents or each other.

    Example:
        >>> generator = make_generator("resnet_biggan_arch", image_shape=(32, 32, 3), z_dim=120, num_classes=10, ch=16)
        >>> generator(tf.zeros([8, 120]), tf.one_hot(range(8), 10)).shape
        TensorShape([8, 32, 32, 3])
    """
    require_architecture(architecture)
    options = options | {"image_shape": image_shape}
    return built(ARCHITECTURES[architecture].Generator, options, z_dim, num_classes, seed)


@library_call()
def make_discriminator(
    architecture: str, *, image_shape: tuple | list, num_classes: Count | None = None, seed: Seed = 0, **options
) -> base.Discriminator:
    """Discriminator of an architecture with all its variables; arguments and errors as of `make_generator`.

    Example:
        >>> discriminator = make_discriminator("resnet_biggan_arch", image_shape=(32, 32, 3), num_classes=10, ch=16)
        >>> discriminator(tf.zeros([8, 32, 32, 3]), tf.one_hot(range(8), 10)).logits.shape
        TensorShape([8, 1])
    """
    require_architecture(architecture)
    return built(ARCHITECTURES[architecture].Discriminator, options, image_shape, num_classes, seed)


def built(network_class, options, size, num_classes, seed=0):
    """Network with its variables, made inside the scope of the distribution strategy if there is one.

    Args:
        network_class: a `base.Generator` or `base.Discriminator`.
        options: arguments of its constructor.
        size: `z_dim` of a generator, `image_shape` of a discriminator.
        num_classes: None for an unconditional one.
        seed: see `make_generator`.

    Raises:
        ConfigError: for options that do not fit the images, the latents or each other.
    """
    network = constructed(network_class, options, seed)
    with as_config_errors():
        network.create_variables(seed, **{network_class.size_name: size, "num_classes": num_classes})
    return network


def constructed(network_class, options, seed=0):
    """Network without variables; what its constructor draws follows from the seed.

    Args:
        network_class: a `base.Generator` or `base.Discriminator`.
        options: arguments of its constructor.
        seed: see `make_generator`.

    Raises:
        ConfigError: for options that are out of range or contradict each other.
    """
    try:
        with as_config_errors(), initial_values(seed, network_class.__name__):
            check_arguments(network_class, options)
            return network_class(**options)
    except ConfigError as error:
        if not str(error).startswith("Unrecognized keyword"):  # of Keras, which names none that would be right
            raise
        known = _keywords_of(network_class)
        wrong = next(name for name in options if name not in known)
        hint = did_you_mean(wrong, known) or f"; it takes {', '.join(sorted(known))}"
        where = f"{network_class.__module__.rpartition('.')[2]}.{network_class.__name__}"
        raise ConfigError(f"{where}: there is no keyword {wrong!r}{hint}") from error


def _keywords_of(network_class):
    """Names of the arguments of a network's constructor, with those of its bases in this package."""
    bases = [base for base in network_class.__mro__ if base.__module__.startswith(__name__)]
    names = {name for base in bases for name in inspect.signature(base.__init__).parameters}
    return names - {"self", "args", "kwargs", "options"}


@contextlib.contextmanager
def as_config_errors():
    """Context manager: a `ValueError` of a network becomes a `ConfigError` with the message of its first cause."""
    try:
        yield
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(_first_message(error)) from error


def _first_message(error):
    """Message of the error that was raised first: Keras wraps it, with shapes and advice, once for each layer."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error)
