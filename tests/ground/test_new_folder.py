"""A folder is made whole or not at all."""

import errno
import fcntl
import os
import signal
import time

import pytest

from compare_gan2.ground import stop_request
from compare_gan2.ground.new_folder import making


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_it_appears_at_the_end(tmp_path):
    with making(tmp_path / "a" / "new") as partial:
        (partial / "inner").mkdir()
        (partial / "inner" / "file").write_text("x")
        assert not (tmp_path / "a" / "new").exists()
    assert names(tmp_path) == ["a", "a/new", "a/new/inner", "a/new/inner/file"]


def test_a_full_disk_names_the_folder(tmp_path):
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/new'"), making(tmp_path / "new"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not names(tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, ValueError])
def test_nothing_is_left_of_one_that_fails(tmp_path, error):
    with pytest.raises(error), making(tmp_path / "a" / "b" / "new") as partial:
        (partial / "file").touch()
        raise error
    assert not names(tmp_path)


def test_an_earlier_one_stays_until_the_new_one_is_whole(tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(KeyboardInterrupt), making(folder):
        raise KeyboardInterrupt
    assert names(tmp_path) == ["new", "new/old"]
    with making(folder) as partial:
        (partial / "file").touch()
        assert (folder / "old").exists()
    assert names(tmp_path) == ["new", "new/file"]


def test_an_earlier_one_comes_back_if_the_new_one_cannot_take_its_name(tmp_path, monkeypatch):
    folder, rename = tmp_path / "new", os.rename
    folder.mkdir()
    (folder / "old").touch()

    def refusing(source, target):
        if str(source).endswith(".partial"):
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", refusing)
    with pytest.raises(OSError), making(folder):
        pass
    assert names(tmp_path) == ["new", "new/old"]


def test_a_link_stays_one(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "old").touch()
    (tmp_path / "new").symlink_to(tmp_path / "real")
    with making(tmp_path / "new") as partial:
        (partial / "file").touch()
    assert (tmp_path / "new").is_symlink() and names(tmp_path / "real") == ["file"]


def test_a_requested_stop_waits_for_the_end_of_the_block_and_leaves_nothing(tmp_path):
    with pytest.raises(stop_request.Stopped), stop_request.listening(), making(tmp_path / "new") as partial:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.2)
            (partial / "file").touch()
        except BaseException as error:  # as Keras does
            raise AssertionError("raised within the block") from error
    assert not names(tmp_path)


def test_a_stop_of_many_files_is_carried_out_at_once(tmp_path):
    with (
        pytest.raises(stop_request.Stopped),
        stop_request.listening(),
        making(tmp_path / "new", many_files=True) as part,
    ):
        (part / "file").touch()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        raise AssertionError("the block has not been left")
    assert not names(tmp_path)
    with making(tmp_path / "new", many_files=True) as partial:
        (partial / "file").touch()
    assert names(tmp_path) == ["new", "new/file"]


def test_leftovers_of_killed_processes_go_and_those_of_living_ones_stay(tmp_path):
    for name in (".new.1.partial", ".new.2.partial", ".new.3.old", ".other.1.partial", ".new.x.partial"):
        (tmp_path / name).mkdir()
    living = os.open(tmp_path / ".new.2.partial", os.O_RDONLY)
    fcntl.flock(living, fcntl.LOCK_SH)
    with making(tmp_path / "new"):
        pass
    os.close(living)
    assert names(tmp_path) == [".new.2.partial", ".new.x.partial", ".other.1.partial", "new"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file/new"), making(tmp_path / "file" / "new"):
        pass
