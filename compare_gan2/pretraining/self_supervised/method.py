"""What every self-supervised method shares: heads behind the extractor, and a loss of what these compute for views."""

import dataclasses
from typing import ClassVar

import tensorflow as tf

from compare_gan2.config.matching import check_fields
from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.self_supervised.heads import perceptron
from compare_gan2.pretraining.self_supervised.schedules import cosine

MODULE = "compare_gan2.pretraining"  # of the names in `.gin` files
WHOLE_VIEWS = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Outputs:
    """What networks compute for the views of a batch, rows of all replicas, each [N, ...].

    Attributes:
        projections: the student's, of all views: two whole ones, then local ones.
        predictions: the predictor's, of the same; None without one.
        targets: the teacher's, of the two whole views, constant; None without one.
    """

    projections: list
    predictions: list | None
    targets: list | None


@dataclasses.dataclass(frozen=True)
class Method:
    """Base of methods; a subclass is a dataclass of options, among them `hidden` and `size`, and defines `loss`.

    Attributes:
        name: value of `pretrain.task`.
        has_teacher: whether the loss reads the outputs of a teacher.
        least_batch: smallest global batch.
        needs: why a batch cannot be smaller, for the message.
        hidden_layers: hidden layers of the projector, each `hidden` wide; its last layer is `size` wide.
        local_views: views of small parts of an image, beside the two of the whole.
    """

    name: ClassVar[str]
    has_teacher: ClassVar[bool] = False
    least_batch: ClassVar[int] = 4
    needs: ClassVar[str] = "compares the images of a batch"
    hidden_layers: ClassVar[int] = 1
    local_views = 0  # an annotation would put the field of a method that has some before its others

    def __post_init__(self):
        check_fields(self)

    def require_batch(self, batch_size):
        """Raises a `ConfigError` if a global batch is too small for the loss."""
        if batch_size < self.least_batch:
            raise ConfigError(
                f"pretrain.batch_size: {self.name} {self.needs}, expected at least {self.least_batch}, got {batch_size}"
            )

    def projector(self, width, seed, synchronized, **options):
        """Keras model from features [N, width] to what the loss compares; options as of `heads.perceptron`."""
        hidden = [self.hidden] * self.hidden_layers
        return perceptron(width, hidden, self.size, "projector", seed, synchronized=synchronized, **options)

    def predictor(self, seed, synchronized):
        """Keras model behind the projector; None for none."""
        del seed, synchronized
        return None

    def memory(self, seed):
        """{name: initial value} of what the loss keeps from step to step."""
        del seed
        return {}

    def loss(self, outputs, memory, step):
        """(loss, {name: new value of the memory}) of a batch.

        Args:
            outputs: `Outputs`.
            memory: {name: value}, as `memory` names them.
            step: scalar int64, updates before this one.
        """
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class WithTeacher(Method):
    """Base of methods with a teacher, the moving average of the student."""

    has_teacher: ClassVar[bool] = True

    def decay(self, step, steps):
        """Weight of the teacher's old weights in an update; it follows a cosine to `last_teacher_decay`.

        Args:
            step: updates before this one.
            steps: updates altogether.
        """
        return cosine(tf.cast(step, tf.float32), steps, self.teacher_decay, self.last_teacher_decay)
