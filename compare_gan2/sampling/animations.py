"""Animations as GIF, WebP, animated PNG (Pillow) or MP4 (imageio with ffmpeg, the extra `video`)."""

import numpy as np
from PIL import Image

from compare_gan2.ground import files
from compare_gan2.ground.errors import MissingPackageError

FORMATS = {"gif": ".gif", "webp": ".webp", "apng": ".png", "mp4": ".mp4"}  # name: suffix of its files


def require_writer(name):
    """Raises a `MissingPackageError` if the format needs a package that is not installed."""
    if name != "mp4":
        return
    try:
        import imageio_ffmpeg  # here, since few need it

        imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise MissingPackageError(
            "--format=mp4: expected imageio with ffmpeg, which is not installed: pip install 'compare_gan2[video]'; "
            "gif, webp and apng need nothing more"
        ) from error


def write_animation(path, frames, name, frames_per_second=12.0):
    """Writes frames as an animation that repeats (MP4: once), whole or not at all.

    GIF has 256 colours per frame; WebP and animated PNG keep every pixel; MP4 (H.264) is lossy, and sides are filled up
    with white to even numbers.

    Args:
        path: of the file.
        frames: uint8 [T, height, width, 1 or 3].
        name: a key of `FORMATS`.
        frames_per_second: speed.

    Raises:
        MissingPackageError: for MP4 without its package.
        OSError: if the file cannot be written.
    """
    require_writer(name)
    frames = np.broadcast_to(frames, [*frames.shape[:3], 3])
    with files.replacing(path) as file:
        if name == "mp4":
            file.write(_mp4(frames, frames_per_second))
            return
        pictures = [Image.fromarray(np.ascontiguousarray(frame)) for frame in frames]
        if name == "gif":  # half the largest error of Pillow's own choice of colours, and none for up to 256
            how = {"method": Image.Quantize.MAXCOVERAGE, "dither": Image.Dither.NONE}
            pictures = [picture.quantize(256, **how) for picture in pictures]
        # Of WebP and PNG every pixel is kept. A GIF counts hundredths of a second.
        options = {"gif": {"optimize": False}, "webp": {"lossless": True, "quality": 50}, "apng": {}}[name]
        pictures[0].save(
            file,
            format="png" if name == "apng" else name,
            save_all=True,
            append_images=pictures[1:],
            duration=round(1000 / frames_per_second),
            loop=0,
            **options,
        )


def _mp4(frames, frames_per_second):
    """Bytes of an H.264 video."""
    import tempfile

    import imageio.v3 as imageio

    height, width = frames.shape[1:3]
    frames = np.pad(frames, [(0, 0), (0, height % 2), (0, width % 2), (0, 0)], constant_values=255)
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:  # ffmpeg needs a name
        imageio.imwrite(
            file.name, frames, plugin="FFMPEG", fps=frames_per_second, codec="libx264", macro_block_size=2, quality=9
        )
        return file.read()
