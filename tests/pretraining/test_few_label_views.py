import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.ground.seeds import fold
from compare_gan2.pretraining import few_label_views
from compare_gan2.pretraining.few_label_views import Limits, view


def picture(channels):
    y, x = np.mgrid[:16, :16] / 15
    image = np.stack([x, y, x * y][:channels], axis=-1) * ((x + y)[..., None] > 0.6)
    return tf.constant(image, tf.float32)


@pytest.mark.parametrize("kind, channels", [("digits", 1), ("colour", 3), ("colour", 1)])
@pytest.mark.parametrize("strength", ["weak", "strong"])
def test_views_are_images_of_their_seed(kind, channels, strength):
    image = picture(channels)
    first, again, other = (view(image, kind, strength, fold(seed, "test", 1)).numpy() for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert first.shape == image.shape and first.min() >= 0 and first.max() <= 1 + 1e-6


def test_strong_views_are_farther_from_the_image():
    def distance(strength):
        seeds = (fold(0, "test", seed) for seed in range(20))
        return np.mean([np.abs(view(picture(1), "digits", strength, seed) - picture(1)).mean() for seed in seeds])

    assert distance("weak") < distance("strong")


def test_without_limits_nothing_changes_and_a_shift_is_one(monkeypatch):
    monkeypatch.setitem(few_label_views.LIMITS, ("digits", "weak"), Limits())
    np.testing.assert_allclose(view(picture(1), "digits", "weak", fold(0, "x")), picture(1), atol=1e-6)
    monkeypatch.setitem(few_label_views.LIMITS, ("digits", "weak"), Limits(flips=True))
    seen = [view(picture(1), "digits", "weak", fold(0, "x", seed)).numpy() for seed in range(8)]
    mirrored = [np.array_equal(image, picture(1)[:, ::-1]) for image in seen]
    assert 0 < sum(mirrored) < 8 and all(
        np.allclose(i, picture(1)) for i, m in zip(seen, mirrored, strict=True) if not m
    )


def test_the_cut_out_is_a_square_of_the_given_side(monkeypatch):
    monkeypatch.setitem(few_label_views.LIMITS, ("colour", "weak"), Limits(cut=0.25))
    holes = [
        int((view(tf.ones([16, 16, 3]), "colour", "weak", fold(0, "x", n))[..., 0].numpy() == 0).sum())
        for n in range(20)
    ]
    assert max(holes) == 16 and min(holes) >= 2
