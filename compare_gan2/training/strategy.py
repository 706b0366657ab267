"""Which devices train: a TPU, all local GPUs, or the CPU."""

import functools
import os

import tensorflow as tf

from compare_gan2.configuration import ConfigError


def get_strategy(use_tpu=None, single_core=False):
    """(tf.distribute strategy, one line that describes it).

    Args:
        use_tpu: True, False, or None for "if the environment names one" (TPU_NAME, and TPU_ZONE for its zone).
        single_core: use one device even if there are more.

    Raises:
        ConfigError: if a TPU is asked for and there is none.
    """
    name = os.environ.get("TPU_NAME")
    if use_tpu is None:
        use_tpu = bool(name)
    if use_tpu:
        return _tpu_strategy(name)
    for kind in ("GPU", "CPU"):
        devices = [device.name for device in tf.config.list_logical_devices(kind)]
        if len(devices) > 1 and not single_core:
            return _mirrored_strategy(*devices), f"{len(devices)} {kind}s (MirroredStrategy)"
        if devices:
            return tf.distribute.OneDeviceStrategy(devices[0]), f"one {kind} (OneDeviceStrategy)"
    raise ConfigError("TensorFlow found neither a CPU nor a GPU")


@functools.cache
def _mirrored_strategy(*devices):
    # One per process: each numbers its collectives from the same start, and two would mix up each other's.
    return tf.distribute.MirroredStrategy(devices)


def _tpu_strategy(name):
    if not name:
        raise ConfigError("--use_tpu: expected the environment variable TPU_NAME to name a TPU ('local' on a TPU VM)")
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=name, zone=os.environ.get("TPU_ZONE"))
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        strategy = tf.distribute.TPUStrategy(resolver)
    except (tf.errors.OpError, ValueError, RuntimeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"--use_tpu: TPU_NAME={name!r} cannot be used: {reason}") from error
    return strategy, f"TPU {name} with {strategy.num_replicas_in_sync} cores (TPUStrategy)"
