import math

import numpy as np
import pytest
from support.brisque_goldens import DRAWINGS, PHOTOGRAPHS, PICTURES, of_golden

from compare_gan2.metrics.pixels.brisque_features import FEATURES, SMALLEST_SIDE, brisque_features

GRID = [0.2 + 0.001 * k for k in range(9801)]


def textured(count, height, width, channels, seed=0):
    random = np.random.RandomState(seed)
    rows, columns = np.mgrid[:height, :width]
    waves = np.sin(rows / 3.0 + columns / 7.0)[None, :, :, None]
    return np.clip(0.5 + 0.3 * waves + 0.1 * random.normal(size=(count, height, width, channels)), 0, 1)


def reference(image):
    """The 36 features of one grey image of whole numbers 0..255, loop by loop from the published definition."""
    features = []
    for scale in range(2):
        image = half_by_loops(half_by_loops(image).T).T if scale else image
        normalised = normalised_by_loops(image)
        features += ggd(normalised.ravel())
        height, width = normalised.shape
        for down, right in ((0, 1), (1, 0), (1, 1), (-1, 1)):
            products = [
                normalised[i, j] * normalised[(i - down) % height, (j - right) % width]
                for i in range(height)
                for j in range(width)
            ]
            features += aggd(np.array(products))
    return np.array(features)


def normalised_by_loops(image):
    height, width = image.shape
    window = {(i, j): math.exp(-(i * i + j * j) / (2 * (7 / 6) ** 2)) for i in range(-3, 4) for j in range(-3, 4)}
    total = sum(window.values())
    result = np.empty(image.shape)
    for i in range(height):
        for j in range(width):
            inside = [
                (w / total, i + a, j + b) for (a, b), w in window.items() if 0 <= i + a < height and 0 <= j + b < width
            ]
            mean = sum(w * image[a, b] for w, a, b in inside)
            square = sum(w * image[a, b] ** 2 for w, a, b in inside)
            result[i, j] = (image[i, j] - mean) / (math.sqrt(abs(square - mean**2)) + 1)
    return result


def half_by_loops(image):
    """Half the rows, as MATLAB's imresize: a cubic kernel (a = -1/2) of doubled width, rows mirrored at the borders."""

    def cubic(x):
        x = abs(x)
        if x <= 1:
            return 1.5 * x**3 - 2.5 * x**2 + 1
        return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x <= 2 else 0.0

    height = len(image)
    mirrored = [*range(height), *reversed(range(height))]
    rows = []
    for row in range(1, math.ceil(height / 2) + 1):
        centre = row / 0.5 + 0.5 * (1 - 1 / 0.5)  # in old rows, counted from 1
        taps = [
            (0.5 * cubic(0.5 * (centre - k)), mirrored[(k - 1) % (2 * height)]) for k in range(row * 2 - 8, row * 2 + 8)
        ]
        rows.append(sum(weight * image[k] for weight, k in taps) / sum(weight for weight, _ in taps))
    return np.array(rows)


def ggd(values):
    rho = np.mean(values**2) / np.mean(np.abs(values)) ** 2
    exponent = min(GRID, key=lambda g: abs(rho - math.gamma(1 / g) * math.gamma(3 / g) / math.gamma(2 / g) ** 2))
    return [exponent, np.mean(values**2)]


def aggd(values):
    left, right = (math.sqrt(np.mean(part**2)) for part in (values[values < 0], values[values > 0]))
    ratio = np.mean(np.abs(values)) ** 2 / np.mean(values**2)
    skew = left / right
    target = ratio * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    a = min(GRID, key=lambda g: (math.gamma(2 / g) ** 2 / (math.gamma(1 / g) * math.gamma(3 / g)) - target) ** 2)
    constant = math.sqrt(math.gamma(1 / a)) / math.sqrt(math.gamma(3 / a))
    eta = (right - left) * math.gamma(2 / a) / math.gamma(1 / a) * constant
    return [a, eta, left**2, right**2]


@pytest.mark.parametrize("height, width", [(32, 32), (19, 26)])
def test_the_published_definition(height, width):
    images = textured(2, height, width, 1)
    computed = brisque_features(images)
    levels = np.floor(255 * images[..., 0] + 0.5)
    assert computed.shape == (2, 36)
    for features, image in zip(computed, levels, strict=True):
        assert features == pytest.approx(reference(image), rel=1e-6, abs=1e-8)


def test_bytes_and_many_images_in_blocks():
    levels = np.uint8(np.rint(255 * textured(70, 16, 16, 1)))
    seen = []
    features = brisque_features(levels, progress=lambda *step: seen.append(step))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert np.array_equal(features[[0, 40, 69]], brisque_features(levels[[0, 40, 69]]))
    assert np.array_equal(features, brisque_features(levels / 255.0))


def test_colour_becomes_rounded_brightness():
    colour = np.uint8(np.rint(255 * textured(1, 24, 24, 3)))
    grey = np.rint(colour @ [0.298936, 0.587043, 0.114021]).astype(np.uint8)[..., None]
    assert np.array_equal(brisque_features(colour), brisque_features(grey))


@pytest.mark.parametrize("picture", PICTURES)
def test_features_of_the_package(picture):
    images = of_golden(picture, "image")[None]
    expected = of_golden(picture, "of_brisque/features")
    assert brisque_features(images, "package")[0] == pytest.approx(expected, rel=1e-9, abs=1e-11)
    assert brisque_features(images / 255.0, "package", "bicubic")[0] == pytest.approx(expected, rel=1e-9, abs=1e-11)
    assert not np.allclose(brisque_features(images)[0], expected, rtol=1e-3)


@pytest.mark.parametrize("picture", PHOTOGRAPHS)
def test_those_of_the_release_with_every_second_pixel_are_those_of_pybrisque(picture):
    grey = of_golden(picture, "image")[None, ..., :1]
    expected = of_golden(picture, "of_pybrisque/features")
    assert brisque_features(grey, "release", "nearest")[0] == pytest.approx(expected, rel=1e-9, abs=1e-11)


def test_the_half_scale_moves_the_features_of_the_second_scale_alone():
    images = of_golden("astronaut", "image")[None]
    for kind in FEATURES:
        first, second, third = (
            brisque_features(images, kind, half_scale)[0]
            for half_scale in ("bicubic", "antialiased_bicubic", "nearest")
        )
        assert np.array_equal(first[:18], second[:18]) and np.array_equal(first[:18], third[:18])
        assert min(np.abs(first - second)[18:].max(), np.abs(first - third)[18:].max()) > 0.01


@pytest.mark.parametrize("picture", ["coffee", *DRAWINGS])
def test_a_picture_has_its_features_among_any_others(picture):
    image = of_golden(picture, "image")[:48, :48]
    others = np.uint8(np.random.RandomState(0).randint(0, 256, (40, 48, 48, 3)))
    for kind in FEATURES:
        alone = brisque_features(image[None], kind)[0]
        for place in (0, 33, 40):
            assert np.array_equal(brisque_features(np.insert(others, place, image, axis=0), kind)[place], alone)


def test_grey_of_the_package_is_three_equal_colours():
    grey = of_golden("coffee", "image")[None, ..., :1]
    found = brisque_features(grey, "package")
    assert np.array_equal(found, brisque_features(np.repeat(grey, 3, axis=-1), "package"))


@pytest.mark.parametrize("kind", sorted(FEATURES))
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_plain_images_are_refused(value, kind):
    images = textured(3, 16, 16, 3)
    images[1] = value
    with pytest.raises(ValueError, match="brisque: 1 of 3 images are too plain .* the first is image 1"):
        brisque_features(images, kind)
    rows = np.arange(16)[:, None] % 2 + np.zeros((1, 16))  # plain at half its size alone
    images[1] = rows[..., None] * 0.5
    with pytest.raises(ValueError, match="brisque: 1 of 3 images are too plain .* the first is image 1"):
        brisque_features(images, kind, "nearest")


def test_small_images_are_refused():
    assert SMALLEST_SIDE == 14
    for half_scale in ("bicubic", "antialiased_bicubic", "nearest"):
        assert np.isfinite(brisque_features(textured(2, 14, 15, 1), "package", half_scale)).all()
    with pytest.raises(ValueError, match="brisque: expected images of at least 14 pixels a side, got 13x40 pixels"):
        brisque_features(textured(1, 13, 40, 1))


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match=r"1 or 3 channels, got shape \(1, 8, 8, 2\)"):
        brisque_features(textured(1, 8, 8, 2))
    with pytest.raises(ValueError, match="brisque: expected images in .*the first is image 0"):
        brisque_features(255 * textured(1, 8, 8, 1))
