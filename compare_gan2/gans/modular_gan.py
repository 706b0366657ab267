"""A generator and a discriminator of any architecture, with any loss and penalty (compare_gan's ModularGAN).

A GAN computes the losses of two given networks; `training.step` computes gradients and updates. Images are
[N, H, W, C] in [0, 1], labels are vectors [N, num_classes] (all zeros where unlabelled) or None in unconditional
models.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from compare_gan2.architectures import as_config_errors
from compare_gan2.augmentation.apa import Apa
from compare_gan2.augmentation.base import Augmentation
from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_arguments
from compare_gan2.config.ranges import Count, CountOrZero, Decay, NonNegative, Positive, Share, Size
from compare_gan2.gans.batch import Batch, require_equal_parts
from compare_gan2.gans.discriminator_calls import outputs_of_parts
from compare_gan2.gans.discriminator_with_heads import heads_of, judged
from compare_gan2.gans.label_heads import LabelHead
from compare_gan2.gans.latent_optimization import LatentOptimization
from compare_gan2.gans.losses import AdversarialLoss, NonSaturating
from compare_gan2.gans.objective import Objective
from compare_gan2.gans.penalties import no_penalty
from compare_gan2.gans.regularizers import Regularizer
from compare_gan2.gans.seen_images import SeenImages
from compare_gan2.gans.top_k import TopK
from compare_gan2.gans.trained_networks import TrainedNetworks
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.initializers import initial_values
from compare_gan2.layers.weight_norm import initializing
from compare_gan2.training.optimizers import adam
from compare_gan2.training.schedules import BurnIn, HalfLife
from compare_gan2.training.step import Moment

BY_CALLER = [  # what a `.gin` file cannot bind on a GAN class, since `make_gan` gives it
    *("generator", "discriminator", "image_shape", "num_classes", "z_dim", "batch_size", "disc_iters"),
    *("loss", "top_k", "penalty", "penalty_weight", "penalty_every", "judge_real_images"),
]


@configurable("ModularGAN", module="compare_gan.gans.modular_gan", denylist=BY_CALLER)
class ModularGAN(TrainedNetworks):
    """GAN without self-supervision, conditional on labels or unconditional.

    Args:
        generator: an architecture's `Generator`.
        discriminator: an architecture's `Discriminator`.
        image_shape: (height, width, channels); None for the generator's.
        num_classes: of the dataset; None if it has no labels.
        z_dim: size of the latents.
        batch_size: examples per update of each network, over all replicas.
        disc_iters: discriminator updates per generator update.
        loss: `AdversarialLoss` class, such as `losses.hinge`.
        top_k: `TopK`; None: all fakes count in the generator's loss.
        penalty: function such as `penalties.wgangp_penalty`.
        penalty_weight: weight of the penalty in the discriminator's loss (gin: `options.lamba`).
        penalty_every: generator steps from one with the penalty to the next.
        regularizers: terms that are added to the losses, such as `[@lecam(), @orthogonal()]`.
        label_heads: heads of the discriminator that use labels, such as `[@acgan()]`.
        augmentation: what all images pass on the way to the discriminator, such as `@diffaugment()`; None for none.
        pseudo_augmentation: `@apa()` shows the discriminator some fakes as real images; None for none.
        judge_real_images: the generator's update passes the real images through the discriminator too, even where
            nothing depends on them; for benchmarks of the original's order of operations.
        deprecated_split_disc_calls: call the discriminator on real, then on fake images, not once on both.
        experimental_joint_gen_for_disc: one generator call makes the fakes of all discriminator updates of a step.
        experimental_force_graph_unroll: a step takes disc_iters + 1 batches, and the generator update has its own.
        g_use_ema: keep an exponential moving average of the generator's weights and score with it.
        ema_decay: per generator update.
        ema_start_step: until this generator step the average equals the weights.
        ema_half_life: `@ema_half_life()` averages by a half-life in images, whatever decay and start step are; or None.
        burn_in: `@burn_in()` moves learning rates, beta2 and the penalty's weight as R3GAN does; None keeps them.
        freeze_d: blocks of the discriminator, from the images on, that are not trained (Mo et al. 2020, FreezeD).
        style_mixing: share of the fakes whose styles are from two latents, for networks with styles.
        latent_optimization: `@latent_optimization()` moves latents before fakes are generated; None for none.
        g_optimizer_fn: called as fn(learning_rate, name=...).
        d_optimizer_fn: the same for the discriminator; None for the generator's.
        g_lr: learning rate of the generator.
        d_lr: learning rate of the discriminator; None for the generator's.
        conditional: whether labels go to both networks.
        fit_label_distribution: fakes take the labels of the real batch instead of uniform ones.

    Raises:
        ConfigError: for options that contradict each other or the dataset.

    Example:
        >>> gan = ModularGAN(generator, discriminator, z_dim=120, batch_size=64, loss=losses.hinge, g_lr=1e-4)
        >>> state = TrainState(gan)
        >>> scalars = TrainStep(gan, state)(batches, state.step, StepRandom(0, state.step))
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        image_shape: tuple | None = None,
        num_classes: int | None = None,
        z_dim: Size = 128,
        batch_size: Count = 64,
        disc_iters: Count = 1,
        loss: type[AdversarialLoss] = NonSaturating,
        top_k: TopK | None = None,
        penalty: Callable = no_penalty,
        penalty_weight: NonNegative = 1.0,
        penalty_every: Count = 1,
        regularizers: list[Regularizer] = (),
        label_heads: list[LabelHead] = (),
        augmentation: Augmentation | None = None,
        pseudo_augmentation: Apa | None = None,
        judge_real_images: bool = False,
        deprecated_split_disc_calls: bool = False,
        experimental_joint_gen_for_disc: bool = False,
        experimental_force_graph_unroll: bool = False,
        g_use_ema: bool = False,
        ema_decay: Decay = 0.9999,
        ema_start_step: CountOrZero = 40000,
        ema_half_life: HalfLife | None = None,
        burn_in: BurnIn | None = None,
        freeze_d: CountOrZero = 0,
        style_mixing: Share = 0.0,
        latent_optimization: LatentOptimization | None = None,
        g_optimizer_fn: Callable = adam,
        d_optimizer_fn: Callable | None = None,
        g_lr: Positive = 0.0002,
        d_lr: Positive | None = None,
        conditional: bool = False,
        fit_label_distribution: bool = False,
    ):
        rates = {"g_lr": g_lr, "d_lr": d_lr, "ema_decay": ema_decay, "ema_start_step": ema_start_step}
        check_arguments(ModularGAN, rates)
        if conditional and not num_classes:
            needs = "ModularGAN.conditional: True needs a dataset with labels, this one has no classes"
            raise ConfigError(f"{needs}; take an SSGAN such as folder/ssgan.gin, or put each class into a sub-folder")
        if experimental_joint_gen_for_disc and not experimental_force_graph_unroll:
            raise ConfigError(
                "ModularGAN.experimental_joint_gen_for_disc: True needs ModularGAN.experimental_force_graph_unroll = "
                "True (or a TPU), got False"
            )
        self.objective = Objective(loss, top_k, penalty, penalty_weight, penalty_every, regularizers, label_heads)
        self.generator = generator
        self.discriminator = discriminator
        self.image_shape = tuple(generator.image_shape if image_shape is None else image_shape)
        self.num_classes = num_classes if conditional else None
        self.conditional = conditional
        self.z_dim = z_dim
        self.batch_size = batch_size
        self.disc_iters = disc_iters
        self.loss = loss
        self.penalty = penalty
        self.penalty_weight = penalty_weight
        self.regularizers = self.objective.regularizers
        self.sees = SeenImages(augmentation, pseudo_augmentation, burn_in, batch_size * disc_iters)
        self.sees.check(self.image_shape, loss)
        self.judge_real_images = judge_real_images
        self.split_calls = deprecated_split_disc_calls or getattr(discriminator, "compares_examples", False)
        self.joint_generation = experimental_joint_gen_for_disc
        self.unrolled = experimental_force_graph_unroll
        self.g_use_ema = g_use_ema
        self.ema_decay = ema_decay
        self.ema_start_step = ema_start_step if ema_half_life is None else 0
        self.fit_label_distribution = fit_label_distribution
        self.ema_half_life = ema_half_life
        self.burn_in = burn_in
        self.freeze_d = freeze_d
        self.style_mixing = style_mixing
        self.latent_optimization = latent_optimization
        self.built = False
        self._optimizers = (
            (g_optimizer_fn, g_lr, "g_opt"),
            (d_optimizer_fn or g_optimizer_fn, g_lr if d_lr is None else d_lr, "d_opt"),
        )
        self.check_networks()

    # A step of the original draws new fakes for the generator's update only if it is unrolled (ModularGAN, SSGAN).
    reuses_fakes = True
    use_soft_labels = False

    @property
    def batches_per_step(self):
        """Batches of `batch_size` examples that one generator step takes."""
        return self.disc_iters + 1 if self.unrolled else self.disc_iters

    def check_batch(self, num_replicas, accumulate_steps=1):
        """Raises a `ConfigError` unless the batch divides among the replicas, and that of each into equal parts."""
        require_equal_parts(self.batch_size, num_replicas, accumulate_steps)
        if accumulate_steps > 1 and self.joint_generation:
            raise ConfigError(
                "run_config.accumulate_steps: expected 1 with ModularGAN.experimental_joint_gen_for_disc = True, got "
                f"{accumulate_steps}"
            )
        self.objective.check_batch(self, num_replicas, accumulate_steps)
        if self.latent_optimization is not None:
            self.latent_optimization.check(self)

    def build(self, seed=0):
        """Makes the variables of networks and heads unless they exist; call inside the strategy's scope.

        Args:
            seed: whole number in [0, 2**32); initial values follow from it and the variables' paths alone.

        Raises:
            ConfigError: for options of the networks that do not fit the images, the latents or each other.
        """
        if self.built:
            return
        with as_config_errors():
            self.build_generator(seed)
            self.discriminator.create_variables(seed, image_shape=self.image_shape, num_classes=self.num_classes)
            labels = tf.zeros([1, self.num_classes]) if self.conditional else None
            outputs = self.discriminator(tf.zeros([1, *self.image_shape]), labels)
            with initial_values(seed, "heads"):
                self.heads = (*self.make_heads(outputs.features), *self.objective.make_heads(self, outputs.features))
        for regularizer in self.regularizers:
            regularizer.build()
        self.sees.build()
        self.built = True

    def make_heads(self, features):
        """Sequence of the heads of a subclass, built for features of this shape; empty here."""
        del features
        return ()

    @property
    def needs_initialization(self):
        """Whether `initialize` has to be called before training: layers are weight-normalised."""
        return not self.is_initialized and (self.generator.weight_norm or self.discriminator.weight_norm)

    def initialize(self, batch):
        """Initialises weight-normalised layers, once, before training (Salimans & Kingma 2016, section 3)."""
        with initializing(self.generator):
            fake_images = self.generate(batch)
        moment = Moment(uniform=lambda shape, purpose: tf.fill(shape, 0.5))
        with initializing(self.discriminator, *self.heads):
            self.discriminator_loss(batch._replace(moment=moment), fake_images, moment.uniform)
        for regularizer in self.regularizers:
            regularizer.restart()

    def prepare(self, batch):
        """`Batch` with label vectors from a dict of the input pipeline."""
        labels = sampled_labels = None
        if self.conditional:
            labels = self.label_vectors(batch["labels"])
            sampled_labels = tf.one_hot(batch["sampled_labels"], self.num_classes)
        return Batch(batch["images"], labels, batch["latents"], sampled_labels)

    def label_vectors(self, labels):
        """Vectors [N, num_classes] of real labels int32 [N]: one-hot, all zeros for -1."""
        return tf.one_hot(labels, self.num_classes)

    def predict(self, images, labels=None):
        """`DiscriminatorOutput` for images [N, H, W, C], heads included, at inference; labels are vectors or None."""
        return judged(self.discriminator, images, labels, **heads_of(self))

    def discriminator_loss(self, batch, fake_images, uniform):
        """(loss, {tag: scalar}) of a discriminator update.

        Args:
            batch: `Batch`.
            fake_images: [N, H, W, C], constants.
            uniform: function (shape, purpose) -> draws from [0, 1), for the penalty.
        """
        real, fake = self.discriminate((batch.images, batch.labels), (fake_images, batch.sampled_labels))
        loss, scalars = self.objective.discriminator(real, fake)
        loss, penalty = self.objective.add_penalty(loss, self, batch, fake_images, uniform)
        scalars |= penalty | self.sees.scalars(real.logits)
        return self.objective.add_discriminator_terms(loss, scalars, self, batch, fake_images, real, fake)

    def generator_loss(self, batch, fake_images):
        """(loss, {tag: scalar}) of a generator update for a `Batch` and the fakes generated from it."""
        real, fake = self.discriminate_fakes((batch.images, batch.labels), (fake_images, batch.sampled_labels))
        loss = self.objective.generator(real, fake, batch.moment.step)
        return self.objective.add_generator_terms(loss, {}, self, batch, fake_images, real, fake)

    def discriminate(self, *parts):
        """List of `DiscriminatorOutput`, one per (images, labels); one call, since batch norm may depend on all."""
        calls = [[part] for part in parts] if self.split_calls else [parts]
        return [outputs for call in calls for outputs in outputs_of_parts(self, call)]

    def discriminate_fakes(self, real, fake):
        """[`DiscriminatorOutput` for real images, that for fakes]; the former None unless a loss or batch norm asks."""
        network = self.discriminator
        depends = network.has_batch_norm and (not self.split_calls or network.keeps_moving_averages)
        if self.judge_real_images or depends or self.objective.needs_real:
            return self.discriminate(real, fake)
        return [None, *self.discriminate(fake)]

    def judge(self, images, labels):
        """Outputs with `logits` and `features` for images and label vectors, in training mode, by one more call."""
        return outputs_of_parts(self, [(images, labels)])[0]
