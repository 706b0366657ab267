"""The extractor and the inferred labels that a configuration binds."""

from compare_gan2.architectures.resnet_v2 import ResNetV2Options
from compare_gan2.datasets.labels.label_options import LabelOptions
from compare_gan2.datasets.labels.replacement import ReplaceLabels
from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.calibration import hold_out
from compare_gan2.pretraining.clustering import ClusteringOptions
from compare_gan2.pretraining.extractor import Extractor
from compare_gan2.pretraining.few_label_options import FewLabelOptions
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions, LabelInference
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.propagation_options import PropagationOptions
from compare_gan2.pretraining.self_supervised.methods import METHODS


def make_extractor(config, dataset, strategy, folder=None):
    """`Extractor` that a configuration binds; it computes nothing yet.

    Args:
        config: `Configuration`.
        dataset: `ImageDataset` with only the labels that the task may see.
        strategy: tf.distribute strategy.
        folder: of the extractor; None for its folder in the cache.

    Raises:
        ConfigError: for options that do not fit each other or the dataset.
    """
    options, held_out = config.build(InferredLabelsOptions), None
    if options.held_out:
        if options.kind not in ("hard", "soft"):
            raise ConfigError(
                "inferred_labels.held_out: only hard and soft labels have probabilities to calibrate, expected 0.0 "
                f"with inferred_labels.kind = {options.kind!r}, got {options.held_out}"
            )
        dataset, held_out = hold_out(dataset, options.held_out)
    pretrain, network = config.build(PretrainOptions), config.build(ResNetV2Options)
    return Extractor(
        dataset,
        strategy,
        pretrain,
        network,
        options.cache_dir,
        folder,
        method=config.build(METHODS[pretrain.task]) if pretrain.compares_views else None,
        held_out=held_out,
        few_labels=config.build(FewLabelOptions) if pretrain.learns_from_few else None,
    )


def make_label_inference(config, extractor, kind):
    """`LabelInference` of labels of a kind, see `InferredLabelsOptions`; raises a `ConfigError` as that does."""
    clustering = config.build(ClusteringOptions) if kind == "clusters" else None
    propagated = kind != "clusters" and config.build(InferredLabelsOptions).method == "propagation"
    propagation = config.build(PropagationOptions) if propagated else None
    labels = None if extractor.options.reads_labels or propagated else config.build(LabelOptions)
    return LabelInference(extractor, kind, clustering, labels, propagation)


def inference_of(config, dataset, strategy):
    """`LabelInference` of the labels that `inferred_labels.kind` selects; None if that is None.

    Args:
        config, dataset, strategy: see `make_extractor`.

    Raises:
        ConfigError: as `make_extractor` and `make_label_inference`, and if other options select other labels.
    """
    kind = config.build(InferredLabelsOptions).kind
    if kind is None:
        return None
    labels = config.build(LabelOptions)
    if labels.source != "stored" and kind != "clusters":
        raise ConfigError(
            f"labels.source: {kind} labels are inferred from stored ones, expected 'stored', got {labels.source!r}"
        )
    if labels.only_labelled:
        raise ConfigError("labels.only_labelled: with inferred_labels.kind every image has a label, got True")
    pattern = config.build(ReplaceLabels).file_pattern
    if pattern is not None:
        raise ConfigError(f"replace_labels.file_pattern: expected None beside inferred_labels.kind, got {pattern!r}")
    return make_label_inference(config, make_extractor(config, dataset, strategy), kind)
