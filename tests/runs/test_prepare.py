"""A run is checked as a whole, and nothing is written, before it begins."""

import ast
import hashlib
import pathlib
import types

import keras
import numpy as np
import pytest
from support import tiny_run
from support.trained_run import BINDINGS

from compare_gan2.config.configuration import parse
from compare_gan2.distribution.cluster import Cluster
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.evaluation import chosen_network
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.run_folder.scores import Score, ScoresFile
from compare_gan2.runs.prepare import prepare
from compare_gan2.runs.settings import CommandOptions, read_settings

TESTS = pathlib.Path(__file__).parents[1]
DIGITS = "feature_network.name = 'digits'"


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
    assert run.record["feature_network.name"] == "'digits'"  # recorded all the same, so that scores can follow
    assert not list(tmp_path.iterdir())


def test_equal_runs_begin_with_equal_weights(tmp_path):
    first, second = (prepared(tmp_path / name).model.state.variables() for name in ("a", "b"))
    other = prepared(tmp_path / "c", "run_config.tf_random_seed = 6").model.state.variables()
    for name, variable in first.items():
        np.testing.assert_array_equal(variable, second[name], err_msg=name)
    assert np.any(first["generator/fc_noise/kernel"].numpy() != other["generator/fc_noise/kernel"].numpy())


def digests(folder, *bindings, **command):
    """{name: digest} of everything that a run starts from."""
    variables = prepared(folder, *bindings, **command).model.state.variables()
    return {name: hashlib.sha256(np.array(variable).tobytes()).hexdigest() for name, variable in variables.items()}


def test_how_a_run_is_scored_does_not_change_what_it_starts_from(tmp_path):
    expected = digests(tmp_path / "run", "run_config.schedule = 'train'")
    scored = ["run_config.schedule = 'eval_after_train'", "evaluation.metrics = ['fid']", "evaluation.num_real = 20"]
    assert digests(tmp_path / "run", *scored, DIGITS) == expected
    feature_network("digits")
    prepared(tmp_path / "other", "run_config.tf_random_seed = 6", "options.z_dim = 3")
    keras.utils.set_random_seed(99)
    assert digests(tmp_path / "run", "run_config.schedule = 'train'") == expected  # the second of its kind
    assert digests(tmp_path / "run", "run_config.schedule = 'train'", "run_config.single_core = False") == expected


def test_a_fresh_process_starts_from_the_same(tmp_path):
    prepared(tmp_path / "other", "run_config.tf_random_seed = 6", "options.z_dim = 3")
    code = (
        f"import sys; sys.path[:0] = {[str(TESTS), str(TESTS / 'runs')]}\n"
        "import pytest, test_prepare\n"
        "from compare_gan2.runs.declarations import declare_all\n"
        "from support import tiny_architecture\n"
        "declare_all(); tiny_architecture.installed(pytest.MonkeyPatch())\n"
        "print(test_prepare.digests(sys.argv[1]))"
    )
    fresh = tiny_run.result(tiny_run.start_python("-c", code, str(tmp_path / "run")))
    assert fresh.code == 0, fresh.err
    assert ast.literal_eval(fresh.out.splitlines()[-1]) == digests(tmp_path / "run")


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


def recorded_network(folder, *bindings, at_hand, monkeypatch, **command):
    """The network in the record of a run of another dataset than digits, on a machine that has one or none."""

    def default_network(dataset):
        if at_hand is None:
            raise ConfigError("none at hand")
        return at_hand, "it is at hand"

    monkeypatch.setattr(chosen_network, "default_network", default_network)
    run = prepared(folder, *bindings, **command)
    with run.files.directory.writing():
        run.files.directory.record(0, run.record)
    return ast.literal_eval(run.record["feature_network.name"])


def test_a_run_keeps_the_network_it_began_with(tmp_path, monkeypatch):
    def recorded(folder, at_hand, *bindings):
        return recorded_network(tmp_path / folder, *bindings, at_hand=at_hand, monkeypatch=monkeypatch)

    assert recorded("a", "efficientnet_lite0") == "efficientnet_lite0"
    assert recorded("a", "inception_tfgan") == "efficientnet_lite0"  # though an Inception came to the machine since
    assert recorded("a", None) == "efficientnet_lite0"
    assert recorded("b", None) is None
    scored = ["run_config.schedule = 'eval_after_train'", "evaluation.num_real = 20"]
    with pytest.raises(ConfigError, match="none at hand"):
        recorded("b", None, *scored)
    assert recorded("b", None, *scored, DIGITS) == "digits"
    assert recorded("b", "efficientnet_lite0") == "digits"


def test_the_network_may_be_chosen_until_something_is_scored(tmp_path, monkeypatch):
    def recorded(*bindings):
        return recorded_network(tmp_path / "run", *bindings, at_hand="efficientnet_lite0", monkeypatch=monkeypatch)

    assert recorded() == "efficientnet_lite0" and recorded(DIGITS) == "digits"
    values = dict(value=1.0, std=0.0, num_real=9, num_fake=9, split="test", network="digits", weights="ema", seed=0)
    ScoresFile(tmp_path / "run" / "scores.csv").append(
        [Score("model.ckpt-0", 0, "fid", bn_statistics="moving", **values)]
    )
    assert recorded() == recorded(DIGITS) == "digits"
    with pytest.raises(ConfigError, match="feature_network.name was 'digits', now 'inception_keras'"):
        recorded("feature_network.name = 'inception_keras'")


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
