"""A teacher: the networks of the student with moving averages of its weights."""

import keras
import tensorflow as tf

from compare_gan2.distribution.replica_copies import replica_copy


class Teacher:
    """Moving averages of some networks' trainable weights, and what the networks compute with them.

    Batch norm takes the moments of the teacher's batch, so that the teacher needs no moving moments of its own.
    Create it inside the strategy's scope.

    Args:
        networks: list of Keras models, each of which takes the outputs of the one before.
    """

    def __init__(self, networks):
        self._networks = networks
        self._averages = [replica_copy(tf.convert_to_tensor(variable)) for variable in self._student()]

    def __call__(self, images):
        """Outputs of the last network in training mode, constant."""
        values, averages = images, iter(self._averages)
        for network in self._networks:
            weights = [tf.convert_to_tensor(next(averages)) for _ in network.trainable_variables]
            others = [tf.convert_to_tensor(variable) for variable in network.non_trainable_variables]
            values, _ = network.stateless_call(weights, others, values, training=True)
        return tf.stop_gradient(values)

    def update(self, decay):
        """Moves the averages towards the student's weights: average <- decay average + (1 - decay) weight."""
        for average, variable in zip(self._averages, self._student(), strict=True):
            average.assign(decay * average + (1.0 - decay) * tf.convert_to_tensor(variable))

    def variables(self):
        """{name: tf.Variable} of the averages, as checkpoints hold them."""
        student = self._student()
        return {f"{of.path}/teacher": average for of, average in zip(student, self._averages, strict=True)}

    def _student(self) -> list[keras.Variable]:
        return [variable for network in self._networks for variable in network.trainable_variables]
