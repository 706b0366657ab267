"""The rules by which training and scoring differ; what they share is in test_training_picture.py."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from compare_gan2.datasets.pictures.picture_reader import SCORING, TRAINING, UnfitPicture, colour_of, header_of, read

COLOUR = np.random.RandomState(0).randint(0, 256, [8, 5, 3]).astype(np.uint8)


def values(path, rules, channels=3):
    return np.asarray(read(path, channels, rules))


def test_orientation_counts_in_training_only(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    Image.fromarray(COLOUR).save(tmp_path / "a.png", exif=exif)
    assert header_of(tmp_path / "a.png", TRAINING).shape == (5, 8, 3)
    assert header_of(tmp_path / "a.png", SCORING).shape == (8, 5, 3)
    np.testing.assert_array_equal(values(tmp_path / "a.png", TRAINING), np.rot90(COLOUR, -1))
    np.testing.assert_array_equal(values(tmp_path / "a.png", SCORING), COLOUR)


@pytest.mark.parametrize("alpha", [254, 255])
def test_transparency_is_refused_in_scoring_only(tmp_path, alpha):
    picture = np.concatenate([COLOUR, np.full([8, 5, 1], alpha, np.uint8)], axis=2)
    Image.fromarray(picture).save(tmp_path / "a.png")
    assert np.abs(values(tmp_path / "a.png", TRAINING).astype(int) - COLOUR).max() <= 1
    if alpha == 255:
        np.testing.assert_array_equal(values(tmp_path / "a.png", SCORING), COLOUR)
    else:
        with pytest.raises(UnfitPicture, match=r"a\.png has transparent pixels; put it on a background first"):
            values(tmp_path / "a.png", SCORING)


def test_more_than_8_bits_are_refused_in_scoring_only(tmp_path):
    deep = np.linspace(0, 65535, 40).astype(np.uint16).reshape(8, 5)
    Image.fromarray(deep).save(tmp_path / "a.png")
    np.testing.assert_array_equal(values(tmp_path / "a.png", TRAINING, 1), np.rint(deep / 257).astype(np.uint8))
    for function in (
        lambda: header_of(tmp_path / "a.png", SCORING).shape,
        lambda: values(tmp_path / "a.png", SCORING, 1),
    ):
        with pytest.raises(UnfitPicture, match=r"expected pictures of 8 bits per channel, .*a\.png is of .* 'I;16'"):
            function()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_kinds_of_8_bits_are_the_same_for_both(tmp_path, mode):
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    Image.fromarray(COLOUR).convert(mode).save(path)
    channels = 1 if mode in ("1", "L", "LA") else 3
    assert header_of(path, SCORING).shape == header_of(path, TRAINING).shape == (8, 5, channels)
    np.testing.assert_array_equal(values(path, SCORING, channels), values(path, TRAINING, channels))


@pytest.mark.parametrize("side", [10_000, 200_000])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(tmp_path, side):
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT")
    for rules in (TRAINING, SCORING):
        for function in (lambda path: read(path, 1, rules), lambda path: header_of(path, rules).shape):  # noqa: B023
            with pytest.raises(UnfitPicture, match="too many pixels, expected at most 80000000"):
                function(tmp_path / "a.png")


@pytest.mark.parametrize(("mode", "has_alpha"), [("L", False), ("LA", True), ("RGB", False), ("RGBA", True)])
def test_the_header_says_whether_pixels_may_be_transparent(tmp_path, mode, has_alpha):
    Image.fromarray(COLOUR).convert(mode).save(tmp_path / "a.png")
    assert header_of(tmp_path / "a.png", TRAINING).has_alpha == has_alpha


def test_colours():
    assert colour_of("white") == (255, 255, 255) and colour_of("#010203") == (1, 2, 3)
    for wrong in ("", "whiteish", "#12345", "#ffffff80", "x" * 300):
        with pytest.raises(ValueError):
            colour_of(wrong)
