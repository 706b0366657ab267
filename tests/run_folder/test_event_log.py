import pytest

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder.event_log import KEYS, EventLog

EVENT = dict(rule="d_wins", value=0.02, threshold=0.1, action="warn", message="D has won")


def log_in(folder, *steps):
    log = EventLog(folder / "events.jsonl")
    for step in steps:
        log.append(step=step, **EVENT)
    return log


def test_events_are_lines_with_all_keys(tmp_path):
    log = log_in(tmp_path, 3, 5)
    assert len(log.path.read_text().splitlines()) == 2
    assert [event["step"] for event in log.read()] == [3, 5]
    assert set(KEYS) == log.read()[0].keys() and log.read()[0]["time"].endswith("Z")
    assert log.summary() == "watchdog: d_wins at step 3, d_wins at step 5"


def test_a_missing_file_has_no_events(tmp_path):
    log = log_in(tmp_path)
    log.truncate_after(0)
    assert log.read() == [] and log.summary() == "" and log.rate_factor() == 1.0 and not log.path.exists()


def test_resume_drops_what_is_trained_again_but_no_roll_back(tmp_path):
    log = log_in(tmp_path, 3, 5)
    log.append(step=9, rolled_back_to=5, rate_factor=0.5, **EVENT | {"action": "roll back"})
    log_in(tmp_path, 8)
    with open(log.path, "ab") as file:
        file.write(b'{"step": 9')  # cut by a kill
    log.truncate_after(4)
    assert [event["step"] for event in log.read()] == [3, 9] and log.path.read_bytes().endswith(b"\n")
    assert log.rate_factor() == 0.5 and len(log.roll_backs()) == 1
    assert log.summary() == "watchdog: d_wins at step 3, d_wins: rolled back from step 9 to 5"


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"step": 1}\n', b"3\n"])
def test_a_damaged_line_is_named(tmp_path, line):
    log = log_in(tmp_path, 3)
    with open(log.path, "ab") as file:
        file.write(line)
    with pytest.raises(DamagedFileError, match="events.jsonl, line 2: not an event"):
        log.read()
