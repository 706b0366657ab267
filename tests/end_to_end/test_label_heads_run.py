"""Label heads beside an S3GAN's predictor and rotation head, through the real command line."""

import csv

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_run

HEADS = {"ModularGAN.label_heads": "[@tac(), @reacgan()]", "reacgan.labels": "'completed'", "reacgan.embedding_size": 8}
TAGS = ("loss/tac_real", "loss/tac_twin_d", "loss/tac_g", "loss/tac_twin_g", "loss/reacgan_d", "loss/reacgan_g")


def trained(folder, steps):
    bound = {name.replace(".", "__"): value for name, value in HEADS.items()}
    result = tiny_run.quick(
        folder, tiny_run.TRAIN_ONLY, options__training_steps=steps, run_config__save_checkpoints_steps=10, **bound
    )
    assert result.code == 0, result.err


def last_checkpoint(folder):
    reader = tf.train.load_checkpoint(str(folder))
    names = set(reader.get_variable_to_shape_map()) - {"save_counter/.ATTRIBUTES/VARIABLE_VALUE"}
    return {name: reader.get_tensor(name) for name in names}


def test_ten_steps_at_once_equal_four_and_six_more(tmp_path):
    trained(tmp_path / "whole", 10)
    for steps in (4, 10):
        trained(tmp_path / "resumed", steps)
    with open(tmp_path / "whole" / "training.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10 and {"loss/class_loss_real", "loss/real_loss", *TAGS} <= set(rows[0])
    assert all(np.isfinite(float(row[tag])) for row in rows for tag in TAGS)
    whole, resumed = (last_checkpoint(tmp_path / name) for name in ("whole", "resumed"))
    assert any("discriminator_reacgan_proxies" in name for name in whole)
    assert whole.keys() == resumed.keys()
    for name, value in whole.items():
        np.testing.assert_array_equal(resumed[name], value, err_msg=name)


@pytest.mark.parametrize(
    "flags, bound, message",
    [
        (["--gin_config=with/multi_hinge.gin"], {}, "@multi_hinge() owns the logits and needs S3GAN.project_y = False"),
        (
            ["--gin_config=with/contragan.gin"],
            {"run_config__accumulate_steps": 2, "S3GAN__rotated_batch_fraction": 2},
            "run_config.accumulate_steps: expected 1 with ModularGAN.label_heads = [@contragan()]",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(flags, bound, message, tmp_path):
    result = tiny_run.in_process(tmp_path / "run", tiny_run.TRAIN_ONLY, *flags, **bound)
    assert result.code == 2 and message in result.err and "Traceback" not in result.err
    assert not (tmp_path / "run").exists()
