"""Steps without a labelled image measure no class loss and no accuracy of the predictor."""

import numpy as np
import pytest

from compare_gan2.run_folder.measured_steps import measured

LOG = {
    "step": np.array([1, 2, 3, 4]),
    "loss/g": np.array([0.0, 0.5, 0.0, 1.0]),
    "loss/class_loss_real": np.array([0.0, 0.5, 0.0, 1.0]),
    "accuracy/class": np.array([0.0, 1.0, 0.0, 0.5]),
    "label_frac": np.array([0.0, 0.25, np.nan, 0.5]),
}


@pytest.mark.parametrize("tag", ["loss/class_loss_real", "accuracy/class"])
def test_steps_without_labels_are_left_out(tag):
    steps, values, weights = measured(LOG, tag)
    np.testing.assert_array_equal(steps, [2, 4])
    np.testing.assert_array_equal(values, LOG[tag][[1, 3]])
    np.testing.assert_array_equal(weights, [0.25, 0.5])


def test_other_tags_and_logs_without_the_share_are_whole():
    steps, values, weights = measured(LOG, "loss/g")
    assert list(steps) == [1, 2, 3, 4] and list(values) == list(LOG["loss/g"]) and set(weights) == {1.0}
    without = {name: values for name, values in LOG.items() if name != "label_frac"}
    assert len(measured(without, "accuracy/class")[0]) == 4
