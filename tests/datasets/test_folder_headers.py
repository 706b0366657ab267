import concurrent.futures

import numpy as np
import pytest
from PIL import Image

from compare_gan2.datasets.pictures.folder_listing import list_pictures
from compare_gan2.datasets.sources.folder_headers import attempt, headers_of, known_channels, large_enough
from compare_gan2.datasets.sources.folder_options import FolderOptions
from compare_gan2.ground.errors import DataError


def write(root, **shapes):
    for name, shape in shapes.items():
        Image.fromarray(np.zeros(shape, np.uint8)).save(root / f"{name}.png")
    return list_pictures(root)


def headers(listing, max_pixels=10**6):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return headers_of(listing, pool, max_pixels)


def test_sizes_and_reasons(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"")
    listing = write(tmp_path, grey=(8, 6), large=(40, 40), see_through=(4, 4, 4))
    found, bad = headers(listing, max_pixels=1000)
    assert [listing.names[number] for number in found] == ["grey.png", "see_through.png"]
    grey, see_through = found.values()
    assert grey.shape == (8, 6, 1) and not grey.has_alpha
    assert see_through.shape == (4, 4, 3) and see_through.has_alpha
    assert set(bad) == {"broken.png", "large.png"} and "too many pixels" in bad["large.png"]


@pytest.mark.parametrize(("channels", "expected"), [("auto", 3), ("grey", 1), ("colour", 3)])
def test_channels_are_foreseen(tmp_path, channels, expected):
    listing = write(tmp_path, a=(8, 8), b=(8, 8, 3))
    assert known_channels(listing, FolderOptions(path="x", resolution=8, channels=channels)) == expected


def test_channels_of_grey_pictures(tmp_path):
    assert known_channels(write(tmp_path, a=(8, 8)), FolderOptions(path="x", resolution=8)) == 1


@pytest.mark.parametrize(("crop", "left"), [("middle", ["both.png"]), ("pad", ["both.png", "wide.png"])])
def test_a_padded_picture_is_measured_by_its_longer_side(tmp_path, crop, left):
    listing = write(tmp_path, both=(8, 8), wide=(4, 8), small=(4, 4))
    options = FolderOptions(path="x", resolution=8, crop=crop, smaller="leave_out")
    found, count = large_enough(headers(listing)[0], listing, options)
    assert [listing.names[number] for number in found] == left and count == 3 - len(left)


def test_refused(tmp_path):
    listing = write(tmp_path, both=(8, 8), wide=(4, 9))
    options = FolderOptions(path="x", resolution=8, smaller="refuse")
    with pytest.raises(
        DataError, match=r"folder\.smaller: 1 of 2 .* such as wide\.png with 4x9 pixels \(height x width\); bind"
    ):
        large_enough(headers(listing)[0], listing, options)


def test_a_reason_is_one_line():
    def fail(path):
        raise OSError(f"{path}:\nno\n  luck")

    assert attempt(fail, "a.png") == (None, "a.png: no luck")
    assert attempt(len, "a.png") == (5, None)
