"""Input pipelines of all kinds of data: the speed of each alone, and how long training waits for it."""

import pathlib
import tempfile

from compare_gan2.benchmarks import input_rate, machine
from compare_gan2.benchmarks.workload import Variant
from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.ground.errors import ConfigError


def measure(setting, *, rounds=5, dataset=None, tfds_data_dir=None):
    """Dict that JSON can hold: speed of the input alone, and share of a step that is spent waiting for it.

    Args:
        setting: `Setting`.
        rounds: a third of the steps that are measured for each kind of data.
        dataset: name of a dataset to measure beside arrays and JPEGs; None for none.
        tfds_data_dir: folder of TensorFlow Datasets.

    Raises:
        ConfigError: for a configuration that cannot be run, or a dataset of another shape.
    """
    workload = setting.workload(Variant("as configured"))
    step, per_step = workload.step_on_batch(), workload.options.batch_size * workload.gan.batches_per_step
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for data in _datasets(setting, dataset, tfds_data_dir, pathlib.Path(folder)):
            if data.image_shape != setting.image_shape:
                raise ConfigError(f"--dataset: expected images of {setting.image_shape}, got {data.image_shape}")
            alone = input_rate.alone(iter(workload.batches_of(data)), per_step)
            waits, seconds = input_rate.waiting(iter(workload.batches_of(data)), step, 3 * rounds)
            rows[data.name] = {
                "images_per_second_alone": alone,
                "images_per_second_of_step": per_step / seconds,
                "share_of_step_waiting": waits,
            }
    return {"machine": machine.description(), "configuration": workload.record, "rows": rows}


def table(result):
    """Readable text of the result of `measure`."""
    return "\n".join(
        f"{name:26s} alone {row['images_per_second_alone']:9.1f} images/s, "
        f"{row['images_per_second_alone'] / row['images_per_second_of_step']:.0f} times as many as a step reads; "
        f"training waits {row['share_of_step_waiting']:.2%} of a step"
        for name, row in result["rows"].items()
    )


def _datasets(setting, name, tfds_data_dir, folder):
    """Yields each `ImageDataset` that `measure` reads."""
    height, width, channels = setting.image_shape
    yield input_rate.memory_dataset(setting.image_shape, setting.num_classes)
    if name:
        yield open_dataset(setting.config(), name, tfds_data_dir=tfds_data_dir)
    if height == width and channels == 3:
        pictures = input_rate.write_pictures(folder / "pictures")
        yield input_rate.tfrecord_dataset(pictures, height, folder / "tfds")
        yield input_rate.folder_dataset(folder / "pictures", height, folder / "cache")
