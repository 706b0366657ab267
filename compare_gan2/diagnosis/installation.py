"""Whether an installation works: packages, devices, a few computations, disks and caches."""

import dataclasses
import importlib.metadata
import os
import pathlib
import platform
import zipfile

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import compare_gan2
from compare_gan2.diagnosis import computations
from compare_gan2.ground import disks, sealed_files, tensorflow_start
from compare_gan2.ground.cache_folder import default_cache_dir
from compare_gan2.ground.errors import DamagedFileError

PACKAGE = "compare_gan2"
LEAST_ROOM = 2 * 10**9  # bytes: checkpoints of a small run, and features of real images
MOST_READ = 4 * 10**9  # bytes of caches that are read to find damage


@dataclasses.dataclass(frozen=True)
class Check:
    """One line of the table.

    Attributes:
        what: was checked.
        found: what it was.
        problem: what is wrong and what to do; empty if nothing is.
    """

    what: str
    found: str
    problem: str = ""


def checks(folder="."):
    """Iterator over the `Check`s of this installation, each made when it is asked for.

    Args:
        folder: whose disk runs are written to.
    """
    yield from _packages()
    yield from _devices()
    for name, compute in computations.COMPUTATIONS.items():
        yield _computation(name, compute)
    yield _room("disk of this folder", pathlib.Path(folder).absolute())
    yield _room("disk of the cache", default_cache_dir())
    yield _caches(default_cache_dir())


def table(found):
    """Lines of a table of `Check`s, problems below."""
    width = max(len(check.what) for check in found)
    middle = max(len(check.found) for check in found)
    lines = [
        f"{check.what:{width}}  {check.found:{middle}}  {'failed' if check.problem else 'ok'}".rstrip()
        for check in found
    ]
    return [*lines, *(f"{check.what}: {check.problem}" for check in found if check.problem)]


def _packages():
    try:
        distribution = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        yield Check(PACKAGE, f"{compare_gan2.__version__}, not installed", "pip install -e . in its checkout")
        return
    other = "" if distribution.version == compare_gan2.__version__ else f"installed is {distribution.version}, this is "
    yield Check(PACKAGE, other + compare_gan2.__version__, other and "install this one: pip install -e .")
    yield version_check("Python", platform.python_version(), distribution.metadata["Requires-Python"] or "")
    for text in distribution.requires or ():
        required = Requirement(text)
        if required.marker is None or required.marker.evaluate({"extra": ""}):
            yield version_check(required.name, _version(required.name), str(required.specifier))


def version_check(name, version, bounds):
    """`Check` of the version of a package, None if it is missing, against bounds such as ">=2.21,<2.22"."""
    if version is None:
        return Check(name, "missing", f"pip install '{name}{bounds}'")
    fits = SpecifierSet(bounds).contains(version, prereleases=True)
    return Check(name, version, "" if fits else f"expected {bounds}: pip install '{name}{bounds}'")


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _devices():
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    cores = len(os.sched_getaffinity(0))
    found = ", ".join([f"{cores} CPU cores", *(f"{gpu.name} {_model(tf, gpu)}" for gpu in gpus)])
    yield Check("devices", found, "" if gpus else tensorflow_start.gpu_hint() or "")


def _model(tf, gpu):
    return tf.config.experimental.get_device_details(gpu).get("device_name", "")


def _computation(name, compute):
    try:
        error, tolerance = compute()
    except Exception as error:  # whatever a broken installation raises
        return Check(name, f"{type(error).__name__}", str(error).splitlines()[0] if str(error) else "it failed")
    fits = error <= tolerance
    problem = (
        "" if fits else f"this machine computes something else: off by {error:.2g}, at most {tolerance:.2g} is right"
    )
    return Check(name, f"off by {error:.2g} of {tolerance:.2g}", problem)


def _room(what, folder):
    free = disks.free_bytes(folder)
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        return Check(what, f"{folder}: cannot be written", "choose another folder (--model_dir, COMPARE_GAN2_CACHE)")
    problem = f"expected {LEAST_ROOM / 1e9:g} GB or more for checkpoints and caches" if free < LEAST_ROOM else ""
    return Check(what, f"{folder}: {free / 1e9:.1f} GB free", problem)


def _caches(folder):
    """`Check` of the files of a cache folder: how many, how large, and which are damaged."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    sizes, damaged, read = 0, [], 0
    for path in files:
        size = path.stat().st_size
        sizes += size
        if read + size > MOST_READ or path.name.startswith("."):
            continue
        read += size
        try:
            if damage_of(path):
                damaged.append(path)
        except OSError as error:
            damaged.append(f"{path} ({error.strerror})")
    problem = (
        f"damaged, delete: {', '.join(map(str, damaged))}; each is made again when it is needed" if damaged else ""
    )
    return Check("caches", f"{folder}: {len(files)} files, {sizes / 1e6:.1f} MB", problem)


def damage_of(path):
    """What is wrong with a cached file, by its checksum or those of a zip archive; None if nothing is.

    Raises:
        OSError: if it cannot be read.
    """
    if sealed_files.digests_of(path):
        try:
            sealed_files.read(path)
        except DamagedFileError as error:
            return str(error)
    if path.suffix == ".npz":
        try:
            with zipfile.ZipFile(path) as archive:
                return archive.testzip()
        except Exception as error:  # of a damaged archive, of many kinds
            return str(error) or type(error).__name__
    return None
