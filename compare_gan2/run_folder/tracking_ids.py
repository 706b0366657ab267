"""tracking.json: under which names other services know a run, so that a resumed run is the same one there."""

import json
import pathlib

from compare_gan2.ground import files, json_text
from compare_gan2.ground.errors import DamagedFileError

NAME = "tracking.json"


class TrackingIds:
    """{service: name of the run there} in a run's folder.

    Args:
        model_dir: folder of the run; it exists when something is recorded.
    """

    def __init__(self, model_dir):
        self._path = pathlib.Path(model_dir) / NAME

    def get(self, service):
        """The recorded name; None if there is none.

        Raises:
            DamagedFileError: if the file is not what was written.
        """
        return self._read().get(service)

    def record(self, service, name):
        """Records a name, beside those of other services."""
        content = self._read() | {service: name}
        with files.replacing(self._path) as file:
            file.write(json.dumps(content, indent=1).encode() + b"\n")

    def _read(self):
        try:
            content = json_text.parsed(self._path.read_text())
            if not isinstance(content, dict):
                raise ValueError(f"expected an object, got {content!r}")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise DamagedFileError(
                f"{self._path}: cannot be read ({error}); delete it, then services count the run as a new one"
            ) from error
        return content
