import pytest

from compare_gan2.benchmarks.operation_counts import Counts
from compare_gan2.benchmarks.time_model import Machine, extrapolated, fitted, step_seconds

COUNTS = Counts(operations=6e12, moved=4e9, exchanges=(1e6, 3e6))


def test_step_seconds():
    machine = Machine("m", replicas=4, peak=10e12, share=0.5, memory=1e12, link=1e9, latency=1e-3)
    work, latency, transfer = step_seconds(COUNTS, machine)
    assert work == pytest.approx(1.2)
    assert latency == pytest.approx(2e-3)
    assert transfer == pytest.approx(1.5 * 4e6 / 1e9)


def test_memory_counts_where_it_is_slower():
    machine = Machine("m", replicas=1, peak=1e15, share=0.5, memory=1e9, link=1e9, latency=1e-3)
    assert step_seconds(COUNTS, machine) == (4.0, 0.0, 0.0)


def test_extrapolation_is_exact_for_polynomials():
    widths = (8, 16, 24)
    assert extrapolated(widths, [3 * w * w - 2 * w + 7 for w in widths], 96, 2) == pytest.approx(3 * 96**2 - 2 * 96 + 7)
    with pytest.raises(ValueError, match="degree 2 needs 3 points, got 2"):
        extrapolated((1, 2), (1, 2), 96, 2)


def test_fit_finds_what_the_times_were_made_of():
    replicas, operations, exchanges = [1, 2, 4], [5e10, 5.1e10, 5.2e10], [0, 16, 16]
    seconds = [o / 6e10 + e * (r - 1) * 1e-3 for r, o, e in zip(replicas, operations, exchanges, strict=True)]
    rate, latency, error = fitted(replicas, operations, exchanges, seconds)
    assert (rate, latency) == (pytest.approx(6e10), pytest.approx(1e-3))
    assert error < 1e-6
    assert fitted(replicas, operations, exchanges, [*seconds[:2], 2 * seconds[2]])[2] > 0.05


def test_fit_has_no_negative_latency():
    _, latency, error = fitted([1, 2, 4], [5e10] * 3, [0, 16, 16], [0.51, 0.55, 0.50])
    assert latency == 0 and 0.03 < error < 0.1
