"""Options of label propagation: what `propagation.*` binds."""

import dataclasses
from typing import Annotated, Literal

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Decay, Positive, Range, Seed, Share


@configurable("propagation", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class PropagationOptions:
    """How labels spread from labelled images to the others along a graph of neighbours in the space of features.

    Attributes:
        neighbours: number of neighbours of each image in the graph.
        alpha: how far labels spread, in [0, 1).
        class_sizes: "equal": each class has as many of all images; "labelled": as many as among the labelled ones;
            "free": nothing is assumed.
        cluster_weight: share of clusters in the sources, the rest being labelled images; there are as many clusters as
            classes, matched with them by labels that were spread without clusters. 0: no clusters; "one_label": the
            cluster of a class counts as much as one of its labelled images, 1 / (1 + their number).
        restarts: restarts of the clustering, see `ClusteringOptions`.
        temperature: temperature of clusters of equal sizes, see `ClusteringOptions`.
        seed: seed of the initial centres of the clusters.
    """

    neighbours: Annotated[int, Range(1, 1000)] = 10
    alpha: Decay = 0.99
    class_sizes: Literal["equal", "labelled", "free"] = "free"
    cluster_weight: Share | Literal["one_label"] = 0.0
    restarts: Annotated[int, Range(1, 1000)] = 10
    temperature: Positive = 0.005
    seed: Seed = 0

    def __post_init__(self):
        check_fields(self)
