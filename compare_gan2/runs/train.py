"""`compare_gan2.train`: a run from a configuration, as the command of that name does it."""

import dataclasses
import os
import pathlib
import signal

from compare_gan2.config.binding_lines import as_lines
from compare_gan2.config.config_files import listed
from compare_gan2.config.configuration import parse
from compare_gan2.config.library_call import library_call
from compare_gan2.ground import messages, stop_request
from compare_gan2.ground.trust import trusting
from compare_gan2.run_folder.model_directory import default_path
from compare_gan2.run_folder.run_files import RunFiles
from compare_gan2.run_folder.scores import Score
from compare_gan2.runs.declarations import declare_all
from compare_gan2.runs.load import load
from compare_gan2.runs.rounds import run_in_rounds
from compare_gan2.runs.settings import CommandOptions
from compare_gan2.runs.trained_model import Model

OF_RUN_CONFIG = ("schedule", "eval_every_steps")
_OF_THE_COMMAND_ALONE = ("model_dir", "overrides", "asked", "dry_run")
OF_COMMAND = tuple(
    field.name for field in dataclasses.fields(CommandOptions) if field.name not in _OF_THE_COMMAND_ALONE
)


@dataclasses.dataclass(frozen=True, repr=False)
class FinishedRun:
    """A run that is done.

    Attributes:
        folder: pathlib.Path of its files.
        files: `RunFiles`.
    """

    folder: pathlib.Path
    files: RunFiles

    @property
    def scores(self) -> list[Score]:
        """List of `Score` of all checkpoints, oldest first."""
        return self.files.scores.read()

    @property
    def step(self) -> int:
        """Generator steps of the newest checkpoint."""
        return self.files.last_step

    def __repr__(self):
        return f"FinishedRun({str(self.folder)!r}, step={self.step})"

    @library_call(checks=False)
    def model(self, step: int | str | None = None) -> Model:
        """`Model` of the newest checkpoint, of that of a step, or of the "best" one; see `load`."""
        return load(self.folder, step)


@library_call(*OF_RUN_CONFIG, *OF_COMMAND, gin_config="config", gin_bindings="bindings")
def train(
    config: str | os.PathLike | list | tuple,
    bindings: dict | list | tuple | str | None = None,
    model_dir: str | os.PathLike | None = None,
    *,
    metrics: list[str] | str | None = None,
    trust: bool = False,
    allow_imports: bool = False,
    verbose: bool = False,
    **options,
) -> FinishedRun:
    """`FinishedRun` after training, scoring and drawing by a configuration; resumes an unfinished run in its folder.

    The process is left as it was: seeds and determinism are restored on return.

    Args:
        config: name of a `.gin` file, shipped ("s3gan.gin") or your own, or a list of names.
        bindings: {"selector.parameter": value}, such as `{"labels.fraction": 0.05}`, or gin lines; these override the
            files.
        model_dir: folder of the run; None for runs/CONFIG with what is bound.
        metrics: list of names that overrides `evaluation.metrics`.
        trust: whether networks that can execute code (SavedModels, hub modules, frozen graphs) are loaded without a
            warning.
        allow_imports: whether records of runs that are given as `config` may import modules.
        verbose: print what the command prints, and show progress.
        **options: `schedule` and `eval_every_steps` of `run_config`, and the fields of `CommandOptions`.

    Raises:
        ConfigError: before any training, for whatever cannot be run.
        TrainingFailed: if training diverges; what was saved before is intact.
        KeyboardInterrupt: after an interrupt; the step being computed is the last one and is saved.

    Example:
        >>> run = compare_gan2.train("s3gan.gin", {"options.training_steps": 100}, model_dir="runs/a")
        >>> [score.value for score in run.scores if score.metric == "fid"]
    """
    files = listed(config)
    lines = as_lines(bindings)
    overrides = {name: options.pop(name) for name in OF_RUN_CONFIG if name in options}
    declare_all()
    folder = default_path(files, lines) if model_dir is None else model_dir
    evaluation = {} if metrics is None else {"metrics": [metrics] if isinstance(metrics, str) else list(metrics)}
    command = CommandOptions(
        model_dir=str(folder), overrides={"run_config": overrides, "evaluation": evaluation}, **options
    )
    listening = stop_request.listening([signal.SIGINT], owns_process=False)
    with messages.shown(verbose), trusting(trust), listening:
        done = run_in_rounds(parse, files, lines, command, option="bindings", allow_imports=allow_imports)
    return FinishedRun(done.path, done)
