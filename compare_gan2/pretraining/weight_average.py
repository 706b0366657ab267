"""A teacher: moving averages of a network's weights and moments, by which it predicts.

Source: Tarvainen and Valpola 2017 (Mean Teacher); FixMatch predicts with such an average, too.
"""

import tensorflow as tf

from compare_gan2.distribution.replica_copies import replica_copy
from compare_gan2.few_labels.mean_teacher import averaged


class WeightAverage:
    """Average of all variables of an extractor and its class head; create it inside the strategy's scope.

    The moments of normalisation are averaged like weights, and predictions are made in inference mode with them.

    Args:
        extractor: Keras model from images to features.
        head: layer from features to logits.
        decay: weight of the old average in an update, in [0, 1]; less in the first ones.
    """

    def __init__(self, extractor, head, decay):
        self._layers = extractor, head
        self._decay = decay
        self._averages = [replica_copy(tf.convert_to_tensor(variable)) for variable in self._current()]

    def variables(self):
        """{name: tf.Variable}, as checkpoints hold them."""
        paths = [variable.path for layer in self._layers for variable in layer.variables]
        return {f"teacher/{path}": average for path, average in zip(paths, self._averages, strict=True)}

    def restart(self):
        """Sets the averages to the current weights."""
        for average, variable in zip(self._averages, self._current(), strict=True):
            average.assign(tf.convert_to_tensor(variable))

    def update(self, step):
        """Updates the averages after update `step` = 1, 2, ... of the weights."""
        for average, variable in zip(self._averages, self._current(), strict=True):
            average.assign(averaged(average, tf.convert_to_tensor(variable), step, self._decay))

    def predict(self, images):
        """(features [N,F], logits [N,K]) of images [N,H,W,C] by the averages."""
        outputs, values, found = images, [tf.convert_to_tensor(average) for average in self._averages], []
        for layer in self._layers:
            own, values = values[: len(layer.variables)], values[len(layer.variables) :]
            value_of = {variable.path: value for variable, value in zip(layer.variables, own, strict=True)}
            weights = [value_of[variable.path] for variable in layer.trainable_variables]
            moments = [value_of[variable.path] for variable in layer.non_trainable_variables]
            outputs = layer.stateless_call(weights, moments, outputs, training=False)[0]
            found.append(outputs)
        return tuple(found)

    def _current(self):
        return [variable for layer in self._layers for variable in layer.variables]
