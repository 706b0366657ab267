"""cost.jsonl: what training took, one JSON object per checkpoint. Unlike all other files, no two runs share these."""

import pathlib

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder import json_lines

NAME = "cost.jsonl"
KEYS = ("session", "first_step", "step", "seconds", "images", "host_memory", "device_memory", "devices")
_NUMBERS = ("first_step", "step", "seconds", "images", "host_memory", "device_memory")


class CostLog:
    """The cost of one run, written by one process; lines of steps that are trained again stay, since they were paid.

    Args:
        path: of the file; it need not exist.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def start(self):
        """Prepares the file of a run that was killed for further lines."""
        json_lines.cut_to_whole_lines(self.path)

    def append(self, **values):
        """Adds a line with all `KEYS`: steps after `first_step` up to `step`, which a session trained in `seconds`."""
        json_lines.append(self.path, values)

    def read(self):
        """List of all lines, oldest first; [] for a run of a version that did not record them.

        Raises:
            DamagedFileError: for a line that does not have all `KEYS`.
        """
        lines = json_lines.read(self.path, KEYS, "the cost of training")
        for number, line in enumerate(lines, 1):
            numbers = [0 if line[key] is None else line[key] for key in _NUMBERS]
            if not all(isinstance(value, int | float) and 0 <= value < float("inf") for value in numbers):
                raise DamagedFileError(f"{self.path}, line {number}: expected numbers from 0, got {numbers}; delete it")
        return lines

    def seconds(self):
        """Seconds of training in all sessions; scoring and drawing are not counted."""
        return sum(line["seconds"] for line in self.read())

    def seconds_at_steps(self):
        """{step: seconds of training until its checkpoint was saved last}, with what was trained again on the way."""
        passed, found = 0.0, {}
        for line in self.read():
            passed += line["seconds"]
            found[line["step"]] = passed
        return found

    def images_per_second(self):
        """Images per second of training, without the first line of each session, which compiles, if there are others.

        None if nothing is recorded.
        """
        lines, sessions = self.read(), set()
        later = [line for line in lines if line["session"] in sessions or sessions.add(line["session"])]
        seconds = sum(line["seconds"] for line in later or lines)
        return sum(line["images"] for line in later or lines) / seconds if seconds else None
