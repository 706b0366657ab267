"""Small networks behind the extractor: projectors, predictors and prototypes."""

import keras
import tensorflow as tf

from compare_gan2.ground.seeds import seed_for


class Prototypes(keras.layers.Layer):
    """Cosines [N, count] of rows [N, d] and of `count` learned directions.

    Args:
        count: number of prototypes.
        seed: seed of the initial directions.
        name: name of the layer.
    """

    def __init__(self, count, seed, name):
        super().__init__(name=name)
        self.count = count
        self.seed = seed

    def build(self, input_shape):
        """Makes the directions."""
        initializer = keras.initializers.RandomNormal(stddev=1.0, seed=seed_for(self.seed, self.name))
        self.directions = self.add_weight(
            shape=[input_shape[-1], self.count], initializer=initializer, name="directions"
        )

    def call(self, rows):
        """See the class."""
        directions = tf.math.l2_normalize(tf.convert_to_tensor(self.directions), 0)
        return tf.matmul(tf.math.l2_normalize(rows, -1), directions)


def perceptron(width, hidden, outputs, name, seed, *, normalized_output=False, prototypes=None, synchronized=False):
    """Keras model [N, width] -> [N, outputs]: dense layers with batch norm and ReLU, then a dense layer.

    Args:
        width: width of the inputs.
        hidden: widths of the layers between.
        outputs: width of the last dense layer.
        name: of the model, and the beginning of the names of its layers.
        seed: initial weights follow from it and the names.
        normalized_output: whether batch norm without scale and offset follows the last dense layer.
        prototypes: number of `Prototypes` after that; None for none.
        synchronized: whether the moments of batch norm are those of all replicas.
    """
    rows = keras.Input([width], name=f"{name}_inputs")

    def dense(x, size, number, use_bias):
        layer = f"{name}_dense{number}"
        initializer = keras.initializers.GlorotUniform(seed=seed_for(seed, layer))
        return keras.layers.Dense(size, use_bias=use_bias, kernel_initializer=initializer, name=layer)(x)

    def normalized(x, number, learned):
        return keras.layers.BatchNormalization(
            momentum=0.9,
            epsilon=1e-5,
            center=learned,
            scale=learned,
            synchronized=synchronized,
            name=f"{name}_norm{number}",
        )(x)

    x = rows
    for number, size in enumerate(hidden):
        x = normalized(dense(x, size, number, use_bias=False), number, learned=True)
        x = keras.layers.ReLU(name=f"{name}_relu{number}")(x)
    x = dense(x, outputs, len(hidden), use_bias=not normalized_output)
    if normalized_output:
        x = normalized(x, len(hidden), learned=False)
    if prototypes:
        x = Prototypes(prototypes, seed, f"{name}_prototypes")(x)
    return keras.Model(rows, x, name=name)
