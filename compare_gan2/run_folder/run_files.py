"""The files of a run's folder as one value: configuration, checkpoints, log, scores, whether it is done."""

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder import cost_log, finished_run
from compare_gan2.run_folder.best_checkpoint import best_step
from compare_gan2.run_folder.checkpoint_files import checkpoint_path, checkpoint_steps, regular_steps
from compare_gan2.run_folder.distance_rows import DISTANCES, distance_of
from compare_gan2.run_folder.event_log import NAME, EventLog
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.run_folder.picture_files import OF_FINISHED_RUN, whole_picture
from compare_gan2.run_folder.scores import ScoresFile
from compare_gan2.run_folder.training_log import TrainingLog


class RunFiles:
    """Files of a run.

    Args:
        model_dir: folder of the run; it need not exist.
        score_filename: file of the scores in it.

    Attributes:
        path: the folder.
        directory: `ModelDirectory`.
        scores: `ScoresFile`.
        log: `TrainingLog`.
        measurements: `TrainingLog` of what the watchdog measured at checkpoints.
        events: `EventLog`.
        cost: `CostLog`.
    """

    def __init__(self, model_dir, score_filename="scores.csv"):
        self.directory = ModelDirectory(model_dir)
        self.path = self.directory.path
        self.scores = ScoresFile(self.path / score_filename)
        self.log = TrainingLog(self.path / "training.csv")
        self.measurements = TrainingLog(self.path / "watchdog.csv", every_step=False)
        self.events = EventLog(self.path / NAME)
        self.cost = cost_log.CostLog(self.path / cost_log.NAME)

    @property
    def last_step(self):
        """Step of the newest checkpoint, 0 without any."""
        return max(checkpoint_steps(self.path), default=0)

    def is_complete(self, settings, scoring):
        """Whether training, scores and pictures are all done.

        Args:
            settings: `Settings` of the run.
            scoring: its `CheckpointScoring`, or None.

        Raises:
            DamagedFileError: if training.csv or scores.csv is not what was written.
        """
        from compare_gan2.run_folder.checkpoints import damage_of  # here, since reports are checked without TensorFlow

        if settings.run.schedule == "continuous_eval" or not self.directory.done_marker.exists():
            return False
        if self.last_step < settings.options.training_steps:
            return False
        self.log.read()  # refuses one that was changed
        try:
            best_step(self.path)
        except DamagedFileError:
            return False  # the command warns and writes it again
        drawn = {self.path / name for name in OF_FINISHED_RUN} | set(self.path.glob("samples/step-*.png"))
        drawn |= {self.path / "samples" / f"step-{step}.png" for step in regular_steps(self.path)}
        if any(whole_picture(path) is None for path in drawn) or damage_of(checkpoint_path(self.path, self.last_step)):
            return False
        return scoring is None or not scoring.pending()

    def record_completion(self, asked):
        """Records that a run is done, so that the same request is answered without any computation.

        Args:
            asked: see `finished_run.asked_by`; None records nothing.
        """
        newest = f"{checkpoint_path(self.path, self.last_step).name}.*"
        patterns = ("*.csv", "*.jsonl", "*.gin", "dataset.json", "best.json", "checkpoint", "*.png", "samples/*.png")
        found = (path for pattern in (*patterns, newest) for path in sorted(self.path.glob(pattern)))
        paths = [self.directory.done_marker, *found]
        finished_run.record(self.path, asked, [path for path in paths if path.exists()], self.summary())

    def summary(self):
        """One line about the results and where they are."""
        scores = self.scores.read()
        rows = [row for row in scores if row.step == self.last_step]
        reached = ", ".join(row.in_words() for row in rows) or "not scored"
        distance = distance_of({row.metric for row in rows})
        first = next((row.value for row in scores if row.metric == distance and row.step == 0), None)
        last = next((row.value for row in rows if row.metric == distance), None)
        if first and last and self.last_step:
            reached += f" ({DISTANCES[distance]} {first / last:.1f}x below the untrained generator's)"
        if found := self.events.summary():
            reached += f"; {found}"
        files = [self.scores.path, *(self.path / name for name in ("samples.png", "curves.png"))]
        written = ", ".join(["checkpoints", *(path.name for path in files if path.exists())])
        return f"step {self.last_step}: {reached}; {written} in {self.path}"
