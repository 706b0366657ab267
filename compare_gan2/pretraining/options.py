"""Options of pre-training: what `pretrain.*` binds."""

import dataclasses
from typing import Literal

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.ground.errors import ConfigError


@configurable("pretrain", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class PretrainOptions:
    """Task and schedule of a feature extractor, trained by SGD with momentum, a linear warm-up and step decay.

    Attributes:
        task: "rotation": by which of four angles an image is turned (Gidaris et al. 2018); "s2l": that, and the classes
            of the labelled images (Lucic et al. 2019, section 3.1; Zhai et al. 2019, S4L); "supervised": the classes of
            the labelled images alone.
        training_steps: updates.
        batch_size: images per update, labelled or not, over all devices, each in four rotations; not read by
            "supervised".
        labelled_batch_size: labelled images per update; not read by "rotation".
        learning_rate: after the warm-up.
        warmup_steps: updates over which the rate rises from 0.
        decay_steps: updates at which the rate is multiplied by `decay_factor`.
        decay_factor: see `decay_steps`.
        momentum: of SGD, in [0, 1).
        weight_decay: weight of half the squared norm of all kernels in the loss.
        class_weight: weight of the class loss beside the rotation loss ("gamma" in the S3GAN paper).
        rotated_class_loss: whether the class loss sees labelled images in all four rotations, as in the papers, or
            upright only, which suits images whose class changes when they are turned (6 and 9).
        max_shift: maximum shift of an image in pixels, in each direction, drawn again each time the image is read.
        random_flip: whether half of the images are mirrored.
        save_checkpoints_steps: updates between checkpoints.
        probe_images: maximum number of labelled training images, drawn at random, that the linear probe is fitted to.
        seed: of weights, order and distortions.
    """

    task: Literal["rotation", "s2l", "supervised"] = REQUIRED
    training_steps: int = REQUIRED
    batch_size: int = 64
    labelled_batch_size: int = 64
    learning_rate: float = 0.1
    warmup_steps: int = 0
    decay_steps: list[int] = dataclasses.field(default=())
    decay_factor: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    class_weight: float = 1.0
    rotated_class_loss: bool = True
    max_shift: int = 0
    random_flip: bool = False
    save_checkpoints_steps: int = 1000
    probe_images: int = 10000
    seed: int = 0

    def __post_init__(self):
        for name in ("training_steps", "batch_size", "labelled_batch_size", "save_checkpoints_steps", "probe_images"):
            if getattr(self, name) < 1:
                raise ConfigError(f"pretrain.{name}: expected at least 1, got {getattr(self, name)}")
        for name in ("warmup_steps", "weight_decay", "class_weight", "max_shift"):
            if getattr(self, name) < 0:
                raise ConfigError(f"pretrain.{name}: expected 0 or more, got {getattr(self, name)}")
        if not 0 <= self.momentum < 1:
            raise ConfigError(f"pretrain.momentum: expected 0 or more, below 1, got {self.momentum}")
        if self.learning_rate <= 0:
            raise ConfigError(f"pretrain.learning_rate: expected a number above 0, got {self.learning_rate}")
        if not 0 <= self.seed < 2**31:
            raise ConfigError(f"pretrain.seed: expected 0 to {2**31 - 1}, got {self.seed}")

    @property
    def reads_labels(self):
        return self.task != "rotation"

    @property
    def rotates(self):
        return self.task != "supervised"
