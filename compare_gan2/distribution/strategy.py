"""The devices that train: a TPU, the GPUs of one machine or of several, or the CPU."""

import functools
import os
import socket

import tensorflow as tf

from compare_gan2.ground import stop_request, tensorflow_start
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log

ANSWER_SECONDS = 30.0  # of a TPU


def get_strategy(use_tpu=None, single_core=False, num_devices=None, cluster=None):
    """(tf.distribute strategy, one line that describes it).

    Args:
        use_tpu: True, False, or None for "if the environment names one" (TPU_NAME, and TPU_ZONE for its zone).
        single_core: use one device even if there are more.
        num_devices: GPUs to use in this process or, without a GPU, logical CPU devices to make; None: all GPUs.
        cluster: `Cluster` of the workers that train together, all connected; None for this process alone. With a
            cluster, call this before anything else of TensorFlow.

    Raises:
        ConfigError: if a requested TPU is missing, for fewer devices than requested, or for options that
            contradict each other.
    """
    if num_devices is not None and num_devices > 1 and single_core:
        raise ConfigError(f"--num_devices: expected 1 with run_config.single_core = True, got {num_devices}")
    count = 1 if single_core else num_devices
    name = os.environ.get("TPU_NAME")
    if use_tpu is None:
        use_tpu = bool(name)
    if use_tpu:
        if num_devices is not None or cluster is not None:
            option = "--num_devices" if num_devices is not None else cluster.option
            raise ConfigError(f"{option}: expected none with a TPU, all cores of which are used by one process")
        return _tpu_strategy(name)
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus and (hint := tensorflow_start.gpu_hint()):
        log.warning(hint)
    if cluster is not None:
        return _workers_strategy(cluster, gpus, count)
    devices = _gpus(gpus, count) if gpus else _cpus(count)
    if len(devices) > 1:
        kind = "GPUs" if gpus else "logical CPU devices, as there is no GPU"
        return _mirrored_strategy(*devices), f"{len(devices)} {kind} (MirroredStrategy)"
    return tf.distribute.OneDeviceStrategy(devices[0]), f"one {'GPU' if gpus else 'CPU'} (OneDeviceStrategy)"


def _gpus(physical, count):
    if count is not None and count > len(physical):
        raise ConfigError(f"--num_devices: expected at most {len(physical)}, as many GPUs as there are, got {count}")
    return [device.name for device in tf.config.list_logical_devices("GPU")][:count]


def _cpus(count):
    if count is not None and count > 1:
        devices = [tf.config.LogicalDeviceConfiguration()] * count
        try:
            tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], devices)
        except RuntimeError:  # TensorFlow has started
            pass
    names = [device.name for device in tf.config.list_logical_devices("CPU")]
    if count is not None and count > len(names):
        raise ConfigError(f"--num_devices: expected at most {len(names)}, TensorFlow started with as many, got {count}")
    return names[:count]


@functools.cache
def _mirrored_strategy(*devices):
    # One per process: each numbers its collectives from the same start, and two would mix up each other's.
    return tf.distribute.MirroredStrategy(devices)


def _workers_strategy(cluster, gpus, count):
    if count is not None and count > max(len(gpus), 1):
        found = f"as many GPUs as {cluster.name(cluster.index)} has" if gpus else "a worker without GPUs uses its CPU"
        raise ConfigError(f"--num_devices: expected at most {max(len(gpus), 1)}, {found}, got {count}")
    tf.config.set_visible_devices(gpus[:count], "GPU")
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": list(cluster.workers)}),
        task_type="worker",
        task_id=cluster.index,
        num_accelerators={"GPU": len(gpus[:count])},
        rpc_layer="grpc",
    )
    strategy = tf.distribute.MultiWorkerMirroredStrategy(resolver)
    stop_request.take_back_signals()  # TensorFlow notes SIGTERM for a preemption handler of its own and ignores it
    return strategy, (
        f"{len(cluster.workers)} workers with {strategy.num_replicas_in_sync} devices in all, this is "
        f"{cluster.name(cluster.index)}{', the chief' if cluster.is_chief else ''} (MultiWorkerMirroredStrategy)"
    )


def _require_answer(address):
    """Raises an OSError if nothing listens there: TensorFlow would block forever without a message."""
    scheme, _, place = address.rpartition("://")
    if scheme == "grpc":
        host, _, port = place.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()


def _tpu_strategy(name):
    if not name:
        raise ConfigError("--use_tpu: expected the environment variable TPU_NAME to name a TPU ('local' on a TPU VM)")
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=name, zone=os.environ.get("TPU_ZONE"))
        _require_answer(resolver.master())
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        strategy = tf.distribute.TPUStrategy(resolver)
    except (tf.errors.OpError, ValueError, RuntimeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"--use_tpu: TPU_NAME={name!r} cannot be used: {reason}") from error
    return strategy, f"TPU {name} with {strategy.num_replicas_in_sync} cores (TPUStrategy)"
