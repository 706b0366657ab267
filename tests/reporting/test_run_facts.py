import pytest
from support.written_run import write_run

from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.reporting.run_facts import read_runs


def test_values_of_the_configuration(tmp_path):
    (run,) = read_runs([write_run(tmp_path / "a")])
    assert (run.name, run.last_step, run.is_done, run.problems) == ("a", 40, True, ())
    assert run.value("options.batch_size") == 16 and run.value("options.gan_class") == "S3GAN"
    assert run.value(".use_predictor") is True and run.value("options.nothing") is None
    assert run.dataset.num_labelled == 400 and [score.step for score in run.scores] == [0, 20, 40]
    assert run.log["step"][-1] == 40 and run.cost[0]["images"] == 320


def test_names_are_as_short_as_they_can_be(tmp_path):
    folders = [write_run(tmp_path / name) for name in ("x/a", "y/a", "y/b")]
    assert [run.name for run in read_runs(folders)] == ["x/a", "y/a", "y/b"]
    assert [run.name for run in read_runs(folders[1:])] == ["a", "b"]


def test_what_cannot_be_read_is_named_and_the_rest_is_there(tmp_path):
    folder = write_run(tmp_path / "a")
    for name in ("scores.csv", "training.csv", "cost.jsonl", "events.jsonl", "dataset.json", "best.json"):
        (folder / name).write_text("nonsense\n")
    (run,) = read_runs([folder])
    assert (run.scores, run.log, run.cost, run.events, run.dataset, run.best) == ([], {}, [], [], None, None)
    assert len(run.problems) == 6 and all("a: not in this report, since it cannot be read" in p for p in run.problems)
    assert run.measurements["step"].tolist() == [40]


def test_a_changed_configuration_is_refused(tmp_path):
    folder = write_run(tmp_path / "a")
    (folder / "operative_config-0.gin").write_text("options.batch_size = 1\n")
    with pytest.raises(DamagedFileError, match="operative_config-0.gin: damaged or changed"):
        read_runs([folder])


def test_a_folder_that_holds_no_run_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="RUN: expected the folder of a run"):
        read_runs([tmp_path])
