"""The pictures of a folder to train on, and the class of each."""

import dataclasses
import hashlib
import os
import pathlib

from compare_gan2.datasets.labels.label_options import UNLABELLED
from compare_gan2.datasets.pictures.folder_contents import SUFFIXES, FolderContents, directly_in, everywhere_in
from compare_gan2.ground.errors import DataError

OPTION = "folder.path"
SHOWN = 3  # names in a message


@dataclasses.dataclass(frozen=True)
class Listing:
    """Pictures of a folder in the order of their names.

    Attributes:
        root: path of the folder.
        names: paths below it, with forward slashes.
        labels: class numbers of the pictures, -1 without classes.
        class_names: names of the sub-folders in alphabetical order; None without sub-folders.
        sizes: bytes of each file.
        mtimes: time of modification of each file in ns.
        left_out: `FolderContents` of the folder and its classes, for what is passed over.
    """

    root: pathlib.Path
    names: list
    labels: list
    class_names: tuple | None
    sizes: list
    mtimes: list
    left_out: FolderContents = dataclasses.field(default_factory=FolderContents)

    @property
    def num_classes(self):
        """Number of classes; None without classes."""
        return len(self.class_names) if self.class_names else None

    def digest(self, with_times):
        """Text that differs where names or sizes do and, if `with_times`, where times do."""
        facts = zip(self.names, self.sizes, self.mtimes if with_times else self.sizes, strict=True)
        text = "".join(f"{name}\0{size}\0{time}\0" for name, size, time in facts)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def list_pictures(path):
    """`Listing` of a folder with one sub-folder per class, or with pictures and no sub-folders.

    Raises:
        DataError: for a folder that is missing, or laid out otherwise.
    """
    root = pathlib.Path(path).expanduser()
    if not root.is_dir():
        raise DataError(f"{OPTION}: expected a folder of pictures, there is no folder {root}")
    found = directly_in(root, OPTION)
    if found.pictures and found.folders:
        raise DataError(
            f"{OPTION}: expected pictures or one sub-folder per class in {root}, got {len(found.pictures)} pictures "
            f"(such as {found.pictures[0].name}) beside the sub-folders {_some(found.folders)}"
        )
    if not found.pictures and not found.folders:
        others = f"{len(found.others)} other files such as {found.others[0].name}" if found.others else None
        raise DataError(
            f"{OPTION}: expected pictures ({', '.join(SUFFIXES)}) in {root}, got {others or 'none: it is empty'}"
        )
    pictures, labels = found.pictures, [UNLABELLED] * len(found.pictures)
    for label, folder in enumerate(found.folders):
        members = _class_contents(folder, root)
        pictures += members.pictures
        labels += [label] * len(members.pictures)
        for reason in ("hidden", "others", "misnamed", "special"):
            getattr(found, reason).extend(getattr(members, reason))
    status = [os.stat(picture) if picture.exists() else os.lstat(picture) for picture in pictures]
    return Listing(
        root,
        [picture.relative_to(root).as_posix() for picture in pictures],
        labels,
        tuple(folder.name for folder in found.folders) or None,
        [file.st_size for file in status],
        [file.st_mtime_ns for file in status],
        found,
    )


def _class_contents(folder, root):
    """`FolderContents` of the folder of a class, which holds pictures directly."""
    found = directly_in(folder, OPTION)
    for below in found.folders:
        if everywhere_in(below, OPTION).pictures:
            raise DataError(
                f"{OPTION}: expected pictures directly in each class of {root}, got the folder "
                f"{below.relative_to(root)} in class {folder.name}: it is one too deep"
            )
    if not found.pictures:
        raise DataError(f"{OPTION}: expected pictures in each class of {root}, class {folder.name} is empty")
    return found


def _some(paths):
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(path.name for path in paths[:SHOWN]) + more
