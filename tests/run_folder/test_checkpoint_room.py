import dataclasses

import pytest
from support.counted_state import CountedState

from compare_gan2.config.run_options import RunConfig
from compare_gan2.ground import disks
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder import checkpoint_room


def test_bytes_and_number():
    assert checkpoint_room.bytes_of(CountedState(width=10)) == 48
    assert checkpoint_room.most_at_once(10, 5, 100, None) == 3  # steps 0, 5, 10
    assert checkpoint_room.most_at_once(1000, 5, 3, None) == 4
    assert checkpoint_room.most_at_once(1000, 5, 3, "fid") == 5


def test_a_cache_on_the_same_disk_has_to_leave_their_room(tmp_path, monkeypatch):
    monkeypatch.setattr(disks, "free_bytes", lambda path: 480)
    config = RunConfig(save_checkpoints_steps=5, keep_checkpoint_max=3)
    disks.require_room(400, tmp_path, "folder.cache_dir: pictures", "free some")
    with checkpoint_room.reserved(tmp_path, CountedState(width=10), 1000, config):  # four of 48 bytes
        disks.require_room(288, tmp_path / "cache", "folder.cache_dir: pictures", "free some")
        message = "folder.cache_dir: pictures and 4 checkpoints of the run together need 481 bytes .* free some"
        with pytest.raises(ConfigError, match=message):
            disks.require_room(289, tmp_path / "cache", "folder.cache_dir: pictures", "free some")
        monkeypatch.setattr(disks, "_device", lambda path: path)  # every folder has a disk of its own
        disks.require_room(400, tmp_path / "cache", "folder.cache_dir: pictures", "free some")
    monkeypatch.undo()
    disks.require_room(400, tmp_path, "folder.cache_dir: pictures", "free some")


def test_too_many_are_refused_with_what_fits(tmp_path, monkeypatch):
    monkeypatch.setattr(disks, "free_bytes", lambda path: 480)
    config = RunConfig(save_checkpoints_steps=5, keep_checkpoint_max=9)
    checkpoint_room.require_room(tmp_path, CountedState(width=10), 1000, config)
    more = dataclasses.replace(config, keep_checkpoint_max=10)
    with pytest.raises(ConfigError, match="run_config.keep_checkpoint_max: 11 more .*keep_checkpoint_max = 9 fits"):
        checkpoint_room.require_room(tmp_path, CountedState(width=10), 1000, more)
