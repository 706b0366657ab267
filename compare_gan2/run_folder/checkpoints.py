"""Checkpoints `model.ckpt-STEP` of a `TrainState`, and reading a network from one."""

import pathlib
import shutil

import tensorflow as tf
from google.protobuf import text_format

from compare_gan2.ground import files
from compare_gan2.ground.errors import CheckpointError, ConfigError, DamagedFileError
from compare_gan2.ground.messages import log
from compare_gan2.run_folder.best_checkpoint import best_step
from compare_gan2.run_folder.checkpoint_files import (
    PREFIX,
    checkpoint_path,
    checkpoint_steps,
    extra_marker,
    regular_steps,
    steps_with_files,
)
from compare_gan2.run_folder.standing_statistics import standing_path


class Checkpoints:
    """Saves and restores a `TrainState`.

    Args:
        model_dir: folder of the run.
        state: `TrainState`.
        keep: number of the newest checkpoints to keep; the one that `best.json` names is kept, too.
        before_save: called before each save, to put on disk what belongs to the steps before the checkpoint.

    Example:
        >>> checkpoints = Checkpoints("runs/a", state, keep=5)
        >>> checkpoints.save()
        'runs/a/model.ckpt-0'
        >>> checkpoints.restore_latest()
        0
    """

    def __init__(self, model_dir, state, keep, before_save=lambda: None):
        self.model_dir = pathlib.Path(model_dir)
        self.state = state
        self.keep = keep
        self._variables = state.variables()
        self._checkpoint = tf.train.Checkpoint(**self._variables)
        self.before_save = before_save

    def save(self, extra=False):
        """Path of the checkpoint that is saved under the state's step; the oldest ones are dropped.

        Args:
            extra: whether an uninterrupted run would not have this checkpoint: it is marked as such, not scored, and
                dropped as soon as the run has saved another one, so that resuming from it leaves no traces.

        Raises:
            CheckpointError: if not every variable was written.
        """
        self.before_save()
        step, counter = int(self.state.step.numpy()), self._checkpoint.save_counter
        if step == 0:
            self.model_dir.mkdir(parents=True, exist_ok=True)
        marker = extra_marker(self.model_dir, step)
        if extra:
            with files.replacing(marker):  # before the checkpoint, which counts as a regular one without it
                pass
        saves = int(counter.numpy())
        counter.assign(saves if extra else saves + 1)  # an extra one counts as if it had not been
        try:
            path = self._checkpoint.write(str(checkpoint_path(self.model_dir, step)))
        except BaseException:
            counter.assign(saves)  # a second try leaves the same checkpoint
            self._remove_leftovers()
            raise
        saved = [name for name, _ in tf.train.list_variables(path) if name.endswith("VARIABLE_VALUE")]
        if len(saved) != len(self._variables) + 1:  # one more: TensorFlow's count of saves
            raise CheckpointError(f"{path}: {len(self._variables) + 1} variables expected, {len(saved)} were written")
        if not extra:
            marker.unlink(missing_ok=True)
        self._drop_old()
        return path

    def _drop_old(self):
        # Those with later steps are left over from an interrupted session and will be overwritten.
        steps = [step for step in checkpoint_steps(self.model_dir) if step <= self.state.current_step()]
        regular = regular_steps(self.model_dir).intersection(steps)
        try:
            kept = {*sorted(regular)[-self.keep :], best_step(self.model_dir), self.state.current_step()}
        except DamagedFileError as error:
            log.warning(f"{error}; until then no checkpoint is dropped")
            kept = set(steps)
        for step in steps:
            if step not in kept:
                path = checkpoint_path(self.model_dir, step)
                for file in (*self.model_dir.glob(f"{path.name}.*"), standing_path(path)):
                    file.unlink(missing_ok=True)
        self._write_list([step for step in steps if step in kept])

    def _write_list(self, steps):
        """Writes TensorFlow's list of checkpoints unless it is there already; nothing here depends on it."""
        left = [str(checkpoint_path(self.model_dir, step)) for step in steps]
        # What tf.compat.v1.train.update_checkpoint_state does, whose warning would reach every user.
        state = tf.compat.v1.train.generate_checkpoint_state_proto(str(self.model_dir), left[-1], left)
        path, content = self.model_dir / "checkpoint", text_format.MessageToString(state).encode()
        if not path.is_file() or path.read_bytes() != content:
            with files.replacing(path) as file:
                file.write(content)

    def _remove_leftovers(self):
        for left_over in self.model_dir.glob(f"{PREFIX}-*_temp"):
            shutil.rmtree(left_over, ignore_errors=True)  # of a save that was killed or found the disk full
        for left_over in self.model_dir.glob(f"{PREFIX}-*.tempstate*"):
            left_over.unlink(missing_ok=True)

    def drop_after(self, step):
        """Removes the checkpoints of later steps, newest first, with their standing statistics."""
        for later in reversed([found for found in checkpoint_steps(self.model_dir) if found > step]):
            path = checkpoint_path(self.model_dir, later)
            # The index first: without it what is left is no checkpoint, should the process end here.
            for file in (*sorted(self.model_dir.glob(f"{path.name}.*"), reverse=True), standing_path(path)):
                file.unlink(missing_ok=True)

    def restore(self, step):
        """Restores the checkpoint of a step, which another process has checked for damage.

        Raises:
            ConfigError: if it is missing.
            CheckpointError: if it does not fit the state.
        """
        if step not in checkpoint_steps(self.model_dir):
            raise ConfigError(
                f"--model_dir: the chief resumes from step {step}, which {self.model_dir} does not hold for this "
                "worker: expected a folder on a file system that all workers share"
            )
        self._restore(step)

    def restore_latest(self):
        """Step of the newest undamaged checkpoint, after restoring it; None if the folder has no checkpoints.

        Raises:
            ConfigError: if the folder has checkpoints and none can be read.
            CheckpointError: if one does not fit the state.
        """
        self._remove_leftovers()
        steps = steps_with_files(self.model_dir, "index|data-.*")
        for step in reversed(steps):
            path = checkpoint_path(self.model_dir, step)
            damage = damage_of(path)
            if damage:
                log.warning(f"checkpoint {path} is damaged ({damage}): using the one before it")
                continue
            self._restore(step)
            self._write_list([known for known in steps if known <= step])
            return step
        if steps and (steps[-1] > 0 or checkpoint_steps(self.model_dir)):  # else killed while it saved the first one
            raise ConfigError(
                f"--model_dir: none of the checkpoints in {self.model_dir} can be read; move them away to start again"
            )
        return None

    def _restore(self, step):
        path = checkpoint_path(self.model_dir, step)
        try:
            self._checkpoint.restore(str(path)).assert_consumed()
        except (AssertionError, ValueError) as error:
            raise CheckpointError(f"{path}: holds other variables than this configuration has") from error
        if int(self.state.step.numpy()) != step:
            raise CheckpointError(f"{path}: holds step {int(self.state.step.numpy())}")


def damage_of(path):
    """One line on why a checkpoint cannot be read; None if all values in it match their checksums."""
    try:
        reader = tf.train.load_checkpoint(str(path))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except (tf.errors.OpError, ValueError, RuntimeError, IndexError) as error:  # IndexError: the file is cut
        return str(error).splitlines()[0][:200]
    return None


def load_generator(path, generator, use_ema):
    """Assigns a generator's variables from a checkpoint: the averaged weights if `use_ema`, the rest as they are.

    Raises:
        CheckpointError: if a variable is missing.
    """
    averaged = {variable.path for variable in generator.trainable_variables} if use_ema else set()
    _load(path, generator.variables, averaged)


def load_network(path, network):
    """Assigns the variables of any network or head from a checkpoint, as they are.

    Raises:
        CheckpointError: if a variable is missing.
    """
    _load(path, network.variables, averaged=set())


def load_variables(path, variables):
    """Assigns variables, {name in the checkpoint: tf.Variable}, from a checkpoint.

    Raises:
        CheckpointError: if a variable is missing.
    """
    _assign(path, variables.items())


def _load(path, variables, averaged):
    suffix = "/ExponentialMovingAverage"
    _assign(path, [(variable.path + suffix * (variable.path in averaged), variable) for variable in variables])


def _assign(path, named):
    reader = tf.train.load_checkpoint(str(path))
    shapes = reader.get_variable_to_shape_map()
    for name, variable in named:
        key = name.replace("/", ".S") + "/.ATTRIBUTES/VARIABLE_VALUE"  # how tf.train.Checkpoint writes a name
        if key not in shapes:
            raise CheckpointError(f"{path}: holds no variable {name}")
        variable.assign(reader.get_tensor(key))
