import json

import numpy as np
import pytest
from support.tiny_pretraining import inference

from compare_gan2.datasets.labels.training_labels import with_inferred
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.pretraining.cluster_numbers import best_of, in_words, silhouettes
from compare_gan2.pretraining.clustering import ClusteringOptions


def blobs():
    random = np.random.RandomState(0)
    return np.eye(4)[np.arange(120) % 4] + 0.05 * random.normal(size=(120, 4))


@pytest.mark.parametrize("assignment", ["nearest", "balanced"])
def test_the_right_number_has_the_highest(assignment):
    options = ClusteringOptions(2, scaling="length", assignment=assignment, restarts=3, candidates=[2, 4, 8])
    found = silhouettes(blobs(), options)
    assert list(found) == ["2", "4", "8"] and max(found, key=found.get) == "4" and found["4"] > 0.7


def test_the_line_says_which_one_to_bind():
    assert (
        in_words({"2": 0.1, "4": 0.75}, 4)
        == "clusters: mean silhouette of 2 0.100, 4 0.750; highest with 4, which is bound"
    )
    assert in_words({"2": 0.1, "4": 0.75}, 2).endswith(
        "highest with 4, clustering.num_clusters = 2 is used until you bind 4"
    )


def test_they_are_in_the_manifest_and_the_log(tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr(log, "info", lines.append)
    made = inference(tmp_path, "rotation", "clusters", clustering__candidates=[2, 3], pretrain__training_steps=1)
    folder = made.infer().file_pattern
    assert "clusters3-seed0-" in folder and any(line.startswith("clusters: mean silhouette of 2 ") for line in lines)
    assert '"silhouettes": {' in next(tmp_path.glob("*/labels-*/manifest.json")).read_text()


def test_the_best_one_is_used_if_it_is_to_be_chosen(tmp_path):
    bindings = {"clustering__num_clusters": "'silhouette'", "clustering__candidates": [2, 3, 4]}
    made = inference(tmp_path, "rotation", "clusters", **bindings, pretrain__training_steps=1)
    assert made.has_to_choose
    announced = made.announced
    facts = json.loads(next(tmp_path.glob("*/labels-clusterssilhouette-*/manifest.json")).read_text())
    assert announced.num_classes == facts["num_classes"] == len(facts["cluster_sizes"]) == best_of(facts["silhouettes"])
    found = with_inferred(made.dataset, made.infer())
    assert found.num_classes == announced.num_classes and set(found.labels) == set(range(found.num_classes))
    assert not made.has_to_choose
    assert in_words({"2": 0.1, "4": 0.75}, "silhouette").endswith("highest with 4, which is used")


def test_a_choice_among_none():
    with pytest.raises(ConfigError, match="clustering.candidates: expected numbers of clusters to choose from .* none"):
        ClusteringOptions("silhouette")


def test_a_candidate_above_the_number_of_images():
    with pytest.raises(ConfigError, match=r"clustering.candidates: expected at most .* images \(120\), got 200"):
        silhouettes(blobs(), ClusteringOptions(4, candidates=[2, 200]))
