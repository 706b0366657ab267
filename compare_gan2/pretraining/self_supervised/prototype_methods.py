"""Methods whose output is over learned prototypes: SwAV (Caron et al. 2020) and DINO (Caron et al. 2021)."""

import dataclasses
from typing import Annotated, ClassVar

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import CountOrZero, Decay, Positive, Range, Share, Size
from compare_gan2.pretraining.self_supervised.assignment import swav
from compare_gan2.pretraining.self_supervised.distillation import dino, updated_centre
from compare_gan2.pretraining.self_supervised.method import MODULE, WHOLE_VIEWS, Method, WithTeacher
from compare_gan2.pretraining.self_supervised.schedules import linear

Views = Annotated[int, Range(0, 100)]
Times = Annotated[int, Range(1, 1000)]


@configurable("swav", module=MODULE)
@dataclasses.dataclass(frozen=True)
class SwAV(Method):
    """SwAV: the balanced code of one view is predicted from another (Caron et al. 2020); without its queue.

    Attributes:
        prototypes: learned directions that codes are over.
        temperature: temperature of the predictions.
        epsilon: divisor of the scores that give the codes; the smaller, the harder they are.
        iterations: iterations of Sinkhorn and Knopp's algorithm.
        local_views: views of small parts of an image, beside the two of the whole; each brought to the image's size.
        hidden, size: widths of the projector's hidden and last layer.
    """

    name: ClassVar[str] = "swav"
    needs: ClassVar[str] = "spreads the batch over the prototypes"
    prototypes: Annotated[int, Range(2, 2**20)] = 3000
    temperature: Positive = 0.1
    epsilon: Annotated[float, Range(1e-3, 100)] = 0.05
    iterations: Times = 3
    local_views: Views = 6
    hidden: Size = 2048
    size: Size = 128

    def projector(self, width, seed, synchronized):
        return super().projector(width, seed, synchronized, prototypes=self.prototypes)

    def loss(self, outputs, memory, step):
        whole, local = outputs.projections[:WHOLE_VIEWS], outputs.projections[WHOLE_VIEWS:]
        return swav(whole, local, self.temperature, self.epsilon, self.iterations), {}


@configurable("dino", module=MODULE)
@dataclasses.dataclass(frozen=True)
class DINO(WithTeacher):
    """DINO: the teacher's sharpened, centred output for a whole view is predicted from others (Caron et al. 2021).

    Attributes:
        prototypes: width of the output.
        student_temperature: divisor of the student's outputs.
        first_teacher_temperature, teacher_temperature: divisor of the teacher's outputs in the first update and from
            update `temperature_steps` on; linear in between.
        temperature_steps: see above.
        centre_decay: weight of the old centre in an update.
        local_views: views of small parts of an image, beside the two of the whole; each brought to the image's size.
        hidden, size: widths of the projector's hidden layers and of the last one, before the prototypes.
        teacher_decay, last_teacher_decay: weight of the teacher's old weights in the first and in the last update.
    """

    name: ClassVar[str] = "dino"
    hidden_layers: ClassVar[int] = 2
    least_batch: ClassVar[int] = 2
    needs: ClassVar[str] = "needs moments of batch norm"
    prototypes: Annotated[int, Range(2, 2**20)] = 65536
    student_temperature: Positive = 0.1
    first_teacher_temperature: Positive = 0.04
    teacher_temperature: Positive = 0.04
    temperature_steps: CountOrZero = 0
    centre_decay: Decay = 0.9
    local_views: Views = 8
    hidden: Size = 2048
    size: Size = 256
    teacher_decay: Share = 0.996
    last_teacher_decay: Share = 1.0

    def projector(self, width, seed, synchronized):
        return super().projector(width, seed, synchronized, prototypes=self.prototypes)

    def memory(self, seed):
        return {"centre": tf.zeros([self.prototypes])}

    def loss(self, outputs, memory, step):
        teacher = linear(step, self.temperature_steps, self.first_teacher_temperature, self.teacher_temperature)
        loss = dino(outputs.targets, outputs.projections, memory["centre"], teacher, self.student_temperature)
        return loss, {"centre": updated_centre(memory["centre"], outputs.targets, self.centre_decay)}
