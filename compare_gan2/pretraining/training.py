"""Pre-training from the last checkpoint to the last update; a resumed run computes the same bits."""

import tensorflow as tf

from compare_gan2.ground.progress import Progress
from compare_gan2.pretraining.optimizers import make_optimizer
from compare_gan2.reporting.tensorboard import EventWriter
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.run_folder.training_log import TrainingLog
from compare_gan2.training.compiled_loop import CompiledLoop
from compare_gan2.training.loop import Outputs, take_steps

STEPS_PER_CALL = 20
SHOWN = (
    *("loss/rotation", "loss/class", "loss/unlabelled"),
    *("accuracy/rotation", "accuracy/class", "share/confident"),
    *("features/alignment", "features/uniformity"),
)


class PretrainState:
    """Everything that changes during pre-training; create it inside the strategy's scope."""

    def __init__(self, model):
        self.model = model
        self.optimizer = make_optimizer(model.options, model.trainable_variables)
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="global_step")

    def current_step(self):
        """Updates so far as a Python int."""
        return int(self.step.numpy())

    def count_step(self):
        """Counts one update; call outside the replicas."""
        self.step.assign_add(1)

    def variables(self):
        """{path: tf.Variable} of the whole state, as checkpoints hold it."""
        named = {"global_step": self.step} | self.model.further_variables
        for part in (*self.model.parts, self.optimizer):
            named |= {variable.path: variable.value for variable in part.variables}
        return named


def pretrain(strategy, model, state, dataset, folder, watch=None):
    """Trains a model; leaves checkpoints, training.csv and events in the folder.

    Args:
        strategy: tf.distribute strategy in whose scope model and state were made; batches divide by its replicas.
        model: `PretrainModel` or `SelfSupervisedModel`.
        state: its `PretrainState`.
        dataset: `ImageDataset`.
        folder: made if it is missing; training resumes from what is in it.
        watch: `NeighbourLog`, which measures the features at each checkpoint; None for none.

    Raises:
        TrainingFailed: if a loss or a weight is not finite; what was saved before is intact.
    """
    options = model.options
    log = TrainingLog(folder / "training.csv")
    checkpoints = Checkpoints(folder, state, keep=2, before_save=log.seal)
    step = checkpoints.restore_latest() or 0
    log.truncate_after(step)
    if watch is not None:
        watch.resume(step)
    if step >= options.training_steps:
        return
    iterator = iter(strategy.experimental_distribute_dataset(model.batches(dataset, step)))
    run_steps = CompiledLoop(strategy, _replica_step(model, state), state)
    per_step = options.batch_size * options.reads_all_images + options.labelled_batch_size * options.reads_labels
    phase = f"pre-training ({options.task})"
    with EventWriter(folder) as events, Progress(options.training_steps, step, phase, per_step) as progress:
        take_steps(
            state,
            iterator,
            run_steps,
            total_steps=options.training_steps,
            steps_per_call=STEPS_PER_CALL,
            save_every=options.save_checkpoints_steps,
            outputs=Outputs(checkpoints, log, events, progress),
            shown=(*SHOWN, f"loss/{options.task}"),
            on_checkpoint=(lambda step: None) if watch is None else watch.record,
        )


def _replica_step(model, state):
    """Function (batch, step) -> {tag: scalar} of one update on one replica."""

    def step_on_replica(batch, step):
        with tf.GradientTape() as tape:
            loss, scalars = model.loss_of(batch, step)
            share = loss / tf.distribute.get_replica_context().num_replicas_in_sync
        variables = model.trainable_variables
        state.optimizer.apply(tape.gradient(share, [variable.value for variable in variables]), variables)
        model.after_update(step)
        return scalars

    return step_on_replica
