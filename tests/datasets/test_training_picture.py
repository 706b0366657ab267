import struct

import numpy as np
import pytest
from PIL import Image, ImageOps

from compare_gan2.datasets.pictures import picture_reader
from compare_gan2.datasets.pictures.picture_reader import TRAINING
from compare_gan2.datasets.pictures.training_picture import training_picture as read


def shape_of(path):
    return picture_reader.header_of(path, TRAINING).shape


GREY = (np.arange(64, dtype=np.uint8).reshape(8, 8) * 4).astype(np.uint8)
COLOUR = np.stack([GREY, GREY.T, 255 - GREY], axis=2)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "tiff", "gif", "webp", "jpg"])
def test_formats(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(COLOUR).save(path, **({"lossless": True} if suffix == "webp" else {}))
    image = read(path, 3, 8, "none")
    assert shape_of(path) == (8, 8, 3) and image.dtype == np.uint8
    if suffix in ("jpg", "gif"):  # lossy, and 256 colours
        assert np.abs(image.astype(int) - COLOUR).mean() < 40
    else:
        np.testing.assert_array_equal(image, COLOUR)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_pictures_have_one_channel(tmp_path, mode):
    Image.fromarray(GREY).convert(mode).save(tmp_path / "a.png")
    assert shape_of(tmp_path / "a.png") == (8, 8, 1)
    expected = np.asarray(Image.fromarray(GREY).convert(mode).convert("L"))[..., None]
    np.testing.assert_array_equal(read(tmp_path / "a.png", 1, 8, "none"), expected)
    np.testing.assert_array_equal(read(tmp_path / "a.png", 3, 8, "none"), np.repeat(expected, 3, axis=2))


def test_sixteen_bits_are_rounded_to_eight(tmp_path):
    values = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    Image.fromarray(values).save(tmp_path / "a.png")
    image = read(tmp_path / "a.png", 1, 8, "none")[..., 0]
    np.testing.assert_array_equal(image, np.rint(values / 65535 * 255).astype(np.uint8))


def test_integers_of_32_bits_are_taken_for_16_or_refused(tmp_path):
    values = np.linspace(0, 65535, 64).astype(np.int32).reshape(8, 8)
    Image.fromarray(values).save(tmp_path / "a.tif")
    image = read(tmp_path / "a.tif", 1, 8, "none")[..., 0]
    np.testing.assert_array_equal(image, np.rint(values / 65535 * 255).astype(np.uint8))
    for odd in (values // 257, values * 2, -values):  # 0..255 would come out black, the others cut off
        Image.fromarray(odd).save(tmp_path / "odd.tif")
        with pytest.raises(ValueError, match=f"32-bit integer pixels from {odd.min()} to {odd.max()}"):
            read(tmp_path / "odd.tif", 1, 8, "none")


def test_transparency_is_put_on_white(tmp_path):
    alpha = np.full([8, 8, 1], 255, np.uint8)
    alpha[0], alpha[1] = 0, 51  # a fifth
    Image.fromarray(np.concatenate([COLOUR, alpha], axis=2)).save(tmp_path / "a.png")
    image = read(tmp_path / "a.png", 3, 8, "none")
    assert np.all(image[0] == 255)
    np.testing.assert_allclose(image[1], 255 * 0.8 + COLOUR[1] * 0.2, atol=1)
    np.testing.assert_array_equal(image[2:], COLOUR[2:])


def test_transparent_colour_of_a_palette(tmp_path):
    palette = Image.fromarray(COLOUR).quantize(16)
    palette.save(tmp_path / "a.png", transparency=int(np.asarray(palette)[0, 0]))
    assert np.all(read(tmp_path / "a.png", 3, 8, "none")[0, 0] == 255)


def test_pictures_are_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    tall = COLOUR[:, :5]
    Image.fromarray(tall).save(tmp_path / "a.png", exif=exif)
    assert shape_of(tmp_path / "a.png") == (5, 8, 3)
    np.testing.assert_array_equal(read(tmp_path / "a.png", 3, 5, "random"), np.rot90(tall, -1))


def test_resize_is_antialiased(tmp_path):
    stripes = np.tile(np.array([0, 255], np.uint8), [64, 32])  # finer than what remains
    Image.fromarray(stripes).save(tmp_path / "a.png")
    inside = read(tmp_path / "a.png", 1, 16, "none")[:, 2:-2]
    assert np.abs(inside.astype(int) - 127).max() < 12  # without it they would alternate or be of one colour


@pytest.mark.parametrize(
    ("crop", "shape"), [("middle", (8, 8)), ("none", (8, 8)), ("random", (8, 16)), ("distorted", (12, 24))]
)
def test_what_is_kept_for_a_crop(tmp_path, crop, shape):
    Image.fromarray(np.zeros([20, 40, 3], np.uint8)).save(tmp_path / "a.png")
    assert read(tmp_path / "a.png", 3, 8, crop).shape == (*shape, 3)


def test_the_middle_is_cut_out(tmp_path):
    values = np.zeros([8, 20], np.uint8)
    values[:, 6:14] = GREY
    Image.fromarray(values).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path / "a.png", 1, 8, "middle")[..., 0], GREY)


def test_a_thin_strip(tmp_path):
    Image.fromarray(np.full([2, 200], 7, np.uint8)).save(tmp_path / "a.png")
    assert np.all(read(tmp_path / "a.png", 1, 8, "middle") == 7)
    for crop in ("random", "distorted"):
        with pytest.raises(ValueError, match=r"a strip of 2x200 pixels \(height x width\), expected at most 50"):
            read(tmp_path / "a.png", 1, 8, crop)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(30)])
def test_what_is_not_a_picture(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises((OSError, SyntaxError)):
        shape_of(tmp_path / "a.png")


def test_a_turned_picture_with_an_odd_tag_is_read(tmp_path):
    values = np.zeros([16, 8, 3], np.uint8)
    values[:8] = 255
    exif = Image.Exif()
    exif[0x0112], exif[0x0100] = 6, 8  # turned by 90 degrees; the width
    Image.fromarray(values).save(tmp_path / "a.jpg", exif=exif, quality=100)
    content = (tmp_path / "a.jpg").read_bytes()
    tag = content.index(b"\x01\x00\x00\x04")
    (tmp_path / "a.jpg").write_bytes(content[: tag + 3] + b"\x07" + content[tag + 4 :])  # a width that is not a number
    with Image.open(tmp_path / "a.jpg") as picture, pytest.raises(struct.error):
        ImageOps.exif_transpose(picture)
    assert shape_of(tmp_path / "a.jpg") == (8, 16, 3)
    upright = read(tmp_path / "a.jpg", 3, 8, "random")
    assert upright.shape == (8, 16, 3)
    assert upright[:, :7].max() < 10 and upright[:, 9:].min() > 245


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation(tmp_path, orientation):
    values = np.random.RandomState(0).randint(0, 256, [8, 8], np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(values).save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture))
    np.testing.assert_array_equal(read(tmp_path / "a.png", 1, 8, "none")[..., 0], expected)


def test_floating_point_goes_from_0_to_1(tmp_path):
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    Image.fromarray(values).save(tmp_path / "a.tif")
    np.testing.assert_array_equal(read(tmp_path / "a.tif", 1, 8, "none")[..., 0], np.rint(values * 255))
    Image.fromarray(values * 255).save(tmp_path / "b.tif")
    with pytest.raises(ValueError, match=r"floating-point pixels outside \[0, 1\]: 0.0 to 255.0"):
        read(tmp_path / "b.tif", 1, 8, "none")


@pytest.mark.parametrize("channels", [1, 3])
def test_the_whole_picture_is_padded_with_the_background(tmp_path, channels):
    Image.fromarray(np.full([20, 40, 3], 100, np.uint8)).save(tmp_path / "a.png")
    image = read(tmp_path / "a.png", channels, 8, "pad", background="#0a0a0a")
    assert image.shape == (8, 8, channels)
    assert np.all(image[2:6] == 100)
    assert np.all(image[[0, 1, 6, 7]] == 10)


def test_a_thin_strip_is_padded(tmp_path):
    Image.fromarray(np.full([2, 200], 7, np.uint8)).save(tmp_path / "a.png")
    image = read(tmp_path / "a.png", 1, 8, "pad")
    assert sorted(np.unique(image, return_counts=True)[1]) == [8, 56]  # one row of 7, white elsewhere


def test_transparency_is_put_on_the_background(tmp_path):
    Image.new("RGBA", (8, 8), (200, 0, 0, 0)).save(tmp_path / "a.png")
    assert np.all(read(tmp_path / "a.png", 3, 8, "middle", background="blue") == (0, 0, 255))
