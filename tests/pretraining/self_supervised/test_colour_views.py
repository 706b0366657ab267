import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.self_supervised.colour_views import ColourViews, blur, turned_hue
from compare_gan2.training.step import StepRandom

NONE = {"area": 1.0, "flip": 0.0, "jitter": 0.0, "grey": 0.0, "blur": 0.0}
IMAGES = np.random.RandomState(0).rand(24, 10, 12, 3).astype(np.float32)


def view(images=IMAGES, local=False, **options):
    return ColourViews(**NONE | options)(tf.constant(images), StepRandom(3, 0).uniform, "view", local).numpy()


def test_whole_images_without_any_operation_stay_nearly():
    made = view(np.tile(np.linspace(0, 1, 12, dtype=np.float32)[None, None, :, None], [8, 10, 1, 3]))
    assert np.abs(np.diff(made[:, 0, :, 0], axis=1)).max() < 0.1  # the ratio of sides may change, nothing else
    assert made[:, :, 0].max() <= 0.15 and made[:, :, -1].min() >= 0.85


def test_half_are_mirrored():
    ramp = np.tile(np.linspace(0, 1, 12, dtype=np.float32)[None, None, :, None], [64, 10, 1, 3])
    mirrored = view(ramp, flip=0.5)[:, 0, 0, 0] > 0.5
    assert 16 < mirrored.sum() < 48


@pytest.mark.parametrize("local, area, least", [(False, 0.25, 0.25), (True, 0.25, 0.05)])
def test_crops_show_as_much_as_asked_for(local, area, least):
    side = np.linspace(0, 1, 64, dtype=np.float32)
    images = np.zeros([48, 64, 64, 3], np.float32)
    images[..., 0], images[..., 1] = side[:, None], side[None, :]
    made = view(images, local, area=area, local_area=least)
    shown = np.ptp(made[..., 0], axis=(1, 2)) * np.ptp(made[..., 1], axis=(1, 2))
    most = area if local else 1.0
    assert shown.min() >= least * 0.9 and shown.max() <= most * 1.05
    assert np.ptp(shown) > 0.3 * (most - least)


def test_grey_images_have_equal_channels():
    made = view(grey=1.0)
    np.testing.assert_allclose(made, np.repeat(made[..., :1], 3, axis=3), atol=1e-6)


def test_colours_change_within_range_for_images_of_one_channel_too():
    made = view(jitter=1.0)
    assert made.min() >= 0 and made.max() <= 1
    assert np.abs(made.mean(axis=(1, 2, 3)) - IMAGES.mean(axis=(1, 2, 3))).max() > 0.05
    assert view(IMAGES[..., :1], jitter=1.0, grey=1.0).shape == (24, 10, 12, 1)


def test_a_third_of_a_turn_moves_the_channels_round():
    made = turned_hue(tf.constant(IMAGES), tf.fill([24], 1 / 3)).numpy()
    np.testing.assert_allclose(made, np.roll(IMAGES, 1, axis=3), atol=1e-5)


def test_blur_is_that_of_scipy():
    deviations = np.linspace(0.3, 1.5, 24).astype(np.float32)
    made = blur(tf.constant(IMAGES), tf.constant(deviations), 6).numpy()
    for image, deviation, got in zip(IMAGES, deviations, made, strict=True):
        expected = scipy.ndimage.gaussian_filter(image, [deviation, deviation, 0], mode="nearest", radius=[6, 6, 0])
        np.testing.assert_allclose(got, expected, atol=1e-5)


def test_what_cannot_be_is_refused():
    with pytest.raises(ConfigError, match=r"colour_views.local_area: expected at most colour_views.area \(0.1\)"):
        ColourViews(area=0.1, local_area=0.2)
    with pytest.raises(ConfigError, match="pretrain.views: .* with 1 or 3 channels, these have 4"):
        ColourViews().require_images((8, 8, 4))
