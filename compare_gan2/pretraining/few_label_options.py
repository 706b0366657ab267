"""Options of the tasks that learn from labelled and unlabelled images together: what `few_labels.*` binds."""

import dataclasses
from typing import Literal

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import CountOrZero, Decay, FolderName, NonNegative, Positive, Share

WEIGHTS = {"fixmatch": 1.0, "flexmatch": 1.0, "pseudo_label": 1.0, "mean_teacher": 100.0, "mixmatch": 75.0}


@configurable("few_labels", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class FewLabelOptions:
    """What the tasks "fixmatch", "flexmatch", "pseudo_label", "mean_teacher" and "mixmatch" read beside `pretrain.*`.

    Attributes:
        views: distortions of the images. "digits": shifts, rotations, for the strong view also shear, scale, intensity
            and a cut-out; "colour": flips and shifts, for the strong view also rotations, colours and a cut-out.
        threshold: probability from which a prediction counts as a label, in [0, 1].
        unlabelled_weight: of the loss of unlabelled images; None: 1, "mean_teacher" 100, "mixmatch" 75, as published.
        rampup_steps: updates over which this weight rises from 0: linearly, for "mean_teacher" as exp(-5 (1 - t)^2).
        temperature: of soft targets in place of the likeliest class; None: hard ones, for "mixmatch" 0.5.
        teacher_decay: of the average of the weights, in [0, 1], that labels are inferred with; the teacher's.
        distance: of "mean_teacher", between probabilities: "squared" difference or Kullback-Leibler "divergence".
        alignment: to which distribution the mean of the predictions is moved before they become targets: "uniform",
            that of the "labelled" images, or the "moving" mean of the predictions for these; None: not.
        alignment_decay: of the moving means.
        alignment_batches: number of batches whose mean is taken in place of a moving mean; 0: the moving mean.
        warm_up: of "flexmatch": whether images without a confident prediction so far hold all thresholds down.
        beta: of "mixmatch": parameter of the Beta distribution that shares of images are drawn from.
        start: folder of a trained extractor whose weights are taken; None: random ones.
    """

    views: Literal["digits", "colour"] = REQUIRED
    threshold: Share = 0.95
    unlabelled_weight: NonNegative | None = None
    rampup_steps: CountOrZero = 0
    temperature: Positive | None = None
    teacher_decay: Share = 0.999
    distance: Literal["squared", "divergence"] = "squared"
    alignment: Literal["uniform", "labelled", "moving"] | None = None
    alignment_decay: Decay = 0.999
    alignment_batches: CountOrZero = 0
    warm_up: bool = True
    beta: Positive = 0.75
    start: FolderName | None = None

    def __post_init__(self):
        check_fields(self)
