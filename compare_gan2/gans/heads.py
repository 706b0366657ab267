"""Linear heads on discriminator features; they belong to the discriminator's variables."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("compare_gan2")
class LinearHead(keras.layers.Layer):
    """Features [N, ...], flattened, to logits [N, units].

    Args:
        dense: the `Dense` layer inside.
    """

    def __init__(self, dense, **kwargs):
        super().__init__(**kwargs)
        self.dense = dense

    def build(self, features_shape):
        size = 1
        for side in features_shape[1:]:
            size *= side
        self.dense.build((features_shape[0], size))

    def call(self, features, training=False):
        flat = tf.reshape(features, [-1, self.dense.kernel.shape[0]])
        return tf.cast(self.dense(flat, training=training), tf.float32)

    def get_config(self):
        return {**super().get_config(), "dense": keras.saving.serialize_keras_object(self.dense)}

    @classmethod
    def from_config(cls, config):
        dense = keras.saving.deserialize_keras_object(config.pop("dense"))
        return cls(dense, **config)
