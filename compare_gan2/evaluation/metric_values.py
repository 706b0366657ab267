"""Values of metrics over several sets of generated images: mean, deviation, interval, or why there is no value."""

import dataclasses
import zlib

import numpy as np
import tensorflow as tf

from compare_gan2.ground.progress import Progress
from compare_gan2.ground.random_streams import random_state
from compare_gan2.metrics import cautions
from compare_gan2.metrics.bootstrap import interval, mean_resamples
from compare_gan2.metrics.metric_type import Estimate

_QUIET_SECONDS = 5.0
_OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)
_PARTS = 100  # in which the progress counts a metric


@dataclasses.dataclass(frozen=True)
class MetricValue:
    """One row of a metric over all sets.

    Attributes:
        value: mean over the sets, None if it failed.
        std: population deviation over the sets.
        low, high: confidence interval, see `Score`; None if the metric has none.
        reason: why `value` is None; empty otherwise.
        caution: why the value says little, or why the row has none though the metric did not fail; empty otherwise.
    """

    value: float | None = None
    std: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    caution: str = ""


class MetricValues:
    """Collects the values of metrics; a metric that fails on one set has no value, the others are not affected.

    Args:
        metrics: list of `Metric`.
    """

    def __init__(self, metrics):
        self.metrics = metrics
        self._values = {row: [] for metric in metrics for row in metric.rows}
        self._intervals = {}  # Row -> (low, high) around the value of the first set.
        self._failed = set()  # Names of metrics.
        self._measured = set()  # Names of metrics, on one set at least.
        self._reasons = {}  # Row -> why it has no value.
        self._cautions = {}  # Row -> list of texts.
        self._bounds = {name: row for metric in metrics for name, row in metric.rows.items()}

    def add(self, samples, phase):
        """Computes every metric that has not failed yet on one set.

        Args:
            samples: `Samples`.
            phase: what the progress shows.
        """
        left = [metric for metric in self.metrics if metric.name not in self._failed]
        for number, metric in enumerate(left, 1):
            what = f"{phase} {number} of {len(left)}, {metric.name}"
            # One for each metric, for one says nothing about how long another takes.
            with Progress(_PARTS, 0, what, None, unit="", quiet_seconds=_QUIET_SECONDS) as progress:

                def of_metric(done, total, progress=progress):
                    progress.update((_PARTS - 1) * done // total)

                try:
                    self._measure(metric, dataclasses.replace(samples, progress=of_metric))
                    self._measured.add(metric.name)
                except (ValueError, *_OUT_OF_MEMORY) as error:  # not defined for these images, or too large
                    self._fail([metric], _reason(error))
                progress.update(_PARTS)

    def fail(self, reason):
        """Gives every row this reason in place of a value, since the images cannot be scored."""
        self._fail(self.metrics, reason)

    def fail_the_rest(self, reason):
        """Gives the rows of metrics that are not measured this reason; returns whether any metric is."""
        self._fail([metric for metric in self.metrics if metric.name not in self._failed | self._measured], reason)
        return bool(self._measured)

    def result(self, row):
        """`MetricValue` of one row."""
        if row in self._reasons:
            return MetricValue(reason=self._reasons[row])
        found = self._cautions.get(row, [])
        values = self._values[row]
        if not values:
            return MetricValue(caution="; ".join(found) or "not defined for these images")
        mean = float(np.mean(values))
        low, high = self._intervals.get(row, (None, None))
        if low is not None:
            bounds = self._bounds[row]
            low, high = np.clip([low - values[0] + mean, high - values[0] + mean], bounds.lowest, bounds.highest)
            low, high = float(low), float(high)
        found = [*found, *cautions.of_interval(mean, low, high)]
        return MetricValue(mean, float(np.std(values)), low, high, caution="; ".join(found))

    def _fail(self, metrics, reason):
        self._failed.update(metric.name for metric in metrics)
        self._reasons.update({row: reason for metric in metrics for row in metric.rows})

    def _measure(self, metric, samples):
        values = metric.measure(samples)
        is_first = not any(self._values[row] for row in metric.rows)
        random = random_state(samples.seed, zlib.crc32(f"bootstrap {metric.name}".encode()))
        if is_first:
            for row, resampled in metric.resampled(samples, random).items():
                self._intervals[row] = interval(float(values[row]), resampled)
            self._cautions.update(metric.cautions(samples, values))
        for row, value in values.items():
            if value is None:
                continue
            if is_first and isinstance(value, Estimate):
                self._intervals[row] = interval(float(value), mean_resamples(value.per_image, random))
            self._values[row].append(float(value))


def _reason(error):
    if not isinstance(error, _OUT_OF_MEMORY):
        return str(error)
    return f"not enough memory: {str(error).partition(chr(10))[0] or type(error).__name__}"
