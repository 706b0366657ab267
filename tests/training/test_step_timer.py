import threading
import time

import pytest

from compare_gan2.training.step_timer import StepTimer


def timed(counts, seconds_per_look, **options):
    """What a timer reports that finds one of these counts at each look at a clock."""
    looks, found, done = iter(counts), [], threading.Event()
    now = [0.0]

    def clock():
        now[0] += seconds_per_look
        return now[0]

    def taken():
        try:
            return next(looks)
        except StopIteration:
            done.set()
            return 0

    def report(*values):
        found.append(values)
        done.set()

    with StepTimer(taken, report, pause=0.001, clock=clock, **options):
        assert done.wait(10)
    return found


def test_the_first_step_and_the_time_before_it_do_not_count():
    assert timed([0, 0, 0, 1, 1, 2, 3, 4, 5], 1.0) == [(pytest.approx(4 / 3), 4)]


def test_fast_steps_are_measured_over_a_while():
    ((seconds, taken),) = timed(range(0, 1000, 10), 0.01, least_seconds=0.2)
    assert seconds == pytest.approx(0.001) and taken == pytest.approx(210, abs=11)


def test_a_run_that_ends_before_reports_nothing():
    found = []
    with StepTimer(lambda: 2, lambda *values: found.append(values), pause=0.001):
        time.sleep(0.02)
    assert not found
