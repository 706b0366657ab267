import numpy as np
import pytest
from support.tiny_pretraining import dataset, inference

from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining import calibration


def drawn(count=4000):
    """(logits of the true probabilities, labels drawn with them)."""
    random = np.random.RandomState(0)
    logits = 2 * random.normal(size=[count, 3])
    thresholds = calibration.probabilities_of(logits).cumsum(axis=1)
    return logits, (random.uniform(size=[count, 1]) > thresholds).sum(axis=1).clip(0, 2)


@pytest.mark.parametrize("factor", [0.25, 1.0, 5.0])
def test_the_temperature_undoes_a_factor(factor):
    logits, labels = drawn()
    temperature, facts = calibration.calibrated(factor * logits, labels)
    assert temperature == pytest.approx(factor, rel=0.05)
    assert facts["ece"] < 0.03 and facts["calibration_images"] == 4000
    assert factor == 1 or facts["ece_before"] > 4 * facts["ece"]


def test_the_error_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.45, 0.55]])
    # 0.9 twice: one hit of two, |1 - 1.8|; 0.6 and 0.55 are in bins of their own: |1 - 0.6|, |0 - 0.55|
    found = calibration.expected_calibration_error(probabilities, np.array([0, 1, 1, 0]))
    assert found == pytest.approx((0.8 + 0.4 + 0.55) / 4)


def test_held_out_labels_are_hidden_and_each_class_keeps_one():
    data = dataset(0.2)  # four labels of each class
    kept, held_out = calibration.hold_out(data, 0.9)
    assert kept.num_labelled == 3 and len(held_out.indices) == 9
    assert np.array_equal(np.bincount(kept.labels[kept.labels >= 0]), [1, 1, 1])
    assert np.array_equal(held_out.labels, data.labels[held_out.indices])
    assert not np.any(kept.labelled_mask[held_out.indices])
    again = calibration.hold_out(data, 0.9)[1]
    assert np.array_equal(again.indices, held_out.indices)


def test_a_classifier_is_trained_without_them(tmp_path):
    bindings = {"inferred_labels__held_out": 0.5, "inferred_labels__kind": "'soft'", "pretrain__training_steps": 1}
    plain = inference(tmp_path, "supervised", "soft", dataset(1.0), pretrain__training_steps=1)
    made = inference(tmp_path, "supervised", "soft", dataset(1.0), **bindings)
    assert made.extractor.labels_used == 30 and made.extractor.folder != plain.extractor.folder
    made.infer()
    said = next(tmp_path.glob("*/labels-soft/manifest.json")).read_text()
    assert '"temperature"' in said and '"calibration_images": 30' in said


def test_clusters_have_no_probabilities(tmp_path):
    with pytest.raises(ConfigError, match="held_out: only hard and soft labels .* expected 0.0 .*clusters.*, got 0.5"):
        inference(tmp_path, "rotation", "clusters", inferred_labels__kind="'clusters'", inferred_labels__held_out=0.5)
