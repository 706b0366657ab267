"""Options of pre-training: what `pretrain.*` binds."""

import dataclasses
from typing import Annotated, Literal

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import SMALLEST, Count, CountOrZero, Decay, NonNegative, Positive, Range
from compare_gan2.pretraining.self_supervised.views import Views

VIEW_TASKS = ("simclr", "moco", "byol", "simsiam", "barlow_twins", "vicreg", "swav", "dino")
FEW_LABEL_TASKS = ("fixmatch", "flexmatch", "pseudo_label", "mean_teacher", "mixmatch")
BatchSize = Annotated[int, Range(1, 2**20)]


@configurable("pretrain", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class PretrainOptions:
    """Task and schedule of a feature extractor, by default SGD with momentum, a linear warm-up and step decay.

    Attributes:
        task: "rotation": by which of four angles an image is turned (Gidaris et al. 2018); "s2l": that, and the classes
            of the labelled images (Lucic et al. 2019, section 3.1; Zhai et al. 2019, S4L); "supervised": the classes of
            the labelled images alone; "fixmatch", "flexmatch", "pseudo_label", "mean_teacher", "mixmatch": the classes
            of the labelled images, and predictions for all images as their own targets, see `FewLabelOptions`; without
            labels, from views of each image: "simclr", "moco", "byol", "simsiam", "barlow_twins", "vicreg", "swav",
            "dino", each with options under its own name.
        training_steps: updates.
        batch_size: images per update, labelled or not, over all devices, each in four rotations or in all views; not
            read by "supervised".
        labelled_batch_size: labelled images per update; read by "s2l" and "supervised".
        optimizer: "sgd": with momentum; "adamw": Adam with decoupled weight decay (Loshchilov & Hutter 2019), without
            it Adam; "lars": for large batches (You et al. 2017).
        learning_rate: learning rate after the warm-up.
        warmup_steps: updates over which the rate rises from 0.
        schedule: "steps": the rate falls at `decay_steps`; "cosine": along half a cosine to `last_learning_rate`.
        decay_steps: updates at which the rate is multiplied by `decay_factor`.
        decay_factor: see `decay_steps`.
        last_learning_rate: learning rate of the last update with the schedule "cosine".
        momentum: momentum of SGD and LARS, in [0, 1).
        weight_decay: weight of half the squared norm of all kernels in the loss; with "adamw" the share, times the
            learning rate, by which kernels shrink in an update.
        views: how self-supervised tasks augment images, `@digit_views()` or `@colour_views()`; required by these.
        class_weight: weight of the class loss beside the rotation loss ("gamma" in the S3GAN paper).
        rotated_class_loss: whether the class loss sees labelled images in all four rotations, as in the papers, or
            upright only, which suits images whose class changes when they are turned (6 and 9).
        max_shift: maximum shift of an image in pixels, in each direction, drawn again each time the image is read; not
            read by tasks with `views`.
        random_flip: whether half of the images are mirrored; not read by tasks with `views`.
        save_checkpoints_steps: updates between checkpoints.
        probe_images: maximum number of labelled training images, drawn at random, that the linear probe is fitted to.
        rounds: GANs that are trained one after the other, each after the first on labels of a classifier that learned
            from the given labels and from images of the GAN before (dual pseudo training; You et al. 2023).
        generated_per_class: images of each class that such a classifier learns from beside the labelled ones.
        seed: seed of initial weights, order and distortions.
    """

    task: Literal["rotation", "s2l", "supervised", *FEW_LABEL_TASKS, *VIEW_TASKS] = REQUIRED
    training_steps: Count = REQUIRED
    batch_size: BatchSize = 64
    labelled_batch_size: BatchSize = 64
    optimizer: Literal["sgd", "adamw", "lars"] = "sgd"
    learning_rate: Positive = 0.1
    warmup_steps: CountOrZero = 0
    schedule: Literal["steps", "cosine"] = "steps"
    decay_steps: list[Count] = dataclasses.field(default=())
    decay_factor: Annotated[float, Range(SMALLEST, 1)] = 0.1
    last_learning_rate: NonNegative = 0.0
    momentum: Decay = 0.9
    weight_decay: NonNegative = 1e-4
    class_weight: NonNegative = 1.0
    rotated_class_loss: bool = True
    views: Views | None = None
    max_shift: Annotated[int, Range(0, 2**14)] = 0
    random_flip: bool = False
    save_checkpoints_steps: Count = 1000
    probe_images: Count = 10000
    rounds: Count = 1
    generated_per_class: Count = 100
    seed: Annotated[int, Range(0, 2**31 - 1)] = 0

    def __post_init__(self):
        check_fields(self)

    @property
    def compares_views(self):
        """Whether the task is one of the self-supervised ones that need `views`."""
        return self.task in VIEW_TASKS

    @property
    def learns_from_few(self):
        """Whether the task is one of those that `FewLabelOptions` describes."""
        return self.task in FEW_LABEL_TASKS

    @property
    def reads_all_images(self):
        """Whether the task sees all images, labelled or not."""
        return self.task != "supervised"

    @property
    def reads_labels(self):
        return self.task != "rotation" and not self.compares_views

    @property
    def rotates(self):
        return self.task in ("rotation", "s2l")
