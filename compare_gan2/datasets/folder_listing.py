"""Which pictures a folder holds, and of which class each is."""

import dataclasses
import hashlib
import os
import pathlib

from compare_gan2.configuration import ConfigError
from compare_gan2.datasets.labels import UNLABELLED

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".avif")
SHOWN = 3  # names in a message


@dataclasses.dataclass(frozen=True)
class Listing:
    """Pictures of a folder in the order of their names.

    Attributes:
        root: the folder.
        names: paths below it, with forward slashes.
        labels: list of class numbers, -1 without classes.
        class_names: names of the sub-folders in alphabetical order; None if there are none.
        sizes: bytes of each file.
        mtimes: its time of modification in ns.
        others: paths below the folder of the files without a suffix of a picture, which are passed over.
    """

    root: pathlib.Path
    names: list
    labels: list
    class_names: tuple | None
    sizes: list
    mtimes: list
    others: list = dataclasses.field(default_factory=list)

    def digest(self, with_times):
        """Text that differs where names or sizes do; where times do, too, if asked for."""
        facts = zip(self.names, self.sizes, self.mtimes if with_times else self.sizes, strict=True)
        text = "".join(f"{name}\0{size}\0{time}\0" for name, size, time in facts)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def list_pictures(path):
    """`Listing` of a folder with one sub-folder per class, or with pictures and no sub-folders.

    What begins with a dot or two underscores (`__MACOSX`), and what has no suffix of a picture, is passed over; a
    folder that is named like a picture is no class.

    Raises:
        ConfigError: for a folder that is not there, or is laid out otherwise.
    """
    root = pathlib.Path(path).expanduser()
    if not root.is_dir():
        raise ConfigError(f"folder.path: expected a folder of pictures, there is no folder {root}")
    pictures, folders = _children(root)
    if pictures and folders:
        raise ConfigError(
            f"folder.path: expected pictures or one sub-folder per class in {root}, got {len(pictures)} pictures "
            f"(such as {pictures[0].name}) beside the sub-folders {_some(folders)}"
        )
    others = [path.relative_to(root).as_posix() for folder in (root, *folders) for path in _other_files(folder)]
    if not pictures and not folders:
        found = f"{len(others)} other files such as {others[0]}" if others else "none: it is empty"
        raise ConfigError(f"folder.path: expected pictures ({', '.join(SUFFIXES)}) in {root}, got {found}")
    labels = [UNLABELLED] * len(pictures)
    for label, folder in enumerate(folders):
        members = _members(folder, root)
        pictures += members
        labels += [label] * len(members)
    status = [os.stat(picture) if picture.exists() else os.lstat(picture) for picture in pictures]
    return Listing(
        root,
        [picture.relative_to(root).as_posix() for picture in pictures],
        labels,
        tuple(folder.name for folder in folders) or None,
        [found.st_size for found in status],
        [found.st_mtime_ns for found in status],
        others,
    )


def _members(folder, root):
    """The pictures of a class."""
    pictures, folders = _children(folder)
    for below in folders:
        if any(_is_picture(path) for path in below.rglob("*")):
            raise ConfigError(
                f"folder.path: expected pictures directly in each class of {root}, got the folder "
                f"{below.relative_to(root)} in class {folder.name}: it is one too deep"
            )
    if not pictures:
        raise ConfigError(f"folder.path: expected pictures in each class of {root}, class {folder.name} is empty")
    return pictures


def _children(folder):
    """(pictures, folders) in a folder, sorted by name."""
    paths = _visible(folder)
    named_so = [path for path in paths if path.suffix.lower() in SUFFIXES]
    folders = [path for path in paths if path.is_dir() and path not in named_so]
    return [path for path in named_so if _is_picture(path)], folders


def _visible(folder):
    return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "__")))


def _other_files(folder):
    return [path for path in _visible(folder) if path.is_file() and not _is_picture(path)]


def _is_picture(path):
    return path.suffix.lower() in SUFFIXES and not path.is_dir()


def _some(paths):
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(path.name for path in paths[:SHOWN]) + more
