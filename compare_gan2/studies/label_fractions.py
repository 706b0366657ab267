"""How many training images have a label in each setting of a study, read from its configuration."""

import dataclasses
import math

from compare_gan2.config.configuration import parse
from compare_gan2.ground import tensorflow_start
from compare_gan2.studies.plan import runs_of


@dataclasses.dataclass(frozen=True)
class PerClass:
    """Labels of each class that training sees; infinite for all."""

    number: float


def label_fractions(study):
    """{`Setting`: `labels.fraction` in percent, or `PerClass`, as file or bindings bind them; None for neither}.

    A bound `labels.per_class` counts first; where it is None beside a fraction of 1, all images have their label.

    Imports TensorFlow, as every parsing of a run's configuration does: call it when the runs have ended.

    Args:
        study: `Study`.

    Raises:
        ConfigError: for a configuration that cannot be parsed, or a fraction out of range.
    """
    from compare_gan2.datasets.labels.label_options import LabelOptions
    from compare_gan2.runs.declarations import declare_all

    tensorflow_start.load()
    declare_all()
    fractions = {}
    for setting, arguments in {run.setting: run.arguments for run in runs_of(study)}.items():
        config = parse(setting.files, arguments)
        options = config.build(LabelOptions)
        fractions[setting] = None
        if config.is_bound(LabelOptions, "per_class") and (options.per_class or options.fraction == 1.0):
            fractions[setting] = PerClass(float(options.per_class or math.inf))
        elif config.is_bound(LabelOptions, "fraction"):
            fractions[setting] = round(100 * options.fraction, 10)
    return fractions
