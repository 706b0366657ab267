import subprocess
import sys

import numpy as np
import pytest

from compare_gan2.datasets.sources import fashion_mnist
from compare_gan2.metrics import train_classifier
from compare_gan2.metrics.networks import small_classifier
from compare_gan2.metrics.networks.shipped import SHIPPED
from compare_gan2.metrics.train_classifier import Distortions, distort


class Highest:
    """Replacement of a random state; every draw is the upper limit."""

    @staticmethod
    def uniform(low, high, size):
        return np.full(size, high)


IMAGES = np.random.RandomState(0).uniform(size=(3, 32, 32))


def test_no_distortion_is_identity():
    np.testing.assert_allclose(distort(IMAGES, Highest, Distortions()), IMAGES, atol=1e-12)


def test_shift_by_whole_pixels():
    shifted = distort(IMAGES, Highest, Distortions(shift=2.0))
    np.testing.assert_allclose(shifted[:, :-2, :-2], IMAGES[:, 2:, 2:], atol=1e-12)


def test_shift_by_half_a_pixel_averages_neighbours():
    mean = (IMAGES[:, :-1, :-1] + IMAGES[:, 1:, :-1] + IMAGES[:, :-1, 1:] + IMAGES[:, 1:, 1:]) / 4
    np.testing.assert_allclose(distort(IMAGES, Highest, Distortions(shift=0.5))[:, :-1, :-1], mean, atol=1e-12)


def test_rotation_by_a_right_angle():
    rotated = distort(IMAGES, Highest, Distortions(rotation=np.pi / 2))
    np.testing.assert_allclose(rotated, np.rot90(IMAGES, -1, (1, 2)), atol=1e-9)


def test_half_of_the_images_are_mirrored_and_the_other_draws_stay():
    images = np.repeat(IMAGES, 100, axis=0)
    mirrored = distort(images, np.random.RandomState(0), Distortions(mirrored=True))
    is_mirrored = np.isclose(mirrored, images[..., ::-1], atol=1e-12).all(axis=(1, 2))
    assert 120 < is_mirrored.sum() < 180
    np.testing.assert_allclose(mirrored[~is_mirrored], images[~is_mirrored], atol=1e-12)
    shifted = distort(images, np.random.RandomState(0), Distortions(shift=2.0))
    both = distort(images, np.random.RandomState(0), Distortions(shift=2.0, mirrored=True))
    np.testing.assert_array_equal(both[~is_mirrored], shifted[~is_mirrored])


def test_comparison_separates_equal_from_different():
    shipped = {"a/kernel": np.array([1.0, 2.0], np.float32)}
    assert train_classifier.comparison(dict(shipped), shipped) == "identical to the shipped weights"
    near, far = shipped["a/kernel"] + np.float32(3e-7), shipped["a/kernel"] + np.float32(0.5)
    assert train_classifier.comparison({"a/kernel": near}, shipped).startswith("equal to the shipped weights to within")
    assert "NOT the shipped weights: the largest difference is 0.5" in train_classifier.comparison(
        {"a/kernel": far}, shipped
    )
    assert "another architecture" in train_classifier.comparison({"b/kernel": near}, shipped)
    assert "no shipped weights" in train_classifier.comparison(shipped, None)


def test_one_epoch_from_the_command_line_gives_the_same_weights_each_time(tmp_path):
    output = tmp_path / "weights.npz"
    command = [sys.executable, "-m", "compare_gan2.metrics.train_classifier"]
    command += ["--network=digits", f"--output={output}", "--epochs=1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{output}: accuracy 8" in done.stdout
    assert "NOT the shipped weights: the largest difference" in done.stdout
    found = small_classifier.read_weights(output)
    sums = {name: float(np.abs(array.astype(np.float64)).sum()) for name, array in found.items()}
    assert sums["conv1/kernel"] == pytest.approx(53.952946, rel=1e-6)
    assert sums["conv5/bias"] == pytest.approx(0.30447290, rel=1e-6)
    assert sums["dense/kernel"] == pytest.approx(1921.0985, rel=1e-6)
    assert sums["logits/bias"] == pytest.approx(0.067665916, rel=1e-6)


@pytest.mark.parametrize("flags", [["--output=missing/weights.npz"], ["--output=weights.h5"], []])
def test_output_that_cannot_be_written_is_refused_before_training(flags, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        train_classifier.main(["--network=digits", *flags])
    assert "--output" in capsys.readouterr().err


def test_data_that_is_missing_is_named_before_training(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fashion_mnist, "FOLDER", tmp_path / "missing")
    with pytest.raises(SystemExit):
        train_classifier.main(["--network=fashion", f"--output={tmp_path / 'weights.npz'}"])
    assert "apt install dataset-fashion-mnist" in capsys.readouterr().err


def test_every_shipped_classifier_has_a_recipe_whose_batches_fill_chunks():
    assert train_classifier.RECIPES.keys() == SHIPPED.keys()
    assert all(train_classifier.CHUNK % recipe.batch_size == 0 for recipe in train_classifier.RECIPES.values())
