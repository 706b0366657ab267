"""What the discriminator sees of real and of fake images, in both players' updates, and the state that goes with it."""

import tensorflow as tf

from compare_gan2.augmentation.ada import Ada
from compare_gan2.augmentation.adaptive_probability import AdaptiveOptions, AdaptiveProbability
from compare_gan2.augmentation.apa import mixed
from compare_gan2.config.declare import selector
from compare_gan2.distribution.cross_replica import mean_over_replicas
from compare_gan2.gans.losses import Hinge, LeastSquares, NonSaturating
from compare_gan2.ground.errors import ConfigError

SIGN = "augmentation/real_sign"
BY_SIGN = (Hinge, LeastSquares, NonSaturating)  # a positive logit means "real"; other losses say so by an attribute


class SeenImages:
    """Function (batch, fakes, draws) -> (batch, fakes) as the discriminator sees them.

    Args:
        augmentation: `Augmentation` of real and of fake images; None for none.
        pseudo_augmentation: `Apa`: fakes in the place of some real images; None for none.
        burn_in: `BurnIn`, which may move the probability of `@ada`; None for none.
        images_per_step: real images of a generator step, for the burn-in.
    """

    def __init__(self, augmentation=None, pseudo_augmentation=None, burn_in=None, images_per_step=0):
        self.augmentation = augmentation
        self.pseudo_augmentation = pseudo_augmentation
        self.plain_rotations = getattr(self.augmentation, "rotations", None) == "plain"
        self.plain_classes = getattr(self.augmentation, "predictor", None) == "plain"
        self._probabilities = {}
        self._burn_in = None if burn_in is None or burn_in.ada_p is None else burn_in
        self._images_per_step = images_per_step
        if self._burn_in is not None and not (isinstance(self.augmentation, Ada) and self.augmentation.target is None):
            raise ConfigError(
                "burn_in.ada_p: expected None, or ModularGAN.augmentation = @ada() with ada.target = None, which "
                f"leaves its probability to the burn-in, got {self._burn_in.ada_p}"
            )

    @property
    def adaptive(self):
        """{option of the GAN: its part whose probability follows the logits of real images}."""
        parts = {"augmentation": self.augmentation, "pseudo_augmentation": self.pseudo_augmentation}
        return {name: part for name, part in parts.items() if isinstance(part, AdaptiveOptions)}

    def check(self, image_shape, loss, adversarial=True):
        """Raises a `ConfigError` for images or a loss that do not fit.

        Args:
            image_shape: (height, width, channels).
            loss: `AdversarialLoss` class.
            adversarial: whether the discriminator has an adversarial loss.
        """
        if self.augmentation is not None:
            self.augmentation.require_images(image_shape)
        if adversarial and getattr(loss, "judges_by_sign", issubclass(loss, BY_SIGN)):
            return
        for option, part in self.adaptive.items():
            if part.target is not None:
                name = selector(type(part))
                given = f"loss.fn = @{_name(loss)}" if adversarial else "no adversarial loss"
                raise ConfigError(
                    f"ModularGAN.{option}: @{name} adapts its probability to the sign of the logits of real images, so "
                    f"expected a loss under which a positive logit means real (@hinge, @least_squares or "
                    f"@non_saturating), got {given}; bind {name}.target = None to keep the probability at {name}.p"
                )

    def build(self):
        """Makes the variables; call in the strategy's scope."""
        self._probabilities = {selector(type(part)): AdaptiveProbability(part) for part in self.adaptive.values()}

    def variables(self):
        """{name: tf.Variable} of what a checkpoint has to hold."""
        found = {name: probability.variables() for name, probability in self._probabilities.items()}
        if self._burn_in is not None:
            found["ada"] = {"p": self._probabilities["ada"].p}
        return {f"{name}/{key}": variable for name, own in found.items() for key, variable in own.items()}

    def __call__(self, batch, fake_images, uniform):
        """(`Batch`, fakes [N, H, W, C]) as the discriminator sees them; without parts what was given.

        Args:
            batch: `Batch`.
            fake_images: [N, H, W, C] in [0, 1]; gradients flow to them.
            uniform: function (shape, purpose) -> draws from [0, 1) of this update.
        """
        if self.pseudo_augmentation is not None:
            batch = self._with_fakes(batch, fake_images, uniform)
        if self.augmentation is None:
            return batch, fake_images
        if self.plain_rotations or self.plain_classes:
            batch = batch._replace(plain_images=batch.images, plain_fakes=fake_images)
        seen = self.augmentation(batch.images, uniform, "augmentation/real", self._p(self.augmentation))
        return batch._replace(images=seen), self.fakes(fake_images, uniform)

    def fakes(self, fake_images, uniform):
        """Fakes as the discriminator sees them; others with the same draws are changed in the same way."""
        if self.augmentation is None:
            return fake_images
        return self.augmentation(fake_images, uniform, "augmentation/fake", self._p(self.augmentation))

    def _with_fakes(self, batch, fake_images, uniform):
        draws, p = uniform([batch.images.shape[0]], "augmentation/pseudo"), self._p(self.pseudo_augmentation)
        images = mixed(batch.images, fake_images, draws, p)
        if batch.labels is None:
            return batch._replace(images=images)
        taken = (draws < p)[:, None]
        labels = tf.where(taken, batch.sampled_labels, batch.labels)
        known = tf.where(taken, tf.zeros_like(batch.labels), batch.labels)
        return batch._replace(images=images, labels=labels, known_labels=known)

    def _p(self, part):
        """Probability of a part now; None where it has none of its own."""
        probability = self._probabilities.get(selector(type(part))) if isinstance(part, AdaptiveOptions) else None
        return None if probability is None else tf.convert_to_tensor(probability.p)

    def scalars(self, real_logits):
        """{tag: scalar} of a discriminator update with these logits [N, 1] of real images; empty if nothing adapts."""
        if not self._probabilities:
            return {}
        values = {f"augmentation/{name}_p": tf.convert_to_tensor(p.p) for name, p in self._probabilities.items()}
        return values | {SIGN: tf.reduce_mean(tf.sign(real_logits))}

    def adapt(self, scalars, batch_size, step=0):
        """Adapts probabilities after a discriminator update; call on each replica.

        Args:
            scalars: {tag: scalar} of the update.
            batch_size: real images of the update, over all replicas.
            step: scalar int64, the generator step of the update.

        Raises:
            ConfigError: if the discriminator's loss, one of a module of the user, leaves out `scalars`.
        """
        if not self._probabilities:
            return
        if SIGN not in scalars:
            raise ConfigError(
                f"ModularGAN.augmentation: expected {SIGN} among the scalars of discriminator_loss, got "
                f"{', '.join(scalars)}; add self.sees.scalars(real_logits) to them"
            )
        if self._burn_in is not None:
            images = (tf.cast(step, tf.float32) + 1.0) * self._images_per_step
            value = self._burn_in.between(self.augmentation.p, self._burn_in.ada_p, images)
            self._probabilities["ada"].p.assign(value)
        (mean,) = mean_over_replicas([scalars[SIGN]], None)
        signs = tf.round(mean * batch_size)  # a whole number again, the same for any number of replicas or parts
        for probability in self._probabilities.values():
            probability.update(signs, batch_size)


def known_labels(batch):
    """Label vectors [N, num_classes] of real images, all zeros where a fake took their place."""
    return batch.labels if batch.known_labels is None else batch.known_labels


def _name(loss):
    try:
        return selector(loss)
    except KeyError:
        return loss.__name__
