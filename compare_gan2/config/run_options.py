"""Typed options of a run: what `options.*`, `run_config.*` and `standing_statistics.*` bind."""

import dataclasses
from typing import Literal

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.ground.errors import ConfigError


@configurable("options", module="compare_gan.runner_lib")
@dataclasses.dataclass(frozen=True)
class Options:
    """What is trained, and for how long.

    Attributes:
        batch_size: examples per update of each network, over all replicas.
        gan_class: `@ModularGAN`, `@SSGAN` or `@S3GAN`.
        architecture: name in `compare_gan2.architectures.ARCHITECTURES`.
        training_steps: generator updates; the discriminator has `disc_iters` times as many.
        discriminator_normalization: accepted for old files and without effect, as in the original.
        lamba: weight of the penalty, spelled as in the original because "lambda" is a Python keyword.
        disc_iters: discriminator updates per generator update.
        z_dim: size of the latents.
    """

    batch_size: int = REQUIRED
    gan_class: type = REQUIRED
    architecture: str = REQUIRED
    training_steps: int = REQUIRED
    discriminator_normalization: object = None
    lamba: float = 1
    disc_iters: int = 1
    z_dim: int = 128

    def __post_init__(self):
        for name in ("batch_size", "training_steps", "disc_iters", "z_dim"):
            _require_positive(f"options.{name}", getattr(self, name))


@configurable("run_config", module="compare_gan.main")
@dataclasses.dataclass(frozen=True)
class RunConfig:
    """How the run proceeds; of these, the seed, mixed precision and accumulation change the numbers.

    Attributes:
        tf_random_seed: seed of weights, data order, noise and labels; None counts as 0.
        single_core: use one device even if there are more.
        iterations_per_loop: generator steps inside one graph call; progress and logs come between calls; a request to
            stop is met between steps.
        save_checkpoints_steps: generator steps between checkpoints.
        keep_checkpoint_max: newest checkpoints that are kept.
        schedule: "train", "eval_after_train", "train_and_eval" (scores each checkpoint as soon as it is saved) or
            "continuous_eval" (scores another process's checkpoints as they come).
        eval_every_steps: score checkpoints at positive multiples of this; 0 scores every checkpoint, step 0 included.
        eval_last_step: score the last checkpoint too, whatever `eval_every_steps` is.
        best_metric: row of scores.csv, such as "fid", by which the best checkpoint is recorded in best.json and kept;
            None: no checkpoint is.
        mixed_precision: "mixed_bfloat16" computes networks in bfloat16 from float32 variables, with spectral norm,
            moments, softmax, losses, averages and updates in float32.
        jit_compile: whether XLA compiles the step; None: only on a TPU, which requires it.
        remat: compute residual blocks again in the backward pass, which takes time and saves memory.
        accumulate_steps: parts of a replica's batch whose gradients are averaged, see `training.accumulation`.
    """

    tf_random_seed: int | None = None
    single_core: bool = False
    iterations_per_loop: int = 1000
    save_checkpoints_steps: int = 5000
    keep_checkpoint_max: int = 1000
    schedule: Literal["train", "eval_after_train", "train_and_eval", "continuous_eval"] = "train"
    eval_every_steps: int = 5000
    eval_last_step: bool = True
    best_metric: str | None = None
    mixed_precision: Literal["float32", "mixed_bfloat16"] = "float32"
    jit_compile: bool | None = None
    remat: bool = False
    accumulate_steps: int = 1

    def __post_init__(self):
        for name in ("iterations_per_loop", "save_checkpoints_steps", "keep_checkpoint_max", "accumulate_steps"):
            _require_positive(f"run_config.{name}", getattr(self, name))
        if self.eval_every_steps < 0:
            raise ConfigError(f"run_config.eval_every_steps: expected 0 or more, got {self.eval_every_steps}")
        if self.schedule == "train_and_eval" and self.eval_every_steps % self.save_checkpoints_steps:
            raise ConfigError(
                "run_config.eval_every_steps: train_and_eval scores checkpoints, so expected a multiple of "
                f"run_config.save_checkpoints_steps ({self.save_checkpoints_steps}) or 0, got {self.eval_every_steps}"
            )
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"run_config.tf_random_seed: expected 0 to {2**32 - 1}, got {self.seed}")

    @property
    def seed(self):
        return self.tf_random_seed or 0


@configurable("standing_statistics", module="compare_gan2.evaluation")
@dataclasses.dataclass(frozen=True)
class StandingStatistics:
    """Batch-norm statistics for inference, where none are kept in training (Brock et al. 2019, section 3).

    Attributes:
        num_samples: generated images whose batch moments are averaged before scoring.
    """

    num_samples: int = 204800

    def __post_init__(self):
        _require_positive("standing_statistics.num_samples", self.num_samples)


@configurable("evaluation", module="compare_gan2.evaluation")
@dataclasses.dataclass(frozen=True)
class EvaluationOptions:
    """What is scored, on which images.

    Attributes:
        metrics: names in `metrics.registry.METRICS`; None for fid, classifier_score and, where the feature network
            knows the dataset's classes and the model takes labels, conditional_accuracy.
        num_real: real images, the first of the split; None for all of them.
        num_fake: generated images; None for as many as real ones.
        split: of the real images.
        cache_dir: folder of cached features of real images; None for a folder of the user, see
            `evaluation.real_images`.
    """

    metrics: list[str] | None = None
    num_real: int | None = None
    num_fake: int | None = None
    split: Literal["train", "test"] = "test"
    cache_dir: str | None = None

    def __post_init__(self):
        for name in ("num_real", "num_fake"):
            if getattr(self, name) is not None:
                _require_positive(f"evaluation.{name}", getattr(self, name))


def _require_positive(option, value):
    if value < 1:
        raise ConfigError(f"{option}: expected at least 1, got {value}")
