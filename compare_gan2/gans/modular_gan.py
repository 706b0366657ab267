"""A generator and a discriminator of any architecture, with any loss and penalty (compare_gan's ModularGAN).

A GAN object owns networks and computes losses; `training.step` takes gradients and updates. Images are [N, H, W, C] in
[0, 1], labels inside are vectors [N, num_classes] (all zeros where unlabelled) or None in unconditional models.
"""

import collections
from collections.abc import Callable

import tensorflow as tf

from compare_gan2 import architectures, configuration
from compare_gan2.architectures.base import DiscriminatorOutput
from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.gans.losses import Loss
from compare_gan2.gans.penalties import Penalty, l2_penalty, no_penalty, require_penalty
from compare_gan2.layers.weight_norm import initializing
from compare_gan2.training.optimizers import adam

Batch = collections.namedtuple("Batch", ["images", "labels", "latents", "sampled_labels"])


@configurable("ModularGAN", module="compare_gan.gans.modular_gan", denylist=["options", "image_shape", "num_classes"])
class ModularGAN:
    """GAN without self-supervision; conditional by labels or not.

    Args:
        options: `Options`.
        image_shape: (height, width, channels).
        num_classes: of the dataset; None if it has no labels.
        deprecated_split_disc_calls: call the discriminator on real, then on fake images, not once on both.
        experimental_joint_gen_for_disc: one generator call makes the fakes of all discriminator updates of a step.
        experimental_force_graph_unroll: a step takes disc_iters + 1 batches, and the generator update has its own.
        g_use_ema: keep an exponential moving average of the generator's weights and score with it.
        ema_decay: per generator update.
        ema_start_step: until this generator step the average equals the weights.
        g_optimizer_fn: called as fn(learning_rate, name=...).
        d_optimizer_fn: the same for the discriminator; None for the generator's.
        g_lr: learning rate of the generator.
        d_lr: learning rate of the discriminator; None for the generator's.
        conditional: whether labels go to both networks.
        fit_label_distribution: fakes take the labels of the real batch instead of uniform ones.

    Raises:
        ConfigError: for options that contradict each other or the dataset.
    """

    def __init__(
        self,
        options,
        image_shape,
        num_classes,
        *,
        deprecated_split_disc_calls: bool = False,
        experimental_joint_gen_for_disc: bool = False,
        experimental_force_graph_unroll: bool = False,
        g_use_ema: bool = False,
        ema_decay: float = 0.9999,
        ema_start_step: int = 40000,
        g_optimizer_fn: Callable = adam,
        d_optimizer_fn: Callable | None = None,
        g_lr: float = 0.0002,
        d_lr: float | None = None,
        conditional: bool = False,
        fit_label_distribution: bool = False,
    ):
        if conditional and not num_classes:
            raise ConfigError("ModularGAN.conditional: True needs a dataset with labels, this one has no classes")
        if experimental_joint_gen_for_disc and not experimental_force_graph_unroll:
            raise ConfigError(
                "ModularGAN.experimental_joint_gen_for_disc: True needs ModularGAN.experimental_force_graph_unroll = "
                "True (or a TPU), got False"
            )
        self.options = options
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes if conditional else None
        self.conditional = conditional
        self.split_calls = deprecated_split_disc_calls
        self.joint_generation = experimental_joint_gen_for_disc
        self.unrolled = experimental_force_graph_unroll
        self.g_use_ema = g_use_ema
        self.ema_decay = ema_decay
        self.ema_start_step = ema_start_step
        self.fit_label_distribution = fit_label_distribution
        self.g_optimizer = lambda: g_optimizer_fn(g_lr, name="g_opt")
        self.d_optimizer = lambda: (d_optimizer_fn or g_optimizer_fn)(g_lr if d_lr is None else d_lr, name="d_opt")
        self.loss = configuration.build(Loss).fn
        self.penalty = configuration.build(Penalty).fn
        require_penalty(self.penalty)
        self.heads = []

    # A step of the original draws new fakes for the generator's update only if it is unrolled (ModularGAN, SSGAN).
    reuses_fakes = True
    use_soft_labels = False
    dtype_policy = None  # of both networks, see `RunConfig.mixed_precision`; None: Keras' own; set before `create`

    @property
    def batches_per_step(self):
        """Batches of `options.batch_size` examples that one generator step takes."""
        return self.options.disc_iters + 1 if self.unrolled else self.options.disc_iters

    def check_batch(self, num_replicas, accumulate_steps=1):
        """Raises a `ConfigError` unless the batch can be cut over the replicas, and that of each into parts."""
        batch_size = self.options.batch_size
        if batch_size % num_replicas:
            raise ConfigError(
                f"options.batch_size: expected a multiple of the {num_replicas} replicas, got {batch_size}"
            )
        if batch_size % (num_replicas * accumulate_steps):
            raise ConfigError(
                f"run_config.accumulate_steps: expected options.batch_size ({batch_size}) to be a multiple of "
                f"{num_replicas} replicas x accumulate_steps, got {accumulate_steps}"
            )
        if accumulate_steps > 1 and self.joint_generation:
            raise ConfigError(
                "run_config.accumulate_steps: cannot be combined with ModularGAN.experimental_joint_gen_for_disc, got "
                f"{accumulate_steps}"
            )

    def build_generator(self):
        """A new generator with this GAN's options; `create` makes the one that is trained."""
        return architectures.build_generator(
            self.options.architecture,
            image_shape=self.image_shape,
            z_dim=self.options.z_dim,
            num_classes=self.num_classes,
            dtype=self.dtype_policy,
        )

    def create(self):
        """Makes networks, heads and their variables; call inside the strategy's scope."""
        self.generator = self.build_generator()
        self.discriminator = architectures.build_discriminator(
            self.options.architecture,
            image_shape=self.image_shape,
            num_classes=self.num_classes,
            dtype=self.dtype_policy,
        )
        outputs = self.discriminator(
            tf.zeros([1, *self.image_shape]), tf.zeros([1, self.num_classes]) if self.conditional else None
        )
        self.create_heads(outputs.features)

    def rematerialize(self):
        """Makes the blocks of both networks keep their inputs alone while training; after `create`.

        Raises:
            ConfigError: if a network has no blocks, or the penalty takes gradients of its own.
        """
        penalty = getattr(self.penalty, "func", self.penalty)
        if penalty not in (no_penalty, l2_penalty):
            raise ConfigError(
                "run_config.remat: expected a penalty without gradients, since nothing that is computed again "
                f"differentiates twice, got penalty.fn = @{penalty.__name__}"
            )
        self.generator.rematerialize()
        self.discriminator.rematerialize()

    def create_heads(self, features):
        """Makes the heads of a subclass for features of this shape."""

    @property
    def needs_initialization(self):
        """Whether `initialize` has something to do."""
        return self.generator.weight_norm or self.discriminator.weight_norm

    def initialize(self, batch):
        """Starts weight-normalised layers from a batch (Salimans & Kingma 2016, section 3); once, before training."""
        with initializing(self.generator):
            fake_images = self.generate(batch)
        with initializing(self.discriminator, *self.heads):
            self.discriminator_loss(batch, fake_images, lambda shape, purpose: tf.fill(shape, 0.5))

    @property
    def discriminator_variables(self):
        """Trainable variables of the discriminator and its heads."""
        return [v for part in (self.discriminator, *self.heads) for v in part.trainable_variables]

    def prepare(self, batch):
        """Turns a batch of the input pipeline into a `Batch` with label vectors."""
        labels = sampled_labels = None
        if self.conditional:
            labels = self.label_vectors(batch["labels"])
            sampled_labels = tf.one_hot(batch["sampled_labels"], self.num_classes)
        return Batch(batch["images"], labels, batch["latents"], sampled_labels)

    def label_vectors(self, labels):
        """Real labels as vectors: one-hot, all zeros for -1."""
        return tf.one_hot(labels, self.num_classes)

    def generate(self, batch):
        """Fake images for the latents and sampled labels of a batch, in training mode."""
        return self.generator(batch.latents, batch.sampled_labels, training=True)

    def predict(self, images, labels=None):
        """`DiscriminatorOutput` at inference of everything that judges images, heads included; labels as vectors."""
        return self.discriminator(images, labels, training=False)

    def discriminator_loss(self, batch, fake_images, uniform):
        """(loss, {tag: scalar}) of a discriminator update; `fake_images` are constants."""
        real, fake = self.discriminate((batch.images, batch.labels), (fake_images, batch.sampled_labels))
        loss, _, _ = self.loss.discriminator(real.logits, fake.logits)
        penalty = self.penalty_on(batch, fake_images, uniform)
        return loss + self.options.lamba * penalty, {"loss/penalty": penalty}

    def generator_loss(self, batch, fake_images):
        """(loss, {tag: scalar}) of a generator update."""
        fake = self.discriminate_fakes((batch.images, batch.labels), (fake_images, batch.sampled_labels))
        return self.loss.generator(fake.logits), {}

    def discriminate(self, *parts):
        """`DiscriminatorOutput` for each (images, labels): one call on all, as batch norm in it may see all."""
        if self.split_calls:
            return [self.discriminator(images, labels, training=True) for images, labels in parts]
        images, labels = concatenate(parts)
        outputs = self.discriminator(images, labels, training=True)
        sizes = [part[0].shape[0] for part in parts]
        return [DiscriminatorOutput(*values) for values in zip(*(tf.split(o, sizes) for o in outputs), strict=True)]

    def discriminate_fakes(self, real, fake):
        """Output for fakes alone; the real half is computed only where batch norm depends on it or averages it."""
        if self.discriminator.has_batch_norm and (not self.split_calls or self.discriminator.keeps_moving_averages):
            return self.discriminate(real, fake)[1]
        return self.discriminate(fake)[0]

    def penalty_on(self, batch, fake_images, uniform):
        """The bound penalty for a batch; 0 costs nothing."""
        if self.penalty is no_penalty:
            return tf.constant(0.0)
        return self.penalty(
            discriminate=lambda images: self.discriminator(images, batch.labels, training=True).logits,
            images=batch.images,
            fake_images=fake_images,
            kernels=[tf.convert_to_tensor(v) for v in self.discriminator_variables if v.name == "kernel"],
            uniform=uniform,
        )


def concatenate(parts):
    """(images, labels) of all parts one after the other; labels None if they are None."""
    images = tf.concat([images for images, _ in parts], 0)
    return images, None if parts[0][1] is None else tf.concat([labels for _, labels in parts], 0)
