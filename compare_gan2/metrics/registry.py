"""Metrics by name. A new one is a plain function of `Samples` below the decorator `metric`:

    @metric("mean_brightness", needs=["fake_images"])
    def mean_brightness(samples):
        return samples.fake.images.mean()

`evaluation.metrics = ["fid", "mean_brightness"]` or `--metrics` then chooses it. Its further parameters can be bound
(`mean_brightness.power = 2`) and are part of the protocol of its scores.
"""

import collections.abc
import dataclasses
import inspect
import math

import numpy as np

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError, configurable

# What a metric may need, and what to say if it is not there.
NEEDS = {
    "fake_images": "generated images",
    "fake_features": "a feature network",
    "fake_logits": "a feature network with logits",
    "fake_labels": "the classes that generated images were asked for (a conditional model, or sub-folders per class)",
    "real_images": "real images",
    "real_features": "real images and a feature network",
    "real_labels": "the classes of real images (a dataset with labels, or sub-folders per class)",
    "class_logits": "a feature network whose logits are the classes of the dataset",
    "train_images": "the images that the model was trained on (--model_dir)",
    "generator": "the generator itself (--model_dir)",
    "discriminator": "the discriminator itself (--model_dir)",
}
_OF_NETWORK = {"fake_features", "fake_logits", "real_features", "class_logits"}
DEFAULTS = ("fid", "classifier_score", "conditional_accuracy")
METRICS = {}  # Name -> `Metric`, in the order of their registration.


@dataclasses.dataclass(frozen=True)
class Row:
    """One number that a metric gives.

    Attributes:
        title: for tables and pictures.
        better: "higher", "lower", or None where neither is.
    """

    title: str
    better: str | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Estimate:
    """A value that is the mean of numbers per image, which give it an interval.

    Attributes:
        value: of the row.
        per_image: [any] those numbers.
    """

    value: float
    per_image: np.ndarray

    def __float__(self):
        return float(self.value)


@dataclasses.dataclass(frozen=True)
class Metric:
    """A registered metric; see `metric`."""

    name: str
    function: collections.abc.Callable
    needs: frozenset
    rows: dict
    resample: collections.abc.Callable | None
    describe: collections.abc.Callable | None
    draw: collections.abc.Callable | None

    @property
    def uses_network(self):
        """Whether its scores depend on the feature network."""
        return not self.needs.isdisjoint(_OF_NETWORK)

    def parameters(self):
        """{name: value} of all parameters of the function beside the samples, as they are bound.

        Raises:
            ConfigError: for a wrong type or a missing required value.
        """
        defaults = {name: parameter.default for name, parameter in inspect.signature(self.function).parameters.items()}
        given = {name: value for name, value in defaults.items() if value is not inspect.Parameter.empty}
        return given | configuration.arguments(self.function)

    def settings(self):
        """{name: value} of what its scores depend on beside the samples, for the protocol.

        Raises:
            ConfigError: as `parameters`, or for values that the metric cannot be computed with.
        """
        return self.describe(**self.parameters()) if self.describe else self.parameters()

    def measure(self, samples):
        """{row: float, `Estimate`, or None where this row is not defined for these samples}; numbers are finite.

        Raises:
            ValueError: if the metric is not defined for these samples, or gives something else than its rows.
        """
        result = self.function(samples, **self.parameters())
        values = result if isinstance(result, collections.abc.Mapping) else {self.name: result}
        if values.keys() != self.rows.keys():
            raise ValueError(f"{self.name}: expected the rows {', '.join(self.rows)}, got {', '.join(values)}")
        for row, value in values.items():
            if value is not None and not math.isfinite(float(value)):
                raise ValueError(f"{self.name}: {row} is {float(value)}")
        return {
            row: value if value is None or isinstance(value, Estimate) else float(value)
            for row, value in values.items()
        }


def metric(name, *, needs, rows=None, title=None, better=None, resample=None, describe=None, draw=None):
    """Decorator that registers a function of `Samples` as the metric `name`.

    The function returns a float or an `Estimate`, or {row: one of these} where it gives several, and raises
    `ValueError` where it is not defined. Parameters beside the samples need defaults and become gin options of the
    metric's name.

    Args:
        name: in gin and on the command line; no other metric may have it.
        needs: what it reads of the samples, keys of `NEEDS`.
        rows: {name in scores.csv: `Row`}, None for one row of the metric's name.
        title, better: of that one row, see `Row`.
        resample: function (samples, random, **parameters) -> {row: [R] values} for sets drawn anew with replacement,
            see `bootstrap`, for rows that are no `Estimate`. A row may be missing; None: there are none.
        describe: function (**parameters) -> {name: value} that the protocol names in place of the parameters.
        draw: function (path, samples, **parameters) that writes a picture as PNG; None if there is none.

    Raises:
        ValueError: for a name or row that is taken, or an unknown need.
    """
    if name in METRICS:
        raise ValueError(f"metric {name!r}: there is one of this name already")
    if unknown := set(needs) - NEEDS.keys():
        raise ValueError(f"metric {name!r}: expected needs among {', '.join(NEEDS)}, got {', '.join(sorted(unknown))}")
    if rows is None:
        rows = {name: Row(title or name.replace("_", " ").capitalize(), better)}

    if taken := rows.keys() & all_rows().keys():
        raise ValueError(f"metric {name!r}: another metric has the rows {', '.join(sorted(taken))}")

    def register(function):
        samples = next(iter(inspect.signature(function).parameters))
        configurable(name, module="compare_gan2.metrics", denylist=[samples])(function)
        METRICS[name] = Metric(name, function, frozenset(needs), rows, resample, describe, draw)
        return function

    return register


def choose(names, available, option="evaluation.metrics"):
    """List of the `Metric`s of these names.

    Args:
        names: list of names; None for those of `DEFAULTS` whose needs are met.
        available: set of needs that are met.
        option: for messages.

    Raises:
        ConfigError: for an unknown or repeated name, an empty list, or a need that is not met.
    """
    if names is None:
        return [METRICS[name] for name in DEFAULTS if METRICS[name].needs <= available]
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"{option}: expected names of different metrics, got {list(names)}")
    for name in names:
        if name not in METRICS:
            raise ConfigError(f"{option}: expected metrics among {', '.join(sorted(METRICS))}, got {name!r}")
        missing = sorted(METRICS[name].needs - available)
        if missing:
            raise ConfigError(f"{option}: {name!r} needs {'; '.join(NEEDS[need] for need in missing)}")
    return [METRICS[name] for name in names]


def all_rows():
    """{row: `Row`} of all metrics."""
    return {name: row for each in METRICS.values() for name, row in each.rows.items()}


def titles():
    """{row: its title and which way is better}, for pictures."""
    return {
        name: f"{row.title} ({row.better} is better)" if row.better else row.title for name, row in all_rows().items()
    }


def settings_text(settings):
    """Settings as one cell: "block_size=1000; subsets=3", "none" without any."""
    return "; ".join(f"{name}={settings[name]}" for name in sorted(settings)) or "none"
