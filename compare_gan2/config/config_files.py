"""The `.gin` files: those that ship with the package, and how the name of a file leads to one.

A name is looked up as a path from the working directory, then in the folder of the file that includes it, then among
the shipped configurations (with or without `gin_configs/` in front).
"""

import contextlib
import io
import pathlib
import re
from collections.abc import Iterable

from compare_gan2.config.gin_places import FAULTS, reason_of
from compare_gan2.config.imports import is_record, modules_named
from compare_gan2.config.size_limits import MOST_BYTES, TextBudget, check_text, require_nesting
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.local_paths import problem_of_name
from compare_gan2.ground.suggestions import did_you_mean

SHIPPED = pathlib.Path(__file__).resolve().parents[1] / "gin_configs"
PREFIX = "gin_configs"
_INCLUDE = re.compile(r"^include\s+(['\"])(.+)\1\s*(?:#.*)?$", re.MULTILINE)


def shipped_names():
    """Names of the shipped configurations that can be run, such as "mnist_5k/biggan.gin"; parts are left out."""
    found = (path.relative_to(SHIPPED) for path in SHIPPED.rglob("*.gin"))
    return sorted(path.as_posix() for path in found if path.parts[0] not in ("parts", "pretraining", "with"))


def suggested_names():
    """Names of the shipped files that a user may give, with those that are added to another one, "with/lecam.gin"."""
    return sorted(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.gin") if "parts" not in path.parts)


def listed(names):
    """List of the names of files, of which a single one may be given by itself.

    Raises:
        ConfigError: for what is no name.
    """
    given = [names] if isinstance(names, (str, pathlib.PurePath)) or not isinstance(names, Iterable) else list(names)
    for name in given:
        if not isinstance(name, (str, pathlib.PurePath)):
            raise ConfigError(f"configuration: expected the name of a .gin file, or a list of names, got {name!r}")
    return given


def find(name, folder=None, option="--gin_config"):
    """Path of a file by its name.

    Args:
        name: as the user typed it, or as an `include` names it.
        folder: of the including file; None for a file that is named by itself.
        option: for messages.

    Raises:
        ConfigError: if the file is missing; the message names the nearest shipped one.
    """
    text = str(name)
    if (problem := problem_of_name(text)) is not None:
        raise ConfigError(f"{option}: expected the name of a file, got {problem}: {text[:80]!r}")
    below = pathlib.PurePath(text).parts
    relative = pathlib.PurePath(*below[1:]) if below[:1] == (PREFIX,) else pathlib.PurePath(text)
    places = [pathlib.Path(text), *([] if folder is None else [folder / text]), SHIPPED / relative]
    for path in places:
        if path.is_file():
            return path
    if pathlib.Path(text).is_dir():
        raise ConfigError(f"{option}: expected a file of gin bindings, {text} is a folder")
    if "+" in text and all(part.endswith(".gin") for part in text.split("+")):
        raise ConfigError(
            f"{option}: there is no file {text}; name several files by {option} for each, + joins them in studies"
        )
    known = suggested_names()
    hint = did_you_mean(relative.as_posix(), known) or did_you_mean(f"{relative.as_posix()}.gin", known)
    raise ConfigError(
        f"{option}: there is no file {text}, neither as a path nor among the shipped configurations{hint}"
    )


def read_text(path):
    """Text of a `.gin` file, without a byte-order mark."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(MOST_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--gin_config: {path} cannot be read: {error}") from error
    check_text(text, f"--gin_config: {path}")
    return text


def texts_of(names):
    """{path: text} of files and of all that they include, without importing what they declare."""
    texts = {}

    def add(path, chain):
        require_nesting(chain)
        if path not in texts:
            texts[path] = read_text(path)
            for _, name in _INCLUDE.findall(texts[path]):
                add(found := find(name, path.parent, "include"), (*chain, found))

    for name in names:
        add(path := find(name), (path,))
    return texts


def import_lines(names):
    """Import statements of files and of all that they include, records of runs left out; nothing is imported."""
    texts = [text for path, text in texts_of(names).items() if not is_record(path)]
    return [f"import {module}" for module in sorted(modules_named("\n".join(texts)))]


class Reader:
    """Opens files for gin while a configuration is parsed: found as by `find`, which file includes which is known."""

    def __init__(self):
        self._open = []  # paths, each included by the one before it
        self._budget = TextBudget()

    def exists(self, name):
        """True, since a name that leads to no file ends in a message of `find`."""
        self._find(name)
        return True

    @contextlib.contextmanager
    def open(self, name):
        """The file's text as a stream; files that it includes are looked up beside it while it is open."""
        path = self._find(name)
        if path.resolve() in self._open:
            chain = " includes ".join(map(str, [*self._open, path]))
            raise ConfigError(f"include: {path} includes itself: {chain}")
        require_nesting([*self._open, path])
        text = read_text(path)
        self._budget.spend(len(text), path)
        self._open.append(path.resolve())
        try:
            yield stream(text, path)
        except (ConfigError, SyntaxError):  # these name the file
            raise
        except FAULTS as error:
            raise ConfigError(f"{path}: {reason_of(error)}") from error
        finally:
            self._open.pop()

    def _find(self, name):
        folder = self._open[-1].parent if self._open else None
        return find(name, folder, "include" if self._open else "--gin_config")


def stream(text, path):
    """The text as a stream that has the name of its file, which gin puts into messages."""
    result = io.StringIO(text)
    result.name = str(path)
    return result
