"""The watchdog of a run, wired to its folder: where events go, and what a roll back does."""

import tensorflow as tf

from compare_gan2.gans.losses import Wasserstein
from compare_gan2.gans.penalties import no_penalty
from compare_gan2.ground import sealed_files
from compare_gan2.ground.messages import log
from compare_gan2.run_folder.best_checkpoint import NAME as BEST
from compare_gan2.run_folder.best_checkpoint import best_step
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps
from compare_gan2.runs.checkpoint_measurements import CheckpointMeasurements
from compare_gan2.training.watchdog import Watchdog
from compare_gan2.training.watchdog_options import ROLL_BACK
from compare_gan2.training.watchdog_rules import UNBOUNDED


class Watch:
    """Learning rates of a run and its watchdog; make it before a checkpoint is restored.

    Args:
        run: `Run`.
        checkpoints: its `Checkpoints`.
    """

    def __init__(self, run, checkpoints):
        self._run = run
        self._checkpoints = checkpoints
        state = run.model.state
        self._rates = [(o.learning_rate, _number(o.learning_rate)) for o in (state.g_optimizer, state.d_optimizer)]

    def restored(self, step):
        """Cuts events and measurements back to the step that was restored, and sets the rates of past roll backs."""
        files = self._run.files
        files.measurements.truncate_after(step)
        files.events.truncate_after(step)
        self._set_rates()

    def watchdog(self, events, progress):
        """`Watchdog` of the training that follows.

        Args:
            events: `Events`.
            progress: `Progress`.
        """
        run, gan = self._run, self._run.model.gan
        files = run.files
        unbounded = issubclass(gan.loss, Wasserstein) or gan.penalty is not no_penalty
        unbounded = unbounded or gan.regularizers or gan.objective.label_heads

        def report(step, finding, action):
            with progress.paused():
                self._record(step, finding, action)
            events.text(step, f"watchdog/{finding.rule}", f"{action}: {finding.message}")
            events.flush()

        def roll_back(step, finding):
            with progress.paused():
                target = self._roll_back(step, finding)
            progress.rewind(target)
            events.text(step, f"watchdog/{finding.rule}", f"rolled back to step {target}: {finding.message}")
            return target

        networks = [gan.generator, gan.discriminator, *gan.heads]
        measure = CheckpointMeasurements(run.sampler, run.ready, run.data.dataset, networks)

        def show(step, scalars):
            largest = {f"singular values/{name}": value for name, value in measure.singular_values.items()}
            events.scalars(step, scalars | largest)
            for name, logits in measure.logits.items():
                events.histogram(step, f"logits/{name}", logits)
            events.flush()  # a resumed run measures nothing that is in watchdog.csv, and scoring may come first

        return Watchdog(
            run.settings.watchdog,
            adversarial=lambda scalars: adversarial_loss(gan, scalars),
            undecided=undecided_loss(gan),
            loss_scale=UNBOUNDED if unbounded else 1,
            measure=measure,
            log=files.log,
            measurements=files.measurements,
            report=report,
            show=show,
            roll_back=roll_back,
            roll_backs=len(files.events.roll_backs()),
        )

    def _record(self, step, finding, action, **more):
        number = {"value": _in_json(finding.value), "threshold": _in_json(finding.threshold)}
        self._run.files.events.append(
            step=step, rule=finding.rule, **number, action=action, message=finding.message, **more
        )
        if action != "stop":  # else the error says it
            log.warning(f"step {step}: {finding.message}")

    def _roll_back(self, step, finding):
        """The step that was rolled back to.

        Everything later is removed before the event is written: a process that ends in between trains the same steps
        again and rolls back again, one that ends afterwards resumes with the smaller rates.
        """
        run = self._run
        files, factor = run.files, run.settings.watchdog.rate_factor
        steps = checkpoint_steps(files.path)
        healthy = [found for found in steps if found < step and found <= step - finding.steps]
        target = max(healthy, default=min(steps))
        files.scores.drop_after(target)
        if (best_step(files.path) or 0) > target:
            sealed_files.remove(files.path / BEST)
        self._checkpoints.drop_after(target)
        self._record(step, finding, ROLL_BACK, rolled_back_to=target, rate_factor=factor)
        files.log.truncate_after(target)
        self._checkpoints.restore(target)
        run.sampler.checkpoint = None  # what it holds may be of a checkpoint that is trained again
        self.restored(target)
        rates = ", ".join(f"{_number(rate):.3g}" for rate, _ in self._rates)
        log.warning(f"rolled back to step {target}; learning rates of generator and discriminator are now {rates}")
        return target

    def _set_rates(self):
        factor = self._run.files.events.rate_factor()
        if factor != 1:
            for rate, start in self._rates:
                rate.assign(start * factor)


def undecided_loss(gan):
    """D's adversarial loss for logits of 0; 0 for a loss without a lower bound, or a GAN without an adversarial one."""
    if issubclass(gan.loss, Wasserstein) or not getattr(gan, "adversarial", True):
        return 0.0
    return float(gan.loss.discriminator(tf.zeros([1, 1]), tf.zeros([1, 1]))[0])


def adversarial_loss(gan, scalars):
    """D's adversarial loss per step, of its last update in each, from {tag: array}."""
    if "loss/d_adversarial" in scalars:
        return scalars["loss/d_adversarial"]
    if "loss/d_real" in scalars:
        return gan.loss.discriminator_weight * (scalars["loss/d_real"] + scalars["loss/d_fake"])
    loss = scalars[f"loss/d_{gan.disc_iters - 1}"] - gan.penalty_weight * scalars["loss/penalty"]
    if "loss/c_real_loss" in scalars:
        loss = loss - gan.weight_rotation_loss_d * scalars["loss/c_real_loss"]
    return loss


def _number(variable):
    return float(tf.convert_to_tensor(variable))  # `float` does not take a variable that replicas mirror


def _in_json(number):
    return float(f"{number:.6g}") if abs(number) < float("inf") else str(number)
