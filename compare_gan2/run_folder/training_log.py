"""training.csv: one row of scalars per step, appended to while training and cut back to the checkpoint on resume."""

import os
import pathlib

import numpy as np

from compare_gan2.ground import files
from compare_gan2.ground.errors import DamagedFileError


class TrainingLog:
    """The per-step scalars of one model directory, written by one process.

    Numbers are float32, written as the shortest decimal that reads back as the same float32, so that equal runs leave
    equal files.

    Args:
        path: of the CSV file; it need not exist.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self._header = None  # known once this process has looked at the file or written to it
        self._last_step = None

    def append(self, first_step, scalars):
        """Adds the rows of steps `first_step`, `first_step` + 1, ...

        Args:
            first_step: step of the first row, later than every row in the file.
            scalars: {name: array of n numbers}, the same names each time.

        Raises:
            ValueError: for names or steps that do not continue the file, or arrays of different lengths.
            DamagedFileError: if the file ends in a cut line; `truncate_after` repairs it.
            OSError: if the disk is full; no part of the new rows stays.
        """
        names = sorted(scalars)
        header = ",".join(["step", *names])
        columns = [np.asarray(scalars[name], np.float32) for name in names]
        shapes = {name: column.shape for name, column in zip(names, columns, strict=True)}
        if not columns or len(set(shapes.values())) != 1 or columns[0].ndim != 1:
            raise ValueError(f"{self.path}: expected arrays [n] of one length, got {shapes}")
        if "step" in names or any(not name or set(name) & set(',"\r\n') for name in names):
            raise ValueError(f"{self.path}: names must not be empty, 'step' or hold a comma or quote, got {names}")
        self._look(header)
        if header != self._header:
            raise ValueError(f"{self.path}: its columns are {self._header!r}, got {header!r}")
        if self._last_step is not None and first_step <= self._last_step:
            raise ValueError(f"{self.path}: expected a first step after {self._last_step}, got {first_step}")
        rows = zip(*(column.astype(str) for column in columns), strict=True)
        lines = [f"{step},{','.join(row)}\n" for step, row in enumerate(rows, first_step)]
        self._write("".join(lines))
        if lines:
            self._last_step = first_step + len(lines) - 1

    def truncate_after(self, step):
        """Number of rows dropped: those after `step`, and a last line that was cut."""
        self._header = self._last_step = None
        try:
            lines = self.path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return 0
        kept = [line for line in lines[:1] if line.endswith(b"\n")]
        for header in kept:
            self._checked_header(header)
        for number, line in enumerate(lines[1:], 2):
            if line.endswith(b"\n") and self._step_of(line, number) <= step:
                kept.append(line)
        if not kept:  # not even the header is whole
            self.path.unlink()
        elif len(kept) < len(lines):
            with files.replacing(self.path) as file:
                file.writelines(kept)
        return max(len(lines) - max(len(kept), 1), 0)

    def read(self):
        """{"step": int64 [n], name: float32 [n]} without a last line that was cut; {} if the file is missing.

        Raises:
            DamagedFileError: for a file that is not a training log.
        """
        try:
            *lines, _ = self.path.read_bytes().split(b"\n")  # what follows the last newline was cut
        except FileNotFoundError:
            return {}
        if not lines:
            return {}
        names = self._checked_header(lines[0] + b"\n").split(",")
        types = [(name, np.int64 if name == "step" else np.float32) for name in names]
        if len(lines) == 1:
            return {name: np.empty([0], kind) for name, kind in types}
        for number, line in enumerate(lines[1:], 2):
            if line.count(b",") != len(names) - 1:
                cells = line.count(b",") + 1
                raise DamagedFileError(f"{self.path}, line {number}: expected {len(names)} cells, got {cells}")
        try:
            table = np.loadtxt(lines[1:], types, delimiter=",", ndmin=1, comments=None)
        except ValueError as error:
            raise DamagedFileError(f"{self.path}: rows below the header: {error}") from error
        return {name: np.ascontiguousarray(table[name]) for name in names}

    def _look(self, new_header):
        """Reads header and last step from the file, once; creates a missing file."""
        if self._header is not None:
            return
        if not self.path.exists():
            self._write(new_header + "\n")
            self._header = new_header
            return
        with open(self.path, "rb") as file:
            header = self._checked_header(file.readline())
            below = file.tell()
            file.seek(max(below, os.path.getsize(self.path) - 2**16))  # far longer than a row
            tail = file.read()
        if tail:
            if not tail.endswith(b"\n"):
                raise DamagedFileError(f"{self.path}: its last line is cut; call truncate_after first")
            self._last_step = self._step_of(tail.splitlines()[-1], "last")
        self._header = header

    def _checked_header(self, line):
        text = line.decode("utf-8", errors="replace")
        if not text.startswith("step,") or not text.endswith("\n"):
            raise DamagedFileError(f"{self.path}: expected a header 'step,...', got {text[:200]!r}")
        return text[:-1]

    def _step_of(self, line, number):
        try:
            return int(line.split(b",", 1)[0])
        except ValueError:
            raise DamagedFileError(
                f"{self.path}, line {number}: expected a row that begins with a step, got {line[:80]!r}"
            ) from None

    def _write(self, text):
        """Appends the text in one system call; removes the part of it that a full disk let through."""
        data = text.encode()
        with files.naming(self.path), open(self.path, "ab", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            try:
                while data:
                    data = data[file.write(data) :]
            except OSError:
                file.truncate(size)
                raise
