import os

import numpy as np
import pytest
from PIL import Image

from compare_gan2.reporting import pictures


def flat_images(levels, side, channels=1):
    """float [n, side, side, channels], image i filled with levels[i] / 255."""
    return np.float32(levels)[:, None, None, None] / 255 * np.ones([1, side, side, channels], np.float32)


def test_grid_geometry_and_pixels():
    grid = pictures.image_grid(flat_images([0, 10, 20, 30, 40], 2), columns=3, padding=1)
    w = 255
    expected = [
        [w, w, w, w, w, w, w, w, w, w],
        [w, 0, 0, w, 10, 10, w, 20, 20, w],
        [w, 0, 0, w, 10, 10, w, 20, 20, w],
        [w, w, w, w, w, w, w, w, w, w],
        [w, 30, 30, w, 40, 40, w, w, w, w],
        [w, 30, 30, w, 40, 40, w, w, w, w],
        [w, w, w, w, w, w, w, w, w, w],
    ]
    assert grid.dtype == np.uint8 and grid.shape == (7, 10, 1)
    np.testing.assert_array_equal(grid[:, :, 0], expected)


def test_grid_keeps_every_pixel_of_oblong_colour_images():
    pixels = np.random.default_rng(0).integers(0, 256, [6, 3, 5, 3], dtype=np.uint8)
    grid = pictures.image_grid(pixels / 255, columns=2, padding=4)
    assert grid.shape == (3 * 7 + 4, 2 * 9 + 4, 3)
    for index in range(6):
        y, x = 4 + index // 2 * 7, 4 + index % 2 * 9
        np.testing.assert_array_equal(grid[y : y + 3, x : x + 5], pixels[index])
    np.testing.assert_array_equal(pictures.image_grid(pixels[:1] / 255, columns=1, padding=0), pixels[0])


@pytest.mark.parametrize(
    "images, message",
    [
        (np.zeros([2, 4, 4, 2]), r"expected \[n, height, width, 1 or 3\].*got \(2, 4, 4, 2\)"),
        (np.zeros([4, 4, 1]), r"got \(4, 4, 1\)"),
        (np.zeros([0, 4, 4, 1]), r"got \(0, 4, 4, 1\)"),
        (np.full([1, 2, 2, 1], 255.0), r"numbers in \[0, 1\], got 255.0 to 255.0"),
        (np.full([1, 2, 2, 1], -0.5), r"numbers in \[0, 1\], got -0.5"),
        (np.full([1, 2, 2, 1], np.nan), r"numbers in \[0, 1\], got nan"),
    ],
)
def test_grid_refuses_what_is_not_images(images, message):
    with pytest.raises(ValueError, match=message):
        pictures.image_grid(images, columns=2)


@pytest.mark.parametrize("shape, mode", [([4, 6], "L"), ([4, 6, 1], "L"), ([4, 6, 3], "RGB")])
def test_saved_png_reopens_with_the_same_pixels(tmp_path, shape, mode):
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    (tmp_path / "a.png").write_bytes(b"an older picture")
    pictures.save_png(tmp_path / "a.png", array)
    with Image.open(tmp_path / "a.png") as image:
        assert (image.format, image.mode, image.size) == ("PNG", mode, (6, 4))
        np.testing.assert_array_equal(np.asarray(image).reshape(shape), array)
    assert os.listdir(tmp_path) == ["a.png"]


def test_save_refuses_other_arrays(tmp_path):
    with pytest.raises(ValueError, match=r"got float64 \(4, 4\)"):
        pictures.save_png(tmp_path / "a.png", np.zeros([4, 4]))
    with pytest.raises(ValueError, match=r"got uint8 \(4, 4, 2\)"):
        pictures.save_png(tmp_path / "a.png", np.zeros([4, 4, 2], np.uint8))
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("side, factor", [(32, 2), (28, 2), (16, 4), (64, 1), (128, 1)])
def test_small_images_are_enlarged_by_whole_pixels(side, factor):
    array = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    enlarged = pictures.enlarge(array, side)
    assert enlarged.shape == (2 * factor, 2 * factor, 3)
    np.testing.assert_array_equal(enlarged[::factor, ::factor], array)
    np.testing.assert_array_equal(enlarged[factor - 1 :: factor, factor - 1 :: factor], array)


def test_class_grid_has_a_labelled_row_per_class():
    rows = [flat_images([40 * label + 20 + i for i in range(4)], 32) for label in range(3)]
    picture = pictures.class_grid(rows, ["zero", "one", "two"], title="step 500")
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    left = picture.shape[1] - 16 - (4 * 33 + 1) * 2
    for label in range(3):
        for index in range(4):
            top = 48 + (label * 33 + 1) * 2
            cell = picture[top : top + 64, left + (index * 33 + 1) * 2 :][:, :64]
            assert (cell == 40 * label + 20 + index).all(), (label, index)
        name = picture[48 + label * 66 + 2 : 48 + label * 66 + 66, 16:left]
        assert name.min() < 100
        assert abs(np.where(name < 100)[0].mean() - 32) < 4  # beside the middle of its row
    assert picture.shape[0] == 48 + 3 * 66 + 16  # title, three rows, margin; the last white line is in the margin
    assert picture[:48].min() < 100
    assert (picture[:, :16] == 255).all() and (picture[-16:] == 255).all()


def test_class_grid_without_title_is_the_same_but_for_the_title():
    rows = [flat_images([0, 100], 64, 3)] * 2
    titled, plain = (pictures.class_grid(rows, ["a", "b"], title) for title in ("t", ""))
    np.testing.assert_array_equal(titled[48:], plain[16:])


def test_class_grid_cuts_long_names():
    rows = [flat_images([0], 64)]
    narrow = pictures.class_grid(rows, ["x" * 500])
    assert narrow.shape[1] <= 16 + 220 + 8 + 66 + 16


def test_class_grid_wants_a_name_per_class():
    with pytest.raises(ValueError, match="class_names: expected 2 names, got 1"):
        pictures.class_grid([flat_images([0], 8)] * 2, ["a"])


def test_real_is_left_of_fake_under_headings():
    picture = pictures.real_and_fake(flat_images([100] * 4, 32), flat_images([200] * 4, 32))
    side = (2 * 33 + 1) * 2
    assert picture.shape == (16 + 32 + side + 16, 3 * 16 + 2 * side, 3)
    for level, left in ((100, 16), (200, 32 + side)):
        half = picture[48 : 48 + side, left : left + side]
        assert set(np.unique(half)) == {level, 255}
        assert (half == level).sum() == 4 * 64 * 64 * 3
        assert picture[16:48, left : left + side].min() < 100


def test_real_and_fake_are_of_one_shape():
    with pytest.raises(ValueError, match=r"fake: expected the shape of real, \(4, 8, 8, 1\), got \(2, 8, 8, 1\)"):
        pictures.real_and_fake(flat_images([0] * 4, 8), flat_images([0] * 2, 8))


def test_sample_grid_is_square():
    picture = pictures.sample_grid(flat_images(range(9), 64))
    assert picture.shape == (16 + 3 * 65 + 1 + 16, 16 + 3 * 65 + 1 + 16, 3)
    assert [picture[16 + 1 + 65 * (i // 3), 16 + 1 + 65 * (i % 3), 0] for i in range(9)] == list(range(9))


def test_captioned_rows_have_names_headings_and_captions():
    rows = [flat_images([10, 20, 30], 32), flat_images([40, 50], 32)]
    names, headings = ["first", "second"], ["a", "b", "c"]
    plain = pictures.captioned_grid(rows)
    assert plain.dtype == np.uint8 and plain.shape == (2 * 66 + 32, 3 * 66 + 32, 3)
    for level in (10, 20, 30, 40, 50):
        assert np.count_nonzero((plain == level).all(axis=2)) == 64 * 64
    captions = [["one", "two", "three"], ["four", "a caption as long as this one is widens all columns"]]
    full = pictures.captioned_grid(rows, names, headings, captions, "Title")
    assert full.shape[0] > plain.shape[0] + 3 * 18 and full.shape[1] > plain.shape[1] + 300
    for level in (10, 20, 30, 40, 50):
        assert np.count_nonzero((full == level).all(axis=2)) >= 64 * 64
    longer = pictures.captioned_grid(rows, names, headings, captions, "A title that is longer than before")
    assert longer.shape == full.shape and np.any(longer != full)


@pytest.mark.parametrize("names", [{"row_names": ["a"]}, {"column_names": ["a", "b", "c"]}])
def test_captioned_rows_need_as_many_names(names):
    with pytest.raises(ValueError, match=f"{next(iter(names))}: expected 2 names, got"):
        pictures.captioned_grid([flat_images([1, 2], 8), flat_images([3], 8)], **names)


def test_a_long_title_shrinks_before_it_is_cut():
    title = "digits, style of seed 3"
    found = [pictures.captioned_grid([flat_images([0] * count, 32)], title=title) for count in (3, 9)]
    ink = [np.flatnonzero((picture[:48] < 255).any(axis=(0, 2))) for picture in found]
    assert ink[0][0] >= 8 and ink[0][-1] < found[0].shape[1] - 8
    assert ink[0][-1] - ink[0][0] < ink[1][-1] - ink[1][0]


def test_a_title_that_does_not_fit_takes_more_lines():
    titles = [f"digits, step 8, DRS, percentile 80, {weights} weights" for weights in ("averaged", "raw")]
    found = [pictures.sample_grid(flat_images([0] * 9, 32), title) for title in titles]
    plain = pictures.sample_grid(flat_images([0] * 9, 32))
    for picture in found:
        extra = picture.shape[0] - plain.shape[0]
        assert extra == 32 + 18  # one line more
        np.testing.assert_array_equal(picture[extra + 16 :], plain[16:])
        assert (picture[:, :16] == 255).all() and (picture[:, -16:] == 255).all()
    assert np.any(found[0] != found[1])  # the last word is there


def test_a_title_of_many_lines_is_cut():
    picture = pictures.sample_grid(flat_images([0], 32), "many words " * 20)
    assert picture.shape[0] - pictures.sample_grid(flat_images([0], 32)).shape[0] == 32 + 3 * 18
    assert (picture[:, :10] == 255).all() and (picture[:, -10:] == 255).all()
