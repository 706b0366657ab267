"""The setting to measure: a preset or a configuration, with the shape of its images."""

import dataclasses

from compare_gan2.benchmarks import presets
from compare_gan2.benchmarks.workload import Variant, Workload
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.dataset_options import DatasetOptions
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean


@dataclasses.dataclass(frozen=True)
class Setting:
    """A configuration and the random images that its step is measured on.

    Attributes:
        gin_files, bindings: of the configuration.
        image_shape: (height, width, channels).
        num_classes: of the labels; None without labels.
    """

    gin_files: tuple
    bindings: tuple
    image_shape: tuple
    num_classes: int | None

    def config(self):
        """Its `Configuration`, a new one."""
        return parse(self.gin_files, self.bindings)

    def workload(self, variant, strategy=None):
        """`Workload` of a `Variant` of it; raises a `ConfigError` if it cannot be run."""
        return Workload(variant, self.gin_files, self.bindings, self.image_shape, self.num_classes, strategy)

    def counts(self, bindings):
        """`Counts` of one step under further bindings."""
        return self.workload(Variant("counted", bindings=bindings)).counts()


def setting_of(preset, gin_files, bindings, resolution=None, num_classes=None):
    """`Setting` of a preset or of `.gin` files.

    Args:
        preset: key of `presets.SIZES`; None for that of the files.
        gin_files: names of files, none with a preset.
        bindings: gin bindings, parsed last.
        resolution: side of the images; None for that of the preset or the dataset.
        num_classes: of the labels; None likewise.

    Raises:
        ConfigError: for a configuration that cannot be parsed or whose dataset has no known shape.
    """
    if preset:
        bindings = [*presets.bindings(preset), *bindings]
        shape, classes = presets.image_shape(preset), presets.NUM_CLASSES
    else:
        name = parse(gin_files, bindings).build(DatasetOptions).name
        if name not in DATASETS:
            raise ConfigError(
                f"dataset.name: expected one of {', '.join(DATASETS)}, got {name!r}{did_you_mean(name, DATASETS)}"
            )
        shape, classes = DATASETS[name].image_shape, DATASETS[name].num_classes
    shape = (resolution, resolution, shape[-1]) if resolution else shape
    return Setting(tuple(gin_files), tuple(bindings), shape, num_classes or classes)
