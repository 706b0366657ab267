"""The numbers of torch-fidelity, clean-fid, prdc and piq, recorded by tests/goldens/record_torch_fidelity.py."""

import json
import pathlib
import runpy

import pytest

from compare_gan2.metrics.classification.classifier_score import classifier_score_of_splits
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.distances.frechet import frechet_distance_of_features
from compare_gan2.metrics.distances.kid import kid, kid_of_subsets
from compare_gan2.metrics.pixels.brisque_features import brisque_features
from compare_gan2.metrics.precision_and_recall.density_coverage import density_coverage
from compare_gan2.metrics.precision_and_recall.precision_recall import precision_recall

GOLDENS = pathlib.Path(__file__).parent.parent / "goldens"
RECORDED = json.loads((GOLDENS / "torch_fidelity.json").read_text())
THEIRS = RECORDED["torch_fidelity"]
RECORDER = runpy.run_path(str(GOLDENS / "record_torch_fidelity.py"))
REAL, FAKE, LOGITS = RECORDER["data"]()


@pytest.mark.parametrize("recorded", [THEIRS["fid"]["frechet_inception_distance"], RECORDED["clean_fid"]["fid"]])
def test_fid(recorded):
    assert fid(REAL, FAKE) == pytest.approx(recorded, rel=1e-4)
    assert frechet_distance_of_features(REAL, FAKE) == pytest.approx(recorded, rel=1e-4)


@pytest.mark.parametrize("name, shuffle_seed", [("isc_in_order", None), ("isc_shuffled", 2020)])
def test_inception_score(name, shuffle_seed):
    result = classifier_score_of_splits(LOGITS, shuffle_seed=shuffle_seed, images_in_order=True)
    assert result.mean == pytest.approx(THEIRS[name]["inception_score_mean"], rel=1e-4)
    assert result.std == pytest.approx(THEIRS[name]["inception_score_std"], rel=1e-4)


def test_kid():
    result = kid_of_subsets(REAL, FAKE, num_subsets=20, subset_size=100, images_in_order=True)
    assert result.mean == pytest.approx(THEIRS["kid"]["kernel_inception_distance_mean"], rel=1e-4)
    assert result.std == pytest.approx(THEIRS["kid"]["kernel_inception_distance_std"], rel=1e-4)
    of_clean_fid = kid_of_subsets(REAL, FAKE, num_subsets=20, subset_size=100, subset_seed=7, images_in_order=True)
    assert of_clean_fid.mean == pytest.approx(RECORDED["clean_fid"]["kid_seed_7"], rel=1e-4)
    of_all = THEIRS["kid_of_all"]["kernel_inception_distance_mean"]
    assert kid(REAL[: len(FAKE)], FAKE).mean == pytest.approx(of_all, rel=1e-4)


def test_precision_and_recall():
    result = precision_recall(REAL, FAKE)
    assert result.precision == pytest.approx(THEIRS["prc"]["precision"], rel=1e-4)
    assert result.recall == pytest.approx(THEIRS["prc"]["recall"], rel=1e-4)


def test_density_and_coverage():
    result = density_coverage(REAL, FAKE)
    assert result.density == pytest.approx(RECORDED["prdc"]["density"], rel=1e-4)
    assert result.coverage == pytest.approx(RECORDED["prdc"]["coverage"], rel=1e-4)
    # Of continuous features, where no two distances are equal, its precision and recall are ours for five neighbours.
    of_five = precision_recall(REAL, FAKE, neighbours=5)
    assert of_five.precision == pytest.approx(RECORDED["prdc"]["precision"], rel=1e-4)
    assert of_five.recall == pytest.approx(RECORDED["prdc"]["recall"], rel=1e-4)


def test_brisque_features():
    for picture, recorded in zip(RECORDER["images"](), RECORDED["piq_brisque_features"], strict=True):
        assert brisque_features(picture)[0] == pytest.approx(recorded, rel=1e-6)
