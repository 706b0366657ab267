"""Imports every module that declares a name for `.gin` files; parse a file only after this."""

from compare_gan2 import architectures, datasets, options
from compare_gan2.datasets import arrays_source, folder_source, labels, latents, replacement, tfds_options
from compare_gan2.gans import losses, modular_gan, penalties, s3gan, ssgan
from compare_gan2.layers import cross_replica, initializers, normalization, spectral_norm, weight_norm
from compare_gan2.metrics import catalog, feature_networks
from compare_gan2.pretraining import clustering, inferred_labels, resnet_v2
from compare_gan2.pretraining import options as pretraining_options
from compare_gan2.training import optimizers

MODULES = (
    architectures,
    arrays_source,
    catalog,
    clustering,
    cross_replica,
    datasets,
    feature_networks,
    folder_source,
    inferred_labels,
    initializers,
    labels,
    latents,
    losses,
    modular_gan,
    normalization,
    optimizers,
    options,
    penalties,
    pretraining_options,
    replacement,
    resnet_v2,
    s3gan,
    spectral_norm,
    ssgan,
    tfds_options,
    weight_norm,
)
