"""Terms that any GAN can add to its losses, any number of them: `ModularGAN.regularizers = [@lecam(), @bcr()]`."""

import collections
import dataclasses

from compare_gan2.config.declare import selector
from compare_gan2.config.matching import check_fields
from compare_gan2.ground.errors import ConfigError

Term = collections.namedtuple("Term", ["tag", "weight", "value"])


class Regularizer:
    """Base of the terms; a subclass overrides the methods for the updates in which it has any.

    The options of a subclass that is a dataclass are checked.

    Attributes:
        over_batch: whether the term of an example depends on the others, so that a batch cannot be cut in parts.
        needs_real: whether the generator's term reads the discriminator's outputs for real images.
        reads_latents: whether fakes are compared with those of nearby latents.
        replaces_adversarial: whether the generator's adversarial loss is left out.
        excludes: names of regularisers whose terms are a part of these.
    """

    over_batch = False
    needs_real = False
    reads_latents = False
    replaces_adversarial = False
    excludes = ()

    def __post_init__(self):
        check_fields(self)

    def check(self, gan):
        """Raises a `ConfigError` if the term cannot be computed for a GAN."""

    def build(self):
        """Makes the variables; called in the strategy's scope, once."""

    def restart(self):
        """Gives the variables their initial values."""

    @property
    def variables(self):
        """{name in checkpoints: tf.Variable} of what the term remembers from step to step."""
        return {}

    def discriminator_terms(self, update):
        """List of `Term`, whose values are scalars, for a discriminator update (an `Update`); logged unweighted."""
        return []

    def generator_terms(self, update):
        """The same for a generator update."""
        return []


@dataclasses.dataclass(frozen=True, eq=False)
class Update:
    """What a term is computed from.

    Attributes:
        gan: `ModularGAN`.
        batch: `Batch` with real images, labels and the `Moment` of the update.
        fake_images: [N, H, W, C]; constants in the discriminator's update.
        real: discriminator outputs with `logits` [N, 1] and `features` [N, ...] for the real images; None where the
            generator's update does not compute them.
        fake: the same for the fakes.
    """

    gan: object
    batch: object
    fake_images: object
    real: object
    fake: object


def add_terms(terms, loss, scalars):
    """(loss with the weighted terms added, scalars with their values under their tags)."""
    for tag, weight, value in terms:
        loss += weight * value
        scalars = scalars | {tag: value}
    return loss, scalars


def check_together(regularizers):
    """Raises a `ConfigError` for regularisers that are listed twice or exclude each other."""
    names = [selector(type(regularizer)) for regularizer in regularizers]
    for name, regularizer in zip(names, regularizers, strict=True):
        if names.count(name) > 1:
            raise ConfigError(f"ModularGAN.regularizers: expected each once, got @{name}() {names.count(name)} times")
        for other in regularizer.excludes:
            if other in names:
                raise ConfigError(f"ModularGAN.regularizers: expected @{name}() or @{other}(), got both")
    alone = [name for name, r in zip(names, regularizers, strict=True) if r.replaces_adversarial]
    if len(alone) > 1:
        raise ConfigError(
            f"ModularGAN.regularizers: expected one that replaces the generator's loss, got {', '.join(alone)}"
        )
