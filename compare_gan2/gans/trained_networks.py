"""The two networks of a GAN as they are trained: which variables, by which updates, and how fakes are made."""

from compare_gan2.architectures import as_config_errors
from compare_gan2.ground.errors import ConfigError


class TrainedNetworks:
    """Base of the GANs: optimizers, schedules, frozen blocks, and the generator in training.

    Attributes:
        generator, discriminator: the networks.
        heads: sequence of the heads on the discriminator's features.
        burn_in: `BurnIn`; None for constant rates.
        freeze_d: blocks of the discriminator, from the images on, that are not trained.
        style_mixing: share of the fakes with mixed styles.
        latent_optimization: `LatentOptimization`; None for fakes of latents as drawn.
        is_initialized: whether weights are those of another run, which nothing initialises.
    """

    heads = ()
    is_initialized = False

    def check_networks(self):
        """Raises a `ConfigError` for options of training that the networks do not have."""
        if self.style_mixing and not getattr(self.generator, "mixes_styles", False):
            raise ConfigError(
                "ModularGAN.style_mixing: expected 0 with a generator without styles, got "
                f"{self.style_mixing}; options.architecture = 'stylegan2_arch' has some"
            )
        if self.ema_half_life is not None and not self.g_use_ema:
            raise ConfigError("ModularGAN.ema_half_life: expected ModularGAN.g_use_ema = True beside it, got False")
        if self.burn_in is not None:
            self.make_optimizers()

    def require_one_call(self, split_calls, name):
        """Raises a `ConfigError` if the discriminator cannot judge all images in one call; `name` is the GAN's."""
        if getattr(self.discriminator, "compares_examples", False):
            raise ConfigError(
                f"stylegan2.Discriminator.group_size: expected 1 with {name}, which needs one call on all images, "
                "where real images and fakes would be compared; bind it to 1"
            )
        if split_calls:
            raise ConfigError(f"ModularGAN.deprecated_split_disc_calls: {name} needs one call on all images, got True")

    @property
    def shares_fakes(self):
        """Whether the last discriminator update of a step and the generator's have the same fakes.

        With latent optimisation they never have: each takes gradients of its own through the fakes.
        """
        return self.reuses_fakes and self.latent_optimization is None

    @property
    def images_per_step(self):
        """Real images that the discriminator is trained on in a generator step."""
        return self.batch_size * self.disc_iters

    def make_optimizers(self):
        """New Keras optimizers: (that of the generator, that of the discriminator).

        Raises:
            ConfigError: if one has no part that the burn-in moves.
        """
        made = []
        for (make, rate, name), per_step in zip(self._optimizers, (1, self.disc_iters), strict=True):
            optimizer = make(rate, name=name)
            if self.burn_in is not None:
                images_of = lambda updates, count=per_step: updates // count * self.images_per_step  # noqa: E731
                optimizer = self.burn_in.applied(optimizer, rate, images_of)
            made.append(optimizer)
        return tuple(made)

    def penalty_factor(self, step):
        """What the weight of the penalty is multiplied by in a generator step."""
        if self.burn_in is None:
            return 1.0
        return self.burn_in.between(1.0, self.burn_in.penalty_factor, step * self.images_per_step)

    def build_generator(self, seed=0):
        """Makes the variables of the generator, the only ones that sampling needs."""
        with as_config_errors():
            self.generator.create_variables(seed, z_dim=self.z_dim, num_classes=self.num_classes)

    def rematerialize(self):
        """Makes the blocks of both networks store only their inputs in training and recompute the rest; after `build`.

        Raises:
            ConfigError: if a network has no blocks, or something takes gradients of its own.
        """
        self.objective.check_rematerialization()
        if self.latent_optimization is not None:
            raise ConfigError(
                "run_config.remat: expected False with ModularGAN.latent_optimization, since nothing that is computed "
                "again differentiates twice, got True"
            )
        self.generator.rematerialize()
        self.discriminator.rematerialize()

    @property
    def discriminator_variables(self):
        """Variables of the discriminator and its heads that are trained."""
        frozen = self._frozen_paths()
        own = [v for v in self.discriminator.trainable_variables if v.path not in frozen]
        return own + [v for head in self.heads for v in head.trainable_variables]

    def generate(self, batch):
        """Fake images [N, H, W, C] in [0, 1] for the latents and sampled labels of a batch, in training mode."""
        given = {}
        if getattr(self.generator, "mixes_styles", False):
            given = {"uniform": batch.draws, "style_mixing": self.style_mixing}
        return self.generator(batch.latents, batch.sampled_labels, training=True, **given)

    def optimized(self, batch):
        """(`Batch` with moved latents, mean squared length of the steps); without optimisation (`Batch`, None)."""
        if self.latent_optimization is None:
            return batch, None

        def logits_of(latents):
            return self.judge(self.generate(batch._replace(latents=latents)), batch.sampled_labels).logits

        draws = batch.draws([batch.latents.shape[0], 1], "latent optimization")
        latents, cost = self.latent_optimization.moved(batch.latents, logits_of, draws)
        return batch._replace(latents=latents), cost

    def _frozen_paths(self):
        if not self.freeze_d:
            return set()
        blocks = getattr(self.discriminator, "freezable", [])
        if self.freeze_d > len(blocks):
            raise ConfigError(
                f"ModularGAN.freeze_d: expected at most {len(blocks)}, the blocks of this discriminator, got "
                f"{self.freeze_d}"
            )
        return {v.path for layers in blocks[: self.freeze_d] for layer in layers for v in layer.trainable_variables}
