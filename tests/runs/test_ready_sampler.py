import types

import numpy as np
import pytest
from support.trained_run import BINDINGS, trained_run

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import CheckpointError
from compare_gan2.runs import train_and_score
from compare_gan2.runs.ready_sampler import ReadySampler
from compare_gan2.runs.scoring import scored_by_this_process
from compare_gan2.runs.settings import CommandOptions, read_settings

SCORED = [
    "run_config.schedule = 'eval_after_train'",
    "run_config.eval_every_steps = 2",
    "evaluation.metrics = ['fid']",
    "evaluation.num_real = 20",
    "feature_network.name = 'digits'",
]


class RecordingSampler:
    needs_standing_statistics = True
    checkpoint = None

    def __init__(self):
        self.accumulated = []

    def load(self, checkpoint):
        self.checkpoint = checkpoint

    def accumulate(self, num_samples, on_batch, keep):
        self.accumulated.append((self.checkpoint.name, num_samples, keep))


def test_checkpoints_that_will_be_scored_have_the_statistics_of_their_scores(tmp_path):
    sampler = RecordingSampler()
    ready = ReadySampler(tmp_path, sampler, 4096, lambda step: step == 20)
    ready(10)
    assert ready.holds(10) and not ready.holds(20)
    ready(20)
    few = ReadySampler(tmp_path, sampler, 64, lambda step: False)
    few(30)
    assert sampler.accumulated == [
        ("model.ckpt-10", 1024, False),
        ("model.ckpt-20", 4096, True),
        ("model.ckpt-30", 64, False),
    ]


@pytest.mark.parametrize(
    ("schedule", "scored"),
    [
        ("train_and_eval", {0, 10, 20, 30, 35}),
        ("eval_after_train", {20, 30, 35}),
        ("continuous_eval", {0, 10, 20, 30, 35}),
    ],
)
def test_which_checkpoints_will_be_scored(schedule, scored):
    run_config = types.SimpleNamespace(schedule=schedule, save_checkpoints_steps=10, keep_checkpoint_max=3)
    settings = types.SimpleNamespace(run=run_config, options=types.SimpleNamespace(training_steps=35))
    steps = [0, 10, 20, 30, 35]
    will_be = scored_by_this_process(settings, types.SimpleNamespace(wants=lambda step: True))
    assert {step for step in steps if will_be(step)} == scored
    wants_none = scored_by_this_process(settings, types.SimpleNamespace(wants=lambda step: False))
    assert not any(map(wants_none, steps))
    assert not any(map(scored_by_this_process(settings, None), steps))


def test_a_run_accumulates_once_for_pictures_and_scores(tmp_path, monkeypatch):
    run = trained_run(tmp_path / "run", *SCORED)
    kept = {path.name: path.stat().st_mtime_ns for path in run.files.path.glob("standing-*.npz")}
    assert kept.keys() == {"standing-2.npz"}  # of three checkpoints the one whose step is a multiple of 2, not 0
    monkeypatch.setattr(run.sampler, "_accumulate", None)  # called, it raises
    train_and_score.score(run)
    train_and_score.draw(run)
    assert [row.step for row in run.files.scores.read() if row.metric == "fid"] == [2]
    assert {path.name: path.stat().st_mtime_ns for path in run.files.path.glob("standing-*.npz")} == kept


def test_a_run_whose_checkpoints_vanish_as_it_starts_does_not_train_from_nothing(copied):
    config = parse([], BINDINGS)
    settings = read_settings(config, CommandOptions(model_dir=str(copied), data_fake_dataset=True))
    run = train_and_score.prepare(config, settings)
    assert run.model.awaits_checkpoint and np.isnan(run.model.gan.generator.trainable_variables[0]).any()
    for path in copied.glob("model.ckpt-*"):
        path.unlink()
    with pytest.raises(CheckpointError, match="its checkpoints were removed as the run started"):
        train_and_score.train(run)
