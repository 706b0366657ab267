"""Files with one JSON object per line, appended to by one process."""

import contextlib
import json
import os
import pathlib

from compare_gan2.ground import files, json_text
from compare_gan2.ground.errors import DamagedFileError


def append(path, line):
    """Adds an object as a line, which is on disk afterwards.

    Args:
        path: of the file; it need not exist.
        line: dict of values that JSON can hold.

    Raises:
        OSError: naming the file, if it cannot be written.
    """
    with files.naming(path), open(path, "ab") as file:
        file.write(json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def cut_to_whole_lines(path):
    """Removes a last line that a killed process could not finish, so that lines can be added."""
    with contextlib.suppress(FileNotFoundError), files.naming(path), open(path, "rb+") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)


def read(path, keys, what):
    """List of the objects, oldest first, without a last line that was cut; [] if the file is missing.

    Args:
        path: of the file.
        keys: that every object has.
        what: an object is, with its article, for the message.

    Raises:
        DamagedFileError: for a line that is not such an object.
    """
    try:
        *lines, _ = pathlib.Path(path).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    found = []
    for number, line in enumerate(lines, 1):
        try:
            value = json_text.parsed(line)
            if not all(key in value for key in keys):
                raise ValueError(f"expected {', '.join(keys)}")
        except (ValueError, TypeError) as error:
            raise DamagedFileError(f"{path}, line {number}: not {what}: {error}; delete the line") from error
        found.append(value)
    return found
