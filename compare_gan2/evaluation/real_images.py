"""Real images as metrics need them; their features are computed once and kept on disk with a manifest.

A kept file is named after its manifest (dataset, split, count, order, network, checksum of its weights, resizing,
fingerprint of the images, versions) and holds it, so that features of another protocol are never taken for these.
"""

import dataclasses
import hashlib
import json
import pathlib
import re
import zipfile

import numpy as np
import tensorflow as tf

from compare_gan2.cache_folder import default_cache_dir
from compare_gan2.configuration import ConfigError
from compare_gan2.metrics.extraction import extract
from compare_gan2.metrics.samples import ImageSet
from compare_gan2.reporting import files
from compare_gan2.reporting.progress import Progress

_ARRAYS = ("features", "logits", "labels")


def real_images(source, network, needs, cache_dir=None, strategy=None):
    """`ImageSet` of a source with what the needs ask for.

    Args:
        source: `ImageSource`.
        network: `FeatureNetwork`; not used if no features are needed.
        needs: set of keys of `registry.NEEDS`.
        cache_dir: folder of kept features; None for `default_cache_dir()`.
        strategy: see `extraction.extract`.

    Raises:
        ConfigError: if the network does not take images of this size, or there are too few.
        DamagedFileError: if a kept file cannot be read or is not what its name says.
        ValueError: as `extraction.extract`.
    """
    kept = _kept_features(source, network, cache_dir, strategy) if "real_features" in needs else ImageSet(source.count)
    if "real_images" in needs or "real_features" not in needs and "real_labels" in needs:
        read = _extract(source, None, None, keep_images="real_images" in needs)
        kept = dataclasses.replace(kept, images=read.images, labels=read.labels)
    return kept


def holds_features(path):
    """Whether a path is a file that `real_images` has kept."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as stored:
        return {"manifest.npy", "features.npy"} <= set(stored.namelist())


def load_features(path, network):
    """(`ImageSet`, manifest) of a kept file that is given by its path.

    Raises:
        ConfigError: if its features come from another network or resizer.
        DamagedFileError: if it cannot be read.
    """
    image_set, manifest = _read(pathlib.Path(path))
    expected = _of_network(network)
    different = [
        f"{name} was {manifest.get(name)}, now {value}"
        for name, value in expected.items()
        if manifest.get(name) != value
    ]
    if different:
        raise ConfigError(f"{path}: holds features of another protocol: {'; '.join(different)}")
    return image_set, manifest


def _kept_features(source, network, cache_dir, strategy):
    manifest = {
        "dataset": source.name,
        "split": source.split,
        "count": source.count,
        "image_shape": list(source.image_shape),
        "source_resize": source.resize,
        "order": source.order,
        "seed": None,
        "fingerprint": source.fingerprint(),
        **_of_network(network),
        "tensorflow": tf.__version__,
    }
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:16]
    name = re.sub(r"[^\w.-]", "_", f"{source.name}-{source.split}-{source.count}-{network.name}-{digest}.npz")
    path = (default_cache_dir() if cache_dir is None else pathlib.Path(cache_dir)) / name
    if path.exists():
        image_set, found = _read(path)
        if found != manifest:
            raise files.DamagedFileError(f"{path}: its manifest is not the one it is named after; delete it")
        return image_set
    image_set = _extract(source, network, strategy, keep_images=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {name: getattr(image_set, name) for name in _ARRAYS if getattr(image_set, name) is not None}
        with files.replacing(path) as file:
            np.savez(file, manifest=np.array(json.dumps(manifest)), **arrays)
    except OSError as error:  # the score does not depend on it
        print(f"warning: features of real images are not kept: {error}", flush=True)
    return image_set


def _of_network(network):
    return {"network": network.name, "network_checksum": network.checksum, "resize": network.resize}


def _extract(source, network, strategy, keep_images):
    phase = f"{source.name}: features of real images" if network else f"{source.name}: reading"
    with Progress(source.count, 0, phase, 1, unit="images") as progress:
        return extract(
            source.batches(),
            source.count,
            network,
            what=f"real images ({source.name})",
            keep_images=keep_images,
            strategy=strategy,
            on_batch=progress.update,
        )


def _read(path):
    try:
        with np.load(path, allow_pickle=False) as stored:
            manifest = json.loads(str(stored["manifest"]))
            arrays = {name: stored[name] for name in _ARRAYS if name in stored}
            return ImageSet(len(arrays["features"]), **arrays), manifest
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise files.DamagedFileError(f"{path}: cannot be read as kept features ({error}); delete it") from error
