"""How many training images have a label in each setting of a study, read from its configuration."""

from compare_gan2.config.configuration import parse
from compare_gan2.ground import tensorflow_start
from compare_gan2.studies.plan import runs_of


def label_fractions(study):
    """{`Setting`: bound `labels.fraction` in percent; None where neither file nor bindings bind it}.

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
        bound = config.is_bound(LabelOptions, "fraction")
        fractions[setting] = round(100 * config.build(LabelOptions).fraction, 10) if bound else None
    return fractions
