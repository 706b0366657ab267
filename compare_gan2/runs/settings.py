"""All options of a run, read from its configuration and its command line once."""

import dataclasses
import os
from typing import Annotated, get_type_hints

from compare_gan2.config.matching import check_type
from compare_gan2.config.ranges import Range
from compare_gan2.config.run_options import EvaluationOptions, Options, RunConfig, StandingStatistics
from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.latents import EvaluationLabels, EvaluationLatents, TrainingLatents
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.local_paths import problem_of_file_inside, problem_of_run_folder
from compare_gan2.reporting.mlflow_tracking import MlflowOptions
from compare_gan2.reporting.weights_and_biases import WandbOptions
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.training.watchdog_options import WatchdogOptions

_OTHER_CSV = ("training.csv", "labelled_images.csv")


@dataclasses.dataclass(frozen=True)
class CommandOptions:
    """What the caller of a run decides beside its configuration; the flags of `compare_gan2.main` of these names.

    Attributes:
        model_dir: folder of the run.
        score_filename: file of the scores in it.
        num_eval_averaging_runs: repetitions, sets of generated images that are scored per checkpoint.
        use_tpu: True, False, or None for "if TPU_NAME is set".
        num_devices: GPUs to use or, without a GPU, logical CPU devices to make; None: all GPUs.
        workers: "HOST:PORT" of all processes that train together; empty: TF_CONFIG, else this process alone.
        worker_index: position of this process in `workers`; None without any.
        worker_timeout: seconds to wait for a worker at the start, and between two heartbeats.
        tfds_data_dir: folder of TensorFlow Datasets; None for its default.
        data_fake_dataset: train on random images of the dataset's shape.
        data_shuffle_buffer_size: examples that are shuffled at a time.
        dry_run: show what the run would cost, write nothing.
        asked: digest of the request, see `run_folder.finished_run`, recorded when the run is done; None: not recorded.
        overrides: {"run_config", "standing_statistics" or "evaluation": {option: value}} that override bindings.
    """

    model_dir: str
    score_filename: str = "scores.csv"
    num_eval_averaging_runs: Annotated[int, Range(1, 1000)] = 3
    use_tpu: bool | None = None
    num_devices: Annotated[int, Range(1, 4096)] | None = None
    workers: tuple = ()
    worker_index: int | None = None
    worker_timeout: Annotated[float, Range(0, 1e6, open_low=True)] = 300.0
    tfds_data_dir: str | os.PathLike | None = None
    data_fake_dataset: bool = False
    data_shuffle_buffer_size: Annotated[int, Range(1, 10**9)] = 10_000
    dry_run: bool = False
    asked: str | None = None
    overrides: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        for name, hint in get_type_hints(type(self), include_extras=True).items():
            check_type(name, getattr(self, name), hint)
        if (problem := problem_of_run_folder(self.model_dir)) is not None:
            raise ConfigError(f"model_dir: expected the name of a folder, got {problem}: {self.model_dir!r}")
        if (problem := _problem_of_score_file(self.score_filename)) is not None:
            raise ConfigError(
                "score_filename: expected the name of a .csv file in model_dir, such as scores.csv, got "
                f"{problem}: {self.score_filename!r}"
            )


@dataclasses.dataclass(frozen=True)
class Settings:
    """The options of one run.

    Attributes:
        command: `CommandOptions`.
        options: `Options`.
        run: `RunConfig`.
        standing: `StandingStatistics`.
        evaluation: `EvaluationOptions`.
        data: `DatasetOptions`.
        latents, eval_latents: `Latents` of training and of scoring.
        eval_labels: `EvaluationLabels`.
        watchdog: `WatchdogOptions`.
        wandb, mlflow: `WandbOptions`, `MlflowOptions`.
    """

    command: CommandOptions
    options: Options
    run: RunConfig
    standing: StandingStatistics
    evaluation: EvaluationOptions
    data: DatasetOptions
    latents: TrainingLatents
    eval_latents: EvaluationLatents
    eval_labels: EvaluationLabels
    watchdog: WatchdogOptions = WatchdogOptions()
    wandb: WandbOptions = WandbOptions()
    mlflow: MlflowOptions = MlflowOptions()

    @property
    def seed(self):
        """Seed of the run."""
        return self.run.seed


def read_settings(config, command):
    """`Settings` of a `Configuration` under `CommandOptions`.

    Raises:
        ConfigError: for an option that is missing, of the wrong type or out of range.
    """

    overrides = command.overrides
    if _began_with_images_in_order(config, command.model_dir):
        overrides = overrides | {"evaluation": {"images_in_order": True} | overrides.get("evaluation", {})}

    def build(target, name):
        return config.build(target, **overrides.get(name, {}))

    return Settings(
        command=command,
        options=config.build(Options),
        run=build(RunConfig, "run_config"),
        standing=build(StandingStatistics, "standing_statistics"),
        evaluation=build(EvaluationOptions, "evaluation"),
        data=config.build(DatasetOptions),
        latents=config.build(TrainingLatents),
        eval_latents=config.build(EvaluationLatents),
        eval_labels=config.build(EvaluationLabels),
        watchdog=config.build(WatchdogOptions),
        wandb=config.build(WandbOptions),
        mlflow=config.build(MlflowOptions),
    )


def _problem_of_score_file(name):
    if (problem := problem_of_file_inside(name)) is not None:
        return problem
    if not name.endswith(".csv"):
        return "another ending"
    return "a file that the run itself writes" if name in _OTHER_CSV or name.endswith("_failed.csv") else None


def _began_with_images_in_order(config, model_dir):
    """Whether a folder holds a run of a version that knew no drawn images: its scores stay comparable."""
    if config.is_bound(EvaluationOptions, "images_in_order"):
        return False
    recorded = ModelDirectory(model_dir).recorded()
    return "evaluation.num_real" in recorded and "evaluation.images_in_order" not in recorded
