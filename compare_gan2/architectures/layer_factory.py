"""Makes the layers of one network, so that what gin says about layers is read in one place and passed on explicitly."""

import copy
import dataclasses
import functools

from compare_gan2 import configuration
from compare_gan2.layers import initializers, normalization, spectral_norm, weight_norm, weighted
from compare_gan2.layers.attention import NonLocalBlock
from compare_gan2.layers.cross_replica import CrossReplicaMoments


@dataclasses.dataclass(frozen=True)
class LayerSettings:
    """What gin binds on layers: plain values, so that a network can be saved with them.

    Attributes:
        initializer: `weights.initializer`.
        power_iteration: fields of `spectral_norm`.
        standardize: fields of `standardize_batch`.
        cross_replica: fields of `cross_replica_moments`.
        norm: bindings on the batch norm the network uses, such as `conditional_batch_norm.use_bias`.
        weight_norm: fields of `weight_norm`.
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
    def from_gin(cls, batch_norm_fn):
        """The current bindings; `batch_norm_fn` is the class that `G.batch_norm_fn` or `D.batch_norm_fn` names."""
        return cls(
            initializer=configuration.build(initializers.Weights).initializer,
            power_iteration=dataclasses.asdict(configuration.build(spectral_norm.PowerIteration)),
            standardize=dataclasses.asdict(configuration.build(normalization.StandardizeBatch)),
            cross_replica=dataclasses.asdict(configuration.build(CrossReplicaMoments)),
            norm=configuration.arguments(batch_norm_fn) if batch_norm_fn else {},
            weight_norm=dataclasses.asdict(configuration.build(weight_norm.WeightNorm)),
        )


class LayerFactory:
    """Layers of a network with its spectral-norm flag, batch norm and dtype policy.

    Args:
        settings: `LayerSettings`.
        batch_norm_fn: class of the batch norms, None for none.
        layer_norm: whether `layer_norm` makes layers or nothing.
        spectral_norm: whether weights are spectrally normalised unless a call says otherwise.
        weight_norm: whether dense layers and convolutions are weight-normalised; those without bias, class projections
            and attention are not.
        dtype: dtype or policy of all layers.
    """

    def __init__(self, settings, *, batch_norm_fn, spectral_norm, layer_norm=False, weight_norm=False, dtype=None):
        self.settings = settings
        self.batch_norm_fn = batch_norm_fn or normalization.NoBatchNorm
        self.spectral_norm = spectral_norm
        self.has_layer_norm = layer_norm
        self.has_weight_norm = weight_norm
        self.dtype = dtype

    def with_layer_norm(self, layer_norm):
        """The same factory with layer norm on or off."""
        other = copy.copy(self)
        other.has_layer_norm = layer_norm
        return other

    def _weights(self, spectral_norm=None):
        use = self.spectral_norm if spectral_norm is None else spectral_norm
        power_iteration = self.settings.power_iteration if use else None
        return {"initializer": self.settings.initializer, "power_iteration": power_iteration, "dtype": self.dtype}

    def _weight_norm(self):
        return {**self.settings.weight_norm, "dtype": self.dtype}

    def dense(self, units, name, *, spectral_norm=None, use_bias=True):
        if self.has_weight_norm and use_bias:
            return weight_norm.WeightNormDense(units, name=name, **self._weight_norm())
        return weighted.Dense(units, use_bias=use_bias, name=name, **self._weights(spectral_norm))

    def conv(self, filters, kernel_size, name, *, strides=1, resample=None, spectral_norm=None, use_bias=True):
        shape = {"kernel_size": kernel_size, "strides": strides, "resample": resample, "name": name}
        if self.has_weight_norm and use_bias:
            return weight_norm.WeightNormConv2D(filters, **shape, **self._weight_norm())
        return weighted.Conv2D(filters, use_bias=use_bias, **shape, **self._weights(spectral_norm))

    def deconv(self, filters, output_size, kernel_size, name, *, strides=2):
        """Transposed convolution to (height, width); no architecture normalises one spectrally."""
        shape = {"output_size": output_size, "kernel_size": kernel_size, "strides": strides, "name": name}
        if self.has_weight_norm:
            return weight_norm.WeightNormConv2DTranspose(filters, **shape, **self._weight_norm())
        return weighted.Conv2DTranspose(filters, **shape, **self._weights(spectral_norm=False))

    def projection(self, units, name, *, initializer="glorot_normal"):
        """Class projection on features of `units` values."""
        return weighted.ClassProjection(units, name=name, **{**self._weights(), "initializer": initializer})

    def attention(self, name="non_local_block"):
        return NonLocalBlock(name=name, **self._weights())

    def batch_norm(self, name):
        """The batch norm that `batch_norm_fn` names."""
        if self.batch_norm_fn is normalization.NoBatchNorm:
            return normalization.NoBatchNorm(name=name, dtype=self.dtype)
        options = dict(self.settings.norm)
        if self.batch_norm_fn.conditional:
            weights = self._weights()
            del weights["dtype"]
            options["dense"] = weights
        return self._standardizing(self.batch_norm_fn)(name=name, **options)

    def plain_batch_norm(self, name):
        """Batch norm with a gain and offset of its own, whatever `batch_norm_fn` is."""
        return self._standardizing(normalization.BatchNorm)(name=name)

    def _standardizing(self, norm_class):
        shared = {"standardize": self.settings.standardize, "cross_replica": self.settings.cross_replica}
        return functools.partial(norm_class, dtype=self.dtype, **shared)

    def layer_norm(self, name):
        """Layer norm, or None where the network has none."""
        return normalization.LayerNorm(name=name, dtype=self.dtype) if self.has_layer_norm else None
