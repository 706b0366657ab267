"""The devices of a run: those that train, those that score, and the connections to other workers."""

import dataclasses

import tensorflow as tf

from compare_gan2.distribution.strategy import get_strategy


@dataclasses.dataclass(frozen=True, eq=False)
class Devices:
    """Where a run computes.

    Attributes:
        strategy: tf.distribute strategy of training.
        scoring_strategy: strategy of this process alone, for pre-training, scores and pictures.
        description: one line about the devices of training.
        connections: `WorkerConnections` to the other workers; None without any.
    """

    strategy: object
    scoring_strategy: object
    description: str
    connections: object = None

    @property
    def is_chief(self):
        """Whether this process writes, scores and draws; in a run of several workers only one does."""
        return self.connections is None or self.connections.cluster.is_chief

    @property
    def kind(self):
        """ "CPU", "GPU" or "TPU"."""
        return tf.DeviceSpec.from_string(self.strategy.extended.worker_devices[0]).device_type

    @property
    def num_local(self):
        """Devices of this process that train."""
        return len(self.strategy.extended.worker_devices)

    @property
    def num_replicas(self):
        """Replicas that share each batch of training, over all workers."""
        return self.strategy.num_replicas_in_sync


def choose_devices(use_tpu=None, single_core=False, num_devices=None, connections=None):
    """`Devices` by the options of `strategy.get_strategy`.

    Args:
        use_tpu, single_core, num_devices: see `strategy.get_strategy`.
        connections: `WorkerConnections`; None for a run of one process.

    Raises:
        ConfigError: as `strategy.get_strategy`.
    """
    cluster = None if connections is None else connections.cluster
    strategy, description = get_strategy(use_tpu, single_core, num_devices, cluster)
    # The chief pre-trains and scores alone, without the exchange that a strategy over all workers waits for.
    scoring_strategy = strategy if cluster is None else get_strategy(False, single_core=True)[0]
    return Devices(strategy, scoring_strategy, description, connections)
