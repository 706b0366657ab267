"""Files that can execute code: SavedModels, hub modules and frozen graphs are named with their checksum first.

They are silent under `trusting(True)`, or if `trusted.txt` in the cache folder lists the checksum. What the record of a
run names is not the user's own word: it is refused until the user names or trusts it.
"""

import contextlib
import warnings

from compare_gan2.ground import messages
from compare_gan2.ground.cache_folder import default_cache_dir
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.option_names import as_keywords

LIST = "trusted.txt"
_trusted, _recorded, _named = False, frozenset(), set()


class NotTrustedError(ConfigError):
    """A file that can execute code, which only the record of a run names."""


@contextlib.contextmanager
def trusting(trust, recorded=()):
    """Context manager: whether the user trusts all files that can execute code.

    Args:
        trust: True or False.
        recorded: paths and handles that the record of a run names, and the user does not.
    """
    global _trusted, _recorded
    before, (_trusted, _recorded) = (_trusted, _recorded), (bool(trust), frozenset(map(str, recorded)))
    try:
        yield
    finally:
        _trusted, _recorded = before


def require_named(path):
    """Raises a `NotTrustedError` for a handle that only a record names, before anything is fetched from it."""
    if str(path) in _recorded and not _trusted:
        raise NotTrustedError(_refusal(path, ""))


def announce(path, kind, checksum):
    """Says in one line, once per process, that a file can execute code.

    Args:
        path: as the user named it.
        kind: such as "a SavedModel".
        checksum: SHA-256 of what will run.

    Raises:
        NotTrustedError: if only the record of a run names it, and its checksum is not listed.
    """
    if _trusted or checksum in listed():
        return
    if str(path) in _recorded:
        raise NotTrustedError(_refusal(path, f" (sha256 {checksum})"))
    if checksum in _named:
        return
    _named.add(checksum)
    text = (
        f"{path} is {kind}, which can execute code with all your rights: sha256 {checksum}. If you trust it, give "
        f"--trust, or add this checksum to {default_cache_dir() / LIST}, a line each"
    )
    if messages.is_shown():
        messages.log.warning(text)
    else:  # a library call, whose log is silent
        warnings.warn(as_keywords(text, {"trust": "trust"}), stacklevel=2)


def listed():
    """Set of the checksums that the user trusts: the first words of the lines of `trusted.txt` in the cache folder."""
    path = default_cache_dir() / LIST
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return set()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected a checksum in each line, it cannot be read: {error}") from error
    return {line.split()[0].lower() for line in lines if line.strip() and not line.startswith("#")}


def _refusal(path, checksum):
    return (
        f"feature_network.path: the record of the run names {path}{checksum}, which can execute code with all your "
        "rights. If you trust it, name it yourself (--network_path), or give --trust"
    )
