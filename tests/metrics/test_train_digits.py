import subprocess
import sys

import numpy as np
import pytest

from compare_gan2.metrics import train_digits
from compare_gan2.metrics.networks import digits


class Highest:
    """Replacement of a random state; every draw is the upper limit."""

    @staticmethod
    def uniform(low, high, size):
        return np.full(size, high)


@pytest.fixture
def no_distortion(monkeypatch):
    for name in ("MAX_ROTATION", "MAX_SHIFT", "MAX_SCALING", "MAX_SHEAR"):
        monkeypatch.setattr(train_digits, name, 0.0)
    return monkeypatch


IMAGES = np.random.RandomState(0).uniform(size=(3, 32, 32))


def test_no_distortion_is_identity(no_distortion):
    np.testing.assert_allclose(train_digits.distort(IMAGES, Highest), IMAGES, atol=1e-12)


def test_shift_by_whole_pixels(no_distortion):
    no_distortion.setattr(train_digits, "MAX_SHIFT", 2.0)
    shifted = train_digits.distort(IMAGES, Highest)
    np.testing.assert_allclose(shifted[:, :-2, :-2], IMAGES[:, 2:, 2:], atol=1e-12)


def test_shift_by_half_a_pixel_averages_neighbours(no_distortion):
    no_distortion.setattr(train_digits, "MAX_SHIFT", 0.5)
    mean = (IMAGES[:, :-1, :-1] + IMAGES[:, 1:, :-1] + IMAGES[:, :-1, 1:] + IMAGES[:, 1:, 1:]) / 4
    np.testing.assert_allclose(train_digits.distort(IMAGES, Highest)[:, :-1, :-1], mean, atol=1e-12)


def test_rotation_by_a_right_angle(no_distortion):
    no_distortion.setattr(train_digits, "MAX_ROTATION", np.pi / 2)
    np.testing.assert_allclose(train_digits.distort(IMAGES, Highest), np.rot90(IMAGES, -1, (1, 2)), atol=1e-9)


def test_comparison_separates_equal_from_different():
    shipped = {"a/kernel": np.array([1.0, 2.0], np.float32)}
    assert train_digits.comparison(dict(shipped), shipped) == "identical to the shipped weights"
    near, far = shipped["a/kernel"] + np.float32(3e-7), shipped["a/kernel"] + np.float32(0.5)
    assert train_digits.comparison({"a/kernel": near}, shipped).startswith("equal to the shipped weights to within")
    assert "NOT the shipped weights: the largest difference is 0.5" in train_digits.comparison(
        {"a/kernel": far}, shipped
    )
    assert "another architecture" in train_digits.comparison({"b/kernel": near}, shipped)
    assert "no shipped weights" in train_digits.comparison(shipped, None)


def test_one_epoch_from_the_command_line_gives_the_same_weights_each_time(tmp_path):
    output = tmp_path / "weights.npz"
    command = [sys.executable, "-m", "compare_gan2.metrics.train_digits", f"--output={output}", "--epochs=1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{output}: accuracy 8" in done.stdout
    assert "NOT the shipped weights: the largest difference" in done.stdout
    found = digits.read_weights(output)
    sums = {name: float(np.abs(array.astype(np.float64)).sum()) for name, array in found.items()}
    assert sums["conv1/kernel"] == pytest.approx(53.952946, rel=1e-6)
    assert sums["conv5/bias"] == pytest.approx(0.30447290, rel=1e-6)
    assert sums["dense/kernel"] == pytest.approx(1921.0985, rel=1e-6)
    assert sums["logits/bias"] == pytest.approx(0.067665916, rel=1e-6)


@pytest.mark.parametrize("flags", [["--output=missing/weights.npz"], ["--output=weights.h5"], []])
def test_output_that_cannot_be_written_is_refused_before_training(flags, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        train_digits.main(flags)
    assert "--output" in capsys.readouterr().err
