"""Turns the npm package emoji-datasource-google into a folder of drawings with one sub-folder per class.

    npm pack emoji-datasource-google@16.0.0
    python examples/emoji/prepare.py emoji-datasource-google-16.0.0.tgz

The folder `emoji` then holds 1,906 drawings of 64x64 pixels in nine classes, for `folder.path = "emoji"`.
"""

import argparse
import collections
import io
import json
import os
import pathlib
import re
import shutil
import sys
import tarfile

from PIL import Image, ImageColor

PACKAGE = "emoji-datasource-google"
PICTURES = "package/img/google/64"
SWATCHES = "Component"  # five patches of skin tones, which are no drawings
KEEP = "keep"
LICENCE = """Drawings of Google's Noto Emoji, from the npm package emoji-datasource-google.
Drawings: Apache License 2.0, as the README of the package says under "Image Sources".
Names and classes (emoji.json): MIT, copyright (c) 2013 Cal Henderson.
"""


class BadInput(Exception):
    """What the user gave cannot be used; the message says what was expected."""


def main(arguments=None):
    """Exit code of the command."""
    options = _parser().parse_args(arguments)
    try:
        counts = prepare(options.package, options.output, options.background)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    print(f"{options.output}: {sum(counts.values())} drawings in {len(counts)} classes: {listed}")
    ground = "left as it is" if options.background == KEEP else f"put on {options.background}"
    print(f"transparency: {ground}; skin-tone variants and the {SWATCHES} patches are left out")
    print(f"licence of the drawings: {options.output / 'LICENCE.txt'}")
    return 0


def prepare(package, output, background="white"):
    """{class: number of drawings} of the folder that is made.

    Args:
        package: path of the `.tgz` file.
        output: path of the folder, which must not exist or be empty.
        background: colour under transparent pixels, a name or "#rrggbb"; "keep" copies the files as they are.

    Raises:
        BadInput: for another file, a folder that holds something, or an unknown colour.
    """
    output = pathlib.Path(output)
    if background != KEEP:
        try:
            ImageColor.getrgb(background)
        except ValueError as error:
            raise BadInput(
                f"--background: expected a name of a colour, #rrggbb or {KEEP}, got {background!r}"
            ) from error
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise BadInput(f"--output: expected a folder that does not exist or is empty, got {output}")
    contents = _contents(package)
    temporary = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    counts = collections.Counter()
    try:
        for entry in json.loads(contents["package/emoji.json"]):
            drawing = contents.get(f"{PICTURES}/{entry['image']}")
            if entry["category"] == SWATCHES or drawing is None:
                continue
            name = class_name(entry["category"])
            (temporary / name).mkdir(parents=True, exist_ok=True)
            (temporary / name / pathlib.PurePath(entry["image"]).name).write_bytes(on_background(drawing, background))
            counts[name] += 1
        if not counts:
            raise BadInput(f"{package}: expected drawings in {PICTURES}, found none")
        (temporary / "LICENCE.txt").write_text(LICENCE)
        if output.exists():
            output.rmdir()
        os.rename(temporary, output)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return dict(counts)


def class_name(category):
    """Name of the sub-folder of a category, such as "people_body" for "People & Body"."""
    return re.sub(r"[^a-z0-9]+", "_", category.lower()).strip("_")


def on_background(drawing, background):
    """Bytes of an opaque PNG file, from those of a drawing with transparency."""
    if background == KEEP:
        return drawing
    picture = Image.open(io.BytesIO(drawing)).convert("RGBA")
    opaque = Image.alpha_composite(Image.new("RGBA", picture.size, background), picture).convert("RGB")
    written = io.BytesIO()
    opaque.save(written, "PNG")
    return written.getvalue()


def _contents(package):
    """{name: bytes} of what is read of the package; nothing is unpacked to disk."""
    try:
        with tarfile.open(package) as archive:
            wanted = [member for member in archive if member.isfile() and _is_wanted(member.name)]
            contents = {member.name: archive.extractfile(member).read() for member in wanted}
    except (OSError, tarfile.TarError, EOFError) as error:
        raise BadInput(
            f"{package}: expected the file that `npm pack {PACKAGE}@16.0.0` writes, cannot read it: {error}"
        ) from error
    if "package/emoji.json" not in contents:
        raise BadInput(f"{package}: expected the npm package {PACKAGE}, there is no package/emoji.json in it")
    return contents


def _is_wanted(name):
    return name == "package/emoji.json" or name.startswith(f"{PICTURES}/")


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("package", help=f"file that `npm pack {PACKAGE}@16.0.0` writes")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("emoji"), help="folder to make (emoji)")
    parser.add_argument(
        "--background",
        default="white",
        help=f"colour under transparent pixels: a name, #rrggbb, or {KEEP} for the files as they are (white)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
