"""GANs with their networks from a configuration, any number of equal ones."""

import dataclasses

from compare_gan2 import architectures
from compare_gan2.architectures.layer_factory import LayerSettings
from compare_gan2.gans.losses import Loss
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.penalties import Penalty
from compare_gan2.ground.errors import ConfigError


@dataclasses.dataclass(frozen=True, eq=False)
class ModelSpec:
    """How to make a GAN and its networks: classes with the arguments of their constructors.

    Attributes:
        gan_class, gan_options: a `ModularGAN` class, its keyword arguments.
        generator_class, generator_options: an architecture's `Generator`, likewise.
        discriminator_class, discriminator_options: an architecture's `Discriminator`, likewise.
    """

    gan_class: type
    gan_options: dict
    generator_class: type
    generator_options: dict
    discriminator_class: type
    discriminator_options: dict

    def make(self, seed=0):
        """A new GAN on new networks, which have no variables before `ModularGAN.build`.

        Args:
            seed: of what the networks' constructors draw; give `ModularGAN.build` the same.

        Raises:
            ConfigError: for options that contradict each other.
        """
        generator = architectures.constructed(self.generator_class, self.generator_options, seed)
        discriminator = architectures.constructed(self.discriminator_class, self.discriminator_options, seed)
        return self.gan_class(generator, discriminator, **self.gan_options)

    def in_precision(self, policy):
        """The same `ModelSpec` with both networks in a dtype policy, such as "mixed_bfloat16"."""
        return dataclasses.replace(
            self,
            generator_options=self.generator_options | {"dtype": policy},
            discriminator_options=self.discriminator_options | {"dtype": policy},
        )


def model_spec(config, options, *, image_shape, num_classes, dtype=None, **forced):
    """`ModelSpec` that a configuration binds.

    Args:
        config: `Configuration`.
        options: `Options`.
        image_shape: (height, width, channels).
        num_classes: of the dataset; None if it has no labels.
        dtype: dtype policy of both networks, such as "mixed_bfloat16"; None for Keras' own.
        **forced: arguments of the GAN that override bindings.

    Raises:
        ConfigError: for names, types or missing values.
    """
    if not issubclass(options.gan_class, ModularGAN):
        raise ConfigError(f"options.gan_class: expected a GAN class, got @{options.gan_class.__name__}")
    loss, penalty = config.build(Loss), config.build(Penalty)
    gan_options = config.arguments(
        options.gan_class,
        num_classes=num_classes,
        z_dim=options.z_dim,
        batch_size=options.batch_size,
        disc_iters=options.disc_iters,
        loss=loss.fn,
        top_k=loss.top_k,
        penalty=penalty.fn,
        penalty_weight=options.lamba,
        penalty_every=penalty.every,
        **forced,
    )
    architectures.require_architecture(options.architecture)
    module = architectures.ARCHITECTURES[options.architecture]
    generator_options = network_options(config, module.Generator, image_shape=image_shape)
    discriminator_options = network_options(config, module.Discriminator)
    return ModelSpec(
        options.gan_class,
        gan_options | {"image_shape": tuple(image_shape)},
        module.Generator,
        generator_options | {"dtype": dtype},
        module.Discriminator,
        discriminator_options | {"dtype": dtype},
    )


def network_options(config, network_class, **explicit):
    """{argument: value} of a network's constructor as a configuration binds them, its parts and layers included."""
    values = config.arguments(network_class, **explicit)
    if network_class.bound_part is not None:
        values |= config.arguments(network_class.bound_part)
    return values | {"settings": LayerSettings.from_config(config, values.get("batch_norm_fn"))}
