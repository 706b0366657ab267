"""What is built from a configuration for each kind of dataset, and what is known before an image is decoded."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from compare_gan2.config.configuration import parse
from compare_gan2.datasets import get_dataset
from compare_gan2.datasets.crop_options import ImagenetCrops
from compare_gan2.datasets.data_request import DataRequest
from compare_gan2.datasets.labels.label_options import InferredLabels, LabelOptions
from compare_gan2.datasets.open_dataset import known_shape, open_dataset
from compare_gan2.datasets.sources.arrays_options import ArraysOptions
from compare_gan2.datasets.sources.folder_options import LATER
from compare_gan2.ground.errors import ConfigError, DataError

OF_LABELS = ("fraction", "per_class", "noise", "source", "seed", "only_labelled", "file", "allow_fewer", "at_least_one")
LABELS = {f"labels.{name}" for name in OF_LABELS}
ALWAYS = LABELS | {"replace_labels.file_pattern"}
IMAGENET = {f"{split}_imagenet_transform.crop_method" for split in ("train", "eval")}
OF_DATA = ("arrays.", "folder.", "idx.", "tfds.", "train_imagenet_transform.")
OF_FOLDERS = {f"folder.{name}" for name in ("path", "cache_dir", "max_bad_fraction", "unlabelled", "loose")}
OF_PLACES = {"arrays.path", "idx.path", "idx.class_names", *OF_FOLDERS}
AT_DEFAULT = {f"folder.{name}" for name in LATER}  # data of earlier versions stay the same


@pytest.fixture
def folder(tmp_path):
    for label in "ab":
        (tmp_path / "pets" / label).mkdir(parents=True)
        for number in range(6):
            picture = np.random.RandomState(number).randint(0, 256, [8, 8]).astype(np.uint8)
            Image.fromarray(picture).save(tmp_path / "pets" / label / f"{number}.png")
    images = np.random.RandomState(0).randint(0, 256, [40, 4, 4]).astype(np.uint8)
    np.savez(tmp_path / "set.npz", images=images, labels=np.arange(40) % 2)
    return tmp_path


def bindings(folder):
    return [
        f"folder.path = '{folder / 'pets'}'",
        "folder.resolution = 8",
        "folder.test_fraction = 0.25",
        f"folder.cache_dir = '{folder / 'cache'}'",
        f"arrays.path = '{folder / 'set.npz'}'",
        "train_imagenet_transform.crop_method = 'random'",
    ]


@pytest.mark.parametrize(
    ("name", "fake", "built"),
    [
        ("mnist_5k", False, set()),
        ("mnist", True, set()),
        ("imagenet_64", True, IMAGENET),
        ("arrays", False, {"arrays.path", "arrays.test_fraction"}),
        (
            "folder",
            False,
            {
                f"folder.{n}"
                for n in (
                    *("path", "resolution", "crop", "background", "channels", "smaller"),
                    *("test_fraction", "max_bad_fraction", "max_pixels", "cache_dir", "unlabelled", "loose"),
                )
            },
        ),
    ],
)
def test_what_is_recorded_and_what_decides_the_images(folder, name, fake, built):
    config = parse([], bindings(folder))
    dataset = open_dataset(config, name, fake=fake)
    assert config.record.keys() == ALWAYS | built
    decides = {
        n: text for n, text in config.record.items() if n.startswith(OF_DATA) and n not in OF_PLACES | AT_DEFAULT
    }
    assert dataset.options == decides and bool(decides) == bool(built)


def test_two_configurations_side_by_side():
    some, all_of_them = parse([], ["labels.fraction = 0.1"]), parse([], [])
    assert [open_dataset(config, "mnist_5k").num_labelled for config in (some, all_of_them, some)] == [400, 4000, 400]


def test_a_request_needs_no_configuration(folder):
    assert get_dataset(DataRequest("mnist_5k", LabelOptions(per_class=3))).num_labelled == 30
    assert get_dataset(DataRequest("arrays", source_options=ArraysOptions(str(folder / "set.npz")))).num_classes == 2
    dataset = get_dataset(DataRequest("imagenet_64", fake=True))
    assert dataset.options == {"train_imagenet_transform.crop_method": "'distorted'"}
    clusters = InferredLabels(None, 25, are_classes=False)
    assert get_dataset(DataRequest("mnist_5k", inferred=clusters)).num_classes == 25


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("arrays", None, "ArraysOptions, got None"),
        ("folder", ArraysOptions("a.npz"), "FolderOptions, got ArraysOptions"),
        ("tfds:beans", None, "TfdsOptions, got None"),
        ("mnist", ImagenetCrops(), "None, got ImagenetCrops"),
    ],
)
def test_source_options_of_another_name(name, options, expected):
    with pytest.raises(TypeError, match=f"dataset {name}: expected source_options {expected}"):
        DataRequest(name, source_options=options)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ((32, 32, 3), 10)),
        (["labels.fraction = 0.5"], ((32, 32, 3), 10)),
        (["labels.source = 'single'"], ((32, 32, 3), 1)),
    ],
)
def test_the_catalogue_knows_its_shapes(lines, expected):
    assert known_shape(parse([], lines), "cifar10") == expected


def test_label_files_say_how_many_classes_they_have(tmp_path):
    (tmp_path / "train").touch()
    (tmp_path / "manifest.json").write_text('{"num_classes": 25, "soft": false, "kind": "clusters"}')
    config = parse([], [f"replace_labels.file_pattern = '{tmp_path}/{{split}}'"])
    assert known_shape(config, "cifar10") == ((32, 32, 3), 25)
    assert known_shape(config, "cifar10", fake=True) == ((32, 32, 3), 10)


def test_a_folder_is_known_by_its_first_pictures(folder):
    config = parse([], bindings(folder))
    assert known_shape(config, "folder") == ((8, 8, 1), 2)
    assert not (folder / "cache").exists()
    Image.new("RGB", (8, 8)).save(folder / "pets" / "b" / "colour.png")
    assert known_shape(config, "folder") == ((8, 8, 3), 2)
    assert open_dataset(config, "folder").image_shape == (8, 8, 3)


def test_what_only_the_data_knows(folder):
    config = parse([], bindings(folder))
    assert known_shape(config, "arrays") is None and known_shape(config, "tfds:beans") is None
    with pytest.raises(ConfigError, match=r"dataset\.name: expected one of .* got 'cifar'; did you mean cifar10"):
        known_shape(config, "cifar")
    with pytest.raises(DataError, match=r"folder\.path: .* there is no folder /nowhere"):
        known_shape(parse([], ["folder.path = '/nowhere'", "folder.resolution = 8"]), "folder")


def test_names_and_options_are_there_without_tensorflow():
    code = (
        "import sys; import compare_gan2.datasets as d; from compare_gan2.datasets.catalog import DATASETS; "
        "d.names(), d.is_name('mnist'), d.DatasetOptions('mnist'); assert 'tensorflow' not in sys.modules; "
        "import compare_gan2.datasets.open_dataset; assert 'tensorflow_datasets' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("celeb_a", "labels.noise = 0.1", "expected a class per image, but dataset celeb_a has no labels"),
        ("soft_labeled_imagenet_128", "labels.seed = 0", "soft labels come from files, no value is given"),
        ("random_class_imagenet_128", "labels.source = 'single'", "has random labels of its own, got 'single'"),
    ],
)
def test_label_options_are_checked_before_data_is_looked_for(tmp_path, name, line, message):
    with pytest.raises(ConfigError, match=message) as caught:
        open_dataset(parse([], [line]), name, tfds_data_dir=str(tmp_path))
    assert not isinstance(caught.value, DataError)
