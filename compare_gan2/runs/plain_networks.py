"""Networks of an export, which are Keras models without a class of this package, called as ours are."""

import types

import tensorflow as tf

PSI = "psi"  # input [N, 1] of a generator that truncates in w; 1 truncates nothing


class PlainNetwork:
    """Base: a functional Keras model with named inputs.

    Args:
        network: `keras.Model`; its inputs are a dictionary.

    Attributes:
        network: as given.
        num_classes: length of the label vectors; None without labels.
    """

    input_name = None  # of the first input

    def __init__(self, network):
        self.network = network
        self._shapes = {value.name: tuple(value.shape[1:]) for value in network.inputs}
        self.num_classes = self._shapes["labels"][0] if "labels" in self._shapes else None

    @property
    def variables(self):
        """List of the weights."""
        return self.network.variables

    trainable_variables = variables

    @property
    def compute_dtype(self):
        """\"bfloat16\" if any layer computes in it, else \"float32\"."""
        return "bfloat16" if any(layer.compute_dtype == "bfloat16" for layer in self.network.layers) else "float32"


class PlainGenerator(PlainNetwork):
    """(latents [N, z_dim], labels [N, num_classes] or None) -> images [N, H, W, C] in [0, 1].

    Attributes:
        z_dim: size of the latents.
        image_shape: (height, width, channels).
        truncates_w: whether a call takes `psi`.
    """

    input_name = "latents"

    def __init__(self, network):
        super().__init__(network)
        (self.z_dim,) = self._shapes["latents"]
        self.image_shape = tuple(network.outputs[0].shape[1:])
        self.truncates_w = PSI in self._shapes

    def __call__(self, latents, labels=None, training=False, psi=None):
        given = {"latents": latents, "labels": labels}
        given[PSI] = tf.ones([tf.shape(latents)[0], 1]) if psi is None else tf.reshape(psi, [-1, 1])
        return self.network({name: given[name] for name in self._shapes})


class PlainJudge(PlainNetwork):
    """(images [N, H, W, C], labels [N, num_classes] or None) -> an object with `logits` [N, 1].

    Attributes:
        predictor: whether class probabilities are predicted, as `True` or None.
    """

    input_name = "images"

    def __init__(self, network):
        super().__init__(network)
        self.predictor = True if "probabilities" in network.output else None

    def __call__(self, images, labels=None, training=False):
        return types.SimpleNamespace(logits=self._outputs(images, labels)["logits"][:, None])

    def predict_labels(self, images):
        """Class probabilities [N, num_classes] of images [N, H, W, C]; needs a predictor."""
        return self._outputs(images, tf.zeros([tf.shape(images)[0], self.num_classes]))["probabilities"]

    def _outputs(self, images, labels):
        given = {"images": images, "labels": labels}
        return self.network({name: given[name] for name in self._shapes})


def wrapped(model):
    """A `PlainGenerator` or `PlainJudge` of an export's Keras model; any other model as it is."""
    names = {value.name for value in getattr(model, "inputs", None) or ()}  # a functional model alone has inputs
    kinds = [kind for kind in (PlainGenerator, PlainJudge) if kind.input_name in names]
    return kinds[0](model) if kinds else model
