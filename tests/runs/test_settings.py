"""All options of a run as one value, from its configuration and what the caller decides."""

import dataclasses

import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.settings import CommandOptions, read_settings

BINDINGS = [
    "options.batch_size = 4",
    "options.gan_class = @ModularGAN",
    "options.architecture = 'dcgan_arch'",
    "options.training_steps = 7",
    "dataset.name = 'mnist_5k'",
    "run_config.schedule = 'train_and_eval'",
    "run_config.tf_random_seed = 3",
    "standing_statistics.num_samples = 64",
    "evaluation.metrics = ['fid']",
    "eval_z.stddev = 0.5",
    "eval_labels.prior = 'empirical'",
]


def settings_of(*bindings, **command):
    return read_settings(parse([], [*BINDINGS, *bindings]), CommandOptions(model_dir="run", **command))


def test_every_part_is_read():
    settings = settings_of()
    assert (settings.options.training_steps, settings.run.schedule, settings.seed) == (7, "train_and_eval", 3)
    assert (settings.standing.num_samples, settings.evaluation.metrics, settings.data.name) == (64, ["fid"], "mnist_5k")
    assert (settings.latents.stddev, settings.eval_latents.stddev, settings.eval_labels.prior) == (
        1.0,
        0.5,
        "empirical",
    )
    assert settings.command.model_dir == "run" and settings.command.num_eval_averaging_runs == 3


def test_what_the_caller_decides_wins_over_bindings():
    overrides = {
        "run_config": {"schedule": "train"},
        "standing_statistics": {"num_samples": 128},
        "evaluation": {"metrics": ["kid"]},
    }
    settings = settings_of(overrides=overrides)
    assert (settings.run.schedule, settings.run.tf_random_seed) == ("train", 3)
    assert (settings.standing.num_samples, settings.evaluation.metrics) == (128, ["kid"])


def test_what_wins_is_recorded():
    config = parse([], BINDINGS)
    read_settings(config, CommandOptions("run", overrides={"run_config": {"schedule": "train"}}))
    assert config.record["run_config.schedule"] == "'train'" and config.record["z.stddev"] == "1.0"
    assert config.unused == []


@pytest.mark.parametrize(
    "binding, message",
    [
        ("run_config.schedule = 'evaluate'", "run_config.schedule: expected one of 'train', .*, got 'evaluate'"),
        (
            "run_config.tf_random_seed = -1",
            "run_config.tf_random_seed: expected a whole number from 0 to 4294967295 or None, got -1",
        ),
        (
            "standing_statistics.num_samples = 0",
            "standing_statistics.num_samples: expected a whole number from 1 to 1000000000, got 0",
        ),
        ("evaluation.num_fake = 0", "evaluation.num_fake: expected a whole number from 1 to 1000000000 or None, got 0"),
        ("options.disc_iters = 0", "options.disc_iters: expected a whole number from 1 to 1000, got 0"),
    ],
)
def test_options_out_of_range(binding, message):
    with pytest.raises(ConfigError, match=message):
        settings_of(binding)


def test_a_wrong_value_of_the_caller_is_refused_like_a_binding():
    with pytest.raises(ConfigError, match="run_config.schedule: expected one of 'train', .*, got 'never'"):
        settings_of(overrides={"run_config": {"schedule": "never"}})


def test_settings_cannot_be_changed():
    for value in (settings_of(), settings_of().command, settings_of().options):
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.model_dir = "another"


def test_a_run_of_a_version_that_drew_no_images_keeps_to_the_first_ones(tmp_path):
    def in_order(*bindings):
        config = parse([], [*BINDINGS, *bindings])
        settings = read_settings(config, CommandOptions(model_dir=str(tmp_path)))
        assert config.record["evaluation.images_in_order"] == str(settings.evaluation.images_in_order)
        return settings.evaluation.images_in_order

    assert not in_order()
    record = tmp_path / "operative_config-0.gin"
    record.write_text("evaluation.num_real = 50\n")
    assert in_order() and not in_order("evaluation.images_in_order = False")
    record.write_text("evaluation.num_real = 50\nevaluation.images_in_order = False\n")
    assert not in_order()
