import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.self_supervised.digit_views import DigitViews
from compare_gan2.training.step import StepRandom

NONE = dict.fromkeys(("shift", "rotation", "shear", "log_scale", "elastic", "stroke", "intensity", "noise"), 0.0)
STROKE = np.zeros([16, 15, 15, 1], np.float32)
STROKE[:, 3:12, 6:9] = 1.0


def view(images=STROKE, local=False, step=0, purpose="view", **options):
    return DigitViews(**NONE | options)(tf.constant(images), StepRandom(3, step).uniform, purpose, local).numpy()


def middle(images):
    """(rows, columns) of the centre of mass [N]."""
    mass = images[..., 0] / images.sum(axis=(1, 2))[:, None]
    return (mass.sum(axis=2) * np.arange(15)).sum(axis=1), (mass.sum(axis=1) * np.arange(15)).sum(axis=1)


def test_without_any_operation_images_stay():
    np.testing.assert_allclose(view(), STROKE, atol=1e-6)


def test_shifts_are_within_reach_and_differ():
    rows, columns = middle(view(shift=2.0))
    for places in (rows, columns):
        assert np.abs(places - 7).max() <= 2.01 and np.unique(places.round(3)).size > 10


@pytest.mark.parametrize("operation, size", [("rotation", 30), ("shear", 0.3), ("elastic", 1), ("log_scale", 0.3)])
def test_an_operation_changes_shapes_and_keeps_them_in_place(operation, size):
    made = view(**{operation: size})
    assert np.median(np.abs(made - STROKE).max(axis=(1, 2, 3))) > 0.05
    rows, columns = middle(made)
    assert np.abs(rows - 7).max() < 1 and np.abs(columns - 7).max() < 1


def test_strokes_become_bolder_and_finer():
    areas = view(stroke=1.0).sum(axis=(1, 2, 3))
    assert areas.max() > 27 > areas.min()
    assert areas.max() <= 11 * 5 and areas.min() >= 7


def test_brightness_and_noise_stay_in_range():
    made = view(np.full([8, 5, 5, 1], 0.5, np.float32), intensity=0.4, noise=0.1)
    means = made.mean(axis=(1, 2, 3))
    assert means.max() > 0.55 and means.min() < 0.45
    assert made.min() >= 0 and made.max() <= 1


def test_local_views_show_a_part():
    ramp = np.tile(np.arange(15, dtype=np.float32)[:, None, None] / 14, [16, 1, 15, 1])
    shown = np.ptp(view(ramp, local=True, local_area=0.25), axis=(1, 2, 3))
    # Up to the square root of twice the area, of the steps between 15 pixels.
    assert shown.max() <= np.sqrt(0.5) + 1e-3 and shown.min() >= 0.5 - 0.1


def test_views_and_steps_draw_for_themselves():
    options = {"shift": 2.0, "elastic": 1.0}
    assert np.array_equal(view(**options), view(**options))
    assert not np.allclose(view(**options), view(purpose="other view", **options))
    assert not np.allclose(view(**options), view(step=1, **options))
    assert not np.allclose(view(**options)[0], view(**options)[1])


def test_impossible_options_are_refused():
    with pytest.raises(ConfigError, match="digit_views.stroke: expected a number from 0 to 1, got 2.0"):
        DigitViews(stroke=2.0)
