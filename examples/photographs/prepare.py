"""Cuts the photographs that come with scikit-image into squares, one sub-folder per photograph.

    pip install scikit-image
    python examples/photographs/prepare.py

The folder `photographs` then holds 1,800 crops of 64x64 pixels in five classes, for `folder.path = "photographs"`.
"""

import argparse
import os
import pathlib
import shutil
import sys

import numpy as np
from PIL import Image

# Photographs in colour that are files of the package; its other ones would be downloaded.
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "hubble_deep_field", "rocket")
LARGEST = 3  # times the side of a crop; larger regions are scaled down to it


class BadInput(Exception):
    """What the user gave cannot be used; the message says what was expected."""


def main(arguments=None):
    """Exit code of the command."""
    options = _parser().parse_args(arguments)
    try:
        count = prepare(options.output, options.side, options.crops)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    size = f"{options.side}x{options.side}"
    names = ", ".join(PHOTOGRAPHS)
    print(f"{options.output}: {count} crops of {size} pixels of {len(PHOTOGRAPHS)} photographs: {names}")
    print("crops of a photograph overlap: those that are held out are not independent of those of training")
    print("licences of the photographs: README.md beside this script")
    return 0


def prepare(output, side=64, crops=360, read=None):
    """Number of crops that are written; the same in every call.

    Args:
        output: path of the folder, which must not exist or be empty.
        side: of a crop in pixels.
        crops: of each photograph.
        read: function (name) -> uint8 [H,W,3]; None: scikit-image's photographs.

    Raises:
        BadInput: for a folder that holds something, sizes out of range, or without scikit-image.
    """
    output, read = pathlib.Path(output), read or _photograph
    for name, value, high in (("--side", side, 256), ("--crops", crops, 100_000)):
        if not 1 <= value <= high:
            raise BadInput(f"{name}: expected a whole number from 1 to {high}, got {value}")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise BadInput(f"--output: expected a folder that does not exist or is empty, got {output}")
    temporary = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    try:
        for number, name in enumerate(PHOTOGRAPHS):
            photograph, random = read(name), np.random.default_rng([0, number])
            (temporary / name).mkdir(parents=True)
            for index in range(crops):
                _crop(photograph, side, random).save(temporary / name / f"{index:05}.png")
        if output.exists():
            output.rmdir()
        os.rename(temporary, output)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return crops * len(PHOTOGRAPHS)


def _crop(photograph, side, random):
    """`PIL.Image.Image` of a square region anywhere, of one to `LARGEST` times the side, resized (Lanczos)."""
    height, width = photograph.shape[:2]
    region = int(min(side * random.uniform(1, LARGEST), height, width))
    top, left = (int(random.integers(0, length - region + 1)) for length in (height, width))
    cut = Image.fromarray(photograph[top : top + region, left : left + region])
    return cut if region == side else cut.resize((side, side), Image.Resampling.LANCZOS)


def _photograph(name):
    try:
        import skimage.data
    except ImportError as error:
        raise BadInput("the photographs come with scikit-image, which is missing: pip install scikit-image") from error
    return np.asarray(getattr(skimage.data, name)())[..., :3]


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    output = pathlib.Path("photographs")
    parser.add_argument("--output", type=pathlib.Path, default=output, help="folder to make (photographs)")
    parser.add_argument("--side", type=int, default=64, help="of a crop in pixels (64)")
    parser.add_argument("--crops", type=int, default=360, help="of each photograph (360)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
