"""The noise that generators start from: its distribution in training (`z`) and in scoring (`eval_z`).

The `seed` of the distributions stands as None in every saved configuration of the original; draws follow the run's.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Literal

import tensorflow as tf

from compare_gan2.configuration import configurable, refuse, selector
from compare_gan2.datasets.seeds import ALGORITHM


@configurable("normal", module="tf.random", denylist=["shape", "stateless_seed"])
def normal(shape, stateless_seed, mean: float = 0.0, stddev: float = 1.0, seed: None = None):
    """Stateless draw from the normal distribution, float32."""
    return tf.random.stateless_normal(shape, stateless_seed, mean, stddev, alg=ALGORITHM)


@configurable("truncated_normal", module="tf.random", denylist=["shape", "stateless_seed"])
def truncated_normal(shape, stateless_seed, mean: float = 0.0, stddev: float = 1.0, seed: None = None):
    """Stateless draw from the normal distribution cut at two standard deviations, float32."""
    return tf.random.stateless_truncated_normal(shape, stateless_seed, mean, stddev, alg=ALGORITHM)


@configurable("uniform", module="tf.random", denylist=["shape", "stateless_seed"])
def uniform(shape, stateless_seed, minval: float = 0.0, maxval: float = 1.0, seed: None = None):
    """Stateless draw from the uniform distribution on [minval, maxval), float32."""
    return tf.random.stateless_uniform(shape, stateless_seed, minval, maxval, alg=ALGORITHM)


for _name in ("gamma", "multinomial", "poisson"):
    refuse(
        _name,
        module="tf.random",
        instead="latents are @tf.random.normal, @tf.random.truncated_normal or @tf.random.uniform",
    )


@dataclasses.dataclass(frozen=True)
class Latents:
    """A distribution of noise; called with a shape and a seed [2] it draws float32 latents.

    Attributes:
        distribution_fn: function (shape, seed, ...) -> latents; of the values below it gets those that it takes.
        minval, maxval, stddev: its parameters.
    """

    distribution_fn: Callable = uniform
    minval: float = -1.0
    maxval: float = 1.0
    stddev: float = 1.0

    def __call__(self, shape, seed):
        return self.distribution_fn(shape, seed, **self._values())

    @property
    def description(self):
        """The distribution in the words of a `.gin` file, such as `normal(stddev=1.0)`."""
        function, values = self.distribution_fn, self._values()
        if isinstance(function, functools.partial):
            function, values = function.func, {**function.keywords, **values}
        return f"{selector(function)}({', '.join(f'{k}={values[k]}' for k in sorted(values))})"

    def _values(self):
        taken = inspect.signature(self.distribution_fn).parameters
        return {name: getattr(self, name) for name in ("minval", "maxval", "stddev") if name in taken}


@configurable("z", module="compare_gan.gans.modular_gan")
class TrainingLatents(Latents):
    """Noise in training."""


@configurable("eval_z", module="compare_gan.eval_gan_lib")
class EvaluationLatents(Latents):
    """Noise in scoring; set apart from `z`, as in the original."""


@configurable("eval_labels", module="compare_gan2.datasets.latents")
@dataclasses.dataclass(frozen=True)
class EvaluationLabels:
    """The classes that images are asked for in scoring and for standing statistics.

    Attributes:
        prior: "uniform", or "empirical": as often as among the labels that training sees.
    """

    prior: Literal["uniform", "empirical"] = "uniform"


def truncation(training, evaluation):
    """ "none" if scoring draws latents as training does, else how it draws them; for the protocol of scores."""
    return "none" if training.description == evaluation.description else evaluation.description


def mismatch(training, evaluation):
    """A warning if scoring draws other latents than training does, else None."""
    if training.description == evaluation.description:
        return None
    return (
        f"training draws latents from z = {training.description} but scores come from "
        f"eval_z = {evaluation.description}: bind eval_z as z unless that is meant"
    )
