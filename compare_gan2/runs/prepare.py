"""Everything one process needs for a run, made and checked from its configuration before anything is written."""

import contextlib
import dataclasses

from compare_gan2.distribution.devices import Devices, choose_devices
from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.events import Events
from compare_gan2.reporting.sinks import Sinks
from compare_gan2.run_folder import checkpoint_room
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps
from compare_gan2.run_folder.run_files import RunFiles
from compare_gan2.run_folder.start_weights import OPTION, take_weights
from compare_gan2.runs.data import RunData, expected_shape
from compare_gan2.runs.label_prior import label_distribution
from compare_gan2.runs.model import TrainingModel, build_model
from compare_gan2.runs.ready_sampler import ReadySampler
from compare_gan2.runs.sampling import Sampler, other_precision
from compare_gan2.runs.scoring import (
    build_network,
    build_scoring,
    options_of_metrics,
    scored_by_this_process,
    undecided,
)
from compare_gan2.runs.settings import Settings
from compare_gan2.runs.tracking import plain_values, sinks_of
from compare_gan2.runs.warnings import warnings_of


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """Everything one process needs for a run, made and checked; nothing is written yet.

    Attributes:
        settings: `Settings`.
        devices: `Devices`.
        data: `RunData`.
        model: `TrainingModel`.
        sampler: `Sampler`, for scores and pictures.
        ready: `ReadySampler` of it, for pictures.
        scoring: `CheckpointScoring`, None if this process scores nothing.
        files: `RunFiles` of the run's folder.
        record: {name: gin text} of the full configuration.
        imports: import statements of its files.
        hyperparameters: {option: value} of what differs from the defaults.
        sinks: `Sinks`, not opened yet.
        warnings: lines about what is probably not intended.
        started_from: report of the weights that the run starts from, "" without any.
    """

    settings: Settings
    devices: Devices
    data: RunData
    model: TrainingModel
    sampler: Sampler
    ready: ReadySampler
    scoring: object
    files: RunFiles
    record: dict
    imports: list
    hyperparameters: dict
    sinks: Sinks
    warnings: tuple
    started_from: str = ""

    @property
    def count_labels(self):
        """Whether classes are drawn as often as the data has them, so that labels have to be counted."""
        return self.model.gan.conditional and self.settings.eval_labels.prior == "empirical"

    def use_label_distribution(self):
        """Has the sampler draw labels as `eval_labels.prior` asks for, once the labels of training are known."""
        if self.model.gan.conditional:
            self.sampler.distribution = label_distribution(self.settings.eval_labels, self.data.record)


def prepare(config, settings, connections=None):
    """`Run` of a configuration; checks it and writes nothing.

    Args:
        config: `Configuration`.
        settings: its `Settings`.
        connections: `WorkerConnections`; None for a run of one process.

    Raises:
        ConfigError: for whatever cannot be run.
    """
    if connections is not None and settings.run.schedule == "continuous_eval":
        option = connections.cluster.option
        raise ConfigError(f"{option}: expected none with continuous_eval, which is one process")
    if connections is not None and settings.watchdog.rolls_back:
        raise ConfigError(
            "watchdog: several processes cannot roll back, expected 'off', 'warn' or 'stop' for each rule"
        )
    command, files = settings.command, RunFiles(settings.command.model_dir, settings.command.score_filename)
    devices = choose_devices(command.use_tpu, settings.run.single_core, command.num_devices, connections)
    expected = expected_shape(config, settings)
    recorded = files.directory.recorded()
    built = expected and _build(config, settings, devices, expected, recorded)  # refused before pictures are decoded
    with _room_of_checkpoints(settings, built):  # beside that of the pictures, which may take hours to decode
        data = RunData(config, settings, devices)
    shape = (data.dataset.image_shape, data.dataset.num_classes)
    if shape != expected:
        built = _build(config, settings, devices, shape, recorded)
    network, model = built
    sampler = Sampler(
        model.spec,
        settings.eval_latents,
        settings.seed,
        labels_are_classes=data.dataset.labels_are_classes,
        strategy=devices.scoring_strategy,
        precision=other_precision(settings.evaluation, settings.run, settings.run.mixed_precision),
    )
    sinks = sinks_of(settings, files.path, lambda: plain_values(config.record)) if devices.is_chief else Sinks()
    scoring = build_scoring(
        config, settings, devices, data.dataset, sampler, network, files, lambda: Events(files.path, sinks)
    )
    record, defaults = config.record | {"--data_fake_dataset": repr(command.data_fake_dataset)}, config.defaults
    may_change = options_of_metrics(record | recorded) | undecided(recorded, files.scores) | {OPTION}
    if "None" not in (recorded.get("labels.file", "None"), record["labels.file"]):
        may_change |= {"labels.file"}  # another place; the labels are compared with `labelled_images.csv`
    files.directory.check(record, defaults, may_change)
    this = Run(
        settings,
        devices,
        data,
        model,
        sampler,
        ReadySampler(files.path, sampler, settings.standing.num_samples, scored_by_this_process(settings, scoring)),
        scoring,
        files,
        record,
        config.imports,
        plain_values({name: text for name, text in record.items() if defaults.get(name) != text}),
        sinks,
        tuple(warnings_of(config, settings)),
        _start(settings, files, model),
    )
    if data.inference is None:
        data.record_labels(files.path, this.count_labels)
        this.use_label_distribution()
    return this


def _start(settings, files, model):
    """Takes the weights that a run starts from, unless it has begun already; a report of them."""
    if settings.run.start_from is None or checkpoint_steps(files.path):
        return ""
    if settings.run.schedule == "continuous_eval":
        return ""  # which scores what another process trains
    return take_weights(settings.run.start_from, model.state)


def _room_of_checkpoints(settings, built):
    """Context manager: the disk has to keep room for the checkpoints, as far as their size is known by now."""
    if not built or settings.run.schedule == "continuous_eval":
        return contextlib.nullcontext()
    _, model = built
    return checkpoint_room.reserved(
        settings.command.model_dir, model.state, settings.options.training_steps, settings.run
    )


def _build(config, settings, devices, shape, recorded):
    """(`FeatureNetwork` or None, `TrainingModel`) for images of a (shape, number of classes)."""
    image_shape, num_classes = shape
    network = build_network(config, settings, devices, image_shape, recorded)
    return network, build_model(config, settings, devices, image_shape, num_classes)
