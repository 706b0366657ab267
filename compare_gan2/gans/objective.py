"""What the two players minimise beside a GAN's own terms: loss, penalty, regularisers, label heads; their checks."""

import copy

import tensorflow as tf

from compare_gan2.config.declare import is_declared, selector
from compare_gan2.gans.label_heads import logits_head_of
from compare_gan2.gans.penalties import OVER_BATCH, WITHOUT_GRADIENTS, no_penalty, require_penalty
from compare_gan2.gans.regularizers import Update, add_terms, check_together
from compare_gan2.ground.errors import ConfigError


class Objective:
    """Adversarial loss, penalty, regularisers and label heads of a GAN.

    Args:
        loss: `AdversarialLoss` class.
        top_k: `TopK`; None counts all fakes.
        penalty: function such as `penalties.r1`.
        penalty_weight: weight of the penalty in the discriminator's loss.
        penalty_every: generator steps from one in which the penalty is computed to the next.
        regularizers: sequence of `Regularizer`.
        label_heads: sequence of `LabelHead`.

    Attributes:
        logits_head: the label head that owns the logits; None if none does.
        needs_real: whether the generator's update reads the discriminator's outputs for real images.

    Raises:
        ConfigError: for parts that exclude each other.
    """

    def __init__(self, loss, top_k, penalty, penalty_weight, penalty_every, regularizers, label_heads=()):
        require_penalty(penalty)
        check_together(regularizers)
        if top_k is not None and loss.generator_values is None:
            raise ConfigError(
                "loss.top_k: expected a loss with a value for each example, such as @hinge or @rpgan, got "
                f"{_name(loss)}; bind loss.top_k = None"
            )
        alone = [f"@{selector(type(r))}()" for r in regularizers if r.replaces_adversarial]
        if alone and top_k is not None:
            raise ConfigError(
                f"loss.top_k: expected None with {alone[0]}, which takes the place of the adversarial loss; "
                "or bind feature_matching.with_adversarial = True"
            )
        self.loss = loss
        self.top_k = top_k
        self.penalty = penalty
        self.penalty_weight = penalty_weight
        self.penalty_every = penalty_every
        self.regularizers = tuple(map(copy.copy, regularizers))  # each GAN has its own variables
        self.label_heads = tuple(map(copy.copy, label_heads))
        self.logits_head = logits_head_of(self.label_heads)
        self.needs_real = loss.relativistic or any(r.needs_real for r in self.regularizers)

    def check_batch(self, gan, num_replicas, accumulate_steps):
        """Raises a `ConfigError` for parts that cannot be computed for a GAN on so many replicas, in so many parts."""
        if self.regularizers and not getattr(gan, "adversarial", True):
            raise ConfigError(
                "ModularGAN.regularizers: expected none with SSGAN.self_supervision = 'rotation_only', whose logits "
                f"nothing trains, got [{', '.join(f'@{selector(type(r))}()' for r in self.regularizers)}]"
            )
        for part in (*self.regularizers, *self.label_heads):
            part.check(gan)
        if self.top_k is not None:
            self.top_k.check_batch(gan.batch_size)
        whole = [f"ModularGAN.regularizers = [@{selector(type(r))}()]" for r in self.regularizers if r.over_batch]
        whole += [f"ModularGAN.label_heads = [@{selector(type(h))}()]" for h in self.label_heads if h.over_batch]
        whole += ["loss.top_k"] if self.top_k is not None else []
        whole += [f"loss.fn = {_name(self.loss)}"] if self.loss.over_batch else []
        whole += [f"penalty.fn = {_name(self.penalty)}"] if self._penalty_over_batch else []
        if accumulate_steps > 1 and whole:
            raise ConfigError(
                f"run_config.accumulate_steps: expected 1 with {whole[0]}, which is computed from all examples of a "
                f"batch together, got {accumulate_steps}"
            )
        exchanges = gan.discriminator.has_batch_norm or self._penalty_over_batch
        if self.penalty_every > 1 and num_replicas > 1 and exchanges and self.penalty is not no_penalty:
            reason = "this penalty" if self._penalty_over_batch else "batch norm in the discriminator"
            raise ConfigError(
                f"penalty.every: expected 1 with {num_replicas} replicas and {reason}, since replicas cannot exchange "
                f"values in some steps only, got {self.penalty_every}"
            )

    def check_rematerialization(self):
        """Raises a `ConfigError` if the penalty takes gradients of its own."""
        if _function(self.penalty) not in WITHOUT_GRADIENTS:
            raise ConfigError(
                "run_config.remat: expected a penalty without gradients, since nothing that is computed again "
                f"differentiates twice, got penalty.fn = {_name(self.penalty)}"
            )

    def make_heads(self, gan, features):
        """List of the layers of the label heads, built for features [N, ...] of a GAN's discriminator."""
        return [layer for head in self.label_heads for layer in head.build(gan, features)]

    def discriminator(self, real, fake, in_parts=False):
        """(loss, {tag: scalar}) of outputs for real and for fake images; tags only if nothing else logs the loss.

        With `in_parts` the terms of real and of fake images are logged, unless the loss is one of pairs.
        """
        if self._head_with_loss is not None:
            loss, real_term, fake_term = self._head_with_loss.discriminator_loss(real, fake)
        else:
            loss, real_term, fake_term = self.loss.discriminator(real.logits, fake.logits)
        if in_parts and fake_term is not None:
            return loss, {"loss/d_real": real_term, "loss/d_fake": fake_term}
        # Else it is the difference of what is logged anyway.
        told_apart = fake_term is None or self.regularizers or self.label_heads or self.penalty_every > 1
        return loss, {"loss/d_adversarial": loss} if told_apart else {}

    def generator(self, real, fake, step):
        """Adversarial loss of the generator, a scalar; `real` is read by relativistic losses only."""
        if any(regularizer.replaces_adversarial for regularizer in self.regularizers):
            return 0.0
        if self._head_with_loss is not None:
            return self._head_with_loss.generator_loss(fake)
        logits = (fake.logits, real.logits) if self.loss.relativistic else (fake.logits,)
        if self.top_k is not None:
            return self.top_k.generator_loss(self.loss, logits, step)
        return self.loss.generator(*logits)

    def add_penalty(self, loss, gan, batch, fake_images, uniform):
        """(loss with the weighted penalty, {"loss/penalty": it before its weight, 0 in steps without})."""
        if self.penalty is no_penalty:
            penalty = tf.constant(0.0)
            return loss + self.penalty_weight * penalty, {"loss/penalty": penalty}
        weight = self.penalty_weight
        if gan.burn_in is not None:
            weight *= gan.penalty_factor(tf.cast(batch.moment.step, tf.float32))

        def computed():
            return self.penalty(
                discriminate=lambda images, fake=False: (
                    gan.judge(images, batch.sampled_labels if fake else batch.labels).logits
                ),
                images=batch.images,
                fake_images=fake_images,
                kernels=[tf.convert_to_tensor(v) for v in gan.discriminator_variables if v.name == "kernel"],
                uniform=uniform,
            )

        if self.penalty_every == 1:
            penalty = computed()
            return loss + weight * penalty, {"loss/penalty": penalty}
        due = tf.cast(batch.moment.step, tf.int64) % self.penalty_every == 0
        penalty = tf.cond(due, computed, lambda: tf.constant(0.0))
        return loss + weight * self.penalty_every * penalty, {"loss/penalty": penalty}

    def add_discriminator_terms(self, loss, scalars, gan, batch, fake_images, real, fake):
        """(loss, scalars) with the terms of regularisers and label heads of a discriminator update."""
        update = Update(gan, batch, fake_images, real, fake)
        for part in (*self.regularizers, *self.label_heads):
            loss, scalars = add_terms(part.discriminator_terms(update), loss, scalars)
        return loss, scalars

    def add_generator_terms(self, loss, scalars, gan, batch, fake_images, real, fake):
        """(loss, scalars) with the terms of regularisers and label heads of a generator update."""
        update = Update(gan, batch, fake_images, real, fake)
        for part in (*self.regularizers, *self.label_heads):
            loss, scalars = add_terms(part.generator_terms(update), loss, scalars)
        return loss, scalars

    @property
    def _head_with_loss(self):
        head = self.logits_head
        return head if head is not None and head.replaces_loss else None

    @property
    def _penalty_over_batch(self):
        return _function(self.penalty) in OVER_BATCH


def _function(penalty):
    return getattr(penalty, "func", penalty)  # with its bindings applied


def _name(target):
    target = _function(target)
    return f"@{selector(target)}" if is_declared(target) else f"@{getattr(target, '__name__', target)}"
