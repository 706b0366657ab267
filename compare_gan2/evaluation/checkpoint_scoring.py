"""Which checkpoints of a run are scored, and where scores go: rows, events, a line, the best checkpoint."""

import functools

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.metrics import registry
from compare_gan2.reporting.tensorboard import EventWriter
from compare_gan2.run_folder.best_checkpoint import record_best
from compare_gan2.run_folder.checkpoint_files import checkpoint_path, checkpoint_steps, regular_steps


class CheckpointScoring:
    """Scores every checkpoint that is due and not yet scored.

    Args:
        model_dir: folder of the run.
        scores: `ScoresFile`.
        evaluator: `Evaluator`.
        every: see `run_config.eval_every_steps`.
        best_metric: see `run_config.best_metric`.
        last_step: of training, whose checkpoint is scored whatever `every` is; None: unknown.
        open_events: function () -> context manager of an `EventWriter`, or of what is like one; None for TensorBoard's
            of the folder.

    Raises:
        ConfigError: if the best metric is not a row of the evaluator's metrics, or has no better side.
    """

    def __init__(self, model_dir, scores, evaluator, every, best_metric, last_step=None, open_events=None):
        self.model_dir = model_dir
        self.scores = scores
        self.evaluator = evaluator
        self.every = every
        self.last_step = last_step
        self._open_events = open_events or functools.partial(EventWriter, model_dir)
        self._explained = set()  # steps whose checkpoints are not scored, as messages have said
        rows = {name: row for metric in evaluator.metrics for name, row in metric.rows.items() if row.better}
        names = {name: shown for metric in evaluator.metrics for name, shown in metric.names.items()}
        self.best_metric = best_metric = names.get(best_metric, best_metric)
        if best_metric is not None and best_metric not in rows:
            raise ConfigError(
                f"run_config.best_metric: expected one of {', '.join(rows)} (rows of evaluation.metrics that have a "
                f"better side), got {best_metric!r}"
            )

    def wants(self, step):
        """Whether the checkpoint of a step is scored."""
        return not self.every or step > 0 and (step % self.every == 0 or step == self.last_step)

    def pending(self):
        """{step: names of the metrics that its checkpoint lacks}, ascending; complete checkpoints are left out."""
        scored, pending = self.scores.scored_checkpoints(), {}
        for step in filter(self.wants, sorted(regular_steps(self.model_dir))):
            rows = scored.get(checkpoint_path(self.model_dir, step).name, set())
            missing = [metric.name for metric in self.evaluator.metrics if not metric.rows.keys() <= rows]
            if missing:
                pending[step] = missing
        return pending

    def score_pending(self):
        """Scores every pending checkpoint, oldest first, with a message for each."""
        self._explain()
        pending = self.pending()
        if not pending:
            return
        with self._open_events() as events:
            for step, names in pending.items():
                if step in checkpoint_steps(self.model_dir):  # a training process beside this one may have dropped it
                    rows = self.evaluator.score(checkpoint_path(self.model_dir, step), step, names)
                    self.scores.append(rows)
                    self.record_best()
                    events.scalars(step, {f"score/{row.metric}": row.value for row in rows if row.value is not None})
                    log.info(f"step {step}: {', '.join(row.in_words() for row in rows)}")

    def _explain(self):
        """A line for the checkpoints that are not scored, once for each."""
        steps = [step for step in sorted(regular_steps(self.model_dir)) if not self.wants(step)]
        if new := [step for step in steps if step not in self._explained]:
            self._explained.update(new)
            listed = f"step{'s' * (len(new) > 1)} {', '.join(map(str, new))}"
            log.info(
                f"{listed}: not scored: run_config.eval_every_steps = {self.every} takes its positive multiples and the"
                " last step; 0 takes all"
            )

    def record_best(self):
        """Writes the best checkpoint so far to best.json, if `best_metric` asks for one."""
        if self.best_metric is not None:
            higher = registry.all_rows()[self.best_metric].better == "higher"
            steps = checkpoint_steps(self.model_dir)
            record_best(self.model_dir, self.scores.read(), self.best_metric, higher, steps)
