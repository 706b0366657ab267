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
        unlabelled_weight: weight of the loss of unlabelled images; None: as published, 100 for "mean_teacher", 75 for
            "mixmatch", else 1.
        rampup_steps: updates over which this weight rises from 0: linearly, for "mean_teacher" as exp(-5 (1 - t)^2).
        temperature: temperature of soft targets, which replace the likeliest class; None: hard targets, but 0.5 for
            "mixmatch".
        teacher_decay: decay, in [0, 1], of the average of the weights, which is the teacher and infers the labels.
        distance: for "mean_teacher", of probabilities: "squared" difference or Kullback-Leibler "divergence".
        alignment: distribution that the mean of the predictions is scaled to before they become targets: "uniform",
            that of the "labelled" images, or the "moving" mean of the predictions for these; None: no alignment.
        alignment_decay: decay of the moving means.
        alignment_batches: number of last batches whose mean replaces the moving mean; 0: the moving mean.
        warm_up: for "flexmatch": whether images without a confident prediction so far hold all thresholds down.
        beta: for "mixmatch": parameter of the Beta distribution that the shares of mixed images are drawn from.
        start: folder of a trained extractor to start from; None: random weights.
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
