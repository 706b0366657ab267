"""Which classes fakes are asked for in scores."""

import dataclasses
from typing import Literal

from compare_gan2.configuration import configurable


@configurable("eval_labels", module="compare_gan2.datasets")
@dataclasses.dataclass(frozen=True)
class EvaluationLabels:
    """Distribution of the labels of fakes in scores and standing statistics.

    Attributes:
        prior: "uniform" over the classes, as the original; "empirical": as often as training images have them, which
            CLUSTERING needs (Lucic et al. 2019, section 3.1), whose classes differ in size.
    """

    prior: Literal["uniform", "empirical"] = "uniform"
