"""Pre-training from the last checkpoint to the last update, resumable anywhere to the last bit."""

import keras
import tensorflow as tf

from compare_gan2.pretraining.inputs import pretraining_batches
from compare_gan2.reporting.progress import Progress
from compare_gan2.reporting.tensorboard import EventWriter
from compare_gan2.reporting.training_log import TrainingLog
from compare_gan2.training.checkpoints import Checkpoints
from compare_gan2.training.loop import compiled_loop, require_finite, require_finite_weights

STEPS_PER_CALL = 20
SHOWN = ("loss/rotation", "loss/class", "accuracy/rotation", "accuracy/class")


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up, then constant, multiplied by a factor at given updates; of `PretrainOptions`."""

    def __init__(self, options):
        self.options = options

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        rate = self.options.learning_rate * tf.minimum(1.0, (step + 1.0) / max(self.options.warmup_steps, 1))
        for boundary in self.options.decay_steps:
            rate *= tf.where(step >= boundary, self.options.decay_factor, 1.0)
        return rate

    def get_config(self):
        return {"options": self.options}


class PretrainState:
    """All that changes during pre-training; create it inside the strategy's scope."""

    def __init__(self, model):
        self.model = model
        options = model.options
        self.optimizer = keras.optimizers.SGD(Schedule(options), momentum=options.momentum, name="sgd")
        self.optimizer.build(model.trainable_variables)
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="global_step")

    def current_step(self):
        """The updates done, as a Python int."""
        return int(self.step.numpy())

    def count_step(self):
        """Counts one update; call outside the replicas."""
        self.step.assign_add(1)

    def variables(self):
        """{path: tf.Variable} of everything, as checkpoints hold it."""
        named = {"global_step": self.step}
        for part in (*self.model.parts, self.optimizer):
            named |= {variable.path: variable.value for variable in part.variables}
        return named


def pretrain(strategy, model, state, dataset, folder):
    """Trains a `PretrainModel`; leaves checkpoints, training.csv and events in the folder.

    Args:
        strategy: tf.distribute strategy in whose scope model and state were made; batches divide by its replicas.
        model: `PretrainModel`.
        state: its `PretrainState`.
        dataset: `ImageDataset`.
        folder: made if it is missing; goes on from what is in it.

    Raises:
        TrainingFailed: if a loss or a weight is not finite; what was saved before is intact.
    """
    options = model.options
    checkpoints, log = Checkpoints(folder, state, keep=2), TrainingLog(folder / "training.csv")
    step = checkpoints.restore_latest() or 0
    log.truncate_after(step)
    if step >= options.training_steps:
        return
    iterator = iter(strategy.experimental_distribute_dataset(pretraining_batches(dataset, options, step)))
    run_steps = compiled_loop(strategy, _replica_step(model, state), state)
    per_step = (options.batch_size if options.rotates else 0) + options.labelled_batch_size * options.reads_labels
    phase = f"pre-training ({options.task})"
    with EventWriter(folder) as events, Progress(options.training_steps, step, phase, per_step) as progress:
        while step < options.training_steps:
            every = options.save_checkpoints_steps
            next_save = min(options.training_steps, step - step % every + every)
            count = min(STEPS_PER_CALL, next_save - step)
            scalars = run_steps(iterator, count)
            require_finite(scalars, step)
            log.append(step + 1, scalars)
            step += count
            latest = {tag: float(values[-1]) for tag, values in scalars.items()}
            events.scalars(step, latest)
            progress.update(step, {tag: value for tag, value in latest.items() if tag in SHOWN})
            if step == next_save:
                require_finite_weights(state, step - count, step)
                checkpoints.save()
                events.flush()


def _replica_step(model, state):
    """Function (batch, step) -> {tag: scalar} of one update on one replica."""

    def step_on_replica(batch, step):
        del step  # nothing is drawn here, the batch has its distortions
        with tf.GradientTape() as tape:
            loss, scalars = model.loss(batch.get("images"), batch.get("labelled_images"), batch.get("labels"))
            share = loss / tf.distribute.get_replica_context().num_replicas_in_sync
        variables = model.trainable_variables
        state.optimizer.apply(tape.gradient(share, [variable.value for variable in variables]), variables)
        return scalars

    return step_on_replica
