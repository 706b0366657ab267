"""Distances, ramps and a course of the average are in tests/original/test_field_cases.py."""

import pytest

from compare_gan2.few_labels.mean_teacher import decay_at, linear_ramp, sigmoid_ramp


def test_the_decay_rises_to_its_end():
    assert [float(decay_at(step, 0.75)) for step in (1, 2, 3, 9)] == pytest.approx([1 / 2, 2 / 3, 3 / 4, 3 / 4])


def test_without_a_ramp_the_whole_weight_counts_at_once():
    assert float(linear_ramp(0, 0)) == float(sigmoid_ramp(0, 0)) == 1
    assert float(linear_ramp(0, 4)) == 0 and float(linear_ramp(9, 4)) == 1
    assert float(sigmoid_ramp(0, 4)) == pytest.approx(0.0067, abs=1e-4)
