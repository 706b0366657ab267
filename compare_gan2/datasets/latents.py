"""The noise that generators start from: its distribution in training (`z`) and in scoring (`eval_z`).

The parameter `seed` of the distributions is None in every saved configuration of the original, and nothing else is
accepted: draws follow the seed of the run.
"""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Literal

import tensorflow as tf

from compare_gan2.config.declare import configurable, is_declared, refuse, selector
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Number, Positive
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.seeds import ALGORITHM


@configurable("normal", module="tf.random", denylist=["shape", "stateless_seed"])
def normal(shape, stateless_seed, mean: Number = 0.0, stddev: Positive = 1.0, seed: None = None):
    """float32 draw of a shape from the normal distribution.

    Args:
        shape: of the draw.
        stateless_seed: seed [2].
        mean: of the distribution.
        stddev: of the distribution.
        seed: None; see the module.
    """
    return tf.random.stateless_normal(shape, stateless_seed, mean, stddev, alg=ALGORITHM)


@configurable("truncated_normal", module="tf.random", denylist=["shape", "stateless_seed"])
def truncated_normal(shape, stateless_seed, mean: Number = 0.0, stddev: Positive = 1.0, seed: None = None):
    """float32 draw of a shape from the normal distribution truncated at two standard deviations.

    Args:
        shape: of the draw.
        stateless_seed: seed [2].
        mean: of the distribution before it is truncated.
        stddev: of the distribution before it is truncated.
        seed: None; see the module.
    """
    return tf.random.stateless_truncated_normal(shape, stateless_seed, mean, stddev, alg=ALGORITHM)


@configurable("uniform", module="tf.random", denylist=["shape", "stateless_seed"])
def uniform(shape, stateless_seed, minval: Number = 0.0, maxval: Number = 1.0, seed: None = None):
    """float32 draw of a shape from the uniform distribution on [minval, maxval).

    Args:
        shape: of the draw.
        stateless_seed: seed [2].
        minval: lowest value.
        maxval: end of the interval, not included.
        seed: None; see the module.
    """
    return tf.random.stateless_uniform(shape, stateless_seed, minval, maxval, alg=ALGORITHM)


for _name in ("gamma", "multinomial", "poisson"):
    refuse(
        _name,
        module="tf.random",
        instead="latents are @tf.random.normal, @tf.random.truncated_normal or @tf.random.uniform",
    )


@dataclasses.dataclass(frozen=True)
class Latents:
    """A distribution of noise; called with a shape and a seed [2], it draws float32 latents of that shape.

    Attributes:
        distribution_fn: function (shape, seed, ...) -> latents; it is given those of the values below that it takes.
        minval, maxval, stddev: parameters of the distribution.

    Example:
        latents = Latents(normal)([16, 128], fold(seed, "latents", step))  # float32 [16, 128]
    """

    distribution_fn: Callable = uniform
    minval: Number = -1.0
    maxval: Number = 1.0
    stddev: Positive = 1.0

    def __post_init__(self):
        if type(self) is not Latents:
            check_fields(self)
        if not self.minval < self.maxval:
            name = selector(type(self)) if is_declared(type(self)) else type(self).__name__
            raise ConfigError(f"{name}.minval: expected less than maxval ({self.maxval}), got {self.minval}")

    def __call__(self, shape, seed):
        return self.distribution_fn(shape, seed, **self._values())

    @property
    def description(self):
        """The distribution by its name in `.gin` files, such as "normal(stddev=1.0)"."""
        values = self.parameters
        return f"{self.family}({', '.join(f'{k}={values[k]}' for k in sorted(values))})"

    @property
    def parameters(self):
        """{name: value} of what the distribution is given: the values here, over those bound to the function."""
        return {**getattr(self.distribution_fn, "keywords", {}), **self._values()}

    @property
    def is_normal(self):
        """Whether the distribution is the normal one about 0, which can be truncated at a number of deviations."""
        return self.family == "normal" and self.mean == 0.0

    @property
    def mean(self):
        """That of the normal distributions; 0 if none is bound."""
        return self.parameters.get("mean", 0.0)

    @property
    def interval(self):
        """(lowest, highest) value that is drawn; None for the normal distribution, which has no ends."""
        cut = (self.mean - 2 * self.stddev, self.mean + 2 * self.stddev)
        return {"uniform": (self.minval, self.maxval), "truncated_normal": cut}.get(self.family)

    @property
    def family(self):
        """Name of the distribution: "normal", "truncated_normal" or "uniform"."""
        return selector(getattr(self.distribution_fn, "func", self.distribution_fn))

    def _values(self):
        taken = inspect.signature(self.distribution_fn).parameters
        return {name: getattr(self, name) for name in ("minval", "maxval", "stddev") if name in taken}


@configurable("z", module="compare_gan.gans.modular_gan")
class TrainingLatents(Latents):
    """Latents of training, uniform on [-1, 1) by default."""


@configurable("eval_z", module="compare_gan.eval_gan_lib")
class EvaluationLatents(Latents):
    """Latents of scoring; configured separately from `z`, as in the original."""


@configurable("eval_labels", module="compare_gan2.datasets.latents")
@dataclasses.dataclass(frozen=True)
class EvaluationLabels:
    """Which classes images are generated for in scoring and for standing statistics.

    Attributes:
        prior: distribution of the classes: "uniform", or "empirical", that of the labels that training sees.
    """

    prior: Literal["uniform", "empirical"] = "uniform"


def truncation(training, evaluation):
    """Text for the protocol of scores: "none" if scoring draws latents as training does, else how it draws them."""
    return "none" if training.description == evaluation.description else evaluation.description


def mismatch(training, evaluation):
    """A warning if scoring draws other latents than training does, else None."""
    if training.description == evaluation.description:
        return None
    return (
        f"training draws latents from z = {training.description} but scores come from "
        f"eval_z = {evaluation.description}: bind eval_z as z unless that is meant"
    )
