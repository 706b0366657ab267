"""Features of real images, computed once and cached with a manifest; those of another protocol are never taken."""

import dataclasses
import json

import numpy as np
import pytest

from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.evaluation import sources
from compare_gan2.evaluation.real_images import load_features, real_images
from compare_gan2.ground import messages, sealed_files
from compare_gan2.ground.cache_folder import default_cache_dir
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.metrics.networks.feature_networks import feature_network

FEATURES = frozenset({"real_features"})


def dataset(seed=0, name="mine", count=20):
    random = np.random.RandomState(seed)
    images = random.randint(0, 256, (count, 32, 32, 1)).astype(np.uint8)
    source = InMemorySource((images[:5], np.arange(5) % 3), (images, np.arange(count) % 3))
    return ImageDataset(name, (32, 32, 1), 3, source)


@pytest.fixture
def counted(monkeypatch):
    """(digits network, list that grows by one with each batch it evaluates)."""
    network, calls = feature_network("digits"), []

    def evaluate(images):
        calls.append(len(images))
        return network.evaluate(images)

    return dataclasses.replace(network, evaluate=evaluate), calls


def test_features_are_computed_once(tmp_path, counted):
    network, calls = counted
    source = sources.of_dataset(dataset())
    first = real_images(source, network, FEATURES, tmp_path)
    again = real_images(source, network, FEATURES, tmp_path)
    expected, logits = network.features_and_logits(dataset().test_images(20)[0])
    for found in (first, again):
        np.testing.assert_array_equal(found.features, expected)
        np.testing.assert_array_equal(found.logits, logits)
        np.testing.assert_array_equal(found.labels, np.arange(20) % 3)
        assert (found.count, found.images) == (20, None)
    assert calls == [20, 20]  # once for the first, once for what is expected
    (kept,) = tmp_path.glob("*.npz")
    manifest = json.loads(str(np.load(kept)["manifest"]))
    assert (
        manifest | {"dataset": "mine", "split": "test", "count": 20, "resize": "none", "network": "digits"} == manifest
    )
    assert manifest["network_checksum"] == network.checksum and manifest["seed"] is None


@pytest.mark.parametrize(
    "change",
    [
        lambda source, network: (sources.of_dataset(dataset(), "test", 19), network),
        lambda source, network: (sources.of_dataset(dataset(), "train", 5), network),
        lambda source, network: (sources.of_dataset(dataset(seed=1)), network),
        lambda source, network: (sources.of_dataset(dataset(name="other")), network),
        lambda source, network: (source, dataclasses.replace(network, checksum="0" * 64)),
        lambda source, network: (source, dataclasses.replace(network, resize="clean")),
        lambda source, network: (dataclasses.replace(source, resize="clean"), network),
    ],
)
def test_another_protocol_is_computed_again(tmp_path, counted, change):
    network, calls = counted
    source = sources.of_dataset(dataset())
    real_images(source, network, FEATURES, tmp_path)
    changed_source, changed_network = change(source, network)
    found = real_images(changed_source, changed_network, FEATURES, tmp_path)
    assert calls == [20, changed_source.count] and len(list(tmp_path.glob("*.npz"))) == 2
    images = np.concatenate([images for images, _ in changed_source.batches()])
    np.testing.assert_array_equal(found.features, network.features_and_logits(images)[0])


def damaged(kept, other):
    """A flipped bit of the features, a cut file, and the file of other images, with and without its checksum."""
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    seal = sealed_files.seal_path(kept)
    yield bytes(content), "damaged or changed since it was written", False
    yield bytes(content[:200]), "damaged or changed since it was written", False
    yield bytes(content[:200]), "cannot be read as cached features", True
    yield other.read_bytes(), "damaged or changed since it was written", False
    yield other.read_bytes(), "its manifest is not the one it is named after", True
    assert seal.exists()


def test_damaged_kept_files_are_named_and_computed_again(tmp_path, counted, caplog):
    network, calls = counted
    expected = real_images(sources.of_dataset(dataset()), network, FEATURES, tmp_path).features
    (kept,) = tmp_path.glob("*.npz")
    real_images(sources.of_dataset(dataset(seed=1)), network, FEATURES, tmp_path)
    (other,) = set(tmp_path.glob("*.npz")) - {kept}
    for content, reason, without_checksum in damaged(kept, other):
        kept.write_bytes(content)
        if without_checksum:
            sealed_files.seal_path(kept).unlink()
        caplog.clear()
        before = len(calls)
        found = real_images(sources.of_dataset(dataset()), network, FEATURES, tmp_path).features
        np.testing.assert_array_equal(found, expected)
        (line,) = [text for text in caplog.messages if str(kept) in text]
        assert reason in line and line.endswith("; the features are computed again") and len(calls) == before + 1
        real_images(sources.of_dataset(dataset()), network, FEATURES, tmp_path)
        assert len(calls) == before + 1


def test_a_damaged_file_that_is_given_by_its_path_is_refused(tmp_path, counted):
    real_images(sources.of_dataset(dataset()), counted[0], FEATURES, tmp_path)
    (kept,) = tmp_path.glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:200])
    with pytest.raises(DamagedFileError, match="damaged or changed since it was written"):
        load_features(kept, counted[0])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"features": lambda a: a * np.nan}, "features are float32 of shape .*, not finite, or out of range"),
        ({"features": lambda a: a.astype(np.int32)}, "features are int32"),
        ({"features": lambda a: a.astype(str)}, "features are <U32"),
        ({"features": np.ravel}, "it has [0-9]+ images, its manifest says 20"),
        ({"features": lambda a: a[:-1]}, "it has 19 images, its manifest says 20"),
        ({"labels": lambda a: a[:-1]}, r"labels are int32 of shape \(19,\)"),
        ({"labels": lambda a: a + 100}, "labels are int32"),
        ({"labels": lambda a: a + 0.5}, "labels are float64"),
        ({"manifest": lambda a: np.array("[]")}, "its manifest names no dataset and split"),
        ({"manifest": lambda a: np.array("3")}, "its manifest names no dataset and split"),
        ({"manifest": lambda a: np.array('{"dataset": "x", "split": "test", "class_names": "ab"}')}, "None classes"),
    ],
)
def test_features_of_someone_else_are_checked(tmp_path, counted, changed, message):
    """Whole numbers gave another distance, a manifest of another type a traceback."""
    real_images(sources.of_dataset(dataset()), counted[0], FEATURES, tmp_path)
    (kept,) = tmp_path.glob("*.npz")
    with np.load(kept) as stored:
        arrays = {name: changed.get(name, lambda array: array)(stored[name]) for name in stored.files}
    np.savez(tmp_path / "given.npz", **arrays)
    with pytest.raises(DamagedFileError, match=rf"given.npz: cannot be read as cached features \(.*{message}"):
        load_features(tmp_path / "given.npz", counted[0])


def test_a_kept_file_given_by_its_path_has_to_fit_the_network(tmp_path, counted):
    network, _ = counted
    expected = real_images(sources.of_dataset(dataset()), network, FEATURES, tmp_path)
    (kept,) = tmp_path.glob("*.npz")
    found = load_features(kept, network)
    np.testing.assert_array_equal(found.image_set.features, expected.features)
    assert (found.name, found.split, found.count, found.path) == ("mine", "test", 20, kept)
    assert found.has_labels and not found.has_images and sources.of_dataset(dataset()).has_images
    assert real_images(found, network, FEATURES) is found.image_set
    for change in ({"checksum": "0" * 64}, {"resize": "clean"}, {"name": "inception_tfgan"}):
        other = dataclasses.replace(network, **change)
        with pytest.raises(ConfigError, match="holds features of another protocol: .* was .*, now"):
            load_features(kept, other)


def test_images_and_labels_without_features(tmp_path, counted):
    source = sources.of_dataset(dataset())
    found = real_images(source, None, frozenset({"real_images"}), tmp_path)
    np.testing.assert_array_equal(found.images, dataset().test_images(20)[0])
    found = real_images(source, None, frozenset({"real_labels"}), tmp_path)
    np.testing.assert_array_equal(found.labels, np.arange(20) % 3)
    assert found.images is None and not list(tmp_path.glob("*.npz"))
    both = real_images(source, counted[0], FEATURES | {"real_images"}, tmp_path)
    assert both.features is not None and both.images.shape == (20, 32, 32, 1)


def test_too_few_images_names_both_counts():
    with pytest.raises(ConfigError, match="dataset mine: 21 test images are asked for, the test split has 20"):
        sources.of_dataset(dataset(), "test", 21)


def test_without_a_place_to_keep_them_features_are_still_computed(tmp_path, counted, capsys):
    (tmp_path / "file").write_text("in the way")
    with messages.shown():
        found = real_images(sources.of_dataset(dataset()), counted[0], FEATURES, tmp_path / "file")
    assert found.features.shape == (20, 64)
    assert "warning: features of real images are not cached" in capsys.readouterr().out


def test_place_of_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("COMPARE_GAN2_CACHE", str(tmp_path / "mine"))
    assert default_cache_dir() == tmp_path / "mine"
    monkeypatch.delenv("COMPARE_GAN2_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "compare_gan2"


@pytest.mark.parametrize("what", ["images", "labels"])
def test_a_change_after_the_first_batch_is_another_protocol(tmp_path, counted, what):
    network, calls = counted
    images, labels = np.random.RandomState(0).randint(0, 256, (100, 32, 32, 1)).astype(np.uint8), np.arange(100) % 3

    def source():
        memory = InMemorySource((images[:5], labels[:5]), (images.copy(), labels.copy()))
        return sources.of_dataset(ImageDataset("mine", (32, 32, 1), 3, memory))

    real_images(source(), network, FEATURES, tmp_path)
    if what == "images":
        images[99] = 255 - images[99]
    else:
        labels[99] = 2
    found = real_images(source(), network, FEATURES, tmp_path)
    assert len(calls) == 4 and len(list(tmp_path.glob("*.npz"))) == 2
    np.testing.assert_array_equal(found.labels, labels)
    np.testing.assert_array_equal(found.features[64:], network.features_and_logits(images[64:] / np.float32(255))[0])


def test_features_of_images_of_which_some_have_no_label(tmp_path, counted):
    partly = dataclasses.replace(dataset(), unlabelled=("test",))
    source = sources.of_dataset(partly)
    assert not source.has_labels
    real_images(source, counted[0], FEATURES, tmp_path)
    (kept,) = tmp_path.glob("*.npz")
    assert not load_features(kept, counted[0]).has_labels
