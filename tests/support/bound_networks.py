"""Networks of an architecture as a configuration binds them."""

from compare_gan2 import architectures
from compare_gan2.config.configuration import parse
from compare_gan2.gans.make_gan import network_options


def bound_networks(architecture, bindings, image_shape, z_dim, num_classes):
    """(generator, discriminator) with their variables, of a name in `options.architecture`."""
    config, module = parse([], bindings), architectures.ARCHITECTURES[architecture]
    of_generator = network_options(config, module.Generator, image_shape=image_shape)
    of_discriminator = network_options(config, module.Discriminator)
    return (
        architectures.built(module.Generator, of_generator, z_dim, num_classes),
        architectures.built(module.Discriminator, of_discriminator, image_shape, num_classes),
    )
