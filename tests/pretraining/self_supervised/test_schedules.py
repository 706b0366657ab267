import numpy as np
import pytest

from compare_gan2.pretraining.self_supervised.schedules import cosine, linear, linear_then_cosine, warm_then_cosine


def test_ends_are_reached_for_a_single_update_too():
    assert float(cosine(0, 1, 0.5, 1.0)) == 1.0
    assert [float(cosine(step, 3, 2.0, 0.0)) for step in (0, 1, 2, 9)] == pytest.approx([2.0, 1.0, 0.0, 0.0], abs=1e-6)


def test_the_warm_up_ends_at_the_first_value():
    found = [float(warm_then_cosine(step, 10, 4, 0.0, 1.0, 0.0)) for step in range(10)]
    assert found[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert found[4] == 1.0 and np.all(np.diff(found[4:]) < 0) and found[-1] == pytest.approx(0, abs=1e-6)


def test_dino_begins_at_the_warm_value_and_does_not_reach_the_last():
    found = [float(linear_then_cosine(step, 6, 2, 0.0, 1.0, 0.0)) for step in range(6)]
    assert found[:3] == [0.0, 1.0, 1.0] and found[-1] > 0.1


def test_lines():
    assert [float(linear(step, 4, 1.0, 3.0)) for step in (0, 1, 4, 9)] == [1.0, 1.5, 3.0, 3.0]
    assert float(linear(0, 0, 1.0, 3.0)) == 3.0
