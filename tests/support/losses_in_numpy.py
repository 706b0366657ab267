"""Parts of the losses of GANs in NumPy, which start from the discriminator's logits and features."""

import numpy as np
import tensorflow as tf

from support.catalogue import Gan, filled

NUM_CLASSES = 3


def made(gan_class, *bindings, num_classes=NUM_CLASSES):
    case = Gan(gan_class, bindings, num_classes=num_classes)
    gan = case.make()
    for part in (gan.generator, gan.discriminator, *gan.heads):
        filled(part)
    return case, gan


def fakes(batch_size=8):
    return np.random.RandomState(5).random_sample([batch_size, 8, 8, 3]).astype(np.float32)


def no_draws(shape, purpose):
    raise AssertionError("nothing here is random")


def one_hot(labels):
    vectors = np.zeros([len(labels), NUM_CLASSES], np.float32)
    for row, label in enumerate(labels):
        if label >= 0:
            vectors[row, label] = 1
    return vectors


def with_copies(images, labels, count, labels_of_copies=None):
    turned = [np.rot90(images[-count:], turns, axes=(1, 2)) for turns in (1, 2, 3)] if count else []
    copies = labels if labels_of_copies is None else labels_of_copies
    return np.concatenate([images, *turned]), np.concatenate([labels] + [copies[-count:]] * len(turned))


def softmax(logits):
    exponents = np.exp(logits - logits.max(1, keepdims=True))
    return exponents / exponents.sum(1, keepdims=True)


def outputs_of(gan, images, labels):
    outputs = gan.discriminator(tf.constant(images), None if labels is None else tf.constant(labels), training=False)
    return outputs.logits.numpy(), outputs.features.numpy()


def head(part, features):
    return features @ part.dense.kernel.numpy() + part.dense.bias.numpy()


def rotation_loss(logits, count):
    targets = np.repeat([0, 1, 2, 3], count)
    return -np.mean(np.log(softmax(logits)[range(4 * count), targets] + 1e-10))


def hinge(real, fake):
    return np.mean(np.maximum(1 - real, 0)) + np.mean(np.maximum(1 + fake, 0))
