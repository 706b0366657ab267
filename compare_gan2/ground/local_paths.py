"""Names of files and folders that every part of the program, TensorFlow and glob patterns included, reads alike."""

import os
import pathlib
import unicodedata

_PATTERN = "*?[]"  # TensorFlow looks for checkpoints by glob patterns of their paths
LONGEST = 255  # bytes of a name in a folder, of all file systems in use


def problem_of_name(path):
    """What is wrong with a text as the path of a local file or folder, in words; None if nothing is."""
    text = os.fspath(path)
    if not text.strip():
        return "an empty name"
    # Control characters, and halves of a character, which stand for bytes that are not UTF-8.
    if unfit := [character for character in text if unicodedata.category(character) in ("Cc", "Cs")]:
        return f"a name with the character {unfit[0]!r}"
    if "://" in text:
        return "an address; a path of this machine is needed, where a remote file system may be mounted"
    if any(len(part.encode(errors="surrogatepass")) > LONGEST for part in pathlib.PurePath(text).parts):
        return f"a name longer than {LONGEST} bytes"
    return None


def problem_of_run_folder(path):
    """What is wrong with a text as the path of a run's folder, in words; None if nothing is."""
    if (problem := problem_of_name(path)) is not None:
        return problem
    found = [character for character in os.fspath(path) if character in _PATTERN]
    return f"a name with {found[0]}, which is part of a pattern" if found else None


def problem_of_file_inside(name):
    """What is wrong with a text as the name of a file in a given folder, in words; None if nothing is."""
    if (problem := problem_of_name(name)) is not None:
        return problem
    if name in (".", "..") or "/" in name or os.sep in name:
        return "a path, which may lead out of the folder"
    return None


def problem_of_content(path):
    """What is wrong with what lies at a path, in words; None for a file, a folder, or if nothing is there."""
    path = pathlib.Path(path)
    if path.exists() and not path.is_file() and not path.is_dir():
        return "a pipe, a socket or a device"  # reading it would wait, or never end
    return None
