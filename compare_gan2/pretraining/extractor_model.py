"""What all models of pre-training share: an extractor with further networks, its batches, its checkpoint."""

from compare_gan2.pretraining.batches import pretraining_batches
from compare_gan2.run_folder.checkpoints import load_network


class ExtractorModel:
    """Base of models that `training.pretrain` trains; a subclass defines `parts`, `loss_of` and what it infers.

    Attributes:
        options: `PretrainOptions`.
        extractor: Keras model from images [N,H,W,C] in [0,1] to features [N,F].
    """

    def __init__(self, options, extractor):
        self.options = options
        self.extractor = extractor

    @property
    def parts(self):
        """List of the extractor and the networks behind it."""
        raise NotImplementedError

    @property
    def trainable_variables(self):
        return [variable for part in self.parts for variable in part.trainable_variables]

    @property
    def further_variables(self):
        """{name: tf.Variable} that training needs beside weights: none here."""
        return {}

    def batches(self, dataset, start_step):
        """Infinite tf.data.Dataset of the inputs of the updates from `start_step` on."""
        return pretraining_batches(dataset, self.options, start_step)

    def restore(self, path):
        """Assigns the weights from a checkpoint; raises a `CheckpointError` if one is missing."""
        for part in self.parts:
            load_network(path, part)

    def loss_of(self, batch, step):
        """(loss, {tag: scalar}) of an element of `batches`, in training mode; `step`: updates before this one."""
        raise NotImplementedError

    def after_update(self, step):
        """Called on each replica once the weights are updated; `step`: updates before this one."""
