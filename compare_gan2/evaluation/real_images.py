"""Real images as metrics need them; their features are computed once and cached on disk with a manifest.

A cached file holds its manifest (dataset, split, count, order, network, checksum of its weights, resizing, fingerprint
of the images, versions) and is named after it, so that features of another protocol are never taken for these.
"""

import contextlib
import dataclasses
import pathlib
import re
import zipfile

import numpy as np
import tensorflow as tf

from compare_gan2.ground import sealed_files, store
from compare_gan2.ground.cache_folder import default_cache_dir
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.ground.messages import log
from compare_gan2.ground.progress import Progress
from compare_gan2.metrics.extraction import extract
from compare_gan2.metrics.samples import ImageSet

_ARRAYS = ("features", "logits", "labels")


@dataclasses.dataclass(frozen=True, eq=False)
class CachedFeatures:
    """Features of real images from a cached file that takes the place of the images.

    Attributes:
        path: of the file.
        image_set: `ImageSet` with features, logits and labels as far as the file has them.
        manifest: {name: value} of the file.
    """

    path: pathlib.Path
    image_set: ImageSet
    manifest: dict

    has_images = False

    @property
    def name(self):
        """Name of the dataset."""
        return self.manifest["dataset"]

    @property
    def split(self):
        """Split of the dataset."""
        return self.manifest["split"]

    @property
    def part(self):
        """The same, with ", drawn" if a seed has drawn the images."""
        return self.manifest["split"]

    @property
    def images(self):
        """Which images they are: "all" or "drawn"; parts in order are not told apart from all."""
        return "drawn" if self.part.endswith(", drawn") else "all"

    @property
    def pixels(self):
        """How they were taken from picture files, see `Score`; "none" in files of older versions."""
        return self.manifest.get("pixels", "none")

    @property
    def count(self):
        """Number of images."""
        return self.image_set.count

    @property
    def class_names(self):
        """One name per class; None if the file has none, as those of older versions."""
        names = self.manifest.get("class_names")
        return None if names is None else tuple(names)

    @property
    def num_classes(self):
        """Number of classes; None without labels."""
        if not self.has_labels:
            return None
        return self.manifest.get("num_classes") or int(self.image_set.labels.max()) + 1

    @property
    def has_labels(self):
        """Whether each image has a label."""
        of_all = "num_classes" not in self.manifest or self.manifest["num_classes"] is not None  # absent in old files
        return self.image_set.labels is not None and of_all


def real_images(source, network, needs, cache_dir=None, strategy=None):
    """`ImageSet` of real images with what the needs ask for.

    Args:
        source: `ImageSource` or `CachedFeatures`.
        network: `FeatureNetwork`; not used if no features are needed.
        needs: set of keys of `registry.NEEDS`.
        cache_dir: folder of cached features; None for `default_cache_dir()`.
        strategy: see `extraction.extract`.

    Raises:
        ConfigError: if the network does not take images of this size, or there are too few.
        ValueError: as `extraction.extract`.
    """
    if isinstance(source, CachedFeatures):
        return source.image_set
    found = _features(source, network, cache_dir, strategy) if "real_features" in needs else ImageSet(source.count)
    if "real_images" in needs or "real_features" not in needs and "real_labels" in needs:
        read = _extract(source, None, None, keep_images="real_images" in needs)
        found = dataclasses.replace(found, images=read.images, labels=read.labels)
    return found


def holds_features(path):
    """Whether a path is a file in which `real_images` has cached features."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as stored:
        return {"manifest.npy", "features.npy"} <= set(stored.namelist())


def load_features(path, network):
    """`CachedFeatures` of a file that is named by its path.

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
    return CachedFeatures(pathlib.Path(path), image_set, manifest)


def _features(source, network, cache_dir, strategy):
    manifest = {
        "dataset": source.name,
        "split": source.part,
        "count": source.count,
        "image_shape": list(source.image_shape),
        "num_classes": source.num_classes,
        "class_names": None if source.class_names is None else list(source.class_names),
        "source_resize": source.resize,
        "order": source.order,
        "seed": source.drawn_by,
        "fingerprint": source.fingerprint(),
        **_of_network(network),
        "tensorflow": tf.__version__,
        **({"pixels": source.pixels} if source.pixels != "none" else {}),
    }
    digest = store.key_of(manifest)[:16]
    name = re.sub(r"[^\w.-]", "_", f"{source.name}-{source.part}-{source.count}-{network.name}-{digest}.npz")
    path = (default_cache_dir() if cache_dir is None else pathlib.Path(cache_dir)) / name
    if path.exists():
        try:
            image_set, found = _read(path)
            if found == manifest and (source.num_classes is None or image_set.labels is not None):
                return image_set
            damage = f"{path}: its manifest is not the one it is named after"
        except DamagedFileError as error:
            damage = str(error).removesuffix("; delete it")
        log.warning(f"{damage}; the features are computed again")
        with contextlib.suppress(OSError):
            sealed_files.remove(path)
    image_set = _extract(source, network, strategy, keep_images=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {name: getattr(image_set, name) for name in _ARRAYS if getattr(image_set, name) is not None}
        store.write_arrays(path, manifest, arrays, sealed=True)
    except OSError as error:  # the score does not depend on it
        log.warning(f"features of real images are not cached: {error}")
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
    arrays, manifest = store.read_arrays(path, "cached features")
    arrays = {name: array for name, array in arrays.items() if name in _ARRAYS}
    if problem := _problem_of(arrays, manifest):
        raise DamagedFileError(f"{path}: cannot be read as cached features ({problem}); delete it")
    return ImageSet(len(arrays["features"]), **arrays), manifest


def _problem_of(arrays, manifest):
    """What is wrong with the arrays and the manifest of a file, in words; None if nothing is."""
    if "features" not in arrays:
        return "there are none"
    if not isinstance(manifest, dict) or not all(isinstance(manifest.get(key), str) for key in ("dataset", "split")):
        return "its manifest names no dataset and split"
    count, classes, names = len(arrays["features"]), manifest.get("num_classes"), manifest.get("class_names")
    if not count or manifest.get("count", count) != count:
        return f"it has {count} images, its manifest says {manifest.get('count', 'more')}"
    if (
        not (classes is None or isinstance(classes, int))
        or names is not None
        and (not isinstance(names, list) or len(names) != classes)
    ):
        return f"its manifest has {classes!r} classes of the names {names!r:.80}"
    for name, array in arrays.items():
        is_fit = array.ndim == 2 and np.issubdtype(array.dtype, np.floating) and np.isfinite(array).all()
        if name == "labels":
            known = np.iinfo(np.int32).max if classes is None else classes
            is_fit = (
                array.ndim == 1 and np.issubdtype(array.dtype, np.integer) and np.all((-1 <= array) & (array < known))
            )
        if len(array) != count or not is_fit:
            return f"its {name} are {array.dtype} of shape {array.shape}, not finite, or out of range"
    return None
