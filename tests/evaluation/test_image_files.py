"""Folders of pictures and .npz files: what comes out of good ones, and one message for each kind of bad one."""

import dataclasses
import os
import warnings

import numpy as np
import pytest
from PIL import Image

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.pictures import picture_reader
from compare_gan2.evaluation.drawn_images import chosen_images
from compare_gan2.evaluation.given_images import GivenImages
from compare_gan2.evaluation.image_files import of_arrays, of_folder, of_images
from compare_gan2.ground.errors import DataError


def pictures(count=5, height=8, width=6, channels=3, seed=0):
    return np.random.RandomState(seed).randint(0, 256, (count, height, width, channels)).astype(np.uint8)


def write(folder, images, suffix="png", first=0):
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images, first):
        Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(folder / f"{number:03}.{suffix}")
    return folder


def read(source):
    images, labels = zip(*source.batches(), strict=True)
    return np.concatenate(images), None if labels[0] is None else np.concatenate(labels)


@pytest.mark.parametrize("channels", [1, 3])
def test_folder(tmp_path, channels):
    images = pictures(70, channels=channels)
    source = of_folder(write(tmp_path / "fakes", images), "--fake")
    assert (source.name, source.count, source.image_shape) == ("fakes", 70, (8, 6, channels))
    assert (source.num_classes, source.class_names, source.split, source.resize) == (None, None, "none", "none")
    found, labels = read(source)
    np.testing.assert_array_equal(found, images.astype(np.float32) / np.float32(255))
    assert found.dtype == np.float32 and labels is None
    np.testing.assert_array_equal(read(source)[0], found)  # can be read again


def test_jpeg_and_other_formats_are_read(tmp_path):
    smooth = np.full((1, 16, 16, 3), 130, np.uint8)
    for number, suffix in enumerate(("jpg", "JPEG", "bmp", "webp", "png", "tif", "tiff", "gif", "avif")):
        write(tmp_path, smooth, suffix, number)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    found, _ = read(of_folder(tmp_path, "--fake"))
    assert found.shape == (9, 16, 16, 3)
    np.testing.assert_allclose(found, 130 / 255, atol=3 / 255)


def test_sub_folders_are_classes(tmp_path):
    for number, name in enumerate(("cat", "ant")):
        write(tmp_path / name, pictures(3, seed=number))
    source = of_folder(tmp_path, "--fake")
    assert (source.num_classes, source.class_names) == (2, ("ant", "cat"))
    images, labels = read(source)
    np.testing.assert_array_equal(labels, [0, 0, 0, 1, 1, 1])
    np.testing.assert_array_equal(images[:3], pictures(3, seed=1).astype(np.float32) / np.float32(255))
    write(tmp_path, pictures(1))  # beside the classes
    assert of_folder(tmp_path, "--fake").num_classes is None


def test_a_class_may_be_a_link(tmp_path):
    write(tmp_path / "fakes" / "ant", pictures(3))
    (tmp_path / "fakes" / "cat").symlink_to(write(tmp_path / "elsewhere", pictures(2, seed=1)))
    source = of_folder(tmp_path / "fakes", "--fake")
    assert (source.count, source.class_names) == (5, ("ant", "cat"))
    np.testing.assert_array_equal(read(source)[0][3:], pictures(2, seed=1).astype(np.float32) / np.float32(255))


def test_what_is_not_a_picture_of_the_folder_is_left_out_and_logged(tmp_path, caplog):
    write(tmp_path, pictures())
    write(tmp_path / ".ipynb_checkpoints", pictures(2, seed=1))
    write(tmp_path / "__MACOSX", pictures(2, seed=1))
    (tmp_path / "._000.png").write_bytes(b"of another system")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "a.heic").write_bytes(b"of another kind")
    with caplog.at_level("INFO", logger="compare_gan2"):
        source = of_folder(tmp_path, "--fake")
    assert (source.count, source.num_classes) == (5, None)
    assert [record.getMessage() for record in caplog.records] == [
        "--fake: files without the suffix of a picture, passed over: 2 (1 .heic, 1 .txt; such as a.heic)",
        "--fake: 1 of them are pictures of a kind that is not read (.heic): convert them to PNG",
        "--fake: names that start with a dot or two underscores, passed over: 3 (such as ._000.png)",
    ]


def test_pixels_are_turned_upright_if_asked(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pictures(1)[0]).save(tmp_path / "a.png", exif=exif)
    rules = dataclasses.replace(picture_reader.SCORING, upright=True)
    stored, upright = of_folder(tmp_path, "--fake"), of_folder(tmp_path, "--fake", rules=rules)
    assert (stored.pixels, upright.pixels) == ("as_stored", "upright")
    assert upright.image_shape[:2] == stored.image_shape[1::-1]
    np.testing.assert_array_equal(read(upright)[0][0], np.rot90(read(stored)[0][0], -1))
    assert stored.fingerprint() != upright.fingerprint()


def test_a_picture_of_too_many_pixels_is_refused_with_the_option(tmp_path):
    write(tmp_path, pictures(1))
    rules = dataclasses.replace(picture_reader.SCORING, max_pixels=47)
    with pytest.raises(DataError, match=r"too many pixels, expected at most 47 \(folder.max_pixels, --max_pixels\)"):
        of_folder(tmp_path, "--fake", rules=rules)


def test_pixels_are_taken_as_stored(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise, which clean-fid does not
    Image.fromarray(pictures(1)[0]).save(tmp_path / "a.png", exif=exif)
    source = of_folder(tmp_path, "--fake")
    assert source.image_shape == (8, 6, 3)
    np.testing.assert_array_equal(read(source)[0], pictures(1).astype(np.float32) / np.float32(255))


def test_a_part_of_a_folder_is_drawn_by_the_seed_or_the_first_one(tmp_path):
    for name in "abcd":
        write(tmp_path / name, pictures(10))
    source = of_folder(tmp_path, "--fake", count=8)
    chosen = chosen_images(8, 40, "", 0)
    np.testing.assert_array_equal(read(source)[1], chosen // 10)
    assert (source.images, source.part, source.drawn_by) == ("drawn", "none, drawn", 0)
    other = of_folder(tmp_path, "--fake", count=8, seed=1)
    assert np.any(read(other)[0] != read(source)[0])
    first = of_folder(tmp_path, "--fake", count=8, seed=None)
    np.testing.assert_array_equal(read(first)[1], [0] * 8)
    assert (first.images, first.part) == ("in order", "none")
    assert of_folder(tmp_path, "--fake").images == of_folder(tmp_path, "--fake", count=40).images == "all"
    with pytest.raises(DataError, match="--fake: .*: 41 images are asked for, there are 40"):
        of_folder(tmp_path, "--fake", count=41)


def test_mixed_sizes_need_a_size(tmp_path):
    write(tmp_path, pictures(2, 8, 6))
    write(tmp_path, pictures(2, 9, 12), first=2)
    with pytest.raises(
        DataError,
        match=r"--real: images of several sizes \(height x width\), 8x6 \(.*000.png\) and 9x12 \(.*002.png\); --s",
    ):
        of_folder(tmp_path, "--real")
    source = of_folder(tmp_path, "--real", size=5, resizer="clean")
    assert (source.image_shape, source.resize) == ((5, 5, 3), "clean to 5")
    expected = np.empty((4, 5, 5, 3), np.float32)
    given = [*pictures(2, 8, 6), *pictures(2, 9, 12)]
    for n, c in np.ndindex(4, 3):
        channel = Image.fromarray(given[n][..., c].astype(np.float32), mode="F")
        expected[n, ..., c] = np.clip(np.asarray(channel.resize((5, 5), Image.Resampling.BICUBIC)), 0, 255)
    np.testing.assert_allclose(read(source)[0], expected / 255, atol=1e-5)


def test_grey_pictures_among_coloured_ones_get_three_channels(tmp_path):
    write(tmp_path, pictures(1, channels=1))
    write(tmp_path, pictures(1), first=1)
    found, _ = read(of_folder(tmp_path, "--fake"))
    assert found.shape == (2, 8, 6, 3) and (found[0, ..., 0] == found[0, ..., 2]).all()


def with_alpha(alpha):
    return Image.fromarray(np.concatenate([pictures(1)[0], np.full((8, 6, 1), alpha, np.uint8)], axis=2))


def cut(path):
    path.write_bytes(path.read_bytes()[:-30])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: cut(path), "cannot be read as a picture: "),
        (lambda path: path.write_bytes(b"not a picture"), "cannot be read as a picture: cannot identify image file"),
        (lambda path: path.write_bytes(b""), "cannot be read as a picture: "),
        (lambda path: (path.unlink(), path.symlink_to("nothing")), "cannot be read as a picture: "),
        (lambda path: with_alpha(200).save(path), "has transparent pixels; put it on a background first"),
        (
            lambda path: Image.fromarray(np.full((8, 6), 40000, np.uint16)).save(path),
            "expected pictures of 8 bits per channel, .*003.png is of Pillow's mode 'I;16'",
        ),
    ],
)
def test_a_bad_picture_is_named(tmp_path, spoil, message):
    write(tmp_path, pictures())
    spoil(tmp_path / "003.png")
    with pytest.raises(DataError, match=f"--fake: .*003.png.*{message}|--fake: {message}") as caught:
        read(of_folder(tmp_path, "--fake"))
    assert "\n" not in str(caught.value)


def test_an_opaque_alpha_channel_is_dropped(tmp_path):
    with_alpha(255).save(tmp_path / "0.png")
    np.testing.assert_array_equal(
        read(of_folder(tmp_path, "--fake"))[0], pictures(1).astype(np.float32) / np.float32(255)
    )


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(DataError, match=f"--fake: expected pictures .* in {tmp_path}, found none"):
        of_folder(tmp_path, "--fake")


def test_fingerprint_differs_for_changed_files(tmp_path):
    write(tmp_path, pictures())
    before = of_folder(tmp_path, "--real").fingerprint()
    assert of_folder(tmp_path, "--real").fingerprint() == before
    write(tmp_path, pictures(1, seed=1))
    assert of_folder(tmp_path, "--real").fingerprint() != before


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64, np.float16])
def test_arrays(tmp_path, kind):
    images = pictures(70) if kind == np.uint8 else (pictures(70) / 255).astype(kind)
    np.savez(tmp_path / "fakes.npz", images=images, labels=np.arange(70) % 4)
    source = of_arrays(tmp_path / "fakes.npz", "--fake")
    assert (source.name, source.count, source.image_shape, source.num_classes) == ("fakes", 70, (8, 6, 3), 4)
    found, labels = read(source)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, pictures(70) / 255, atol=1e-3 if kind == np.float16 else 1e-6)
    np.testing.assert_array_equal(labels, np.arange(70) % 4)


def test_arrays_in_memory():
    source = of_images(pictures(6), [0, 1, 2] * 2, "fake", count=3, name="mine")
    assert (source.name, source.count, source.num_classes) == ("mine", 3, 3)
    images, labels = read(source)
    chosen = chosen_images(3, 6, "", 0)
    np.testing.assert_array_equal(images, pictures(6)[chosen].astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(labels, chosen % 3)
    assert source.fingerprint() == of_images(pictures(6), [0, 1, 2] * 2, "fake").fingerprint()
    assert source.fingerprint() != of_images(pictures(6), None, "fake").fingerprint()
    with pytest.raises(DataError, match=r"fake: expected 6 integer labels from 0, got int64 of shape \(2,\)"):
        of_images(pictures(6), [0, 1], "fake")


def test_a_single_array_is_refused(tmp_path):
    np.save(tmp_path / "one.npy", pictures())
    with pytest.raises(DataError, match="--fake: .*one.npy cannot be read as an .npz file of arrays"):
        of_arrays(tmp_path / "one.npy", "--fake")


def test_an_unnamed_array_without_channels_is_grey(tmp_path):
    np.savez(tmp_path / "fakes.npz", pictures(3)[..., 0])
    source = of_arrays(tmp_path / "fakes.npz", "--fake", count=2)
    assert (source.image_shape, source.num_classes, source.count) == ((8, 6, 1), None, 2)
    assert read(source)[0].shape == (2, 8, 6, 1)


FLOATS = pictures().astype(np.float32)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": FLOATS}, r"expected floats in \[0, 1\], got values from .* to 255; divide by 255 or store uint8"),
        ({"images": FLOATS / 127.5 - 1}, r"got values from -1 to 1; they look like \[-1, 1\]: store \(x \+ 1\) / 2"),
        ({"images": 300 * FLOATS}, r"expected floats in \[0, 1\], got values from .* bring them there first"),
        (
            {"images": (FLOATS / 255).astype(np.uint8)},
            "uint8 images with no value above 1 look like floats that were cut",
        ),
        ({"images": pictures().astype(np.int64)}, r"expected uint8 images, or floats in \[0, 1\], got int64"),
        ({"images": pictures().transpose(0, 3, 1, 2)}, r"got shape \(5, 3, 8, 6\); these look like \[N, C, H, W\]"),
        ({"images": pictures()[:0]}, r"expected images \[N, H, W, 1 or 3\] with N, H, W > 0, got shape \(0, 8, 6, 3\)"),
        ({"pictures": pictures(), "x": pictures()}, "expected an array 'images' in .*, got pictures, x"),
        (
            {"images": pictures(), "labels": np.arange(4)},
            r"expected 5 integer labels from 0, got int64 of shape \(4,\)",
        ),
        ({"images": pictures(), "labels": np.arange(5) - 1}, "expected 5 integer labels from 0, .* from -1"),
    ],
)
def test_arrays_of_another_kind_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "bad.npz", **arrays)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DataError, match=f"--fake: .*{message}"):
            of_arrays(tmp_path / "bad.npz", "--fake")


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_not_an_npz_is_refused(tmp_path, content):
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(
        DataError, match="--fake: .*bad.npz cannot be read as an .npz file of arrays: it holds no arrays"
    ):
        of_arrays(tmp_path / "bad.npz", "--fake")


def test_fingerprint_differs_where_a_picture_is_of_another_class(tmp_path):
    write(tmp_path / "a", pictures())
    write(tmp_path / "b", pictures(2), first=10)
    before = of_folder(tmp_path, "--real").fingerprint()
    (tmp_path / "a" / "000.png").rename(tmp_path / "b" / "000.png")
    assert of_folder(tmp_path, "--real").fingerprint() != before


def test_names_of_classes_come_with_the_arrays(tmp_path):
    names = np.array([b"ant", b"cow", b"zebra"])
    np.savez(tmp_path / "a.npz", images=pictures(3), labels=[[1.0], [2.0], [3.0]], class_names=names)
    source = of_arrays(tmp_path / "a.npz", "--fake")
    assert (source.class_names, source.num_classes) == (("ant", "cow", "zebra"), 3)
    np.testing.assert_array_equal(next(source.batches())[1], [0, 1, 2])


@pytest.mark.parametrize(
    ("name", "given"), [("unlabelled", None), ("Unsup", None), ("pool", "pool"), ("pool", "pool/")]
)
def test_pictures_without_a_label_are_not_a_class(tmp_path, name, given, caplog):
    for number, folder in enumerate(("ant", "cat", name)):
        write(tmp_path / folder, pictures(3, seed=number))
    caplog.set_level("INFO")
    source = of_folder(tmp_path, "--real", unlabelled=given)
    assert (source.count, source.num_classes, source.class_names, source.has_labels) == (9, None, None, False)
    assert read(source)[1] is None
    assert f"--real: 3 of 9 pictures of {tmp_path} have no label" in caplog.text and "folder.unlabelled" in caplog.text
    assert of_folder(tmp_path, "--real", unlabelled="other").num_classes == 3


def test_pictures_beside_sub_folders_leave_no_classes(tmp_path, caplog):
    caplog.set_level("INFO")
    write(tmp_path / "ant", pictures(3))
    assert of_folder(tmp_path, "--real").num_classes is None
    assert f"--real: the 3 pictures of {tmp_path} have no classes, since all are in one sub-folder" in caplog.text
    write(tmp_path / "cat", pictures(3))
    assert of_folder(tmp_path, "--real").num_classes == 2
    write(tmp_path, pictures(2), first=10)
    assert of_folder(tmp_path, "--real").num_classes is None
    assert "the 8 pictures of" in caplog.text and "2 of them (such as 010.png) are in no sub-folder" in caplog.text


def test_the_option_of_a_run_holds_for_folders_too(tmp_path):
    for number, folder in enumerate(("ant", "cat", "pool")):
        write(tmp_path / folder, pictures(3, seed=number))
    for lines, classes in ((["folder.unlabelled = 'pool'"], None), (["folder.unlabelled = None"], 3), ([], 3)):
        config = parse([], lines)
        assert GivenImages(config).open(tmp_path, "--real").num_classes == classes
        assert not config.unused


def test_a_picture_of_the_same_size_and_time_is_another_one(tmp_path):
    folder = write(tmp_path / "fakes", pictures(3), "bmp")
    before, path = of_folder(folder, "--fake").fingerprint(), folder / "001.bmp"
    stat = path.stat()
    write(folder, pictures(1, seed=1), "bmp", first=1)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    assert of_folder(folder, "--fake").fingerprint() != before


@pytest.mark.parametrize(
    "labels, message",
    [
        (
            ["ant", "bee"],
            "expected whole numbers as labels, got text such as 'ant'; number the classes, and name them by",
        ),
        (np.array([b"ant", b"bee"]), "got text such as .*'ant'"),
        (np.array(["ant", "bee"], object), "got text such as 'ant'"),
        ([0.0, 1e300], "labels up to 1000000000 would make"),
        ([[0], [1, 2]], "expected labels \\[N\\], got values that make no array"),
    ],
)
def test_labels_that_are_no_numbers(labels, message):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DataError, match=message):
            of_images(pictures(2), labels, "--fake")


def test_images_of_several_sizes_and_floats_beyond_by_rounding():
    with pytest.raises(DataError, match="expected images .* of one size, got values that make no array"):
        of_images([pictures(1)[0], pictures(1, height=4)[0]], None, "--fake")
    with pytest.raises(DataError, match=r"from 0 to 1.0000001; they are beyond by rounding: np.clip\(images, 0, 1\)"):
        of_images(np.linspace(0, 1 + 1e-7, 16).reshape(1, 4, 4, 1), None, "--fake")


def test_a_mask_is_not_dropped():
    masked = np.ma.masked_array(np.full([2, 4, 4, 1], 0.5), False)
    masked[1] = np.ma.masked
    with pytest.raises(DataError, match="--fake: expected .* without a mask, got one with 16 of 32 values masked"):
        of_images(masked, None, "--fake")
    with pytest.raises(DataError, match="without a mask, got one with 1 of 2 values masked"):
        of_images(masked.data, np.ma.masked_array([0, 1], [False, True]), "--fake")


@pytest.mark.parametrize("name, message", [("", "got an empty name"), ("x" * 300, "got a name longer than 255 bytes")])
def test_names_that_no_images_have(name, message):
    with pytest.raises(DataError, match=f"^--fake: expected a folder, an .npz file or a dataset, {message}"):
        GivenImages(parse([])).open(name, "--fake")


def test_a_pipe_in_place_of_a_file(tmp_path):
    os.mkfifo(tmp_path / "fakes.npz")
    with pytest.raises(DataError, match="--fake: expected a folder or a file, .*fakes.npz is a pipe"):
        GivenImages(parse([])).open(str(tmp_path / "fakes.npz"), "--fake")
