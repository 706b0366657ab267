import numpy as np
import tensorflow as tf
from support import tiny_pretraining

from compare_gan2.pretraining.self_supervised.teacher import Teacher

IMAGES = tf.constant(tiny_pretraining.dataset().test_images(20)[0][:8])


def student():
    model = tiny_pretraining.self_supervised_model("byol")
    return model.parts[:2]


def test_it_begins_as_the_student_and_lags_behind():
    networks = student()
    teacher = Teacher(networks)
    values = IMAGES
    for network in networks:
        values = network(values, training=True)
    np.testing.assert_allclose(teacher(IMAGES), values, rtol=1e-5, atol=1e-6)
    kernel = next(v for v in networks[0].trainable_variables if v.name == "kernel")
    before = kernel.numpy()
    kernel.assign(before + 1.0)
    np.testing.assert_allclose(teacher(IMAGES), values, rtol=1e-5, atol=1e-6)
    teacher.update(0.75)
    np.testing.assert_allclose(teacher.variables()[f"{kernel.path}/teacher"].numpy(), before + 0.25, rtol=1e-5)
    teacher.update(0.0)
    np.testing.assert_array_equal(teacher.variables()[f"{kernel.path}/teacher"].numpy(), kernel.numpy())
    after = teacher.variables()[f"{kernel.path}/teacher"].numpy()
    kernel.assign(before)
    teacher.update(1.0)
    np.testing.assert_array_equal(teacher.variables()[f"{kernel.path}/teacher"].numpy(), after)


def test_its_batches_leave_the_moving_moments_of_the_student():
    networks = student()
    moments = [v for network in networks for v in network.non_trainable_variables]
    before = [v.numpy() for v in moments]
    Teacher(networks)(IMAGES)
    assert all(np.array_equal(v.numpy(), old) for v, old in zip(moments, before, strict=True))
