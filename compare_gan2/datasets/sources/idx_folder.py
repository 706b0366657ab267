"""The files of one data set in MNIST's format, found by their names."""

import pathlib
import re

from compare_gan2.ground.errors import DataError

# As published: train-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz, emnist-letters-test-images-idx3-ubyte.gz; some
# programs write a dot before idx.
_NAME = re.compile(r"(?P<set>.*?)(?P<split>train|t10k|test)-(?P<kind>images|labels)[-.]idx\d-[a-z]+(?P<packed>\.gz)?")
_EXAMPLE = "train-images-idx3-ubyte and train-labels-idx1-ubyte, and the same with t10k or test, each with .gz or not"


def find_files(path):
    """{("train" or "test", "images" or "labels"): path} of the files that `idx.path` names.

    If a file is there both packed and not, the one that is not is taken.

    Args:
        path: a folder, or a folder and the beginning of the files' names.

    Raises:
        DataError: for no such files, files of several sets, or images and labels that do not belong together.
    """
    path = pathlib.Path(path)
    folder, beginning = (path, None) if path.is_dir() else (path.parent, path.name)
    if not folder.is_dir():
        raise DataError(f"idx.path: there is no folder {path}")
    sets = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.suffix != ".gz"):
        if (match := _NAME.fullmatch(file.name)) and file.is_file():
            split = "train" if match["split"] == "train" else "test"
            files = sets.setdefault(match["set"].rstrip("-_."), {})
            files[split, match["kind"]] = file  # the packed ones come first
    names = sorted(sets)
    if beginning is None and len(sets) > 1:
        shown = [folder / name if name else "those without a beginning" for name in names]
        raise DataError(
            f"idx.path: {folder} holds the files of {len(sets)} data sets, expected those of one; name it by the"
            f" beginning of its files: {', '.join(map(str, shown))}"
        )
    name = names[0] if beginning is None and names else (beginning or "").rstrip("-_.")
    if name not in sets:
        found = f"; it has those of {', '.join(map(repr, names))}" if names else ""
        raise DataError(f"idx.path: expected IDX files at {path}, such as {_EXAMPLE}; there are none{found}")
    return _complete(sets[name], path)


def _complete(files, path):
    """The files; raises a `DataError` unless they are a data set, with all labels or none."""
    kinds = {split: {kind for of, kind in files if of == split} for split in ("train", "test")}
    fits = "images" in kinds["train"] and kinds["test"] in (set(), kinds["train"])
    if not fits:
        raise DataError(
            f"idx.path: expected training images at {path}, and test images and labels of both splits, if any; got only"
            f" {', '.join(sorted(file.name for file in files.values()))}"
        )
    return files
