"""Feature extractor with the heads, the teacher and the memory that a self-supervised method needs."""

import tensorflow as tf

from compare_gan2.architectures.resnet_v2 import resnet_v2
from compare_gan2.distribution.cross_replica import rows_of_all_replicas
from compare_gan2.distribution.replica_copies import replica_copy
from compare_gan2.pretraining.extractor_model import ExtractorModel
from compare_gan2.pretraining.self_supervised.geometry import alignment, uniformity
from compare_gan2.pretraining.self_supervised.method import WHOLE_VIEWS, Outputs
from compare_gan2.pretraining.self_supervised.teacher import Teacher
from compare_gan2.pretraining.weight_decay import decay_in_loss
from compare_gan2.training.step import StepRandom


class SelfSupervisedModel(ExtractorModel):
    """Extractor and heads; create it inside the strategy's scope.

    Losses are those of the global batch on any number of replicas, and so are the moments of batch norm.

    Args:
        options: `PretrainOptions` with `views`.
        method: `Method`.
        network_options: `ResNetV2Options`.
        image_shape: (height, width, channels).

    Attributes:
        infer: tf.function (images) -> (features [N,F], None), in inference mode.
    """

    class_head = None

    def __init__(self, options, method, network_options, image_shape):
        synchronized = tf.distribute.get_strategy().num_replicas_in_sync > 1
        super().__init__(options, resnet_v2(image_shape, network_options, options.seed, synchronized))
        self.method = method
        width = self.extractor.output_shape[-1]
        self._projector = method.projector(width, options.seed, synchronized)
        self._predictor = method.predictor(options.seed, synchronized)
        self._teacher = Teacher([self.extractor, self._projector]) if method.has_teacher else None
        self._memory = {
            name: replica_copy(value, name)  # computed from the rows of all replicas
            for name, value in method.memory(options.seed).items()
        }
        self.infer = tf.function(self._infer, input_signature=[tf.TensorSpec([None, *image_shape])])

    @property
    def parts(self):
        """List of the extractor and its heads."""
        return [part for part in (self.extractor, self._projector, self._predictor) if part is not None]

    @property
    def further_variables(self):
        """{name: tf.Variable} that training needs beside weights: teacher and memory."""
        memory = {f"{self.method.name}/{name}": variable for name, variable in self._memory.items()}
        return memory | (self._teacher.variables() if self._teacher else {})

    def loss_of(self, batch, step):
        """(loss, {tag: scalar}) of one batch, in training mode; it also updates the memory.

        Args:
            batch: {"images": [N,H,W,C] in [0,1]} of this replica.
            step: scalar int64, updates before this one.
        """
        method, images, random = self.method, batch["images"], StepRandom(self.options.seed, step)
        count = WHOLE_VIEWS + method.local_views
        views = [
            self.options.views(images, random.uniform, f"view {number}", local=number >= WHOLE_VIEWS)
            for number in range(count)
        ]
        features = self.extractor(tf.concat(views, 0), training=True)  # one pass: one set of moments
        projections = self._projector(features, training=True)
        predictions = self._predictor(projections, training=True) if self._predictor else None
        targets = self._teacher(tf.concat(views[:WHOLE_VIEWS], 0)) if self._teacher else None
        outputs = Outputs(
            _of_each_view(projections, count),
            None if predictions is None else _of_each_view(predictions, count),
            None if targets is None else _of_each_view(targets, WHOLE_VIEWS),
        )
        memory = {name: tf.convert_to_tensor(variable) for name, variable in self._memory.items()}
        loss, changed = method.loss(outputs, memory, step)
        for name, value in changed.items():
            self._memory[name].assign(tf.stop_gradient(value))
        first, second = _of_each_view(tf.stop_gradient(features), count)[:WHOLE_VIEWS]
        scalars = {
            f"loss/{method.name}": loss,
            "features/alignment": alignment(first, second),
            "features/uniformity": uniformity(first),
        }
        loss += decay_in_loss(self.options, self.trainable_variables)
        return loss, {"loss/total": loss, **scalars}

    def after_update(self, step):
        """Updates the teacher; `step`: updates before the one just done."""
        if self._teacher:
            self._teacher.update(self.method.decay(step, self.options.training_steps))

    def _infer(self, images):
        return self.extractor(images, training=False), None


def _of_each_view(rows, count):
    """List of [N, ...] for each view, the rows of all replicas, of this replica's rows of all views."""
    return [rows_of_all_replicas(part) for part in tf.split(rows, count)]
