"""Pictures in a run's folder."""

import numpy as np
import pytest
from PIL import Image

from compare_gan2.run_folder.picture_files import whole_picture

PIXELS = np.full([5, 7, 3], 204, np.uint8)  # which the palette has


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA"])
def test_a_picture_of_any_mode_is_read_in_colours(mode, tmp_path):
    Image.fromarray(PIXELS).convert(mode).save(tmp_path / "a.png")
    np.testing.assert_array_equal(whole_picture(tmp_path / "a.png"), PIXELS)


@pytest.mark.parametrize("content", [None, b"", b"text", "cut"])
def test_what_is_not_whole(content, tmp_path):
    path = tmp_path / "a.png"
    if content is not None:
        Image.fromarray(PIXELS).save(path)
        path.write_bytes(path.read_bytes()[:-20] if content == "cut" else content)
    assert whole_picture(path) is None
