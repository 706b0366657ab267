"""Settings that all batch norms share."""

import dataclasses

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Decay, Epsilon
from compare_gan2.ground.errors import ConfigError

ARCH_OPS = "compare_gan.architectures.arch_ops"


@configurable("standardize_batch", module=ARCH_OPS)
@dataclasses.dataclass(frozen=True)
class StandardizeBatch:
    """Settings of all batch norms.

    Attributes:
        decay: decay of the moving averages per training step, in [0, 1).
        epsilon: added to the variance.
        use_moving_averages: True updates moving averages while training; False stores nothing while training, and the
            statistics for inference are accumulated over generated samples before scoring (standing statistics).
        use_cross_replica_mean: None or True takes moments over all replicas, False over each replica alone.
    """

    decay: Decay = 0.999
    epsilon: Epsilon = 1e-3
    use_moving_averages: bool = True
    use_cross_replica_mean: bool | None = None

    def __post_init__(self):
        check_fields(self)


def checked_fields(argument, options_class, values):
    """Fields of an options class as a dict, the given ones checked, the others with their defaults."""
    known = [field.name for field in dataclasses.fields(options_class)]
    if unknown := [name for name in values or {} if name not in known]:
        raise ConfigError(f"batch_norm.{argument}: expected keys among {', '.join(known)}, got {unknown[0]!r}")
    return dataclasses.asdict(options_class(**(values or {})))
