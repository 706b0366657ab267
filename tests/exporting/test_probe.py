"""Differences of exported files from the model, and what is too much."""

import numpy as np
import pytest

from compare_gan2.exporting.probe import Probe
from compare_gan2.ground.errors import ExportFailed

PROBE = Probe({}, {"generate": np.array([0.5, 1.0]), "discriminate": np.array([-40.0, 2.0])}, 1e-5)


def test_differences_are_relative_to_large_values():
    found = PROBE.differences("keras", {"generate": np.array([0.5, 1.000004])})
    assert found["generate"] == pytest.approx(4e-6)
    assert PROBE.differences("keras", {"discriminate": np.array([-40.0002, 2.0])})["discriminate"] < 1e-5
    assert PROBE.differences("onnx", {"generate": np.array([0.5, 1.00005])}, 1e-4)["generate"] < 1e-4


@pytest.mark.parametrize("values", [[0.5, 1.0001], [np.nan, 1.0], [0.5, 1.0, 1.0]])
def test_other_results_are_refused(values):
    with pytest.raises(ExportFailed, match="keras gives other results than the model: generate differs by"):
        PROBE.differences("keras", {"generate": np.array(values)})


def test_a_probe_asks_for_everything(model, networks, probe):
    asked = {signature for signature, _ in probe.calls.values()}
    assert asked == {"generate", "discriminate", "sample"} | ({"predict_labels"} if model.num_classes else set())
    if model.num_classes:
        labels = probe.calls["generate"][1]["labels"]
        assert labels.sum(1).tolist() == [1, 1, 1, 1, 0]  # a row without a label is among them
    assert all(np.ptp(values) > 0 for values in probe.expected.values())
