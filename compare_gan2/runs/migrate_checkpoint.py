"""A checkpoint of the original becomes the folder of a run, which can be resumed and scored."""

import re

from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.original import checkpoint as original_checkpoint
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps
from compare_gan2.run_folder.checkpoints import Checkpoints, damage_of
from compare_gan2.runs.prepare import prepare
from compare_gan2.runs.settings import CommandOptions, read_settings


def migrate_checkpoint(config, source, model_dir):
    """Path of the checkpoint in the folder of a run, made from a configuration and a checkpoint of the original.

    Args:
        config: `Configuration` of the run.
        source: path of the original's checkpoint, such as .../model.ckpt-N.
        model_dir: folder to make.

    Raises:
        ConfigError: if the source cannot be read or does not fit, or the folder holds checkpoints.
    """
    if checkpoint_steps(model_dir):
        raise ConfigError(f"--model_dir: {model_dir} holds checkpoints already; choose another folder")
    source = re.sub(r"\.(index|meta|data-\d+-of-\d+)$", "", str(source))
    if damage := damage_of(source):
        raise ConfigError(f"--from: {source} cannot be read: {damage}")
    # Fake data and no scores: only shapes are needed, which the data set's name gives.
    command = CommandOptions(str(model_dir), data_fake_dataset=True, overrides={"run_config": {"schedule": "train"}})
    settings = read_settings(config, command)
    with reproducible(settings.seed):
        run = prepare(config, settings)
    state = run.model.state
    try:
        with run.devices.strategy.scope():
            original_checkpoint.restore(source, state)
    except ValueError as error:
        raise ConfigError(f"--from: {error}") from error
    _check_counters(state)
    # The flags of `main` are left open: the first session there decides whether it takes real data.
    record = {name: text for name, text in run.record.items() if not name.startswith("--")}
    with run.files.directory.writing():
        run.files.directory.record(state.current_step(), record)
        return Checkpoints(run.files.path, state, settings.run.keep_checkpoint_max).save()


def _check_counters(state):
    steps, expected = int(state.discriminator_step.numpy()), state.gan.disc_iters * state.current_step()
    if steps != expected:
        log.warning(
            f"the checkpoint has {steps} discriminator updates in {state.current_step()} steps, where "
            f"options.disc_iters = {state.gan.disc_iters} makes {expected}"
        )
