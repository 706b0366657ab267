"""The GAN of a run with its training state, and the checks of its options against the devices."""

import contextlib
import dataclasses

import tensorflow as tf

from compare_gan2.datasets.latents import TrainingLatents
from compare_gan2.distribution.cross_replica import CrossReplicaMoments
from compare_gan2.gans.make_gan import ModelSpec, model_spec
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.initializers import overwritten
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps
from compare_gan2.runs.memory import require_room_for_batches, room_for_variables
from compare_gan2.training.state import TrainState


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingModel:
    """What is trained.

    Attributes:
        spec: `ModelSpec`, to make the same networks again.
        gan: `ModularGAN`, built.
        state: its `TrainState`.
        awaits_checkpoint: whether it has no initial values, since the folder of the run holds a checkpoint.
    """

    spec: ModelSpec
    gan: ModularGAN
    state: TrainState
    awaits_checkpoint: bool


def build_model(config, settings, devices, image_shape, num_classes):
    """`TrainingModel` of a configuration, its variables in the scope of the strategy of training.

    Args:
        config: `Configuration`.
        settings: `Settings`.
        devices: `Devices`.
        image_shape: (height, width, channels).
        num_classes: of the dataset, None without labels.

    Raises:
        ConfigError: for options that do not fit the images, the devices or each other.
    """
    is_tpu = isinstance(devices.strategy, tf.distribute.TPUStrategy)
    forced = {"experimental_force_graph_unroll": True} if is_tpu else {}  # as the original on TPU
    spec = model_spec(
        config,
        settings.options,
        image_shape=image_shape,
        num_classes=num_classes,
        dtype=settings.run.mixed_precision,
        **forced,
    )
    gan = spec.make(settings.seed)
    gan.check_batch(devices.num_replicas, settings.run.accumulate_steps)
    if gan.latent_optimization is not None:
        gan.latent_optimization.check_latents(config.build(TrainingLatents))
    _check_compilation(settings.run.jit_compile, is_tpu, devices.num_replicas)
    _check_groups(config.build(CrossReplicaMoments).group_size, devices.num_replicas)
    require_room_for_batches(settings.options.batch_size, gan.batches_per_step, image_shape)
    awaits_checkpoint = _awaits_checkpoint(settings.command, devices)
    values = overwritten() if awaits_checkpoint else contextlib.nullcontext()
    with room_for_variables(), devices.strategy.scope(), values:
        state = TrainState(gan, settings.seed)
    if settings.run.remat:
        gan.rematerialize()
    return TrainingModel(spec, gan, state, awaits_checkpoint)


def _awaits_checkpoint(command, devices):
    """Whether the variables will be restored."""
    # A worker might find the first checkpoint of a chief that has just begun.
    return devices.connections is None and not command.dry_run and bool(checkpoint_steps(command.model_dir))


def _check_compilation(compiles, is_tpu, replicas):
    """Raises a `ConfigError` for what these devices cannot compile, or run without compiling."""
    if compiles is False and is_tpu:
        raise ConfigError("run_config.jit_compile: a TPU runs compiled steps only, expected None or True, got False")
    if compiles and not is_tpu and replicas > 1:
        raise ConfigError(
            f"run_config.jit_compile: expected None or False with {replicas} replicas, whose exchange XLA cannot "
            "compile here, got True; run_config.single_core = True uses one device"
        )


def _check_groups(group_size, replicas):
    if group_size not in (None, 0, 1, replicas):
        raise ConfigError(
            f"cross_replica_moments.group_size: expected None, 1 or the number of replicas ({replicas}), got "
            f"{group_size}: tf.distribute has no smaller groups"
        )
