"""Which checkpoints are scored: multiples, the last step, and a line for the others."""

import types

import pytest

from compare_gan2.evaluation import checkpoint_scoring
from compare_gan2.evaluation.checkpoint_scoring import CheckpointScoring
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.registry import METRICS
from compare_gan2.run_folder.scores import ScoresFile


def scoring(tmp_path, metrics=(), best=None, **options):
    evaluator = types.SimpleNamespace(metrics=list(metrics))
    return CheckpointScoring(tmp_path, ScoresFile(tmp_path / "scores.csv"), evaluator, 4, best, **options)


def test_an_interval_longer_than_the_run_scores_the_last_step(tmp_path):
    assert [step for step in range(4) if scoring(tmp_path, last_step=3).wants(step)] == [3]
    assert [step for step in range(10) if scoring(tmp_path, last_step=9).wants(step)] == [4, 8, 9]
    assert [step for step in range(10) if scoring(tmp_path).wants(step)] == [4, 8]


def test_checkpoints_that_are_not_scored_are_named_once(tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr(checkpoint_scoring, "log", types.SimpleNamespace(info=lines.append))
    monkeypatch.setattr(checkpoint_scoring, "regular_steps", lambda folder: {0, 2, 4, 6, 7})
    found = scoring(tmp_path, last_step=7)
    found.score_pending()
    found.score_pending()
    assert len(lines) == 1 and lines[0].startswith("steps 0, 2, 6: not scored: run_config.eval_every_steps = 4 takes")


def test_the_best_metric_is_found_by_the_name_that_its_row_has_on_the_network(tmp_path):
    fid = METRICS["fid"]
    elsewhere = fid.on(types.SimpleNamespace(renames_distances=True))
    assert scoring(tmp_path, [fid], "fid").best_metric == "fid"
    for asked in ("fid", "frechet_distance"):
        assert scoring(tmp_path, [elsewhere], asked).best_metric == "frechet_distance"
    with pytest.raises(ConfigError, match="run_config.best_metric: expected one of fid .*, got 'frechet_distance'"):
        scoring(tmp_path, [fid], "frechet_distance")
