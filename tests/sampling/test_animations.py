"""Animations by the readers of others: number of frames, speed, pixels."""

import sys

import numpy as np
import pytest
from PIL import Image

from compare_gan2.ground.errors import MissingPackageError
from compare_gan2.sampling.animations import FORMATS, require_writer, write_animation

LEVELS = [0, 60, 120, 250]
FRAMES = np.uint8(LEVELS)[:, None, None, None] * np.ones([1, 18, 21, 1], np.uint8)


@pytest.mark.parametrize("name, duration", [("gif", 200), ("webp", 200), ("apng", 200)])
@pytest.mark.parametrize("channels", [1, 3])
def test_an_animation_holds_every_frame(tmp_path, name, duration, channels):
    path = tmp_path / f"a{FORMATS[name]}"
    write_animation(path, np.repeat(FRAMES, channels, axis=3), name, frames_per_second=5)
    with Image.open(path) as found:
        assert found.n_frames == 4 and found.size == (21, 18) and found.info["loop"] == 0
        for number, level in enumerate(LEVELS):
            found.seek(number)
            np.testing.assert_array_equal(np.asarray(found.convert("RGB")), np.full([18, 21, 3], level))
            assert found.info.get("duration", duration) == duration
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_colours_survive(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, [3, 8, 8, 3], dtype=np.uint8)
    for name in ("webp", "apng"):
        write_animation(tmp_path / name, frames, name)
        with Image.open(tmp_path / name) as found:
            for number in range(3):
                found.seek(number)
                np.testing.assert_array_equal(np.asarray(found.convert("RGB")), frames[number])


def test_a_gif_of_up_to_256_colours_is_exact_and_of_more_near(tmp_path):
    few = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, axis=3)
    many = np.random.default_rng(0).integers(0, 256, [1, 64, 64, 3], dtype=np.uint8)
    for frames, largest in ((few, 0), (many, 40)):
        write_animation(tmp_path / "a.gif", frames, "gif")
        with Image.open(tmp_path / "a.gif") as found:
            difference = np.abs(np.asarray(found.convert("RGB")).astype(int) - frames[0])
        assert difference.max() <= largest


def test_a_video(tmp_path):
    imageio = pytest.importorskip("imageio.v3")
    pytest.importorskip("imageio_ffmpeg")
    write_animation(tmp_path / "a.mp4", np.repeat(FRAMES, 3, axis=0), "mp4", frames_per_second=10)
    found = imageio.imread(tmp_path / "a.mp4", plugin="FFMPEG")
    assert found.shape == (12, 18, 22, 3)  # sides are even
    np.testing.assert_allclose(found[::3, 9, 9, 0].astype(int), LEVELS, atol=8)


def test_a_video_without_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MissingPackageError, match=r"--format=mp4: .* pip install 'compare_gan2\[video\]'"):
        require_writer("mp4")
    require_writer("gif")
