"""Linear heads on discriminator features; they belong to the discriminator's variables."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("compare_gan2")
class LinearHead(keras.layers.Layer):
    """Features [N, ...], flattened, to logits [N, units].

    Args:
        dense: the dense layer inside.
    """

    def __init__(self, dense, **kwargs):
        super().__init__(**kwargs)
        self.dense = dense

    def build(self, features_shape):
        size = 1
        for side in features_shape[1:]:
            size *= side
        self.size = size
        self.dense.build((features_shape[0], size))

    def call(self, features, training=False):
        flat = tf.reshape(features, [-1, self.size])
        return tf.cast(self.dense(flat, training=training), tf.float32)

    def get_config(self):
        dense_class = keras.saving.get_registered_name(type(self.dense))
        return {**super().get_config(), "dense": self.dense.get_config(), "dense_class": dense_class}

    @classmethod
    def from_config(cls, config):
        # Not by Keras' own serialisation, which would build the inner layer before and outside of this one.
        dense_class = keras.saving.get_registered_object(config.pop("dense_class"))
        return cls(dense_class.from_config(config.pop("dense")), **config)
