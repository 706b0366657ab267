"""Pictures without a label beside classes: which they are, what is held out of them, and what is refused."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image
from support import tiny_pretraining
from support.bound_dataset import opened as opened_as

from compare_gan2.datasets.pictures.folder_listing import Listing, list_pictures
from compare_gan2.evaluation import sources
from compare_gan2.ground.errors import ConfigError, DataError
from compare_gan2.pretraining import extractor_cache
from compare_gan2.run_folder import dataset_record

SIDE = 8


def write(folder, count, first=0):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        pixels = np.random.RandomState(1000 * len(folder.name) + number).randint(0, 256, [SIDE, SIDE, 3])
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "pets"
    write(root / "cat", 20)
    write(root / "dog", 10)
    write(root / "unlabelled" / "of_may", 25)
    write(root / "unlabelled", 15)
    return root


def opened(root, *bindings):
    cache = root.parent / "cache"
    lines = [f"folder.path = '{root}'", f"folder.cache_dir = '{cache}'", f"folder.resolution = {SIDE}"]
    return opened_as("folder", *lines, *bindings)


def pool(root, *bindings):
    return opened(root, "folder.unlabelled = 'unlabelled'", *bindings)


def test_its_pictures_have_no_label_and_are_not_a_class(root, caplog):
    dataset = pool(root)
    assert dataset.class_names == ("cat", "dog") and dataset.num_classes == 2
    assert (dataset.num_train, dataset.num_labelled, dataset.num_test) == (18 + 9 + 36, 27, 2 + 1 + 4)
    names = dataset.source.training_names()
    labels = {
        names[int(example["index"])]: int(example["label"])
        for example in dataset.training_examples(0).take(dataset.num_train).as_numpy_iterator()
    }
    assert {label for name, label in labels.items() if name.startswith("unlabelled/")} == {-1}
    assert {label for name, label in labels.items() if name.startswith("dog/")} == {1}
    assert sum(name.startswith("unlabelled/of_may/") for name in names) > 10
    assert sorted(dataset.test_images(7)[1]) == [-1, -1, -1, -1, 0, 0, 1]
    np.testing.assert_allclose(dataset.label_distribution, [18 / 27, 9 / 27])
    assert "pictures per class: cat 20, dog 10" in dataset.notes
    note = "pictures without a label: 36 to train on, 4 held out for scores (folder.unlabelled, folder.loose)"
    assert note in dataset.notes and "is taken as a class" not in caplog.text


def test_the_split_of_the_classes_does_not_depend_on_it(root):
    def of_classes(dataset):
        return {name for name in dataset.source.training_names() if not name.startswith("unlabelled/")}

    with_pool = of_classes(pool(root))
    (root / "unlabelled").rename(root.parent / "away")
    assert of_classes(opened(root)) == with_pool


@pytest.mark.parametrize("name", ["unlabelled", "Unlabeled", "unsup", "unlabelled_images", "Unlabelled-Images"])
def test_without_the_option_it_is_a_class_and_a_warning_names_the_option(root, name, caplog):
    (root / "unlabelled" / "of_may").rename(root.parent / "of_may")
    (root / "unlabelled").rename(root / name)
    assert opened(root).num_classes == 3
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert f"the sub-folder {name} of {root} is taken as a class, of 15 pictures" in warning
    assert warning.endswith(f"bind folder.unlabelled = '{name}'")


def test_it_is_another_dataset_than_with_a_further_class(root):
    (root / "unlabelled" / "of_may").rename(root.parent / "of_may")
    further, without = opened(root), pool(root)
    assert further.fingerprint != without.fingerprint
    assert further.content["train labels"] != without.content["train labels"]
    assert further.source.record_files != without.source.record_files
    assert len(list((root.parent / "cache").glob("folder-*"))) == 2
    assert pool(root).source.record_files == without.source.record_files


def test_folders_of_earlier_versions_keep_their_caches_and_records():
    listing = Listing(None, ["cat/0.png", "dog/1.png"], [0, 1], ("cat", "dog"), [10, 11], [5, 6])
    expected = hashlib.sha256(b"cat/0.png\x0010\x005\x00dog/1.png\x0011\x006\x00").hexdigest()
    assert listing.digest(with_times=True) == expected
    loose = Listing(None, ["0.png"], [-1], None, [10], [5])
    assert loose.digest(with_times=True) == hashlib.sha256(b"0.png\x0010\x005\x00").hexdigest()


def test_a_cache_of_an_earlier_version_is_read(root):
    (root / "unlabelled").rename(root.parent / "away")
    before = opened(root).source.training_names()
    (manifest,) = (root.parent / "cache").glob("*/manifest.json")
    facts = json.loads(manifest.read_text())
    del facts["unlabelled"]
    manifest.write_text(json.dumps(facts))
    manifest.with_name(".manifest.json.sha256").unlink()
    dataset = opened(root)
    assert dataset.source.training_names() == before and not dataset.unlabelled and dataset.labels is None


def test_another_path(root):
    away = (root / "unlabelled").rename(root.parent / "more pictures")
    dataset = opened(root, f"folder.unlabelled = '{away}'")
    assert (dataset.num_classes, dataset.num_train, dataset.num_labelled) == (2, 63, 27)
    names = dataset.source.training_names()
    assert sum(name.startswith("more pictures/") for name in names) == 36
    number = next(number for number, name in enumerate(names) if name.startswith("more pictures/of_may"))
    (image,), _ = next(dataset.batches("train", 1, 1, np.array([number])))
    path = away.parent / names[number]
    np.testing.assert_array_equal(image, np.asarray(Image.open(path)).astype(np.float32) / np.float32(255))
    (root.parent / "disk").mkdir()
    moved = away.rename(root.parent / "disk" / "more pictures")
    assert opened(root, f"folder.unlabelled = '{moved}'").content == dataset.content


def test_the_sub_folder_by_its_path(root):
    assert opened(root, f"folder.unlabelled = '{root / 'unlabelled'}'").content == pool(root).content


def test_a_link_to_elsewhere(root):
    away = (root / "unlabelled").rename(root.parent / "away")
    (root / "unlabelled").symlink_to(away)
    assert pool(root).num_labelled == 27 and pool(root).num_train == 63


def test_all_pictures_of_any_depth(root):
    dataset = opened(root, "folder.unlabelled = '.'")
    assert dataset.num_classes is None and dataset.num_train == 63 and dataset.num_labelled == 0


def test_loose_pictures_beside_classes(root):
    write(root, 11, first=50)
    with pytest.raises(
        DataError, match=r"11 pictures .* beside the sub-folders cat, dog; folder\.loose = 'unlabelled'"
    ):
        pool(root)
    dataset = pool(root, "folder.loose = 'unlabelled'")
    assert (dataset.num_classes, dataset.num_train, dataset.num_labelled) == (2, 63 + 10, 27)
    (root / "unlabelled").rename(root.parent / "away")
    dataset = opened(root, "folder.loose = 'unlabelled'")
    assert (dataset.num_train, dataset.num_labelled) == (37, 27)
    listing = list_pictures(root, loose="unlabelled")
    assert listing.num_unlabelled == 11 and listing.name_and_kind(0) == "50.png\0unlabelled"


def test_labels_are_chosen_among_those_that_have_one(root):
    dataset = pool(root, "labels.per_class = 4")
    assert dataset.num_labelled == 8 and dataset.num_train == 63
    assert pool(root, "labels.fraction = 0.5").num_labelled == 14
    only = pool(root, "labels.only_labelled = True")
    assert (only.num_train, only.num_labelled) == (27, 27)
    assert pool(root, "labels.per_class = 12", "labels.allow_fewer = True").num_labelled == 21


def test_what_a_run_records(root, tmp_path):
    dataset = pool(root)
    record = dataset_record.of_dataset(dataset)
    assert (record.class_names, record.num_train, record.num_labelled) == (("cat", "dog"), 63, 27)
    rows = dataset_record.labelled_images(dataset).decode().splitlines()
    assert len(rows) == 28 and not any("unlabelled/" in row for row in rows)
    write(root / "unlabelled", 1, first=90)
    dataset_record.write(tmp_path, dataset, record)
    changed = pool(root)
    with pytest.raises(ConfigError, match="holds a run with other data: num_train was 63, now 64"):
        dataset_record.check(tmp_path, changed, dataset_record.of_dataset(changed))


def test_real_images_of_scores_are_all_of_them_without_classes(root):
    dataset = pool(root)
    for split, count in (("train", 63), ("test", 7)):
        source = sources.of_dataset(dataset, split)
        assert source.count == count and not source.has_labels
    single = pool(root, "labels.source = 'single'")
    assert sources.of_dataset(single, "test").num_classes == 1
    (root / "unlabelled").rename(root.parent / "away")
    assert sources.of_dataset(opened(root), "test").num_classes == 2


def test_addresses_of_pretraining_follow_from_the_pictures_not_from_the_place(root, tmp_path):
    options, network = tiny_pretraining.options("s2l")
    named = extractor_cache.provenance(pool(root), options, network)
    by_path = extractor_cache.provenance(opened(root, f"folder.unlabelled = '{root / 'unlabelled'}'"), options, network)
    fewer = extractor_cache.provenance(pool(root, "labels.per_class = 3"), options, network)
    assert named == by_path and {name for name in named if named[name] != fewer[name]} == {"labels"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("none", r"expected a sub-folder of .*pets, or the path of a folder, got 'none'"),
        ("empty", r"expected pictures \(\.png.*\) in .*empty, got none: it is empty"),
        ("others", r"expected pictures .* in .*others, got 1 other files such as a\.txt"),
        ("{above}", r"expected a folder that does not hold folder\.path, got '/.*'"),
        ("{away}/cat", r"expected a folder with another name than the sub-folders of .*pets, got '.*/cat'"),
    ],
)
def test_folders_that_are_refused(root, given, message):
    (root / "empty").mkdir()
    (root / "others").mkdir()
    (root / "others" / "a.txt").write_text("no picture")
    write(root.parent / "away" / "cat", 2)
    with pytest.raises(DataError, match=rf"folder\.unlabelled: {message}"):
        opened(root, f"folder.unlabelled = '{given.format(away=root.parent / 'away', above=root.parent)}'")
