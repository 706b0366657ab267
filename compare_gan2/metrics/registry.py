"""Metrics by name. A new one is a plain function of `Samples` below the decorator `metric`:

    @metric("mean_brightness", needs=["fake_images"])
    def mean_brightness(samples, power: float = 1.0):
        return (samples.fake.images**power).mean()

`evaluation.metrics = ["fid", "mean_brightness"]` or `--metrics` chooses it. Parameters beside the samples can be bound
(`mean_brightness.power = 2`) and are part of the protocol of its scores.
"""

import collections.abc
import dataclasses
import inspect
import math

import numpy as np

from compare_gan2.config.declare import configurable, signature
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean

# What a metric may need, and how a message describes it if it is missing.
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
METRICS = {}  # Name -> `Metric` with default parameters, in the order of registration; a table of declarations only.


@dataclasses.dataclass(frozen=True)
class Row:
    """One number of a metric.

    Attributes:
        title: for tables and pictures.
        better: "higher", "lower", or None if neither is better.
        lowest, highest: what the definition allows, at which intervals end; None: anything.
    """

    title: str
    better: str | None = None
    lowest: float | None = None
    highest: float | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Estimate:
    """A value that is the mean of one number per image; those numbers give it a confidence interval.

    Attributes:
        value: of the row.
        per_image: [any] numbers, one per image.
    """

    value: float
    per_image: np.ndarray

    def __float__(self):
        return float(self.value)


@dataclasses.dataclass(frozen=True)
class Metric:
    """A metric with the values of its parameters; see `metric` and `choose`.

    Attributes:
        name: in gin, on the command line and in messages.
        compute: function (samples, **parameters) -> value, or {row: value}.
        needs: keys of `NEEDS`, what it reads of the samples.
        rows: {name in scores.csv: `Row`}.
        declared: the function that gin knows by the metric's name; its bindable parameters are those of the metric.
        parameters: {name: value}: the defaults in `METRICS`, the bound values in the result of `choose`.
        resample, describe, draw, caution, check_counts: see `metric`.
    """

    name: str
    compute: collections.abc.Callable
    needs: frozenset
    rows: dict
    declared: collections.abc.Callable
    parameters: dict
    resample: collections.abc.Callable | None = None
    describe: collections.abc.Callable | None = None
    draw: collections.abc.Callable | None = None
    caution: collections.abc.Callable | None = None
    check_counts: collections.abc.Callable | None = None

    @property
    def uses_network(self):
        """Whether its scores depend on the feature network."""
        return not self.needs.isdisjoint(_OF_NETWORK)

    def bound(self, config):
        """The same metric with its parameters as a `Configuration` binds them.

        Raises:
            ConfigError: for a parameter that it does not have, a value of the wrong type or outside its range.
        """
        return dataclasses.replace(self, parameters=self.parameters | config.arguments(self.declared))

    def require_images(self, num_real, num_fake):
        """Raises a `ConfigError` if the metric cannot be computed from so many images, whatever they are."""
        try:
            if self.check_counts is not None:
                self.check_counts(num_real, num_fake, **self.parameters)
        except ValueError as error:
            raise ConfigError(str(error)) from error

    def settings(self):
        """{name: value} of everything beside the samples that its scores depend on, for the protocol.

        Raises:
            ConfigError: for values that the metric cannot be computed with.
        """
        return self.describe(**self.parameters) if self.describe else self.parameters

    def measure(self, samples):
        """{row: float, `Estimate`, or None if the row is not defined for these samples}; numbers are finite.

        Values do not depend on the order of the images: the metric gets what it needs in an order of its own.

        Raises:
            ValueError: if the metric is not defined for these samples, or returns other rows than it names.
        """
        try:
            result = self.compute(samples.for_needs(self.needs), **self.parameters)
        except ValueError:
            self.compute(samples, **self.parameters)  # so that a message counts images in the order of the user
            raise
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

    def resampled(self, samples, random):
        """{row: [R] values for sets drawn with replacement} of the rows that have an interval; see `bootstrap`."""
        return self.resample(samples.for_needs(self.needs), random, **self.parameters) if self.resample else {}

    def cautions(self, samples, values):
        """{row: list of reasons why its value says little}; see `metric`."""
        found = self.caution(samples, values, **self.parameters) if self.caution else {}
        return found if isinstance(found, collections.abc.Mapping) else {row: found for row in self.rows}

    def save_picture(self, path, samples):
        """Writes the metric's picture as a PNG file; only for metrics with `draw`."""
        self.draw(path, samples, **self.parameters)


def metric(name, *, needs, rows=None, title=None, better=None, resample=None, describe=None, draw=None, **checks):
    """Decorator that registers a function of `Samples` as the metric `name`.

    The function returns a float or an `Estimate`, or {row: one of these} if it has several rows, and raises
    `ValueError` if it is not defined. Parameters beside the samples need defaults and become gin options of the
    metric's name.

    Args:
        name: in gin and on the command line; no other metric may have it.
        needs: what it reads of the samples, keys of `NEEDS`.
        rows: {name in scores.csv: `Row`}, None for one row of the metric's name.
        title, better: of that one row, see `Row`.
        resample: function (samples, random, **parameters) -> {row: [R] values} for sets drawn with replacement, see
            `bootstrap`, for rows that are not an `Estimate`. A row may be missing; None: no row has any.
        describe: function (**parameters) -> {name: value} that the protocol names in place of the parameters.
        draw: function (path, samples, **parameters) that writes a picture as PNG; None: the metric has no picture.
        checks: `caution`: function (samples, values, **parameters) -> list of texts, or {row: such a list}: why values
            say little; `check_counts`: function (num_real, num_fake, **parameters) that raises `ValueError` if so many
            images can never be scored.

    Raises:
        ValueError: for a name or row that is taken, or an unknown need.
    """
    rows = _checked_rows(name, needs, rows, title, better)

    def add(function):
        samples = next(iter(inspect.signature(function).parameters))
        _declare(name, function, hidden=[samples])
        _add(name, function, needs, rows, function, resample=resample, describe=describe, draw=draw, **checks)
        return function

    return add


def register(name, function, compute, *, needs, options=(), rows=None, title=None, better=None, **others):
    """Registers a function of arrays as the metric `name`; its own signature is where the defaults are stated.

    Args:
        name, needs, rows, title, better, others: see `metric`.
        function: of arrays.
        compute: function (samples, **parameters) that calls it and returns what `metric` expects.
        options: names of the function's parameters that become gin options.

    Raises:
        ValueError: see `metric`.
    """
    rows = _checked_rows(name, needs, rows, title, better)
    _declare(name, function, hidden=[other for other in inspect.signature(function).parameters if other not in options])
    _add(name, compute, needs, rows, function, **others)


def choose(names, available, config, option="evaluation.metrics"):
    """List of the `Metric`s of these names, with their parameters as the configuration binds them.

    Args:
        names: list of names; None for those of `DEFAULTS` whose needs are met.
        available: set of needs that are met.
        config: `Configuration`; it records the parameters of the chosen metrics.
        option: for messages.

    Raises:
        ConfigError: for a name, need or binding that cannot be, or an empty list.
    """
    if names is None:
        chosen = [METRICS[name] for name in DEFAULTS if METRICS[name].needs <= available]
    else:
        check_names(names, option)
        chosen = [METRICS[name] for name in names]
        for each in chosen:
            if missing := sorted(each.needs - available):
                raise ConfigError(f"{option}: {each.name!r} needs {'; '.join(NEEDS[need] for need in missing)}")
    bound = [each.bound(config) for each in chosen]
    for each in bound:
        each.settings()  # refuses what cannot be computed, before anything is trained or sampled
    return bound


def check_names(names, option="evaluation.metrics"):
    """Raises a `ConfigError` for an empty list of metrics, or a name that is unknown or repeated."""
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"{option}: expected names of different metrics, got {list(names)}")
    for name in names:
        if name not in METRICS:
            known = sorted(METRICS)
            raise ConfigError(
                f"{option}: expected metrics among {', '.join(known)}, got {name!r}{did_you_mean(name, known)}"
            )


def all_rows():
    """{row: `Row`} of all metrics."""
    return {name: row for each in METRICS.values() for name, row in each.rows.items()}


def titles():
    """{row: its title and which way is better}, for pictures."""
    rows = all_rows().items()
    return {name: f"{row.title} ({row.better} is better)" if row.better else row.title for name, row in rows}


def settings_text(settings):
    """Settings as one cell: "block_size=1000; subsets=3", "none" without any."""
    return "; ".join(f"{name}={settings[name]}" for name in sorted(settings)) or "none"


def _checked_rows(name, needs, rows, title, better):
    if name in METRICS:
        raise ValueError(f"metric {name!r}: there is one of this name already")
    if unknown := set(needs) - NEEDS.keys():
        raise ValueError(f"metric {name!r}: expected needs among {', '.join(NEEDS)}, got {', '.join(sorted(unknown))}")
    if rows is None:
        rows = {name: Row(title or name.replace("_", " ").capitalize(), better)}
    if taken := rows.keys() & all_rows().keys():
        raise ValueError(f"metric {name!r}: another metric has the rows {', '.join(sorted(taken))}")
    return rows


def _declare(name, function, hidden):
    configurable(name, module="compare_gan2.metrics", denylist=hidden)(function)


def _add(name, compute, needs, rows, declared, **others):
    parameters = signature(declared)[0]
    METRICS[name] = Metric(name, compute, frozenset(needs), rows, declared, parameters, **others)
