"""Rounds that cannot be run are refused before anything is written; the rest is in end_to_end/test_rounds_run.py."""

import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs import rounds
from compare_gan2.runs.declarations import parse
from compare_gan2.runs.settings import CommandOptions


def run(tmp_path, config, *bindings, **command):
    command = CommandOptions(model_dir=str(tmp_path / "run"), **command)
    return rounds.run_in_rounds(parse, [config], ["pretrain.rounds = 3", *bindings], command)


@pytest.mark.parametrize(
    "config, bindings, command, message",
    [
        (
            "mnist_5k/biggan.gin",
            ["pretrain.task = 'rotation'", "pretrain.training_steps = 1"],
            {},
            "kind = 'hard' .* None",
        ),
        (
            "mnist_5k/clustering.gin",
            [],
            {},
            "expected inferred_labels.kind = 'hard' or 'soft' beside it, got 'clusters'",
        ),
        ("mnist_5k/s2gan.gin", [], {"workers": ("a:1", "b:2"), "worker_index": 0}, "expected one process, got several"),
        (
            "mnist_5k/s2gan.gin",
            [],
            {"overrides": {"run_config": {"schedule": "continuous_eval"}}},
            "expected a schedule that trains, got continuous_eval",
        ),
        (
            "mnist_5k/s2gan.gin",
            ["pretrain.generated_per_class = 0"],
            {},
            "pretrain.generated_per_class: expected a whole",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, config, bindings, command, message):
    with pytest.raises(ConfigError, match=message):
        run(tmp_path, config, *bindings, **command)
    assert not list(tmp_path.iterdir())


def test_the_folder_of_another_run_is_refused_before_the_first_round(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "operative_config-0.gin").write_text("inferred_labels.kind = 'hard'\n")
    with pytest.raises(ConfigError, match="holds a run without rounds, or the last one of another number of them"):
        run(tmp_path, "mnist_5k/s2gan.gin")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["operative_config-0.gin"]


def test_a_later_round_trains_on_the_files_alone_and_calls_nothing_unused(tmp_path):
    config = rounds._on_labels(lambda *more: parse(["mnist_5k/s3gan_propagation.gin"], more), tmp_path)
    assert config.bound_value(rounds.InferredLabelsOptions, "kind") is None
    of_labels = ("pretrain", "simclr", "resnet_v2", "propagation", "digit_views", "inferred_labels")
    assert not [name for name in config.unused if name.startswith(of_labels)]


def test_one_round_is_a_run_as_ever(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(rounds, "run", lambda config, command: seen.append(command.model_dir))
    command = CommandOptions(model_dir=str(tmp_path / "run"))
    rounds.run_in_rounds(parse, ["mnist_5k/s2gan.gin"], ["pretrain.rounds = 1"], command)
    rounds.run_in_rounds(parse, ["mnist_5k/biggan.gin"], [], command)
    assert seen == [str(tmp_path / "run")] * 2
