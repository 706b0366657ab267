"""What the watchdog does about each rule: what `watchdog.*` binds."""

import dataclasses
from typing import Literal

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import CountOrZero, InnerShare

Action = Literal["off", "warn", "stop", "roll back"]
ROLL_BACK = "roll back"


@configurable("watchdog", module="compare_gan2.training")
@dataclasses.dataclass(frozen=True)
class WatchdogOptions:
    """What is done when training goes wrong, see docs/watchdog.md; "warn" changes no number of a run.

    Attributes:
        enabled: False turns off every rule but that of values that are not finite, which then stops the run.
        not_finite: a loss or a weight is not finite: "stop" or "roll back".
        senseless: losses, the gap between the logits or singular values are beyond any sense.
        d_wins: the discriminator has separated real from fake almost without error for 500 steps.
        constant_images: the generator's images are all alike.
        class_diversity: the images of a class are all alike.
        memorising: the discriminator knows training images from held-out ones.
        singular_values: the largest singular value of a kernel grows tenfold between two checkpoints.
        throughput: steps take twice as long as before; "off", "warn" or "stop".
        rate_factor: factor of both learning rates at each roll back, above 0 and below 1.
        most_roll_backs: roll backs before the run stops.
    """

    enabled: bool = True
    not_finite: Literal["stop", "roll back"] = "stop"
    senseless: Action = "stop"
    d_wins: Action = "warn"
    constant_images: Action = "warn"
    class_diversity: Action = "warn"
    memorising: Action = "warn"
    singular_values: Action = "warn"
    throughput: Literal["off", "warn", "stop"] = "warn"
    rate_factor: InnerShare = 0.5
    most_roll_backs: CountOrZero = 3

    def __post_init__(self):
        check_fields(self)

    def action(self, rule):
        """Action of a rule; "off" if the watchdog is not enabled."""
        if rule == "not_finite":
            return self.not_finite if self.enabled else "stop"
        return getattr(self, rule) if self.enabled else "off"

    @property
    def rolls_back(self):
        """Whether any rule may roll back."""
        fields = dataclasses.fields(self)
        return self.enabled and any(getattr(self, field.name) == ROLL_BACK for field in fields)
