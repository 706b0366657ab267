import numpy as np
import pytest
import tensorflow as tf
from support import tiny_pretraining

from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.self_supervised.method import Outputs
from compare_gan2.pretraining.self_supervised.methods import METHODS, VICReg


@pytest.mark.parametrize(
    "task, bindings, message",
    [
        ("simclr", {"pretrain__batch_size": 2}, "pretrain.batch_size: simclr finds .*, expected at least 4, got 2"),
        ("vicreg", {"pretrain__batch_size": 3}, "pretrain.batch_size: vicreg measures .*, expected at least 4, got 3"),
        ("byol", {"pretrain__batch_size": 1}, "pretrain.batch_size: byol needs .*, expected at least 2, got 1"),
        (
            "moco",
            {"moco__queue_size": 20},
            r"moco.queue_size: expected a multiple of .* \(8\), got 20",
        ),
        ("byol", {"byol__teacher_decay": 1.5}, "byol.teacher_decay: expected a number from 0 to 1, got 1.5"),
        (
            "dino",
            {"dino__last_teacher_decay": -0.1},
            "dino.last_teacher_decay: expected .* from 0 to 1, got -0.1",
        ),
        (
            "dino",
            {"dino__centre_decay": 1.0},
            "dino.centre_decay: expected .* and below 1, got 1.0",
        ),
        ("simclr", {"simclr__temperature": 0}, "simclr.temperature: expected a number above 0"),
        ("simclr", {"pretrain__views": None}, r"pretrain.views: simclr needs views .*, expected @digit_views\(\) or"),
        (
            "simclr",
            {"pretrain__views": "'hard'"},
            r"pretrain.views: expected @colour_views\(\), @digit_views\(\)",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, task, bindings, message):
    with pytest.raises(ConfigError, match=message):
        tiny_pretraining.extractor(tmp_path, task, **bindings)
    assert not list(tmp_path.iterdir())


def test_every_task_that_compares_views_has_a_method_of_its_name():
    assert set(METHODS) == set(tiny_pretraining.METHODS)
    for name, method in METHODS.items():
        assert tiny_pretraining.options(name)[0].compares_views
        assert method.name == name


def test_the_teacher_follows_its_schedule():
    method = tiny_pretraining.method("byol", byol__teacher_decay=0.5, byol__last_teacher_decay=1.0)
    assert [round(float(method.decay(step, 5)), 4) for step in range(5)] == [0.5, 0.5732, 0.75, 0.9268, 1.0]


def test_vicreg_of_the_paper_adds_up():
    views = [tf.constant(np.random.RandomState(seed).rand(6, 4), tf.float32) for seed in range(2)]
    only = {"variance": 0.0, "covariance": 0.0, "invariance": 1.0}
    mean, added = (
        float(VICReg(**only, as_in_the_paper=way).loss(Outputs(views, None, None), {}, 0)[0]) for way in (False, True)
    )
    assert added == pytest.approx(4 * mean)
    assert added == pytest.approx(np.mean(np.sum((views[0].numpy() - views[1].numpy()) ** 2, axis=1)), rel=1e-5)
