"""Typed options of a run: what `options.*`, `run_config.*` and `standing_statistics.*` bind."""

import dataclasses
from typing import Annotated, Literal

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import (
    AnyOf,
    Count,
    CountOrZero,
    FolderName,
    NonNegative,
    Range,
    Seed,
    Size,
    without_effect,
)
from compare_gan2.ground.errors import ConfigError

Precision = Literal["float32", "mixed_bfloat16"]


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

    batch_size: Annotated[int, Range(1, 2**20)] = REQUIRED
    gan_class: type = REQUIRED
    architecture: Annotated[str, AnyOf("names of architectures, checked before anything is built")] = REQUIRED
    training_steps: Count = REQUIRED
    discriminator_normalization: without_effect(object) = None
    lamba: NonNegative = 1
    disc_iters: Annotated[int, Range(1, 1000)] = 1
    z_dim: Size = 128

    def __post_init__(self):
        check_fields(self)


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
        start_from: folder of another run, or a checkpoint `model.ckpt-STEP` in it: what has the same name and shape in
            networks and moving average starts from there, such as all but the label embeddings with other classes.
    """

    tf_random_seed: Seed | None = None
    single_core: bool = False
    iterations_per_loop: Count = 1000
    save_checkpoints_steps: Count = 5000
    keep_checkpoint_max: Count = 1000
    schedule: Literal["train", "eval_after_train", "train_and_eval", "continuous_eval"] = "train"
    eval_every_steps: CountOrZero = 5000
    eval_last_step: bool = True
    best_metric: Annotated[str, AnyOf("rows of the chosen metrics, checked when these are chosen")] | None = None
    mixed_precision: Precision = "float32"
    jit_compile: bool | None = None
    remat: bool = False
    accumulate_steps: Annotated[int, Range(1, 2**20)] = 1
    start_from: FolderName | None = None

    def __post_init__(self):
        check_fields(self)
        if self.schedule == "train_and_eval" and self.eval_every_steps % self.save_checkpoints_steps:
            raise ConfigError(
                "run_config.eval_every_steps: train_and_eval scores checkpoints, so expected a multiple of "
                f"run_config.save_checkpoints_steps ({self.save_checkpoints_steps}) or 0, got {self.eval_every_steps}"
            )

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

    num_samples: Count = 204800

    def __post_init__(self):
        check_fields(self)


@configurable("evaluation", module="compare_gan2.evaluation")
@dataclasses.dataclass(frozen=True)
class EvaluationOptions:
    """What is scored, on which images.

    Attributes:
        metrics: names in `metrics.registry.METRICS`; None for fid, classifier_score and, where the feature network
            knows the dataset's classes and the model takes labels, conditional_accuracy; where it does not know them,
            neighbour_agreement.
        num_real: real images, drawn from the split by the run's seed; None for all of them.
        num_fake: generated images; None for as many as real ones.
        split: of the real images.
        cache_dir: folder of cached features of real images; None for a folder of the user, see
            `evaluation.real_images`.
        images_in_order: take the first `num_real` images, as compare_gan does, in place of drawn ones.
        mixed_precision: precision that images for scores and pictures are generated in, standing statistics included;
            None: that of training, `run_config.mixed_precision`. Another one is named beside the weights of scores.
    """

    metrics: list[Annotated[str, AnyOf("names of metrics, checked when these are chosen")]] | None = None
    num_real: Count | None = None
    num_fake: Count | None = None
    split: Literal["train", "test"] = "test"
    cache_dir: FolderName | None = None
    images_in_order: bool = False
    mixed_precision: Precision | None = None

    def __post_init__(self):
        check_fields(self)
