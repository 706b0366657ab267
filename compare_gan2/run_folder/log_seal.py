"""`.training.csv.sha256`: for each checkpoint, the bytes of training.csv up to its step and their SHA-256."""

import hashlib
import os
import re

from compare_gan2.ground import files, sealed_files
from compare_gan2.ground.errors import DamagedFileError


class LogSeal:
    """Checksums of a growing file.

    Args:
        path: of the file; it need not exist.
    """

    def __init__(self, path):
        self._path = path
        self._seal_path = sealed_files.seal_path(path)
        self._digest, self._size = None, 0

    @property
    def is_recorded(self):
        """Whether any checksum is recorded."""
        return bool(self._entries())

    def start(self, content):
        """Takes the bytes that the file holds now."""
        self._digest, self._size = hashlib.sha256(content), len(content)

    def add(self, content):
        """Takes bytes that were appended to the file."""
        self._digest.update(content)
        self._size += len(content)

    def record(self, step):
        """Puts the file on disk and records its checksum under the step of its last row."""
        with files.naming(self._path), open(self._path, "rb") as file:
            os.fsync(file.fileno())
        earlier = [entry for entry in self._entries() if entry[2] < step]
        self._write([*earlier, (self._digest.hexdigest(), self._size, step)])

    def cut_after(self, step):
        """Forgets the checksums of later steps."""
        entries = self._entries()
        kept = [entry for entry in entries if entry[2] <= step]
        if not kept:
            self._seal_path.unlink(missing_ok=True)
        elif kept != entries:
            self._write(kept)

    def check(self, content, step=None):
        """Raises a `DamagedFileError` if the bytes do not begin as they were recorded up to a step (None: any)."""
        entries = [entry for entry in self._entries() if step is None or entry[2] <= step]
        if not entries or _is_whole(content, entries[-1]):
            return
        good, bad = 0, entries[-1][2]
        for entry in entries:
            if not _is_whole(content, entry):
                bad = entry[2]
                break
            good = entry[2]
        raise DamagedFileError(
            f"{self._path}: damaged or changed since it was written, in the rows of the steps {good + 1} to {bad} "
            f"(their SHA-256 is not the one in {self._seal_path.name}). Restore it; or delete {self._seal_path.name} "
            "to accept it as it is; or delete both to resume with a log that begins at the checkpoint"
        )

    def _entries(self):
        """[(SHA-256, bytes, step)], steps ascending."""
        try:
            text = self._seal_path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DamagedFileError(f"{self._seal_path}: cannot be read: {error.strerror}; delete it") from error
        found = re.findall(r"^([0-9a-f]{64}) (\d+) (\d+)$", text, re.MULTILINE)
        return sorted(((digest, int(size), int(step)) for digest, size, step in found), key=lambda entry: entry[2])

    def _write(self, entries):
        with files.replacing(self._seal_path) as file:
            file.writelines(f"{digest} {size} {step}\n".encode() for digest, size, step in entries)


def _is_whole(content, entry):
    digest, size, _ = entry
    return len(content) >= size and hashlib.sha256(content[:size]).hexdigest() == digest
