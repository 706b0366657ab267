"""Which model a user asks for, checked against its folder without TensorFlow, so that a mistake is told at once."""

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.run_folder import best_checkpoint, dataset_record
from compare_gan2.run_folder.checkpoint_files import checkpoint_path, checkpoint_steps, steps_with_files
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.runs.class_numbers import class_numbers
from compare_gan2.runs.model_place import has_saved_networks, require_model


def check(path, step=None, bindings=(), classes=None):
    """Refuses a model that is not there.

    Args:
        path: folder of a run, folder of saved networks, or a `.keras` file.
        step, bindings: as of `compare_gan2.load`.
        classes: list of names and numbers, as text, that the model is to have; None: any. Those of saved networks, and
            of runs without a record of their data, are known only when they are loaded.

    Raises:
        ConfigError: naming the flag, what was expected and what came.
        DamagedFileError: if a file that a run keeps of its data or its best checkpoint cannot be read.
    """
    require_model(path)
    if has_saved_networks(path):
        for flag, given in (("--step", step is not None), ("--gin_bindings", bindings)):
            if given:
                raise ConfigError(f"{flag}: belongs to runs, {path} holds saved networks")
        return
    chosen_step(path, step)
    record = None if classes is None else dataset_record.read(path)
    if record is not None:
        if record.num_classes is None:
            raise ConfigError(f"classes: {record.name} has none, got {', '.join(classes)}")
        class_numbers(classes, len(classes), record.num_classes, record.class_names, "classes")


def chosen_step(model_dir, step=None):
    """Step of the checkpoint of a run that a user asks for.

    Args:
        model_dir: folder of the run.
        step: of a checkpoint; None for the newest, "best" for the one that `run_config.best_metric` chose.

    Raises:
        ConfigError: if the folder holds no run, or not this checkpoint.
        DamagedFileError: if the record of the best one cannot be read.
    """
    steps, record = checkpoint_steps(model_dir), ModelDirectory(model_dir).newest_record
    if not steps or record is None:
        found = f"{len(steps)} checkpoints and {'no' if record is None else 'one'} operative_config-N.gin"
        raise ConfigError(f"--model_dir: expected the folder of a run, got {model_dir}, which holds {found}")
    if step is None:
        return _newest(model_dir, steps)
    if step == "best":
        step = best_checkpoint.best_step(model_dir)
        if step is None:
            raise ConfigError(
                f"--step: {model_dir} has no best checkpoint, which run_config.best_metric chooses when a run is scored"
            )
    if step not in steps:
        raise ConfigError(
            f"--step: expected one of {', '.join(map(str, steps))} (checkpoints in {model_dir}), got {step}"
        )
    return step


def _newest(model_dir, steps):
    """The largest step; the log says so if a newer checkpoint has lost its index, or is just being written."""
    if newer := [step for step in steps_with_files(model_dir, r"data-\d+-of-\d+") if step > max(steps)]:
        log.warning(
            f"{checkpoint_path(model_dir, newer[-1])} is not complete: its .index is missing; "
            f"{checkpoint_path(model_dir, max(steps)).name} is taken"
        )
    return max(steps)
