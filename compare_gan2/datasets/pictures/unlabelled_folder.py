"""A folder whose pictures have no label, beside folders of classes: `folder.unlabelled`."""

import dataclasses
import pathlib

from compare_gan2.datasets.pictures.folder_contents import SUFFIXES, FolderContents, everywhere_in
from compare_gan2.ground.errors import DataError

OPTION = "folder.unlabelled"


@dataclasses.dataclass(frozen=True)
class UnlabelledFolder:
    """Pictures without a label.

    Attributes:
        path: of their folder.
        contents: `FolderContents` of it, of all depths.
        is_root: whether it is `folder.path` itself, so that no picture has a label.
        is_below_root: whether it is `folder.path` or below it.
    """

    path: pathlib.Path
    contents: FolderContents
    is_root: bool
    is_below_root: bool


def of(root, given, folders):
    """`UnlabelledFolder` that an option names.

    Args:
        root: `folder.path`.
        given: name of a sub-folder of it, or path.
        folders: its sub-folders.

    Raises:
        DataError: for a folder that is missing, holds no picture, holds `root`, or is named like a class.
    """
    path = _below(root, given)
    is_below = path is not None
    if not is_below:
        path = pathlib.Path(given).expanduser().resolve()
        if not path.is_dir():
            raise DataError(f"{OPTION}: expected a sub-folder of {root}, or the path of a folder, got {given!r}")
        if root.resolve().is_relative_to(path):
            raise DataError(f"{OPTION}: expected a folder that does not hold folder.path, got {given!r}")
        if path.name in {folder.name for folder in folders}:
            raise DataError(
                f"{OPTION}: expected a folder with another name than the sub-folders of {root}, got {given!r}; "
                "pictures are listed by these names"
            )
    contents = everywhere_in(path, OPTION)
    if not contents.pictures:
        others = f"{len(contents.others)} other files such as {contents.others[0].name}" if contents.others else None
        raise DataError(
            f"{OPTION}: expected pictures ({', '.join(SUFFIXES)}) in {path}, got {others or 'none: it is empty'}"
        )
    return UnlabelledFolder(path, contents, path == root, is_below)


def _below(root, given):
    """The folder as a path below `root`, which may be a link to elsewhere; None if it is not below."""
    inside = root / given
    if not inside.is_dir():
        return None
    if not pathlib.Path(given).is_absolute() and ".." not in pathlib.Path(given).parts:
        return inside
    real, real_root = inside.resolve(), root.resolve()
    return root / real.relative_to(real_root) if real.is_relative_to(real_root) else None
