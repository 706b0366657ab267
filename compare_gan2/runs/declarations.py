"""Every module that declares a name for `.gin` files, in one list."""

import importlib

from compare_gan2.config import configuration
from compare_gan2.config.library_call import library_call

_DECLARING = (
    "architectures",
    "architectures.resnet_v2",
    "augmentation.ada",
    "augmentation.apa",
    "augmentation.diffaugment",
    "augmentation.flip_translate",
    "config.run_options",
    "datasets.crop_options",
    "datasets.dataset_options",
    "datasets.labels.label_options",
    "datasets.labels.replacement",
    "datasets.latents",
    "datasets.sources.arrays_options",
    "datasets.sources.folder_options",
    "datasets.sources.idx_options",
    "datasets.sources.tfds_options",
    "distribution.cross_replica",
    "gans.auxiliary_classifiers",
    "gans.consistency",
    "gans.contrastive_heads",
    "gans.feature_matching",
    "gans.lecam",
    "gans.logits_heads",
    "gans.losses",
    "gans.modular_gan",
    "gans.orthogonal",
    "gans.path_length",
    "gans.penalties",
    "gans.relativistic_losses",
    "gans.s3gan",
    "gans.ssgan",
    "gans.top_k",
    "layers.initializers",
    "layers.normalization",
    "layers.spectral_norm",
    "layers.weight_norm",
    "metrics.networks.feature_networks",
    "metrics.table",
    "pretraining.clustering",
    "pretraining.few_label_options",
    "pretraining.inferred_labels",
    "pretraining.options",
    "pretraining.propagation_options",
    "pretraining.self_supervised.colour_views",
    "pretraining.self_supervised.digit_views",
    "pretraining.self_supervised.methods",
    "reporting.mlflow_tracking",
    "reporting.weights_and_biases",
    "training.optimizers",
    "training.watchdog_options",
)


def declare_all():
    """Imports every module that declares a name, so that a configuration can be parsed."""
    for name in _DECLARING:
        importlib.import_module(f"compare_gan2.{name}")


@library_call(gin_config="gin_files")
def parse(gin_files=(), gin_bindings=()):
    """`Configuration` of files, then bindings, with every name of the package declared; see `configuration.parse`.

    Example:
        >>> compare_gan2.parse(["s3gan.gin"], ["options.z_dim = 60"]).text
    """
    declare_all()
    return configuration.parse(gin_files, gin_bindings, "bindings")
