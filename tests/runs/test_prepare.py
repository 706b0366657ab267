"""A run is checked as a whole, and nothing is written, before it begins."""

import types

import numpy as np
import pytest
from support import tiny_architecture
from support.trained_run import BINDINGS

from compare_gan2.config.configuration import parse
from compare_gan2.distribution.cluster import Cluster
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.prepare import prepare
from compare_gan2.runs.settings import CommandOptions, read_settings

DIGITS = "feature_network.name = 'digits'"


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    tiny_architecture.installed(monkeypatch)


def prepared(folder, *bindings, connections=None, **command):
    config = parse([], [*BINDINGS, *bindings])
    settings = read_settings(config, CommandOptions(model_dir=str(folder), data_fake_dataset=True, **command))
    with reproducible(settings.seed):
        return prepare(config, settings, connections)


def test_everything_is_made_and_nothing_written(tmp_path):
    run = prepared(tmp_path / "run")
    assert run.model.gan.built and run.model.state.current_step() == 0
    assert run.sampler.gan is not run.model.gan and run.sampler.generator is not run.model.gan.generator
    assert run.scoring is None and run.data.record.num_classes == 10  # the schedule is "train"
    assert run.record["run_config.tf_random_seed"] == "5" and run.record["--data_fake_dataset"] == "True"
    assert run.record["feature_network.name"] == "'inception_tfgan'"  # recorded all the same, so that scores can follow
    assert not list(tmp_path.iterdir())


def test_equal_runs_begin_with_equal_weights(tmp_path):
    first, second = (prepared(tmp_path / name).model.state.variables() for name in ("a", "b"))
    other = prepared(tmp_path / "c", "run_config.tf_random_seed = 6").model.state.variables()
    for name, variable in first.items():
        np.testing.assert_array_equal(variable, second[name], err_msg=name)
    assert np.any(first["generator/fc_noise/kernel"].numpy() != other["generator/fc_noise/kernel"].numpy())


def test_what_is_probably_not_intended_is_reported(tmp_path):
    bindings = ["weights.stddev = 0.1", "S3GAN.g_lr = 0.5", "eval_z.stddev = 0.7"]
    mismatch, stddev, unused = prepared(tmp_path / "run", *bindings).warnings
    assert "z = normal(stddev=1.0)" in mismatch and "eval_z = normal(stddev=0.7)" in mismatch
    assert stddev.startswith("weights.stddev has no effect")
    assert unused == "bound but not used by this run: S3GAN.g_lr"
    assert prepared(tmp_path / "run", "eval_z.stddev = 1.0").warnings == ()


def test_labels_are_drawn_as_the_data_has_them_if_asked_for(tmp_path):
    run = prepared(tmp_path / "run", "eval_labels.prior = 'empirical'")
    assert run.count_labels and run.sampler.distribution == run.data.record.label_distribution
    assert sum(run.sampler.distribution) == pytest.approx(1.0)
    assert prepared(tmp_path / "run").sampler.distribution is None


def test_a_scoring_run_has_an_evaluator(tmp_path):
    bindings = ["run_config.schedule = 'eval_after_train'", "evaluation.num_real = 20", DIGITS]
    run = prepared(tmp_path / "run", *bindings, "evaluation.metrics = ['fid']")
    assert run.scoring is not None and not run.scoring.pending()
    with pytest.raises(ConfigError, match="evaluation.metrics: expected metrics among .*, got 'fidd'"):
        prepared(tmp_path / "run", *bindings, "evaluation.metrics = ['fidd']")


@pytest.mark.parametrize("schedule", ["train", "eval_after_train"])
def test_metrics_are_checked_whether_or_not_they_are_scored(schedule, tmp_path):
    with pytest.raises(ConfigError, match="kid.max_block_size: expected a whole number from 2 to .*, got 'many'"):
        prepared(
            tmp_path / "run",
            f"run_config.schedule = '{schedule}'",
            "evaluation.metrics = ['kid']",
            "kid.max_block_size = 'many'",
            DIGITS,
        )


def test_an_evaluator_is_one_process(tmp_path):
    connections = types.SimpleNamespace(cluster=Cluster(("a:1", "b:1"), 0, "--workers"))
    with pytest.raises(ConfigError, match="--workers: expected none with continuous_eval, which is one process"):
        prepared(tmp_path / "run", "run_config.schedule = 'continuous_eval'", connections=connections)


@pytest.mark.parametrize(
    "bindings, message",
    [
        (
            ["options.batch_size = 3", "run_config.accumulate_steps = 2"],
            "accumulate_steps: expected options.batch_size",
        ),
        (
            ["cross_replica_moments.group_size = 2"],
            r"expected None, 1 or the number of replicas \(1\), got 2",
        ),
        (["run_config.remat = True"], "run_config.remat: expected a network of residual blocks"),
        (["dataset.name = 'mnist5k'"], "dataset.name: expected one of .*, got 'mnist5k'"),
        (["ModularGAN.g_lr = '1'"], "ModularGAN.g_lr: expected a number above 0 .*, got '1'"),
    ],
)
def test_what_cannot_be_run(bindings, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        prepared(tmp_path / "run", *bindings)
    assert not list(tmp_path.iterdir())
