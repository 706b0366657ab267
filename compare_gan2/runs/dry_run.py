"""`--dry_run`: checks a run, shows what it will cost, takes a few steps in memory and writes nothing."""

import time

from compare_gan2.distribution.per_replica_batches import distributed
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.run_folder import checkpoint_room
from compare_gan2.runs.run_summary import RunSummary
from compare_gan2.training.compiled_loop import compiled_steps, make_step

STEPS = 3  # that are timed, after one that compiles
DONE = "dry run: nothing was written"


def require_training_in_one_process(run_config, cluster):
    """Raises a `ConfigError` for a dry run of several workers, or of one that trains nothing.

    Args:
        run_config: `RunConfig`.
        cluster: `Cluster`, None for one process.
    """
    if run_config.schedule == "continuous_eval":
        raise ConfigError("--dry_run: expected a schedule that trains, got continuous_eval; leave out --dry_run")
    if cluster is not None:
        raise ConfigError(f"--dry_run: expected one process, got several by {cluster.option}; leave that out")


def dry_run(this, batches):
    """Shows the cost of a `Run` that has been prepared and announced.

    Steps are those of the run, but from new weights, and with labels 0 in place of labels that are still to be
    inferred, on which their time does not depend.

    Args:
        this: `Run`.
        batches: see `loop.train`.

    Raises:
        ConfigError: if the disk has no room for the checkpoints.
    """
    settings, model, strategy = this.settings, this.model, this.devices.strategy
    checkpoint_room.require_room(this.files.path, model.state, settings.options.training_steps, settings.run)
    if this.data.inference is not None:
        log.info("labels: inferred by pre-training before the first step, unless cached; its time is not counted")
    if this.files.last_step >= settings.options.training_steps:
        log.info(f"training has reached step {this.files.last_step}; scores or pictures are left. {DONE}")
        return
    summary = RunSummary(this)
    iterator = distributed(strategy, batches, 0)
    log.info("compiling the step ...")
    step = make_step(model.gan, model.state, settings.run.accumulate_steps)
    steps = compiled_steps(strategy, step, settings.seed, bool(settings.run.jit_compile))
    summary.traced(steps.trace(iterator))
    steps(iterator, 1)
    began = time.monotonic()
    steps(iterator, STEPS)
    summary.timed((time.monotonic() - began) / STEPS, 0)
    log.info(DONE)
