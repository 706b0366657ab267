import types

import pytest

from compare_gan2.run_folder.cost_log import CostLog
from compare_gan2.runs.cost import CostMeter
from compare_gan2.training.watchdog import RollBack


@pytest.fixture
def meter(tmp_path):
    """(`CostMeter` from step 0, its log, list whose last number is the time in seconds)."""
    log, now = CostLog(tmp_path / "cost.jsonl"), [0.0]
    return CostMeter(log, 0, 8, 50, "one CPU", clock=lambda: now[-1]), log, now


def stop_at(meter, now, step, time, takes=100.0):
    now.append(time)
    with meter.stopped_at(step):
        now.append(time + takes)


def steps_and_seconds(log):
    return [(line["first_step"], line["step"], line["seconds"], line["images"]) for line in log.read()]


def test_each_checkpoint_has_the_time_of_the_steps_before_it(meter):
    meter, log, now = meter
    stop_at(meter, now, 0, 1.0)
    stop_at(meter, now, 50, 111.0)
    stop_at(meter, now, 75, 214.5)
    assert steps_and_seconds(log) == [(0, 50, 10.0, 400), (50, 75, 3.5, 200)]
    (first, _) = log.read()
    assert first["host_memory"] > 2**20 and first["devices"] == "one CPU"


def test_trying_again_after_a_full_disk_records_nothing_twice(meter):
    meter, log, now = meter
    now.append(10.0)
    with pytest.raises(OSError), meter.stopped_at(50):
        raise OSError("no space left")
    stop_at(meter, now, 50, 30.0, takes=1.0)
    stop_at(meter, now, 100, 36.0)
    assert steps_and_seconds(log) == [(0, 50, 10.0, 400), (50, 100, 5.0, 400)]


def test_steps_that_are_trained_again_are_counted_again(meter):
    meter, log, now = meter
    stop_at(meter, now, 50, 10.0, takes=0.0)
    now.append(20.0)
    with pytest.raises(RollBack), meter.stopped_at(100):
        raise RollBack(100, types.SimpleNamespace(message="diverged"))
    stop_at(meter, now, 100, 32.0)
    assert steps_and_seconds(log) == [(0, 50, 10.0, 400), (50, 100, 10.0, 400), (50, 100, 12.0, 400)]
