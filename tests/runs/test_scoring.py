import types

import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.scoring import build_network

ABSENT = ["feature_network.name = 'saved_model'", "feature_network.path = 'absent'"]


def network_for(metrics, bindings, image_shape=(64, 64, 3), schedule="eval_after_train", is_chief=True):
    settings = types.SimpleNamespace(
        run=types.SimpleNamespace(schedule=schedule),
        evaluation=types.SimpleNamespace(metrics=metrics),
        data=types.SimpleNamespace(name="mnist_5k"),
    )
    scope = types.SimpleNamespace(scope=lambda: pytest.MonkeyPatch.context())
    devices = types.SimpleNamespace(is_chief=is_chief, scoring_strategy=scope)
    return build_network(parse([], bindings), settings, devices, image_shape, {})


@pytest.mark.parametrize("metrics", [["brisque"], ["ms_ssim", "brisque"], ["unknown"]])
def test_metrics_of_pixels_need_no_network(metrics):
    assert network_for(metrics, ABSENT) is None


@pytest.mark.parametrize("metrics", [["fid"], ["brisque", "kid"], ["all"], None])
def test_others_do(metrics):
    with pytest.raises(ConfigError, match="feature_network.path: .*absent"):
        network_for(metrics, ABSENT)
    assert network_for(metrics, ["feature_network.name = 'digits'"], (32, 32, 1)).name == "digits"


def test_who_scores_nothing_has_none():
    assert network_for(["fid"], ABSENT, schedule="train") is None
    assert network_for(["fid"], ABSENT, is_chief=False) is None
