"""A run that is done says so without TensorFlow, and only if nothing of it is missing or asked for otherwise."""

import json
import shutil

import pytest
from support import tiny_run

from compare_gan2 import main
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder import finished_run

FLAGS = {"model_dir": "runs/x", "metrics": None}


@pytest.fixture
def files(tmp_path):
    """A configuration that includes another."""
    (tmp_path / "inner.gin").write_text("options.z_dim = 8\n")
    (tmp_path / "outer.gin").write_text("include 'inner.gin'\noptions.batch_size = 4\n")
    return tmp_path


def digest(folder, bindings=(), flags=FLAGS):
    return finished_run.asked_by([str(folder / "outer.gin")], bindings, flags)


def test_every_text_and_flag_counts(files):
    before = digest(files)
    assert digest(files) == before
    others = [digest(files, ["options.z_dim = 9"]), digest(files, flags=FLAGS | {"metrics": ["fid"]})]
    (files / "inner.gin").write_text("options.z_dim = 9\n")
    others.append(digest(files))
    (files / "outer.gin").write_text("include 'inner.gin'\noptions.batch_size = 5\n")
    assert len({before, *others, digest(files)}) == 5


def test_the_place_of_a_file_does_not_count(files, tmp_path):
    moved = shutil.copytree(files, tmp_path / "elsewhere")
    assert digest(moved) == digest(files)


def test_an_include_among_the_bindings_is_left_to_the_run(files):
    assert digest(files, ["include 'inner.gin'"]) is None
    assert digest(files, ["options.z_dim = 3\n  include 'inner.gin'"]) is None


def test_a_missing_file_is_a_message(tmp_path):
    with pytest.raises(ConfigError, match="nowhere.gin"):
        finished_run.asked_by(["nowhere.gin"], [], {})


@pytest.fixture
def recorded(tmp_path):
    """Folder of a run that is done, as far as `finished_run` looks."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name, size in {"scores.csv": 10, "model.ckpt-6.index": 20, "model.ckpt-6.data": 2**20 + 1}.items():
        (folder / name).write_bytes(b"x" * size)
    finished_run.record(folder, "abc", list(folder.iterdir()), "step 6: fid 3.2")
    return folder


def test_the_summary_comes_back_and_nothing_is_touched(recorded):
    before = tiny_run.snapshot(recorded)
    assert finished_run.summary_of(recorded, "abc") == "step 6: fid 3.2"
    assert tiny_run.snapshot(recorded) == before


def test_a_copy_is_done_as_well(recorded, tmp_path):
    assert finished_run.summary_of(shutil.copytree(recorded, tmp_path / "copy"), "abc") == "step 6: fid 3.2"


@pytest.mark.parametrize("asked", ["abd", None])
def test_another_request_is_left_to_the_run(recorded, asked):
    assert finished_run.summary_of(recorded, asked) is None


@pytest.mark.parametrize("name", ["scores.csv", "model.ckpt-6.index", "model.ckpt-6.data", finished_run.NAME])
def test_a_missing_file_is_left_to_the_run(recorded, name):
    (recorded / name).unlink()
    assert finished_run.summary_of(recorded, "abc") is None


@pytest.mark.parametrize(("name", "content"), [("scores.csv", b"y" * 10), ("model.ckpt-6.data", b"x")])
def test_a_changed_file_is_left_to_the_run(recorded, name, content):
    (recorded / name).write_bytes(content)
    assert finished_run.summary_of(recorded, "abc") is None


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", '{"asked": "abc", "files": 3}', '{"asked": "abc", "files": {}}'])
def test_a_record_that_is_none_is_left_to_the_run(recorded, text):
    (recorded / finished_run.NAME).write_text(text)
    assert finished_run.summary_of(recorded, "abc") is None


def test_no_folder_and_no_request(tmp_path):
    assert finished_run.summary_of(tmp_path / "never", "abc") is None
    finished_run.record(tmp_path, None, [], "")
    assert not list(tmp_path.iterdir())


def test_a_run_started_again_says_so_without_tensorflow(tmp_path):
    folder = tmp_path / "run"
    arguments = tiny_run.arguments(folder, tiny_run.TRAIN_ONLY, **tiny_run.TINY)
    first = tiny_run.quick(folder, tiny_run.TRAIN_ONLY)
    assert first.code == 0, first.err
    assert json.loads((folder / finished_run.NAME).read_text())["asked"]
    before = tiny_run.snapshot(folder)
    code = "import sys; sys.modules.update(tensorflow=None, keras=None); from compare_gan2 import main; "
    again = tiny_run.result(tiny_run.start_python("-c", code + "sys.exit(main.main(sys.argv[1:]))", *arguments))
    assert again.code == 0, again.err
    (line,) = again.out.splitlines()
    assert line.startswith(f"{folder}: nothing left to do, this run is done. step 6: ") and not again.err
    assert tiny_run.snapshot(folder) == before
    # The run itself says the same.
    (folder / finished_run.NAME).unlink()
    assert tiny_run.quick(folder, tiny_run.TRAIN_ONLY).out.splitlines()[-1] == line
    assert not (folder / finished_run.NAME).exists()


def test_more_steps_are_trained(tmp_path):
    folder = tmp_path / "run"
    assert tiny_run.quick(folder, tiny_run.TRAIN_ONLY).code == 0
    more = tiny_run.quick(folder, tiny_run.TRAIN_ONLY, options__training_steps=8)
    assert more.code == 0 and "resumes from step 6" in more.out
    again = tiny_run.quick(folder, tiny_run.TRAIN_ONLY, options__training_steps=8)
    assert again.out.startswith(f"{folder}: nothing left to do, this run is done. step 8: ")


def test_workers_wait_for_each_other(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    options = main.parser().parse_args(["--gin_config=s3gan.gin"])
    assert main._asked(options) is not None
    options.workers = ["localhost:1", "localhost:2"]
    assert main._asked(options) is None
    options.workers = None
    monkeypatch.setenv("TF_CONFIG", "{}")
    assert main._asked(options) is None
