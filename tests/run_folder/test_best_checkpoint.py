"""The best checkpoint by a metric: which it is, and that it stays when old ones are dropped."""

import json

import pytest
import tensorflow as tf
from support.counted_state import CountedState, saved_at

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder.best_checkpoint import best_step, record_best
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.run_folder.scores import Score


def score(step, value, metric="fid"):
    reason = "" if value is not None else "NaN"
    std = None if value is None else 0.0
    return Score(f"model.ckpt-{step}", step, metric, value, std, 9, 9, "test", "n", "ema", "moving", 0, reason=reason)


SCORES = [score(10, 3.0), score(20, 2.0), score(30, None), score(40, 2.0), score(50, 9.0), score(50, 1.0, "kid")]


@pytest.mark.parametrize(
    ("higher", "steps", "expected"),
    [(False, [10, 20, 30, 40, 50], 20), (False, [10, 30, 50], 10), (True, [10, 20, 40, 50], 50), (False, [40], 40)],
)
def test_earliest_of_the_best_that_are_there(tmp_path, higher, steps, expected):
    best = record_best(tmp_path, SCORES, "fid", higher, steps)
    assert best.step == best_step(tmp_path) == expected
    content = json.loads((tmp_path / "best.json").read_text())
    assert content == {"metric": "fid", "value": best.value, "step": expected, "checkpoint": f"model.ckpt-{expected}"}


def test_without_a_score_there_is_none(tmp_path):
    assert record_best(tmp_path, SCORES, "fid", False, [30]) is None
    assert best_step(tmp_path) is None and not (tmp_path / "best.json").exists()


@pytest.mark.parametrize("text", ["", "[]", '{"metric": "fid"}'])
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / "best.json").write_text(text)
    with pytest.raises(DamagedFileError, match="best.json: expected the best checkpoint with its step"):
        best_step(tmp_path)


def test_newest_ones_and_the_best_one_stay(tmp_path):
    checkpoints = Checkpoints(tmp_path, CountedState(), keep=2)
    assert saved_at(checkpoints, [0, 10, 20]) == [10, 20]
    for step in (10, 20):
        (tmp_path / f"standing-{step}.npz").write_text("statistics")
    record_best(tmp_path, SCORES, "fid", False, [10])
    assert saved_at(checkpoints, [30, 40, 50]) == [10, 40, 50]
    assert {path.name for path in tmp_path.glob("standing-*")} == {"standing-10.npz"}
    assert tf.train.latest_checkpoint(tmp_path) == str(tmp_path / "model.ckpt-50")
    listed = tf.train.get_checkpoint_state(tmp_path).all_model_checkpoint_paths
    assert [path.rpartition("-")[2] for path in listed] == ["10", "40", "50"]
    record_best(tmp_path, SCORES, "fid", False, [40])
    assert saved_at(checkpoints, [60]) == [40, 50, 60]


def test_what_a_session_before_left_behind_is_not_taken_for_newer(tmp_path):
    saved_at(Checkpoints(tmp_path, CountedState(), keep=9), [0, 10, 50])
    assert saved_at(Checkpoints(tmp_path, CountedState(), keep=1), [20]) == [20, 50]
    assert Checkpoints(tmp_path, CountedState(), keep=1).restore_latest() == 50
