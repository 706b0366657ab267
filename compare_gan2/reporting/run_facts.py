"""What the folder of a run says about it, read once for a report."""

import ast
import dataclasses
import pathlib

from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.reporting import inferred_summary
from compare_gan2.reporting.report_place import require_runs
from compare_gan2.run_folder import dataset_record
from compare_gan2.run_folder.best_checkpoint import best_step
from compare_gan2.run_folder.dataset_record import DatasetRecord
from compare_gan2.run_folder.run_files import RunFiles


@dataclasses.dataclass(frozen=True)
class RunFacts:
    """One run, finished or not.

    Attributes:
        name: by which the report calls it.
        files: `RunFiles`.
        recorded: {name: gin text} of its configuration.
        dataset: `DatasetRecord`, or None if it cannot be read.
        scores: list of `Score`, oldest first.
        log: {"step": [n], tag: [n]} of the losses and accuracies.
        measurements: the same of what the watchdog measured.
        events: list of what the watchdog found.
        cost: list of the lines of its `CostLog`.
        best: step of the best checkpoint, or None.
        problems: sentences about files that cannot be read.
        inferred: manifest of the labels that pre-training inferred, or None.
    """

    name: str
    files: RunFiles
    recorded: dict
    dataset: DatasetRecord | None
    scores: list
    log: dict
    measurements: dict
    events: list
    cost: list
    best: int | None
    problems: tuple
    inferred: dict | None = None

    def value(self, name):
        """Value of an option in the recorded configuration; None if it is not there.

        Args:
            name: such as "options.batch_size", or ".use_predictor" for that of whatever class has it.
        """
        return _value(self.recorded, name)

    @property
    def last_step(self):
        """The newest step of a checkpoint or of a row of the log."""
        logged = self.log.get("step", ())
        return max(self.files.last_step, int(logged[-1]) if len(logged) else 0)

    @property
    def is_done(self):
        """Whether training has reached its last step."""
        return self.files.directory.done_marker.exists()


def read_runs(folders):
    """List of `RunFacts`, in the order given.

    Args:
        folders: of runs.

    Raises:
        ConfigError: for a folder that does not hold a run, or one that is given twice.
        DamagedFileError: if the configuration of a run is not what was written.
    """
    require_runs(folders)
    paths = [pathlib.Path(folder) for folder in folders]
    names = _names([path.resolve() for path in paths])
    return [_read(path, name) for path, name in zip(paths, names, strict=True)]


def require_common(runs):
    """Raises a `ConfigError` for a `RunFacts` that has neither the data nor a metric of any other one."""
    for run in runs if len(runs) > 1 else ():
        others = [other for other in runs if other is not run]
        if not any(_data(run) & _data(other) or _metrics(run) & _metrics(other) for other in others):
            listed = "; ".join(f"{other.name}: {', '.join(sorted(_data(other)))}" for other in runs)
            raise ConfigError(
                f"RUN: expected runs that share their data or a metric, {run.name} shares neither with any other one "
                f"({listed}): make a report of each"
            )


def _data(run):
    return {run.dataset.name if run.dataset is not None else str(run.value("dataset.name"))}


def _metrics(run):
    return {score.metric for score in run.scores if score.value is not None}


def _read(path, name):
    files, problems = RunFiles(path), []
    recorded = files.directory.recorded()

    def readable(read, otherwise):
        try:
            return read()
        except (DamagedFileError, ConfigError, OSError) as error:
            problems.append(f"{name}: not in this report, since it cannot be read: {error}")
            return otherwise

    facts = RunFacts(
        name=name,
        files=files,
        recorded=recorded,
        dataset=readable(lambda: dataset_record.of_run(path, _value(recorded, "dataset.name")), None),
        scores=readable(files.scores.read, []),
        log=readable(files.log.read, {}),
        measurements=readable(files.measurements.read, {}),
        events=readable(files.events.read, []),
        cost=readable(files.cost.read, []),
        best=readable(lambda: best_step(path), None),
        problems=(),
        inferred=readable(lambda: inferred_summary.read(path), None),
    )
    return dataclasses.replace(facts, problems=tuple(problems))


def _value(recorded, name):
    names = [full for full in recorded if full == name or name.startswith(".") and full.endswith(name)]
    if not names:
        return None
    try:
        return ast.literal_eval(recorded[names[0]])
    except (ValueError, SyntaxError):  # a reference, such as @hinge
        return recorded[names[0]].removeprefix("@")


def _names(paths):
    """Shortest ends of the paths that differ, such as "a/s3gan" and "b/s3gan"."""
    length = 1
    while len({path.parts[-length:] for path in paths}) < len(paths):
        length += 1
    return ["/".join(path.parts[-length:]) for path in paths]
