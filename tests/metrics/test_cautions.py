"""Cautions: each rule fires below its number of images and is silent above it."""

import numpy as np
import pytest

import compare_gan2.metrics.table  # noqa: F401, registers the shipped metrics
from compare_gan2.config.configuration import parse
from compare_gan2.evaluation.metric_values import MetricValues
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.registry import NEEDS, choose
from compare_gan2.metrics.samples import ImageSet, Samples


def image_set(count, seed, width=8):
    random = np.random.RandomState(seed)
    labels = np.arange(count, dtype=np.int32) % 3
    features = random.normal(labels[:, None], 1, (count, width)).astype(np.float32)
    logits = random.normal(0, 1, (count, 5)).astype(np.float32)
    images = random.uniform(size=(count, 16, 16, 1)).astype(np.float32)
    return ImageSet(count, images, features, logits, labels)


def result(name, count, *bindings, row=None, real=None):
    (metric,) = choose([name], set(NEEDS), parse([], bindings))
    values = MetricValues([metric])
    values.add(Samples(image_set(count, 1), image_set(count, 2) if real is None else real, 0), "tests")
    return values.result(row or name)


@pytest.mark.parametrize(
    ("name", "few", "many", "bindings", "row", "text"),
    [
        ("fid", 8, 60, [], None, "8 real images are too few for the covariance of 8 features"),
        ("fid_infinity", 8, 90, ["fid_infinity.fewest = 3", "fid_infinity.num_sizes = 3"], None, "8 generated images"),
        ("intra_class_fid", 20, 60, [], None, "few per class: 6 real images of class 2 for 8 features"),
        ("conditional_accuracy", 20, 60, [], None, "few per class: 6 generated images of class 2"),
        ("classification_accuracy", 20, 60, [], None, "few per class: 6 real images of class 2"),
        ("neighbour_agreement", 20, 60, [], "neighbour_agreement", "few per class: 6 real images of class 2"),
        ("classifier_score", 8, 60, [], None, "8 images are few for 5 logits"),
        ("classifier_score_of_splits", 60, 120, [], None, "6 images per part are few for 5 logits"),
        ("kid", 60, 60, ["kid.max_block_size = 30"], "kid_standard_error", "the spread of 2 blocks"),
        ("kid_of_subsets", 15, 60, ["kid_of_subsets.subset_size = 10"], "kid_of_subsets_std", "subsets of 10 among 15"),
        ("prd", 60, 240, ["prd.num_runs = 1"], "prd_f8", "60 images are few for 20 clusters"),
        ("precision_recall", 20, 60, [], "precision", "neighbours = 3 is near the 20 images"),
        ("density_coverage", 20, 60, [], "density", "neighbours = 5 is near the 20 images"),
        ("rarity", 20, 60, [], None, "neighbours = 3 is near the 20 images"),
        ("ms_ssim", 6, 60, ["ms_ssim.batch_size = 4"], None, "batches of 4 among 6 images overlap"),
        ("fractal_dimension", 60, 120, ["fractal_dimension.num_seeds = 40"], None, "60 images are few for 40"),
    ],
)
def test_few_images(name, few, many, bindings, row, text):
    found = result(name, few, *bindings, row=row)
    assert text in found.caution and not found.reason
    assert text.split()[-1] not in result(name, many, *bindings, row=row).caution or name == "kid"


def test_one_block_of_kid_is_a_value_and_a_caution():
    found = result("kid", 200, row="kid_standard_error")
    assert (found.value, found.reason) == (None, "")
    assert found.caution == "not defined for a single block; kid.max_block_size = 20 gives about 10"
    assert np.isfinite(result("kid", 200).value)


def test_values_and_intervals_stay_in_what_the_definition_allows():
    same = image_set(40, 1)
    found = result("fid", 40, real=same)
    assert found.value == 0.0 == found.low < found.high
    assert "the interval is wider than the value" in found.caution
    accuracy = result("conditional_accuracy", 12)
    assert 0 <= accuracy.low <= accuracy.value <= accuracy.high <= 1


def test_a_negative_kid_is_explained():
    found = result("kid", 200, real=image_set(200, 1))  # equal images on both sides
    assert found.value < 0 and "the estimator is unbiased" in found.caution


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ("kid.max_block_size = 1", "kid.max_block_size: expected a whole number from 2 to"),
        ("kid_of_subsets.subset_size = 1", "kid_of_subsets.subset_size: expected a whole number from 2 to"),
        ("rarity.neighbours = 0", "rarity.neighbours: expected a whole number from 1 to"),
        ("ppl.epsilon = 0.0", "ppl.epsilon: expected a number from 1e-06 to 0.1"),
        ("gilbo.num_steps = 0", "gilbo.num_steps: expected a whole number from 1 to"),
        ("kid_of_subsets.num_subsets = 0", "kid_of_subsets.num_subsets: expected a whole number from 1 to"),
        ("kid_of_subsets.subset_seed = -1", "kid_of_subsets.subset_seed: expected a whole number from 0 to"),
        ("prd.num_clusters = 0", "prd.num_clusters: expected a whole number from 1 to"),
        ("prd.num_angles = 2", "prd.num_angles: expected a whole number from 3 to 1000000"),
        ("fractal_dimension.num_seeds = 0", "fractal_dimension.num_seeds: expected a whole number from 1 to"),
        ("fractal_dimension.num_radii = 2", "fractal_dimension.num_radii: expected a whole number from 3 to"),
        ("ms_ssim.batch_size = 1", "ms_ssim.batch_size: expected a whole number from 2 to"),
        ("precision_recall.neighbours = 0", "precision_recall.neighbours: expected a whole number from 1 to"),
        ("density_coverage.neighbours = -3", "density_coverage.neighbours: expected a whole number from 1 to"),
        ("jacobian.num_images = 65", "jacobian.num_images: expected a whole number from 1 to 64"),
        ("fid_infinity.num_sizes = 1", "fid_infinity.num_sizes: expected a whole number from 2 to"),
        ("classification_accuracy.regularisation = -1.0", "classification_accuracy.regularisation: expected"),
        (
            "classifier_score_of_splits.num_splits = 0",
            "classifier_score_of_splits.num_splits: expected a whole number from 1 to",
        ),
    ],
)
def test_parameters_that_cannot_be_are_refused_when_they_are_bound(binding, message):
    with pytest.raises(ConfigError, match=message):
        choose([binding.split(".")[0]], set(NEEDS), parse([], [binding]))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("kid_of_subsets", "kid_of_subsets.subset_size: expected at most 20"),
        ("fractal_dimension", "fractal_dimension.num_seeds: expected 1 to 20"),
        ("ms_ssim", "ms_ssim.batch_size: expected 2 to 20"),
        ("prd", "prd.num_clusters: expected 1 to 19|prd.require_balance"),
    ],
)
def test_numbers_of_images_that_cannot_be_scored_are_known_before(name, message):
    (metric,) = choose([name], set(NEEDS), parse())
    with pytest.raises(ConfigError, match=message):
        metric.require_images(21, 20)
    metric.require_images(5000, 5000)


def test_brisque_of_small_images_and_of_what_is_like_no_photograph(brisque_model):
    found = result("brisque", 60, *brisque_model)
    assert found.caution == "images of 16x16 pixels are small for statistics of photographs: compare equal sizes only"
    assert np.isfinite(result("brisque", 60, *brisque_model, row="brisque_standard_error").value)
    one = result("brisque", 1, *brisque_model, row="brisque_standard_error")
    assert (one.value, one.reason, one.caution) == (None, "", "not defined for a single image")
    samples = Samples(ImageSet(1, np.zeros((1, 128, 200, 1), np.float32)), None, 0)
    (metric,) = choose(["brisque"], set(NEEDS), parse([], brisque_model))
    values = {"brisque": 100.5, "brisque_standard_error": 1.0}
    expected = {"brisque": ["above 100: the images are unlike all that the model was trained on"]}
    assert metric.cautions(samples, values) == {**expected, "brisque_standard_error": []}
    assert metric.cautions(samples, values | {"brisque": 99.0}) == {"brisque": [], "brisque_standard_error": []}
