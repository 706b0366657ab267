"""The self-supervised methods that `pretrain.task` names; defaults are the papers' unless stated otherwise."""

import dataclasses
from typing import Annotated, ClassVar

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Epsilon, NonNegative, Positive, Range, Share, Size
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.random_streams import random_state
from compare_gan2.pretraining.self_supervised import losses
from compare_gan2.pretraining.self_supervised.heads import perceptron
from compare_gan2.pretraining.self_supervised.key_queue import moco, updated_queue
from compare_gan2.pretraining.self_supervised.method import MODULE, Method, WithTeacher
from compare_gan2.pretraining.self_supervised.prototype_methods import DINO, SwAV

_QUEUE = 2**31 + 1  # random stream of the first keys


@configurable("simclr", module=MODULE)
@dataclasses.dataclass(frozen=True)
class SimCLR(Method):
    """SimCLR: the other view of an image is found in the batch by NT-Xent (Chen et al. 2020).

    Attributes:
        temperature: divisor of the cosines; 0.1 in the paper's runs on ImageNet.
        hidden, size: widths of the projector's hidden and last layer.
    """

    name: ClassVar[str] = "simclr"
    needs: ClassVar[str] = "finds each image's other view among the others of the batch"
    temperature: Positive = 0.5
    hidden: Size = 2048
    size: Size = 128

    def loss(self, outputs, memory, step):
        return losses.nt_xent(*outputs.projections, self.temperature), {}


@configurable("moco", module=MODULE)
@dataclasses.dataclass(frozen=True)
class MoCo(WithTeacher):
    """MoCo: the teacher's other view is found among earlier keys (He et al. 2020), with the head of MoCo v2.

    Attributes:
        temperature: divisor of the cosines.
        queue_size: earlier keys, a multiple of `pretrain.batch_size`; 65,536 in the paper.
        hidden, size: widths of the projector's hidden and last layer.
        teacher_decay, last_teacher_decay: weight of the teacher's old weights in the first and in the last update.
    """

    name: ClassVar[str] = "moco"
    least_batch: ClassVar[int] = 2
    needs: ClassVar[str] = "needs moments of batch norm"
    temperature: Positive = 0.07
    queue_size: Annotated[int, Range(1, 2**24)] = 4096
    hidden: Size = 2048
    size: Size = 128
    teacher_decay: Share = 0.999
    last_teacher_decay: Share = 0.999

    def require_batch(self, batch_size):
        super().require_batch(batch_size)
        if self.queue_size % batch_size:
            raise ConfigError(
                f"moco.queue_size: expected a multiple of pretrain.batch_size ({batch_size}), got {self.queue_size}"
            )

    def memory(self, seed):
        keys = random_state(seed, _QUEUE).normal(size=[self.queue_size, self.size])
        return {"queue": losses.unit(tf.constant(keys, tf.float32)), "pointer": tf.constant(0, tf.int64)}

    def loss(self, outputs, memory, step):
        keys = outputs.targets[1]
        loss = moco(outputs.projections[0], keys, memory["queue"], self.temperature)
        queue, pointer = updated_queue(memory["queue"], memory["pointer"], keys)
        return loss, {"queue": queue, "pointer": pointer}


@configurable("byol", module=MODULE)
@dataclasses.dataclass(frozen=True)
class BYOL(WithTeacher):
    """BYOL: the teacher's output for one view is predicted from the other (Grill et al. 2020).

    Attributes:
        hidden, size: widths of the hidden and of the last layer of projector and predictor.
        teacher_decay, last_teacher_decay: weight of the teacher's old weights in the first and in the last update.
    """

    name: ClassVar[str] = "byol"
    least_batch: ClassVar[int] = 2
    needs: ClassVar[str] = "needs moments of batch norm"
    hidden: Size = 4096
    size: Size = 256
    teacher_decay: Share = 0.996
    last_teacher_decay: Share = 1.0

    def predictor(self, seed, synchronized):
        return perceptron(self.size, [self.hidden], self.size, "predictor", seed, synchronized=synchronized)

    def loss(self, outputs, memory, step):
        return losses.byol(outputs.predictions, outputs.targets), {}


@configurable("simsiam", module=MODULE)
@dataclasses.dataclass(frozen=True)
class SimSiam(Method):
    """SimSiam: BYOL without a teacher, targets are the constant projections (Chen & He 2021).

    Attributes:
        hidden, size: widths of the hidden layers and of the last one of the projector.
        bottleneck: width of the predictor's hidden layer.
    """

    name: ClassVar[str] = "simsiam"
    hidden_layers: ClassVar[int] = 2
    least_batch: ClassVar[int] = 2
    needs: ClassVar[str] = "needs moments of batch norm"
    hidden: Size = 2048
    size: Size = 2048
    bottleneck: Size = 512

    def projector(self, width, seed, synchronized):
        return super().projector(width, seed, synchronized, normalized_output=True)

    def predictor(self, seed, synchronized):
        return perceptron(self.size, [self.bottleneck], self.size, "predictor", seed, synchronized=synchronized)

    def loss(self, outputs, memory, step):
        return losses.simsiam(outputs.predictions, outputs.projections), {}


@configurable("barlow_twins", module=MODULE)
@dataclasses.dataclass(frozen=True)
class BarlowTwins(Method):
    """Barlow Twins: features of both views correlate each with itself alone (Zbontar et al. 2021).

    Attributes:
        off_diagonal: weight of the squared correlations of different features (lambda).
        hidden, size: widths of the projector's hidden layers and of the last one.
    """

    name: ClassVar[str] = "barlow_twins"
    hidden_layers: ClassVar[int] = 2
    needs: ClassVar[str] = "measures correlations over the batch"
    off_diagonal: NonNegative = 0.005
    hidden: Size = 8192
    size: Size = 8192

    def loss(self, outputs, memory, step):
        return losses.barlow_twins(*outputs.projections, self.off_diagonal), {}


@configurable("vicreg", module=MODULE)
@dataclasses.dataclass(frozen=True)
class VICReg(Method):
    """VICReg: views agree, features vary and do not correlate (Bardes et al. 2022).

    Attributes:
        invariance, variance, covariance: weights of the three terms (lambda, mu, nu).
        epsilon: added to variances.
        as_in_the_paper: whether the distance of views is summed over features and the variance terms over both views,
            as in the paper's equations; False: means, as in its published code, which the weights are for.
        hidden, size: widths of the projector's hidden layers and of the last one.
    """

    name: ClassVar[str] = "vicreg"
    hidden_layers: ClassVar[int] = 2
    needs: ClassVar[str] = "measures variances over the batch"
    invariance: NonNegative = 25.0
    variance: NonNegative = 25.0
    covariance: NonNegative = 1.0
    epsilon: Epsilon = 1e-4
    as_in_the_paper: bool = False
    hidden: Size = 8192
    size: Size = 8192

    def loss(self, outputs, memory, step):
        views = outputs.projections
        variance = tf.add_n([losses.vicreg_variance(view, self.epsilon) for view in views])
        covariance = tf.add_n([losses.vicreg_covariance(view) for view in views])
        invariance = losses.vicreg_invariance(*views, summed=self.as_in_the_paper)
        share = 1.0 if self.as_in_the_paper else 0.5
        return self.invariance * invariance + self.variance * share * variance + self.covariance * covariance, {}


METHODS = {method.name: method for method in (SimCLR, MoCo, BYOL, SimSiam, BarlowTwins, VICReg, SwAV, DINO)}
