"""A trained model as a value: what it asks its networks for, and what it refuses."""

import types

import numpy as np
import pytest

from compare_gan2.datasets.latents import EvaluationLatents, normal
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.draws import draw_labels, draw_latents
from compare_gan2.runs.trained_model import Model

LATENTS = EvaluationLatents(distribution_fn=normal)
NAMES = ("cat", "dog", "horse")


class Networks:
    """In place of a `Sampler`: keeps what it is asked for; image i holds its first latent, clipped, everywhere."""

    weights, generator = "ema", "the network"

    def __init__(self, num_classes=3):
        self.gan = types.SimpleNamespace(image_shape=(4, 4, 1), z_dim=5, num_classes=num_classes)
        self.latents = self.vectors = self.images = self.labels = None

    def generate(self, latents, labels, batch_size=64, on_images=None):
        self.latents, self.vectors, self.batch_size = latents, labels, batch_size
        return np.clip(latents[:, :1, None, None], 0, 1) * np.ones([1, 4, 4, 1], np.float32)

    def discriminate(self, images, labels):
        self.images, self.labels = images, labels
        return images.mean(axis=(1, 2, 3))

    def predict_labels(self, images):
        self.images = images
        return np.eye(3, dtype=np.float32)[[2, 0]]


class NoPredictor(Networks):
    def predict_labels(self, images):
        raise ValueError("the model has no predictor")


def model_of(networks=None, **options):
    networks = networks or Networks()
    options = {"class_names": NAMES} | options
    return Model(networks, LATENTS, **options), networks


def test_what_it_is():
    model, networks = model_of(step=7)
    assert (model.image_shape, model.z_dim, model.num_classes) == ((4, 4, 1), 5, 3)
    assert (model.class_names, model.step, model.weights) == (NAMES, 7, "ema")
    assert model.generator is networks.generator
    assert repr(model) == "Model(4x4x1, 3 classes, z_dim=5, step=7, weights='ema')"
    assert repr(model_of(Networks(num_classes=None))[0]).startswith("Model(4x4x1, unconditional, ")


def test_samples_are_bytes_or_numbers():
    model, networks = model_of()
    images = model.sample(6, seed=3)
    assert images.dtype == np.uint8 and images.shape == (6, 4, 4, 1)
    numbers = model.sample(6, seed=3, dtype="float32")
    assert numbers.dtype == np.float32 and 0 <= numbers.min() and numbers.max() <= 1
    np.testing.assert_array_equal(images, np.rint(numbers * 255))
    for name in (np.float32, np.dtype("float32")):
        np.testing.assert_array_equal(model.sample(6, seed=3, dtype=name), numbers)
    np.testing.assert_array_equal(model.sample(6, seed=3, dtype=np.uint8), images)
    np.testing.assert_array_equal(networks.latents, draw_latents(LATENTS, 6, 5, 3))


def test_image_i_is_the_same_whatever_the_count():
    model, networks = model_of()
    images = model.sample(6, seed=3)
    vectors = networks.vectors
    np.testing.assert_array_equal(model.sample(2, seed=3), images[:2])
    np.testing.assert_array_equal(networks.vectors, vectors[:2])
    assert np.any(model.sample(6, seed=4) != images)


def test_seeds_and_indices_choose_images():
    model, networks = model_of()
    many = model.sample(12, seed=3, labels=1)
    np.testing.assert_array_equal(model.sample(3, seed=3, labels=1, indices=[11, 0, 5]), many[[11, 0, 5]])
    mixed = model.sample(2, seed=[3, 8], labels=1)
    np.testing.assert_array_equal(mixed, np.concatenate([many[:1], model.sample(1, seed=8, labels=1)]))
    drawn = model.label_numbers(None, 12, 3)
    np.testing.assert_array_equal(model.label_numbers(None, 2, 3, [7, 4]), drawn[[7, 4]])


def test_batches_are_the_samples_in_parts():
    model, networks = model_of()
    images, labels = zip(*model.batches(30, seed=4, batch_size=12), strict=True)
    assert [len(part) for part in images] == [16, 14] and networks.batch_size == 16
    np.testing.assert_array_equal(np.concatenate(images), model.sample(30, seed=4))
    np.testing.assert_array_equal(np.concatenate(labels), model.label_numbers(None, 30, 4))
    images, labels = zip(*model.batches(9, 2, [5, *range(8)], 0.5, truncation_by="clip"), strict=True)
    expected = model.sample(9, 2, [5, *range(8)], 0.5, truncation_by="clip")
    np.testing.assert_array_equal(np.concatenate(images), expected)
    assert labels[0].tolist() == [2] * 9


def test_batches_are_asked_for_in_one_size():
    model, networks = model_of()
    sizes, generate = [], networks.generate
    networks.generate = lambda latents, *given: (sizes.append(len(latents)), generate(latents, *given))[1]
    images, labels = zip(*model.batches(30, seed=4, batch_size=16), strict=True)
    assert sizes == [16, 16] and [len(part) for part in labels] == [len(part) for part in images] == [16, 14]


def test_batches_beyond_one_drawing_are_the_same_images(monkeypatch):
    model, _ = model_of()
    expected = model.sample(70, seed=4)
    monkeypatch.setattr("compare_gan2.runs.trained_model._DRAWN_AT_ONCE", 20)
    found = [images for images, _ in model.batches(70, seed=4, batch_size=8)]
    np.testing.assert_array_equal(np.concatenate(found), expected)


@pytest.mark.parametrize(
    "options", [{"count": 0}, {"labels": 9}, {"truncation": -1}, {"dtype": "x"}, {"batch_size": 0}]
)
def test_batches_are_refused_at_once(options):
    with pytest.raises(ConfigError):
        model_of()[0].batches(**{"count": 3} | options)


def test_images_of_given_latents():
    model, networks = model_of()
    latents = model.draw_latents(3, seed=2, truncation=0.5)
    np.testing.assert_array_equal(model.generate(latents, "dog"), model.sample(3, "dog", 2, 0.5))
    with pytest.raises(ConfigError, match=r"latents: expected \[N, 5\], got \(3, 4\)"):
        model.generate(latents[:, :4], 0)
    with pytest.raises(ConfigError, match="labels: expected a class for each row"):
        model.generate(latents)
    with pytest.raises(ConfigError, match="latents: expected finite numbers, got NaN or infinity"):
        model.generate(latents * np.nan, 0)
    with pytest.raises(ConfigError, match=r"latents: expected numbers \[N, 5\], could not convert"):
        model.generate("latents", 0)


def test_truncation_reaches_the_latents():
    model, networks = model_of()
    model.sample(6, seed=3, truncation=0.5)
    assert np.abs(networks.latents).max() <= 0.5
    np.testing.assert_array_equal(networks.latents, draw_latents(LATENTS, 6, 5, 3, 0.5))


@pytest.mark.parametrize(
    "labels, numbers",
    [
        (1, [1, 1, 1]),
        (np.int64(2), [2, 2, 2]),
        ("horse", [2, 2, 2]),
        ([0, "dog", 2], [0, 1, 2]),
        (np.array([2, 1, 0]), [2, 1, 0]),
        ([0, -1, 2], [0, -1, 2]),
        (None, list(draw_labels(3, 0, 3))),
    ],
)
def test_labels_are_numbers_names_or_drawn(labels, numbers):
    model, networks = model_of()
    model.sample(3, labels=labels)
    assert networks.vectors.dtype == np.float32
    np.testing.assert_array_equal(networks.vectors, [np.arange(3) == number for number in numbers])


def test_labels_are_drawn_as_for_scores():
    model, networks = model_of(distribution=(0.0, 0.0, 1.0))
    model.sample(5)
    np.testing.assert_array_equal(networks.vectors, [[0, 0, 1]] * 5)


def test_unconditional_models_take_no_labels():
    model, networks = model_of(Networks(num_classes=None), class_names=None)
    assert model.sample(2).shape == (2, 4, 4, 1) and networks.vectors is None
    model.interpolate(3)
    assert networks.vectors is None
    model.discriminate(np.zeros([2, 4, 4, 1]))
    assert networks.labels is None
    with pytest.raises(ConfigError, match="labels: an unconditional model takes none, got 1"):
        model.sample(2, labels=1)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"labels": 3}, "labels: expected classes from 0 to 2 or one of the names cat, dog, horse, got 3"),
        ({"labels": -2}, "labels: expected classes from 0 to 2 or .* got -2"),
        ({"labels": True}, "labels: expected classes from 0 to 2 or .* got True"),
        ({"labels": [0, 1.5, 2]}, "labels: expected classes from 0 to 2 or .* got 1.5"),
        ({"labels": "hrose"}, "one of the names cat, dog, horse, got 'hrose'; did you mean horse"),
        ({"labels": [0, 1]}, "labels: expected one class, or 3 of them, got 2"),
        ({"count": 0}, "count: expected a whole number of at least 1, got 0"),
        ({"count": 2.5}, "count: expected a whole number of at least 1, got 2.5"),
        ({"seed": None}, "seed: expected a whole number, got None"),
        ({"dtype": "float64"}, "dtype: expected 'uint8' or 'float32', got 'float64'"),
        ({"dtype": None}, "dtype: expected 'uint8' or 'float32', got None"),
        ({"dtype": "flot32"}, "dtype: expected 'uint8' or 'float32', got 'flot32'"),
        ({"labls": 3}, "sample: there is no keyword 'labls'; did you mean labels"),
        ({"truncation": 0}, "truncation: expected a number above 0, got 0"),
    ],
)
def test_what_cannot_be_sampled(options, message):
    with pytest.raises(ConfigError, match=message):
        model_of()[0].sample(**{"count": 3} | options)


def test_nan_does_not_become_a_black_pixel():
    model, networks = model_of()
    networks.generate = lambda latents, *_: np.full([len(latents), 4, 4, 1], np.nan, np.float32)
    for dtype in ("uint8", "float32"):
        with pytest.raises(ValueError, match="the generator gives NaN or infinity"):
            model.sample(2, dtype=dtype)


def test_classes_without_names_are_numbers():
    model, _ = model_of(class_names=None)
    with pytest.raises(ConfigError, match="labels: expected classes from 0 to 2, got 'cat'"):
        model.sample(1, labels="cat")
    np.testing.assert_array_equal(model.sample(1, labels="2"), model.sample(1, labels=2))
    assert model.name_of(2) == "2"


def test_the_path_between_latents_keeps_their_variance():
    networks = Networks()
    networks.gan.z_dim = 4000
    model, _ = model_of(networks)
    frames = model.interpolate(5, labels=0, seed=1, other_seed=2)
    assert frames.shape == (5, 4, 4, 1) and frames.dtype == np.uint8
    path = networks.latents
    first, last = (draw_latents(LATENTS, 1, 4000, seed)[0] for seed in (1, 2))
    np.testing.assert_allclose(path[0], first, atol=1e-6)
    np.testing.assert_allclose(path[-1], last, atol=1e-6)
    np.testing.assert_allclose(path[2], (first + last) / np.sqrt(2), atol=1e-5)
    np.testing.assert_allclose(path.std(axis=1), 1.0, atol=0.05)


def test_uniform_latents_move_on_a_line_within_their_interval():
    networks = Networks()
    networks.gan.z_dim = 4000
    Model(networks, EvaluationLatents()).interpolate(5, labels=0, seed=1, other_seed=2)
    path = networks.latents
    np.testing.assert_allclose(path[1], 0.75 * path[0] + 0.25 * path[4], atol=1e-6)
    assert np.abs(path[[0, 4]]).max() > 0.99 and np.abs(path).max() <= 1.0


def test_the_path_between_classes_mixes_their_vectors():
    model, networks = model_of()
    model.interpolate(3, labels=("cat", 2), seed=1)
    np.testing.assert_allclose(networks.vectors, [[1, 0, 0], [0.5, 0, 0.5], [0, 0, 1]])
    assert len(np.unique(networks.latents, axis=0)) == 1
    model.interpolate(3, labels="dog", seed=1, other_seed=2)
    np.testing.assert_array_equal(networks.vectors, [[0, 1, 0]] * 3)
    model.interpolate(4, seed=1)
    assert len(np.unique(networks.vectors, axis=0)) == 1 and networks.vectors[0].sum() == 1


@pytest.mark.parametrize(
    "options, message",
    [
        ({"steps": 1}, "steps: expected a whole number of at least 2, got 1"),
        ({"seed": "x"}, "seed: expected a whole number, got 'x'"),
        ({"labels": (0, 1, 2)}, r"labels: expected one class or a pair of classes, got \(0, 1, 2\)"),
        ({"labels": (0, 9)}, "labels: expected classes from 0 to 2 or .* got 9"),
    ],
)
def test_what_cannot_be_interpolated(options, message):
    with pytest.raises(ConfigError, match=message):
        model_of()[0].interpolate(**options)


def test_judged_images_are_numbers_from_0_to_1():
    model, networks = model_of()
    values = np.arange(32, dtype=np.uint8).reshape(2, 4, 4, 1) * 8
    logits = model.discriminate(values, labels=[0, -1])
    np.testing.assert_allclose(networks.images, values / 255, rtol=1e-6)
    assert networks.images.dtype == np.float32 and networks.labels.tolist() == [0, -1]
    np.testing.assert_allclose(logits, (values / 255).mean(axis=(1, 2, 3)), rtol=1e-5)
    model.discriminate(values / 255.0, labels=1)
    np.testing.assert_allclose(networks.images, values / 255, rtol=1e-6)
    assert networks.labels.tolist() == [1, 1]


@pytest.mark.parametrize(
    "images, labels, message",
    [
        (np.zeros([2, 4, 4, 3]), 0, r"images: expected \[N, 4, 4, 1\], got \(2, 4, 4, 3\)"),
        (np.zeros([4, 4, 1]), 0, r"images: expected \[N, 4, 4, 1\], got \(4, 4, 1\)"),
        (np.zeros([0, 4, 4, 1]), 0, "images: expected at least one image, got none"),
        (
            np.full([2, 4, 4, 1], 3.5),
            0,
            r"images: expected floats in \[0, 1\], got values from 3.5 to 3.5; divide by 255",
        ),
        (np.full([2, 4, 4, 1], np.nan), 0, "images: expected finite pixels, the first is image 0 with NaN"),
        (np.zeros([2, 4, 4, 1], np.int64), 0, "images: expected uint8 images, or floats in"),
        ("image.png", 0, r"images: expected \[N, 4, 4, 1\], got \(\)"),
        (np.zeros([2, 4, 4, 1]), None, "labels: expected a class for each image, since the model is conditional"),
    ],
)
def test_what_cannot_be_judged(images, labels, message):
    with pytest.raises(ConfigError, match=message):
        model_of()[0].discriminate(images, labels)


def test_predicted_labels():
    model, networks = model_of()
    images = np.full([2, 4, 4, 1], 255, np.uint8)
    found = model.predict_labels(images)
    assert found.dtype == np.int32 and found.tolist() == [2, 0]
    np.testing.assert_array_equal(model.predict_labels(images, probabilities=True), np.eye(3)[[2, 0]])
    np.testing.assert_array_equal(networks.images, np.ones([2, 4, 4, 1]))
    with pytest.raises(ConfigError, match="predict_labels: the model has no predictor"):
        model_of(NoPredictor())[0].predict_labels(images)
    with pytest.raises(ConfigError, match="images: expected"):
        model.predict_labels(np.zeros([2, 5, 4, 1]))
    with pytest.raises(ConfigError, match="images: expected at least one image, got none"):
        model.predict_labels(images[:0])
