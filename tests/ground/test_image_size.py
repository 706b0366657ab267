"""The size of an image in words."""

from compare_gan2.ground.image_size import in_pixels


def test_the_order_is_said_where_it_matters():
    assert in_pixels(32, 32) == "32x32 pixels"
    assert in_pixels(24, 8) == "24x8 pixels (height x width)"
