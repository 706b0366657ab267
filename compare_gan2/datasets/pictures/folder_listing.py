"""The pictures of a folder to train on, and the class of each."""

import dataclasses
import hashlib
import os
import pathlib

from compare_gan2.datasets.labels.label_options import UNLABELLED
from compare_gan2.datasets.pictures import unlabelled_folder
from compare_gan2.datasets.pictures.folder_contents import SUFFIXES, FolderContents, directly_in, everywhere_in
from compare_gan2.ground.errors import DataError

OPTION = "folder.path"
SHOWN = 3  # names in a message
_LEFT_OUT = ("hidden", "others", "misnamed", "special")
_MARK = "\0unlabelled"  # no part of a path


@dataclasses.dataclass(frozen=True)
class Listing:
    """Pictures of a folder: loose ones, then those of the classes, then those of an unlabelled folder, each by name.

    Attributes:
        root: path of the folder.
        names: paths below it, with forward slashes; below the parent of `outside` for pictures of that folder.
        labels: class numbers of the pictures, -1 without a label.
        class_names: names of the sub-folders in alphabetical order; None without classes.
        sizes: bytes of each file.
        mtimes: time of modification of each file in ns.
        left_out: `FolderContents` of the folder and its classes, for what is passed over.
        outside: folder of unlabelled pictures that is not below `root`; None without one.
        ctimes: time of the last change of each file in ns, of its status too; no program can set it.
    """

    root: pathlib.Path
    names: list
    labels: list
    class_names: tuple | None
    sizes: list
    mtimes: list
    left_out: FolderContents = dataclasses.field(default_factory=FolderContents)
    outside: pathlib.Path | None = None
    ctimes: list = dataclasses.field(default_factory=list)

    @property
    def last_changes(self):
        """Text that differs if any file was changed, moved or replaced since, whatever its size and time are."""
        return hashlib.sha256(repr(self.ctimes).encode()).hexdigest()[:16]

    @property
    def num_classes(self):
        """Number of classes; None without classes."""
        return len(self.class_names) if self.class_names else None

    @property
    def num_unlabelled(self):
        """Pictures without a label beside classes; 0 without classes."""
        return self.labels.count(UNLABELLED) if self.class_names else 0

    def path_of(self, number):
        """Path of a picture."""
        name = self.names[number]
        is_outside = self.outside is not None and name.startswith(f"{self.outside.name}/")
        return (self.outside.parent if is_outside else self.root) / name

    def name_and_kind(self, number):
        """Name of a picture, which is also that of its class; marked if it has none beside classes."""
        is_unlabelled = self.class_names is not None and self.labels[number] == UNLABELLED
        return f"{self.names[number]}{_MARK if is_unlabelled else ''}"

    def digest(self, with_times):
        """Text that differs where names, sizes or classes do and, if `with_times`, where times do."""
        names = map(self.name_and_kind, range(len(self.names)))
        facts = zip(names, self.sizes, self.mtimes if with_times else self.sizes, strict=True)
        text = "".join(f"{name}\0{size}\0{time}\0" for name, size, time in facts)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def list_pictures(path, unlabelled=None, loose="refuse"):
    """`Listing` of a folder with one sub-folder per class, or with pictures and no sub-folders.

    Args:
        path: of the folder.
        unlabelled: folder of pictures without a label, at any depth: a sub-folder by its name, or a path; None: none.
        loose: "refuse" or "unlabelled": what pictures beside sub-folders of classes are.

    Raises:
        DataError: for a folder that is missing, empty, or laid out otherwise.
    """
    root = pathlib.Path(path).expanduser()
    if not root.is_dir():
        there = "got the file" if root.exists() else "there is no folder"
        raise DataError(f"{OPTION}: expected a folder of pictures, {there} {root}")
    found, pool = directly_in(root, OPTION), None
    if unlabelled is not None:
        pool = unlabelled_folder.of(root, unlabelled, found.folders)
    if pool is not None and pool.is_root:
        found = FolderContents(
            **{name: getattr(pool.contents, name) for name in _LEFT_OUT}
        )  # its pictures and folders are those of the pool
    classes = [folder for folder in found.folders if pool is None or folder != pool.path]
    if found.pictures and classes and loose == "refuse":
        raise DataError(
            f"{OPTION}: expected pictures or one sub-folder per class in {root}, got {len(found.pictures)} pictures "
            f"(such as {found.pictures[0].name}) beside the sub-folders {_some(classes)}; "
            "folder.loose = 'unlabelled' takes them as pictures without a label"
        )
    if not found.pictures and not classes and pool is None:
        others = f"{len(found.others)} other files such as {found.others[0].name}" if found.others else None
        raise DataError(
            f"{OPTION}: expected pictures ({', '.join(SUFFIXES)}) in {root}, got {others or 'none: it is empty'}"
        )
    pictures, labels = list(found.pictures), [UNLABELLED] * len(found.pictures)
    for label, folder in enumerate(classes):
        members = _class_contents(folder, root)
        pictures += members.pictures
        labels += [label] * len(members.pictures)
        _add_left_out(found, members)
    if pool is not None:
        pictures += pool.contents.pictures
        labels += [UNLABELLED] * len(pool.contents.pictures)
        if not pool.is_root:
            _add_left_out(found, pool.contents)
    status = [os.stat(picture) if picture.exists() else os.lstat(picture) for picture in pictures]
    outside = None if pool is None or pool.is_below_root else pool.path
    return Listing(
        root,
        [_name(picture, root, outside) for picture in pictures],
        labels,
        tuple(folder.name for folder in classes) or None,
        [file.st_size for file in status],
        [file.st_mtime_ns for file in status],
        found,
        outside,
        [file.st_ctime_ns for file in status],
    )


def _name(picture, root, outside):
    is_outside = outside is not None and picture.is_relative_to(outside)
    return picture.relative_to(outside.parent if is_outside else root).as_posix()


def _add_left_out(found, members):
    for reason in _LEFT_OUT:
        getattr(found, reason).extend(getattr(members, reason))


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
