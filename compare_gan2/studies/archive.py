"""What a report needs beyond scores, archived beside the results so that it outlives the folders of the runs.

For each setting a picture of samples, of the first seed that has a checkpoint; for each run its losses, averaged over
stretches of steps. The archive is small enough to be committed with the results.
"""

import csv
import io
import pathlib

import numpy as np
from PIL import Image, PngImagePlugin

from compare_gan2.config import config_files
from compare_gan2.ground import files
from compare_gan2.ground.errors import CheckpointError, ConfigError, DamagedFileError
from compare_gan2.run_folder.event_log import NAME, EventLog
from compare_gan2.run_folder.measured_steps import measured
from compare_gan2.run_folder.training_log import TrainingLog
from compare_gan2.runs.weights_in_words import WORDS

MOST_CLASSES = 10  # rows of a picture
PER_CLASS = 8  # columns
_STRETCHES = 60


class StudyArchive:
    """The folder beside a results file: results/NAME/ for results/NAME.csv.

    Args:
        results: path of the CSV file.
    """

    def __init__(self, results):
        self.path = pathlib.Path(results).with_suffix("")

    def picture(self, runs, folder):
        """(PNG bytes, caption) of the picture of samples of the first of these runs that has one.

        A picture that is not archived is drawn from the newest checkpoint, and archived.

        Args:
            runs: finished `PlannedRun`s of one setting.
            folder: of all runs.

        Raises:
            ConfigError: if none of the runs has an archived picture or a checkpoint.
            DamagedFileError: if the archived picture cannot be read, and no checkpoint exists to draw it again.
        """
        reason = ConfigError("no run is finished")
        for run in runs:
            if self._picture_path(run).exists():
                try:
                    return self._read(run)
                except DamagedFileError as error:
                    reason = error
        for run in runs:
            try:
                return self._make(run, folder)
            except ConfigError as error:
                reason = reason if isinstance(reason, DamagedFileError) else error
        raise reason

    def losses(self, run, folder):
        """{"step": [n], name: [n]}: losses of a run, averaged over stretches of steps; {} if they are gone.

        Args:
            run: `PlannedRun`.
            folder: of all runs.

        Raises:
            DamagedFileError: if the archived losses, or the log of the run, cannot be read.
        """
        path = self._losses_path(run)
        if not path.exists():
            log = TrainingLog(folder / run.name / "training.csv").read()
            lines = {name: measured(log, name)[:2] for name in sorted(log) if "loss" in name}
            lines = {name: line for name, line in lines.items() if len(line[0])}
            if not lines:
                return {}
            names = ["step", *lines]
            # A step that measured nothing takes the value between its neighbours.
            columns = [log["step"], *(np.interp(log["step"], *line) for line in lines.values())]
            parts = np.array_split(np.stack(columns), min(_STRETCHES, len(log["step"])), axis=1)
            text = io.StringIO(newline="")
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([f"{number:.6g}" for number in part.mean(axis=1)] for part in parts)
            self.write(path.name, text.getvalue().encode())
        try:
            with open(path, newline="") as file:
                rows = list(csv.DictReader(file))
            losses = {name: np.array([float(row[name]) for row in rows]) for name in ("step", *rows[0])}
        except (ValueError, TypeError, LookupError, csv.Error) as error:
            raise DamagedFileError(f"{path}: expected a column 'step' and rows of numbers") from error
        return losses

    def events(self, run, folder):
        """List of what the watchdog found in a run, as `EventLog.read` gives it; also if its folder is gone.

        Args:
            run: `PlannedRun`.
            folder: of all runs.

        Raises:
            DamagedFileError: if the events cannot be read.
        """
        found = EventLog(folder / run.name / NAME)
        if found.read():
            self.write(self._events_path(run).name, found.path.read_bytes())
        return EventLog(self._events_path(run)).read()

    def write(self, name, data):
        """Writes bytes to a file of the archive, whole or not at all."""
        self.path.mkdir(parents=True, exist_ok=True)
        with files.replacing(self.path / name) as file:
            file.write(data)

    def forget(self, run):
        """Removes the files of a run that is about to run again."""
        for path in (self._picture_path(run), self._losses_path(run), self._events_path(run)):
            path.unlink(missing_ok=True)

    def _picture_path(self, run):
        return self.path / f"{run.name}-samples.png"

    def _losses_path(self, run):
        return self.path / f"{run.name}-losses.csv"

    def _events_path(self, run):
        return self.path / f"{run.name}-{NAME}"

    def _read(self, run):
        path = self._picture_path(run)
        try:
            with Image.open(path, formats=["PNG"]) as image:
                image.load()
                return path.read_bytes(), image.text.get("Description", f"{path.name} does not say what is on it")
        except (OSError, SyntaxError, ValueError) as error:  # Pillow's, for what is not a whole picture
            raise DamagedFileError(f"{path}: expected a PNG picture: {error}") from error

    def _make(self, run, folder):
        """(PNG bytes, caption) of samples of the newest checkpoint: latents are columns, classes (if any) are rows."""
        from compare_gan2.reporting import pictures
        from compare_gan2.runs.load_run import load_sampler  # late: TensorFlow would take memory while runs train

        try:
            sampler = load_sampler(folder / run.name, bindings=_named_imports(run))
        except (CheckpointError, DamagedFileError) as error:
            raise ConfigError(str(error)) from error
        classes = min(sampler.gan.num_classes, MOST_CLASSES) if sampler.gan.conditional else 1
        images = sampler.sample_classes(range(classes), PER_CLASS)
        grid = pictures.image_grid(images.reshape(-1, *images.shape[2:]), PER_CLASS)
        caption = f"seed {run.seed}, {pathlib.Path(sampler.checkpoint).name}, {WORDS[sampler.weights]}; "
        kind = "classes" if sampler.labels_are_classes else "labels that are not classes: clusters or random labels"
        which = "the" if classes == sampler.gan.num_classes else f"the first {classes} of"
        caption += f"rows: {which} {sampler.gan.num_classes} {kind}" if classes > 1 else "no classes"
        about = PngImagePlugin.PngInfo()
        about.add_text("Description", caption)
        pixels = pictures.enlarge(grid, images.shape[2])
        file = io.BytesIO()
        image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
        image.save(file, format="png", pnginfo=about)
        self.write(self._picture_path(run).name, file.getvalue())
        return self._read(run)


def _named_imports(run):
    """Import statements of the study's own configurations; whoever runs the study names these modules."""
    try:
        lines = config_files.import_lines(run.setting.files)
    except ConfigError:  # the file is gone since the run
        lines = []
    return [*lines, *(line for line in run.arguments if line.startswith("import "))]
