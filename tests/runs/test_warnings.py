"""Warnings of parts that begin after the end of a run."""

import types

import pytest

from compare_gan2.pretraining.schedules import unreached_steps
from compare_gan2.runs.warnings import _unreached_steps

OPTIONS = types.SimpleNamespace(training_steps=100, disc_iters=2, batch_size=10)


def lines(**record):
    record = {"options.training_steps": "100"} | {name.replace("__", "."): text for name, text in record.items()}
    return list(_unreached_steps(record, OPTIONS))


@pytest.mark.parametrize(
    "late, in_time, effect",
    [
        ({"lecam__start_step": "100"}, {"lecam__start_step": "99"}, "its term never counts"),
        ({"topk__steps_per_epoch": "100"}, {"topk__steps_per_epoch": "50"}, "k never shrinks"),
        ({"path_length__every": "400"}, {"path_length__every": "4"}, "the term counts in the first step alone"),
        (
            {"penalty__fn": "@r1", "penalty__every": "100"},
            {"penalty__fn": "@no_penalty", "penalty__every": "100"},
            "the penalty counts in the first step alone",
        ),
        (
            {"S3GAN__ema_start_step": "40000", "S3GAN__g_use_ema": "True", "S3GAN__ema_half_life": "None"},
            {"S3GAN__ema_start_step": "40000", "S3GAN__g_use_ema": "False", "S3GAN__ema_half_life": "None"},
            "averaged weights are those of the last step",
        ),
        (
            {"ada__kimg": "500.0", "ada__p": "0.0", "ada__target": "0.6"},
            {"ada__kimg": "10.0", "ada__p": "0.0", "ada__target": "0.6"},
            "p can rise to 0.004 at most; bind a smaller ada.kimg",
        ),
        (
            {"apa__kimg": "500.0", "apa__p": "0.0"},
            {"apa__kimg": "500.0", "apa__p": "0.0", "apa__target": "None"},
            "apa",
        ),
        ({"burn_in__images": "20e6"}, {"burn_in__images": "2000.0"}, "2e+07 is more than the 2000 images"),
        ({"ema_half_life__burn_in": "2001"}, {"ema_half_life__burn_in": "None"}, "the half-life does not reach"),
    ],
)
def test_what_begins_after_the_end_of_a_run(late, in_time, effect):
    (line,) = lines(**late)
    assert effect in line and next(iter(late)).split("__")[0] in line
    assert not lines(**in_time)


def test_schedules_of_pre_training_that_are_longer_than_it():
    record = {
        "pretrain.training_steps": "100",
        "pretrain.warmup_steps": "101",
        "pretrain.schedule": "'steps'",
        "pretrain.decay_steps": "[50, 100]",
        "few_labels.rampup_steps": "200",
        "dino.temperature_steps": "100",
    }
    found = list(unreached_steps(record))
    assert [line.split(" = ")[0] for line in found] == [
        "pretrain.warmup_steps",
        "few_labels.rampup_steps",
        "pretrain.decay_steps",
    ]
    assert found[0].endswith("in this run (pretrain.training_steps = 100): the rate stays below pretrain.learning_rate")
    assert not list(unreached_steps(record | {"pretrain.training_steps": "201"}))
    assert not list(unreached_steps({"options.training_steps": "1", "lecam.start_step": "5"}))
