"""Makes the layers of one network with the settings that all of them share."""

import copy
import dataclasses
import functools

from compare_gan2.distribution.cross_replica import CrossReplicaMoments
from compare_gan2.layers import initializers, normalization, spectral_norm, weight_norm, weighted
from compare_gan2.layers.attention import NonLocalBlock
from compare_gan2.layers.layer_norm import LayerNorm


@dataclasses.dataclass(frozen=True)
class LayerSettings:
    """Settings that all layers of a network share, as plain values, so that a network is saved with them.

    Attributes:
        initializer: key of `INITIALIZERS` for kernels (gin: `weights.initializer`).
        power_iteration: fields of `PowerIteration` (gin: `spectral_norm`); used where a layer has spectral norm.
        standardize: fields of `StandardizeBatch` (gin: `standardize_batch`).
        cross_replica: fields of `CrossReplicaMoments` (gin: `cross_replica_moments`).
        norm: arguments of the network's own batch norm class, such as `use_bias` of `ConditionalBatchNorm`.
        weight_norm: fields of `WeightNorm` (gin: `weight_norm`); used where a layer has weight norm.

    Example:
        >>> LayerSettings(initializer="orthogonal", standardize={"decay": 0.9, "epsilon": 1e-5}).standardize["decay"]
        0.9
    """

    initializer: str = "normal"
    power_iteration: dict = dataclasses.field(
        default_factory=lambda: dataclasses.asdict(spectral_norm.PowerIteration())
    )
    standardize: dict = dataclasses.field(default_factory=lambda: dataclasses.asdict(normalization.StandardizeBatch()))
    cross_replica: dict = dataclasses.field(default_factory=lambda: dataclasses.asdict(CrossReplicaMoments()))
    norm: dict = dataclasses.field(default_factory=dict)
    weight_norm: dict = dataclasses.field(default_factory=lambda: dataclasses.asdict(weight_norm.WeightNorm()))

    @classmethod
    def from_config(cls, config, batch_norm_fn):
        """`LayerSettings` of a `Configuration`.

        Args:
            config: `Configuration`.
            batch_norm_fn: class that `G.batch_norm_fn` or `D.batch_norm_fn` names; None for none.

        Raises:
            ConfigError: for a parameter that does not exist or a value of the wrong type.
        """
        return cls(
            initializer=config.build(initializers.Weights).initializer,
            power_iteration=dataclasses.asdict(config.build(spectral_norm.PowerIteration)),
            standardize=dataclasses.asdict(config.build(normalization.StandardizeBatch)),
            cross_replica=dataclasses.asdict(config.build(CrossReplicaMoments)),
            norm=config.arguments(batch_norm_fn) if batch_norm_fn else {},
            weight_norm=dataclasses.asdict(config.build(weight_norm.WeightNorm)),
        )


class LayerFactory:
    """Makes the layers of one network: the settings are given once, each method makes one new layer.

    An architecture makes all its layers with `self.factory`, so that spectral norm, weight norm, batch norm, the
    initialiser and the dtype policy reach every one of them. Layers have no variables before they are built.

    Args:
        settings: `LayerSettings`.
        batch_norm_fn: class of the batch norms; None for none.
        spectral_norm: whether kernels have spectral norm unless a call says otherwise.
        layer_norm: whether `layer_norm` makes layers.
        weight_norm: whether dense layers and convolutions have weight norm instead; layers without bias, class
            projections and attention never have it.
        dtype: dtype or dtype policy of all layers; None for Keras' global policy.

    Example:
        >>> factory = LayerFactory(LayerSettings(), batch_norm_fn=None, spectral_norm=True)
        >>> conv = factory.conv(8, 3, "conv1", resample="up")
        >>> conv.build((None, 4, 4, 3))
        >>> [variable.path for variable in conv.variables]
        ['conv1/kernel', 'conv1/bias', 'conv1/kernel/u_var']
    """

    def __init__(self, settings, *, batch_norm_fn, spectral_norm, layer_norm=False, weight_norm=False, dtype=None):
        self.settings = settings
        self.batch_norm_fn = batch_norm_fn or normalization.NoBatchNorm
        self.spectral_norm = spectral_norm
        self.has_layer_norm = layer_norm
        self.has_weight_norm = weight_norm
        self.dtype = dtype

    def with_layer_norm(self, layer_norm):
        """Copy of the factory with layer norm on or off."""
        other = copy.copy(self)
        other.has_layer_norm = layer_norm
        return other

    def dense(self, units, name, *, spectral_norm=None, use_bias=True):
        """Linear map [N, in] -> [N, units]: `Dense`, or `WeightNormDense` with weight norm.

        Args:
            units: outputs.
            name: name of the layer, part of its variables' paths in checkpoints.
            spectral_norm: whether the kernel has spectral norm; None for the network's setting.
            use_bias: whether a bias is added; without one there is no weight norm either.
        """
        if self.has_weight_norm and use_bias:
            return weight_norm.WeightNormDense(units, name=name, **self._weight_norm())
        return weighted.Dense(units, use_bias=use_bias, name=name, **self._weights(spectral_norm))

    def conv(self, filters, kernel_size, name, *, strides=1, resample=None, spectral_norm=None, use_bias=True):
        """Convolution [N, H, W, in] -> [N, H', W', filters]: `Conv2D`, or `WeightNormConv2D` with weight norm.

        Args:
            filters: output channels.
            kernel_size: side of the square kernel.
            name: name of the layer.
            strides: step of the window.
            resample: "up" doubles the side before, "down" halves it after, None keeps it; see `Conv2D`.
            spectral_norm: whether the kernel has spectral norm; None for the network's setting.
            use_bias: whether a bias is added; without one there is no weight norm either.

        Raises:
            ValueError: for a `resample` that `Conv2D` does not have or not with these strides and kernel size.
        """
        shape = {"kernel_size": kernel_size, "strides": strides, "resample": resample, "name": name}
        if self.has_weight_norm and use_bias:
            return weight_norm.WeightNormConv2D(filters, **shape, **self._weight_norm())
        return weighted.Conv2D(filters, use_bias=use_bias, **shape, **self._weights(spectral_norm))

    def deconv(self, filters, output_size, kernel_size, name, *, strides=2):
        """Transposed convolution [N, h, w, in] -> [N, H, W, filters], never with spectral norm, as in the original.

        Args:
            filters: output channels.
            output_size: (H, W) with ceil(H / strides) = h.
            kernel_size: side of the square kernel.
            name: name of the layer.
            strides: factor by which the side grows.
        """
        shape = {"output_size": output_size, "kernel_size": kernel_size, "strides": strides, "name": name}
        if self.has_weight_norm:
            return weight_norm.WeightNormConv2DTranspose(filters, **shape, **self._weight_norm())
        return weighted.Conv2DTranspose(filters, **shape, **self._weights(spectral_norm=False))

    def projection(self, units, name, *, initializer="glorot_normal"):
        """`ClassProjection` (labels [N, classes], features [N, units]) -> [N, 1].

        Args:
            units: size of the features.
            name: name of the layer.
            initializer: key of `INITIALIZERS`; not the network's setting unless it is passed.
        """
        return weighted.ClassProjection(units, name=name, **{**self._weights(), "initializer": initializer})

    def attention(self, name="non_local_block"):
        """Self-attention [N, H, W, C] -> [N, H, W, C], a `NonLocalBlock`."""
        return NonLocalBlock(name=name, **self._weights())

    def batch_norm(self, name):
        """Batch norm of the class `batch_norm_fn`; `NoBatchNorm`, which returns its inputs, if there is none."""
        if self.batch_norm_fn is normalization.NoBatchNorm:
            return normalization.NoBatchNorm(name=name, dtype=self.dtype)
        options = dict(self.settings.norm)
        if self.batch_norm_fn.conditional:
            weights = self._weights()
            del weights["dtype"]
            options["dense"] = weights
        return self._standardizing(self.batch_norm_fn)(name=name, **options)

    def plain_batch_norm(self, name):
        """`BatchNorm` with a trained gain and offset, whatever `batch_norm_fn` is."""
        return self._standardizing(normalization.BatchNorm)(name=name)

    def layer_norm(self, name):
        """`LayerNorm`; None if the network has no layer norm."""
        return LayerNorm(name=name, dtype=self.dtype) if self.has_layer_norm else None

    def _standardizing(self, norm_class):
        shared = {"standardize": self.settings.standardize, "cross_replica": self.settings.cross_replica}
        return functools.partial(norm_class, dtype=self.dtype, **shared)

    def _weights(self, spectral_norm=None):
        use = self.spectral_norm if spectral_norm is None else spectral_norm
        power_iteration = self.settings.power_iteration if use else None
        return {"initializer": self.settings.initializer, "power_iteration": power_iteration, "dtype": self.dtype}

    def _weight_norm(self):
        return {**self.settings.weight_norm, "dtype": self.dtype}
