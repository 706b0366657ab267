import numpy as np
import pytest
import tensorflow as tf
from support import tiny_pretraining

from compare_gan2.pretraining.tasks import PretrainModel, with_all_rotations

DATA = tiny_pretraining.dataset()
IMAGES, LABELS = (array[:10] for array in DATA.test_images(20))


def model(task, **bindings):
    return PretrainModel(*tiny_pretraining.options(task, **bindings), (8, 8, 1), 3)


def cross_entropy(logits, labels):
    logits = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]))


def decay(made):
    kernels = [variable.numpy() for variable in made.trainable_variables if variable.name == "kernel"]
    return made.options.weight_decay * sum(np.sum(np.square(kernel, dtype=np.float64)) for kernel in kernels) / 2


def features(made, images):
    """In training mode; the moving averages that this changes are not used."""
    return made.extractor(tf.constant(images), training=True).numpy()


def logits(head, rows):
    return rows @ head.kernel.numpy() + head.bias.numpy()


def turned(images):
    return np.concatenate([np.rot90(images, turns, axes=(1, 2)) for turns in range(4)])


def test_rotations_are_those_of_numpy():
    assert np.array_equal(with_all_rotations(tf.constant(IMAGES)).numpy(), turned(IMAGES))


def test_rotation_loss_is_the_cross_entropy_of_the_angle():
    made = model("rotation")
    loss, scalars = made.loss(tf.constant(IMAGES), None, None)
    predicted = logits(made.rotation_head, features(made, turned(IMAGES)))
    angles = np.repeat(np.arange(4), 10)
    assert float(scalars["loss/rotation"]) == pytest.approx(cross_entropy(predicted, angles), rel=1e-5)
    assert float(scalars["accuracy/rotation"]) == pytest.approx(np.mean(predicted.argmax(axis=1) == angles))
    assert float(loss) == pytest.approx(cross_entropy(predicted, angles) + decay(made), rel=1e-5)
    assert made.class_head is None


def test_supervised_loss_sees_upright_images_only():
    made = model("supervised")
    loss, scalars = made.loss(None, tf.constant(IMAGES), tf.constant(LABELS))
    expected = cross_entropy(logits(made.class_head, features(made, IMAGES)), LABELS)
    assert float(loss) == pytest.approx(expected + decay(made), rel=1e-5)
    assert made.rotation_head is None


@pytest.mark.parametrize("rotated", [True, False])
def test_s2l_adds_classes_of_rotated_copies_in_one_pass(rotated):
    made = model("s2l", pretrain__class_weight=0.5, pretrain__rotated_class_loss=rotated)
    loss, scalars = made.loss(tf.constant(IMAGES[:4]), tf.constant(IMAGES[4:]), tf.constant(LABELS[4:]))
    rows = features(made, np.concatenate([turned(IMAGES[:4]), turned(IMAGES[4:])]))  # moments of both together
    of_all, of_labelled = rows[:16], rows[16:]
    angles = [
        cross_entropy(logits(made.rotation_head, part), np.repeat(np.arange(4), len(part) // 4))
        for part in (of_all, of_labelled)
    ]
    copies = 4 if rotated else 1
    classes = cross_entropy(logits(made.class_head, of_labelled[: 6 * copies]), np.tile(LABELS[4:], copies))
    assert float(scalars["loss/class"]) == pytest.approx(classes, rel=1e-5)
    assert float(loss) == pytest.approx(sum(angles) / 2 + 0.5 * classes + decay(made), rel=1e-5)


def test_every_variable_gets_a_gradient():
    made = model("s2l")
    with tf.GradientTape() as tape:
        loss, _ = made.loss(tf.constant(IMAGES), tf.constant(IMAGES), tf.constant(LABELS))
    gradients = tape.gradient(loss, [variable.value for variable in made.trainable_variables])
    assert all(gradient is not None and np.any(gradient.numpy()) for gradient in gradients)
