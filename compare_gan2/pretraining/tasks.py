"""Losses of pre-training: rotations, classes of the labelled images, or both on one pass of the network.

Sources: Gidaris et al. 2018 (rotations); Lucic et al. 2019, section 3.1, and Zhai et al. 2019 (S4L-Rotation).
"""

import keras
import tensorflow as tf

from compare_gan2.architectures.resnet_v2 import resnet_v2
from compare_gan2.gans.rotation import NUM_ROTATIONS, rotate
from compare_gan2.ground.seeds import seed_for
from compare_gan2.pretraining.extractor_model import ExtractorModel
from compare_gan2.pretraining.weight_decay import decay_in_loss

HEAD_STDDEV = 0.01


class PretrainModel(ExtractorModel):
    """Feature extractor with the linear heads that a task needs; create it inside the strategy's scope.

    Args:
        options: `PretrainOptions`.
        network_options: `ResNetV2Options`.
        image_shape: (height, width, channels); square where images are rotated.
        num_classes: of the dataset; None if the task reads no labels.

    Attributes:
        rotation_head, class_head: Dense layers from features to logits [N,4] and [N,num_classes], or None.
        infer: tf.function (images) -> (features [N,F], logits [N,num_classes] or None), in inference mode.
        tell_rotations: tf.function (images) -> int64 [4 N], the likeliest angles of `with_all_rotations(images)`.
    """

    def __init__(self, options, network_options, image_shape, num_classes):
        super().__init__(options, resnet_v2(image_shape, network_options, options.seed))
        width = self.extractor.output_shape[-1]
        self.rotation_head = _head(NUM_ROTATIONS, width, "rotation_head", options) if options.rotates else None
        self.class_head = _head(num_classes, width, "class_head", options) if options.reads_labels else None
        batch = [tf.TensorSpec([None, *image_shape])]  # of any size, so that nothing is traced twice
        self.infer = tf.function(self._infer, input_signature=batch)
        self.tell_rotations = tf.function(self._tell_rotations, input_signature=batch)

    @property
    def parts(self):
        """List of the extractor and its heads."""
        return [part for part in (self.extractor, self.rotation_head, self.class_head) if part is not None]

    def loss_of(self, batch, step):
        del step  # nothing is drawn here: images are distorted in the input pipeline
        return self.loss(batch.get("images"), batch.get("labelled_images"), batch.get("labels"))

    def loss(self, images, labelled_images, labels):
        """(loss, {tag: scalar}) of one batch, in training mode.

        Args:
            images: [N,H,W,C] in [0,1] of all images; None for "supervised".
            labelled_images: [M,H,W,C]; None for "rotation".
            labels: int32 [M]; None for "rotation".
        """
        options, parts = self.options, []
        if images is not None:
            parts.append(with_all_rotations(images))
        if labelled_images is not None:
            parts.append(with_all_rotations(labelled_images) if options.rotates else labelled_images)
        features = self.extractor(tf.concat(parts, 0), training=True)  # one pass: one set of moments
        groups = tf.split(features, [int(part.shape[0]) for part in parts])
        loss, scalars = decay_in_loss(options, self.trainable_variables), {}
        if options.rotates:
            losses, accuracies = zip(*(rotation_loss(self.rotation_head(group)) for group in groups), strict=True)
            scalars["loss/rotation"] = tf.add_n(losses) / len(losses)
            scalars["accuracy/rotation"] = tf.add_n(accuracies) / len(accuracies)
            loss += scalars["loss/rotation"]
        if options.reads_labels:
            logits, count = self.class_head(groups[-1]), tf.shape(labels)[0]
            copies = NUM_ROTATIONS if options.rotates and options.rotated_class_loss else 1
            scalars["loss/class"] = class_loss(logits[: copies * count], tf.tile(labels, [copies]))
            scalars["accuracy/class"] = accuracy(logits[:count], labels)
            loss += (options.class_weight if options.rotates else 1.0) * scalars["loss/class"]
        return loss, {"loss/total": loss, **scalars}

    def _infer(self, images):
        features = self.extractor(images, training=False)
        return features, None if self.class_head is None else self.class_head(features)

    def _tell_rotations(self, images):
        return tf.argmax(self.rotation_head(self.extractor(with_all_rotations(images), training=False)), axis=1)


def with_all_rotations(images):
    """[4 N,S,S,C]: the images, then all of them turned by one, two and three quarters."""
    return tf.concat([images, *(rotate(images, turns) for turns in range(1, NUM_ROTATIONS))], 0)


def rotation_loss(logits):
    """(cross entropy, accuracy) of logits [4 N,4] whose rows are in the order of `with_all_rotations`."""
    targets = tf.repeat(tf.range(NUM_ROTATIONS), tf.shape(logits)[0] // NUM_ROTATIONS)
    return class_loss(logits, targets), accuracy(logits, targets)


def class_loss(logits, labels):
    """Mean cross entropy of logits [N,K] for labels int32 [N]."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def accuracy(logits, labels):
    """Share, a scalar, of logits [N,K] whose largest one is at the label, int32 [N]."""
    hits = tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), labels)
    return tf.reduce_mean(tf.cast(hits, tf.float32))


def _head(num_outputs, width, name, options):
    initializer = keras.initializers.RandomNormal(stddev=HEAD_STDDEV, seed=seed_for(options.seed, name))
    head = keras.layers.Dense(num_outputs, kernel_initializer=initializer, name=name)
    head.build([None, width])
    return head
