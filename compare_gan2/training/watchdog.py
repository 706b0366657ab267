"""The watchdog of a run: keeps what the rules look at, and warns, stops or rolls back when one finds something.

It only reads: with every rule at "warn" a run has the same numbers as without a watchdog. All that rules look at, but
the speed, is in files that are cut back to the checkpoint when a run resumes, so that a resumed run finds the same.
"""

import collections

from compare_gan2.ground.errors import TrainingFailed
from compare_gan2.training import watchdog_rules as rules
from compare_gan2.training.watchdog_options import ROLL_BACK


class RollBack(Exception):
    """Training has to resume from an earlier checkpoint.

    Attributes:
        step: at which the rule found something.
        finding: `Finding`.
    """

    def __init__(self, step, finding):
        super().__init__(finding.message)
        self.step = step
        self.finding = finding


class Watchdog:
    """Applies the rules between graph calls and at checkpoints.

    Args:
        options: `WatchdogOptions`.
        adversarial: function {tag: array} -> D's adversarial loss per step, an array; None if it has none.
        undecided: that loss for logits of 0; 0 where it has no lower bound.
        loss_scale: see `watchdog_rules.senseless_losses`.
        measure: function (step) -> {name of `MEASURED`: number} of the checkpoint of a step.
        log: `TrainingLog` of every step.
        measurements: `TrainingLog` of the measurements of checkpoints.
        report: function (step, `Finding`, action) that writes an event.
        show: function (step, {tag: number}) that shows measurements.
        roll_back: function (step, `Finding`) -> the step that was rolled back to; None if no rule does that.
        roll_backs: roll backs so far.
    """

    def __init__(
        self,
        options,
        *,
        adversarial,
        undecided,
        loss_scale,
        measure,
        log,
        measurements,
        report,
        show,
        roll_back=None,
        roll_backs=0,
    ):
        self.options = options
        self._adversarial_of = adversarial
        self._undecided = undecided
        self._loss_scale = loss_scale
        self._measure = measure
        self._log = log
        self._measurements = measurements
        self._report = report
        self._show = show
        self._roll_back = roll_back
        self._roll_backs = roll_backs
        self._calls = None
        self._forget()

    def resume(self, step):
        """Looks at what the logs hold up to `step`, where training starts; what was reported is not reported again.

        Raises:
            TrainingFailed: if a rule whose action is "stop" finds something at this step.
        """
        self._forget()
        self._calls = None
        if not self.options.enabled:
            return
        scalars = self._log.read()
        if len(scalars.get("step", ())):
            self._remember({tag: values[-rules.WINNING_STEPS :] for tag, values in scalars.items() if tag != "step"})
        self._judge(step, "losses", self._of_losses(), again=True)
        measured = self._measurements.read().get("step", [])
        if step in measured:
            self._judge(step, "measured", rules.of_checkpoints(self._rows()), again=True)
        elif step > 0 and self._measure is not None:  # killed between the checkpoint and its measurement
            self.after_checkpoint(step)

    def after_call(self, step, scalars, seconds):
        """Applies the rules that look at losses and speed.

        Args:
            step: reached by the graph call.
            scalars: {tag: array} of its steps.
            seconds: that it took.

        Raises:
            TrainingFailed, RollBack: as actions say.
        """
        if not self.options.enabled:
            return
        self._remember(scalars)
        found = self._of_losses()
        if self._calls is None:  # the first call compiles
            self._calls = []
        else:
            self._calls.append((len(next(iter(scalars.values()))), seconds))
            slow = rules.throughput(self._calls)
            found += [slow] if slow is not None else []
        self._judge(step, "losses", found)

    def after_checkpoint(self, step):
        """Measures a checkpoint that is on disk, and applies the rules that look at measurements.

        Raises:
            TrainingFailed, RollBack: as actions say.
        """
        if not self.options.enabled or step == 0:
            return
        values = self._measure(step)
        self._measurements.append(step, {name: [values[name]] for name in rules.MEASURED})
        self._show(step, {f"watchdog/{name}": value for name, value in values.items()})
        self._judge(step, "measured", rules.of_checkpoints(self._rows()))

    def recover(self, problem):
        """Rolls back if the rule says so and has not done so too often; training then resumes at the state's step.

        Args:
            problem: `RollBack`, or a `TrainingFailed` with the attribute `step` about values that are not finite.

        Raises:
            TrainingFailed: if the run stops here.
        """
        rolls_back = isinstance(problem, RollBack)
        if rolls_back:
            finding = problem.finding
        else:
            finding = rules.Finding("not_finite", float("inf"), float("inf"), str(problem))
            rolls_back = self.options.action("not_finite") == ROLL_BACK
        if rolls_back and self._roll_backs < self.options.most_roll_backs:
            self._roll_backs += 1
            self._roll_back(problem.step, finding)
            return
        self._report(problem.step, finding, "stop")
        if not isinstance(problem, RollBack):
            raise problem
        raise TrainingFailed(
            f"step {problem.step}: {finding.message}. The run was rolled back {self._roll_backs} times "
            "(watchdog.most_roll_backs) and stops"
        )

    def _forget(self):
        self._losses, self._adversarial = {}, collections.deque(maxlen=rules.WINNING_STEPS)
        self._active = {"losses": set(), "measured": set()}

    def _remember(self, scalars):
        for tag, values in scalars.items():
            if tag.startswith("loss/") and tag != "loss/penalty":  # a penalty has no scale, and is in loss/d_0, too
                self._losses.setdefault(tag, collections.deque(maxlen=rules.LOSS_STEPS)).extend(map(float, values))
        if self._adversarial_of is not None:
            self._adversarial.extend(map(float, self._adversarial_of(scalars)))

    def _of_losses(self):
        found = rules.senseless_losses(self._losses, self._loss_scale), rules.d_wins(self._adversarial, self._undecided)
        return [finding for finding in found if finding is not None]

    def _rows(self):
        columns = self._measurements.read()
        return [{name: values[i] for name, values in columns.items()} for i in range(len(columns.get("step", ())))]

    def _judge(self, step, kind, findings, again=False):
        """Acts on findings; those that the rules of this kind had found before are reported once."""
        findings = [finding for finding in findings if self.options.action(finding.rule) != "off"]
        new = [finding for finding in findings if finding.rule not in self._active[kind]]
        self._active[kind] = {finding.rule for finding in findings}
        worst = sorted(new, key=lambda finding: ("stop", ROLL_BACK, "warn").index(self.options.action(finding.rule)))
        for finding in reversed(worst):
            action = self.options.action(finding.rule)
            if action == "warn":
                if not again:
                    self._report(step, finding, action)
            elif action == "stop":
                if not again:
                    self._report(step, finding, action)
                raise TrainingFailed(
                    f"step {step}: {finding.message}. Training stops; what was saved before is intact "
                    f"(watchdog.{finding.rule} = 'warn' would let it run)"
                )
            else:
                raise RollBack(step, finding)
