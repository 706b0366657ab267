"""Scores of checkpoints: several sets, failures as rows, the protocol, and what may not become a row."""

import dataclasses
import types

import numpy as np
import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import EvaluationOptions
from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.evaluation import evaluator as evaluator_module
from compare_gan2.evaluation.drawn_images import chosen_images
from compare_gan2.evaluation.evaluator import Evaluator
from compare_gan2.evaluation.needs import needs_of_run
from compare_gan2.ground.code_version import code_version
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics import registry
from compare_gan2.metrics.classification.classifier_score import classifier_score
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.networks.feature_networks import feature_network

COUNT = 70


def uniform(count, seed):
    return np.random.RandomState(seed).uniform(size=(count, 32, 32, 1)).astype(np.float32)


class StandInSampler:
    """Replacement of a generator; gives noise that depends on the purpose."""

    weights = "ema"
    precision = None
    labels_are_classes = True
    needs_standing_statistics = True

    def __init__(self, conditional=True, spoil=None):
        num_classes = 10 if conditional else None
        self.gan = types.SimpleNamespace(conditional=conditional, image_shape=(32, 32, 1), num_classes=num_classes)
        self.checkpoint = None
        self.label_prior = "uniform" if conditional else "none"
        self.spoil = spoil
        self.loaded, self.accumulated = [], []

    def load(self, path):
        self.checkpoint = path
        self.loaded.append(path.name)

    def accumulate(self, num_samples, on_batch, keep):
        self.accumulated.append((num_samples, keep))

    def discriminate(self, images, labels):
        raise AssertionError("no metric asks for it")

    def batches(self, count, purpose):
        images = self.images(count, purpose)
        for start in range(0, count, 64):
            yield images[start : start + 64], np.arange(start, min(start + 64, count)) % 10

    def images(self, count, purpose):
        images = uniform(count, 100 + int(purpose.removeprefix("scores/")))
        if self.spoil is not None:
            self.spoil(images)
        return images


@pytest.fixture(autouse=True)
def checkpoints_are_whole(monkeypatch):
    monkeypatch.setattr(evaluator_module, "damage_of", lambda path: "cut" if path.name == "model.ckpt-9" else None)


def dataset():
    images = np.random.RandomState(1).randint(0, 256, (80, 32, 32, 1)).astype(np.uint8)
    source = InMemorySource((images[:20], np.arange(20) % 10), (images, np.arange(80) % 10))
    return ImageDataset("mnist_5k", (32, 32, 1), 10, source)


def evaluator(tmp_path, sampler, num_repetitions=3, **options):
    chosen = EvaluationOptions(cache_dir=str(tmp_path), num_real=COUNT, **options)
    network = feature_network("digits")
    return Evaluator(
        dataset(),
        sampler,
        network,
        chosen,
        registry.choose(chosen.metrics, needs_of_run(network, dataset(), sampler), parse()),
        standing_samples=64,
        num_repetitions=num_repetitions,
        seed=4,
        truncation="none",
    )


def test_mean_and_deviation_over_sets_with_the_whole_protocol(tmp_path):
    sampler, network = StandInSampler(), feature_network("digits")
    rows = {row.metric: row for row in evaluator(tmp_path, sampler).score(tmp_path / "model.ckpt-3", 3)}
    assert list(rows) == ["fid", "classifier_score", "conditional_accuracy"]
    images, _ = dataset().test_images(80)
    real, _ = network.features_and_logits(images[chosen_images(COUNT, 80, "", 4)])
    fakes = [network.features_and_logits(sampler.images(COUNT, f"scores/{number}")) for number in range(3)]
    fids = [fid(real, features) for features, _ in fakes]
    np.testing.assert_allclose([rows["fid"].value, rows["fid"].std], [np.mean(fids), np.std(fids)], rtol=1e-5)
    expected = [classifier_score(logits) for _, logits in fakes]
    assert rows["classifier_score"].value == np.mean(expected)
    same = {"checkpoint": "model.ckpt-3", "step": 3, "num_real": COUNT, "num_fake": COUNT, "seed": 4, "images": "all"}
    same |= {"network": "digits", "network_checksum": network.checksum, "resize": "none", "weights": "ema"}
    same |= {"bn_statistics": "standing_64", "dataset": "mnist_5k", "num_runs": 3, "truncation": "none", "size": "none"}
    same |= {"split": "test, drawn", "pixels": "none"}
    same |= {"reason": "", "label_prior": "uniform", "settings": "none", "code_version": code_version()}
    for row in rows.values():
        assert vars(row) | same == vars(row)
        assert row.low < row.value < row.high
    assert sampler.loaded == ["model.ckpt-3"] and sampler.accumulated == [(64, True)]


def test_numbers_and_split_of_images(tmp_path):
    found = evaluator(tmp_path, StandInSampler(), num_repetitions=1, num_fake=90, metrics=["fid"])
    (row,) = found.score(tmp_path / "model.ckpt-3", 3)
    assert (row.num_real, row.num_fake, row.split) == (COUNT, 90, "test, drawn")
    found = evaluator(tmp_path, StandInSampler(), num_repetitions=1, images_in_order=True, metrics=["fid"])
    (first,) = found.score(tmp_path / "model.ckpt-3", 3)
    assert first.split == "test" and first.value != row.value
    with pytest.raises(ConfigError, match="70 train images are asked for, the train split has 20"):
        evaluator(tmp_path, StandInSampler(), split="train")


def test_an_unconditional_model_has_no_conditional_accuracy(tmp_path):
    found = evaluator(tmp_path, StandInSampler(conditional=False), num_repetitions=1)
    rows = found.score(tmp_path / "model.ckpt-3", 3)
    assert [(row.metric, row.label_prior) for row in rows] == [("fid", "none"), ("classifier_score", "none")]
    with pytest.raises(
        ConfigError, match="evaluation.metrics: 'conditional_accuracy' needs the classes that generated"
    ):
        evaluator(tmp_path, StandInSampler(conditional=False), metrics=["conditional_accuracy"])


def test_clusters_are_not_classes(tmp_path):
    sampler = StandInSampler()
    sampler.labels_are_classes = False
    network = feature_network("digits")
    assert "class_logits" not in needs_of_run(network, dataset(), sampler)
    clustered = dataclasses.replace(dataset(), labels_are_classes=False)
    assert "real_labels" not in needs_of_run(network, clustered, sampler)
    assert {"class_logits", "real_labels"} <= needs_of_run(network, dataset(), StandInSampler())


def test_the_label_prior_is_that_at_the_time_of_scoring(tmp_path):
    sampler = StandInSampler()
    found = evaluator(tmp_path, sampler, num_repetitions=1, metrics=["classifier_score"])
    sampler.label_prior = "empirical"  # a run may know its labels only after they are inferred
    (row,) = found.score(tmp_path / "model.ckpt-3", 3)
    assert row.label_prior == "empirical"


def test_only_the_metrics_that_are_asked_for(tmp_path):
    rows = evaluator(tmp_path, StandInSampler(), num_repetitions=1).score(
        tmp_path / "model.ckpt-3", 3, ["classifier_score"]
    )
    assert [row.metric for row in rows] == ["classifier_score"]


def put(value, index):
    def spoil(images):
        images[index] = value

    return spoil


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (put(np.nan, 66), "the first is image 66 with NaN"),
        (put(3.0, 2), "the first is image 2 with values from 3.0 to 3.0"),
        (put(0.25, slice(None)), "generated images: all 70 images are constant"),
    ],
)
def test_bad_images_are_scores_without_a_value(tmp_path, spoil, reason):
    rows = evaluator(tmp_path, StandInSampler(spoil=spoil)).score(tmp_path / "model.ckpt-3", 3)
    assert len(rows) == 3
    for row in rows:
        assert (row.value, row.std, row.low, row.high) == (None, None, None, None) and reason in row.reason


def test_a_damaged_checkpoint_is_the_reason_in_every_row(tmp_path):
    sampler = StandInSampler()
    rows = evaluator(tmp_path, sampler).score(tmp_path / "model.ckpt-9", 9)
    assert [row.reason for row in rows] == ["checkpoint is damaged: cut"] * 3 and sampler.loaded == []


def test_damaged_cached_features_are_computed_again(tmp_path, caplog):
    found = evaluator(tmp_path, StandInSampler(), num_repetitions=1)
    expected = found.score(tmp_path / "model.ckpt-3", 3)
    (kept,) = tmp_path.glob("*.npz")
    kept.write_bytes(b"cut")
    again = evaluator(tmp_path, StandInSampler(), num_repetitions=1).score(tmp_path / "model.ckpt-3", 3)
    assert [row.value for row in again] == [row.value for row in expected]
    assert f"{kept}: damaged or changed since it was written" in caplog.text
