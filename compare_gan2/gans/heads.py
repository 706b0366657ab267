"""Linear heads on discriminator features; they belong to the discriminator's variables."""

import keras
import tensorflow as tf

from compare_gan2.gans.rotation import NUM_ROTATIONS


@keras.saving.register_keras_serializable("compare_gan2")
class LinearHead(keras.layers.Layer):
    """Features [N, ...], flattened, to float32 logits [N, units].

    Args:
        dense: `Dense` layer that computes them.

    Example:
        >>> LinearHead(compare_gan2.layers.Dense(4))(tf.zeros([2, 4, 4, 8])).shape
        TensorShape([2, 4])
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
        # Keras' own serialisation would build the inner layer too early, outside of this one.
        dense_class = keras.saving.get_registered_object(config.pop("dense_class"))
        return cls(dense_class.from_config(config.pop("dense")), **config)


def rotation_head(factory, features):
    """`LinearHead`, with its variables, that tells by which angle images are rotated.

    Args:
        factory: `LayerFactory` of the discriminator.
        features: [N, ...] of the discriminator, for their shape.
    """
    head = LinearHead(factory.dense(NUM_ROTATIONS, "score_classify"), name="discriminator_rotation")
    head(features)
    return head
