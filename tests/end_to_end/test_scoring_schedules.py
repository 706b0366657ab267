"""When checkpoints are scored: while training, later with more metrics, with one's own; and which one is the best."""

import json
import shutil

import numpy as np
import pytest
from support import tiny_run

from compare_gan2.datasets.data_request import DataRequest, get_dataset
from compare_gan2.metrics.classification.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.metrics.registry import METRICS
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps
from compare_gan2.run_folder.scores import ScoresFile
from compare_gan2.runs.load_run import load_sampler

EVERY = {"run_config__save_checkpoints_steps": 2, "run_config__eval_every_steps": 2}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folder of a run that was scored after training."""
    folder = tmp_path_factory.mktemp("schedules") / "after"
    result = tiny_run.quick(folder, **EVERY)
    assert result.code == 0, result.err
    return folder


@pytest.fixture
def copied(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "copied")


def scores(folder):
    return {(row.step, row.metric): row for row in ScoresFile(folder / "scores.csv").read()}


def test_scored_while_training_it_is_the_same_run_with_the_same_scores(trained, tmp_path):
    result = tiny_run.quick(tmp_path / "inside", "--schedule=train_and_eval", **EVERY)
    assert result.code == 0, result.err
    lines = [line for line in result.out.splitlines() if line.startswith(("step ", "trained "))]
    assert [line.split(":")[0].split(" in ")[0] for line in lines] == [
        "step 0",  # says why it is not scored
        "step 2",
        "step 4",
        "step 6",
        "trained to step 6",
    ]
    assert scores(tmp_path / "inside") == scores(trained)
    expected, got = tiny_run.values(trained, 6), tiny_run.values(tmp_path / "inside", 6)
    assert all((expected[name] == got[name]).all() for name in expected.keys() | got.keys())
    again = tiny_run.quick(tmp_path / "inside", "--schedule=train_and_eval", **EVERY)
    assert again.code == 0 and "nothing left to do" in again.out


def test_best_checkpoint_is_kept(trained, tmp_path):
    values = {step: row.value for (step, metric), row in scores(trained).items() if metric == "classifier_score"}
    folder = tmp_path / "best"
    bindings = EVERY | {"run_config__best_metric": "'classifier_score'", "run_config__keep_checkpoint_max": 1}
    result = tiny_run.quick(folder, "--schedule=train_and_eval", **bindings)
    assert result.code == 0, result.err
    best = max(values, key=values.get)
    content = json.loads((folder / "best.json").read_text())
    assert content["step"] in checkpoint_steps(folder) and content["metric"] == "classifier_score"
    assert content == {
        "metric": "classifier_score",
        "value": values[best],
        "step": best,
        "checkpoint": f"model.ckpt-{best}",
    }
    best_before = max((step for step in values if step < 6), key=values.get)  # when the last one was saved
    assert checkpoint_steps(folder) == [best_before, 6]
    assert {path.name for path in folder.glob("standing-*")} == {f"standing-{best_before}.npz", "standing-6.npz"}


def test_a_metric_that_is_added_later_is_computed_for_what_is_there(copied):
    before = scores(copied)
    text = (copied / "scores.csv").read_text()
    fewer = [line for line in text.splitlines() if ",classifier_score," not in line]
    (copied / "scores.csv").write_text("\n".join(fewer) + "\n")
    (copied / ".scores.csv.sha256").unlink()  # as an edit by hand has to be accepted
    result = tiny_run.quick(copied, **EVERY)
    assert result.code == 0, result.err
    assert scores(copied) == before
    assert "step 2: classifier_score" in result.out and "step 2: fid" not in result.out
    assert (copied / "scores.csv").read_text().splitlines()[: len(fewer)] == fewer


def test_metrics_are_chosen_in_gin_and_by_flag(copied):
    only = tiny_run.quick(copied, "--metrics=classifier_score,fid", **EVERY)
    assert only.code == 0 and "nothing left to do" in only.out  # both are there already
    (copied / "scores.csv").unlink()
    (copied / "scores.jsonl").unlink()  # else it is restored from there
    bound = tiny_run.quick(copied, **EVERY, evaluation__metrics=["classifier_score"])
    assert bound.code == 0 and {metric for _, metric in scores(copied)} == {"classifier_score"}
    refused = tiny_run.quick(copied, "--metrics=fid,fid", **EVERY)
    assert "evaluation.metrics: expected names of different metrics" in tiny_run.error_line(refused)


def test_ones_own_metric_from_gin_to_table_and_picture(copied, tmp_path, monkeypatch):
    (tmp_path / "metrics_of_mine.py").write_text(
        "from compare_gan2.metrics.registry import metric\n"
        "@metric('ink_of_mine', needs=['fake_images', 'real_images'], title='Ink', better='lower')\n"
        "def ink(samples, power: float = 1.0):\n"
        "    return abs((samples.fake.images**power).mean() - (samples.real.images**power).mean())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    config = tmp_path / "mine.gin"
    config.write_text(
        "include 's3gan.gin'\nimport metrics_of_mine\nevaluation.metrics = ['ink_of_mine']\nink_of_mine.power = 2.0\n"
    )
    try:
        result = tiny_run.quick(copied, config=str(config), **EVERY)
        assert result.code == 0, result.err
        rows = [row for (_, metric), row in scores(copied).items() if metric == "ink_of_mine"]
        assert [row.step for row in rows] == [2, 4, 6]
        for row in rows:
            assert (row.settings, row.network, row.network_checksum, row.resize) == ("power=2.0", "", "none", "none")
            assert 0 < row.value < 1 and (row.low, row.high) == (None, None)
        longer = tiny_run.quick(copied, config=str(config), **EVERY | {"options__training_steps": 8})
        assert longer.code == 0, longer.err
        recorded = (copied / "operative_config-6.gin").read_text()
        assert recorded.startswith("import metrics_of_mine\n") and "ink_of_mine.power = 2.0" in recorded
        # A folder whose record names a metric of one's own can still be opened if it is not imported.
        del METRICS["ink_of_mine"]
        assert tiny_run.quick(copied, **EVERY | {"options__training_steps": 8}).code == 0
    finally:
        METRICS.pop("ink_of_mine", None)


def test_every_metric_in_one_pass(copied):
    names = [name for name in METRICS if name != "brisque"]  # which needs a model file
    bindings = {
        "evaluation.metrics": names,
        "evaluation.num_real": 70,
        "evaluation.num_fake": 80,
        "prd.require_balance": False,
        "kid_of_subsets.subset_size": 50,
        "jacobian.num_images": 2,
        "fractal_dimension.num_seeds": 50,
        "gilbo.num_steps": 5,
        "gilbo.num_images": 64,
    }
    given = [f"--gin_bindings={name} = {value}" for name, value in bindings.items()]
    every = EVERY | {"run_config__eval_every_steps": 6}
    result = tiny_run.quick(copied, *given, **every)
    assert result.code == 0, result.err
    found = {name: row for (step, name), row in scores(copied).items() if step == 6}
    expected = {row for name in names for row in METRICS[name].rows}
    assert found.keys() == expected
    failed = {name: row.reason for name, row in found.items() if row.value is None}
    assert failed == {"kid_standard_error": ""} and "single block" in found["kid_standard_error"].caution
    new = {name: row for name, row in found.items() if row.num_fake == 80}
    assert expected - new.keys() == {
        "fid",
        "classifier_score",
        "conditional_accuracy",
    }  # scored before, with all images
    assert all((row.num_real, row.split, row.dataset) == (70, "test, drawn", "mnist_5k") for row in new.values())
    assert new["prd_f8"].settings == "num_angles=1001; num_clusters=20; num_runs=10; require_balance=False"
    assert (new["ms_ssim"].network, new["kid"].network) == ("", "digits")
    assert (copied / "curves.png").stat().st_size > 10000


def test_standing_statistics_are_stored_and_used(copied, monkeypatch):
    stored = np.load(copied / "standing-6.npz")
    assert float(stored[next(name for name in stored if name.endswith("accu_counter"))]) == pytest.approx(1.0)
    expected = load_sampler(copied, 6).sample(8, "scores/0")[0]
    (copied / "standing-6.npz").unlink()
    np.testing.assert_array_equal(load_sampler(copied, 6).sample(8, "scores/0")[0], expected)
    assert not (copied / "standing-6.npz").exists()  # who only samples writes nothing


def test_two_replicas_share_the_feature_network(tmp_path):
    folder = tmp_path / "replicas"
    bindings = EVERY | {"run_config__single_core": False, "run_config__eval_every_steps": 6}
    result = tiny_run.quick(folder, **bindings)
    assert result.code == 0, result.err
    assert "devices: 2 logical CPU devices, as there is no GPU (MirroredStrategy)" in result.out
    images, labels = load_sampler(folder, 6).sample(1000, "scores/0")
    network = feature_network("digits")
    features, logits = network.features_and_logits(images)
    real, _ = network.features_and_logits(get_dataset(DataRequest("mnist_5k")).test_images(1000)[0])
    found = scores(folder)
    np.testing.assert_allclose(found[6, "fid"].value, fid(real, features), rtol=1e-3)
    np.testing.assert_allclose(found[6, "conditional_accuracy"].value, conditional_accuracy(logits, labels), atol=0.003)
