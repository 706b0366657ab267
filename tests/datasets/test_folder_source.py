import os

import numpy as np
import pytest
from PIL import Image
from support.bound_dataset import opened as opened_as

from compare_gan2.datasets.pictures import picture_reader, training_picture
from compare_gan2.datasets.pictures.picture_digests import content_of
from compare_gan2.datasets.sources import folder_cache
from compare_gan2.ground import disks
from compare_gan2.ground.errors import ConfigError, DamagedFileError, DataError

SIDE = 8


def picture(seed, side=SIDE, channels=3):
    shape = (side, side) if channels == 1 else (side, side, channels)
    return np.random.RandomState(seed).randint(0, 256, shape).astype(np.uint8)


def write_pictures(root, counts, **options):
    for label, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            Image.fromarray(picture(100 * label + number, **options)).save(root / name / f"{number:02}.png")


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "pets"
    write_pictures(root, {"cat": 20, "dog": 10})
    return root


def opened(root, *bindings, resolution=SIDE):
    cache = root.parent / "cache"
    lines = [f"folder.path = '{root}'", f"folder.cache_dir = '{cache}'", f"folder.resolution = {resolution}"]
    return opened_as("folder", *lines, *bindings)


def training(dataset, count=None, seed=1, start=0):
    count = dataset.num_train if count is None else count
    return list(dataset.training_examples(seed, start).take(count).as_numpy_iterator())


def test_pictures_classes_and_held_out_share(root):
    dataset = opened(root)
    assert dataset.image_shape == (SIDE, SIDE, 3) and dataset.num_classes == 2 and dataset.class_names == ("cat", "dog")
    assert (dataset.num_train, dataset.num_test) == (27, 3)
    _, test_labels = dataset.test_images(3)
    assert sorted(test_labels) == [0, 0, 1]  # a tenth of each class
    names = dataset.source.training_names()
    for example in training(dataset):
        name = names[example["index"]]
        expected = np.asarray(Image.open(root / name)).astype(np.float32) / np.float32(255)
        np.testing.assert_array_equal(example["image"], expected)
        assert dataset.class_names[example["label"]] == name.split("/")[0]
    np.testing.assert_allclose(dataset.label_distribution, [18 / 27, 9 / 27])
    assert "pictures per class: cat 20, dog 10" in dataset.notes
    assert "unreadable pictures, left out: 0" in dataset.notes


def test_nothing_is_decoded_twice(root, monkeypatch):
    first = [example["image"] for example in training(opened(root), 60)]
    before = {path: path.stat().st_mtime_ns for path in (root.parent / "cache").rglob("*")}

    def forbidden(*arguments, **options):
        raise AssertionError("a picture was decoded again")

    monkeypatch.setattr(picture_reader, "header_of", forbidden)
    monkeypatch.setattr(training_picture, "training_picture", forbidden)
    np.testing.assert_array_equal([example["image"] for example in training(opened(root), 60)], first)
    assert {path: path.stat().st_mtime_ns for path in (root.parent / "cache").rglob("*")} == before


@pytest.mark.parametrize("pattern", ["train-*.tfrecord", "manifest.json", "training.npz"])
@pytest.mark.parametrize("content", [None, b""])
def test_a_damaged_cache_is_decoded_again(pattern, content, root, caplog):
    first = [example["image"] for example in training(opened(root), 60)]
    (path,) = (root.parent / "cache").glob(f"*/{pattern}")
    path.unlink() if content is None else path.write_bytes(content)
    np.testing.assert_array_equal([example["image"] for example in training(opened(root), 60)], first)
    assert f"{path.parent}" in caplog.text and "the pictures are decoded again" in caplog.text


def test_a_flipped_byte_of_a_shard_is_named_and_the_shard_is_made_again(root):
    dataset = opened(root)
    first = [example["image"] for example in training(dataset, 60)]
    (path,) = (root.parent / "cache").glob("*/train-*.tfrecord")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=f"{path}: damaged .* the same command decodes the pictures again"):
        list(dataset.source.batches("train", 27, 8))
    assert not path.exists()
    np.testing.assert_array_equal([example["image"] for example in training(opened(root), 60)], first)


def test_a_cache_that_does_not_fit_is_refused_before_decoding(root, monkeypatch):
    monkeypatch.setattr(disks, "free_bytes", lambda path: 1000)
    with pytest.raises(ConfigError, match="folder.cache_dir: 30 pictures of 8x8 pixels need 5.76 kB"):
        opened(root)
    assert not list((root.parent / "cache").glob("*folder*/"))


def test_another_picture_is_another_cache(root):
    dataset = opened(root)
    Image.fromarray(picture(999)).save(root / "dog" / "new.png")
    changed = opened(root)
    assert changed.num_train + changed.num_test == 31 and changed.fingerprint != dataset.fingerprint
    assert len(training(dataset)) == 27  # whoever reads the old cache is not disturbed
    assert sorted(path.name for path in (root.parent / "cache").glob(".*.tmp")) == []


def test_a_new_picture_leaves_the_held_out_ones_of_other_classes(root):
    def held_out(dataset):
        return {f"cat/{n:02}.png" for n in range(20)} - set(dataset.source.training_names())

    before = held_out(opened(root))
    Image.fromarray(picture(999)).save(root / "dog" / "new.png")
    assert len(before) == 2 and held_out(opened(root)) == before


def test_broken_pictures_are_counted_and_left_out(root):
    (root / "cat" / "03.png").write_bytes(b"no picture")
    whole = (root / "dog" / "04.png").read_bytes()
    (root / "dog" / "04.png").write_bytes(whole[: len(whole) // 2])  # its header is fine
    dataset = opened(root)
    assert dataset.num_train + dataset.num_test == 28
    assert not {"cat/03.png", "dog/04.png"} & set(dataset.source.training_names())
    note = next(note for note in dataset.notes if note.startswith("unreadable pictures, left out: 2"))
    assert "cat/03.png" in note and "dog/04.png" in note


def test_too_many_broken_pictures_stop(root):
    for number in range(4):
        (root / "cat" / f"{number:02}.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"folder\.max_bad_fraction: 4 of 30 pictures .* \(such as cat/00"):
        opened(root)
    assert opened(root, "folder.max_bad_fraction = 0.2").num_train
    with pytest.raises(DataError, match=r"folder\.max_bad_fraction: 4 of 30"):  # though the cache is there now
        opened(root)


def test_a_class_of_broken_pictures_is_named(root):
    for path in (root / "dog").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"folder\.path: no picture of class dog .* can be read"):
        opened(root, "folder.max_bad_fraction = 0.5")


def test_smaller_pictures_are_counted_and_enlarged(root):
    dataset = opened(root, resolution=2 * SIDE)
    assert dataset.image_shape == (16, 16, 3)
    assert "smaller than folder.resolution (16), enlarged: 30 pictures (folder.smaller)" in dataset.notes


@pytest.mark.parametrize("crop", ["middle", "pad"])
def test_smaller_pictures_are_left_out_or_refused(root, crop):
    Image.fromarray(picture(1, side=16)[:, :12]).save(root / "cat" / "wide.png")
    Image.fromarray(picture(2, side=16)).save(root / "cat" / "large.png")
    Image.fromarray(picture(3, side=16)).save(root / "dog" / "large.png")
    lines = [f"folder.crop = '{crop}'", "folder.test_fraction = 0.5"]
    smaller = 31 if crop == "middle" else 30  # by the shorter side, and by the longer one if that is what has to fit
    with pytest.raises(
        DataError,
        match=rf"folder\.smaller: {smaller} of 33 pictures are smaller than folder\.resolution \(16\), such as cat/00",
    ):
        opened(root, *lines, "folder.smaller = 'refuse'", resolution=16)
    assert not list((root.parent / "cache").glob("folder*"))
    for name in ("cat", "dog"):
        for number in range(20):
            Image.fromarray(picture(number, side=16)).save(root / name / f"{number:02}.png")
    dataset = opened(root, *lines, "folder.smaller = 'leave_out'", resolution=16)
    left = 1 if crop == "middle" else 0
    assert dataset.num_train + dataset.num_test == 43 - left
    note = "smaller than folder.resolution (16), left out: 1 pictures (folder.smaller)"
    assert (note in dataset.notes) == bool(left)
    assert "smaller leave_out" in dataset.fingerprint


def test_only_smaller_pictures(root):
    with pytest.raises(DataError, match=r"folder\.smaller: all 30 pictures are smaller than folder\.resolution \(16\)"):
        opened(root, "folder.smaller = 'leave_out'", resolution=16)


def test_a_class_of_smaller_pictures_is_named(root):
    for number in range(20):
        Image.fromarray(picture(number, side=16)).save(root / "cat" / f"{number:02}.png")
    with pytest.raises(DataError, match=r"no picture of class dog .* all are smaller than folder\.resolution"):
        opened(root, "folder.smaller = 'leave_out'", resolution=16)


@pytest.mark.parametrize(
    ("crop", "words"),
    [
        ("middle", "the largest square in the middle is taken"),
        ("none", "stretched to a square"),
        ("pad", "padded to a square"),
        ("random", "the largest square anywhere is taken"),
        ("distorted", "a square anywhere is taken"),
    ],
)
def test_what_becomes_of_other_than_square_pictures_is_stated(root, crop, words):
    Image.fromarray(picture(1, side=16)[:, :12]).save(root / "cat" / "00.png")
    dataset = opened(root, f"folder.crop = '{crop}'")
    assert f"not square: 1 pictures, {words} (folder.crop)" in dataset.notes
    assert training(dataset, 2)[0]["image"].shape == (SIDE, SIDE, 3)


def test_transparent_pictures_are_put_on_the_background(root):
    for path in root.rglob("*.png"):
        Image.new("RGBA", (SIDE, SIDE), (9, 9, 9, 0)).save(path)
    white, blue = opened(root), opened(root, "folder.background = '#0000ff'")
    note = "with an alpha channel or a transparent colour: 30 pictures, put on {} (folder.background)"
    assert note.format("white") in white.notes and note.format("#0000ff") in blue.notes
    assert np.all(training(white, 1)[0]["image"] == 1)
    assert np.all(training(blue, 1)[0]["image"] == (0, 0, 1))
    assert blue.fingerprint != white.fingerprint
    assert not any("alpha" in note for note in _without_alpha(root).notes)


def _without_alpha(root):
    write_pictures(root.parent / "opaque", {"cat": 10})
    return opened(root.parent / "opaque")


def test_grey_and_colour_are_converted_and_counted(root):
    for number in range(4):
        Image.fromarray(picture(number, channels=1)).save(root / "cat" / f"{number:02}.png")
    mixed, grey = opened(root), opened(root, "folder.channels = 'grey'")
    assert mixed.image_shape == (SIDE, SIDE, 3) and grey.image_shape == (SIDE, SIDE, 1)
    assert "grey: 4 pictures, taken as colours (folder.channels)" in mixed.notes
    assert "in colour: 26 pictures, made grey (folder.channels)" in grey.notes
    flat = root.parent / "flat"
    write_pictures(flat, {"a": 12}, channels=1)
    assert opened(flat).image_shape == (SIDE, SIDE, 1)
    dataset = opened(flat, "folder.channels = 'colour'")
    assert "grey: 12 pictures, taken as colours (folder.channels)" in dataset.notes
    image = training(dataset, 1)[0]["image"]
    assert image.shape == (SIDE, SIDE, 3) and np.all(image == image[..., :1])


def test_options_that_older_versions_did_not_have_leave_their_records(root):
    """Addresses of pre-training and records of runs that began before stay."""
    dataset = opened(root)
    assert dataset.fingerprint.endswith(", crop middle, 0.1 held out")
    later = {f"folder.{name}" for name in ("background", "channels", "smaller")}
    assert not later & set(dataset.options)
    assert later & set(opened(root, "folder.background = 'black'").options) == {"folder.background"}


def test_folder_without_classes(tmp_path):
    write_pictures(tmp_path, {"flat": 12}, channels=1)
    dataset = opened(tmp_path / "flat")
    assert dataset.num_classes is None and dataset.image_shape == (SIDE, SIDE, 1) and dataset.num_labelled == 0
    assert dataset.label_distribution is None and dataset.num_train == 11


def test_what_archives_add_is_passed_over(root):
    expected = opened(root).source.training_names()
    write_pictures(root, {"__MACOSX": 2, ".thumbnails": 2, "folder.png": 1})
    dataset = opened(root)
    assert dataset.class_names == ("cat", "dog") and dataset.source.training_names() == expected
    assert "names that start with a dot or two underscores, passed over: 2 (such as .thumbnails)" in dataset.notes
    assert "folders named like a picture, passed over: 1 (such as folder.png)" in dataset.notes


def test_files_without_the_suffix_of_a_picture_are_counted(root):
    (root / "cat" / "a.heic").write_bytes(b"picture")
    (root / "list.txt").write_text("cat, dog")
    note = "files without the suffix of a picture, passed over: 2 (1 .heic, 1 .txt; such as list.txt)"
    assert note in opened(root).notes


def test_names_that_are_not_utf8_are_shown_with_escapes(root):
    with open(os.fsencode(root) + b"/cat/\xe9t\xe9.png", "wb") as file:
        file.write(b"no picture")
    dataset = opened(root, "folder.max_bad_fraction = 0.5")
    assert any("cat/\\udce9t\\udce9.png" in note for note in dataset.notes)
    assert all(note.encode() for note in dataset.notes)


def test_a_cache_that_cannot_be_written(root, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"folder\.cache_dir: cannot write to .*file"):
        opened(root, f"folder.cache_dir = '{tmp_path}/file/below'")


def _deep(root):
    (root / "cat" / "siamese").mkdir()
    Image.fromarray(picture(1)).save(root / "cat" / "siamese" / "a.png")


def _mixed(root):
    Image.fromarray(picture(1)).save(root / "stray.png")


def _empty_class(root):
    (root / "emu").mkdir()
    (root / "emu" / "notes.txt").write_text("none yet")


def _other(root):
    _empty(root)
    (root / "a.heic").write_bytes(b"picture")


def _empty(root):
    for path in sorted(root.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


def _gone(root):
    root.rename(root.with_name("moved"))


def _file(root):
    _gone(root)
    root.write_bytes(b"picture")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_deep, r"folder cat/siamese in class cat: it is one too deep"),
        (_mixed, r"1 pictures \(such as stray\.png\) beside the sub-folders cat, dog"),
        (_empty_class, r"class emu is empty"),
        (_empty, r"got none: it is empty"),
        (_other, r"got 1 other files such as a\.heic"),
        (_gone, r"there is no folder .*pets"),
        (_file, r"got the file .*pets"),
    ],
)
def test_other_layouts_are_refused(root, spoil, message):
    spoil(root)
    with pytest.raises(DataError, match=rf"folder\.path: .*{message}"):
        opened(root)


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ("folder.resolution = 0", r"folder\.resolution: expected a whole number from 1 to 16384, got 0"),
        ("folder.test_fraction = 1.0", r"folder\.test_fraction: expected a number above 0 and below 1, got 1\.0"),
        ("folder.test_fraction = 0.001", r"folder\.test_fraction: 0\.001 of 30 images in 2 classes leaves none"),
        (
            "folder.max_bad_fraction = -0.1",
            r"folder\.max_bad_fraction: expected a number of at least 0 and below 1, got -0\.1",
        ),
        ("folder.crop = 'left'", r"folder\.crop: expected one of 'distorted'"),
        ("folder.background = 'whiteish'", r"folder\.background: expected a name of CSS .* got 'whiteish'"),
        ("folder.background = '#ffffff80'", r"folder\.background: expected a name of CSS .* got '#ffffff80'"),
        ("folder.channels = 3", r"folder\.channels: expected one of 'auto', 'grey', 'colour'"),
        ("folder.smaller = 'shrink'", r"folder\.smaller: expected one of 'enlarge', 'leave_out', 'refuse'"),
    ],
)
def test_bad_options(root, binding, message):
    with pytest.raises(ConfigError, match=message):
        opened(root, binding)


@pytest.mark.parametrize("crop", ["random", "distorted"])
def test_random_crops_differ_between_epochs_and_repeat_with_the_seed(tmp_path, crop):
    (tmp_path / "photos").mkdir()
    for number in range(10):
        Image.fromarray(np.random.RandomState(number).randint(0, 256, [12, 15, 3]).astype(np.uint8)).save(
            tmp_path / "photos" / f"{number}.png"
        )
    dataset = opened(tmp_path / "photos", f"folder.crop = '{crop}'")
    assert dataset.image_shape == (SIDE, SIDE, 3)
    epochs = [
        {int(e["index"]): e["image"] for e in training(dataset, start=start)} for start in (0, dataset.num_train, 0)
    ]
    assert sum(np.any(epochs[0][n] != epochs[1][n]) for n in epochs[0]) >= 4  # of 9; some places may agree
    assert all(np.array_equal(epochs[0][n], epochs[2][n]) for n in epochs[0])
    assert all(image.min() >= 0 and image.max() <= 1 for image in epochs[0].values())


def test_a_link_to_nothing_is_unreadable(root):
    os.symlink(root / "nowhere.png", root / "cat" / "link.png")
    assert any("cat/link.png" in note for note in opened(root).notes)


def test_label_options_work_on_folders(root):
    dataset = opened(root, "labels.per_class = 3", "labels.only_labelled = True")
    assert dataset.num_train == dataset.num_labelled == 6
    np.testing.assert_allclose(dataset.label_distribution, [0.5, 0.5])


def test_a_class_may_be_a_link(root, tmp_path):
    write_pictures(tmp_path / "elsewhere", {"emu": 10})
    (root / "emu").symlink_to(tmp_path / "elsewhere" / "emu")
    dataset = opened(root)
    assert dataset.class_names == ("cat", "dog", "emu") and dataset.num_train == 36


def test_label_options_are_checked_before_anything_is_decoded(tmp_path, monkeypatch):
    write_pictures(tmp_path, {"flat": 12})
    monkeypatch.setattr(picture_reader, "header_of", None)
    with pytest.raises(
        ConfigError, match="labels.fraction, .*: expected a class per image, but dataset folder:flat has"
    ):
        opened(tmp_path / "flat", "labels.fraction = 0.5")


def test_content_follows_pictures_and_classes_and_not_times(root):
    first = opened(root).content
    for path in root.rglob("*.png"):
        os.utime(path, ns=(10**9, 10**9))
    assert opened(root).content == first
    old = root / "cat" / "05.png"
    content, status = old.read_bytes(), old.stat()
    old.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))  # of the same size, in the end that decoders do not read
    os.utime(old, ns=(2 * 10**9, 2 * 10**9))
    assert old.stat().st_size == status.st_size
    changed = opened(root).content
    assert {what for what in first if first[what] != changed[what]} <= {"train images", "test images"}
    assert changed != first
    old.rename(root / "dog" / "moved.png")
    moved = opened(root).content
    assert moved["train labels"] != first["train labels"]


def changed_in_place(path):
    """Other pixels in a file of the same size and time, as a restored backup or an archive of fixed times has them."""
    before = path.stat()
    Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def write_bitmaps(root):
    for number in range(10):
        (root / "cat").mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(number)).save(root / "cat" / f"{number}.bmp")
        os.utime(root / "cat" / f"{number}.bmp", ns=(0, 0))


def test_pictures_of_the_same_names_sizes_and_times_are_not_taken_for_the_cached_ones(tmp_path, caplog):
    root, other = tmp_path / "pets", tmp_path / "other" / "pets"
    write_bitmaps(root)
    first = opened(root)
    names = first.source.training_names()
    changed_in_place(root / names[0])
    second = opened(root)
    assert "its pictures are not those cached in" in caplog.text
    assert first.content["train images"] != second.content["train images"]
    images = {example["index"]: example["image"] for example in training(second)}
    np.testing.assert_array_equal(
        images[0], np.asarray(Image.open(root / names[0])).astype(np.float32) / np.float32(255)
    )
    caplog.clear()
    assert opened(root).content == second.content and "decod" not in caplog.text
    write_bitmaps(other)  # another folder of that name, whose pictures are those of the first cache
    lines = [f"folder.path = '{other}'", f"folder.cache_dir = '{tmp_path / 'cache'}'", f"folder.resolution = {SIDE}"]
    assert opened_as("folder", *lines).content == first.content
    assert "decod" not in caplog.text


def test_a_copy_with_its_times_is_read_once_and_decoded_never(tmp_path, caplog, monkeypatch):
    write_bitmaps(tmp_path / "pets")
    first, read = opened(tmp_path / "pets"), []
    monkeypatch.setattr(folder_cache, "content_of", lambda *given: read.append(1) or content_of(*given))
    for picture_file in (tmp_path / "pets" / "cat").iterdir():
        os.chmod(picture_file, 0o640)
    for _ in range(2):
        assert opened(tmp_path / "pets").content == first.content
    assert len(read) == 2 and "decod" not in caplog.text  # one for each split


def test_a_repaired_picture_of_the_same_size_and_time_is_decoded(tmp_path):
    root = tmp_path / "pets"
    write_bitmaps(root)
    broken = root / "cat" / "5.bmp"
    whole = broken.read_bytes()
    broken.write_bytes(bytes(len(whole)))
    os.utime(broken, ns=(0, 0))
    assert opened(root, "folder.max_bad_fraction = 0.2").num_train == 8
    broken.write_bytes(whole)
    os.utime(broken, ns=(0, 0))
    assert opened(root, "folder.max_bad_fraction = 0.2").num_train == 9
