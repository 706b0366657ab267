"""A run writes nothing through a symbolic link that leaves its folder."""

import os

import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.links import require_no_links_out
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.runs.model_place import require_model

NAMES = ["training.csv", ".lock", "TRAIN_DONE", "scores.csv", "samples/1.png", "model.ckpt-1.index"]


@pytest.fixture
def folders(tmp_path):
    """(folder of a run, a file of the user elsewhere)."""
    (tmp_path / "run" / "samples").mkdir(parents=True)
    (tmp_path / "mine.txt").write_text("mine")
    return tmp_path / "run", tmp_path / "mine.txt"


@pytest.mark.parametrize("name", NAMES)
def test_a_link_to_a_file_elsewhere(folders, name):
    run, mine = folders
    (run / name).symlink_to(mine)
    with pytest.raises(ConfigError, match=f"--model_dir: .*{name} is a link to {mine}, outside of the run's folder"):
        with ModelDirectory(run).writing():
            raise AssertionError("inside")
    with pytest.raises(ConfigError, match="is a link to"):
        ModelDirectory(run).require_folder()
    assert mine.read_text() == "mine"


def test_links_to_folders_and_to_what_does_not_exist_yet(folders):
    run, mine = folders
    for target in (mine.parent, mine.parent / "not_yet", "../mine.txt"):
        (run / "link").symlink_to(target)
        with pytest.raises(ConfigError, match="run/link is a link to"):
            require_no_links_out(run)
        (run / "link").unlink()


def test_links_within_and_the_folder_itself_as_a_link(folders, tmp_path):
    run, _ = folders
    (run / "newest.png").symlink_to("samples/1.png")
    os.symlink(run, tmp_path / "linked")
    with ModelDirectory(tmp_path / "linked").writing():
        pass
    require_no_links_out(tmp_path / "missing")


@pytest.mark.parametrize("name", ["standing-1.npz", "samples/1.png", "checkpoint"])
def test_what_has_no_end_is_named_and_never_opened(folders, name):
    run, _ = folders
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        make(run / name)
        for reader in (ModelDirectory, require_model):
            with pytest.raises(
                ConfigError, match=f"--model_dir: .*{name} is not a file but a pipe, a socket or a device"
            ):
                reader(run)
        (run / name).unlink()
    ModelDirectory(run)
