"""Whether the disk of a run's folder has room for the checkpoints that the run will keep."""

from compare_gan2.ground import disks
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps


def bytes_of(state):
    """Bytes of a checkpoint of a `TrainState`."""
    return sum(variable.shape.num_elements() * variable.dtype.size for variable in state.variables().values())


def most_at_once(total_steps, save_every, keep, keeps_best):
    """Largest number of checkpoints that a run holds at a time, the one that is being written included."""
    saves = 1 + -(-total_steps // save_every)  # of step 0, each interval and the last step
    return min(keep + bool(keeps_best) + 1, saves)


def to_come(model_dir, state, total_steps, run_config):
    """(bytes of a checkpoint, number of those that the folder will hold at a time beside the ones in it).

    Args:
        model_dir, state, total_steps, run_config: see `require_room`.
    """
    most = most_at_once(
        total_steps, run_config.save_checkpoints_steps, run_config.keep_checkpoint_max, run_config.best_metric
    )
    return bytes_of(state), max(most - len(checkpoint_steps(model_dir)), 0)


def reserved(model_dir, state, total_steps, run_config):
    """Context manager: what is checked in it, such as the room of a cache on the same disk, has to leave this room.

    Args: as of `require_room`.
    """
    each, more = to_come(model_dir, state, total_steps, run_config)
    return disks.reserving(more * each, model_dir, f"{more} checkpoints of the run")


def require_room(model_dir, state, total_steps, run_config):
    """Refuses a run whose checkpoints do not fit on the disk.

    Args:
        model_dir: folder of the run.
        state: `TrainState`.
        total_steps: generator steps that it trains to.
        run_config: `RunConfig`.

    Raises:
        ConfigError: with the numbers.
    """
    each, more = to_come(model_dir, state, total_steps, run_config)
    existing = len(checkpoint_steps(model_dir))
    fitting = disks.free_bytes(model_dir) // each + existing - 1 - bool(run_config.best_metric)
    fit = f"run_config.keep_checkpoint_max = {fitting} fits" if fitting > 0 else "not even one more fits"
    disks.require_room(
        more * each,
        model_dir,
        f"run_config.keep_checkpoint_max: {more} more checkpoints of {each / 1e6:.3g} MB (at most "
        f"{run_config.keep_checkpoint_max} are kept, one is being written)",
        f"{fit}. Keep fewer, save less often, free space, or choose another --model_dir",
    )
