"""Networks for inference alone: weights and standing statistics of a model, spectral norm folded into the kernels."""

import dataclasses

import keras

from compare_gan2.gans.discriminator_with_heads import HEADS, DiscriminatorWithHeads
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.weighted import KernelLayer
from compare_gan2.runs.plain_networks import PlainNetwork


@dataclasses.dataclass(frozen=True, eq=False)
class BakedNetworks:
    """Copies of the networks of a model, apart from it.

    Attributes:
        generator: network (latents, label vectors or None) -> images in [0, 1].
        judge: network (images, label vectors or None) -> `DiscriminatorOutput`; None if the model has none.
        left_out: {signature: reason} of what the model cannot do.
    """

    generator: keras.Model
    judge: keras.Model | None
    left_out: dict

    @property
    def predicts_labels(self):
        """Whether the judge predicts labels."""
        return getattr(self.judge, "predictor", None) is not None


def baked_networks(model):
    """`BakedNetworks` of a `Model`.

    Raises:
        ConfigError: if a network cannot be made again from its own configuration.
    """
    left_out, judge = {}, None
    try:
        judge = model.sampler.judge()
    except ValueError as error:  # no statistics for inference, or no file of it
        left_out["discriminate"] = str(error).removeprefix("discriminate: ")
    if getattr(judge, "predictor", None) is None:
        left_out["predict_labels"] = "the model has no predictor of labels"
    return BakedNetworks(baked(model.generator), None if judge is None else _baked_judge(judge), left_out)


def _baked_judge(judge):
    if not isinstance(judge, DiscriminatorWithHeads):
        return baked(judge)
    heads = {name: getattr(judge, name) for name in HEADS if getattr(judge, name) is not None}
    copies = {name: baked(head) for name, head in heads.items()}
    return DiscriminatorWithHeads(baked(judge.discriminator), use_soft_pred=judge.use_soft_pred, **copies)


def baked(network):
    """Copy of a network or a head without spectral norm, whose kernels are divided by sigma once and for all.

    A network of an export is returned as it is: there is nothing left to bake.

    Raises:
        ConfigError: if it cannot be made again from its own configuration.
    """
    if isinstance(network, PlainNetwork):
        return network
    try:
        copy = type(network).from_config(_without_spectral_norm(network.get_config()))
        copy.build_from_config(network.get_build_config())
    except (TypeError, ValueError, NotImplementedError) as error:
        raise ConfigError(
            f"export: {type(network).__name__} cannot be made from its get_config(), as a .keras file needs it: {error}"
        ) from error
    values = {variable.path: variable for variable in network.variables}
    for layer in inner_layers(network, KernelLayer):
        if layer.spectral_norm is not None:
            # Divided again by a layer that insists on spectral norm, it stays as it is: its sigma is 1 then.
            values[layer.kernel.path] = layer.normalized_kernel_in_float32(training=False)
    for variable in copy.variables:
        variable.assign(values[variable.path])
    return copy


def _without_spectral_norm(config):
    """Configuration of a network, a layer with a kernel or a head, with spectral norm switched off."""
    off = {"spectral_norm": False, "power_iteration": None}
    changed = {name: off.get(name, value) for name, value in config.items()}
    if isinstance(changed.get("dense"), dict):  # the layer of a head
        changed["dense"] = _without_spectral_norm(changed["dense"])
    return changed
