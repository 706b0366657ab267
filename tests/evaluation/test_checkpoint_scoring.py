"""Which checkpoints are scored: multiples, the last step, and a line for the others."""

import types

from compare_gan2.evaluation import checkpoint_scoring
from compare_gan2.evaluation.checkpoint_scoring import CheckpointScoring
from compare_gan2.run_folder.scores import ScoresFile


def scoring(tmp_path, **options):
    evaluator = types.SimpleNamespace(metrics=[])
    return CheckpointScoring(tmp_path, ScoresFile(tmp_path / "scores.csv"), evaluator, 4, None, **options)


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
