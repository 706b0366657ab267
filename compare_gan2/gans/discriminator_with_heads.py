"""A discriminator with heads at inference: the class term of its logits, and the labels that it predicts."""

import keras
import tensorflow as tf

HEADS = ("predictor", "projection")  # names of a GAN's heads that its logits depend on
WHOLE = 0.999  # weight of a label that is 1 but for rounding


def judged(discriminator, images, labels, *, predictor=None, projection=None, use_soft_pred=False):
    """`DiscriminatorOutput` of images, with the class term of an S3GAN (Lucic et al. 2019, section 3.2).

    Args:
        discriminator: an architecture's `Discriminator`.
        images: [N, H, W, C] in [0, 1].
        labels: vectors [N, num_classes], all zeros where a label is unknown.
        predictor: head that predicts unknown labels; None leaves them unknown.
        projection: head (labels, features) -> [N, 1], added to the logits; None adds nothing.
        use_soft_pred: whether an unknown label is a vector of probabilities, not the most likely class.
    """
    outputs = discriminator(images, labels, training=False)
    logits, features = outputs.logits, tf.reshape(outputs.features, [tf.shape(images)[0], -1])
    if predictor is not None:
        labels = completed(labels, predictor(features), use_soft_pred)
    if projection is not None:
        logits += tf.cast(projection(labels, features), tf.float32)
    return discriminator.output_for(logits, outputs.features)


def predicted_labels(discriminator, images, predictor, num_classes):
    """Class probabilities [N, num_classes] of images [N, H, W, C] by a predictor, at inference."""
    count = tf.shape(images)[0]
    features = discriminator(images, tf.zeros([count, num_classes]), training=False).features
    return tf.nn.softmax(predictor(tf.reshape(features, [count, -1])))


def completed(labels, class_logits, use_soft_pred):
    """Label vectors with predictions in place of what is missing; gradients do not flow into the predictor."""
    if use_soft_pred:
        predicted = tf.nn.softmax(class_logits)
    else:
        predicted = tf.one_hot(tf.argmax(class_logits, axis=1), class_logits.shape[-1])
    return tf.stop_gradient((1.0 - label_is_available(labels)) * predicted + labels)


def label_is_available(labels):
    """[N, K] -> [N, 1]: 1 where a row is a label, 0 where it is all zeros, else the weight of a `weighed` one."""
    weight = tf.cast(tf.reduce_sum(labels, axis=1, keepdims=True), tf.float32)
    return tf.where(weight > WHOLE, 1.0, weight)


def weighed(probabilities):
    """[N, K] -> [N, K]: the likeliest class of each row with its probability, zeros for the others."""
    likeliest = tf.one_hot(tf.argmax(probabilities, axis=1), probabilities.shape[-1], dtype=probabilities.dtype)
    return likeliest * probabilities


def heads_of(gan):
    """Arguments of `judged` that a built GAN has, as a dict; empty for one whose logits are its network's."""
    heads = {name: getattr(gan, name) for name in HEADS if getattr(gan, name, None) is not None}
    return heads | {"use_soft_pred": getattr(gan, "use_soft_pred", False)} if heads else {}


def judge_of(gan):
    """Network of a built GAN that computes its logits: the discriminator, or a `DiscriminatorWithHeads`."""
    heads = heads_of(gan)
    return DiscriminatorWithHeads(gan.discriminator, **heads) if heads else gan.discriminator


@keras.saving.register_keras_serializable("compare_gan2")
class DiscriminatorWithHeads(keras.Model):
    """(images [N, H, W, C], label vectors [N, num_classes]) -> `DiscriminatorOutput`, at inference.

    Args:
        discriminator: an architecture's `Discriminator` with its variables.
        predictor, projection, use_soft_pred: see `judged`; heads have their variables.

    Example:
        >>> judge = DiscriminatorWithHeads(discriminator, projection=compare_gan2.layers.ClassProjection(16))
        >>> judge(tf.zeros([2, 32, 32, 3]), tf.one_hot([0, 7], 10)).logits.shape
        TensorShape([2, 1])
    """

    def __init__(self, discriminator, predictor=None, projection=None, use_soft_pred=False, **kwargs):
        super().__init__(**kwargs)
        self.discriminator = discriminator
        self.predictor = predictor
        self.projection = projection
        self.use_soft_pred = use_soft_pred
        self.built = True  # its parts are

    def __call__(self, *args, **kwargs):
        if args and isinstance(args[0], dict):  # the named inputs of `predict`
            named, *args = args
            return self(*args, **named, **kwargs)
        return super().__call__(*args, **kwargs)

    def call(self, images, labels, training=False):
        heads = {"predictor": self.predictor, "projection": self.projection}
        return judged(self.discriminator, images, labels, use_soft_pred=self.use_soft_pred, **heads)

    def predict_labels(self, images):
        """Class probabilities [N, num_classes] of images [N, H, W, C]; needs a predictor."""
        num_classes = self.discriminator.get_build_config()["num_classes"]
        return predicted_labels(self.discriminator, images, self.predictor, num_classes)

    def get_build_config(self):
        return self.discriminator.get_build_config()

    def build_from_config(self, config):
        self(tf.zeros([1, *config["image_shape"]]), tf.zeros([1, config["num_classes"]]))

    def get_config(self):
        parts = {name: getattr(self, name) for name in ("discriminator", *HEADS)}
        config = {**super().get_config(), "use_soft_pred": self.use_soft_pred}
        return config | {
            name: None if part is None else keras.saving.serialize_keras_object(part) for name, part in parts.items()
        }

    @classmethod
    def from_config(cls, config):
        parts = {
            name: None if config[name] is None else keras.saving.deserialize_keras_object(config[name])
            for name in ("discriminator", *HEADS)
        }
        return cls(**{**config, **parts})
