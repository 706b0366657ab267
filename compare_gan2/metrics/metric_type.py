"""A metric: its function, what it needs, its rows and parameters, and what it gives for samples."""

import collections.abc
import dataclasses
import math

import numpy as np

from compare_gan2.ground.errors import ConfigError

_OF_NETWORK = {
    *("fake_features", "fake_logits", "real_features", "class_logits", "training_features", "feature_network"),
}


@dataclasses.dataclass(frozen=True)
class Row:
    """One number of a metric.

    Attributes:
        title: for tables and pictures.
        better: "higher", "lower", or None if neither is better.
        lowest, highest: what the definition allows, at which intervals end; None: anything.
        elsewhere: (name, title) of the row on features of a network for which its own name would be taken for another
            number: FID is the distance on Inception; None: it has one name everywhere.
    """

    title: str
    better: str | None = None
    lowest: float | None = None
    highest: float | None = None
    elsewhere: tuple[str, str] | None = None

    def renamed(self):
        """{name: row} of the row where it has its other name; empty if it has none."""
        if self.elsewhere is None:
            return {}
        name, title = self.elsewhere
        return {name: dataclasses.replace(self, title=title, elsewhere=None)}


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
    """A metric with the values of its parameters; see `registry.metric` and `registry.choose`.

    Attributes:
        name: in gin, on the command line and in messages.
        compute: function (samples, **parameters) -> value, or {row: value}.
        needs: keys of `registry.NEEDS`, what it reads of the samples.
        rows: {name in scores.csv: `Row`}.
        declared: the function that gin knows by the metric's name; its bindable parameters are those of the metric.
        parameters: {name: value}: the defaults in `registry.METRICS`, the bound values in the result of `choose`.
        resample, describe, draw, caution, check_counts: see `registry.metric`.
        names: {name that the function gives a row: name in scores.csv} of the rows that have another one, see `on`.
        unusable: why it cannot be computed in this evaluation, whatever the images are; empty if it can.
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
    names: dict = dataclasses.field(default_factory=dict)
    unusable: str = ""

    def on(self, network):
        """The same metric with the names that its rows have on the features of a `FeatureNetwork`; None: no network."""
        if network is None or not network.renames_distances or not self.uses_network:
            return self
        names = {name: row.elsewhere[0] for name, row in self.rows.items() if row.elsewhere}
        rows = {}
        for name, row in self.rows.items():
            rows |= row.renamed() or {name: row}
        return dataclasses.replace(self, rows=rows, names=names)

    @property
    def uses_network(self):
        """Whether its scores depend on the feature network."""
        return not self.needs.isdisjoint(_OF_NETWORK)

    def failing(self, reason):
        """The same metric, which reads nothing and fails for this reason in place of being computed."""
        return dataclasses.replace(self, needs=frozenset(), describe=None, check_counts=None, unusable=reason)

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

        Values do not depend on the order of the images: the metric gets what it needs in an order of its own, unless
        its parameter `images_in_order` asks for theirs.

        Raises:
            ValueError: if the metric is unusable, not defined for these samples, or returns other rows than it names.
        """
        if self.unusable:
            raise ValueError(self.unusable)
        try:
            result = self.compute(self._ordered(samples), **self.parameters)
        except ValueError:
            # So that a message counts images in the order of the user.
            self.compute(dataclasses.replace(samples, progress=None), **self.parameters)
            raise
        values = self._named(result if isinstance(result, collections.abc.Mapping) else {self.name: result})
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
        if self.resample is None:
            return {}
        return self._named(self.resample(self._ordered(samples), random, **self.parameters))

    def _ordered(self, samples):
        return samples.for_needs(self.needs, in_order=self.parameters.get("images_in_order", False))

    def cautions(self, samples, values):
        """{row: list of reasons why its value says little}; see `metric`."""
        own = {name: name for name in self.rows} | {shown: name for name, shown in self.names.items()}
        values = {own[row]: value for row, value in values.items()}
        found = self.caution(samples, values, **self.parameters) if self.caution else {}
        return self._named(found) if isinstance(found, collections.abc.Mapping) else {row: found for row in self.rows}

    def _named(self, values):
        """{row in scores.csv: value} of what a function gives for its rows."""
        return {self.names.get(name, name): value for name, value in values.items()}

    def save_picture(self, path, samples):
        """Writes the metric's picture as a PNG file; only for metrics with `draw`."""
        self.draw(path, samples, **self.parameters)
