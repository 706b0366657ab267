"""`labels.file`: rows of a CSV file as the labels of training images, for every kind of dataset."""

import csv
import os

import numpy as np
import pytest
from PIL import Image
from support import tiny_pretraining
from support.bound_dataset import opened as opened_as

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.labels.label_table import read_table
from compare_gan2.datasets.open_dataset import known_shape
from compare_gan2.evaluation import sources
from compare_gan2.ground.errors import ConfigError, DataError
from compare_gan2.pretraining import extractor_cache
from compare_gan2.run_folder import dataset_record

SIDE = 8


def write_table(folder, *rows, header="path,label"):
    path = folder / "labels.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def write_pictures(folder, count):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        pixels = np.random.RandomState(number).randint(0, 256, [SIDE, SIDE, 3]).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")


@pytest.fixture
def photos(tmp_path):
    """Forty loose pictures; 36 of them are trained on."""
    write_pictures(tmp_path / "photos", 40)
    return tmp_path / "photos"


@pytest.fixture
def pets(tmp_path):
    """Ten cats, ten dogs, twenty pictures without a label."""
    for name, count in (("cat", 10), ("dog", 10), ("unlabelled", 20)):
        write_pictures(tmp_path / "pets" / name, count)
    return tmp_path / "pets"


def opened(root, *bindings):
    lines = [f"folder.path = '{root}'", f"folder.cache_dir = '{root.parent / 'cache'}'", f"folder.resolution = {SIDE}"]
    return opened_as("folder", *lines, *bindings)


def bound(path):
    return f"labels.file = '{path}'"


def pixels(path):
    return np.asarray(Image.open(path)).astype(np.float32) / np.float32(255)


def seen(dataset):
    """{name: label} that training sees."""
    names = dataset.source.training_names()
    examples = dataset.training_examples(0).take(dataset.num_train).as_numpy_iterator()
    return {names[int(example["index"])]: int(example["label"]) for example in examples}


def test_loose_pictures_and_a_file_are_a_dataset_with_classes(photos):
    plain = opened(photos)
    train = plain.source.training_names()
    (held_out, *_) = sorted({f"{number:02}.png" for number in range(40)} - set(train))
    rows = {train[0]: "zebra", train[1]: "ant", train[5]: "zebra", held_out: "ant"}
    path = write_table(photos.parent, *(f"{name},{label}" for name, label in rows.items()), f"{train[7]},")
    dataset = opened(photos, bound(path))
    assert (dataset.num_classes, dataset.class_names) == (2, ("ant", "zebra"))
    assert (dataset.num_train, dataset.num_labelled, dataset.labels_are_classes) == (36, 3, True)
    expected = dict.fromkeys(train, -1) | {train[0]: 1, train[1]: 0, train[5]: 1}
    assert seen(dataset) == expected
    assert sorted(dataset.test_images(4)[1]) == [-1, -1, -1, 0]  # the picture held out keeps its row as its class
    np.testing.assert_array_equal(dataset.source.training_labels(), list(expected.values()))
    note = (
        f"{path}: 3 training images have a label (labels.file); rows of images held out for scores, not trained on: 1; "
        "rows without a label: 1"
    )
    assert note in dataset.notes
    assert dataset.source.record_files == plain.source.record_files  # the split and the cache are the same
    assert not sources.of_dataset(dataset, "test").has_labels and not sources.of_dataset(dataset, "train").has_labels
    assert dataset.content["train labels"] != plain.content["train labels"]
    assert dataset.content["train images"] == plain.content["train images"]


def test_the_classes_are_known_before_a_picture_is_decoded(photos):
    path = write_table(photos.parent, "00.png,2", "01.png,0", "02.png,1")
    lines = [f"folder.path = '{photos}'", f"folder.resolution = {SIDE}", bound(path)]
    assert known_shape(parse([], lines), "folder") == ((SIDE, SIDE, 3), 3)


def test_the_list_of_a_run_is_a_label_file(tmp_path):
    chosen = opened_as("mnist_5k", "labels.per_class = 3", "labels.seed = 4")
    (tmp_path / "labels.csv").write_bytes(dataset_record.labelled_images(chosen))
    dataset = opened_as("mnist_5k", bound(tmp_path / "labels.csv"))
    np.testing.assert_array_equal(dataset.labels, chosen.labels)
    assert dataset_record.labelled_images(dataset) == dataset_record.labelled_images(chosen)


@pytest.mark.parametrize("header", ["index,label", "id,label", "name,label", "Path , Label", "note,index,label"])
def test_images_of_other_datasets_by_number(tmp_path, header):
    stored = opened_as("mnist_5k").source.training_labels()
    chosen = [int(np.flatnonzero(stored == label)[5]) for label in range(10)]
    first = "x," if header.startswith("note") else ""
    path = write_table(tmp_path, *(f"{first}{n},{stored[n]}" for n in chosen), header=header)
    dataset = opened_as("mnist_5k", bound(path))
    assert dataset.num_labelled == 10 and dataset.num_train == 4000
    np.testing.assert_array_equal(dataset.labels[chosen], range(10))
    np.testing.assert_array_equal(dataset.source.training_labels(), stored)  # true labels, for accuracies
    assert sources.of_dataset(dataset, "test").num_classes == 10


def test_arrays_with_and_without_classes(tmp_path):
    images = np.random.RandomState(0).randint(0, 256, [40, 4, 4]).astype(np.uint8)
    np.savez(tmp_path / "set.npz", images=images)
    path = write_table(tmp_path, "3,b", "0,a", "7,b", header="index,label")
    line = f"arrays.path = '{tmp_path / 'set.npz'}'"
    dataset = opened_as("arrays", line, bound(path))
    assert (dataset.class_names, dataset.num_labelled) == (("a", "b"), 3)
    assert set(dataset.test_images(4)[1]) == {-1} and dataset.unlabelled == ("train", "test")
    np.savez(tmp_path / "set.npz", images=images, labels=np.arange(40) % 2, class_names=["a", "b"])
    dataset = opened_as("arrays", line, bound(path))
    assert dataset.labels[[3, 0, 7]].tolist() == [1, 0, 1] and dataset.num_labelled == 3
    assert sources.of_dataset(dataset, "test").num_classes == 2


def test_folders_of_classes_by_name_or_number(pets):
    train = opened(pets, "folder.unlabelled = 'unlabelled'").source.training_names()
    cats, dogs, others = ([n for n in train if n.startswith(f"{name}/")] for name in ("cat", "dog", "unlabelled"))
    held_out = next(f"unlabelled/{n:02}.png" for n in range(20) if f"unlabelled/{n:02}.png" not in train)
    path = write_table(pets.parent, f"{cats[0]},cat", f"./{dogs[0]},1", f"{others[0]},dog", f"{held_out},cat")
    dataset = opened(pets, "folder.unlabelled = 'unlabelled'", bound(path))
    labels = seen(dataset)
    assert [labels[name] for name in (cats[0], dogs[0], others[0])] == [0, 1, 1] and dataset.num_labelled == 3
    stored = dict(zip(train, dataset.source.training_labels(), strict=True))
    assert [stored[name] for name in (cats[1], dogs[1], others[0], others[1])] == [0, 1, 1, -1]
    assert sorted(dataset.test_images(4)[1]) == [-1, 0, 0, 1]
    assert opened(pets, "folder.unlabelled = 'unlabelled'", bound(path), "labels.per_class = 1").num_labelled == 2


def test_held_out_pictures_are_found_where_small_ones_are_left_out(photos):
    for number in range(0, 40, 3):
        Image.new("RGB", (SIDE // 2, SIDE // 2)).save(photos / f"{number:02}.png")
    (photos / "20.png").write_bytes(b"")
    train = opened(photos, "folder.smaller = 'leave_out'").source.training_names()
    rows = [f"{number:02}.png,{number % 2}" for number in range(40)]
    path = write_table(photos.parent, *rows)
    dataset = opened(photos, "folder.smaller = 'leave_out'", bound(path))
    images, labels = dataset.test_images(dataset.num_test)
    for image, label in zip(images, labels, strict=True):
        (number,) = [
            n for n in range(40) if n % 3 and n != 20 and np.array_equal(image, pixels(photos / f"{n:02}.png"))
        ]
        assert label == number % 2 and f"{number:02}.png" not in train
    assert dataset.num_labelled == len(train) and not dataset.unlabelled
    assert sources.of_dataset(dataset, "test").num_classes == 2
    assert "rows of images that are left out: 15" in next(note for note in dataset.notes if "labels.file" in note)


def test_streams_of_training_resume_and_scores_read_chosen_images(photos):
    path = write_table(photos.parent, *(f"{number:02}.png,{number % 3}" for number in range(0, 40, 2)))
    dataset = opened(photos, bound(path))
    whole = [e["label"] for e in dataset.training_examples(3).take(50).as_numpy_iterator()]
    assert [e["label"] for e in dataset.training_examples(3, start=20).take(30).as_numpy_iterator()] == whole[20:]
    chosen = np.array([1, 4, 5, 30])
    labels = np.concatenate([part for _, part in dataset.batches("train", 4, 3, chosen)])
    np.testing.assert_array_equal(labels, dataset.source.training_labels()[chosen])


def test_other_labels_are_other_addresses_of_pretraining(photos):
    options, network = tiny_pretraining.options("s2l")
    found = []
    for first in ("cat", "dog"):
        path = write_table(photos.parent, f"00.png,{first}", "01.png,cat", "02.png,dog", "03.png,cat", "04.png,dog")
        found.append(extractor_cache.provenance(opened(photos, bound(path)), options, network))
    assert {name for name in found[0] if found[0][name] != found[1][name]} == {"labels", "content"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ["00.png,a", "b.png,b"],
            r"1 of 2 rows are of images that do not exist \(such as b\.png\), expected names such",
        ),
        (
            ["00.png,a", "01.png,b", "b.png,"],
            r"1 of 3 rows are of images that do not exist \(such as b\.png\), expected names such",
        ),
        (["00.png,a", "01.png,b", "00.png,b"], r"expected one row per image, 1 have more \(such as 00\.png\)"),
        (["00.png,a", ",b"], r"expected a value of path in each row, 1 of 2 have none \(such as that with label 'b'\)"),
        (["00.png,a", "01.png"], r"expected 2 cells in each row, got '01\.png'"),
        (["00.png,", "01.png,-1"], r"expected rows with a label, got none in 2 rows"),
        ([], r"expected rows with a label, got none in 0 rows"),
        (["00.png,a", "01.png,a"], r"expected labels of at least two classes, got a"),
        (["00.png,0", "01.png,2"], r"expected a label for each class from 0 to 2, class 1 has none; number"),
        (["00.png,1", "01.png,2"], r"expected a label for each class from 0 to 2, class 0 has none; number"),
    ],
)
def test_files_that_do_not_fit_are_refused_before_a_picture_is_decoded(photos, rows, message):
    path = write_table(photos.parent, *rows)
    with pytest.raises(DataError, match=rf"^labels\.file: {path}: {message}"):
        opened(photos, bound(path))
    assert not (photos.parent / "cache").exists()


def test_classes_that_the_data_does_not_have_or_the_file_leaves_out(pets):
    line = "folder.unlabelled = 'unlabelled'"
    path = write_table(pets.parent, "cat/00.png,cat", "dog/00.png,dgo")
    message = r"expected classes of the data \(cat, dog, or a number from 0 to 1\), got 'dgo' for dog/00\.png; did you"
    with pytest.raises(DataError, match=message):
        opened(pets, line, bound(path))
    train = opened(pets, line).source.training_names()
    held_out = next(f"dog/{n:02}.png" for n in range(10) if f"dog/{n:02}.png" not in train)
    cat = next(name for name in train if name.startswith("cat"))
    write_table(pets.parent, f"{cat},cat")
    message = (
        r"expected a label for each of the 2 classes of folder:pets, got none of a training image for 1 \(such as dog"
    )
    with pytest.raises(DataError, match=message):
        opened(pets, line, bound(path))
    write_table(pets.parent, f"{cat},cat", f"{held_out},dog")
    with pytest.raises(
        DataError, match=rf"{message}\); rows of dog are of images held out for scores \(folder\.test_f"
    ):
        opened(pets, line, bound(path))


def test_numbers_out_of_range(tmp_path):
    path = write_table(tmp_path, *(f"{n},{n}" for n in range(10)), "4000,3", header="index,label")
    with pytest.raises(DataError, match=r"1 of 11 rows .* \(such as 4000\), expected numbers from 0 to 3999"):
        opened_as("mnist_5k", bound(path))
    path = write_table(tmp_path, "0,10", header="index,label")
    with pytest.raises(DataError, match=r"classes of the data \(0, 1, 2 and 7 more, or a number from 0 to 9\)"):
        opened_as("mnist_5k", bound(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"cannot read .*labels\.csv: No such file"),
        (b"file;label\na;b\n", r"expected a header with label and one of path, name, id, index, separated by commas"),
        (b"", r"expected a header .* got ''"),
        (b"path,class\na,b\n", r"expected a header .* got 'path,class'"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, message):
    path = tmp_path / "labels.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=rf"^labels\.file: .*{message}"):
        read_table(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("path,label,label\na,0,1\n", "expected one column label, got 2"),
        ("path,path,label\na,b,1\n", "expected one column path, got 2"),
        ('path,label\na,"0\nb,1\n', "unexpected end of data; is a quote left open"),
        ('path,label\na,"0"x\nb,1\n', "'.*expected after.*; is a quote left open"),
        ('path,label\na,"0\n1"\n', r"expected labels in UTF-8 and on one line, got '0\\n1' for a; save"),
        ("path,label\na,caf\xe9\n".encode("latin-1"), r"expected labels in UTF-8 .*, got 'caf\\udce9' for a; save"),
        ("path,label\na,0\n".encode("utf-16"), "expected text in UTF-8, got UTF-16 or no text; save it"),
        (b"path,label\na,0\n" + bytes(9), "expected text in UTF-8, got UTF-16 or no text; save it"),
    ],
)
def test_tables_that_say_two_things_or_are_cut_are_refused(tmp_path, rows, message):
    (tmp_path / "labels.csv").write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    with pytest.raises(DataError, match=rf"^labels\.file: .*labels\.csv: {message}") as caught:
        read_table(tmp_path / "labels.csv")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", ["a pipe", "/dev/zero"])
def test_what_has_no_end_is_not_read(tmp_path, path):
    os.mkfifo(tmp_path / "a pipe")
    with pytest.raises(DataError, match="expected a CSV file, .* is a pipe, a socket or a device"):
        read_table(tmp_path / path)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["0.0", "1.", "01", "\u0661", "-1.0"], (2, None, [0, 1, 1, 1, None])),
        (["2", "0", "1", "-1", ""], (3, None, [2, 0, 1, None, None])),
        (["b", "a", "caf\u00e9", "cafe\u0301"], (3, ("a", "b", "caf\u00e9"), [1, 0, 2, 2])),
        (["A", "1", "01", "0"], (3, ("0", "1", "A"), [2, 1, 1, 0])),
        (["0", "-2"], "expected whole numbers from 0, or names, got '-2' for 1"),
        (["0", "1.5"], "expected whole numbers from 0, or names, got '1.5' for 1"),
        (["0", "1", "nan"], "expected whole numbers from 0, or names, got 'nan' for 2; leave the cell empty if the"),
        (["a", "b", "None"], "expected names of classes, got 'None' for 2; leave the cell empty if the image has"),
        (["0", "9" * 5000], "expected a label for each class from 0 to 9{18}, class 1 has none"),
    ],
)
def test_classes_of_data_without_classes(tmp_path, labels, classes):
    """A floating-point -1 and NaN were classes of their own."""
    table = read_table(write_table(tmp_path, *(f"{n},{label}" for n, label in enumerate(labels))))
    if isinstance(classes, str):
        with pytest.raises(DataError, match=classes):
            table.classes(None, None)
        return
    count, names, numbers = table.classes(None, None)
    found = [numbers[table.labels[str(n)]] if str(n) in table.labels else None for n in range(len(labels))]
    assert (count, names, found) == classes


@pytest.mark.parametrize(
    ("names", "labels", "numbers"),
    [
        (("1", "2", "3"), ["3", "01", "2.0"], [2, 0, 1]),
        (("1", "2", "3"), ["0", "1", "3"], r"expected classes of the data \(1, 2, 3\), got '0' for 0"),
        (("ant", "cow"), ["cow", "0.0", "01"], [1, 0, 1]),
        (("cafe\u0301", "cow"), ["caf\u00e9", "1"], [0, 1]),
        (("01", "1"), ["1", "01"], [1, 0]),
        (None, ["2", "1.0"], [2, 1]),
        (None, ["2", "3"], "expected classes of the data \\(numbers from 0 to 2\\), got '3' for 1"),
        (("ant", "cow"), ["x" * 5000], "got 'x{80}\\.\\.\\.' for 0"),
    ],
)
def test_labels_as_names_or_numbers_of_the_data(tmp_path, names, labels, numbers):
    """Of the classes "1", "2" and "3" the first was both 0 and 1."""
    table = read_table(write_table(tmp_path, *(f"{n},{label}" for n, label in enumerate(labels))))
    if isinstance(numbers, str):
        with pytest.raises(DataError, match=numbers):
            table.classes(len(names or "abc"), names)
        return
    _, _, found = table.classes(len(names or "abc"), names)
    assert [found[table.labels[str(n)]] for n in range(len(labels))] == numbers


def test_what_spreadsheets_write_is_read(tmp_path):
    (tmp_path / "labels.csv").write_bytes('\ufeffpath,label\r\n"a, b.png",ä\r\n\r\nc.png, d \r\n'.encode())
    table = read_table(tmp_path / "labels.csv")
    assert table.labels == {"a, b.png": "ä", "c.png": "d"} and table.empty == ()
    with open(tmp_path / "written.csv", "w", newline="") as file:
        csv.writer(file).writerows([["path", "label"], ["q\n.png", "x"], ["r.png", "y"]])
    assert list(read_table(tmp_path / "written.csv").labels) == ["q\n.png", "r.png"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("labels.source = 'single'", r"labels\.file: expected stored labels to replace, mnist_5k has single ones"),
        ("replace_labels.file_pattern = 'x'", r"labels\.file, replace_labels\.file_pattern: expected one of them, got"),
    ],
)
def test_other_labels_beside_a_file(line, message):
    with pytest.raises(ConfigError, match=message):
        opened_as("mnist_5k", "labels.file = 'labels.csv'", line)


def test_images_that_are_made_up_keep_their_labels(tmp_path):
    path = write_table(tmp_path, "0,1", header="index,label")
    assert opened_as("mnist", bound(path), fake=True).num_labelled == 100
