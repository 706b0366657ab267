"""Files with a checksum beside them: `.NAME.sha256` names the bytes that NAME may hold, so that damage is noticed.

The checksum is written first and names the bytes before as well, so that a kill between the two writes is not taken
for damage. A file without one is of an older version, or was accepted as it is by deleting the checksum.
"""

import contextlib
import io
import pathlib
import re
import time

from compare_gan2.ground import files
from compare_gan2.ground.checksums import checksum_of_bytes, checksum_of_file
from compare_gan2.ground.errors import DamagedFileError


def seal_path(path):
    """Path of the checksum of a file."""
    path = pathlib.Path(path)
    return path.with_name(f".{path.name}.sha256")


def write(path, content):
    """Replaces a file by these bytes in one step, and records their checksum.

    Raises:
        OSError: naming the file, if it cannot be written; it then stays as it was.
    """
    path = pathlib.Path(path)
    digests = [checksum_of_bytes(content)]
    with contextlib.suppress(FileNotFoundError), files.naming(path):
        digests.append(checksum_of_bytes(path.read_bytes()))
    _write_seal(path, digests)
    with files.replacing(path) as file:
        file.write(content)


@contextlib.contextmanager
def replacing(path):
    """Context manager: a buffer whose bytes are written by `write` when the block ends, and never if it raises."""
    buffer = io.BytesIO()
    yield buffer
    write(path, buffer.getvalue())


@contextlib.contextmanager
def streaming(path):
    """Context manager: a binary file that replaces `path` with its checksum when the block ends; for large content.

    Raises:
        OSError: naming the file, if it cannot be written; it then stays as it was.
    """
    path = pathlib.Path(path)
    with files.locked(path), files.replacing(path) as file:
        yield file
        file.flush()
        digests = [checksum_of_file(each) for each in (file.name, path) if pathlib.Path(each).exists()]
        _write_seal(path, digests)


def read(path, way_out=None):
    """Bytes of a file.

    Args:
        path: of the file.
        way_out: see `check`.

    Raises:
        FileNotFoundError: if it is missing.
        DamagedFileError: if these are not the bytes that were written.
    """
    for attempt in range(3):
        with files.naming(path):
            content = pathlib.Path(path).read_bytes()
        try:
            check(path, content, way_out)
            return content
        except DamagedFileError:
            if attempt == 2:
                raise
            time.sleep(0.05)  # another process may have written it twice between the two reads


def check(path, content=None, way_out=None):
    """Raises a `DamagedFileError` unless a file may hold these bytes.

    Args:
        path: of the file.
        content: bytes; None for those of the file, which are read in parts.
        way_out: end of the message; None: how to restore or to accept the file.
    """
    allowed = digests_of(path)
    if not allowed:
        return
    if (checksum_of_file(path) if content is None else checksum_of_bytes(content)) not in allowed:
        accept = f"restore it, or delete {seal_path(path).name} beside it to accept it as it is"
        raise DamagedFileError(
            f"{path}: damaged or changed since it was written (its SHA-256 is not the one in {seal_path(path).name}); "
            f"{way_out or accept}"
        )


def _write_seal(path, digests):
    with files.replacing(seal_path(path)) as file:
        file.write("".join(f"{digest}  {path.name}\n" for digest in dict.fromkeys(digests)).encode())


def digests_of(path):
    """SHA-256 of each content that a file may have, hexadecimal; [] if none is recorded."""
    try:
        text = seal_path(path).read_bytes().decode(errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DamagedFileError(f"{seal_path(path)}: cannot be read: {error.strerror}; delete it") from error
    return re.findall(r"^([0-9a-f]{64}) ", text, re.MULTILINE)


def remove(path):
    """Removes a file, if it exists, and its checksum."""
    for each in (pathlib.Path(path), seal_path(path)):
        each.unlink(missing_ok=True)
