"""dataset.json: what a run's generator has to know of its dataset, so that images can be drawn without the data."""

import dataclasses
import json

import numpy as np

from compare_gan2.reporting import files

NAME = "dataset.json"


@dataclasses.dataclass(frozen=True, eq=False)
class DatasetRecord:
    """Facts about the images and labels that a run was trained on.

    Attributes:
        name: of the dataset.
        image_shape: (height, width, channels).
        num_classes: None without labels.
        class_names: one name per class, or None.
        label_distribution: float64 [num_classes] where fakes are asked for classes so; None where uniformly.
    """

    name: str
    image_shape: tuple
    num_classes: int | None
    class_names: tuple | None = None
    label_distribution: np.ndarray | None = None


def write_dataset_record(model_dir, record):
    """Writes a record beside the checkpoints."""
    facts = dataclasses.asdict(record)
    if record.label_distribution is not None:
        facts["label_distribution"] = record.label_distribution.tolist()
    with files.replacing(model_dir / NAME) as file:
        file.write((json.dumps(facts, indent=2) + "\n").encode())


def read_dataset_record(model_dir):
    """`DatasetRecord` of a run's folder, None if an older version made it.

    Raises:
        DamagedFileError: for a file that is none.
    """
    path = model_dir / NAME
    try:
        facts = json.loads(path.read_text())
        distribution = facts["label_distribution"]
        return DatasetRecord(
            name=facts["name"],
            image_shape=tuple(facts["image_shape"]),
            num_classes=facts["num_classes"],
            class_names=None if facts["class_names"] is None else tuple(facts["class_names"]),
            label_distribution=None if distribution is None else np.array(distribution),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise files.DamagedFileError(f"{path}: cannot be read as facts about a dataset ({error!r})") from error
