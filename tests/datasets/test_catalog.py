import numpy as np
import pytest
import tensorflow_datasets as tfds
from support.bound_dataset import opened

from compare_gan2.config.configuration import parse
from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.sources import synthetic
from compare_gan2.ground.errors import ConfigError


# The larger ImageNets would take a gigabyte here and show nothing that imagenet_64 does not.
@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if entry.image_shape[0] <= 64])
def test_fake_data_has_the_shape_of_the_dataset_and_touches_no_tfds(name, monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("TFDS was used")

    monkeypatch.setattr(tfds, "builder", forbidden)
    entry = DATASETS[name]
    dataset = opened(name, fake=True)
    assert (dataset.image_shape, dataset.num_classes) == (entry.image_shape, entry.num_classes)
    assert dataset.num_train == dataset.num_test == 100
    images, labels = dataset.test_images(100)
    assert images.shape == (100, *entry.image_shape) and images.dtype == np.float32
    assert 0 <= images.min() and images.max() < 1 and np.all(labels == 1)
    assert dataset.num_labelled == (100 if entry.num_classes else 0)
    first = next(dataset.training_examples(0).as_numpy_iterator())
    np.testing.assert_array_equal(first["image"], images[first["index"]])
    first_pixel = np.random.RandomState(547).random_sample(entry.image_shape[2])
    np.testing.assert_array_equal(images[0, 0, 0], first_pixel.astype(np.float32))


def test_fake_labels_of_a_single_class_are_zero():
    _, labels = synthetic.fake_images((2, 2, 1), num_classes=1)
    assert np.all(labels == 0)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(
        ConfigError, match=r"dataset\.name: expected one of mnist_5k, mnist, .*, got 'minst'; did you mean mnist"
    ):
        opened("minst")


def test_embedded_dataset():
    dataset = opened("mnist_5k")
    assert dataset.image_shape == (32, 32, 1)
    assert (dataset.num_train, dataset.num_test, dataset.num_labelled) == (4000, 1000, 4000)
    assert dataset.test_images(1000)[0].shape == (1000, 32, 32, 1)


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if entry.tfds_name])
def test_facts_agree_with_tfds(name, tmp_path):
    entry = DATASETS[name]
    features = tfds.builder(entry.tfds_name, data_dir=str(tmp_path)).info.features
    if entry.label == "stored":
        assert (features["label"].num_classes if "label" in features else None) == entry.num_classes
    assert features["image"].shape[2] == entry.image_shape[2]
    stored = (28,) if entry.transform == "padded" else (None, 218, entry.image_shape[0])
    assert features["image"].shape[0] in stored
    assert entry.class_names is None or len(entry.class_names) == entry.num_classes


def test_options_are_read_from_gin():
    options = parse([], ["dataset.name = 'mnist'", "dataset.seed = 5"]).build(DatasetOptions)
    assert (options.name, options.seed) == ("mnist", 5)
    with pytest.raises(ConfigError, match=r"dataset\.name: no value is given"):
        parse([], []).build(DatasetOptions)


def test_unknown_crop_is_refused_before_any_data_is_looked_for():
    with pytest.raises(ConfigError, match=r"eval_imagenet_transform\.crop_method: expected one of 'distorted'"):
        opened("imagenet_64", "eval_imagenet_transform.crop_method = 'centre'", fake=True)
