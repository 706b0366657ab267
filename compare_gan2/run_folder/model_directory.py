"""The folder of a run: who may write to it, which configuration it belongs to, whether it is done."""

import contextlib
import fnmatch
import hashlib
import os
import pathlib
import re

from compare_gan2.ground import files, sealed_files
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.ground.messages import log
from compare_gan2.run_folder.links import require_no_links_out, require_ordinary

MOST_READABLE = 80  # characters of a folder's name that show bindings
# Options that may differ when a run resumes: its length, how often it saves, keeps and scores, what it scores, and
# where the data is, since `dataset_record` checks that it is the same.
MAY_CHANGE = {
    "arrays.path",
    "evaluation.cache_dir",
    "evaluation.images_in_order",
    "evaluation.metrics",
    "evaluation.num_fake",
    "evaluation.num_real",
    "evaluation.split",
    "folder.cache_dir",
    "folder.path",
    "folder.unlabelled",
    "idx.path",
    "inferred_labels.cache_dir",
    "mlflow.*",
    "options.training_steps",
    "pretrain.save_checkpoints_steps",
    "run_config.best_metric",
    "run_config.eval_every_steps",
    "run_config.eval_last_step",
    "run_config.keep_checkpoint_max",
    "run_config.save_checkpoints_steps",
    "run_config.schedule",
    "wandb.*",
    "watchdog.*",
}


class ModelDirectory:
    """A run's folder.

    Args:
        path: of the folder; it need not exist.

    Raises:
        ConfigError: for a pipe, socket or device in it.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        require_ordinary(self.path)

    @property
    def done_marker(self):
        """Path of the file that marks a run whose training reached its last step."""
        return self.path / "TRAIN_DONE"

    def mark_done(self, done=True):
        """Creates or removes `done_marker`."""
        if done:
            self.done_marker.touch()
        else:
            self.done_marker.unlink(missing_ok=True)

    @contextlib.contextmanager
    def writing(self):
        """Context manager: this process alone may train here; the lock ends with the process, even if that is killed.

        Raises:
            ConfigError: if the folder cannot be written, or another process trains in it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            require_no_links_out(self.path)
            lock = open(self.path / ".lock", "ab")
        except OSError as error:
            raise ConfigError(f"--model_dir: cannot write to {self.path}: {error.strerror}") from error

        def refuse():
            raise ConfigError(f"--model_dir: another process is training in {self.path}")

        with files.holding(lock, refuse):
            for folder in (self.path, self.path / "samples"):
                files.remove_leftovers(folder)
            yield

    def require_folder(self):
        """Raises a `ConfigError` for a file in the place of this folder or of one above it, or links that leave it."""
        nearest = next(path for path in (self.path, *self.path.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise ConfigError(f"--model_dir: {self.path} cannot be a folder, {nearest} is a file")
        require_no_links_out(self.path)

    def recorded(self):
        """{name: gin text} of the configuration that this folder was last trained with; {} for a new folder."""
        lines = (re.fullmatch(r"(?:# )?([\w.-]+) = (.*)", line) for line in self._newest_lines())
        return {line.group(1): line.group(2) for line in lines if line}

    def recorded_imports(self):
        """Import statements of the configuration that this folder was last trained with."""
        return [line for line in self._newest_lines() if re.match(r"(import|from) ", line)]

    @property
    def newest_record(self):
        """Path of the newest operative_config-N.gin; None if none exists."""
        numbered = (re.fullmatch(r"operative_config-(\d+)\.gin", path.name) for path in self.path.glob("*.gin"))
        newest = max((int(found.group(1)) for found in numbered if found), default=None)
        return None if newest is None else self.path / f"operative_config-{newest}.gin"

    def check(self, resolved, defaults, may_change=()):
        """Refuses a configuration that differs from the recorded one.

        Args:
            resolved: {name: gin text} of this run.
            defaults: {name: gin text} of the defaults, which count as recorded where the record lacks a name, since the
                version that wrote the record did not have the option.
            may_change: names that may differ, beside `MAY_CHANGE`.

        Raises:
            ConfigError: listing each differing value, or steps that would shrink.
        """
        recorded = self.recorded()
        if not recorded:
            if any(self.path.glob("model.ckpt-*.index")):
                log.warning(
                    f"{self.path}: operative_config-N.gin is missing: whether the checkpoints were trained with this "
                    "configuration cannot be checked; it is recorded now"
                )
            return
        known = defaults | recorded
        different = {
            name: (recorded.get(name, "absent"), resolved.get(name, "absent"))
            for name in sorted(recorded.keys() | resolved.keys())
            if not _is_among(name, MAY_CHANGE.union(may_change))
            and known.get(name, "absent") != resolved.get(name, "absent")
            # The record of a migrated run has none of our flags; the first session that writes to it adds them.
            if name in recorded or not name.startswith("--")
        }
        steps = "options.training_steps"
        if steps in recorded and not recorded[steps].isdecimal():
            raise DamagedFileError(f"{self.path}: expected recorded {steps} as a whole number, got {recorded[steps]!r}")
        if steps in recorded and int(resolved[steps]) < int(recorded[steps]):
            different[steps] = (recorded[steps], resolved[steps])
        if different:
            listed = "; ".join(f"{name} was {before}, now {now}" for name, (before, now) in different.items())
            raise ConfigError(
                f"--model_dir: {self.path} holds a run with another configuration: {listed}. Choose another "
                f"--model_dir; here only {', '.join(sorted(MAY_CHANGE))} may change (training_steps only grow)"
            )

    def record(self, step, resolved, imports=()):
        """Writes the full configuration of a session that starts at `step`, as a `.gin` file that can be parsed."""
        if self.recorded() == resolved and self.recorded_imports() == list(imports):
            return
        text = "".join(f"{line}\n" for line in imports)
        text += "".join(
            f"{'# ' if name.startswith('--') else ''}{name} = {value}\n" for name, value in resolved.items()
        )
        sealed_files.write(self.path / f"operative_config-{step}.gin", text.encode())

    def _newest_lines(self):
        """Lines of the newest operative_config-N.gin; [] if none exists.

        Raises:
            DamagedFileError: if it is not what was written, or holds no configuration.
        """
        numbered = (re.fullmatch(r"operative_config-(\d+)\.gin", path.name) for path in self.path.glob("*.gin"))
        newest = max((int(found.group(1)) for found in numbered if found), default=None)
        if newest is None:
            return []
        path = self.path / f"operative_config-{newest}.gin"
        way_out = "restore it, or delete it: then the configuration given next is recorded without being compared"
        try:
            lines = sealed_files.read(path, way_out).decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DamagedFileError(f"{path}: cannot be read ({error}); {way_out}") from error
        if not any(" = " in line for line in lines):
            raise DamagedFileError(f"{path}: expected the configuration of this run, got none; {way_out}")
        return lines


def may_change(name):
    """Whether a run resumes with another value of an option."""
    return _is_among(name, MAY_CHANGE)


def _is_among(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def default_path(gin_files, bindings=()):
    """runs/CONFIG, named after the `.gin` files (below `gin_configs/` with their folder), and what is bound.

    Such as runs/s3gan-labels.fraction=0.05; bindings that do not give a readable name are replaced by a hash.

    Args:
        gin_files: as they were given.
        bindings: as they were given, with the flags that change the run.
    """
    names = []
    for name in gin_files:
        parts = pathlib.PurePath(name).with_suffix("").parts
        if "gin_configs" in parts:
            parts = parts[parts.index("gin_configs") + 1 :]
        elif pathlib.PurePath(name).is_absolute() or ".." in parts:
            parts = parts[-1:]
        names.append(os.path.join(*parts))
    path = os.path.join("runs", "+".join(names) or "default")
    return f"{path}-{_readable(bindings)}" if bindings else path


def _readable(bindings):
    """Bindings as part of a file name; their hash if that would be long or contain unsuitable characters."""
    text = "-".join(re.sub(r"\s*=\s*", "=", binding.strip().removeprefix("--"), count=1) for binding in bindings)
    text = text.replace("'", "").replace('"', "")
    if len(text) <= MOST_READABLE and re.fullmatch(r"[\w.=@+-]+", text):
        return text
    return hashlib.sha256("\n".join(bindings).encode()).hexdigest()[:8]
