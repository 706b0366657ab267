import pytest

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder.cost_log import KEYS, CostLog


def line(session, first, step, seconds):
    values = dict(session=session, first_step=first, step=step, seconds=seconds, images=10 * (step - first))
    return values | dict(host_memory=1, device_memory=None, devices="one CPU")


def test_time_is_that_of_all_sessions_and_speed_leaves_out_compilation(tmp_path):
    log = CostLog(tmp_path / "cost.jsonl")
    assert log.read() == [] and log.seconds() == 0 and log.images_per_second() is None
    log.append(**line("a", 0, 10, 50.0))
    assert set(KEYS) == log.read()[0].keys()
    assert log.seconds() == 50 and log.images_per_second() == 2  # the only one
    log.append(**line("a", 10, 20, 5.0))
    log.append(**line("b", 10, 20, 60.0))  # killed before step 20 was saved, and compiled again
    log.append(**line("b", 20, 40, 15.0))
    assert log.seconds_at_steps() == {10: 50, 20: 115, 40: 130}
    assert log.seconds() == 130 and log.images_per_second() == (100 + 200) / 20


def test_a_session_starts_after_the_last_whole_line(tmp_path):
    log = CostLog(tmp_path / "cost.jsonl")
    log.append(**line("a", 0, 10, 50.0))
    with open(log.path, "ab") as file:
        file.write(b'{"step"')
    log.start()
    log.append(**line("b", 10, 20, 5.0))
    assert log.seconds() == 55


def test_damage_is_named(tmp_path):
    (tmp_path / "cost.jsonl").write_text('{"step": 1}\n')
    with pytest.raises(DamagedFileError, match="cost.jsonl, line 1: not the cost of training"):
        CostLog(tmp_path / "cost.jsonl").seconds()


@pytest.mark.parametrize("changed", [{"host_memory": "x"}, {"seconds": -1.0}, {"images": float("inf")}, {"step": []}])
def test_numbers_of_other_types_are_damage(tmp_path, changed):
    log = CostLog(tmp_path / "cost.jsonl")
    log.append(**line("a", 0, 10, 50.0) | changed)
    with pytest.raises(DamagedFileError, match="cost.jsonl, line 1: expected numbers from 0, got .*; delete it"):
        log.read()
