"""The training loop: many steps per graph call; logs, checks and checkpoints between calls."""

import contextlib
import dataclasses
import time

import numpy as np
import tensorflow as tf

from compare_gan2.distribution.per_replica_batches import distributed
from compare_gan2.ground import stop_request
from compare_gan2.ground.errors import TrainingFailed
from compare_gan2.training.compiled_loop import compiled_steps, make_step
from compare_gan2.training.step_timer import StepTimer
from compare_gan2.training.watchdog import RollBack


class NotFinite(TrainingFailed):
    """A loss or a weight is not finite at or before `step`."""

    def __init__(self, message, step):
        super().__init__(message)
        self.step = step


SHOWN = ("loss/d_0", "loss/g")  # tags that the progress shows


def train(
    *,
    strategy,
    gan,
    state,
    batches,
    seed,
    total_steps,
    run_config,
    outputs,
    on_checkpoint,
    restored=False,
    watch=None,
    meter=None,
):
    """Trains from the state's step to `total_steps`.

    Args:
        strategy: tf.distribute strategy in whose scope `state` was made.
        gan: `ModularGAN`.
        state: `TrainState`, restored if the run resumes.
        batches: function (first step, shard=(index, count)) -> tf.data.Dataset as `datasets.pipeline.training_batches`
            makes it.
        seed: seed of the noise that penalties draw.
        total_steps: generator step to train to.
        run_config: `RunConfig`.
        outputs: `Outputs`; step 0, every `save_checkpoints_steps` and the last step are saved.
        on_checkpoint: function (step), called once the checkpoint of that step is on disk.
        restored: whether the state is that of a checkpoint, which step 0 has, too: it is neither initialised from data
            nor saved again.
        watch: `Watchdog`, None for none.
        meter: object whose `traced` takes the bytes of a step's tensors before the first step, and whose `timed` takes
            (seconds per step, steps done) after a few; None for none.

    Raises:
        TrainingFailed: if a loss or a weight is not finite; the message names the steps, and nothing is saved. Or if
            the watchdog stops the run.
        Stopped: as `take_steps`.
    """
    if not restored and state.current_step() == 0:
        if gan.needs_initialization:
            gan.initialize(gan.prepare(next(iter(batches(0)))[0]))
            if state.ema is not None:
                state.ema.restart()
        outputs.checkpoints.save()
        on_checkpoint(0)
    train_step = make_step(gan, state, run_config.accumulate_steps)
    run_steps = compiled_steps(strategy, train_step, seed, bool(run_config.jit_compile))
    resumed = False
    while True:
        try:
            if watch is not None and not resumed:
                watch.resume(state.current_step())
            resumed = True
            iterator = distributed(strategy, batches, state.current_step())
            with _measured(run_steps, iterator, meter):
                take_steps(
                    state,
                    iterator,
                    run_steps,
                    total_steps=total_steps,
                    steps_per_call=run_config.iterations_per_loop,
                    save_every=run_config.save_checkpoints_steps,
                    outputs=outputs,
                    shown=SHOWN,
                    on_checkpoint=on_checkpoint,
                    watch=watch,
                )
            return
        except (NotFinite, RollBack) as problem:
            if watch is None:
                raise
            watch.recover(problem)
            resumed, meter = False, None


def _measured(run_steps, iterator, meter):
    """Context manager of the steps; a meter learns what they need."""
    if meter is None:
        return contextlib.nullcontext()
    meter.traced(run_steps.trace(iterator))
    return StepTimer(run_steps.taken, meter.timed)


@dataclasses.dataclass(frozen=True)
class Outputs:
    """What a training loop writes to; a `distribution.no_outputs.NoOutputs` in every field writes nothing.

    Attributes:
        checkpoints: `Checkpoints`.
        log: `TrainingLog`, one row per step.
        events: `EventWriter`.
        progress: `Progress`.
    """

    checkpoints: object
    log: object
    events: object
    progress: object


def take_steps(
    state,
    iterator,
    run_steps,
    *,
    total_steps,
    steps_per_call,
    save_every,
    outputs,
    shown,
    on_checkpoint=lambda step: None,
    watch=None,
):
    """Trains to `total_steps`; between graph calls it saves, logs and checks that all values are finite.

    Args:
        state: object with the methods of `TrainState`.
        iterator: inputs of the steps, starting at the state's step.
        run_steps: function (iterator, count) -> {tag: float32 [n]}, as `CompiledLoop` is one; n < count, or an empty
            dict for 0, if a stop was requested.
        total_steps: step to train to.
        steps_per_call: steps inside one graph call, and between two events.
        save_every: steps between checkpoints; the last step is saved too.
        outputs: `Outputs`.
        shown: tags that the progress shows.
        on_checkpoint: function (step), called once the checkpoint of that step is on disk.
        watch: see `train`.

    Raises:
        TrainingFailed: as `train`.
        RollBack: if the watchdog says so.
        Stopped: if a stop was requested; the last step is saved.
    """
    step = saved = state.current_step()
    with stop_request.deferred("stopping after this step ...", lambda: step > saved):
        while step < total_steps:
            next_save = min(total_steps, step - step % save_every + save_every)
            # Counted from the last regular checkpoint, so that a run resumed from anywhere leaves the same events.
            next_event = min(next_save, step + steps_per_call - step % save_every % steps_per_call)
            count = next_event - step
            began = time.monotonic()
            scalars = run_steps(iterator, count)
            seconds = time.monotonic() - began
            taken = max(map(len, scalars.values()), default=0)
            require_finite(scalars, step)
            if state.current_step() != step + taken:
                raise TrainingFailed(f"{taken} steps from step {step} led to step {state.current_step()}")
            if taken:
                outputs.log.append(step + 1, scalars)
                step += taken
                latest = {tag: float(values[-1]) for tag, values in scalars.items()}
                if step == next_event:
                    outputs.events.scalars(step, latest)
                outputs.progress.update(step, {tag: value for tag, value in latest.items() if tag in shown})
                if watch is not None:
                    watch.after_call(step, scalars, seconds)
            if step == next_save:
                require_finite_weights(state, step - taken, step)
                outputs.checkpoints.save()
                saved = step
                with stop_request.interruptible():
                    on_checkpoint(step)
                outputs.events.flush()
            elif taken < count:
                if step > saved:
                    require_finite_weights(state, step - taken, step)
                    outputs.checkpoints.save(extra=True)
                    outputs.events.flush()
                    saved = step
                raise stop_request.stopped()


def require_finite(scalars, first):
    """Raises a `TrainingFailed` that names the first step whose scalars are not finite, if there is one.

    Args:
        scalars: {tag: array [n]} of the n steps after `first`.
        first: number of the step before them.
    """
    bad = {tag: np.flatnonzero(~np.isfinite(values)) for tag, values in scalars.items()}
    earliest = min(((indices[0], tag) for tag, indices in bad.items() if indices.size), default=None)
    if earliest is None:
        return
    index, tag = earliest
    raise NotFinite(
        f"{tag} is {scalars[tag][index]} at step {first + 1 + index} (between steps {first + 1} and "
        f"{first + len(scalars[tag])}); training stops, the last checkpoint before is intact",
        int(first + 1 + index),
    )


def require_finite_weights(state, first, last):
    """Raises a `TrainingFailed` if a value of the state is not finite after the steps `first` + 1 to `last`."""
    for name, variable in state.variables().items():
        if variable.dtype.is_floating and not bool(tf.reduce_all(tf.math.is_finite(variable))):
            raise NotFinite(
                f"{name} is no longer finite at step {last} (between steps {first + 1} and {last}); training stops, "
                "the last checkpoint before is intact",
                last,
            )
