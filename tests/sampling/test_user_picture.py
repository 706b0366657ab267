"""A user's picture as an image of a model's shape."""

import numpy as np
import pytest
from PIL import Image

from compare_gan2.ground.errors import DataError
from compare_gan2.sampling.user_picture import read_picture, require_picture


def saved(tmp_path, array, name="a.png"):
    Image.fromarray(array).save(tmp_path / name)
    return tmp_path / name


def test_pixels_are_kept_and_channels_converted(tmp_path):
    grey = np.random.default_rng(0).integers(0, 256, [5, 7], dtype=np.uint8)
    path = saved(tmp_path, grey)
    np.testing.assert_array_equal(read_picture(path, (5, 7, 1))[:, :, 0], grey)
    np.testing.assert_array_equal(read_picture(path, (5, 7, 3)), np.repeat(grey[:, :, None], 3, axis=2))
    clear = saved(tmp_path, np.dstack([grey, grey, grey, np.zeros_like(grey)]), "clear.png")
    assert np.all(read_picture(clear, (5, 7, 3)) == 255)


def test_another_size_is_refused_or_cropped(tmp_path):
    wide = np.zeros([8, 24], np.uint8)
    wide[:, 8:16] = 200
    path = saved(tmp_path, wide)
    with pytest.raises(
        DataError, match=r"expected a picture of 4x4 pixels, .* has 8x24 pixels \(height x width\); --resize"
    ):
        read_picture(path, (4, 4, 1))
    fitted = read_picture(path, (4, 4, 1), fit=True)
    assert fitted.shape == (4, 4, 1) and fitted.min() > 150  # the middle


def test_what_is_no_picture(tmp_path):
    (tmp_path / "a.png").write_text("text")
    with pytest.raises(DataError, match="--project: .*a.png cannot be read as a picture"):
        read_picture(tmp_path / "a.png", (4, 4, 1))
    with pytest.raises(DataError, match="--project: .*a.png cannot be read as a picture"):
        require_picture(tmp_path / "a.png")
    with pytest.raises(DataError, match="--project: expected a picture, there is no .*b.png"):
        require_picture(tmp_path / "b.png")
    with pytest.raises(DataError, match=f"--project: expected a picture, {tmp_path} is a folder"):
        require_picture(tmp_path)
