"""All options of a run, read from its configuration and its command line once."""

import dataclasses

from compare_gan2.config.run_options import EvaluationOptions, Options, RunConfig, StandingStatistics
from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.latents import EvaluationLabels, EvaluationLatents, TrainingLatents
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.watchdog_options import WatchdogOptions


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
        asked: digest of the request, see `run_folder.finished_run`, recorded when the run is done; None: not recorded.
        overrides: {"run_config", "standing_statistics" or "evaluation": {option: value}} that override bindings.
    """

    model_dir: str
    score_filename: str = "scores.csv"
    num_eval_averaging_runs: int = 3
    use_tpu: bool | None = None
    num_devices: int | None = None
    workers: tuple = ()
    worker_index: int | None = None
    worker_timeout: float = 300.0
    tfds_data_dir: str | None = None
    data_fake_dataset: bool = False
    data_shuffle_buffer_size: int = 10_000
    asked: str | None = None
    overrides: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        for name, least in (("num_devices", 1), ("num_eval_averaging_runs", 1), ("data_shuffle_buffer_size", 1)):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < least):
                raise ConfigError(f"{name}: expected a whole number of at least {least}, got {value!r}")


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

    @property
    def seed(self):
        """Seed of the run."""
        return self.run.seed


def read_settings(config, command):
    """`Settings` of a `Configuration` under `CommandOptions`.

    Raises:
        ConfigError: for an option that is missing, of the wrong type or out of range.
    """

    def build(target, name):
        return config.build(target, **command.overrides.get(name, {}))

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
    )
