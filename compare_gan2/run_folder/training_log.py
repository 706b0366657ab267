"""training.csv: one row of scalars per step, appended to while training and cut back to the checkpoint on resume."""

import os
import pathlib

import numpy as np

from compare_gan2.ground import files
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.ground.messages import log
from compare_gan2.run_folder.log_seal import LogSeal


class TrainingLog:
    """The per-step scalars of one model directory, written by one process.

    Numbers are float32, written as the shortest decimal that reads back as the same float32, so that equal runs leave
    equal files.

    Args:
        path: of the CSV file; it need not exist.
        every_step: whether there is a row of every step; else of some, such as those of checkpoints.
    """

    def __init__(self, path, every_step=True):
        self.path = pathlib.Path(path)
        self._every_step = every_step
        self._seal = LogSeal(self.path)
        self._header = None  # known once this process has looked at the file or written to it
        self._last_step = None
        self._size = None

    def append(self, first_step, scalars):
        """Adds the rows of steps `first_step`, `first_step` + 1, ...

        Args:
            first_step: step of the first row, later than every row in the file.
            scalars: {name: array of n numbers}, the same names each time.

        Raises:
            ValueError: for names or steps that do not continue the file, or arrays of different lengths.
            DamagedFileError: if the file ends in a cut line, which `truncate_after` repairs, or if it was changed or
                removed since this process last wrote to it.
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

    def seal(self):
        """Puts the rows on disk and records their checksum; called before the checkpoint of the last row is saved."""
        if self._last_step is not None:
            self._seal.record(self._last_step)

    def truncate_after(self, step):
        """Number of rows dropped: those after `step`, and a last line that was cut.

        Args:
            step: of the checkpoint from which training resumes; with `every_step` the rows up to it have to be there.

        Raises:
            DamagedFileError: if a row up to `step` is not the one that was written, or missing. The file stays as it
                is; if all of it is missing, a warning says so.
        """
        self._header = self._last_step = self._size = None
        try:
            with files.naming(self.path):
                content = self.path.read_bytes()
        except FileNotFoundError:
            if self._seal.is_recorded:
                log.warning(f"{self.path}: missing, with its rows up to step {step}: it begins at step {step + 1}")
                self._seal.cut_after(-1)
            return 0
        self._seal.check(content, step)
        lines = content.splitlines(keepends=True)
        kept = [line for line in lines[:1] if line.endswith(b"\n")]
        for header in kept:
            self._checked_header(header)
        before = None
        for number, line in enumerate(lines[1:], 2):
            if line.endswith(b"\n") and (found := self._step_of(line, number)) <= step:
                if self._every_step and before is not None and found != before + 1:
                    raise DamagedFileError(self._gap(f"line {number}", before + 1, found))
                before = found
                kept.append(line)
        if self._every_step and step and before != step:
            raise DamagedFileError(self._gap("its rows before the checkpoint", step, before))
        self._seal.cut_after(step)  # before the file: it must not name rows that are no longer there
        if not kept:  # not even the header is whole
            self.path.unlink()
        elif len(kept) < len(lines):
            with files.replacing(self.path) as file:
                file.writelines(kept)
        return max(len(lines) - max(len(kept), 1), 0)

    def _gap(self, where, expected, found):
        found = "no row" if found is None else f"step {found}"
        return (
            f"{self.path}, {where}: expected a row of step {expected}, got {found}; restore the file, or delete it to "
            "resume with a log that begins at the checkpoint"
        )

    def read(self):
        """{"step": int64 [n], name: float32 [n]} without a last line that was cut; {} if the file is missing.

        Raises:
            DamagedFileError: for a file that is not a training log, or not the one that was written.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        self._seal.check(content)
        *lines, _ = content.split(b"\n")  # what follows the last newline was cut
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
            self._seal.start(b"")
            self._size = 0
            self._write(new_header + "\n")
            self._header = new_header
            return
        content = self.path.read_bytes()
        header, newline, below = content.partition(b"\n")
        header = self._checked_header(header + newline)
        if below:
            if not below.endswith(b"\n"):
                raise DamagedFileError(f"{self.path}: its last line is cut; call truncate_after first")
            self._last_step = self._step_of(below[below[:-1].rfind(b"\n") + 1 :], "last")
        self._seal.start(content)
        self._size = len(content)
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
        data = rest = text.encode()
        with files.naming(self.path), open(self.path, "ab", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size != self._size:
                raise DamagedFileError(
                    f"{self.path}: expected {self._size} bytes, got {size}: it was changed or removed while this "
                    "process trains; the same command resumes from the last checkpoint"
                )
            try:
                while rest:
                    rest = rest[file.write(rest) :]
            except OSError:
                file.truncate(size)
                raise
        self._size += len(data)
        self._seal.add(data)
