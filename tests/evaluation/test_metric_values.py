"""Means, deviations and failures over several sets."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.evaluation.metric_values import MetricValue, MetricValues
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.registry import METRICS, Row, metric
from compare_gan2.metrics.samples import ImageSet, Samples


@pytest.fixture(scope="module")
def metrics():
    def resample(samples, random):
        return {"first_for_tests": random.normal(samples.seed, 1, 1000)}

    rows = {"first_for_tests": Row("First"), "second_for_tests": Row("Second")}

    @metric("pair_for_tests", needs=["fake_images"], rows=rows, resample=resample)
    def pair(samples):
        return {"first_for_tests": samples.seed, "second_for_tests": 2 * samples.seed}

    @metric("picky_for_tests", needs=["fake_images"])
    def picky(samples):
        if samples.seed == 4:
            raise ValueError("four is not defined")
        return samples.seed

    yield [METRICS["pair_for_tests"], METRICS["picky_for_tests"]]
    del METRICS["pair_for_tests"], METRICS["picky_for_tests"]


def measured(metrics, *seeds):
    found = MetricValues(metrics)
    for seed in seeds:
        found.add(Samples(ImageSet(1), None, seed), "tests")
    return found


def test_mean_and_population_deviation(metrics):
    found = measured(metrics, 1, 3)
    assert found.result("second_for_tests") == MetricValue(4.0, 2.0)
    assert (found.result("picky_for_tests").value, found.result("picky_for_tests").std) == (2.0, 1.0)


def test_interval_of_the_first_set_is_moved_to_the_mean(metrics):
    first = measured(metrics, 1, 3).result("first_for_tests")
    np.testing.assert_allclose([first.low, first.high], [2 - 1.96, 2 + 1.96], atol=0.2)
    alone = measured(metrics, 1).result("first_for_tests")
    np.testing.assert_allclose([first.low - 1, first.high - 1], [alone.low, alone.high], rtol=1e-6)


def test_a_metric_that_fails_on_one_set_has_no_value_and_harms_no_other(metrics):
    found = measured(metrics, 1, 4, 3)
    assert found.result("picky_for_tests") == MetricValue(reason="four is not defined")
    assert found.result("second_for_tests").value == pytest.approx(16 / 3)


def test_a_row_that_is_not_defined_takes_no_set_from_the_others():
    rows = {"always_for_tests": Row("Always"), "never_for_tests": Row("Never")}

    @metric("partly_for_tests", needs=["fake_images"], rows=rows)
    def partly(samples):
        return {"always_for_tests": samples.seed, "never_for_tests": None}

    found = measured([METRICS.pop("partly_for_tests")], 1, 2, 6)
    assert found.result("always_for_tests").value == 3.0
    assert found.result("never_for_tests") == MetricValue(caution="not defined for these images")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConfigError("picky.model: expected a file"), "picky.model: expected a file"),
        (MemoryError("an array of 3 TiB"), "not enough memory: an array of 3 TiB"),
        (tf.errors.ResourceExhaustedError(None, None, "OOM when\nmore"), "not enough memory: OOM when"),
    ],
)
def test_whatever_one_metric_cannot_use_harms_no_other(metrics, error, reason):
    def unusable(samples):
        raise error

    found = measured(
        [dataclasses.replace(metrics[1], name="unusable", compute=unusable, rows={"no": Row("")}), metrics[0]], 1
    )
    assert found.result("no") == MetricValue(reason=reason)
    assert found.result("first_for_tests").value == 1.0


def test_what_is_measured_is_kept_when_the_rest_cannot_be(metrics):
    found = MetricValues(metrics)
    found.metrics = metrics[:1]
    found.add(Samples(ImageSet(1), None, 1), "tests")
    found.metrics = metrics
    assert found.fail_the_rest("interrupted")
    rows = [row for metric in metrics[1:] for row in metric.rows]
    assert found.result("first_for_tests").value == 1.0
    assert rows and all(found.result(row) == MetricValue(reason="interrupted") for row in rows)
    assert not MetricValues(metrics).fail_the_rest("interrupted")


def test_without_images_all_fail(metrics):
    found = measured(metrics)
    found.fail("no images")
    rows = ("first_for_tests", "second_for_tests", "picky_for_tests")
    assert [found.result(row) for row in rows] == [MetricValue(reason="no images")] * 3
