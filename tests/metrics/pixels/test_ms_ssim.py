import numpy as np
import pytest

from compare_gan2.metrics.pixels import ms_ssim as module
from compare_gan2.metrics.pixels.ms_ssim import mean_pairwise_ms_ssim, ms_ssim
from compare_gan2.metrics.pixels.multiscale_ssim import multiscale_ssim
from compare_gan2.metrics.row_order import in_content_order


def images(count, height=32, width=32, channels=3):
    random = np.random.RandomState(0)
    coarse = random.random_sample((count, -(-height // 8), -(-width // 8), channels))
    smooth = coarse.repeat(8, axis=1).repeat(8, axis=2)[:, :height, :width]
    return 0.7 * smooth + 0.3 * random.random_sample(smooth.shape)


def by_pixels(x, y, max_value=1.0):
    """Of two images of one channel, in float64 with two-dimensional windows (Wang et al. 2003)."""
    result = 1.0
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        if scale:
            x, y = (_halved_by_pixels(image) for image in (x, y))
        side = min(11, *x.shape)
        grid = np.arange(side) - (side - 1) / 2
        window = np.exp(-(grid[:, None] ** 2 + grid**2) / (2 * 1.5**2))
        window /= window.sum()
        similarities, contrasts = [], []
        for row in range(x.shape[0] - side + 1):
            for column in range(x.shape[1] - side + 1):
                a, b = (image[row : row + side, column : column + side] for image in (x, y))
                mean_a, mean_b = np.sum(window * a), np.sum(window * b)
                covariance = np.sum(window * a * b) - mean_a * mean_b
                variances = np.sum(window * (a * a + b * b)) - mean_a**2 - mean_b**2
                c1, c2 = (0.01 * max_value) ** 2, (0.03 * max_value) ** 2
                contrasts.append((2 * covariance + c2) / (variances + c2))
                similarities.append(contrasts[-1] * (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1))
        result *= max(np.mean(similarities if scale == 4 else contrasts), 0.0) ** weight
    return result


def _halved_by_pixels(image):
    image = np.pad(image, [(0, image.shape[0] % 2), (0, image.shape[1] % 2)], "edge")
    return (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 4


@pytest.mark.parametrize("height, width", [(32, 32), (37, 22)])
def test_pixel_by_pixel(height, width):
    x, y = images(2, height, width, channels=2)
    expected = np.mean([by_pixels(x[..., channel], y[..., channel]) for channel in range(2)])
    assert multiscale_ssim(x[None], y[None]) == pytest.approx([expected], rel=1e-4)


def test_plain_images_as_the_original():
    """1, 0.7 and 0 of 255 in all pixels."""
    plain = np.ones((3, 64, 64, 3)) * np.array([1.0, 0.7, 0.0])[:, None, None, None]
    assert mean_pairwise_ms_ssim(plain, max_value=255.0) == pytest.approx(0.9899887, abs=1e-6)


def test_equal_images_give_one_and_negatives_zero():
    (x,) = images(1)
    assert mean_pairwise_ms_ssim(np.stack([x, x, x])) == pytest.approx(1.0, abs=1e-6)
    assert multiscale_ssim(x[None], 1 - x[None]) == pytest.approx([0.0], abs=1e-6)


def test_mean_of_all_pairs_in_any_chunks(monkeypatch):
    batch = images(5).astype(np.float32)
    pairs = [multiscale_ssim(batch[[i]], batch[[j]])[0] for i in range(5) for j in range(5) if i != j]
    assert mean_pairwise_ms_ssim(batch) == pytest.approx(np.mean(pairs), rel=1e-5)
    monkeypatch.setattr(module, "_PAIR_BYTES", 3 * 4 * batch[0].size)
    assert mean_pairwise_ms_ssim(batch) == pytest.approx(np.mean(pairs), rel=1e-5)


def test_batches_are_drawn_by_the_seed():
    everything, seen = images(10), []
    value = ms_ssim(
        everything, seed=3, num_batches=2, batch_size=4, progress=lambda done, total: seen.append(done / total)
    )
    expected = [
        mean_pairwise_ms_ssim(in_content_order(everything)[np.random.RandomState([3, batch]).permutation(10)[:4]])
        for batch in range(2)
    ]
    assert value == pytest.approx(np.mean(expected), rel=1e-6)
    assert seen == [0.5, 1.0]
    assert ms_ssim(everything, seed=4, num_batches=2, batch_size=4) != value


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match=r"ms_ssim.batch_size: expected 2 to 10, .* got 64"):
        ms_ssim(images(10), seed=0)
    with pytest.raises(ValueError, match="ms_ssim: expected images in .*the first is image 0"):
        ms_ssim(255 * images(10), seed=0)
    with pytest.raises(ValueError, match="at least 2 images"):
        mean_pairwise_ms_ssim(images(1))
    with pytest.raises(ValueError, match="two equal shapes"):
        multiscale_ssim(images(2), images(3))
