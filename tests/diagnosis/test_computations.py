"""The computations of `compare_gan2 doctor` are right on this machine, and notice what is wrong."""

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.diagnosis import computations


@pytest.mark.parametrize("name", computations.COMPUTATIONS)
def test_this_machine_computes_them(name):
    error, tolerance = computations.COMPUTATIONS[name]()
    assert 0 <= error <= tolerance


def test_a_wrong_convolution_is_noticed(monkeypatch):
    right = tf.nn.conv2d
    monkeypatch.setattr(tf.nn, "conv2d", lambda *given: 1.1 * right(*given))
    error, tolerance = computations.convolution()
    assert error > tolerance


def test_other_draws_are_noticed(monkeypatch):
    monkeypatch.setattr(computations, "RECORDED", np.array([0, 1, 2, 3]))
    error, tolerance = computations.draws()
    assert error > tolerance
