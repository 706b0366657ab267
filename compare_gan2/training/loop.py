"""The training loop: many generator steps in one graph call, and between calls all that people and disks need."""

import numpy as np
import tensorflow as tf

from compare_gan2.training.accumulation import AccumulatedStep
from compare_gan2.training.replica_input import distributed
from compare_gan2.training.step import StepRandom, TrainStep


class TrainingFailed(RuntimeError):
    """Training cannot go on; what was saved before is intact."""


def make_step(gan, state, accumulate_steps=1):
    """The `TrainStep` that goes through a batch in this many parts."""
    return TrainStep(gan, state) if accumulate_steps == 1 else AccumulatedStep(gan, state, accumulate_steps)


def compiled_steps(strategy, train_step, seed, jit_compile=False):
    """Function (iterator, count) -> {tag: float32 [count]} that runs `count` generator steps in one graph call.

    Args:
        strategy: tf.distribute strategy.
        train_step: `TrainStep`.
        seed: seed of the penalties' noise.
        jit_compile: whether XLA compiles the step of a replica.
    """

    def replica_step(batches, step):
        return train_step(batches, step, StepRandom(seed, step))

    if jit_compile:  # the step, not the loop around it: XLA is slow to compile convolutions within loops
        replica_step = tf.function(replica_step, jit_compile=True, autograph=False)
    return compiled_loop(strategy, replica_step, train_step.state)


def compiled_loop(strategy, replica_step, state):
    """Function (iterator, count) -> {tag: float32 [count]} that takes `count` steps of any training in one graph call.

    Args:
        strategy: tf.distribute strategy.
        replica_step: function (element of the iterator, step) -> {tag: scalar}, run on each replica.
        state: object with the variable `step` and with `count_step()`.
    """
    tags = []

    @tf.autograph.experimental.do_not_convert  # nothing in a step branches on a tensor, and converting it takes seconds
    def stacked(batches, step):
        scalars = replica_step(batches, step)
        tags[:] = sorted(scalars)
        return tf.stack([tf.cast(scalars[tag], tf.float32) for tag in tags])  # one exchange for all of them

    def one_step(iterator):
        scalars = strategy.run(stacked, args=(next(iterator), tf.convert_to_tensor(state.step)))
        state.count_step()
        return strategy.reduce(tf.distribute.ReduceOp.MEAN, scalars, axis=None)

    @tf.function
    def steps(iterator, count):
        rows = tf.TensorArray(tf.float32, size=count)
        for i in tf.range(count):
            rows = rows.write(i, one_step(iterator))
        return rows.stack()

    def run(iterator, count):
        values = steps(iterator, tf.constant(count)).numpy()
        return {tag: values[:, i] for i, tag in enumerate(tags)}

    return run


def train(*, strategy, gan, state, batches, seed, checkpoints, run_config, log, events, progress, on_checkpoint):
    """Trains from the state's step to `options.training_steps`.

    Args:
        strategy: tf.distribute strategy in whose scope `state` was made.
        gan: `ModularGAN`.
        state: `TrainState`, restored if there was something to restore.
        batches: function (first step, shard=(index, count)) -> tf.data.Dataset as `datasets.pipeline.training_batches`
            makes it.
        seed: seed of the penalties' noise.
        checkpoints: `Checkpoints`; step 0, every `save_checkpoints_steps` and the last step are saved.
        run_config: `RunConfig`.
        log: `TrainingLog`, one row per step.
        events: `EventWriter`.
        progress: `Progress`.
        on_checkpoint: called with a step after its checkpoint is on disk.

    Raises:
        TrainingFailed: if a loss or a weight is not finite; the steps in question are named and nothing is saved.
    """
    total, every = gan.options.training_steps, run_config.save_checkpoints_steps
    step = state.current_step()
    if step == 0:
        if gan.needs_initialization:
            gan.initialize(gan.prepare(next(iter(batches(0)))[0]))
            if state.ema is not None:
                state.ema.restart()
        checkpoints.save()
        on_checkpoint(0)
    iterator = distributed(strategy, batches, step)
    train_step = make_step(gan, state, run_config.accumulate_steps)
    run_steps = compiled_steps(strategy, train_step, seed, bool(run_config.jit_compile))
    while step < total:
        next_save = min(total, step - step % every + every)
        count = min(run_config.iterations_per_loop, next_save - step)
        scalars = run_steps(iterator, count)
        require_finite(scalars, step)
        if state.current_step() != step + count:
            raise TrainingFailed(f"{count} steps from step {step} led to step {state.current_step()}")
        log.append(step + 1, scalars)
        step += count
        latest = {tag: float(values[-1]) for tag, values in scalars.items()}
        events.scalars(step, latest)
        progress.update(step, {tag: value for tag, value in latest.items() if tag in ("loss/d_0", "loss/g")})
        if step == next_save:
            require_finite_weights(state, step - count, step)
            checkpoints.save()
            on_checkpoint(step)
            events.flush()


def require_finite(scalars, first):
    """Raises `TrainingFailed` if {tag: array of the steps after `first`} is not finite; names the first such step."""
    bad = {tag: np.flatnonzero(~np.isfinite(values)) for tag, values in scalars.items()}
    earliest = min(((indices[0], tag) for tag, indices in bad.items() if indices.size), default=None)
    if earliest is None:
        return
    index, tag = earliest
    raise TrainingFailed(
        f"{tag} is {scalars[tag][index]} at step {first + 1 + index} (between steps {first + 1} and "
        f"{first + len(scalars[tag])}); training stops, the last checkpoint before is intact"
    )


def require_finite_weights(state, first, last):
    """Raises a `TrainingFailed` if a value of the state, which steps after `first` led to, is not finite."""
    for name, variable in state.variables().items():
        if variable.dtype.is_floating and not bool(tf.reduce_all(tf.math.is_finite(variable))):
            raise TrainingFailed(
                f"{name} is no longer finite at step {last} (between steps {first + 1} and {last}); training stops, "
                "the last checkpoint before is intact"
            )
