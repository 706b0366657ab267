"""events.jsonl: what the watchdog found in a run, one JSON object per line."""

import json
import pathlib
import time

from compare_gan2.ground import files
from compare_gan2.run_folder import json_lines

NAME = "events.jsonl"
KEYS = ("step", "time", "rule", "value", "threshold", "action", "message")


class EventLog:
    """The events of one run, written by one process.

    Args:
        path: of the file; it need not exist.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def append(self, **event):
        """Adds an event: values of all `KEYS` but `time`, which is added, and more if there are any."""
        line = {"step": event["step"], "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **event}
        json_lines.append(self.path, line)

    def read(self):
        """List of all events, oldest first, without a last line that was cut; [] if the file is missing.

        Raises:
            DamagedFileError: for a line that is not an event.
        """
        return json_lines.read(self.path, KEYS, "an event")

    def truncate_after(self, step):
        """Drops what happened after `step`, which is trained again, but roll backs: they stay true."""
        events = self.read()
        kept = [event for event in events if event["step"] <= step or "rolled_back_to" in event]
        if not self.path.exists() or len(kept) == len(events) and self.path.read_bytes().endswith(b"\n"):
            return
        with files.replacing(self.path) as file:
            file.writelines(json.dumps(event).encode() + b"\n" for event in kept)

    def rate_factor(self):
        """Factor of the learning rates, the product of those of all roll backs; 1 without any."""
        factor = 1.0
        for event in self.roll_backs():
            factor *= event["rate_factor"]
        return factor

    def roll_backs(self):
        """List of the events that rolled the run back."""
        return [event for event in self.read() if "rolled_back_to" in event]

    def summary(self):
        """A few words, such as "watchdog: d_wins at step 900, rolled back from step 70 to 60"; "" without events."""
        parts = []
        for event in self.read():
            back = "rolled_back_to" in event
            where = f"rolled back from step {event['step']} to {event['rolled_back_to']}" if back else ""
            parts.append(f"{event['rule']}: {where}" if back else f"{event['rule']} at step {event['step']}")
        return f"watchdog: {', '.join(parts)}" if parts else ""
