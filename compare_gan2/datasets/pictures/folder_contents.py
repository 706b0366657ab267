"""Which pictures and sub-folders a folder holds, and what of it is left out: one rule for training and scoring.

A picture is a file with one of `SUFFIXES`, in capitals or not. Names that start with a dot or two underscores are left
out (`.ipynb_checkpoints`, `._a.png`, `__MACOSX`), and so are folders that are named like a picture, pipes, sockets and
devices. Links are followed.
"""

import dataclasses
import os
import pathlib

from compare_gan2.ground.errors import DataError

_UNLABELLED = ("unlabelled", "unlabeled", "unsup", "unsupervised", "unlabelled_images", "unlabeled_images")
SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".avif")


@dataclasses.dataclass(frozen=True)
class FolderContents:
    """What a folder holds, all sorted by path.

    Attributes:
        pictures: paths of pictures; broken links are among them, so that they are reported when they are read.
        folders: paths of sub-folders.
        hidden: paths with a name that starts with a dot or two underscores.
        others: paths of files without the suffix of a picture.
        special: paths of pipes, sockets and devices, which are never opened.
        misnamed: paths of folders with the suffix of a picture.
    """

    pictures: list = dataclasses.field(default_factory=list)
    folders: list = dataclasses.field(default_factory=list)
    hidden: list = dataclasses.field(default_factory=list)
    others: list = dataclasses.field(default_factory=list)
    misnamed: list = dataclasses.field(default_factory=list)
    special: list = dataclasses.field(default_factory=list)


def directly_in(folder, option):
    """`FolderContents` of a folder without what its sub-folders hold.

    Args:
        folder: path.
        option: name of the option that the folder comes from, for messages.

    Raises:
        DataError: if the folder cannot be listed.
    """
    found = FolderContents()
    try:
        with os.scandir(folder) as entries:
            kinds = sorted((entry.name, _kind(entry)) for entry in entries)
    except OSError as error:
        raise DataError(f"{option}: the folder {folder} cannot be read: {error.strerror}") from error
    for name, kind in kinds:
        getattr(found, kind).append(pathlib.Path(folder) / name)
    return found


def everywhere_in(root, option):
    """`FolderContents` of a folder and of all that its sub-folders hold; see `directly_in`."""
    found = FolderContents()
    _visit(pathlib.Path(root), option, found, ())
    for field in dataclasses.fields(FolderContents):
        getattr(found, field.name).sort()
    return found


def looks_unlabelled(name):
    """Whether a folder's name, such as "unlabelled" or "Unlabeled-Images", says that its pictures have no label."""
    return name.lower().replace("-", "_").replace(" ", "_") in _UNLABELLED


def _visit(folder, option, found, above):
    """Adds what is in a folder and below; `above` holds the real paths of the folders that it is in."""
    real = os.path.realpath(folder)
    if real in above:  # a link to a folder that holds it
        return
    contents = directly_in(folder, option)
    for field in dataclasses.fields(FolderContents):
        getattr(found, field.name).extend(getattr(contents, field.name))
    for below in contents.folders:
        _visit(below, option, found, (*above, real))


def _kind(entry):
    """Name of the list of `FolderContents` that an `os.DirEntry` belongs to."""
    if entry.name.startswith((".", "__")):
        return "hidden"
    is_named_so = os.path.splitext(entry.name)[1].lower() in SUFFIXES
    if entry.is_dir():
        return "misnamed" if is_named_so else "folders"
    if os.path.exists(entry.path) and not entry.is_file():  # a pipe would be waited for
        return "special"
    return "pictures" if is_named_so else "others"
