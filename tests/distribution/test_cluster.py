import json

import pytest

from compare_gan2.distribution.cluster import cluster_of
from compare_gan2.ground.errors import ConfigError

WORKERS = ["a:2222", "b:2223", "[::1]:2224"]


def tf_config(cluster, task):
    return json.dumps({"cluster": cluster, "task": task})


def test_workers_by_flags():
    cluster = cluster_of(WORKERS, 1, tf_config="not read")
    assert (cluster.workers, cluster.index, cluster.is_chief) == (tuple(WORKERS), 1, False)
    assert cluster.address(0) == ("a", 2222) and cluster.address(2) == ("::1", 2224)
    assert cluster.name(1) == "worker 1 (b:2223)"
    assert cluster_of(WORKERS, 0).is_chief


@pytest.mark.parametrize(
    "jobs, task, index",
    [
        ({"worker": WORKERS}, {"type": "worker", "index": 2}, 2),
        ({"chief": WORKERS[:1], "worker": WORKERS[1:]}, {"type": "chief", "index": 0}, 0),
        ({"chief": WORKERS[:1], "worker": WORKERS[1:]}, {"type": "worker", "index": 0}, 1),
    ],
)
def test_workers_by_tf_config(jobs, task, index):
    cluster = cluster_of(tf_config=tf_config(jobs, task))
    assert (cluster.workers, cluster.index) == (tuple(WORKERS), index)


@pytest.mark.parametrize("given", [{}, {"tf_config": ""}, {"workers": []}, {"workers": ["a:1"], "worker_index": 0}])
def test_one_process_is_no_cluster(given):
    assert cluster_of(**given) is None


@pytest.mark.parametrize(
    "given, message",
    [
        ({"workers": WORKERS}, "--worker_index: expected the position"),
        ({"workers": WORKERS, "worker_index": 3}, "--worker_index: expected 0 to 2 for 3 workers, got 3"),
        ({"workers": WORKERS, "worker_index": -1}, "--worker_index: expected 0 to 2 for 3 workers, got -1"),
        ({"worker_index": 1}, "--worker_index: expected --workers=HOST:PORT"),
        ({"workers": ["a", "b:1"], "worker_index": 0}, "--workers: expected workers as HOST:PORT, got 'a'"),
        ({"workers": ["a:1", "b:x"], "worker_index": 0}, "--workers: expected workers as HOST:PORT, got 'b:x'"),
        ({"workers": ["a:1", "b:70000"], "worker_index": 0}, "got 'b:70000'"),
        ({"workers": ["a:1", "a:1"], "worker_index": 0}, "--workers: expected every worker once, got a:1, a:1"),
    ],
)
def test_bad_flags(given, message):
    with pytest.raises(ConfigError, match=r"\A" + message if message.startswith("--") else message) as raised:
        cluster_of(**given)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "TF_CONFIG: expected JSON such as"),
        ("[]", "expected a 'cluster' with a list of workers"),
        (json.dumps({"task": {"type": "worker", "index": 0}}), "expected a 'cluster' with a list of workers"),
        (tf_config({"worker": "a:1"}, {"type": "worker", "index": 0}), "expected a 'cluster' with a list of workers"),
        (json.dumps({"cluster": {"worker": WORKERS}}), "expected a 'task' with 'type' and 'index'"),
        (tf_config({"worker": WORKERS}, {"type": "worker"}), "expected a 'task' with 'type' and 'index'"),
        (tf_config({"worker": WORKERS}, {"type": "ps", "index": 0}), "task type 'chief' or 'worker', got 'ps'"),
        (tf_config({"worker": WORKERS}, {"type": "worker", "index": 3}), "one of the 3 tasks of type 'worker'"),
        (tf_config({"worker": WORKERS}, {"type": "worker", "index": -1}), "got -1"),
        (tf_config({"worker": WORKERS}, {"type": "worker", "index": "0"}), "got '0'"),
        (tf_config({"worker": WORKERS}, {"type": "chief", "index": 0}), "one of the 0 tasks of type 'chief'"),
        (tf_config({"worker": ["a:1", 5]}, {"type": "worker", "index": 0}), "expected workers as HOST:PORT, got 5"),
    ],
)
def test_bad_tf_config(text, message):
    with pytest.raises(ConfigError, match=r"\ATF_CONFIG: ") as raised:
        cluster_of(tf_config=text)
    assert message in str(raised.value)
