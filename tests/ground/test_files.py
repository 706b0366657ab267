import os
import pathlib
import resource
import subprocess
import sys

import pytest

import compare_gan2
from compare_gan2.ground import files
from compare_gan2.ground.errors import ConfigError

SOURCE = pathlib.Path(compare_gan2.__file__).parents[1]


def test_a_folder_that_can_be_made_is_known_before(tmp_path):
    files.require_folder("--output", tmp_path / "a" / "b" / "c.png")
    (tmp_path / "file").touch()
    for path in ("file/c.png", "file/a/c.png"):
        with pytest.raises(ConfigError, match=f"--output: expected a name in a folder .*, got .*{path}, below .*file"):
            files.require_folder("--output", tmp_path / path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, not even those of root")
def test_a_folder_that_refuses_files_in_spite_of_its_permissions_is_known_before():
    with pytest.raises(ConfigError, match="--output: expected a name in a folder that can be written, got /proc/x/y"):
        files.require_folder("--output", "/proc/x/y")


def test_replacing_puts_the_new_bytes_in_place_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old and longer")
    with files.replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old and longer"
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_replacing_keeps_the_old_file_when_the_block_raises(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), files.replacing(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_an_error_names_the_file_and_keeps_its_kind(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "scores.csv"
    with pytest.raises(NotADirectoryError) as caught, files.replacing(path):
        pass
    assert caught.value.filename == str(path)
    with pytest.raises(NotADirectoryError) as caught, files.locked(path):
        pass
    assert caught.value.filename == str(path)


def test_a_write_that_does_not_fit_keeps_the_old_file_and_names_it(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    code = (
        "import sys; from compare_gan2.ground import files\n"
        "with files.replacing(sys.argv[1]) as file: file.write(bytes(100_000))"
    )
    done = run_with_small_files(code, path)
    assert done.returncode == 1
    assert f"File too large: '{path}'" in done.stderr
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_lock_keeps_a_second_process_out_until_the_first_one_ends(tmp_path):
    path = tmp_path / "scores.csv"
    code = (
        "import sys; from compare_gan2.ground import files\n"
        "print('waiting', flush=True)\n"
        "with files.locked(sys.argv[1]): print('inside', flush=True)"
    )
    with files.locked(path):
        second = subprocess.Popen([sys.executable, "-c", code, path], cwd=SOURCE, stdout=subprocess.PIPE, text=True)
        assert second.stdout.readline() == "waiting\n"
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(0.5)
    assert second.communicate(timeout=30)[0] == "inside\n"


def run_with_small_files(code, path):
    """Runs Python code in a process whose files cannot grow beyond 4096 bytes, as on a full disk."""
    return subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
