"""Many samples on disk: a folder of PNG files, or one `.npz` file; both are written as the images come."""

import concurrent.futures
import json
import pathlib
import re
import zipfile

import numpy as np
from PIL import Image

from compare_gan2.ground import files
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.new_folder import making

RECORD = "samples.json"  # in every folder that `write_folder` wrote


def require_free(path, force, is_folder=False):
    """Raises a `ConfigError` if something exists at `path` that must not be replaced.

    Args:
        path: of a file or folder to write.
        force: whether a file, or a folder that `write_folder` wrote, may be replaced; other folders never are.
        is_folder: whether a folder is to be written.
    """
    path = pathlib.Path(path)
    if not path.exists():
        return
    if path.is_dir() != is_folder:
        found, wanted = ("a file", "a folder") if is_folder else ("a folder", "a file")
        raise ConfigError(f"--output: {path} is {found}, expected the name of {wanted}; choose another name")
    if not force:
        raise ConfigError(f"--output: {path} exists already; choose another name, or replace it with --force")
    if is_folder and not (path / RECORD).is_file():
        raise ConfigError(f"--output: {path} has no {RECORD}, so it may hold other files and is not replaced")


def file_names(rows, labels=None, class_names=None, flat=False, by_seed=False):
    """Relative path of each image: 000012.png by its index, or seed7.png by its seed.

    Args:
        rows: (seed, index) of each image as `draws.rows_of` returns them.
        labels: class number of each image; None without classes.
        class_names: one folder name per class, see `folder_names`.
        flat: name the class in the file, such as 000012_cat.png, in place of a folder for each.
        by_seed: whether the images are the first ones of different seeds.
    """
    width = max(6, len(str(max(index for _, index in rows))))
    names = [f"seed{seed}" if by_seed else f"{index:0{width}d}" for seed, index in rows]
    if labels is None:
        return [f"{name}.png" for name in names]
    classes = [class_names[label] for label in labels]
    pattern = "{name}_{of}.png" if flat else "{of}/{name}.png"
    return [pattern.format(name=name, of=of) for name, of in zip(names, classes, strict=True)]


def folder_names(num_classes, class_names=None):
    """One file name per class: its name without characters that file systems refuse, else its number, 007 of 1000."""
    width = len(str(num_classes - 1))
    numbers = [f"{number:0{width}d}" for number in range(num_classes)]
    if class_names is None:
        return numbers
    names = [re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", str(name)).strip(". ")[:100] for name in class_names]
    if len({name.casefold() for name in names}) < len(names) or not all(names):  # some file systems ignore case
        names = [f"{number}_{name}" for number, name in zip(numbers, names, strict=True)]
    return names


def write_folder(path, batches, names, record, on_images=None):
    """Writes a PNG file per image and samples.json, all of them or none.

    Args:
        path: of the folder; one that is there is replaced.
        batches: iterable of (images uint8 [n, H, W, 1 or 3], labels).
        names: relative path of each image.
        record: {name: value} that JSON can hold.
        on_images: called with the number of images done.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    done = 0
    with making(path, many_files=True) as folder, concurrent.futures.ThreadPoolExecutor() as pool:
        for name in sorted({pathlib.Path(name).parent for name in names}):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for images, _ in batches:
            paths = [folder / name for name in names[done : done + len(images)]]
            list(pool.map(_write_png, paths, images))
            done += len(images)
            if on_images is not None:
                on_images(done)
        (folder / RECORD).write_text(json.dumps({"count": done, **record}, indent=2) + "\n")


def write_npz(path, batches, count, image_shape, record, class_names=None, on_images=None):
    """Writes an uncompressed `.npz` file, whole or not at all, whose bytes follow from what it holds.

    `arr_0` uint8 [count, H, W, C] and, with classes, `arr_1` int64 [count]: the layout that the tools of
    guided-diffusion (Dhariwal and Nichol 2021) read; `class_names` if there are any; `manifest`, JSON text.

    Args:
        path: of the file.
        batches: iterable of (images uint8 [n, H, W, C], labels [n] or None).
        count: number of images.
        image_shape: (H, W, C).
        record, on_images: see `write_folder`.
        class_names: one name per class, or None.

    Raises:
        OSError: if the disk is full or the file cannot be written.
    """
    done, labels = 0, []
    with files.replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        with archive.open(zipfile.ZipInfo("arr_0.npy"), "w", force_zip64=True) as member:
            header = {"descr": "|u1", "fortran_order": False, "shape": (count, *image_shape)}
            np.lib.format.write_array_header_1_0(member, header)
            for images, numbers in batches:
                member.write(np.ascontiguousarray(images, np.uint8).data)
                labels += [] if numbers is None else [numbers]
                done += len(images)
                if on_images is not None:
                    on_images(done)
        arrays = {"arr_1": np.concatenate(labels).astype(np.int64)} if labels else {}
        if class_names is not None:
            arrays["class_names"] = np.array(list(map(str, class_names)))
        arrays["manifest"] = np.array(json.dumps({"count": done, **record}))
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _write_png(path, image):
    Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(path)
