import numpy as np
import pytest

from compare_gan2.metrics.input_checks import checked_features, checked_matrix, class_labels, finite_matrix, unit_images


def test_floats_are_not_copied_and_integers_become_floats():
    features = np.ones((3, 2), np.float32)
    assert checked_matrix("x", features) is features
    assert checked_matrix("x", [[1, 2]]).dtype == np.float64
    assert finite_matrix("x", features).dtype == np.float64


def test_features_of_two_widths_are_refused():
    with pytest.raises(ValueError, match="kid: expected equally wide features, got 3 real and 4 fake"):
        checked_features("kid", np.ones((5, 3)), np.ones((5, 4)))
    with pytest.raises(
        ValueError, match=r"kid: fake features: expected a matrix with at least 2 rows, got shape \(1, 3"
    ):
        checked_features("kid", np.ones((5, 3)), np.ones((1, 3)), min_rows=2)


def test_images_in_range_pass_and_bytes_are_divided():
    images = np.linspace(0, 1, 2 * 4 * 4 * 3).reshape(2, 4, 4, 3)
    assert unit_images("x", images) is images
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    assert np.array_equal(np.rint(unit_images("x", levels) * 255), levels)


@pytest.mark.parametrize(
    "value, message", [(np.nan, "NaN"), (1.5, "values from 0.5 to 1.5"), (-0.1, "values from -0.1")]
)
def test_images_out_of_range_are_refused(value, message):
    images = np.full((4, 8, 8, 3), 0.5)
    images[1:3, 2, 2, 0] = value
    with pytest.raises(ValueError, match=f"ms_ssim: .*2 of 4 are not, the first is image 1 with {message}"):
        unit_images("ms_ssim", images)


@pytest.mark.parametrize("images", [np.zeros((4, 8, 8)), np.zeros((0, 8, 8, 3)), np.zeros((1, 2, 2, 3), np.int64)])
def test_other_arrays_are_no_images(images):
    with pytest.raises(ValueError, match=r"expected images \[N, H, W, C\] of floats in \[0, 1\] or of bytes, got"):
        unit_images("x", images)


@pytest.mark.parametrize("check", [finite_matrix, unit_images, lambda what, array: class_labels(what, array, 2)])
def test_a_mask_is_not_dropped(check):
    with pytest.raises(ValueError, match="x: expected an array without a mask, got one with 1 of 2 values masked"):
        check("x", np.ma.masked_array([1, 2], [False, True]))
