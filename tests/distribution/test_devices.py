"""The devices of a run, and which process of several has which part."""

import types

import pytest
import tensorflow as tf

from compare_gan2.distribution import devices
from compare_gan2.distribution.cluster import Cluster
from compare_gan2.distribution.devices import choose_devices
from compare_gan2.ground.errors import ConfigError


@pytest.fixture(autouse=True)
def no_tpu(monkeypatch):
    monkeypatch.delenv("TPU_NAME", raising=False)


def test_a_process_alone_trains_and_scores_on_the_same_devices():
    one = choose_devices(single_core=True)
    assert (one.num_replicas, one.is_chief, one.connections) == (1, True, None)
    assert one.strategy is one.scoring_strategy and one.description == "one CPU (OneDeviceStrategy)"
    two = choose_devices(num_devices=2)
    assert two.num_replicas == 2 and two.strategy is two.scoring_strategy
    assert two.description == "2 logical CPU devices, as there is no GPU (MirroredStrategy)"


@pytest.mark.parametrize("index, is_chief", [(0, True), (1, False)])
def test_of_several_workers_the_chief_scores_alone(index, is_chief, monkeypatch):
    connections = types.SimpleNamespace(cluster=Cluster(("a:1", "b:1"), index, "--workers"))
    asked, mirrored = [], types.SimpleNamespace(num_replicas_in_sync=8)

    def get_strategy(use_tpu=None, single_core=False, num_devices=None, cluster=None):
        asked.append(cluster)
        return (mirrored, "many") if cluster is not None else (tf.distribute.get_strategy(), "one")

    monkeypatch.setattr(devices, "get_strategy", get_strategy)
    chosen = choose_devices(num_devices=2, connections=connections)
    assert chosen.is_chief is is_chief and chosen.num_replicas == 8 and chosen.description == "many"
    assert chosen.strategy is mirrored and chosen.scoring_strategy is tf.distribute.get_strategy()
    assert asked == [connections.cluster, None]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"num_devices": 99}, "--num_devices: expected at most 2, TensorFlow started with as many, got 99"),
        ({"num_devices": 2, "single_core": True}, "--num_devices: expected 1 with run_config.single_core = True, got"),
        ({"use_tpu": True}, "--use_tpu: expected the environment variable TPU_NAME to name a TPU"),
    ],
)
def test_what_there_is_not(options, message):
    with pytest.raises(ConfigError, match=message):
        choose_devices(**options)


def test_a_tpu_is_used_if_the_environment_names_one(monkeypatch):
    monkeypatch.setenv("TPU_NAME", "grpc://localhost:1")
    with pytest.raises(ConfigError, match="--use_tpu: TPU_NAME='grpc://localhost:1' cannot be used"):
        choose_devices()
    with pytest.raises(ConfigError, match="--num_devices: expected none with a TPU"):
        choose_devices(num_devices=1)
    assert choose_devices(use_tpu=False, single_core=True).num_replicas == 1
