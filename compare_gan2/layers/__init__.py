"""Keras layers of the networks: kernels with spectral or weight norm, batch norm, attention.

Example:
    >>> from compare_gan2 import layers
    >>> conv = layers.Conv2D(64, resample="up", power_iteration={"singular_value": "auto"})
    >>> conv(tf.ones([2, 8, 8, 32])).shape
    TensorShape([2, 16, 16, 64])
"""

from compare_gan2.layers.attention import NonLocalBlock
from compare_gan2.layers.equalized import EqualizedConv2D, EqualizedDense
from compare_gan2.layers.grouped_conv import GroupedConv2D
from compare_gan2.layers.layer_norm import LayerNorm
from compare_gan2.layers.modulated_conv import ModulatedConv2D
from compare_gan2.layers.normalization import BatchNorm, ConditionalBatchNorm, NoBatchNorm, SelfModulatedBatchNorm
from compare_gan2.layers.scaled_dense import ScaledDense
from compare_gan2.layers.spectral_norm import SpectralNorm
from compare_gan2.layers.weight_norm import WeightNormConv2D, WeightNormConv2DTranspose, WeightNormDense
from compare_gan2.layers.weighted import ClassProjection, Conv2D, Conv2DTranspose, Dense

__all__ = [
    "BatchNorm",
    "ClassProjection",
    "ConditionalBatchNorm",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "EqualizedConv2D",
    "EqualizedDense",
    "GroupedConv2D",
    "LayerNorm",
    "ModulatedConv2D",
    "NoBatchNorm",
    "NonLocalBlock",
    "ScaledDense",
    "SelfModulatedBatchNorm",
    "SpectralNorm",
    "WeightNormConv2D",
    "WeightNormConv2DTranspose",
    "WeightNormDense",
]
