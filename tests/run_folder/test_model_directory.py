"""The folder of a run: who may write, which configuration it belongs to, how it is named."""

import multiprocessing

import pytest

from compare_gan2.ground import files, sealed_files
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.run_folder.model_directory import ModelDirectory, default_path

RECORD = {"options.training_steps": "6", "options.z_dim": "16", "loss.fn": "@hinge", "--data_fake_dataset": "False"}


@pytest.fixture
def directory(tmp_path):
    directory = ModelDirectory(tmp_path)
    directory.record(0, RECORD, ["import mine"])
    return directory


def test_a_new_folder_has_no_record(tmp_path):
    directory = ModelDirectory(tmp_path / "missing")
    assert directory.recorded() == {} and directory.recorded_imports() == []
    directory.check(RECORD, {})
    assert not list(tmp_path.iterdir())


def test_a_record_is_a_file_that_can_be_parsed(directory):
    assert directory.recorded() == RECORD and directory.recorded_imports() == ["import mine"]
    lines = (directory.path / "operative_config-0.gin").read_text().splitlines()
    assert lines[0] == "import mine" and "loss.fn = @hinge" in lines and "# --data_fake_dataset = False" in lines


def test_the_newest_record_counts_and_an_equal_one_is_not_written(directory):
    directory.record(7, RECORD, ["import mine"])
    assert [path.name for path in directory.path.glob("*.gin")] == ["operative_config-0.gin"]
    for step in (9, 10):  # by number, not by letters
        directory.record(step, RECORD | {"options.training_steps": str(step)})
    assert directory.recorded()["options.training_steps"] == "10" and directory.recorded_imports() == []


@pytest.mark.parametrize(
    "changed", [{}, {"options.training_steps": "7"}, {"run_config.schedule": "'train'"}, {"evaluation.num_real": "5"}]
)
def test_what_may_change(directory, changed):
    directory.check(RECORD | changed, {})


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"options.z_dim": "8"}, "options.z_dim was 16, now 8"),
        ({"loss.fn": "@wasserstein", "options.z_dim": "8"}, "loss.fn was @hinge, now @wasserstein; options.z_dim was"),
        ({"options.training_steps": "5"}, "options.training_steps was 6, now 5"),
        ({"D.layer_norm": "True"}, "D.layer_norm was absent, now True"),
        ({"--data_fake_dataset": "True"}, "--data_fake_dataset was False, now True"),
    ],
)
def test_any_other_difference_is_refused_with_both_values(directory, changed, message):
    with pytest.raises(ConfigError, match=f"holds a run with another configuration: {message}.*Choose another"):
        directory.check(RECORD | changed, {})


def test_an_option_that_is_gone_is_a_difference(directory):
    with pytest.raises(ConfigError, match="loss.fn was @hinge, now absent"):
        directory.check({name: value for name, value in RECORD.items() if name != "loss.fn"}, {})


def test_an_option_that_is_new_counts_as_its_default(directory):
    directory.check(RECORD | {"D.layer_norm": "False"}, {"D.layer_norm": "False"})
    with pytest.raises(ConfigError, match="D.layer_norm was absent, now True"):
        directory.check(RECORD | {"D.layer_norm": "True"}, {"D.layer_norm": "False"})


def test_options_of_metrics_may_differ_if_the_caller_says_so(directory):
    directory.check(RECORD | {"kid.degree": "4"}, {}, may_change={"kid.degree"})


def test_flags_of_a_migrated_run_are_open(tmp_path):
    directory = ModelDirectory(tmp_path)
    directory.record(3, {name: value for name, value in RECORD.items() if not name.startswith("--")})
    directory.check(RECORD, {})
    directory.check(RECORD | {"--data_fake_dataset": "True"}, {})


def _hold(path, held, release):
    with ModelDirectory(path).writing():
        held.set()
        release.wait(60)


def test_one_process_writes_and_its_lock_dies_with_it(tmp_path):
    context = multiprocessing.get_context("fork")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path / "run", held, release))
    other.start()
    assert held.wait(60)
    with pytest.raises(ConfigError, match="--model_dir: another process is training in .*run"):
        with ModelDirectory(tmp_path / "run").writing():
            raise AssertionError("two are inside")
    other.kill()
    other.join()
    with ModelDirectory(tmp_path / "run").writing():
        pass


@pytest.mark.parametrize("below", ["", "run", "run/again"])
def test_a_file_in_the_way(below, tmp_path):
    (tmp_path / "file").write_text("mine")
    directory = ModelDirectory(tmp_path / "file" / below)
    with pytest.raises(ConfigError, match=f"--model_dir: cannot write to {tmp_path / 'file'}"):
        with directory.writing():
            raise AssertionError
    with pytest.raises(ConfigError, match="cannot be a folder, .*file is a file"):
        directory.require_folder()
    assert (tmp_path / "file").read_text() == "mine"


def test_the_mark_of_a_finished_training(tmp_path):
    directory = ModelDirectory(tmp_path)
    directory.mark_done()
    assert directory.done_marker.exists() and directory.done_marker.name == "TRAIN_DONE"
    directory.mark_done(False)
    directory.mark_done(False)
    assert not directory.done_marker.exists()


@pytest.mark.parametrize(
    "files, bindings, path",
    [
        (["gin_configs/s3gan.gin"], [], "runs/s3gan"),
        (["/any/gin_configs/mnist_5k/ssgan.gin"], [], "runs/mnist_5k/ssgan"),
        (["mnist_5k/ssgan.gin"], [], "runs/mnist_5k/ssgan"),
        (["/some/folder/mine.gin"], [], "runs/mine"),
        (["../mine.gin"], [], "runs/mine"),
        ([], [], "runs/default"),
        (["mine.gin", "more.gin"], ["options.z_dim = 8"], "runs/mine+more-options.z_dim=8"),
        (["s3gan.gin"], ["labels.fraction = 0.05"], "runs/s3gan-labels.fraction=0.05"),
        (["s3gan.gin"], ["labels.fraction=0.05", "loss.fn = @hinge"], "runs/s3gan-labels.fraction=0.05-loss.fn=@hinge"),
        (["s3gan.gin"], ["dataset.name = 'mnist_5k'"], "runs/s3gan-dataset.name=mnist_5k"),
        (["s3gan.gin"], ["--data_fake_dataset"], "runs/s3gan-data_fake_dataset"),
    ],
)
def test_the_default_folder_says_what_was_bound(files, bindings, path):
    assert default_path(files, bindings) == path


@pytest.mark.parametrize("bindings", [["arrays.path = '/a/b.npz'"], ["evaluation.metrics = ['fid']"], ["a.b = 1"] * 20])
def test_a_hash_takes_the_place_of_what_is_not_readable(bindings):
    path = default_path(["s3gan.gin"], bindings)
    assert path.startswith("runs/s3gan-") and len(path) == len("runs/s3gan-") + 8
    assert path == default_path(["s3gan.gin"], list(bindings)) != default_path(["s3gan.gin"], [*bindings, "x.y = 1"])


@pytest.mark.parametrize("content", ["", "# nothing\n", None])
def test_a_damaged_record_is_refused_not_taken_for_none(content, directory):
    path = directory.path / "operative_config-0.gin"
    before = path.read_text()
    path.write_text(before.replace("16", "18") if content is None else content)
    with pytest.raises(DamagedFileError, match="operative_config-0.gin: .*restore it, or delete it"):
        directory.check(RECORD, {})
    sealed_files.seal_path(path).unlink()
    if content is not None:  # without a checksum, as in older versions
        with pytest.raises(DamagedFileError, match="expected the configuration of this run, got none"):
            directory.check(RECORD, {})


def test_a_missing_record_beside_checkpoints_is_reported(directory, caplog):
    (directory.path / "operative_config-0.gin").unlink()
    directory.check(RECORD, {})
    assert not caplog.text
    (directory.path / "model.ckpt-3.index").touch()
    directory.check(RECORD, {})
    assert "operative_config-N.gin is missing" in caplog.text


def test_leftovers_of_killed_processes_are_removed(directory):
    left_over = directory.path / "samples" / ".step-3.png.77.tmp"
    left_over.parent.mkdir()
    left_over.touch()
    with files.replacing(directory.path / "best.json") as file, directory.writing():
        assert not left_over.exists()
        file.write(b"{}")  # that of a process at work is left alone
    assert (directory.path / "best.json").read_bytes() == b"{}"
