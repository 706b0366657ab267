import os
import pathlib
import resource
import signal
import subprocess
import sys

import numpy as np
import pytest

import compare_gan2
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder.training_log import TrainingLog

SOURCE = pathlib.Path(compare_gan2.__file__).parents[1]


def scalars(count, seed=0):
    generator = np.random.default_rng(seed)
    return {name: generator.standard_normal(count).astype(np.float32) for name in ("loss_g", "loss_d")}


def part(values, first, last):
    return {name: column[first - 1 : last] for name, column in values.items()}


def test_file_format(tmp_path):
    TrainingLog(tmp_path / "training.csv").append(5, {"b": np.float32([0.1, -1e-9]), "a": [1.0, float("nan")]})
    assert (tmp_path / "training.csv").read_text() == "step,a,b\n5,1.0,0.1\n6,nan,-1e-09\n"


def test_any_float32_comes_back_bit_for_bit(tmp_path):
    bits = np.random.default_rng(0).integers(0, 2**32, 20_000, dtype=np.uint32)
    bits = np.concatenate([bits, np.arange(1, 50, dtype=np.uint32), [0, 2**31, 0x7F7FFFFF, 0x7F800000]])
    numbers = bits.astype(np.uint32).view(np.float32)
    numbers = numbers[~np.isnan(numbers)]
    log = TrainingLog(tmp_path / "training.csv")
    log.append(1, {"loss": numbers})
    read = log.read()
    assert read["loss"].dtype == np.float32 and read["step"].dtype == np.int64
    np.testing.assert_array_equal(read["loss"].view(np.uint32), numbers.view(np.uint32))
    np.testing.assert_array_equal(read["step"], np.arange(1, len(numbers) + 1))


def test_appends_by_several_processes_in_turn_continue_one_file(tmp_path):
    values = scalars(30)
    log = TrainingLog(tmp_path / "training.csv")
    log.append(1, part(values, 1, 10))
    log.append(11, part(values, 11, 20))
    TrainingLog(tmp_path / "training.csv").append(21, part(values, 21, 30))
    read = log.read()
    assert list(read) == ["step", "loss_d", "loss_g"]
    np.testing.assert_array_equal(read["loss_d"], values["loss_d"])
    np.testing.assert_array_equal(read["step"], np.arange(1, 31))


def test_append_only_ever_adds_bytes(tmp_path):
    path = tmp_path / "training.csv"
    log = TrainingLog(path)
    log.append(1, scalars(10))
    node, before = os.stat(path).st_ino, path.read_bytes()
    log.append(11, scalars(10))
    assert os.stat(path).st_ino == node and path.read_bytes().startswith(before)


@pytest.mark.parametrize("tail", [b"", b"16,0.", b"16", b"16,1.5,2.5"])
def test_a_resumed_log_equals_one_never_stopped(tmp_path, tail):
    values = scalars(20)
    TrainingLog(tmp_path / "whole.csv").append(1, values)
    TrainingLog(tmp_path / "training.csv").append(1, part(values, 1, 15))
    with open(tmp_path / "training.csv", "ab") as file:
        file.write(tail)
    log = TrainingLog(tmp_path / "training.csv")
    assert log.truncate_after(12) == 3 + bool(tail)
    log.append(13, part(values, 13, 20))
    assert (tmp_path / "training.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["training.csv", "whole.csv"]


def test_truncate_after_the_last_step_drops_the_cut_line_only(tmp_path):
    path = tmp_path / "training.csv"
    path.write_bytes(b"step,a\n1,2.0\n2,3.0\n3,4")
    assert TrainingLog(path).truncate_after(2) == 1
    assert path.read_bytes() == b"step,a\n1,2.0\n2,3.0\n"
    assert TrainingLog(path).truncate_after(2) == 0


def test_truncate_after_step_0_and_of_no_file(tmp_path):
    log = TrainingLog(tmp_path / "training.csv")
    assert log.truncate_after(0) == 0 and log.read() == {}
    log.append(1, scalars(3))
    assert log.truncate_after(0) == 3
    assert {name: column.shape for name, column in log.read().items()} == dict(step=(0,), loss_d=(0,), loss_g=(0,))
    log.append(1, scalars(3))
    assert len(log.read()["step"]) == 3


@pytest.mark.parametrize("content", [b"", b"st", b"step,a"])
def test_a_cut_header_is_written_again(tmp_path, content):
    log = TrainingLog(tmp_path / "training.csv")
    log.path.write_bytes(content)
    assert log.read() == {}
    with pytest.raises(DamagedFileError, match="expected a row of step 5, got no row; restore the file, or delete it"):
        log.truncate_after(5)
    assert log.truncate_after(0) == 0
    log.append(1, {"a": [1.0]})
    assert log.path.read_bytes() == b"step,a\n1,1.0\n"


def test_read_leaves_out_a_cut_last_line(tmp_path):
    path = tmp_path / "training.csv"
    path.write_bytes(b"step,a\n1,2.0\n2,3.")
    read = TrainingLog(path).read()
    assert read["step"].tolist() == [1] and read["a"].tolist() == [2.0]


def test_append_refuses_what_does_not_continue_the_file(tmp_path):
    log = TrainingLog(tmp_path / "training.csv")
    log.append(1, {"a": [1.0, 2.0]})
    before = log.path.read_bytes()
    for other in (log, TrainingLog(log.path)):
        with pytest.raises(ValueError, match="expected a first step after 2, got 2"):
            other.append(2, {"a": [3.0]})
        with pytest.raises(ValueError, match="its columns are 'step,a', got 'step,a,b'"):
            other.append(3, {"a": [3.0], "b": [3.0]})
    with pytest.raises(ValueError, match=r"arrays \[n\] of one length, got {'a': \(1,\), 'b': \(2,\)}"):
        log.append(3, {"a": [3.0], "b": [3.0, 4.0]})
    with pytest.raises(ValueError, match=r"comma or quote, got \['a,b'\]"):
        log.append(3, {"a,b": [3.0]})
    assert log.path.read_bytes() == before


def test_append_after_a_cut_line_asks_for_truncation(tmp_path):
    path = tmp_path / "training.csv"
    path.write_bytes(b"step,a\n1,2.0\n2,3")
    with pytest.raises(DamagedFileError, match="its last line is cut; call truncate_after first"):
        TrainingLog(path).append(3, {"a": [1.0]})
    assert path.read_bytes() == b"step,a\n1,2.0\n2,3"


@pytest.mark.parametrize("content", [b"checkpoint,step\na,1\n", b"step,a\n1,2.0\nx,3.0\n4,4.0\n"])
@pytest.mark.parametrize("action", [TrainingLog.read, lambda log: log.truncate_after(0)])
def test_what_is_not_a_training_log_is_refused_and_kept(tmp_path, content, action):
    path = tmp_path / "training.csv"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match="training.csv"):
        action(TrainingLog(path))
    assert path.read_bytes() == content


def test_a_row_with_another_number_of_cells_is_refused(tmp_path):
    (tmp_path / "training.csv").write_bytes(b"step,a\n1,2.0\n2,3.0,4.0\n")
    with pytest.raises(DamagedFileError, match="training.csv, line 3: expected 2 cells, got 3"):
        TrainingLog(tmp_path / "training.csv").read()


def test_kill_9_then_resume(tmp_path):
    path = tmp_path / "training.csv"
    code = (
        "import sys, numpy as np; from compare_gan2.run_folder.training_log import TrainingLog\n"
        "log, step = TrainingLog(sys.argv[1]), 1\n"
        "while True:\n"
        "    log.append(step, {'a': np.arange(step, step + 1000), 'b': np.ones(1000)}); step += 1000\n"
        "    if step == 3001: print('now', flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, path], cwd=SOURCE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"now\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=100)
    log = TrainingLog(path)
    log.truncate_after(2500)
    log.append(2501, {"a": [2501.0], "b": [1.0]})
    np.testing.assert_array_equal(log.read()["a"], np.arange(1, 2502))


def test_a_full_disk_leaves_no_part_of_the_rows(tmp_path):
    path = tmp_path / "training.csv"
    code = (
        "import sys, numpy as np; from compare_gan2.run_folder.training_log import TrainingLog\n"
        "log = TrainingLog(sys.argv[1]); log.append(1, {'a': np.ones(10)}); log.append(11, {'a': np.ones(5000)})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.returncode == 1 and f"File too large: '{path}'" in done.stderr
    assert path.read_text() == "step,a\n" + "".join(f"{step},1.0\n" for step in range(1, 11))


@pytest.fixture
def sealed(tmp_path):
    """Log with the rows 1 to 9, sealed at 3 and 6."""
    log = TrainingLog(tmp_path / "training.csv")
    for first in (1, 4, 7):
        log.append(first, {"a": np.arange(first, first + 3)})
        if first < 7:
            log.seal()
    return log


def test_rows_are_verified_up_to_the_checkpoint(sealed):
    content = sealed.path.read_bytes()
    assert content.count(b"5.0") == 1
    sealed.path.write_bytes(content.replace(b"5.0", b"5.5"))
    with pytest.raises(DamagedFileError, match="in the rows of the steps 4 to 6 .* accept it as it is"):
        TrainingLog(sealed.path).truncate_after(6)
    with pytest.raises(DamagedFileError, match="in the rows of the steps 4 to 6"):
        TrainingLog(sealed.path).read()
    assert TrainingLog(sealed.path).truncate_after(3) == 6  # an earlier checkpoint makes them again


@pytest.mark.parametrize("change", [lambda lines: lines[:5], lambda lines: [*lines[:3], *lines[4:]]])
@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_gap_is_refused(change, is_sealed, sealed):
    sealed.path.write_bytes(b"".join(change(sealed.path.read_bytes().splitlines(keepends=True))))
    if not is_sealed:
        (sealed.path.parent / ".training.csv.sha256").unlink()
    with pytest.raises(DamagedFileError, match="training.csv"):
        TrainingLog(sealed.path).truncate_after(6)


def test_a_deleted_file_is_reported(sealed, caplog):
    sealed.path.unlink()
    log = TrainingLog(sealed.path)
    assert log.truncate_after(6) == 0
    assert "missing, with its rows up to step 6: it begins at step 7" in caplog.text
    log.append(7, {"a": [7.0]})
    log.seal()
    assert TrainingLog(sealed.path).read()["step"].tolist() == [7]


def test_a_file_removed_while_it_is_written_is_not_begun_again(sealed):
    sealed.path.unlink()
    with pytest.raises(DamagedFileError, match="changed or removed while this process trains"):
        sealed.append(10, {"a": [10.0]})


def test_a_log_of_some_steps_is_cut_back_without_a_row_of_every_step(tmp_path):
    log = TrainingLog(tmp_path / "watchdog.csv", every_step=False)
    for step in (6, 12, 18):
        log.append(step, {"spread": [0.5]})
    assert TrainingLog(log.path, every_step=False).truncate_after(15) == 1  # 15 was not measured before the kill
    assert list(log.read()["step"]) == [6, 12]
    with pytest.raises(DamagedFileError, match="expected a row of step 7, got step 12"):
        TrainingLog(log.path).truncate_after(12)
