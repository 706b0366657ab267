"""The folder of a run: who may write to it, which configuration it belongs to, whether it is done."""

import contextlib
import fcntl
import os
import pathlib
import re

from compare_gan2.configuration import ConfigError
from compare_gan2.reporting import files

# What may differ when a run goes on: how long, and how often it saves, keeps and scores, and what it scores; and where
# the data lies, as `datasets.facts` knows whether it is the same.
MAY_CHANGE = {
    "arrays.path",
    "evaluation.cache_dir",
    "evaluation.metrics",
    "evaluation.num_fake",
    "evaluation.num_real",
    "evaluation.split",
    "folder.cache_dir",
    "folder.path",
    "inferred_labels.cache_dir",
    "options.training_steps",
    "pretrain.save_checkpoints_steps",
    "run_config.best_metric",
    "run_config.eval_every_steps",
    "run_config.keep_checkpoint_max",
    "run_config.save_checkpoints_steps",
    "run_config.schedule",
}


class ModelDirectory:
    """A run's folder.

    Args:
        path: of the folder; it need not exist.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)

    @property
    def done_marker(self):
        """File that says that training reached its last step."""
        return self.path / "TRAIN_DONE"

    def mark_done(self, done=True):
        """Creates or removes `done_marker`."""
        if done:
            self.done_marker.touch()
        else:
            self.done_marker.unlink(missing_ok=True)

    @contextlib.contextmanager
    def writing(self):
        """Within it, this process alone may train here; the lock dies with its process, however that ends.

        Raises:
            ConfigError: if the folder cannot be written, or another process trains in it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = open(self.path / ".lock", "ab")
        except OSError as error:
            raise ConfigError(f"--model_dir: cannot write to {self.path}: {error.strerror}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConfigError(f"--model_dir: another process is training in {self.path}") from None
            yield

    def require_folder(self):
        """Raises a `ConfigError` if this can never become a folder, because a file is in its place or above it."""
        nearest = next(path for path in (self.path, *self.path.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise ConfigError(f"--model_dir: {self.path} cannot be a folder, {nearest} is a file")

    def recorded(self):
        """{name: value text} of the configuration that this folder was last trained with, {} for a new folder."""
        lines = (re.fullmatch(r"(?:# )?([\w.-]+) = (.*)", line) for line in self._newest_lines())
        return {line.group(1): line.group(2) for line in lines if line}

    def recorded_imports(self):
        """The import statements of that configuration."""
        return [line for line in self._newest_lines() if re.match(r"(import|from) ", line)]

    def check(self, resolved, defaults, may_change=()):
        """Refuses a configuration other than the recorded one.

        Args:
            resolved: {name: value text} of this run.
            defaults: the same of the defaults. A default counts as recorded where the record has no such name, since
                the version that wrote it did not have the option.
            may_change: names that may differ beside `MAY_CHANGE`.

        Raises:
            ConfigError: listing each differing value, or steps that would shrink.
        """
        recorded = self.recorded()
        if not recorded:
            return
        known = defaults | recorded
        different = {
            name: (recorded.get(name, "absent"), resolved.get(name, "absent"))
            for name in sorted(recorded.keys() | resolved.keys())
            if name not in MAY_CHANGE.union(may_change) and known.get(name, "absent") != resolved.get(name, "absent")
            # A migrated run has seen none of our flags; the first session that writes to it records them.
            if name in recorded or not name.startswith("--")
        }
        steps = "options.training_steps"
        if steps in recorded and int(resolved[steps]) < int(recorded[steps]):
            different[steps] = (recorded[steps], resolved[steps])
        if different:
            listed = "; ".join(f"{name} was {before}, now {now}" for name, (before, now) in different.items())
            raise ConfigError(
                f"--model_dir: {self.path} holds a run with another configuration: {listed}. Choose another "
                f"--model_dir; here only {', '.join(sorted(MAY_CHANGE))} may change (training_steps only grow)"
            )

    def record(self, step, resolved, imports=()):
        """Writes the full configuration of a session that starts at `step`; parses as a `.gin` file."""
        if self.recorded() == resolved and self.recorded_imports() == list(imports):
            return
        text = "".join(f"{line}\n" for line in imports)
        text += "".join(
            f"{'# ' if name.startswith('--') else ''}{name} = {value}\n" for name, value in resolved.items()
        )
        with files.replacing(self.path / f"operative_config-{step}.gin") as file:
            file.write(text.encode())

    def _newest_lines(self):
        """Lines of the newest operative_config-N.gin, [] without any."""
        numbered = (re.fullmatch(r"operative_config-(\d+)\.gin", path.name) for path in self.path.glob("*.gin"))
        newest = max((int(found.group(1)) for found in numbered if found), default=None)
        return [] if newest is None else (self.path / f"operative_config-{newest}.gin").read_text().splitlines()


def default_path(gin_files, bindings_hash):
    """runs/CONFIG, named after the `.gin` files (below `gin_configs/` with their folder), plus -HASH."""
    names = []
    for name in gin_files:
        parts = pathlib.PurePath(name).with_suffix("").parts
        if "gin_configs" in parts:
            parts = parts[parts.index("gin_configs") + 1 :]
        elif pathlib.PurePath(name).is_absolute() or ".." in parts:
            parts = parts[-1:]
        names.append(os.path.join(*parts))
    path = os.path.join("runs", "+".join(names) or "default")
    return f"{path}-{bindings_hash}" if bindings_hash else path
